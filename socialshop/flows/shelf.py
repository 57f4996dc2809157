"""Whether shelf and orders agree on what is reserved: read-only, for `verify`."""

from __future__ import annotations

from sqlalchemy import or_, select

from ..domain import catalog, orders
from ..kernel.database import session


def discrepancies() -> list[tuple[str, str, str]]:
    """I-21: what the shelf has set aside is what open orders hold; (invariant, public id, sentence) where it is not."""
    held = orders.held_by_variant()
    query = select(catalog.Variant.id, catalog.Variant.public_id, catalog.Variant.reserved)
    rows = session().execute(query.where(or_(catalog.Variant.reserved != 0, catalog.Variant.id.in_(list(held)))))
    return [
        ("I-21", public_id, f"{reserved} are reserved on the shelf, orders hold {held.get(variant_id, 0)}")
        for variant_id, public_id, reserved in rows
        if reserved != held.get(variant_id, 0)
    ]
