"""Pictures: public by their id, the same for ever, so browsers and caches may keep them for a year."""

from __future__ import annotations

from flask import current_app, request, url_for
from werkzeug.wrappers import Response

from ...domain import media
from ...kernel.errors import NotFound
from ..access import ANYONE, allow
from . import bp


@bp.get("/media/<picture>/<name>")
@allow(ANYONE)
def picture(picture: str, name: str) -> Response:
    """One size of a picture: `640.webp`, or `1200.jpg` for link previews."""
    found = media.find(picture) if name in media.NAMES else None
    if found is None:
        raise NotFound()
    place = media.files_of(found.sha256, current_app.config["SETTINGS"].media_folder)
    try:
        content = (place / name).read_bytes()  # at most 300 KB
    except FileNotFoundError as error:
        raise NotFound() from error
    answer = Response(content, mimetype="image/jpeg" if name == media.CARD else "image/webp")
    answer.set_etag(f"{found.sha256[:32]}-{name}")
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    answer.headers["Content-Security-Policy"] = "default-src 'none'"
    return answer.make_conditional(request.environ)


@bp.app_template_global()
def picture_url(picture: str, size: int = 640) -> str:
    """The address of a picture at one of the widths of `media.SIZES`."""
    return url_for("shop.picture", picture=picture, name=f"{size}.webp")


@bp.app_template_global()
def picture_srcset(picture: str, *sizes: int) -> str:
    """All widths of a picture for `srcset`."""
    return ", ".join(f"{picture_url(picture, size)} {size}w" for size in sizes or media.SIZES)


@bp.app_template_global()
def picture_card(picture: str) -> str:
    """The JPEG for link previews, as a full address: chat apps fetch it from elsewhere."""
    base: str = current_app.config["SETTINGS"].base_url
    return base + url_for("shop.picture", picture=picture, name=media.CARD)
