"""Writing moves: once per key, balanced, numbered without gaps, chained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from ...kernel import faults
from ...kernel.database import session
from ...kernel.errors import N_, Conflict
from ...kernel.money import Money
from .models import Account, Head, Posting, Transaction
from .rules import GENESIS, NEVER_ABOVE_ZERO, NEVER_BELOW_ZERO, Leg, Pocket, fingerprint, imbalance, tidy


class MoveConflict(Conflict):
    """The key was used for a move that says something else."""

    code = "move_conflict"
    message = N_("The move {key} is already booked with other content.")

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__()


class Unbalanced(Conflict):
    """The legs do not sum to zero in every currency, or are fewer than two."""

    code = "unbalanced"
    message = N_("The move {key} does not balance.")

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__()


class Overdrawn(Conflict):
    """A pocket would hold less than nothing of what a commission put there."""

    code = "overdrawn"
    message = N_("The move {key} takes more from {pocket} than is there.")

    def __init__(self, key: str, pocket: str) -> None:
        self.key, self.pocket = key, pocket
        super().__init__()


def move(
    program_id: int,
    key: str,
    source: Pocket,
    target: Pocket,
    amount: Money,
    *,
    kind: str,
    at: datetime,
    now: datetime,
    commission_id: int | None = None,
    corrects: int | None = None,
) -> int:
    """Take an amount (above 0) from one pocket and put it into another; see `book`."""
    legs = [
        Leg(source, -amount.minor, amount.currency, commission_id),
        Leg(target, amount.minor, amount.currency, commission_id),
    ]
    return book(program_id, key, legs, kind=kind, at=at, now=now, corrects=corrects)


def book(
    program_id: int,
    key: str,
    legs: Sequence[Leg],
    *,
    kind: str,
    at: datetime,
    now: datetime,
    corrects: int | None = None,
    facts: Mapping[str, Any] | None = None,
) -> int:
    """Write a move of two or more legs and return its id. The same key with the same legs again writes nothing.

    MoveConflict: the key says something else. Unbalanced, Overdrawn: the legs are wrong.
    """
    legs = tidy(legs)
    if len(legs) < 2 or imbalance(legs):
        raise Unbalanced(key)
    head = _lock_head(program_id)
    known = (
        session()
        .execute(select(Transaction.id, Transaction.kind, Transaction.program_id).where(Transaction.key == key))
        .one_or_none()
    )
    if known is not None:
        if known.kind != kind or known.program_id != program_id or tidy(_legs_of(known.id)) != legs:
            raise MoveConflict(key)
        return int(known.id)
    facts = dict(facts or {})
    transaction_id, number = _next_id(), head.number + 1
    digest = fingerprint(
        previous=head.hash, program_id=program_id, number=number, key=key, kind=kind, corrects_id=corrects,
        at=at, booked_at=now, facts=facts, legs=legs,
    )  # fmt: skip
    _write_legs(program_id, transaction_id, legs)
    session().execute(
        insert(Transaction).values(
            id=transaction_id, program_id=program_id, number=number, key=key, kind=kind, corrects_id=corrects,
            at=at, booked_at=now, facts=facts, previous_hash=head.hash, hash=digest,
        )
    )  # fmt: skip
    session().execute(
        update(Head)
        .where(Head.program_id == program_id)
        .values(number=number, hash=digest)
        .execution_options(synchronize_session=False)
    )
    _refuse_overdraft(key, program_id, legs)
    return transaction_id


def _lock_head(program_id: int) -> Any:
    """The end of the chain, ours until the transaction ends: SELECT FOR UPDATE, or SQLite's one writer."""
    dialect = postgresql if session().get_bind().dialect.name == "postgresql" else sqlite
    new = dialect.insert(Head).values(program_id=program_id, number=0, hash=GENESIS)
    session().execute(new.on_conflict_do_nothing(index_elements=["program_id"]))
    return session().execute(select(Head.number, Head.hash).where(Head.program_id == program_id).with_for_update()).one()


def _next_id() -> int:
    """The id of the transaction to come; its postings name it before it is there."""
    if session().get_bind().dialect.name == "postgresql":
        return int(session().scalar(text("SELECT nextval(pg_get_serial_sequence('ledger_transactions', 'id'))")))
    return int(session().scalar(select(func.coalesce(func.max(Transaction.id), 0))) or 0) + 1


def _write_legs(program_id: int, transaction_id: int, legs: Sequence[Leg]) -> None:
    accounts = _accounts(program_id, legs)
    rows = [
        {
            "transaction_id": transaction_id,
            "account_id": accounts[leg.pocket, leg.currency],
            "minor": leg.minor,
            "currency": leg.currency,
            "commission_id": leg.commission_id,
        }
        for leg in legs
    ]
    session().execute(insert(Posting), rows[:1])
    faults.point("ledger.after_first_posting")
    session().execute(insert(Posting), rows[1:])


def _accounts(program_id: int, legs: Sequence[Leg]) -> dict[tuple[Pocket, str], int]:
    """The ids of the pockets, made where they are new."""
    wanted = {(leg.pocket, leg.currency) for leg in legs}
    rows = session().execute(
        select(Account.id, Account.kind, Account.creator_id, Account.currency).where(
            Account.program_id == program_id, Account.creator_id.in_({pocket.creator_id for pocket, _ in wanted})
        )
    )
    found = {(Pocket(row.kind, row.creator_id), row.currency): int(row.id) for row in rows}
    for pocket, currency in sorted(wanted - set(found), key=lambda each: (each[0].kind, each[0].creator_id, each[1])):
        found[pocket, currency] = int(
            session()
            .execute(
                insert(Account)
                .values(program_id=program_id, kind=pocket.kind, creator_id=pocket.creator_id, currency=currency)
                .returning(Account.id)
            )
            .scalar_one()
        )
    return found


def _legs_of(transaction_id: int) -> list[Leg]:
    rows = session().execute(
        select(Account.kind, Account.creator_id, Posting.minor, Posting.currency, Posting.commission_id)
        .join(Account, Account.id == Posting.account_id)
        .where(Posting.transaction_id == transaction_id)
    )
    return [Leg(Pocket(row.kind, row.creator_id), row.minor, row.currency, row.commission_id) for row in rows]


def _refuse_overdraft(key: str, program_id: int, legs: Sequence[Leg]) -> None:
    """What a commission put into a pocket is all that may be taken out of it; so no pocket of a creator falls below 0.

    The leg itself has been written by now, and goes with the rest of the transaction when this raises.
    """
    touched = {leg.commission_id for leg in legs if leg.commission_id is not None and leg.pocket.creator_id}
    if not touched:
        return
    sums = session().execute(
        select(Account.kind, func.sum(Posting.minor))
        .join(Account, Account.id == Posting.account_id)
        .where(Posting.commission_id.in_(touched), Account.creator_id != 0)
        .group_by(Posting.commission_id, Account.id, Account.kind)
    )
    for kind, total in sums:
        if (kind in NEVER_BELOW_ZERO and total < 0) or (kind in NEVER_ABOVE_ZERO and total > 0):
            raise Overdrawn(key, kind)
