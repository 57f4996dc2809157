"""What `verify` asks of this room: read-only, over the whole database."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from ...kernel.database import session
from . import disputes, queries
from .models import Order, OrderLine, OrderStep, Refund, StockHold
from .moves import EDGES

_STATE_STEPS = ("paid", "cancelled", "expired", "refunded")


def discrepancies() -> list[tuple[str, str, str]]:
    """What does not hold: (invariant, public id, sentence). Empty when all is well."""
    return [*_totals(), *_refunds(), *_states(), *_holds(), *disputes.dispute_discrepancies()]


def _totals() -> Iterator[tuple[str, str, str]]:
    """I-23: what buyers were asked for here is what the lines come to."""
    for order in session().scalars(select(Order).where(Order.method != "outside").execution_options(yield_per=500)):
        asked = queries.totals_of(order).total_minor
        if asked != order.total_minor:
            yield "I-23", order.public_id, f"the lines come to {asked}, the buyer was asked for {order.total_minor}"


def _refunds() -> Iterator[tuple[str, str, str]]:
    """I-10: nobody got back more than was captured, and only what was captured."""
    edited = set(session().scalars(select(OrderStep.order_id).where(OrderStep.step == "edited")))
    for order_id in session().scalars(select(Refund.order_id).distinct()):
        order = queries.get(order_id)
        for row in queries.refunds_of(order_id):
            if row.amount_minor != sum(int(entry["amount"]) for entry in row.lines):
                yield "I-10", row.public_id, "its lines do not add up to its amount"
        if order.paid_at is None:
            yield "I-10", order.public_id, "it was refunded, but never paid"
        if order_id in edited:
            continue  # an edit may cut a line below what was given back for it before
        captured = queries.nets(order_id)
        for key, given in queries.refunded_of(order_id).items():
            if given > captured.get(key, 0):
                yield "I-10", order.public_id, f"line {key} was paid {captured.get(key, 0)} and refunded {given}"
        if sum(row.shipping_minor for row in queries.refunds_of(order_id)) > queries.totals_of(order).beside_minor:
            yield "I-10", order.public_id, "more shipping was given back than was paid"


def _states() -> Iterator[tuple[str, str, str]]:
    """I-11: the logged steps lead along declared edges to the state that the order is in."""
    stands: dict[int, str] = {}
    for step in session().execute(
        select(OrderStep.order_id, OrderStep.step)
        .where(OrderStep.step.in_(("placed", *_STATE_STEPS)))
        .order_by(OrderStep.id)
        .execution_options(yield_per=1000)
    ):
        if step.step == "placed":
            stands[step.order_id] = "awaiting"
            continue
        before = stands.get(step.order_id, "")
        if step.step not in EDGES.get(before, ()):
            yield "I-11", queries.get(step.order_id).public_id, f"it went from {before or 'nowhere'} to {step.step}"
        stands[step.order_id] = step.step
    for order_id, public_id, state in session().execute(select(Order.id, Order.public_id, Order.state)):
        if stands.get(order_id) != state:
            yield "I-11", public_id, f"it is {state}, but its last step says {stands.get(order_id, 'nothing')}"


def _holds() -> Iterator[tuple[str, str, str]]:
    """I-24: stock is held while an order waits, sold when it is paid, released when it is closed unpaid."""
    ends = {"awaiting": "held", "paid": "sold", "refunded": "sold", "cancelled": "released", "expired": "released"}
    rows = session().execute(
        select(Order.public_id, Order.state, StockHold.state).join(StockHold, StockHold.order_id == Order.id)
    )
    for public_id, state, hold in rows:
        if ends[state] != hold:
            yield "I-24", public_id, f"it is {state}, but its stock is {hold}"
    ordered: dict[tuple[int, int], int] = {}
    for order_id, variant_id, quantity in session().execute(
        select(OrderLine.order_id, OrderLine.variant_id, OrderLine.quantity).where(OrderLine.variant_id.is_not(None))
    ):
        if variant_id is not None:
            ordered[order_id, variant_id] = ordered.get((order_id, variant_id), 0) + quantity
    for order_id, variant_id, quantity in session().execute(select(StockHold.order_id, StockHold.variant_id, StockHold.quantity)):
        if ordered.pop((order_id, variant_id), 0) != quantity:
            yield (
                "I-21",
                queries.get(order_id).public_id,
                f"{quantity} of variant {variant_id} are held, which is not what was ordered",
            )
    for order_id, variant_id in ordered:
        yield "I-21", queries.get(order_id).public_id, f"variant {variant_id} was ordered, but never held"
