"""Placing an order here: prices, discount and shipping come from our side only."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ...kernel.database import session
from ...kernel.vault import fingerprint, keyed, new_token
from ..audit import Actor
from . import rules
from .models import Order, OrderLine
from .moves import log

FIRST_NUMBER = 1000
_RECENT = timedelta(days=7)  # a transfer for an order that closed in the meantime rarely comes later than that
_TRIES = 25


@dataclass(frozen=True, slots=True)
class NewLine:
    """A thing picked, at the price of this moment."""

    key: str
    product_id: int
    variant_id: int
    product_ref: str
    title: str
    category: str
    price_minor: int
    quantity: int
    discount_minor: int = 0


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys, and where it goes. `phone` is +digits; `email` is lower case."""

    name: str
    email: str
    phone: str
    address: str
    note: str = ""
    locale: str = "id"


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order of one brand, ready to be placed."""

    brand_id: int
    brand_ref: str  # the brand's public id
    checkout_key: str
    method: str
    currency: str
    lines: tuple[NewLine, ...]
    buyer: Buyer
    discount_minor: int = 0
    shipping_minor: int = 0
    code: str = ""
    code_from: str = ""
    visitor: str = ""
    click_id: str = ""
    expires_at: datetime | None = None


def place(new: NewOrder, *, now: datetime, actor: Actor) -> Order:
    """Write the order with its lines; a bank transfer gets an amount that no other open one of the brand has."""
    rules.nets(new.lines, new.discount_minor)  # refuses a discount larger than the goods
    order = _insert(new, now)
    order.number = f"SS-{FIRST_NUMBER + order.id}"
    for position, line in enumerate(new.lines):
        session().add(
            OrderLine(
                order_id=order.id,
                key=line.key,
                position=position,
                product_id=line.product_id,
                variant_id=line.variant_id,
                product_ref=line.product_ref,
                title=line.title[:300],
                category=line.category,
                price_minor=line.price_minor,
                quantity=line.quantity,
                discount_minor=line.discount_minor,
            )
        )
    log(order.id, "placed", now=now, actor=actor, total=order.total_minor, currency=order.currency, method=order.method)
    return order


def orders_of_checkout(checkout_key: str) -> list[Order]:
    """What this checkout has already made: one order per brand."""
    return list(session().scalars(select(Order).where(Order.checkout_key == checkout_key).order_by(Order.id)))


def _insert(new: NewOrder, now: datetime) -> Order:
    customer = _customer_of(new)
    for attempt in range(1, _TRIES + 1):
        totals = _totals(new, now)
        try:
            with session().begin_nested():
                order = _order(new, totals, customer, now)
                session().add(order)
        except IntegrityError:
            # another checkout has just taken this very amount; the database is the judge, and we pick again
            if totals.unique_minor == 0 or attempt == _TRIES:
                raise
        else:
            return order
    raise AssertionError("the last try either returns or raises")


def _totals(new: NewOrder, now: datetime) -> rules.Totals:
    goods = rules.goods(new.lines)
    base = rules.Totals(goods, new.discount_minor, new.shipping_minor)
    if new.method != "transfer":
        return base
    mine = select(Order.total_minor).where(
        Order.brand_id == new.brand_id, Order.currency == new.currency, Order.method == "transfer"
    )
    extra = rules.unique_amount(
        base.total_minor,
        new.currency,
        set(session().scalars(mine.where(Order.state == "awaiting"))),
        set(session().scalars(mine.where(Order.placed_at > now - _RECENT))),
        start=secrets.randbelow(rules.UNIQUE_MOST),
    )
    return rules.Totals(goods, new.discount_minor, new.shipping_minor, unique_minor=extra)


def _order(new: NewOrder, totals: rules.Totals, customer: str, now: datetime) -> Order:
    token = new_token()
    return Order(
        token=token,
        token_hash=fingerprint(token),
        number="",
        brand_id=new.brand_id,
        checkout_key=new.checkout_key,
        method=new.method,
        currency=new.currency,
        discount_minor=totals.discount_minor,
        shipping_minor=totals.shipping_minor,
        unique_minor=totals.unique_minor,
        total_minor=totals.total_minor,
        buyer_name=new.buyer.name,
        buyer_email=new.buyer.email,
        buyer_phone=new.buyer.phone,
        address=new.buyer.address,
        note=new.buyer.note,
        locale=new.buyer.locale,
        visitor=new.visitor,
        click_id=new.click_id,
        code=new.code,
        code_from=new.code_from if new.code else "",
        customer=customer,
        placed_at=now,
        expires_at=new.expires_at,
    )


def _customer_of(new: NewOrder) -> str:
    """The brand's name for this buyer: the one they had before, else a keyed hash of their address."""
    known = session().scalar(
        select(Order.customer)
        .where(
            Order.brand_id == new.brand_id,
            Order.buyer_email == new.buyer.email,
            Order.connection_id.is_(None),
            Order.customer != "",
        )
        .order_by(Order.id)
        .limit(1)
    )
    return known or "cus_" + keyed("customer", f"{new.brand_ref}\0{new.buyer.email}")[:24]
