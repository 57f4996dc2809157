"""How an order moves: only along these edges, by a conditional update, each move logged with its actor."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select, update

from ...kernel.database import session
from ...kernel.errors import N_, Conflict, NotFound
from ..audit import Actor
from .models import Order, OrderStep

EDGES: Mapping[str, frozenset[str]] = {
    "awaiting": frozenset({"paid", "cancelled", "expired"}),
    "expired": frozenset({"paid"}),  # the transfer came late; stock is taken again first
    "cancelled": frozenset({"paid"}),  # likewise, and stores do reopen orders
    "paid": frozenset({"refunded"}),
    "refunded": frozenset(),
}
FULFILMENT_EDGES: Mapping[str, frozenset[str]] = {
    "none": frozenset({"packed", "shipped"}),
    "packed": frozenset({"shipped"}),
    "shipped": frozenset({"delivered"}),
    "delivered": frozenset(),
}


class NotAlongAnEdge(Conflict):
    """The order is not in a state from which it may go there."""

    code = "order_moved"
    message = N_("Order {number} has moved on in the meantime. Please look again.")

    def __init__(self, order: Order) -> None:
        super().__init__(number=order.number, state=order.state)


class NotToBeShipped(Conflict):
    """Neither paid nor cash on delivery, or further along already."""

    code = "not_to_be_shipped"
    message = N_("Order {number} can't take this step now. It must be paid or cash on delivery, one step at a time.")

    def __init__(self, order: Order) -> None:
        super().__init__(number=order.number)


def name_of(actor: Actor) -> str:
    """An actor as steps keep it."""
    return f"{actor.kind}:{actor.name}" + (f" ({actor.via})" if actor.via else "")


def log(order_id: int, step: str, *, now: datetime, actor: Actor, **facts: Any) -> OrderStep:
    """Write down a step of an order."""
    row = OrderStep(order_id=order_id, at=now, step=step, actor=name_of(actor)[:120], facts=facts)
    session().add(row)
    session().flush()
    return row


def mark_paid(order_id: int, *, now: datetime, actor: Actor, at: datetime | None = None) -> bool:
    """The money is there since `at`; False where that was known. Says whether the customer is new, once and for all."""
    row = _move(order_id, "paid", paid_at=at or now, closed_at=None)
    if row is None:
        return False
    order, came_from = row
    if order.connection_id is None and order.customer_new is None:
        order.customer_new = not _bought_before(order)
    log(order_id, "paid", now=now, actor=actor, was=came_from)
    return True


def mark_cancelled(order_id: int, *, now: datetime, actor: Actor, reason: str = "") -> bool:
    """Nobody waits for the money any more; False where that was so. Conflict for a paid order: that is a refund."""
    if _move(order_id, "cancelled", closed_at=now) is None:
        return False
    log(order_id, "cancelled", now=now, actor=actor, reason=reason)
    return True


def mark_expired(order_id: int, *, now: datetime, actor: Actor) -> bool:
    """The deadline has passed unpaid; False where the order is not waiting any more or still has time."""
    found = session().scalar(
        update(Order)
        .where(Order.id == order_id, Order.state == "awaiting", Order.expires_at <= now)
        .values(state="expired", closed_at=now)
        .returning(Order.id)
        .execution_options(synchronize_session=False)
    )
    if found is None:
        return False
    _fresh(order_id)
    log(order_id, "expired", now=now, actor=actor)
    return True


def mark_refunded(order_id: int, *, now: datetime, actor: Actor) -> bool:
    """Nothing of the goods is left with the buyer."""
    if _move(order_id, "refunded", closed_at=now) is None:
        return False
    log(order_id, "refunded", now=now, actor=actor)
    return True


def pack(order_id: int, *, now: datetime, actor: Actor) -> bool:
    """The parcel is ready."""
    return _ship(order_id, "packed", now=now, actor=actor)


def ship(order_id: int, *, carrier: str, tracking: str, now: datetime, actor: Actor) -> bool:
    """The parcel is with the carrier."""
    return _ship(order_id, "shipped", now=now, actor=actor, carrier=carrier, tracking=tracking)


def deliver(order_id: int, *, now: datetime, actor: Actor) -> bool:
    """The parcel has arrived."""
    return _ship(order_id, "delivered", now=now, actor=actor)


def _move(order_id: int, to: str, **values: Any) -> tuple[Order, str] | None:
    """The order and the state it came from, or None where it was there already; NotAlongAnEdge elsewhere."""
    sources = [state for state, targets in EDGES.items() if to in targets]
    for source in sources:
        found = session().scalar(
            update(Order)
            .where(Order.id == order_id, Order.state == source)
            .values(state=to, **values)
            .returning(Order.id)
            .execution_options(synchronize_session=False)
        )
        if found is not None:
            return _fresh(order_id), source
    order = _fresh(order_id)
    if order.state == to or (to == "paid" and order.state == "refunded"):
        return None
    raise NotAlongAnEdge(order)


def _ship(order_id: int, to: str, *, now: datetime, actor: Actor, **values: str) -> bool:
    sources = [state for state, targets in FULFILMENT_EDGES.items() if to in targets]
    found = session().scalar(
        update(Order)
        .where(
            Order.id == order_id,
            Order.fulfilment.in_(sources),
            Order.method != "outside",  # that is the store's to tell
            or_(Order.state == "paid", and_(Order.state == "awaiting", Order.method == "cod")),
        )
        .values(fulfilment=to, **values)
        .returning(Order.id)
        .execution_options(synchronize_session=False)
    )
    order = _fresh(order_id)
    if found is not None:
        log(order_id, to, now=now, actor=actor, **values)
        return True
    if order.fulfilment == to:
        return False
    raise NotToBeShipped(order)


def _fresh(order_id: int) -> Order:
    order = session().scalar(select(Order).where(Order.id == order_id).execution_options(populate_existing=True))
    if order is None:
        raise NotFound
    return order


def _bought_before(order: Order) -> bool:
    earlier = select(Order.id).where(
        Order.brand_id == order.brand_id,
        Order.customer == order.customer,
        Order.customer != "",
        Order.id != order.id,
        Order.paid_at.is_not(None),
    )
    return session().scalar(earlier.limit(1)) is not None
