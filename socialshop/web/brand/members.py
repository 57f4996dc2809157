"""A brand's people: who works here, who is invited."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import EmailField, RadioField

from ...domain import people
from ...flows import members as stories
from ...kernel.clock import utcnow
from ...kernel.errors import Invalid
from ..access import BRAND_OWN, BRAND_VIEW, actor, allow
from ..auth.current import me
from ..auth.forms import blame, choices
from . import bp

Page = str | Response | tuple[str, int]
ROLES = [("owner", _l("Owner")), ("manager", _l("Manager")), ("finance", _l("Finance")), ("viewer", _l("Viewer"))]


class InviteForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is untyped
    """Whom to invite, as what."""

    email = EmailField(_l("E-mail address"))
    role = RadioField(_l("Role"), choices=choices(ROLES), default="manager")


class RoleForm(FlaskForm):  # type: ignore[misc]
    """Another role."""

    role = RadioField(_l("Role"), choices=choices(ROLES))


@bp.get("/members")
@allow(BRAND_OWN)
def members() -> Page:
    """Who works here, and open invitations."""
    return _page(InviteForm())


@bp.post("/members/invitations")
@allow(BRAND_OWN)
def member_invited() -> Page:
    """Invite somebody by mail."""
    form = InviteForm()
    try:
        stories.invite(g.brand.id, form.email.data or "", form.role.data or "", by=me().id, actor=actor(), now=utcnow())
    except Invalid as refusal:
        blame(form, refusal)
        return _page(form), 422
    flash(gettext("The invitation is on its way."), "good")
    return redirect(url_for("brand.members"), 303)


@bp.post("/members/invitations/<invitation>/revocation")
@allow(BRAND_OWN)
def member_invitation_revoked(invitation: str) -> Page:
    """Take an invitation back."""
    stories.revoke(g.brand.id, invitation, actor=actor(), now=utcnow())
    flash(gettext("The invitation is taken back."), "good")
    return redirect(url_for("brand.members"), 303)


@bp.get("/members/<member>")
@allow(BRAND_OWN)
def member(member: str) -> Page:
    """One member: give another role, or let them go."""
    found = people.member_of(g.brand.id, member)
    return _member_page(found, RoleForm(role=found.role))


@bp.post("/members/<member>/role")
@allow(BRAND_OWN)
def member_role(member: str) -> Page:
    """Give a member another role."""
    form = RoleForm()
    found = people.member_of(g.brand.id, member)
    try:
        stories.change_role(g.brand.id, member, form.role.data or "", actor=actor(), now=utcnow())
    except Invalid as refusal:
        blame(form, refusal)
        return _member_page(found, form), 422
    flash(gettext("The role is changed."), "good")
    if found.user_id == me().id:
        return redirect(url_for("auth.start"), 303)  # perhaps this page is closed to them now
    return redirect(url_for("brand.members"), 303)


@bp.post("/members/<member>/removal")
@allow(BRAND_OWN)
def member_removed(member: str) -> Page:
    """Let a member go."""
    myself = people.member_of(g.brand.id, member).user_id == me().id
    stories.remove(g.brand.id, member, actor=actor(), now=utcnow())
    if myself:
        flash(gettext("You no longer work for %(brand)s.", brand=g.brand.name), "info")
        return redirect(url_for("auth.start"), 303)
    flash(gettext("They no longer work for this brand."), "good")
    return redirect(url_for("brand.members"), 303)


@bp.get("/leaving")
@allow(BRAND_VIEW)
def leaving() -> Page:
    """Ask whether one really wants to go."""
    return render_template("brand/leaving.html")


@bp.post("/leaving")
@allow(BRAND_VIEW)
def left() -> Page:
    """Leave the brand oneself; the last owner cannot."""
    name = g.brand.name
    stories.remove(g.brand.id, g.member.public_id, actor=actor(), now=utcnow())
    flash(gettext("You no longer work for %(brand)s.", brand=name), "info")
    return redirect(url_for("auth.start"), 303)


def _page(form: InviteForm) -> str:
    return render_template(
        "brand/members.html",
        form=form,
        people=people.members_of(g.brand.id),
        invitations=people.open_invitations_of(g.brand.id, now=utcnow()),
        roles=dict(ROLES),
        me=me(),
    )


def _member_page(found: people.Member, form: RoleForm) -> str:
    return render_template("brand/member.html", member=found, person=people.get_user(found.user_id), form=form, me=me())
