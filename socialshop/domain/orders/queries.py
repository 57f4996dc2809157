"""Questions about orders."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import func, select

from ...kernel.database import in_parts, session
from ...kernel.errors import NotFound
from ...kernel.vault import fingerprint
from . import rules
from .drafts import LineSnapshot, OrderSnapshot
from .models import Order, OrderLine, OrderStep, Refund


def get(order_id: int) -> Order:
    """The order with this internal key; NotFound without one."""
    found = session().get(Order, order_id)
    if found is None:
        raise NotFound
    return found


def find(public_id: str) -> Order | None:
    """The order with this public id."""
    return session().scalar(select(Order).where(Order.public_id == public_id))


def order_of(brand_id: int, public_id: str) -> Order:
    """A brand's order; another brand's is simply not found."""
    found = session().scalar(select(Order).where(Order.brand_id == brand_id, Order.public_id == public_id))
    if found is None:
        raise NotFound
    return found


def known_outside(connection_id: int, remote_ids: Collection[str]) -> set[str]:
    """Those of these that are orders of this store already."""
    found: set[str] = set()
    for part in in_parts(remote_ids):
        rows = select(Order.remote_id).where(Order.connection_id == connection_id, Order.remote_id.in_(part))
        found |= {remote_id for remote_id in session().scalars(rows) if remote_id is not None}
    return found


def by_token(token: str) -> Order:
    """The order whose page this token opens."""
    found = session().scalar(select(Order).where(Order.token_hash == fingerprint(token)))
    if found is None:
        raise NotFound
    return found


def orders_by_id(ids: Collection[int]) -> dict[int, Order]:
    """Orders by their internal keys."""
    return {order.id: order for order in session().scalars(select(Order).where(Order.id.in_(set(ids))))}


def lines_of(order_id: int) -> list[OrderLine]:
    """The order's lines as listed."""
    return list(session().scalars(select(OrderLine).where(OrderLine.order_id == order_id).order_by(OrderLine.position)))


def lines_by_order(order_ids: Collection[int]) -> dict[int, list[OrderLine]]:
    """The lines of several orders at once."""
    found: dict[int, list[OrderLine]] = {order_id: [] for order_id in order_ids}
    for line in session().scalars(select(OrderLine).where(OrderLine.order_id.in_(list(found))).order_by(OrderLine.position)):
        found[line.order_id].append(line)
    return found


def totals_of(order: Order) -> rules.Totals:
    """The sums that the buyer sees."""
    return rules.Totals(
        rules.goods(lines_of(order.id)), order.discount_minor, order.shipping_minor, order.tax_minor, order.unique_minor
    )


def nets(order_id: int) -> dict[str, int]:
    """What was paid for each line, by key."""
    return rules.nets(lines_of(order_id), get(order_id).discount_minor)


def refunds_of(order_id: int) -> list[Refund]:
    """The order's refunds as they were booked."""
    return list(session().scalars(select(Refund).where(Refund.order_id == order_id).order_by(Refund.id)))


def refund(refund_id: int) -> Refund:
    """The refund with this internal key; NotFound without one."""
    found = session().get(Refund, refund_id)
    if found is None:
        raise NotFound
    return found


def find_refund(order_id: int, key: str) -> Refund | None:
    """The refund booked under this key."""
    return session().scalar(select(Refund).where(Refund.order_id == order_id, Refund.key == key))


def refunded_of(order_id: int) -> dict[str, int]:
    """What was given back for each line so far."""
    given: dict[str, int] = {}
    for row in refunds_of(order_id):
        for entry in row.lines:
            given[entry["line"]] = given.get(entry["line"], 0) + int(entry["amount"])
    return given


def refunded_minor(order_id: int) -> int:
    """Everything given back so far, shipping and all."""
    return sum(row.amount_minor + row.shipping_minor for row in refunds_of(order_id))


def left_of(order_id: int) -> dict[str, int]:
    """What refunds may still take of each line; 0 where an edit has cut a line below what was given back for it."""
    given = refunded_of(order_id)
    return {key: max(0, net - given.get(key, 0)) for key, net in nets(order_id).items()}


def beside_left(order_id: int) -> int:
    """What is left of shipping, tax and unique digits."""
    given = sum(row.shipping_minor for row in refunds_of(order_id))
    return max(0, totals_of(get(order_id)).beside_minor - given)


def returnable_of(order_id: int) -> dict[str, int]:
    """How many pieces of each line may still go back on the shelf; 0 for what never came from ours."""
    back: dict[str, int] = {}
    for row in refunds_of(order_id):
        for entry in row.lines:
            back[entry["line"]] = back.get(entry["line"], 0) + int(entry.get("restock", 0))
    return {line.key: line.quantity - back.get(line.key, 0) if line.variant_id else 0 for line in lines_of(order_id)}


def steps_of(order_id: int) -> list[OrderStep]:
    """Everything that happened to the order, oldest first."""
    return list(session().scalars(select(OrderStep).where(OrderStep.order_id == order_id).order_by(OrderStep.id)))


def awaiting_of(brand_ids: Collection[int]) -> list[Order]:
    """Orders of these brands that still wait for their money, newest first."""
    return list(
        session().scalars(
            select(Order)
            .where(Order.brand_id.in_(list(brand_ids)), Order.state == "awaiting")
            .order_by(Order.placed_at.desc(), Order.id.desc())
        )
    )


def count_awaiting(brand_id: int) -> int:
    """How many transfers a brand has to look for."""
    waiting = select(func.count(Order.id)).where(
        Order.brand_id == brand_id, Order.state == "awaiting", Order.method == "transfer"
    )
    return session().scalar(waiting) or 0


def facts(order_id: int) -> OrderSnapshot:
    """The facts of an order as it stands, for whoever judges it."""
    order, lines = get(order_id), lines_of(order_id)
    paid_for = rules.nets(lines, order.discount_minor)
    return OrderSnapshot(
        order_id=order.id,
        public_id=order.public_id,
        number=order.number,
        brand_id=order.brand_id,
        connection_id=order.connection_id,
        program_id=order.program_id,
        state=order.state,
        at=order.placed_at,
        paid_at=order.paid_at,
        currency=order.currency,
        lines=tuple(_line(line, paid_for[line.key]) for line in lines),
        discount_minor=order.discount_minor,
        shipping_minor=order.shipping_minor,
        tax_minor=order.tax_minor,
        visitor=order.visitor,
        click_id=order.click_id,
        code=order.code,
        customer=order.customer,
        customer_email=order.buyer_email,
        customer_new=order.customer_new,
    )


def set_program(order_id: int, program_id: int) -> None:
    """Note whose terms decide about this order."""
    get(order_id).program_id = program_id


def siblings_of(order: Order) -> Sequence[Order]:
    """Orders of other brands made by the same checkout."""
    if order.checkout_key is None:
        return []
    return list(
        session().scalars(select(Order).where(Order.checkout_key == order.checkout_key, Order.id != order.id).order_by(Order.id))
    )


def _line(line: OrderLine, net: int) -> LineSnapshot:
    return LineSnapshot(
        line.key, line.product_ref, line.title, line.category, line.price_minor, line.quantity, line.discount_minor, net
    )
