"""Pictures and films on their way in, each in its creator's hands, until a post has what it needs of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ...kernel.database import Model, UtcDateTime, primary_key, public_key


class Upload(Model):
    """A file that a creator sends, piece by piece: receiving → ready or refused.

    size: bytes that were announced; received: those that are safe on the disk; kept: those of the file that stays, which
    for a picture is our own encoding. writer: who may append now, the newest one to ask.
    """

    __tablename__ = "uploads"
    __table_args__ = (
        CheckConstraint("kind IN ('image', 'video')", name="kind"),
        CheckConstraint("state IN ('receiving', 'ready', 'refused')", name="state"),
        CheckConstraint("received >= 0 AND received <= size", name="received"),
        Index("ix_uploads_state", "state", "updated_at"),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("upl")
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int]
    received: Mapped[int] = mapped_column(default=0)
    writer: Mapped[str] = mapped_column(String(24), default="")
    kind: Mapped[str] = mapped_column(String(5))
    media_type: Mapped[str] = mapped_column(String(40), default="")
    sha256: Mapped[str] = mapped_column(String(64), default="", index=True)
    kept: Mapped[int] = mapped_column(default=0)
    width: Mapped[int] = mapped_column(default=0)  # as it is shown: turned
    height: Mapped[int] = mapped_column(default=0)
    milliseconds: Mapped[int] = mapped_column(default=0)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # of films: codec, rate, audio, …
    state: Mapped[str] = mapped_column(String(10), default="receiving")
    why: Mapped[str] = mapped_column(String(40), default="")  # a word of `rules.WHY`
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
