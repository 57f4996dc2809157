"""What machines may read of clicks and what they bring: the numbers of the statistics pages, by the same definitions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from flask import Response, current_app

from ...domain import analytics, people
from ...domain.analytics import Figures, Period, Row, Scope
from ...flows import statistics as stories
from ...kernel.clock import utcnow
from ...kernel.errors import N_, FieldError, Invalid, NotFound
from ...policy import READS_MONEY, allow
from ..door import holder
from . import bp
from .answers import answer, describe
from .query import LARGEST_PAGE, USUAL_PAGE, Field, read

PERIOD = Field("period", "How many days until today, or a month; where from and to are not given.", words=analytics.NAMES)
FROM = Field("from", "The first day, as 2026-06-01; with to.")
TO = Field("to", "The last day, which is part of it; at most a year after the first.")
ZONE = Field("timezone", "Whose midnights divide the days, as Asia/Jakarta. Usually the owner's.")
UNKNOWN = "-"
_ASKABLE = [name for name in analytics.DIMENSIONS if name not in analytics.OF_ORDERS]
FILTERS = tuple(
    Field(name, f"Only with this {name.replace('utm_', 'utm ')}{' (id)' if name in analytics.NAMED else ''}; - for unknown.")
    for name in _ASKABLE
)
BY = Field("by", "What the rows divide the numbers by.", words=("day", *_ASKABLE, "via"))
LIMIT = Field("limit", "How many rows; the rest is added up in others.", LARGEST_PAGE, USUAL_PAGE)
WHEN = (PERIOD, FROM, TO, ZONE)


@bp.get("/statistics")
@allow(READS_MONEY)
@describe("Statistics", *WHEN, *FILTERS)
def get_statistics() -> Response:
    """Clicks and what they brought in some days, beside the days before; robots apart, with their reasons."""
    asked = read((*WHEN, *FILTERS))
    period, scope, taps = _period(asked), _scope(asked), _taps()
    return answer(
        {
            **_days(period),
            "figures": _figures(analytics.figures(scope, period, taps)),
            "before": {**_days(period.before), "figures": _figures(analytics.figures(scope, period.before, taps))},
            "apart": [
                {"class": kind, "reason": reason, "requests": count}
                for kind, reason, count in analytics.reasons(scope, period, taps)
            ],
        }
    )


@bp.get("/statistics/rows")
@allow(READS_MONEY)
@describe("StatisticsTable", BY, LIMIT, *WHEN, *FILTERS)
def list_statistics() -> Response:
    """The same divided by one thing: a row for each day, link, channel, country, …"""
    asked = read((BY, LIMIT, *WHEN, *FILTERS))
    if asked["by"] is None:
        raise Invalid(fields=[FieldError("/query/by", "missing", N_("Say what the rows should divide the numbers by."))])
    by, period, scope = asked["by"], _period(asked), _scope(asked)
    if by == "day":
        found = analytics.Table(by, tuple(analytics.daily(scope, period, _taps())))
    else:
        found = analytics.table(scope, period, by, _taps(), limit=asked["limit"])
    named = analytics.names_of(scope, by, [row.value for row in found.rows]) if by in analytics.NAMED else {}
    return answer(
        {
            **_days(period),
            "by": by,
            "data": [_row(row, named.get(row.value), by) for row in found.rows],
            "others": None if found.others is None else _row(found.others, None, by),
            "left_out": found.left_out,
        }
    )


def _taps() -> analytics.Taps:
    return stories.taps(current_app.config["SETTINGS"].default_timezone)


def _scope(asked: dict[str, Any]) -> Scope:
    """What the key's owner may see, narrowed to what was asked for. Foreign ids find nothing, like missing ones."""
    own = holder()
    scope = stories.of_brand(own.brand.id) if own.brand is not None else stories.of_creator(own.creator.id if own.creator else 0)
    where: dict[str, str] = {}
    for name in _ASKABLE:
        if asked[name] is None:
            continue
        if asked[name] == UNKNOWN:
            where[name] = ""
        elif name in analytics.NAMED:
            try:
                where[name] = analytics.value_of(scope, name, asked[name])
            except NotFound:
                where[name] = "0"  # no row has it
        else:
            where[name] = asked[name]
    return replace(scope, where=where)


def _period(asked: dict[str, Any]) -> Period:
    zone, wrong = _zone(asked["timezone"])
    if asked["from"] is None and asked["to"] is None:
        if wrong:
            raise Invalid(fields=wrong)
        return analytics.period(asked["period"] or "30", now=utcnow(), zone=zone)
    days = []
    for name in ("from", "to"):
        try:
            days.append(date.fromisoformat(asked[name] or ""))
        except ValueError:
            wrong.append(FieldError(f"/query/{name}", "bad_date", N_("This must be a day, as 2026-06-01.")))
    if asked["period"] is not None:
        wrong.append(FieldError("/query/period", "contradiction", N_("Give either a period, or from and to.")))
    found = analytics.chosen(days[0], days[1], zone) if len(days) == 2 else None
    if found is None and not wrong:
        wrong.append(FieldError("/query/to", "bad_period", N_("The days must be in order, and at most a year.")))
    if wrong or found is None:
        raise Invalid(fields=wrong)
    return found


def _zone(asked: str | None) -> tuple[str, list[FieldError]]:
    """The zone, and what is wrong with it."""
    if asked is None:
        own = holder()
        if own.brand is not None:
            return own.brand.timezone, []
        return people.get_user(own.creator.user_id).timezone if own.creator is not None else "UTC", []
    if people.zone_problem(asked) is None:
        return asked, []
    return "UTC", [FieldError("/query/timezone", "unknown_zone", N_("This is no time zone, as Asia/Jakarta is one."))]


def _days(period: Period) -> dict[str, Any]:
    return {"from": period.first.isoformat(), "to": period.last.isoformat(), "timezone": period.zone}


def _figures(figures: Figures) -> dict[str, Any]:
    counts = ("requests", "clicks", "apart", "visitors", "views", "checkouts", "orders", "kept")
    return {
        **{name: figures.of(name) for name in counts},
        **{name: _percent(figures.of(name)) for name in ("click_rate", "conversion", "refund_rate")},
        "amounts": _amounts(figures, ("revenue", "commission", "average", "epc")),
    }


def _row(row: Row, named: analytics.Named | None, by: str) -> dict[str, Any]:
    known = by not in analytics.NAMED or not row.value
    return {
        "value": row.value if known else named.public_id if named else "",
        "name": named.name if named else "",
        "clicks": None if by in analytics.OF_ORDERS else row.clicks,
        "checkouts": row.checkouts,
        "orders": row.orders,
        "kept": row.kept,
        "conversion": None if by in analytics.OF_ORDERS else _percent(row.conversion),
        "amounts": _amounts(row, ("revenue", "commission", "epc")),
    }


def _amounts(of: Figures | Row, names: tuple[str, ...]) -> list[dict[str, Any]]:
    currencies = sorted({*of.revenue, *of.commission})
    return [{"currency": currency, **{name: getattr(of, name).get(currency, 0) for name in names}} for currency in currencies]


def _percent(value: object) -> str | None:
    return str(value) if isinstance(value, Decimal) else None
