"""Where the database stands among our migrations, and how it gets to the newest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from .database import db, session

FOLDER = Path(__file__).parent.parent / "migrations"


class SchemaProblem(Exception):
    """The database and this program do not fit together; the sentence says what to do."""


class TooNew(SchemaProblem):
    """The database was made by a newer program."""


def config() -> Config:
    """Alembic's configuration, without a file."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.set_main_option("path_separator", "os")
    return made


def head() -> str | None:
    """Our newest step."""
    return ScriptDirectory(str(FOLDER)).get_current_head()


def standing() -> str | None:
    """The step that the database is at; None where it is empty."""
    return _standing(session().connection())


def is_current() -> bool:
    """Whether the database stands at our newest step."""
    return standing() == head()


def demand_current() -> None:
    """Refuse to run on a database of another version."""
    at = standing()
    if at != head():
        _refuse_newer(at)
        raise SchemaProblem("The database is not up to date. Run: socialshop migrate")


def upgrade() -> str:
    """Bring the database to our newest step; the step's name, or "" where nothing was to do."""
    at, goal = standing(), head()
    session().commit()
    if at == goal:
        return ""
    _refuse_newer(at)
    _run(command.upgrade, "head")
    return goal or ""


def downgrade_to_nothing() -> None:
    """Take every step back: for tests of the steps themselves."""
    session().commit()
    _run(command.downgrade, "base")


def _run(direction: Callable[[Config, str], None], goal: str) -> None:
    with db.engine.connect().execution_options(writing=True) as connection:
        with_connection = config()
        with_connection.attributes["connection"] = connection
        direction(with_connection, goal)


def _standing(connection: Connection) -> str | None:
    heads = MigrationContext.configure(connection).get_current_heads()
    return heads[0] if heads else None


def _refuse_newer(at: str | None) -> None:
    known: set[Any] = {step.revision for step in ScriptDirectory(str(FOLDER)).walk_revisions()}
    if at is not None and at not in known:
        raise TooNew(
            f"The database is at step {at}, which this version does not know: "
            "it was made by a newer socialshop. Install that one."
        )
