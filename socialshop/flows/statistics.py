"""Who counts taps: the counts by day first; for finer questions the taps in the database, or where these are many or gone,
the store of all taps. All of them know the same taps, so which one it was shows in the time it takes and in nothing else."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from ..adapters.clicks import Question
from ..domain import analytics, clicks, programs, segments
from ..domain.analytics import Counting, Counts, Period, Scope
from ..kernel.database import session
from . import all_clicks

FEW = 20_000  # requests that the database counts as fast as the store is woken up
_MOST_ROWS = 100_000


def taps(zone: str) -> analytics.Taps:
    """What answers questions about taps. zone: the install's, whose days the counts are kept by."""
    return analytics.RolledTaps(_AllTaps(), zone=zone)


def of_creator(creator_id: int) -> Scope:
    """All that a creator may see: whatever came by their own links and codes."""
    return Scope(creator_id=creator_id)


def of_brand(brand_id: int) -> Scope:
    """All that a brand may see: what came by links and codes of its own programs."""
    own = tuple(program.id for program in programs.programs_of_brand(brand_id))
    return Scope(brand_id=brand_id, program_ids=own)


class _AllTaps:
    """Counts every tap there ever was."""

    def __init__(self) -> None:
        self._recent = analytics.RecentTaps()
        self._few: dict[tuple[Any, ...], bool] = {}

    def count(self, scope: Scope, period: Period, by: tuple[str, ...] = (), what: Counting = "clicks") -> Counts:
        """See `analytics.Taps`."""
        key = (scope.creator_id, scope.program_ids, period.first, period.last)
        if key not in self._few:
            self._few[key] = _are_few(scope, period)
        if self._few[key]:
            return self._recent.count(scope, period, by, what)
        return _of_store(scope, period, by, what)


def _are_few(scope: Scope, period: Period) -> bool:
    """Whether all taps of the period are in the database, and not too many."""
    let_go = session().scalar(select(segments.Progress.let_go_before))
    if let_go is not None and period.since < let_go:
        return False
    first, last = period.first - timedelta(days=1), period.last + timedelta(days=2)  # on whatever clock the days were counted
    whose = [scope.creator_id] if scope.creator_id is not None else [clicks.of_program(each) for each in scope.program_ids]
    return sum(sum(clicks.counts(each, "kind", first, last).values()) for each in whose) <= FEW


def _of_store(scope: Scope, period: Period, by: tuple[str, ...], what: Counting) -> Counts:
    where = _where(scope)
    if where is None:
        return {}
    found = all_clicks.count(Question(period.since, period.until, period.zone, where, by, what, limit=_MOST_ROWS))
    say = [_number if name in analytics.NUMBERED else _text for name in by]
    return {tuple(told(value) for told, value in zip(say, row.values, strict=True)): row.count for row in found if row.count}


def _where(scope: Scope) -> dict[str, Any] | None:
    """What the store is asked to hold to; None where no tap can."""
    wanted: dict[str, Any] = {
        name: int(value or 0) if name in analytics.NUMBERED else value for name, value in scope.where.items()
    }
    if scope.creator_id is not None:
        return None if wanted.get("creator", scope.creator_id) != scope.creator_id else {**wanted, "creator": scope.creator_id}
    own = [each for each in scope.program_ids if wanted.get("program", each) == each]
    return {**wanted, "program": own} if own else None


def _number(value: object) -> str:
    return str(value) if value else ""


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
