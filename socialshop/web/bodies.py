"""How large a body a view takes, and how long it may be on its way: 10 MiB, unless a view says otherwise beside its policy.

Not every thread reads bodies at once: those who send slowly, with or without intent, leave some to everybody else.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, g, request

from ..config import Settings
from ..kernel.errors import Unavailable

View = TypeVar("View", bound=Callable[..., Any])
Most = Callable[[Settings], int]
PATIENCE = 60  # seconds for any body
SLOWEST = 32 * 1024  # bytes a second of what is longer: each body on its way keeps a thread
LEFT = 2  # threads that read no bodies
TURN = 0.2  # seconds that one waits until a body has arrived


class Reading:
    """So many bodies may be on their way into this process; one that has arrived counts no more, however long its view takes."""

    def __init__(self, most: int) -> None:
        self._free = threading.Semaphore(most)

    def begin(self) -> Callable[[], None] | None:
        """What is to be called when the body is here, or will not come, once or more often; None: too many are on their way."""
        if not self._free.acquire(timeout=TURN):
            return None
        held = [self._free]

        def end() -> None:
            if held:
                held.pop().release()

        return end


class Arriving:
    """A body that says when all of it has been read."""

    def __init__(self, stream: Any, size: int | None, arrived: Callable[[], None]) -> None:
        self._stream, self._left, self._arrived = stream, size, arrived

    def read(self, size: int = -1) -> Any:
        """As a file does."""
        return self._seen(self._stream.read(size), size)

    def readline(self, size: int = -1) -> Any:
        """As a file does."""
        return self._seen(self._stream.readline(size), size)

    def _seen(self, piece: Any, asked: int) -> Any:
        if self._left is not None:
            self._left -= len(piece)
        if (self._left is not None and self._left <= 0) or (not piece and asked):
            self._arrived()
        return piece


_reading = [Reading(6)]


def takes(most: Most, *, seconds: int = 0) -> Callable[[View], View]:
    """Let a view read a body of as many bytes as the settings say. seconds: it goes on where it stopped, so it gets no more."""

    def mark(view: View) -> View:
        view.takes, view.seconds = most, seconds  # type: ignore[attr-defined]
        return view

    return mark


def share(threads: int) -> None:
    """Say how many threads this process answers with."""
    _reading[:] = [Reading(max(1, threads - LEFT))]


def init_app(app: Flask) -> None:
    """Say it before anybody reads the body, the guard against foreign forms among them."""
    app.before_request(_allow)
    app.teardown_request(_let_be)


def hear_no_more() -> None:
    """Answer without the rest of a body; the server would keep a thread for it a while longer."""
    connection = request.environ.get("gunicorn.socket")
    if isinstance(connection, socket.socket):
        _hang_up(connection)


def _allow() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    most: Most | None = getattr(view, "takes", None)
    if most is not None:
        request.max_content_length = most(current_app.config["SETTINGS"])
    if not request.content_length and not _is_open():
        return
    arrived = _reading[0].begin()
    if arrived is None:
        hear_no_more()
        raise Unavailable
    g.arrived = arrived
    request.environ["wsgi.input"] = Arriving(request.environ["wsgi.input"], request.content_length, arrived)
    connection = request.environ.get("gunicorn.socket")
    if isinstance(connection, socket.socket):
        size = request.content_length or request.max_content_length or 0
        g.clock = threading.Timer(getattr(view, "seconds", 0) or PATIENCE + size / SLOWEST, _hang_up, (connection,))
        g.clock.daemon = True
        g.clock.start()


def _is_open() -> bool:
    """Whether a body comes whose length is not said."""
    return "Transfer-Encoding" in request.headers


def _hang_up(connection: socket.socket) -> None:
    """Hear no more, so that the thread goes on; it can still answer."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RD)


def _let_be(_error: BaseException | None) -> None:
    if (clock := g.pop("clock", None)) is not None:
        clock.cancel()
    if (arrived := g.pop("arrived", None)) is not None:
        arrived()
