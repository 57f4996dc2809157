"""Shopify's refunds: their own documents, or repeated inside an order's (payment-apis.md, section 4.1)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from .reading import Sums, currency_of, digest, document, identity, inner, moment, objects, words
from .told import RefundedLine, StoreRefund, Telling, Unusable

UNKNOWN_DATE = datetime(1970, 1, 1, tzinfo=UTC)


def refunds_within(told: dict[str, Any], order_id: str, currency: str, *, included: bool) -> tuple[StoreRefund, ...]:
    """The refunds that an order document repeats. One that cannot be read is left to its own refunds/create."""
    refunds = []
    for one in objects(told.get("refunds")):
        sums = Sums(currency)
        refund = _refund(one, order_id, sums, included=included)
        if identity(one.get("id")) and not sums.problems:
            refunds.append(refund)
    return tuple(refunds)


def refund_alone(told: dict[str, Any], order_body: bytes | None) -> Telling:
    """A refunds/create document; it names no currency of its own, so the order's is asked."""
    order = document(order_body) if order_body else {}
    order_id = identity(told.get("order_id"))
    if not order_id or not identity(told.get("id")):
        raise Unusable("no_order_id")
    sums = Sums(currency_of(order.get("currency")))
    refund = _refund(told, order_id, sums, included=order.get("taxes_included") is True)
    if sums.problems:
        raise Unusable(sums.problems[0].code, **sums.problems[0].facts)
    return refund


def _refund(told: dict[str, Any], order_id: str, sums: Sums, *, included: bool) -> StoreRefund:
    """Σ of the lines' subtotals (net of discount), never the transactions' amount, which has tax and shipping in it."""
    lines, tax = [], 0
    for place, item in enumerate(objects(told.get("refund_line_items"))):
        name = f"refund_line_items[{place}]"
        own_tax = sums.read(
            _first(inner(item, "total_tax_set", "shop_money", "amount"), item.get("total_tax")), f"{name}.total_tax"
        )
        subtotal = sums.optional(
            _first(inner(item, "subtotal_set", "shop_money", "amount"), item.get("subtotal")), f"{name}.subtotal"
        )
        tax += own_tax
        if subtotal is not None and included:
            subtotal -= own_tax
        lines.append(
            RefundedLine(
                line=identity(item.get("line_item_id")) or identity(inner(item, "line_item", "id")),
                quantity=sums.quantity(item.get("quantity"), f"{name}.quantity"),
                net_minor=subtotal,
            )
        )
    shipping = 0
    for place, change in enumerate(objects(told.get("order_adjustments"))):
        if change.get("kind") == "shipping_refund":
            name = f"order_adjustments[{place}]"
            shipping += abs(sums.read(change.get("amount"), name)) + abs(sums.read(change.get("tax_amount"), name))
    return StoreRefund(
        remote_order_id=order_id,
        key=f"refund:{identity(told.get('id')) or digest(repr(told).encode())}",
        at=moment(told.get("processed_at")) or moment(told.get("created_at")) or UNKNOWN_DATE,
        lines=tuple(lines),
        shipping_minor=shipping + tax,
        restocked=told.get("restock") is True,
        reason=words(told.get("note"), 300),
        note="" if all(line.net_minor is not None for line in lines) else "from_quantity",
    )


def _first(*values: object) -> object:
    return next((value for value in values if value is not None), None)
