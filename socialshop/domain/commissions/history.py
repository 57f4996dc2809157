"""What terms may ask about the program's earlier orders, answered from the tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, literal_column, select

from ...kernel.database import in_parts, session
from ..replay import OrderBook, read_event
from ..terms import FirstPayment, FxQuote, Share, newest_quote
from .models import Attribution, Commission, Credit, ProgramEvent


class StoredHistory:
    """A `terms.History` of one program. The order being judged is not stored yet, so all that is there came earlier."""

    def __init__(self, program_id: int) -> None:
        self.program_id = program_id

    def first_payment(self, subscription_id: str) -> FirstPayment | None:
        """See `terms.History`."""
        first = session().scalar(
            select(Attribution)
            .where(
                Attribution.program_id == self.program_id,
                Attribution.subscription == subscription_id,
                Attribution.payment_number == 1,
            )
            .order_by(Attribution.effect)
            .limit(1)
        )
        if first is None or first.period_start is None:
            return None
        return FirstPayment(_shares(first.order_id), first.period_start)

    def first_credited(self, customer_id: str) -> tuple[Share, ...]:
        """See `terms.History`."""
        order_id = session().scalar(
            select(Attribution.order_id)
            .where(Attribution.program_id == self.program_id, Attribution.customer == customer_id)
            .where(select(Credit.id).where(Credit.order_id == Attribution.order_id).exists())
            .order_by(Attribution.effect)
            .limit(1)
        )
        return () if order_id is None else _shares(order_id)

    def volume(self, creator_id: str, currency: str, start: datetime | None, end: datetime | None) -> int:
        """See `terms.History`."""
        return self._volumes({creator_id}, currency, start, end).get(creator_id, 0)

    def payments(self, creator_id: str, subscription_id: str) -> int:
        """See `terms.History`."""
        query = (
            select(func.count())
            .select_from(Commission)
            .join(Attribution, Attribution.order_id == Commission.order_id)
            .where(
                Attribution.program_id == self.program_id,
                Attribution.subscription == subscription_id,
                Commission.creator_id == int(creator_id),
                Commission.level == 0,
                Commission.amount_minor > 0,
            )
        )
        return int(session().scalar(query) or 0)

    def budget_used(self, currency: str) -> int:
        """See `terms.History`."""
        query = select(func.coalesce(func.sum(Commission.amount_minor), 0)).where(
            Commission.program_id == self.program_id, Commission.level == 0, Commission.currency == currency
        )
        return int(session().scalar(query) or 0)

    def newest_quote(self, one: str, other: str, at: datetime) -> FxQuote | None:
        """See `terms.History`. Read newest first, a few at a time: the pair is nearly always among the first."""
        pair, passed = {one, other}, 0
        found: list[FxQuote] = []
        query = _fx_of(self.program_id).where(ProgramEvent.at <= at).order_by(ProgramEvent.at.desc(), ProgramEvent.id.desc())
        while rows := session().execute(query.limit(_FEW).offset(passed)).all():
            passed += len(rows)
            for row in rows:
                if found and row.at < found[0].at:
                    return newest_quote(found, one, other, at)
                if {row.document["base"], row.document["quote"]} == pair:
                    found.append(_quote(row.document))
        return newest_quote(found, one, other, at)

    def _volumes(self, creators: set[str], currency: str, start: datetime | None, end: datetime | None) -> dict[str, int]:
        query = select(Credit.creator_id, func.sum(Credit.volume_minor)).where(
            Credit.program_id == self.program_id, Credit.currency == currency
        )
        if start is not None:
            query = query.where(Credit.placed_at >= start)
        if end is not None:
            query = query.where(Credit.placed_at < end)
        found: dict[str, int] = {}
        for part in in_parts(sorted(map(int, creators))):
            rows = session().execute(query.where(Credit.creator_id.in_(part)).group_by(Credit.creator_id))
            found |= {str(creator_id): int(total) for creator_id, total in rows}
        return found

    def _quotes(self) -> list[FxQuote]:
        return [_quote(row.document) for row in session().execute(_fx_of(self.program_id).order_by(ProgramEvent.arrival))]


class RunningHistory(StoredHistory):
    """The same while several orders arrive: what is stored is asked once, and who has arrived since is remembered.

    expected: creators who may be asked about; their stored volumes are read together.
    """

    def __init__(self, program_id: int, expected: Iterable[str] = ()) -> None:
        super().__init__(program_id)
        self._expected = set(expected)
        self._asked_volumes: dict[_Period, dict[str, int]] = {}
        self._asked_payments: dict[tuple[str, str], int] = {}
        self._asked_budgets: dict[str, int] = {}
        self._asked_quotes: list[FxQuote] | None = None
        self._since: dict[tuple[str, str], list[tuple[datetime, int]]] = defaultdict(list)  # by creator and currency
        self._spent: dict[str, int] = defaultdict(int)
        self._of_customer: dict[str, tuple[Share, ...]] = {}
        self._of_subscription: dict[str, list[OrderBook]] = defaultdict(list)

    def note(self, book: OrderBook) -> dict[str, int]:
        """An order has arrived; for those after it, it came earlier. What tiers count of it, by creator."""
        order = book.order
        volumes = {share.creator: book.volume_of(share.creator) for share in book.credited}
        for creator_id, minor in volumes.items():
            self._since[creator_id, order.currency].append((order.at, minor))
        self._spent[order.currency] += book.direct_total
        if order.customer.id is not None and book.credited:
            self._of_customer.setdefault(order.customer.id, book.credited)
        if order.subscription is not None:
            self._of_subscription[order.subscription.id].append(book)
        return volumes

    def first_payment(self, subscription_id: str) -> FirstPayment | None:
        """See `terms.History`."""
        found = super().first_payment(subscription_id)
        for book in self._of_subscription[subscription_id] if found is None else ():
            if book.order.subscription is not None and book.order.subscription.number == 1:
                return FirstPayment(book.credited, book.order.subscription.period_start)
        return found

    def first_credited(self, customer_id: str) -> tuple[Share, ...]:
        """See `terms.History`."""
        return super().first_credited(customer_id) or self._of_customer.get(customer_id, ())

    def volume(self, creator_id: str, currency: str, start: datetime | None, end: datetime | None) -> int:
        """See `terms.History`."""
        stored = self._asked_volumes.setdefault((currency, start, end), {})
        if creator_id not in stored:
            wanted = (self._expected | {creator_id}) - set(stored)
            stored.update(dict.fromkeys(wanted, 0) | self._volumes(wanted, currency, start, end))
        since = self._since.get((creator_id, currency), ())
        return stored[creator_id] + sum(
            minor for at, minor in since if (start is None or start <= at) and (end is None or at < end)
        )

    def payments(self, creator_id: str, subscription_id: str) -> int:
        """See `terms.History`."""
        key = (creator_id, subscription_id)
        if key not in self._asked_payments:
            self._asked_payments[key] = super().payments(creator_id, subscription_id)
        since = self._of_subscription.get(subscription_id, ())
        return self._asked_payments[key] + sum(book.direct_amount(creator_id) > 0 for book in since)

    def budget_used(self, currency: str) -> int:
        """See `terms.History`."""
        if currency not in self._asked_budgets:
            self._asked_budgets[currency] = super().budget_used(currency)
        return self._asked_budgets[currency] + self._spent[currency]

    def newest_quote(self, one: str, other: str, at: datetime) -> FxQuote | None:
        """See `terms.History`."""
        if self._asked_quotes is None:
            self._asked_quotes = self._quotes()
        return newest_quote(self._asked_quotes, one, other, at)


_Period = tuple[str, datetime | None, datetime | None]
_FEW = 50


def _fx_of(program_id: int) -> Select[tuple[datetime, dict[str, Any]]]:
    """The program's quotes; the type is written out, so that their own index serves it."""
    return select(ProgramEvent.at, ProgramEvent.document).where(
        ProgramEvent.program_id == program_id, ProgramEvent.type == literal_column("'fx'")
    )


def _quote(document: dict[str, Any]) -> FxQuote:
    quote = read_event(document)
    assert isinstance(quote, FxQuote)
    return quote


def _shares(order_id: int) -> tuple[Share, ...]:
    rows = session().scalars(select(Credit).where(Credit.order_id == order_id).order_by(Credit.place, Credit.id))
    return tuple(Share(str(row.creator_id), row.via, row.percent, row.place) for row in rows)  # type: ignore[arg-type]
