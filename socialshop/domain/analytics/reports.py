"""The answers that pages, sheets and the API show: figures of a period, each day of it, and tables by one dimension."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Date, column, func, select, values

from ...kernel.database import UtcDateTime, session
from .. import pages
from . import earned
from .definitions import OF_ORDERS, Amounts, Figures, each, percent
from .earned import Amount
from .periods import Period, midnight
from .scope import Scope
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
    sums = _sums(scope, period, "day", taps)
    views: Mapping[date, int] = {}
    if scope.creator_id is not None and not scope.where:
        views = views_by_day(scope.creator_id, period)
    found = []
    for day in period.days:
        found.append(replace(sums.row(day.isoformat()), views=views.get(day, 0)))
    return found


def table(scope: Scope, period: Period, by: str, taps: Taps, *, limit: int | None = 10) -> Table:
    """By one dimension, the most clicks first, then the most orders; limit: None for all rows."""
    sums = _sums(scope, period, by, taps)
    values = sorted(sums.values(), key=sums.place)
    if limit is None or len(values) <= limit:
        return Table(by, tuple(map(sums.row, values)))
    return Table(by, tuple(map(sums.row, values[:limit])), sums.together(values[limit:]), len(values) - limit)


def of_channels(scope: Scope, period: Period, taps: Taps) -> list[Row]:
    """Of one post, which the scope names: what came by the link or the code of each channel; "" by its code, seen anywhere."""
    sums = _sums(scope, period, earned.ON, taps, tapped_by="channel")
    return [sums.row(value) for value in sums.values()]


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
    bounds = [(day, midnight(day, period.zone), midnight(day + timedelta(days=1), period.zone)) for day in period.days]
    day = values(column("day", Date), column("since", UtcDateTime), column("until", UtcDateTime), name="days").data(bounds).cte()
    here = (view.creator_id == creator_id, view.kind == "payable", view.at >= day.c.since, view.at < day.c.until)
    # day by day along the index: telling each view's day would take ten times as long
    counted = select(day.c.day, select(func.count()).where(*here).select_from(view).correlate(day).scalar_subquery())
    return {on: int(count) for on, count in session().execute(counted) if count}


@dataclass(frozen=True, slots=True)
class _Sums:
    """What was counted, each by the values of one dimension. sold: orders, and those of them that were kept."""

    tapped: Mapping[str, int]
    sold: Mapping[str, tuple[int, int]]
    unpaid: Mapping[str, int]
    revenue: Mapping[str, Amounts]
    commission: Mapping[str, Amounts]

    def values(self) -> list[str]:
        return list(dict.fromkeys([*self.tapped, *self.sold, *self.unpaid, *self.revenue, *self.commission]))

    def row(self, value: str) -> Row:
        orders, kept = self.sold.get(value, (0, 0))
        return Row(
            value, self.tapped.get(value, 0), orders + self.unpaid.get(value, 0), orders, kept, self.revenue.get(value, {}),
            self.commission.get(value, {}),
        )  # fmt: skip

    def place(self, value: str) -> tuple[int, int, int, str]:
        """The most clicks first, then the most orders."""
        orders, _kept = self.sold.get(value, (0, 0))
        return -self.tapped.get(value, 0), -orders, -orders - self.unpaid.get(value, 0), value

    def together(self, values: Sequence[str]) -> Row:
        """The rows of some values as one. Of thousands of links most have clicks alone, and need no row of their own."""
        more = self.sold.keys() | self.unpaid.keys() | self.revenue.keys() | self.commission.keys()
        only = sum(self.tapped[value] for value in values if value not in more)
        whole = together(self.row(value) for value in values if value in more)
        return replace(whole, clicks=whole.clicks + only)


def _sums(scope: Scope, period: Period, by: str, taps: Taps, tapped_by: str = "") -> _Sums:
    counted = {} if by in OF_ORDERS else taps.count(scope, period, (tapped_by or by,))
    return _Sums(
        {values[0]: count for values, count in counted.items()},
        earned.sold(scope, period, by),
        earned.unpaid(scope, period, by),
        _by_value(earned.revenue(scope, period, by)),
        _by_value(earned.commission(scope, period, by)),
    )


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
