"""What connecting leaves behind is cleared away."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..domain import social
from ..kernel.database import transaction


def tidy(_payload: dict[str, Any], *, now: datetime) -> None:
    """Job "channels.tidy": forget attempts to connect that are over. Safe to repeat."""
    with transaction():
        social.tidy_knocks(now)
