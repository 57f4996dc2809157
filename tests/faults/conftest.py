"""What the fault tests share: fresh databases under one application."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from . import budget
from .fresh import Fresh


@pytest.fixture
def fresh(app: Flask, blank_database: Any, tmp_path: Path) -> Iterator[Fresh]:
    """An open app context and as many empty databases as an example-based test asks for."""
    folder = tmp_path / "fresh"
    folder.mkdir()
    with app.app_context():
        yield Fresh(app, blank_database, folder)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for text in budget.notes:
        terminalreporter.write_line(text)
