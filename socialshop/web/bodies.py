"""How large a body a view takes, and how long it may be on its way: 10 MiB, unless a view says otherwise beside its policy."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, g, request

from ..config import Settings

View = TypeVar("View", bound=Callable[..., Any])
Most = Callable[[Settings], int]
PATIENCE = 60  # seconds for any body
SLOWEST = 32 * 1024  # bytes a second of what is longer: each body on its way keeps a thread


def takes(most: Most, *, seconds: int = 0) -> Callable[[View], View]:
    """Let a view read a body of as many bytes as the settings say. seconds: it goes on where it stopped, so it gets no more."""

    def mark(view: View) -> View:
        view.takes, view.seconds = most, seconds  # type: ignore[attr-defined]
        return view

    return mark


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
    connection = request.environ.get("gunicorn.socket")
    if isinstance(connection, socket.socket) and (request.content_length or _is_open()):
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
