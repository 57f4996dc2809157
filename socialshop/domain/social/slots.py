"""Places in a creator's week where posts go out, each on the clock of the zone it was made in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, delete, false, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from ...kernel.database import Model, UtcDateTime, new_id, primary_key, public_key, session
from .models import Post

MOST = 70  # ten a day
_WEEK = timedelta(days=7)


class QueueSlot(Model):
    """Each Monday at 19.00 in Jakarta: a place that one post takes each week."""

    __tablename__ = "queue_slots"
    __table_args__ = (
        UniqueConstraint("creator_id", "weekday", "minute", "zone"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("minute BETWEEN 0 AND 1439", name="minute"),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("slt")
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    weekday: Mapped[int]  # 0: Monday
    minute: Mapped[int]  # of the day, on the zone's clock
    zone: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


def moment_on(day: date, minute: int, zone: str) -> datetime:
    """The instant at which a clock shows this minute on this day.

    What the clock leaps over comes as much later as it leaps (02:30 is 03:30 then); of what it shows twice, the first.
    """
    local = datetime.combine(day, time(minute // 60, minute % 60), ZoneInfo(zone))
    return local.astimezone(UTC)


def moments(slots: Iterable[QueueSlot], since: datetime, until: datetime) -> list[tuple[datetime, QueueSlot]]:
    """Every instant of these places from `since` (and not before it) up to `until` (and not at it), in order."""
    found: list[tuple[datetime, QueueSlot]] = []
    for slot in slots:
        day = since.astimezone(ZoneInfo(slot.zone)).date() - timedelta(days=1)  # what was leapt over may come a day late
        day += timedelta(days=(slot.weekday - day.weekday()) % 7)
        while (at := moment_on(day, slot.minute, slot.zone)) < until:
            if at >= since:
                found.append((at, slot))
            day += _WEEK
    return sorted(found, key=lambda pair: (pair[0], pair[1].id))


def first_free(slots: Sequence[QueueSlot], taken: frozenset[datetime], now: datetime) -> datetime | None:
    """The next instant of these places that lies ahead and that no post has; None where there is no place at all."""
    since = now + timedelta(microseconds=1)
    for _ in range(len(taken) + 4):  # a place comes each week, but for clocks that change, so one of these weeks has room
        for at, _slot in moments(slots, since, since + _WEEK):
            if at not in taken:
                return at
        since += _WEEK
    return None


def add(creator_id: int, places: Iterable[tuple[int, int]], zone: str, *, now: datetime) -> int:
    """Keep places (weekday, minute); how many are new."""
    dialect = postgresql if session().get_bind().dialect.name == "postgresql" else sqlite
    made = 0
    for weekday, minute in sorted(set(places)):
        insert = dialect.insert(QueueSlot).values(
            public_id=new_id("slt"), creator_id=creator_id, weekday=weekday, minute=minute, zone=zone, created_at=now
        )
        made += len(session().execute(insert.on_conflict_do_nothing().returning(QueueSlot.id)).all())
    return made


def remove(creator_id: int, places: Iterable[tuple[int, int]], zone: str) -> int:
    """Let go of places (weekday, minute); how many there were. Posts planned there stay where they are."""
    wanted = or_(false(), *((QueueSlot.weekday == weekday) & (QueueSlot.minute == minute) for weekday, minute in places))
    gone = session().execute(
        delete(QueueSlot)
        .where(QueueSlot.creator_id == creator_id, QueueSlot.zone == zone, wanted)
        .returning(QueueSlot.id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.scalars().all())


def of(creator_id: int) -> Sequence[QueueSlot]:
    """A creator's places, through the week."""
    query = select(QueueSlot).where(QueueSlot.creator_id == creator_id)
    return session().scalars(query.order_by(QueueSlot.weekday, QueueSlot.minute, QueueSlot.id)).all()


def taken_after(creator_id: int, now: datetime) -> frozenset[datetime]:
    """The minutes ahead for which a post of theirs is planned."""
    query = select(Post.publish_at).where(Post.creator_id == creator_id, Post.publish_at > now, Post.cancelled_at.is_(None))
    return frozenset(at.replace(second=0, microsecond=0) for at in session().scalars(query))
