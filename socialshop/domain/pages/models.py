"""Link pages: a draft that is edited, and versions that were published."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ...kernel.database import Model, UtcDateTime, primary_key, public_key


class Page(Model):
    """A creator's page. `draft` is the document being edited: {"profile", "theme", "blocks": [...]}."""

    __tablename__ = "pages"
    __table_args__ = (UniqueConstraint("creator_id", "slug"),)

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("pag")
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    slug: Mapped[str] = mapped_column(String(40), default="")  # "" is the page at /@handle
    draft: Mapped[dict[str, Any]] = mapped_column(JSON)
    undo: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # earlier drafts, newest last
    revision: Mapped[int] = mapped_column(default=1)  # raised at every edit; a stale one is refused
    published_version_id: Mapped[int | None]  # of page_versions; no foreign key, since the two tables would need each other first
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    edited_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PageVersion(Model):
    """What was published: the document as it stood."""

    __tablename__ = "page_versions"
    __table_args__ = (UniqueConstraint("page_id", "number"),)

    id: Mapped[int] = primary_key()
    page_id: Mapped[int] = mapped_column(ForeignKey("pages.id"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PageView(Model):
    """One view of a published page, robots told apart by `kind`."""

    __tablename__ = "page_views"
    __table_args__ = (Index("ix_page_views_creator_at", "creator_id", "at", "kind", "page_id"),)  # counted without the rows

    id: Mapped[int] = primary_key()
    page_id: Mapped[int] = mapped_column(ForeignKey("pages.id"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    visitor: Mapped[str] = mapped_column(String(60), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    kind: Mapped[str] = mapped_column(String(16), default="payable")
