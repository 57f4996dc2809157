"""From cart to orders: all with their stock, or nothing; the same tap once; never more than is on the shelf."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from socialshop.domain import catalog, clicks, links, orders, people, programs
from socialshop.domain.audit import Actor
from socialshop.flows import basket as baskets
from socialshop.flows import checkout
from socialshop.kernel import faults, jobs
from socialshop.kernel.clock import utcnow
from socialshop.kernel.database import db, end_reading, session, transaction

from ..conftest import START

BUYER = orders.Buyer("Budi", "budi@example.test", "+6281234567890", "Jl. Melati 5, Sleman, Yogyakarta")
ACTOR = Actor("buyer", "checkout")


@pytest.fixture(autouse=True)
def _disarmed():
    yield
    faults.arm("")


def shop(world, slug="senja", **facts):
    brand = world.brand(slug, shipping_minor=15_000, **facts)
    world.bank(brand)
    return brand


def wish(cart, *brands, key="tap", method="transfer", seen=10**15, **facts):
    ids = [brand.public_id for brand in brands]
    return checkout.Wish(
        cart_id=cart.id, key=key, buyer=BUYER, methods=dict.fromkeys(ids, method), seen=dict.fromkeys(ids, seen), **facts
    )


def place(wished):
    return checkout.place(wished, pay_within=timedelta(hours=24), now=utcnow(), actor=ACTOR)


def shelf(world, product):
    variant = world.variant_of(product)
    return variant.stock, variant.reserved


def count(model):
    end_reading()
    return session().scalar(select(func.count()).select_from(model))


@pytest.mark.usefixtures("room")
class TestPlacing:
    def test_prices_shipping_and_discount_come_from_our_side(self, world):
        brand = shop(world)
        product = world.product(brand, price=149_995, stock=5)
        cart, _ = world.cart((world.variant_of(product), 2))
        code = code_of(world, brand, "12.5")
        (order,) = place(wish(cart, brand, code=code.upper()))
        assert (order.discount_minor, order.shipping_minor, order.code) == (37_499, 15_000, code)  # half a unit up
        assert order.total_minor == 299_990 - 37_499 + 15_000 + order.unique_minor
        assert order.expires_at == START + timedelta(hours=24)
        assert shelf(world, product) == (5, 2)
        assert orders.items_of(cart.id) == []
        assert orders.discrepancies() == []

    def test_a_price_that_rose_is_shown_before_it_is_asked(self, world):
        brand = shop(world)
        product = world.product(brand, price=100_000)
        cart, _ = world.cart((world.variant_of(product), 1))
        with pytest.raises(checkout.TotalChanged):
            place(wish(cart, brand, seen=114_999))
        (order,) = place(wish(cart, brand, seen=115_000))
        assert order.total_minor - order.unique_minor == 115_000

    def test_a_mixed_cart_becomes_one_order_per_brand(self, world):
        senja, pagi = shop(world), shop(world, "pagi")
        one, two = world.product(senja, price=100_000), world.product(pagi, "Teh", price=50_000)
        cart, _ = world.cart((world.variant_of(one), 1), (world.variant_of(two), 2))
        placed = place(wish(cart, senja, pagi))
        assert {order.brand_id for order in placed} == {senja.id, pagi.id}
        assert [order.id for order in orders.siblings_of(placed[0])] == [placed[1].id]
        assert [[line.quantity for line in orders.lines_of(order.id)] for order in placed] == [[1], [2]]

    def test_a_code_counts_for_its_own_brand_only(self, world):
        senja, pagi = shop(world), shop(world, "pagi")
        one, two = world.product(senja, price=100_000), world.product(pagi, "Teh", price=50_000)
        code = code_of(world, senja, "10")
        cart, _ = world.cart((world.variant_of(one), 1), (world.variant_of(two), 1))
        placed = place(wish(cart, senja, pagi, code=code))
        assert [(order.code, order.discount_minor) for order in placed] == [(code, 10_000), ("", 0)]

    @pytest.mark.parametrize("typed", ["nobody", "-", "mia10x"])
    def test_an_unknown_code_is_said_and_nothing_is_ordered(self, world, typed):
        brand = shop(world)
        cart, _ = world.cart((world.variant_of(world.product(brand)), 1))
        with pytest.raises(checkout.CodeRefused):
            place(wish(cart, brand, code=typed))
        assert count(orders.Order) == 0

    def test_a_code_of_somebody_who_left_gives_nothing(self, world):
        brand = shop(world)
        code = code_of(world, brand, "10")
        with transaction() as current:
            enrollment = current.scalars(select(programs.Enrollment)).one()
            enrollment.state, enrollment.ended_at = "left", START
        assert baskets.judge_code(code, {brand.id}, now=START).state == "unknown"

    def test_only_ways_to_pay_that_the_brand_offers(self, world):
        brand = shop(world)
        cart, _ = world.cart((world.variant_of(world.product(brand)), 1))
        with pytest.raises(checkout.MethodRefused):
            place(wish(cart, brand, method="cod"))
        with pytest.raises(checkout.MethodRefused):
            place(wish(cart, brand, method="outside"))

    def test_cash_on_delivery_has_no_deadline_and_no_digits(self, world):
        brand = shop(world, cod=True)
        cart, _ = world.cart((world.variant_of(world.product(brand, price=100_000)), 1))
        (order,) = place(wish(cart, brand, method="cod"))
        assert (order.expires_at, order.total_minor) == (None, 115_000)

    def test_sold_out_is_told_with_what_is_left_and_the_cart_is_kept(self, world):
        brand = shop(world)
        one, two = world.product(brand, "Kopi", stock=5), world.product(brand, "Teh", stock=1)
        cart, _ = world.cart((world.variant_of(one), 1), (world.variant_of(two), 3))
        with pytest.raises(checkout.NotEnough) as refusal:
            place(wish(cart, brand))
        assert [(line.title, line.available) for line in refusal.value.short] == [("Teh", 1)]
        assert shelf(world, one) == (5, 0)  # all or nothing
        assert len(orders.items_of(cart.id)) == 2

    def test_the_same_tap_twice_is_one_order(self, world):
        brand = shop(world)
        product = world.product(brand, stock=5)
        cart, _ = world.cart((world.variant_of(product), 1))
        first, second = place(wish(cart, brand)), place(wish(cart, brand))
        assert [order.id for order in first] == [order.id for order in second]
        assert shelf(world, product) == (5, 1)
        with pytest.raises(checkout.CartEmpty):
            place(wish(cart, brand, key="another form"))

    def test_broken_in_the_middle_leaves_nothing(self, world):
        brand = shop(world)
        product = world.product(brand, stock=5)
        cart, _ = world.cart((world.variant_of(product), 1))
        before = count(jobs.Job)
        faults.arm("checkout.after_hold:raise")
        with pytest.raises(faults.Fault):
            place(wish(cart, brand))
        assert (count(orders.Order), count(orders.OrderLine), count(orders.StockHold), count(orders.OrderStep)) == (0, 0, 0, 0)
        assert count(jobs.Job) == before
        assert shelf(world, product) == (5, 0)
        assert len(orders.items_of(cart.id)) == 1
        assert len(place(wish(cart, brand))) == 1  # and the next tap works

    def test_letters_go_to_buyer_and_brand_with_a_link_that_no_job_holds(self, world):
        brand = shop(world)
        cart, _ = world.cart((world.variant_of(world.product(brand)), 1))
        (order,) = place(wish(cart, brand))
        payloads = str([job.payload for job in session().scalars(select(jobs.Job))])
        assert order.token not in payloads
        sent = {letter.to: letter for letter in world.letters()}
        assert f"/o/{order.token}" in sent["budi@example.test"].body
        assert f"/brand/senja/orders/{order.public_id}" in sent["owner@senja.test"].body

    def test_products_priced_in_another_currency_are_not_for_sale(self, world):
        brand = shop(world)
        product = world.product(brand)
        with transaction():
            people.get_brand(brand.id).currency = "USD"
        cart, _ = world.cart((world.variant_of(product), 1))
        with pytest.raises(checkout.NotEnough):
            place(wish(cart, brand))

    def test_the_code_of_whoever_brought_the_buyer(self, world):
        brand = shop(world)
        code = code_of(world, brand, "10")
        with transaction() as current:
            made = links.find_code(code)
            target = links.url_target("https://senja.test/", program_id=made.program_id)
            link = links.ensure_link(creator_id=made.creator_id, target=target, channel="page", now=START)
            click = clicks.Click(
                public_id="clk_abcdefgh",
                link_id=link.id,
                creator_id=made.creator_id,
                program_id=made.program_id,
                at=START,
                kind="payable",
            )
            current.add(click)
        assert baskets.code_of_click(click.public_id, {brand.id}, now=START) == code
        assert baskets.code_of_click(click.public_id, {brand.id + 1}, now=START) == ""
        assert baskets.code_of_click("clk_unknown", {brand.id}, now=START) == ""


def code_of(world, brand, percent):
    mia = world.creator("mia")
    program = world.program(brand)
    world.enroll(program, mia)
    with transaction():
        return links.make_code(
            creator_id=mia.id, program_id=program.id, code="mia10", handle="mia", discount=percent, now=utcnow()
        ).code


class TestTheCart:
    @pytest.mark.usefixtures("room")
    def test_two_taps_on_buy_are_one_thing(self, world):
        variant = world.variant_of(world.product(world.brand()))
        cart, token = world.cart()
        for _ in range(2):
            with transaction():
                orders.put(cart.id, variant.id, 2, now=utcnow())
        assert [(item.variant_id, item.quantity) for item in orders.items_of(cart.id)] == [(variant.id, 2)]
        assert orders.find_cart(token).id == cart.id
        assert orders.find_cart("guessed") is None
        assert token not in str(session().connection().exec_driver_sql("SELECT * FROM carts").all())

    @pytest.mark.usefixtures("room")
    @pytest.mark.parametrize("quantity", [0, -1, 100, 10**9])
    def test_only_sensible_quantities(self, world, quantity):
        variant = world.variant_of(world.product(world.brand()))
        cart, _ = world.cart()
        with pytest.raises(orders.NotAQuantity), transaction():
            orders.put(cart.id, variant.id, quantity, now=utcnow())

    @pytest.mark.usefixtures("room")
    def test_old_carts_are_forgotten(self, world):
        variant = world.variant_of(world.product(world.brand()))
        _, token = world.cart((variant, 1))
        with transaction():
            assert orders.forget_carts(START) == 0
            assert orders.forget_carts(START + timedelta(seconds=1)) == 1
        assert orders.find_cart(token) is None


class TestConcurrency:
    """Real threads, each with its own connection, on SQLite's file and on PostgreSQL."""

    def race(self, app, deeds):
        """Run all deeds at once, each in its own context; their results or refusals, in order."""
        start, results = threading.Barrier(len(deeds)), [None] * len(deeds)

        def run(number, deed):
            with app.app_context():
                start.wait()
                try:
                    results[number] = deed()
                except Exception as error:
                    results[number] = error
                finally:
                    db.session.remove()

        threads = [threading.Thread(target=run, args=pair) for pair in enumerate(deeds)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results

    def test_exactly_as_many_buyers_as_there_are_units(self, app, world):
        brand = shop(world)
        product = world.product(brand, stock=3)
        carts = [world.cart((world.variant_of(product), 1))[0] for _ in range(8)]
        results = self.race(app, [lambda cart=cart: place(wish(cart, brand)) for cart in carts])
        assert sum(isinstance(result, list) for result in results) == 3
        assert all(isinstance(result, list | checkout.NotEnough) for result in results), results
        assert shelf(world, product) == (3, 3)
        with app.app_context():
            placed = list(session().scalars(select(orders.Order)))
            assert len({order.total_minor for order in placed}) == 3
            assert orders.discrepancies() == []
            assert orders.held_by_variant() == {world.variant_of(product).id: 3}

    def test_one_cart_tapped_many_times_at_once_is_one_order(self, app, world):
        brand = shop(world)
        product = world.product(brand, stock=9)
        cart, _ = world.cart((world.variant_of(product), 2))
        results = self.race(app, [lambda: place(wish(cart, brand)) for _ in range(6)])
        assert len({order.id for result in results for order in result}) == 1
        assert shelf(world, product) == (9, 2)

    def test_carts_with_the_same_things_the_other_way_round_do_not_deadlock(self, app, world):
        brand = shop(world)
        one, two = world.product(brand, "Kopi", stock=4), world.product(brand, "Teh", stock=4)
        a, b = world.variant_of(one), world.variant_of(two)
        carts = [world.cart(*(((a, 1), (b, 1)) if n % 2 else ((b, 1), (a, 1))))[0] for n in range(8)]
        results = self.race(app, [lambda cart=cart: place(wish(cart, brand)) for cart in carts])
        assert sum(isinstance(result, list) for result in results) == 4
        assert all(isinstance(result, list | checkout.NotEnough) for result in results), results

    def test_every_open_transfer_has_its_own_amount(self, app, world):
        brand = shop(world)
        product = world.product(brand, stock=99)
        carts = [world.cart((world.variant_of(product), 1))[0] for _ in range(8)]
        narrow = orders.placing.rules.UNIQUE_MOST
        orders.placing.rules.UNIQUE_MOST = 8  # so that they must clash
        try:
            results = self.race(app, [lambda cart=cart: place(wish(cart, brand)) for cart in carts])
        finally:
            orders.placing.rules.UNIQUE_MOST = narrow
        assert len({order.total_minor for result in results for order in result}) == 8


def test_the_shelf_never_promises_more_than_it_has(app, world):
    with app.app_context():
        brand = shop(world)
        product = world.product(brand, stock=1)
        variant = world.variant_of(product)
        with transaction():
            catalog.reserve(variant.id, 1)
        cart, _ = world.cart((variant, 1))
        with pytest.raises(checkout.NotEnough):
            place(wish(cart, brand))
