"""Terms: five questions, shown back as sentences, then published from an instant on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext

from ...domain import programs, terms
from ...flows import program as stories
from ...kernel.clock import utcnow
from ...kernel.database import transaction
from ...kernel.errors import Invalid
from ..access import BRAND_MANAGE, actor, allow
from ..auth.forms import blame
from ..local import locale
from . import bp
from .program_forms import ProgramForm, PublishForm, TermsForm, filled
from .terms import Teller
from .terms_publishing import Page, form_for, publish


@bp.route("/programs/new", methods=["GET", "POST"])
@allow(BRAND_MANAGE)
def program_new() -> Page:
    """A program in five questions; it becomes a draft, and its terms are shown back before anybody sees them."""
    form = ProgramForm()
    if not form.is_submitted():
        return render_template("brand/program_new.html", form=form)
    wrong = Invalid(fields=[])
    told = document = None
    try:
        document = form.answers(g.brand.currency).document(g.brand.currency)
    except Invalid as refusal:
        wrong.fields += refusal.fields
    try:
        told = form.told()
    except Invalid as refusal:
        wrong.fields += refusal.fields
    if told is not None and document is not None:
        try:
            with transaction():
                made = programs.create(
                    g.brand.id,
                    told,
                    document,
                    tenant=g.brand.public_id,
                    currency=g.brand.currency,
                    timezone=g.brand.timezone,
                    actor=actor(),
                    now=utcnow(),
                )
            return redirect(url_for("brand.program_review", program=made.public_id), 303)
        except Invalid as refusal:
            wrong.fields += refusal.fields
    blame(form, wrong)
    return render_template("brand/program_new.html", form=form), 422


@bp.route("/programs/<program>/terms", methods=["GET", "POST"])
@allow(BRAND_MANAGE)
def program_terms(program: str) -> Page:
    """Write new terms; they are in force for nobody until they are published."""
    found = programs.program_of(g.brand.id, program)
    if found.state == "ended":
        raise programs.NoSuchStep(state=found.state)
    present = found.draft or _newest_terms(found)
    answers = programs.find_answers(present, found.currency) if present else programs.Answers()
    form = TermsForm(data=filled(answers or programs.Answers(), found.currency))
    richer = answers is None
    if not form.is_submitted():
        return render_template("brand/program_terms.html", program=found, form=form, richer=richer)
    try:
        document = form.answers(found.currency).document(found.currency)
        with transaction():
            programs.keep_draft(found.id, document)
    except Invalid as refusal:
        blame(form, refusal)
        return render_template("brand/program_terms.html", program=found, form=form, richer=richer), 422
    return redirect(url_for("brand.program_review", program=program), 303)


@bp.get("/programs/<program>/review")
@allow(BRAND_MANAGE)
def program_review(program: str) -> Page:
    """The written terms as sentences, in both languages, and the button that puts them in force."""
    found = programs.program_of(g.brand.id, program)
    if found.draft is None:
        return redirect(url_for("brand.program", program=program))
    return _review(found, form_for(found))


@bp.post("/programs/<program>/versions")
@allow(BRAND_MANAGE)
def program_published(program: str) -> Page:
    """Put the written terms in force."""
    return publish(program, _review)


@bp.post("/programs/<program>/versions/<version>/withdrawal")
@allow(BRAND_MANAGE)
def program_withdrawn(program: str, version: str) -> Page:
    """Take back terms that have not begun."""
    stories.withdraw(g.brand.id, program, version, actor=actor(), now=utcnow())
    flash(gettext("The terms are taken back. They never came into force."), "good")
    return redirect(url_for("brand.program", program=program), 303)


def _review(found: programs.Program, form: PublishForm) -> str:
    document = found.draft or {}
    other = {"id": "en", "en": "id"}[locale()]
    present = programs.terms_now(found.id, utcnow())
    now_told = set(programs.sentences(present.terms, found.currency, locale(), zone=found.timezone)) if present else None
    return render_template(
        "brand/program_review.html",
        program=found,
        form=form,
        told=programs.clauses(document, found.currency, locale(), zone=found.timezone),
        told_other=programs.clauses(document, found.currency, other, zone=found.timezone),
        other=other,
        now_told=now_told,
        changes=Teller(found, document, present.terms).changes(present.terms, document) if present else [],
        example=_example(document, found.currency),
        notice=programs.notice(present.terms, utcnow()) if present else None,
        own_notice=terms.read(document).notice_days,
        enrolled=programs.count_enrolled([found.id]).get(found.id, 0),
    )


def _example(document: Mapping[str, Any], currency: str) -> tuple[int, int] | None:
    """A sale and what it earns under plain terms: (goods, commission) in minor units. None where rules are many."""
    answers = programs.find_answers(document, currency)
    if answers is None:
        return None
    goods = max(answers.minimum_order, 100_000 if currency in ("IDR", "VND", "KRW") else 10_000)
    return goods, answers.earns(goods)


def _newest_terms(found: programs.Program) -> dict[str, Any] | None:
    history = programs.versions_of(found.id)
    return history[-1].terms if history else None
