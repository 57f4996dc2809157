"""What is noted of a request for a tracked link before it is answered, as one line of the spool. Pure.

Click ids are `clk_` and 31 hexadecimal digits: 11 of time (milliseconds), so that they sort by it, and 20 that nobody guesses.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass

_written = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode


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
        fields = (
            2, self.click, self.at_us, self.link_id, self.creator_id, self.program_id, self.channel, self.placement, self.visitor,
            self.purpose, self.mode, self.dest, self.agent, self.referrer, self.who,
            self.network, self.language, self.utm_source, self.utm_medium, self.utm_campaign, self.destination, self.post_id,
            self.signs,
        )  # fmt: skip
        return _written(fields).encode()


def read_tap(line: bytes) -> NotedTap:
    """A tap from its line; ValueError where it is none."""
    try:
        version, *fields = json.loads(line)
        if version not in (1, 2):
            raise ValueError(f"a line of version {version!r}")
        return NotedTap(*fields)
    except (TypeError, ValueError) as error:
        raise ValueError(f"not a tap: {error}") from error


def new_click_id(at_us: int) -> str:
    """A fresh click id of that moment."""
    return f"clk_{at_us // 1000:011x}{secrets.token_hex(10)}"
