"""API keys of a brand."""

from __future__ import annotations

from flask import g, url_for
from werkzeug.wrappers import Response

from ...domain.people import KeyHolder
from ..access import BRAND_OWN, allow
from ..auth.proof import prove_recently
from ..keys import Desk, Page
from . import bp


@bp.get("/settings/keys", endpoint="settings_keys")
@allow(BRAND_OWN)
@prove_recently
def settings_keys() -> str:
    """The brand's keys, and a form for another one."""
    return _desk().shown()


@bp.post("/settings/keys", endpoint="settings_key_made")
@allow(BRAND_OWN)
@prove_recently
def settings_key_made() -> Page:
    """Make a key, and show its secret once."""
    return _desk().made()


@bp.post("/settings/keys/<key>/revocation", endpoint="settings_key_revoked")
@allow(BRAND_OWN)
def settings_key_revoked(key: str) -> Response:
    """Close a key for good."""
    return _desk().revoked(key)


def _desk() -> Desk:
    return Desk(KeyHolder(brand=g.brand), "brand/settings_keys.html", url_for("brand.settings_keys"))
