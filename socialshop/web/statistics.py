"""What the statistics of creators and of brands have in common: what the address asks for, words, charts, and the sheet."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from flask import Response, request, url_for
from flask_babel import gettext, lazy_gettext

from ..domain import analytics
from ..domain.analytics import Amounts, Figures, Period, Row, Scope, Table, Taps
from ..kernel import words
from ..kernel.errors import N_, FieldError, Invalid
from ..kernel.money import Money, to_decimal
from ..kernel.ways import MAIN
from . import explain, sheets
from .local import locale
from .shop.ways import NAMES as SHOPS

_L = lazy_gettext
UNKNOWN = "-"  # in addresses, for the value that nobody knows
TOP, MOST = 8, 500  # rows of a table on the page, and on its own
LONGEST_VALUE = 120
WRONG_DAYS = N_("Choose a first and a last day, at most a year apart.")

TITLES = explain.words_of(analytics.DIMENSIONS)
CHANNELS = {
    "instagram": "Instagram", "tiktok": "TikTok", "whatsapp": "WhatsApp", "youtube": "YouTube", "facebook": "Facebook",
    "qr": _L("Print or QR"), "other": _L("Somewhere else"), "page": _L("Link page"),
}  # fmt: skip
DEVICES = {"phone": _L("Phone"), "tablet": _L("Tablet"), "desktop": _L("Computer"), "tv": _L("Television")}
NAMES = {
    "ios": "iOS", "macos": "macOS", "chromeos": "ChromeOS", "kaios": "KaiOS", "harmonyos": "HarmonyOS", "tiktok": "TikTok",
    "whatsapp": "WhatsApp", "linkedin": "LinkedIn", "wechat": "WeChat", "webview": "WebView", "uc": "UC Browser",
    "qq": "QQ Browser", "miui": "MIUI Browser",
    "duckduckgo": "DuckDuckGo", "ie": "Internet Explorer", "line": "LINE", "kakaotalk": "KakaoTalk",
    "samsung": "Samsung Internet", "x": "X",
}  # fmt: skip
KINDS = {
    "duplicate": _L("The same person again within ten seconds"),
    "excess": _L("The same person far more often than people tap"),
    "prefetch": _L("Browsers that load ahead; nobody had tapped yet"),
    "preview": _L("Apps that fetched a preview card for a chat or a post"),
    "bot": _L("Robots and programs"),
    "embedded": _L("Loaded inside of another page, without a tap"),
    "unactivated": _L("Opened by a page on its own, without a tap"),
    "own": _L("The creator's own taps"),
    "test": _L("Taps by people of the brand"),
}
PERIODS = {
    "7": _L("7 days"), "30": _L("30 days"), "90": _L("90 days"), "month": _L("This month"), "last_month": _L("Last month"),
}  # fmt: skip
CHARTS = ("clicks", "views", "orders", "commission", "revenue")
COLUMNS = ("clicks", "checkouts", "orders", "kept", "conversion", "revenue", "commission", "epc")
MEASURES = analytics.MEASURES


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on: what it says, and the address without it."""

    title: str
    name: str
    away: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for."""

    scope: Scope
    period: Period
    kept: dict[str, str]  # of the address, as it was understood
    wrong_days: bool = False
    plain: bool = False  # part of another page: nothing of the address is heard

    @property
    def before(self) -> Period:
        """What the period is compared with."""
        return self.period.before


def read(scope: Scope, *, zone: str, now: datetime) -> Asked:
    """Whose, when and which part. A word that is none is not heard; a foreign id is a 404."""
    kept: dict[str, str] = {}
    period, wrong = _period(kept, zone, now)
    where: dict[str, str] = {}
    for name in analytics.DIMENSIONS:
        text = request.args.get(name, "")
        if not text or len(text) > LONGEST_VALUE or "\x00" in text or name in analytics.OF_ORDERS:
            continue
        if name in analytics.NAMED:
            where[name] = "" if text == UNKNOWN else analytics.value_of(scope, name, text)
        elif name not in analytics.NUMBERED:
            text = text.upper() if name == "country" else text
            where[name] = "" if text == UNKNOWN else text
        else:
            continue
        kept[name] = text
    return Asked(replace(scope, where=where), period, kept, wrong)


def _period(kept: dict[str, str], zone: str, now: datetime) -> tuple[Period, bool]:
    first, last = request.args.get("from", ""), request.args.get("to", "")
    if first or last:
        try:
            chosen = analytics.chosen(date.fromisoformat(first), date.fromisoformat(last), zone)
        except ValueError:
            chosen = None
        if chosen is not None:
            kept.update({"from": first, "to": last})
            return chosen, False
        return analytics.period("30", now=now, zone=zone), True
    name = request.args.get("period", "30")
    if name not in analytics.NAMES:
        name = "30"
    if name != "30":
        kept["period"] = name
    return analytics.period(name, now=now, zone=zone), False


@dataclass(frozen=True, slots=True)
class Bar:
    """One day of a chart, drawn into a field of 100 units height."""

    x: int
    y: Decimal
    height: Decimal
    label: str
    text: str
    before_text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A day-by-day chart: bars, a line for the period before, and what stands at its edges."""

    measure: str
    bars: tuple[Bar, ...]
    line: str
    top: str
    middle: str
    ends: tuple[str, str, str]
    empty: bool


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
        choices = {name: self._choice(name) for name in ("chart", "currency", *_CARDS)}
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
            Chip(str(TITLES[name]), self.name_of(name, value), self.to(**{name: None}))
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
        return f"{_span(period)}, {zone}"

    def compared(self) -> str:
        """What it is compared with, in words."""
        return _span(self.asked.before)

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
        return percent(found) if MEASURES[name].unit == "percent" else number(found)

    def moved(self, name: str) -> tuple[str, str] | None:
        """By how much a measure changed, and whether that is good, bad or neither; None where there was nothing before."""
        now, before = getattr(self.figures, name), getattr(self.earlier, name)
        if MEASURES[name].unit == "money":
            now, before = now.get(self.currency), before.get(self.currency)
        if now is None or before is None:
            return None
        change = analytics.change(now, before)
        if change is None:
            return None
        better = MEASURES[name].more_is
        tone = "" if not change or not better else "good" if (change > 0) == (better == "better") else "bad"
        sign = "+" if change > 0 else "−" if change < 0 else "±"
        return f"{sign}{number(abs(change))}%", tone

    def name_of(self, dimension: str, value: str) -> str:
        """A value as people call it."""
        if dimension == "placement" and (block := self._block(value)) is not None:
            return block
        return _name(dimension, value, self._named(dimension, [value]))

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
        return self.to(**{by: self._public(by, row.value)})

    def share(self, row: Row, table: Table) -> int:
        """How long the row's bar is, of 100."""
        most = max((each.clicks for each in table.rows), default=0)
        return 100 * row.clicks // most if most else 0

    def _public(self, by: str, value: str) -> str:
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
            tabs = [(self.to(**{card: name}) + f"#{card}", str(TITLES[name]), name == chosen) for name in dimensions]
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
        return [(_day(date.fromisoformat(row.value), locale(), "E, d MMM"), row) for row in self._daily(self.asked.period)]

    def chart(self) -> Chart:
        """Day by day, and beside it the period before."""
        measure = self.chart_of
        rows, earlier = self._daily(self.asked.period), self._daily(self.asked.before)
        values = [self._value(row, measure) for row in rows]
        older = [self._value(row, measure) for row in earlier][: len(rows)]
        top = ceiling(max([*values, *older, 1]))
        said = [self._said(value, measure) for value in values]
        said_before = [self._said(value, measure) for value in older]
        names = [_day(day, locale(), "E, d MMM") for day in self.asked.period.days]
        before = [*said_before, *[""] * len(rows)]
        heights = [_height(value, top) for value in values]
        bars = tuple(Bar(n * 10, 100 - height, height, names[n], said[n], before[n]) for n, height in enumerate(heights))
        line = " ".join(f"{n * 10 + 5},{100 - _height(value, top)}" for n, value in enumerate(older)) if any(older) else ""
        middle = rows[len(rows) // 2].value
        ends = tuple(_day(date.fromisoformat(day), locale(), "d MMM") for day in (rows[0].value, middle, rows[-1].value))
        return Chart(
            measure, bars, line, self._said(top, measure), self._said(top // 2, measure), (ends[0], ends[1], ends[2]),
            not any(values) and not any(older),
        )  # fmt: skip

    def _daily(self, period: Period) -> list[Row]:
        key = (period.first, period.last)
        if key not in self._days:
            self._days[key] = analytics.daily(self.asked.scope, period, self.taps)
        return self._days[key]

    def _value(self, row: Row, measure: str) -> int:
        found = getattr(row, measure)
        return int(found.get(self.currency, 0)) if MEASURES[measure].unit == "money" else int(found)

    def _said(self, value: int, measure: str) -> str:
        return words.money(Money(value, self.currency), locale()) if MEASURES[measure].unit == "money" else number(value)

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
        return [(str(KINDS.get(kind, kind)), -count) for count, kind in apart]


_CARDS = ("what", "where", "who", "with", "campaign")


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
        "desk": desk, "measures": MEASURES, "titles": TITLES, "charts": CHARTS, "number": number, "percent": percent,
        "columns": COLUMNS, "nothing_here": nothing_here(desk),
    }  # fmt: skip


def number(value: int | Decimal | None) -> str:
    """1.234 in Indonesian, 1,234 in English; a dash for what is not known."""
    return "–" if value is None else str(format_decimal(value, locale=locale()))


def percent(value: Decimal | None) -> str:
    """12,5% in Indonesian, 12.5% in English."""
    return "–" if value is None else f"{format_decimal(value, format='#,##0.#', locale=locale())}%"


def ceiling(value: int) -> int:
    """The next round, even number that is not below: where a chart's axis ends."""
    if value <= 2:
        return 2
    step = 1
    while True:
        for digit in (2, 4, 6, 8, 10):
            if digit * step >= value:
                return digit * step
        step *= 10


def _height(value: int, top: int) -> Decimal:
    return (Decimal(max(0, value) * 100) / top).quantize(Decimal("0.01"))


def _day(day: date, language: str, pattern: str) -> str:
    return str(format_date(day, pattern, locale=language))


def _span(period: Period) -> str:
    """From the first day to the last, with both years where they are two."""
    one_year = period.first.year == period.last.year
    first = _day(period.first, locale(), "d MMM" if one_year else "d MMM y")
    return f"{first} – {_day(period.last, locale(), 'd MMM y')}"


def _name(dimension: str, value: str, named: dict[str, analytics.Named]) -> str:
    if not value:
        return str(_NOTHING.get(dimension, _L("Unknown")))
    if dimension in analytics.NAMED:
        return named[value].name if value in named else str(gettext("No longer there"))
    if dimension in analytics.NUMBERED:
        return str(gettext("Number %(value)s", value=value))
    table = _WORDS.get(dimension)
    if table is not None:
        return str(table(value))
    return value


_NOTHING: dict[str, Any] = {
    "link": _L("Without a link: by code"), "channel": _L("Without a link: by code"), "placement": _L("No place stated"),
    "product": _L("No product of yours"), "program": _L("Outside of programs"), "post": _L("Not from a post"),
    "referrer": _L("Direct, or not said"), "inside": _L("In an ordinary browser"), "destination": _L("The only one"),
    "utm_source": _L("None"), "utm_medium": _L("None"), "utm_campaign": _L("None"),
}  # fmt: skip


def _country(code: str) -> str:
    return str(Locale.parse(locale()).territories.get(code) or code)


def _language(code: str) -> str:
    found = str(Locale.parse(locale()).languages.get(code) or code)
    return found[:1].upper() + found[1:]


def _destination(word: str) -> str:
    """What kind of address it is; several links have some by the same word."""
    if word == MAIN:
        return str(gettext("The link's own address"))
    if _RULE.match(word):
        return str(gettext("By a rule (%(word)s)", word=word))
    if _SHARED.match(word):
        return str(gettext("A shared address (%(word)s)", word=word))
    kind, _, number = word.partition("-")
    return f"{SHOPS[kind]} {number}".strip() if kind in SHOPS else word


_RULE, _SHARED = re.compile(r"r\d+\Z"), re.compile(r"a\d+\Z")
_WORDS: dict[str, Callable[[str], object]] = {
    "destination": _destination,
    "channel": lambda value: CHANNELS.get(value, value),
    "device": lambda value: DEVICES.get(value, value),
    "system": lambda value: NAMES.get(value, value.title()),
    "browser": lambda value: NAMES.get(value, value.title()),
    "inside": lambda value: NAMES.get(value, value.title()),
    "country": _country,
    "language": _language,
    "via": lambda value: explain.VIAS.get(value, value),
}

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
    rows = desk._daily(period) if by == "day" else desk.table(by, limit=None).rows
    for row in rows:
        currencies = sorted({*row.revenue, *row.commission}) or [desk.currency]
        name = "" if by == "day" else desk.label(by, row)
        value = row.value if by == "day" else desk._public(by, row.value).replace(UNKNOWN, "")
        for n, currency in enumerate(currencies):
            counts: list[object] = [row.clicks, row.checkouts, row.orders, row.kept, row.conversion] if n == 0 else [""] * 5
            amounts = [Decimal(to_decimal(each.get(currency, 0), currency)) for each in (row.revenue, row.commission, row.epc)]
            yield [value, name, period.first.isoformat(), period.last.isoformat(), period.zone, *counts, currency, *amounts]
