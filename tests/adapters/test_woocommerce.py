"""WooCommerce's documents: signature vector, ping, states, odd divisions, refunds that name only an amount."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialshop.adapters.stores import STORES, Ignored, Problems, StoreOrder
from socialshop.adapters.stores.signing import sign

from .. import real_documents as real
from ..doubles.stores import Giving, Sale, Thing, WooDouble

WOO = STORES["woocommerce"]
V6_SECRET = "wc_secret_TestOnly0005"
V6_BODY = b'{"id":727,"status":"processing","currency":"IDR","total":"205000.00","coupon_lines":[{"code":"rani10"}]}'
V6_HEADER = "X7FawKfxy3T9tW7EFnL6Peky3BmMJrgXM13oC2l1rm8="


def read(document: dict[str, Any], names: tuple[str, ...] = ("ss_click",)) -> Any:
    return WOO.read(json.dumps(document).encode(), "order.updated", click_names=names)


def codes(told: Any) -> list[str]:
    return [problem.code for problem in told.problems] if isinstance(told, Problems) else []


def test_vector_v6() -> None:
    assert len(V6_BODY) == 104
    assert sign(V6_BODY, V6_SECRET) == V6_HEADER
    assert WOO.verify(V6_BODY, {"x-wc-webhook-signature": V6_HEADER}, [V6_SECRET])
    assert not WOO.verify(V6_BODY.replace(b"205000.00", b"205000"), {"x-wc-webhook-signature": V6_HEADER}, [V6_SECRET])
    assert not WOO.verify(V6_BODY, {"x-wc-webhook-signature": V6_HEADER}, ["another", ""])


def test_the_ping_is_a_form_without_a_signature() -> None:
    assert WOO.is_ping(b"webhook_id=12", {})
    assert not WOO.is_ping(b"webhook_id=12", {"x-wc-webhook-signature": "x"})
    assert not WOO.is_ping(b"webhook_id=12", {"x-wc-webhook-topic": "order.created"})
    assert not WOO.is_ping(b"webhook_id=12&a=b", {})


def label(document: dict[str, Any], **headers: str) -> Any:
    return WOO.label(json.dumps(document).encode(), {"x-wc-webhook-topic": "order.updated", **headers})


def test_order_status_and_time_of_change_make_the_event() -> None:
    document = WooDouble.document(Sale())
    one = label(document, **{"x-wc-webhook-delivery-id": "a"})
    assert one.business_key == "5001:processing:2026-06-01T03:00:00"
    assert one.key == label(document, **{"x-wc-webhook-delivery-id": "b"}).key
    assert one.key != label({**document, "status": "completed"}).key
    assert one.key != label({**document, "date_modified_gmt": "2026-06-01T03:00:01"}).key
    assert one.key != label({**document, "refunds": [{"id": 1, "total": "-1.00"}]}).key  # two changes within one second


@pytest.mark.parametrize(
    ("status", "method", "paid_on", "standing", "was_paid"),
    [
        ("processing", "bacs", None, "paid", True),
        ("completed", "bacs", None, "paid", True),
        ("pending", "bacs", None, "awaiting", False),
        ("on-hold", "bacs", None, "awaiting", False),
        ("on-hold", "bacs", "2026-06-01T03:00:00", "paid", True),
        ("wc-shipped", "bacs", "2026-06-01T03:00:00", "paid", True),  # states that plug-ins add
        ("wc-shipped", "bacs", None, "awaiting", False),
        ("processing", "cod", None, "awaiting", False),  # accepted, not collected
        ("processing", "cod", "2026-06-01T03:00:00", "awaiting", False),
        ("completed", "cod", None, "paid", True),
        ("cancelled", "bacs", None, "cancelled", False),
        ("cancelled", "bacs", "2026-06-01T03:00:00", "cancelled", True),
        ("failed", "bacs", None, "cancelled", False),
        ("refunded", "bacs", None, "paid", True),
    ],
)
def test_when_an_order_is_paid(status: str, method: str, paid_on: str | None, standing: str, was_paid: bool) -> None:
    told = read({**WooDouble.document(Sale()), "status": status, "payment_method": method, "date_paid_gmt": paid_on})
    assert (told.standing, told.was_paid) == (standing, was_paid)


@pytest.mark.parametrize("status", ["checkout-draft", "auto-draft", "trash"])
def test_drafts_are_no_orders(status: str) -> None:
    assert read({**WooDouble.document(Sale()), "status": status}) == Ignored("draft", {"status": status})


def test_a_deleted_order_has_only_a_number() -> None:
    assert WOO.read(b'{"id": 727}', "order.deleted", click_names=()) == Ignored("deleted_in_store")


@given(st.integers(1, 40), st.integers(1, 10**7), st.data())
def test_whatever_the_division_the_net_is_exact(quantity: int, subtotal: int, data: st.DataObject) -> None:
    total = data.draw(st.integers(0, subtotal))
    document = WooDouble.document(Sale(currency="USD", things=(Thing("11", "1.00"),)))
    written = {"subtotal": f"{subtotal // 100}.{subtotal % 100:02}", "total": f"{total // 100}.{total % 100:02}"}
    document["line_items"][0] |= {"quantity": quantity, **written}
    off = subtotal - total
    document |= {"total": written["total"], "discount_total": f"{off // 100}.{off % 100:02}"}
    told = read(document)
    assert isinstance(told, StoreOrder)
    (line,) = told.lines
    assert line.net_minor == total
    assert 0 <= line.discount_minor <= line.price_minor * line.quantity
    assert line.price_minor * quantity - subtotal < quantity  # the price is rounded up by less than a unit a piece


def test_prices_with_tax_inside_may_miss_the_total_by_a_unit_a_line_and_no_more() -> None:
    document = {
        **WooDouble.document(Sale(currency="USD", things=(Thing("11", "10.00"), Thing("12", "5.00")))),
        "prices_include_tax": True,
    }
    assert codes(read({**document, "total": "15.02"})) == []
    assert codes(read({**document, "total": "15.03"})) == ["total_differs"]
    assert codes(read({**document, "total": "15.02", "prices_include_tax": False})) == ["total_differs"]


def test_a_coupon_that_is_in_no_line_is_doubted() -> None:
    document = WooDouble.document(Sale())
    document["coupon_lines"] = [{"code": "rani10", "discount": "5000.00"}]
    assert codes(read(document)) == ["code_not_allocated"]
    assert codes(read({**document, "discount_total": "5000.00"})) == ["discount_differs", "code_not_allocated"]


def test_fees_are_no_goods_and_negative_ones_are_discounts() -> None:
    document = WooDouble.document(Sale(shipping="9000"))
    document |= {"fee_lines": [{"total": "2500.00"}, {"total": "-10000.00"}], "total": "266500.00"}
    told = read(document)
    assert (codes(told), told.shipping_minor, told.discount_minor, told.net_minor) == ([], 11500, 10000, 255000)


def meta(*pairs: tuple[str, Any]) -> dict[str, Any]:
    return {**WooDouble.document(Sale()), "meta_data": [{"id": 1, "key": key, "value": value} for key, value in pairs]}


@pytest.mark.parametrize(
    ("pairs", "names", "found"),
    [
        ([("ss_click", "clk_a")], ("ss_click",), "clk_a"),
        ([("_ss_click", "clk_a")], ("ss_click",), "clk_a"),
        ([("_wc_order_attribution_session_entry", "https://toko.example/?a=1&ss_click=clk_b")], ("ss_click",), "clk_b"),
        ([("_wc_order_attribution_utm_content", "clk_c")], ("utm_content", "ss_click"), "clk_c"),  # a name that the brand chose
        ([("_wc_order_attribution_utm_content", "clk_c")], ("ss_click",), ""),
        ([("_wc_order_attribution_session_entry", "https://toko.example/")], ("ss_click",), ""),
        ([("ss_click", {"nested": 1}), ("x", ["ss_click"])], ("ss_click",), ""),
    ],
)
def test_where_the_click_id_is_found(pairs: list[tuple[str, Any]], names: tuple[str, ...], found: str) -> None:
    assert read(meta(*pairs), names).click == found


SALE = Sale(currency="USD", things=(Thing("11", "12.00"), Thing("12", "3.00", 2)), shipping="10.00", tax="1.35")


def refunds(*amounts: str, status: str = "processing") -> list[tuple[str, int | None, bool, int]]:
    told = read(
        {
            **WooDouble.document(replace(SALE, refunds=tuple(Giving(n + 1, amount=a) for n, a in enumerate(amounts)))),
            "status": status,
        }
    )
    return [(refund.key, refund.amount_minor, refund.full, refund.shipping_minor) for refund in told.refunds]


def test_a_refund_counts_for_the_goods_without_their_tax() -> None:
    assert refunds("12.90") == [("refund:1", 1200, False, 90)]  # 12.00 and 7.5 % tax on it


def test_refunds_in_pieces_end_at_the_goods_and_the_rest_was_shipping() -> None:
    assert refunds("12.90", "6.45", "10.00") == [
        ("refund:1", 1200, False, 90), ("refund:2", 600, False, 45), ("refund:3", 0, False, 1000),
    ]  # fmt: skip
    assert refunds("29.35") == [("refund:1", 1800, False, 1135)]


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=8))
def test_pieces_never_exceed_the_goods_and_never_go_back(cents: list[int]) -> None:
    found = refunds(*[f"{c // 100}.{c % 100:02}" for c in cents])
    nets = [amount or 0 for _, amount, _, _ in found]
    assert min(nets) >= 0
    assert sum(nets) <= 1800
    assert all(net + beside == cent for (_, net, _, beside), cent in zip(found, cents, strict=True))


def test_a_refunded_order_without_the_whole_amount_gives_back_the_rest() -> None:
    assert refunds("6.45", status="refunded") == [("refund:1", 600, False, 45), ("refunded", None, True, 0)]
    assert refunds(status="refunded") == [("refunded", None, True, 0)]


@real.needs_them
def test_the_real_order_adds_up() -> None:
    told = WOO.read(real.raw("woocommerce-order"), "order.created", click_names=("ss_click",))
    assert isinstance(told, StoreOrder)
    assert [(line.key, line.net_minor, line.quantity, line.title) for line in told.lines] == [
        ("315", 600, 2, "Woo Single #1"),
        ("316", 1200, 1, "Ship Your Idea – Color: Black, Size: M Test"),
    ]
    assert (told.net_minor, told.shipping_minor, told.tax_minor, told.was_paid) == (1800, 1000, 135, True)
    assert (told.customer_id, told.email) == ("", "john.doe@example.com")
