"""Programs with dated terms, and who is enrolled."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ...kernel.database import Model, UtcDateTime, primary_key, public_key

ProgramState = Literal["draft", "live", "paused", "ended"]
EnrollmentState = Literal["applied", "enrolled", "declined", "left", "removed", "ended"]

_LIVE = text("state IN ('applied', 'enrolled')")
_STANDS = text("withdrawn_at IS NULL")


class Program(Model):
    """A brand's offer to creators: draft → live ⇄ paused → ended, which is final.

    Paused: nobody joins and it is not listed, but whoever is enrolled goes on earning. Ended: every enrollment ends at
    that instant, so later orders earn nothing; what earlier orders earned is held, released and paid as agreed.
    """

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
    draft: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # terms being written, in force for nobody
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)  # of `state`


class Version(Model):
    """The terms in force from an instant on. Published versions are never edited.

    One that has not begun may be withdrawn: it stays on record and is in force for nobody.
    """

    __tablename__ = "program_versions"
    __table_args__ = (
        UniqueConstraint("program_id", "number"),
        Index("uq_program_versions_from", "program_id", "from_at", unique=True, sqlite_where=_STANDS, postgresql_where=_STANDS),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("ver")
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    number: Mapped[int]  # 1, 2, 3, … as published
    from_at: Mapped[datetime] = mapped_column(UtcDateTime)
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)  # a terms document of commission-engine.md, section 2
    published_by: Mapped[str] = mapped_column(String(40))  # public id of the user
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # before `from_at`


class Enrollment(Model):
    """A creator in a program: applied → enrolled or declined; enrolled → left, removed or ended (with the program).

    The engine asks nothing but the interval: enrolled from `enrolled_at` until, not including, `ended_at`.
    Coming back makes a new row, so that earlier intervals stay as they were.
    """

    __tablename__ = "enrollments"
    __table_args__ = (
        CheckConstraint("state IN ('applied', 'enrolled', 'declined', 'left', 'removed', 'ended')", name="state"),
        CheckConstraint("state NOT IN ('enrolled', 'left', 'removed', 'ended') OR enrolled_at IS NOT NULL", name="enrolled"),
        CheckConstraint("(state IN ('applied', 'enrolled')) = (ended_at IS NULL)", name="closed"),
        Index("uq_enrollments_live", "program_id", "creator_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("enr")
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"), index=True)
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="applied")
    groups: Mapped[list[str]] = mapped_column(JSON, default=list)
    recruited_by_id: Mapped[int | None] = mapped_column(ForeignKey("creators.id"))  # earns overrides, where the terms give any
    note: Mapped[str] = mapped_column(Text, default="")  # what the creator wrote when applying
    reason: Mapped[str] = mapped_column(Text, default="")  # why the brand declined or removed
    applied_at: Mapped[datetime] = mapped_column(UtcDateTime)
    enrolled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # declined, left, removed or ended
