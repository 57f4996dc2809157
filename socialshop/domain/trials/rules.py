"""Two sets of terms over the same facts, side by side: what each order would have cost under either. Pure.

    comparison = Comparison(before, after)
    comparison.quote(fx)                                       a rate becomes known
    outcome = comparison.arrive(order, clicks, people, later)  later: how many events about this order still follow
    outcomes = comparison.happen(refund)                       what happened to it afterwards, parked until its subject came
    comparison.rest()                                          orders whose later events never came

An order is let go as soon as nothing more can happen to it, so memory does not grow with the number of orders. Payouts
change who was paid when, never what an order cost, so they are not asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from ..attribution import Verdict, judge
from ..replay import Dispute, Hold, OrderBook, Reject, Row, arrive, subject_of
from ..replay import Later as LaterEvent
from ..terms import (
    Click,
    Creators,
    FirstPayment,
    FxQuote,
    OrderFacts,
    Program,
    Share,
    Terms,
    Version,
    newest_quote,
    period_bounds,
)

_Span = tuple[datetime | None, datetime | None]


@dataclass(frozen=True)
class Outcome:
    """One order that nothing more happens to, under both sets of terms; ask it only then."""

    order: OrderFacts
    before: OrderBook
    after: OrderBook

    @cached_property
    def rows(self) -> tuple[list[Row], list[Row]]:
        """The commissions before and after."""
        return self.before.rows, self.after.rows

    @property
    def costs(self) -> tuple[int, int]:
        """What the order costs before and after, in minor units of its currency, recruiters included."""
        before, after = (sum(row.amount for row in rows) for rows in self.rows)
        return before, after

    def amounts(self) -> dict[str, tuple[int, int]]:
        """By creator: what they have of the order before and after."""
        found: dict[str, tuple[int, int]] = {}
        for row in self.rows[0]:
            one, other = found.get(row.key.creator, (0, 0))
            found[row.key.creator] = (one + row.amount, other)
        for row in self.rows[1]:
            one, other = found.get(row.key.creator, (0, 0))
            found[row.key.creator] = (one, other + row.amount)
        return found


def line_amounts(book: OrderBook, row: Row) -> list[tuple[str, int]]:
    """Line by line what is left of a direct commission after refunds; nothing for one that was lost or rejected."""
    if not row.amount:
        return []
    if not book.goods.had_refund:
        return [(line.line, line.amount) for line in row.lines]
    rounding = row.stake.version.terms.rounding
    return [(line.line, book.goods.kept((line,), rounding)) for line in row.lines]


def versions_for(program: Program, draft: Terms, *, ever: bool = False) -> Program:
    """The program as if these terms had been in force since its first ones began; without any, or if `ever`, since always."""
    starts_at = program.versions[0].starts_at if program.versions and not ever else None
    return Program(program.id, (Version(starts_at, draft),), program.timezone)


class Comparison:
    """Both programs, fed with the same facts in the same order."""

    def __init__(self, before: Program, after: Program) -> None:
        self._before, self._after = Side(before), Side(after)
        self._same_judge = _judged_alike(before, after)
        self._quotes: dict[frozenset[str], list[FxQuote]] = defaultdict(list)
        self._open: dict[str, tuple[Outcome, int]] = {}
        self._roots: dict[tuple[str, str], str] = {}
        self._waiting: dict[tuple[str, str], list[LaterEvent]] = defaultdict(list)
        for side in (self._before, self._after):
            side.quotes = self._quotes

    def quote(self, fx: FxQuote) -> None:
        """Know a rate from now on."""
        self._quotes[frozenset((fx.base, fx.quote))].append(fx)

    def arrive(self, order: OrderFacts, clicks: Collection[Click], people: Creators, later: int = 0) -> list[Outcome]:
        """Let an order arrive on both sides, with what waited for it; the outcome, if nothing more can happen to it."""
        verdict = self._before.judge(order, clicks, people)
        other = verdict if self._same_judge and order.subscription is None else self._after.judge(order, clicks, people)
        outcome = Outcome(order, self._before.arrive(order, verdict, people), self._after.arrive(order, other, people))
        if not later:
            return [outcome]
        self._open[order.id] = (outcome, later)
        return self._wake(("order", order.id), order.id)

    def happen(self, event: LaterEvent) -> list[Outcome]:
        """Let an event about an order take effect on both sides, or park it until its subject has."""
        subject = subject_of(event)
        assert subject is not None
        root = self._roots.get(subject) if subject[0] != "order" else subject[1] if subject[1] in self._open else None
        if root is None:
            self._waiting[subject].append(event)
            return []
        return self._change(event, root)

    def rest(self) -> Iterator[Outcome]:
        """The orders that still waited for something."""
        for order_id in list(self._open):
            yield self._open.pop(order_id)[0]

    def _wake(self, subject: tuple[str, str], root: str) -> list[Outcome]:
        return [outcome for event in self._waiting.pop(subject, ()) for outcome in self._change(event, root)]

    def _change(self, event: LaterEvent, root: str) -> list[Outcome]:
        outcome, later = self._open[root]
        self._before.change(outcome.before, event)
        self._after.change(outcome.after, event)
        self._open[root] = (outcome, later - 1)
        done: list[Outcome] = []
        if isinstance(event, (Dispute, Hold, Reject)):
            own = ("dispute" if isinstance(event, Dispute) else "hold" if isinstance(event, Hold) else "reject", event.id)
            self._roots[own] = root
            done = self._wake(own, root)
        if later == 1:
            del self._open[root]
            return [*done, outcome]
        return done


def _judged_alike(one: Program, other: Program) -> bool:
    """Whether both sets of terms always credit the same creators, whatever they then pay.

    Where customers stay with a creator, earlier orders are asked, and the two sides may remember different ones.
    """

    def asked(program: Program) -> list[tuple[object, ...]]:
        found = [
            (
                version.starts_at, version.terms.window_days, version.terms.touch, version.terms.code_vs_click,
                version.terms.code_policy, version.terms.self_referral, version.terms.lifetime,
            )
            for version in program.versions
        ]  # fmt: skip
        return [each for i, each in enumerate(found) if not i or each[1:] != found[i - 1][1:]]

    return asked(one) == asked(other) and not any(v.terms.lifetime for v in (*one.versions, *other.versions))


class Side:
    """What one program's terms ask about the orders that arrived earlier; a `terms.History`."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.quotes: dict[frozenset[str], list[FxQuote]] = {}
        everything = [version.terms for version in program.versions]
        self._periods = {rule.tier_period for terms in everything for rule in terms.rules if rule.tiers}
        self._remembers_customers = any(terms.lifetime for terms in everything)
        self._budgeted = any(terms.budget for terms in everything)
        self._direct: dict[str, int] = defaultdict(int)
        self._volumes: dict[tuple[str, str, _Span], int] = defaultdict(int)
        self._payments: dict[tuple[str, str], int] = defaultdict(int)
        self._first_payments: dict[str, FirstPayment] = {}
        self._first_credited: dict[str, tuple[Share, ...]] = {}

    def judge(self, order: OrderFacts, clicks: Collection[Click], people: Creators) -> Verdict:
        """Who earned an order."""
        version = self.program.version_at(order.at)
        return judge(order, clicks, people, version.terms if version else None, self)

    def arrive(self, order: OrderFacts, verdict: Verdict, people: Creators) -> OrderBook:
        """Price an order; only then is it known to later ones."""
        book = OrderBook(arrive(order, verdict, self.program, people, self))
        book.accrue()
        self._count(book, 1)
        credited = book.credited
        if self._remembers_customers and order.customer.id is not None and credited:
            self._first_credited.setdefault(order.customer.id, credited)
        if order.subscription is not None and order.subscription.number == 1:
            first = FirstPayment(credited, order.subscription.period_start)
            self._first_payments.setdefault(order.subscription.id, first)
        return book

    def change(self, book: OrderBook, event: LaterEvent) -> None:
        """Let something happen to an order."""
        self._count(book, -1)
        book.apply(event)
        self._count(book, 1)

    def _count(self, book: OrderBook, sign: int) -> None:
        """Count what an order now contributes, or take it out of the sums again."""
        order = book.arrival.order
        if self._budgeted:
            self._direct[order.currency] += sign * book.direct_total
        for share in book.credited:
            if self._periods:
                volume = sign * book.volume_of(share.creator)
                for period in self._periods:
                    self._volumes[share.creator, order.currency, period_bounds(period, order.at, self.program.zone)] += volume
            if order.subscription is not None and book.direct_amount(share.creator) > 0:
                self._payments[share.creator, order.subscription.id] += sign

    def first_payment(self, subscription_id: str) -> FirstPayment | None:
        """See `terms.History`."""
        return self._first_payments.get(subscription_id)

    def first_credited(self, customer_id: str) -> tuple[Share, ...]:
        """See `terms.History`."""
        return self._first_credited.get(customer_id, ())

    def volume(self, creator_id: str, currency: str, start: datetime | None, end: datetime | None) -> int:
        """See `terms.History`."""
        return self._volumes.get((creator_id, currency, (start, end)), 0)

    def payments(self, creator_id: str, subscription_id: str) -> int:
        """See `terms.History`."""
        return self._payments.get((creator_id, subscription_id), 0)

    def budget_used(self, currency: str) -> int:
        """See `terms.History`."""
        return self._direct.get(currency, 0)

    def newest_quote(self, one: str, other: str, at: datetime) -> FxQuote | None:
        """See `terms.History`."""
        return newest_quote(self.quotes.get(frozenset((one, other)), ()), one, other, at)


def reason_of(book: OrderBook, creator: str | None) -> str | None:
    """Why this creator (None: anybody) earned nothing of the order, if that is said."""
    return next((row.reason for row in book.declined if row.creator in (creator, None)), None)
