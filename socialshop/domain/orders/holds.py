"""Stock reserved for orders. The shelf itself is the catalogue's; these rows say for whom, so that each hold ends once."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select, update

from ...kernel.database import session
from .models import StockHold


def hold(order_id: int, quantities: Mapping[int, int]) -> None:
    """Note what was reserved for a new order: variant → quantity."""
    session().add_all(StockHold(order_id=order_id, variant_id=variant, quantity=n) for variant, n in sorted(quantities.items()))
    session().flush()


def let_go(order_id: int) -> list[tuple[int, int]]:
    """End the order's holds unsold: (variant, quantity) to give back to the shelf; nothing the second time."""
    return _turn(order_id, "held", "released")


def sold(order_id: int) -> list[tuple[int, int]]:
    """End the order's holds by a sale: (variant, quantity) to take off the shelf; nothing the second time."""
    return _turn(order_id, "held", "sold")


def hold_again(order_id: int) -> list[tuple[int, int]]:
    """Take up holds that had been released, for money that came late: (variant, quantity) to reserve anew."""
    return _turn(order_id, "released", "held")


def held_by_variant() -> dict[int, int]:
    """How much of each variant is reserved for orders."""
    rows = session().execute(
        select(StockHold.variant_id, func.sum(StockHold.quantity)).where(StockHold.state == "held").group_by(StockHold.variant_id)
    )
    return {variant: int(quantity) for variant, quantity in rows}


def _turn(order_id: int, source: str, to: str) -> list[tuple[int, int]]:
    rows = session().execute(
        update(StockHold)
        .where(StockHold.order_id == order_id, StockHold.state == source)
        .values(state=to)
        .returning(StockHold.variant_id, StockHold.quantity)
        .execution_options(synchronize_session=False)
    )
    return sorted((variant, quantity) for variant, quantity in rows)  # always in this order, so that two orders never deadlock
