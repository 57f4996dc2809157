"""Which segments of the store of all clicks count, and how far the clicks of the database have been closed into them.

A segment is there from the commit that writes its row, and gone with it; what else lies in the store is a left-over.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, String, and_, delete, func, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from ..kernel.database import Model, UtcDateTime, primary_key, session
from ..kernel.vault import Sealed

RIPE = timedelta(minutes=15)  # how long a click must have been in the database before it is closed into a segment


class Segment(Model):
    """All clicks of the database from one id to another, closed into the store."""

    __tablename__ = "click_segments"
    __table_args__ = (CheckConstraint("level IN ('part', 'day', 'month')", name="level"),)

    id: Mapped[int] = primary_key()
    key: Mapped[str] = mapped_column(String(60), unique=True)  # its name in the store
    level: Mapped[str] = mapped_column(String(8), default="part")  # part, day, month: what parts have been joined into
    first_id: Mapped[int] = mapped_column(unique=True)  # of clicks, both included
    last_id: Mapped[int] = mapped_column(unique=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)  # its earliest click, to the second
    until: Mapped[datetime] = mapped_column(UtcDateTime)  # its latest
    clicks: Mapped[int]  # of every class
    bytes: Mapped[int]
    closed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Progress(Model):
    """The one row that says how far it is."""

    __tablename__ = "click_progress"

    id: Mapped[int] = primary_key()  # 1
    closed_to: Mapped[int] = mapped_column(default=0)  # the last click that lies in a segment
    seen_to: Mapped[int] = mapped_column(default=0)  # how far clicks were seen …
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # … when …
    seen_transaction: Mapped[int] = mapped_column(default=0)  # … and which transactions were over then; 0 on SQLite
    let_go_before: Mapped[datetime | None] = mapped_column(UtcDateTime)  # older clicks are in segments only
    visitor_key: Mapped[str] = mapped_column(Sealed)  # keys the marks of visitors in segments, as hex


@dataclass(frozen=True, slots=True)
class Standing:
    """What a question must know, all of one moment."""

    closed_to: int
    visitor_key: bytes
    keys: tuple[str, ...]


def standing(since: datetime, until: datetime) -> Standing:
    """How far clicks are closed, and the segments in which clicks of this time may lie."""
    near = and_(Segment.until >= since.replace(microsecond=0), Segment.since < until)
    rows = session().execute(
        select(Progress.closed_to, Progress.visitor_key, Segment.key).outerjoin(Segment, near).order_by(Segment.first_id)
    )
    found = [(row[0], row[1], row[2]) for row in rows]
    if not found:
        return Standing(0, b"", ())
    return Standing(found[0][0], bytes.fromhex(found[0][1]), tuple(key for _, _, key in found if key))


def progress() -> Progress:
    """The row, made by the first who asks in a writing transaction."""
    found = session().get(Progress, 1)
    if found is None:
        found = Progress(id=1, closed_to=0, seen_to=0, seen_transaction=0, visitor_key=secrets.token_hex(32))
        session().add(found)
        session().flush()
    return found


def see(newest: int, *, now: datetime) -> None:
    """Note how far clicks go, unless an earlier note still waits to become ripe.

    On PostgreSQL a transaction that is open may hold lower ids than others have committed, so it is noted too which
    transactions had begun; asked after the newest id, so that whoever took a lower id is among them.
    """
    row = progress()
    if row.seen_to > row.closed_to or newest <= row.closed_to:
        return
    row.seen_to, row.seen_at, row.seen_transaction = newest, now, _transactions("xmax")


def ripe(*, now: datetime) -> int:
    """Up to which id clicks can be closed: all of them are committed, and judged for good."""
    row = progress()
    if row.seen_at is None or now - row.seen_at < RIPE or row.seen_to <= row.closed_to:
        return row.closed_to
    return row.seen_to if _transactions("xmin") >= row.seen_transaction else row.closed_to


def _transactions(end: str) -> int:
    """PostgreSQL: all transactions of lower numbers are over ("xmin"), or had begun ("xmax"). SQLite has one writer: 0."""
    if session().get_bind().dialect.name != "postgresql":
        return 0
    return int(session().scalar(text(f"SELECT pg_snapshot_{end}(pg_current_snapshot())::text")) or 0)


def close(segment: Segment) -> bool:
    """Let a new segment count, together with how far clicks are closed. False where somebody else has closed them."""
    before = segment.first_id - 1
    moved = update(Progress).where(Progress.id == 1, Progress.closed_to == before).values(closed_to=segment.last_id)
    if session().scalar(moved.returning(Progress.id)) is None:
        return False
    session().add(segment)
    session().flush()
    return True


def put_in_place(segment: Segment, of: Collection[str]) -> bool:
    """Let a segment count in the place of others that hold the same clicks. False where these count no more."""
    gone = session().scalars(delete(Segment).where(Segment.key.in_(of)).returning(Segment.key)).all()
    if len(gone) != len(of):
        return False
    session().add(segment)
    session().flush()
    return True


def call(key: str, level: str) -> bool:
    """The segment is all of its day or month by itself."""
    moved = update(Segment).where(Segment.key == key).values(level=level)
    return session().scalar(moved.returning(Segment.id)) is not None


def let_go(before: datetime) -> int:
    """Segments whose latest click is older count no more; how many."""
    return len(session().scalars(delete(Segment).where(Segment.until < before).returning(Segment.id)).all())


def in_order() -> Sequence[Segment]:
    """All that count, oldest first."""
    return session().scalars(select(Segment).order_by(Segment.first_id)).all()


def totals() -> tuple[int, int, int]:
    """How many segments, clicks and bytes."""
    row = (
        session()
        .execute(select(func.count(), func.coalesce(func.sum(Segment.clicks), 0), func.coalesce(func.sum(Segment.bytes), 0)))
        .one()
    )
    return int(row[0]), int(row[1]), int(row[2])
