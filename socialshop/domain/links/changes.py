"""What the database has told of changed links is kept as long as somebody may not have read it. Nothing here commits."""

from __future__ import annotations

from sqlalchemy import delete, func, select

from ...kernel.database import session
from .models import LinkChange

KEPT = 10_000  # the newest; who has missed more reads all links anew, and sees that it must


def tidy_changes() -> int:
    """Let go of what everybody has read long ago; how many rows that were."""
    newest = session().scalar(select(func.max(LinkChange.id))) or 0
    gone = session().execute(delete(LinkChange).where(LinkChange.id <= newest - KEPT).returning(LinkChange.id))
    return len(gone.all())
