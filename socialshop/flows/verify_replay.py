"""Every program's stored facts run through the engine again, in their stored order of arrival, and compared with the rows.

Page by page: an order's book is compared as soon as nothing more is told about the order, and shrinks to what later payouts
need to know, so that memory holds a program's open positions and not its history.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text, cast, func, select

from ..domain import commissions, payouts, programs
from ..domain.replay import (
    Event,
    Key,
    OrderBook,
    Payout,
    PayoutFailed,
    Position,
    Posting,
    Row,
    World,
    read_event,
    state_of,
    stored_click,
    stored_order,
)
from ..domain.terms import OrderFacts, Program, Roster
from ..kernel.database import in_parts, session
from ..kernel.garbage import Sweeper
from .what_if_facts import Frozen

Wrong = tuple[str, str, str]
PAGE = 1000
_Event = commissions.ProgramEvent
_Commission = commissions.Commission
_ABOUT_MANY = ("order", "click", "fx", "payout", "payout_failed")


def discrepancies(now: datetime) -> Iterator[Wrong]:
    """The engine, run again over the stored facts, says what is stored (I-4, I-6, I-17)."""
    for program_id in list(session().scalars(select(programs.Program.id).order_by(programs.Program.id))):
        yield from _Again(program_id, now).compare()


@dataclass(slots=True)
class _Line:
    """A commission of an order that nothing more is told about; only payouts still change it. stored: id, given, state."""

    key: Key
    pay_currency: str
    amount: int
    worth: int
    given: int
    due_at: datetime
    held: bool
    rejected: bool
    payouts: dict[str, int]
    stored: tuple[int, int, str] | None

    def state(self, now: datetime) -> str:
        """As `Row.state`."""
        paid = any(delta > 0 for delta in self.payouts.values())
        return state_of(self.rejected, paid, self.amount, self.held, self.due_at, now)


class _Closed:
    """What is left of a book when only payouts can still change it."""

    __slots__ = ("_directs", "_order_id", "rows")

    def __init__(self, book: OrderBook, stored: Mapping[Key, tuple[int, int, str]]) -> None:
        self._order_id = book.arrival.order.id
        self._directs = {share.creator: book.direct_amount(share.creator) for share in book.credited}
        self.rows = [
            _Line(
                row.key, row.pay_currency, row.amount, row.worth, row.given, row.due_at, row.held, row.rejected,
                row.payouts, stored.get(row.key),
            )
            for row in book.rows
        ]  # fmt: skip

    @property
    def order_id(self) -> str:
        """The order's id."""
        return self._order_id

    def direct_amount(self, creator_id: str) -> int:
        """As `OrderBook.direct_amount`."""
        return self._directs.get(creator_id, 0)

    def positions(self) -> list[Position]:
        """As `OrderBook.positions`."""
        return [Position(self._order_id, r.key, r.pay_currency, r.worth, r.given, r.due_at, r.held) for r in self.rows]

    def pay(self, payout: str, key: Key, delta: int) -> None:
        """As `OrderBook.pay`."""
        for row in self.rows:
            if row.key == key:
                row.given += delta
                row.payouts[payout] = row.payouts.get(payout, 0) + delta

    def unpay(self, payout: str, creator_id: str) -> None:
        """As `OrderBook.unpay`."""
        for row in self.rows:
            if row.key.creator == creator_id:
                row.given -= row.payouts.pop(payout, 0)

    def apply(self, _event: Event) -> list[Posting]:
        """Only where rows were forged is anything told about it any more; the comparison says so."""
        return []


class _Told(World):
    """A program in memory that knows which one of a creator's payouts of a run came back, and lets orders go."""

    def __init__(self, program: Program, currencies: dict[str, str]) -> None:
        super().__init__(program, ())
        self._currencies = currencies
        self._settled: dict[str, list[str]] = {}  # payout → the orders that it paid or took back from

    def receive(self, event: Event, place: str = "event") -> None:
        """As ever, but that a repeat need not be known: no two stored facts of a program have one id."""
        super().receive(event, place)
        self._known.clear()
        self.postings.clear()

    def close(self, book: OrderBook, stored: Mapping[Key, tuple[int, int, str]]) -> None:
        """Nothing more is told about this order."""
        closed: Any = _Closed(book, stored)
        self.books[closed.order_id] = closed
        if closed.order_id in self._unsettled:
            self._unsettled[closed.order_id] = closed
        subscription = book.arrival.order.subscription
        if subscription is not None:
            mine = self._subscribed[subscription.id]
            mine[:] = [closed if each is book else each for each in mine]
        book.dissolve()

    def _note_unsettled(self, book: Any) -> None:
        order_id = book.order_id if isinstance(book, _Closed) else book.arrival.order.id
        if any(row.worth != row.given for row in book.rows):
            self._unsettled[order_id] = book
        else:
            self._unsettled.pop(order_id, None)

    def _change(self, event: Any, order_id: str) -> str:
        return order_id if isinstance(self.books[order_id], _Closed) else super()._change(event, order_id)

    def _pay(self, payout: Payout) -> None:
        looked_at = list(self._unsettled)  # a payout asks no others
        super()._pay(payout)
        mine = [name for name in looked_at if any(payout.id in row.payouts for row in self.books[name].rows)]
        self._settled[payout.id] = mine

    def _fail(self, failure: PayoutFailed) -> None:
        currency = self._currencies.get(failure.id)
        books = [self.books[name] for name in self._settled.get(failure.payout, ())]
        for paid in self.payouts:
            mine = (paid.payout, paid.creator, paid.failed) == (failure.payout, failure.creator, False)
            if not mine or currency not in (None, paid.currency):
                continue
            paid.failed = True
            for book in books:
                if any(row.key.creator == paid.creator and row.pay_currency == paid.currency for row in book.rows):
                    book.unpay(failure.payout, failure.creator)
                    self._note_unsettled(book)


class _Again:
    """One program, told again."""

    def __init__(self, program_id: int, now: datetime) -> None:
        self.program_id, self.now = program_id, now
        currencies = {
            f"{public_id}:returned": currency
            for public_id, currency in session().execute(
                select(payouts.Payout.public_id, payouts.Payout.currency).where(payouts.Payout.program_id == program_id)
            )
        }
        self.world = _Told(programs.engine_program(program_id), currencies)
        self._still_told = self._count_later()
        self._order_ids: dict[str, int] = {}  # the engine's id → ours, of orders whose books are open
        self._names: dict[int, str] = {}
        self._waiting: dict[str, int] = {}  # parked here: event id → row

    def compare(self) -> Iterator[Wrong]:
        """Everything that differs."""
        last, frozen, garbage = 0, Frozen(), Sweeper(every=60)
        while facts := self._page(last):
            last = facts[-1].arrival
            arrivals = self._arrivals([fact.order_id for fact in facts if fact.type == "order"])
            closing: list[int] = []
            for fact in facts:
                event = _read(fact)
                order_id = fact.order_id
                if fact.effect is None:
                    self._waiting[fact.event_id] = fact.id
                if isinstance(event, OrderFacts) and order_id is not None:
                    self._order_ids[event.id], self._names[order_id] = order_id, event.id
                    arrival, people = arrivals.get(order_id, (None, "[]"))
                    self.world.creators = Roster(frozen.read(people).values())
                    self.world.receive(event)
                    if not _same(arrival, self.world.books[event.id].arrival.to_document()):
                        yield (
                            "I-17",
                            f"attributions of order {order_id}",
                            "the engine judges or prices the stored facts otherwise",
                        )
                else:
                    self.world.receive(event)
                    if order_id is not None and fact.type not in _ABOUT_MANY:
                        self._still_told[order_id] -= 1
                if order_id in self._names and not self._still_told.get(order_id, 0):
                    closing.append(order_id)
            yield from self._close(closing)
            garbage.sweep()  # books and their rows point at each other
        for part in in_parts(list(self._names), PAGE):
            yield from self._close(part)
        yield from self._parked()
        yield from self._paid()
        yield from self._strays()

    def _page(self, last: int) -> list[Any]:
        columns = (
            _Event.id, _Event.arrival, _Event.effect, _Event.event_id, _Event.type, _Event.order_id, _Event.document
        )  # fmt: skip
        query = select(*columns).where(_Event.program_id == self.program_id, _Event.arrival > last)
        return list(session().execute(query.order_by(_Event.arrival).limit(PAGE)))

    def _count_later(self) -> dict[int, int]:
        """By order, how much is told about it after its arrival (and, early birds, before)."""
        rows = session().execute(
            select(_Event.order_id, func.count())
            .where(_Event.program_id == self.program_id, _Event.order_id.is_not(None), _Event.type.not_in(_ABOUT_MANY))
            .group_by(_Event.order_id)
        )
        return {order_id: count for order_id, count in rows if order_id is not None}

    # The program is looked at afterwards: asked for in the query, SQLite walks all that the program has for every part of it.

    def _arrivals(self, order_ids: list[int | None]) -> dict[int, tuple[str, str]]:
        """By order, what is stored of its arrival, and of the people that it was judged by, as JSON."""
        found: dict[int, tuple[str, str]] = {}
        a = commissions.Attribution
        for part in in_parts(order_id for order_id in order_ids if order_id is not None):
            query = select(a.order_id, cast(a.arrival, Text), cast(a.creators, Text), a.program_id)
            rows = session().execute(query.where(a.order_id.in_(part)))
            found |= {row[0]: (row[1], row[2]) for row in rows if row[3] == self.program_id}
        return found

    def _close(self, order_ids: Iterable[int]) -> Iterator[Wrong]:
        """Compare the orders with their rows, and keep only what payouts need."""
        for part in in_parts(dict.fromkeys(order_ids)):
            stored = self._commissions(part)
            declined, volumes = self._declined(part), self._volumes(part)
            for order_id in part:
                name = self._names.pop(order_id)
                book = self.world.books[name]
                rows = stored.get(order_id, {})
                standing = {key: (row.id, row.given_minor, _state_at(row, self.now)) for key, row in rows.items()}
                yield from _rows(order_id, book, rows)
                if {(row.creator, row.reason) for row in book.declined} != declined.get(order_id, set()):
                    yield "I-6", f"declined of order {order_id}", "the engine declines others, or for other reasons"
                for share in book.credited:
                    volume = book.volume_of(share.creator)
                    if volumes.get((order_id, share.creator)) != volume:
                        yield "I-4", f"credits of order {order_id}", f"creator {share.creator} should have {volume}"
                self.world.close(book, standing)

    def _commissions(self, order_ids: list[int]) -> dict[int, dict[Key, Any]]:
        c = _Commission
        columns = (
            c.id, c.order_id, c.creator_id, c.level, c.of_creator_id, c.via, c.currency, c.original_minor, c.amount_minor,
            c.worth_minor, c.given_minor, c.held, c.state, c.due_at, c.version_at, c.pay_currency, c.lines, c.program_id,
        )  # fmt: skip
        found: dict[int, dict[Key, Any]] = {}
        for row in session().execute(select(*columns).where(c.order_id.in_(order_ids)).order_by(c.id)):
            if row.program_id != self.program_id:
                continue
            of = str(row.of_creator_id) if row.of_creator_id else None
            found.setdefault(row.order_id, {})[Key(str(row.creator_id), row.level, of)] = row
        return found

    def _declined(self, order_ids: list[int]) -> dict[int, set[tuple[str | None, str]]]:
        d = commissions.Declined
        found: dict[int, set[tuple[str | None, str]]] = {}
        for row in session().execute(select(d.order_id, d.creator_id, d.reason).where(d.order_id.in_(order_ids))):
            creator = None if row.creator_id is None else str(row.creator_id)
            found.setdefault(row.order_id, set()).add((creator, row.reason))
        return found

    def _volumes(self, order_ids: list[int]) -> dict[tuple[int, str], int]:
        c = commissions.Credit
        rows = session().execute(select(c.order_id, c.creator_id, c.volume_minor).where(c.order_id.in_(order_ids)))
        return {(row.order_id, str(row.creator_id)): row.volume_minor for row in rows}

    def _parked(self) -> Iterator[Wrong]:
        for event_id in sorted(set(self._waiting) ^ set(self.world.parked)):
            query = select(_Event.id).where(_Event.program_id == self.program_id, _Event.event_id == event_id)
            row = self._waiting.get(event_id) or session().scalar(query)
            yield "I-6", f"program_events {row}", f"{event_id} waits here or in the engine, not in both"

    def _paid(self) -> Iterator[Wrong]:
        """What payouts did, now that all have been told."""
        books: Iterable[Any] = self.world.books.values()
        for line in (line for book in books for line in book.rows):
            if line.stored is None:
                continue
            commission_id, given, state = line.stored
            if line.given != given:
                yield "I-6", f"commissions {commission_id}", f"the engine says given {line.given}, stored is {given}"
            said = line.state(self.now)
            if said != state:
                yield "I-6", f"commissions {commission_id}", f"the engine says state {said!r}, stored is {state!r}"

    def _strays(self) -> Iterator[Wrong]:
        """Rows of orders that never arrived."""
        arrived = select(_Event.order_id).where(
            _Event.program_id == self.program_id, _Event.type == "order", _Event.order_id.is_not(None)
        )
        found: set[int] = set()
        for model in (commissions.Attribution, _Commission, commissions.Declined):
            query = select(model.order_id).where(model.program_id == self.program_id, model.order_id.not_in(arrived))
            found |= set(session().scalars(query.distinct()))
        for order_id in sorted(found):
            yield "I-6", f"order {order_id}", "has an attribution or commissions, but no fact of its own"


_encode = json.JSONEncoder(check_circular=False).encode


def _same(text: str | None, document: dict[str, Any]) -> bool:
    """Whether a stored document says the same; mostly it does so word for word."""
    return text is not None and (text == _encode(document) or json.loads(text) == document)


def _read(fact: Any) -> Event:
    if fact.type == "order":
        return stored_order(fact.document)
    return stored_click(fact.document) if fact.type == "click" else read_event(fact.document)


def _rows(order_id: int, book: OrderBook, stored: Mapping[Key, Any]) -> Iterator[Wrong]:
    """What the engine says of each commission beside what is kept, but for what payouts may still change."""
    said = {row.key: row for row in book.rows}
    for key, row in said.items():
        kept = stored.get(key)
        if kept is None:
            wrong = f"the engine gives creator {key.creator} {row.worth}, nothing is stored"
            yield "I-6", f"commissions of order {order_id}", wrong
            continue
        ours, theirs = _engine_says(row), _is_kept(kept)
        for name in (name for name in ours if ours[name] != theirs[name]):
            yield "I-6", f"commissions {kept.id}", f"the engine says {name} {ours[name]!r}, stored is {theirs[name]!r}"
    for key in set(stored) - set(said):
        yield "I-6", f"commissions {stored[key].id}", "the engine knows nothing of it"


def _engine_says(row: Row) -> dict[str, object]:
    lines = [
        {"line": line.line, "base": line.base, "rule": line.rule, "bonus": list(line.bonus), "amount": line.amount}
        for line in row.lines
    ]
    return {
        "via": row.via, "currency": row.currency, "original": row.original, "amount": row.amount, "worth": row.worth,
        "held": row.held, "due_at": row.due_at, "version": row.version, "pay_currency": row.pay_currency, "lines": lines,
    }  # fmt: skip


def _is_kept(row: Any) -> dict[str, object]:
    return {
        "via": row.via, "currency": row.currency, "original": row.original_minor, "amount": row.amount_minor,
        "worth": row.worth_minor, "held": row.held, "due_at": row.due_at, "version": row.version_at,
        "pay_currency": row.pay_currency, "lines": row.lines,
    }  # fmt: skip


def _state_at(row: Any, now: datetime) -> str:
    return ("due" if row.due_at <= now else "pending") if row.state in ("pending", "due") else str(row.state)
