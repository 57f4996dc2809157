"""An order as a row of a spreadsheet; amounts in major units as plain decimals."""

from __future__ import annotations

from ...domain import orders
from ...kernel.clock import rfc3339
from ...kernel.money import to_decimal

HEADER = (
    *("number", "placed_at", "state", "fulfilment", "method", "currency"),
    *("goods", "discount", "shipping", "tax", "unique_digits", "total", "refunded", "paid_at"),
    *("buyer", "email", "phone", "address", "note", "code", "items", "carrier", "tracking", "order_id"),
)


def row(order: orders.Order) -> list[object]:
    """The cells of one order, in the order of HEADER."""
    totals, lines = orders.totals_of(order), orders.lines_of(order.id)
    sums = (
        *(totals.goods_minor, totals.discount_minor, totals.shipping_minor, totals.tax_minor, totals.unique_minor),
        *(order.total_minor, orders.refunded_minor(order.id)),
    )
    return [
        *(order.number, rfc3339(order.placed_at), order.state, order.fulfilment, order.method, order.currency),
        *(to_decimal(minor, order.currency) for minor in sums),
        rfc3339(order.paid_at) if order.paid_at else "",
        *(order.buyer_name, order.buyer_email, order.buyer_phone, order.address, order.note, order.code),
        "; ".join(f"{line.quantity} × {line.title}" for line in lines),
        *(order.carrier, order.tracking, order.public_id),
    ]
