"""The database tells of every change to where a link leads, whoever makes it: a row in `link_changes` for each link.

The same statements serve tests (`create_all`) and migrations. A migration that rebuilds one of the tables on SQLite
(batch mode) drops its triggers and has to put them up again.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, MetaData, event

from ...kernel.database import Base

# (name, when, which links)
_WATCHED = (
    ("tracked_links_made", "AFTER INSERT ON tracked_links", "VALUES (NEW.id)"),
    ("tracked_links_changed", "AFTER UPDATE ON tracked_links", "VALUES (NEW.id)"),
    (
        "programs_parameter_changed",
        "AFTER UPDATE OF click_parameter ON programs",
        "SELECT id FROM tracked_links WHERE program_id = NEW.id",
    ),
    ("creators_handle_changed", "AFTER UPDATE OF handle ON creators", "SELECT id FROM tracked_links WHERE creator_id = NEW.id"),
)


def statements(dialect: str) -> list[str]:
    """The statements that begin the telling, for "sqlite" or "postgresql"."""
    made: list[str] = []
    for name, when, which in _WATCHED:
        insert = f"INSERT INTO link_changes (link_id) {which}"
        if dialect == "sqlite":
            made.append(f"CREATE TRIGGER {name} {when} BEGIN {insert}; END")
        else:
            made.append(
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {insert}; RETURN NULL; END $$"
            )
            made.append(f"CREATE TRIGGER {name} {when} FOR EACH ROW EXECUTE FUNCTION {name}()")
    return made


def drop_statements(dialect: str) -> list[str]:
    """The statements that end it."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {name}" for name, _, _ in _WATCHED]
    tables = [(name, when.split(" ON ")[1]) for name, when, _ in _WATCHED]
    return [
        sql
        for name, table in tables
        for sql in (f"DROP TRIGGER IF EXISTS {name} ON {table}", f"DROP FUNCTION IF EXISTS {name}()")
    ]


@event.listens_for(Base.metadata, "after_create")
def _put_up(_metadata: MetaData, connection: Connection, **facts: Any) -> None:
    made = {table.name for table in facts.get("tables") or ()}
    if {"tracked_links", "programs", "creators", "link_changes"} <= made:
        for sql in statements(connection.dialect.name):
            connection.exec_driver_sql(sql)
