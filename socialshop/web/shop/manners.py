"""What we ask visitors politely, and what they answered: whether they may be known again, whether they stay in an app."""

from __future__ import annotations

from typing import Any

from flask import current_app, redirect, request
from werkzeug.wrappers import Response

from ...kernel import visitors
from ..access import ANYONE, allow
from ..auth.current import local_path
from ..limits import limiter
from . import bp, in_app, visitor

DAYS_180 = 180 * 86_400


@bp.record_once
def _globals(state: Any) -> None:
    state.app.jinja_env.globals.update(here=here)


def here() -> str:
    """The address of this page, to come back to."""
    return request.full_path.removesuffix("?")


def asks_for_consent(*, serves: bool) -> bool:
    """Whether this page should ask: the operator wants it, it would serve attribution, and nobody has answered yet."""
    return (
        serves
        and current_app.config["SETTINGS"].visitor_cookies == "consent"
        and not visitor.wants_privacy()
        and visitors.CHOICE not in request.cookies
    )


@bp.post("/visit/memory")
@allow(ANYONE)
@limiter.limit("30 per minute")
def visit_memory() -> Response:
    """Keep whether this browser may be known again; a no takes back what was kept."""
    said = "yes" if request.form.get("choice") == "yes" else "no"
    answer = redirect(local_path(request.form.get("back", ""), "/"), 303)
    _keep(answer, visitors.CHOICE, said, DAYS_180)
    if said == "no" or visitor.wants_privacy():
        return visitor.forget(answer)
    return visitor.remember_click(answer, request.form.get(visitor.CARRIED, ""))


@bp.post("/visit/inside")
@allow(ANYONE)
@limiter.limit("30 per minute")
def visit_inside() -> Response:
    """Stay inside the app, and be asked no more until the browser is closed."""
    answer = redirect(local_path(request.form.get("back", ""), "/"), 303)
    _keep(answer, in_app.STAY, "1", None)
    return answer


def _keep(answer: Response, name: str, value: str, seconds: int | None) -> None:
    answer.set_cookie(name, value, max_age=seconds, httponly=True, samesite="Lax", secure=request.is_secure)
