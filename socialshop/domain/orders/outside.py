"""Orders bought in the brand's own store, as that store tells them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from ...kernel.database import session
from ...kernel.errors import N_, Conflict, Invalid, NotFound
from ...kernel.money import EXPONENTS
from ..audit import Actor
from . import rules
from .drafts import Draft, DraftLine
from .models import Order, OrderLine, OrderStep
from .moves import log


class NotAnOrder(Invalid):
    """A draft that no order can be made of; `why` says it in English for the review list."""

    code = "not_an_order"
    message = N_("This document can't be booked: {why}.")


class NotFromOutside(Conflict):
    """Only orders from outside may be stated anew."""

    code = "not_from_outside"
    message = N_("Order {number} was bought here and can't be rewritten.")


def find_outside(connection_id: int, remote_id: str) -> Order | None:
    """The order that this store calls `remote_id`."""
    return session().scalar(select(Order).where(Order.connection_id == connection_id, Order.remote_id == remote_id))


def record_outside(*, brand_id: int, connection_id: int, draft: Draft, now: datetime, actor: Actor) -> Order:
    """A new order as the store tells it, still awaiting its payment; or the one that is there, unchanged."""
    known = find_outside(connection_id, draft.remote_id)
    if known is not None:
        return known
    check(draft)
    order = Order(**values_of(draft), brand_id=brand_id, connection_id=connection_id)
    try:
        with session().begin_nested():
            session().add(order)
    except IntegrityError:  # the same document was being worked on twice
        known = find_outside(connection_id, draft.remote_id)
        if known is None:
            raise
        return known
    _write_lines(order.id, draft)
    log(order.id, "placed", now=now, actor=actor, total=draft.total_minor, currency=draft.currency, method="outside")
    return order


def edit_outside(order_id: int, draft: Draft, *, now: datetime, actor: Actor) -> OrderStep | None:
    """State lines, discount, shipping, tax and total anew; None where they are as they were.

    Refunds stay with the key of their line. The step keeps what was there before.
    """
    order = session().scalar(
        select(Order).where(Order.id == order_id).with_for_update().execution_options(populate_existing=True)
    )
    if order is None:
        raise NotFound
    if order.connection_id is None:
        raise NotFromOutside(number=order.number)
    if draft.currency != order.currency:
        raise NotAnOrder(why=f"its currency was {order.currency} and is now {draft.currency}")
    check(draft)
    before, after = _document_of(order), _document(draft)
    if before == after:
        return None
    session().execute(delete(OrderLine).where(OrderLine.order_id == order_id))
    _write_lines(order_id, draft)
    order.discount_minor, order.shipping_minor = draft.discount_minor, draft.shipping_minor
    order.tax_minor, order.total_minor = draft.tax_minor, draft.total_minor
    return log(order_id, "edited", now=now, actor=actor, before=before, after=after)


def values_of(draft: Draft) -> dict[str, Any]:
    """The columns of an order as the store tells it."""
    return {
        "number": draft.number[:40],
        "remote_id": draft.remote_id,
        "method": "outside",
        "currency": draft.currency,
        "discount_minor": draft.discount_minor,
        "shipping_minor": draft.shipping_minor,
        "tax_minor": draft.tax_minor,
        "total_minor": draft.total_minor,
        "buyer_name": draft.buyer_name[:120],
        "buyer_email": draft.buyer_email.strip().lower()[:254],
        "buyer_phone": draft.buyer_phone[:30],
        "address": draft.address,
        "visitor": draft.visitor[:60],
        "click_id": draft.click_id[:40],
        "code": draft.code.strip().casefold()[:60],
        "customer": draft.customer[:120],
        "customer_new": draft.customer_new,
        "placed_at": draft.placed_at,
    }


def line_values(line: DraftLine) -> dict[str, Any]:
    """The columns of a line as the store tells it."""
    return {
        "key": line.key,
        "product_ref": line.product_ref[:120],
        "title": line.title[:300],
        "category": line.category[:80],
        "price_minor": line.price_minor,
        "quantity": line.quantity,
        "discount_minor": line.discount_minor,
    }


def check(draft: Draft) -> None:
    """NotAnOrder where no order can be made of a draft."""
    if draft.currency not in EXPONENTS:
        raise NotAnOrder(why=f"the currency {draft.currency} is not known here")
    if not draft.lines:
        raise NotAnOrder(why="it has no lines")
    if len({line.key for line in draft.lines}) < len(draft.lines):
        raise NotAnOrder(why="two lines have the same id")
    for line in draft.lines:
        if line.quantity < 1:
            raise NotAnOrder(why=f"line {line.key} has no quantity")
        if line.price_minor < 0 or line.discount_minor < 0 or rules.worth(line) < 0:
            raise NotAnOrder(why=f"line {line.key} comes to less than nothing")
    if min(draft.discount_minor, draft.shipping_minor, draft.tax_minor, draft.total_minor) < 0:
        raise NotAnOrder(why="an amount is below zero")
    if draft.discount_minor > rules.goods(draft.lines):
        raise NotAnOrder(why="the discount is larger than the goods")


def _write_lines(order_id: int, draft: Draft) -> None:
    for position, line in enumerate(draft.lines):
        session().add(OrderLine(order_id=order_id, position=position, **line_values(line)))
    session().flush()


def _document(draft: Draft) -> dict[str, Any]:
    return _as_document(list(draft.lines), draft)


def _document_of(order: Order) -> dict[str, Any]:
    rows = session().scalars(select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.position))
    return _as_document(list(rows), order)


def _as_document(lines: list[Any], whole: Any) -> dict[str, Any]:
    each = ("key", "title", "product_ref", "category", "price_minor", "quantity", "discount_minor")
    sums = ("discount_minor", "shipping_minor", "tax_minor", "total_minor")
    return {
        "lines": [{name: getattr(line, name) for name in each} for line in lines],
        **{name: getattr(whole, name) for name in sums},
    }
