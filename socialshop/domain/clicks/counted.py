"""Questions to what is counted by day. Days are those of the install's zone; `until` itself is not in.

Whose counts: a creator's are asked by the creator's id, the whole site's by SITE, a program's by `of_program(id)`. Every number
counts payable clicks, but for the dimension "kind". Clicks by product are the sums of the links that lead there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import ColumnElement, func, select

from ...kernel.database import in_parts, session
from .counting import day_bounds
from .models import Click, ClickCount, LinkDay

SITE = 0
OF_BRANDS = "brand_visitors"


def of_program(program_id: int) -> int:
    """Under which number a program's counts are asked."""
    return -program_id


def counts(whose: int, dimension: str, since: date, until: date) -> dict[str, int]:
    """Clicks by value over some days; "" is what said nothing. Visitors are asked by `visitors`."""
    sums = _sums(whose, dimension, since, until)
    if dimension != "kind":
        _fill_in(sums, _sums(whose, "kind", since, until).get("payable", 0))
    return sums


def daily_counts(whose: int, dimension: str, since: date, until: date) -> dict[date, dict[str, int]]:
    """The same for each day that has any."""
    days = _daily(whose, dimension, since, until)
    if dimension != "kind":
        for day, kinds in _daily(whose, "kind", since, until).items():
            if kinds.get("payable", 0):
                _fill_in(days[day], kinds["payable"])
    return dict(days)


def clicks_by_day(whose: int, since: date, until: date) -> dict[date, int]:
    """Payable clicks of each day that has any."""
    rows = session().execute(
        select(ClickCount.day, ClickCount.count).where(*_of(whose, "kind", since, until), ClickCount.value == "payable")
    )
    return {row[0]: row[1] for row in rows}


def visitors(whose: int, since: date, until: date) -> dict[date, int]:
    """Different people whose clicks counted, by day; who comes on two days is two, for without a cookie nobody can tell.

    Closed days are kept; those that are not yet closed are counted from the clicks.
    """
    kept = closed(since, until)
    rows = session().execute(select(ClickCount.day, ClickCount.count).where(*_of(whose, "visitors", since, until)))
    found = {day: count for day, count in rows if day in kept}
    for day in clicks_by_day(whose, since, until):
        if day not in kept:
            found[day] = visitors_of_day(whose, day)
    return found


def visitors_of_day(whose: int, day: date) -> int:
    """The same of one day, counted from the clicks."""
    if not whose:
        return _people(day)
    return _people(day, Click.creator_id == whose if whose > 0 else Click.program_id == -whose)


def visitors_of_brand(brand_id: int, program_ids: Sequence[int], since: date, until: date) -> dict[date, int] | None:
    """The same of all of a brand's programs together; who tapped in two of them on a day is one.

    program_ids: all that the brand has. None where several of them had clicks on a day that was closed before brands
    were counted.
    """
    kept, told = closed(since, until), counted_by_brand(since, until)
    whose = [of_program(program_id) for program_id in program_ids]
    own = _by_day(whose, "visitors", since, until)
    both = _by_day([brand_id], OF_BRANDS, since, until).get(brand_id, {})
    tapped: defaultdict[date, list[int]] = defaultdict(list)
    for program, days in _by_day(whose, "kind", since, until, "payable").items():
        for day in days:
            tapped[day].append(program)
    found = {}
    for day, there in tapped.items():
        if day not in kept:
            found[day] = _people(day, Click.program_id.in_(program_ids))
        elif len(there) == 1:
            found[day] = own.get(there[0], {}).get(day, 0)
        elif day in told:
            found[day] = both.get(day, 0)
        else:
            return None
    return found


def counted_by_brand(since: date, until: date) -> set[date]:
    """The days on which it was counted for each brand who came."""
    return set(session().scalars(select(ClickCount.day).where(*_of(SITE, OF_BRANDS, since, until))))


def _by_day(whose: Sequence[int], dimension: str, since: date, until: date, value: str = "") -> dict[int, dict[date, int]]:
    """By whose and day: the counts of one value."""
    row = ClickCount
    found: defaultdict[int, dict[date, int]] = defaultdict(dict)
    for part in in_parts(whose):
        mine = (row.creator_id.in_(part), row.dimension == dimension, row.value == value, row.day >= since, row.day < until)
        for one, day, count in session().execute(select(row.creator_id, row.day, row.count).where(*mine)):
            found[one][day] = count
    return found


def _people(day: date, *these: ColumnElement[bool]) -> int:
    begin, end = day_bounds(day)
    question = select(func.count(Click.visitor.distinct())).where(
        Click.at >= begin, Click.at < end, Click.kind == "payable", Click.visitor != "", *these
    )
    return session().scalar(question) or 0


def link_counts(link_ids: Collection[int], since: date | None = None, until: date | None = None) -> dict[int, int]:
    """Payable clicks of each of these links, all time or over some days; links nobody tapped are not in it."""
    found: dict[int, int] = {}
    for part in in_parts(link_ids):
        rows = session().execute(
            select(LinkDay.link_id, func.sum(LinkDay.payable))
            .where(LinkDay.link_id.in_(part), *_between(since, until))
            .group_by(LinkDay.link_id)
        )
        found.update({link_id: int(count) for link_id, count in rows if count})
    return found


def link_days(link_id: int, since: date, until: date) -> dict[date, tuple[int, int]]:
    """(payable, all others) of one link by day."""
    rows = session().execute(
        select(LinkDay.day, LinkDay.payable, LinkDay.apart).where(LinkDay.link_id == link_id, *_between(since, until))
    )
    return {day: (payable, apart) for day, payable, apart in rows}


def _sums(whose: int, dimension: str, since: date, until: date) -> dict[str, int]:
    rows = session().execute(
        select(ClickCount.value, func.sum(ClickCount.count))
        .where(*_of(whose, dimension, since, until))
        .group_by(ClickCount.value)
    )
    return {value: int(count) for value, count in rows}


def _daily(whose: int, dimension: str, since: date, until: date) -> defaultdict[date, dict[str, int]]:
    days: defaultdict[date, dict[str, int]] = defaultdict(dict)
    rows = session().execute(
        select(ClickCount.day, ClickCount.value, ClickCount.count).where(*_of(whose, dimension, since, until))
    )
    for day, value, count in rows:
        days[day][value] = count
    return days


def _fill_in(sums: dict[str, int], payable: int) -> None:
    rest = payable - sum(sums.values())
    if rest:
        sums[""] = rest


def _of(whose: int, dimension: str, since: date, until: date) -> tuple[ColumnElement[bool], ...]:
    return (
        ClickCount.creator_id == whose,
        ClickCount.dimension == dimension,
        ClickCount.day >= since,
        ClickCount.day < until,
    )


def _between(since: date | None, until: date | None) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if since is not None:
        found.append(LinkDay.day >= since)
    if until is not None:
        found.append(LinkDay.day < until)
    return found


def closed(since: date, until: date) -> set[date]:
    """The days whose visitors are kept, and that no click came late for."""
    kept, again = (
        set(session().scalars(select(ClickCount.day).where(*_of(SITE, dimension, since, until))))
        for dimension in ("visitors", "reopened")
    )
    return kept - again
