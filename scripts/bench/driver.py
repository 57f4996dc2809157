"""The bare driver: the rows that settling wrote, inserted once more into a second database that is laid out alike.

It is given what a program has: numbers, texts, documents as dictionaries, instants as datetimes. What of these a driver does
not write by itself is turned into text by the standard library first, and that counts.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, text
from sqlalchemy.types import JSON, TypeDecorator

from socialshop.kernel.database import db

from .stage import Stage

# in the order in which rows refer to each other
TABLES = (
    "orders", "order_lines", "order_steps", "program_events", "attributions", "touched", "credits", "declined", "commissions",
    "ledger_accounts", "ledger_postings", "ledger_transactions", "commission_steps",
)  # fmt: skip


Rows = dict[str, list[tuple[Any, ...]]]


class Copier:
    """Takes what is new in one database, as the driver sees it."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        with stage.app.app_context():
            self._columns = {table: [c.name for c in db.metadata.tables[table].columns] for table in TABLES}
        self._last = dict.fromkeys(TABLES, 0)

    def take(self) -> Rows:
        """The rows that are new since the last time, by table, as the driver gives them back."""
        found: Rows = {}
        with self._stage.app.app_context(), db.engine.connect() as connection:
            for table, columns in self._columns.items():
                names = ", ".join(self._said(table, name) for name in columns)
                rows = connection.exec_driver_sql(f"SELECT {names} FROM {table} WHERE id > {self._last[table]} ORDER BY id").all()
                found[table] = [tuple(row) for row in rows]
                if rows:
                    self._last[table] = rows[-1][columns.index("id")]
        return found

    def as_values(self, rows: Rows) -> Rows:
        """The same rows as a program has them: documents as dictionaries, instants as datetimes."""
        return {
            table: [
                tuple(read(value) if read and value is not None else value for read, value in zip(readers, row, strict=True))
                for row in rows[table]
            ]
            for table, readers in ((table, [self._reader(table, name) for name in self._columns[table]]) for table in TABLES)
        }

    def writers(self, table: str) -> list[tuple[int, Callable[[Any], str]]]:
        """The places of columns whose values the driver does not write by itself, and what writes them."""
        found: list[tuple[int, Callable[[Any], str]]] = []
        for place, name in enumerate(self._columns[table]):
            kind = self._kind(table, name)
            if isinstance(kind, JSON):
                found.append((place, json.dumps))
            elif isinstance(kind, DateTime) and self._stage.database == "sqlite":
                found.append((place, lambda value: value.isoformat(" ")))
        return found

    def _reader(self, table: str, name: str) -> Callable[[Any], Any] | None:
        kind = self._kind(table, name)
        if isinstance(kind, JSON):
            return json.loads
        return datetime.fromisoformat if isinstance(kind, DateTime) and self._stage.database == "sqlite" else None

    def _kind(self, table: str, name: str) -> Any:
        kind = db.metadata.tables[table].columns[name].type
        return kind.impl if isinstance(kind, TypeDecorator) else kind

    def columns(self, table: str) -> list[str]:
        """The table's columns in the order of the rows."""
        return self._columns[table]

    def _said(self, table: str, name: str) -> str:
        as_text = isinstance(self._kind(table, name), JSON) and self._stage.database == "postgresql"
        return f'"{name}"::text' if as_text else f'"{name}"'


class Driver:
    """A connection of the driver's own, with the settings that the app uses."""

    def __init__(self, stage: Stage, copier: Copier) -> None:
        with stage.app.app_context():
            raw: Any = db.engine.raw_connection().driver_connection
        self._raw = raw
        mark = "%s" if stage.database == "postgresql" else "?"
        self._begin = "BEGIN" if stage.database == "postgresql" else "BEGIN IMMEDIATE"
        if stage.database == "postgresql":
            self._raw.autocommit = True
        self._writers = {table: copier.writers(table) for table in TABLES}
        self._inserts = {
            table: "INSERT INTO {} ({}) VALUES ({})".format(
                table, ", ".join(f'"{name}"' for name in copier.columns(table)), ", ".join([mark] * len(copier.columns(table)))
            )
            for table in TABLES
        }

    def insert(self, values: Rows) -> tuple[float, float]:
        """Insert the rows in one transaction, `executemany` a table; seconds in all, and of these for turning into text."""
        cursor = self._raw.cursor()
        began = time.perf_counter()
        rows = {table: self._written(table, values[table]) for table in TABLES}
        written = time.perf_counter()
        cursor.execute(self._begin)
        for table in TABLES:
            if rows[table]:
                cursor.executemany(self._inserts[table], rows[table])
        cursor.execute("COMMIT")
        return time.perf_counter() - began, written - began

    def _written(self, table: str, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        columns = list(zip(*rows, strict=True))
        for place, write in self._writers[table] if rows else ():
            columns[place] = tuple(None if value is None else write(value) for value in columns[place])
        return list(zip(*columns, strict=True))


def count(stage: Stage, query: str) -> int:
    """A number from the database."""
    with stage.app.app_context(), db.engine.connect() as connection:
        return int(connection.execute(text(query)).scalar() or 0)
