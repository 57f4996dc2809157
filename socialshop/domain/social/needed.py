"""Which files posts still need: to be sent, or to be looked at."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, or_, select, union

from ...kernel.database import in_parts, session
from .fitted import Fit
from .models import Post, PostMedia, Target
from .rules import OPEN

AFTER = timedelta(days=30)  # the large file of what was posted; its small picture stays with the post
AFTER_FAILURE = timedelta(days=180)  # so long it may be tried again


def files_needed(sha256s: Collection[str], *, now: datetime) -> set[str]:
    """Those of these files that a post still has to send, or may have to."""
    waits = _waits(now)
    found: set[str] = set()
    for part in in_parts(sha256s):
        own = select(PostMedia.sha256).join(Post, Post.id == PostMedia.post_id).where(PostMedia.sha256.in_(part), waits)
        fitted = (
            select(Fit.sha256)
            .join(PostMedia, PostMedia.id == Fit.media_id)
            .join(Post, Post.id == PostMedia.post_id)
            .where(Fit.sha256.in_(part), waits)
        )
        found.update(session().scalars(union(own, fitted)))
    return found


def bytes_needed(creator_id: int, *, now: datetime) -> int:
    """How much a creator's posts keep, whether their uploads are still there or not."""
    mine = select(PostMedia.sha256, PostMedia.size).join(Post, Post.id == PostMedia.post_id)
    files = mine.where(Post.creator_id == creator_id, _waits(now)).distinct().subquery()
    return int(session().scalar(select(func.coalesce(func.sum(files.c.size), 0))) or 0)


def _waits(now: datetime) -> ColumnElement[bool]:
    """Whether a post still has to be sent, may have to, or went out a short while ago."""
    open_ = exists().where(Target.post_id == Post.id, Target.state.in_(OPEN))
    failed = exists().where(Target.post_id == Post.id, Target.state == "failed")
    return or_(open_, Post.publish_at > now - AFTER, failed & (Post.publish_at > now - AFTER_FAILURE))


def files_shown(sha256s: Iterable[str]) -> set[str]:
    """Those of which a post shows the small picture."""
    found: set[str] = set()
    for part in in_parts(sha256s):
        found.update(session().scalars(select(PostMedia.sha256).where(PostMedia.sha256.in_(part))))
    return found
