"""Noted taps as rows of `clicks`, each judged by itself: its class, its device, its country. Columns in, columns out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from ...kernel.taps import NotedTap
from .agents import describe
from .noted import Columns, tap_at
from .places import country_of
from .rules import Tap, Viewer, judge
from .storing import COLUMNS
from .traces import UNCOUNTED, second_part, week_part

ViewerOf = Callable[[NotedTap], Viewer]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Memory(dict[Any, Any]):
    """What has been found out once in this process, up to some thousands of answers."""

    def __init__(self, find_out: Callable[[Any], Any], most: int = 8192) -> None:
        self._find_out, self._most = find_out, most

    def __missing__(self, key: Any) -> Any:
        if len(self) >= self._most:
            self.clear()
        self[key] = answer = self._find_out(key)
        return answer


def _judgement(said: tuple[str, str, str, str, str]) -> tuple[str, str]:
    purpose, mode, dest, agent, signs = said
    judgement = judge(Tap(purpose=purpose, mode=mode, dest=dest, agent=agent, signs=signs))
    return judgement.kind, judgement.reason


def _device(agent: str) -> tuple[str, str, str, str]:
    found = describe(agent)
    return found.device, found.system, found.browser, found.inside


def _written(second: int) -> str:
    return (_EPOCH + timedelta(seconds=second)).strftime("%Y-%m-%d %H:%M:%S")


def _place(second: int) -> int:
    return week_part(second) | second_part(second)


_JUDGEMENTS, _DEVICES, _COUNTRIES = _Memory(_judgement), _Memory(_device), _Memory(country_of)
_WRITTEN, _PLACES = _Memory(_written), _Memory(_place)


def judged(columns: Columns, viewer_of: ViewerOf) -> tuple[Columns, list[int]]:
    """Rows of `clicks` as columns, repeats not yet told; and the second of each."""
    said = zip(*(columns[name] for name in ("purpose", "mode", "dest", "agent", "signs")), strict=True)
    kinds, reasons = map(list, zip(*map(_JUDGEMENTS.__getitem__, said), strict=True))
    if set(columns["who"]) != {""}:
        for place, who in enumerate(columns["who"]):
            if who:
                tap = tap_at(columns, place)
                judgement = judge(
                    Tap(tap.purpose, tap.mode, tap.dest, tap.agent, tap.referrer, viewer_of(tap), tap.signs)
                )  # fmt: skip
                kinds[place], reasons[place] = judgement.kind, judgement.reason
    device, system, browser, inside = map(list, zip(*map(_DEVICES.__getitem__, columns["agent"]), strict=True))
    seconds = [at // 1_000_000 for at in columns["at_us"]]
    written = map(_WRITTEN.__getitem__, seconds)
    nothing = [""] * len(kinds)
    rows = {
        **{name: columns[name] for name in COLUMNS if name in columns},
        "public_id": columns["click"],
        "at": [f"{second}.{at % 1_000_000:06}" for second, at in zip(written, columns["at_us"], strict=True)],
        "kind": kinds, "reason": reasons, "repeats": nothing,
        "country": list(map(_COUNTRIES.__getitem__, columns["network"])),
        "device": device, "system": system, "browser": browser, "inside": inside,
    }  # fmt: skip
    return rows, seconds


def tell_traces(rows: Columns, seconds: list[int], marks: list[int]) -> None:
    rows["trace"] = [
        _PLACES[second] | mark | (0 if kind == "payable" else UNCOUNTED) if mark else 0
        for second, mark, kind in zip(seconds, marks, rows["kind"], strict=True)
    ]
