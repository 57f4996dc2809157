"""The body of a provider's answer, whole and within its budget, and its JSON read without a float."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import requests

from .guard import Watch

MOST_BYTES = 1024 * 1024


class NoAnswer(Exception):
    """Something was sent, and no whole answer came back. The text is a word: slow, too_large, cut_off, packed."""


def body_of(answer: requests.Response, watch: Watch) -> bytes:
    """All of it, read from a streamed answer; NoAnswer."""
    size, parts = 0, []
    for part in answer.raw.stream(16_384, decode_content=False):
        size += len(part)
        if size > MOST_BYTES:
            raise NoAnswer("too_large")
        parts.append(part)
    if watch.over:
        raise NoAnswer("slow")  # cut off by us: what came may be a part
    told = answer.headers.get("Content-Length", "")
    if told.isdecimal() and int(told) != size:
        raise NoAnswer("cut_off")
    if answer.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise NoAnswer("packed")  # we asked for it unpacked, and do not unpack what somebody else packed
    return b"".join(parts)


def read(body: bytes) -> Any:
    """The JSON in `body` with exact numbers; None where it is neither an object nor a list."""
    try:
        found = json.loads(body, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict | list) else None


def _no_number(text: str) -> Any:
    raise ValueError(text)
