"""Accounts that creators connected, what they post there, and where each post has come to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ...kernel.database import Model, UtcDateTime, primary_key, public_key
from ...kernel.vault import Sealed

_KEPT = text("state <> 'off'")
_NAMED = text("remote_id <> ''")
_PRESSED = text("form_key <> ''")


class Channel(Model):
    """One account over there, in one creator's hands. Switched off, it keeps no token; lost, it waits to be connected again."""

    __tablename__ = "channels"
    __table_args__ = (
        CheckConstraint("state IN ('live', 'lost', 'off')", name="state"),
        Index("uq_channels_kept", "provider", "account_id", unique=True, sqlite_where=_KEPT, postgresql_where=_KEPT),
        Index("ix_channels_refresh", "refresh_at"),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("chn")
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"), index=True)
    provider: Mapped[str] = mapped_column(String(12))  # whose account: "instagram", "tiktok"
    via: Mapped[str] = mapped_column(String(12))  # by which login: "instagram", "facebook", "tiktok"
    account_id: Mapped[str] = mapped_column(String(80))  # as messages name it
    scoped_id: Mapped[str] = mapped_column(String(80), default="")  # as it is called before our app alone
    username: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(120), default="")
    access_token: Mapped[str | None] = mapped_column(Sealed)
    refresh_token: Mapped[str | None] = mapped_column(Sealed)
    token_number: Mapped[int] = mapped_column(default=1)  # goes up with each other token
    scopes: Mapped[list[str]] = mapped_column(JSON, default=list)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refresh_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refresh_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when the next refresh is due; None: never
    refreshing_until: Mapped[datetime | None] = mapped_column(UtcDateTime)  # somebody asks for a new token until then
    state: Mapped[str] = mapped_column(String(6), default="live")
    why: Mapped[str] = mapped_column(String(40), default="")  # a reason's name, of `adapters.social`
    connected_at: Mapped[datetime] = mapped_column(UtcDateTime)  # when its owner let us in last
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    busy_until: Mapped[datetime | None] = mapped_column(UtcDateTime)  # a call is on its way; over by then in any case
    served_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when its last turn was
    begins_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when the next post may be begun, by the provider's pace
    paused_until: Mapped[datetime | None] = mapped_column(UtcDateTime)  # nothing new is posted before
    paused_why: Mapped[str] = mapped_column(String(40), default="", server_default="")  # a reason's name
    room: Mapped[int | None] = mapped_column()  # how many posts it still takes, as told last, less those since; None: not told
    room_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when it told


class Knock(Model):
    """A creator is sent to a provider's door: what comes back must bring the same state, once, within a quarter of an hour."""

    __tablename__ = "channel_knocks"

    id: Mapped[int] = primary_key()
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"), index=True)
    via: Mapped[str] = mapped_column(String(12))
    state_hash: Mapped[str] = mapped_column(String(64), unique=True)
    verifier: Mapped[str] = mapped_column(Sealed)
    redirect_uri: Mapped[str] = mapped_column(String(512))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Post(Model):
    """What a creator wants to say, to one or several channels, at a time."""

    __tablename__ = "posts"
    __table_args__ = (
        CheckConstraint("kind IN ('image', 'carousel', 'reel', 'story', 'video', 'photos')", name="kind"),
        CheckConstraint("promotes IN ('nothing', 'own', 'brand')", name="promotes"),
        Index("uq_posts_form_key", "form_key", unique=True, sqlite_where=_PRESSED, postgresql_where=_PRESSED),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("pst")
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    caption: Mapped[str] = mapped_column(Text, default="")
    title: Mapped[str] = mapped_column(String(90), default="")
    promotes: Mapped[str] = mapped_column(String(8), default="nothing")
    publish_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    form: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # what was typed, see `forms`; None: by no form
    form_key: Mapped[str] = mapped_column(String(64), default="", server_default="")  # of the form: pressed twice is one post
    disclosure: Mapped[str] = mapped_column(Text, default="", server_default="")  # what all its captions begin with
    set_aside_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # it needs a person, who lets it be


class PostMedia(Model):
    """A picture or film of a post, in its place. Its file is named by its own sha256."""

    __tablename__ = "post_media"
    __table_args__ = (
        UniqueConstraint("post_id", "position"),
        CheckConstraint("kind IN ('image', 'video')", name="kind"),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("pmd")
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(5))
    media_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]  # bytes
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)
    milliseconds: Mapped[int] = mapped_column(default=0)
    alt_text: Mapped[str] = mapped_column(String(1000), default="")


class Target(Model):
    """A post on one channel: waiting → preparing → ready → calling → underway → published; see `rules.EDGES`.

    handle: what the adapter must know again, among it the name under which the provider knows the publication. It is
    kept before the call that posts, so that what became of it can always be looked up.
    """

    __tablename__ = "post_targets"
    __table_args__ = (
        UniqueConstraint("post_id", "channel_id"),
        CheckConstraint(
            "state IN ('waiting', 'preparing', 'ready', 'calling', 'unknown', 'underway', 'published', 'delivered', 'failed', "
            "'cancelled')",
            name="state",
        ),
        Index("uq_post_targets_remote", "channel_id", "remote_id", unique=True, sqlite_where=_NAMED, postgresql_where=_NAMED),
        Index("ix_post_targets_next", "next_at"),
        Index("ix_post_targets_called", "state", "called_at"),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("ptg")
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    handle: Mapped[str] = mapped_column(Sealed, default="{}")  # JSON; it may hold an address that whoever has it can write to
    remote_id: Mapped[str] = mapped_column(String(80), default="")
    permalink: Mapped[str] = mapped_column(String(300), default="")
    visible: Mapped[bool] = mapped_column(default=False)  # whether everybody can see it
    why: Mapped[str] = mapped_column(String(40), default="")  # a reason's name, of `adapters.social`, or what is unclear
    code: Mapped[str] = mapped_column(String(80), default="")  # the provider's own word
    tries: Mapped[int] = mapped_column(default=0)  # since the last step that went well
    rounds: Mapped[int] = mapped_column(default=0)  # how often it was begun anew
    called_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when the last call began
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when to go on; None: never by itself
    wanted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when it was to be posted, as a person said last
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    privacy: Mapped[str] = mapped_column(String(40), default="")
    comments: Mapped[bool] = mapped_column(default=True)
    duet: Mapped[bool] = mapped_column(default=True)
    stitch: Mapped[bool] = mapped_column(default=True)
    draft: Mapped[bool] = mapped_column(default=False)
    caption: Mapped[str] = mapped_column(Text, default="", server_default="")  # the final words here; "" the post's
    title: Mapped[str] = mapped_column(String(90), default="", server_default="")


class Erasure(Model):
    """A provider told us to forget a person; the page that its confirmation leads to shows this."""

    __tablename__ = "channel_erasures"

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("ers")  # the confirmation code
    provider: Mapped[str] = mapped_column(String(12))
    channels: Mapped[int] = mapped_column(default=0)  # how many were switched off
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
