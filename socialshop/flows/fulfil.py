"""An order after it was placed: paid, packed, shipped, delivered; or cancelled, expired, given back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from ..domain import audit, catalog, orders, people
from ..domain.audit import SYSTEM, Actor
from ..kernel import faults
from ..kernel.database import transaction
from ..kernel.errors import N_, Conflict, FieldError, Invalid
from . import nodes, order_letters, settle

CART_KEPT = timedelta(days=90)


class AmountDiffers(Invalid):
    """What came is not what the order asks for."""

    code = "amount_differs"
    message = N_("The amount that came differs from the order's. Please settle it with the buyer first.")


class WrongMethod(Conflict):
    """A transfer is confirmed, cash is collected; an outside order is its store's to tell."""

    code = "wrong_method"
    message = N_("Order {number} is paid in another way.")


class LateAndSoldOut(Conflict):
    """Money came after the deadline, and the goods are gone by now."""

    code = "late_and_sold_out"
    message = N_("Order {number} had run out and its goods were sold meanwhile. Please give the money back to the buyer.")


class OnItsWay(Conflict):
    """Too late for a buyer to cancel."""

    code = "on_its_way"
    message = N_("Order {number} is paid or on its way already. Please ask the seller.")


def confirm_payment(order_id: int, *, amount: int, now: datetime, actor: Actor) -> bool:
    """The brand has seen the transfer of exactly `amount` minor units; False where it was confirmed before.

    For an order that ran out or was cancelled, stock is taken again first; LateAndSoldOut where there is none.
    """
    nodes.hear_all(now=now)  # what was tapped before the order is known before it is judged
    with transaction():
        order = orders.get(order_id)
        if order.method != "transfer":
            raise WrongMethod(number=order.number)
        if amount != order.total_minor:
            raise AmountDiffers(fields=[FieldError("amount", AmountDiffers.code, AmountDiffers.message)])
        return _paid(order, now=now, actor=actor)


def collect(order_id: int, *, now: datetime, actor: Actor) -> bool:
    """The cash on delivery is in; False where that was noted before."""
    nodes.hear_all(now=now)
    with transaction():
        order = orders.get(order_id)
        if order.method != "cod":
            raise WrongMethod(number=order.number)
        return _paid(order, now=now, actor=actor)


def _paid(order: orders.Order, *, now: datetime, actor: Actor) -> bool:
    before = order.state
    if not orders.mark_paid(order.id, now=now, actor=actor):
        return False
    try:
        for variant_id, quantity in orders.hold_again(order.id):
            catalog.reserve(variant_id, quantity)
    except catalog.SoldOut as error:
        raise LateAndSoldOut(number=order.number) from error
    for variant_id, quantity in orders.sold(order.id):
        catalog.sell(variant_id, quantity)
    settle.arrive(order.id, now=now, actor=actor)
    _audit(
        "order.paid", order, now=now, actor=actor, before={"state": before}, after={"state": "paid", "total": order.total_minor}
    )
    order_letters.paid(order, now=now)
    faults.point("checkout.after_payment_event_before_commit")
    return True


def return_late_payment(order_id: int, *, reason: str, now: datetime, actor: Actor) -> None:
    """Money came after the deadline and went back to the buyer: kept on record, since it never was the order's."""
    with transaction():
        order = orders.get(order_id)
        if order.state not in ("expired", "cancelled"):
            raise orders.NotAlongAnEdge(order)
        orders.log(order.id, "late_payment_returned", now=now, actor=actor, reason=reason)
        _audit("order.late_payment_returned", order, now=now, actor=actor, after={"total": order.total_minor}, reason=reason)


def pack(order_id: int, *, now: datetime, actor: Actor) -> bool:
    """The parcel is ready."""
    with transaction():
        changed = orders.pack(order_id, now=now, actor=actor)
        if changed:
            _audit("order.packed", orders.get(order_id), now=now, actor=actor)
        return changed


def ship(order_id: int, *, carrier: str, tracking: str, now: datetime, actor: Actor) -> bool:
    """The parcel is with the carrier; the buyer gets the tracking number."""
    with transaction():
        changed = orders.ship(order_id, carrier=carrier, tracking=tracking, now=now, actor=actor)
        if changed:
            order = orders.get(order_id)
            _audit("order.shipped", order, now=now, actor=actor, after={"carrier": carrier, "tracking": tracking})
            order_letters.shipped(order, now=now)
        return changed


def deliver(order_id: int, *, now: datetime, actor: Actor) -> bool:
    """The parcel has arrived."""
    with transaction():
        changed = orders.deliver(order_id, now=now, actor=actor)
        if changed:
            _audit("order.delivered", orders.get(order_id), now=now, actor=actor)
        return changed


def cancel(order_id: int, *, by: Literal["brand", "buyer"], reason: str = "", now: datetime, actor: Actor) -> bool:
    """Call off an unpaid order and give its stock back; False where that was done before.

    A buyer may until the parcel is on its way. A paid order is called off by the brand with a full refund.
    """
    with transaction():
        order = orders.get(order_id)
        if (
            by == "buyer"
            and order.state != "cancelled"
            and (order.state != "awaiting" or order.fulfilment in ("shipped", "delivered"))
        ):
            raise OnItsWay(number=order.number)
        if not orders.mark_cancelled(order_id, now=now, actor=actor, reason=reason):
            return False
        _release(order_id)
        _audit(
            "order.cancelled",
            order,
            now=now,
            actor=actor,
            before={"state": "awaiting"},
            after={"state": "cancelled"},
            reason=reason,
        )
        order_letters.cancelled(order, by=by, reason=reason, now=now)
        return True


def may_buyer_cancel(order: orders.Order) -> bool:
    """Until it is paid or on its way; once more for an order that is cancelled already, which changes nothing."""
    waiting = order.state == "awaiting" and order.fulfilment in ("none", "packed")
    return waiting or order.state == "cancelled"


def expire(payload: dict[str, Any], *, now: datetime) -> None:
    """The deadline has passed: close the order and give its stock back. Safe to repeat."""
    with transaction():
        order = orders.get(int(payload["order"]))
        if not orders.mark_expired(order.id, now=now, actor=SYSTEM):
            return
        faults.point("checkout.expiry.mid")
        _release(order.id)
        order_letters.expired(order, now=now)


def refund(
    order_id: int,
    *,
    key: str,
    reason: str,
    now: datetime,
    actor: Actor,
    lines: Mapping[str, int] | None = None,
    amount: int | None = None,
    full: bool = False,
    shipping: int = 0,
    restock: Mapping[str, int] | None = None,
) -> orders.Refund | None:
    """The brand has given money back: written down, taken from the commissions, told to the buyer. None: booked before."""
    with transaction():
        order = orders.get(order_id)
        if order.method == "outside":
            raise WrongMethod(number=order.number)
        booked = orders.record_refund(
            order_id, key=key, lines=lines, amount=amount, full=full, shipping=shipping, restock=restock, reason=reason,
            now=now, actor=actor,
        )  # fmt: skip
        if booked is None:
            return None
        _restock(order_id, booked)
        settle.give_back(booked.id, now=now, actor=actor)
        _audit(
            "order.refunded", order, now=now, actor=actor, reason=reason,
            after={"refund": booked.public_id, "goods": booked.amount_minor, "shipping": booked.shipping_minor},
        )  # fmt: skip
        order_letters.refunded(order, booked, now=now)
        return booked


def call_off(order_id: int, *, reason: str, restock: bool, now: datetime, actor: Actor) -> orders.Refund | None:
    """Cancel a paid order: everything is given back, and the goods go back on the shelf where they never left it."""
    pieces = orders.returnable_of(order_id) if restock else None
    return refund(order_id, key="called-off", full=True, restock=pieces, reason=reason, now=now, actor=actor)


def ask(order_id: int, *, message: str, now: datetime, actor: Actor) -> None:
    """A buyer's question, sent to the brand by mail; the same words twice are one letter."""
    with transaction():
        order = orders.get(order_id)
        orders.log(order_id, "asked", now=now, actor=actor)
        order_letters.question(order, message, now=now)


def tidy_carts(_payload: dict[str, Any], *, now: datetime) -> None:
    """Throw away carts that nobody came back to for ninety days."""
    with transaction():
        orders.forget_carts(now - CART_KEPT)


def _release(order_id: int) -> None:
    for variant_id, quantity in orders.let_go(order_id):
        catalog.release(variant_id, quantity)


def _restock(order_id: int, booked: orders.Refund) -> None:
    variants = {line.key: line.variant_id for line in orders.lines_of(order_id)}
    for entry in sorted(booked.lines, key=lambda entry: variants[entry["line"]] or 0):
        variant_id, pieces = variants[entry["line"]], int(entry["restock"])
        if variant_id is not None and pieces:
            catalog.restock(variant_id, pieces)


def _audit(act: str, order: orders.Order, *, now: datetime, actor: Actor, reason: str = "", **states: Any) -> None:
    brand = people.get_brand(order.brand_id)
    audit.note(act, order.public_id, actor=actor, tenant=brand.public_id, now=now, reason=reason, **states)
