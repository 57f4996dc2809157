"""What is noted of a request for a tracked link before it is answered, as one line of the spool. Pure.

Click ids are `clk_` and 22 letters: 8 of time (milliseconds), so that they sort by it, and 14 that nobody guesses (82 bits).
"""

from __future__ import annotations

import json
import secrets
from dataclasses import astuple, dataclass

_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"  # ASCII order, so that ids sort by time
_BASE = len(_LETTERS)


@dataclass(frozen=True, slots=True)
class NotedTap:
    """One request. at_us: microseconds since 1970 (UTC). who: the signed-in person's public id, "" unknown. Text is bounded."""

    click: str
    at_us: int
    link_id: int
    creator_id: int
    program_id: int | None
    channel: str
    placement: str
    visitor: str
    purpose: str
    mode: str
    dest: str
    agent: str
    referrer: str
    who: str

    def line(self) -> bytes:
        """As a line of the spool."""
        return json.dumps([1, *astuple(self)], ensure_ascii=True, separators=(",", ":")).encode()


def read_tap(line: bytes) -> NotedTap:
    """A tap from its line; ValueError where it is none."""
    try:
        version, *fields = json.loads(line)
        if version != 1:
            raise ValueError(f"a line of version {version!r}")
        return NotedTap(*fields)
    except (TypeError, ValueError) as error:
        raise ValueError(f"not a tap: {error}") from error


def new_click_id(at_us: int) -> str:
    """A fresh click id of that moment."""
    left, head = at_us // 1000, ""
    for _ in range(8):
        left, digit = divmod(left, _BASE)
        head = _LETTERS[digit] + head
    number, tail = secrets.randbits(82), ""
    for _ in range(14):
        number, digit = divmod(number, _BASE)
        tail += _LETTERS[digit]
    return f"clk_{head}{tail}"
