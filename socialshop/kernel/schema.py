"""Where the database stands among our migrations, and how it gets to the newest.

Alembic is loaded by those who take a step. Where we stand is asked all the time, by every process, and needs none of it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from .database import db, session

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent.parent / "migrations"


class SchemaProblem(Exception):
    """The database and this program do not fit together; the sentence says what to do."""


class TooNew(SchemaProblem):
    """The database was made by a newer program."""


def config() -> Config:
    """Alembic's configuration, without a file."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.set_main_option("path_separator", "os")
    return made


def head() -> str:
    """Our newest step."""
    return _steps()[-1]


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
    _run("upgrade", "head")
    return goal


def downgrade_to_nothing() -> None:
    """Take every step back: for tests of the steps themselves."""
    session().commit()
    _run("downgrade", "base")


def _run(direction: str, goal: str) -> None:
    from alembic import command

    with db.engine.connect().execution_options(writing=True) as connection:
        with_connection = config()
        with_connection.attributes["connection"] = connection
        getattr(command, direction)(with_connection, goal)


@cache
def _steps() -> tuple[str, ...]:
    """All steps, oldest first: their files are named in that order, and each as its step."""
    return tuple(sorted(file.stem for file in (FOLDER / "versions").glob("[0-9]*.py")))


def _standing(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    at: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return at


def _refuse_newer(at: str | None) -> None:
    if at is not None and at not in _steps():
        raise TooNew(
            f"The database is at step {at}, which this version does not know: "
            "it was made by a newer socialshop. Install that one."
        )
