"""What a question about numbers is about: whose, which days, which part of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal

from ...kernel.database import session
from .definitions import NUMBERED
from .periods import Period, offsets


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose numbers: a creator's own, or those of a brand's programs. Nobody else's are ever counted.

    where: narrower, dimension → value; values of our own rows are their internal ids as text, "" is "unknown".
    """

    creator_id: int | None = None
    brand_id: int | None = None
    program_ids: tuple[int, ...] = ()
    where: Mapping[str, str] = field(default_factory=dict)

    def covers(self, columns: Any) -> list[ColumnElement[bool]]:
        """Whose rows of a table with `creator_id` and `program_id` are asked for."""
        if self.creator_id is not None:
            return [columns.creator_id == self.creator_id]
        return [columns.program_id.in_(self.program_ids)]


def is_(column: Any, dimension: str, value: str) -> ColumnElement[bool]:
    """Whether a column has this value of a dimension; "" for what nobody knows."""
    if dimension in NUMBERED:
        numbered: ColumnElement[bool] = column == int(value) if value else column.is_(None)
        return numbered
    found: ColumnElement[bool] = column == value if value else func.coalesce(column, "") == ""
    return found


def within(column: Any, period: Period) -> list[ColumnElement[bool]]:
    """Whether an instant lies in the period."""
    return [column >= period.since, column < period.until]


def local_day(column: Any, period: Period) -> ColumnElement[str]:
    """The day of an instant on the period's clock, as "2026-06-01", also where that clock is moved in between."""
    parts = offsets(period.zone, period.since, period.until)
    words = [(until, _shifted(column, int(ahead.total_seconds()))) for until, ahead in parts]
    if len(words) == 1:
        return words[0][1]
    return case(*[(column < until, day) for until, day in words[:-1]], else_=words[-1][1])


def _shifted(column: Any, seconds: int) -> ColumnElement[str]:
    if session().get_bind().dialect.name == "sqlite":
        return func.date(column, literal(f"{seconds:+d} seconds"))
    moved = func.timezone("UTC", column) + func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    return func.to_char(moved, "YYYY-MM-DD")
