"""Programs that a creator is in or may join: find, read the terms, apply, leave."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import TextAreaField

from ...domain import commissions, payouts, people, programs
from ...flows import enrollment as stories
from ...kernel.clock import utcnow
from ...kernel.errors import NotFound
from .. import invites, recruiters
from ..access import CREATOR, actor, allow
from ..local import locale, sentence
from . import bp

Page = str | Response | tuple[str, int]
LIVE = ("applied", "enrolled")


class ApplyForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is untyped
    """A few words to the brand."""

    note = TextAreaField(_l("A few words to the brand"))


@bp.get("/programs", endpoint="programs")
@allow(CREATOR)
def programs_list() -> str:
    """Mine first, then those that may be joined, by a word of the program or the brand."""
    search = request.args.get("q", "").strip()[:100]
    mine = programs.enrollments_of_creator(g.creator.id)
    inside = {program.id for program, stay in mine if stay.state in LIVE}
    brand_ids = [brand.id for brand in people.search_brands(search, limit=50)] if search else []
    open_ones = [program for program in programs.listed(search, brand_ids=brand_ids) if program.id not in inside]
    shown = [*open_ones, *(program for program, _ in mine)]
    versions = programs.versions_in_force([program.id for program in shown], utcnow())
    return render_template(
        "creator/programs.html",
        search=search,
        mine=mine,
        open_ones=open_ones,
        brands=people.brands_by_id({program.brand_id for program in shown}),
        heads={
            program.id: programs.headline(versions[program.id].terms, program.currency, locale())
            for program in shown
            if program.id in versions
        },
        told={
            program.id: programs.sentences(versions[program.id].terms, program.currency, locale(), zone=program.timezone)
            for program in open_ones
            if program.id in versions
        },
    )


@bp.get("/programs/<program>")
@allow(CREATOR)
def program(program: str) -> Page:
    """One program: who offers it, what it pays, where the creator stands in it."""
    found, stay = _found(program)
    now = utcnow()
    inviter, problem = _invitation(found, stay)
    return render_template(
        "creator/program.html",
        inviter=inviter,
        problem=sentence(problem) if problem else "",
        parts=recruiters.parts(found.id, now),
        recruiter=recruiters.handle_of(stay.recruited_by_id) if stay else "",
        brought=len(programs.recruits_of(found.id, g.creator.id)) if stay else 0,
        program=found,
        brand=people.get_brand(found.brand_id),
        bears_fee=payouts.fee_bearer_of(found.brand_id) == "creator",
        stay=stay,
        now=now,
        current=programs.terms_now(found.id, now),
        versions=list(reversed(programs.versions_of(found.id))),
        told=lambda document: programs.clauses(document, found.currency, locale(), zone=found.timezone),
        head=lambda document: programs.headline(document, found.currency, locale()),
        form=ApplyForm(),
    )


@bp.post("/programs/<program>/application")
@allow(CREATOR)
def program_applied(program: str) -> Page:
    """Apply, or join at once where that is open to all."""
    form = ApplyForm()
    try:
        stay = stories.apply(program, g.creator.id, note=form.note.data or "", now=utcnow(), invite=invites.of(program))
    except programs.CannotRecruit as refusal:
        invites.drop(program)
        flash(sentence(refusal) + " " + gettext("You can still come in without the invitation."), "warn")
        return redirect(url_for("creator.program", program=program), 303)
    invites.drop(program)
    if stay.state == "enrolled":
        flash(gettext("You are in. Make your first link or code now."), "good")
    else:
        flash(gettext("Your application is on its way. You get a letter when the brand decides."), "good")
    return redirect(url_for("creator.program", program=program), 303)


@bp.route("/programs/<program>/leaving", methods=["GET", "POST"])
@allow(CREATOR)
def program_left(program: str) -> Page:
    """Leave; what that does is said before it is done."""
    found, stay = _found(program)
    if stay is None or stay.state not in ("enrolled", "left"):
        raise NotFound()
    if request.method == "POST":
        stories.leave(program, g.creator.id, actor=actor(), now=utcnow())
        flash(gettext("You left the program. What you earned before is still paid as agreed."), "good")
        return redirect(url_for("creator.program", program=program), 303)
    return render_template(
        "creator/program_leave.html",
        program=found,
        brand=people.get_brand(found.brand_id),
        earnings=commissions.summary_of_creator(g.creator.id, now=utcnow(), program_id=found.id),
    )


def _invitation(
    found: programs.Program, stay: programs.Enrollment | None
) -> tuple[people.Creator | None, programs.CannotRecruit | None]:
    """Whose invitation would count if the creator applied now, or why it cannot."""
    named = programs.find_inviter(invites.of(found.public_id)) if invites.of(found.public_id) else None
    if named is None or (stay is not None and (stay.state in ("applied", "enrolled") or programs.earlier_recruiter(stay))):
        return None, None
    problem = recruiters.problem(found, g.creator.id, named[0].creator_id)
    return (None if problem else people.get_creator(named[0].creator_id)), problem


def _found(public_id: str) -> tuple[programs.Program, programs.Enrollment | None]:
    """A published program and the creator's place in it; an ended one only for who ever was there."""
    found = programs.find_published(public_id)
    stay = programs.find_newest_enrollment(found.id, g.creator.id) if found else None
    if found is None or (found.state in ("paused", "ended") and stay is None):
        raise NotFound()
    return found, stay
