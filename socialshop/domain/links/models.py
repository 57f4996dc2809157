"""Tracked links and referral codes: what a creator hands out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ...kernel.database import Model, UtcDateTime, primary_key, public_key
from . import triggers  # noqa: F401  # who keeps links in memory is told of changes by the database itself
from .rules import look


def _look_of(column: str) -> Any:
    return lambda context: look(context.get_current_parameters()[column])


class TrackedLink(Model):
    """A slug that leads somewhere, of one creator, channel and placement."""

    __tablename__ = "tracked_links"
    __table_args__ = (
        UniqueConstraint("creator_id", "target_key", "channel", "placement"),
        CheckConstraint("state IN ('live', 'off')", name="state"),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("lnk")
    slug: Mapped[str] = mapped_column(String(60), unique=True)  # [a-z0-9-], lower case
    look: Mapped[str] = mapped_column(String(60), unique=True, default=_look_of("slug"))  # two slugs may not look the same
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"), index=True)
    program_id: Mapped[int | None] = mapped_column(ForeignKey("programs.id"), index=True)  # None: a plain link that earns nothing
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id"), index=True)
    target_key: Mapped[str] = mapped_column(String(120))  # "product:<id>", "page:<id>" or "url:<sha256>"
    url: Mapped[str] = mapped_column(String(2000))  # where it leads: absolute, or a path of ours beginning with /
    title: Mapped[str] = mapped_column(String(200), default="")
    channel: Mapped[str] = mapped_column(String(20), default="page")  # page, instagram, tiktok, whatsapp, qr, other
    placement: Mapped[str] = mapped_column(String(60), default="")  # "bio", "story-12", a block's id
    utm: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # {"source", "medium", "campaign", "term", "content"}
    state: Mapped[str] = mapped_column(String(10), default="live")
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fallback_url: Mapped[str] = mapped_column(String(2000), default="")  # where it leads once expired, spent or off
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    routes: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # kernel.ways; None: always its own address
    dead: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))  # words of addresses where nothing is any more
    password_hash: Mapped[str] = mapped_column(String(255), default="", server_default="")  # "" none is asked
    max_clicks: Mapped[int | None]  # payable ones after which it is spent
    post_id: Mapped[int | None] = mapped_column(index=True)  # the post that it was made for, of `social`


class LinkAlias(Model):
    """A slug that a link had before; it leads on for ever, and is never anybody else's."""

    __tablename__ = "link_aliases"

    id: Mapped[int] = primary_key()
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    look: Mapped[str] = mapped_column(String(60), index=True, default=_look_of("slug"))
    link_id: Mapped[int] = mapped_column(ForeignKey("tracked_links.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LinkCheck(Model):
    """What was found the last time at one of a link's addresses. misses: how often in a row nothing was there (404, 410)."""

    __tablename__ = "link_checks"

    link_id: Mapped[int] = mapped_column(ForeignKey("tracked_links.id"), primary_key=True, autoincrement=False)
    word: Mapped[str] = mapped_column(String(20), primary_key=True)
    url: Mapped[str] = mapped_column(String(2000))
    misses: Mapped[int] = mapped_column(default=0)
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class ReferralCode(Model):
    """A word typed at checkout. Unique in the install, compared case-folded."""

    __tablename__ = "referral_codes"
    __table_args__ = (CheckConstraint("state IN ('live', 'retired')", name="state"),)

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("cod")
    code: Mapped[str] = mapped_column(String(30), unique=True)  # [a-z0-9-], case-folded
    look: Mapped[str] = mapped_column(String(30), unique=True, default=_look_of("code"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"), index=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"), index=True)
    discount: Mapped[str] = mapped_column(String(10), default="")  # percent the buyer gets off the goods, "" none
    state: Mapped[str] = mapped_column(String(10), default="live")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LinkChange(Model):
    """A link that was made or changed, written by triggers: whoever keeps links in memory reads the newest of these."""

    __tablename__ = "link_changes"

    id: Mapped[int] = primary_key()
    link_id: Mapped[int]
