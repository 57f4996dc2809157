"""Taking noted taps into the table of clicks: judged, repeats known, each once. Nothing here commits.

The order in which taps come in changes nothing: a repeat is told from the moments of the taps, so one that comes
in late may make a repeat of one that was here before it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ...kernel.database import in_parts, session, write_rows
from ...kernel.taps import NotedTap
from .counting import NEEDED, Tally, book, day_of
from .models import Click, SpoiledTap, SpoolFile
from .rules import Tap, Viewer, judge, repeats
from .traces import trace_of

NEIGHBOURS = timedelta(minutes=10)  # how far a chain of repeats is followed

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_to(names: Sequence[str]) -> dict[str, int]:
    """How far each of these spool files has been taken in."""
    return {row.name: row.end for row in session().scalars(select(SpoolFile).where(SpoolFile.name.in_(names)))}


def move_on(name: str, start: int, end: int) -> bool:
    """Note that a file is taken in from `start` to `end`; False where somebody else has done so."""
    if start == 0:
        made = _insert(SpoolFile).values(name=name, end=end).on_conflict_do_nothing(index_elements=["name"])
        if session().scalar(made.returning(SpoolFile.name)) is not None:
            return True
    moved = update(SpoolFile).where(SpoolFile.name == name, SpoolFile.end == start).values(end=end).returning(SpoolFile.name)
    return session().scalar(moved) is not None


def forget_file(name: str) -> None:
    """A spool file that is gone need not be remembered."""
    session().execute(delete(SpoolFile).where(SpoolFile.name == name))


def spoil(file: str, lines: Iterable[tuple[str, str]], *, now: datetime) -> None:
    """Keep (line, why) that are no clicks of ours."""
    rows = [{"file": file, "line": line[:2000], "why": why[:80], "at": now} for line, why in lines]
    if rows:
        session().execute(insert(SpoiledTap), rows)


def take_in(taps: Sequence[NotedTap], viewer_of: Callable[[NotedTap], Viewer]) -> int:
    """Store taps that are not there yet, each with its class and reason; how many were new."""
    rows = {tap.click: _row(tap, viewer_of(tap) if tap.who else "") for tap in taps}
    for known in _known(list(rows)):
        del rows[known]
    _tell_repeats(rows)
    _tell_traces(rows)
    write_rows(Click, list(rows.values()))
    _count(rows.values())
    return len(rows)


def _row(tap: NotedTap, viewer: Viewer) -> dict[str, Any]:
    judgement = judge(Tap(tap.purpose, tap.mode, tap.dest, tap.agent, tap.referrer, viewer))
    return {
        "public_id": tap.click,
        "link_id": tap.link_id,
        "creator_id": tap.creator_id,
        "program_id": tap.program_id,
        "visitor": tap.visitor,
        "at": _EPOCH + timedelta(microseconds=tap.at_us),
        "kind": judgement.kind,
        "reason": judgement.reason,
        "repeats": "",
        "channel": tap.channel,
        "placement": tap.placement,
        "agent": tap.agent,
        "referrer": tap.referrer,
        "post_id": tap.post_id,
        "country": "",
        "device": "",
        "system": "",
        "browser": "",
        "inside": "",
        "language": tap.language,
        "utm_source": tap.utm_source,
        "utm_medium": tap.utm_medium,
        "utm_campaign": tap.utm_campaign,
        "destination": tap.destination,
    }


def _known(clicks: list[str]) -> Iterator[str]:
    for part in in_parts(clicks):
        yield from session().scalars(select(Click.public_id).where(Click.public_id.in_(part)))


def _tell_repeats(rows: dict[str, dict[str, Any]]) -> None:
    """Mark the repeats among new rows and their neighbours in the table."""
    new: dict[tuple[int, str], list[tuple[datetime, str]]] = defaultdict(list)
    for row in rows.values():
        if row["kind"] == "payable" and row["visitor"]:
            new[row["link_id"], row["visitor"]].append((row["at"], row["public_id"]))
    if not new:
        return
    old = _neighbours(new)
    for who, taps in new.items():
        here = old.get(who, {})
        counts_for = repeats([*taps, *((at, click) for click, (at, _first) in here.items())])
        for _at, click in taps:
            if click in counts_for:
                rows[click].update(kind="duplicate", reason="repeat_within_10s", repeats=counts_for[click])
        for click, (_at, first) in here.items():
            if counts_for.get(click, "") != first:
                _judge_anew(click, counts_for.get(click, ""))


def _tell_traces(rows: dict[str, dict[str, Any]]) -> None:
    for row in rows.values():
        row["trace"] = trace_of(row["visitor"], row["at"], payable=row["kind"] == "payable")


def _count(rows: Iterable[Mapping[str, Any]], sign: int = 1) -> None:
    each, tally = list(rows), Tally()
    if each:
        tally.add(
            {name: [row[name] for row in each] for name in NEEDED}, [day_of(int(row["at"].timestamp())) for row in each], sign
        )
        book(tally)


def _neighbours(new: dict[tuple[int, str], list[tuple[datetime, str]]]) -> dict[tuple[int, str], dict[str, tuple[datetime, str]]]:
    """By link and visitor, the clicks of the table near the new ones: click id → (moment, the click it repeats or "")."""
    moments = [at for taps in new.values() for at, _ in taps]
    found: dict[tuple[int, str], dict[str, tuple[datetime, str]]] = defaultdict(dict)
    for part in in_parts(list({visitor for _, visitor in new})):
        question = select(Click.link_id, Click.visitor, Click.public_id, Click.at, Click.repeats).where(
            Click.visitor.in_(part),
            Click.at >= min(moments) - NEIGHBOURS,
            Click.at <= max(moments) + NEIGHBOURS,
            Click.kind.in_(("payable", "duplicate")),
        )
        for link_id, visitor, click, at, first in session().execute(question):
            if (link_id, visitor) in new:
                found[link_id, visitor][click] = (at, first)
    return found


def _judge_anew(click: str, first: str) -> None:
    kind, reason = ("duplicate", "repeat_within_10s") if first else ("payable", "")
    row = session().execute(select(Click.__table__).where(Click.public_id == click)).mappings().one()
    trace = trace_of(row["visitor"], row["at"], payable=kind == "payable")
    _count([dict(row)], -1)
    session().execute(update(Click).where(Click.public_id == click).values(kind=kind, reason=reason, repeats=first, trace=trace))
    _count([{**row, "kind": kind}])


def _insert(model: type) -> Any:
    dialect = session().get_bind().dialect.name
    return (sqlite if dialect == "sqlite" else postgresql).insert(model)
