"""What each order came from, kept with it: the click itself is let go of after a while, its facts are not."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from ...kernel.database import Model, UtcDateTime

_OF_POSTS = text("post_id IS NOT NULL")


class OrderSource(Model):
    """Where one creator's part of an order came from, as it was when the order arrived. One row for each credit.

    The facts are those of the click that won, or that went with the creator's code; all empty where no click did, but for
    the post that the code was seen in, and its channel where it was seen on one alone.
    """

    __tablename__ = "order_sources"
    __table_args__ = (
        Index("ix_order_sources_creator", "creator_id", "placed_at"),
        Index("ix_order_sources_program", "program_id", "placed_at"),
        Index("ix_order_sources_post", "post_id", sqlite_where=_OF_POSTS, postgresql_where=_OF_POSTS),
    )

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True, autoincrement=False)
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"), primary_key=True, autoincrement=False)
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    currency: Mapped[str] = mapped_column(String(3))  # of the order
    percent: Mapped[str] = mapped_column(String(10))  # of the order that is this creator's
    via: Mapped[str] = mapped_column(String(14))  # click, code, subscription, lifetime
    code: Mapped[str] = mapped_column(String(60), default="")  # that was typed, where it won
    click: Mapped[str] = mapped_column(String(40), default="")
    clicked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    link_id: Mapped[int | None]  # no foreign keys here: whatever becomes of these, the order came from them
    product_id: Mapped[int | None]  # of the link
    post_id: Mapped[int | None]
    channel: Mapped[str] = mapped_column(String(20), default="")
    placement: Mapped[str] = mapped_column(String(60), default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    device: Mapped[str] = mapped_column(String(8), default="")
    system: Mapped[str] = mapped_column(String(16), default="")
    browser: Mapped[str] = mapped_column(String(24), default="")
    inside: Mapped[str] = mapped_column(String(16), default="")
    language: Mapped[str] = mapped_column(String(8), default="")
    referrer: Mapped[str] = mapped_column(String(120), default="")
    utm_source: Mapped[str] = mapped_column(String(60), default="")
    utm_medium: Mapped[str] = mapped_column(String(60), default="")
    utm_campaign: Mapped[str] = mapped_column(String(60), default="")
    destination: Mapped[str] = mapped_column(String(20), default="")
