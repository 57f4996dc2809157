"""The database is locked, or stands still, while people tap: redirects go on as fast as ever, and every click is there afterwards."""

from __future__ import annotations

import http.client
import os
import re
import signal
import threading
import time
from collections import Counter
from contextlib import closing, contextmanager

import psutil
import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from socialshop.domain import clicks
from socialshop.flows import drain, nodes
from socialshop.kernel import clock
from socialshop.kernel.clock import utcnow
from socialshop.kernel.database import db, session

from ..faults import budget
from ..web.test_click import TAP
from .test_killed import Server

LOCKED = 30.0 if budget.ALL else 2.0  # seconds
STOPPED = 20.0 if budget.ALL else 2.0
CLIENTS = 4
SLOWEST = 0.5  # seconds of 99 of 100; on a machine with other work. Quiet, it is a few milliseconds


class Crowd:
    """People who tap one after another on kept connections, and what they were told."""

    def __init__(self, port):
        self.port, self.over = port, threading.Event()
        self.told = []  # (moment, seconds, status, click id)
        self.threads = [threading.Thread(target=self.tap) for _ in range(CLIENTS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_facts):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def tap(self):
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            while not self.over.is_set():
                started = time.monotonic()
                connection.request("GET", "/l/kopi-bio", headers=TAP)
                answer = connection.getresponse()
                answer.read()
                found = re.search(r"ref_klik=(clk_\w+)", answer.headers.get("Location", ""))
                self.told.append((started, time.monotonic() - started, answer.status, found.group(1) if found else ""))
                time.sleep(0.005)

    def p99(self, since, until):
        took = sorted(seconds for moment, seconds, _status, _click in list(self.told) if since <= moment < until)
        return took[int(len(took) * 0.99)], len(took)


@contextmanager
def drainer(app):
    """The worker's thread, which loses heart at nothing."""
    over = threading.Event()

    def go_on():
        while not over.is_set():
            with app.app_context():
                try:
                    nodes.tend(now=utcnow())
                except Exception:  # the database is locked or away
                    time.sleep(0.05)
                db.session.remove()
            time.sleep(0.05)

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def locked(app):
    """Somebody holds the tables of clicks and links, or the one lock that SQLite has."""
    with app.app_context(), db.engine.connect().execution_options(writing=True) as connection:
        while connection.dialect.name == "postgresql":
            try:
                connection.exec_driver_sql("LOCK TABLE spool_files, link_changes, tracked_links, clicks IN ACCESS EXCLUSIVE MODE")
                break
            except DBAPIError:  # the drainer held one of them and waited for another
                connection.rollback()
        yield
        connection.rollback()


@contextmanager
def stopped(_app):
    """No process of the server does anything."""
    folder = os.environ["XDG_RUNTIME_DIR"]
    with open(f"{folder}/d/postmaster.pid") as file:
        server = psutil.Process(int(file.readline()))
    family = [server, *server.children(recursive=True)]
    for process in family:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in family:
            process.send_signal(signal.SIGCONT)


@pytest.mark.slow
@pytest.mark.parametrize(("outage", "seconds"), [(locked, LOCKED), (stopped, STOPPED)])
def test_people_are_led_on_and_their_clicks_come_in_afterwards(app, settings, world, outage, seconds):
    if outage is stopped and settings.database_url.startswith("sqlite"):
        pytest.skip("SQLite has no server that could stand still")
    mia, brand = world.creator("mia"), world.brand()
    program = world.program(brand, click_parameter="ref_klik")
    world.link(mia, program=program, url="https://kopisenja.example/kopi", slug="kopi-bio")
    clock.use(clock.system_clock)
    server = Server(settings)
    drain.set_up(settings.instance / "spool")
    try:
        with drainer(app):
            with Crowd(server.port) as crowd:
                time.sleep(0.3)
                with outage(app):
                    since = time.monotonic()
                    time.sleep(seconds)
                    until = time.monotonic()
                time.sleep(0.3)
            deadline = time.monotonic() + 60
            while waiting(app) and time.monotonic() < deadline:
                time.sleep(0.05)
    finally:
        server.kill()
    with app.app_context():
        drain.pour(now=utcnow())
        stored = Counter(session().scalars(select(clicks.Click.public_id)))
        drain.set_up(None)
    p99, asked = crowd.p99(since, until)
    budget.note(
        f"{db_name(settings)} {outage.__name__} {seconds:.0f} s: {asked} taps meanwhile, 99 of 100 within {p99 * 1000:.1f} ms"
    )
    assert {status for _moment, _seconds, status, _click in crowd.told} == {302}
    assert asked > 20 * seconds
    assert p99 < SLOWEST
    given = Counter(click for *_facts, click in crowd.told)
    assert given[""] == 0
    assert stored == given


def waiting(app):
    with app.app_context():
        left = drain.waiting()
        db.session.remove()
        return left


def db_name(settings):
    return settings.database_url.split(":")[0]
