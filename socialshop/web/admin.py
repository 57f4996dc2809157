"""For the operator: health, stuck work, brands, people and the audit log, under /admin."""

from __future__ import annotations

from typing import Any

from babel.units import format_unit
from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField

from ..domain import audit, clicks, connections, people, sending
from ..flows import drain, operate
from ..kernel import jobs, vitals
from ..kernel.clock import utcnow
from ..kernel.errors import Invalid, NotFound
from . import paging
from .access import OPERATOR, actor, allow
from .auth.current import me
from .auth.forms import blame
from .local import locale

bp = Blueprint("admin", __name__, url_prefix="/admin")
PAGE = 50
Page = str | Response | tuple[str, int]


class ReasonForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is untyped
    """Why the operator does it."""

    reason = StringField(_l("Reason"))


@bp.app_template_filter("bytes")
def bytes_filter(size: int) -> str:
    """A size as people read it: 12 MB."""
    for unit, factor in (("gigabyte", 1024**3), ("megabyte", 1024**2)):
        if size >= factor:
            return str(format_unit(round(size / factor, 1), f"digital-{unit}", "short", locale=locale()))
    return str(format_unit(round(size / 1024), "digital-kilobyte", "short", locale=locale()))


@bp.get("/")
@allow(OPERATOR)
def home() -> Page:
    """How the install is doing."""
    found = vitals.look(current_app.config["SETTINGS"].instance, now=utcnow())
    return render_template(
        "admin/home.html",
        vitals=found,
        quarantined=len(connections.quarantined(limit=100)) + len(sending.quarantined()),
        taps_waiting=drain.waiting(),
        nodes=clicks.nodes.nodes_by_name(),
    )


@bp.get("/stuck")
@allow(OPERATOR)
def stuck() -> Page:
    """Work that gave up, and events that could not be used."""
    return _stuck(ReasonForm())


@bp.post("/stuck/<int:job>/revival")
@allow(OPERATOR)
def stuck_revived(job: int) -> Page:
    """Let it try again."""
    operate.revive(job, actor=actor(), now=utcnow())
    flash(gettext("It will be tried again now."), "good")
    return redirect(url_for("admin.stuck"), 303)


@bp.post("/stuck/<int:job>/dropping")
@allow(OPERATOR)
def stuck_dropped(job: int) -> Page:
    """Give it up, with a reason."""
    form = ReasonForm()
    try:
        operate.drop(job, reason=form.reason.data or "", actor=actor(), now=utcnow())
    except Invalid as refusal:
        blame(form, refusal)
        return _stuck(form, job), 422
    flash(gettext("Given up; it stays on record with your reason."), "good")
    return redirect(url_for("admin.stuck"), 303)


@bp.get("/brands")
@allow(OPERATOR)
def brands() -> Page:
    """All brands, with their owners."""
    asked, page = _asked()
    found = people.search_brands(asked, limit=PAGE + 1, offset=page * PAGE)
    members = {brand.id: people.members_of(brand.id) for brand in found[:PAGE]}
    return render_template(
        "admin/brands.html", brands=found[:PAGE], members=members, q=asked, **_pages("brands", asked, page, len(found))
    )


@bp.get("/people", endpoint="people")
@allow(OPERATOR)
def people_list() -> Page:
    """All accounts, searched by address, name, handle or id."""
    asked, page = _asked()
    found = people.search_users(asked, limit=PAGE + 1, offset=page * PAGE)
    creators = people.creators_by_user(user.id for user in found)
    return render_template(
        "admin/people.html", users=found[:PAGE], creators=creators, q=asked, **_pages("people", asked, page, len(found))
    )


@bp.get("/people/<user>")
@allow(OPERATOR)
def people_person(user: str) -> Page:
    """One account: its hats, its sessions, what was done to it."""
    return _person(user, ReasonForm())


@bp.post("/people/<user>/closing")
@allow(OPERATOR)
def people_disabled(user: str) -> Page:
    """Close the account and sign it out everywhere."""
    form = ReasonForm()
    try:
        operate.disable(user, by=me().id, reason=form.reason.data or "", actor=actor(), now=utcnow())
    except Invalid as refusal:
        blame(form, refusal)
        return _person(user, form), 422
    flash(gettext("The account is closed and signed out everywhere."), "good")
    return redirect(url_for("admin.people_person", user=user), 303)


@bp.post("/people/<user>/opening")
@allow(OPERATOR)
def people_enabled(user: str) -> Page:
    """Open a closed account again."""
    form = ReasonForm()
    try:
        operate.enable(user, reason=form.reason.data or "", actor=actor(), now=utcnow())
    except Invalid as refusal:
        blame(form, refusal)
        return _person(user, form), 422
    flash(gettext("The account is open again."), "good")
    return redirect(url_for("admin.people_person", user=user), 303)


@bp.get("/audit", endpoint="audit")
@allow(OPERATOR)
def audit_log() -> Page:
    """Who did what, the newest first."""
    asked: dict[str, Any] = {name: request.args.get(name, "").strip()[:80] for name in ("tenant", "subject", "actor")}
    before = paging.before()
    found = audit.search(**asked, before_id=before, limit=PAGE + 1)
    older = url_for("admin.audit", **asked, before=found[PAGE - 1].id) if len(found) > PAGE else ""
    return render_template("admin/audit.html", entries=found[:PAGE], asked=asked, older=older, before=before)


def _stuck(form: ReasonForm, wrong: int | None = None) -> str:
    return render_template(
        "admin/stuck.html", jobs=jobs.dead(), events=[*connections.quarantined(), *sending.quarantined()], form=form, wrong=wrong
    )


def _person(public_id: str, form: ReasonForm) -> str:
    user = people.find_user(public_id)
    if user is None:
        raise NotFound()
    return render_template(
        "admin/person.html",
        user=user,
        creator=people.creator_of(user.id),
        memberships=people.memberships_of(user.id),
        sessions=people.live_sessions_of(user.id, now=utcnow()),
        entries=audit.search(subject=user.public_id, limit=20),
        form=form,
        is_me=user.id == me().id,
    )


def _asked() -> tuple[str, int]:
    return request.args.get("q", "").strip()[:100], max(0, min(request.args.get("page", 0, type=int), 10_000))


def _pages(section: str, asked: str, page: int, found: int) -> dict[str, str]:
    newer = url_for(f"admin.{section}", q=asked, page=page - 1) if page else ""
    return {"newer": newer, "older": url_for(f"admin.{section}", q=asked, page=page + 1) if found > PAGE else ""}
