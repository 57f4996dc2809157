"""A laid-out database for every example, under one application: making an application for each would take most of the time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import create_engine, event

from socialshop.kernel import database, faults
from socialshop.kernel.database import db


class Fresh:
    """Call `lay` for an empty database; the session then speaks to it. Inside an app context."""

    def __init__(self, app: Flask, blank_database: Callable[[Path], str], folder: Path) -> None:
        self.app, self.blank, self.folder, self.made = app, blank_database, folder, 0

    def lay(self) -> None:
        """An empty database with all tables; the one before is left behind."""
        faults.arm("")
        self.made += 1
        folder = self.folder / f"{self.made}"
        folder.mkdir()
        url = database.url_of(self.blank(folder), folder)
        engine = create_engine(url, **database.engine_options(url))
        database.prepare(engine)
        if url.startswith("sqlite"):
            event.listen(engine, "connect", _no_sync)
        db.session.rollback()
        db.session.info["writing"] = False
        db.session.remove()
        db.engine.dispose()
        db._app_engines[self.app][None] = engine


def _no_sync(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")  # nobody pulls the plug on this one
