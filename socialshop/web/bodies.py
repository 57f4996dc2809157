"""How large a body a view takes: 10 MiB, unless it says otherwise beside its policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request

from ..config import Settings

View = TypeVar("View", bound=Callable[..., Any])
Most = Callable[[Settings], int]


def takes(most: Most) -> Callable[[View], View]:
    """Let a view read a body of as many bytes as the settings say."""

    def mark(view: View) -> View:
        view.takes = most  # type: ignore[attr-defined]
        return view

    return mark


def init_app(app: Flask) -> None:
    """Say it before anybody reads the body, the guard against foreign forms among them."""
    app.before_request(_allow)


def _allow() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    most: Most | None = getattr(view, "takes", None)
    if most is not None:
        request.max_content_length = most(current_app.config["SETTINGS"])
