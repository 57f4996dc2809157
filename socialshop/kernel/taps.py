"""What is noted of a request for a tracked link before it is answered, as one line of the spool. Pure.

Click ids are `clk_` and 31 hexadecimal digits: 11 of time (milliseconds), so that they sort by it, and 20 that nobody guesses.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import orjson

from .forks import chance


class NotedTap(NamedTuple):
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
    network: str = ""  # the address without its end: an IPv4 /24 or an IPv6 /48, as "203.0.113.0"
    language: str = ""  # the first of Accept-Language, ISO 639
    utm_source: str = ""  # of the address that was tapped
    utm_medium: str = ""
    utm_campaign: str = ""
    destination: str = ""  # which of the link's ways was taken
    post_id: int | None = None
    signs: str = ""  # what else the redirector noticed and the judge should know, words with spaces between

    def line(self) -> bytes:
        """As a line of the spool."""
        try:
            return orjson.dumps((2, *self))
        except TypeError:  # half a pair of surrogates, which has no UTF-8
            return json.dumps((2, *self)).encode()


def read_tap(line: bytes) -> NotedTap:
    """A tap from its line; ValueError where it is none."""
    try:
        version, *fields = _read(line)
        if version not in (1, 2):
            raise ValueError(f"a line of version {version!r}")
        return NotedTap(*fields)
    except (TypeError, ValueError) as error:
        raise ValueError(f"not a tap: {error}") from error


def _read(line: bytes) -> list[Any]:
    try:
        found = orjson.loads(line)
    except ValueError:  # as in `NotedTap.line`
        found = json.loads(line)
    return list(found)


def new_click_id(at_us: int) -> str:
    """A fresh click id of that moment."""
    return f"clk_{at_us // 1000:011x}{chance()[:10].hex()}"
