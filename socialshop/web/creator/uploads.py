"""Pictures and films for posts, sent piece by piece: tus 1.0 with creation, expiration and termination.

https://tus.io/protocols/resumable-upload
"""

from __future__ import annotations

import base64
import binascii
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from flask import Response as FlaskResponse
from flask import current_app, g, jsonify, make_response, request, url_for
from flask_babel import gettext
from werkzeug.exceptions import ClientDisconnected
from werkzeug.http import http_date
from werkzeug.wrappers import Response

from ...config import Settings
from ...domain import uploads
from ...domain.uploads import Upload
from ...flows import upload as stories
from ...kernel.clock import utcnow
from ...kernel.errors import DomainError
from .. import bodies
from ..access import CREATOR, allow
from ..local import sentence
from ..refusals import status_of
from . import bp

VERSION = "1.0.0"
PIECE = 1024 * 1024  # bytes that are written, synced and told at once
AT_ONCE = 4  # bodies that one process reads at a time: slow phones must not take every thread
EACH = 2  # of them from one creator: nobody keeps the others waiting
SECONDS = 100  # for one body, the rest comes with the next one; `upload.js` waits 90
BYTES = "application/offset+octet-stream"
_STATUSES = {"not_media": 415, "heic": 415, "large_picture": 413, "large_film": 413, "too_large": 413}
_TUS = {"upload_begin", "upload", "upload_go_on", "upload_end"}


def a_film(settings: Settings) -> int:
    """As many bytes as a film may have."""
    return settings.uploads.film_mb * 1024 * 1024


class Turns:
    """Who sends bytes to this process right now."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: Counter[int] = Counter()

    def take(self, creator_id: int) -> bool:
        """Whether there is one more, for this creator."""
        with self._lock:
            free = self._taken.total() < AT_ONCE and self._taken[creator_id] < EACH
            self._taken[creator_id] += free
            return free

    def give_back(self, creator_id: int) -> None:
        """The bytes have arrived, or will not."""
        with self._lock:
            self._taken[creator_id] -= 1
            self._taken += Counter()  # whoever has none is not remembered


turns = Turns()


def _speaking(view: Callable[..., Response]) -> Callable[..., Response]:
    """Refusals as JSON with a sentence; who writes says which version of the protocol they speak."""

    @wraps(view)
    def answer(*words: Any, **named: Any) -> Response:
        if request.method not in ("GET", "HEAD") and request.headers.get("Tus-Resumable") != VERSION:
            return _refused(412, "version", gettext("This version of the upload protocol is not spoken here."))
        try:
            return view(*words, **named)
        except stories.WrongPlace as refused:
            told = _refused(409, refused.code, sentence(refused))
            told.headers["Upload-Offset"] = str(refused.facts["at"])
            return told
        except DomainError as refused:
            return _refused(_STATUSES.get(refused.code, status_of(refused)), refused.code, sentence(refused))

    return answer


def _refused(status: int, code: str, text: str) -> FlaskResponse:
    answer = jsonify(code=code, sentence=text)
    answer.status_code = status
    if status == 503:
        answer.headers["Retry-After"] = "2"
        bodies.hear_no_more()
    return answer


@bp.after_request
def _name_protocol(answer: Response) -> Response:
    if (request.endpoint or "").rpartition(".")[2] in _TUS:
        answer.headers["Tus-Resumable"] = VERSION
        answer.headers["Cache-Control"] = "no-store"
        if request.method == "OPTIONS" or answer.status_code == 412:
            answer.headers["Tus-Version"] = VERSION
            answer.headers["Tus-Extension"] = "creation,expiration,termination"
            answer.headers["Tus-Max-Size"] = str(stories.limits().film)
    return answer


@bp.post("/uploads")
@allow(CREATOR)
@_speaking
def upload_begin() -> Response:
    """Announce a file: Upload-Length, and its name and type in Upload-Metadata."""
    size = request.headers.get("Upload-Length", "")
    if not _is_count(size):
        return _refused(400, "length", gettext("How long the file is must be said first."))
    told = _metadata(request.headers.get("Upload-Metadata", ""))
    if told is None:
        return _refused(400, "metadata", gettext("The name of the file cannot be read."))
    row = stories.begin(
        g.creator.id, name=told.get("filename", ""), size=int(size), media_type=told.get("filetype", ""), now=utcnow()
    )
    answer = make_response(jsonify(shown(row)), 201)
    answer.headers["Location"] = url_for("creator.upload", sent=row.public_id)
    return _with_place(answer, row)


@bp.get("/uploads/<sent>")
@allow(CREATOR)
@_speaking
def upload(sent: str) -> Response:
    """How far it has come; what it is, once it was looked at."""
    row = uploads.upload_of(g.creator.id, sent)
    if row.state == "receiving" and row.received < row.size:
        row = stories.open_(g.creator.id, sent, now=utcnow())
    return _with_place(jsonify(shown(row)), row)


@bp.patch("/uploads/<sent>")
@allow(CREATOR)
@bodies.takes(a_film, seconds=SECONDS)
@_speaking
def upload_go_on(sent: str) -> Response:
    """Append the body at Upload-Offset. What came before the signal was lost, stays."""
    row = stories.open_(g.creator.id, sent, now=utcnow())
    if request.mimetype != BYTES:
        return _refused(415, "type", gettext("The bytes of a file must be sent as such."))
    at = request.headers.get("Upload-Offset", "")
    if not _is_count(at):
        return _refused(400, "offset", gettext("Where the bytes belong must be said."))
    if request.content_length is not None and int(at) + request.content_length > row.size:
        return _refused(413, "too_large", gettext("More arrived than was announced."))
    if not turns.take(g.creator.id):
        return _refused(503, "busy", gettext("Many files are arriving right now. Yours goes on in a moment."))
    try:
        row = stories.receive(g.creator.id, sent, int(at), _pieces(), now=utcnow())
    finally:
        turns.give_back(g.creator.id)
    answer = make_response("", 204)
    answer.headers["Upload-State"] = row.state
    return _with_place(answer, row)


@bp.delete("/uploads/<sent>")
@allow(CREATOR)
@_speaking
def upload_end(sent: str) -> Response:
    """Give it up."""
    stories.remove(g.creator.id, sent)
    return make_response("", 204)


def shown(row: Upload) -> dict[str, Any]:
    """An upload as the script of the page knows it."""
    picture = row.state == "ready" and row.kind == "image"
    return {
        "id": row.public_id,
        "name": row.name,
        "kind": row.kind,
        "state": row.state,
        "why": row.why,
        "sentence": why_of(row),
        "size": row.size,
        "received": row.received,
        "width": row.width,
        "height": row.height,
        "milliseconds": row.milliseconds,
        "thumb": url_for("creator.upload_thumb", sent=row.public_id) if picture else "",
        "file": url_for("creator.upload_file", sent=row.public_id) if row.state == "ready" else "",
    }


def why_of(row: Upload) -> str:
    """Why it was not taken, and what to do; "" where it was."""
    return gettext(uploads.WHY[row.why]) if row.why in uploads.WHY else ""


def _pieces() -> Iterator[bytes]:
    """The body in pieces. Where the signal is lost, what came until then is the last one."""
    rest = bytearray()
    try:
        while part := request.stream.read(64 * 1024):
            rest += part
            if len(rest) >= PIECE:
                yield bytes(rest)
                rest.clear()
    except (ClientDisconnected, OSError):
        current_app.logger.debug("an upload broke off")
    if rest:
        yield bytes(rest)


def _with_place(answer: Response, row: Upload) -> Response:
    answer.headers["Upload-Offset"] = str(row.received)
    answer.headers["Upload-Length"] = str(row.size)
    if row.state == "receiving":
        answer.headers["Upload-Expires"] = http_date(uploads.over_at(row.updated_at))
    return answer


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 15


def _metadata(text: str) -> dict[str, str] | None:
    """Upload-Metadata: "key base64,key base64"; None where it is not that."""
    found: dict[str, str] = {}
    for pair in filter(None, (each.strip() for each in text.split(","))):
        key, _, value = pair.partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return None
    return found
