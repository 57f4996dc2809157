"""The database's own guard: rates are appended only. The same statements serve tests (`create_all`) and the migration."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, event

from ...kernel.database import Base
from .models import Rate

_ACTS = {"sqlite": ("UPDATE", "DELETE"), "postgresql": ("UPDATE", "DELETE", "TRUNCATE")}


def statements(dialect: str) -> list[str]:
    """The statements that put the guard up, for "sqlite" or "postgresql"."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER rates_append_{act.lower()} BEFORE {act} ON rates "
            "BEGIN SELECT RAISE(ABORT, 'rates is appended only'); END"
            for act in _ACTS[dialect]
        ]
    function = """CREATE OR REPLACE FUNCTION socialshop_rates_stay() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION USING MESSAGE = 'rates is appended only', ERRCODE = 'integrity_constraint_violation';
    END $$"""
    return [function] + [
        f"CREATE TRIGGER rates_append_{act.lower()} BEFORE {act} ON rates "
        f"FOR EACH {'STATEMENT' if act == 'TRUNCATE' else 'ROW'} EXECUTE FUNCTION socialshop_rates_stay()"
        for act in _ACTS["postgresql"]
    ]


def drop_statements(dialect: str) -> list[str]:
    """The statements that take the guard down."""
    on = "" if dialect == "sqlite" else " ON rates"
    drops = [f"DROP TRIGGER IF EXISTS rates_append_{act.lower()}{on}" for act in _ACTS[dialect]]
    return drops if dialect == "sqlite" else [*drops, "DROP FUNCTION IF EXISTS socialshop_rates_stay()"]


@event.listens_for(Base.metadata, "after_create")
def _put_up(_metadata: Any, connection: Connection, **facts: Any) -> None:
    if Rate.__tablename__ in {table.name for table in facts.get("tables") or ()}:
        for sql in statements(connection.dialect.name):
            connection.exec_driver_sql(sql)
