"""Named places where a test may break the program: `SOCIALSHOP_FAULT="name:action[:nth]"`.

Actions: kill (SIGKILL of this process), raise, sleep=SECONDS, enospc, drop-response. Honoured only with
`SOCIALSHOP_ENV=test`; elsewhere settings refuse to load with one set.
"""

from __future__ import annotations

import errno
import os
import signal
import time


class Fault(Exception):
    """What action `raise` raises."""


class DropResponse(Exception):
    """The effect has happened, but the answer must not reach the caller."""


_armed: dict[str, tuple[str, int]] = {}
_hits: dict[str, int] = {}


def arm(setting: str) -> None:
    """Arm the faults that a setting names, comma separated; empty disarms all."""
    _armed.clear()
    _hits.clear()
    for part in filter(None, setting.split(",")):
        name, action, *nth = part.split(":")
        _armed[name] = (action, int(nth[0]) if nth else 1)


def is_armed(name: str) -> bool:
    """Whether a fault waits at this point: what is written in one go is written in two where it may strike between."""
    return name in _armed


def point(name: str) -> None:
    """A fault may strike here."""
    if not _armed or name not in _armed:
        return
    _hits[name] = _hits.get(name, 0) + 1
    action, nth = _armed[name]
    if _hits[name] == nth:
        _strike(name, action)


def _strike(name: str, action: str) -> None:
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "raise":
        raise Fault(name)
    elif action == "enospc":
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    elif action == "drop-response":
        raise DropResponse(name)
    elif action.startswith("sleep="):
        time.sleep(float(action.removeprefix("sleep=")))
    else:
        raise ValueError(f"unknown fault action {action!r}")
