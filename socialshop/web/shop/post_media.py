"""Files of posts for the platforms that fetch them: signed addresses that end, and parts of a film on request."""

from __future__ import annotations

from flask import current_app, send_file
from werkzeug.wrappers import Response

from ...domain import social
from ...kernel.clock import utcnow
from ...kernel.errors import NotFound
from ..access import ANYONE, allow
from . import bp


@bp.get("/post-media/<item>/<int:until>/<mark>")
@allow(ANYONE)
def post_media(item: str, until: int, mark: str) -> Response:
    """One file of a post, or a variant of it, without a sign-in or a redirect; a wrong or ended address is not found."""
    found = social.find_file(item) if until < 10**11 and social.files.is_ours(item, until, mark, now=utcnow()) else None
    if found is None:
        raise NotFound()
    place = social.files.path_of(found.sha256, current_app.config["SETTINGS"].instance.absolute() / "post_media")
    if not place.is_file():
        raise NotFound()
    answer = send_file(place, mimetype=found.media_type, conditional=True, etag=found.sha256[:32], max_age=3600)
    answer.headers["Content-Security-Policy"] = "default-src 'none'"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
