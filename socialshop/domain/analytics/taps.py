"""Questions about taps: counted by day where that was kept (roll-ups), from the taps themselves where the question is finer.

Both ways give the same number for the same question; nobody who asks needs to know which one it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any, Literal, Protocol

from sqlalchemy import Date, Select, func, literal, select

from ...kernel.database import session
from .. import clicks, links, programs
from .definitions import NUMBERED
from .periods import Period
from .scope import Scope, is_, local_day, within

Counting = Literal["clicks", "visitors", "requests"]
Counts = dict[tuple[str, ...], int]
_FEW_DAYS = 3


class Taps(Protocol):
    """Somebody who can count taps."""

    def count(self, scope: Scope, period: Period, by: tuple[str, ...] = (), what: Counting = "clicks") -> Counts:
        """How many by the values of `by`, which may also be "day", "kind" and "reason"; what is nowhere is left out.

        Values are text: a day as "2026-06-01", our own rows by internal id, "" for unknown. Visitors are counted anew
        each day, those without a mark left out.
        """
        ...


class RecentTaps:
    """Counts the taps that are in the main database."""

    def count(self, scope: Scope, period: Period, by: tuple[str, ...] = (), what: Counting = "clicks") -> Counts:
        """See `Taps`."""
        click = clicks.Click
        wanted = {name: _column(name, period).label(f"by_{name}") for name in by}
        if what == "visitors":
            people = (
                select(*wanted.values(), local_day(click.at, period).label("on_day"), click.visitor.label("person"))
                .where(click.visitor != "")
                .distinct()
            )
            inner = self._narrowed(people, scope, period, by, what).subquery()
            columns = [inner.c[f"by_{name}"] for name in by]
            return _counts(select(*columns, func.count()).select_from(inner).group_by(*columns))
        query = self._narrowed(select(*wanted.values(), func.count().label("n")), scope, period, by, what)
        return _counts(query.group_by(*[f"by_{name}" for name in by]))

    def _narrowed(self, query: Select[Any], scope: Scope, period: Period, by: tuple[str, ...], what: Counting) -> Select[Any]:
        click = clicks.Click
        query = query.select_from(click).where(*scope.covers(click), *within(click.at, period))
        if scope.creator_id is None:  # taps are found by creator and time, so name those who can have any
            stay = programs.Enrollment
            query = query.where(click.creator_id.in_(select(stay.creator_id).where(stay.program_id.in_(scope.program_ids))))
        if what != "requests":
            query = query.where(click.kind == "payable")
        if "product" in by or "product" in scope.where:
            query = query.join(links.TrackedLink, links.TrackedLink.id == click.link_id)
        return query.where(*(is_(_column(name, period), name, value) for name, value in scope.where.items()))


def _column(name: str, period: Period) -> Any:
    click = clicks.Click
    if name == "day":
        return local_day(click.at, period)
    if name == "product":
        return links.TrackedLink.product_id
    return getattr(click, f"{name}_id" if name in NUMBERED else name)


def _counts(query: Select[Any]) -> Counts:
    found: Counter[tuple[str, ...]] = Counter()
    for row in session().execute(query):
        found[tuple("" if value is None else str(value) for value in row[:-1])] += int(row[-1])
    return {values: count for values, count in found.items() if count}


class RolledTaps:
    """Answers from the counts by day where the question is about whole days of the install's zone, else asks `finer`."""

    def __init__(self, finer: Taps, *, zone: str) -> None:
        self._finer, self._zone = finer, zone

    def count(self, scope: Scope, period: Period, by: tuple[str, ...] = (), what: Counting = "clicks") -> Counts:
        """See `Taps`."""
        found = self._kept(scope, period, by, what) if period.zone == self._zone else None
        return self._finer.count(scope, period, by, what) if found is None else found

    def _kept(self, scope: Scope, period: Period, by: tuple[str, ...], what: Counting) -> Counts | None:
        """None: these counts do not say."""
        dimensions = [name for name in by if name != "day"]
        if len(dimensions) > 1 or set(scope.where) not in (set(), {"link"}, {"post"}):
            return None
        dimension = dimensions[0] if dimensions else ""
        if set(scope.where) == {"post"}:
            return self._of_post(scope, period, by) if not dimension and what == "clicks" and scope.creator_id else None
        if what == "visitors":
            return None if dimension or scope.where else self._visitors(scope, period, by)
        if dimension in ("link", "product") or scope.where:
            if scope.creator_id is None:  # counts by link do not say of which program the link was then
                return None
            return self._of_links(scope, period, by, what) if dimension in ("", "link", "product") else None
        if dimension in ("", "kind"):
            return self._of_kinds(scope, period, by, what)
        known = _BY_CREATOR if scope.creator_id is not None else _BY_PROGRAM
        if dimension not in known or what == "requests":
            return None
        return _arranged(self._rows(scope, period, by, dimension), by, dimension)

    def _rows(self, scope: Scope, period: Period, by: tuple[str, ...], dimension: str) -> Iterator[tuple[date, str, int]]:
        """(day, value, count); where no day is asked for, those of the period in one row under its first day."""
        if "day" in by:
            yield from self._daily(scope, period, dimension)
        else:
            for whose in _numbers(scope):
                counts = clicks.counts(whose, dimension, *_span(period))
                yield from ((period.first, value, count) for value, count in counts.items())

    def _daily(self, scope: Scope, period: Period, dimension: str) -> Iterator[tuple[date, str, int]]:
        for whose in _numbers(scope):
            for day, values in clicks.daily_counts(whose, dimension, *_span(period)).items():
                yield from ((day, value, count) for value, count in values.items())

    def _of_post(self, scope: Scope, period: Period, by: tuple[str, ...]) -> Counts:
        rows = self._rows(scope, period, by, "post")
        return _arranged(((day, "", count) for day, value, count in rows if value == scope.where["post"]), by, "")

    def _of_kinds(self, scope: Scope, period: Period, by: tuple[str, ...], what: Counting) -> Counts:
        rows = self._rows(scope, period, by, "kind")
        wanted = rows if what == "requests" else ((day, kind, count) for day, kind, count in rows if kind == "payable")
        return _arranged(wanted, by, "kind")

    def _visitors(self, scope: Scope, period: Period, by: tuple[str, ...]) -> Counts | None:
        if self._open_days(period) > _FEW_DAYS:
            return None  # counting each of them anew would take longer
        whose = _numbers(scope)
        if len(whose) == 1:
            found: dict[date, int] | None = clicks.visitors(whose[0], *_span(period))
        elif scope.brand_id is not None and set(scope.program_ids) == _programs_of(scope.brand_id):
            found = clicks.visitors_of_brand(scope.brand_id, scope.program_ids, *_span(period))
        else:
            found = None  # somebody may have tapped in two programs
        return None if found is None else _arranged(((day, "", count) for day, count in found.items()), by, "")

    def _open_days(self, period: Period) -> int:
        """How many days with clicks have no visitors kept: today, and those that the nightly job has not come to."""
        count = clicks.ClickCount
        there = (count.creator_id == clicks.SITE) & (count.day >= period.first) & (count.day <= period.last)
        days = select(count.day).where(there, count.dimension == "kind").distinct()
        closed = select(count.day).where(there, count.dimension == "visitors")
        return len(set(session().scalars(days)) - set(session().scalars(closed)))

    def _of_links(self, scope: Scope, period: Period, by: tuple[str, ...], what: Counting) -> Counts:
        day, link = clicks.LinkDay, links.TrackedLink
        dimension = "product" if "product" in by else "link"
        total = func.sum(day.payable if what == "clicks" else day.payable + day.apart)
        value = link.product_id if dimension == "product" else day.link_id
        on = day.day if "day" in by else literal(period.first, Date)
        query = (
            select(on.label("on_day"), value.label("of_value"), total)
            .join(link, link.id == day.link_id)
            .where(*scope.covers(link), day.day >= period.first, day.day <= period.last)
        )
        if "link" in scope.where:
            query = query.where(is_(day.link_id, "link", scope.where["link"]))
        rows = session().execute(query.group_by(*(["on_day"] if "day" in by else []), "of_value"))
        return _arranged(((on, "" if of is None else str(of), int(n)) for on, of, n in rows), by, dimension)


_BY_CREATOR = frozenset(
    {
        "channel", "placement", "post", "program", "country", "device", "system", "browser", "inside", "language", "referrer",
        "utm_source", "utm_medium", "utm_campaign", "destination",
    }
)  # fmt: skip
_BY_PROGRAM = frozenset({"creator", "channel", "country", "device"})


def _programs_of(brand_id: int) -> set[int]:
    return {program.id for program in programs.programs_of_brand(brand_id)}


def _numbers(scope: Scope) -> list[int]:
    if scope.creator_id is not None:
        return [scope.creator_id]
    return [clicks.of_program(program_id) for program_id in scope.program_ids]


def _span(period: Period) -> tuple[date, date]:
    return period.first, period.last + timedelta(days=1)


def _arranged(rows: Iterable[tuple[date, str, int]], by: tuple[str, ...], dimension: str) -> Counts:
    found: Counter[tuple[str, ...]] = Counter()
    for day, value, count in rows:
        named = {"day": day.isoformat(), dimension: value}
        found[tuple(named[name] for name in by)] += count
    return {values: count for values, count in found.items() if count}
