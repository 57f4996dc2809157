"""What processes that keep links in memory are told of changes, and for how long."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..domain import links
from ..kernel.database import transaction


def tidy(_payload: dict[str, Any], *, now: datetime) -> None:
    """Let go of changes that everybody has read."""
    with transaction():
        links.tidy_changes()
