"""The answers that pages, sheets and the API show: figures of a period, each day of it, and tables by one dimension."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import func, select

from ...kernel.database import session
from .. import pages
from . import earned
from .definitions import OF_ORDERS, Amounts, Figures, each, percent
from .earned import Amount
from .periods import Period
from .scope import Scope, local_day, within
from .taps import Taps


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table. value: of the dimension, "" for unknown; a day is a date as text."""

    value: str
    clicks: int = 0
    checkouts: int = 0
    orders: int = 0
    kept: int = 0
    revenue: Amounts = field(default_factory=dict)
    commission: Amounts = field(default_factory=dict)
    views: int = 0

    @property
    def conversion(self) -> object:
        """Paid orders for each 100 clicks."""
        return percent(self.orders, self.clicks)

    @property
    def epc(self) -> Amounts:
        """Commission divided by clicks."""
        return each(self.commission, self.clicks)


@dataclass(frozen=True, slots=True)
class Table:
    """By one dimension, the most first. others: what the rows that were left out have together; None where none was.

    Orders that several creators or channels share stand in each of their rows and once in the figures.
    """

    by: str
    rows: tuple[Row, ...]
    others: Row | None = None
    left_out: int = 0


def figures(scope: Scope, period: Period, taps: Taps) -> Figures:
    """All numbers of a period."""
    kinds = {values[0]: count for values, count in taps.count(scope, period, ("kind",), "requests").items()}
    sold, still = earned.sold(scope, period).get("", (0, 0))
    views = on_pages = None
    if scope.creator_id is not None and not scope.where:
        views = pages.views_of(scope.creator_id, period.since, period.until)
        on_pages = taps.count(scope, period, ("channel",)).get(("page",), 0)
    return Figures(
        requests=sum(kinds.values()),
        clicks=kinds.get("payable", 0),
        visitors=taps.count(scope, period, (), "visitors").get((), 0),
        on_pages=on_pages or 0,
        views=views,
        checkouts=sold + earned.unpaid(scope, period).get("", 0),
        orders=sold,
        kept=still,
        revenue=_by_value(earned.revenue(scope, period)).get("", {}),
        commission=_by_value(earned.commission(scope, period)).get("", {}),
    )


def daily(scope: Scope, period: Period, taps: Taps) -> list[Row]:
    """Each day of the period, also those on which nothing was."""
    rows = {row.value: row for row in _rows(scope, period, "day", taps)}
    views: Mapping[date, int] = {}
    if scope.creator_id is not None and not scope.where:
        views = views_by_day(scope.creator_id, period)
    found = []
    for day in period.days:
        row = rows.get(day.isoformat(), Row(day.isoformat()))
        found.append(
            Row(row.value, row.clicks, row.checkouts, row.orders, row.kept, row.revenue, row.commission, views.get(day, 0))
        )
    return found


def table(scope: Scope, period: Period, by: str, taps: Taps, *, limit: int | None = 10) -> Table:
    """By one dimension, the most clicks first, then the most orders; limit: None for all rows."""
    rows = sorted(_rows(scope, period, by, taps), key=lambda row: (-row.clicks, -row.orders, -row.checkouts, row.value))
    if limit is None or len(rows) <= limit:
        return Table(by, tuple(rows))
    return Table(by, tuple(rows[:limit]), together(rows[limit:]), len(rows) - limit)


def of_channels(scope: Scope, period: Period, taps: Taps) -> list[Row]:
    """Of one post, which the scope names: what came by the link or the code of each channel; "" by its code, seen anywhere."""
    return _rows(scope, period, earned.ON, taps, tapped_by="channel")


def standing(scope: Scope, period: Period, by: str = "", *, now: datetime) -> dict[str, dict[str, Amounts]]:
    """What has become of the commission, by value: see `definitions.OF_COMMISSION`."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for name, amounts in earned.standing(scope, period, by, now=now).items():
        for (value, currency), minor in sorted(amounts.items()):
            found.setdefault(value, {}).setdefault(name, {})[currency] = minor
    return {value: dict(parts) for value, parts in found.items()}


def reasons(scope: Scope, period: Period, taps: Taps) -> list[tuple[str, str, int]]:
    """(class, reason, how many) of everything that did not count, the most first; with the clicks they are all requests."""
    found = taps.count(scope, period, ("kind", "reason"), "requests")
    apart = [(kind, reason, count) for (kind, reason), count in found.items() if kind != "payable"]
    return sorted(apart, key=lambda each: (-each[2], each[:2]))


def together(rows: Iterable[Row]) -> Row:
    """Rows as one, with nothing in its dimension."""
    every = list(rows)
    return Row(
        "", sum(row.clicks for row in every), sum(row.checkouts for row in every), sum(row.orders for row in every),
        sum(row.kept for row in every), _added(row.revenue for row in every), _added(row.commission for row in every),
        sum(row.views for row in every),
    )  # fmt: skip


def views_by_day(creator_id: int, period: Period) -> dict[date, int]:
    """How often the creator's pages were opened on each day."""
    view = pages.PageView
    query = (
        select(local_day(view.at, period).label("on_day"), func.count())
        .where(view.creator_id == creator_id, view.kind == "payable", *within(view.at, period))
        .group_by("on_day")
    )
    return {date.fromisoformat(day): int(count) for day, count in session().execute(query)}


def _rows(scope: Scope, period: Period, by: str, taps: Taps, tapped_by: str = "") -> list[Row]:
    counted = {} if by in OF_ORDERS else taps.count(scope, period, (tapped_by or by,))
    tapped = {values[0]: count for values, count in counted.items()}
    sold = earned.sold(scope, period, by)
    unpaid = earned.unpaid(scope, period, by)
    revenue, commission = (_by_value(ask(scope, period, by)) for ask in (earned.revenue, earned.commission))
    return [
        Row(
            value, tapped.get(value, 0), sold.get(value, (0, 0))[0] + unpaid.get(value, 0), *sold.get(value, (0, 0)),
            revenue.get(value, {}), commission.get(value, {}),
        )
        for value in dict.fromkeys([*tapped, *sold, *unpaid, *revenue, *commission])
    ]  # fmt: skip


def _by_value(amounts: Mapping[Amount, int]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (value, currency), minor in sorted(amounts.items()):
        found.setdefault(value, {})[currency] = minor
    return found


def _added(every: Iterable[Amounts]) -> Amounts:
    total: Counter[str] = Counter()
    for amounts in every:
        for currency, minor in amounts.items():
            total[currency] += minor
    return dict(sorted(total.items()))
