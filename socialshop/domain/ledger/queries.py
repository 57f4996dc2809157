"""Reading the ledger: balances by sum, entries for people, and what the self-check looks at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select

from ...kernel.database import in_parts, session
from .models import Account, Head, Posting, Snapshot, Transaction
from .rules import GENESIS, Leg, Pocket, fingerprint, tidy


@dataclass(frozen=True, slots=True)
class Entry:
    """One transaction as people read it."""

    id: int
    number: int
    key: str
    kind: str
    at: datetime
    booked_at: datetime
    hash: str
    legs: tuple[Leg, ...]


def balances(kind: str, *, program_id: int | None = None, creator_id: int | None = None) -> dict[tuple[int, str], int]:
    """Balance by (creator id, currency) of all pockets of a kind; pockets at 0 are left out."""
    since = (
        select(func.sum(Posting.minor))
        .where(Posting.account_id == Account.id, Posting.id > func.coalesce(Snapshot.posting_id, 0))
        .correlate(Account, Snapshot)
        .scalar_subquery()
    )
    query = (
        select(Account.creator_id, Account.currency, func.coalesce(Snapshot.minor, 0) + func.coalesce(since, 0))
        .outerjoin(Snapshot, Snapshot.account_id == Account.id)
        .where(Account.kind == kind)
    )
    if program_id is not None:
        query = query.where(Account.program_id == program_id)
    if creator_id is not None:
        query = query.where(Account.creator_id == creator_id)
    found: dict[tuple[int, str], int] = defaultdict(int)
    for owner, currency, total in session().execute(query):
        found[owner, currency] += int(total)
    return {pocket: total for pocket, total in found.items() if total}


def pockets_of_commissions(commission_ids: Collection[int] | None = None) -> dict[int, dict[str, int]]:
    """What each commission has in which kind of pocket; None asks for all commissions."""
    query = (
        select(Posting.commission_id, Account.kind, func.sum(Posting.minor))
        .join(Account, Account.id == Posting.account_id)
        .where(Posting.commission_id.is_not(None))
        .group_by(Posting.commission_id, Account.kind)
    )
    if commission_ids is not None:
        query = query.where(Posting.commission_id.in_(commission_ids))
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for commission_id, kind, total in session().execute(query):
        if commission_id is not None and total:
            found[commission_id][kind] = int(total)
    return dict(found)


def entries(transaction_ids: Collection[int], *, commission_id: int | None = None) -> dict[int, Entry]:
    """The transactions with these ids, with their legs (only those about one commission, if asked)."""
    query = _legs_query().where(Posting.transaction_id.in_(transaction_ids))
    legs = _legs(query if commission_id is None else query.where(Posting.commission_id == commission_id))
    rows = session().scalars(select(Transaction).where(Transaction.id.in_(transaction_ids)))
    return {t.id: Entry(t.id, t.number, t.key, t.kind, t.at, t.booked_at, t.hash, tuple(legs.get(t.id, ()))) for t in rows}


_PAGE = 2000
_PRINTED = (
    Transaction.id, Transaction.program_id, Transaction.number, Transaction.key, Transaction.kind, Transaction.corrects_id,
    Transaction.at, Transaction.booked_at, Transaction.facts, Transaction.previous_hash, Transaction.hash,
)  # fmt: skip


def _legs_query() -> Any:
    columns = (Posting.transaction_id, Account.kind, Account.creator_id, Posting.minor, Posting.currency, Posting.commission_id)
    return select(*columns).join(Account, Account.id == Posting.account_id).order_by(Posting.id)


def _legs(query: Any) -> dict[int, list[Leg]]:
    legs: dict[int, list[Leg]] = defaultdict(list)
    for row in session().execute(query):
        legs[row.transaction_id].append(Leg(Pocket(row.kind, row.creator_id), row.minor, row.currency, row.commission_id))
    return legs


def find(key: str) -> int | None:
    """The id of the transaction with this key."""
    return session().scalar(select(Transaction.id).where(Transaction.key == key))


def discrepancies() -> Iterator[tuple[str, str, str]]:
    """What is wrong in the ledger itself, as (invariant, row, sentence): I-1 to I-5. Reads, never writes."""
    yield from _unbalanced()
    yield from _currency_sums()
    yield from _broken_chains()
    yield from _overdrawn()
    yield from _stale_snapshots()


def _stale_snapshots() -> Iterator[tuple[str, str, str]]:
    upto = and_(Posting.account_id == Snapshot.account_id, Posting.id <= Snapshot.posting_id)
    sums = (
        select(Snapshot.account_id, Snapshot.minor, func.coalesce(func.sum(Posting.minor), 0).label("total"))
        .outerjoin(Posting, upto)
        .group_by(Snapshot.account_id, Snapshot.minor)
    )
    for account_id, minor, total in session().execute(sums):
        if minor != total:
            yield "I-4", f"ledger_snapshots {account_id}", f"says {minor}, its postings add up to {total}"


def _unbalanced() -> Iterator[tuple[str, str, str]]:
    counts = (
        select(Posting.transaction_id, Posting.currency, func.count().label("legs"), func.sum(Posting.minor).label("rest"))
        .group_by(Posting.transaction_id, Posting.currency)
        .subquery()
    )
    wrong = select(counts.c.transaction_id, counts.c.currency, counts.c.rest).where((counts.c.rest != 0) | (counts.c.legs < 2))
    for transaction_id, currency, rest in session().execute(wrong.order_by(counts.c.transaction_id)):
        yield "I-1", f"ledger_transactions {transaction_id}", f"its postings in {currency} leave {rest}, or are fewer than two"
    empty = select(Transaction.id).outerjoin(Posting, Posting.transaction_id == Transaction.id).where(Posting.id.is_(None))
    for transaction_id in session().scalars(empty):
        yield "I-1", f"ledger_transactions {transaction_id}", "has no postings"
    stray = select(Posting.id).outerjoin(Transaction, Posting.transaction_id == Transaction.id).where(Transaction.id.is_(None))
    for posting_id in session().scalars(stray):
        yield "I-1", f"ledger_postings {posting_id}", "belongs to no transaction"
    zero = select(Posting.id).join(Account, Account.id == Posting.account_id)
    for posting_id in session().scalars(zero.where((Posting.minor == 0) | (Account.currency != Posting.currency))):
        yield "I-1", f"ledger_postings {posting_id}", "is zero, or in another currency than its pocket"


def _currency_sums() -> Iterator[tuple[str, str, str]]:
    sums = select(Account.program_id, Posting.currency, func.sum(Posting.minor)).join(Account, Account.id == Posting.account_id)
    for program_id, currency, rest in session().execute(sums.group_by(Account.program_id, Posting.currency)):
        if rest:
            yield "I-2", f"programs {program_id}", f"all its pockets in {currency} sum to {rest} instead of 0"


def _broken_chains() -> Iterator[tuple[str, str, str]]:
    for program_id in list(session().scalars(select(Transaction.program_id).distinct().order_by(Transaction.program_id))):
        yield from _broken_chain(program_id)
    ends = (
        select(Transaction.program_id, func.max(Transaction.number).label("number")).group_by(Transaction.program_id).subquery()
    )
    last = select(Head.program_id).join(ends, ends.c.program_id == Head.program_id, isouter=True)
    last = last.join(
        Transaction, and_(Transaction.program_id == Head.program_id, Transaction.number == ends.c.number), isouter=True
    )
    wrong = (Head.number != func.coalesce(Transaction.number, 0)) | (Head.hash != func.coalesce(Transaction.hash, GENESIS))
    for program_id in session().scalars(last.where(wrong)):
        yield "I-4", f"ledger_heads {program_id}", "does not name the last transaction of the chain"


def _broken_chain(program_id: int) -> Iterator[tuple[str, str, str]]:
    """One program's transactions, page by page: however long the chain, little of it is in memory."""
    number, previous = 0, GENESIS
    while True:
        query = select(*_PRINTED).where(Transaction.program_id == program_id, Transaction.number > number)
        page = session().execute(query.order_by(Transaction.number).limit(_PAGE)).all()
        if not page:
            return
        legs: dict[int, list[Leg]] = {}
        for part in in_parts(t.id for t in page):
            legs |= _legs(_legs_query().where(Posting.transaction_id.in_(part)))
        for t in page:
            if t.number != number + 1:
                yield "I-3", f"ledger_transactions {t.id}", f"is number {t.number}, but follows number {number}"
            if t.previous_hash != previous:
                yield "I-3", f"ledger_transactions {t.id}", "does not name the fingerprint of the one before"
            if t.hash != _digest(t, legs.get(t.id, [])):
                yield "I-3", f"ledger_transactions {t.id}", "was changed: its fingerprint is another"
            number, previous = t.number, t.hash


def _digest(t: Any, legs: list[Leg]) -> str:
    return fingerprint(
        previous=t.previous_hash, program_id=t.program_id, number=t.number, key=t.key, kind=t.kind, corrects_id=t.corrects_id,
        at=t.at, booked_at=t.booked_at, facts=t.facts, legs=tidy(legs),
    )  # fmt: skip


def _overdrawn() -> Iterator[tuple[str, str, str]]:
    sums = (
        select(Account.id, Account.kind, func.sum(Posting.minor).label("total"))
        .join(Posting, Posting.account_id == Account.id)
        .group_by(Account.id, Account.kind)
    )
    for account_id, kind, total in session().execute(sums):
        if kind in ("held", "payable", "in_transit") and total < 0:
            yield "I-5", f"ledger_accounts {account_id}", f"the {kind} pocket holds {total}"
        if kind == "owed_back" and total > 0:
            yield "I-5", f"ledger_accounts {account_id}", f"the owed-back pocket holds {total}"
