"""Every click on a tracked link, kept before it is answered, with its class and reason; and what they add up to."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ...kernel.database import Model, UtcDateTime, primary_key
from .traces import trace_of


def _trace(context: Any) -> int:
    row = context.get_current_parameters()
    return trace_of(row.get("visitor") or "", row["at"], payable=row.get("kind", "payable") == "payable")


class Click(Model):
    """One request for a tracked link. Only `payable` ones can win an order."""

    __tablename__ = "clicks"
    __table_args__ = (
        Index("ix_clicks_creator_at", "creator_id", "at"),
        CheckConstraint("(kind = 'payable') = (reason = '')", name="reason"),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = mapped_column(String(40), unique=True)  # "clk_…": the click id carried to outside stores
    link_id: Mapped[int] = mapped_column(ForeignKey("tracked_links.id"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    program_id: Mapped[int | None] = mapped_column(ForeignKey("programs.id"))
    visitor: Mapped[str] = mapped_column(String(60), default="")  # first-party cookie value, "" unknown
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    kind: Mapped[str] = mapped_column(String(16), default="payable")  # see rules.Kind
    reason: Mapped[str] = mapped_column(String(80), default="")  # why it is not payable
    repeats: Mapped[str] = mapped_column(String(40), default="", server_default="")  # of a duplicate: the click that counts
    channel: Mapped[str] = mapped_column(String(20), default="")
    placement: Mapped[str] = mapped_column(String(60), default="")
    agent: Mapped[str] = mapped_column(String(300), default="")
    referrer: Mapped[str] = mapped_column(String(120), default="")  # host only
    post_id: Mapped[int | None]  # the post whose link this is
    country: Mapped[str] = mapped_column(String(2), default="", server_default="")  # ISO 3166 alpha-2, about; "" unknown
    device: Mapped[str] = mapped_column(String(8), default="", server_default="")  # phone, tablet, desktop; "" unknown
    system: Mapped[str] = mapped_column(String(16), default="", server_default="")  # android, ios, windows, …
    browser: Mapped[str] = mapped_column(String(24), default="", server_default="")  # chrome, safari, …
    inside: Mapped[str] = mapped_column(String(16), default="", server_default="")  # the app whose browser it was: instagram, …
    language: Mapped[str] = mapped_column(String(8), default="", server_default="")  # the visitor's first, ISO 639
    utm_source: Mapped[str] = mapped_column(String(60), default="", server_default="")  # as the address that was tapped said
    utm_medium: Mapped[str] = mapped_column(String(60), default="", server_default="")
    utm_campaign: Mapped[str] = mapped_column(String(60), default="", server_default="")
    destination: Mapped[str] = mapped_column(
        String(20), default="", server_default=""
    )  # which of the link's ways; "" its only one
    trace: Mapped[int] = mapped_column(default=_trace, server_default="0", index=True)  # see traces.py


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


class ClickCount(Model):
    """How many requests of one creator (0: the whole site, below 0: a program) had this value on one day of the install's zone.

    dimension "kind" counts every class apart; "visitors" (value "") the different payable visitors, once the day is closed
    ("reopened" says that a click came after that); all others count payable clicks only. The value "" is kept of visitors
    only: of others it is what is left of the payable ones. Clicks by link are in `link_days`; by product they are those of
    its links.

    dimension "brand_visitors" is of brands, by their ids: the different visitors of a closed day on which several of the
    brand's programs had clicks; where one alone had any, they are that program's. Its row of 0 says that a day has been
    looked at so, and how many brands had such visitors.
    """

    __tablename__ = "click_counts"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012  # SQLAlchemy wants it plain

    creator_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    dimension: Mapped[str] = mapped_column(String(16), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    value: Mapped[str] = mapped_column(String(120), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)


class LinkDay(Model):
    """Requests for one link on one day of the install's zone."""

    __tablename__ = "link_days"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    link_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    payable: Mapped[int] = mapped_column(default=0)
    apart: Mapped[int] = mapped_column(default=0)  # of every other class
