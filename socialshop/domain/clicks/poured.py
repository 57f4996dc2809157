"""How far the files of noted taps are taken in, and the lines that are no clicks. Nothing here commits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ...kernel.database import session
from .models import SpoiledTap, SpoolFile


def read_to(names: Sequence[str]) -> dict[str, int]:
    """How far each of these spool files has been taken in."""
    return {row.name: row.end for row in session().scalars(select(SpoolFile).where(SpoolFile.name.in_(names)))}


def move_on(name: str, start: int, end: int) -> bool:
    """Note that a file is taken in from `start` to `end`; False where somebody else has done so."""
    if start == 0:
        made = _insert(SpoolFile).values(name=name, end=end).on_conflict_do_nothing(index_elements=["name"])
        if session().scalar(made.returning(SpoolFile.name)) is not None:
            return True
    moved = update(SpoolFile).where(SpoolFile.name == name, SpoolFile.end == start).values(end=end).returning(SpoolFile.name)
    return session().scalar(moved) is not None


def forget_file(name: str) -> None:
    """A spool file that is gone need not be remembered."""
    session().execute(delete(SpoolFile).where(SpoolFile.name == name))


def spoil(file: str, lines: Iterable[tuple[str, str]], *, now: datetime) -> None:
    """Keep (line, why) that are no clicks of ours."""
    rows = [{"file": file, "line": line[:2000], "why": why[:80], "at": now} for line, why in lines]
    if rows:
        session().execute(insert(SpoiledTap), rows)


def _insert(model: type) -> Any:
    dialect = session().get_bind().dialect.name
    return (sqlite if dialect == "sqlite" else postgresql).insert(model)
