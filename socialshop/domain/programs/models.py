"""Programs with dated terms, and who is enrolled."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ...kernel.database import Model, UtcDateTime, primary_key, public_key

_LIVE = text("state IN ('applied', 'enrolled')")


class Program(Model):
    """A brand's offer to creators."""

    __tablename__ = "programs"
    __table_args__ = (
        CheckConstraint("joining IN ('open', 'approval')", name="joining"),
        CheckConstraint("state IN ('draft', 'live', 'paused', 'ended')", name="state"),
        UniqueConstraint("brand_id", "slug"),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("prg")
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    name: Mapped[str] = mapped_column(String(120))
    slug: Mapped[str] = mapped_column(String(60))
    about: Mapped[str] = mapped_column(Text, default="")
    joining: Mapped[str] = mapped_column(String(10), default="approval")
    state: Mapped[str] = mapped_column(String(10), default="draft")
    timezone: Mapped[str] = mapped_column(String(60), default="Asia/Jakarta")
    currency: Mapped[str] = mapped_column(String(3), default="IDR")
    landing_url: Mapped[str] = mapped_column(String(2000), default="")  # the brand's own store, where it sells there
    click_parameter: Mapped[str] = mapped_column(String(40), default="ss_click")  # carries our click id to outside stores
    buyer_discount: Mapped[str] = mapped_column(String(10), default="")  # percent that codes of this program give, "" none
    arrivals: Mapped[int] = mapped_column(default=0)  # how many engine events have arrived; the stored order of arrival
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)  # of `state`


class Version(Model):
    """The terms in force from an instant on. Published versions are never edited."""

    __tablename__ = "program_versions"
    __table_args__ = (UniqueConstraint("program_id", "from_at"),)

    id: Mapped[int] = primary_key()
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    from_at: Mapped[datetime] = mapped_column(UtcDateTime)
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)  # a terms document of commission-engine.md, section 2
    published_by: Mapped[str] = mapped_column(String(40))  # public id of the user
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Enrollment(Model):
    """A creator in a program: applied → enrolled or declined; enrolled → left or removed."""

    __tablename__ = "enrollments"
    __table_args__ = (
        CheckConstraint("state IN ('applied', 'enrolled', 'declined', 'left', 'removed')", name="state"),
        Index("uq_enrollments_live", "program_id", "creator_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("enr")
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"), index=True)
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="applied")
    groups: Mapped[list[str]] = mapped_column(JSON, default=list)
    note: Mapped[str] = mapped_column(Text, default="")  # what the creator wrote when applying
    reason: Mapped[str] = mapped_column(Text, default="")  # why the brand declined or removed
    applied_at: Mapped[datetime] = mapped_column(UtcDateTime)
    enrolled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # declined, left or removed
