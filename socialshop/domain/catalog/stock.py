"""The shelf: reserve, release, sell, restock. Each is one conditional update, so no two buyers get the same unit."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, exists, select, update

from ...kernel.database import session
from ...kernel.errors import N_, Conflict
from .models import Product, Variant


class SoldOut(Conflict):
    """Fewer are left than were asked for; `left` may be 0."""

    code = "sold_out"

    def __init__(self, variant_id: int, title: str, left: int) -> None:
        self.variant_id, self.title, self.left = variant_id, title, left
        super().__init__(N_("Only {left} of {title} are left.") if left else N_("{title} is sold out."))


class StockReserved(Conflict):
    """The shelf cannot hold less than what open orders have reserved."""

    code = "stock_reserved"
    message = N_("{reserved} of {title} are reserved by open orders, so the stock cannot be lower than {reserved}.")

    def __init__(self, variant: str, title: str, reserved: int) -> None:
        self.variant, self.title, self.reserved = variant, title, reserved
        super().__init__()


class StockMoved(Conflict):
    """The stock is no longer what the person saw."""

    code = "stock_moved"
    message = N_("Meanwhile the stock of {title} became {stock}. Please look again and correct it if needed.")

    def __init__(self, variant: str, title: str, stock: int) -> None:
        self.variant, self.title, self.stock = variant, title, stock
        super().__init__()


def reserve(variant_id: int, quantity: int) -> None:
    """Set `quantity` aside for an order, or SoldOut. With several lines, go by rising variant_id: no deadlock then."""
    for_sale = exists().where(Product.id == Variant.product_id, Product.state == "active", Product.sold_here)
    free = Variant.stock - Variant.reserved >= quantity
    if not _moved(variant_id, quantity, Variant.retired_at.is_(None), for_sale, free, reserved=Variant.reserved + quantity):
        raise _sold_out(variant_id)


def release(variant_id: int, quantity: int) -> None:
    """Put back what an order had set aside."""
    if not _moved(variant_id, quantity, Variant.reserved >= quantity, reserved=Variant.reserved - quantity):
        raise RuntimeError(f"variant {variant_id} has no {quantity} reserved to release")


def sell(variant_id: int, quantity: int) -> None:
    """Take off the shelf what an order had set aside."""
    values = {"stock": Variant.stock - quantity, "reserved": Variant.reserved - quantity}
    if not _moved(variant_id, quantity, Variant.reserved >= quantity, **values):
        raise RuntimeError(f"variant {variant_id} has no {quantity} reserved to sell")


def restock(variant_id: int, quantity: int) -> None:
    """Put returned units back on the shelf, even of a variant that is no longer sold."""
    if not _moved(variant_id, quantity, stock=Variant.stock + quantity):
        raise RuntimeError(f"there is no variant {variant_id}")


def count(variant: Variant, title: str, stock: int, *, seen: int | None) -> None:
    """Set what the brand has counted, if the shelf is still as they `seen` it and open orders fit on it."""
    if stock == (variant.stock if seen is None else seen):
        return  # not touched by the person, so sales that happened meanwhile stay
    unmoved = [] if seen is None else [Variant.stock == seen]
    if _changed(variant.id, Variant.reserved <= stock, *unmoved, stock=stock):
        return
    now = session().get_one(Variant, variant.id, populate_existing=True)
    if now.reserved > stock:
        raise StockReserved(now.public_id, title, now.reserved)
    raise StockMoved(now.public_id, title, now.stock)


def _moved(variant_id: int, quantity: int, *conditions: ColumnElement[bool], **values: Any) -> bool:
    if quantity < 1:
        raise ValueError("at least one unit moves")
    return _changed(variant_id, *conditions, **values)


def _changed(variant_id: int, *conditions: ColumnElement[bool], **values: Any) -> bool:
    found = session().scalar(
        update(Variant)
        .where(Variant.id == variant_id, *conditions)
        .values(**values)
        .returning(Variant.id)
        .execution_options(synchronize_session=False)
    )
    known = session().identity_map.get(session().identity_key(Variant, variant_id))
    if known is not None:
        session().expire(known, ["stock", "reserved"])
    return found is not None


def _sold_out(variant_id: int) -> SoldOut:
    query = select(Variant, Product).join(Product, Product.id == Variant.product_id).where(Variant.id == variant_id)
    variant, product = session().execute(query.execution_options(populate_existing=True)).one()
    gone = variant.retired_at is not None or product.state != "active" or not product.sold_here
    name = f"{product.title} ({variant.name})" if variant.name else product.title
    return SoldOut(variant_id, name, 0 if gone else variant.stock - variant.reserved)
