"""What time it is, asked by doors only; everything below is handed `now`.

`SOCIALSHOP_CLOCK` moves the clock of a test install: `+15d`, `-2h`, `+90s`, an RFC 3339 instant
(time stands still there), or `file:PATH` whose content is one of these and is read at each call.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from .instants import instant, rfc3339

__all__ = ["Clock", "clock_from", "instant", "rfc3339", "system_clock", "use", "utcnow"]

Clock = Callable[[], datetime]

_SHIFT = re.compile(r"([+-])(\d+)([smhd])\Z")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def system_clock() -> datetime:
    """The machine's time, aware UTC."""
    return datetime.now(UTC)


_clock: Clock = system_clock


def utcnow() -> datetime:
    """The present instant, aware UTC."""
    return _clock()


def use(clock: Clock) -> None:
    """Let `utcnow` answer from `clock` in this process."""
    global _clock
    _clock = clock


def clock_from(setting: str) -> Clock:
    """The clock that a `SOCIALSHOP_CLOCK` value describes; ValueError where it describes none."""
    if setting.startswith("file:"):
        path = Path(setting.removeprefix("file:"))
        return lambda: _moved(path.read_text().strip() or "+0s")
    _moved(setting)
    return lambda: _moved(setting)


def _moved(setting: str) -> datetime:
    shift = _SHIFT.match(setting)
    if shift is None:
        return instant(setting)
    sign, amount, unit = shift.groups()
    return system_clock() + timedelta(**{_UNITS[unit]: int(sign + amount)})
