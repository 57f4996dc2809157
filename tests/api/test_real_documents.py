"""Issue 2, "the same from outside": documents that nobody here wrote, signed and posted, down to the ledger.

WooCommerce order 727, by hand (12.5 % of the goods, without tax and shipping):
    line 315  2 × 3.00 =  6.00, no discount   → 12.5 % of  6.00 = 0.75
    line 316  1 × 12.00 = 12.00, no discount  → 12.5 % of 12.00 = 1.50
    shipping 10.00 and tax 1.35 do not count                    = 2.25 USD

Shopify order 450789469, as a person resolves it: the store's subtotal of 398.00 is right, so the red one (518995019) was
never sold; TENOFF took 10.00 off the whole order, shared by gross 199 : 199:
    line 466157049  199.00 − 5.00 = 194.00    → 12.5 % = 24.25
    line 703073504  199.00 − 5.00 = 194.00    → 12.5 % = 24.25
                                                       = 48.50 USD
    its refund gives back one piece of each, so both lines whole: 388.00, and the commission ends at 0.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from socialshop.domain import commissions, connections, orders
from socialshop.domain.audit import Actor
from socialshop.flows import review

from .. import real_documents as real
from ..doubles.stores import through
from ..store_stage import Stage, set_stage

pytestmark = real.needs_them
WOO_PLACED = datetime(2017, 3, 22, 19, 28, 2, tzinfo=UTC)
SHOPIFY_PLACED = datetime(2008, 1, 10, 16, 0, tzinfo=UTC)
OWNER = Actor("user", "usr_owner", "brand:owner")
NOW = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)


def as_resolved(paid_at: datetime | None = SHOPIFY_PLACED) -> review.Decision:
    """What a person says about the Shopify order."""
    lines = (
        review.SetLine("466157049", 19900, 1),
        review.SetLine("518995019", 19900, 0),
        review.SetLine("703073504", 19900, 1),
    )
    return review.Decision(lines, discount_minor=1000, tax_minor=1194, paid_at=paid_at)


def test_the_woocommerce_order_as_it_is_earns_nobody_anything_and_says_why(app: Flask, client: FlaskClient) -> None:
    stage = set_stage(app, "woocommerce", currency="USD")  # a program of today
    store = real.store_at("woocommerce", through(client), stage.path, stage.secret)
    assert store.deliver(real.woo_order(store)) == 200
    stage.work()
    order = stage.order(727)
    assert order is not None
    assert (order.state, order.total_minor, order.currency, order.placed_at) == ("paid", 2935, "USD", WOO_PLACED)
    assert stage.reasons() == [{"code": "earned_nothing", "facts": {"reason": "no_terms"}}]
    assert [row.reason for row in stage.asked(lambda: commissions.declined_of_order(order.id))] == ["no_terms"]
    assert stage.earned() == []
    assert stage.held() == {}


def test_with_a_program_of_its_time_but_no_creator_named_it_says_that(app: Flask, client: FlaskClient) -> None:
    stage = set_stage(app, "woocommerce", currency="USD", before=WOO_PLACED)
    store = real.store_at("woocommerce", through(client), stage.path, stage.secret)
    store.deliver(real.woo_order(store))
    stage.work()
    assert stage.reasons() == [{"code": "earned_nothing", "facts": {"reason": "no_touch"}}]


@pytest.mark.parametrize("by", ["click", "code"])
def test_with_only_a_click_id_or_a_coupon_line_it_earns_what_was_worked_out_by_hand(
    app: Flask, client: FlaskClient, by: str
) -> None:
    stage = set_stage(app, "woocommerce", currency="USD", before=WOO_PLACED)
    store = real.store_at("woocommerce", through(client), stage.path, stage.secret)
    letter = real.woo_order(store, click=stage.click) if by == "click" else real.woo_order(store, code="RANI10")
    store.deliver(letter)
    stage.work()
    assert stage.earned() == [(by, 225, "USD")]
    assert stage.held() == {"payable": 225}  # its 14 days were over long ago
    order = stage.order(727)
    assert order is not None
    (commission,) = stage.asked(lambda: commissions.of_order(order.id))
    assert [(line["line"], line["base"], line["amount"]) for line in commission.lines] == [("315", 600, 75), ("316", 1200, 150)]
    assert commission.creator_id == stage.creator.id
    assert commission.due_at == WOO_PLACED + timedelta(days=14)

    # replays, duplicates under other delivery ids, and the update that says the same again
    store.deliver(letter)
    again = store.letter("order.updated", letter.body)
    for _ in range(2):
        store.deliver(again)
    stage.work()
    assert stage.earned() == [(by, 225, "USD")]
    assert stage.held() == {"payable": 225}  # its 14 days were over long ago
    assert {state for state, _ in stage.events()} == {"worked"}


def test_the_shopify_order_waits_in_review_with_its_reasons_and_its_refund_with_it(app: Flask, client: FlaskClient) -> None:
    stage = set_stage(app, "shopify", currency="USD", before=SHOPIFY_PLACED)
    store = real.store_at("shopify", through(client), stage.path, stage.secret)
    order, refund = real.shopify_order(store, click=stage.click), real.shopify_refund(store)
    assert [store.deliver(order), store.deliver(refund)] == [200, 200]
    stage.work()

    assert stage.events() == [("review", "in_review"), ("parked", "waits_for_review")]
    found = stage.review()
    assert [item["code"] for item in found.reasons] == ["lines_differ", "subtotal_differs", "code_not_allocated", "not_paid"]
    assert found.reasons[0]["facts"] == {
        "lines": {"minor": 59700, "currency": "USD"}, "stated": {"minor": 39800, "currency": "USD"},
    }  # fmt: skip
    assert found.reasons[2]["facts"]["code"] == "TENOFF"
    assert stage.order(450789469) is None
    assert stage.held() == {}

    with app.app_context():
        review.resolve(found, as_resolved(), actor=OWNER, now=NOW)
    assert [state for state, _ in stage.events()] == ["worked", "worked"]
    booked = stage.order(450789469)
    assert booked is not None
    assert (booked.state, booked.total_minor) == ("refunded", 38800 + 1194)
    (given,) = stage.asked(lambda: orders.refunds_of(booked.id))
    assert {part["line"]: part["amount"] for part in given.lines} == {"466157049": 19400, "703073504": 19400}
    (commission,) = stage.asked(lambda: commissions.of_order(booked.id))
    assert [(line["line"], line["base"], line["amount"]) for line in commission.lines] == [
        ("466157049", 19400, 2425),
        ("703073504", 19400, 2425),
    ]
    assert (commission.via, commission.original_minor, commission.amount_minor) == ("click", 4850, 0)
    assert stage.held() == {}
    assert stage.events()[1] == ("worked", "refund_from_quantity")

    # replays and duplicates change nothing
    for letter in (order, refund, store.letter("orders/paid", order.body), store.letter("refunds/create", refund.body)):
        store.deliver(letter)
    stage.work()
    assert stage.asked(lambda: connections.reviews_of(stage.brand.id)) == []
    assert len(stage.asked(lambda: orders.refunds_of(booked.id))) == 1
    assert stage.earned() == [("click", 0, "USD")]
    assert stage.findings() == []


def test_the_shopify_refund_may_come_first(app: Flask, client: FlaskClient) -> None:
    stage = set_stage(app, "shopify", currency="USD", before=SHOPIFY_PLACED)
    store = real.store_at("shopify", through(client), stage.path, stage.secret)
    store.deliver(real.shopify_refund(store))
    stage.work()
    assert stage.events() == [("parked", "waits_for_order")]
    store.deliver(real.shopify_order(store, code="rani10"))
    stage.work()
    assert stage.events() == [("parked", "waits_for_order"), ("review", "in_review")]
    with app.app_context():
        review.resolve(stage.review(), as_resolved(), actor=OWNER, now=NOW)
    assert [state for state, _ in stage.events()] == ["worked", "worked"]
    assert stage.earned() == [("code", 0, "USD")]


def test_resolved_as_not_paid_the_order_waits_for_its_money_and_the_refund_too(app: Flask, client: FlaskClient) -> None:
    stage = set_stage(app, "shopify", currency="USD", before=SHOPIFY_PLACED)
    store = real.store_at("shopify", through(client), stage.path, stage.secret)
    store.deliver(real.shopify_order(store, click=stage.click))
    store.deliver(real.shopify_refund(store))
    stage.work()
    with app.app_context():
        review.resolve(stage.review(), as_resolved(paid_at=None), actor=OWNER, now=NOW)
    assert stage.events() == [("worked", "awaiting"), ("parked", "waits_for_payment")]
    paid = real.shopify_order(store, click=stage.click).body.replace(b'"authorized"', b'"paid"')
    store.deliver(store.letter("orders/paid", paid))
    stage.work()
    assert [state for state, _ in stage.events()] == ["worked", "worked", "worked"]
    assert stage.earned() == [("click", 0, "USD")]  # as the person had set it, and the refund after it


def test_unchanged_the_shopify_order_lands_in_review_too_and_is_attributed_to_nobody(app: Flask, client: FlaskClient) -> None:
    stage = set_stage(app, "shopify", currency="USD")
    store = real.store_at("shopify", through(client), stage.path, stage.secret)
    for letter in (real.shopify_order(store), real.shopify_refund(store)):
        assert store.deliver(letter) == 200
    stage.work()
    assert stage.events() == [("review", "in_review"), ("parked", "waits_for_review")]
    with app.app_context():
        review.resolve(stage.review(), as_resolved(), actor=OWNER, now=NOW)
    assert stage.reasons()[0] == {"code": "earned_nothing", "facts": {"reason": "no_terms"}}
    assert stage.earned() == []


@pytest.mark.parametrize(("provider", "name"), [("shopify", "shopify-order"), ("woocommerce", "woocommerce-order")])
def test_a_wrong_signature_gets_401_and_keeps_nothing(app: Flask, client: FlaskClient, provider: str, name: str) -> None:
    stage = set_stage(app, provider, currency="USD")
    store = real.store_at(provider, through(client), stage.path, "not the secret")
    assert store.once(store.letter("orders/paid" if provider == "shopify" else "order.created", real.raw(name))) == 401
    assert stage.events() == []


def test_every_number_of_the_untidy_order_is_there_for_the_person_to_see(app: Flask, client: FlaskClient) -> None:
    stage: Stage = set_stage(app, "shopify", currency="USD")
    store = real.store_at("shopify", through(client), stage.path, stage.secret)
    store.deliver(real.shopify_order(store))
    stage.work()
    assert stage.review().proposal["stated"] == {
        "total_line_items_price": "398.00", "total_discounts": "0.00", "subtotal_price": "398.00", "total_tax": "11.94",
        "total_price": "409.94", "status": "authorized",
    }  # fmt: skip
