"""A program in memory: takes facts in their order of arrival and answers what terms ask about earlier orders.

Parking and idempotency are here: an event that arrives before what it is about waits for it; a repeated id changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ..attribution import judge
from ..terms import (
    BadDocument,
    Click,
    CreatorFacts,
    FirstPayment,
    FxQuote,
    OrderFacts,
    Program,
    Roster,
    Share,
    newest_quote,
    period_bounds,
)
from .arrival import arrive
from .book import OrderBook
from .events import (
    Dispute,
    DisputeClosed,
    Event,
    Hold,
    Later,
    OrderEdit,
    Payout,
    PayoutFailed,
    Refund,
    Reinstate,
    Reject,
    Release,
    subject_of,
)
from .postings import Posting
from .settling import draw_up

_Span = tuple[datetime | None, datetime | None]


@dataclass(slots=True)
class PaidOut:
    """One creator's money in one payout."""

    payout: str
    creator: str
    currency: str
    amount: int
    failed: bool = False


class World:
    """The facts of one program so far, and what they come to. Answers as a `terms.History`."""

    def __init__(self, program: Program, creators: Iterable[CreatorFacts]) -> None:
        self.program = program
        self.creators = Roster(creators)
        self.books: dict[str, OrderBook] = {}
        self.postings: list[Posting] = []
        self.payouts: list[PaidOut] = []
        self._known: dict[str, Event] = {}
        self._effective: dict[tuple[str, str], str] = {}
        self._waiting: dict[tuple[str, str], list[Event]] = defaultdict(list)
        self._parked: dict[str, None] = {}
        self._clicks = _Clicks()
        self._quotes: dict[frozenset[str], list[FxQuote]] = defaultdict(list)
        self._first_payments: dict[str, FirstPayment] = {}
        self._first_credited: dict[str, tuple[Share, ...]] = {}
        self._subscribed: dict[str, list[OrderBook]] = defaultdict(list)
        self._totals = _Totals(program)
        self._unsettled: dict[str, OrderBook] = {}

    @property
    def parked(self) -> list[str]:
        """The ids of the events that still wait for what they are about, in their order of arrival."""
        return list(self._parked)

    def receive(self, event: Event, place: str = "event") -> None:
        """Take an event: let it take effect with what waited for it, park it, or know it already.

        BadDocument: the id was given to something else.
        """
        if event.id in self._known:
            if self._known[event.id] != event:
                raise BadDocument(f"{place}.id", "was given to another event with other content")
            return
        self._known[event.id] = event
        subject = subject_of(event)
        if subject is not None and subject not in self._effective:
            self._waiting[subject].append(event)
            self._parked[event.id] = None
            return
        try:
            self._take_effect(event)
        except OverflowError as error:
            raise BadDocument(f"{place}.at", "is too far from today to reckon with") from error

    def _take_effect(self, event: Event) -> None:
        """Let an event take effect, then, in their order of arrival, those that waited for it, each with its own waiters."""
        self._parked.pop(event.id, None)
        match event:
            case Click():
                self._clicks.add(event)
            case FxQuote():
                self._quotes[frozenset((event.base, event.quote))].append(event)
            case OrderFacts():
                self._arrive(event)
                self._wake("order", event.id, event.id)
            case Payout():
                self._pay(event)
                self._wake("payout", event.id, event.id)
            case PayoutFailed():
                self._fail(event)
            case Dispute():
                self._wake("dispute", event.id, self._change(event, event.order))
            case Hold():
                self._wake("hold", event.id, self._change(event, event.order))
            case Reject():
                self._wake("reject", event.id, self._change(event, event.order))
            case Refund() | OrderEdit():
                self._change(event, event.order)
            case DisputeClosed():
                self._change(event, self._effective["dispute", event.dispute])
            case Release():
                self._change(event, self._effective["hold", event.hold])
            case Reinstate():
                self._change(event, self._effective["reject", event.reject])

    def _wake(self, kind: str, event_id: str, order_id: str) -> None:
        """Let what waited for this event take effect. order_id: the order that it is about in the end."""
        self._effective[kind, event_id] = order_id
        for waiting in self._waiting.pop((kind, event_id), ()):
            self._take_effect(waiting)

    def _arrive(self, order: OrderFacts) -> None:
        """Attribute and price an order; only then is it known to later ones."""
        version = self.program.version_at(order.at)
        verdict = judge(order, self._clicks.near(order), self.creators, version.terms if version else None, self)
        book = OrderBook(arrive(order, verdict, self.program, self.creators, self))
        self.books[order.id] = book
        self.postings += book.accrue()
        self._totals.update(book)
        self._note_unsettled(book)
        credited = book.credited
        if order.customer.id is not None and credited:
            self._first_credited.setdefault(order.customer.id, credited)
        if order.subscription is not None:
            self._subscribed[order.subscription.id].append(book)
            if order.subscription.number == 1:
                first = FirstPayment(credited, order.subscription.period_start)
                self._first_payments.setdefault(order.subscription.id, first)

    def _change(self, event: Later, order_id: str) -> str:
        """Apply an event to its order; the order's id."""
        book = self.books[order_id]
        self.postings += book.apply(event)
        self._totals.update(book)
        self._note_unsettled(book)
        return order_id

    def _pay(self, payout: Payout) -> None:
        """Pay what is due, and settle it."""
        version = self.program.version_at(payout.at)
        minimum = version.terms.minimum_payout if version else {}
        positions = [position for book in self._unsettled.values() for position in book.positions()]
        for draw in draw_up(positions, at=payout.at, minimum=minimum):
            for item in draw.items:
                self.books[item.order].pay(payout.id, item.key, item.delta)
            self.payouts.append(PaidOut(payout.id, draw.creator, draw.currency, draw.amount))
            self.postings.append(Posting(payout.id, None, draw.creator, None, None, "pay", draw.currency, -draw.amount))
            for order_id in {item.order for item in draw.items}:
                self._note_unsettled(self.books[order_id])

    def _fail(self, failure: PayoutFailed) -> None:
        """Undo a payout for one creator, once."""
        undone = [
            paid for paid in self.payouts if paid.payout == failure.payout and paid.creator == failure.creator and not paid.failed
        ]
        for paid in undone:
            paid.failed = True
            self.postings.append(Posting(failure.id, None, paid.creator, None, None, "pay_failed", paid.currency, paid.amount))
        if undone:
            for book in self.books.values():
                book.unpay(failure.payout, failure.creator)
                self._note_unsettled(book)

    def _note_unsettled(self, book: OrderBook) -> None:
        """Remember which orders a payout has to look at."""
        if any(row.worth != row.given for row in book.rows):
            self._unsettled[book.arrival.order.id] = book
        else:
            self._unsettled.pop(book.arrival.order.id, None)

    # What terms ask about the orders that arrived earlier

    def first_payment(self, subscription_id: str) -> FirstPayment | None:
        """See `terms.History`."""
        return self._first_payments.get(subscription_id)

    def first_credited(self, customer_id: str) -> tuple[Share, ...]:
        """See `terms.History`."""
        return self._first_credited.get(customer_id, ())

    def volume(self, creator_id: str, currency: str, start: datetime | None, end: datetime | None) -> int:
        """See `terms.History`."""
        return self._totals.volumes[creator_id, currency, (start, end)]

    def payments(self, creator_id: str, subscription_id: str) -> int:
        """See `terms.History`."""
        return sum(book.direct_amount(creator_id) > 0 for book in self._subscribed.get(subscription_id, ()))

    def budget_used(self, currency: str) -> int:
        """See `terms.History`."""
        return self._totals.direct[currency]

    def newest_quote(self, one: str, other: str, at: datetime) -> FxQuote | None:
        """See `terms.History`."""
        return newest_quote(self._quotes[frozenset((one, other))], one, other, at)


class _Clicks:
    """The clicks so far, by visitor and by id."""

    def __init__(self) -> None:
        self._by_visitor: dict[str, list[Click]] = defaultdict(list)
        self._by_id: dict[str, Click] = {}

    def add(self, click: Click) -> None:
        """Remember a click."""
        self._by_id[click.id] = click
        if click.visitor is not None:
            self._by_visitor[click.visitor].append(click)

    def near(self, order: OrderFacts) -> list[Click]:
        """The clicks that the order's visitor made, and the one that it names."""
        found = list(self._by_visitor.get(order.visitor, ())) if order.visitor is not None else []
        named = self._by_id.get(order.click) if order.click is not None else None
        return found if named is None or named in found else [*found, named]


class _Totals:
    """Running sums over orders, for budgets and tiers: each order's last contribution is replaced by its new one."""

    def __init__(self, program: Program) -> None:
        self.direct: dict[str, int] = defaultdict(int)
        self.volumes: dict[tuple[str, str, _Span], int] = defaultdict(int)
        self._zone = program.zone
        self._periods = {rule.tier_period for version in program.versions for rule in version.terms.rules if rule.tiers}
        self._last_direct: dict[str, int] = defaultdict(int)
        self._last_volume: dict[tuple[str, str], int] = defaultdict(int)

    def update(self, book: OrderBook) -> None:
        """Take over what an order now contributes."""
        order = book.arrival.order
        direct = book.direct_total
        self.direct[order.currency] += direct - self._last_direct[order.id]
        self._last_direct[order.id] = direct
        if not self._periods:
            return
        for share in book.credited:
            volume, last = book.volume_of(share.creator), self._last_volume[order.id, share.creator]
            self._last_volume[order.id, share.creator] = volume
            for period in self._periods:
                self.volumes[share.creator, order.currency, period_bounds(period, order.at, self._zone)] += volume - last
