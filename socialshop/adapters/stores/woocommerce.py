"""WooCommerce's webhooks in our words (payment-apis.md, section 4.2; woocommerce-rest-api-docs, orders v3)."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ...kernel.money import round_ratio
from .reading import (
    Sums,
    all_of,
    check_lines,
    click_in,
    currency_of,
    digest,
    document,
    gmt,
    identity,
    inner,
    objects,
    unit_price,
    words,
)
from .signing import signed
from .told import Ignored, Label, Problems, Standing, StoreLine, StoreOrder, StoreRefund, Telling, Unusable

ORDER_TOPICS = ("order.created", "order.updated", "order.restored")
DELETED = "order.deleted"
_DRAFTS = ("checkout-draft", "auto-draft", "draft", "trash")
_DEAD = ("cancelled", "failed")
_DELIVERY = {"webhook_id": "x-wc-webhook-id", "delivery_id": "x-wc-webhook-delivery-id", "shop": "x-wc-webhook-source"}
_ATTRIBUTION = "_wc_order_attribution_"
_CODE_NAMES = ("ref", "_ref", "ss_ref", "_ss_ref")
_PING = re.compile(rb"webhook_id=\d{1,20}\Z")
_UNKNOWN_DATE = datetime(1970, 1, 1, tzinfo=UTC)


class WooCommerce:
    """The store on a brand's own WordPress."""

    provider = "woocommerce"

    def verify(self, body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> bool:
        """`X-WC-Webhook-Signature` is the base64 HMAC-SHA256 of the raw body."""
        return signed(body, headers.get("x-wc-webhook-signature", ""), secrets)

    def is_ping(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """At creation WooCommerce posts a form with nothing but `webhook_id=N`, unsigned, and wants 200."""
        unsigned = "x-wc-webhook-signature" not in headers and "x-wc-webhook-topic" not in headers
        return unsigned and _PING.match(body) is not None

    def is_refund(self, topic: str) -> bool:
        """There is no refund topic: refunds come inside order.updated."""
        return False

    def label(self, body: bytes, headers: Mapping[str, str]) -> Label:
        """Unique by order, status and time of change; the delivery id differs when the same is sent again.

        A digest of the body is part of the key, since two changes within one second share all three.
        """
        topic = headers.get("x-wc-webhook-topic", "")[:60]
        delivery = all_of(headers, _DELIVERY)
        plain = f"{topic}:{digest(body)}"
        if topic not in (*ORDER_TOPICS, DELETED):
            return Label(topic, plain, delivery=delivery, known=False)
        try:
            told = document(body)
        except Unusable as error:
            return Label(topic, plain, delivery=delivery, trouble=error.code)
        order_id = identity(told.get("id"))
        if not order_id:
            return Label(topic, plain, delivery=delivery, trouble="no_order_id")
        told_at = gmt(told.get("date_modified_gmt"))
        business = f"{order_id}:{words(told.get('status'), 30)}:{words(told.get('date_modified_gmt'), 30)}"
        if topic == DELETED:
            business = f"deleted:{order_id}"
        return Label(topic, f"{business}:{digest(body)}", business, order_id, told_at, delivery)

    def read(self, body: bytes, topic: str, *, click_names: Sequence[str], order_body: bytes | None = None) -> Telling:
        """The order with its refunds."""
        told = document(body)
        if topic == DELETED:
            return Ignored("deleted_in_store")
        status = words(told.get("status"), 30).removeprefix("wc-")
        if status in _DRAFTS:
            return Ignored("draft", {"status": status})
        return _order(told, status, click_names)


def _order(told: dict[str, Any], status: str, click_names: Sequence[str]) -> Telling:
    remote_id = identity(told.get("id"))
    if not remote_id:
        raise Unusable("no_order_id")
    sums = Sums(currency_of(told.get("currency")))
    lines = _lines(told, sums)
    check_lines(lines, sums)
    fees = [sums.read(fee.get("total"), f"fee_lines[{place}].total") for place, fee in enumerate(objects(told.get("fee_lines")))]
    discount = -sum(fee for fee in fees if fee < 0)
    shipping = sums.read(told.get("shipping_total"), "shipping_total") + sum(fee for fee in fees if fee > 0)
    tax = sums.read(told.get("total_tax"), "total_tax")
    goods = sum(line.net_minor for line in lines)
    if discount > goods:
        sums.problem("discount_over_price", line="fee_lines", discount=sums.money(discount), gross=sums.money(goods))
        discount = 0
    _check(told, sums, lines, expected=goods - discount + shipping + tax)
    placed_at = gmt(told.get("date_created_gmt"))
    if placed_at is None:
        sums.problem("no_date")
    modified_at = gmt(told.get("date_modified_gmt"))
    paid_at = gmt(told.get("date_paid_gmt"))
    was_paid = _was_paid(status, words(told.get("payment_method"), 40), paid_at)
    standing: Standing = "cancelled" if status in _DEAD else "paid" if was_paid else "awaiting"
    order = StoreOrder(
        remote_id=remote_id,
        number=words(told.get("number"), 40) or remote_id,
        currency=sums.currency,
        placed_at=placed_at or _UNKNOWN_DATE,
        lines=lines,
        standing=standing,
        discount_minor=discount,
        shipping_minor=shipping,
        tax_minor=tax,
        was_paid=was_paid,
        paid_at=paid_at or modified_at or placed_at,
        closed_at=(modified_at or placed_at) if status in _DEAD else None,
        refunds=_refunds(told, sums, remote_id, status, goods - discount, was_paid, modified_at or placed_at or _UNKNOWN_DATE),
        click=_click(told, click_names),
        codes=_codes(told),
        customer_id=identity(told.get("customer_id")),
        email=words(inner(told, "billing", "email"), 254),
        buyer=f"{words(inner(told, 'billing', 'first_name'), 60)} {words(inner(told, 'billing', 'last_name'), 60)}".strip(),
        told_at=modified_at,
        stated=_stated(told, status),
    )
    return Problems(order, tuple(sums.problems)) if sums.problems else order


def _was_paid(status: str, method: str, paid_at: datetime | None) -> bool:
    """Paid = processing, completed, or a date of payment; cash on delivery only once completed, as processing means accepted."""
    if status in ("completed", "refunded"):
        return True
    if method == "cod":
        return False
    return status == "processing" or paid_at is not None


def _lines(told: dict[str, Any], sums: Sums) -> tuple[StoreLine, ...]:
    """`subtotal` is before and `total` after discounts, both without tax whatever `prices_include_tax` says.

    The price per piece is rounded up where the subtotal does not divide; the discount makes the net exact.
    """
    lines = []
    for place, item in enumerate(objects(told.get("line_items"))):
        name = f"line_items[{place}]"
        quantity = sums.quantity(item.get("quantity"), f"{name}.quantity")
        total = sums.read(item.get("total"), f"{name}.total", missing=None)
        subtotal = sums.read(item.get("subtotal"), f"{name}.subtotal", missing=total)
        if total < 0 or subtotal < total:
            sums.problem(
                "discount_over_price", line=_title(item), discount=sums.money(subtotal - total), gross=sums.money(subtotal)
            )
            subtotal = total = max(subtotal, total, 0)
        price = unit_price(subtotal, quantity)
        lines.append(
            StoreLine(
                key=(identity(item.get("id")) or f"line-{place + 1}")[:80],
                title=_title(item),
                price_minor=price,
                quantity=quantity,
                discount_minor=price * quantity - total,
                product_ref=identity(item.get("product_id")),
                sku=words(item.get("sku"), 80),
            )
        )
    return tuple(lines)


def _title(item: dict[str, Any]) -> str:
    return html.unescape(words(item.get("name"), 300)) or "?"  # WordPress writes "&ndash;" into names


def _check(told: dict[str, Any], sums: Sums, lines: tuple[StoreLine, ...], *, expected: int) -> None:
    """The total must be its parts; coupons must be found in the lines. Prices with tax inside may miss by a unit a line."""
    slack = len(lines) if told.get("prices_include_tax") is True else 0
    if any(problem.code.startswith(("amount_", "quantity_", "discount_over")) for problem in sums.problems):
        return
    total = sums.optional(told.get("total"), "total")
    if total is not None and abs(total - expected) > slack:
        sums.problem("total_differs", sum=sums.money(expected), stated=sums.money(total))
    taken = sum(
        sums.read(item.get("subtotal"), "") - sums.read(item.get("total"), "")
        for item in objects(told.get("line_items"))
        if item.get("subtotal") not in (None, "")
    )
    stated = sums.optional(told.get("discount_total"), "discount_total")
    if stated is not None and abs(stated - taken) > slack:
        sums.problem("discount_differs", lines=sums.money(taken), stated=sums.money(stated))
    claimed = 0
    for coupon in objects(told.get("coupon_lines")):
        claimed += sums.read(coupon.get("discount"), "coupon_lines.discount")
        if claimed > taken + slack:
            sums.problem("code_not_allocated", code=words(coupon.get("code"), 60), amount=sums.money(claimed - taken))
            return


def _refunds(
    told: dict[str, Any], sums: Sums, order_id: str, status: str, goods: int, was_paid: bool, at: datetime
) -> tuple[StoreRefund, ...]:
    """`refunds[]` tells only amounts, with tax (and shipping) inside and a minus in front.

    An amount counts for the goods first, the goods' own tax taken out of it at the rate of this order, cumulatively,
    so that pieces add up to the whole; what is beyond the goods was shipping. A status "refunded" gives back the rest.
    """
    if not was_paid:
        return ()
    shipping_tax = sums.read(told.get("shipping_tax"), "shipping_tax")
    with_tax = goods + max(sums.read(told.get("total_tax"), "total_tax") - shipping_tax, 0)
    given = before = 0
    refunds = []
    for place, item in enumerate(objects(told.get("refunds"))):
        amount = abs(sums.read(item.get("total"), f"refunds[{place}].total", missing=None))
        given += amount
        net = goods if given >= with_tax else round_ratio(given * goods, with_tax, "half_up")
        refunds.append(
            StoreRefund(
                remote_order_id=order_id,
                key=f"refund:{identity(item.get('id')) or place + 1}",
                at=at,
                amount_minor=net - before,
                shipping_minor=amount - (net - before),
                reason=words(item.get("reason"), 300),
                note="from_amount",
            )
        )
        before = net
    if status == "refunded" and before < goods:
        refunds.append(StoreRefund(order_id, "refunded", at, full=True))
    return tuple(refunds)


def _click(told: dict[str, Any], names: Sequence[str]) -> str:
    """Our click id in a meta entry, in one of the core's attribution entries, or in the address of the first visit."""
    metas = [(item.get("key"), item.get("value")) for item in objects(told.get("meta_data"))]
    plain = [(str(key).removeprefix(_ATTRIBUTION), value) for key, value in metas]
    return click_in(names, plain, [value for key, value in metas if key == f"{_ATTRIBUTION}session_entry"])


def _codes(told: dict[str, Any]) -> tuple[str, ...]:
    typed = [words(coupon.get("code"), 60) for coupon in objects(told.get("coupon_lines"))]
    carried = [words(item.get("value"), 60) for item in objects(told.get("meta_data")) if item.get("key") in _CODE_NAMES]
    return tuple(dict.fromkeys(code for code in typed + carried if code))


def _stated(told: dict[str, Any], status: str) -> dict[str, Any]:
    names = ("discount_total", "shipping_total", "total_tax", "total")
    stated: dict[str, Any] = {name: str(told[name])[:40] for name in names if told.get(name) not in (None, "")}
    stated["status"] = status
    return stated
