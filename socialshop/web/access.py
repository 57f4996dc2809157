"""Who may enter which room: every view declares its policy, and a view without one is closed to all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from ..domain import people
from ..domain.audit import Actor

Kind = Literal["anyone", "signed_in", "creator", "brand", "operator", "signature"]
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may call a view; `roles` only with kind "brand"."""

    kind: Kind
    roles: tuple[str, ...] = ()


ANYONE = Policy("anyone")
SIGNED_IN = Policy("signed_in")
CREATOR = Policy("creator")
OPERATOR = Policy("operator")
SIGNATURE = Policy("signature")  # a machine that proves itself by signature inside the view
BRAND_VIEW = Policy("brand", ("owner", "manager", "finance", "viewer"))
BRAND_MANAGE = Policy("brand", ("owner", "manager"))  # products, programs, creators, orders, connections
BRAND_MONEY = Policy("brand", ("owner", "finance"))  # payouts, receiving accounts
BRAND_TILL = Policy("brand", ("owner", "manager", "finance"))  # confirming payments, refunds
BRAND_OWN = Policy("brand", ("owner",))  # members, brand settings


def allow(policy: Policy) -> Callable[[View], View]:
    """Declare a view's policy; goes below the route decorator."""

    def declare(view: View) -> View:
        view.__policy__ = policy  # type: ignore[attr-defined]
        return view

    return declare


def policy_of(app: Flask, endpoint: str) -> Policy | None:
    """The policy declared for an endpoint, if any."""
    return getattr(app.view_functions.get(endpoint), "__policy__", None)


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
    abort(401)
