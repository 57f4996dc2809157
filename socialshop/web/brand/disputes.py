"""Disputes: the buyer's bank asks for an order's money, and says who keeps it."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField, RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import InputRequired, Length, Optional

from ...domain import commissions, orders, people
from ...flows import dispute
from ...kernel.clock import utcnow
from ...kernel.errors import Conflict
from ...kernel.money import NotAnAmount
from ...kernel.prices import read_price
from ...kernel.vault import new_token
from .. import contest
from ..access import BRAND_TILL, actor, allow
from ..local import money_filter, sentence
from . import bp


class DisputeForm(FlaskForm):  # type: ignore[misc]
    """What the bank asks for."""

    key = HiddenField(validators=contest.KEY)
    how = RadioField(
        _l("What does the bank ask for?"),
        [InputRequired(_l("Please choose."))],
        choices=[SelectChoice("all", _l("All of it")), SelectChoice("part", _l("A part of the goods"))],
    )
    amount = StringField(_l("Amount"), [Optional(), Length(max=30)])
    reason = StringField(_l("What the bank says"), [InputRequired(_l("Please say what the bank says.")), Length(max=300)])


class ClosingForm(FlaskForm):  # type: ignore[misc]
    """How it ended."""

    outcome = RadioField(
        _l("How did it end?"),
        [InputRequired(_l("Please choose."))],
        choices=[
            SelectChoice("won", _l("Won: the money stays with you")),
            SelectChoice("lost", _l("Lost: it went back to the buyer")),
        ],
    )
    reason = StringField(_l("What the bank says"), [InputRequired(_l("Please say what the bank says.")), Length(max=300)])


@bp.get("/orders/<order>/disputes")
@allow(BRAND_TILL)
def order_disputes(order: str) -> str:
    """The form for a new dispute, or why there can be none."""
    return _new(orders.order_of(g.brand.id, order), DisputeForm(formdata=None, data={"how": "all", "key": new_token()}))


@bp.post("/orders/<order>/disputes")
@allow(BRAND_TILL)
def order_dispute_open(order: str) -> Response | tuple[str, int]:
    """The bank asks for the money; the order's commissions wait."""
    found, form = orders.order_of(g.brand.id, order), DisputeForm()
    if not form.validate():
        return _new(found, form), 422
    amount: int | None = None
    try:
        if form.how.data == "part":
            amount = read_price(form.amount.data or "0", found.currency)
            if not amount:
                form.amount.errors = [
                    gettext("Write how much the bank asks for, more than 0. For everything, choose “All of it”.")
                ]
                return _new(found, form), 422
        opened = dispute.open_(
            found.id, key=f"form:{form.key.data}", amount=amount, reason=str(form.reason.data), actor=actor(), now=utcnow()
        )
    except orders.RefundTooLarge as refused:
        refused.left_text = money_filter(refused.left)
        form.amount.errors = [sentence(refused)]
        return _new(found, form), 422
    except NotAnAmount as refused:
        form.amount.errors = [sentence(refused)]
        return _new(found, form), 422
    except Conflict as refused:
        flash(sentence(refused), "bad")
        return redirect(url_for("brand.order", order=order), 303)
    flash(gettext("Noted. The commissions of this order wait until you say how it ended."), "good")
    return redirect(url_for("brand.order_dispute", dispute=opened.public_id), 303)


@bp.get("/disputes/<dispute>")
@allow(BRAND_TILL)
def order_dispute(dispute: str) -> str:
    """One dispute, and how it ends."""
    return _page(*orders.dispute_of(g.brand.id, dispute), ClosingForm(formdata=None))


@bp.post("/disputes/<dispute>/closing")
@allow(BRAND_TILL)
def order_dispute_close(dispute: str) -> Response | tuple[str, int]:
    """The bank has decided."""
    row, order = orders.dispute_of(g.brand.id, dispute)
    form = ClosingForm()
    if not form.validate():
        return _page(row, order, form), 422
    return _close(row, won=form.outcome.data == "won", reason=str(form.reason.data))


def _close(row: orders.Dispute, *, won: bool, reason: str) -> Response:
    try:
        dispute.close(row.id, won=won, reason=reason, actor=actor(), now=utcnow())
    except orders.DisputeOver as refused:
        flash(sentence(refused), "warn")
    else:
        flash(
            gettext("Closed. The commissions go on as before.")
            if won
            else gettext("Closed. What was lost is taken from the commissions, and stands as given back on the order."),
            "good",
        )
    return redirect(url_for("brand.order_dispute", dispute=row.public_id), 303)


def _new(order: orders.Order, form: DisputeForm) -> str:
    possible = order.state in ("paid", "refunded") and sum(orders.left_of(order.id).values()) > 0
    return render_template(
        "brand/dispute_new.html", order=order, form=form, possible=possible, running=orders.find_open_dispute(order.id),
        left=sum(orders.left_of(order.id).values()),
    )  # fmt: skip


def _page(row: orders.Dispute, order: orders.Order, form: ClosingForm) -> str:
    rows = commissions.of_order(order.id)
    return render_template(
        "brand/dispute.html", row=row, order=order, form=form, contest=contest, rows=rows,
        creators=people.creators_by_id({each.creator_id for each in rows}),
    )  # fmt: skip
