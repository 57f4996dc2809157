"""A whole table of statistics as a sheet."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from flask import Response

from ...kernel.errors import FieldError, Invalid
from ...kernel.money import to_decimal
from .. import sheets
from .asked import UNKNOWN, WRONG_DAYS
from .desk import Desk

HEADER = (
    "clicks", "checkouts", "orders", "kept", "conversion_percent", "currency", "revenue", "commission", "earnings_per_click",
)  # fmt: skip


def sheet(desk: Desk, by: str, filename: str) -> Response:
    """A whole table as CSV: a row for each value and currency, amounts in major units. Counts stand in a value's first row."""
    if desk.asked.wrong_days:
        raise Invalid(WRONG_DAYS, fields=[FieldError("from", "bad_period", WRONG_DAYS)])
    return sheets.answer(f"{filename}-{by}.csv", [by, "name", "from", "to", "timezone", *HEADER], _lines(desk, by))


def _lines(desk: Desk, by: str) -> Iterator[list[object]]:
    period = desk.asked.period
    rows = desk.daily(period) if by == "day" else desk.table(by, limit=None).rows
    for row in rows:
        currencies = sorted({*row.revenue, *row.commission}) or [desk.currency]
        name = "" if by == "day" else desk.label(by, row)
        value = row.value if by == "day" else desk.public(by, row.value).replace(UNKNOWN, "")
        for n, currency in enumerate(currencies):
            counts: list[object] = [row.clicks, row.checkouts, row.orders, row.kept, row.conversion] if n == 0 else [""] * 5
            amounts = [Decimal(to_decimal(each.get(currency, 0), currency)) for each in (row.revenue, row.commission, row.epc)]
            yield [value, name, period.first.isoformat(), period.last.isoformat(), period.zone, *counts, currency, *amounts]
