"""API keys of a creator."""

from __future__ import annotations

from flask import g, url_for
from werkzeug.wrappers import Response

from ...domain.people import KeyHolder
from ..access import CREATOR, allow
from ..auth.proof import prove_recently
from ..keys import Desk, Page
from . import bp


@bp.get("/keys", endpoint="keys")
@allow(CREATOR)
@prove_recently
def keys() -> str:
    """The creator's keys, and a form for another one."""
    return _desk().shown()


@bp.post("/keys", endpoint="key_made")
@allow(CREATOR)
@prove_recently
def key_made() -> Page:
    """Make a key, and show its secret once."""
    return _desk().made()


@bp.post("/keys/<key>/revocation", endpoint="key_revoked")
@allow(CREATOR)
def key_revoked(key: str) -> Response:
    """Close a key for good."""
    return _desk().revoked(key)


def _desk() -> Desk:
    return Desk(KeyHolder(creator=g.creator), "creator/keys.html", url_for("creator.keys"))
