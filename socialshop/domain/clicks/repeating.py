"""Which taps repeat others, and which are beyond a day's measure, told from the moments of all of them.

The order in which taps come in changes nothing: one that comes in late may change the class of one that was here before it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ...kernel.database import session
from ...kernel.visitors import lasts
from .noted import Columns
from .rules import REPEAT, excess, repeats
from .traces import DAY, UNCOUNTED, WEEK_BIT, WIDTH, second_part, week_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REPEAT = int(REPEAT.total_seconds())
_HONEST = ("payable", "duplicate", "excess")  # the classes that are told from a visitor's other taps

_Key = tuple[int, str]  # link and visitor
_Moment = tuple[datetime, str]  # when, and the click
_Old = tuple[str, datetime, str, str]  # click, moment, kind, what it repeats
Anew = tuple[str, str, str, str]  # click, and what it is by now: kind, reason, repeats


def tell_repeats(rows: Columns, at_us: list[int], marks: list[int]) -> list[Anew]:
    """Mark repeats, and what is beyond a day's measure, among new rows and their neighbours in the table.

    Most visitors tap a link once: only those who tap it twice here, or did before, are looked at.
    """
    visitors = rows["visitor"]
    mine = [place for place, kind in enumerate(rows["kind"]) if kind == "payable" and visitors[place]]
    if not mine:
        return []
    keys = list(zip(rows["link_id"], visitors, strict=True))
    times = Counter([keys[place] for place in mine] if len(mine) < len(keys) else keys)
    older = _neighbours({marks[place] for place in mine}, times, min(at_us) // 1_000_000, max(at_us) // 1_000_000)
    if not older and len(times) == len(mine):
        return []
    groups: dict[_Key, list[int]] = {}
    for place in mine:
        if times[keys[place]] > 1 or keys[place] in older:
            groups.setdefault(keys[place], []).append(place)
    anew: list[Anew] = []
    for key, places in groups.items():
        anew += _tell_group(rows, at_us, places, older.get(key, ()))
    return anew


def _tell_group(rows: Columns, at_us: list[int], places: list[int], older: Sequence[_Old]) -> Iterator[Anew]:
    """The same for one visitor's new taps on one link. What was before them stays what it is."""
    new = {rows["public_id"][place]: place for place in places}
    taps = [(_EPOCH + timedelta(microseconds=at_us[place]), click) for click, place in new.items()]
    first, _ = min(taps)
    old = {  # a repeat from then on repeats one that is at hand
        click: (at, kind, repeated)
        for click, at, kind, repeated in older
        if click not in new and (at >= first or kind != "duplicate")
    }
    together = [*taps, *((at, click) for click, (at, _kind, _repeated) in old.items())]
    verdicts = _classes(together, measured=lasts(rows["visitor"][places[0]]))
    for click, place in new.items():
        rows["kind"][place], rows["reason"][place], rows["repeats"][place] = verdicts[click]
    for click, (at, kind, repeated) in old.items():
        if at >= first and verdicts[click][::2] != (kind, repeated):
            yield click, *verdicts[click]


def _classes(taps: Sequence[_Moment], *, measured: bool) -> dict[str, tuple[str, str, str]]:
    """Of one visitor's taps on one link: kind, reason and what it repeats.

    measured: whether a day's measure holds. It does not for a word for the day, which strangers in one network may share.
    """
    again = repeats(taps)
    beyond = excess(tap for tap in taps if tap[1] not in again) if measured else frozenset()
    return {
        click: ("duplicate", "repeat_within_10s", again[click])
        if click in again
        else ("excess", "beyond_a_days_measure", "")
        if click in beyond
        else ("payable", "", "")
        for _, click in taps
    }


def _neighbours(marks: set[int], keys: Collection[_Key], begin: int, end: int) -> dict[_Key, list[_Old]]:
    """By link and visitor: the older clicks of the table from where new ones begin. begin, end: seconds of all new ones.

    Payable ones of that whole day (UTC), for its measure; others only where they can matter, so that who taps a million
    times a day costs no more than anybody else.
    """
    near_to = begin - _REPEAT
    first, last = week_of(min(near_to, begin // DAY * DAY)), week_of(end + DAY)
    found: dict[_Key, list[_Old]] = {}
    for week in range(first, last + 1):
        starts = (
            second_part(second) if week_of(second) == week else 0 if week_of(second) < week else UNCOUNTED
            for second in (min(near_to, begin // DAY * DAY), near_to)
        )
        for click, link, visitor, at, kind, repeated in _of_week([week << WEEK_BIT | mark for mark in marks], *starts):
            if (link, visitor) in keys and kind in _HONEST:
                found.setdefault((link, visitor), []).append((click, _instant(at), kind, repeated))
    return found


def _of_week(starts: list[int], payable_from: int, others_from: int) -> list[Any]:
    """The clicks of a week of the visitors whose traces begin there: payable ones and others, each from some second on."""
    connection = session().connection()
    driver: Any = connection.connection
    columns = "c.public_id, c.link_id, c.visitor, c.at, c.kind, c.repeats"
    each = f"""SELECT {columns} FROM {{starts}} CROSS JOIN {{clicks}}
        {{on}} c.trace BETWEEN start.value + {payable_from} AND start.value + {UNCOUNTED - 1} {{end}} UNION ALL
        SELECT {columns} FROM {{starts}} CROSS JOIN {{clicks}}
        {{on}} c.trace BETWEEN start.value + {UNCOUNTED + others_from} AND start.value + {WIDTH} {{end}}"""  # noqa: S608
    if connection.dialect.name == "sqlite":
        query, values = each.format(starts="json_each(?1) AS start", clicks="clicks AS c", on="ON", end=""), json.dumps(starts)
        return list(driver.execute(query, (values,)).fetchall())
    starts_ = "unnest(%(starts)s::bigint[]) AS start(value)"
    query = each.format(starts=starts_, clicks="LATERAL (SELECT * FROM clicks AS c", on="WHERE", end=") AS c")
    return list(driver.execute(query, {"starts": starts}).fetchall())


def _instant(at: str | datetime) -> datetime:
    """A moment as the driver gives it."""
    return datetime.fromisoformat(at).replace(tzinfo=UTC) if isinstance(at, str) else at.astimezone(UTC)
