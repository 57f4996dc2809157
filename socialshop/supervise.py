"""Waits for the parts of `socialshop up`, and ends them all when one ends or a signal comes. Standard library only.

The parts are made by the process that this one was before: it has replaced itself (`instead`), so that only those who work
keep the program in memory.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from types import FrameType

PATIENCE = 25  # seconds that the parts may take to end


def instead(children: list[int]) -> None:
    """Become the process that waits for these; does not return."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, "-m", __name__, *map(str, children)])  # noqa: S606  # our own words


def wait_for(children: list[int]) -> None:
    """Until all of them have ended."""
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True
        for child in children:
            _tell(child, signal.SIGTERM)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    left = set(children)
    deadline = 0.0
    while left:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            break
        if pid in left:
            left.discard(pid)
            if not stopping:
                print("One part has ended; stopping the others.", file=sys.stderr, flush=True)  # noqa: T201
                stop(0, None)
        if stopping:
            deadline = deadline or time.monotonic() + PATIENCE
            if time.monotonic() > deadline:
                for child in left:
                    _tell(child, signal.SIGKILL)
        time.sleep(0.1)
    print("Stopped.", flush=True)  # noqa: T201


def _tell(pid: int, what: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, what)


if __name__ == "__main__":
    wait_for([int(pid) for pid in sys.argv[1:]])
