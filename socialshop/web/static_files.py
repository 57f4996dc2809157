"""Static files carry the hash of their content in the address, so browsers may keep them for a year."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, current_app, request, url_for
from werkzeug.wrappers import Response

from .access import ANYONE


def init_app(app: Flask) -> None:
    """Add `asset("css/console.css")` to templates."""
    app.view_functions["static"].__policy__ = ANYONE  # type: ignore[attr-defined]
    app.jinja_env.globals.update(asset=asset)
    app.after_request(_cache)


def asset(path: str) -> str:
    """The address of a static file, with its content's hash."""
    return url_for("static", filename=path, v=_hash(Path(current_app.static_folder or "") / path))


@cache
def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _cache(answer: Response) -> Response:
    if request.endpoint == "static" and answer.status_code == 200:
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable" if "v" in request.args else "no-cache"
    return answer
