"""Load on a loopback server: as much as it takes (wrk where there is one, else our own clients), or so much a second."""

from __future__ import annotations

import asyncio
import gc
import re
import select
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass

OPEN_CONNECTIONS = 32
_HEADERS = (
    "User-Agent: Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
    "Sec-Fetch-Mode: navigate",
    "Sec-Fetch-Dest: document",
)


@dataclass(frozen=True, slots=True)
class Told:
    """Answers a second, and the time in which 99 of 100 came."""

    rate: float
    p99_ms: float
    client: str


def saturate(port: int, path: str, *, connections: int, seconds: float) -> Told:
    """Ask on so many kept connections, each as soon as it is answered."""
    if shutil.which("wrk"):
        return _wrk(port, path, connections, seconds)
    return asyncio.run(_closed_loop(port, path, connections, seconds))


def open_loop(port: int, path: str, *, per_second: int, seconds: float) -> Told:
    """Ask at fixed moments, whether the last was answered or not."""
    gc.collect()
    gc.disable()  # our own pauses are not the server's
    try:
        return _open_loop(port, path, per_second, seconds)
    finally:
        gc.enable()


def _wrk(port: int, path: str, connections: int, seconds: float) -> Told:
    headers = [part for line in _HEADERS for part in ("-H", line)]
    said = subprocess.run(
        [
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{max(1, round(seconds))}s",
            "--latency",
            *headers,
            f"http://127.0.0.1:{port}{path}",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", said)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert p99 is not None, said
    assert rate is not None, said
    wrong = re.search(r"Socket errors.*|Non-2xx or 3xx.*", said)
    assert wrong is None, said
    return Told(float(rate[1]), float(p99[1]) * {"us": 0.001, "ms": 1, "s": 1000}[p99[2]], "wrk -t1")


def _request(port: int, path: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *_HEADERS, "", ""]).encode()


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> None:
    writer.write(request)
    _look_at(await reader.readuntil(b"\r\n\r\n"))


def _look_at(answer: bytes) -> None:
    if not answer.startswith(b"HTTP/1.1 302"):
        raise RuntimeError(answer.decode("latin-1"))


async def _closed_loop(port: int, path: str, connections: int, seconds: float) -> Told:
    request, took, end = _request(port, path), [], time.perf_counter() + seconds

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < end:
            started = time.perf_counter()
            await _ask(reader, writer, request)
            took.append(time.perf_counter() - started)
        writer.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    return Told(len(took) / seconds, _p99_ms(took), "own, closed loop")


@dataclass(slots=True)
class _Asked:
    """A question on its way. since: from when its answer is waited for."""

    since: float
    answer: bytes = b""


def _open_loop(port: int, path: str, per_second: int, seconds: float) -> Told:
    """One thread and plain sockets, so that little is measured that is not the server's.

    Its own late waking is not counted. That all connections wait for answers is: such a question counts from when it was due.
    """
    request, took = _request(port, path), []
    free = [socket.create_connection(("127.0.0.1", port)) for _ in range(OPEN_CONNECTIONS)]
    for each in free:
        each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    asked: dict[socket.socket, _Asked] = {}
    start, due, count = time.perf_counter(), 0, int(per_second * seconds)
    held_up = False  # whether the next question has had to wait for a connection
    while due < count or asked:
        now = time.perf_counter()
        while due < count and start + due / per_second <= now:
            if not free:
                held_up = True
                break
            each = free.pop()
            asked[each] = _Asked(start + due / per_second if held_up else time.perf_counter())
            each.sendall(request)
            due, held_up = due + 1, False
        wait = start + due / per_second - time.perf_counter() if due < count and free else 10.0
        for each in select.select(asked, (), (), max(0.0, wait))[0]:
            asked[each].answer += each.recv(4096)
            if asked[each].answer.endswith(b"\r\n\r\n"):
                took.append(time.perf_counter() - asked[each].since)
                _look_at(asked.pop(each).answer)
                free.append(each)
    for each in free:
        each.close()
    return Told(len(took) / (time.perf_counter() - start), _p99_ms(took), "own, open loop")


def _p99_ms(took: list[float]) -> float:
    return sorted(took)[int(len(took) * 0.99)] * 1000
