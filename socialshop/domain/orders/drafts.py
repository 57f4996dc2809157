"""Orders as values: what an outside store tells us, and what the engine is told of any order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A line as a store tells it; amounts in minor units. `key` is the store's line id."""

    key: str
    title: str
    price_minor: int
    quantity: int
    product_ref: str = ""
    category: str = ""
    discount_minor: int = 0


@dataclass(frozen=True, slots=True)
class Draft:
    """An order as a store tells it. Texts that are "" are absent."""

    remote_id: str
    number: str
    currency: str
    lines: tuple[DraftLine, ...]
    total_minor: int
    placed_at: datetime
    discount_minor: int = 0
    shipping_minor: int = 0
    tax_minor: int = 0
    paid_at: datetime | None = None
    buyer_name: str = ""
    buyer_email: str = ""
    buyer_phone: str = ""
    address: str = ""
    customer: str = ""
    customer_new: bool | None = None
    code: str = ""
    click_id: str = ""
    visitor: str = ""


@dataclass(frozen=True, slots=True)
class LineSnapshot:
    """A line as it stands now; `net_minor` is what was paid for it."""

    key: str
    product_ref: str
    title: str
    category: str
    price_minor: int
    quantity: int
    discount_minor: int
    net_minor: int


@dataclass(frozen=True, slots=True)
class OrderSnapshot:
    """The facts of an order as it stands now, without the unique digits. Texts that are "" are absent."""

    order_id: int
    public_id: str
    number: str
    brand_id: int
    connection_id: int | None
    program_id: int | None
    state: str
    at: datetime
    paid_at: datetime | None
    currency: str
    lines: tuple[LineSnapshot, ...]
    discount_minor: int
    shipping_minor: int
    tax_minor: int
    visitor: str
    click_id: str
    code: str
    customer: str
    customer_email: str
    customer_new: bool | None
