"""/l/<slug>: a tracked link. 302, never cached."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, request
from flask_login import current_user

from ...domain import clicks
from ...flows import click
from ...kernel.clock import utcnow
from ...kernel.errors import NotFound
from ..access import ANYONE, allow
from . import bp, visitor


@bp.get("/l/<slug>")
@allow(ANYONE)
def follow(slug: str) -> Response:
    """Lead on. HEAD gives the same redirect but is no click; a speculative prefetch gets 403, so that the real tap reaches us.

    https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Purpose
    """
    now = utcnow()
    if request.method == "HEAD":
        location = click.where(slug, now=now)
        if location is None:
            raise NotFound()
        return _redirect(location)
    tap = tap_of_request()
    speculative = clicks.is_speculative(tap)
    user_id = current_user.user.id if current_user.is_authenticated else None
    who = visitor.known() if speculative else visitor.of_request()
    followed = click.follow(slug, tap, visitor=who, user_id=user_id, now=now)
    if speculative:
        return Response(status=403, headers={"Cache-Control": "no-store"})
    if followed is None:
        raise NotFound()
    answer = _redirect(followed.location)
    if followed.kind in ("payable", "duplicate"):
        visitor.remember(answer, click=followed.click_id)
    return answer


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


def _redirect(location: str) -> Response:
    """A bare 302: stored addresses are ASCII and checked, so they go into the header as they are."""
    return Response(status=302, headers={"Location": location, "Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"})
