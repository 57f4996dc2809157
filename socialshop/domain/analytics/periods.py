"""Which days a question is about, on whose clock. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONGEST = 366  # days
ROLLING = {"7": 7, "30": 30, "90": 90}
NAMES = (*ROLLING, "month", "last_month")


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days from `first` to `last`, both included, each from midnight to midnight in `zone`.

    name: "7", "30", "90", "month", "last_month", or "custom".
    """

    first: date
    last: date
    zone: str
    name: str = "custom"

    @property
    def since(self) -> datetime:
        """The midnight that begins it."""
        return midnight(self.first, self.zone)

    @property
    def until(self) -> datetime:
        """The midnight that ends it; no longer part of it."""
        return midnight(self.last + timedelta(days=1), self.zone)

    @property
    def length(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    @property
    def days(self) -> list[date]:
        """Each of them."""
        return [self.first + timedelta(days=n) for n in range(self.length)]

    @property
    def before(self) -> Period:
        """What it is compared with: as many days right before it; for a month, the same days of the month before."""
        if self.name in ("month", "last_month"):
            ended = self.first - timedelta(days=1)
            first = ended.replace(day=1)
            last = ended if self.name == "last_month" else min(ended, first + timedelta(days=self.length - 1))
            return Period(first, last, self.zone)
        return Period(self.first - timedelta(days=self.length), self.first - timedelta(days=1), self.zone)


def period(name: str, *, now: datetime, zone: str) -> Period:
    """The period with this name as of now; KeyError for a name that is none."""
    today = now.astimezone(ZoneInfo(zone)).date()
    if name == "month":
        return Period(today.replace(day=1), today, zone, name)
    if name == "last_month":
        last = today.replace(day=1) - timedelta(days=1)
        return Period(last.replace(day=1), last, zone, name)
    return Period(today - timedelta(days=ROLLING[name] - 1), today, zone, name)


def chosen(first: date, last: date, zone: str) -> Period | None:
    """The days that somebody picked; None where they end before they begin, or are too many or too far away."""
    if not date(2000, 1, 1) <= first <= last <= date(2999, 12, 31) or (last - first).days >= LONGEST:
        return None
    return Period(first, last, zone)


def midnight(day: date, zone: str) -> datetime:
    """When this day begins on that clock; where the clock leaps over midnight, the moment of the leap."""
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)


def offsets(zone: str, since: datetime, until: datetime) -> list[tuple[datetime, timedelta]]:
    """(until when, how far the clock is ahead of UTC), in order; the last reaches to the end. Clocks move at whole seconds."""
    home = ZoneInfo(zone)

    def ahead(moment: datetime) -> timedelta:
        return moment.astimezone(home).utcoffset() or timedelta()

    found: list[tuple[datetime, timedelta]] = []
    at, current = since, ahead(since)
    while at < until:
        step = min(at + timedelta(days=1), until)
        if ahead(step) != current:
            low, high = at, step
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) / 2
                low, high = (middle, high) if ahead(middle) == current else (low, middle)
            turn = high.replace(microsecond=0)
            found.append((turn, current))
            current = ahead(step)
        at = step
    return [*found, (until, current)]
