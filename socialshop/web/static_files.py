"""Static files carry the hash of their content in the address, so browsers may keep them for a year."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from .access import ANYONE, allow

bp = Blueprint("assets", __name__)


def init_app(app: Flask) -> None:
    """Add `asset("css/console.css")` to templates."""
    allow(ANYONE)(app.view_functions["static"])
    app.jinja_env.globals.update(asset=asset, stylesheet=stylesheet)
    app.register_blueprint(bp)
    app.after_request(_cache)


def asset(path: str) -> str:
    """The address of a static file, with its content's hash."""
    return url_for("static", filename=path, v=_hash(Path(current_app.static_folder or "") / path))


def stylesheet() -> str:
    """The address of our one stylesheet: tokens, base, components, pages, in this order."""
    return url_for("assets.css", digest=_sheet(Path(current_app.static_folder or "") / "css")[0])


@bp.get("/assets/<digest>.css")
@allow(ANYONE)
def css(digest: str) -> Response:
    """All layers in one file, so that a page waits for one request."""
    current, text = _sheet(Path(current_app.static_folder or "") / "css")
    if digest != current:
        abort(404)
    answer = Response(text, mimetype="text/css")
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer


def _sheet(folder: Path) -> tuple[str, str]:
    files = [
        folder / "tokens.css",
        folder / "base.css",
        *sorted(folder.glob("components/*.css")),
        *sorted(folder.glob("pages/*.css")),
    ]
    return _joined(tuple((file, file.stat().st_mtime_ns) for file in files))


@cache
def _joined(files: tuple[tuple[Path, int], ...]) -> tuple[str, str]:
    text = "".join(file.read_text() for file, _ in files)
    return hashlib.sha256(text.encode()).hexdigest()[:12], text


@cache
def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _cache(answer: AnyResponse) -> AnyResponse:
    if request.endpoint == "static" and answer.status_code == 200:
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable" if "v" in request.args else "no-cache"
    return answer
