"""A document that did not add up, decided by a person: it books the order and everything that waited for it, together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ..adapters.stores import Problems, StoreLine, StoreOrder, Unusable, order_from
from ..domain import audit, connections, orders, people
from ..domain.audit import Actor
from ..domain.connections import Connection, InboundEvent, Review, reason
from ..kernel.clock import rfc3339
from ..kernel.database import transaction
from ..kernel.errors import N_, FieldError, Invalid
from . import inbound, nodes, settle, store_order


@dataclass(frozen=True, slots=True)
class SetLine:
    """What a person says about one line; quantity 0 takes it off the order. Amounts in minor units."""

    key: str
    price_minor: int
    quantity: int
    discount_minor: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """The order as a person says it is. paid_at None: not paid yet."""

    lines: tuple[SetLine, ...]
    discount_minor: int = 0
    shipping_minor: int = 0
    tax_minor: int = 0
    paid_at: datetime | None = None
    note: str = ""

    def to_document(self) -> dict[str, Any]:
        """Plain JSON for the record."""
        return {
            "lines": [[line.key, line.price_minor, line.quantity, line.discount_minor] for line in self.lines],
            "discount": self.discount_minor, "shipping": self.shipping_minor, "tax": self.tax_minor,
            "paid_at": rfc3339(self.paid_at) if self.paid_at else None,
        }  # fmt: skip


def resolve(review: Review, decision: Decision, *, actor: Actor, now: datetime) -> orders.Order:
    """Book the order as decided, and work what waited for it. AlreadyDecided where somebody was faster; Invalid."""
    check(decision, order_from(review.proposal))
    nodes.hear_all(now=now)  # what was tapped before the order is known before it is judged
    with transaction():
        connection = connections.lock(review.connection_id)
        closed = connections.close_review(
            review.id, "resolved", resolution=decision.to_document(), reason=decision.note, by=actor.name, now=now
        )
        event = connections.get_event(closed.event_id)
        told = _as_decided(order_from(closed.proposal), decision, received_at=event.received_at)
        order = _book(connection, told, now=now, actor=actor)
        closed.order_id = order.id
        _note("order.resolved", closed, decision.to_document(), connection, actor=actor, reason=decision.note, now=now)
        told = replace(told, refunds=_refunds_in(connection, event))
        came = store_order.advance(connection, order.id, told, now=now)
        connections.settle_event(event, "worked", reason("resolved") if came["code"] == "unchanged" else came, now=now)
        inbound.work_parked(connection, told.remote_id, now=now)
    return order


def dismiss(review: Review, why: str, *, actor: Actor, now: datetime) -> None:
    """Leave the document alone, for a reason; what waited goes on waiting for an order. AlreadyDecided."""
    if not why.strip():
        raise Invalid(fields=[FieldError("reason", "required", N_("Say why, for whoever looks at it later."))])
    with transaction():
        connection = connections.lock(review.connection_id)
        closed = connections.close_review(review.id, "dismissed", resolution={}, reason=why.strip(), by=actor.name, now=now)
        event = connections.get_event(closed.event_id)
        connections.settle_event(event, "ignored", reason("dismissed", reason=why.strip()), now=now)
        _note("order.dismissed", closed, {}, connection, actor=actor, reason=why.strip(), now=now)
        inbound.work_parked(connection, closed.remote_order_id, now=now)


def check(decision: Decision, told: StoreOrder) -> None:
    """Refuse what cannot be an order: all wrong fields at once."""
    known = {line.key for line in told.lines}
    wrong: list[FieldError] = []
    for place, line in enumerate(decision.lines):
        if line.key not in known or line.quantity < 0:
            wrong.append(FieldError(f"lines-{place}-quantity", "quantity", N_("A whole number, 0 to leave the line out.")))
        if line.price_minor < 0:
            wrong.append(FieldError(f"lines-{place}-price", "price", N_("A price is never below zero.")))
        if not 0 <= line.discount_minor <= max(line.price_minor * line.quantity, 0) and line.quantity > 0:
            wrong.append(FieldError(f"lines-{place}-discount", "discount", N_("The discount can’t be more than the line.")))
    left = [line for line in decision.lines if line.quantity > 0]
    if not left:
        wrong.append(FieldError("lines-0-quantity", "no_lines", N_("At least one line must be left.")))
    goods = sum(line.price_minor * line.quantity - line.discount_minor for line in left)
    if not 0 <= decision.discount_minor <= max(goods, 0):
        wrong.append(FieldError("discount", "discount", N_("The discount can’t be more than the goods.")))
    for field in ("shipping", "tax"):
        if getattr(decision, f"{field}_minor") < 0:
            wrong.append(FieldError(field, field, N_("An amount is never below zero.")))
    if wrong:
        raise Invalid(fields=wrong)


def _as_decided(told: StoreOrder, decision: Decision, *, received_at: datetime) -> StoreOrder:
    titles = {line.key: line for line in told.lines}
    lines = tuple(
        StoreLine(
            key=line.key, title=titles[line.key].title, price_minor=line.price_minor, quantity=line.quantity,
            discount_minor=line.discount_minor, product_ref=titles[line.key].product_ref, sku=titles[line.key].sku,
        )
        for line in decision.lines
        if line.quantity > 0
    )  # fmt: skip
    return replace(
        told,
        lines=lines,
        discount_minor=decision.discount_minor,
        shipping_minor=decision.shipping_minor,
        tax_minor=decision.tax_minor,
        placed_at=told.placed_at if told.placed_at.year > 1970 else received_at,
        was_paid=decision.paid_at is not None,
        paid_at=decision.paid_at,
        standing=told.standing if told.standing == "cancelled" else "paid" if decision.paid_at else "awaiting",
    )


def _book(connection: Connection, told: StoreOrder, *, now: datetime, actor: Actor) -> orders.Order:
    """The order as decided: new, or stated anew with what that does to its commissions."""
    draft = store_order.draft_of(connection, told)
    known = orders.find_outside(connection.id, told.remote_id)
    if known is None:
        return orders.record_outside(brand_id=connection.brand_id, connection_id=connection.id, draft=draft, now=now, actor=actor)
    step = orders.edit_outside(known.id, draft, now=now, actor=actor)
    if step is not None and known.state in ("paid", "refunded"):
        settle.edited(known.id, f"edit-{step.id}", now=now, at=now)
    return known


def _refunds_in(connection: Connection, event: InboundEvent) -> tuple[Any, ...]:
    """Refunds told inside the document itself (WooCommerce has no other way)."""
    try:
        told = inbound.read(connection, event)
    except Unusable:
        return ()
    if isinstance(told, Problems):
        return told.order.refunds
    return told.refunds if isinstance(told, StoreOrder) else ()


def _note(
    act: str, review: Review, after: dict[str, Any], connection: Connection, *, actor: Actor, reason: str, now: datetime
) -> None:
    told = order_from(review.proposal)
    before = {**told.goods, "standing": told.standing, "reasons": [item["code"] for item in review.reasons]}
    tenant = people.get_brand(connection.brand_id).public_id
    audit.note(act, review.public_id, actor=actor, tenant=tenant, now=now, before=before, after=after, reason=reason)
