"""Shopify's webhooks in our words (payment-apis.md, section 4.1; shopify.dev "Webhooks", "Admin REST: Order, Refund")."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

from .reading import (
    Sums,
    all_of,
    check_lines,
    click_in,
    currency_of,
    digest,
    document,
    identity,
    inner,
    moment,
    objects,
    unit_price,
    words,
)
from .shopify_refunds import UNKNOWN_DATE, refund_alone, refunds_within
from .signing import signed
from .told import Ignored, Label, Problems, Standing, StoreLine, StoreOrder, Telling, Unusable

ORDER_TOPICS = ("orders/create", "orders/paid", "orders/updated", "orders/cancelled")
REFUND_TOPIC = "refunds/create"
PAID = ("paid", "partially_refunded", "refunded")
_CODE_NAMES = ("ref", "ss_ref")
_DELIVERY = {
    "webhook_id": "webhook-id", "event_id": "event-id", "shop": "shop-domain", "api_version": "api-version",
    "triggered_at": "triggered-at", "name": "name",
}  # fmt: skip


class Shopify:
    """The store on Shopify's side of the wire."""

    provider = "shopify"

    def verify(self, body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> bool:
        """`X-Shopify-Hmac-Sha256` is the base64 HMAC-SHA256 of the raw body."""
        return signed(body, _header(headers, "hmac-sha256"), secrets)

    def is_ping(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Shopify greets nobody unsigned."""
        return False

    def is_refund(self, topic: str) -> bool:
        return topic == REFUND_TOPIC

    def label(self, body: bytes, headers: Mapping[str, str]) -> Label:
        """Unique by topic and webhook id (one event may cause several deliveries, one per topic).

        The business key is the refund, or the order and what happened to it, for deliveries made anew by hand.
        """
        topic = _header(headers, "topic")[:60]
        own = {name.removeprefix("x-shopify-").removeprefix("shopify-"): value for name, value in headers.items()}
        delivery = all_of(own, _DELIVERY)
        key = f"{topic}:{delivery.get('webhook_id') or digest(body)}"[:200]
        if topic not in (*ORDER_TOPICS, REFUND_TOPIC):
            return Label(topic, key, delivery=delivery, known=False)
        try:
            told = document(body)
        except Unusable as error:
            return Label(topic, key, delivery=delivery, trouble=error.code)
        about = identity(told.get("id"))
        order_id = identity(told.get("order_id")) if topic == REFUND_TOPIC else about
        told_at = moment(told.get("updated_at")) or moment(told.get("created_at"))
        if not about or not order_id:
            return Label(topic, key, delivery=delivery, told_at=told_at, trouble="no_order_id")
        business = f"{topic}:{about}" + (f":{told.get('updated_at')}"[:60] if topic == "orders/updated" else "")
        return Label(topic, key, business_key=business[:200], object_id=order_id, told_at=told_at, delivery=delivery)

    def read(self, body: bytes, topic: str, *, click_names: Sequence[str], order_body: bytes | None = None) -> Telling:
        """An order with everything the document says about it, or a refund of one."""
        told = document(body)
        if topic == REFUND_TOPIC:
            return refund_alone(told, order_body)
        return _order(told, topic, click_names)


def _header(headers: Mapping[str, str], name: str) -> str:
    # a newer events feature of Shopify drops the "X-"
    return headers.get(f"x-shopify-{name}") or headers.get(f"shopify-{name}") or ""


def _order(told: dict[str, Any], topic: str, click_names: Sequence[str]) -> Telling:
    if told.get("test") is True:
        return Ignored("test_order")
    remote_id = identity(told.get("id"))
    if not remote_id:
        raise Unusable("no_order_id")
    sums = Sums(currency_of(told.get("currency")))
    included = told.get("taxes_included") is True
    lines = _lines(told, sums, included=included)
    shipping = _shipping(told, sums, included=included)
    status = words(told.get("financial_status"), 30)
    check_lines(lines, sums)
    _check_totals(told, sums)
    _check_codes(told, sums)
    paid = status in PAID
    if topic == "orders/paid" and not paid:
        sums.problem("not_paid", status=status or "?")
    elif sums.problems and status == "authorized":
        sums.problem("not_paid", status=status)
    placed_at = moment(told.get("created_at"))
    if placed_at is None:
        sums.problem("no_date")
    closed_at = moment(told.get("cancelled_at"))
    standing: Standing = "cancelled" if closed_at or topic == "orders/cancelled" else "paid" if paid else "awaiting"
    order = StoreOrder(
        remote_id=remote_id,
        number=words(told.get("name"), 40) or remote_id,
        currency=sums.currency,
        placed_at=placed_at or UNKNOWN_DATE,
        lines=lines,
        standing=standing,
        shipping_minor=shipping,
        tax_minor=sums.read(told.get("total_tax"), "total_tax"),
        was_paid=paid,
        paid_at=(moment(told.get("processed_at")) or placed_at) if paid else None,
        closed_at=closed_at,
        refunds=refunds_within(told, remote_id, sums.currency, included=included),
        click=click_in(
            click_names,
            [(item.get("name"), item.get("value")) for item in objects(told.get("note_attributes"))],
            [told.get("landing_site")],
        ),
        codes=_codes(told),
        customer_id=identity(inner(told, "customer", "id")),
        customer_new=_is_new(inner(told, "customer", "orders_count")),
        email=words(told.get("email"), 254) or words(inner(told, "customer", "email"), 254),
        buyer=words(inner(told, "billing_address", "name"), 120) or words(inner(told, "shipping_address", "name"), 120),
        told_at=moment(told.get("updated_at")),
        stated=_stated(told, status),
    )
    return Problems(order, tuple(sums.problems)) if sums.problems else order


def _lines(told: dict[str, Any], sums: Sums, *, included: bool) -> tuple[StoreLine, ...]:
    """Net = price × quantity − what was allocated (− the tax inside, where prices include it).

    `total_discount` is not used: it is "0.00" for codes over the whole cart.
    """
    lines = []
    for place, item in enumerate(objects(told.get("line_items"))):
        name = f"line_items[{place}]"
        price = sums.read(item.get("price"), f"{name}.price", missing=None)
        quantity = sums.quantity(item.get("quantity"), f"{name}.quantity")
        allocated = _allocated(item, sums, name)
        tax = _tax(item, sums, name) if included else 0
        gross = price * quantity
        if allocated + tax > gross or price < 0:
            sums.problem("discount_over_price", line=_title(item), discount=sums.money(allocated), gross=sums.money(gross))
            allocated = tax = 0
        price = unit_price(gross - tax, quantity) if tax else price
        lines.append(
            StoreLine(
                key=(identity(item.get("id")) or f"line-{place + 1}")[:80],
                title=_title(item),
                price_minor=max(price, 0),
                quantity=quantity,
                discount_minor=max(price, 0) * quantity - max(gross - allocated - tax, 0),
                product_ref=identity(item.get("product_id")),
                sku=words(item.get("sku"), 80),
            )
        )
    return tuple(lines)


def _allocated(item: dict[str, Any], sums: Sums, name: str) -> int:
    return sum(sums.read(one.get("amount"), f"{name}.discount_allocations") for one in objects(item.get("discount_allocations")))


def _tax(item: dict[str, Any], sums: Sums, name: str) -> int:
    return sum(sums.read(one.get("price"), f"{name}.tax_lines") for one in objects(item.get("tax_lines")))


def _title(item: dict[str, Any]) -> str:
    return html.unescape(words(item.get("name"), 300) or words(item.get("title"), 300)) or "?"


def _shipping(told: dict[str, Any], sums: Sums, *, included: bool) -> int:
    """What the buyer paid for shipping, without the tax inside it."""
    gross = _shipping_gross(told, sums)
    inside = sum(_tax(line, sums, "shipping_lines") for line in objects(told.get("shipping_lines"))) if included else 0
    return max(gross - inside, 0)


def _shipping_gross(told: dict[str, Any], sums: Sums) -> int:
    """The shipping lines less what discounts took off them."""
    total = 0
    for place, line in enumerate(objects(told.get("shipping_lines"))):
        name = f"shipping_lines[{place}]"
        total += sums.read(line.get("price"), f"{name}.price") - _allocated(line, sums, name)
    return total


def _check_totals(told: dict[str, Any], sums: Sums) -> None:
    """Compare what the document states with what its lines add up to; see the check in section 4.1."""
    quiet = Sums(sums.currency)  # unreadable amounts are already on the list
    gross = allocated = 0
    for item in objects(told.get("line_items")):
        gross += quiet.read(item.get("price"), "") * quiet.quantity(item.get("quantity"), "")
        allocated += _allocated(item, quiet, "")
    if quiet.problems:
        return
    stated = sums.optional(told.get("total_line_items_price"), "total_line_items_price")
    if stated is not None and stated != gross:
        sums.problem("lines_differ", lines=sums.money(gross), stated=sums.money(stated))
    subtotal = sums.optional(told.get("subtotal_price"), "subtotal_price")
    if subtotal is not None and subtotal != gross - allocated:
        sums.problem("subtotal_differs", lines=sums.money(gross - allocated), stated=sums.money(subtotal))
    total = sums.optional(told.get("total_price"), "total_price")
    if total is None:
        return
    goods = gross - allocated if subtotal is None else subtotal
    extra = 0 if told.get("taxes_included") is True else quiet.read(told.get("total_tax"), "")
    for name in ("original_total_duties_set", "original_total_additional_fees_set"):
        extra += quiet.read(inner(told, name, "shop_money", "amount"), "")
    extra += quiet.read(told.get("total_tip_received"), "")
    expected = goods + _shipping_gross(told, quiet) + extra
    if not quiet.problems and total != expected:
        sums.problem("total_differs", sum=sums.money(expected), stated=sums.money(total))


def _check_codes(told: dict[str, Any], sums: Sums) -> None:
    """A discount code that took something off must be found in the allocations."""
    quiet = Sums(sums.currency)
    found = 0
    for part in (*objects(told.get("line_items")), *objects(told.get("shipping_lines"))):
        found += _allocated(part, quiet, "")
    claimed = 0
    for code in objects(told.get("discount_codes")):
        if code.get("type") == "shipping":
            continue  # taken off the shipping, where older documents allocate nothing
        claimed += sums.read(code.get("amount"), "discount_codes.amount")
        if claimed > found:
            sums.problem("code_not_allocated", code=words(code.get("code"), 60), amount=sums.money(claimed - found))
            return


def _codes(told: dict[str, Any]) -> tuple[str, ...]:
    typed = [words(code.get("code"), 60) for code in objects(told.get("discount_codes"))]
    carried = [words(item.get("value"), 60) for item in objects(told.get("note_attributes")) if item.get("name") in _CODE_NAMES]
    return tuple(dict.fromkeys(code for code in typed + carried if code))


def _is_new(count: object) -> bool | None:
    """`orders_count` counts this order too, once the store has got around to it; newer documents leave it out."""
    return count <= 1 if isinstance(count, int) and not isinstance(count, bool) else None


def _stated(told: dict[str, Any], status: str) -> dict[str, Any]:
    """The document's own figures, for a person to see beside ours."""
    names = ("total_line_items_price", "total_discounts", "subtotal_price", "total_tax", "total_price")
    stated: dict[str, Any] = {name: str(told[name])[:40] for name in names if told.get(name) not in (None, "")}
    stated["status"] = status
    return stated
