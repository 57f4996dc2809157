"""One scope's statistics as its pages show them: figures, tables, chart and funnel, each in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from flask import request, url_for
from flask_babel import gettext, lazy_gettext

from ...domain import analytics
from ...domain.analytics import Amounts, Figures, Period, Row, Table, Taps
from ...kernel import words
from ...kernel.errors import NotFound
from ...kernel.money import Money
from ..local import locale
from . import names
from .asked import LONGEST_VALUE, UNKNOWN, Asked
from .charts import Chart, draw

_L = lazy_gettext
TOP, MOST = 8, 500  # rows of a table on the page, and on its own
CARDS = {
    "where": ("channel", "placement", "referrer"),
    "who": ("country", "language"),
    "with": ("device", "inside", "browser", "system"),
    "campaign": ("via", "utm_source", "utm_medium", "utm_campaign", "destination"),
}  # by card, its tables; "what" there is depends on who looks
PERIODS = {
    "7": _L("7 days"), "30": _L("30 days"), "90": _L("90 days"), "month": _L("This month"), "last_month": _L("Last month"),
}  # fmt: skip
CHARTS = ("clicks", "views", "orders", "commission", "revenue")
COLUMNS = ("clicks", "checkouts", "orders", "kept", "conversion", "revenue", "commission", "epc")
MEASURES = analytics.MEASURES


def cards(*what: str) -> dict[str, tuple[str, ...]]:
    """All cards of a page, with what its viewers count first."""
    return {"what": what, **CARDS}


def by(offered: Mapping[str, Sequence[str]]) -> str:
    """Which table the address asks for, the page's first where it says nothing; NotFound for one that no card has."""
    asked = request.args.get("by", offered["what"][0])
    if not any(asked in tables for tables in offered.values()):
        raise NotFound
    return asked


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on: what it says, and the address without it."""

    title: str
    name: str
    away: str


class Desk:
    """The statistics of one scope, for one endpoint family ("creator.statistics", …_table, …_csv)."""

    def __init__(self, asked: Asked, taps: Taps, *, endpoint: str, now: datetime, currency: str = "IDR") -> None:
        self.asked, self.taps, self.endpoint, self._usual, self._now = asked, taps, endpoint, currency, now
        self._names: dict[str, dict[str, analytics.Named]] = {}
        self._days: dict[tuple[date, date], list[Row]] = {}
        self._blocks: dict[str, str | None] = {}
        self.figures = analytics.figures(asked.scope, asked.period, taps)
        self.earlier = analytics.figures(asked.scope, asked.before, taps)

    # --- what is chosen ---

    @property
    def currency(self) -> str:
        """The currency of charts and of the first amount: the one that was picked, else the usual one where there is any."""
        picked = self._choice("currency")
        if picked in self.currencies:
            return picked
        return self._usual if not self.currencies or self._usual in self.currencies else self.currencies[0]

    @property
    def currencies(self) -> list[str]:
        """All that amounts of this period are in."""
        return sorted({*self.figures.revenue, *self.figures.commission})

    def _choice(self, name: str) -> str:
        """A choice of the address that narrows nothing."""
        return "" if self.asked.plain else request.args.get(name, "")

    def to(self, **values: str | None) -> str:
        """This page with something else chosen; None takes a word away."""
        return url_for(self.endpoint, **self._merged(values))

    def table_url(self, by: str) -> str:
        """One whole table on a page of its own."""
        return url_for(f"{self.endpoint}_table", **self._merged({"by": by}, with_choices=False))

    def csv_url(self, by: str) -> str:
        """The same as a sheet."""
        return url_for(f"{self.endpoint}_csv", **self._merged({"by": by}, with_choices=False))

    def _merged(self, values: Mapping[str, str | None], *, with_choices: bool = True) -> dict[str, Any]:
        choices = {name: self._choice(name) for name in ("chart", "currency", "what", *CARDS)}
        merged: dict[str, str | None] = {**(choices if with_choices else {}), **self.asked.kept, **values}
        return {name: value[:LONGEST_VALUE] for name, value in merged.items() if value}

    def hidden(self) -> dict[str, Any]:
        """What a form that asks for other days must carry along."""
        return self._merged({"period": None, "from": None, "to": None})

    def periods(self) -> list[tuple[str, str, bool]]:
        """The periods to pick from, as tabs."""
        chosen = self.asked.period.name
        return [(self.to(period=name, **{"from": None, "to": None}), str(text), name == chosen) for name, text in PERIODS.items()]

    def chips(self) -> list[Chip]:
        """The filters that are on."""
        return [
            Chip(str(names.TITLES[name]), self.name_of(name, value), self.to(**{name: None}))
            for name, value in self.asked.scope.where.items()
        ]

    # --- words ---

    def when(self) -> str:
        """The period in words, with the zone whose days it has."""
        period = self.asked.period
        zone = words.zone_name(period.zone, self._now.astimezone(ZoneInfo(period.zone)))
        if period.name in ("7", "30", "90"):
            days = gettext("Last %(days)s days", days=period.name)
            return f"{days}, {zone}"
        return f"{names.span(period)}, {zone}"

    def compared(self) -> str:
        """What it is compared with, in words."""
        return names.span(self.asked.before)

    def amount(self, amounts: Amounts) -> str:
        """An amount in the chosen currency, others after it."""
        return " · ".join(self.amounts(amounts) or [words.money(Money(0, self.currency), locale())])

    def amounts(self, amounts: Amounts) -> list[str]:
        """Every currency's amount, the chosen one first."""
        there = sorted((currency for currency in amounts if amounts[currency]), key=lambda each: (each != self.currency, each))
        return [words.money(Money(amounts[currency], currency), locale()) for currency in there]

    def told(self, name: str, of: Figures | Row | None = None) -> str:
        """A measure of these figures, as people read it."""
        found = getattr(of or self.figures, name)
        if MEASURES[name].unit == "money":
            return self.amount(found) if found or name in ("revenue", "commission") else "–"
        return names.percent(found) if MEASURES[name].unit == "percent" else names.number(found)

    def moved(self, name: str) -> tuple[str, str] | None:
        """By how much a measure changed, and whether that is good, bad or neither; None where there was nothing before."""
        now, before = self.figures.exactly(name, self.currency), self.earlier.exactly(name, self.currency)
        if now is None or before is None:
            return None
        change = analytics.change(now, before)
        if change is None:
            return None
        better = MEASURES[name].more_is
        tone = "" if not change or not better else "good" if (change > 0) == (better == "better") else "bad"
        sign = "+" if change > 0 else "−" if change < 0 else "±"
        return f"{sign}{names.number(abs(change))}%", tone

    def name_of(self, dimension: str, value: str) -> str:
        """A value as people call it."""
        if dimension == "placement" and (block := self._block(value)) is not None:
            return block
        return names.name(dimension, value, self._named(dimension, [value]))

    def _block(self, place: str) -> str | None:
        """The block of a page by whose id a place goes; None for a place that is none."""
        if place and place not in self._blocks:
            self._blocks[place] = analytics.blocks_of(self.asked.scope, [place]).get(place)
        found = self._blocks.get(place)
        if found is None:
            return None
        if self.asked.scope.creator_id is None:
            return str(gettext("On the page of %(who)s", who=found))
        return found or str(gettext("A block that is gone"))

    # --- tables ---

    def table(self, by: str, *, limit: int | None = TOP) -> Table:
        """The table by a dimension, its names looked up at once."""
        found = analytics.table(self.asked.scope, self.asked.period, by, self.taps, limit=limit)
        values = [row.value for row in found.rows if row.value]
        self._named(by, values)
        if by == "placement":
            self._blocks |= {**dict.fromkeys(values), **analytics.blocks_of(self.asked.scope, values)}
        return found

    def label(self, by: str, row: Row) -> str:
        """What a row is called."""
        return self.name_of(by, row.value)

    def more(self, by: str, row: Row) -> str:
        """What tells it from others of the same name."""
        named = self._named(by, [row.value]).get(row.value)
        return named.more if named else ""

    def narrow(self, by: str, row: Row) -> str:
        """The page narrowed to this row, "" where that cannot be asked."""
        if by in analytics.OF_ORDERS or (by in analytics.NUMBERED and by not in analytics.NAMED):
            return ""
        return self.to(**{by: self.public(by, row.value)})

    def share(self, row: Row, table: Table) -> int:
        """How long the row's bar is, of 100."""
        most = max((each.clicks for each in table.rows), default=0)
        return 100 * row.clicks // most if most else 0

    def public(self, by: str, value: str) -> str:
        """A value as addresses name it."""
        if not value:
            return UNKNOWN
        named = self._named(by, [value]).get(value)
        return named.public_id if named else value

    def _named(self, dimension: str, values: Sequence[str]) -> dict[str, analytics.Named]:
        if dimension not in analytics.NAMED:
            return {}
        known = self._names.setdefault(dimension, {})
        new = {value for value in values if value and value not in known}
        if new:
            known |= analytics.names_of(self.asked.scope, dimension, new)
        return known

    def cards(self, shown: dict[str, tuple[str, ...]]) -> list[tuple[str, str, list[tuple[str, str, bool]]]]:
        """(card, chosen dimension, its tabs) of each card of tables."""
        found = []
        for card, dimensions in shown.items():
            chosen = self._choice(card)
            chosen = chosen if chosen in dimensions else dimensions[0]
            tabs = [(self.to(**{card: name}) + f"#{card}", str(names.TITLES[name]), name == chosen) for name in dimensions]
            found.append((card, chosen, tabs))
        return found

    # --- the chart ---

    @property
    def chart_of(self) -> str:
        """Which measure the chart shows."""
        picked = self._choice("chart") or "clicks"
        allowed = picked in CHARTS and (picked != "views" or self.figures.views is not None)
        return picked if allowed else "clicks"

    def days(self) -> list[tuple[str, Row]]:
        """Each day and what was on it."""
        return [(names.day(date.fromisoformat(row.value), "E, d MMM"), row) for row in self.daily(self.asked.period)]

    def chart(self) -> Chart:
        """Day by day, and beside it the period before."""
        measure, period = self.chart_of, self.asked.period
        values = [self._value(row, measure) for row in self.daily(period)]
        older = [self._value(row, measure) for row in self.daily(self.asked.before)]
        return draw(measure, period.days, values, older, lambda value: self._said(value, measure))

    def daily(self, period: Period) -> list[Row]:
        """Each day of a period, asked for once."""
        key = (period.first, period.last)
        if key not in self._days:
            self._days[key] = analytics.daily(self.asked.scope, period, self.taps)
        return self._days[key]

    def _value(self, row: Row, measure: str) -> int:
        found = getattr(row, measure)
        return int(found.get(self.currency, 0)) if MEASURES[measure].unit == "money" else int(found)

    def _said(self, value: int, measure: str) -> str:
        return words.money(Money(value, self.currency), locale()) if MEASURES[measure].unit == "money" else names.number(value)

    # --- the funnel, and what does not count ---

    def funnel(self) -> list[tuple[str, int, int, Decimal | None]]:
        """(measure, count, length of its bar of 100, percent of the step before) from views to kept orders.

        No percent where a step is larger than the one before: clicks also come from outside the page.
        """
        steps = ["clicks", "checkouts", "orders", "kept"]
        if self.figures.views is not None:
            steps.insert(0, "views")
        counts = [int(getattr(self.figures, name) or 0) for name in steps]
        most = max([*counts, 1])
        parts = [None, *(analytics.percent(after, before) if after <= before else None for before, after in pairwise(counts))]
        return [
            (name, count, max(1, 100 * count // most) if count else 0, part)
            for name, count, part in zip(steps, counts, parts, strict=True)
        ]

    def apart(self) -> list[tuple[str, int]]:
        """What did not count, in words, the most first."""
        found = self.taps.count(self.asked.scope, self.asked.period, ("kind",), "requests")
        apart = sorted((-count, kind) for (kind,), count in found.items() if kind != "payable")
        return [(str(names.KINDS.get(kind, kind)), -count) for count, kind in apart]


def nothing_yet(desk: Desk) -> bool:
    """Whether there is nothing to show at all, whatever the days: a page for beginners."""
    figures = desk.figures
    if desk.asked.scope.where or desk.asked.kept or figures.requests or figures.orders or figures.views or figures.commission:
        return False
    return not (desk.earlier.requests or desk.earlier.orders or desk.earlier.views)


def nothing_here(desk: Desk) -> bool:
    """Whether what was asked for has nothing in it, neither now nor before."""
    return not any(each.requests or each.checkouts or each.views or each.commission for each in (desk.figures, desk.earlier))


def words_for(desk: Desk) -> dict[str, Any]:
    """What the templates need beside the desk."""
    return {
        "desk": desk, "measures": MEASURES, "titles": names.TITLES, "charts": CHARTS,
        "number": names.number, "percent": names.percent,
        "columns": COLUMNS, "nothing_here": nothing_here(desk),
    }  # fmt: skip
