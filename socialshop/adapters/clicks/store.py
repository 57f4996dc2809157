"""What we ask of a store of all clicks, in our words.

A store holds clicks in *segments*. Which segments count is written in the database (`domain/segments`), in the commit that
closes them, so a segment is there completely or not at all, whatever the store itself promises.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NamedTuple, Protocol

Measure = Literal["clicks", "visitors", "requests"]
Value = str | int | date | datetime

NUMBERS = ("creator", "program", "link", "product", "post")
TEXTS = (
    "kind", "reason", "channel", "placement", "country", "device", "system", "browser", "inside", "language", "referrer",
    "utm_source", "utm_medium", "utm_campaign", "destination",
)  # fmt: skip
TIMES = ("day", "hour", "weekday", "clock")  # in the question's zone; clock: the hour of the day
DIMENSIONS = frozenset((*NUMBERS, *TEXTS, *TIMES))

VISITOR_BITS = 48  # of a keyed hash: among a million visitors of one day, 0.002 pairs are expected to look the same


class StoredClick(NamedTuple):
    """A click as a store keeps it: no click id, no agent, and of the visitor a keyed hash only.

    moment: whole seconds since 1970 (UTC). 0 and "" mean unknown or none.
    """

    moment: int
    creator: int
    program: int
    link: int
    product: int
    post: int
    visitor: int
    kind: str
    reason: str
    channel: str
    placement: str
    country: str
    device: str
    system: str
    browser: str
    inside: str
    language: str
    referrer: str
    utm_source: str
    utm_medium: str
    utm_campaign: str
    destination: str


@dataclass(frozen=True, slots=True)
class Question:
    """How many, from `since` until before `until` (aware; to the second), with these values, by these dimensions.

    zone: whose days and hours ("Asia/Jakarta"). where: dimension → value, or several of which any will do.
    by: dimensions of an answer's rows, none for one number. measure: "clicks" counts payable ones; "requests" every class;
    "visitors" the different payable visitors of each day, summed over the days, those without a mark left out.
    """

    since: datetime
    until: datetime
    zone: str = "UTC"
    where: Mapping[str, str | int | Collection[str | int]] = field(default_factory=dict)
    by: tuple[str, ...] = ()
    measure: Measure = "clicks"
    limit: int = 1000

    def __post_init__(self) -> None:
        unknown = ({*self.where} - {*NUMBERS, *TEXTS}) | ({*self.by} - DIMENSIONS)
        if (
            unknown
            or len(set(self.by)) < len(self.by)
            or self.limit < 1
            or self.measure not in ("clicks", "visitors", "requests")
        ):
            raise ValueError(f"not a question for a store of clicks: {sorted(unknown) or self}")


@dataclass(frozen=True, slots=True)
class Counted:
    """One row of an answer. values: in the order of the question's `by`; a day is a date, an hour a time without an offset,
    as the wall clock of the zone shows it; weekday 0 is Monday."""

    values: tuple[Value, ...]
    count: int


class Tail(NamedTuple):
    """What lies in no segment yet, counted beforehand for one question: rows as `asking.tail_columns` says."""

    rows: Sequence[tuple[str | int, ...]] = ()


class SegmentsMissing(Exception):
    """The store does not have what it was asked to count; the sentence names some of it."""


class ClickStore(Protocol):
    """A store of all clicks."""

    def add(self, rows: Iterable[StoredClick], *, key: str) -> int:
        """Keep these as the segment `key` ([a-z0-9-]); how many bytes it takes. Safe after `add` returns.

        The same key again replaces what it held, so whoever repeats an `add` adds nothing twice.
        """
        ...

    def join(self, keys: Sequence[str], *, key: str) -> int:
        """Keep all that these segments hold as the segment `key` too; how many bytes it takes. They stay."""
        ...

    def drop(self, keys: Collection[str]) -> None:
        """Let go of segments. One that is not there is no error."""
        ...

    def there(self) -> set[str]:
        """The segments that are there, also those that nobody counts on."""
        ...

    def count(self, question: Question, keys: Collection[str], tail: Tail = Tail()) -> list[Counted]:  # noqa: B008 (a value)
        """The answer over these segments and the tail, at most `limit` rows.

        By a time: in order of the values. Otherwise the largest first, equal ones in order of their values.
        SegmentsMissing where it finds that it does not have all of them.
        """
        ...

    def close(self) -> None:
        """Let go of memory and connections; the next question opens them anew."""
        ...


def plain_key(key: str) -> str:
    """The same key; ValueError where it is no name for a segment."""
    if not key or not all(letter.isascii() and (letter.isalnum() or letter == "-") for letter in key):
        raise ValueError(f"not the key of a segment: {key!r}")
    return key
