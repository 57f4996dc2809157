"""The shelf under many hands: N buyers of k units, and exactly k succeed (I-21)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from socialshop.domain import catalog
from socialshop.kernel.clock import utcnow
from socialshop.kernel.database import transaction


def shelf(world, product):
    variant = world.variant_of(product)
    return variant.stock, variant.reserved


def test_reserve_release_sell_restock(room, world):
    product = world.product(world.brand(), stock=5)
    variant = world.variant_of(product)
    for work, quantity, after in [
        (catalog.reserve, 4, (5, 4)), (catalog.release, 1, (5, 3)), (catalog.sell, 2, (3, 1)), (catalog.restock, 2, (5, 1)),
    ]:  # fmt: skip
        with transaction():
            work(variant.id, quantity)
        assert shelf(world, product) == after


def test_what_was_read_before_is_not_stale_after(room, world):
    product = world.product(world.brand(), stock=5)
    with transaction():
        variant = catalog.live_variants(product.id)[0]
        catalog.reserve(variant.id, 2)
        assert variant.reserved == 2


@pytest.mark.parametrize(("left", "sentence"), [(2, "Only 2 of Kopi Gayo are left."), (0, "Kopi Gayo is sold out.")])
def test_too_many_are_refused_with_what_is_left(room, world, left, sentence):
    product = world.product(world.brand(), stock=left)
    with pytest.raises(catalog.SoldOut) as refusal, transaction():
        catalog.reserve(world.variant_of(product).id, 3)
    assert (refusal.value.left, str(refusal.value)) == (left, sentence)
    assert shelf(world, product) == (left, 0)


def test_nothing_moves_that_was_not_reserved(room, world):
    product = world.product(world.brand(), stock=5)
    variant = world.variant_of(product)
    for work in (catalog.release, catalog.sell):
        with pytest.raises(RuntimeError), transaction():
            work(variant.id, 1)
    for work in (catalog.reserve, catalog.release, catalog.sell, catalog.restock):
        for quantity in (0, -1):
            with pytest.raises(ValueError, match="at least one"), transaction():
                work(variant.id, quantity)
    assert shelf(world, product) == (5, 0)


def test_what_is_only_linked_cannot_be_reserved(room, world):
    product = world.product(world.brand(), sold_here=False, source_url="https://shop.test/x")
    with pytest.raises(catalog.SoldOut), transaction():
        catalog.reserve(world.variant_of(product).id, 1)


@pytest.mark.parametrize(("buyers", "units", "each"), [(12, 5, 1), (10, 7, 2)])
def test_as_many_buyers_succeed_as_there_are_units(app, world, buyers, units, each):
    product = world.product(world.brand(), stock=units)
    variant = world.variant_of(product)
    start = threading.Barrier(buyers)

    def buy(_n):
        with app.app_context():
            start.wait()
            try:
                with transaction():
                    catalog.reserve(variant.id, each)
            except catalog.SoldOut:
                return False
            return True

    with ThreadPoolExecutor(buyers) as pool:
        bought = list(pool.map(buy, range(buyers)))
    assert sum(bought) == units // each
    assert shelf(world, product) == (units, units // each * each)


def test_a_recount_against_buyers_never_undercuts_them(app, world):
    product = world.product(world.brand(), stock=6)
    variant = world.variant_of(product)
    start, outcome = threading.Barrier(9), []

    def buy():
        with app.app_context():
            start.wait()
            try:
                with transaction():
                    catalog.reserve(variant.id, 1)
                outcome.append("bought")
            except catalog.SoldOut:
                outcome.append("sold out")

    def recount():
        with app.app_context():
            start.wait()
            stated = catalog.VariantDraft(variant=variant.public_id, price_minor=1, stock=2, stock_seen=6)
            try:
                with transaction():
                    found = catalog.find_product(product.public_id)
                    catalog.edit(found, catalog.ProductDraft(title="Kopi", variants=(stated,)), now=utcnow())
                outcome.append("counted")
            except (catalog.StockReserved, catalog.StockMoved):
                outcome.append("refused")

    threads = [threading.Thread(target=buy) for _ in range(8)] + [threading.Thread(target=recount)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stock, reserved = shelf(world, product)
    assert len(outcome) == 9
    assert reserved == outcome.count("bought") <= stock
    assert (stock, reserved) in ({(2, 2)} if "counted" in outcome else {(6, 6)})
