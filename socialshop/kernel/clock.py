"""What time it is, asked by doors only; everything below is handed `now`.

`SOCIALSHOP_CLOCK` moves the clock of a test install: `+15d`, `-2h`, `+90s`, an RFC 3339 instant
(time stands still there), or `file:PATH` whose content is one of these and is read at each call.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

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


def instant(text: str) -> datetime:
    """Read an RFC 3339 instant with an offset; ValueError without one."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset")
    return moment.astimezone(UTC)


def rfc3339(moment: datetime) -> str:
    """An instant as RFC 3339 in UTC with "Z"; fractions only where there are some."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


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
