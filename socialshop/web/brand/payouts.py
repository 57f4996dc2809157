"""Money that a brand pays out: what is due to whom, runs, and what became of each payout."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext, ngettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField
from wtforms.validators import InputRequired, Length

from ...domain import commissions, orders, payouts, people, programs
from ...flows import bank, payout, payout_schedule
from ...kernel import faults
from ...kernel.clock import utcnow
from ...kernel.vault import new_token
from .. import explain
from ..access import BRAND_MONEY, BRAND_VIEW, actor, allow
from ..local import sentence
from . import bp, payout_words
from .payout_page import OutcomeForm, run_page


class StartForm(FlaskForm):  # type: ignore[misc]
    """One press of the button; the key makes a double tap one run."""

    key = HiddenField(validators=[InputRequired(), Length(min=16, max=80)])


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
        flash(sentence(refused), "warn" if isinstance(refused, payout.NobodyPayable) else "info")
        return redirect(url_for("brand.payouts"), 303)
    flash(gettext("The run is drawn up. Make the file, pay at your bank, then confirm here."), "good")
    return redirect(url_for("brand.payout_run", run=run.public_id), 303)


@bp.get("/payouts/<run>", endpoint="payout_run")
@allow(BRAND_VIEW)
def payout_run(run: str) -> str:
    """One run: its payouts, who was left out, its files and the bank's answers."""
    return run_page(payouts.run_of(g.brand.id, run))


@bp.get("/payouts/<run>/<payout_id>", endpoint="payout")
@allow(BRAND_VIEW)
def payout_one(run: str, payout_id: str) -> str:
    """One payout: what it is made of, where it goes, and every step."""
    found = payouts.run_of(g.brand.id, run)
    return _payout_page(found, payouts.payout_of(found.id, payout_id), OutcomeForm(formdata=None))


@bp.post("/payouts/<run>/confirmation", endpoint="payout_confirm_all")
@allow(BRAND_MONEY)
def payout_confirm_all(run: str) -> Response:
    """Everything of the run arrived, but for what is unclear."""
    done = bank.confirm_all(payouts.run_of(g.brand.id, run), actor=actor(), now=utcnow())
    if not done:
        flash(gettext("Nothing of this run was open any more, so nothing was changed."), "info")
        return redirect(url_for("brand.payout_run", run=run), 303)
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
    done = gettext("Confirmed. The creator got a letter.")
    return _outcome(run, payout_id, lambda id_, why: bank.confirm(id_, actor=actor(), now=utcnow(), reason=why), done)


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
    """Do it and come back to the payout; a refusal is shown there."""
    found, form = payouts.run_of(g.brand.id, run), OutcomeForm()
    row = payouts.payout_of(found.id, payout_id)
    form.validate()
    try:
        changed = deed(row.id, (form.reason.data or "").strip())
    except bank.ReasonNeeded as refused:
        form.reason.errors = [gettext(refused.fields[0].message)]
        found = payouts.run_of(g.brand.id, run)
        return _payout_page(found, payouts.payout_of(found.id, payout_id), form), 422
    except payouts.NotAlongAnEdge:
        flash(_overtaken(payouts.payout_of(found.id, payout_id)), "warn")
        return redirect(url_for("brand.payout", run=run, payout_id=payout_id), 303)
    faults.point("payout.response_lost")
    flash(done if changed else gettext("That was noted already, so nothing was changed."), "good" if changed else "info")
    return redirect(url_for("brand.payout", run=run, payout_id=payout_id), 303)


def _overtaken(row: payouts.Payout) -> str:
    """What a person reads whose page was older than what has happened."""
    word, _ = explain.PAYOUT_STATES[row.state]
    return str(gettext("By now this payout stands as “%(state)s”, so nothing was changed. Please look again.", state=word))


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
        next_slot=payout_schedule.next_slot(g.brand, now=now), settings=payouts.settings_of(g.brand.id),
        rhythm=payout_words.rhythm(payouts.rhythm_of(payouts.settings_of(g.brand.id))),
    )  # fmt: skip


def _payout_page(run: payouts.PayoutRun, row: payouts.Payout, form: OutcomeForm) -> str:
    items = payouts.items_of(row.id)
    payee, found = people.payee_of(row.creator_id), commissions.by_ids([item.commission_id for item in items])
    return render_template(
        "brand/payout_one.html", run=run, row=row, form=form, creator=people.get_creator(row.creator_id),
        program=programs.get(row.program_id), steps=payouts.steps_of(row.id), items=items, explain=explain, words=payout_words,
        commissions=found, orders=orders.orders_by_id({each.order_id for each in found.values()}),
        gained=sum(item.minor for item in items if item.minor > 0), taken=sum(item.minor for item in items if item.minor < 0),
        file=payouts.files_by_payout(run.id).get(row.id),
        changed=payee is not None and not payout.same_account(row, payee),
        payee_now=payee,
        name_of=people.provider_name,
    )  # fmt: skip
