"""Instants, and the calendar that terms speak of: days of 24 hours, months of a time zone.

An instant is an aware datetime in UTC. It is read from RFC 3339 text with an offset and written with "Z".
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Literal

from ...kernel.errors import N_, DomainError

Period = Literal["month", "quarter", "year", "all"]

_RFC_3339 = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]+))?([Zz]|[+-][0-9]{2}:[0-9]{2})\Z"
)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}

# More days than there are between any two dates that can be written, so that sums with it never overflow.
_FOREVER = 4_000_000


class NotAnInstant(DomainError):
    """A value that is no RFC 3339 instant with an offset."""

    code = "not_an_instant"
    message = N_("{text} is not an instant such as 2026-01-31T10:00:00Z")

    def __init__(self, text: object) -> None:
        self.text = ascii(text)[:60]
        super().__init__()


def read_instant(text: object) -> datetime:
    """Read RFC 3339 text with an offset; at most microseconds, since finer differences would be lost."""
    found = _RFC_3339.match(text) if isinstance(text, str) else None
    if not found:
        raise NotAnInstant(text)
    day, time, fraction, offset = found.groups()
    fraction = (fraction or "0").rstrip("0")
    if len(fraction) > 6:
        raise NotAnInstant(text)
    try:
        return datetime.fromisoformat(f"{day}T{time}.{fraction:0<6}{offset.upper()}").astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise NotAnInstant(text) from error


@lru_cache(maxsize=4096)  # one order's documents say the same few instants again and again
def write_instant(at: datetime) -> str:
    """RFC 3339 in UTC with "Z"; fractions of a second only where there are any."""
    text = at.astimezone(UTC).replace(tzinfo=None).isoformat()
    return (text.rstrip("0") if "." in text else text) + "Z"


def days(count: int) -> timedelta:
    """`count` times 24 hours."""
    return timedelta(days=min(count, _FOREVER))


def plus_months(at: datetime, months: int, zone: tzinfo) -> datetime | None:
    """`months` calendar months later on the clock of `zone`, the day cut to the month's end; None: beyond all dates."""
    local = at.astimezone(zone)
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    if year > 9998:
        return None
    last = monthrange(year, month + 1)[1]
    return local.replace(year=year, month=month + 1, day=min(local.day, last), fold=0).astimezone(UTC)


def period_bounds(period: Period, at: datetime, zone: tzinfo) -> tuple[datetime | None, datetime | None]:
    """First instant of the period of `at` on the clock of `zone`, and of the next one; (None, None) for "all"."""
    if period == "all":
        return None, None
    local = at.astimezone(zone)
    return _bounds(_MONTHS[period], local.year, local.month, zone)


@lru_cache(maxsize=1024)
def _bounds(length: int, year: int, month: int, zone: tzinfo) -> tuple[datetime, datetime | None]:
    first = (month - 1) // length * length
    start = datetime(year, first + 1, 1, tzinfo=zone)
    year, month = divmod(year * 12 + first + length, 12)
    end = datetime(year, month + 1, 1, tzinfo=zone).astimezone(UTC) if year <= 9999 else None
    return start.astimezone(UTC), end
