"""Money that a brand pays out: what is due to whom, runs with their file, and what the bank said."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response as FlaskResponse
from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.wrappers import Response
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from ...domain import payouts, people, programs
from ...flows import bank, bank_files, bank_results, payout
from ...kernel import faults
from ...kernel.clock import utcnow
from ...kernel.errors import DomainError, Invalid
from ...kernel.vault import new_token
from .. import explain
from ..access import BRAND_MONEY, BRAND_VIEW, actor, allow
from ..local import sentence
from . import bp

MOST_BYTES = 1_000_000


class StartForm(FlaskForm):  # type: ignore[misc]
    """One press of the button; the key makes a double tap one run."""

    key = HiddenField(validators=[InputRequired(), Length(min=16, max=80)])


class OutcomeForm(FlaskForm):  # type: ignore[misc]
    """What a person says about one payout."""

    reason = StringField(_l("Reason"), [Length(max=300)])


class ResultForm(FlaskForm):  # type: ignore[misc]
    """The bank's answer as a file."""

    file = FileField(_l("Result file (CSV)"))


@bp.get("/payouts", endpoint="payouts")
@allow(BRAND_VIEW)
def payouts_list() -> str:
    """What a run would pay now, and the runs so far."""
    return _overview(StartForm(formdata=None, key=new_token()))


@bp.post("/payouts", endpoint="payout_start")
@allow(BRAND_MONEY)
def payout_start() -> Response | tuple[str, int]:
    """Draw up a run."""
    form = StartForm()
    if not form.validate():
        return _overview(form), 422
    try:
        run = payout.start(g.brand.id, str(form.key.data), actor=actor(), now=utcnow())
    except payout.NothingDue as refused:
        flash(sentence(refused), "info")
        return redirect(url_for("brand.payouts"), 303)
    flash(gettext("The run is drawn up. Download the file, pay at your bank, then confirm here."), "good")
    return redirect(url_for("brand.payout_run", run=run.public_id), 303)


@bp.get("/payouts/<run>", endpoint="payout_run")
@allow(BRAND_VIEW)
def payout_run(run: str) -> str:
    """One run: its payouts, who was left out, the file and the bank's answer."""
    return _page(payouts.run_of(g.brand.id, run))


@bp.post("/payouts/<run>/file", endpoint="payout_file")
@allow(BRAND_MONEY)
def payout_file(run: str) -> FlaskResponse:
    """The file for the bank; it holds account numbers, so who took it is on record."""
    found = payouts.run_of(g.brand.id, run)
    name = f"payout-{g.brand.slug}-{found.at:%Y%m%d}-{found.public_id}.csv"
    answer = FlaskResponse("\ufeff" + bank_files.whole(found, actor=actor(), now=utcnow()), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/payouts/<run>/results", endpoint="payout_results")
@allow(BRAND_MONEY)
def payout_results(run: str) -> Response | tuple[str, int]:
    """What the bank said about each transfer, as a file."""
    found, form = payouts.run_of(g.brand.id, run), ResultForm()
    form.validate()
    try:
        changed = bank_results.take(found, _text(form), actor=actor(), now=utcnow())
    except DomainError as refused:
        told = [field.message for field in refused.fields] if isinstance(refused, Invalid) and refused.fields else []
        form.file.errors = [gettext(text) for text in told] or [sentence(refused)]
        return _page(payouts.run_of(g.brand.id, run), form), 422
    flash(
        gettext(
            "%(paid)s paid, %(returned)s came back, %(unknown)s unclear.",
            paid=changed.get("paid", 0), returned=changed.get("returned", 0), unknown=changed.get("unknown", 0),
        ),
        "good",
    )  # fmt: skip
    return redirect(url_for("brand.payout_run", run=run), 303)


@bp.post("/payouts/<run>/confirmation", endpoint="payout_confirm_all")
@allow(BRAND_MONEY)
def payout_confirm_all(run: str) -> Response:
    """Everything of the run arrived, but for what is unclear."""
    done = bank.confirm_all(payouts.run_of(g.brand.id, run), actor=actor(), now=utcnow())
    flash(
        ngettext(
            "%(num)s payout confirmed. The creator got a letter.", "%(num)s payouts confirmed. The creators got a letter.", done
        ),
        "good",
    )
    return redirect(url_for("brand.payout_run", run=run), 303)


@bp.post("/payouts/<run>/<payout_id>/confirmation", endpoint="payout_confirm")
@allow(BRAND_MONEY)
def payout_confirm(run: str, payout_id: str) -> Response | tuple[str, int]:
    """One payout arrived."""
    return _outcome(
        run, payout_id, lambda id_, why: bank.confirm(id_, actor=actor(), now=utcnow(), reason=why), gettext("Confirmed.")
    )


@bp.post("/payouts/<run>/<payout_id>/return", endpoint="payout_return")
@allow(BRAND_MONEY)
def payout_return(run: str, payout_id: str) -> Response | tuple[str, int]:
    """One payout came back, or never went."""
    done = gettext("Noted. The amount is the creator's balance again.")
    return _outcome(run, payout_id, lambda id_, why: bank.return_(id_, reason=why, actor=actor(), now=utcnow()), done)


@bp.post("/payouts/<run>/<payout_id>/unclear", endpoint="payout_unclear")
@allow(BRAND_MONEY)
def payout_unclear(run: str, payout_id: str) -> Response | tuple[str, int]:
    """Nobody knows whether it arrived."""
    done = gettext("Noted as unclear. It is neither paid again nor confirmed until you say what happened.")
    return _outcome(run, payout_id, lambda id_, why: bank.lose_sight(id_, reason=why, actor=actor(), now=utcnow()), done)


def _outcome(run: str, payout_id: str, deed: Callable[[int, str], bool], done: str) -> Response | tuple[str, int]:
    """Do it and come back to the run; a refusal is shown beside the payout that it is about."""
    found, form = payouts.run_of(g.brand.id, run), OutcomeForm()
    row = payouts.payout_of(found.id, payout_id)
    form.validate()
    try:
        changed = deed(row.id, (form.reason.data or "").strip())
    except bank.ReasonNeeded as refused:
        form.reason.errors = [gettext(refused.fields[0].message)]
        return _page(payouts.run_of(g.brand.id, run), None, (payout_id, form)), 422
    faults.point("payout.response_lost")
    if changed:
        flash(done, "good")
    return redirect(url_for("brand.payout_run", run=run) + f"#{payout_id}", 303)


def _text(form: ResultForm) -> str:
    """The upload as text; "" where there is none or it is no text."""
    upload = form.file.data or request.files.get("file")
    data = upload.read(MOST_BYTES) if upload else b""
    try:
        return str(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return str(data.decode("cp1252", "replace"))


def _overview(form: StartForm) -> str:
    now = utcnow()
    due = payout.preview(g.brand.id, now=now)
    runs = payouts.runs_of(g.brand.id)
    totals: dict[str, int] = {}
    for each in due:
        if each.verdict == "pays":
            totals[each.currency] = totals.get(each.currency, 0) + each.amount
    return render_template(
        "brand/payouts.html", form=form, due=due, runs=runs, run_totals=payouts.totals_of([run.id for run in runs]), pays=totals,
        creators=people.creators_by_id({each.creator_id for each in due}),
        programs=programs.programs_by_id({each.program_id for each in due}), explain=explain,
    )  # fmt: skip


def _page(run: payouts.PayoutRun, results: ResultForm | None = None, wrong: tuple[str, OutcomeForm] | None = None) -> str:
    rows, skips = payouts.of_run(run.id), payouts.skips_of(run.id)
    who = {row.creator_id for row in rows} | {skip.creator_id for skip in skips}
    return render_template(
        "brand/payout.html", run=run, rows=rows, skips=skips, totals=payouts.totals_of([run.id])[run.id],
        creators=people.creators_by_id(who), results=results or ResultForm(formdata=None),
        outcomes={row.public_id: _outcome_form(row, wrong) for row in rows}, explain=explain,
        steps={row.id: payouts.steps_of(row.id) for row in rows},
        open_count=sum(row.state in ("ready", "sent") for row in rows), provider=people.provider_name,
    )  # fmt: skip


def _outcome_form(row: payouts.Payout, wrong: tuple[str, OutcomeForm] | None) -> OutcomeForm:
    """The payout's own form; its field has an id of its own, since there are many on the page."""
    form = wrong[1] if wrong is not None and wrong[0] == row.public_id else OutcomeForm(formdata=None)
    form.reason.id = f"reason-{row.public_id}"
    return form
