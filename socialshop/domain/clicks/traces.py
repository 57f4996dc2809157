"""Where a visitor's clicks are found: one number per click, by which `clicks` is indexed. Pure.

A number is, from the top: the week since 2020 (12 bits), a short print of the visitor (30), whether it is payable (1: it
is not), and the second of the week (20). So new clicks are written close together, and one visitor's payable clicks,
or the others, of any part of a week are a range. Two visitors may have the same print: whoever asks compares names too.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zlib import crc32

DAY = 86_400  # seconds
WEEK = 7 * DAY
BEGIN = 1_577_836_800  # 2020-01-01 UTC, seconds since 1970
UNCOUNTED = 1 << 20  # the bit of those that are not payable
WEEK_BIT, _MARK_BIT = 51, 21  # how far up the parts begin
WIDTH = (1 << _MARK_BIT) - 1  # of all that one visitor may have in a week
_LAST_WEEK = (1 << 12) - 1


def trace_of(visitor: str, at: datetime, *, payable: bool) -> int:
    """The number of one click; 0 where nobody knows the visitor."""
    if not visitor:
        return 0
    second = int((at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    return week_part(second) | mark_of(visitor) | second_part(second) | (0 if payable else UNCOUNTED)


def week_of(second: int) -> int:
    """The number of the week in which this second (since 1970) lies; wrong clocks are put to the nearest one."""
    return min(max((second - BEGIN) // WEEK, 0), _LAST_WEEK)


def week_part(second: int) -> int:
    """What all clicks of that week have in common."""
    return week_of(second) << WEEK_BIT


def second_part(second: int) -> int:
    """The place of a moment in its week."""
    return (second - BEGIN) % WEEK


def mark_of(visitor: str) -> int:
    """Thirty bits of a visitor, in their place; never 0."""
    return (crc32(visitor.encode("utf-8", "replace")) >> 2 or 1) << _MARK_BIT


def ranges(visitor: str, first_week: int, last_week: int, *, payable_only: bool = False) -> list[tuple[int, int]]:
    """Between which numbers (both included) a visitor's clicks of these weeks lie."""
    width = UNCOUNTED - 1 if payable_only else WIDTH
    starts = (week << WEEK_BIT | mark_of(visitor) for week in range(first_week, last_week + 1))
    return [(start, start | width) for start in starts]
