"""`CLICKS=database`: links are asked for and clicks are stored when they happen, by the app's own sessions; no spool."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from ..flows import drain
from ..kernel.database import session
from ..kernel.taps import read_tap
from ..redirector.links import Ask


class Keeper:
    """Stores each tap, judged and committed, before it is answered."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def append(self, payload: bytes) -> None:
        """Store one tap by its line; OSError where the database cannot."""
        with self._app.app_context():
            try:
                drain.keep([read_tap(payload)])
            except SQLAlchemyError as error:
                raise OSError(f"the database does not take it ({type(error).__name__})") from error


def asking(app: Flask) -> Ask:
    """Ask the app's own database, wherever it is by now."""

    def ask(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        with app.app_context():
            connection = session().connection()
            if connection.dialect.paramstyle == "qmark":
                sql = sql.replace("%s", "?")
            return [tuple(row) for row in connection.exec_driver_sql(sql, tuple(values))]

    return ask
