"""Shopify's documents: signature vector, sums, taxes inside prices, refunds, carriers of our click id."""

from __future__ import annotations

import json
from typing import Any

import pytest

from socialshop.adapters.stores import STORES, Problems, StoreOrder, StoreRefund, Unusable
from socialshop.adapters.stores.signing import sign

from .. import real_documents as real
from ..doubles.stores import Giving, Sale, ShopifyDouble, Thing

SHOPIFY = STORES["shopify"]
V5_SECRET = "shpss_TestOnly0004"
V5_BODY = (
    b'{"id":820000001,"name":"#1001","currency":"IDR","subtotal_price":"164900.00",'
    b'"note_attributes":[{"name":"ref","value":"rani10"}]}'
)
V5_HEADER = "KxipNTaaI0BJi4mCE6+ayIHkCtcOIzy2TGNjX0Z4QXI="


def read(document: dict[str, Any], topic: str = "orders/paid", names: tuple[str, ...] = ("ss_click",), order: Any = None) -> Any:
    body = json.dumps(document).encode()
    return SHOPIFY.read(body, topic, click_names=names, order_body=json.dumps(order).encode() if order else None)


def codes(told: Any) -> list[str]:
    return [problem.code for problem in told.problems] if isinstance(told, Problems) else []


def test_vector_v5() -> None:
    assert len(V5_BODY) == 129
    assert sign(V5_BODY, V5_SECRET) == V5_HEADER
    assert SHOPIFY.verify(V5_BODY, {"x-shopify-hmac-sha256": V5_HEADER}, [V5_SECRET])
    assert SHOPIFY.verify(V5_BODY, {"shopify-hmac-sha256": V5_HEADER}, [V5_SECRET])  # newer headers have no "X-"
    assert not SHOPIFY.verify(V5_BODY + b"\n", {"x-shopify-hmac-sha256": V5_HEADER}, [V5_SECRET])
    as_hex = "2b18a935369a2340498b898213af9ac881e40ad70e233cb64c63635f46784172"
    assert not SHOPIFY.verify(V5_BODY, {"x-shopify-hmac-sha256": as_hex}, [V5_SECRET])


def test_a_ref_in_the_note_attributes_is_a_code() -> None:
    told = SHOPIFY.read(V5_BODY, "orders/paid", click_names=())
    assert isinstance(told, Problems)  # it names no goods
    assert told.order.codes == ("rani10",)


def test_topic_and_webhook_id_make_the_event() -> None:
    body = json.dumps(ShopifyDouble.document(Sale())).encode()
    head = {"x-shopify-topic": "orders/paid", "x-shopify-webhook-id": "w1", "x-shopify-event-id": "e1"}
    label = SHOPIFY.label(body, head)
    assert (label.key, label.business_key, label.object_id) == ("orders/paid:w1", "orders/paid:5001", "5001")
    assert label.delivery == {"webhook_id": "w1", "event_id": "e1"}
    updated = SHOPIFY.label(body, {**head, "x-shopify-topic": "orders/updated"})
    assert updated.key == "orders/updated:w1"  # one event may cause a delivery for each topic
    without = SHOPIFY.label(body, {"x-shopify-topic": "orders/paid"})
    assert without.key.startswith("orders/paid:")
    refund = json.dumps(ShopifyDouble.refund_document(Sale(), Giving(9, "11"))).encode()
    label = SHOPIFY.label(refund, {**head, "x-shopify-topic": "refunds/create"})
    assert (label.object_id, label.business_key) == ("5001", "refunds/create:9")


def test_the_sum_of_section_4_1() -> None:
    """199.00 lines − 34.10 discounts = 164.90 subtotal; + 22.00 shipping = 186.90 total."""
    sale = Sale(currency="USD", things=(Thing("11", "99.50", 2, off="34.10"),), shipping="22.00", code="rani10")
    document = ShopifyDouble.document(sale)
    assert (document["subtotal_price"], document["total_price"]) == ("164.90", "186.90")
    told = read(document)
    assert isinstance(told, StoreOrder)
    assert told.net_minor == 16490


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"total_line_items_price": "1.00"}, "lines_differ"),
        ({"subtotal_price": "1.00"}, "subtotal_differs"),
        ({"total_price": "1.00"}, "total_differs"),
        ({"financial_status": "authorized"}, "not_paid"),
        ({"financial_status": None}, "not_paid"),
        ({"line_items": []}, "no_lines"),
        ({"created_at": None}, "no_date"),
        ({"created_at": "2026-06-01T00:00:00"}, "no_date"),  # without an offset nobody knows when
        ({"discount_codes": [{"code": "TENOFF", "amount": "10.00"}]}, "code_not_allocated"),
        ({"total_tax": "abc"}, "amount_unreadable"),
        ({"total_tax": "1e3"}, "amount_unreadable"),
        ({"total_tax": "0.5"}, "amount_unreadable"),  # half a rupiah
        ({"total_tax": True}, "amount_unreadable"),
    ],
)
def test_each_thing_that_does_not_add_up_has_its_name(change: dict[str, Any], wrong: str) -> None:
    assert wrong in codes(read({**ShopifyDouble.document(Sale()), **change}))


@pytest.mark.parametrize("bad", [None, 0, -1, "2", 1.5, True])
def test_a_quantity_is_a_whole_number_above_zero(bad: Any) -> None:
    document = ShopifyDouble.document(Sale())
    document["line_items"][0]["quantity"] = bad
    assert "quantity_unreadable" in codes(read(document))


def test_two_lines_of_one_number_are_doubted() -> None:
    told = read(ShopifyDouble.document(Sale(things=(Thing("11", "1000"), Thing("11", "2000")))))
    assert codes(told) == ["same_line_twice"]


def test_a_code_for_shipping_needs_no_allocation() -> None:
    document = {**ShopifyDouble.document(Sale()), "discount_codes": [{"code": "ONGKIR", "amount": "9.00", "type": "shipping"}]}
    assert read(document).codes == ("ONGKIR",)


def test_tax_inside_the_prices_is_taken_out_line_by_line() -> None:
    sale = Sale(things=(Thing("11", "111000", 3, off="33300"),))
    document = {**ShopifyDouble.document(sale), "taxes_included": True, "total_tax": "29700.00"}
    document["line_items"][0]["tax_lines"] = [{"price": "29700.00", "rate": 0.11}]  # of 299700
    told = read(document)
    assert isinstance(told, StoreOrder)
    assert (told.net_minor, told.lines[0].quantity) == (270000, 3)
    given = ShopifyDouble.refund_document(sale, Giving(1, "11", 1, "99900"))
    given["refund_line_items"][0]["total_tax"] = 9900
    refund = read(given, "refunds/create", order=document)
    assert refund.lines[0].net_minor == 90000


def test_tips_and_duties_are_part_of_the_total() -> None:
    document = ShopifyDouble.document(Sale())
    document |= {"total_tip_received": "5000.00", "original_total_duties_set": {"shop_money": {"amount": "7000.00"}}}
    document["total_price"] = "277000.00"
    assert codes(read(document)) == []


def test_what_discounts_take_off_the_shipping_is_not_shipping() -> None:
    document = ShopifyDouble.document(Sale(shipping="15000"))
    document["shipping_lines"][0]["discount_allocations"] = [{"amount": "15000.00"}]
    document["total_price"] = "265000.00"
    told = read(document)
    assert (codes(told), told.shipping_minor) == ([], 0)


@pytest.mark.parametrize(
    ("carrier", "found"),
    [
        ({"note_attributes": [{"name": "SS_Click", "value": " clk_a "}]}, "clk_a"),
        ({"landing_site": "/products/kaos?utm_source=ig&ss_click=clk_b"}, "clk_b"),
        ({"landing_site": "https://toko.example/?ss_click=clk_c#x"}, "clk_c"),
        ({"note_attributes": [{"name": "ss_click", "value": "clk_a"}], "landing_site": "/?ss_click=clk_b"}, "clk_a"),
        ({"landing_site": None}, ""),
        ({"landing_site": "http://[bad"}, ""),
        ({"note_attributes": [{"name": "ss_click", "value": "x" * 41}]}, ""),
        ({"note_attributes": [{"name": "ss_click", "value": None}, "text", 3]}, ""),
        ({"note_attributes": {"ss_click": "clk"}}, ""),
    ],
)
def test_where_the_click_id_is_found(carrier: dict[str, Any], found: str) -> None:
    assert read({**ShopifyDouble.document(Sale()), **carrier}).click == found


def refund(**item: Any) -> StoreRefund:
    document = ShopifyDouble.refund_document(Sale(currency="USD"), Giving(7, "11", 2))
    document["refund_line_items"][0] |= item
    told = read(document, "refunds/create", order={"currency": "USD"})
    assert isinstance(told, StoreRefund)
    return told


@pytest.mark.parametrize(
    ("subtotal", "minor"),
    [(164.9, 16490), ("164.90", 16490), (164, 16400), (49.980000000000004, 4998), (0.1 + 0.2, 30), (None, None)],
)
def test_refunds_write_numbers_where_orders_write_text(subtotal: Any, minor: int | None) -> None:
    assert refund(subtotal=subtotal).lines[0].net_minor == minor


def test_the_shops_own_money_is_preferred() -> None:
    told = refund(subtotal=99.0, subtotal_set={"shop_money": {"amount": "12.34"}, "presentment_money": {"amount": "99.00"}})
    assert told.lines[0].net_minor == 1234


def test_half_a_cent_is_refused_and_not_rounded() -> None:
    with pytest.raises(Unusable) as caught:
        refund(subtotal=1.005)
    assert caught.value.code == "amount_unreadable"


def test_shipping_given_back_is_told_apart() -> None:
    document = ShopifyDouble.refund_document(Sale(), Giving(7, "11", 1, "100000"))
    document["order_adjustments"] = [
        {"kind": "shipping_refund", "amount": "-15000.00", "tax_amount": "-1650.00"},
        {"kind": "refund_discrepancy", "amount": "-1.00"},
    ]
    document["transactions"] = [{"kind": "refund", "amount": "116650.00"}]
    told = read(document, "refunds/create", order={"currency": "IDR"})
    assert (told.lines[0].net_minor, told.shipping_minor, told.amount_minor) == (100000, 16650, None)


@real.needs_them
def test_the_real_order_is_full_of_doubts() -> None:
    told = SHOPIFY.read(real.raw("shopify-order"), "orders/paid", click_names=("ss_click",))
    assert codes(told) == ["lines_differ", "subtotal_differs", "code_not_allocated", "not_paid"]
    assert [line.title for line in told.order.lines] == [
        "IPod Nano - 8gb - green", "IPod Nano - 8gb - red", "IPod Nano - 8gb - black",
    ]  # fmt: skip


@real.needs_them
def test_the_real_refund_names_pieces_and_no_price() -> None:
    told = SHOPIFY.read(real.raw("shopify-refund"), "refunds/create", click_names=(), order_body=real.raw("shopify-order"))
    assert isinstance(told, StoreRefund)
    assert [(line.line, line.quantity, line.net_minor) for line in told.lines] == [("703073504", 1, None), ("466157049", 1, None)]
    assert (told.key, told.note, told.amount_minor) == ("refund:509562969", "from_quantity", None)
