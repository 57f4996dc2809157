"""A creator's posts as a list and a calendar show them: by what they are waiting for, with what belongs to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from ...kernel.database import in_parts, session
from ...kernel.errors import NotFound
from .models import Channel, Post, PostMedia, Target
from .queries import undecided
from .rules import CALL_IS_OVER, CANCELLABLE, LOOKS, OPEN

Shelf = Literal["planned", "needs", "published", "all"]
SHELVES: tuple[Shelf, ...] = ("planned", "needs", "published", "all")
_FRESH = {"populate_existing": True}


def page_of(creator_id: int, shelf: Shelf, *, now: datetime, limit: int, offset: int = 0) -> Sequence[Post]:
    """Posts of one shelf: what is planned with the next one first, everything else with the newest first."""
    order = (Post.publish_at, Post.id) if shelf == "planned" else (Post.publish_at.desc(), Post.id.desc())
    query = select(Post).where(Post.creator_id == creator_id, _on(shelf, now)).order_by(*order)
    return session().scalars(query.limit(limit).offset(offset)).all()


def counts_of(creator_id: int, *, now: datetime) -> dict[str, int]:
    """How many posts lie on each shelf."""
    asked = [func.count().filter(_on(shelf, now)) for shelf in SHELVES]
    counted = session().execute(select(*asked).select_from(Post).where(Post.creator_id == creator_id)).one()
    return dict(zip(SHELVES, counted, strict=True))


def needing(creator_id: int, *, now: datetime) -> int:
    """How many posts wait for their creator."""
    query = select(func.count()).select_from(Post).where(Post.creator_id == creator_id, _on("needs", now))
    return session().scalar(query) or 0


def needs_person(post: Post, target: Target, channel: Channel, now: datetime) -> bool:
    """Whether a person has to do something about a post on one channel; the same as the shelf "needs" asks."""
    if post.set_aside_at is not None:
        return False
    if target.state == "unknown":
        return undecided(target, channel, now)
    if post.cancelled_at is not None:
        return False
    return target.state == "failed" or (target.state in CANCELLABLE and channel.state != "live")


def held(creator_id: int, public_id: str) -> Post:
    """A creator's own post as it is now, held until the end of the transaction; NotFound."""
    query = select(Post).where(Post.creator_id == creator_id, Post.public_id == public_id).with_for_update()
    found = session().scalar(query.execution_options(**_FRESH))
    if found is None:
        raise NotFound()
    return found


def set_aside(post_id: int, at: datetime | None) -> None:
    """A person lets be what needs one; or, with None, takes it up again."""
    session().execute(update(Post).where(Post.id == post_id).values(set_aside_at=at).execution_options(synchronize_session=False))


def movable(targets: Sequence[Target]) -> bool:
    """Whether nothing of a post has begun, so that it may still go out at another time."""
    left = [target for target in targets if target.state != "cancelled"]
    return bool(left) and all(target.state == "waiting" and target.called_at is None for target in left)


def targets_by_post(post_ids: Iterable[int]) -> dict[int, list[Target]]:
    """Where each of these goes, as it is now."""
    found: dict[int, list[Target]] = defaultdict(list)
    for part in in_parts(post_ids):
        query = select(Target).where(Target.post_id.in_(part)).order_by(Target.id).execution_options(**_FRESH)
        for row in session().scalars(query):
            found[row.post_id].append(row)
    return found


def first_media(post_ids: Iterable[int]) -> dict[int, PostMedia]:
    """The first picture or film of each of these."""
    found: dict[int, PostMedia] = {}
    for part in in_parts(post_ids):
        query = select(PostMedia).where(PostMedia.post_id.in_(part)).order_by(PostMedia.position.desc())
        found |= {row.post_id: row for row in session().scalars(query)}
    return found


def channels_by_id(channel_ids: Iterable[int]) -> dict[int, Channel]:
    """Channels by internal key, those that were switched off too."""
    found: dict[int, Channel] = {}
    for part in in_parts(set(channel_ids)):
        found |= {row.id: row for row in session().scalars(select(Channel).where(Channel.id.in_(part)))}
    return found


def _on(shelf: Shelf, now: datetime) -> ColumnElement[bool]:
    """Whether a post lies on this shelf; it may lie on several."""
    if shelf == "all":
        return Post.id.is_not(None)
    if shelf == "published":
        return _any(Target.state.in_(("published", "delivered")))
    if shelf == "planned":
        return _any(Target.state.in_(OPEN))
    shut = select(Channel.id).where(Channel.id == Target.channel_id, Channel.state != "live").exists()
    open_again = or_(Target.state == "failed", and_(Target.state.in_(CANCELLABLE), shut))
    over = or_(Target.called_at.is_(None), Target.called_at <= now - CALL_IS_OVER)
    stuck = and_(Target.state == "unknown", over, or_(Target.next_at.is_(None), Target.tries >= LOOKS, shut))
    return and_(Post.set_aside_at.is_(None), or_(_any(stuck), and_(Post.cancelled_at.is_(None), _any(open_again))))


def _any(*conditions: Any) -> ColumnElement[bool]:
    return select(Target.id).where(Target.post_id == Post.id, *conditions).exists()
