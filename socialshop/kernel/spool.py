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

from . import faults, forks

SUFFIX = ".spool"
ROTATE = 8 * 1024 * 1024  # bytes
SPARE = 64 * 1024  # bytes that a full file may take yet where no new one can be opened
SYNC_EVERY = 0.01  # seconds
PATIENCE = 5.0  # seconds that the disk may take


class Spool:
    """The appending side; opens its file at the first line, a new one after a fork and when the old one is full."""

    def __init__(self, folder: Path, *, power: bool = False, rotate: int = ROTATE) -> None:
        self.folder, self.power, self.rotate = folder, power, rotate
        self._fd, self._pid, self._size = -1, 0, 0
        self._torn = self._closed = self._unsure = False
        self._turn = threading.Lock()
        self._waiting: list[
            tuple[int, threading.Lock]
        ] = []  # lines whose writers wait for the disk, each behind a lock of its own
        self._bell = threading.Lock()  # open: the syncing thread has something to look at
        self._written = self._safe = self._lost = 0  # lines; lost: the disk refused this one and those after the safe ones
        self._gaps: list[tuple[int, int]] = []  # lines that the disk refused: after the first, up to the second
        self._syncing: threading.Thread | None = None
        self._safe_at = 0.0  # when all that was written was safe
        self._refused = ""

    def append(self, payload: bytes) -> None:
        """Keep one line (without newlines); OSError where it cannot be kept. With `power` it waits for the disk."""
        line = b"%08x %s\n" % (crc32(payload), payload)
        with self._turn:
            try:
                self._open_where_needed()
                faults.point("click.spool.before_append")
                self._write(line)
            except OSError as error:
                self._refused = str(error)
                raise
            self._refused = ""
            self._size += len(line)
            self._written += 1
            mine = self._written
            safe = self._await(mine) if self.power else None
        faults.point("click.spool.after_append_before_fsync")
        if safe is not None:
            self._wait_for_the_disk(mine, safe)
        faults.point("click.spool.after_fsync_before_reply")

    def trouble(self) -> str:
        """Why lines are not kept as promised, for who watches; "" while they are, or while there are none."""
        if self._fd < 0 or self._pid != forks.pid:
            return self._refused
        if self._syncing is None or not self._syncing.is_alive():
            return "nobody syncs"
        if self._safe < self._written and time.monotonic() > self._safe_at + PATIENCE:
            return "the disk does not answer"
        return self._refused

    def close(self) -> None:
        """Sync and let go of the file."""
        with self._turn:
            if self._fd >= 0 and self._pid == forks.pid:
                os.fsync(self._fd)
                os.close(self._fd)
            self._fd, self._closed = -1, True

    def _await(self, mine: int) -> threading.Lock:
        """A lock that opens once the disk has said what became of this line; has the syncing thread begin where it rests."""
        gate = threading.Lock()
        gate.acquire()
        self._waiting.append((mine, gate))
        if self._bell.locked():
            self._bell.release()
        return gate

    def _wait_for_the_disk(self, mine: int, safe: threading.Lock) -> None:
        seen = self._safe_at
        while not safe.acquire(timeout=PATIENCE):  # one lock for all would wake 32 threads to stand in line for it
            if self._safe_at == seen:
                raise OSError("the disk does not answer")
            seen = self._safe_at
        if any(after < mine <= to for after, to in self._gaps):
            raise OSError("the disk refused it")

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
        mine = self._fd >= 0 and self._pid == forks.pid
        if mine and self._size < self.rotate and not self._unsure:
            if self._syncing is None or not self._syncing.is_alive():
                self._start_syncing()
            return
        try:
            fresh = self._new_file()
        except OSError:
            if not mine or self._unsure:
                raise
            self._size = max(0, self.rotate - SPARE)  # the old file goes on for a while: better too long than nothing kept
            return
        if mine and not self._unsure:
            self._sync_old_file()
        old, self._fd, self._size = self._fd, fresh, 0
        self._torn = self._unsure = False
        if old >= 0:
            os.close(old)  # in a child this is its copy of the parent's; the parent's lock stays with the parent
        if self._pid != forks.pid or self._closed:
            self._pid, self._closed = forks.pid, False
            self._waiting = []
            self._written = self._safe = self._lost = 0
            self._gaps = []
            self._start_syncing()

    def _new_file(self) -> int:
        """A file of our own, locked, with its name safe on the disk."""
        _make_folder(self.folder)
        path = self.folder / f"{time.time_ns():020d}-{forks.pid}-{secrets.token_hex(4)}{SUFFIX}"
        draft = path.with_suffix(".new")  # a reader sees the file only when its writer's lock is on it
        fresh = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fresh, fcntl.LOCK_EX)
            faults.point("click.spool.rotate.before_rename")
            os.rename(draft, path)
            _sync_folder(self.folder)
        except OSError:
            os.close(fresh)
            raise
        faults.point("click.spool.after_rename")
        return fresh

    def _sync_old_file(self) -> None:
        """Nothing of a full file may wait for a thread that no longer looks at it."""
        refused = _refusal(self._fd)
        self._settle(self._written, refused)

    def _start_syncing(self) -> None:
        self._safe_at = time.monotonic()
        self._bell = threading.Lock()
        self._syncing = threading.Thread(target=self._keep_synced, args=(forks.pid,), daemon=True, name="spool-sync")
        self._syncing.start()

    def _keep_synced(self, pid: int) -> None:
        while forks.pid == pid and not self._closed:
            if not self.power:
                time.sleep(SYNC_EVERY)
                self._sync()
            elif not self._sync():
                self._bell.acquire(timeout=1.0)

    def _sync(self) -> bool:
        """Bring what was written to the disk; False: there was nothing. What it refuses once is never called safe."""
        with self._turn:
            if self._fd < 0 or max(self._safe, self._lost) >= self._written:
                self._safe_at = time.monotonic()
                return False
            written = self._written
            try:
                fd = os.dup(self._fd)  # the file may be closed before the disk has answered
            except OSError:  # no descriptors left: everybody waits here then
                fd = -1
                refused = _refusal(self._fd)
        if fd >= 0:
            refused = _refusal(fd)
            os.close(fd)
        with self._turn:
            self._settle(written, refused)
            self._unsure = self._unsure or bool(refused)
        return True

    def _settle(self, written: int, refused: str) -> None:
        """What the disk said of all lines up to this one, told to whoever waits for it. Whoever calls has the turn."""
        known = max(self._safe, self._lost)
        if refused and written > known:
            self._gaps = [*self._gaps[-99:], (known, written)]
            self._lost, self._refused = written, refused
        elif not refused:
            self._safe, self._safe_at = max(self._safe, written), time.monotonic()
        first = sum(line <= written for line, _ in self._waiting)
        told, self._waiting = self._waiting[:first], self._waiting[first:]
        for _, gate in told:
            gate.release()


def _refusal(fd: int) -> str:
    """Sync a file; what the disk says against it, "" where it does not."""
    try:
        os.fdatasync(fd)
    except OSError as error:
        return str(error) or "refused"
    return ""


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


def _make_folder(folder: Path) -> None:
    """Make the folder, its name safe on the disk where it is new."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    with contextlib.suppress(FileExistsError):
        os.mkdir(folder)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
