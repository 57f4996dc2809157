"""What a store tells us, in our words. Amounts are minor units of the order's currency; instants are aware UTC."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from ...kernel.clock import instant, rfc3339
from ...kernel.errors import Broken

Standing = Literal["awaiting", "paid", "cancelled"]


class Unusable(Broken):
    """A body that passed the signature but cannot be read at all; `code` and `facts` say why."""

    def __init__(self, code: str, **facts: object) -> None:
        self.code, self.facts = code, facts
        super().__init__(f"{code} {facts}" if facts else code)


@dataclass(frozen=True, slots=True)
class Label:
    """What the door notes on the envelope before anybody works on the letter."""

    topic: str
    key: str  # the same again is the same event; at most 200 characters
    business_key: str = ""  # what it is about, whatever number the delivery carries; "" where nothing tells
    object_id: str = ""  # the store's order id, "" where nothing tells
    told_at: datetime | None = None  # when the store says it last changed the thing
    delivery: Mapping[str, str] = field(default_factory=dict)  # ids of the delivery; no secrets, no signature
    known: bool = True  # False: a topic that concerns us not
    trouble: str = ""  # a code, where the content cannot be used


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that does not add up: a code for machines and the numbers side by side.

    A fact that is an amount is `{"minor": int, "currency": str}`; all else is text or a whole number.
    """

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoreLine:
    """So many of one thing. price × quantity − discount is the line's net without tax, to the unit."""

    key: str
    title: str
    price_minor: int
    quantity: int
    discount_minor: int = 0
    product_ref: str = ""
    sku: str = ""

    @property
    def net_minor(self) -> int:
        """What the buyer paid for this line, without tax and shipping."""
        return self.price_minor * self.quantity - self.discount_minor


@dataclass(frozen=True, slots=True)
class RefundedLine:
    """So many of one line given back; `net_minor` None where the store does not say how much that was."""

    line: str
    quantity: int
    net_minor: int | None


@dataclass(frozen=True, slots=True)
class StoreRefund:
    """Money given back: by lines, or as one amount over all goods (`amount_minor`, net), or all that is left (`full`)."""

    remote_order_id: str
    key: str  # unique within the order
    at: datetime
    lines: tuple[RefundedLine, ...] = ()
    amount_minor: int | None = None
    full: bool = False
    shipping_minor: int = 0
    restocked: bool = False
    reason: str = ""
    note: str = ""  # a code that says how the amount was found, where the store did not state it


@dataclass(frozen=True, slots=True)
class StoreOrder:
    """An order as the store last told it."""

    remote_id: str
    number: str
    currency: str
    placed_at: datetime
    lines: tuple[StoreLine, ...]
    standing: Standing
    discount_minor: int = 0  # of the whole order, in no line
    shipping_minor: int = 0
    tax_minor: int = 0
    was_paid: bool = False  # also where it is cancelled or refunded by now
    paid_at: datetime | None = None
    closed_at: datetime | None = None  # cancelled or failed
    refunds: tuple[StoreRefund, ...] = ()
    click: str = ""
    codes: tuple[str, ...] = ()
    customer_id: str = ""
    customer_new: bool | None = None  # as far as the store tells
    email: str = ""
    buyer: str = ""
    told_at: datetime | None = None
    stated: Mapping[str, Any] = field(default_factory=dict)  # totals and states exactly as the document gives them

    @property
    def net_minor(self) -> int:
        """All lines after discounts, without tax and shipping."""
        return sum(line.net_minor for line in self.lines) - self.discount_minor

    @property
    def goods(self) -> dict[str, Any]:
        """The part that a commission rests on, for comparing two tellings."""
        return {
            "currency": self.currency,
            "lines": [[line.key, line.price_minor, line.quantity, line.discount_minor] for line in self.lines],
            "discount": self.discount_minor,
            "shipping": self.shipping_minor,
            "tax": self.tax_minor,
        }

    @property
    def fingerprint(self) -> str:
        """Equal for two tellings of the same goods and the same stated totals."""
        stated = {name: value for name, value in self.stated.items() if not name.startswith("status")}
        return hashlib.sha256(json.dumps([self.goods, stated], sort_keys=True).encode()).hexdigest()

    def to_document(self) -> dict[str, Any]:
        """Plain JSON; see `order_from`."""
        return {
            "remote_id": self.remote_id, "number": self.number, "currency": self.currency, "placed_at": rfc3339(self.placed_at),
            "lines": [
                {
                    "key": line.key, "title": line.title, "price": line.price_minor, "quantity": line.quantity,
                    "discount": line.discount_minor, "product_ref": line.product_ref, "sku": line.sku,
                }
                for line in self.lines
            ],
            "standing": self.standing, "discount": self.discount_minor, "shipping": self.shipping_minor, "tax": self.tax_minor,
            "was_paid": self.was_paid, "paid_at": rfc3339(self.paid_at) if self.paid_at else None,
            "click": self.click, "codes": list(self.codes), "customer_id": self.customer_id,
            "customer_new": self.customer_new, "email": self.email,
            "buyer": self.buyer, "stated": dict(self.stated), "told_at": rfc3339(self.told_at) if self.told_at else None,
        }  # fmt: skip


def order_from(document: Mapping[str, Any]) -> StoreOrder:
    """The order that `to_document` wrote down (without refunds, which are told again by events of their own)."""
    return StoreOrder(
        remote_id=document["remote_id"],
        number=document["number"],
        currency=document["currency"],
        placed_at=instant(document["placed_at"]),
        lines=tuple(
            StoreLine(
                key=line["key"], title=line["title"], price_minor=line["price"], quantity=line["quantity"],
                discount_minor=line["discount"], product_ref=line["product_ref"], sku=line["sku"],
            )
            for line in document["lines"]
        ),
        standing=document["standing"],
        discount_minor=document["discount"],
        shipping_minor=document["shipping"],
        tax_minor=document["tax"],
        was_paid=document["was_paid"],
        paid_at=instant(document["paid_at"]) if document["paid_at"] else None,
        click=document["click"],
        codes=tuple(document["codes"]),
        customer_id=document["customer_id"],
        customer_new=document["customer_new"],
        email=document["email"],
        buyer=document["buyer"],
        told_at=instant(document["told_at"]) if document["told_at"] else None,
        stated=document["stated"],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problems:
    """An order that does not add up: what could be read of it, and everything that is wrong."""

    order: StoreOrder
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing for us in it; `code` says why."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


Telling = StoreOrder | StoreRefund | Problems | Ignored


class Store(Protocol):
    """One kind of store. All methods are pure: they read bytes and headers and touch nothing."""

    provider: str

    def verify(self, body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> bool:
        """Whether one of the live secrets signed these very bytes. No secret, no header, a malformed one: False."""

    def is_ping(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Whether this is the store's documented unsigned greeting, which is answered and not kept."""

    def label(self, body: bytes, headers: Mapping[str, str]) -> Label:
        """What to write on the envelope; never raises."""

    def is_refund(self, topic: str) -> bool:
        """Whether events of this topic refer to an order without telling it."""

    def read(self, body: bytes, topic: str, *, click_names: Sequence[str], order_body: bytes | None = None) -> Telling:
        """What the store says. `order_body`: the newest telling of the order that a refund refers to.

        Raises Unusable where not even an order id and currency can be made out.
        """
