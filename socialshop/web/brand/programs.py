"""A brand's programs: what there is, what each says of itself, pause and end."""

from __future__ import annotations

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from ...domain import links, people, programs
from ...flows import program as stories
from ...kernel.clock import utcnow
from ...kernel.database import transaction
from ...kernel.errors import Invalid
from ..access import BRAND_MANAGE, BRAND_VIEW, actor, allow
from ..auth.forms import blame
from ..local import locale
from . import bp
from .program_forms import AboutForm

Page = str | Response | tuple[str, int]


@bp.get("/programs", endpoint="programs")
@allow(BRAND_VIEW)
def programs_list() -> str:
    """All programs of the brand, with what they pay and how many are in them."""
    found = programs.programs_of_brand(g.brand.id)
    ids = [program.id for program in found]
    versions = programs.versions_in_force(ids, utcnow())
    heads = {}
    for program in found:
        document = versions[program.id].terms if program.id in versions else program.draft
        heads[program.id] = programs.headline(document, program.currency, locale()) if document else ""
    return render_template("brand/programs.html", programs=found, heads=heads, enrolled=programs.count_enrolled(ids))


@bp.get("/programs/<program>")
@allow(BRAND_VIEW)
def program(program: str) -> str:
    """One program: its state, its terms as sentences, every version it had and will have."""
    found = programs.program_of(g.brand.id, program)
    now = utcnow()
    return render_template(
        "brand/program.html",
        program=found,
        now=now,
        current=programs.terms_now(found.id, now),
        history=list(reversed(programs.history_of(found.id))),
        told=lambda document: programs.clauses(document, found.currency, locale(), zone=found.timezone),
        head=lambda document: programs.headline(document, found.currency, locale()),
        enrolled=programs.count_enrolled([found.id]).get(found.id, 0),
        applied=len(programs.enrollments_of_program(found.id, ("applied",))),
        codes=len(links.codes_of_program(found.id)),
        join_url=current_app.config["SETTINGS"].base_url + url_for("creator.program", program=program),
    )


@bp.route("/programs/<program>/settings", methods=["GET", "POST"])
@allow(BRAND_MANAGE)
def program_settings(program: str) -> Page:
    """What is said of the program beside its terms: name, text, who may join, own store."""
    found = programs.program_of(g.brand.id, program)
    form = AboutForm(obj=found)
    if form.is_submitted():
        try:
            told = form.told()
            with transaction():
                found = programs.program_of(g.brand.id, program)
                programs.change_about(found, told, tenant=g.brand.public_id, actor=actor(), now=utcnow())
        except Invalid as refusal:
            blame(form, refusal)
            return render_template("brand/program_settings.html", program=found, form=form), 422
        flash(gettext("Saved."), "good")
        return redirect(url_for("brand.program", program=program), 303)
    return render_template("brand/program_settings.html", program=found, form=form)


@bp.route("/programs/<program>/pause", methods=["GET", "POST"])
@allow(BRAND_MANAGE)
def program_pause(program: str) -> Page:
    """Pause: what that does is said before it is done."""
    return _step(program, "pause")


@bp.route("/programs/<program>/end", methods=["GET", "POST"])
@allow(BRAND_MANAGE)
def program_end(program: str) -> Page:
    """End for good: what that does is said before it is done."""
    return _step(program, "end")


@bp.post("/programs/<program>/resumption")
@allow(BRAND_MANAGE)
def program_resume(program: str) -> Page:
    """Open a paused program again."""
    stories.resume(g.brand.id, program, actor=actor(), now=utcnow())
    flash(gettext("The program is open to creators again."), "good")
    return redirect(url_for("brand.program", program=program), 303)


def _step(public_id: str, step: str) -> Page:
    found = programs.program_of(g.brand.id, public_id)
    if request.method == "POST":
        if step == "pause":
            stories.pause(g.brand.id, public_id, actor=actor(), now=utcnow())
            flash(gettext("The program is paused. Nobody joins; everybody in it goes on earning."), "good")
        else:
            stories.end(g.brand.id, public_id, actor=actor(), now=utcnow())
            flash(gettext("The program has ended. What was earned is still paid as agreed."), "good")
        return redirect(url_for("brand.program", program=public_id), 303)
    enrolled = programs.enrollments_of_program(found.id, ("enrolled",))
    return render_template(
        "brand/program_step.html",
        program=found,
        step=step,
        enrolled=len(enrolled),
        some=people.creators_by_id([stay.creator_id for stay in enrolled[:3]]),
    )


from . import program_terms  # noqa: E402, F401
