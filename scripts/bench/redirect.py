"""The redirect with its click, beside nginx and beside a bare WSGI callable on the same server, in interleaved rounds."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil

from socialshop.flows import drain
from socialshop.kernel.clock import utcnow
from socialshop.kernel.database import db

from . import drainer, whole
from .figures import Figure, median, tell
from .load import Told, open_loop, saturate
from .stage import Stage, install

PARTS = ("redirect", "drainer", "lag", "memory")
PATH = "/l/bench"
CONNECTIONS = 32
MOST_ROUNDS = 3  # of the goals

_NGINX = """
worker_processes 1; pid {folder}/pid; error_log {folder}/error.log; daemon off;
events {{ worker_connections 512; }}
http {{ access_log {folder}/access.log; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; keepalive_requests 1000000000;
  server {{ listen 127.0.0.1:{port}; location / {{ return 302 https://shop.example/; }} }} }}
"""

_BARE = """
from granian.constants import Interfaces
from granian.server import Server
def application(environ, respond):
    respond("302 Found", [("Location", "https://shop.example/"), ("Content-Length", "0")])
    return (b"",)
if __name__ == "__main__":
    import sys
    Server("bare:application", address="127.0.0.1", port=int(sys.argv[1]), interface=Interfaces.WSGI, workers=1, blocking_threads=1, log_access=False).serve()
"""


def measure(parts: Sequence[str], databases: Sequence[str], *, scale: float, rounds: int) -> list[Figure]:
    """Figures of the redirect, of the drainer and of the whole install. scale: of the seconds under load."""
    rounds = min(rounds, MOST_ROUNDS)
    found: list[Figure] = []
    for database in databases if "redirect" in parts else ():
        with install(database) as stage:
            folder = stage.app.config["SETTINGS"].instance
            drain.set_up(folder / "spool")
            found += _redirect(stage, database, seconds=max(1.0, 4 * scale), rounds=rounds)
            drain.set_up(None)
    if "drainer" in parts:
        with ExitStack() as running:
            stages = [running.enter_context(install(database)) for database in databases]
            found += drainer.rows_per_s(stages, rows=max(1_000, round(200_000 * scale)), rounds=rounds)
    for database in databases if "lag" in parts or "memory" in parts else ():
        with install(database) as stage:
            if "lag" in parts:
                found.append(whole.lag_s(stage, seconds=max(1.0, 8 * scale)))
            if "memory" in parts:
                found.append(whole.pss_mib(stage))
    return found


def _redirect(stage: Stage, database: str, *, seconds: float, rounds: int) -> list[Figure]:
    rates: dict[str, list[float]] = defaultdict(list)
    p99: list[float] = []
    with ExitStack() as running:
        ports = {
            "bare": running.enter_context(_bare()),
            "durable": running.enter_context(_redirector(stage, "process"))[0],
            "strict": running.enter_context(_redirector(stage, "power"))[0],
        }
        if shutil.which("nginx"):
            ports["nginx"] = running.enter_context(_nginx())
        else:
            tell("nginx is not here: redirect.durable_vs_nginx and redirect.strict_vs_nginx are left out")
        for turn in range(rounds):
            for name, port in ports.items():
                tell(f"round {turn + 1} of {rounds}: {name}, {seconds:.0f} s")
                told = saturate(port, PATH, connections=CONNECTIONS, seconds=seconds)
                rates[name].append(told.rate)
                if name == "durable":
                    p99.append(told.p99_ms)
                _pour(stage)
    with _redirector(stage, "process") as (port, process):
        saturate(port, PATH, connections=CONNECTIONS, seconds=1)
        with _draining(stage):
            slow = [_steady(port, seconds) for _ in range(rounds)]
        rss = sum(one.memory_info().rss for one in [process, *process.children(recursive=True)]) / 2**20
        rss_each = max(one.memory_info().rss for one in [process, *process.children(recursive=True)]) / 2**20
    middle = {name: median(values) for name, values in rates.items()}
    said: dict[str, Any] = {
        "database": database, "rounds": rounds, "seconds": seconds, "connections": CONNECTIONS, "client": told.client,
        "per_s": {name: round(value) for name, value in middle.items()},
    }  # fmt: skip
    found = [Figure("redirect.durable_vs_bare_wsgi", middle["durable"] / middle["bare"], "x", "-", said)]
    if "nginx" in middle:
        found.append(Figure("redirect.durable_vs_nginx", middle["durable"] / middle["nginx"], "x", "0.35 (0.5)", said))
        found.append(Figure("redirect.strict_vs_nginx", middle["strict"] / middle["nginx"], "x", "0.10 (0.2)", said))
    found.append(Figure("redirect.p99_ms_c32", median(p99), "ms", "3.5", said))
    calm = {
        "database": database,
        "rounds": rounds,
        "seconds": seconds,
        "drainer": "running beside it",
        "client": "own, open loop",
    }
    found.append(Figure("redirect.p99_ms_1000rps", median([one.p99_ms for one in slow]), "ms", "2.5", calm))
    both = {"database": database, "both processes (supervisor and worker) MiB": round(rss, 1)}
    found.append(Figure("redirect.rss_mib", rss_each, "MiB", "45", both))
    return found


def _steady(port: int, seconds: float) -> Told:
    return open_loop(port, PATH, per_second=1000, seconds=seconds)


def _pour(stage: Stage) -> int:
    with stage.app.app_context():
        taken = drain.pour(now=utcnow()).taken
        db.session.remove()
    return taken


@contextmanager
def _draining(stage: Stage) -> Iterator[None]:
    """A drainer in a process of its own, as the worker has it."""
    pid = os.fork()
    if pid == 0:
        with stage.app.app_context():
            db.engine.dispose(close=False)
        while True:
            _pour(stage)
            time.sleep(0.25)
    try:
        yield
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        _pour(stage)


@contextmanager
def _redirector(stage: Stage, level: str) -> Iterator[tuple[int, psutil.Process]]:
    settings = stage.app.config["SETTINGS"]
    environment = {
        **os.environ, "SOCIALSHOP_ENV": "test", "SOCIALSHOP_INSTANCE": str(settings.instance), "CLICKS": level,
        "DATABASE_URL": settings.database_url, "FLASK_SECRET_KEY": settings.secret_key,
    }  # fmt: skip
    with _serving(lambda port: [sys.executable, "-m", "socialshop", "redirect", "--port", str(port)], env=environment) as (
        port,
        process,
    ):
        yield port, psutil.Process(process.pid)


@contextmanager
def _bare() -> Iterator[int]:
    folder = Path(tempfile.mkdtemp(prefix="bare"))
    (folder / "bare.py").write_text(_BARE)
    with _serving(lambda port: [sys.executable, "bare.py", str(port)], cwd=folder) as (port, _process):
        yield port
    shutil.rmtree(folder)


@contextmanager
def _nginx() -> Iterator[int]:
    folder = Path(tempfile.mkdtemp(prefix="nginx"))

    def command(port: int) -> list[str]:
        (folder / "conf").write_text(_NGINX.format(folder=folder, port=port))
        return ["nginx", "-c", str(folder / "conf"), "-p", str(folder)]

    with _serving(command) as (port, _process):
        yield port
    shutil.rmtree(folder)


@contextmanager
def _serving(command: Callable[[int], list[str]], **options: Any) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        command(port), start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options
    )
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port, process
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait()
