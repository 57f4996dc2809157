"""Python's memory: its search for garbage, which large batches would set off all the time, and what processes share."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager

M_ARENA_MAX = -8  # of malloc.h


@contextmanager
def by_hand() -> Iterator[None]:
    """Do not look for garbage of its own accord, and by hand only in what this work has made.

    Books and their rows point at each other, so the collector would run over everything that the process has loaded, again
    and again; left to itself it takes as long as the engine.
    """
    was_on, was_frozen = gc.isenabled(), gc.get_freeze_count() > 0
    gc.disable()
    if not was_frozen:
        gc.freeze()
    try:
        yield
    finally:
        if not was_frozen:  # what `share` froze must stay so
            gc.unfreeze()
        if was_on:
            gc.enable()


class Sweeper:
    """Looks for garbage in what has been made since it last looked, and now and then in all that this work has made."""

    def __init__(self, every: int = 20) -> None:
        self._every, self._times = every, 0

    def sweep(self) -> None:
        """Look now."""
        self._times += 1
        gc.collect(2 if self._times % self._every == 0 else 0)


def share() -> None:
    """Before a fork: leave what is there alone from now on, so that parent and children go on sharing its memory."""
    gc.collect()
    gc.freeze()


def keep_together() -> None:
    """Let all threads of this process and its children take memory from one place: with one for each they keep far more.

    https://www.gnu.org/software/libc/manual/html_node/Malloc-Tunable-Parameters.html
    """
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(M_ARENA_MAX, 1)
