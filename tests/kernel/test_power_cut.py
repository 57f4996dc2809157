"""The power fails at any moment: what the disk had by then is put together again, and read.

A disk in memory takes down every operation of the spool in order. After each of them the power is cut: of file data and of
names in folders only what was synced is sure, and the rest may be there, not there, or there as zeros or in part.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from socialshop.kernel import spool

LINES = 40


@dataclass
class Disk:
    """Does what `os` does, on the real disk, and takes it down. deaf: operations that it pretends to have done."""

    deaf: frozenset[str] = frozenset()
    log: list[tuple[Any, ...]] = field(default_factory=list)
    files: dict[int, str] = field(default_factory=dict)  # descriptor → name at opening
    turn: threading.Lock = field(default_factory=threading.Lock)

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def note(self, *what: Any) -> None:
        with self.turn:
            self.log.append(what)

    def open(self, path: Any, flags: int, mode: int = 0o777) -> int:
        fd = os.open(path, flags, mode)
        self.files[fd] = str(path)
        if flags & os.O_CREAT:
            self.note("create", str(path))
        return fd

    def dup(self, fd: int) -> int:
        copy = os.dup(fd)
        self.files[copy] = self.files[fd]
        return copy

    def write(self, fd: int, data: bytes) -> int:
        with self.turn:
            done = os.write(fd, data)
            self.log.append(("write", self.files[fd], data[:done]))
        return done

    def fdatasync(self, fd: int) -> None:
        if "fdatasync" not in self.deaf:
            self.note("begin", self.files[fd])
            time.sleep(0.002)
            self.note("synced", self.files[fd])

    def fsync(self, fd: int) -> None:
        if os.path.isdir(self.files[fd]):
            if not self.deaf & {"folder", "folder's folder" if not self.files[fd].endswith("spool") else ""}:
                self.note("folder", self.files[fd])
        else:
            self.fdatasync(fd)

    def rename(self, old: Any, new: Any) -> None:
        os.rename(old, new)
        self.note("rename", str(old), str(new))

    def mkdir(self, path: Any) -> None:
        os.mkdir(path)
        self.note("mkdir", str(path))


@dataclass
class Node:
    """A file as it was written, and how much of it is surely on the disk."""

    data: bytes = b""
    begun: int = 0
    sure: int = 0


class Cut:
    """What is there after the power was cut when `log` had been done."""

    def __init__(self, log: list[tuple[Any, ...]]) -> None:
        self.nodes: dict[str, Node] = {}  # by the name that it was created under
        self.now: dict[str, str] = {}  # name → the node's first name
        self.sure: dict[str, str] = {}
        self.folders: set[str] = set()
        self.sure_folders: set[str] = set()
        for what, *facts in log:
            getattr(self, f"_{what}")(*facts)

    def _create(self, path: str) -> None:
        self.nodes[path] = Node()
        self.now[path] = path

    def _write(self, path: str, data: bytes) -> None:
        self.nodes[path].data += data

    def _begin(self, path: str) -> None:
        self.nodes[path].begun = len(self.nodes[path].data)

    def _synced(self, path: str) -> None:
        self.nodes[path].sure = max(self.nodes[path].sure, self.nodes[path].begun)

    def _rename(self, old: str, new: str) -> None:
        self.now[new] = self.now.pop(old)

    def _mkdir(self, path: str) -> None:
        self.folders.add(path)

    def _folder(self, folder: str) -> None:
        self.sure = {name: node for name, node in self.sure.items() if not _inside(name, folder)}
        self.sure |= {name: node for name, node in self.now.items() if _inside(name, folder)}
        self.sure_folders |= {name for name in self.folders if _inside(name, folder)}

    def _answered(self, _line: bytes) -> None:
        pass

    def readings(self) -> Iterator[dict[str, bytes]]:
        """The folders that may be found: names and data each at their worst and at their best, and tails in part or zeros."""
        lost = self.folders - self.sure_folders
        for names in (self.sure, self.now):
            kept = {
                name: self.nodes[node] for name, node in names.items() if names is self.now or os.path.dirname(name) not in lost
            }
            yield {name: node.data[: node.sure] for name, node in kept.items()}
            yield {name: node.data for name, node in kept.items()}
            yield {name: node.data[: node.sure + (len(node.data) - node.sure) // 2] for name, node in kept.items()}
            yield {name: node.data[: node.sure] + bytes(len(node.data) - node.sure) for name, node in kept.items()}


def _inside(name: str, folder: str) -> bool:
    return os.path.dirname(name) == folder


def told(log: list[tuple[Any, ...]], *, folder: Path, scratch: Path) -> Iterator[tuple[set[bytes], list[bytes]]]:
    """After each operation and each way to lose the rest: (what was answered by then, what is read afterwards)."""
    for end in range(1, len(log) + 1):
        answered = {facts[0] for what, *facts in log[:end] if what == "answered"}
        for files in Cut(log[:end]).readings():
            for old in scratch.iterdir():
                old.unlink()
            for name, data in files.items():
                if os.path.dirname(name) == str(folder):
                    (scratch / os.path.basename(name)).write_bytes(data)
            yield answered, [payload for piece in spool.pieces(scratch, {}) for payload in piece.payloads]


def write_on(disk: Disk, folder: Path, monkeypatch: pytest.MonkeyPatch, *, power: bool) -> None:
    """Some writers at once, with files that fill up."""
    monkeypatch.setattr(spool, "os", disk)
    writer = spool.Spool(folder, power=power, rotate=200)

    def write(who: int) -> None:
        for number in range(LINES // 4):
            line = b"line %d of %d" % (number, who)
            writer.append(line)
            disk.note("answered", line)
            if not power:
                time.sleep(0.003)

    threads = [threading.Thread(target=write, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    time.sleep(0.05 if not power else 0)
    monkeypatch.undo()
    writer.close()


@pytest.fixture
def scratch(tmp_path):
    (tmp_path / "after").mkdir()
    return tmp_path / "after"


def lost_with_power(disk, folder, scratch):
    """Lines that were answered and are gone, and what is read twice."""
    gone: set[bytes] = set()
    for answered, found in told(disk.log, folder=folder, scratch=scratch):
        gone |= answered - set(found)
        assert len(found) == len(set(found))
    return gone


def test_power_loses_nothing_that_was_answered(tmp_path, scratch, monkeypatch):
    disk, folder = Disk(), tmp_path / "deep" / "spool"
    write_on(disk, folder, monkeypatch, power=True)
    assert sum(what == "answered" for what, *_ in disk.log) == LINES
    assert lost_with_power(disk, folder, scratch) == set()


@pytest.mark.parametrize("deaf", ["folder", "folder's folder", "fdatasync"])
def test_without_any_sync_power_would_lose(tmp_path, scratch, monkeypatch, deaf):
    """The same look at a disk that does not do as it is told."""
    disk, folder = Disk(deaf=frozenset({deaf})), tmp_path / "spool"
    write_on(disk, folder, monkeypatch, power=True)
    assert lost_with_power(disk, folder, scratch)


def unsynced(log: list[tuple[Any, ...]]) -> Iterator[tuple[int, set[bytes]]]:
    """By the number of operations done: the lines whose file has had no sync since they were written."""
    begun: dict[str, set[bytes]] = {}
    waiting: dict[str, set[bytes]] = {}
    for end, (what, *facts) in enumerate(log, 1):
        if what == "write":
            waiting.setdefault(facts[0], set()).update(line[9:] for line in facts[1].split(b"\n") if line)
        elif what == "begin":
            begun[facts[0]] = set(waiting.get(facts[0], ()))
        elif what == "synced":
            waiting[facts[0]] -= begun.get(facts[0], set())
        yield end, set().union(*waiting.values()) if waiting else set()


def test_process_loses_only_what_no_sync_has_reached_yet(tmp_path, scratch, monkeypatch):
    disk, folder = Disk(), tmp_path / "spool"
    write_on(disk, folder, monkeypatch, power=False)
    may_go = dict(unsynced(disk.log))
    ends = [end for end in range(1, len(disk.log) + 1) for _ in range(8)]
    for end, (answered, found) in zip(ends, told(disk.log, folder=folder, scratch=scratch), strict=True):
        assert answered - set(found) <= may_go[end]
    assert may_go[len(disk.log)] == set(), "a moment after the last line all of them are safe"


def test_process_syncs_within_moments(tmp_path, monkeypatch):
    """The lines that a power cut would take are never many: they wait for the next hundredth of a second."""
    disk, folder = Disk(), tmp_path / "spool"
    write_on(disk, folder, monkeypatch, power=False)
    assert max(len(lines) for _end, lines in unsynced(disk.log)) < LINES
    deaf = Disk(deaf=frozenset({"fdatasync"}))
    write_on(deaf, tmp_path / "other", monkeypatch, power=False)
    assert max(len(lines) for _end, lines in unsynced(deaf.log)) == LINES
