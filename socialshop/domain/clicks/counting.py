"""What clicks add up to by day, kept in the same commit as the clicks. Nothing here commits.

A `Tally` adds clicks up in memory, column by column, since a batch has ten thousand of them; `book` brings the tables up to it.
What is taken back is added with a minus sign. Numbers that come to nothing are not kept.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import compress
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, event

from ...kernel.database import session
from .models import Click

BY_CREATOR = (
    "channel", "placement", "post", "program", "country", "device", "system", "browser", "inside", "language", "referrer",
    "utm_source", "utm_medium", "utm_campaign", "destination",
)  # fmt: skip
BY_PROGRAM = frozenset(("creator", "channel", "country", "device"))
NEEDED = (
    "link_id", "creator_id", "program_id", "kind", "channel", "placement", "post_id", "country", "device", "system", "browser",
    "inside", "language", "referrer", "utm_source", "utm_medium", "utm_campaign", "destination",
)  # fmt: skip

_COUNTED = tuple(dimension for dimension in BY_CREATOR if dimension != "program")
_COLUMN_OF = {"post": "post_id"}
_NOTHING = frozenset(("", None))
_QUARTER = 900  # seconds: no zone changes its day within one
_zone: list[ZoneInfo] = [ZoneInfo("Asia/Jakarta")]

Key = tuple[int, str, str, str]  # whose, dimension, day, value


def count_days_in(zone: str) -> None:
    """Say in which zone this install's days begin."""
    _zone[:] = [ZoneInfo(zone)]
    _day_of_quarter.cache_clear()


def day_of(second: int) -> str:
    """The day, as "2026-06-01", in which a second since 1970 lies."""
    return _day_of_quarter(second // _QUARTER)


@lru_cache(maxsize=4096)
def _day_of_quarter(quarter: int) -> str:
    return datetime.fromtimestamp(quarter * _QUARTER, _zone[0]).date().isoformat()


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """When a day begins, and when the next one does."""
    begin, end = (datetime.combine(one, time.min, _zone[0]).astimezone(UTC) for one in (day, day + timedelta(days=1)))
    return begin, end


def home_zone() -> str:
    """The zone in which this install's days begin."""
    return _zone[0].key


def today(now: datetime) -> date:
    """The install's day by now."""
    return now.astimezone(_zone[0]).date()


class _Numbers(dict[Any, int]):
    """Counts what it is asked for: 0, 1, 2, …"""

    def __missing__(self, key: Any) -> int:
        self[key] = number = len(self)
        return number


class Tally:
    """Clicks added up. `counts` and `links` are what is to be added to the tables."""

    def __init__(self) -> None:
        self.links: Counter[tuple[int, str, bool]] = Counter()  # (link, day, whether payable)
        self.days: set[str] = set()
        self._counts: Counter[Key] = Counter()
        self._groups = _Numbers()  # (creator, program, day) → a short name for it
        self._found: defaultdict[str, Counter[tuple[int, Any]]] = defaultdict(Counter)  # by dimension: (group, value)

    @property
    def counts(self) -> Counter[Key]:
        """By whose, dimension, day and value."""
        named = list(self._groups)
        for dimension, found in self._found.items():
            self._spread(dimension, found, named)
        self._found.clear()
        return self._counts

    def add(self, columns: Mapping[str, Sequence[Any]], days: Sequence[str], sign: int = 1) -> None:
        """Add clicks, given as columns (those of NEEDED) of the same length, and the day of each."""
        self.days.update(days)
        kinds = columns["kind"]
        payable = [kind == "payable" for kind in kinds]
        _count(self.links, zip(columns["link_id"], days, payable, strict=True), sign)
        groups = list(map(self._groups.__getitem__, zip(columns["creator_id"], columns["program_id"], days, strict=True)))
        _count(self._found["kind"], zip(groups, kinds, strict=True), sign)
        if not all(payable):
            groups = list(compress(groups, payable))
        sizes = Counter(groups)
        named = list(self._groups)
        for group, count in sizes.items():
            creator, program, _day = named[group]
            for dimension, value in (("creator", creator), ("program", program)):
                self._found[dimension][group, value] += sign * count
        for dimension in _COUNTED:
            column = columns[_COLUMN_OF.get(dimension, dimension)]
            values = set(column)
            if values <= _NOTHING:
                continue
            if len(values) == 1:
                (value,) = values
                for group, count in sizes.items():
                    self._found[dimension][group, value] += sign * count
            else:
                _count(self._found[dimension], zip(groups, compress(column, payable), strict=True), sign)

    def _spread(self, dimension: str, found: Counter[tuple[int, Any]], named: Sequence[tuple[int, int | None, str]]) -> None:
        counts, for_program, for_creator = self._counts, dimension in BY_PROGRAM or dimension == "kind", dimension != "creator"
        for (group, value), count in found.items():
            if value is None or value == "":
                continue
            creator, program, day = named[group]
            value = str(value)
            counts[0, dimension, day, value] += count
            if for_creator:
                counts[creator, dimension, day, value] += count
            if for_program and program is not None:
                counts[-program, dimension, day, value] += count


def _count(into: Counter[Any], each: Iterable[Any], sign: int) -> None:
    if sign > 0:
        into.update(each)
    else:
        into.subtract(each)


def book(tally: Tally) -> None:
    """Add a tally to the tables, and open its days again where they were closed."""
    book_on(session().connection(), tally)


def book_on(connection: Connection, tally: Tally) -> None:
    """The same on a connection, whose transaction is somebody's."""
    counts = sorted((*key, count) for key, count in tally.counts.items() if count)
    links: dict[tuple[int, str], list[int]] = {}
    for (link, day, payable), count in tally.links.items():
        links.setdefault((link, day), [0, 0])[0 if payable else 1] += count
    link_days = sorted((*key, payable, apart) for key, (payable, apart) in links.items() if payable or apart)
    sqlite = connection.dialect.name == "sqlite"
    _upsert(connection, _COUNTS[sqlite], counts, sqlite)
    _upsert(connection, _LINK_DAYS[sqlite], link_days, sqlite)
    less = [row[:4] for row in counts if row[4] < 0]
    _each(connection, _GONE, less)
    _each(connection, _GONE_LINKS, [row[:2] for row in link_days if row[2] < 0 or row[3] < 0])
    _each(connection, _OPEN_AGAIN, [(day,) for day in sorted(tally.days)])


_COUNTS = {
    True: """INSERT INTO click_counts (creator_id, dimension, day, value, count) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET count = count + excluded.count""",
    False: """INSERT INTO click_counts (creator_id, dimension, day, value, count)
        SELECT * FROM unnest(%s::bigint[], %s::text[], %s::date[], %s::text[], %s::bigint[])
        ON CONFLICT (creator_id, dimension, day, value) DO UPDATE SET count = click_counts.count + excluded.count""",
}
_LINK_DAYS = {
    True: """INSERT INTO link_days (link_id, day, payable, apart) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET payable = payable + excluded.payable, apart = apart + excluded.apart""",
    False: """INSERT INTO link_days (link_id, day, payable, apart)
        SELECT * FROM unnest(%s::bigint[], %s::date[], %s::bigint[], %s::bigint[])
        ON CONFLICT (link_id, day) DO UPDATE
        SET payable = link_days.payable + excluded.payable, apart = link_days.apart + excluded.apart""",
}
_GONE = "DELETE FROM click_counts WHERE creator_id = ? AND dimension = ? AND day = ? AND value = ? AND count = 0"
_GONE_LINKS = "DELETE FROM link_days WHERE link_id = ? AND day = ? AND payable = 0 AND apart = 0"
_OPEN_AGAIN = """INSERT INTO click_counts (creator_id, dimension, day, value, count)
    SELECT 0, 'reopened', day, '', 1 FROM click_counts WHERE creator_id = 0 AND dimension = 'visitors' AND day = ? AND value = ''
    ON CONFLICT DO NOTHING"""


def _upsert(connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]], sqlite: bool) -> None:
    if not rows:
        return
    if sqlite:
        connection.exec_driver_sql(statement, list(rows))
    else:
        connection.exec_driver_sql(statement, tuple(list(column) for column in zip(*rows, strict=True)))


def _each(connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        mark = "?" if connection.dialect.name == "sqlite" else "%s"
        connection.exec_driver_sql(statement.replace("?", mark), list(rows))


@event.listens_for(Click, "after_insert")
def _count_one(_mapper: Any, connection: Connection, click: Click) -> None:
    """A click that is written through the session counts as well."""
    tally = Tally()
    tally.add({name: [getattr(click, name)] for name in NEEDED}, [day_of(int(click.at.timestamp()))])
    book_on(connection, tally)
