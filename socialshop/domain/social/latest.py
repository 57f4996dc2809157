"""What creators' newest posts show, for their link page: what a visitor who comes from a bio is looking for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from ...kernel.database import session
from .models import Channel, Post, Target
from .offers import PostOffer

POSTS, DAYS, STORY_FOR = 3, timedelta(days=30), timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Showing:
    """Something that a published post shows on one channel, by that channel's own link. permalink: "" where none leads there."""

    post_id: int
    provider: str
    permalink: str
    title: str
    link_id: int
    product_id: int | None


def latest_of(creator_id: int, *, now: datetime) -> list[Showing]:
    """What the newest posts show that everybody can see, the newest post first; on Instagram before other channels, since
    only its captions have no link of their own. Half open: a post of exactly thirty days ago is too old."""
    seen = (
        Post.creator_id == creator_id,
        Target.state == "published",
        Target.visible,
        Target.published_at > now - DAYS,
        Target.published_at <= now,
        PostOffer.kind != "page",
    )
    joined = (
        select(Post.id).join(Target, Target.post_id == Post.id).join(PostOffer, PostOffer.target_id == Target.id).where(*seen)
    )
    newest = session().scalars(joined.group_by(Post.id).order_by(func.max(Target.published_at).desc()).limit(POSTS)).all()
    if not newest:
        return []
    query = (
        select(PostOffer, Target, Post.kind, Channel.provider)
        .join(Target, Target.id == PostOffer.target_id)
        .join(Post, Post.id == Target.post_id)
        .join(Channel, Channel.id == Target.channel_id)
        .where(*seen, Post.id.in_(newest))
        .order_by(PostOffer.position, Target.id)
    )
    found = []
    for offer, target, kind, provider in session().execute(query):
        since = target.published_at or now
        over = kind == "story" and now - since >= STORY_FOR  # stories are gone after a day
        permalink = "" if over else target.permalink
        found.append(Showing(offer.post_id, provider, permalink, offer.title, offer.link_id, offer.product_id))
    return sorted(found, key=lambda each: (newest.index(each.post_id), each.provider != "instagram"))
