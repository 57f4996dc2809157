"""Holding, rejecting, and taking it back: each with a reason and evidence that is marked for whom it is."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField, MultipleFileField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import InputRequired, Length, Optional

from ...domain import appeals, commissions
from ...flows import judge
from ...flows.bank import ReasonNeeded
from ...kernel.clock import utcnow
from ...kernel.errors import Conflict, Invalid
from ...kernel.vault import new_token
from .. import contest
from ..access import BRAND_TILL, actor, allow
from ..local import sentence
from . import bp
from .commissions import own


class EvidenceForm(FlaskForm):  # type: ignore[misc]
    """Evidence, in two heaps: for the creator's eyes too, or for the team's only."""

    papers = MultipleFileField(_l("Files that the creator may see"))
    note = TextAreaField(_l("Notes for your team"), [Optional(), Length(max=2000)])
    kept = MultipleFileField(_l("Files for your team only"))

    def exhibits(self) -> list[appeals.Exhibit] | None:
        """The evidence; None where a file was refused, and the field says so."""
        shown, kept = contest.uploaded(self, "papers"), contest.uploaded(self, "kept")
        if shown is None or kept is None:
            return None
        return [appeals.Exhibit("", True, shown), appeals.Exhibit(self.note.data or "", False, kept)]


class JudgementForm(EvidenceForm):
    """Why a commission is held or rejected; the creator reads the reason and the words."""

    key = HiddenField(validators=contest.KEY)
    code = RadioField(_l("Reason"), [Optional()], validate_choice=False)
    reason = TextAreaField(_l("What the creator reads"), [Optional(), Length(max=500)])

    def offer(self, kind: str) -> None:
        """Offer the reasons for this kind of judgement."""
        known = [code for code, reason in appeals.REASONS.items() if kind in reason.kinds]
        self.code.choices = [SelectChoice(code, contest.NAMES[code]) for code in known]


class WhyForm(FlaskForm):  # type: ignore[misc]
    """Why a rejection is taken back; the creator reads it."""

    reason = StringField(_l("Reason"), [InputRequired(_l("Please say why.")), Length(max=500)])


@bp.get("/commissions/<commission>/hold", endpoint="commission_holding")
@allow(BRAND_TILL)
def commission_holding(commission: str) -> Response | str:
    """The form for a hold."""
    found = own(commission)
    if not found.open_minor or found.held:
        return redirect(url_for("brand.commission", commission=commission))
    return _form(found, "hold", _fresh("hold"))


@bp.post("/commissions/<commission>/hold", endpoint="commission_hold")
@allow(BRAND_TILL)
def commission_hold(commission: str) -> Response | tuple[str, int]:
    """Keep it out of payouts, with a reason."""
    return _judge(commission, "hold", gettext("On hold. The creator got a letter with your reason."))


@bp.post("/commissions/<commission>/release", endpoint="commission_release")
@allow(BRAND_TILL)
def commission_release(commission: str) -> Response:
    """End the hold."""
    found = own(commission)
    try:
        judge.let_go(found.id, actor=actor(), now=utcnow())
    except judge.AppealWaits as refused:
        flash(sentence(refused), "warn")
    else:
        flash(gettext("The hold is over; the due date is the same as before."), "good")
    return _back(found)


@bp.get("/commissions/<commission>/rejection", endpoint="commission_rejecting")
@allow(BRAND_TILL)
def commission_rejecting(commission: str) -> Response | str:
    """The form for a rejection."""
    found = own(commission)
    if not found.worth_minor:
        return redirect(url_for("brand.commission", commission=commission))
    return _form(found, "rejection", _fresh("rejection"))


@bp.post("/commissions/<commission>/rejection", endpoint="commission_reject")
@allow(BRAND_TILL)
def commission_reject(commission: str) -> Response | tuple[str, int]:
    """Take it back, with a reason."""
    return _judge(commission, "rejection", gettext("Rejected. The creator got a letter with your reason."))


@bp.post("/commissions/<commission>/reinstatement", endpoint="commission_reinstate")
@allow(BRAND_TILL)
def commission_reinstate(commission: str) -> Response:
    """Take a rejection back."""
    found, form = own(commission), WhyForm()
    if not form.validate():
        flash(gettext("Please say why; the creator reads it."), "bad")
        return _back(found)
    try:
        judge.reinstate(found.id, reason=str(form.reason.data), actor=actor(), now=utcnow())
    except judge.AppealWaits as refused:
        flash(sentence(refused), "warn")
    else:
        flash(gettext("The rejection is taken back; the commission counts again."), "good")
    return _back(found)


@bp.get("/commissions/<commission>/evidence", endpoint="commission_evidence")
@allow(BRAND_TILL)
def commission_evidence(commission: str) -> Response | str:
    """The form for more evidence."""
    found = own(commission)
    if appeals.standing(found.order_id, found.creator_id) is None:
        return redirect(url_for("brand.commission", commission=commission))
    return _form(found, "evidence", EvidenceForm(formdata=None))


@bp.post("/commissions/<commission>/evidence", endpoint="commission_evidence_add")
@allow(BRAND_TILL)
def commission_evidence_add(commission: str) -> Response | tuple[str, int]:
    """Put more evidence beside what was decided."""
    found, form = own(commission), EvidenceForm()
    exhibits = form.exhibits() if form.validate() else None
    if exhibits is None:
        return _form(found, "evidence", form), 422
    try:
        judge.add_evidence(found.id, exhibits, actor=actor(), now=utcnow())
    except (Conflict, Invalid) as refused:
        flash(sentence(refused), "bad")
    else:
        flash(gettext("Added."), "good")
    return _back(found)


def _judge(public_id: str, kind: str, done: str) -> Response | tuple[str, int]:
    found, form = own(public_id), JudgementForm()
    form.offer(kind)
    exhibits = form.exhibits() if form.validate() else None
    if exhibits is None:
        return _form(found, kind, form), 422
    held = appeals.standing(found.order_id, found.creator_id)
    if kind == "hold" and held is not None and held.kind == "hold" and not held.event_id.endswith(str(form.key.data)):
        # a second one would hide what the first one says
        flash(gettext("This is held already. You can add evidence to it."), "info")
        return _back(found)
    deed: Any = judge.hold if kind == "hold" else judge.reject
    try:
        deed(
            found.id, key=str(form.key.data), code=form.code.data or "other", reason=form.reason.data or "", exhibits=exhibits,
            actor=actor(), now=utcnow(),
        )  # fmt: skip
    except ReasonNeeded:
        if form.code.data:
            form.reason.errors = [gettext("Please say why.")]
        else:
            form.code.errors = [sentence(Invalid(judge.UNKNOWN_REASON))]
        return _form(found, kind, form), 422
    except Invalid as refused:
        contest.blame(form, refused)
        return _form(found, kind, form), 422
    except (judge.NothingLeft, judge.AppealWaits) as refused:
        flash(sentence(refused), "warn")
    except commissions.FactConflict:  # this form was sent before, and changed since
        flash(gettext("That was done before."), "info")
    else:
        flash(done, "good")
    return _back(found)


def _fresh(kind: str) -> JudgementForm:
    form = JudgementForm(formdata=None, key=new_token())
    form.offer(kind)
    return form


def _form(row: commissions.Commission, kind: str, form: EvidenceForm) -> str:
    return render_template("contest/judge.html", row=row, kind=kind, form=form, contest=contest)


def _back(row: commissions.Commission) -> Response:
    return redirect(url_for("brand.commission", commission=row.public_id), 303)
