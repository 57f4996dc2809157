"""Lines that are safe before anybody is answered: one file per process, appended by single writes, read by a drainer.

A line is `crc32 payload newline`. Its writer dies with kill -9: what was written stays, for the kernel has it. The
power fails: what was not yet synced goes, at most the last hundredth of a second; with `power=True` nothing, for the
writer waits until its line is on the disk. The writer holds a lock on its file as long as it lives, so a reader
knows when no more can come. Standard library only: the redirector imports this and little else.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from . import faults

SUFFIX = ".spool"
ROTATE = 8 * 1024 * 1024  # bytes
SYNC_EVERY = 0.01  # seconds


class Spool:
    """The appending side; opens its file at the first line, a new one after a fork and when the old one is full."""

    def __init__(self, folder: Path, *, power: bool = False, rotate: int = ROTATE) -> None:
        self.folder, self.power, self.rotate = folder, power, rotate
        self._fd, self._pid, self._size = -1, 0, 0
        self._torn = self._closed = False
        self._turn = threading.Lock()
        self._synced = threading.Condition()
        self._written = self._safe = 0  # lines

    def append(self, payload: bytes) -> None:
        """Keep one line (without newlines); OSError where it cannot be kept. With `power` it waits for the disk."""
        line = b"%08x %s\n" % (crc32(payload), payload)
        with self._turn:
            self._open_where_needed()
            faults.point("click.spool.before_append")
            self._write(line)
            self._size += len(line)
            self._written += 1
            mine = self._written
        faults.point("click.spool.after_append_before_fsync")
        if self.power:
            with self._synced:
                self._synced.notify_all()
                while self._safe < mine:
                    if not self._synced.wait(timeout=5.0):
                        raise OSError("the disk does not answer")
        faults.point("click.spool.after_fsync_before_reply")

    def close(self) -> None:
        """Sync and let go of the file."""
        with self._turn:
            if self._fd >= 0 and self._pid == os.getpid():
                os.fsync(self._fd)
                os.close(self._fd)
            self._fd, self._closed = -1, True

    def _write(self, line: bytes) -> None:
        if self._torn:  # half a line stands at the end: close it, so that only that one is lost
            os.write(self._fd, b"\n")
            self._torn = False
        if faults.is_armed("click.spool.mid_append"):
            os.write(self._fd, line[: len(line) // 2])
            faults.point("click.spool.mid_append")
            line = line[len(line) // 2 :]
        written = os.write(self._fd, line)
        if written < len(line):
            self._torn = True
            raise OSError("only a part of the line could be written")

    def _open_where_needed(self) -> None:
        if self._fd >= 0 and self._pid == os.getpid() and self._size < self.rotate:
            return
        if self._fd >= 0 and self._pid == os.getpid():
            os.fdatasync(self._fd)
            with self._synced:
                self._safe = self._written
                self._synced.notify_all()
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{time.time_ns():020d}-{os.getpid()}-{secrets.token_hex(4)}{SUFFIX}"
        draft = path.with_suffix(".new")  # a reader sees the file only when its writer's lock is on it
        fresh = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        fcntl.flock(fresh, fcntl.LOCK_EX)
        faults.point("click.spool.rotate.before_rename")
        draft.rename(path)
        _sync_folder(self.folder)
        faults.point("click.spool.after_rename")
        old, fresh_thread = self._fd, self._pid != os.getpid() or self._closed
        self._fd, self._size = fresh, 0
        self._torn = False
        if old >= 0:
            os.close(old)  # in a child this is its copy of the parent's; the parent's lock stays with the parent
        if fresh_thread:
            self._pid, self._closed = os.getpid(), False
            self._synced = threading.Condition()
            self._written = self._safe = 0
            threading.Thread(target=self._keep_synced, args=(self._pid,), daemon=True, name="spool-sync").start()

    def _keep_synced(self, pid: int) -> None:
        while os.getpid() == pid and not self._closed:
            if self.power:
                with self._synced:
                    if self._safe >= self._written:
                        self._synced.wait(timeout=1.0)
            else:
                time.sleep(SYNC_EVERY)
            with self._turn:
                fd, written = (os.dup(self._fd), self._written) if self._fd >= 0 and self._safe < self._written else (-1, 0)
            if fd < 0:
                continue
            try:
                os.fdatasync(fd)
            except OSError:
                continue  # whoever waits for it gives up by itself; the next round tries again
            finally:
                os.close(fd)
            with self._synced:
                self._safe = max(self._safe, written)
                self._synced.notify_all()


@dataclass(frozen=True, slots=True)
class Piece:
    """What was read of one file: whole payloads, how many lines were no good, where the next piece begins.

    ended: the writer is gone and all of it has been read, so the file may be taken away.
    """

    name: str
    payloads: list[bytes]
    bad: int
    end: int
    ended: bool


def files(folder: Path) -> list[str]:
    """The spool files in a folder, oldest first."""
    try:
        return sorted(entry.name for entry in os.scandir(folder) if entry.name.endswith(SUFFIX))
    except FileNotFoundError:
        return []


def sizes(folder: Path, names: list[str]) -> Iterator[tuple[str, int]]:
    """Each file's bytes by now."""
    for name in names:
        with contextlib.suppress(FileNotFoundError):
            yield name, (folder / name).stat().st_size


def read(folder: Path, name: str, start: int, *, limit: int = 4 * 1024 * 1024) -> Piece:
    """Whole lines from an offset on, about `limit` bytes; a half line at the end waits, or is bad once nobody writes."""
    with open(folder / name, "rb") as file:
        alive = _is_written(file.fileno())  # asked before reading: what comes after the answer comes again next time
        file.seek(start)
        data = file.read(limit)
        more = file.read(1) != b""
    cut = data.rfind(b"\n") + 1
    if not cut and len(data) == limit:
        cut = len(data)  # a line longer than any of ours
    whole, tail = data[:cut], data[cut:]
    payloads: list[bytes] = []
    bad = 0
    for line in whole.split(b"\n")[:-1] if whole.endswith(b"\n") else [whole] * bool(whole):
        payload = _payload(line)
        if payload is None:
            bad += 1
        else:
            payloads.append(payload)
    ended = not alive and not more
    if ended and tail:
        bad, cut = bad + 1, len(data)
    return Piece(name, payloads, bad, start + cut, ended)


def remove(folder: Path, name: str) -> None:
    """Take a file away that has been read to its end; it may be gone already."""
    with contextlib.suppress(FileNotFoundError):
        (folder / name).unlink()


def pieces(folder: Path, starts: dict[str, int], *, limit: int = 4 * 1024 * 1024) -> Iterator[Piece]:
    """One piece of each file, from where `starts` says it was read to."""
    for name in files(folder):
        with contextlib.suppress(FileNotFoundError):  # another drainer was quicker
            yield read(folder, name, starts.get(name, 0), limit=limit)


def _payload(line: bytes) -> bytes | None:
    try:
        if line[8:9] == b" " and int(line[:8], 16) == crc32(line[9:]):
            return line[9:]
    except ValueError:
        pass
    return None


def _is_written(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
