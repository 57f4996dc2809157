"""Python's search for garbage, where work in large batches would set it off all the time."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def by_hand() -> Iterator[None]:
    """Do not look for garbage of its own accord, and by hand only in what this work has made.

    Books and their rows point at each other, so the collector would run over everything that the process has loaded, again
    and again; left to itself it takes as long as the engine.
    """
    was_on = gc.isenabled()
    gc.disable()
    gc.freeze()
    try:
        yield
    finally:
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
