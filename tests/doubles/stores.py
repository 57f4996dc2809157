"""Stores that behave like the real ones: they write, sign and send webhooks to our address.

`ShopifyDouble` and `WooDouble` send through any `send(path, body, headers) -> status`: `through(client)` for Flask's test
client, `over_http(base_url)` for a running server. `FakeStore` is the simplest thing that passes the adapters' contract.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from flask.testing import FlaskClient

from socialshop.adapters.stores import (
    Ignored,
    Label,
    Problem,
    Problems,
    RefundedLine,
    StoreLine,
    StoreOrder,
    StoreRefund,
    Telling,
)
from socialshop.adapters.stores.reading import digest, document
from socialshop.adapters.stores.signing import sign, signed
from socialshop.kernel.money import from_decimal, to_decimal

Send = Callable[[str, bytes, Mapping[str, str]], int]


class TooSlow(AssertionError):
    """We answered later than this store waits."""


class Dropped(AssertionError):
    """The store has given up on a delivery."""


def through(client: FlaskClient) -> Send:
    """Send through Flask's test client."""

    def send(path: str, body: bytes, headers: Mapping[str, str]) -> int:
        return client.post(path, data=body, headers=dict(headers)).status_code

    return send


def over_http(base_url: str) -> Send:
    """Send to a running server."""

    def send(path: str, body: bytes, headers: Mapping[str, str]) -> int:
        try:
            return requests.post(base_url + path, data=body, headers=dict(headers), timeout=5, allow_redirects=False).status_code
        except requests.RequestException:
            return 0

    return send


@dataclass(frozen=True)
class Thing:
    """A line of a sale: amounts as decimal text, net of tax; `off` is its share of discounts."""

    key: str
    price: str
    quantity: int = 1
    off: str = "0"
    title: str = "Kaos linen"
    product: str = "901"


@dataclass(frozen=True)
class Sale:
    """What happened in a store, in no store's words."""

    id: int = 5001
    things: tuple[Thing, ...] = (Thing("11", "100000", 2), Thing("12", "65000"))
    currency: str = "IDR"
    shipping: str = "0"
    tax: str = "0"
    paid: bool = True
    cancelled: bool = False
    click: str = ""
    code: str = ""
    email: str = "ayu@example.test"
    placed_at: datetime = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
    changed_after: int = 0  # seconds after placed_at
    refunds: tuple[Giving, ...] = ()
    test: bool = False
    slip: str = "0"  # how much the stated total is wrong by

    @property
    def changed_at(self) -> datetime:
        return self.placed_at + timedelta(seconds=self.changed_after)

    def minor(self, text: str) -> int:
        return from_decimal(text, self.currency)

    def text(self, minor: int) -> str:
        plain = to_decimal(minor, self.currency)
        return plain if "." in plain else f"{plain}.00"  # rupiah with two decimals, as stores write them

    @property
    def gross(self) -> int:
        return sum(self.minor(thing.price) * thing.quantity for thing in self.things)

    @property
    def off(self) -> int:
        return sum(self.minor(thing.off) for thing in self.things)

    @property
    def total(self) -> int:
        return self.gross - self.off + self.minor(self.shipping) + self.minor(self.tax) + self.minor(self.slip)


@dataclass(frozen=True)
class Giving:
    """Money given back: pieces of a line with their worth (None: the store does not say), or an amount."""

    id: int
    line: str = ""
    pieces: int = 1
    amount: str | None = None
    at: datetime = datetime(2026, 6, 2, 3, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Delivery:
    """One request, signed."""

    topic: str
    body: bytes
    headers: Mapping[str, str]


class Double:
    """What all stores do; subclasses know the words and the rules of theirs."""

    signature_header = ""
    reply_limit = 5.0  # seconds for the whole answer
    tries = 1

    def __init__(self, send: Send, path: str, secret: str) -> None:
        self.post, self.path, self.secret = send, path, secret
        self.statuses: list[int] = []

    def deliver(self, delivery: Delivery) -> int:
        """Send as this store does: within its patience, again where it does that; Dropped at the end of it."""
        status = 0
        for _ in range(self.tries):
            began = time.monotonic()
            status = self.post(self.path, delivery.body, delivery.headers)
            if time.monotonic() - began > self.reply_limit:
                raise TooSlow(f"{time.monotonic() - began:.1f} s")
            self.statuses.append(status)
            if 200 <= status < 300:
                return status
        raise Dropped(f"last answer {status}")

    def once(self, delivery: Delivery) -> int:
        """Send once and look at the answer."""
        return self.post(self.path, delivery.body, delivery.headers)

    def letter(self, topic: str, document: Mapping[str, Any] | bytes) -> Delivery:
        """Write and sign; bytes are sent as they are."""
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        return Delivery(topic, body, {**self.envelope(topic), self.signature_header: sign(body, self.secret)})

    def envelope(self, topic: str) -> dict[str, str]:
        raise NotImplementedError

    def forged(self, delivery: Delivery, how: str) -> Delivery:
        """The same letter with a signature that must not pass."""
        headers = dict(delivery.headers)
        good = headers.pop(self.signature_header, "")
        if how == "changed body":
            return replace(delivery, body=delivery.body + b" ")
        wrong = {
            "missing": None, "empty": "", "other secret": sign(delivery.body, self.secret + "x"), "malformed": "%%%not base64%%%",
            "hex": "00" * 32, "short": good[:20], "truncated": good.rstrip("="), "junk inside": f"{good[:9]}!{good[9:]}",
        }[how]  # fmt: skip
        return replace(delivery, headers=headers if wrong is None else {**headers, self.signature_header: wrong})


FORGERIES = ("missing", "empty", "other secret", "malformed", "hex", "short", "truncated", "junk inside", "changed body")


class ShopifyDouble(Double):
    """8 retries, 5 s for the whole reply, an id per delivery that its retries share."""

    signature_header = "X-Shopify-Hmac-Sha256"
    reply_limit = 5.0
    tries = 9

    def envelope(self, topic: str) -> dict[str, str]:
        return {
            "Content-Type": "application/json", "X-Shopify-Topic": topic, "X-Shopify-Shop-Domain": "toko.myshopify.com",
            "X-Shopify-API-Version": "2026-10", "X-Shopify-Webhook-Id": str(uuid.uuid4()),
            "X-Shopify-Event-Id": str(uuid.uuid4()),
        }  # fmt: skip

    def order(self, sale: Sale, topic: str = "orders/paid") -> Delivery:
        return self.letter(topic, self.document(sale))

    def cancel(self, sale: Sale) -> Delivery:
        return self.letter("orders/cancelled", self.document(replace(sale, cancelled=True)))

    def refund(self, sale: Sale, giving: Giving) -> Delivery:
        return self.letter("refunds/create", self.refund_document(sale, giving))

    @staticmethod
    def document(sale: Sale) -> dict[str, Any]:
        return {
            "id": sale.id, "name": f"#{sale.id}", "currency": sale.currency, "test": sale.test, "taxes_included": False,
            "created_at": sale.placed_at.isoformat(), "processed_at": sale.placed_at.isoformat(),
            "updated_at": sale.changed_at.isoformat(),
            "cancelled_at": sale.changed_at.isoformat() if sale.cancelled else None,
            "financial_status": "paid" if sale.paid else "pending",
            "total_line_items_price": sale.text(sale.gross), "total_discounts": sale.text(sale.off),
            "subtotal_price": sale.text(sale.gross - sale.off), "total_tax": sale.text(sale.minor(sale.tax)),
            "total_price": sale.text(sale.total), "email": sale.email, "customer": {"id": 77, "email": sale.email},
            "discount_codes": [{"code": sale.code, "amount": sale.text(sale.off), "type": "fixed_amount"}] if sale.code else [],
            "note_attributes": [{"name": "ss_click", "value": sale.click}] if sale.click else [],
            "shipping_lines": [{"title": "JNE", "price": sale.text(sale.minor(sale.shipping))}],
            "line_items": [
                {
                    "id": int(thing.key), "title": thing.title, "price": sale.text(sale.minor(thing.price)),
                    "quantity": thing.quantity, "product_id": int(thing.product), "total_discount": "0.00", "tax_lines": [],
                    "discount_allocations": [{"amount": sale.text(sale.minor(thing.off)), "discount_application_index": 0}],
                }
                for thing in sale.things
            ],
            "refunds": [ShopifyDouble.refund_document(sale, giving) for giving in sale.refunds],
        }  # fmt: skip

    @staticmethod
    def refund_document(sale: Sale, giving: Giving) -> dict[str, Any]:
        item: dict[str, Any] = {"id": giving.id * 10, "line_item_id": int(giving.line), "quantity": giving.pieces}
        if giving.amount is not None:  # JSON numbers here, strings elsewhere
            item |= {"subtotal": float(giving.amount) if "." in giving.amount else int(giving.amount), "total_tax": 0}
        return {
            "id": giving.id, "order_id": sale.id, "created_at": giving.at.isoformat(), "note": "dikembalikan",
            "refund_line_items": [item], "order_adjustments": [], "transactions": [],
        }  # fmt: skip


class WooDouble(Double):
    """No retries, 60 s, 200–302 is success; a delivery id that differs each time."""

    signature_header = "X-WC-Webhook-Signature"
    reply_limit = 60.0
    tries = 1

    def envelope(self, topic: str) -> dict[str, str]:
        return {
            "Content-Type": "application/json", "User-Agent": "WooCommerce/9.9 Hookshot (WordPress/6.9)",
            "X-WC-Webhook-Source": "https://toko.example/", "X-WC-Webhook-Topic": topic, "X-WC-Webhook-Resource": "order",
            "X-WC-Webhook-Event": topic.partition(".")[2], "X-WC-Webhook-ID": "3", "X-WC-Webhook-Delivery-ID": uuid.uuid4().hex,
        }  # fmt: skip

    def ping(self) -> int:
        """What WooCommerce sends when the webhook is saved: a form, unsigned."""
        return self.post(self.path, b"webhook_id=3", {"Content-Type": "application/x-www-form-urlencoded"})

    def order(self, sale: Sale, topic: str = "order.updated", **more: Any) -> Delivery:
        return self.letter(topic, {**self.document(sale), **more})

    def cancel(self, sale: Sale) -> Delivery:
        return self.order(replace(sale, cancelled=True))

    @staticmethod
    def document(sale: Sale) -> dict[str, Any]:
        gmt = "%Y-%m-%dT%H:%M:%S"
        status = "cancelled" if sale.cancelled else "processing" if sale.paid else "pending"
        return {
            "id": sale.id, "number": str(sale.id), "status": status, "currency": sale.currency, "prices_include_tax": False,
            "date_created_gmt": sale.placed_at.strftime(gmt), "date_modified_gmt": sale.changed_at.strftime(gmt),
            "date_paid_gmt": sale.placed_at.strftime(gmt) if sale.paid else None, "payment_method": "bacs",
            "discount_total": sale.text(sale.off), "discount_tax": "0.00", "shipping_total": sale.text(sale.minor(sale.shipping)),
            "shipping_tax": "0.00", "cart_tax": sale.text(sale.minor(sale.tax)), "total_tax": sale.text(sale.minor(sale.tax)),
            "total": sale.text(sale.total), "customer_id": 77,
            "billing": {"first_name": "Ayu", "last_name": "", "email": sale.email},
            "line_items": [
                {
                    "id": int(thing.key), "name": thing.title, "product_id": int(thing.product), "quantity": thing.quantity,
                    "subtotal": sale.text(sale.minor(thing.price) * thing.quantity),
                    "total": sale.text(sale.minor(thing.price) * thing.quantity - sale.minor(thing.off)), "price": 1.5,
                }
                for thing in sale.things
            ],
            "coupon_lines": [{"id": 9, "code": sale.code, "discount": sale.text(sale.off)}] if sale.code else [],
            "fee_lines": [], "shipping_lines": [],
            "meta_data": [{"id": 1, "key": "_ss_click", "value": sale.click}] if sale.click else [],
            "refunds": [
                {"id": giving.id, "reason": "", "total": sale.text(-sale.minor(giving.amount or "0"))} for giving in sale.refunds
            ],
        }  # fmt: skip


@dataclass
class FakeStore:
    """A store that speaks plainly: amounts are minor units. For tests of flows that care for no wire format."""

    provider: str = "fake"
    seen: list[str] = field(default_factory=list)

    def verify(self, body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> bool:
        return signed(body, headers.get("x-fake-signature", ""), secrets)

    def is_ping(self, body: bytes, headers: Mapping[str, str]) -> bool:
        return False

    def is_refund(self, topic: str) -> bool:
        return topic == "refund"

    def label(self, body: bytes, headers: Mapping[str, str]) -> Label:
        topic = headers.get("x-fake-topic", "")
        key = f"{topic}:{digest(body)}"
        if topic not in ("order", "refund"):
            return Label(topic, key, known=False)
        try:
            told = document(body)
        except Exception as error:
            return Label(topic, key, trouble=getattr(error, "code", "not_json"))
        about = str(told.get("order") or told.get("id") or "")
        return Label(topic, key, business_key=key, object_id=about, trouble="" if about else "no_order_id")

    def read(self, body: bytes, topic: str, *, click_names: Sequence[str], order_body: bytes | None = None) -> Telling:
        told = document(body)
        if topic == "refund":
            lines = tuple(RefundedLine(str(one["line"]), one["pieces"], one["net"]) for one in told["lines"])
            return StoreRefund(str(told["order"]), f"refund:{told['id']}", datetime.fromisoformat(told["at"]), lines)
        if told["test"]:
            return Ignored("test_order")
        placed_at = datetime.fromisoformat(told["at"])
        order = StoreOrder(
            remote_id=str(told["id"]), number=str(told["id"]), currency=told["currency"], placed_at=placed_at,
            lines=tuple(
                StoreLine(one["key"], one["title"], one["price"], one["quantity"], one["off"], one["product"])
                for one in told["lines"]
            ),
            standing="cancelled" if told["cancelled"] else "paid" if told["paid"] else "awaiting", was_paid=told["paid"],
            paid_at=placed_at if told["paid"] else None, closed_at=placed_at if told["cancelled"] else None,
            shipping_minor=told["shipping"], tax_minor=told["tax"],
            click=next((told["carried"][name] for name in click_names if name in told["carried"]), ""),
            codes=tuple(told["codes"]), email=told["email"], told_at=placed_at, stated={"total": told["total"]},
        )  # fmt: skip
        if order.net_minor + order.shipping_minor + order.tax_minor != told["total"]:
            return Problems(order, (Problem("total_differs", {"sum": order.net_minor, "stated": told["total"]}),))
        return order
