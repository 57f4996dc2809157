"""Appeals to a brand: what waits, the talk with the creator, and the decision."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import InputRequired, Length

from ...domain import appeals, orders, people
from ...flows import appeal as stories
from ...flows import receipt
from ...kernel.clock import utcnow
from ...kernel.vault import new_token
from .. import contest, explain, paging
from ..access import BRAND_TILL, actor, allow
from ..local import sentence
from . import bp

PAGE = 25


class DecisionForm(FlaskForm):  # type: ignore[misc]
    """What a person decides, and why; the creator reads it."""

    outcome = RadioField(
        _l("Your decision"),
        [InputRequired(_l("Please choose."))],
        choices=[SelectChoice("grant", _l("Grant it")), SelectChoice("deny", _l("Deny it"))],
    )
    reason = TextAreaField(_l("Your reason"), [InputRequired(_l("Please say why.")), Length(max=appeals.MAX_WORDS)])


@bp.get("/appeals", endpoint="appeals")
@allow(BRAND_TILL)
def appeals_list() -> str:
    """What waits, the longest first; `?state=closed`: what was decided."""
    closed, number = request.args.get("state", "") == "closed", paging.page_number()
    rows = appeals.listed_of_brand(g.brand.id, running=not closed, limit=PAGE + 1, offset=(number - 1) * PAGE)
    return render_template(
        "brand/appeals.html", rows=rows[:PAGE], more=len(rows) > PAGE, number=number, closed=closed, now=utcnow(),
        stakes=contest.stakes_of(rows[:PAGE]), orders=orders.orders_by_id([row.order_id for row in rows]), contest=contest,
        creators=people.creators_by_id({row.creator_id for row in rows}),
    )  # fmt: skip


@bp.get("/appeals/<appeal>")
@allow(BRAND_TILL)
def appeal(appeal: str) -> str:
    """One appeal, with the receipt beside it."""
    return _page(appeals.appeal_of_brand(g.brand.id, appeal))


@bp.post("/appeals/<appeal>/messages")
@allow(BRAND_TILL)
def appeal_message(appeal: str) -> Response | tuple[str, int]:
    """Ask the creator something."""
    found, form = appeals.appeal_of_brand(g.brand.id, appeal), contest.MessageForm()
    if not contest.tell(form, found.id, "brand", gettext("Sent. It is the creator’s turn now.")):
        return _page(found, message=form), 422
    return redirect(url_for("brand.appeal", appeal=appeal, _anchor="thread"), 303)


@bp.post("/appeals/<appeal>/decision")
@allow(BRAND_TILL)
def appeal_decision(appeal: str) -> Response | tuple[str, int]:
    """Grant or deny it."""
    found, form = appeals.appeal_of_brand(g.brand.id, appeal), DecisionForm()
    if not form.validate():
        return _page(found, decision=form), 422
    grant = form.outcome.data == "grant"
    try:
        stories.decide(found.id, grant=grant, reason=str(form.reason.data), actor=actor(), now=utcnow())
    except appeals.AppealMoved as refused:
        flash(sentence(refused), "warn")
    else:
        done = gettext("Granted. What was kept back counts again.") if grant else gettext("Denied. Everything stays as it is.")
        flash(done + " " + gettext("The creator got a letter with your reason."), "good")
    return redirect(url_for("brand.appeal", appeal=appeal), 303)


@bp.get("/papers/<paper>")
@allow(BRAND_TILL)
def paper(paper: str) -> Response:
    """A file of one of the brand's cases."""
    return contest.answer(appeals.paper_of_brand(g.brand.id, paper))


def _page(row: appeals.Appeal, *, message: contest.MessageForm | None = None, decision: DecisionForm | None = None) -> str:
    commission, stake, judgement = contest.stakes_of([row])[row.id]
    message = message or contest.MessageForm(formdata=None, key=new_token())
    decision = decision or DecisionForm(formdata=None)
    return render_template(
        "brand/appeal.html", row=row, commission=commission, stake=stake, judgement=judgement,
        thread=appeals.thread_of(row.id), steps=appeals.steps_of(row.id), case=contest.case_of(commission, for_brand=True),
        receipt=receipt.of_commission(commission), creator=people.get_creator(row.creator_id), message=message, decision=decision,
        contest=contest, explain=explain, names=member_names(), now=utcnow(),
    )  # fmt: skip


def member_names() -> dict[str, str]:
    """The brand's people by the name that rows keep of an actor."""
    return {f"user:{user.public_id}": user.name or user.email for _, user in people.members_of(g.brand.id)}
