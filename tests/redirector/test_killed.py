"""kill -9 of the redirector under load, again and again: every redirect that somebody saw is a click, once."""

from __future__ import annotations

import http.client
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from socialshop.domain import clicks
from socialshop.flows import drain
from socialshop.kernel.database import session

from ..faults import budget
from ..web.test_click import TAP

KILLS = int(os.environ.get("SOCIALSHOP_KILLS") or (100 if budget.ALL else 10))
CLIENTS = 6


class Server:
    """The redirector as operators run it, killed without warning and started again."""

    def __init__(self, settings):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environment = {
            **os.environ,
            "SOCIALSHOP_ENV": "test",
            "SOCIALSHOP_INSTANCE": str(settings.instance),
            "DATABASE_URL": settings.database_url,
            "FLASK_SECRET_KEY": settings.secret_key,
            "CLICKS": "process",
        }
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "socialshop", "redirect", "--port", str(self.port)],
            env=self.environment,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(600):
            try:
                self.get("/healthz")
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the redirector does not answer")

    def get(self, path):
        """(status, Location) of one request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with closing(connection):
            connection.request("GET", path, headers=TAP)
            answer = connection.getresponse()
            with closing(answer):
                return answer.status, answer.headers.get("Location", "")

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.mark.slow
def test_every_redirect_that_somebody_saw_is_a_click_once(app, settings, world):
    mia, brand = world.creator("mia"), world.brand()
    program = world.program(brand, click_parameter="ref_klik")
    world.enroll(program, mia)
    world.link(mia, program=program, url="https://kopisenja.example/kopi", slug="kopi-bio")
    seed = int(os.environ.get("SOCIALSHOP_SEED", time.time_ns() % 1_000_000))
    print(f"seed {seed}")
    rng = random.Random(seed)
    seen: list[str] = []
    over = threading.Event()
    server = Server(settings)

    def tap():
        while not over.is_set():
            try:
                status, location = server.get("/l/kopi-bio")
            except (OSError, http.client.HTTPException):
                time.sleep(0.01)
                continue
            found = re.search(r"ref_klik=(clk_\w+)", location)
            if status == 302 and found:
                seen.append(found.group(1))

    clients = [threading.Thread(target=tap) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    drain.set_up(settings.instance / "spool")
    try:
        for _ in range(KILLS):
            time.sleep(rng.uniform(0.05, 0.4))
            server.kill()
            with app.app_context():
                drain.pour(now=datetime.now(UTC))
            server.start()
        time.sleep(0.2)
    finally:
        over.set()
        for client in clients:
            client.join()
        server.kill()
    deadline = time.monotonic() + 10
    with app.app_context():
        drain.pour(now=datetime.now(UTC))
        while any((settings.instance / "spool").iterdir()) and time.monotonic() < deadline:
            time.sleep(0.05)  # the last writer may let go of its file a moment after its parent is gone
            drain.pour(now=datetime.now(UTC))
        stored = Counter(session().scalars(select(clicks.Click.public_id)))
        drain.set_up(None)
    assert len(seen) > 20
    assert [click for click in seen if stored[click] != 1] == []
    assert max(stored.values()) == 1
    assert list((settings.instance / "spool").iterdir()) == []
