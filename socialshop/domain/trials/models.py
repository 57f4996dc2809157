"""Draft terms tried on orders: what was asked, how far it is, what came out."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ...kernel.database import Model, UtcDateTime, primary_key, public_key

Against = Literal["promised", "current"]


class Trial(Model):
    """Draft terms run over orders: waiting → running → done or failed; a run that was cut short begins again.

    against: each order's own terms as they were promised then, or the terms in force when this was asked, for all orders.
    run: counts the attempts; only the newest one may write.
    """

    __tablename__ = "trials"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed')", name="state"),
        CheckConstraint("against IN ('promised', 'current')", name="against"),
        CheckConstraint("source IN ('past', 'file')", name="source"),
        Index("ix_trials_program", "program_id", "id"),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("try")
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)  # the draft as it was when this was asked
    against: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(String(10))
    file_name: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    run: Mapped[int] = mapped_column(default=0)
    orders_total: Mapped[int] = mapped_column(default=0)
    orders_done: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # `summary.Summary.document()`
    error: Mapped[str] = mapped_column(Text, default="")
    asked_by: Mapped[str] = mapped_column(String(40))  # public id of the user
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TrialFile(Model):
    """The orders that were uploaded for a trial, compressed; forgotten once the trial is over."""

    __tablename__ = "trial_files"

    id: Mapped[int] = primary_key()
    trial_id: Mapped[int] = mapped_column(ForeignKey("trials.id"), unique=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class TrialDifference(Model):
    """What one creator has of one order, where the two sets of terms disagree. detail: both receipts, compressed JSON."""

    __tablename__ = "trial_differences"
    __table_args__ = (
        UniqueConstraint("trial_id", "place"),
        Index("ix_trial_differences_size", "trial_id", "size_minor"),
        Index("ix_trial_differences_creator", "trial_id", "creator", "size_minor"),
    )

    id: Mapped[int] = primary_key()
    trial_id: Mapped[int] = mapped_column(ForeignKey("trials.id"))
    place: Mapped[int]  # 1, 2, 3, … in the order of arrival
    order_ref: Mapped[str] = mapped_column(String(120))  # our order's public id, or the id in the file
    order_at: Mapped[datetime] = mapped_column(UtcDateTime)
    creator: Mapped[str] = mapped_column(String(40))  # as the engine calls them: our row's id as text
    currency: Mapped[str] = mapped_column(String(3))
    before_minor: Mapped[int]
    after_minor: Mapped[int]
    size_minor: Mapped[int]  # how far apart they are
    detail: Mapped[bytes] = mapped_column(LargeBinary)
