"""Cart, checkout, the buyer's page and the brand's orders, as browsers meet them."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest

from socialshop.domain import links, orders
from socialshop.flows import fulfil
from socialshop.kernel import clock
from socialshop.kernel.clock import utcnow
from socialshop.kernel.database import session, transaction

from ..conftest import START

FIELDS = {"name": "Budi Santoso", "phone": "0812 3456 7890", "email": "Budi@Example.com", "address": "Jl. Melati 5, Sleman 55281"}


@pytest.fixture(autouse=True)
def _english(client):
    client.set_cookie("lang", "en")


@pytest.fixture
def brand(world):
    brand = world.brand("senja", shipping_minor=15_000, cod=True, whatsapp="628111")
    world.bank(brand, number="5550001112")
    return brand


@pytest.fixture
def product(world, brand):
    return world.product(brand, "Kopi Gayo", price=100_000, stock=3)


@pytest.fixture
def code(world, brand):
    mia, program = world.creator("mia"), world.program(brand)
    world.enroll(program, mia)
    world._do(
        lambda: links.make_code(creator_id=mia.id, program_id=program.id, code="mia10", handle="mia", discount="10", now=utcnow())
    )
    return "mia10"


def buy(world, client, product, **more):
    return world.post(client, "/cart/items", {"product": product.public_id, "then": "checkout", **more})


def hidden(page):
    """The hidden fields of the checkout page: its key, the code it filled in, and the totals it has shown."""
    found = re.findall(r'name="(seen-[^"]+)" value="([^"]*)"', page)
    return dict(found + re.findall(r'name="(key|filled)" type="hidden" value="([^"]*)"', page))


def checkout(world, client, brand, *, method="transfer", **changed):
    page = client.get("/checkout").text
    form = FIELDS | hidden(page) | {f"method-{brand.public_id}": method, "remember": "y"} | changed
    return world.post(client, "/checkout", form)


def token_of(answer):
    assert answer.status_code == 303, answer.text[:2000]
    return answer.location.rsplit("/o/", 1)[1]


class TestBuying:
    def test_three_taps_for_someone_known(self, world, client, brand, product):
        assert buy(world, client, product).location == "/checkout"
        first = token_of(checkout(world, client, brand))
        buy(world, client, product)  # tap one: buy
        page = client.get("/checkout").text
        assert "Budi Santoso" in page
        assert "Jl. Melati 5" in page
        second = token_of(checkout(world, client, brand))  # tap two: order
        assert first != second
        assert "Rp115." in client.get(f"/o/{second}").text

    @pytest.mark.parametrize(
        ("email", "status"), [("merek@demo.test", 303), ("no address", 422), ("a@b", 422), ("x" * 300 + "@example.com", 422)]
    )
    def test_whoever_may_sign_up_with_an_address_may_buy_with_it(self, world, client, brand, product, email, status):
        buy(world, client, product)
        assert checkout(world, client, brand, email=email).status_code == status

    def test_the_details_can_be_forgotten(self, world, client, brand, product):
        buy(world, client, product)
        token_of(checkout(world, client, brand))
        buy(world, client, product)
        world.post(client, "/checkout/forget")
        assert "Budi Santoso" not in client.get("/checkout").text

    def test_remembered_details_are_sealed_and_a_forged_cookie_is_ignored(self, world, client, brand, product):
        buy(world, client, product)
        answer = checkout(world, client, brand)
        cookie = next(value for value in answer.headers.getlist("Set-Cookie") if value.startswith("buyer="))
        assert "Budi" not in cookie
        assert "HttpOnly" in cookie
        client.set_cookie("buyer", "forged", path="/checkout")
        buy(world, client, product)
        assert client.get("/checkout").status_code == 200

    def test_the_total_with_shipping_and_discount_is_shown_before_paying(self, world, client, brand, product, code):
        buy(world, client, product, code=code)
        page = client.get("/checkout").text
        assert "MIA10 takes 10% off." in page
        assert "Rp105.000" in page  # 100,000 - 10 % + 15,000

    def test_a_price_sent_by_the_buyer_is_not_listened_to(self, world, app, client, brand, product):
        buy(world, client, product, price="1", total="1")
        token = token_of(checkout(world, client, brand, price_minor="1", discount="100", shipping="0", total_minor="1"))
        with app.app_context():
            order = orders.by_token(token)
            assert order.total_minor - order.unique_minor == 115_000

    def test_a_total_that_rose_meanwhile_is_shown_first(self, world, app, client, brand, product):
        buy(world, client, product)
        page = client.get("/checkout").text
        with app.app_context(), transaction():
            from socialshop.domain import catalog

            session().get(catalog.Variant, world.variant_of(product).id).price_minor = 120_000
        form = FIELDS | hidden(page) | {f"method-{brand.public_id}": "transfer"}
        answer = world.post(client, "/checkout", form)
        assert answer.status_code == 409
        assert "Rp135.000" in answer.text
        assert "Budi Santoso" in answer.text  # what was typed is kept

    def test_empty_fields_are_named_and_entries_kept(self, world, client, brand, product):
        buy(world, client, product)
        answer = checkout(world, client, brand, phone="call me", address="")
        assert answer.status_code == 422
        assert 'href="#phone"' in answer.text
        assert 'href="#address"' in answer.text
        assert "Budi Santoso" in answer.text

    def test_a_code_is_applied_without_ordering(self, world, app, client, brand, product, code):
        buy(world, client, product)
        answer = checkout(world, client, brand, code="MIA10", apply="1")
        assert answer.status_code == 200
        assert "Rp105.000" in answer.text
        wrong = checkout(world, client, brand, code="nope", apply="1")
        assert wrong.status_code == 422
        assert 'id="code-error"' in wrong.text
        with app.app_context():
            assert orders.listed(brand.id).orders == []

    def test_the_same_form_twice_leads_to_the_same_order(self, world, client, brand, product):
        buy(world, client, product)
        form = FIELDS | hidden(client.get("/checkout").text) | {f"method-{brand.public_id}": "transfer"}
        assert token_of(world.post(client, "/checkout", form)) == token_of(world.post(client, "/checkout", form))

    def test_sold_out_meanwhile_says_what_is_left_and_keeps_the_cart(self, world, client, brand, product):
        buy(world, client, product, quantity="3")
        world.order((product, 2))
        answer = checkout(world, client, brand)
        assert answer.status_code == 409
        assert "Only 1 of Kopi Gayo are left." in answer.text
        assert "Kopi Gayo" in client.get("/cart").text

    def test_a_seller_without_an_account_cannot_be_paid(self, world, client):
        bare = world.brand("bare")
        buy(world, client, world.product(bare))
        assert "disabled" in client.get("/checkout").text
        assert checkout(world, client, bare).status_code == 422

    @pytest.mark.parametrize("data", [{"product": "prd_x"}, {"variant": "var_x"}, {}])
    def test_things_that_do_not_exist(self, world, client, data):
        assert world.post(client, "/cart/items", data).status_code == 404

    def test_several_variants_are_asked_about(self, world, client, brand):
        shirt = world.product(brand, "Kaus", variants=[("S", 90_000, 1), ("M", 95_000, 0)])
        answer = buy(world, client, shirt)
        assert answer.location.startswith("/cart/add?product=")
        assert "Kaus" in client.get(answer.location).text

    def test_changing_and_removing(self, world, client, product):
        buy(world, client, product)
        variant = world.variant_of(product).public_id
        world.post(client, f"/cart/items/{variant}", {"quantity": "2"})
        assert "Rp200.000" in client.get("/cart").text
        world.post(client, f"/cart/items/{variant}", {"quantity": "0"})
        assert "Kopi Gayo" not in client.get("/cart").text
        assert client.get("/checkout").location == "/cart"

    def test_without_a_token_nothing_is_accepted(self, client, product):
        assert client.post("/cart/items", data={"product": product.public_id}).status_code == 400


class TestOrderPage:
    def test_amount_account_and_deadline(self, world, client, brand, product):
        buy(world, client, product)
        token = token_of(checkout(world, client, brand))
        answer = client.get(f"/o/{token}")
        assert "5550001112" in answer.text
        assert 'http-equiv="refresh"' in answer.text  # it refreshes itself without script too
        assert "wa.me/628111?text=" in answer.text
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "noindex" in answer.headers["X-Robots-Tag"]

    def test_the_state_changes_when_something_happens(self, world, app, client, product):
        order = world.order((product, 1))
        before = client.get(f"/o/{order.token}/state").json
        with app.app_context():
            fulfil.confirm_payment(order.id, amount=order.total_minor, now=utcnow(), actor=orders_actor())
        assert client.get(f"/o/{order.token}/state").json != before
        page = client.get(f"/o/{order.token}").text
        assert "5550001112" not in page  # nobody is asked to pay twice

    def test_cancelling_while_unpaid(self, world, app, client, product):
        order = world.order((product, 1))
        for _ in range(2):
            assert world.post(client, f"/o/{order.token}/cancellation").status_code == 303
        with app.app_context():
            assert orders.get(order.id).state == "cancelled"
        assert world.variant_of(product).reserved == 0

    def test_too_late_to_cancel(self, world, app, client, product):
        order = world.order((product, 1), paid=True)
        world.post(client, f"/o/{order.token}/cancellation")
        with app.app_context():
            assert orders.get(order.id).state == "paid"

    def test_a_question_reaches_the_brand(self, world, client, product):
        order = world.order((product, 1))
        assert world.post(client, f"/o/{order.token}/questions", {"message": " "}).status_code == 422
        assert world.post(client, f"/o/{order.token}/questions", {"message": "Kapan dikirim?"}).status_code == 303
        assert any("Kapan dikirim?" in letter.body and letter.to == "owner@senja.test" for letter in world.letters())

    @pytest.mark.parametrize("path", ["/o/guess", "/o/guess/state"])
    def test_a_guessed_link_opens_nothing(self, client, path):
        assert client.get(path).status_code == 404

    def test_past_the_deadline_no_account_is_shown(self, world, client, product):
        order = world.order((product, 1))
        clock.use(lambda: START + timedelta(hours=25))
        assert "5550001112" not in client.get(f"/o/{order.token}").text


def orders_actor():
    from socialshop.domain.audit import Actor

    return Actor("user", "usr_x")


class TestTheBrandsDesk:
    @pytest.fixture
    def owner(self, app, client, world, brand):
        from sqlalchemy import select

        from socialshop.domain import people

        with app.app_context():
            user = session().scalars(select(people.User).where(people.User.email == "owner@senja.test")).one()
        world.sign_in(client, user.id)
        return client

    def url(self, order, deed=""):
        return f"/brand/senja/orders/{order.public_id}{deed and '/' + deed}"

    def test_from_transfer_to_delivery(self, app, world, owner, product):
        order = world.order((product, 1))
        page = owner.get("/brand/senja/orders?q=" + f"{order.total_minor:,}".replace(",", ".")).text
        assert order.number in page
        world.post(owner, self.url(order, "payment"), {"amount": str(order.total_minor)})
        world.post(owner, self.url(order, "packing"))
        world.post(owner, self.url(order, "shipping"), {"carrier": "JNE", "tracking": "CGK1"})
        world.post(owner, self.url(order, "delivery"))
        with app.app_context():
            kept = orders.get(order.id)
            assert (kept.state, kept.fulfilment, kept.tracking) == ("paid", "delivered", "CGK1")
        assert "CGK1" in owner.get(f"/o/{order.token}").text

    @pytest.mark.parametrize("amount", ["", "1", "abc", "-5"])
    def test_a_wrong_amount_confirms_nothing(self, app, world, owner, product, amount):
        order = world.order((product, 1))
        world.post(owner, self.url(order, "payment"), {"amount": amount})
        with app.app_context():
            assert orders.get(order.id).state == "awaiting"

    def test_a_refund_by_line_with_pieces_back(self, app, world, owner, product):
        order = world.order((product, 2), paid=True)
        assert owner.get(self.url(order, "refunds")).status_code == 200
        form = {"how": "lines", "line-l1": "Rp50.000", "back-l1": "1", "shipping": "5.000", "reason": "rusak", "key": "k1"}
        for _ in range(2):
            assert world.post(owner, self.url(order, "refunds"), form).status_code == 303
        with app.app_context():
            assert orders.refunded_minor(order.id) == 55_000
        assert world.variant_of(product).stock == 2

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"how": "lines", "line-l1": "999.999"}, "line-l1"), ({"how": "amount", "amount": "seribu"}, "amount"),
            ({"how": "amount", "amount": "999.999"}, "amount"), ({"how": "lines", "line-l1": "1", "back-l1": "9"}, "back-l1"),
            ({"how": "amount", "amount": "1", "shipping": "99.000"}, "shipping"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_refunded_is_said_beside_its_field(self, app, world, owner, product, typed, field):
        order = world.order((product, 1), paid=True)
        answer = world.post(owner, self.url(order, "refunds"), {"reason": "x", "key": "k", **typed})
        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text
        with app.app_context():
            assert orders.refunded_minor(order.id) == 0

    def test_calling_off_a_paid_order(self, app, world, owner, product):
        order = world.order((product, 1), paid=True)
        assert world.post(owner, self.url(order, "calling-off"), {"reason": ""}).status_code == 422
        world.post(owner, self.url(order, "calling-off"), {"reason": "sold twice", "restock": "y"})
        with app.app_context():
            assert orders.get(order.id).state == "refunded"
        assert world.variant_of(product).stock == 3

    def test_csv_has_no_formulas(self, world, owner, product):
        world.order((product, 1), name="=HYPERLINK(1)", email="plus@example.test")
        world.order((product, 1), name=" +62cmd", email="two@example.test")
        answer = owner.get("/brand/senja/orders.csv")
        rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
        assert {row["buyer"] for row in rows} == {"'=HYPERLINK(1)", "' +62cmd"}
        assert rows[0]["total"].isdigit()
        assert answer.headers["Cache-Control"] == "no-store"

    def test_another_brands_order_is_not_there(self, world, owner, product):
        other = world.product(world.brand("pagi"), price=1000)
        theirs = world.order((other, 1))
        assert owner.get(self.url(theirs)).status_code == 404
        assert owner.get(f"/brand/pagi/orders/{theirs.public_id}").status_code == 404
        deeds = "payment packing shipping delivery cancellation collection calling-off late-payment refunds"
        for deed in deeds.split():
            form = {"amount": str(theirs.total_minor), "reason": "x"}
            assert world.post(owner, self.url(theirs, deed), form).status_code == 404
        assert theirs.number not in owner.get("/brand/senja/orders").text
        assert theirs.public_id not in owner.get("/brand/senja/orders.csv").text

    def test_the_token_of_a_buyer_is_not_shown_to_the_brand(self, world, owner, product):
        order = world.order((product, 1))
        assert order.token not in owner.get(self.url(order)).text

    @pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("finance", 303)])
    def test_only_the_till_confirms_payments(self, app, world, brand, product, client, role, status):
        order = world.order((product, 1))
        user = world.user(f"{role}@senja.test")
        world.member(brand, user, role)
        world.sign_in(client, user.id)
        assert client.get(self.url(order)).status_code == 200
        assert world.post(client, self.url(order, "payment"), {"amount": str(order.total_minor)}).status_code == status
        assert world.post(client, self.url(order, "packing")).status_code == 403

    def test_an_empty_list_says_what_comes(self, owner):
        assert "No orders yet" in owner.get("/brand/senja/orders").text
