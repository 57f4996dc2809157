"""What is counted by day, made once more from the clicks themselves: for the nightly check, to mend, and to close days.

A day is read from front to back, so memory holds one day's numbers, never its clicks. Nothing here commits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Date, TextClause, bindparam, func, insert, select, text

from ...kernel.database import UtcDateTime, session
from .counted import OF_BRANDS, SITE, closed, counted_by_brand
from .counting import BY_CREATOR, NEEDED, Key, Tally, book, day_bounds, today
from .models import Click, ClickCount

_PAGE = 5_000
_DIMENSIONS = ("kind", "creator", *BY_CREATOR)


@dataclass(frozen=True, slots=True)
class Difference:
    """A number that is not what the clicks say."""

    row: str
    kept: int
    counted: int


def days_of_clicks(since: date | None = None) -> list[date]:
    """All days, oldest first, that have clicks in the table or numbers."""
    begin, end = session().execute(select(func.min(Click.at), func.max(Click.at))).one()
    found = set(session().scalars(select(ClickCount.day).where(ClickCount.creator_id == SITE, ClickCount.dimension == "kind")))
    if begin is not None:
        day, last = today(begin), today(end)
        while day <= last:
            found.add(day)
            day += timedelta(days=1)
    return sorted(day for day in found if since is None or day >= since)


def nothing_is_counted() -> bool:
    """Whether there are clicks, but no numbers at all: so it is after these tables were made."""
    return session().scalar(select(ClickCount.day).limit(1)) is None and session().scalar(select(Click.id).limit(1)) is not None


def differences(day: date, brand_of: Mapping[int, int] | None = None) -> list[Difference]:
    """What is kept of a day and is not what its clicks say, all read at one moment.

    brand_of: see `visitors_by_brand`; without, brands' visitors are not looked at.
    """
    wrong = _wrong(day)
    found = [_of_count(key, kept, counted) for key, (kept, counted) in wrong.counts.items()]
    found += [_of_link(day, key, kept, counted) for key, (kept, counted) in wrong.links.items()]
    tomorrow = day + timedelta(days=1)
    if day in closed(day, tomorrow):
        found += _unlike_people(day, "visitors", visitors_by_whose(day))
        if brand_of is not None and day in counted_by_brand(day, tomorrow):
            found += _unlike_people(day, OF_BRANDS, visitors_by_brand(day, brand_of))
    return sorted(found, key=lambda each: each.row)


def _unlike_people(day: date, dimension: str, counted: dict[int, int]) -> list[Difference]:
    wrong = _unlike(_kept_people(day, dimension), counted)
    return [_of_count((whose, dimension, day.isoformat(), ""), *both) for whose, both in wrong.items()]


def mend(day: date) -> int:
    """Bring what is kept of a day to what its clicks say; how many numbers were wrong. Its visitors are for closing to count."""
    wrong, tally = _wrong(day), Tally()
    for key, (kept, counted) in wrong.counts.items():
        tally.counts[key] = counted - kept
    for (link, payable), (kept, counted) in wrong.links.items():
        tally.links[link, day.isoformat(), payable] = counted - kept
    tally.days.add(day.isoformat())
    book(tally)
    return len(wrong.counts) + len(wrong.links)


def visitors_by_whose(day: date) -> dict[int, int]:
    """Different people whose clicks counted on a day, by whose: creators, programs, and the whole site."""
    begin, end = day_bounds(day)
    these = (Click.at >= begin, Click.at < end, Click.kind == "payable", Click.visitor != "")
    people = func.count(Click.visitor.distinct())
    found = {SITE: session().scalar(select(people).where(*these)) or 0}
    for whose, sign in ((Click.creator_id, 1), (Click.program_id, -1)):
        rows = session().execute(select(whose, people).where(*these, whose.is_not(None)).group_by(whose))
        found.update({sign * row[0]: row[1] for row in rows if row[0] is not None})
    return found


def visitors_by_brand(day: date, brand_of: Mapping[int, int]) -> dict[int, int]:
    """The same by brand, of those brands several of whose programs had clicks that count; and under 0, how many brands these are.

    brand_of: program → brand, of all brands that have several.
    """
    found = {}
    if brand_of:
        begin, end = day_bounds(day)
        pairs = ", ".join(f"({int(program)}, {int(brand)})" for program, brand in sorted(brand_of.items()))
        query = text(f"""WITH homes(program, brand) AS (VALUES {pairs})
            SELECT homes.brand, count(DISTINCT nullif(c.visitor, '')) FROM clicks AS c JOIN homes ON homes.program = c.program_id
            WHERE c.at >= :begin AND c.at < :end AND c.kind = 'payable'
            GROUP BY homes.brand HAVING min(c.program_id) < max(c.program_id)""")  # noqa: S608  # our own numbers
        of_time = [bindparam(name, type_=UtcDateTime) for name in ("begin", "end")]
        found = {row[0]: row[1] for row in session().execute(query.bindparams(*of_time), {"begin": begin, "end": end})}
    return {SITE: len(found), **found}


def fingerprint(day: date) -> dict[str, int]:
    """Requests of a day by class; the same later means that none came in between."""
    rows = session().execute(
        select(ClickCount.value, ClickCount.count).where(
            ClickCount.creator_id == SITE, ClickCount.dimension == "kind", ClickCount.day == day
        )
    )
    return {row[0]: row[1] for row in rows}


def total(days: Iterable[date]) -> int:
    """Requests that are kept for these days."""
    return sum(sum(fingerprint(day).values()) for day in days)


def close_day(day: date, visitors: Mapping[int, int], of_brands: Mapping[int, int]) -> None:
    """Keep a day's visitors, instead of what was kept of them before."""
    leave_closed(day)
    gone = _of_day("DELETE FROM click_counts WHERE creator_id = :whose AND dimension = :dimension AND day = :day")
    for dimension, people in (("visitors", visitors), (OF_BRANDS, of_brands)):
        before = sorted({SITE, *_kept_people(day, dimension)})
        session().execute(gone, [{"whose": whose, "dimension": dimension, "day": day} for whose in before])
        rows = [
            {"creator_id": whose, "dimension": dimension, "day": day, "value": "", "count": count}
            for whose, count in sorted(people.items())
        ]
        session().execute(insert(ClickCount), rows)


def leave_closed(day: date) -> None:
    """Let a day keep the visitors it had: its clicks are no longer here to be counted."""
    session().execute(
        _of_day("DELETE FROM click_counts WHERE creator_id = 0 AND dimension = 'reopened' AND day = :day"), {"day": day}
    )


@dataclass(frozen=True, slots=True)
class _Wrong:
    """(kept, counted) of each number that is wrong."""

    counts: dict[Key, tuple[int, int]]
    links: dict[tuple[int, bool], tuple[int, int]]


def _wrong(day: date) -> _Wrong:
    tally = _counted(day)
    links = Counter({(link, payable): count for (link, _day, payable), count in tally.links.items()})
    return _Wrong(_unlike(_kept_counts(day), tally.counts), _unlike(_kept_links(day), links))


def _unlike(kept: dict[Any, int], counted: dict[Any, int]) -> dict[Any, tuple[int, int]]:
    either = {*kept, *counted}
    return {key: (kept.get(key, 0), counted.get(key, 0)) for key in either if kept.get(key, 0) != counted.get(key, 0)}


def _counted(day: date) -> Tally:
    begin, end = day_bounds(day)
    tally = Tally()
    table: Any = Click.__table__
    question = select(*(table.c[name] for name in NEEDED)).where(table.c.at >= begin, table.c.at < end)
    for page in session().execute(question, execution_options={"yield_per": _PAGE}).partitions():
        tally.add(dict(zip(NEEDED, zip(*page, strict=True), strict=True)), [day.isoformat()] * len(page))
    return tally


def _kept_counts(day: date) -> dict[Key, int]:
    """All but visitors. The table is in the order of whose they are, so each one's day is looked up by itself."""
    query = _of_day(f"""{_WHOSE}, dimensions(name) AS (VALUES {", ".join(f"('{name}')" for name in _DIMENSIONS)})
        SELECT c.creator_id, c.dimension, c.value, c.count FROM whose CROSS JOIN dimensions
        JOIN click_counts AS c ON c.creator_id = whose.id AND c.dimension = dimensions.name AND c.day = :day
        WHERE whose.id IS NOT NULL""")  # noqa: S608
    rows = session().execute(query, {"day": day})
    return {(row[0], row[1], day.isoformat(), row[2]): row[3] for row in rows}


def _kept_people(day: date, dimension: str) -> dict[int, int]:
    query = _of_day(f"""{_WHOSE} SELECT c.creator_id, c.count FROM whose
        JOIN click_counts AS c ON c.creator_id = whose.id AND c.dimension = :dimension AND c.day = :day AND c.value = ''
        WHERE whose.id IS NOT NULL""")  # noqa: S608
    return {row[0]: row[1] for row in session().execute(query, {"day": day, "dimension": dimension})}


def _kept_links(day: date) -> dict[tuple[int, bool], int]:
    query = _of_day("""WITH RECURSIVE links(id) AS (
            SELECT min(link_id) FROM link_days UNION ALL
            SELECT (SELECT min(link_id) FROM link_days WHERE link_id > links.id) FROM links WHERE links.id IS NOT NULL)
        SELECT d.link_id, d.payable, d.apart FROM links JOIN link_days AS d ON d.link_id = links.id AND d.day = :day
        WHERE links.id IS NOT NULL""")
    found = {}
    for link, payable, apart in session().execute(query, {"day": day}):
        found.update({(link, True): payable, (link, False): apart})
    return found


def _of_day(statement: str) -> TextClause:
    return text(statement).bindparams(bindparam("day", type_=Date))


_WHOSE = """WITH RECURSIVE whose(id) AS (
    SELECT min(creator_id) FROM click_counts UNION ALL
    SELECT (SELECT min(creator_id) FROM click_counts WHERE creator_id > whose.id) FROM whose WHERE whose.id IS NOT NULL)"""


def _of_count(key: Key, kept: int, counted: int) -> Difference:
    whose, dimension, day, value = key
    if dimension == OF_BRANDS:
        of = "brands with visitors in several programs" if whose == SITE else f"brand {whose}"
    else:
        of = "the site" if whose == SITE else f"creator {whose}" if whose > 0 else f"program {-whose}"
    return Difference(f"click_counts {day} {of} {dimension} {value!r}", kept, counted)


def _of_link(day: date, key: tuple[int, bool], kept: int, counted: int) -> Difference:
    link, payable = key
    return Difference(f"link_days {day} link {link} {'payable' if payable else 'apart'}", kept, counted)
