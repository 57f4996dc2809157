"""A brand's creators: who applied, who is in, who was; approve, decline, group, remove."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from ...domain import commissions, links, people, programs
from ...flows import enrollment as stories
from ...flows import recruit
from ...kernel.clock import utcnow
from ...kernel.database import transaction
from ...kernel.errors import Invalid
from .. import paging, recruiters
from ..access import BRAND_MANAGE, BRAND_VIEW, actor, allow
from ..auth.forms import blame
from ..local import sentence
from . import bp
from .program_forms import GroupsForm, ReasonForm, RecruiterForm

Page = str | Response | tuple[str, int]
SHELVES: dict[str, tuple[str, ...]] = {
    "all": (),
    "applied": ("applied",),
    "enrolled": ("enrolled",),
    "past": ("declined", "left", "removed", "ended"),
}
PAGE = 50


@bp.get("/creators")
@allow(BRAND_VIEW)
def creators() -> str:
    """Everybody who is, was or wants to be in a program; applications first."""
    shelf = request.args.get("shelf", "all")
    shelf = shelf if shelf in SHELVES else "all"
    number = paging.page_number()
    own = {program.public_id: program for program in programs.programs_of_brand(g.brand.id)}
    chosen = own.get(request.args.get("program", ""))
    rows = programs.enrollments_of_brand(
        g.brand.id, states=SHELVES[shelf], program_id=chosen.id if chosen else None, limit=PAGE + 1, offset=(number - 1) * PAGE
    )
    return render_template(
        "brand/creators.html",
        rows=rows[:PAGE],
        more=len(rows) > PAGE,
        number=number,
        shelf=shelf,
        chosen=chosen,
        programs=list(own.values()),
        counts=programs.count_enrollments(g.brand.id),
        people=people.creators_by_id({who for stay, _ in rows for who in (stay.creator_id, stay.recruited_by_id) if who}),
    )


@bp.get("/creators/<enrollment>")
@allow(BRAND_VIEW)
def creator(enrollment: str) -> Page:
    """One creator in one program: what they wrote, what was between them and the brand, what they brought."""
    return _page(enrollment)


@bp.post("/creators/<enrollment>/approval")
@allow(BRAND_MANAGE)
def creator_approved(enrollment: str) -> Page:
    """Take an applicant in."""
    stories.approve(g.brand.id, enrollment, actor=actor(), now=utcnow())
    flash(gettext("Approved. The creator is told by mail."), "good")
    return redirect(url_for("brand.creator", enrollment=enrollment), 303)


@bp.post("/creators/<enrollment>/refusal")
@allow(BRAND_MANAGE)
def creator_declined(enrollment: str) -> Page:
    """Say no, with a reason."""
    form = ReasonForm()
    try:
        stories.decline(g.brand.id, enrollment, reason=form.reason.data or "", actor=actor(), now=utcnow())
    except Invalid as refusal:
        blame(form, refusal)
        return _page(enrollment, decline=form), 422
    flash(gettext("Declined. The creator reads your reason in a letter."), "good")
    return redirect(url_for("brand.creator", enrollment=enrollment), 303)


@bp.route("/creators/<enrollment>/removal", methods=["GET", "POST"])
@allow(BRAND_MANAGE)
def creator_removed(enrollment: str) -> Page:
    """Let a creator go; what that does is said before it is done."""
    stay, program = programs.enrollment_of_brand(g.brand.id, enrollment)
    form = ReasonForm()
    status = 200
    if form.is_submitted():
        try:
            stories.remove(g.brand.id, enrollment, reason=form.reason.data or "", actor=actor(), now=utcnow())
        except Invalid as refusal:
            blame(form, refusal)
            status = 422
        else:
            flash(gettext("Removed. What they earned before is still paid as agreed."), "good")
            return redirect(url_for("brand.creator", enrollment=enrollment), 303)
    page = render_template(
        "brand/creator_remove.html", stay=stay, program=program, person=people.get_creator(stay.creator_id), form=form
    )
    return page, status


@bp.post("/creators/<enrollment>/readmission")
@allow(BRAND_MANAGE)
def creator_readmitted(enrollment: str) -> Page:
    """Take a removed or declined creator in after all."""
    stay = stories.readmit(g.brand.id, enrollment, actor=actor(), now=utcnow())
    flash(gettext("The creator is in the program again."), "good")
    return redirect(url_for("brand.creator", enrollment=stay.public_id), 303)


@bp.post("/creators/<enrollment>/groups")
@allow(BRAND_MANAGE)
def creator_groups(enrollment: str) -> Page:
    """Put a creator into groups."""
    form = GroupsForm()
    try:
        groups = programs.read_groups(form.groups.data or "")
        with transaction():
            stay, _ = programs.enrollment_of_brand(g.brand.id, enrollment)
            programs.set_groups(stay, groups, tenant=g.brand.public_id, actor=actor(), now=utcnow())
    except Invalid as refusal:
        blame(form, refusal)
        return _page(enrollment, groups=form), 422
    flash(gettext("Saved. Groups count for orders that come in from now on."), "good")
    return redirect(url_for("brand.creator", enrollment=enrollment), 303)


@bp.post("/creators/<enrollment>/recruiter")
@allow(BRAND_MANAGE)
def creator_recruiter(enrollment: str) -> Page:
    """Say who brought a creator in, or that nobody did; everybody concerned reads the reason."""
    form = RecruiterForm()
    try:
        changed = recruit.change(
            g.brand.id, enrollment, handle=form.recruiter.data or "", reason=form.reason.data or "", actor=actor(), now=utcnow()
        )
    except (Invalid, programs.CannotRecruit) as refusal:
        if isinstance(refusal, Invalid):
            blame(form, refusal)
        else:
            form.recruiter.errors = [sentence(refusal)]
        return _page(enrollment, recruiter=form), 422
    if changed:
        flash(gettext("Saved. It counts for orders that come in from now on, and those concerned are told."), "good")
    else:
        flash(gettext("It was so already."), "info")
    return redirect(url_for("brand.creator", enrollment=enrollment), 303)


def _page(
    public_id: str,
    *,
    decline: ReasonForm | None = None,
    groups: GroupsForm | None = None,
    recruiter: RecruiterForm | None = None,
) -> str:
    stay, program = programs.enrollment_of_brand(g.brand.id, public_id)
    stays = programs.stays_of(program.id, stay.creator_id)
    brought = programs.recruits_of(program.id, stay.creator_id)
    others = people.creators_by_id({who for who in (stay.recruited_by_id, *(each.creator_id for each in brought)) if who})
    by = others[stay.recruited_by_id].handle if stay.recruited_by_id else ""
    cost = [row for row in commissions.cost_of_creators([program.id]) if row.creator_id == stay.creator_id]
    return render_template(
        "brand/creator.html",
        stay=stay,
        program=program,
        person=people.get_creator(stay.creator_id),
        stays=list(reversed(stays)),
        newest=stays[-1].id == stay.id,
        cost=cost,
        codes=[code for code in links.codes_of_program(program.id) if code.creator_id == stay.creator_id],
        decline=decline or ReasonForm(),
        groups=groups or GroupsForm(data={"groups": ", ".join(stay.groups)}),
        recruiter=recruiter or RecruiterForm(data={"recruiter": by}),
        by=by,
        brought=brought,
        others=others,
        parts=recruiters.parts(program.id, utcnow()),
    )
