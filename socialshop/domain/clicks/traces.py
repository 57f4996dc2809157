"""Where a visitor's clicks are found: one number per click, by which `clicks` is indexed. Pure.

A number is, from the top: the week since 2020 (12 bits), a short print of the visitor (30), whether it is payable (1: it
is not), and the second of the week (20). So new clicks are written close together, and one visitor's payable clicks,
or the others, of any part of a week are a range. Two visitors may have the same print: whoever asks compares names too.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zlib import crc32

WEEK = 7 * 86_400  # seconds
BEGIN = 1_577_836_800  # 2020-01-01 UTC, seconds since 1970
UNCOUNTED = 1 << 20  # the bit of those that are not payable
_PRINT, _WEEK = 21, 51  # how far up the parts begin
_LAST_WEEK = (1 << 12) - 1
_SECONDS = UNCOUNTED - 1


def trace_of(visitor: str, at: datetime, *, payable: bool) -> int:
    """The number of one click; 0 where nobody knows the visitor."""
    if not visitor:
        return 0
    second = int((at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    return week_part(second) | print_of(visitor) << _PRINT | second_part(second) | (0 if payable else UNCOUNTED)


def week_of(second: int) -> int:
    """The number of the week in which this second (since 1970) lies; wrong clocks are put to the nearest one."""
    return min(max((second - BEGIN) // WEEK, 0), _LAST_WEEK)


def week_part(second: int) -> int:
    """What all clicks of that week have in common."""
    return week_of(second) << _WEEK


def second_part(second: int) -> int:
    """The place of a moment in its week."""
    return (second - BEGIN) % WEEK


def print_of(visitor: str) -> int:
    """Thirty bits of a visitor."""
    return crc32(visitor.encode("utf-8", "replace")) >> 2


def ranges(visitor: str, first_week: int, last_week: int, *, payable_only: bool = False) -> list[tuple[int, int]]:
    """Between which numbers (both included) a visitor's clicks of these weeks lie."""
    mine = print_of(visitor) << _PRINT
    most = _SECONDS if payable_only else _SECONDS | UNCOUNTED
    return [(week << _WEEK | mine, week << _WEEK | mine | most) for week in range(first_week, last_week + 1)]
