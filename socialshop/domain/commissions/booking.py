"""Bringing the commission rows and the ledger to what an order's book says, step by step and once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select, tuple_, update

from ...kernel.database import in_parts, session, write_rows
from ...kernel.errors import N_, Conflict
from .. import ledger
from ..ledger import Leg, PocketKind
from ..replay import OrderBook, Posting, Row
from ..terms import PricedLine
from .books import key_of
from .models import Commission, CommissionStep, Credit, Declined
from .rules import NOTHING, Standing, legs_between, may_move


class Moved(Conflict):
    """Somebody else changed the commission between our reading and our writing."""

    code = "commission_moved"
    message = N_("The commission {commission} was changed in the meantime.")

    def __init__(self, commission: str) -> None:
        self.commission = commission
        super().__init__()


@dataclass(frozen=True, slots=True)
class Cause:
    """Why commissions change: the event, its place among the facts, when it happened, when we write, and who."""

    event_id: str
    kind: str
    effect: int | None
    at: datetime
    now: datetime
    actor: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a commission's history to be written."""

    kind: str
    minor: int = 0
    reason: str = ""


# what moves a state by amounts alone: of an amount that rounds to nothing in the currency paid, the move is told all the same
_BY_AMOUNT = {
    "refund": Entry("reverse", 0, "refund"),
    "order_edit": Entry("adjust", 0, "order_edit"),
    "order": Entry("accrue"),
}


@dataclass(slots=True)
class Change:
    """What one commission becomes."""

    commission: Commission
    before: Standing
    after: Standing
    state: str
    values: dict[str, Any] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)

    def legs(self, transit: PocketKind = "in_transit") -> list[Leg]:
        """The ledger legs of this change."""
        mine = self.commission
        return legs_between(
            self.before,
            self.after,
            commission_id=mine.id,
            creator_id=mine.creator_id,
            currency=mine.pay_currency,
            transit=transit,
        )


def standing_of(commission: Commission) -> Standing:
    """Where the commission stands as stored."""
    return Standing(commission.worth_minor, commission.given_minor, commission.released_at is not None)


def commissions_of(order_id: int) -> list[Commission]:
    """The order's commissions as the database has them now."""
    query = select(Commission).where(Commission.order_id == order_id).order_by(Commission.level, Commission.id)
    return list(session().scalars(query.execution_options(populate_existing=True)))


def bring_up(
    book: OrderBook, order_id: int, program_id: int, postings: Sequence[Posting], cause: Cause, *, held_why: dict[int, str]
) -> None:
    """Write what an event about the order changed: rows, history, ledger, declined rows, what tiers count."""
    known = {key_of(commission): commission for commission in commissions_of(order_id)}
    for row in book.rows:
        mine = entries_about(postings, row)
        commission = known.get(row.key)
        if commission is None:
            commission = _open(row, order_id, program_id, cause)
            mine = mine or [Entry("accrue")]  # worth nothing in the currency it is paid in
        change = change_to(commission, row, mine, cause, held_why.get(commission.creator_id, ""))
        if change is None:
            continue
        legs = change.legs()
        transaction_id = None
        if legs:
            transaction_id = ledger.book(
                program_id, f"commission:{commission.id}:{cause.event_id}", legs,
                kind=mine[0].kind if mine else cause.kind, at=cause.at, now=cause.now,
                corrects=_accrual_of(commission), facts={"event": cause.event_id},
            )  # fmt: skip
        write(change, transaction_id, cause)
        if _releasable(commission, cause.now):
            release(commission, cause.now)
    _declined(book, order_id, program_id)
    for share in book.credited:
        session().execute(
            update(Credit)
            .where(Credit.order_id == order_id, Credit.creator_id == int(share.creator))
            .values(volume_minor=book.volume_of(share.creator))
            .execution_options(synchronize_session=False)
        )


def change_to(commission: Commission, row: Row, entries: list[Entry], cause: Cause, held_why: str) -> Change | None:
    """The change that brings a stored commission to what the book says; None if the event leaves it alone."""
    before = standing_of(commission)
    after = Standing(row.worth, row.given, before.released and not row.held)
    state = row.state(cause.now)
    if state in ("pending", "due"):
        state = "due" if after.released else "pending"
    values: dict[str, Any] = {
        "amount_minor": row.amount,
        "held": row.held,
        "held_why": held_why if row.held else "",
        "lines": [line_document(line) for line in row.lines],
    }
    if before.released and not after.released:
        values["released_at"] = None
    touched = row.held != commission.held or state != commission.state or before != after or held_why != commission.held_why
    if not entries and (state != commission.state or (touched and cause.kind not in _BY_AMOUNT)):
        entries = [_BY_AMOUNT.get(cause.kind) or Entry(cause.kind)]
    same = not entries and not touched and row.amount == commission.amount_minor and values["lines"] == commission.lines
    return None if same else Change(commission, before, after, state, values, entries)


def write(change: Change, transaction_id: int | None, cause: Cause) -> None:
    """Put a change into the row, by a conditional update, and into its history."""
    commission = change.commission
    if not may_move(commission.state, change.state):
        raise Moved(commission.public_id)
    written = session().execute(
        update(Commission)
        .where(
            Commission.id == commission.id,
            Commission.state == commission.state,
            Commission.worth_minor == change.before.worth,
            Commission.given_minor == change.before.given,
        )
        .values(worth_minor=change.after.worth, given_minor=change.after.given, state=change.state, **change.values)
        .returning(Commission.id)
        .execution_options(synchronize_session=False)
    )
    if written.scalar() is None:
        raise Moved(commission.public_id)
    session().refresh(commission)
    place = session().scalar(select(func.max(CommissionStep.place)).where(CommissionStep.commission_id == commission.id)) or 0
    for i, entry in enumerate(change.entries, start=1):
        session().add(
            CommissionStep(
                commission_id=commission.id, place=place + i, effect=cause.effect, event_id=cause.event_id, kind=entry.kind,
                minor=entry.minor, reason=entry.reason, words=cause.words, state=change.state, transaction_id=transaction_id,
                at=cause.at, booked_at=cause.now, actor=cause.actor,
            )
        )  # fmt: skip
    session().flush()


def release(commission: Commission, now: datetime) -> None:
    """Let the open part of one commission go; see `release_all`."""
    release_all(commission.program_id, [commission], now)


def release_all(program_id: int, found: Sequence[Commission], now: datetime) -> None:
    """Let the open parts of a program's commissions go from held to payable: their holds are over and nobody keeps them."""
    if not found:
        return
    places, earlier = _history_of([commission.id for commission in found])
    moves, steps = [], []
    for commission in found:
        before = standing_of(commission)
        state = "due" if commission.state == "pending" else commission.state
        change = Change(commission, before, replace(before, released=True), state)
        event_id = f"due:{earlier.get(commission.id, 0) + 1}"
        at = max(commission.due_at, commission.accrued_at)
        moves.append(ledger.Move(f"commission:{commission.id}:{event_id}", change.legs(), "due", at))
        steps.append(
            {
                "commission_id": commission.id, "place": places.get(commission.id, 0) + 1, "effect": None, "event_id": event_id,
                "kind": "due", "minor": 0, "reason": "", "words": "", "state": state, "at": at, "booked_at": now,
                "actor": "system:socialshop",
            }
        )  # fmt: skip
    for step, transaction_id in zip(steps, ledger.book_all(program_id, moves, now=now), strict=True):
        step["transaction_id"] = transaction_id
    _let_go(found, now)
    write_rows(CommissionStep, steps)
    for commission in found:
        session().refresh(commission)


def release_ready(program_id: int, commission_ids: Sequence[int], now: datetime) -> None:
    """Let go those of these commissions whose hold is over and that nobody keeps."""
    for part in in_parts(commission_ids):
        rows = session().scalars(select(Commission).where(Commission.id.in_(part)).order_by(Commission.id))
        release_all(program_id, [commission for commission in rows if _releasable(commission, now)], now)


def _history_of(commission_ids: Sequence[int]) -> tuple[dict[int, int], dict[int, int]]:
    """By commission, the last place in its history, and how often it was let go."""
    places: dict[int, int] = {}
    earlier: dict[int, int] = {}
    due = func.sum(case((CommissionStep.kind == "due", 1), else_=0))
    for part in in_parts(commission_ids):
        rows = session().execute(
            select(CommissionStep.commission_id, func.max(CommissionStep.place), due)
            .where(CommissionStep.commission_id.in_(part))
            .group_by(CommissionStep.commission_id)
        )
        for commission_id, last, times in rows:
            places[commission_id], earlier[commission_id] = int(last), int(times)
    return places, earlier


def _let_go(found: Sequence[Commission], now: datetime) -> None:
    """Put the release into the rows, on condition that they still are as they were read."""
    for part in in_parts(found):
        standing = [(each.id, each.state, each.worth_minor, each.given_minor) for each in part]
        as_read = tuple_(Commission.id, Commission.state, Commission.worth_minor, Commission.given_minor).in_(standing)
        written = session().scalars(
            update(Commission)
            .where(as_read, Commission.released_at.is_(None), Commission.held.is_(False))
            .values(released_at=now, state=case((Commission.state == "pending", "due"), else_=Commission.state))
            .returning(Commission.id)
            .execution_options(synchronize_session=False)
        )
        gone = set(written)
        for commission in part:
            if commission.id not in gone:
                raise Moved(commission.public_id)


def _releasable(commission: Commission, now: datetime) -> bool:
    return commission.released_at is None and not commission.held and commission.due_at <= now and commission.open_minor > 0


def _open(row: Row, order_id: int, program_id: int, cause: Cause) -> Commission:
    """A new row, worth nothing yet: its first step brings it to its worth."""
    quote = row.quote
    commission = Commission(
        order_id=order_id, program_id=program_id, creator_id=int(row.key.creator), level=row.key.level,
        of_creator_id=int(row.key.of or 0), via=row.via, currency=row.currency, original_minor=row.original,
        pay_currency=row.pay_currency, rate=quote.rate if quote else "", fx_id=quote.id if quote else "",
        no_rate=row.stake.no_rate, lines=[], state="pending", amount_minor=NOTHING.worth, worth_minor=NOTHING.worth,
        given_minor=NOTHING.given, due_at=row.due_at, version_at=row.version, placed_at=row.order.at, accrued_at=cause.now,
    )  # fmt: skip
    session().add(commission)
    session().flush()
    return commission


def entries_about(postings: Sequence[Posting], row: Row) -> list[Entry]:
    """Those of an event's postings that are about one commission."""
    key = row.key
    return [
        Entry(p.kind, p.amount, p.reason or "")
        for p in postings
        if (p.creator, p.level, p.of) == (key.creator, key.level, key.of)
    ]


def line_document(line: PricedLine) -> dict[str, Any]:
    """A line as a commission row keeps it."""
    return {"line": line.line, "base": line.base, "rule": line.rule, "bonus": list(line.bonus), "amount": line.amount}


def _accrual_of(commission: Commission) -> int | None:
    """The transaction that a later one corrects: the accrual."""
    return session().scalar(
        select(CommissionStep.transaction_id)
        .where(CommissionStep.commission_id == commission.id, CommissionStep.transaction_id.is_not(None))
        .order_by(CommissionStep.place)
        .limit(1)
    )


def _declined(book: OrderBook, order_id: int, program_id: int) -> None:
    """Those who earn nothing as the book has them; who earns since an edit is no longer among them."""
    wanted = {(None if row.creator is None else int(row.creator), row.reason) for row in book.declined}
    for stored in session().scalars(select(Declined).where(Declined.order_id == order_id)):
        if (stored.creator_id, stored.reason) in wanted:
            wanted.discard((stored.creator_id, stored.reason))
        else:
            session().delete(stored)
    for creator_id, reason in sorted(wanted, key=str):
        session().add(Declined(order_id=order_id, program_id=program_id, creator_id=creator_id, reason=reason))
    session().flush()
