"""A visitor's cart becomes orders, one per brand: all of them with their stock, or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..domain import catalog, orders
from ..domain.audit import Actor
from ..kernel import faults, jobs
from ..kernel.database import transaction
from ..kernel.errors import N_, Conflict, FieldError, Invalid
from . import basket as baskets
from . import order_letters
from .basket import Basket, Parcel


class CartEmpty(Conflict):
    """Nothing to order: the cart was emptied, or ordered already."""

    code = "cart_empty"
    message = N_("Your cart is empty.")


class NotEnough(Conflict):
    """Less is left than was wanted; `short` tells of what, and how many are left."""

    code = "sold_out"
    message = N_("Somebody was faster: not enough is left of what you picked. Nothing was ordered.")

    def __init__(self, short: list[baskets.Line]) -> None:
        self.short = short
        super().__init__()


class TotalChanged(Conflict):
    """It would cost more than the buyer was shown."""

    code = "total_changed"
    message = N_("The total has changed in the meantime. Please look at it once more.")


class CodeRefused(Invalid):
    """A code that gives nothing here."""

    code = "code_refused"
    message = N_("We don't know the code {text}. Remove it to go on without.")
    elsewhere = N_("The code {text} is for another seller. Remove it to go on without.")

    def __init__(self, code: baskets.Code) -> None:
        sentence = self.elsewhere if code.state == "elsewhere" else self.message
        super().__init__(sentence, fields=[FieldError("code", self.code, sentence)], text=code.text)


class MethodRefused(Invalid):
    """A way to pay that this brand does not offer."""

    code = "method_refused"
    message = N_("Please choose how to pay {brand}.")

    def __init__(self, parcel: Parcel) -> None:
        super().__init__(
            fields=[FieldError(f"method-{parcel.brand.public_id}", self.code, self.message)], brand=parcel.brand.name
        )


@dataclass(frozen=True, slots=True)
class Wish:
    """What a buyer has sent. `key` is of their form: the same form sent twice is one checkout.

    methods, seen: by the brand's public id; `seen` is the total in minor units that the buyer was shown. code_from: "typed"
    by the buyer, or "filled" in for them.
    """

    cart_id: int
    key: str
    buyer: orders.Buyer
    methods: Mapping[str, str]
    seen: Mapping[str, int]
    code: str = ""
    code_from: str = ""
    visitor: str = ""
    click_id: str = ""


def place(wish: Wish, *, pay_within: timedelta, now: datetime, actor: Actor) -> list[orders.Order]:
    """Order what is in the cart. The same form again answers with the orders it has made.

    CartEmpty, NotEnough, TotalChanged, CodeRefused, MethodRefused: nothing has happened, the cart is as it was.
    """
    key = f"{wish.cart_id}:{wish.key}"
    with transaction():
        if orders.lock_cart(wish.cart_id) is None:
            raise CartEmpty
        done = orders.orders_of_checkout(key)
        if done:
            return done
        basket = baskets.of_cart(wish.cart_id, wish.code, now=now)
        _refuse(basket, wish)
        _reserve(basket)
        placed = [
            _place(parcel, wish, key, pay_within, now, actor) for parcel in sorted(basket.parcels, key=lambda p: p.brand.id)
        ]
        faults.point("checkout.after_hold")
        orders.empty(wish.cart_id, [line.variant_id for line in basket.lines], now=now)
        for order in placed:
            order_letters.placed(order, now=now)
    return placed


def _refuse(basket: Basket, wish: Wish) -> None:
    if not basket.parcels:
        raise CartEmpty
    if basket.short:
        raise NotEnough(basket.short)
    if basket.code.state in ("unknown", "elsewhere"):
        raise CodeRefused(basket.code)
    for parcel in basket.parcels:
        if wish.methods.get(parcel.brand.public_id) not in parcel.methods:
            raise MethodRefused(parcel)
        if parcel.totals.total_minor > wish.seen.get(parcel.brand.public_id, -1):
            raise TotalChanged


def _reserve(basket: Basket) -> None:
    # always in this order, so that two checkouts wait for each other instead of deadlocking
    for line in sorted(basket.lines, key=lambda line: line.variant_id):
        try:
            catalog.reserve(line.variant_id, line.quantity)
        except catalog.SoldOut as error:
            raise NotEnough([replace(line, available=error.left)]) from error


def _place(parcel: Parcel, wish: Wish, key: str, pay_within: timedelta, now: datetime, actor: Actor) -> orders.Order:
    method = wish.methods[parcel.brand.public_id]
    order = orders.place(
        orders.NewOrder(
            brand_id=parcel.brand.id,
            brand_ref=parcel.brand.public_id,
            checkout_key=key,
            method=method,
            currency=parcel.currency,
            lines=tuple(_line(number, line) for number, line in enumerate(parcel.lines, start=1)),
            buyer=wish.buyer,
            discount_minor=parcel.totals.discount_minor,
            shipping_minor=parcel.totals.shipping_minor,
            code=parcel.code,
            code_from=wish.code_from,
            visitor=wish.visitor,
            click_id=wish.click_id,
            expires_at=now + pay_within if method == "transfer" else None,
        ),
        now=now,
        actor=actor,
    )
    orders.hold(order.id, {line.variant_id: line.quantity for line in parcel.lines})
    if order.expires_at is not None:
        jobs.add(
            "order.expire", {"order": order.id}, key=f"order.expire:{order.public_id}", now=now, run_at=order.expires_at,
            tenant=parcel.brand.public_id,
        )  # fmt: skip
    return order


def _line(number: int, line: baskets.Line) -> orders.NewLine:
    return orders.NewLine(
        key=f"l{number}",
        product_id=line.product_id,
        variant_id=line.variant_id,
        product_ref=line.product_ref,
        title=line.full_title,
        category=line.category,
        price_minor=line.price.minor,
        quantity=line.quantity,
    )
