"""What payouts do to commissions: draw what is due, confirm it, or take it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from ...kernel.database import session
from ...kernel.money import split
from .. import ledger
from ..ledger import Leg, Pocket, PocketKind
from ..replay import Position
from ..terms import Program
from .booking import Cause, Change, Entry, Moved, change_to, commissions_of, release_all, standing_of, write
from .books import book_of, key_of
from .models import Commission


@dataclass(frozen=True, slots=True)
class Given:
    """What a payout settles of one commission: above 0 paid, below 0 taken back."""

    commission_id: int
    minor: int


def release_due(program_id: int, now: datetime, *, limit: int | None = None) -> int:
    """Let go what is past its hold, of a program whose lock the caller holds; the number of commissions."""
    query = (
        select(Commission)
        .where(
            Commission.program_id == program_id,
            Commission.due_at <= now,
            Commission.released_at.is_(None),
            Commission.held.is_(False),
            Commission.worth_minor > Commission.given_minor,
        )
        .order_by(Commission.id)
        .limit(limit)
    )
    found = list(session().scalars(query.execution_options(populate_existing=True)))
    release_all(program_id, found, now)
    return len(found)


def programs_with_due(now: datetime) -> list[int]:
    """The programs in which something is past its hold and not let go yet."""
    return list(
        session().scalars(
            select(Commission.program_id)
            .where(
                Commission.due_at <= now,
                Commission.released_at.is_(None),
                Commission.held.is_(False),
                Commission.worth_minor > Commission.given_minor,
            )
            .distinct()
            .order_by(Commission.program_id)
        )
    )


def positions(program_id: int, *, released_only: bool = True) -> tuple[list[Position], dict[tuple[str, object], int]]:
    """All that is open or owed back in a program, for the engine's drawing up, and the commission behind each position.

    released_only: what is past its hold but has not been let go yet counts as held; a preview looks further.
    """
    rows = session().scalars(
        select(Commission)
        .where(Commission.program_id == program_id, Commission.worth_minor != Commission.given_minor)
        .order_by(Commission.order_id, Commission.level, Commission.id)
        .execution_options(populate_existing=True)
    )
    found: list[Position] = []
    behind: dict[tuple[str, object], int] = {}
    for row in rows:
        key = key_of(row)
        held = row.held or (released_only and row.open_minor > 0 and row.released_at is None)
        found.append(Position(str(row.order_id), key, row.pay_currency, row.worth_minor, row.given_minor, row.due_at, held))
        behind[str(row.order_id), key] = row.id
    return found, behind


def pay(program_id: int, payout: str, items: Sequence[Given], cause: Cause) -> int:
    """Take a payout's items out of payable (and what is owed back with them) into transit; the ledger transaction's id."""
    changes: list[Change] = []
    legs: list[Leg] = []
    for item in items:
        commission = _get(item.commission_id)
        before = standing_of(commission)
        if not -before.owed_back <= item.minor <= before.open:
            raise Moved(commission.public_id)  # drawn up from an old reading: it would be paid twice
        after = replace(before, given=before.given + item.minor)
        state = "paid" if item.minor > 0 and commission.state != "rejected" else commission.state
        change = Change(commission, before, after, state, {}, [Entry("pay", -item.minor)])
        changes.append(change)
        legs += change.legs()
    transaction_id = ledger.book(
        program_id, f"payout:{payout}:drawn", legs, kind="pay", at=cause.at, now=cause.now, facts={"payout": payout}
    )
    for change in changes:
        write(change, transaction_id, cause)
    return transaction_id


def arrived(program_id: int, payout: str, items: Sequence[Given], cause: Cause, *, fee: int = 0) -> int:
    """The money of a payout has left the transit pocket for good. fee: the part of it that the bank kept, below its sum."""
    commissions = {item.commission_id: _get(item.commission_id) for item in items}
    kept = split(fee, [max(item.minor, 0) for item in items])
    legs, fee_legs = [], []
    for item, part in zip(items, kept, strict=True):
        commission = commissions[item.commission_id]
        legs += _leaving(commission, item.minor - part)
        fee_legs += _leaving(commission, part)
    facts = {"payout": payout}
    transaction_id = ledger.book(program_id, f"payout:{payout}:paid", legs, kind="paid", at=cause.at, now=cause.now, facts=facts)
    if fee:
        facts = {"payout": payout, "borne_by": "creator"}
        ledger.book(program_id, f"payout:{payout}:fee", fee_legs, kind="fee", at=cause.at, now=cause.now, facts=facts)
    for commission in commissions.values():
        standing = standing_of(commission)
        write(Change(commission, standing, standing, commission.state, {}, [Entry("paid")]), transaction_id, cause)
    return transaction_id


def _leaving(commission: Commission, minor: int) -> list[Leg]:
    return [
        Leg(Pocket("in_transit", commission.creator_id), -minor, commission.pay_currency, commission.id),
        Leg(Pocket("bank"), minor, commission.pay_currency, commission.id),
    ]


def came_back(
    program: Program,
    program_id: int,
    payout: str,
    creator_id: int,
    items: Sequence[Given],
    cause: Cause,
    *,
    source: PocketKind,
) -> int:
    """Undo a payout: what was paid is open again, and what was settled is owed again. source: where its money was."""
    wanted = {item.commission_id: item.minor for item in items}
    orders = dict.fromkeys(_get(item.commission_id).order_id for item in items)
    changes: list[Change] = []
    for order_id in orders:
        book = book_of(order_id, program)
        book.unpay(payout, str(creator_id))
        rows = {row.key: row for row in book.rows}
        for commission in commissions_of(order_id):
            if commission.id in wanted:
                entry = Entry("pay_failed", wanted[commission.id])
                change = change_to(commission, rows[key_of(commission)], [entry], cause, commission.held_why)
                assert change is not None
                changes.append(change)
    drawn = ledger.find(f"payout:{payout}:drawn")
    legs = [leg for change in changes for leg in change.legs(source)]
    transaction_id = ledger.book(
        program_id, f"payout:{payout}:returned", legs, kind="pay_failed", at=cause.at, now=cause.now, corrects=drawn,
        facts={"payout": payout},
    )  # fmt: skip
    for change in changes:
        write(change, transaction_id, cause)
    return transaction_id


def _get(commission_id: int) -> Commission:
    return session().get_one(Commission, commission_id)
