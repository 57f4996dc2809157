"""Whose turn it is: posts that are due stand in one line. One call at a time per channel; creators take turns, whoever has more.

A target is its own job: its row says when it goes on, in the commit that says so. What its channel may not do yet is kept
with the channel: a call on its way, a pause that the provider asked for, room within its quota.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, aliased

from ...kernel.database import session
from .models import Channel, Target
from .rules import CALL_IS_OVER, CANCELLABLE, GIVE_UP, NAMELESS, ROOM_FOR, SEEN_FOR, UNFINISHED

LOOKED_AT = ("unknown", "underway", "published", "delivered")
CALLED = ("preparing", "calling")
STUCK = GIVE_UP + timedelta(days=1)  # so it had a day at least, whenever it was sent
_QUIET = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Turn:
    """A target that may go on now, and the channel that it needs."""

    target_id: int
    channel_id: int


def next_turn(now: datetime, *, but: Collection[int] = ()) -> Turn | None:
    """The longest-waiting post of the creator whose last turn is longest ago; but: channels that are in somebody's hands."""
    mine = aliased(Channel)
    last = select(func.max(mine.served_at)).where(mine.creator_id == Channel.creator_id).scalar_subquery()
    line = (
        select(Target.id, Target.channel_id)
        .join(Channel, Channel.id == Target.channel_id)
        .where(_due(now), _free(now), Channel.id.not_in(but))
        .order_by(last.nulls_first(), Target.next_at, Target.id)
        .limit(1)
    )
    found = session().execute(line).one_or_none()
    return None if found is None else Turn(found.id, found.channel_id)


def _due(now: datetime) -> ColumnElement[bool]:
    gone = Target.called_at <= now - CALL_IS_OVER  # whoever called is
    return or_(and_(Target.next_at <= now, Target.state.not_in(CALLED)), and_(Target.state.in_(CALLED), gone))


def _free(now: datetime) -> ColumnElement[bool]:
    """Its channel lets it: looking is always allowed, and so is being given up."""
    anyway = or_(Target.state.in_((*LOOKED_AT, *CALLED)), Target.wanted_at <= now - GIVE_UP)
    return and_(
        _over(Channel.busy_until, now), or_(anyway, _over(Channel.paused_until, now)),
        or_(anyway, Target.state != "waiting", _over(Channel.begins_at, now)),
    )  # fmt: skip


def _over(column: InstrumentedAttribute[datetime | None], now: datetime) -> ColumnElement[bool]:
    return or_(column.is_(None), column <= now)


def take(channel_id: int, until: datetime, *, now: datetime) -> bool:
    """Have the channel to oneself for one call; False where somebody else calls."""
    taken = session().execute(
        update(Channel)
        .where(Channel.id == channel_id, _over(Channel.busy_until, now))
        .values(busy_until=until, served_at=now)
        .returning(Channel.id)
        .execution_options(**_QUIET)
    )
    return taken.scalar() is not None


def release(channel_id: int, until: datetime) -> None:
    """The call that took it until then is over."""
    mine = update(Channel).where(Channel.id == channel_id, Channel.busy_until == until)
    session().execute(mine.values(busy_until=None).execution_options(**_QUIET))


def pace(channel_id: int, begins_at: datetime) -> None:
    """No other post is begun on this channel before."""
    session().execute(update(Channel).where(Channel.id == channel_id).values(begins_at=begins_at).execution_options(**_QUIET))


def pause(channel_id: int, until: datetime, why: str) -> None:
    """Nothing new goes to this channel until then. A pause is never made shorter by another one."""
    longer = update(Channel).where(Channel.id == channel_id, _over(Channel.paused_until, until))
    session().execute(longer.values(paused_until=until, paused_why=why).execution_options(**_QUIET))


def unpause(channel_id: int, whys: Sequence[str]) -> None:
    """A person has put right what the pause was for."""
    mine = update(Channel).where(Channel.id == channel_id, Channel.paused_why.in_(whys))
    session().execute(mine.values(paused_until=None, paused_why="").execution_options(**_QUIET))


def knows_room(row: Channel, now: datetime) -> bool:
    """Whether it was asked lately how many posts it still takes, and some are left, or it does not tell."""
    fresh = row.room_at is not None and row.room_at > now - ROOM_FOR
    return fresh and (row.room is None or row.room > 0)


def see_room(channel_id: int, room: int | None, *, now: datetime) -> None:
    """What it told; None: it does not tell."""
    seen = update(Channel).where(Channel.id == channel_id).values(room=room, room_at=now)
    session().execute(seen.execution_options(**_QUIET))


def use_room(channel_id: int) -> None:
    """One post less."""
    used = update(Channel).where(Channel.id == channel_id, Channel.room > 0).values(room=Channel.room - 1)
    session().execute(used.execution_options(**_QUIET))


def sent_since(channel_id: int, since: datetime) -> Sequence[datetime]:
    """When our own posts of this channel were published, the oldest first."""
    query = select(Target.published_at).where(Target.channel_id == channel_id, Target.published_at > since)
    return [at for at in session().scalars(query.order_by(Target.published_at)) if at is not None]


def too_late(now: datetime, *, limit: int = 200) -> Sequence[int]:
    """Posts that wait since so long that nobody wants them any more."""
    late = and_(Target.state.in_(CANCELLABLE), Target.wanted_at <= now - GIVE_UP)
    return session().scalars(select(Target.id).where(late).order_by(Target.wanted_at).limit(limit)).all()


def is_too_late(row: Target, now: datetime) -> bool:
    """As `too_late`, for one."""
    return row.state in CANCELLABLE and row.wanted_at is not None and row.wanted_at <= now - GIVE_UP


def poll_at(row: Target, told: int, now: datetime) -> datetime:
    """When to ask again about what is being worked on; told: in so many seconds. The longer it takes, the more rarely."""
    late = (now - (row.wanted_at or now)).total_seconds()
    return now + timedelta(seconds=max(told, min(60, late / 60)) if told else 0)


def is_stuck(row: Target, now: datetime) -> bool:
    """Whether it is worked on for so long that a person had better look."""
    return row.wanted_at is not None and row.wanted_at <= now - STUCK


def ends_trying(row: Target) -> datetime | None:
    """Until when it is tried."""
    return None if row.wanted_at is None else row.wanted_at + GIVE_UP


def hurry(target_id: int, *, now: datetime) -> bool:
    """What may stand there, has no address yet, or is a draft is asked for at once; False where nothing is to be asked."""
    asked = session().execute(
        update(Target)
        .where(Target.id == target_id)
        .where(
            or_(Target.state.in_(("unknown", "underway", "delivered")), and_(Target.state == "published", Target.remote_id == ""))
        )
        .values(next_at=now)
        .returning(Target.id)
        .execution_options(**_QUIET)
    )
    return asked.scalar() is not None


def wake(channel_id: int, *, now: datetime) -> None:
    """The channel lets us in again: what may stand there is looked up at once, and what waited for it goes on.

    Nobody looked while it was switched off; what has nothing to be looked up by stays a person's matter.
    """
    asked = or_(
        Target.state.in_(("underway", "delivered")),
        and_(Target.state == "unknown", or_(Target.next_at.is_not(None), Target.why.not_in((*NAMELESS, UNFINISHED)))),
        and_(Target.state == "published", Target.remote_id == "", Target.published_at > now - SEEN_FOR),
    )
    waits = and_(Target.state.in_(CANCELLABLE), Target.wanted_at <= now)
    session().execute(
        update(Target).where(Target.channel_id == channel_id, or_(asked, waits)).values(next_at=now).execution_options(**_QUIET)
    )
