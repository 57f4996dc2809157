"""Gives turns to posts that are due, several channels at a time, in threads of their own: nothing else waits for a slow platform.

Whose turn it is, `domain.social.turns` says; a target's row is its job. Every process that works here may do so at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog
from flask import Flask

from .domain import social
from .flows import publish
from .kernel.clock import utcnow
from .kernel.database import db, end_reading

log = structlog.get_logger("posts")
AT_ONCE = 16  # channels that this process speaks to at the same time
LOOK_EVERY = 1.0  # seconds, while nobody's turn is
PAUSE = 2.0  # seconds, when the database is away


class Posters:
    """One thread that sees whose turn it is, and as many as `at_once` that take turns."""

    def __init__(self, app: Flask, *, at_once: int = AT_ONCE, ending: Callable[[], bool] = lambda: False) -> None:
        self._app, self._at_once, self._ending = app, at_once, ending
        self._in_hand: set[int] = set()  # channels
        self._stop, self._back = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="posters")

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self, *, within: float = 30.0) -> None:
        """Begin no more steps, and wait for those that are being taken; who ends before is found as after a kill."""
        self._stop.set()
        self._back.set()
        self._thread.join(within)

    def _run(self) -> None:
        with ThreadPoolExecutor(self._at_once, "poster") as pool:
            while not self._is_over():
                self._back.clear()
                found = self._next() if len(self._in_hand) < self._at_once else None
                if found is None:
                    self._back.wait(LOOK_EVERY)
                else:
                    self._hand(found, pool)

    def _is_over(self) -> bool:
        return self._stop.is_set() or self._ending()

    def _hand(self, found: social.turns.Turn, pool: ThreadPoolExecutor) -> None:
        self._in_hand.add(found.channel_id)
        try:
            pool.submit(self._serve, found)
        except RuntimeError:  # the machine has no thread left for it: in a while it may
            log.exception("posts wait")
            self._in_hand.discard(found.channel_id)
            self._stop.wait(PAUSE)

    def _next(self) -> social.turns.Turn | None:
        try:
            with self._app.app_context():
                found = social.turns.next_turn(utcnow(), but=set(self._in_hand))
                end_reading()
                db.session.remove()
                return found
        except Exception:  # as in the worker: whatever happens, it goes on
            log.exception("posts wait")
            self._stop.wait(PAUSE)
            return None

    def _serve(self, found: social.turns.Turn) -> None:
        try:
            with self._app.app_context():
                take_turn(found.target_id, over=self._is_over)
        except Exception:
            log.exception("a turn could not be noted", target_id=found.target_id)
        finally:
            self._in_hand.discard(found.channel_id)
            self._back.set()


def take_turn(target_id: int, *, over: Callable[[], bool] = lambda: False) -> None:
    """Bring one target as far as it goes now; an error of ours in it takes nobody with it, and is noted with the target.

    over: whether no further step is to begin.
    """
    begun = utcnow()
    try:
        for _ in range(publish.STEPS):
            if not publish.step(target_id, now=begun) or over():
                break
            begun = utcnow()
    except Exception:
        log.exception("a turn broke off", target_id=target_id)
        db.session.rollback()
        publish.stumble(target_id, begun, now=utcnow())
    finally:
        db.session.remove()


def work_off(app: Flask, *, most: int = 200) -> int:
    """Take all turns that are due in this thread, for tests and the demo; how many those were."""
    for done in range(most):
        with app.app_context():
            found = social.turns.next_turn(utcnow())
            end_reading()
            if found is None:
                return done
            take_turn(found.target_id)
    return most
