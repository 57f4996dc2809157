"""A creator appeals what is held or rejected, talks with the brand, and reads the decision."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from ...domain import appeals, commissions, orders, people
from ...flows import appeal as stories
from ...kernel.clock import utcnow
from ...kernel.errors import Conflict, Invalid
from ...kernel.vault import new_token
from .. import contest, explain, paging
from ..access import CREATOR, actor, allow
from ..local import sentence
from . import bp

PAGE = 25


@bp.get("/appeals", endpoint="appeals")
@allow(CREATOR)
def appeals_list() -> str:
    """The creator's appeals, newest first."""
    number = paging.page_number()
    rows = appeals.listed_of_creator(g.creator.id, limit=PAGE + 1, offset=(number - 1) * PAGE)
    return render_template(
        "creator/appeals.html", rows=rows[:PAGE], more=len(rows) > PAGE, number=number, now=utcnow(), contest=contest,
        stakes=contest.stakes_of(rows[:PAGE]), orders=orders.orders_by_id([row.order_id for row in rows]),
        brands=people.brands_by_id({row.brand_id for row in rows}),
    )  # fmt: skip


@bp.get("/earnings/<commission>/appeal")
@allow(CREATOR)
def earning_appeal(commission: str) -> Response | str:
    """The form for an appeal; one that runs is shown instead."""
    found = commissions.get_own(g.creator.id, commission)
    running = appeals.find_running(found.order_id, found.creator_id)
    if running is not None:
        return redirect(url_for("creator.appeal", appeal=running.public_id))
    if not stories.may_appeal(found):
        flash(gettext("There is nothing to appeal here."), "info")
        return redirect(url_for("creator.earning", commission=commission))
    return _form(found, contest.MessageForm(formdata=None, key=new_token()))


@bp.post("/earnings/<commission>/appeal")
@allow(CREATOR)
def earning_appeal_open(commission: str) -> Response | tuple[str, int]:
    """Appeal."""
    found, form = commissions.get_own(g.creator.id, commission), contest.MessageForm()
    papers = contest.uploaded(form, "papers") if form.validate() else None
    if papers is None:
        return _form(found, form), 422
    try:
        made = stories.open_(
            found.id, key=str(form.key.data), words=str(form.words.data), papers=papers, actor=actor(), now=utcnow()
        )
    except Invalid as refused:
        contest.blame(form, refused)
        return _form(found, form), 422
    except Conflict as refused:
        flash(sentence(refused), "warn")
        return redirect(url_for("creator.earning", commission=commission), 303)
    flash(gettext("Your appeal is with the brand. You get a letter when they answer or decide."), "good")
    return redirect(url_for("creator.appeal", appeal=made.public_id), 303)


@bp.get("/appeals/<appeal>")
@allow(CREATOR)
def appeal(appeal: str) -> str:
    """One appeal: what was said, and what comes next."""
    return _page(appeals.appeal_of_creator(g.creator.id, appeal))


@bp.post("/appeals/<appeal>/messages")
@allow(CREATOR)
def appeal_message(appeal: str) -> Response | tuple[str, int]:
    """Answer, or add something."""
    found, form = appeals.appeal_of_creator(g.creator.id, appeal), contest.MessageForm()
    if not contest.tell(form, found.id, "creator", gettext("Sent. The brand got a letter.")):
        return _page(found, form), 422
    return redirect(url_for("creator.appeal", appeal=appeal, _anchor="thread"), 303)


@bp.post("/appeals/<appeal>/withdrawal")
@allow(CREATOR)
def appeal_withdrawal(appeal: str) -> Response:
    """Take the appeal back."""
    found = appeals.appeal_of_creator(g.creator.id, appeal)
    try:
        stories.withdraw(found.id, actor=actor(), now=utcnow())
    except appeals.AppealMoved as refused:
        flash(sentence(refused), "warn")
    else:
        flash(gettext("Withdrawn. You may appeal again whenever you like."), "good")
    return redirect(url_for("creator.appeal", appeal=appeal), 303)


@bp.get("/papers/<paper>")
@allow(CREATOR)
def paper(paper: str) -> Response:
    """A file that this creator may see."""
    return contest.answer(appeals.paper_of_creator(g.creator.id, paper))


def _form(row: commissions.Commission, form: contest.MessageForm) -> str:
    order = orders.get(row.order_id)
    case = contest.case_of(row)
    return render_template(
        "creator/appeal_new.html", row=row, form=form, order=order, brand=people.get_brand(order.brand_id), case=case,
        needs_new=stories.needs_new(row), contest=contest, explain=explain, now=utcnow(),
    )  # fmt: skip


def _page(row: appeals.Appeal, form: contest.MessageForm | None = None) -> str:
    commission, stake, judgement = contest.stakes_of([row])[row.id]
    return render_template(
        "creator/appeal.html", row=row, commission=commission, stake=stake, judgement=judgement, order=orders.get(row.order_id),
        thread=appeals.thread_of(row.id), steps=appeals.steps_of(row.id), brand=people.get_brand(row.brand_id),
        case=contest.case_of(commission), form=form or contest.MessageForm(formdata=None, key=new_token()), contest=contest,
        explain=explain, now=utcnow(),
    )  # fmt: skip
