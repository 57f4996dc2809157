"""kill -9 of web and worker at random moments of the main job: people tap again, and nothing that was acknowledged is lost."""

from __future__ import annotations

import os
import random
import threading
import time

import pytest

from tests.browser.journey import Journey

KILLS = 10


class Killer(threading.Thread):
    """Kills and restarts one part after the other, at random moments, until it has done so KILLS times."""

    def __init__(self, install, seed):
        super().__init__(daemon=True)
        self.install, self.random, self.kills = install, random.Random(seed), 0
        self.failure = None

    def run(self):
        try:
            while self.kills < KILLS:
                self.kill_one(("web", "worker")[self.kills % 2])
                self.kills += 1
        except BaseException as error:  # said by the test: a thread's own traceback is easily missed
            self.failure = error

    def kill_one(self, what):
        time.sleep(self.random.uniform(0.2, 3.0))
        self.install.kill(what)
        time.sleep(self.random.uniform(0.0, 0.5))
        getattr(self.install, f"start_{what}")()
        if what == "web":
            self.install.await_answer("/healthz", seconds=100)


@pytest.mark.slow
def test_nothing_acknowledged_is_lost(install, chromium):
    seed = int(os.environ.get("SOCIALSHOP_SEED", time.time_ns() % 1_000_000))
    print(f"seed {seed}")
    journey = Journey(install, chromium, patience=5_000)
    steps = journey.up_to_the_commission()
    killer = Killer(install, seed)
    killer.start()
    for step in steps:
        until_it_works(step, killer)
    killer.join(timeout=120)
    assert (killer.failure, killer.kills) == (None, KILLS)
    install.await_answer("/readyz", seconds=100)
    install.verify()
    for step in steps[1:10] + steps[11:]:  # each looks first whether it is done: whatever was acknowledged must still be there
        step()
    assert journey.acknowledged_orders() <= journey.orders_of_the_brand()
    install.verify()


def until_it_works(step, killer, *, seconds=40):
    """Tap again while parts are being killed, however slow the machine; once no more are, it must work within `seconds`."""
    deadline = None
    while True:
        try:
            return step()
        except Exception as error:  # the server was away: people tap again
            last = error
        if killer.failure is not None:
            raise AssertionError("a killed part did not come back") from killer.failure
        if deadline is None and not killer.is_alive():
            deadline = time.monotonic() + seconds
        if deadline is not None and time.monotonic() > deadline:
            raise AssertionError(f"{step.__name__} never worked") from last
        time.sleep(0.4)
