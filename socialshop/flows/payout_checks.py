"""The self-check of fees and bank files against payouts and the ledger (I-8, I-9). Reads, never writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import select

from ..domain import ledger, payouts
from ..kernel.database import session

Wrong = tuple[str, str, str]


def discrepancies() -> Iterator[Wrong]:
    """A fee is what the ledger booked for it; a file says what its payouts send, and holds what was made."""
    yield from _fees()
    yield from _files()


def _fees() -> Iterator[Wrong]:
    booked: dict[str, int] = defaultdict(int)
    query = select(ledger.Transaction.id, ledger.Transaction.key).where(ledger.Transaction.kind == "fee")
    keys = {row.id: row.key for row in session().execute(query)}
    legs = (
        select(ledger.Posting.transaction_id, ledger.Posting.minor)
        .join(ledger.Account, ledger.Account.id == ledger.Posting.account_id)
        .join(ledger.Transaction, ledger.Transaction.id == ledger.Posting.transaction_id)
        .where(ledger.Transaction.kind == "fee", ledger.Account.kind == "bank")
    )
    for transaction_id, minor in session().execute(legs):
        booked[keys[transaction_id]] += minor
    paid = set(session().scalars(select(payouts.PayoutStep.payout_id).where(payouts.PayoutStep.step == "paid")))
    # only payouts with a fee, or with one in the ledger, can be wrong here
    named = {key.split(":")[1] for key in booked}
    charged = (payouts.Payout.fee_minor != 0) | (payouts.Payout.bank_fee_minor != 0)
    rows = {payout.public_id: payout for payout in session().scalars(select(payouts.Payout).where(charged))}
    rows |= payouts.by_public_ids(named - set(rows))
    for public_id, payout in rows.items():
        row, own = f"payouts {payout.id}", booked.get(f"payout:{public_id}:fee", 0)
        if own != (payout.fee_minor if payout.id in paid else 0):
            yield "I-9", row, f"takes {payout.fee_minor} off for the fee, the ledger says {own}"
        beside = sum(booked.get(f"payout:{public_id}:fee:{on}", 0) for on in ("paid", "returned"))
        if beside != payout.bank_fee_minor:
            yield "I-9", row, f"cost the brand {payout.bank_fee_minor} of fees, the ledger says {beside}"
        if not 0 <= payout.fee_minor < payout.amount_minor:
            yield "I-9", row, f"is {payout.amount_minor}, and {payout.fee_minor} is taken off it"


def _files() -> Iterator[Wrong]:
    query = (
        select(payouts.BankFileRow.id, payouts.BankFileRow.sent_minor, payouts.Payout)
        .join(payouts.Payout, payouts.Payout.id == payouts.BankFileRow.payout_id)
        .where(payouts.BankFileRow.discarded_at.is_(None))
    )
    for row_id, sent, payout in session().execute(query):
        if sent != payout.amount_minor - payout.fee_minor:
            yield "I-9", f"bank_file_rows {row_id}", f"sends {sent}, its payout {payout.amount_minor - payout.fee_minor}"
        if payout.state == "ready" or payout.via is not None:
            yield "I-8", f"bank_file_rows {row_id}", f"is in a file, but its payout is {payout.via or payout.state}"
    for file in session().scalars(select(payouts.BankFile)):
        if payouts.digest_of(payouts.bytes_of(file)) != file.digest:
            yield "I-9", f"bank_files {file.id}", "is not what was made"
