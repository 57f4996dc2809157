"""Bodies that come slowly keep some threads, and never all of them."""

from __future__ import annotations

import io
import threading
from contextlib import suppress
from typing import Any

import pytest

from socialshop.web import bodies


class Slow(io.RawIOBase):
    """A body of which the second half comes when it is let."""

    def __init__(self, size: int) -> None:
        self.left, self.begun, self.come = size, threading.Event(), threading.Event()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        self.begun.set()
        assert self.come.wait(10)
        piece, self.left = b"x" * self.left, 0
        return piece


def wire(body: Slow) -> dict[str, Any]:
    return {"wsgi.input": body, "CONTENT_LENGTH": str(body.left), "CONTENT_TYPE": "application/x-www-form-urlencoded"}


@pytest.fixture
def few(monkeypatch):
    """Two bodies at a time, and nobody waits long for a turn."""
    monkeypatch.setattr(bodies, "TURN", 0.05)
    monkeypatch.setattr(bodies, "_reading", [bodies.Reading(2)])


@pytest.mark.parametrize("address", ["/hooks/instagram", "/hooks/tiktok", "/auth/sign-in"])
def test_who_sends_slowly_leaves_threads_to_others(app, few, address):
    slow, said = [Slow(50) for _ in range(2)], []

    def send(body: Slow) -> None:
        said.append(app.test_client().post(address, environ_overrides=wire(body)).status_code)

    crowd = [threading.Thread(target=send, args=(body,)) for body in slow]
    for one, body in zip(crowd, slow, strict=True):
        one.start()
        assert body.begun.wait(10)
    others = app.test_client()
    refused = others.post(address, data=b"x" * 50, content_type="text/plain")
    assert (refused.status_code, "Retry-After" in refused.headers) == (503, True)
    assert others.get("/healthz").status_code == 200
    for body in slow:
        body.come.set()
    for one in crowd:
        one.join()
    assert said == [said[0]] * 2
    for _ in range(3):  # each gives its place back
        assert others.post(address, data=b"x" * 50, content_type="text/plain").status_code == said[0]


def test_a_body_that_has_arrived_keeps_nobody_waiting_however_long_its_view_takes(app, few, monkeypatch):
    from socialshop.api import social_hooks

    working, go_on = threading.Semaphore(0), threading.Event()

    def clients(_logins):
        working.release()
        assert go_on.wait(10)
        return []

    monkeypatch.setattr(social_hooks, "_clients", clients)
    crowd = [threading.Thread(target=lambda: app.test_client().post("/hooks/tiktok", data=b"{}")) for _ in range(2)]
    for one in crowd:
        one.start()
        assert working.acquire(timeout=10)
    said = app.test_client().post("/auth/sign-in", data={"email": "x"}).status_code
    go_on.set()
    for one in crowd:
        one.join()
    assert said == 400


def test_a_body_that_breaks_off_gives_its_place_back(app, few):
    class Broken(Slow):
        def read(self, size: int = -1) -> bytes:
            raise OSError("gone")

    for _ in range(3):
        with suppress(OSError):
            app.test_client().post("/hooks/tiktok", environ_overrides=wire(Broken(50)))
    assert app.test_client().post("/hooks/tiktok", data=b"{}").status_code == 401
