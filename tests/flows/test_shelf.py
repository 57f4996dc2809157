"""Shelf and orders agree on what is reserved, and verify notices when they do not."""

from __future__ import annotations

import pytest

from socialshop.domain import catalog
from socialshop.flows import shelf
from socialshop.kernel.database import transaction


@pytest.mark.usefixtures("room")
def test_a_reservation_that_no_order_holds_is_found(world):
    product = world.product(world.brand(), stock=5)
    world.order((product, 2))
    assert shelf.discrepancies() == []
    variant = world.variant_of(product)
    with transaction():
        catalog.reserve(variant.id, 1)
    assert [finding[:2] for finding in shelf.discrepancies()] == [("I-21", variant.public_id)]
