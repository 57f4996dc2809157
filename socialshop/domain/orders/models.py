"""Orders, here or in the brand's own store, with everything that happened to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ...kernel.database import Model, UtcDateTime, primary_key, public_key
from ...kernel.vault import Sealed

# A transfer is told apart by its exact amount, so no two open ones of a brand may ask for the same. Only where digits
# were added: other currencies go by the order's number, and may well agree.
_OPEN_TRANSFER = text("state = 'awaiting' AND method = 'transfer' AND unique_minor > 0")


class Cart(Model):
    """What a visitor has picked; found by a token in a cookie, kept as its hash."""

    __tablename__ = "carts"

    id: Mapped[int] = primary_key()
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    code: Mapped[str | None] = mapped_column(String(30))  # None: never said; "": taken out by the buyer
    code_typed: Mapped[bool] = mapped_column(default=False)  # by the buyer, or taken out; else a link or page filled it in
    code_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CartItem(Model):
    """So many of one variant."""

    __tablename__ = "cart_items"
    __table_args__ = (UniqueConstraint("cart_id", "variant_id"), CheckConstraint("quantity > 0", name="quantity"))

    id: Mapped[int] = primary_key()
    cart_id: Mapped[int] = mapped_column(ForeignKey("carts.id"))
    variant_id: Mapped[int] = mapped_column(ForeignKey("variants.id"))
    quantity: Mapped[int]


class Order(Model):
    """One order of one brand. `placed_at` is the engine's order.at; it arrives there when paid.

    State: awaiting → paid, cancelled or expired; paid → refunded when nothing of the goods is left; money that comes late
    takes an expired or cancelled order to paid. `fulfilment` goes its own way beside it. The edges are in `moves.py`.
    Amounts are minor units of `currency`, as the buyer was told.
    """

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint("state IN ('awaiting', 'paid', 'cancelled', 'expired', 'refunded')", name="state"),
        CheckConstraint("fulfilment IN ('none', 'packed', 'shipped', 'delivered')", name="fulfilment"),
        CheckConstraint("method IN ('transfer', 'cod', 'outside')", name="method"),
        CheckConstraint("discount_minor >= 0 AND shipping_minor >= 0 AND tax_minor >= 0 AND total_minor >= 0", name="amounts"),
        CheckConstraint("unique_minor >= 0 AND unique_minor <= 999", name="unique_minor"),
        UniqueConstraint("connection_id", "remote_id"),
        UniqueConstraint("checkout_key", "brand_id"),
        Index("ix_orders_brand_placed", "brand_id", "placed_at"),
        Index("ix_orders_brand_buyer", "brand_id", "buyer_email"),
        Index(
            "uq_orders_open_transfer_amount",
            "brand_id",
            "currency",
            "total_minor",
            unique=True,
            sqlite_where=_OPEN_TRANSFER,
            postgresql_where=_OPEN_TRANSFER,
        ),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("ord")
    token: Mapped[str | None] = mapped_column(Sealed)  # the buyer's page is /o/<token>; sealed, since letters name it again
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)  # found by this; None where bought elsewhere
    number: Mapped[str] = mapped_column(String(40))  # as people say it: "SS-1007" or the store's own
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    connection_id: Mapped[int | None] = mapped_column(ForeignKey("connections.id"))  # None: bought here
    remote_id: Mapped[str | None] = mapped_column(String(80))
    checkout_key: Mapped[str | None] = mapped_column(String(120))  # one order per checkout and brand: a double tap is one order
    state: Mapped[str] = mapped_column(String(10), default="awaiting")
    method: Mapped[str] = mapped_column(String(10))
    fulfilment: Mapped[str] = mapped_column(String(10), default="none")
    carrier: Mapped[str] = mapped_column(String(40), default="")
    tracking: Mapped[str] = mapped_column(String(80), default="")
    currency: Mapped[str] = mapped_column(String(3))
    discount_minor: Mapped[int] = mapped_column(default=0)  # of the whole order
    shipping_minor: Mapped[int] = mapped_column(default=0)
    tax_minor: Mapped[int] = mapped_column(default=0)
    unique_minor: Mapped[int] = mapped_column(default=0)  # the few extra rupiah that tell a transfer apart
    total_minor: Mapped[int]
    buyer_name: Mapped[str] = mapped_column(String(120), default="")
    buyer_email: Mapped[str] = mapped_column(String(254), default="")
    buyer_phone: Mapped[str] = mapped_column(String(30), default="")
    address: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    locale: Mapped[str] = mapped_column(String(5), default="id")
    visitor: Mapped[str] = mapped_column(String(60), default="")
    click_id: Mapped[str] = mapped_column(String(40), default="")  # public id of a click named by the order
    code: Mapped[str] = mapped_column(String(60), default="")
    code_from: Mapped[str] = mapped_column(String(6), default="")  # "typed" by the buyer, "filled" in for them; "": not known
    customer: Mapped[str] = mapped_column(String(120), default="")  # the store's id or a keyed hash of the buyer's address
    customer_new: Mapped[bool | None]
    program_id: Mapped[int | None] = mapped_column(
        ForeignKey("programs.id")
    )  # whose terms decide; set when it arrives at the engine
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # until then stock is reserved and payment awaited
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # cancelled, expired or wholly refunded


class OrderLine(Model):
    """So many of one thing at a price. `key` is the line's id for the engine and for refunds."""

    __tablename__ = "order_lines"
    __table_args__ = (
        UniqueConstraint("order_id", "key"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("price_minor >= 0 AND discount_minor >= 0 AND discount_minor <= price_minor * quantity", name="amounts"),
    )

    id: Mapped[int] = primary_key()
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    key: Mapped[str] = mapped_column(String(80))
    position: Mapped[int] = mapped_column(default=0)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id"))
    variant_id: Mapped[int | None] = mapped_column(ForeignKey("variants.id"), index=True)
    product_ref: Mapped[str] = mapped_column(String(120), default="")  # what the engine calls the product
    title: Mapped[str] = mapped_column(String(300))
    category: Mapped[str] = mapped_column(String(80), default="")
    price_minor: Mapped[int]
    quantity: Mapped[int]
    discount_minor: Mapped[int] = mapped_column(default=0)  # the line's own


class StockHold(Model):
    """Stock reserved for an order: held → sold or released, once; money that comes late takes released → held again."""

    __tablename__ = "stock_holds"
    __table_args__ = (
        UniqueConstraint("order_id", "variant_id"),
        CheckConstraint("state IN ('held', 'sold', 'released')", name="state"),
    )

    id: Mapped[int] = primary_key()
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    variant_id: Mapped[int] = mapped_column(ForeignKey("variants.id"), index=True)
    quantity: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default="held")


class Refund(Model):
    """Money given back to a buyer, line by line, net of discount; booked once per order and key."""

    __tablename__ = "refunds"
    __table_args__ = (
        UniqueConstraint("order_id", "key"),
        CheckConstraint("amount_minor >= 0 AND shipping_minor >= 0", name="amounts"),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("ref")
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    key: Mapped[str] = mapped_column(String(120))  # the store's refund id, or the form's own key
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # [{"line": key, "amount": minor, "restock": units}]
    amount_minor: Mapped[int]  # sum over lines, net
    shipping_minor: Mapped[int] = mapped_column(
        default=0
    )  # shipping, tax and unique digits given back; no commission hangs on it
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(120), default="")


class OrderStep(Model):
    """Each move of an order along its edges, and who moved it."""

    __tablename__ = "order_steps"

    id: Mapped[int] = primary_key()
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    step: Mapped[str] = mapped_column(String(40))  # "placed", "paid", "packed", "shipped", "refunded", …
    actor: Mapped[str] = mapped_column(String(120))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
