"""What every store's adapter promises: the same suite for Shopify, WooCommerce and a fake."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from socialshop.adapters.stores import STORES, Ignored, Problems, Store, StoreOrder, Unusable
from socialshop.adapters.stores.signing import sign

from ..doubles.stores import FORGERIES, Delivery, Double, FakeStore, Sale, ShopifyDouble, Thing, WooDouble

SECRET = "secret-of-this-store"


class FakeDouble(Double):
    signature_header = "X-Fake-Signature"

    def envelope(self, topic: str) -> dict[str, str]:
        return {"X-Fake-Topic": topic}

    def order(self, sale: Sale) -> Delivery:
        return self.letter("order", self.document(sale))

    @staticmethod
    def document(sale: Sale) -> dict[str, Any]:
        return {
            "id": sale.id, "currency": sale.currency, "at": sale.placed_at.isoformat(), "test": sale.test, "paid": sale.paid,
            "cancelled": sale.cancelled, "shipping": sale.minor(sale.shipping), "tax": sale.minor(sale.tax), "total": sale.total,
            "carried": {"ss_click": sale.click} if sale.click else {}, "codes": [sale.code] if sale.code else [],
            "email": sale.email,
            "lines": [
                {"key": t.key, "title": t.title, "price": sale.minor(t.price), "quantity": t.quantity, "off": sale.minor(t.off),
                 "product": t.product}
                for t in sale.things
            ],
        }  # fmt: skip


def nobody(*_: object) -> int:
    raise AssertionError("nothing is sent here")


PAIRS: list[tuple[Store, Any]] = [
    (STORES["shopify"], ShopifyDouble(nobody, "", SECRET)),
    (STORES["woocommerce"], WooDouble(nobody, "", SECRET)),
    (FakeStore(), FakeDouble(nobody, "", SECRET)),
]
both = pytest.mark.parametrize(("store", "double"), PAIRS, ids=["shopify", "woocommerce", "fake"])


def headers_of(delivery: Delivery) -> dict[str, str]:
    return {name.lower(): value for name, value in delivery.headers.items()}


def read(store: Store, delivery: Delivery, names: tuple[str, ...] = ("ss_click",)) -> Any:
    return store.read(delivery.body, delivery.topic, click_names=names)


@both
def test_its_own_signature_passes(store: Store, double: Any) -> None:
    letter = double.order(Sale())
    assert store.verify(letter.body, headers_of(letter), [SECRET])


@both
@pytest.mark.parametrize("how", FORGERIES)
def test_every_other_signature_is_refused(store: Store, double: Any, how: str) -> None:
    letter = double.forged(double.order(Sale()), how)
    assert not store.verify(letter.body, headers_of(letter), [SECRET])


@both
@pytest.mark.parametrize("secrets", [[], [""]])
def test_without_a_secret_nothing_passes(store: Store, double: Any, secrets: list[str]) -> None:
    letter = double.order(Sale())
    by_nobody = {**headers_of(letter), double.signature_header.lower(): sign(letter.body, "")}
    assert not store.verify(letter.body, by_nobody, secrets)
    assert not store.verify(letter.body, headers_of(letter), secrets)


@both
def test_two_secrets_live_during_rotation(store: Store, double: Any) -> None:
    letter = double.order(Sale())
    assert store.verify(letter.body, headers_of(letter), ["the new one", SECRET])
    assert not store.verify(letter.body, headers_of(letter), ["the new one", "the one before"])


@both
def test_the_same_letter_has_the_same_key_and_another_has_not(store: Store, double: Any) -> None:
    letter = double.order(Sale())
    label = store.label(letter.body, headers_of(letter))
    assert label.key == store.label(letter.body, headers_of(letter)).key
    assert (label.object_id, label.known, label.trouble) == ("5001", True, "")
    assert 0 < len(label.key) <= 200
    other = double.order(Sale(id=5002))
    assert store.label(other.body, headers_of(other)).key != label.key


@both
def test_an_order_is_read_to_the_unit(store: Store, double: Any) -> None:
    sale = Sale(
        things=(Thing("11", "100000", 2, off="20000"), Thing("12", "65000")), shipping="15000", tax="26950", click="clk_1"
    )
    told = read(store, double.order(sale))
    assert isinstance(told, StoreOrder)
    assert [(line.key, line.price_minor, line.quantity, line.net_minor) for line in told.lines] == [
        ("11", 100000, 2, 180000),
        ("12", 65000, 1, 65000),
    ]
    assert (told.currency, told.net_minor, told.shipping_minor, told.tax_minor) == ("IDR", 245000, 15000, 26950)
    assert (told.standing, told.was_paid, told.placed_at) == ("paid", True, sale.placed_at)
    assert (told.click, told.email) == ("clk_1", "ayu@example.test")


@both
def test_a_code_is_carried(store: Store, double: Any) -> None:
    told = read(store, double.order(Sale(things=(Thing("11", "100000", off="10000"),), code="rani10")))
    assert told.codes == ("rani10",)


@both
def test_cents_stay_cents(store: Store, double: Any) -> None:
    told = read(store, double.order(Sale(currency="USD", things=(Thing("11", "0.07", 3), Thing("12", "19.99", off="0.29")))))
    assert [line.net_minor for line in told.lines] == [21, 1970]


@both
def test_what_does_not_add_up_is_told_and_not_guessed(store: Store, double: Any) -> None:
    told = read(store, double.order(Sale(slip="1")))
    assert isinstance(told, Problems)
    assert [problem.code for problem in told.problems] == ["total_differs"]
    assert told.order.net_minor == 265000  # what could be read is there for a person to see


@both
def test_an_unpaid_order_waits_and_a_cancelled_one_says_so(store: Store, double: Any) -> None:
    unpaid = double.order(Sale(paid=False)) if store.provider != "shopify" else double.order(Sale(paid=False), "orders/create")
    assert read(store, unpaid).standing == "awaiting"
    cancelled = getattr(double, "cancel", lambda sale: double.order(replace(sale, cancelled=True)))(Sale())
    assert read(store, cancelled).standing == "cancelled"


@both
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_json"),
        (b"[]", "not_an_object"),
        (b'{"id": 1, "id": 2}', "duplicate_key"),
        (b'{"id": NaN}', "not_a_number"),
        (b'{"id": "\\u0000"}', "nul_character"),
        (b'{"id": "\\ud800"}', "not_utf8"),
        (b"\xff\xfe", "not_utf8"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "too_deep"),
        (b"[" * 100_000, "too_deep"),
        (b"{}", "no_order_id"),
    ],
)
def test_hostile_bodies_are_named_and_never_a_crash(store: Store, double: Any, body: bytes, code: str) -> None:
    topic = double.order(Sale()).topic
    letter = double.letter(topic, body)
    assert store.label(letter.body, headers_of(letter)).trouble == code
    if body != b"{}":
        with pytest.raises(Unusable) as caught:
            read(store, letter)
        assert caught.value.code == code


@both
def test_an_unknown_topic_is_none_of_our_business(store: Store, double: Any) -> None:
    letter = double.letter("app/uninstalled", b"{}")
    assert not store.label(letter.body, headers_of(letter)).known


@pytest.mark.parametrize(("store", "double"), [PAIRS[0], PAIRS[2]], ids=["shopify", "fake"])
def test_a_test_order_is_ignored(store: Store, double: Any) -> None:
    assert read(store, double.order(Sale(test=True))) == Ignored("test_order")


@pytest.mark.parametrize(("store", "double"), PAIRS[:2], ids=["shopify", "woocommerce"])
def test_the_brand_may_choose_the_name_of_the_click_parameter(store: Store, double: Any) -> None:
    letter = double.order(Sale(click="clk_1"))
    renamed = double.letter(letter.topic, letter.body.replace(b"ss_click", b"jejak"))
    assert read(store, renamed).click == ""
    assert read(store, renamed, ("jejak", "ss_click")).click == "clk_1"


@both
def test_what_was_read_can_be_written_down_and_read_again(store: Store, double: Any) -> None:
    from socialshop.adapters.stores import order_from

    told = read(store, double.order(Sale(code="rani10", click="clk_1", shipping="9000")))
    again = order_from(json.loads(json.dumps(told.to_document())))
    assert replace(again, refunds=told.refunds, closed_at=told.closed_at) == told
    assert again.fingerprint == told.fingerprint
