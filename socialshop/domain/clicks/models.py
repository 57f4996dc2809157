"""Every click on a tracked link, kept before it is answered, with its class and reason."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ...kernel.database import Model, UtcDateTime, primary_key


class Click(Model):
    """One request for a tracked link. Only `payable` ones can win an order."""

    __tablename__ = "clicks"
    __table_args__ = (
        Index("ix_clicks_creator_at", "creator_id", "at"),
        Index("ix_clicks_visitor", "visitor", "at"),
        CheckConstraint("(kind = 'payable') = (reason = '')", name="reason"),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = mapped_column(String(40), unique=True)  # "clk_…": the click id carried to outside stores
    link_id: Mapped[int] = mapped_column(ForeignKey("tracked_links.id"), index=True)
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    program_id: Mapped[int | None] = mapped_column(ForeignKey("programs.id"))
    visitor: Mapped[str] = mapped_column(String(60), default="")  # first-party cookie value, "" unknown
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(
        String(16), default="payable"
    )  # payable, bot, prefetch, preview, embedded, test, own, duplicate
    reason: Mapped[str] = mapped_column(String(80), default="")  # why it is not payable
    repeats: Mapped[str] = mapped_column(String(40), default="", server_default="")  # of a duplicate: the click that counts
    channel: Mapped[str] = mapped_column(String(20), default="")
    placement: Mapped[str] = mapped_column(String(60), default="")
    agent: Mapped[str] = mapped_column(String(300), default="")
    referrer: Mapped[str] = mapped_column(String(120), default="")  # host only


class SpoolFile(Model):
    """How far a file of noted taps has been taken into `clicks`; moved on in the same commit as its rows."""

    __tablename__ = "spool_files"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    end: Mapped[int] = mapped_column(default=0)  # bytes


class SpoiledTap(Model):
    """A line of the spool that is no click of ours: kept for a person to look at, with the reason."""

    __tablename__ = "spoiled_taps"

    id: Mapped[int] = primary_key()
    file: Mapped[str] = mapped_column(String(80))
    line: Mapped[str] = mapped_column(String(2000))
    why: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
