"""What somebody typed into a long form outlives their session: it comes along through signing in, and is given back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Response, abort, current_app, make_response, render_template, request
from werkzeug.exceptions import HTTPException

View = TypeVar("View", bound=Callable[..., Any])
MOST = 100_000  # characters; no form of ours has more


def over_sign_in(**instead: str) -> Callable[[View], View]:
    """Let a view's form be given back. instead: what its fields say then, so that nothing is done that was not pressed again."""

    def mark(view: View) -> View:
        view.carried = instead  # type: ignore[attr-defined]
        return view

    return mark


def form() -> str:
    """The form of this request, to be kept in the page that asks to sign in; "" where its view does not want that."""
    foreign = request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none")
    if request.method != "POST" or foreign or "X-Live" in request.headers or _instead(request.path) is None:
        return ""
    pairs = [pair for pair in request.form.items(multi=True) if pair[0] != "csrf_token"]
    kept = json.dumps(pairs, ensure_ascii=False)
    return kept if len(kept) <= MOST else ""


def give_back(path: str, kept: str, status: int = 200) -> Response:
    """A page with the form in it, which one tap brings back to where it was typed."""
    instead = _instead(path)
    if instead is None:
        abort(400)
    try:
        pairs = [(str(name), str(value)) for name, value in json.loads(kept)]
    except (ValueError, TypeError):
        abort(400)
    fields = [(name, value) for name, value in pairs if name not in instead] + list(instead.items())
    return make_response(render_template("auth/given_back.html", path=path, fields=fields), status)


def _instead(path: str) -> dict[str, str] | None:
    """What the form of this address says instead; None where it is none that is given back."""
    try:
        endpoint, _ = current_app.create_url_adapter(request).match(urlsplit(path).path, method="POST")  # type: ignore[union-attr]
    except HTTPException:
        return None
    return getattr(current_app.view_functions[endpoint], "carried", None)
