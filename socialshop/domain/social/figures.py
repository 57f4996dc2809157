"""What posts brought over there, as their channels tell: one row a day, and when each post is asked about next.

A channel tells totals since the post was published; whoever wants to see them grow must keep them day by day.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, ForeignKey, String, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from ...kernel.database import Model, UtcDateTime, in_parts, session
from .models import Channel, Post, Target

TOLD = ("views", "likes", "comments", "shares")
MOST = 2**53  # a larger count is no count
STORY_ENDS = timedelta(hours=24)  # afterwards nobody is told how often a story was seen
ASKED_FOR = timedelta(days=90)
ASKING = timedelta(minutes=5)  # so long nobody else asks about the same post
_HOURS = tuple(timedelta(hours=n) for n in (1, 3, 6, 12))
_OF_STORIES = (*_HOURS, timedelta(hours=20), timedelta(hours=23))
_OF_OTHERS = (*_HOURS, *(timedelta(days=n) for n in range(1, 31)), *(timedelta(days=n) for n in range(37, 91, 7)), ASKED_FOR)
_LATER = timedelta(minutes=5)  # what is due so soon is not asked about twice in a row


class PostFigures(Model):
    """What a channel told on a day about one post there, the last answer of that day. None: it did not tell."""

    __tablename__ = "post_figures"

    target_id: Mapped[int] = mapped_column(ForeignKey("post_targets.id"), primary_key=True, autoincrement=False)
    on_day: Mapped[date] = mapped_column(Date, primary_key=True)  # of the install
    views: Mapped[int | None]
    likes: Mapped[int | None]
    comments: Mapped[int | None]
    shares: Mapped[int | None]
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class FigureAsk(Model):
    """When a post on a channel is asked about next, and what came of the last time.

    why: "" it told; "silent" it told nothing; else a reason's name, of `adapters.social`. next_at None: never again.
    """

    __tablename__ = "post_figure_asks"

    target_id: Mapped[int] = mapped_column(ForeignKey("post_targets.id"), primary_key=True, autoincrement=False)
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    why: Mapped[str] = mapped_column(String(40), default="")


@dataclass(frozen=True, slots=True)
class Asked:
    """One post to be asked about. kind: of the post."""

    target_id: int
    remote_id: str
    kind: str
    published_at: datetime


def next_ask(kind: str, published_at: datetime, now: datetime) -> datetime | None:
    """When to ask about a post the next time: after hours, then each day, then each week; None: no more. A story tells for
    a day only, so that its last time is an hour before."""
    ages = _OF_STORIES if kind == "story" else _OF_OTHERS
    return next((published_at + age for age in ages if published_at + age > now + _LATER), None)


def is_over(kind: str, published_at: datetime, now: datetime) -> bool:
    """Whether asking would bring nothing any more."""
    return kind == "story" and now >= published_at + STORY_ENDS


def expect(now: datetime, *, limit: int = 1000) -> int:
    """Let posts that have been published be asked about from now on; how many are new."""
    query = (
        select(Target.id, Target.published_at, Post.kind)
        .join(Post, Post.id == Target.post_id)
        .outerjoin(FigureAsk, FigureAsk.target_id == Target.id)
        .where(
            Target.state == "published", Target.remote_id != "", Target.published_at > now - ASKED_FOR,
            FigureAsk.target_id.is_(None),
        )
        .order_by(Target.id)
        .limit(limit)
    )  # fmt: skip
    rows = [
        {"target_id": target_id, "next_at": next_ask(kind, at, at), "why": ""}
        for target_id, at, kind in session().execute(query)
        if at is not None
    ]
    if rows:
        session().execute(_insert(FigureAsk).values(rows).on_conflict_do_nothing(index_elements=["target_id"]))
    return len(rows)


def channels_to_ask(now: datetime, vias: Collection[str]) -> Sequence[int]:
    """The channels with posts that are due to be asked about and that let us in, by one of these logins."""
    query = _due(select(Channel.id), now).where(Channel.via.in_(vias)).group_by(Channel.id)
    return session().scalars(query.order_by(func.min(FigureAsk.next_at), Channel.id)).all()


def take_ask(channel_id: int, *, now: datetime) -> Asked | None:
    """Have the longest-waiting of a channel's posts to oneself for a while; None where none is due."""
    first = _due(select(FigureAsk.target_id), now).where(Channel.id == channel_id)
    taken = session().execute(
        update(FigureAsk)
        .where(FigureAsk.target_id.in_(first.order_by(FigureAsk.next_at, FigureAsk.target_id).limit(1)), FigureAsk.next_at <= now)
        .values(next_at=now + ASKING)
        .returning(FigureAsk.target_id)
        .execution_options(synchronize_session=False)
    )
    target_id = taken.scalar()
    if target_id is None:
        return None
    query = select(Target.id, Target.remote_id, Post.kind, Target.published_at).join(Post, Post.id == Target.post_id)
    found, remote_id, kind, at = session().execute(query.where(Target.id == target_id)).one()
    return Asked(found, remote_id, kind, at or now)


def tell(asked: Asked, counts: Mapping[str, int | None], *, day: date, now: datetime) -> bool:
    """Keep what a channel told; False where it told nothing. What it leaves out the second time on a day stays."""
    told = {name: count if count is not None and 0 <= count < MOST else None for name in TOLD for count in [counts.get(name)]}
    anything = any(count is not None for count in told.values())
    if anything:
        new = _insert(PostFigures).values(target_id=asked.target_id, on_day=day, asked_at=now, **told)
        kept = {name: func.coalesce(new.excluded[name], getattr(PostFigures, name)) for name in TOLD}
        session().execute(
            new.on_conflict_do_update(
                index_elements=["target_id", "on_day"], set_={**kept, "asked_at": now}, where=PostFigures.asked_at <= now
            )
        )
    note_ask(asked, "" if anything else "silent", now=now)
    return anything


def note_ask(asked: Asked, why: str, *, now: datetime, over: bool = False) -> None:
    """What came of asking; the next time is the next one of the plan, or never."""
    at = None if over else next_ask(asked.kind, asked.published_at, now)
    _set(FigureAsk.target_id == asked.target_id, why=why[:40], asked_at=now, next_at=at)


def put_off(channel_id: int, until: datetime) -> None:
    """Nothing of this channel is asked before then."""
    mine = select(Target.id).where(Target.channel_id == channel_id)
    _set(FigureAsk.target_id.in_(mine) & (FigureAsk.next_at < until), next_at=until)


def figures_of(target_ids: Collection[int]) -> dict[int, PostFigures]:
    """The newest that was told, by target."""
    found: dict[int, PostFigures] = {}
    for part in in_parts(target_ids):
        last = select(PostFigures.target_id, func.max(PostFigures.on_day).label("day")).where(PostFigures.target_id.in_(part))
        newest = last.group_by(PostFigures.target_id).subquery()
        same = (newest.c.target_id == PostFigures.target_id) & (newest.c.day == PostFigures.on_day)
        query = select(PostFigures).join(newest, same).execution_options(populate_existing=True)
        found |= {row.target_id: row for row in session().scalars(query)}
    return found


def asks_of(target_ids: Collection[int]) -> dict[int, FigureAsk]:
    """When each is asked about next, and what came of the last time."""
    found: dict[int, FigureAsk] = {}
    for part in in_parts(target_ids):
        query = select(FigureAsk).where(FigureAsk.target_id.in_(part)).execution_options(populate_existing=True)
        found |= {row.target_id: row for row in session().scalars(query)}
    return found


def published_of(creator_id: int, since: datetime, until: datetime) -> set[int]:
    """The ids of a creator's posts that were published somewhere within a time."""
    query = (
        select(Post.id)
        .join(Target, Target.post_id == Post.id)
        .where(
            Post.creator_id == creator_id, Target.state == "published", Target.published_at >= since, Target.published_at < until
        )
    )  # fmt: skip
    return set(session().scalars(query.distinct()))


def has_published(creator_id: int) -> bool:
    """Whether any of a creator's posts stands anywhere."""
    query = select(Target.id).join(Post, Post.id == Target.post_id)
    return session().scalar(query.where(Post.creator_id == creator_id, Target.state == "published").limit(1)) is not None


def posts_named(creator_id: int, post_ids: Collection[int]) -> list[Post]:
    """Those of these posts that are the creator's."""
    found: list[Post] = []
    for part in in_parts(sorted(post_ids)):
        found += session().scalars(select(Post).where(Post.id.in_(part), Post.creator_id == creator_id).order_by(Post.id))
    return found


def targets_of_posts(post_ids: Collection[int]) -> dict[int, list[tuple[Target, Channel]]]:
    """Where each goes, and which channel that is."""
    found: dict[int, list[tuple[Target, Channel]]] = {}
    for part in in_parts(post_ids):
        query = select(Target, Channel).join(Channel, Channel.id == Target.channel_id).where(Target.post_id.in_(part))
        for target, channel in session().execute(query.order_by(Target.id)):
            found.setdefault(target.post_id, []).append((target, channel))
    return found


def _due(query: Any, now: datetime) -> Any:
    return (
        query.select_from(FigureAsk)
        .join(Target, Target.id == FigureAsk.target_id)
        .join(Channel, Channel.id == Target.channel_id)
        .where(FigureAsk.next_at <= now, Channel.state == "live", Channel.access_token.is_not(None))
    )


def _set(which: Any, **values: Any) -> None:
    session().execute(update(FigureAsk).where(which).values(**values).execution_options(synchronize_session=False))


def _insert(model: type[Model]) -> Any:
    """An insert that may say what becomes of a row that is there already."""
    dialect = sqlite if session().get_bind().dialect.name == "sqlite" else postgresql
    return dialect.insert(model)
