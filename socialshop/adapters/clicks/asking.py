"""A question as SQL, the same for every engine that is asked: DuckDB, ClickHouse, and the main database for the tail.

Zones are resolved here, into the moments at which a zone's offset changes, so that no engine needs to know any.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from .store import NUMBERS, TEXTS, TIMES, VISITOR_BITS, Counted, Question, Value

DAY, HOUR = 86_400, 3_600
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = date(1970, 1, 1).toordinal()
_SOME_DAY = 20_000  # so that a day and a visitor fit one number of 64 bits

Bind = Callable[[str | int], str]  # a value → how it stands in the statement


@dataclass(frozen=True, slots=True)
class Words:
    """Where engines differ. columns: dimension → its column, where that is another expression. moment: seconds since 1970."""

    divide: Callable[[str, int], str]
    moment: str = "moment"
    visitor: str = "visitor"
    known_visitor: str = "visitor <> 0"
    columns: Callable[[str], str] = lambda name: f'"{name}"'


def seconds(at: datetime) -> int:
    """Whole seconds since 1970."""
    return (at - _EPOCH) // timedelta(seconds=1)


def condition(question: Question, words: Words, bind: Bind) -> str:
    """What a click must be to be counted."""
    said = [f"{words.moment} >= {bind(seconds_up(question.since))}", f"{words.moment} < {bind(seconds_up(question.until))}"]
    if question.measure != "requests":
        said.append(f"{words.columns('kind')} = {bind('payable')}")
    for name, wanted in sorted(question.where.items()):
        values: list[str | int] = [wanted] if isinstance(wanted, str | int) else list(wanted)
        marks = ", ".join(bind(int(value) if name in NUMBERS else str(value)) for value in values)
        said.append(f"{words.columns(name)} IN ({marks})" if values else "1 = 0")
    return " AND ".join(said)


def seconds_up(at: datetime) -> int:
    """The first whole second that is not before `at`: stored moments have lost what is below a second."""
    return -((_EPOCH - at) // timedelta(seconds=1))


def expressions(question: Question, words: Words) -> list[str]:
    """One for each dimension of `by`; of times a number, which `dressed` turns into what people read."""
    return [_expression(question, name, words) for name in question.by]


def day_of(question: Question, words: Words) -> str:
    """The day in the question's zone, as days since 1970."""
    return words.divide(_local(question, words), DAY)


def _expression(question: Question, name: str, words: Words) -> str:
    if name not in TIMES:
        return words.columns(name)
    if name == "day":
        return day_of(question, words)
    if name == "hour":
        return words.divide(_local(question, words), HOUR)
    if name == "weekday":
        return f"({day_of(question, words)} + 3) % 7"
    return f"{words.divide(_local(question, words), HOUR)} % 24"


def _local(question: Question, words: Words) -> str:
    """The moment as seconds since 1970 on the zone's wall clock."""
    pieces = offsets(question.zone, question.since, question.until)
    if len(pieces) == 1:
        return f"({words.moment} + {pieces[0][1]})"
    cases = " ".join(f"WHEN {words.moment} < {end} THEN {offset}" for end, offset in pieces[:-1])
    return f"({words.moment} + CASE {cases} ELSE {pieces[-1][1]} END)"


@lru_cache(maxsize=256)
def offsets(zone: str, since: datetime, until: datetime) -> tuple[tuple[int, int], ...]:
    """The zone's offsets from UTC between two instants: (until which second since 1970, seconds), in order of time."""
    place = ZoneInfo(zone)

    def offset(second: int) -> int:
        told = (_EPOCH + timedelta(seconds=second)).astimezone(place).utcoffset()
        return 0 if told is None else int(told.total_seconds())

    at, end = seconds(since), max(seconds_up(until), seconds(since) + 1)
    pieces: list[tuple[int, int]] = []
    while at < end:
        after = min(at + DAY, end)
        if offset(at) != offset(after):
            low, high = at, after  # the offset of `low` still holds, that of `high` no more
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
            pieces.append((high, offset(low)))
            after = high
        at = after
    return (*pieces, (end, offset(end)))


def tail_columns(question: Question) -> list[str]:
    """What each row of a tail holds: the values of `by` (b0, b1, …), then `n` clicks, or a `day` and a `visitor`."""
    names = [f"b{place}" for place in range(len(question.by))]
    return [*names, "day", "visitor"] if question.measure == "visitors" else [*names, "n"]


def statement(question: Question, source: str, tail: str, words: Words, bind: Bind) -> str:
    """The whole question. source: of the stored clicks ("" none); tail: a table of `tail_columns` ("" none)."""
    names = [f"b{place}" for place in range(len(question.by))]
    parts = [counting(question, source, words, bind)] if source else []
    if tail:
        parts.append(f"SELECT {', '.join(tail_columns(question))} FROM {tail}")  # noqa: S608  # our own names
    people = f"COUNT(DISTINCT (day - {_SOME_DAY}) * {1 << VISITOR_BITS} + visitor)"
    chosen = ", ".join([*names, f"{people if question.measure == 'visitors' else 'SUM(n)'} AS total"])
    order = ", ".join(names if set(question.by) & set(TIMES) else ["total DESC", *names])
    return (
        f"SELECT * FROM (SELECT {chosen} FROM ({' UNION ALL '.join(parts)}) AS parts{_group(names)}) AS counted "  # noqa: S608
        f"WHERE total > 0 ORDER BY {order} LIMIT {question.limit}"
    )


def counting(question: Question, source: str, words: Words, bind: Bind, *, also: str = "") -> str:
    """What `source` holds, as rows of `tail_columns`. also: a further condition."""
    names = tail_columns(question)
    said = expressions(question, words)
    where = [condition(question, words, bind), *([also] if also else [])]
    if question.measure == "visitors":
        said += [day_of(question, words), words.visitor]
        where.append(words.known_visitor)
        group = ""
    else:
        said, group = [*said, "CAST(COUNT(*) AS BIGINT)"], _group(names[:-1])
    chosen = ", ".join(f"{one} AS {name}" for one, name in zip(said, names, strict=True))
    return f"SELECT {chosen} FROM {source} WHERE {' AND '.join(where)}{group}"  # noqa: S608  # values are bound


def _group(names: Sequence[str]) -> str:
    return f" GROUP BY {', '.join(names)}" if names else ""


def dressed(question: Question, rows: Sequence[tuple[str | int, ...]]) -> list[Counted]:
    """Rows of an engine, as people read them; without dimensions always one."""
    if not rows and not question.by:
        return [Counted((), 0)]
    dress = [_DRESS.get(name, str if name in TEXTS else int) for name in question.by]
    return [Counted(tuple(put(value) for put, value in zip(dress, row, strict=False)), int(row[-1])) for row in rows]


_DRESS: dict[str, Callable[[Any], Value]] = {
    "day": lambda value: date.fromordinal(_FIRST + int(value)),
    "hour": lambda value: datetime(1970, 1, 1) + timedelta(hours=int(value)),  # the wall clock's
}
