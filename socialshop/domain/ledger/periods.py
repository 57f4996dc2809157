"""Reading one creator's pockets by time: what moved in a period, and what was there at its ends.

The time is when a move was written, never when its cause happened: what comes late belongs to the period in which it came,
so a period that is over does not change any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, case, func, select

from ...kernel.database import session
from .models import Account, Posting, Transaction
from .rules import PocketKind


@dataclass(frozen=True, slots=True)
class Movement:
    """What one transaction changed of what a creator is owed for one commission: the net of their pockets, never 0."""

    transaction_id: int
    number: int
    key: str
    kind: str
    at: datetime
    booked_at: datetime
    commission_id: int | None
    currency: str
    minor: int


@dataclass(frozen=True, slots=True)
class Level:
    """What a creator is owed in one currency at some instant, and how many transactions had touched that by then."""

    minor: int
    moves: int


def programs_of_creator(creator_id: int) -> set[int]:
    """The programs in which the creator has pockets."""
    return set(session().scalars(select(Account.program_id).where(Account.creator_id == creator_id).distinct()))


def movements(program_id: int, creator_id: int, start: datetime, end: datetime) -> list[Movement]:
    """What changed from `start` until before `end`, in the order of the ledger; moves between own pockets are none."""
    net = func.sum(Posting.minor)
    columns = (Transaction.id, Transaction.number, Transaction.key, Transaction.kind, Transaction.at, Transaction.booked_at)
    query = (
        select(*columns, Posting.commission_id, Posting.currency, net)
        .select_from(Account)
        .join(Posting, Posting.account_id == Account.id)
        .join(Transaction, Transaction.id == Posting.transaction_id)
        .where(*_own(program_id, creator_id), Transaction.booked_at >= start, Transaction.booked_at < end)
        .group_by(*columns, Posting.commission_id, Posting.currency)
        .having(net != 0)
        .order_by(Transaction.number, Posting.commission_id)
    )
    return [Movement(*row[:-1], minor=int(row[-1])) for row in session().execute(query)]


def pockets_at(program_id: int, creator_id: int, at: datetime) -> dict[str, dict[PocketKind, int]]:
    """By currency, what each kind of pocket held just before `at`; empty pockets are left out."""
    query = (
        select(Posting.currency, Account.kind, func.sum(Posting.minor))
        .select_from(Account)
        .join(Posting, Posting.account_id == Account.id)
        .join(Transaction, Transaction.id == Posting.transaction_id)
        .where(*_own(program_id, creator_id), Transaction.booked_at < at)
        .group_by(Posting.currency, Account.kind)
    )
    found: dict[str, dict[PocketKind, int]] = {}
    for currency, kind, total in session().execute(query):
        kept = found.setdefault(currency, {})
        if total:
            kept[cast(PocketKind, kind)] = int(total)
    return found


def levels_at(program_id: int, creator_id: int, instants: Sequence[datetime]) -> dict[str, list[Level]]:
    """By currency, the levels just before each of these instants, in one reading."""
    if not instants:
        return {}
    columns = []
    for at in instants:
        before = Transaction.booked_at < at
        columns += [func.sum(case((before, Posting.minor), else_=0)), func.count(case((before, Transaction.id)).distinct())]
    query = (
        select(Posting.currency, *columns)
        .select_from(Account)
        .join(Posting, Posting.account_id == Account.id)
        .join(Transaction, Transaction.id == Posting.transaction_id)
        .where(*_own(program_id, creator_id))
        .group_by(Posting.currency)
    )
    return {
        row[0]: [Level(int(row[1 + 2 * i]), int(row[2 + 2 * i])) for i in range(len(instants))]
        for row in session().execute(query)
    }


def first_booked(program_id: int, creator_id: int) -> datetime | None:
    """When the first move of the creator's pockets was written."""
    return session().scalar(
        select(func.min(Transaction.booked_at))
        .select_from(Account)
        .join(Posting, Posting.account_id == Account.id)
        .join(Transaction, Transaction.id == Posting.transaction_id)
        .where(*_own(program_id, creator_id))
    )


def _own(program_id: int, creator_id: int) -> tuple[ColumnElement[bool], ...]:
    return Account.program_id == program_id, Account.creator_id == creator_id
