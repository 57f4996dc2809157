"""Taking noted taps into the table of clicks: judged, repeats known, each once, and counted. Nothing here commits.

The order in which taps come in changes nothing: a repeat and what is beyond a day's measure are told from the moments of the
taps, so one that comes in late may change the class of one that was here before it. What is counted by day follows.

It is the busiest path of the product, so it works on columns, not on rows, and asks the database few large questions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import select, update

from ...kernel.database import in_parts, session
from ...kernel.taps import NotedTap
from .counting import NEEDED, Tally, book, day_of
from .judging import ViewerOf, judged, tell_traces
from .models import Click
from .noted import Bad, Columns, columns_of, columns_of_taps, columns_one_by_one, picked, tap_at
from .repeating import Anew, tell_repeats
from .storing import new_ones, stored
from .traces import mark_of, trace_of

AT_ONCE = 4000  # lines that are worked together: more of them cost memory and save nothing

Existing = Callable[[set[int]], set[int]]  # which of these are links

_LOCK = 7_202_604  # any number that is ours alone


def one_at_a_time() -> None:
    """Until this transaction ends nobody else takes clicks in: who repeats whom is told from all that came before."""
    connection = session().connection()
    if connection.dialect.name == "postgresql":  # SQLite has one writer
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


def take_in(taps: Sequence[NotedTap], viewer_of: ViewerOf) -> int:
    """Store taps that are not there yet; how many were new. viewer_of: the hat of a signed-in person with an interest."""
    taken, bad = 0, []  # type: tuple[int, Bad]
    one_at_a_time()
    tally = Tally()
    for part in in_parts(taps, AT_ONCE):
        taken += _take(columns_of_taps(part), viewer_of, tally, bad)
    if bad:
        raise ValueError(f"not a tap: {bad[0]}")
    book(tally)
    return taken


def take_lines(lines: Sequence[bytes], viewer_of: ViewerOf, existing: Existing) -> tuple[int, Bad]:
    """The same of lines of the spool: how many were new, and (line, why) of those that are no clicks of ours."""
    taken, bad = 0, []  # type: tuple[int, Bad]
    one_at_a_time()
    tally = Tally()
    for part in in_parts(lines, AT_ONCE):
        columns, unreadable = columns_of(part)
        bad += unreadable
        taken += _take(_of_known_links(columns, existing, bad), viewer_of, tally, bad)
    book(tally)
    return taken, bad


def _of_known_links(columns: Columns, existing: Existing, bad: Bad) -> Columns:
    ids = set(columns["link_id"])
    there = existing(ids)
    if ids <= there:
        return columns
    places = {True: [], False: []}  # type: dict[bool, list[int]]
    for place, link in enumerate(columns["link_id"]):
        places[link in there].append(place)
    bad += [(tap_at(columns, place).line().decode(), "unknown_link") for place in places[False]]
    return picked(columns, places[True])


def _take(columns: Columns, viewer_of: ViewerOf, tally: Tally, bad: Bad) -> int:
    """Judge, store and add up what is not there yet; where the table refuses one, all others are stored."""
    if not columns["click"]:
        return 0
    rows, seconds, anew = _told(columns, viewer_of)
    if not stored(rows):
        columns, unreadable = columns_one_by_one([tap_at(columns, place).line() for place in range(len(seconds))])
        bad += unreadable
        return _take_carefully(picked(columns, new_ones(columns["click"])), viewer_of, tally, bad)
    tally.add(rows, list(map(day_of, seconds)))
    _judge_anew(anew, tally)
    return len(seconds)


def _take_carefully(columns: Columns, viewer_of: ViewerOf, tally: Tally, bad: Bad) -> int:
    """The same of new ones that are in bounds, halving them until those that the table refuses are by themselves."""
    count = len(columns["click"])
    if not count:
        return 0
    rows, seconds, anew = _told(columns, viewer_of)
    if stored(rows):
        tally.add(rows, list(map(day_of, seconds)))
        _judge_anew(anew, tally)
        return count
    if count == 1:
        bad.append((tap_at(columns, 0).line().decode(), "refused"))
        return 0
    halves = range(count // 2), range(count // 2, count)
    return sum(_take_carefully(picked(columns, half), viewer_of, tally, bad) for half in halves)


def _told(columns: Columns, viewer_of: ViewerOf) -> tuple[Columns, list[int], list[Anew]]:
    """Rows of `clicks` as columns, the second of each, and which older clicks are another class because of them."""
    rows, seconds = judged(columns, viewer_of)
    marks = [mark_of(visitor) if visitor else 0 for visitor in rows["visitor"]]
    anew = tell_repeats(rows, columns["at_us"], marks)
    tell_traces(rows, seconds, marks)
    return rows, seconds, anew


def _judge_anew(anew: Sequence[Anew], tally: Tally) -> None:
    """Give older clicks the class that they have by now, and count them so."""
    verdicts = {click: verdict for click, *verdict in anew}
    for part in in_parts(verdicts):
        was = session().execute(select(Click.__table__).where(Click.public_id.in_(part))).mappings().all()
        for row in was:
            kind, reason, repeated = verdicts[row["public_id"]]
            day, before = [day_of(int(row["at"].timestamp()))], {name: [row[name]] for name in NEEDED}
            tally.add(before, day, -1)
            tally.add({**before, "kind": [kind]}, day)
            trace = trace_of(row["visitor"], row["at"], payable=kind == "payable")
            changed = update(Click).where(Click.id == row["id"])
            session().execute(
                changed.values(kind=kind, reason=reason, repeats=repeated, trace=trace),
                execution_options={"synchronize_session": False},
            )
