"""Load on a loopback server: as much as it takes (wrk where there is one, else our own clients), or so much a second."""

from __future__ import annotations

import asyncio
import gc
import re
import shutil
import subprocess
import time
from dataclasses import dataclass

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
    """Ask at fixed moments, whether the last was answered or not; a late answer counts from when it should have been asked."""
    gc.collect()
    gc.disable()  # our own pauses are not the server's
    try:
        return asyncio.run(_open_loop(port, path, per_second, seconds))
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
    answer = await reader.readuntil(b"\r\n\r\n")
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


async def _open_loop(port: int, path: str, per_second: int, seconds: float) -> Told:
    request, took = _request(port, path), []
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(32):
        free.put_nowait(await asyncio.open_connection("127.0.0.1", port))

    async def one(due: float) -> None:
        pair = await free.get()
        await _ask(*pair, request)
        took.append(time.perf_counter() - due)
        free.put_nowait(pair)

    start, asked = time.perf_counter(), []
    for n in range(int(per_second * seconds)):
        due = start + n / per_second
        wait = due - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        asked.append(asyncio.create_task(one(due)))
    await asyncio.gather(*asked)
    while not free.empty():
        free.get_nowait()[1].close()
    return Told(len(took) / (time.perf_counter() - start), _p99_ms(took), "own, open loop")


def _p99_ms(took: list[float]) -> float:
    return sorted(took)[int(len(took) * 0.99)] * 1000
