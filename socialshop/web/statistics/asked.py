"""What the address of a page of statistics asks for: which days, which part, and whether its days are any."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from flask import request

from ...domain import analytics
from ...domain.analytics import Period, Scope
from ...kernel.errors import N_

UNKNOWN = "-"  # in addresses, for the value that nobody knows
LONGEST_VALUE = 120
WRONG_DAYS = N_("Choose a first and a last day, at most a year apart.")


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
