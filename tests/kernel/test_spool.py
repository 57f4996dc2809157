"""Lines that survive: torn tails at every byte, dead and living writers, full disks, forks, rotation."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from socialshop.kernel import faults, spool

LINES = [b'[1,"clk_a"]', b"two words", b"{}"]


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "spool"


@pytest.fixture
def writer(folder):
    made = spool.Spool(folder)
    yield made
    made.close()


def only(folder):
    (name,) = spool.files(folder)
    return name


def test_what_was_appended_is_read_in_order_once(folder, writer):
    for line in LINES:
        writer.append(line)
    piece = spool.read(folder, only(folder), 0)
    assert (piece.payloads, piece.bad, piece.ended) == (LINES, 0, False)
    assert spool.read(folder, only(folder), piece.end).payloads == []
    writer.append(b"later")
    assert spool.read(folder, only(folder), piece.end).payloads == [b"later"]


def test_a_file_is_ended_only_when_its_writer_has_let_go(folder, writer):
    writer.append(b"one")
    assert not spool.read(folder, only(folder), 0).ended
    writer.close()
    assert spool.read(folder, only(folder), 0).ended


def test_a_torn_last_line_at_every_byte_costs_only_itself(folder):
    writer = spool.Spool(folder)
    for line in LINES:
        writer.append(line)
    writer.close()
    path = folder / only(folder)
    whole = path.read_bytes()
    last = len(whole) - len(whole.splitlines(keepends=True)[-1])
    for cut in range(last, len(whole)):
        path.write_bytes(whole[:cut])
        piece = spool.read(folder, path.name, 0)
        assert (piece.payloads, piece.bad) == (LINES[:2], int(cut > last)), cut
        assert piece.ended
        assert piece.end == cut


def test_a_torn_tail_waits_while_its_writer_lives(folder, writer):
    writer.append(b"one")
    with open(folder / only(folder), "ab") as file:
        file.write(b"0000")
    piece = spool.read(folder, only(folder), 0)
    assert (piece.payloads, piece.bad, piece.ended) == ([b"one"], 0, False)


@pytest.mark.parametrize("damage", [b"garbage\n", b"00000000 wrong sum\n", b"\n", b"zzzzzzzz x\n", b"\x00" * 40 + b"\n"])
def test_damage_in_the_middle_costs_only_its_line(folder, damage):
    writer = spool.Spool(folder)
    writer.append(b"before")
    writer.close()
    with open(folder / only(folder), "ab") as file:
        file.write(damage)
    more = spool.Spool(folder / "more")
    more.append(b"after")
    more.close()
    with open(folder / only(folder), "ab") as file:
        file.write((folder / "more" / only(folder / "more")).read_bytes())
    piece = spool.read(folder, only(folder), 0)
    assert (piece.payloads, piece.bad) == ([b"before", b"after"], 1)


def test_small_reads_give_the_same_lines(folder, writer):
    lines = [b"x" * n for n in range(1, 60)]
    for line in lines:
        writer.append(line)
    found, at = [], 0
    while True:
        piece = spool.read(folder, only(folder), at, limit=100)
        if piece.end == at:
            break
        found += piece.payloads
        at = piece.end
    assert found == lines


def test_a_full_file_is_followed_by_another(folder):
    writer = spool.Spool(folder, rotate=200)
    lines = [b"line %03d" % n for n in range(40)]
    for line in lines:
        writer.append(line)
    names = spool.files(folder)
    assert len(names) > 2
    pieces = list(spool.pieces(folder, {}))
    assert [payload for piece in pieces for payload in piece.payloads] == lines
    assert [piece.ended for piece in pieces] == [True] * (len(names) - 1) + [False]
    writer.close()


def test_a_write_cut_short_by_a_full_disk_is_told_and_costs_only_itself(folder, writer, monkeypatch):
    writer.append(b"before")
    real, short = os.write, [True]

    def write(fd, data):
        if short and data.endswith(b"half\n"):
            short.clear()
            return real(fd, data[: len(data) // 2])
        return real(fd, data)

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(OSError, match="only a part"):
        writer.append(b"half")
    writer.append(b"after")
    piece = spool.read(folder, only(folder), 0)
    assert (piece.payloads, piece.bad) == ([b"before", b"after"], 1)


def test_with_power_nothing_is_answered_before_the_disk_has_it(folder, monkeypatch):
    synced = threading.Event()
    real = os.fdatasync

    def slow(fd):
        time.sleep(0.05)
        real(fd)
        synced.set()

    monkeypatch.setattr(os, "fdatasync", slow)
    writer = spool.Spool(folder, power=True)
    writer.append(b"one")
    assert synced.is_set()
    writer.close()


def test_many_threads_lose_and_mix_nothing(folder):
    writer = spool.Spool(folder, rotate=5_000)
    threads = [threading.Thread(target=lambda t=t: [writer.append(b"%d-%d" % (t, n)) for n in range(200)]) for t in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()
    found = [payload for piece in spool.pieces(folder, {}) for payload in piece.payloads]
    assert sorted(found) == sorted(b"%d-%d" % (t, n) for t in range(8) for n in range(200))


def test_a_child_writes_a_file_of_its_own(folder, writer):
    writer.append(b"parent")
    pid = os.fork()
    if pid == 0:
        writer.append(b"child")
        os._exit(0)
    os.waitpid(pid, 0)
    writer.append(b"parent again")
    found = {tuple(piece.payloads): piece.ended for piece in spool.pieces(folder, {})}
    assert found == {(b"parent", b"parent again"): False, (b"child",): True}


KILLED = """
import sys
from pathlib import Path
from socialshop.kernel import faults, spool
faults.arm(sys.argv[2])
writer = spool.Spool(Path(sys.argv[1]), rotate=int(sys.argv[3]))
for n in range(100):
    writer.append(b"line %d" % n)
    print(n, flush=True)
"""


@pytest.mark.parametrize("rotate", [100, 100_000])
@pytest.mark.parametrize(
    "point",
    [
        "before_append",
        "mid_append",
        "after_append_before_fsync",
        "after_fsync_before_reply",
        "rotate.before_rename",
        "after_rename",
    ],
)
def test_killed_anywhere_what_was_answered_is_there_once(folder, point, rotate):
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            KILLED,
            str(folder),
            f"click.spool.{point}:kill:{1 if rotate > 100 and 'rename' in point else 5}",
            str(rotate),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == -signal.SIGKILL, told.stderr
    answered = [b"line %s" % n.encode() for n in told.stdout.split()]
    pieces = list(spool.pieces(folder, {}))
    found = [payload for piece in pieces for payload in piece.payloads]
    assert found[: len(answered)] == answered
    assert len(found) <= len(answered) + 1
    assert len(found) == len(set(found))
    assert sum(piece.bad for piece in pieces) == (1 if point == "mid_append" else 0)
    assert all(piece.ended for piece in pieces)


def test_no_room_is_an_error_and_the_next_line_is_kept(folder, writer):
    faults.arm("click.spool.before_append:enospc:2")
    try:
        writer.append(b"one")
        with pytest.raises(OSError, match="No space"):
            writer.append(b"two")
        writer.append(b"three")
    finally:
        faults.arm("")
    assert spool.read(folder, only(folder), 0).payloads == [b"one", b"three"]


@pytest.mark.parametrize("power", [False, True])
def test_what_the_disk_refuses_is_never_called_safe(folder, monkeypatch, power):
    """After a failed sync the system may forget what it could not write, and say at the next one that all is well."""
    monkeypatch.setattr(spool, "SYNC_EVERY", 0.001)
    refusing = threading.Event()
    real = os.fdatasync

    def refuse(fd):
        if refusing.is_set():
            raise OSError("Input/output error")
        real(fd)

    monkeypatch.setattr(os, "fdatasync", refuse)
    writer = spool.Spool(folder, power=power)
    writer.append(b"good")
    refusing.set()
    if power:
        with pytest.raises(OSError, match="refused"):
            writer.append(b"bad")
    else:
        writer.append(b"bad")
        wait_until(lambda: writer.trouble())
    assert writer.trouble() == "Input/output error"
    refusing.clear()
    writer.append(b"good again")
    wait_until(lambda: not writer.trouble())
    assert len(spool.files(folder)) == 2
    writer.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_who_syncs_is_watched_and_replaced(folder, writer, monkeypatch):
    writer.append(b"one")
    assert writer.trouble() == ""

    def die():
        raise MemoryError

    monkeypatch.setattr(writer, "_sync", die)
    writer._syncing.join(timeout=5)
    assert writer.trouble() == "nobody syncs"
    monkeypatch.undo()
    writer.append(b"two")
    assert writer.trouble() == ""
    wait_until(lambda: writer._safe == 2)


def test_a_disk_that_hangs_is_told(folder, writer, monkeypatch):
    monkeypatch.setattr(spool, "PATIENCE", 0.02)
    hanging = threading.Event()
    real = os.fdatasync
    monkeypatch.setattr(os, "fdatasync", lambda fd: (hanging.wait(10), real(fd)))
    writer.append(b"one")
    wait_until(lambda: writer.trouble() == "the disk does not answer")
    hanging.set()
    wait_until(lambda: writer.trouble() == "")


def test_no_room_is_told_until_there_is_some(folder, writer):
    faults.arm("click.spool.before_append:enospc:2")
    try:
        writer.append(b"one")
        with pytest.raises(OSError, match="No space"):
            writer.append(b"two")
        assert "No space" in writer.trouble()
        writer.append(b"three")
    finally:
        faults.arm("")
    assert writer.trouble() == ""


def test_a_disk_that_only_reads_is_told(folder, monkeypatch):
    def only_reads(*_facts):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(spool, "_make_folder", only_reads)
    writer = spool.Spool(folder)
    with pytest.raises(OSError, match="Read-only"):
        writer.append(b"one")
    assert "Read-only" in writer.trouble()
    monkeypatch.undo()
    writer.append(b"two")
    assert spool.read(folder, only(folder), 0).payloads == [b"two"]
    writer.close()


NO_DESCRIPTORS = """
import os, resource, sys, time
from pathlib import Path
from socialshop.kernel import spool
spool.SPARE = 200
writer = spool.Spool(Path(sys.argv[1]), power=sys.argv[2] == "power", rotate=300)
writer.append(b"first")
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) - 1, hard))
for n in range(100):
    writer.append(b"line %d" % n)
time.sleep(0.05)
assert writer.trouble() == "", writer.trouble()
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
for n in range(100, 120):
    writer.append(b"line %d" % n)
assert len(spool.files(Path(sys.argv[1]))) > 1
"""


@pytest.mark.parametrize("level", ["process", "power"])
def test_without_descriptors_the_old_file_goes_on(folder, level):
    done = subprocess.run([sys.executable, "-c", NO_DESCRIPTORS, str(folder), level], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = [payload for piece in spool.pieces(folder, {}) for payload in piece.payloads]
    assert found == [b"first"] + [b"line %d" % n for n in range(120)]


def wait_until(true):
    deadline = time.monotonic() + 5
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.001)
