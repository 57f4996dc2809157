"""The facts that terms are applied to: orders, creators, clicks, quotes, and what is asked about other orders."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from .instants import write_instant

Via = Literal["click", "code", "subscription", "lifetime"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order. price: of one unit, minor; discount: on the whole line, minor."""

    id: str
    price: int
    quantity: int
    discount: int = 0
    product: str | None = None
    category: str | None = None
    brand: str | None = None

    def to_document(self) -> dict[str, object]:
        """As in a scenario."""
        return _without_none(
            id=self.id, product=self.product, category=self.category, brand=self.brand,
            price=self.price, quantity=self.quantity, discount=self.discount,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Customer:
    """Who bought; what is not known equals nothing. new: None where the shop does not say."""

    id: str | None = None
    email: str | None = None
    new: bool | None = None


NOBODY = Customer()


@dataclass(frozen=True, slots=True)
class Subscription:
    """Which payment of a subscription an order is; number 1 is the first."""

    id: str
    number: int
    period_start: datetime


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """An order as the shop told it; amounts in minor units of its currency."""

    id: str
    at: datetime
    currency: str
    lines: tuple[Line, ...]
    discount: int = 0
    shipping: int = 0
    tax: int = 0
    visitor: str | None = None
    click: str | None = None
    code: str | None = None
    channel: str | None = None
    customer: Customer = NOBODY
    subscription: Subscription | None = None

    def to_document(self) -> dict[str, object]:
        """The `order` event of a scenario."""
        customer = _without_none(id=self.customer.id, email=self.customer.email, new=self.customer.new)
        subscription = self.subscription and {
            "id": self.subscription.id,
            "number": self.subscription.number,
            "period_start": write_instant(self.subscription.period_start),
        }
        return {"type": "order"} | _without_none(
            id=self.id, at=write_instant(self.at), currency=self.currency,
            lines=[line.to_document() for line in self.lines],
            discount=self.discount, shipping=self.shipping, tax=self.tax,
            visitor=self.visitor, click=self.click, code=self.code, channel=self.channel,
            customer=customer or None, subscription=subscription,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CreatorFacts:
    """A creator in one program. Enrolled from `enrolled_at` until, not including, `left_at`; None: always, never."""

    id: str
    email: str | None = None
    groups: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    recruited_by: str | None = None
    enrolled_at: datetime | None = None
    left_at: datetime | None = None

    def enrolled(self, at: datetime) -> bool:
        """Whether this creator takes part at that instant."""
        return (self.enrolled_at is None or self.enrolled_at <= at) and (self.left_at is None or at < self.left_at)

    def to_document(self) -> dict[str, object]:
        """The entry of a scenario's `creators`."""
        return _without_none(
            id=self.id, email=self.email, groups=list(self.groups) or None, codes=list(self.codes) or None,
            recruited_by=self.recruited_by,
            enrolled_at=self.enrolled_at and write_instant(self.enrolled_at),
            left_at=self.left_at and write_instant(self.left_at),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Click:
    """A visitor followed a creator's link. kind: the judged class; only "payable" ones earn."""

    id: str
    at: datetime
    creator: str
    visitor: str | None = None
    channel: str | None = None
    kind: str = "payable"

    def to_document(self) -> dict[str, object]:
        """The `click` event of a scenario."""
        document = _without_none(
            type="click", id=self.id, at=write_instant(self.at), creator=self.creator, visitor=self.visitor, channel=self.channel
        )
        return document | {"class": self.kind}


@dataclass(frozen=True, slots=True)
class FxQuote:
    """One `base` costs `rate` `quote` (decimal text, kept as quoted), known since `at`."""

    id: str
    at: datetime
    base: str
    quote: str
    rate: str

    def to_document(self) -> dict[str, object]:
        """The `fx` event of a scenario."""
        return {
            "type": "fx", "id": self.id, "at": write_instant(self.at), "base": self.base, "quote": self.quote, "rate": self.rate
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Share:
    """Who is credited, by what, with how many percent; `place` 1 is the click's part of a split, else 0.

    The place stays when the other part of a split was declined: it decides who gets a unit that is left over.
    """

    creator: str
    via: Via
    percent: str = "100"
    place: int = 0


@dataclass(frozen=True, slots=True)
class FirstPayment:
    """Of a subscription's payment number 1 that arrived first: who was credited, and which period it paid."""

    credited: tuple[Share, ...]
    period_start: datetime


class Creators(Protocol):
    """Looks creators up."""

    def creator(self, creator_id: str) -> CreatorFacts:
        """The creator with this id, who exists."""
        ...

    def owner_of(self, code: str) -> CreatorFacts | None:
        """The creator who owns this code, compared case-folded."""
        ...


class Roster:
    """Creators in memory."""

    def __init__(self, creators: Iterable[CreatorFacts]) -> None:
        self._by_id = {creator.id: creator for creator in creators}
        self._by_code = {code.casefold(): creator for creator in self._by_id.values() for code in creator.codes}

    def creator(self, creator_id: str) -> CreatorFacts:
        """The creator with this id, who exists."""
        return self._by_id[creator_id]

    def owner_of(self, code: str) -> CreatorFacts | None:
        """The creator who owns this code, compared case-folded."""
        return self._by_code.get(code.casefold())


class History(Protocol):
    """What terms may ask about the orders of the program that arrived earlier, as they stand now."""

    def first_payment(self, subscription_id: str) -> FirstPayment | None:
        """Payment number 1 of this subscription that arrived first."""
        ...

    def first_credited(self, customer_id: str) -> tuple[Share, ...]:
        """The shares of this customer's order that was the first to arrive and credited anybody."""
        ...

    def volume(self, creator_id: str, currency: str, start: datetime | None, end: datetime | None) -> int:
        """Sum of the base less refunds, by share, of this creator's credited orders with start <= at < end."""
        ...

    def payments(self, creator_id: str, subscription_id: str) -> int:
        """How many direct commissions above 0 this creator has on this subscription."""
        ...

    def budget_used(self, currency: str) -> int:
        """Sum of the amounts of all direct commissions on orders in this currency."""
        ...

    def newest_quote(self, one: str, other: str, at: datetime) -> FxQuote | None:
        """The newest known quote between two currencies, in either direction, not later than `at`; ties: the larger id."""
        ...


def _without_none(**values: object) -> dict[str, object]:
    return {key: value for key, value in values.items() if value is not None}
