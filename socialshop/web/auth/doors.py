"""Sign up, sign in, sign out, and prove it once more."""

from __future__ import annotations

from typing import Literal

from flask import abort, current_app, make_response, redirect, render_template, request, session, url_for
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response

from ...domain import people
from ...flows import people as stories
from ...kernel.clock import utcnow
from ...kernel.database import transaction
from ...kernel.errors import Invalid
from .. import carried, invites
from ..access import ANYONE, SIGNED_IN, allow
from ..limits import limiter
from ..local import locale
from . import bp
from .current import browser, enter, local_path, manager, me, my_session
from .forms import ProveForm, SignInForm, SignUpForm, blame
from .hats import page_of

Page = str | Response | tuple[str, int]


@bp.get("/sign-up")
@allow(ANYONE)
def sign_up() -> Page:
    """The form; `?as=brand` for brands."""
    if current_user.is_authenticated:
        return redirect(url_for("auth.start"))
    form = SignUpForm()
    if request.args.get("as") in ("creator", "brand"):
        form.kind.data = request.args["as"]
    return render_template("auth/sign_up.html", form=form)


@bp.post("/sign-up")
@allow(ANYONE)
@limiter.limit("20 per hour")
def sign_up_sent() -> Page:
    """Make the account, sign it in, and lead on to the first thing to do."""
    form = SignUpForm()
    kind: Literal["creator", "brand"] = "brand" if form.kind.data == "brand" else "creator"
    name = form.handle.data if kind == "creator" else form.brand_name.data
    try:
        if kind == "creator" and not (name or "").strip():
            name = people.suggest_handle(form.email.data or "")  # who leaves it open gets one from the address
        entry = stories.sign_up(
            form.email.data or "", form.password.data or "", stories.Hat(kind, name or ""), browser(),
            locale=locale(), timezone=current_app.config["SETTINGS"].default_timezone, now=utcnow(),
        )  # fmt: skip
    except Invalid as refusal:
        blame(form, refusal)
        return render_template("auth/sign_up.html", form=form), 422
    enter(entry.token)
    return redirect(_first_page(entry.user, kind), 303)


@bp.get("/handle")
@allow(ANYONE)
@limiter.limit("60 per minute")
def handle_idea() -> dict[str, str]:
    """A free handle for what is being typed, the part of an address before the "@": `?from=mia`."""
    return {"handle": people.suggest_handle(request.args.get("from", "")[:254])}


@bp.get("/sign-in")
@allow(ANYONE)
def sign_in() -> Page:
    """The form; who is signed in goes on."""
    onward = local_path(request.args.get("next", ""), url_for("auth.start"))
    if current_user.is_authenticated:
        return redirect(onward)
    return render_template("auth/sign_in.html", form=SignInForm(next=onward))


@bp.post("/sign-in")
@allow(ANYONE)
@limiter.limit("30 per 15 minutes")
def sign_in_sent() -> Page:
    """Open a session; the wrong address and the wrong password are one answer."""
    form = SignInForm()
    try:
        entry = stories.sign_in(form.email.data or "", form.password.data or "", browser(), now=utcnow())
    except Invalid as refusal:
        blame(form, refusal)
        return render_template("auth/sign_in.html", form=form), 422
    enter(entry.token)
    onward = local_path(form.next.data or "", url_for("auth.start"))
    return carried.give_back(onward, form.kept.data) if form.kept.data else redirect(onward, 303)


@manager.unauthorized_handler  # type: ignore[untyped-decorator]
def sign_in_first() -> Response:
    """A form came, and its session has ended: what was typed comes along, where its view asked for that."""
    kept = carried.form()
    if not kept:
        abort(401)
    form = SignInForm(formdata=None, next=request.full_path.rstrip("?"), kept=kept)
    files = any(file.filename for file in request.files.values())
    return make_response(render_template("auth/sign_in.html", form=form, files=files), 401)


@bp.post("/sign-out")
@allow(SIGNED_IN)
def sign_out() -> Page:
    """End this browser's session."""
    with transaction():
        people.end_session(me().id, my_session().public_id, now=utcnow())
    logout_user()
    session.clear()
    return redirect(url_for("front.home"), 303)


@bp.get("/prove")
@allow(SIGNED_IN)
def prove() -> Page:
    """Ask for the password once more."""
    onward = local_path(request.args.get("next", ""), url_for("auth.account"))
    return render_template("auth/prove.html", form=ProveForm(next=onward))


@bp.post("/prove")
@allow(SIGNED_IN)
@limiter.limit("30 per 15 minutes")
def prove_sent() -> Page:
    """The password was given: go on to where it was asked for."""
    form = ProveForm()
    try:
        stories.prove(me().id, my_session().id, form.password.data or "", now=utcnow())
    except Invalid as refusal:
        blame(form, refusal)
        return render_template("auth/prove.html", form=form), 422
    return redirect(local_path(form.next.data or "", url_for("auth.account")), 303)


def _first_page(user: people.User, kind: str) -> str:
    if kind == "creator":
        return invites.onward(page_of("creator.page"))
    newest = max(people.memberships_of(user.id), key=lambda pair: pair[1].id)[0]
    return page_of("brand.products", brand=newest.slug)
