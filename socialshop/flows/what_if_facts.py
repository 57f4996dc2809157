"""A program's stored facts as "What if?" reads them: page by page, in their order of arrival, with the people of that day."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text, cast, func, or_, select

from ..domain import commissions, links, people, programs
from ..domain.replay import Event, Later, read_creator, read_event, stored_click, stored_order
from ..domain.terms import Click, CreatorFacts, Creators, FxQuote, OrderFacts, Place, Roster
from ..kernel.database import end_reading, session

_Event = commissions.ProgramEvent
_LATER = ("refund", "order_edit", "dispute", "dispute_closed", "hold", "release", "reject", "reinstate")
_READ = ("order", "fx", *_LATER)
_REMEMBERED = 20_000  # different sets of frozen people kept at once; most orders share theirs with others


@dataclass(frozen=True, slots=True)
class Arrived:
    """An order, the clicks near it that were known when it arrived, and the facts about people that it was judged by."""

    order: OrderFacts
    clicks: tuple[Click, ...]
    frozen: dict[str, CreatorFacts] | None


def count_orders(program_id: int) -> int:
    """How many orders have arrived."""
    query = select(func.count()).select_from(_Event).where(_Event.program_id == program_id, _Event.type == "order")
    return session().scalar(query) or 0


def count_later(program_id: int) -> dict[str, int]:
    """By order id, how many events about it there are; an order may be let go when they have all been."""
    rows = session().execute(
        select(_Event.type, _Event.event_id, _Event.subject)
        .where(_Event.program_id == program_id, _Event.type.in_(_LATER))
        .order_by(_Event.arrival)
    )
    subjects = {f"{kind}:{event_id}": str(subject) for kind, event_id, subject in rows}
    counts: dict[str, int] = defaultdict(int)
    for subject in subjects.values():
        while not subject.startswith("order:") and subject in subjects:
            subject = subjects[subject]
        if subject.startswith("order:"):
            counts[subject.removeprefix("order:")] += 1
    return counts


def pages(program_id: int, *, size: int) -> Iterator[list[Arrived | FxQuote | Later]]:
    """Orders, rates and what happened to orders, as far as facts have arrived by now. Between pages nothing is kept open."""
    until = session().scalar(select(func.max(_Event.arrival)).where(_Event.program_id == program_id)) or 0
    last, remembered = 0, Frozen()
    while True:
        rows = (
            session()
            .execute(
                select(_Event.arrival, _Event.order_id, _Event.type, _Event.document)
                .where(_Event.program_id == program_id, _Event.arrival > last, _Event.arrival <= until, _Event.type.in_(_READ))
                .order_by(_Event.arrival)
                .limit(size)
            )
            .all()
        )
        if not rows:
            return
        last = rows[-1].arrival
        events = [(row.arrival, row.order_id, _read(row.type, row.document)) for row in rows]
        orders = [event for _, _, event in events if isinstance(event, OrderFacts)]
        near = _Near(program_id, orders, until=last)
        frozen = remembered.of([order_id for _, order_id, event in events if isinstance(event, OrderFacts)])
        page: list[Arrived | FxQuote | Later] = []
        for arrival, order_id, event in events:
            if isinstance(event, OrderFacts):
                page.append(Arrived(event, near.of(event, before=arrival), frozen.get(order_id)))
            else:
                page.append(event)  # type: ignore[arg-type]  # the query asks for no other types
        end_reading()
        yield page


def _read(kind: str, document: dict[str, Any]) -> Event:
    return stored_order(document) if kind == "order" else read_event(document)


class _Near:
    """The clicks of the visitors, or with the ids, that a page of orders names."""

    def __init__(self, program_id: int, orders: list[OrderFacts], *, until: int) -> None:
        visitors = {order.visitor for order in orders if order.visitor is not None}
        named = {order.click for order in orders if order.click is not None}
        self._by_visitor: dict[str, list[tuple[int, Click]]] = defaultdict(list)
        self._by_id: dict[str, tuple[int, Click]] = {}
        if not visitors and not named:
            return
        rows = session().execute(
            select(_Event.arrival, _Event.document)
            .where(
                _Event.program_id == program_id, _Event.type == "click", _Event.arrival < until,
                or_(_Event.visitor.in_(visitors), _Event.event_id.in_(named)),
            )
            .order_by(_Event.arrival)
        )  # fmt: skip
        for arrival, document in rows:
            click = stored_click(document)
            self._by_id[click.id] = (arrival, click)
            if click.visitor is not None:
                self._by_visitor[click.visitor].append((arrival, click))

    def of(self, order: OrderFacts, *, before: int) -> tuple[Click, ...]:
        """As `commissions` lists them: those of the visitor, then the one that the order names."""
        found = {click.id: click for at, click in self._by_visitor.get(order.visitor or "", ()) if at < before}
        named = self._by_id.get(order.click) if order.click is not None else None
        if named is not None and named[0] < before:
            found.setdefault(named[1].id, named[1])
        return tuple(found.values())


class Frozen:
    """The facts about people that were stored with each order; equal ones are read once."""

    def __init__(self) -> None:
        self._read: dict[str, dict[str, CreatorFacts]] = {}

    def of(self, order_ids: list[Any]) -> dict[int, dict[str, CreatorFacts]]:
        """By order."""
        rows = session().execute(
            select(commissions.Attribution.order_id, cast(commissions.Attribution.creators, Text)).where(
                commissions.Attribution.order_id.in_([order_id for order_id in order_ids if order_id is not None])
            )
        )
        return {order_id: self.read(text) for order_id, text in rows}

    def read(self, text: str) -> dict[str, CreatorFacts]:
        """One list of people, as its JSON."""
        if len(self._read) > _REMEMBERED:
            self._read.clear()
        if text not in self._read:
            found = [read_creator(Place(document, "creators")) for document in json.loads(text)]
            self._read[text] = {creator.id: creator for creator in found}
        return self._read[text]


class Crowd:
    """Everybody who ever was in a program, as they stood at any instant; what was frozen with an order comes first."""

    def __init__(self, program_id: int) -> None:
        self._never = programs.get(program_id).created_at
        self._stays: dict[str, list[programs.Standing]] = defaultdict(list)
        self._codes: dict[str, list[str]] = defaultdict(list)
        self._owners: dict[str, str] = {}
        self._emails: dict[str, str] = {}
        for stay in reversed(programs.enrollments_of_program(program_id)):
            if stay.enrolled_at is not None:
                stood = programs.Standing(tuple(stay.groups), stay.enrolled_at, stay.ended_at, stay.recruited_by_id)
                self._stays[str(stay.creator_id)].append(stood)
        for code in links.codes_of_program(program_id):
            self._codes[str(code.creator_id)].append(code.code)
            self._owners[code.code.casefold()] = str(code.creator_id)

    def at(self, at: datetime, frozen: dict[str, CreatorFacts] | None) -> Creators:
        """Who they were at that instant; frozen: what an order that arrived was judged by."""
        return _Then(self, at, frozen)

    def creator(self, creator_id: str, at: datetime) -> CreatorFacts:
        """One of them, as they stood then; somebody who never was in the program has an empty stay."""
        stay = programs.standing(self._stays.get(creator_id, ()), at, never=self._never)
        if creator_id not in self._emails:
            self._emails[creator_id] = people.creator_email(int(creator_id))[0]
        return CreatorFacts(
            creator_id, self._emails[creator_id], stay.groups, tuple(sorted(self._codes.get(creator_id, ()))),
            None if stay.recruited_by is None else str(stay.recruited_by), stay.enrolled_at, stay.left_at,
        )  # fmt: skip

    def owner(self, code: str) -> str | None:
        """Whose code it is."""
        return self._owners.get(code.casefold())

    @property
    def ids(self) -> list[str]:
        """Whoever was in the program, or recruited somebody who was."""
        recruiters = {str(stay.recruited_by) for stays in self._stays.values() for stay in stays if stay.recruited_by is not None}
        return sorted(set(self._stays) | recruiters, key=int)


class _Then:
    """A `terms.Creators` for one order."""

    def __init__(self, crowd: Crowd, at: datetime, frozen: dict[str, CreatorFacts] | None) -> None:
        self._crowd, self._at, self._frozen = crowd, at, frozen

    def creator(self, creator_id: str) -> CreatorFacts:
        """See `terms.Creators`."""
        found = self._frozen.get(creator_id) if self._frozen is not None else None
        return found or self._crowd.creator(creator_id, self._at)

    def owner_of(self, code: str) -> CreatorFacts | None:
        """See `terms.Creators`. A code that was nobody's when the order arrived is still nobody's."""
        if self._frozen is not None:
            folded = code.casefold()
            return next((c for c in self._frozen.values() if any(own.casefold() == folded for own in c.codes)), None)
        owner = self._crowd.owner(code)
        return None if owner is None else self.creator(owner)


def everybody(program_id: int) -> Roster:
    """The program's creators for orders from a file: whoever ever was in it counts as enrolled, whenever the order was.

    Groups, codes and recruiters are those of today.
    """
    crowd, today = Crowd(program_id), datetime.max.replace(tzinfo=programs.get(program_id).created_at.tzinfo)
    found = [crowd.creator(creator_id, today) for creator_id in crowd.ids]
    return Roster(CreatorFacts(c.id, c.email, c.groups, c.codes, c.recruited_by) for c in found)
