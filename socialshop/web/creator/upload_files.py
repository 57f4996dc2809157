"""What a creator has sent for posts: to look at, to remove, and to send more by a form that needs no script."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import IO

from babel.numbers import format_decimal
from flask import flash, g, redirect, render_template, request, send_file, url_for
from flask_babel import gettext
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from ...config import Settings
from ...domain import social, uploads
from ...domain.uploads import Upload
from ...flows import upload as stories
from ...kernel.clock import utcnow
from ...kernel.errors import DomainError, NotFound
from .. import bodies, paging
from ..access import CREATOR, allow
from ..local import locale, sentence
from . import bp
from .uploads import PIECE, a_film, why_of

PAGE = 24
SPARE = 64 * 1024 * 1024  # beside a film, a form may bring some pictures
ACCEPTED = ",".join(dict.fromkeys(uploads.TYPES.values()))


def a_form(settings: Settings) -> int:
    """As many bytes as a form with a film and some pictures may have."""
    return a_film(settings) + SPARE


@bp.app_template_filter("megabytes")
def megabytes(size: int) -> str:
    """A size as the reader writes numbers: "86 KB", "8,4 MB", "1,2 GB"."""
    for unit, many in (("GB", 1024**3), ("MB", 1024**2)):
        if size >= many:
            return f"{format_decimal(Decimal(size) / many, format='#,##0.#', locale=locale())} {unit}"
    return f"{format_decimal((size + 1023) // 1024, format='#,##0', locale=locale())} KB"


@bp.app_template_global("upload_types")
def upload_types() -> str:
    """What a file chooser offers."""
    return ACCEPTED


@bp.app_template_global("upload_limits")
def upload_limits() -> uploads.Limits:
    """How much is taken, for the widget."""
    return stories.limits()


@bp.get("/uploads", endpoint="uploads")
@allow(CREATOR)
def uploads_list() -> str:
    """What this creator has sent, what was not taken and why, and a form to send more."""
    return _page()


@bp.post("/uploads/form")
@allow(CREATOR)
@bodies.takes(a_form)
def uploads_form() -> Response | tuple[str, int]:
    """Files that come in one go."""
    files = [file for file in request.files.getlist("files") if file.filename]
    if not files:
        flash(gettext("Please choose a picture or film first."), "warn")
        return _page(), 422
    taken, refused = take(files)
    for name, why in refused:
        flash(f"{name}: {why}", "bad")
    if taken:
        flash(gettext("Done. You can choose it for your next post."), "good")
    return (_page(), 422) if refused else redirect(url_for("creator.uploads"), 303)


@bp.post("/uploads/<sent>/removal")
@allow(CREATOR)
def upload_removal(sent: str) -> Response:
    """Forget a file; posts that have it keep it."""
    stories.remove(g.creator.id, sent)
    flash(gettext("Removed. Posts that show it keep it."), "good")
    return redirect(url_for("creator.uploads"), 303)


def take(files: list[FileStorage]) -> tuple[list[Upload], list[tuple[str, str]]]:
    """Files of a plain form: what was taken, and the names of the others with a sentence each."""
    taken: list[Upload] = []
    refused: list[tuple[str, str]] = []
    for file in files:
        name = uploads.called(file.filename or "")
        size = file.stream.seek(0, 2)
        file.stream.seek(0)
        try:
            row = stories.whole(g.creator.id, name, file.mimetype, size, _pieces(file.stream), now=utcnow())
        except DomainError as error:
            refused.append((name, sentence(error)))
            continue
        if row.state == "ready":
            taken.append(row)
        else:
            refused.append((name, why_of(row)))
    return taken, refused


@bp.get("/uploads/<sent>/file")
@allow(CREATOR)
def upload_file(sent: str) -> Response:
    """The file as it is kept; players ask for parts of it."""
    row = uploads.upload_of(g.creator.id, sent)
    return _file(row.sha256, row.media_type) if row.state == "ready" else _none()


@bp.get("/uploads/<sent>/thumb")
@allow(CREATOR)
def upload_thumb(sent: str) -> Response:
    """A small picture; of a film there is none."""
    row = uploads.upload_of(g.creator.id, sent)
    return _thumb(row.sha256) if row.state == "ready" and row.kind == "image" else _none()


@bp.get("/post-media/<item>/file")
@allow(CREATOR)
def post_file(item: str) -> Response:
    """A file of an own post."""
    row = _of_post(item)
    return _file(row.sha256, row.media_type)


@bp.get("/post-media/<item>/thumb")
@allow(CREATOR)
def post_thumb(item: str) -> Response:
    """A small picture of an own post; of a film there is none."""
    row = _of_post(item)
    return _thumb(row.sha256) if row.kind == "image" else _none()


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    while piece := stream.read(PIECE):
        yield piece


def _page() -> str:
    number = paging.page_number()
    rows = uploads.uploads_of(g.creator.id, limit=PAGE + 1, offset=(number - 1) * PAGE)
    bounds = stories.limits()
    return render_template(
        "creator/uploads.html", rows=rows[:PAGE], more=len(rows) > PAGE, number=number, limits=bounds, why_of=why_of,
        kept=uploads.kept(g.creator.id),
    )  # fmt: skip


def _of_post(public_id: str) -> social.PostMedia:
    row = social.find_media(public_id)
    if row is None or social.post(row.post_id).creator_id != g.creator.id:
        raise NotFound()
    return row


def _file(sha256: str, media_type: str) -> Response:
    place = social.files.path_of(sha256, stories.folder())
    if not place.is_file():
        raise NotFound()
    return _private(send_file(place, mimetype=media_type, conditional=True, etag=sha256[:32], max_age=86400))


def _thumb(sha256: str) -> Response:
    place = social.files.thumb_of(sha256, stories.folder())
    if not place.is_file():
        raise NotFound()
    return _private(send_file(place, mimetype="image/webp", conditional=True, etag=f"{sha256[:32]}t", max_age=86400))


def _private(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "private, max-age=86400"
    answer.headers["Content-Security-Policy"] = "default-src 'none'"
    return answer


def _none() -> Response:
    raise NotFound()
