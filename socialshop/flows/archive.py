"""All clicks go into the store, segment by segment; only what lies there is let go of in the database.

A segment is written first and counts from the commit that follows. Who is killed between the two leaves something in the
store that nobody counts; it is cleared away an hour later, and the clicks are closed anew under another name.
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import delete, func, select

from ..adapters.clicks import Question, StoredClick
from ..domain import clicks, programs, segments
from ..domain.segments import Segment
from ..kernel.database import end_reading, session, transaction
from . import all_clicks

log = structlog.get_logger("archive")

WORTH_CLOSING = 25_000  # clicks; fewer wait for the end of their day
AT_MOST = 200_000  # in one part: what the worker's memory holds at once
LARGEST = 20_000_000  # clicks of a segment that is joined
SETTLED = timedelta(days=2)  # after which a day's parts are compared with the database once more, and joined
LEFT_OVER = timedelta(hours=1)  # after which what lies in the store and does not count is nobody's work any more
_AT_ONCE = 2000  # clicks let go of in one transaction
_NAMED = "%Y%m%dT%H%M%S"


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long clicks are kept in the database, and (0: for ever) in the store. Days."""

    recent: int = 120
    raw: int = 0


_keeping = [Keeping()]


def set_up(keeping: Keeping) -> None:
    """Say how long this install keeps clicks."""
    _keeping[:] = [keeping]


def run(payload: dict[str, Any], *, now: datetime) -> None:
    """Close what is ripe, and note what will be. Safe to repeat."""
    closed = close(now=now)
    if closed:
        log.info("clicks closed into segments", clicks=closed)


def nightly(payload: dict[str, Any], *, now: datetime) -> None:
    """Join what has settled, let go of what is old, clear away what nobody counts. Safe to repeat, and to stop anywhere."""
    if not _all_there():
        return
    cleared = clear(now=now)  # first: who is just asking still finds what is about to be joined
    joined = join(now=now)
    gone = let_go(now=now)
    with transaction():
        dropped = segments.let_go(now - timedelta(days=_keeping[0].raw)) if _keeping[0].raw else 0
    log.info("clicks tidied", segments_joined=joined, clicks_let_go=gone, segments_dropped=dropped, cleared=cleared)


def close(*, now: datetime) -> int:
    """Close clicks into segments up to where they are ripe; how many."""
    if not _all_there():
        return 0
    closed = 0
    while True:
        with transaction():
            start, ripe = segments.progress().closed_to, segments.ripe(now=now)
        last = _worth_closing(start, ripe, now)
        count = 0 if last is None else _close(start, last, now)
        if not count:
            break
        closed += count
    with transaction():
        segments.see(_newest(), now=now)
    return closed


def close_to(last: int, *, now: datetime) -> None:
    """Close every click up to this one, ripe or not: for who knows that nobody else writes any."""
    with transaction():
        start = segments.progress().closed_to
    while start < last:
        upto = min(last, start + AT_MOST)
        if not _close(start, upto, now):
            raise RuntimeError("somebody else closes clicks")
        start = upto


def _close(start: int, last: int, now: datetime) -> int:
    """Close the clicks after `start` up to `last`; how many, 0 where somebody else closes them too."""
    with transaction():
        key = bytes.fromhex(segments.progress().visitor_key)
    segment = _written(start + 1, last, key, now)
    with transaction():
        return segment.clicks if segments.close(segment) else 0


def _worth_closing(start: int, ripe: int, now: datetime) -> int | None:
    """Up to which id the next segment goes; None while it is better to wait for more."""
    row = clicks.Click
    waiting = select(row.id).where(row.id > start, row.id <= ripe).order_by(row.id)
    enough = session().scalar(waiting.offset(WORTH_CLOSING - 1).limit(1))
    if enough is None:
        oldest = session().scalar(select(row.at).where(row.id > start, row.id <= ripe).order_by(row.id).limit(1))
        today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        if oldest is None or oldest >= today:
            return None
    last = session().scalar(waiting.offset(AT_MOST - 1).limit(1))
    end_reading()
    return ripe if last is None else last


def _newest() -> int:
    return session().scalar(select(func.max(clicks.Click.id))) or 0


def _written(first_id: int, last_id: int, key: bytes, now: datetime) -> Segment:
    """A segment of these clicks, in the store under a name of its own but counted by nobody yet."""
    name = _name(first_id, last_id, now)
    seen = _Seen()
    size = all_clicks.store().add(seen.watched(all_clicks.closed(first_id, last_id, key)), key=name)
    return Segment(
        key=name, level="part", first_id=first_id, last_id=last_id, since=seen.instant(seen.first), until=seen.instant(seen.last),
        clicks=seen.count, bytes=size, closed_at=now,
    )  # fmt: skip


def _name(first_id: int, last_id: int, now: datetime) -> str:
    """Nobody has it yet; it begins with when it was made."""
    return f"{now.astimezone(UTC).strftime(_NAMED)}-{first_id}-{last_id}-{secrets.token_hex(4)}"


@dataclass
class _Seen:
    """What passed by on its way into the store."""

    count: int = 0
    first: int = 2**40
    last: int = 0

    def watched(self, rows: Iterable[StoredClick]) -> Iterator[StoredClick]:
        for row in rows:
            self.count += 1
            self.first, self.last = min(self.first, row.moment), max(self.last, row.moment)
            yield row

    @staticmethod
    def instant(second: int) -> datetime:
        return datetime.fromtimestamp(second, UTC)


def _all_there() -> bool:
    """Whether the store has every segment that counts; where it has not, it is another one than that of before."""
    missing = {one.key for one in segments.in_order()} - all_clicks.store().there()
    end_reading()
    if missing:
        log.error("segments are missing; no clicks are closed or let go of", segments=sorted(missing)[:10], of=len(missing))
    return not missing


# --- joining ---------------------------------------------------------------------------------------


def join(*, now: datetime) -> int:
    """Parts become days and days become months, once they have settled; how many segments were joined into others."""
    joined = 0
    for level, into, settled in (
        ("part", "day", _days(now - SETTLED)),
        ("day", "month", _months(now - SETTLED)),
    ):
        name_of = _days if into == "day" else _months
        for group in _groups(segments.in_order(), level, name_of):
            if name_of(group[-1].until) < settled and _join(group, into, now):
                joined += len(group)
    return joined


def _days(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d")


def _months(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m")


def _groups(there: Sequence[Segment], level: str, name_of: Callable[[datetime], str]) -> Iterator[list[Segment]]:
    """Segments of one level that lie beside each other and end in the same period, none too large together."""
    for (_, its_level), some in itertools.groupby(there, key=lambda one: (name_of(one.until), one.level)):
        if its_level != level:
            continue
        group: list[Segment] = []
        for one in some:
            if group and sum(other.clicks for other in group) + one.clicks > LARGEST:
                yield group
                group = []
            group.append(one)
        yield group


def _join(group: list[Segment], into: str, now: datetime) -> bool:
    if into == "day":
        group = [_compared(one, now) for one in group]
    keys = [one.key for one in group]
    end_reading()
    if len(keys) == 1:
        with transaction():
            return segments.call(keys[0], into)
    name = _name(group[0].first_id, group[-1].last_id, now)
    size = all_clicks.store().join(keys, key=name)
    whole = Segment(
        key=name, level=into, first_id=group[0].first_id, last_id=group[-1].last_id, since=min(one.since for one in group),
        until=max(one.until for one in group), clicks=sum(one.clicks for one in group), bytes=size, closed_at=now,
    )  # fmt: skip
    with transaction():
        return segments.put_in_place(whole, keys)


def _compared(one: Segment, now: datetime) -> Segment:
    """The segment, or what was written in its place because clicks were judged anew or came in late."""
    with transaction():
        key = bytes.fromhex(segments.progress().visitor_key)
    row = clicks.Click
    mine = select(row.kind, row.creator_id, func.count()).where(row.id >= one.first_id, row.id <= one.last_id)
    here = {(kind, creator): count for kind, creator, count in session().execute(mine.group_by(row.kind, row.creator_id))}
    end_reading()
    if sum(here.values()) < one.clicks:
        return one  # some have been let go of here: the store knows best
    if here == _in_store(one):
        return one
    segment = _written(one.first_id, one.last_id, key, now)
    with transaction():
        kept = segments.put_in_place(segment, [one.key])
    log.warning("a segment was written anew", first=one.first_id, last=one.last_id, clicks=segment.clicks, before=one.clicks)
    return segment if kept else one


def _in_store(one: Segment) -> dict[tuple[str, int], int]:
    question = Question(
        one.since, one.until + timedelta(seconds=1), by=("kind", "creator"), measure="requests", limit=one.clicks or 1
    )
    counted = all_clicks.store().count(question, [one.key])
    return {(str(row.values[0]), int(str(row.values[1]))): row.count for row in counted}


# --- letting go ------------------------------------------------------------------------------------


def let_go(*, now: datetime) -> int:
    """Delete clicks from the database that are older than this install keeps them there, and lie in a segment; how many.

    The newest closed one stays: its id must not be given to another.
    """
    before = now - timedelta(days=max(_keeping[0].recent, _longest_look_back()))
    row = clicks.Click
    gone, after = 0, 0
    with transaction():
        closed_to = segments.progress().closed_to
    if not _all_there():
        return 0
    while True:
        page = (
            session()
            .execute(select(row.id, row.at).where(row.id > after, row.id < closed_to).order_by(row.id).limit(_AT_ONCE))
            .all()
        )
        end_reading()
        old = [one for one, at in page if at < before]
        if not old:
            break
        with transaction():
            session().execute(delete(row).where(row.id >= page[0][0], row.id <= page[-1][0], row.at < before))
            segments.progress().let_go_before = before
        gone, after = gone + len(old), page[-1][0]
    return gone


def _longest_look_back() -> int:
    """The most days for which any terms there ever were may ask for a click: its window, and the hold of what it earned."""
    ever = session().scalars(select(programs.Version.terms))
    return max((int(terms.get("window_days", 30)) + int(terms.get("hold_days", 30)) for terms in ever), default=0)


def clear(*, now: datetime) -> int:
    """Drop from the store what no longer counts, or never has, once nobody can be at work on it or read it; how many."""
    there = all_clicks.store().there()
    counted = {one.key for one in segments.in_order()}
    end_reading()
    stale = [key for key in there - counted if _made_at(key) < now - LEFT_OVER]
    all_clicks.store().drop(stale)
    return len(stale)


def _made_at(key: str) -> datetime:
    try:
        return datetime.strptime(key.partition("-")[0], _NAMED).replace(tzinfo=UTC)
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)  # not one of ours
