"""The terms editor: rules as cards, everything else as choices, kept as a draft until it is published."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from flask import Response as FlaskResponse
from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from ...domain import people, programs, terms
from ...flows import rates, terms_files
from ...kernel.clock import utcnow
from ...kernel.database import transaction
from ...kernel.errors import Invalid
from ..access import BRAND_MANAGE, BRAND_VIEW, allow
from ..auth.forms import blame
from ..local import locale
from . import bp
from .program_forms import PublishForm
from .terms_forms import ChoicesForm, DeedForm, ImportForm
from .terms_publishing import Document, Page, beginning, draft_of, form_for, print_of, publish
from .terms_reading import read_choices, told_choices


@bp.get("/programs/<program>/terms/editor")
@allow(BRAND_MANAGE)
def terms_editor(program: str) -> str:
    """The draft: its rules as cards, its choices as sentences, and what to mind."""
    found = editable(program)
    document = draft_of(found)
    read = terms.read(document)
    told = Teller(found, document)
    present = programs.terms_now(found.id, utcnow())
    return render_template(
        "brand/terms.html",
        program=found,
        form=DeedForm(data={"written": print_of(document)}),
        rules=read.rules,
        sentences=programs.rule_sentences(document, found.currency, locale(), zone=found.timezone, names=told.names),
        clauses=[clause for clause in told.clauses(document) if clause.topic != "amount"],
        beside=told.beside(document),
        overlaps=terms.overlaps(read),
        idle={each.rule: each for each in terms.idle(read, utcnow())},
        present=present,
        changes=told.changes(present.terms, document) if present else [],
        missing=missing_rates(found, document),
    )


@bp.route("/programs/<program>/terms/editor/choices", methods=["GET", "POST"])
@allow(BRAND_MANAGE)
def terms_choices(program: str) -> Page:
    """Everything but the rules."""
    found = editable(program)
    document = draft_of(found)
    form = ChoicesForm(data=told_choices(terms.read(document), found.currency) | {"written": print_of(document)})
    if form.is_submitted():
        try:
            choices = read_choices(form, found.currency, found.timezone)
            keep(program, form.written.data, lambda draft: choices | {"rules": draft["rules"]})
        except Invalid as refusal:
            blame(form, refusal)
            return render_template("brand/terms_choices.html", program=found, form=form), 422
        flash(gettext("Kept in the draft."), "good")
        return to_editor(program)
    return render_template("brand/terms_choices.html", program=found, form=form, missing=missing_rates(found, document))


@bp.post("/programs/<program>/terms/editor/reset")
@allow(BRAND_MANAGE)
def terms_reset(program: str) -> Page:
    """Throw the draft away and begin again from the newest terms."""
    found = editable(program)
    versions = programs.versions_of(found.id)
    if versions:
        keep(program, DeedForm().written.data, lambda _draft: versions[-1].terms)
        flash(gettext("The draft is as the newest terms again."), "good")
    return to_editor(program)


@bp.get("/programs/<program>/terms/preview")
@allow(BRAND_MANAGE)
def terms_preview(program: str) -> Page:
    """The draft as sentences and as differences, whom a notice protects, and the button that puts it in force."""
    found = editable(program)
    return _preview(found, form_for(found))


@bp.post("/programs/<program>/terms/publication")
@allow(BRAND_MANAGE)
def terms_published(program: str) -> Page:
    """Put the draft in force, now or from a date."""
    return publish(program, _preview)


@bp.get("/programs/<program>/terms/history")
@allow(BRAND_VIEW)
def terms_history(program: str) -> str:
    """Every version, and what it changed, in sentences."""
    found = programs.program_of(g.brand.id, program)
    history = programs.history_of(found.id)
    told = Teller(found, *(version.terms for version in history))
    standing = [version for version in history if version.withdrawn_at is None]
    before = {version.id: standing[i - 1] if i else None for i, version in enumerate(standing)}
    return render_template(
        "brand/terms_history.html",
        program=found,
        now=utcnow(),
        current=programs.terms_now(found.id, utcnow()),
        history=list(reversed(history)),
        told=told,
        before=before,
        notice=programs.notice,
        authors=_authors(history),
    )


@bp.get("/programs/<program>/terms.json")
@allow(BRAND_MANAGE)
def terms_export(program: str) -> FlaskResponse:
    """The draft, or a version, as JSON."""
    found = programs.program_of(g.brand.id, program)
    wanted = request.args.get("version", "")
    document = programs.version_of(found.id, wanted).terms if wanted else draft_of(found)
    text = json.dumps(terms_files.exported(found, document), ensure_ascii=False, indent=2) + "\n"
    answer = FlaskResponse(text, mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="terms-{found.slug}.json"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.route("/programs/<program>/terms/import", methods=["GET", "POST"])
@allow(BRAND_MANAGE)
def terms_import(program: str) -> Page:
    """Terms from JSON become the draft; what cannot be read is named by its place."""
    found = editable(program)
    form = ImportForm(data={"written": print_of(draft_of(found))})
    if not form.is_submitted():
        return render_template("brand/terms_import.html", program=found, form=form, refusal=None)
    upload = request.files.get("file")
    content = upload.stream.read() if upload is not None and upload.filename else (form.pasted.data or "").encode()
    try:
        document = terms_files.imported(found, content)
        keep(program, form.written.data, lambda _draft: document)
    except terms.BadDocument as refusal:
        return render_template("brand/terms_import.html", program=found, form=form, refusal=refusal), 422
    flash(gettext("The terms are in the draft. Nobody is bound by them before you publish."), "good")
    return to_editor(program)


def editable(public_id: str) -> programs.Program:
    """A program of this brand whose terms may still change."""
    found = programs.program_of(g.brand.id, public_id)
    if found.state == "ended":
        raise programs.NoSuchStep(state=found.state)
    return found


def missing_rates(found: programs.Program, document: Document) -> list[str]:
    """The pairs that terms with a payout currency need and of which no rate is known."""
    currency = document.get("payout_currency")
    pairs = rates.missing_pairs(g.brand.id, currency, program=found, now=utcnow()) if currency else []
    return [" ↔ ".join(pair) for pair in pairs]


def keep(public_id: str, written: str | None, change: Callable[[Document], Document]) -> None:
    """Change the draft that the author looked at; TermsMoved where it is another one by now, Invalid as the engine reads."""
    with transaction():
        found = programs.lock(programs.program_of(g.brand.id, public_id).id)
        document = draft_of(found)
        if written != print_of(document):
            raise programs.TermsMoved()
        programs.keep_draft(found.id, terms.to_document(terms.read(change(document))))


def to_editor(public_id: str, anchor: str | None = None) -> Response:
    """Back to the editor."""
    return redirect(url_for("brand.terms_editor", program=public_id, _anchor=anchor), 303)


class Teller:
    """Tells terms of one program in the viewer's language, with people's and products' names."""

    def __init__(self, found: programs.Program, *documents: Mapping[str, Any]) -> None:
        self._found = found
        self.names = terms_files.names_for(found, *documents)

    def clauses(self, document: Mapping[str, Any], language: str | None = None) -> list[programs.Clause]:
        """All sentences."""
        how = (self._found.currency, language or locale())
        return programs.clauses(document, *how, zone=self._found.timezone, names=self.names)

    def changes(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[programs.Change]:
        """What is different."""
        how = (self._found.currency, locale())
        return programs.changes(before, after, *how, zone=self._found.timezone, names=self.names)

    def beside(self, document: Mapping[str, Any]) -> list[str]:
        """What is said about amounts beside the rules themselves: which one wins, discounts, recruiters."""
        how = (self._found.currency, locale())
        of_rules = set(programs.rule_sentences(document, *how, zone=self._found.timezone, names=self.names).values())
        return [c.text for c in self.clauses(document) if c.topic == "amount" and c.text not in of_rules]


def _preview(found: programs.Program, form: PublishForm) -> str:
    now, document = utcnow(), draft_of(found)
    present = programs.terms_now(found.id, now)
    told = Teller(found, document, *([present.terms] if present else []))
    other = {"id": "en", "en": "id"}[locale()]
    try:
        begins = beginning(form, found.timezone) or now
    except Invalid:
        begins = now
    read = terms.read(document)
    return render_template(
        "brand/terms_preview.html",
        program=found,
        form=form,
        told=told.clauses(document),
        told_other=told.clauses(document, other),
        other=other,
        present=present,
        changes=told.changes(present.terms, document) if present else [],
        moved=present is not None and programs.moved(present.terms, document),
        notice=programs.notice(present.terms, begins) if present else None,
        own_notice=read.notice_days,
        idle=len(terms.idle(read, now)),
        missing=missing_rates(found, document),
        enrolled=programs.count_enrolled([found.id]).get(found.id, 0),
    )


def _authors(history: list[programs.Version]) -> dict[str, str]:
    found = {}
    for public_id in {version.published_by for version in history}:
        user = people.find_user(public_id)
        found[public_id] = (user.name or user.email) if user is not None else ""
    return found


from . import terms_rules  # noqa: E402, F401
