"""The file of an upload that is on its way: written at one place, whole pieces only, safe before anybody is told.

The database says how far it has come. What lies behind that in the file, because somebody was killed or the power went, is
cut off before the next piece is written.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...kernel import faults


def path_of(public_id: str, folder: Path) -> Path:
    """Where an upload's bytes wait."""
    return folder / public_id


class Held:
    """An upload's file, for as long as nobody else may write to it."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    @property
    def size(self) -> int:
        """Bytes that lie there, told or not."""
        return os.fstat(self._handle).st_size

    def append(self, piece: bytes, *, at: int) -> None:
        """Put a piece at its place and sync it; nothing of it stays where that cannot be done. OSError."""
        os.ftruncate(self._handle, at)
        try:
            done = 0
            while done < len(piece):
                if faults.is_armed("upload.mid_append") and not done:
                    done = os.pwrite(self._handle, piece[: max(1, len(piece) // 2)], at)
                    faults.point("upload.mid_append")
                done += os.pwrite(self._handle, piece[done:], at + done)
            os.fsync(self._handle)
        except OSError:
            os.ftruncate(self._handle, at)
            raise


@contextmanager
def held(path: Path) -> Iterator[Held]:
    """Have the file to oneself; it is made where it is not there. Short: nobody waits for a network in here."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield Held(handle)
    finally:
        os.close(handle)


@contextmanager
def looked_at(path: Path) -> Iterator[bool]:
    """One at a time looks at a file that is whole; False: somebody else does, or it is gone."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        yield False
        return
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(handle)
