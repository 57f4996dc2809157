"""Noted taps, read many at a time: lines of the spool become columns. Pure.

Lines are checked by their checksum before they come here, and written by our own redirector, so all of a batch are read
at once. Where that fails, each is looked at by itself: what can be a tap is put in bounds, what cannot is said with a reason.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ...kernel.taps import NotedTap

FIELDS = NotedTap._fields
Columns = dict[str, Any]  # name → values, all of one length
Bad = list[tuple[str, str]]  # (line, why)

_VERSION = 2
_LENGTH = len(FIELDS) + 1
_OLD_LENGTH = {1: 15}  # how many values a line of that version has
_NUMBERS = ("at_us", "link_id", "creator_id")
_MAYBE_NUMBERS = ("program_id", "post_id")
_LONGEST = {
    "click": 40, "channel": 20, "placement": 60, "visitor": 60, "purpose": 80, "mode": 20, "dest": 20, "agent": 300,
    "referrer": 120, "who": 60, "network": 60, "language": 8, "utm_source": 60, "utm_medium": 60, "utm_campaign": 60,
    "destination": 20, "signs": 300,
}  # fmt: skip
_TEXTS = tuple(_LONGEST)
_MOST = 2**53
_LATEST_US = 253_402_300_799_000_000  # the year 9999
_DEFAULTS = NotedTap._field_defaults


def columns_of(lines: Sequence[bytes]) -> tuple[Columns, Bad]:
    """The taps in these lines, in their order, and the lines that are none."""
    try:
        rows = json.loads(b"[%b]" % b",".join(lines))
    except ValueError:
        return columns_one_by_one(lines)
    if len(rows) != len(lines) or set(map(type, rows)) != {list} or set(map(len, rows)) != {_LENGTH}:
        return columns_one_by_one(lines)
    versions, *values = zip(*rows, strict=True)
    columns = dict(zip(FIELDS, values, strict=True))
    if set(versions) != {_VERSION} or not _are_plain(columns):
        return columns_one_by_one(lines)
    return columns, []


def columns_of_taps(taps: Sequence[NotedTap]) -> Columns:
    """The same of taps that are at hand."""
    return {name: [getattr(tap, name) for tap in taps] for name in FIELDS}


def tap_at(columns: Columns, place: int) -> NotedTap:
    """One of them."""
    return NotedTap(*(columns[name][place] for name in FIELDS))


def picked(columns: Columns, places: Sequence[int]) -> Columns:
    """Only those at these places."""
    return {name: [column[place] for place in places] for name, column in columns.items()}


def columns_one_by_one(lines: Sequence[bytes]) -> tuple[Columns, Bad]:
    """Each line by itself, put in bounds."""
    rows: list[list[Any]] = []
    bad: Bad = []
    for line in lines:
        try:
            rows.append(_tidy(line))
        except ValueError:
            bad.append((line.decode("utf-8", "replace").replace("\0", ""), "unreadable"))
    return dict(zip(FIELDS, zip(*rows, strict=True) if rows else [[] for _ in FIELDS], strict=True)), bad


def _are_plain(columns: Columns) -> bool:
    """Whether every value has the type it should have, and every moment a date."""
    return (
        all(set(map(type, columns[name])) == {int} for name in _NUMBERS)
        and all(set(map(type, columns[name])) <= {int, type(None)} for name in _MAYBE_NUMBERS)
        and all(set(map(type, columns[name])) == {str} for name in _TEXTS)
        and min(columns["at_us"]) >= 0
        and max(columns["at_us"]) <= _LATEST_US
    )


def _tidy(line: bytes) -> list[Any]:
    document = json.loads(line)
    if not isinstance(document, list) or not document:
        raise ValueError("not a list")
    version, *values = document
    if len(document) != (_LENGTH if version == _VERSION else _OLD_LENGTH.get(version if type(version) is int else 0, 0)):
        raise ValueError("not as long as a tap")
    tap = {**_DEFAULTS, **dict(zip(FIELDS, values, strict=False))}
    for name in (*_NUMBERS, *_MAYBE_NUMBERS):
        number = tap[name]
        if number is None and name in _MAYBE_NUMBERS:
            continue
        if type(number) is not int or not 0 <= number <= (_LATEST_US if name == "at_us" else _MOST):
            raise ValueError(f"{name} is no number of ours")
    for name, longest in _LONGEST.items():
        if type(tap[name]) is not str:
            raise ValueError(f"{name} is no text")
        tap[name] = "".join(character for character in tap[name] if character.isprintable())[:longest]
    if not tap["click"]:
        raise ValueError("a click without an id")
    return [tap[name] for name in FIELDS]
