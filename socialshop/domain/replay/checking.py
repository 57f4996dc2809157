"""Comparing a result with what a scenario expects: one sentence for each difference."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

_ROWS = ("commissions", "declined", "payouts", "postings")


def differences(expect: Mapping[str, object], result: Mapping[str, object]) -> list[str]:
    """Every difference between the expectation and the result document; [] if it holds."""
    found: list[str] = []
    for key in _ROWS:
        if key in expect:
            found += _row_differences(key, cast(list[object], expect[key]), cast(list[object], result[key]))
    if "balances" in expect:
        found += _balance_differences(cast(Any, expect["balances"]), cast(Any, result["balances"]))
    if "parked" in expect and expect["parked"] != result["parked"]:
        found.append(f"parked: expected {_text(expect['parked'])}, found {_text(result['parked'])}")
    return found


def holds(expected: object, found: object) -> bool:
    """Whether a value is as expected: objects on the expected keys, lists item by item, the rest equal and of one type."""
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(key in found and holds(value, found[key]) for key, value in expected.items())
    if isinstance(expected, list):
        return isinstance(found, list) and len(found) == len(expected) and all(map(holds, expected, found))
    return type(expected) is type(found) and expected == found


def _row_differences(key: str, expected: list[object], found: list[object]) -> list[str]:
    """Rows must match one to one, in any order; which ones do is settled so that as few as possible are left over."""
    fitting = [[j for j, row in enumerate(found) if holds(wanted, row)] for wanted in expected]
    taken: dict[int, int] = {}
    missing = [i for i in range(len(expected)) if not _seat(i, fitting, taken)]
    left_over = [j for j in range(len(found)) if j not in taken]
    return [
        *(f"{key}: expected but not found: {_text(expected[i])}" for i in missing),
        *(f"{key}: found but not expected: {_text(found[j])}" for j in left_over),
    ]


def _seat(wanted: int, fitting: list[list[int]], taken: dict[int, int]) -> bool:
    """Give an expected row one of its fitting rows, moving others on where they can go elsewhere.

    A breadth-first search for an augmenting path, so that long lists do not nest deep.
    """
    came_from: dict[int, int] = {}
    queue = [wanted]
    for i in queue:
        for j in fitting[i]:
            if j in came_from:
                continue
            came_from[j] = i
            if j not in taken:
                _move_on(j, came_from, taken, wanted)
                return True
            queue.append(taken[j])
    return False


def _move_on(free: int, came_from: dict[int, int], taken: dict[int, int], wanted: int) -> None:
    """Walk the path back: each expected row on it takes the row that was reached from it."""
    seats = {i: j for j, i in taken.items()}
    at = free
    while True:
        i = came_from[at]
        previous = seats.get(i)
        taken[at] = i
        if i == wanted or previous is None:
            return
        at = previous


def _balance_differences(
    expected: Mapping[str, Mapping[str, Mapping[str, int]]], found: Mapping[str, Mapping[str, Mapping[str, int]]]
) -> list[str]:
    """The named buckets must hold; a creator or currency that is absent has 0 in each."""
    return [
        f"balances: {_text(creator)} {currency} {bucket}: expected {amount}, found {has}"
        for creator, currencies in expected.items()
        for currency, buckets in currencies.items()
        for bucket, amount in buckets.items()
        if (has := found.get(creator, {}).get(currency, {}).get(bucket, 0)) != amount
    ]


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=False)
