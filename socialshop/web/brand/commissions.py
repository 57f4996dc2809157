"""What a brand's sales cost it: by creator, sale by sale, and the receipt behind each."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from ...domain import commissions, orders, people, programs
from ...flows import judge, receipt
from ...kernel.clock import utcnow
from ...kernel.vault import new_token
from .. import explain, paging
from ..access import BRAND_TILL, BRAND_VIEW, actor, allow
from ..local import sentence
from . import bp

PAGE = 25
SHELVES = ("pending", "held", "due", "paid", "owed_back", "reversed", "rejected")


class ReasonForm(FlaskForm):  # type: ignore[misc]
    """Why; the creator reads it."""

    key = HiddenField(validators=[InputRequired(), Length(min=16, max=80)])
    reason = StringField(_l("Reason"), [InputRequired(_l("Please say why.")), Length(max=500)])


@bp.get("/commissions", endpoint="commissions")
@allow(BRAND_VIEW)
def commissions_list() -> str:
    """Cost per creator, and every commission; `?state=` picks some."""
    now, state = utcnow(), request.args.get("state", "")
    state = state if state in SHELVES else ""
    number, mine = paging.page_number(), _programs()
    rows = commissions.listed(program_ids=mine, state=state, now=now, limit=PAGE + 1, offset=(number - 1) * PAGE)
    costs = commissions.cost_of_creators(mine)
    return render_template(
        "brand/commissions.html", rows=rows[:PAGE], more=len(rows) > PAGE, number=number, state=state, now=now,
        tabs=[(url_for("brand.commissions", state=name), explain.SHELF_NAMES[name], name == state) for name in SHELVES],
        costs=costs, orders=orders.orders_by_id([row.order_id for row in rows]), explain=explain,
        creators=people.creators_by_id({row.creator_id for row in rows} | {cost.creator_id for cost in costs}),
    )  # fmt: skip


@bp.get("/commissions/<commission>", endpoint="commission")
@allow(BRAND_VIEW)
def commission(commission: str) -> str:
    """The same receipt as the creator's, and what a brand may do about it."""
    return _page(_own(commission))


@bp.post("/commissions/<commission>/hold", endpoint="commission_hold")
@allow(BRAND_TILL)
def commission_hold(commission: str) -> Response | tuple[str, int]:
    """Keep it out of payouts, with a reason."""
    found, form = _own(commission), ReasonForm()
    if not form.validate():
        return _page(found, hold=form), 422
    judge.hold(found.id, key=str(form.key.data), reason=str(form.reason.data), actor=actor(), now=utcnow())
    flash(gettext("On hold. The creator got a letter with your reason."), "good")
    return redirect(url_for("brand.commission", commission=commission), 303)


@bp.post("/commissions/<commission>/release", endpoint="commission_release")
@allow(BRAND_TILL)
def commission_release(commission: str) -> Response:
    """End the hold."""
    judge.let_go(_own(commission).id, actor=actor(), now=utcnow())
    flash(gettext("The hold is over; the due date is the same as before."), "good")
    return redirect(url_for("brand.commission", commission=commission), 303)


@bp.post("/commissions/<commission>/rejection", endpoint="commission_reject")
@allow(BRAND_TILL)
def commission_reject(commission: str) -> Response | tuple[str, int]:
    """Take it back, with a reason."""
    found, form = _own(commission), ReasonForm()
    if not form.validate():
        return _page(found, reject=form), 422
    try:
        judge.reject(found.id, key=str(form.key.data), reason=str(form.reason.data), actor=actor(), now=utcnow())
    except judge.NothingLeft as refused:
        flash(sentence(refused), "warn")
    else:
        flash(gettext("Rejected. The creator got a letter with your reason."), "good")
    return redirect(url_for("brand.commission", commission=commission), 303)


def _programs() -> list[int]:
    return [program.id for program in programs.programs_of_brand(g.brand.id)]


def _own(public_id: str) -> commissions.Commission:
    return commissions.get_of_programs(_programs(), public_id)


def _page(row: commissions.Commission, *, hold: ReasonForm | None = None, reject: ReasonForm | None = None) -> str:
    found = receipt.of_commission(row)
    holds = [reason for _, reason in commissions.open_holds(row.order_id, row.creator_id)]
    hold_form = hold or ReasonForm(formdata=None, key=new_token())
    reject_form = reject or ReasonForm(formdata=None, key=new_token())
    hold_form.reason.id, reject_form.reason.id = "hold-reason", "reject-reason"
    return render_template(
        "brand/commission.html", receipt=found, now=utcnow(), explain=explain, terms=explain.terms_of(found), holds=holds,
        hold=hold_form, reject=reject_form,
        hold_open=bool(hold), reject_open=bool(reject),
    )  # fmt: skip
