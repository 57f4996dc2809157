"""Taking noted taps into the table of clicks: judged, repeats known, each once, and counted. Nothing here commits.

The order in which taps come in changes nothing: a repeat and what is beyond a day's measure are told from the moments of the
taps, so one that comes in late may change the class of one that was here before it. What is counted by day follows.

It is the busiest path of the product, so it works on columns, not on rows, and asks the database few large questions.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, ProgrammingError

from ...kernel.database import in_parts, session
from ...kernel.taps import NotedTap
from ...kernel.visitors import lasts
from .agents import describe
from .counting import NEEDED, Tally, book, day_of
from .models import Click, SpoiledTap, SpoolFile
from .noted import Bad, Columns, columns_of, columns_of_taps, columns_one_by_one, picked, tap_at
from .places import country_of
from .rules import REPEAT, Tap, Viewer, excess, judge, repeats
from .traces import DAY, UNCOUNTED, WEEK_BIT, WIDTH, mark_of, second_part, trace_of, week_of, week_part

AT_ONCE = 4000  # lines that are worked together: more of them cost memory and save nothing

ViewerOf = Callable[[NotedTap], Viewer]
Existing = Callable[[set[int]], set[int]]  # which of these are links

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COLUMNS = (
    "public_id", "link_id", "creator_id", "program_id", "visitor", "at", "kind", "reason", "repeats", "channel", "placement",
    "agent", "referrer", "post_id", "country", "device", "system", "browser", "inside", "language", "utm_source", "utm_medium",
    "utm_campaign", "destination", "trace",
)  # fmt: skip
_AT = _COLUMNS.index("at")
_REPEAT = int(REPEAT.total_seconds())
_LOCK = 7_202_604  # any number that is ours alone
_SAYS_NOTHING = ({""}, {None})
_HONEST = ("payable", "duplicate", "excess")  # the classes that are told from a visitor's other taps


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
    if not _stored(rows):
        columns, unreadable = columns_one_by_one([tap_at(columns, place).line() for place in range(len(seconds))])
        bad += unreadable
        return _take_carefully(picked(columns, _new_ones(columns["click"])), viewer_of, tally, bad)
    tally.add(rows, list(map(day_of, seconds)))
    _judge_anew(anew, tally)
    return len(seconds)


def _take_carefully(columns: Columns, viewer_of: ViewerOf, tally: Tally, bad: Bad) -> int:
    """The same of new ones that are in bounds, halving them until those that the table refuses are by themselves."""
    count = len(columns["click"])
    if not count:
        return 0
    rows, seconds, anew = _told(columns, viewer_of)
    if _stored(rows):
        tally.add(rows, list(map(day_of, seconds)))
        _judge_anew(anew, tally)
        return count
    if count == 1:
        bad.append((tap_at(columns, 0).line().decode(), "refused"))
        return 0
    halves = range(count // 2), range(count // 2, count)
    return sum(_take_carefully(picked(columns, half), viewer_of, tally, bad) for half in halves)


def _told(columns: Columns, viewer_of: ViewerOf) -> tuple[Columns, list[int], list[_Anew]]:
    """Rows of `clicks` as columns, the second of each, and which older clicks are another class because of them."""
    rows, seconds = _judged(columns, viewer_of)
    marks = [mark_of(visitor) if visitor else 0 for visitor in rows["visitor"]]
    anew = _tell_repeats(rows, columns["at_us"], marks)
    _tell_traces(rows, seconds, marks)
    return rows, seconds, anew


# --- each by itself --------------------------------------------------------------------------------


class _Memory(dict[Any, Any]):
    """What has been found out once in this process, up to some thousands of answers."""

    def __init__(self, find_out: Callable[[Any], Any], most: int = 8192) -> None:
        self._find_out, self._most = find_out, most

    def __missing__(self, key: Any) -> Any:
        if len(self) >= self._most:
            self.clear()
        self[key] = answer = self._find_out(key)
        return answer


def _judgement(said: tuple[str, str, str, str, str]) -> tuple[str, str]:
    purpose, mode, dest, agent, signs = said
    judgement = judge(Tap(purpose=purpose, mode=mode, dest=dest, agent=agent, signs=signs))
    return judgement.kind, judgement.reason


def _device(agent: str) -> tuple[str, str, str, str]:
    found = describe(agent)
    return found.device, found.system, found.browser, found.inside


def _written(second: int) -> str:
    return (_EPOCH + timedelta(seconds=second)).strftime("%Y-%m-%d %H:%M:%S")


def _place(second: int) -> int:
    return week_part(second) | second_part(second)


_JUDGEMENTS, _DEVICES, _COUNTRIES = _Memory(_judgement), _Memory(_device), _Memory(country_of)
_WRITTEN, _PLACES = _Memory(_written), _Memory(_place)


def _judged(columns: Columns, viewer_of: ViewerOf) -> tuple[Columns, list[int]]:
    """Rows of `clicks` as columns, repeats not yet told; and the second of each."""
    said = zip(*(columns[name] for name in ("purpose", "mode", "dest", "agent", "signs")), strict=True)
    kinds, reasons = map(list, zip(*map(_JUDGEMENTS.__getitem__, said), strict=True))
    if set(columns["who"]) != {""}:
        for place, who in enumerate(columns["who"]):
            if who:
                tap = tap_at(columns, place)
                judgement = judge(
                    Tap(tap.purpose, tap.mode, tap.dest, tap.agent, tap.referrer, viewer_of(tap), tap.signs)
                )  # fmt: skip
                kinds[place], reasons[place] = judgement.kind, judgement.reason
    device, system, browser, inside = map(list, zip(*map(_DEVICES.__getitem__, columns["agent"]), strict=True))
    seconds = [at // 1_000_000 for at in columns["at_us"]]
    written = map(_WRITTEN.__getitem__, seconds)
    nothing = [""] * len(kinds)
    rows = {
        **{name: columns[name] for name in _COLUMNS if name in columns},
        "public_id": columns["click"],
        "at": [f"{second}.{at % 1_000_000:06}" for second, at in zip(written, columns["at_us"], strict=True)],
        "kind": kinds, "reason": reasons, "repeats": nothing,
        "country": list(map(_COUNTRIES.__getitem__, columns["network"])),
        "device": device, "system": system, "browser": browser, "inside": inside,
    }  # fmt: skip
    return rows, seconds


def _tell_traces(rows: Columns, seconds: list[int], marks: list[int]) -> None:
    rows["trace"] = [
        _PLACES[second] | mark | (0 if kind == "payable" else UNCOUNTED) if mark else 0
        for second, mark, kind in zip(seconds, marks, rows["kind"], strict=True)
    ]


# --- with others -----------------------------------------------------------------------------------

_Key = tuple[int, str]  # link and visitor
_Moment = tuple[datetime, str]  # when, and the click
_Old = tuple[str, datetime, str, str]  # click, moment, kind, what it repeats
_Anew = tuple[str, str, str, str]  # click, and what it is by now: kind, reason, repeats


def _tell_repeats(rows: Columns, at_us: list[int], marks: list[int]) -> list[_Anew]:
    """Mark repeats, and what is beyond a day's measure, among new rows and their neighbours in the table.

    Most visitors tap a link once: only those who tap it twice here, or did before, are looked at.
    """
    visitors = rows["visitor"]
    mine = [place for place, kind in enumerate(rows["kind"]) if kind == "payable" and visitors[place]]
    if not mine:
        return []
    keys = list(zip(rows["link_id"], visitors, strict=True))
    times = Counter([keys[place] for place in mine] if len(mine) < len(keys) else keys)
    older = _neighbours({marks[place] for place in mine}, times, min(at_us) // 1_000_000, max(at_us) // 1_000_000)
    if not older and len(times) == len(mine):
        return []
    groups: dict[_Key, list[int]] = {}
    for place in mine:
        if times[keys[place]] > 1 or keys[place] in older:
            groups.setdefault(keys[place], []).append(place)
    anew: list[_Anew] = []
    for key, places in groups.items():
        anew += _tell_group(rows, at_us, places, older.get(key, ()))
    return anew


def _tell_group(rows: Columns, at_us: list[int], places: list[int], older: Sequence[_Old]) -> Iterator[_Anew]:
    """The same for one visitor's new taps on one link. What was before them stays what it is."""
    new = {rows["public_id"][place]: place for place in places}
    taps = [(_EPOCH + timedelta(microseconds=at_us[place]), click) for click, place in new.items()]
    first, _ = min(taps)
    old = {  # a repeat from then on repeats one that is at hand
        click: (at, kind, repeated)
        for click, at, kind, repeated in older
        if click not in new and (at >= first or kind != "duplicate")
    }
    together = [*taps, *((at, click) for click, (at, _kind, _repeated) in old.items())]
    verdicts = _classes(together, measured=lasts(rows["visitor"][places[0]]))
    for click, place in new.items():
        rows["kind"][place], rows["reason"][place], rows["repeats"][place] = verdicts[click]
    for click, (at, kind, repeated) in old.items():
        if at >= first and verdicts[click][::2] != (kind, repeated):
            yield click, *verdicts[click]


def _classes(taps: Sequence[_Moment], *, measured: bool) -> dict[str, tuple[str, str, str]]:
    """Of one visitor's taps on one link: kind, reason and what it repeats.

    measured: whether a day's measure holds. It does not for a word for the day, which strangers in one network may share.
    """
    again = repeats(taps)
    beyond = excess(tap for tap in taps if tap[1] not in again) if measured else frozenset()
    return {
        click: ("duplicate", "repeat_within_10s", again[click])
        if click in again
        else ("excess", "beyond_a_days_measure", "")
        if click in beyond
        else ("payable", "", "")
        for _, click in taps
    }


def _neighbours(marks: set[int], keys: Collection[_Key], begin: int, end: int) -> dict[_Key, list[_Old]]:
    """By link and visitor: the older clicks of the table from where new ones begin. begin, end: seconds of all new ones.

    Payable ones of that whole day (UTC), for its measure; others only where they can matter, so that who taps a million
    times a day costs no more than anybody else.
    """
    near_to = begin - _REPEAT
    first, last = week_of(min(near_to, begin // DAY * DAY)), week_of(end + DAY)
    found: dict[_Key, list[_Old]] = {}
    for week in range(first, last + 1):
        starts = (
            second_part(second) if week_of(second) == week else 0 if week_of(second) < week else UNCOUNTED
            for second in (min(near_to, begin // DAY * DAY), near_to)
        )
        for click, link, visitor, at, kind, repeated in _of_week([week << WEEK_BIT | mark for mark in marks], *starts):
            if (link, visitor) in keys and kind in _HONEST:
                found.setdefault((link, visitor), []).append((click, _instant(at), kind, repeated))
    return found


def _of_week(starts: list[int], payable_from: int, others_from: int) -> list[Any]:
    """The clicks of a week of the visitors whose traces begin there: payable ones and others, each from some second on."""
    connection = session().connection()
    driver: Any = connection.connection
    columns = "c.public_id, c.link_id, c.visitor, c.at, c.kind, c.repeats"
    each = f"""SELECT {columns} FROM {{starts}} CROSS JOIN {{clicks}}
        {{on}} c.trace BETWEEN start.value + {payable_from} AND start.value + {UNCOUNTED - 1} {{end}} UNION ALL
        SELECT {columns} FROM {{starts}} CROSS JOIN {{clicks}}
        {{on}} c.trace BETWEEN start.value + {UNCOUNTED + others_from} AND start.value + {WIDTH} {{end}}"""  # noqa: S608
    if connection.dialect.name == "sqlite":
        query, values = each.format(starts="json_each(?1) AS start", clicks="clicks AS c", on="ON", end=""), json.dumps(starts)
        return list(driver.execute(query, (values,)).fetchall())
    starts_ = "unnest(%(starts)s::bigint[]) AS start(value)"
    query = each.format(starts=starts_, clicks="LATERAL (SELECT * FROM clicks AS c", on="WHERE", end=") AS c")
    return list(driver.execute(query, {"starts": starts}).fetchall())


def _instant(at: str | datetime) -> datetime:
    """A moment as the driver gives it."""
    return datetime.fromisoformat(at).replace(tzinfo=UTC) if isinstance(at, str) else at.astimezone(UTC)


def _judge_anew(anew: Sequence[_Anew], tally: Tally) -> None:
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


# --- storing ---------------------------------------------------------------------------------------


def _stored(rows: Columns) -> bool:
    """Store all of these, or none: False where one of them is there already, or is refused by the table."""
    connection = session().connection()
    dbapi = connection.dialect.loaded_dbapi
    mine = connection.begin_nested()
    try:
        columns = [rows[name] for name in _COLUMNS]
        everything = _inserted(connection, columns) if connection.dialect.name == "sqlite" else _copied(connection, columns)
    except (
        IntegrityError,
        DataError,
        ProgrammingError,
        InterfaceError,
        dbapi.IntegrityError,
        dbapi.DataError,
        ValueError,
        OverflowError,
    ):
        everything = False
    if everything:
        mine.commit()
    else:
        mine.rollback()
    return everything


def _inserted(connection: Connection, columns: Sequence[Sequence[Any]]) -> bool:
    """A column that says nothing in any row is not handed over row by row."""
    silent = [set(column) in _SAYS_NOTHING for column in columns]
    told = [column for column, nothing in zip(columns, silent, strict=True) if not nothing]
    values = [
        "?" if not nothing else "''" if column[0] == "" else "NULL" for column, nothing in zip(columns, silent, strict=True)
    ]
    statement = f"INSERT INTO clicks ({', '.join(_COLUMNS)}) VALUES ({', '.join(values)}) ON CONFLICT (public_id) DO NOTHING"  # noqa: S608
    return connection.exec_driver_sql(statement, list(zip(*told, strict=True))).rowcount == len(columns[0])


def _copied(connection: Connection, columns: Sequence[Sequence[Any]]) -> bool:
    """The same by PostgreSQL's own way for many rows, https://www.postgresql.org/docs/current/sql-copy.html"""
    written = [_as_text(column) for column in columns]
    written[_AT] = [f"{at}+00" for at in columns[_AT]]
    driver: Any = connection.connection
    with driver.cursor() as cursor, cursor.copy(f"COPY clicks ({', '.join(_COLUMNS)}) FROM STDIN") as copy:
        copy.write("\n".join(map("\t".join, zip(*written, strict=True))).encode())
    return True


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _as_text(column: Sequence[Any]) -> Sequence[str]:
    values = set(column)
    if all(type(value) is str for value in values):
        if any(sign in "".join(values) for sign in "\\\t\n\r"):
            return [value.translate(_ESCAPES) for value in column]
        return column
    return ["\\N" if value is None else str(value) for value in column]


def _new_ones(clicks: Sequence[str]) -> list[int]:
    """The places of those that are not in the table, each once."""
    seen = set()
    for part in in_parts(clicks):
        seen |= set(session().scalars(select(Click.public_id).where(Click.public_id.in_(part))))
    places = []
    for place, click in enumerate(clicks):
        if click not in seen:
            seen.add(click)
            places.append(place)
    return places


def _insert(model: type) -> Any:
    dialect = session().get_bind().dialect.name
    return (sqlite if dialect == "sqlite" else postgresql).insert(model)
