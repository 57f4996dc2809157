"""/l/<slug>, where the redirector in front of the app has no answer: a slug that never was."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, request

from ...domain import clicks
from ...kernel.errors import NotFound
from ..access import ANYONE, allow
from . import bp


@bp.get("/l/<slug>")
@allow(ANYONE)
def follow(slug: str) -> Response:
    """A helpful page instead of a link that there is none of."""
    raise NotFound()


def tap_of_request() -> clicks.Tap:
    """What the request says about itself, as plain values."""
    headers = request.headers
    return clicks.Tap(
        purpose=" ".join(headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")),
        mode=headers.get("Sec-Fetch-Mode", "").casefold(),
        dest=headers.get("Sec-Fetch-Dest", "").casefold(),
        agent=headers.get("User-Agent", ""),
        referrer=_host(headers.get("Referer", "")),
    )


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
