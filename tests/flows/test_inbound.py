"""What stores tell: once, in any order, all of it or nothing; reviews decided once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from socialshop.domain import audit, commissions, connections, orders
from socialshop.domain.audit import Actor
from socialshop.flows import inbound, review
from socialshop.kernel import faults, jobs
from socialshop.kernel.database import session, transaction
from socialshop.kernel.errors import Invalid

from ..conftest import START
from ..doubles.stores import Giving, Sale, ShopifyDouble, Thing, WooDouble, through
from ..store_stage import Stage, set_stage

OWNER = Actor("user", "usr_owner", "brand:owner")


@pytest.fixture
def stage(app: Flask) -> Stage:
    return set_stage(app, "shopify")


@pytest.fixture
def shop(stage: Stage, client: FlaskClient) -> ShopifyDouble:
    return ShopifyDouble(through(client), stage.path, stage.secret)


@pytest.fixture
def woo_stage(app: Flask) -> Stage:
    return set_stage(app, "woocommerce")


@pytest.fixture
def woo(woo_stage: Stage, client: FlaskClient) -> WooDouble:
    return WooDouble(through(client), woo_stage.path, woo_stage.secret)


@pytest.fixture
def no_faults() -> Iterator[None]:
    yield
    faults.arm("")


def picture(stage: Stage, remote_id: int = 5001) -> dict[str, Any]:
    """Everything that should be the same whatever way it came."""
    order = stage.order(remote_id)
    return {
        "order": order and (order.state, order.total_minor),
        "refunds": order and sorted((r.key, r.amount_minor) for r in stage.asked(lambda: orders.refunds_of(order.id))),
        "earned": stage.earned(),
        "held": stage.held(),
    }


# 165000 × 12.5 % = 20625 for one of each; the usual sale is 265000 → 33125


def test_a_paid_order_earns_and_a_second_work_changes_nothing(stage: Stage, shop: ShopifyDouble) -> None:
    shop.deliver(shop.order(Sale(click=stage.click, shipping="15000")))
    stage.work()
    first = picture(stage)
    assert first["earned"] == [("click", 33125, "IDR")]
    assert first["held"] == {"held": 33125}
    (event,) = stage.asked(lambda: connections.events_of(stage.connection.id))
    with stage.app.app_context():
        for _ in range(3):
            inbound.work({"event": event.id}, now=START)
    assert picture(stage) == first
    assert stage.events() == [("worked", "earned")]  # the mark of the first time stands


@pytest.mark.parametrize("kind", ["order", "refund"])
def test_broken_in_the_middle_it_leaves_nothing_and_is_done_again(
    stage: Stage, shop: ShopifyDouble, no_faults: None, kind: str
) -> None:
    sale = Sale(click=stage.click)
    shop.deliver(shop.order(sale))
    if kind == "refund":
        stage.work()
        shop.deliver(shop.refund(sale, Giving(1, "12", 1, "65000")))
    before = picture(stage)
    faults.arm("worker.after_effects_before_commit:raise")
    stage.work()
    assert picture(stage) == before
    assert stage.events()[-1] == ("kept", "")
    with stage.app.app_context():  # the job waits for its next try
        (job,) = session().scalars(select(jobs.Job).where(jobs.Job.state == "ready", jobs.Job.name == "inbound.work"))
        assert job.attempts == 1
        inbound.work(job.payload, now=START + timedelta(seconds=5))
    assert [state for state, _ in stage.events()] == ["worked"] * len(stage.events())
    assert stage.earned() == [("click", 33125 if kind == "order" else 25000, "IDR")]


def test_any_order_of_arrival_ends_in_the_same_state(app: Flask, client: FlaskClient) -> None:
    pictures = []
    for n, way in enumerate(itertools.permutations(range(4))):
        stage = set_stage(app, "shopify", name=f"brand{n:02}x", code=f"kode-{n:02}x")
        shop = ShopifyDouble(through(client), stage.path, stage.secret)
        sale = Sale(click=stage.click)
        letters = [
            shop.order(sale),
            shop.refund(sale, Giving(1, "11", 1, "100000")),
            shop.refund(sale, Giving(2, "12", 1, "65000")),
            shop.order(replace(sale, changed_after=60), "orders/updated"),
        ]
        for place in way:
            shop.deliver(letters[place])
            stage.work()
        shop.deliver(letters[way[0]])
        stage.work()
        found = picture(stage)
        pictures.append(found)
        assert {state for state, _ in stage.events()} == {"worked"}
    assert all(found == pictures[0] for found in pictures)
    assert pictures[0]["earned"] == [("click", 12500, "IDR")]  # 100000 is left
    assert stage.findings() == []


def test_a_refund_before_its_order_is_parked_and_applied_right_after(stage: Stage, shop: ShopifyDouble) -> None:
    sale = Sale(click=stage.click)
    shop.deliver(shop.refund(sale, Giving(1, "12", 1, "65000")))
    stage.work()
    assert stage.events() == [("parked", "waits_for_order")]
    shop.deliver(shop.order(sale))
    stage.work()
    assert [state for state, _ in stage.events()] == ["worked", "worked"]
    assert stage.earned() == [("click", 25000, "IDR")]


def test_the_same_refund_under_another_delivery_id_changes_nothing(stage: Stage, shop: ShopifyDouble) -> None:
    sale = Sale(click=stage.click)
    shop.deliver(shop.order(sale))
    for _ in range(3):
        shop.deliver(shop.refund(sale, Giving(1, "12", 1, "65000")))
    stage.work()
    assert stage.events()[1:] == [("worked", "refund_booked"), ("ignored", "told_before"), ("ignored", "told_before")]
    assert stage.earned() == [("click", 25000, "IDR")]


def test_a_refund_repeated_inside_the_order_is_the_same_refund(stage: Stage, shop: ShopifyDouble) -> None:
    giving = Giving(1, "12", 1, "65000")
    sale = Sale(click=stage.click)
    shop.deliver(shop.order(sale))
    shop.deliver(shop.order(replace(sale, refunds=(giving,), changed_after=60), "orders/updated"))
    shop.deliver(shop.refund(sale, giving))
    stage.work()
    assert picture(stage)["refunds"] == [("refund:1", 65000)]


def test_a_refund_of_more_than_is_left_is_cut(stage: Stage, shop: ShopifyDouble) -> None:
    sale = Sale(click=stage.click)
    shop.deliver(shop.order(sale))
    shop.deliver(shop.refund(sale, Giving(1, "12", 1, "65000")))
    shop.deliver(shop.refund(sale, Giving(2, "12", 1, "65000")))
    stage.work()
    assert stage.events()[2] == ("worked", "refund_nothing_left")
    assert stage.earned() == [("click", 25000, "IDR")]


def test_pieces_without_a_price_end_exactly_at_the_whole(stage: Stage, shop: ShopifyDouble) -> None:
    sale = Sale(click=stage.click, things=(Thing("11", "10000", 3, off="10001"),))  # net 19999
    shop.deliver(shop.order(sale))
    for n in range(3):
        shop.deliver(shop.refund(sale, Giving(n + 1, "11", 1)))
    stage.work()
    assert picture(stage)["refunds"] == [("refund:1", 6667), ("refund:2", 6666), ("refund:3", 6666)]
    assert stage.earned() == [("click", 0, "IDR")]


def test_a_refund_of_a_line_nobody_knows_is_kept_with_an_alarm_and_worked_once_it_can_be(
    stage: Stage, shop: ShopifyDouble
) -> None:
    sale = Sale(click=stage.click)
    shop.deliver(shop.order(sale))
    shop.deliver(shop.refund(sale, Giving(1, "13", 1, "50000")))
    stage.work()
    assert stage.events()[1] == ("quarantined", "refund_line_unknown")
    assert picture(stage)["refunds"] == []
    more = replace(sale, things=(*sale.things, Thing("13", "50000")), changed_after=60)
    shop.deliver(shop.order(more, "orders/updated"))
    stage.work()
    with stage.app.app_context():
        event = connections.events_of(stage.connection.id, state="quarantined")[0]
        assert inbound.let_again(stage.connection, event, actor=OWNER, tenant=stage.brand.public_id, now=START)
        assert not inbound.let_again(stage.connection, event, actor=OWNER, tenant=stage.brand.public_id, now=START)
    stage.work()
    assert stage.events()[1] == ("worked", "refund_booked")
    assert stage.earned() == [("click", 33125, "IDR")]


def test_an_edit_of_a_settled_order_is_priced_anew_and_an_older_telling_changes_nothing(
    stage: Stage, shop: ShopifyDouble
) -> None:
    sale = Sale(click=stage.click)
    shop.deliver(shop.order(sale))
    stage.work()
    fewer = replace(sale, things=(sale.things[0],), changed_after=60)
    shop.deliver(shop.order(fewer, "orders/updated"))
    stage.work()
    assert stage.earned() == [("click", 25000, "IDR")]
    assert stage.events()[-1] == ("worked", "edited")
    shop.deliver(shop.order(replace(sale, changed_after=30), "orders/updated"))
    stage.work()
    assert stage.earned() == [("click", 25000, "IDR")]


def test_an_unpaid_order_earns_once_it_is_paid(stage: Stage, shop: ShopifyDouble) -> None:
    sale = Sale(click=stage.click, paid=False)
    shop.deliver(shop.order(sale, "orders/create"))
    stage.work()
    assert (picture(stage)["order"], stage.earned()) == (("awaiting", 265000), [])
    shop.deliver(shop.order(replace(sale, paid=True), "orders/paid"))
    shop.deliver(shop.order(sale, "orders/updated"))  # a late one
    stage.work()
    assert (picture(stage)["order"], stage.earned()) == (("paid", 265000), [("click", 33125, "IDR")])


@pytest.mark.parametrize("first", ["order", "cancellation"])
def test_a_cancelled_paid_order_gives_everything_back_whatever_came_first(stage: Stage, shop: ShopifyDouble, first: str) -> None:
    sale = Sale(click=stage.click)
    letters = [shop.order(sale), shop.cancel(replace(sale, changed_after=60))]
    for letter in letters if first == "order" else reversed(letters):
        shop.deliver(letter)
        stage.work()
    assert picture(stage)["order"] == ("refunded", 265000)
    assert stage.earned() == [("click", 0, "IDR")]
    assert stage.held() == {}


def test_a_cancelled_unpaid_order_is_just_cancelled(stage: Stage, shop: ShopifyDouble) -> None:
    sale = Sale(click=stage.click, paid=False)
    shop.deliver(shop.cancel(sale))
    stage.work()
    assert (picture(stage)["order"], stage.events()) == (("cancelled", 265000), [("worked", "cancelled")])


def test_a_test_order_never_counts(stage: Stage, shop: ShopifyDouble) -> None:
    shop.deliver(shop.order(Sale(click=stage.click, test=True)))
    stage.work()
    assert (stage.events(), stage.order(5001)) == ([("ignored", "test_order")], None)


def test_a_currency_we_do_not_keep_is_quarantined(stage: Stage, shop: ShopifyDouble) -> None:
    document = {**ShopifyDouble.document(Sale()), "currency": "XAU"}
    shop.deliver(shop.letter("orders/paid", document))
    stage.work()
    assert stage.reasons() == [{"code": "unknown_currency", "facts": {"currency": "XAU"}}]


def test_of_several_codes_the_creators_counts(stage: Stage, shop: ShopifyDouble) -> None:
    document = ShopifyDouble.document(Sale())
    document["discount_codes"] = [
        {"code": "GRATISONGKIR", "amount": "9000.00", "type": "shipping"},
        {"code": "Rani10", "amount": "0.00", "type": "percentage"},
    ]
    shop.deliver(shop.letter("orders/paid", document))
    stage.work()
    assert stage.earned() == [("code", 33125, "IDR")]


def test_two_workers_on_one_event_book_it_once(stage: Stage, shop: ShopifyDouble) -> None:
    shop.deliver(shop.order(Sale(click=stage.click)))
    (event,) = stage.asked(lambda: connections.events_of(stage.connection.id))
    import threading

    def run() -> None:
        with stage.app.app_context():
            inbound.work({"event": event.id}, now=START)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stage.earned() == [("click", 33125, "IDR")]
    assert stage.events() == [("worked", "earned")]  # nobody but the first got to it


# --- WooCommerce: refunds and states inside one telling -------------------------------------------------


def test_woocommerces_refunds_are_found_by_comparing(woo_stage: Stage, woo: WooDouble) -> None:
    sale = Sale(click=woo_stage.click, tax="26500", shipping="15000")  # 10 % tax on the goods
    woo.deliver(woo.order(sale, "order.created"))
    first = replace(sale, refunds=(Giving(1, amount="71500"),), changed_after=60)  # the second line with its tax
    woo.deliver(woo.order(first))
    woo.deliver(woo.order(replace(first, changed_after=61)))
    woo_stage.work()
    assert picture(woo_stage)["refunds"] == [("refund:1", 65000)]
    assert woo_stage.earned() == [("click", 25000, "IDR")]
    rest = replace(sale, refunds=(Giving(1, amount="71500"), Giving(2, amount="235000")), changed_after=120)
    woo.deliver(woo.order(rest, status="refunded"))
    woo_stage.work()
    assert picture(woo_stage)["refunds"] == [("refund:1", 65000), ("refund:2", 200000)]
    assert picture(woo_stage)["order"] == ("refunded", 306500)
    assert woo_stage.earned() == [("click", 0, "IDR")]


def test_cash_on_delivery_counts_once_completed(woo_stage: Stage, woo: WooDouble) -> None:
    sale = Sale(click=woo_stage.click)
    woo.deliver(woo.order(sale, payment_method="cod", date_paid_gmt=None))
    woo_stage.work()
    assert (picture(woo_stage)["order"], woo_stage.events()) == (("awaiting", 265000), [("worked", "awaiting")])
    woo.deliver(woo.order(replace(sale, changed_after=9), payment_method="cod", status="completed"))
    woo_stage.work()
    assert woo_stage.earned() == [("click", 33125, "IDR")]


def test_a_cancelled_woocommerce_order_gives_back(woo_stage: Stage, woo: WooDouble) -> None:
    sale = Sale(click=woo_stage.click)
    woo.deliver(woo.order(sale))
    woo.deliver(woo.cancel(replace(sale, changed_after=60)))
    woo_stage.work()
    assert woo_stage.earned() == [("click", 0, "IDR")]


# --- reviews ---------------------------------------------------------------------------------------------


def set_as_read(found: connections.Review, **changes: Any) -> review.Decision:
    lines = tuple(
        review.SetLine(line["key"], line["price"], line["quantity"], line["discount"]) for line in found.proposal["lines"]
    )
    return replace(review.Decision(lines, paid_at=START), **changes)


def test_two_people_deciding_at_once_one_wins_and_the_other_is_told(stage: Stage, shop: ShopifyDouble) -> None:
    shop.deliver(shop.order(Sale(click=stage.click, slip="1000")))
    stage.work()
    found = stage.review()
    with stage.app.app_context():
        review.resolve(found, set_as_read(found), actor=OWNER, now=START)
        with pytest.raises(connections.AlreadyDecided):
            review.resolve(found, set_as_read(found, discount_minor=5), actor=OWNER, now=START)
        with pytest.raises(connections.AlreadyDecided):
            review.dismiss(found, "no", actor=OWNER, now=START)
    assert stage.earned() == [("click", 33125, "IDR")]


def test_a_decision_is_audited_with_before_and_after(stage: Stage, shop: ShopifyDouble) -> None:
    shop.deliver(shop.order(Sale(slip="1000")))
    stage.work()
    found = stage.review()
    with stage.app.app_context():
        review.resolve(found, set_as_read(found, discount_minor=1000, note="asked the shop"), actor=OWNER, now=START)
        entry = next(e for e in audit.entries_of(stage.brand.public_id) if e.act == "order.resolved")
    assert (entry.before["discount"], entry.after["discount"], entry.reason) == (0, 1000, "asked the shop")
    assert entry.before["reasons"] == ["total_differs"]
    assert entry.subject == found.public_id


def test_a_failing_resolution_leaves_the_review_open_and_the_refund_waiting(
    stage: Stage, shop: ShopifyDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    sale = Sale(click=stage.click, slip="1000")
    shop.deliver(shop.order(sale))
    shop.deliver(shop.refund(sale, Giving(1, "12", 1)))
    stage.work()
    found = stage.review()
    monkeypatch.setattr("socialshop.flows.review.inbound.work_parked", lambda *a, **k: 1 / 0)
    with stage.app.app_context(), pytest.raises(ZeroDivisionError):
        review.resolve(found, set_as_read(found), actor=OWNER, now=START)
    assert stage.order(5001) is None
    assert stage.review().state == "open"
    monkeypatch.undo()
    with stage.app.app_context():
        review.resolve(found, set_as_read(found), actor=OWNER, now=START)
    assert stage.earned() == [("click", 25000, "IDR")]


def test_what_a_person_decided_no_later_telling_undoes(stage: Stage, shop: ShopifyDouble) -> None:
    sale = Sale(click=stage.click, slip="1000")
    shop.deliver(shop.order(sale))
    stage.work()
    found = stage.review()
    with stage.app.app_context():
        review.resolve(found, set_as_read(found, discount_minor=65000), actor=OWNER, now=START)
    shop.deliver(shop.order(replace(sale, changed_after=60), "orders/updated"))
    stage.work()
    assert stage.earned() == [("click", 25000, "IDR")]
    shop.deliver(shop.order(replace(sale, slip="0", changed_after=90), "orders/updated"))  # other figures: asks again
    stage.work()
    again = stage.review()
    assert [item["code"] for item in again.reasons] == ["changed_after_review"]
    with stage.app.app_context():
        review.resolve(again, set_as_read(again), actor=OWNER, now=START)
    assert stage.earned() == [("click", 33125, "IDR")]


def test_only_the_payment_was_in_doubt_and_comes_later(stage: Stage, shop: ShopifyDouble) -> None:
    sale = Sale(click=stage.click, paid=False)
    shop.deliver(shop.order(sale))  # orders/paid, but its state is "pending"
    stage.work()
    found = stage.review()
    assert [item["code"] for item in found.reasons] == ["not_paid"]
    with stage.app.app_context():
        review.resolve(found, set_as_read(found, discount_minor=65000, paid_at=None), actor=OWNER, now=START)
    assert stage.earned() == []
    shop.deliver(shop.order(replace(sale, paid=True, changed_after=60)))
    stage.work()
    assert stage.earned() == [("click", 25000, "IDR")]  # the discount that the person set stands


def test_a_dismissed_document_stays_dismissed_and_a_right_one_is_booked(stage: Stage, shop: ShopifyDouble) -> None:
    sale = Sale(click=stage.click, slip="1000")
    shop.deliver(shop.order(sale))
    shop.deliver(shop.refund(sale, Giving(1, "12", 1, "65000")))
    stage.work()
    found = stage.review()
    with stage.app.app_context():
        with pytest.raises(Invalid):
            review.dismiss(found, "  ", actor=OWNER, now=START)
        review.dismiss(found, "a trial of ours", actor=OWNER, now=START)
    assert stage.events() == [("ignored", "dismissed"), ("parked", "waits_for_order")]
    shop.deliver(shop.order(replace(sale, changed_after=5), "orders/updated"))
    stage.work()
    assert stage.events()[2] == ("ignored", "dismissed")
    shop.deliver(shop.order(replace(sale, slip="0", changed_after=9), "orders/updated"))
    stage.work()
    assert stage.earned() == [("click", 25000, "IDR")]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"discount_minor": 265001}, "discount"),
        ({"discount_minor": -1}, "discount"),
        ({"shipping_minor": -1}, "shipping"),
        ({"tax_minor": -1}, "tax"),
        ({"lines": (review.SetLine("11", 100000, 0),)}, "lines-0-quantity"),
        ({"lines": (review.SetLine("99", 100000, 1),)}, "lines-0-quantity"),
        ({"lines": (review.SetLine("11", -1, 1),)}, "lines-0-price"),
        ({"lines": (review.SetLine("11", 100, 1, 101),)}, "lines-0-discount"),
    ],
)
def test_a_decision_that_is_no_order_is_refused_field_by_field(
    stage: Stage, shop: ShopifyDouble, change: dict[str, Any], field: str
) -> None:
    shop.deliver(shop.order(Sale(slip="1000")))
    stage.work()
    found = stage.review()
    with stage.app.app_context(), pytest.raises(Invalid) as caught:
        review.resolve(found, set_as_read(found, **change), actor=OWNER, now=START)
    assert field in {wrong.field for wrong in caught.value.fields}
    assert stage.review().state == "open"


def test_an_edit_that_does_not_add_up_asks_and_its_resolution_edits(stage: Stage, shop: ShopifyDouble) -> None:
    sale = Sale(click=stage.click)
    shop.deliver(shop.order(sale))
    shop.deliver(shop.order(replace(sale, things=sale.things[:1], slip="500", changed_after=60), "orders/updated"))
    stage.work()
    assert stage.earned() == [("click", 33125, "IDR")]  # as it was, until somebody decides
    found = stage.review()
    with stage.app.app_context():
        review.resolve(found, set_as_read(found), actor=OWNER, now=START)
    assert stage.earned() == [("click", 25000, "IDR")]


def test_brand_b_cannot_open_or_decide_what_is_brand_as(app: Flask, client: FlaskClient) -> None:
    from socialshop.kernel.errors import NotFound

    one, two = set_stage(app, "shopify", name="satu", code="satu10"), set_stage(app, "shopify", name="dua", code="dua10")
    shop = ShopifyDouble(through(client), one.path, one.secret)
    shop.deliver(shop.order(Sale(slip="1000", code="")))
    one.work()
    with app.app_context():
        with pytest.raises(NotFound):
            connections.review_of(two.brand.id, one.review().public_id)
        with pytest.raises(NotFound):
            connections.connection_of(two.brand.id, one.connection.public_id)
        assert connections.reviews_of(two.brand.id) == []


def test_the_letters_go_to_owner_and_managers_once(stage: Stage, shop: ShopifyDouble) -> None:
    letter = shop.order(Sale(slip="1000"))
    for _ in range(2):
        shop.deliver(letter)
    stage.work()
    with stage.app.app_context():
        posted = session().scalars(select(jobs.Job).where(jobs.Job.name == "letter.send")).all()
    assert [job.payload["kind"] for job in posted] == ["store_review"]


def test_a_creator_of_another_brand_earns_nothing_here(app: Flask, client: FlaskClient) -> None:
    one, two = set_stage(app, "shopify", name="satu", code="satu10"), set_stage(app, "shopify", name="dua", code="dua10")
    shop = ShopifyDouble(through(client), one.path, one.secret)
    shop.deliver(shop.order(Sale(click=two.click, code="")))
    one.work()
    assert one.earned() == two.earned() == []
    order = one.order(5001)
    assert order is not None
    with app.app_context():
        assert [row.creator_id for row in commissions.declined_of_order(order.id)] == [None]


def test_turning_off_and_locking_leave_no_transaction_open(stage: Stage) -> None:
    with stage.app.app_context():
        with transaction():
            assert connections.turn(stage.connection.id, "off")
        with transaction():
            assert not connections.turn(stage.connection.id, "off")
