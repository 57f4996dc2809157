"""Taking a fact: kept once, parked or effective, and then everything that follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from ...kernel import faults
from ...kernel.database import session
from ..replay import Event, Hold, Payout, PayoutFailed, Reject, read_event
from ..terms import Click, Creators, FxQuote, OrderFacts, Program
from . import arriving, facts
from .arriving import Newcomer
from .booking import Cause, bring_up
from .books import book_of, open_holds
from .models import Attribution, ProgramEvent


@dataclass(frozen=True, slots=True)
class Ground:
    """What facts of a program are judged by: its terms, and its people."""

    program_id: int
    program: Program
    creators: Creators


def take(ground: Ground, event: Event, *, now: datetime, actor: str, order_id: int | None = None) -> bool:
    """Take a fact into the program, whose lock the caller holds; False: it is known already.

    order_id: of an order event, our row. FactConflict: the id was given to something else. An event that is about
    something which has not taken effect is parked and follows it later.
    """
    if isinstance(event, OrderFacts):
        assert order_id is not None
        newcomer = Newcomer(order_id, event, ground.creators)
        return bool(arrive(ground.program_id, ground.program, [newcomer], now=now, actor=actor))
    row = facts.keep(ground.program_id, event, order_id=order_id, now=now, actor=actor)
    if row is None:
        return False
    if row.subject is None or facts.subject_row(row) is not None:
        _take_effect(ground.program, row, event, now=now)
        faults.point("ledger.before_commit")
    return True


def arrive(
    program_id: int, program: Program, newcomers: Sequence[Newcomer], *, now: datetime, actor: str
) -> dict[int, str | None]:
    """Let orders arrive one after the other, in the program whose lock the caller holds.

    What waited for an order follows right after it, before the next one. By order, of those that are new: why it earned
    nothing, or None. FactConflict: as for `take`.
    """
    known = facts.known_orders(program_id, [newcomer.facts for newcomer in newcomers])
    new = [newcomer for newcomer in newcomers if newcomer.facts.id not in known]
    waited = facts.waited_for(program_id, [newcomer.facts.id for newcomer in new])
    together: list[Newcomer] = []
    outcomes: dict[int, str | None] = {}
    for newcomer in new:
        together.append(newcomer)
        if newcomer.facts.id in waited:
            outcomes |= arriving.settle(program_id, program, together, now=now, actor=actor)
            together = []
            row = facts.find(program_id, newcomer.facts.id)
            assert row is not None
            _follow_up(program, row, now=now)
    if together:
        outcomes |= arriving.settle(program_id, program, together, now=now, actor=actor)
    if new:
        faults.point("ledger.before_commit")
    return outcomes


def _take_effect(program: Program, row: ProgramEvent, event: Event, *, now: datetime) -> None:
    """Let a fact take effect, then those that waited for it."""
    subject = facts.subject_row(row)
    if subject is not None and row.order_id is None:
        row.order_id = subject.order_id
    effect = facts.take_effect(row)
    if not isinstance(event, (Click, FxQuote, Payout, PayoutFailed)):
        _change(program, row, Cause(row.event_id, row.type, effect, event.at, now, row.actor, _words(event)))
    _follow_up(program, row, now=now)


def _follow_up(program: Program, row: ProgramEvent, *, now: datetime) -> None:
    """Let those that waited for a fact take effect, in their order of arrival, each with its own waiters."""
    for waiting in facts.waiting_for(row):
        _take_effect(program, waiting, read_event(waiting.document), now=now)


def _change(program: Program, row: ProgramEvent, cause: Cause) -> None:
    """Fold the order up to just before this fact, then let it happen."""
    assert row.order_id is not None
    order_id = row.order_id
    book = book_of(order_id, program, before=row.effect)
    postings = book.apply(read_event(row.document))  # type: ignore[arg-type]
    creators = {int(each.key.creator) for each in book.rows}
    held_why = {creator: "; ".join(reason for _, reason in open_holds(order_id, creator)) for creator in creators}
    bring_up(book, order_id, row.program_id, postings, cause, held_why=held_why)


def _words(event: Event) -> str:
    return (event.reason or "") if isinstance(event, (Hold, Reject)) else ""


def attribution_of(order_id: int) -> Attribution | None:
    """The order's attribution, if it has arrived."""
    return session().scalar(select(Attribution).where(Attribution.order_id == order_id))


def note_fact(program_id: int, event: Payout | PayoutFailed, *, now: datetime, actor: str) -> int:
    """Put a payout's fact among the program's facts and return its effect; a second time changes nothing."""
    row = facts.keep(program_id, event, order_id=None, now=now, actor=actor)
    if row is None:
        known = facts.find(program_id, event.id)
        assert known is not None
        return known.effect or 0
    return facts.take_effect(row)
