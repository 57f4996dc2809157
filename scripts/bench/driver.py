"""The bare driver: the rows that settling wrote, inserted once more into a second database that is laid out alike."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import text

from socialshop.kernel.database import db

from .stage import Stage

# in the order in which rows refer to each other
TABLES = (
    "orders", "order_lines", "order_steps", "program_events", "attributions", "touched", "credits", "declined", "commissions",
    "ledger_accounts", "ledger_postings", "ledger_transactions", "commission_steps",
)  # fmt: skip


class Copier:
    """Takes what is new in one database, as the driver sees it."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        with stage.app.app_context():
            self._columns = {table: [c.name for c in db.metadata.tables[table].columns] for table in TABLES}
        self._last = dict.fromkeys(TABLES, 0)

    def take(self) -> dict[str, list[tuple[Any, ...]]]:
        """The rows that are new since the last time, by table."""
        found: dict[str, list[tuple[Any, ...]]] = {}
        with self._stage.app.app_context(), db.engine.connect() as connection:
            for table, columns in self._columns.items():
                names = ", ".join(self._said(table, name) for name in columns)
                rows = connection.exec_driver_sql(f"SELECT {names} FROM {table} WHERE id > {self._last[table]} ORDER BY id").all()
                found[table] = [tuple(row) for row in rows]
                if rows:
                    self._last[table] = rows[-1][columns.index("id")]
        return found

    def columns(self, table: str) -> list[str]:
        """The table's columns in the order of the rows."""
        return self._columns[table]

    def _said(self, table: str, name: str) -> str:
        kind = str(db.metadata.tables[table].columns[name].type)
        return f'"{name}"::text' if kind == "JSON" and self._stage.database == "postgresql" else f'"{name}"'


class Driver:
    """A connection of the driver's own, with the settings that the app uses."""

    def __init__(self, stage: Stage, copier: Copier) -> None:
        with stage.app.app_context():
            self._raw: Any = db.engine.raw_connection().driver_connection
        mark = "%s" if stage.database == "postgresql" else "?"
        self._begin = "BEGIN" if stage.database == "postgresql" else "BEGIN IMMEDIATE"
        if stage.database == "postgresql":
            self._raw.autocommit = True
        self._inserts = {
            table: "INSERT INTO {} ({}) VALUES ({})".format(
                table, ", ".join(f'"{name}"' for name in copier.columns(table)), ", ".join([mark] * len(copier.columns(table)))
            )
            for table in TABLES
        }

    def insert(self, rows: dict[str, list[tuple[Any, ...]]]) -> float:
        """Insert the rows in one transaction, `executemany` a table; seconds."""
        cursor = self._raw.cursor()
        began = time.perf_counter()
        cursor.execute(self._begin)
        for table in TABLES:
            if rows[table]:
                cursor.executemany(self._inserts[table], rows[table])
        cursor.execute("COMMIT")
        return time.perf_counter() - began


def count(stage: Stage, query: str) -> int:
    """A number from the database."""
    with stage.app.app_context(), db.engine.connect() as connection:
        return int(connection.execute(text(query)).scalar() or 0)
