"""The last sign of life of each process that must be running."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from .database import Model, UtcDateTime, session


class Beat(Model):
    """When a process was last heard of."""

    __tablename__ = "beats"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


def strike(name: str, *, now: datetime) -> None:
    """Say that `name` is alive, in the caller's transaction."""
    session().merge(Beat(name=name, at=now))


def last(name: str) -> datetime | None:
    """When `name` was last heard of."""
    found = session().get(Beat, name)
    return None if found is None else found.at
