"""The install as a whole: how much memory its processes take together, and how far the drainer is behind at ten thousand taps a second."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
import traceback
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import psutil

from socialshop import worker
from socialshop.flows import drain, nodes
from socialshop.kernel import clock
from socialshop.kernel.database import db
from socialshop.kernel.spool import Spool
from socialshop.kernel.taps import NotedTap, new_click_id

from . import drainer
from .figures import Figure, median, tell
from .stage import Stage

PER_SECOND = 10_000


def lag_s(stage: Stage, *, seconds: float) -> Figure:
    """The longest that the oldest tap waited while the worker's drainer ran beside the one who notes."""
    settings = stage.app.config["SETTINGS"]
    folder = settings.instance / "lag-spool"
    drain.set_up(folder)
    crowd = drainer.Crowd(stage, random.Random(1))
    taps = [crowd.tap() for _ in range(PER_SECOND)]
    tell(f"drainer beside {PER_SECOND} taps a second for {seconds:.0f} s: {stage.database}")
    with stage.app.app_context():
        db.engine.dispose()
    noting = _beside(lambda: _note(Spool(folder), taps, seconds))
    pouring = _beside(lambda: _pour(stage))
    looked: list[float] = []
    try:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(0.1)
            with stage.app.app_context():
                looked.append(nodes.lag(now=datetime.now(UTC)))
                db.session.remove()
        if os.waitpid(noting, 0)[1]:
            raise RuntimeError("who notes the taps has failed")
        emptied = time.monotonic()
        with stage.app.app_context():
            while drain.waiting() and time.monotonic() < emptied + 60:
                time.sleep(0.02)
            db.session.remove()
        emptied = time.monotonic() - emptied
    finally:
        for pid in (noting, pouring):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        os.waitpid(pouring, 0)
        drain.set_up(None)
    said = {
        "database": stage.database, "taps a second": PER_SECOND, "seconds": seconds, "median": round(median(looked), 3),
        "empty again after s": round(emptied, 3),
    }  # fmt: skip
    return Figure("drainer.lag_s", max(looked), "s", "2", said)


def pss_mib(stage: Stage) -> Figure:
    """Redirector, two web workers and the worker with its drainer, warmed up: what they take together, shared pages once."""
    settings = stage.app.config["SETTINGS"]
    tell(f"memory of a whole install: {stage.database}")
    ports = random.Random(os.getpid()).sample(range(20_000, 32_000), 2)
    environment = {
        **os.environ, "SOCIALSHOP_ENV": "test", "SOCIALSHOP_INSTANCE": str(settings.instance), "DATABASE_URL": settings.database_url,
        "FLASK_SECRET_KEY": settings.secret_key, "MAILER": "file", "RATELIMIT_ENABLED": "false", "CLICKS": "process",
    }  # fmt: skip
    commands = (["up", "--no-demo", "--workers", "2", "--port", str(ports[0])], ["redirect", "--port", str(ports[1])])
    parts = [
        subprocess.Popen(
            [sys.executable, "-m", "socialshop", *words], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for words in commands
    ]
    try:
        for port in ports:
            _await(port)
        for _ in range(20):
            for path in ("/", "/auth/sign-in", "/@c0", "/@c0?lang=en", "/readyz"):
                _get(ports[0], path)
            for _ in range(20):
                _get(ports[1], "/l/bench")
        time.sleep(3)
        found = {_name(one): _pss(one.pid) for part in parts for one in _family(part.pid)}
    finally:
        for part in parts:
            part.terminate()
        for part in parts:
            part.wait(timeout=30)
    said = {"database": stage.database, "processes": {name: round(size, 1) for name, size in found.items()}}
    return Figure("install.pss_mib", sum(found.values()), "MiB", "220", said)


def _beside(deed: Callable[[], object]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        deed()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _note(spool: Spool, taps: list[NotedTap], seconds: float) -> None:
    """As many as are due, every two milliseconds."""
    start, noted = time.monotonic(), 0
    while (passed := time.monotonic() - start) < seconds:
        for _ in range(int(passed * PER_SECOND) - noted):
            at_us = time.time_ns() // 1000
            spool.append(taps[noted % len(taps)]._replace(click=new_click_id(at_us), at_us=at_us).line())
            noted += 1
        time.sleep(0.002)
    spool.close()


def _pour(stage: Stage) -> None:
    clock.use(clock.system_clock)
    worker.keep_draining(stage.app)


def _await(port: int) -> None:
    for _ in range(300):
        with suppress(OSError):
            _get(port, "/healthz")
            return
        time.sleep(0.2)
    raise RuntimeError(f"nobody answers at port {port}")


def _get(port: int, path: str) -> None:
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", headers={"User-Agent": "Mozilla/5.0 bench", "Connection": "close"}
    )
    with suppress(urllib.error.HTTPError), _straight.open(asked, timeout=20) as answer:
        answer.read()


class _Here(urllib.request.HTTPRedirectHandler):
    """Follows nothing."""

    def redirect_request(self, *_facts: object) -> None:
        return None


_straight = urllib.request.build_opener(_Here)


def _family(pid: int) -> list[psutil.Process]:
    one = psutil.Process(pid)
    return [one, *one.children(recursive=True)]


def _name(process: psutil.Process) -> str:
    words = " ".join(process.cmdline())
    return f"{re.sub(r'.*socialshop[. ]', '', words).split()[0]} {process.pid}"


def _pss(pid: int) -> float:
    with open(f"/proc/{pid}/smaps_rollup") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
