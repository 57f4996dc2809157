"""Exchange rates as a brand knows them, and how they come in. A rate is never edited: a wrong one is answered by a newer one."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ...kernel.database import Model, UtcDateTime, primary_key

Source = Literal["hand", "file", "frankfurter"]


class Rate(Model):
    """One `base` costs `rate` `quote` from `at` on, in force until a newer one; serves both directions.

    number: 1, 2, 3, … within the brand, so that of two rates for one moment the later entry counts.
    known_at: since when we know it; orders that arrived before were converted, or not, without it.
    """

    __tablename__ = "rates"
    __table_args__ = (
        UniqueConstraint("brand_id", "number"),
        UniqueConstraint("brand_id", "key"),
        CheckConstraint("base <> quote", name="two_currencies"),
        CheckConstraint("source IN ('hand', 'file', 'frankfurter')", name="source"),
        Index("ix_rates_pair", "brand_id", "base", "quote", "at"),
    )

    id: Mapped[int] = primary_key()
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    number: Mapped[int]
    key: Mapped[str] = mapped_column(String(120))  # what makes it the same rate when it is told again
    base: Mapped[str] = mapped_column(String(3))
    quote: Mapped[str] = mapped_column(String(3))
    rate: Mapped[str] = mapped_column(String(40))  # decimal text, as it was told
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    source: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(200), default="")
    entered_by: Mapped[str] = mapped_column(String(120))  # "user:usr_…" or "system:socialshop"
    known_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def event_id(self) -> str:
        """The id of this rate among the facts of a program; rises with `number`, also as text."""
        return f"fx:{self.number:08d}"


class RateDesk(Model):
    """Where a brand's rates come in; its row is locked by whoever brings one, or begins to need them.

    failing_since: of the daily fetch, since the first failure after the last success. unknown: pairs that the
    source does not have, as "KWD:IDR".
    """

    __tablename__ = "rate_desks"

    id: Mapped[int] = primary_key()
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"), unique=True)
    automatic: Mapped[bool] = mapped_column(default=False)
    switched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fetched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    problem: Mapped[str] = mapped_column(String(20), default="")  # later, refused or broken
    unknown: Mapped[list[str]] = mapped_column(JSON, default=list)
