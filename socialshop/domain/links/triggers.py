"""The database tells of every change to where a link leads, whoever makes it: a row in `link_changes` for each link.

The same statements serve tests (`create_all`) and migrations. A migration that rebuilds one of the tables on SQLite
(batch mode) drops its triggers and has to put them up again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, MetaData, event

from ...kernel.database import Base

Watched = tuple[str, str, str, str]  # name, when, only where, which links

# as step 0008 put them up
LINKS: tuple[Watched, ...] = (
    ("tracked_links_made", "AFTER INSERT ON tracked_links", "", "VALUES (NEW.id)"),
    ("tracked_links_changed", "AFTER UPDATE ON tracked_links", "", "VALUES (NEW.id)"),
    (
        "programs_parameter_changed",
        "AFTER UPDATE OF click_parameter ON programs",
        "",
        "SELECT id FROM tracked_links WHERE program_id = NEW.id",
    ),
    (
        "creators_handle_changed",
        "AFTER UPDATE OF handle ON creators",
        "",
        "SELECT id FROM tracked_links WHERE creator_id = NEW.id",
    ),
)
_PAGE_SEEN = "(OLD.published_version_id IS NULL) <> (NEW.published_version_id IS NULL)"
_OF_CODE = "SELECT id FROM tracked_links WHERE creator_id = NEW.creator_id AND program_id = NEW.program_id AND routes IS NOT NULL"
# as step 0010 did: what the choice between ways and the fallbacks look at
WAYS: tuple[Watched, ...] = (
    ("link_aliases_made", "AFTER INSERT ON link_aliases", "", "VALUES (NEW.link_id)"),
    ("link_aliases_gone", "AFTER DELETE ON link_aliases", "", "VALUES (OLD.link_id)"),
    (
        "users_zone_changed",
        "AFTER UPDATE OF timezone ON users",
        "OLD.timezone <> NEW.timezone",
        "SELECT l.id FROM tracked_links l JOIN creators c ON c.id = l.creator_id "
        "WHERE c.user_id = NEW.id AND l.routes IS NOT NULL",
    ),
    (
        "pages_seen_changed",
        "AFTER UPDATE OF published_version_id ON pages",
        _PAGE_SEEN,
        "SELECT id FROM tracked_links WHERE creator_id = NEW.creator_id",
    ),
    (
        "programs_landing_changed",
        "AFTER UPDATE OF landing_url ON programs",
        "OLD.landing_url <> NEW.landing_url",
        "SELECT id FROM tracked_links WHERE program_id = NEW.id",
    ),
    ("referral_codes_made", "AFTER INSERT ON referral_codes", "", _OF_CODE),
    ("referral_codes_changed", "AFTER UPDATE OF state ON referral_codes", "", _OF_CODE),
)


def statements(dialect: str, watched: Sequence[Watched]) -> list[str]:
    """The statements that begin the telling, for "sqlite" or "postgresql"."""
    made: list[str] = []
    for name, when, where, which in watched:
        insert = f"INSERT INTO link_changes (link_id) {which}"
        only = f" WHEN ({where})" if where else ""
        if dialect == "sqlite":
            made.append(f"CREATE TRIGGER {name} {when}{only} BEGIN {insert}; END")
        else:
            made.append(
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {insert}; RETURN NULL; END $$"
            )
            made.append(f"CREATE TRIGGER {name} {when} FOR EACH ROW{only} EXECUTE FUNCTION {name}()")
    return made


def drop_statements(dialect: str, watched: Sequence[Watched]) -> list[str]:
    """The statements that end it."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {name}" for name, *_ in watched]
    tables = [(name, when.split(" ON ")[1]) for name, when, *_ in watched]
    return [
        sql
        for name, table in tables
        for sql in (f"DROP TRIGGER IF EXISTS {name} ON {table}", f"DROP FUNCTION IF EXISTS {name}()")
    ]


@event.listens_for(Base.metadata, "after_create")
def _put_up(_metadata: MetaData, connection: Connection, **facts: Any) -> None:
    made = {table.name for table in facts.get("tables") or ()}
    if {"tracked_links", "programs", "creators", "link_changes", "link_aliases", "pages", "referral_codes", "users"} <= made:
        for sql in statements(connection.dialect.name, (*LINKS, *WAYS)):
            connection.exec_driver_sql(sql)
