"""Figures that the operator looks at: the database, the disk, the worker, the queue."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from . import beat, jobs, schema
from .database import session

SILENT = timedelta(seconds=90)  # a worker beats every minute
LOW_DISK = 1024**3  # bytes


@dataclass(frozen=True, slots=True)
class Vitals:
    """One look at the install; sizes are bytes."""

    database: str
    database_bytes: int
    step: str | None
    newest_step: str | None
    worker_at: datetime | None
    worker_alive: bool
    jobs: dict[str, int]
    waiting_since: datetime | None
    disk_free: int
    disk_total: int

    @property
    def schema_is_current(self) -> bool:
        """Whether the tables are those of this program."""
        return self.step == self.newest_step

    @property
    def disk_is_low(self) -> bool:
        """Whether uploads and the database may soon find no room."""
        return self.disk_free < LOW_DISK


def look(folder: Path, *, now: datetime) -> Vitals:
    """Measure now; `folder` is where this install keeps its files."""
    last = beat.last("worker")
    usage = shutil.disk_usage(folder)
    dialect = session().get_bind().dialect.name
    return Vitals(
        database={"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(dialect, dialect),
        database_bytes=_database_bytes(dialect),
        step=schema.standing(),
        newest_step=schema.head(),
        worker_at=last,
        worker_alive=last is not None and now - last < SILENT,
        jobs=jobs.counts(),
        waiting_since=jobs.oldest_due(now),
        disk_free=usage.free,
        disk_total=usage.total,
    )


def _database_bytes(dialect: str) -> int:
    if dialect == "postgresql":
        return int(session().scalar(text("SELECT pg_database_size(current_database())")) or 0)
    pages = session().scalar(text("PRAGMA page_count")) or 0
    return int(pages) * int(session().scalar(text("PRAGMA page_size")) or 0)
