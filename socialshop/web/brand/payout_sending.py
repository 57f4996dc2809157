"""A run handed to the brand's provider: the confirmation, each payout's standing, and what is unclear."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Literal, cast

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import RadioField, TextAreaField

from ...domain import payouts, people, sending
from ...domain.payouts import Payout
from ...flows import bank, send, send_look
from ...kernel.clock import utcnow
from ..access import BRAND_MONEY, BRAND_VIEW, actor, allow
from ..auth.current import me
from ..auth.forms import choices
from ..auth.proof import prove_recently
from ..local import sentence
from . import bp, sending_words

Page = str | Response | tuple[str, int]


class DecisionForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is untyped
    """What a person found out about an unclear payout."""

    outcome = RadioField(
        _l("What happened?"),
        choices=choices([("paid", _l("The creator has the money")), ("returned", _l("The money never left, or came back"))]),
        validate_choice=False,
    )
    reason = TextAreaField(_l("How do you know?"))


@bp.route("/payouts/<run>/sending", methods=["GET", "POST"], endpoint="payout_sending")
@allow(BRAND_MONEY)
@prove_recently
def payout_sending(run: str) -> Page:
    """What sending this run by the provider would do; then do it."""
    found = payouts.run_of(g.brand.id, run)
    people.must_be_confirmed(me())
    if FlaskForm().is_submitted():
        try:
            handed = send.choose(found, actor=actor(), now=utcnow())
        except send.NothingToSend as refusal:
            flash(sentence(refusal), "warn")
        else:
            flash(
                ngettext(
                    "%(num)s payout is handed to Xendit. This page shows how far it is.",
                    "%(num)s payouts are handed to Xendit. This page shows how far each is.", handed,
                ),
                "good",
            )  # fmt: skip
        return redirect(url_for("brand.payout_run", run=run), 303)
    planned = send.plan(found)
    sums: dict[str, int] = defaultdict(int)
    for payout, _ in planned.ready:
        sums[payout.currency] += payout.amount_minor - payout.fee_minor
    return render_template(
        "brand/payout_sending.html", run=found, plan=planned, sums=dict(sums), obstacles=sending_words.OBSTACLES,
        creators=people.creators_by_id({payout.creator_id for payout, _ in [*planned.ready, *planned.left]}),
        name_of=people.provider_name, masked=people.masked,
    )  # fmt: skip


@bp.get("/payouts/unclear", endpoint="payouts_unclear")
@allow(BRAND_VIEW)
def payouts_unclear() -> str:
    """Every payout by a provider whose outcome nobody knows, or that is contradicted."""
    rows = _unclear(g.brand.id)
    known = {payout.run_id: payouts.run(payout.run_id) for payout, _ in rows}
    return render_template(
        "brand/payouts_unclear.html", rows=rows, runs=known, words=sending_words, name_of=people.provider_name,
        creators=people.creators_by_id({payout.creator_id for payout, _ in rows}), masked=people.masked,
    )  # fmt: skip


@bp.post("/payouts/<run>/<payout_id>/look-up", endpoint="payout_look_up")
@allow(BRAND_MONEY)
def payout_look_up(run: str, payout_id: str) -> Response:
    """Ask the provider now."""
    payout, row = _found(run, payout_id)
    if row is not None:
        before = row.state
        answered = send_look.look_up(row.id, now=utcnow())
        after = sending.get(row.id)
        if not answered:
            flash(gettext("Xendit gave no answer. It is asked again by itself."), "warn")
        else:
            tone = "warn" if after.state == "unknown" else "info" if after.state == before else "good"
            flash(sending_words.standing(after, payouts.get(payout.id)), tone)
    return _back(run, payout_id)


@bp.post("/payouts/<run>/<payout_id>/call-back", endpoint="payout_call_back")
@allow(BRAND_MONEY)
def payout_call_back(run: str, payout_id: str) -> Response:
    """Call it back while it is waiting or the provider still holds it."""
    payout, _ = _found(run, payout_id)
    if send.call_back(payout.id, actor=actor(), now=utcnow()):
        flash(gettext("Called back. The money has not left."), "good")
    else:
        flash(gettext("It is too late to call it back, or Xendit gave no answer."), "warn")
    return _back(run, payout_id)


@bp.route("/payouts/<run>/<payout_id>/decision", methods=["GET", "POST"], endpoint="payout_decision")
@allow(BRAND_MONEY)
@prove_recently
def payout_decision(run: str, payout_id: str) -> Page:
    """A person says what became of an unclear payout, and how they know."""
    payout, row = _found(run, payout_id)
    form = DecisionForm()
    if row is not None and row.contradicted:
        return _contradiction(form, run, payout, row)
    if row is None or payout.state != "unknown":
        flash(sentence(send.NotUnclear()), "info")
        return _back(run, payout_id)
    if form.is_submitted():
        form.validate()
        outcome, reason = form.outcome.data, (form.reason.data or "").strip()[:300]
        if outcome not in ("paid", "returned"):
            form.outcome.errors = [gettext("Please choose one.")]
        try:
            if not form.errors and not form.outcome.errors:
                send.decide(payout.id, cast(Literal["paid", "returned"], outcome), reason, actor=actor(), now=utcnow())
                flash(gettext("Noted, with your name and reason."), "good")
                return _back(run, payout_id)
            if not reason:
                raise bank.ReasonNeeded()
        except bank.ReasonNeeded as refusal:
            form.reason.errors = [gettext(refusal.fields[0].message)]
        return _decision_page(form, run, payout, row), 422
    return _decision_page(form, run, payout, row)


def _contradiction(form: DecisionForm, run: str, payout: Payout, row: sending.Sending) -> Page:
    """The provider and the books say different things: a person has seen to it, and says how."""
    form.reason.label.text = gettext("What did you do about it?")
    if form.is_submitted():
        form.validate()
        try:
            send.settle_contradiction(payout.id, (form.reason.data or "").strip()[:300], actor=actor(), now=utcnow())
        except bank.ReasonNeeded as refusal:
            form.reason.errors = [gettext(refusal.fields[0].message)]
            return _decision_page(form, run, payout, row), 422
        flash(gettext("Noted, with your name and reason."), "good")
        return _back(run, payout.public_id)
    return _decision_page(form, run, payout, row)


def _decision_page(form: DecisionForm, run: str, payout: Payout, row: sending.Sending) -> str:
    return render_template(
        "brand/payout_decision.html", form=form, run=run, payout=payout, row=row, why=sending_words.standing(row, payout),
        creator=people.get_creator(payout.creator_id), name_of=people.provider_name, masked=people.masked,
    )  # fmt: skip


def _found(run: str, payout_id: str) -> tuple[Payout, sending.Sending | None]:
    payout = payouts.payout_of(payouts.run_of(g.brand.id, run).id, payout_id)
    return payout, sending.of_payout(payout.id)


def _back(run: str, payout_id: str) -> Response:
    """To where the button was: the list of what is unclear, the payout's own page, or the run."""
    if request.form.get("from") == "unclear":
        return redirect(url_for("brand.payouts_unclear"), 303)
    if request.form.get("from") == "one":
        return redirect(url_for("brand.payout", run=run, payout_id=payout_id), 303)
    return redirect(url_for("brand.payout_run", run=run) + f"#{payout_id}", 303)


def _unclear(brand_id: int) -> list[tuple[Payout, sending.Sending]]:
    rows = sending.unclear_of_brand(brand_id)
    return [(payouts.get(row.payout_id), row) for row in rows]


@bp.app_template_global("sendings_of")
def sendings_of(rows: Collection[Payout]) -> dict[int, tuple[sending.Sending, str]]:
    """By payout, its sending and how far it is in words; what was never handed over is left out."""
    found = sending.of_payouts([row.id for row in rows])
    return {row.id: (found[row.id], sending_words.standing(found[row.id], row)) for row in rows if row.id in found}


@bp.app_template_global("sending_plan")
def sending_plan(run: payouts.PayoutRun) -> send.Plan:
    """What of a run could be sent by the provider."""
    return send.plan(run)


@bp.app_template_global("unclear_payouts")
def unclear_payouts() -> int:
    """How many payouts of the brand wait for an answer that only a look-up or a person can give."""
    return len(sending.unclear_of_brand(g.brand.id))
