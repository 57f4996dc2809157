"""Pictures people upload: opened with care, turned, shrunk and saved anew as WebP."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ..kernel.database import Model, UtcDateTime, primary_key, public_key


class Picture(Model):
    """A re-encoded picture in the media folder, owned by a brand or a creator; public by its id."""

    __tablename__ = "pictures"

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("pic")
    brand_id: Mapped[int | None] = mapped_column(ForeignKey("brands.id"), index=True)
    creator_id: Mapped[int | None] = mapped_column(ForeignKey("creators.id"), index=True)
    width: Mapped[int]
    height: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))  # of the file as stored; its name in the media folder
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
