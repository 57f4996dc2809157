"""Taking a fact: kept once, parked or effective, and then everything that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from ...kernel import faults
from ...kernel.database import session
from ..attribution import judge
from ..replay import Arrival, Event, Hold, OrderBook, Payout, PayoutFailed, Reject, arrive, read_event
from ..terms import Click, CreatorFacts, Creators, FxQuote, OrderFacts, Program
from . import facts
from .booking import Cause, bring_up
from .books import book_of, open_holds
from .history import StoredHistory
from .models import Attribution, Credit, ProgramEvent, Touched


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
    row = facts.keep(ground.program_id, event, order_id=order_id, now=now, actor=actor)
    if row is None:
        return False
    if row.subject is not None and facts.subject_row(row) is None:
        return True
    _take_effect(ground, row, event, now=now)
    faults.point("ledger.before_commit")
    return True


def _take_effect(ground: Ground, row: ProgramEvent, event: Event, *, now: datetime) -> None:
    """Let a fact take effect, then those that waited for it, in their order of arrival, each with its own waiters."""
    subject = facts.subject_row(row)
    if subject is not None and row.order_id is None:
        row.order_id = subject.order_id
    effect = facts.take_effect(row)
    cause = Cause(row.event_id, row.type, effect, event.at, now, row.actor, _words(event))
    if isinstance(event, OrderFacts):
        _arrive(ground, row, event, cause)
    elif not isinstance(event, (Click, FxQuote, Payout, PayoutFailed)):
        _change(ground, row, cause)
    for waiting in facts.waiting_for(row):
        _take_effect(ground, waiting, read_event(waiting.document), now=now)


def _arrive(ground: Ground, row: ProgramEvent, order: OrderFacts, cause: Cause) -> None:
    assert row.order_id is not None
    people = _Noting(ground.creators)
    history = StoredHistory(ground.program_id)
    version = ground.program.version_at(order.at)
    clicks = facts.clicks_near(ground.program_id, order)
    verdict = judge(order, clicks, people, version.terms if version else None, history)
    arrival = arrive(order, verdict, ground.program, people, history)
    _store(ground, row, arrival, people, cause)
    book = OrderBook(arrival)
    bring_up(book, row.order_id, ground.program_id, book.accrue(), cause, held_why={})


def _store(ground: Ground, row: ProgramEvent, arrival: Arrival, people: _Noting, cause: Cause) -> None:
    order = arrival.order
    subscription = order.subscription
    session().add(
        Attribution(
            order_id=row.order_id, program_id=ground.program_id, effect=row.effect, currency=order.currency, placed_at=order.at,
            customer=order.customer.id, subscription=subscription.id if subscription else None,
            payment_number=subscription.number if subscription else None,
            period_start=subscription.period_start if subscription else None,
            arrival=arrival.to_document(), creators=[each.to_document() for each in people.asked()], decided_at=cause.now,
        )
    )  # fmt: skip
    named = [touch.creator for touch in arrival.touches] + [row.creator for row in arrival.declined]
    for creator in sorted({int(name) for name in named if name is not None}):
        session().add(Touched(order_id=row.order_id, program_id=ground.program_id, creator_id=creator))
    for stake in arrival.stakes:
        share = stake.share
        session().add(
            Credit(
                order_id=row.order_id, program_id=ground.program_id, creator_id=int(share.creator), via=share.via,
                percent=share.percent, place=share.place, currency=order.currency, placed_at=order.at,
            )
        )  # fmt: skip
    session().flush()


def _change(ground: Ground, row: ProgramEvent, cause: Cause) -> None:
    """Fold the order up to just before this fact, then let it happen."""
    assert row.order_id is not None
    order_id = row.order_id
    book = book_of(order_id, ground.program, before=row.effect)
    postings = book.apply(read_event(row.document))  # type: ignore[arg-type]
    creators = {int(each.key.creator) for each in book.rows}
    held_why = {creator: "; ".join(reason for _, reason in open_holds(order_id, creator)) for creator in creators}
    bring_up(book, order_id, ground.program_id, postings, cause, held_why=held_why)


def _words(event: Event) -> str:
    return (event.reason or "") if isinstance(event, (Hold, Reject)) else ""


class _Noting:
    """A `terms.Creators` that remembers whom it was asked for: these facts are frozen with the order."""

    def __init__(self, creators: Creators) -> None:
        self._creators = creators
        self._asked: dict[str, CreatorFacts] = {}

    def creator(self, creator_id: str) -> CreatorFacts:
        """See `terms.Creators`."""
        found = self._asked.get(creator_id) or self._creators.creator(creator_id)
        self._asked[found.id] = found
        return found

    def owner_of(self, code: str) -> CreatorFacts | None:
        """See `terms.Creators`."""
        owner = self._creators.owner_of(code)
        if owner is not None:
            self._asked[owner.id] = owner
        return owner

    def asked(self) -> list[CreatorFacts]:
        """Everybody who was asked for, in a stable order."""
        return [self._asked[key] for key in sorted(self._asked)]


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
