"""Who may enter which room: every view declares its policy, and a view without one is closed to all."""

from __future__ import annotations

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from ..domain import people
from ..domain.audit import Actor
from ..policy import (
    ANYONE,
    BRAND_MANAGE,
    BRAND_MONEY,
    BRAND_OWN,
    BRAND_TILL,
    BRAND_VIEW,
    CREATOR,
    KEY_DOOR,
    OPERATOR,
    SIGNATURE,
    SIGNED_IN,
    Policy,
    allow,
    policy_of,
)

__all__ = [
    "ANYONE", "BRAND_MANAGE", "BRAND_MONEY", "BRAND_OWN", "BRAND_TILL", "BRAND_VIEW", "CREATOR", "OPERATOR", "SIGNATURE",
    "SIGNED_IN", "Policy", "actor", "allow", "check", "init_app", "policy_of",
]  # fmt: skip


def init_app(app: Flask) -> None:
    """Stand at the door of every request."""
    app.before_request(_guard)


def check(app: Flask) -> None:
    """Refuse to start with a route that declares nothing."""
    bare = sorted({rule.endpoint for rule in app.url_map.iter_rules() if policy_of(app, rule.endpoint) is None})
    if bare:
        raise RuntimeError(f"routes without a policy: {', '.join(bare)}")


def actor() -> Actor:
    """Who acts in this request, for the audit; the hat is the policy that let them in."""
    if not current_user.is_authenticated:
        return Actor("visitor", "anonymous")
    hat = ""
    if g.get("brand") is not None:
        hat = f"brand:{g.member.role}"
    elif g.get("creator") is not None:
        hat = "creator"
    elif g.get("operating"):
        hat = "operator"
    return Actor("user", current_user.user.public_id, hat)


def _guard() -> Response | None:
    g.creator = g.brand = g.member = None
    g.operating = False
    if request.endpoint is None:
        return None  # an unknown address: the 404 page
    policy = policy_of(current_app, request.endpoint)
    if policy is None:
        abort(403)
    if policy.kind in ("anyone", "signature"):
        return None
    if policy.kind == "key":
        door = current_app.extensions.get(KEY_DOOR)
        if door is None:
            abort(403)
        door(policy)  # raises; cookies open nothing here
        return None
    if not current_user.is_authenticated:
        return _to_sign_in()
    user = current_user.user
    if policy.kind == "creator":
        g.creator = people.creator_of(user.id)
        if g.creator is None:
            return redirect(url_for("auth.start"))
    elif policy.kind == "brand":
        g.brand, g.member = people.find_membership(user.id, g.get("brand_slug", ""))
        if g.brand is None:
            abort(404)  # a stranger's brand answers like a missing one
        if g.member.role not in policy.roles:
            abort(403)
    elif policy.kind == "operator":
        if user.operator_since is None:
            abort(404)
        g.operating = True
    return None


def _to_sign_in() -> Response:
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("auth.sign_in", next=request.full_path.rstrip("?")))
    answer: Response = current_app.login_manager.unauthorized()  # type: ignore[attr-defined]  # `auth.doors.sign_in_first`
    return answer
