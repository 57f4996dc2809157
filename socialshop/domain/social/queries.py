"""Questions about channels, posts and where they have come to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from ...kernel.database import session
from ...kernel.errors import NotFound
from .models import Channel, Erasure, Post, PostMedia, Target
from .rules import CALL_IS_OVER, LOOKS

_FRESH = {"populate_existing": True}


def channel(channel_id: int) -> Channel:
    """The channel with this internal key, as it is now; NotFound."""
    found = session().get(Channel, channel_id, populate_existing=True)
    if found is None:
        raise NotFound()
    return found


def channel_of(creator_id: int, public_id: str) -> Channel:
    """A creator's own channel; NotFound."""
    found = session().scalar(select(Channel).where(Channel.creator_id == creator_id, Channel.public_id == public_id))
    if found is None:
        raise NotFound()
    return found


def channels_of(creator_id: int) -> Sequence[Channel]:
    """What a creator has connected, lost ones too."""
    query = select(Channel).where(Channel.creator_id == creator_id, Channel.state != "off").order_by(Channel.id)
    return session().scalars(query).all()


def channels_named(provider: str, account_id: str) -> Sequence[Channel]:
    """Those that a provider's message is about, by either of its names for an account."""
    named = or_(Channel.account_id == account_id, Channel.scoped_id == account_id)
    return session().scalars(select(Channel).where(Channel.provider == provider, named, Channel.state != "off")).all()


def to_refresh(now: datetime, *, limit: int = 500) -> Sequence[int]:
    """Channels whose token is due to be renewed."""
    due = select(Channel.id).where(Channel.state == "live", Channel.refresh_at <= now).order_by(Channel.refresh_at).limit(limit)
    return session().scalars(due).all()


def post_of(creator_id: int, public_id: str) -> Post:
    """A creator's own post; NotFound."""
    found = session().scalar(select(Post).where(Post.creator_id == creator_id, Post.public_id == public_id))
    if found is None:
        raise NotFound()
    return found


def post(post_id: int) -> Post:
    """The post with this internal key; NotFound."""
    found = session().get(Post, post_id, populate_existing=True)
    if found is None:
        raise NotFound()
    return found


def posts_of(creator_id: int, since: datetime, until: datetime) -> Sequence[Post]:
    """What is planned or was posted within a time, for a calendar."""
    query = select(Post).where(Post.creator_id == creator_id, Post.publish_at >= since, Post.publish_at < until)
    return session().scalars(query.order_by(Post.publish_at, Post.id)).all()


def media_of(post_id: int) -> Sequence[PostMedia]:
    """Its files, in their order."""
    return session().scalars(select(PostMedia).where(PostMedia.post_id == post_id).order_by(PostMedia.position)).all()


def find_media(public_id: str) -> PostMedia | None:
    """A file of a post, whoever's: its address is signed."""
    return session().scalar(select(PostMedia).where(PostMedia.public_id == public_id))


def targets_of(post_id: int) -> Sequence[Target]:
    """Where it goes, and where it has come to."""
    query = select(Target).where(Target.post_id == post_id).order_by(Target.id).execution_options(**_FRESH)
    return session().scalars(query).all()


def target(target_id: int, *, lock: bool = False) -> Target:
    """The target as it is now; held until the end of the transaction where `lock`. NotFound."""
    found = session().get(Target, target_id, populate_existing=True, with_for_update=lock or None)
    if found is None:
        raise NotFound()
    return found


def target_of_reference(provider: str, account_id: str, reference: str) -> Target | None:
    """The open target that the provider calls by this name. Handles are sealed, so the few open ones are read."""
    query = (
        select(Target)
        .join(Channel, Channel.id == Target.channel_id)
        .where(Channel.provider == provider, Channel.account_id == account_id)
        .where(
            or_(
                Target.state.in_(("calling", "unknown", "underway", "delivered")), (Target.state == "published") & ~Target.visible
            )
        )
        .order_by(Target.id.desc())
        .limit(200)
    )
    return next((row for row in session().scalars(query) if reference and reference in handle_of(row).values()), None)


def undecided(row: Target, at: Channel, now: datetime) -> bool:
    """Whether a person may say what became of it: no look-up tells, and no call can be on its way."""
    if row.state != "unknown" or (row.called_at is not None and now < row.called_at + CALL_IS_OVER):
        return False
    return row.next_at is None or row.tries >= LOOKS or at.state != "live"


def handle_of(row: Target) -> dict[str, Any]:
    """What the adapter must know again."""
    found = json.loads(row.handle)
    return found if isinstance(found, dict) else {}


def known_on(channel_id: int, but: int) -> frozenset[str]:
    """The remote ids of our newest other posts on an account, those from before it was connected again too."""
    at = channel(channel_id)
    same = select(Channel.id).where(Channel.provider == at.provider, Channel.account_id == at.account_id)
    query = select(Target.remote_id).where(Target.channel_id.in_(same), Target.remote_id != "", Target.id != but)
    return frozenset(session().scalars(query.order_by(Target.id.desc()).limit(100)))


def erasure(public_id: str) -> Erasure | None:
    """What became of a request to be forgotten."""
    return session().scalar(select(Erasure).where(Erasure.public_id == public_id))
