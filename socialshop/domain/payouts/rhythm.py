"""When runs are drawn up by themselves: slots on a brand's own calendar. Pure.

A slot is a local date; its name is that date. Whatever the clock does, a date is taken once.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from ...kernel.errors import N_, FieldError, Invalid

Kind = Literal["none", "weekly", "monthly", "twice"]
KINDS: tuple[Kind, ...] = ("none", "weekly", "monthly", "twice")
LOOKS_BACK = timedelta(days=40)  # longer than any month: after a long silence the newest slot is still found


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Which dates. weekday: 0 is Monday; day, second: 1 to 31, the month's last day where it has no such day; hour: 0 to 23."""

    kind: Kind = "none"
    weekday: int = 0
    day: int = 1
    second: int = 16
    hour: int = 9


@dataclass(frozen=True, slots=True)
class Slot:
    """One date on which a run is drawn up, and the instant it begins."""

    name: str  # "2026-06-15"
    at: datetime


def read_rhythm(kind: str, *, weekday: int, day: int, second: int, hour: int) -> Rhythm:
    """The rhythm that was asked for; Invalid names what is outside its bounds."""
    wrong = [
        FieldError(field, "choose", N_("Please choose one."))
        for field, value, low, high in (
            ("weekday", weekday, 0, 6),
            ("day", day, 1, 31),
            ("second", second, 1, 31),
            ("hour", hour, 0, 23),
        )
        if not low <= value <= high
    ]
    if kind == "twice" and day == second:
        wrong.append(FieldError("second", "same", N_("Choose two different days.")))
    for known in KINDS:
        if kind == known and not wrong:
            return Rhythm(known, weekday, day, second, hour)
    raise Invalid(fields=wrong or [FieldError("kind", "choose", N_("Please choose one."))])


def slots(rhythm: Rhythm, zone: str, *, since: datetime, until: datetime) -> list[Slot]:
    """The slots after `since`, up to and including `until`, oldest first; none further back than a good month."""
    since = max(since, until - LOOKS_BACK)
    return [slot for slot in _around(rhythm, zone, since, until) if since < slot.at <= until]


def next_slot(rhythm: Rhythm, zone: str, *, after: datetime) -> Slot | None:
    """The first slot after an instant; None where runs are started by hand."""
    found = (slot for slot in _around(rhythm, zone, after, after + LOOKS_BACK) if slot.at > after)
    return next(found, None)


def _around(rhythm: Rhythm, zone: str, since: datetime, until: datetime) -> Iterator[Slot]:
    if rhythm.kind == "none":
        return
    place = ZoneInfo(zone)
    current, last = since.astimezone(place).date() - timedelta(days=1), until.astimezone(place).date() + timedelta(days=1)
    while current <= last:
        if _is_chosen(rhythm, current):
            # an hour that the clock jumps over counts as the one after it; one that comes twice, as its first
            begins = datetime.combine(current, time(rhythm.hour), place)
            yield Slot(current.isoformat(), begins.astimezone(UTC))
        current += timedelta(days=1)


def _is_chosen(rhythm: Rhythm, on: date) -> bool:
    if rhythm.kind == "weekly":
        return on.weekday() == rhythm.weekday
    length = calendar.monthrange(on.year, on.month)[1]
    days = (rhythm.day,) if rhythm.kind == "monthly" else (rhythm.day, rhythm.second)
    return on.day in {min(day, length) for day in days}
