"""Giving money back: everything, an amount, or line by line, with or without the goods back on the shelf."""

from __future__ import annotations

import secrets
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField, RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import DataRequired, Length, Optional

from ...domain import orders
from ...flows import fulfil
from ...kernel.clock import utcnow
from ...kernel.errors import DomainError, Invalid
from ...kernel.money import Money, NotAnAmount
from ...kernel.prices import read_price
from ..access import BRAND_TILL, actor, allow
from ..local import money_filter, sentence
from . import bp


class RefundForm(FlaskForm):  # type: ignore[misc]
    """How much goes back. The fields of the lines are read by hand: their names carry the line's key."""

    how = RadioField(
        _l("What goes back to the buyer?"),
        [DataRequired(_l("Please choose."))],
        choices=[
            SelectChoice("full", _l("Everything that is left")),
            SelectChoice("amount", _l("An amount off the goods")),
            SelectChoice("lines", _l("Line by line")),
        ],
    )
    amount = StringField(_l("Amount"), [Optional(), Length(max=30)])
    shipping = StringField(_l("Of shipping and fees"), [Optional(), Length(max=30)])
    reason = StringField(_l("Reason"), [DataRequired(_l("Please give a reason; the buyer reads it.")), Length(max=300)])
    key = HiddenField()


@bp.get("/orders/<order>/refunds")
@allow(BRAND_TILL)
def order_refunds(order: str) -> str:
    """The form, with what is left of each line."""
    found = orders.order_of(g.brand.id, order)
    return _page(found, RefundForm(formdata=None, data={"how": "full", "key": secrets.token_urlsafe(12)}), {})


@bp.post("/orders/<order>/refunds")
@allow(BRAND_TILL)
def order_refunds_send(order: str) -> Response | tuple[str, int]:
    """Book the refund; the same form twice books once."""
    found, form = orders.order_of(g.brand.id, order), RefundForm()
    if not form.validate():
        return _page(found, form, {}), 422
    wrong: dict[str, str] = {}
    asked = _asked(found, form, wrong)
    if wrong:
        return _page(found, form, wrong), 422
    try:
        booked = fulfil.refund(
            found.id, key=f"form:{(form.key.data or secrets.token_urlsafe(12))[:40]}", reason=(form.reason.data or "").strip(),
            now=utcnow(), actor=actor(), **asked,
        )  # fmt: skip
    except DomainError as error:
        wrong = _wrong(error)
        if not wrong:
            flash(sentence(error), "bad")
        return _page(found, form, wrong), 422
    flash(_done(booked, found), "good")
    return redirect(url_for("brand.order", order=found.public_id), 303)


def _asked(order: orders.Order, form: RefundForm, wrong: dict[str, str]) -> dict[str, Any]:
    """What the form asks for, as `fulfil.refund` takes it; `wrong` gathers what cannot be read."""
    asked: dict[str, Any] = {"restock": _pieces(order, wrong)}
    if form.how.data == "full":
        return asked | {"full": True}
    asked["shipping"] = _minor(form.shipping.data, "shipping", order, wrong)
    if form.how.data == "amount":
        return asked | {"amount": _minor(form.amount.data, "amount", order, wrong)}
    keys = [line.key for line in orders.lines_of(order.id)]
    return asked | {"lines": {key: _minor(request.form.get(f"line-{key}"), f"line-{key}", order, wrong) for key in keys}}


def _minor(text: str | None, field: str, order: orders.Order, wrong: dict[str, str]) -> int:
    if not (text or "").strip():
        return 0
    try:
        return read_price(text or "", order.currency)
    except NotAnAmount as error:
        wrong[field] = sentence(error)
        return 0


def _pieces(order: orders.Order, wrong: dict[str, str]) -> dict[str, int]:
    pieces = {}
    for line in orders.lines_of(order.id):
        text = request.form.get(f"back-{line.key}", "").strip()
        if text and not (text.isascii() and text.isdigit() and len(text) < 6):
            wrong[f"back-{line.key}"] = gettext("Please write a whole number.")
        elif text:
            pieces[line.key] = int(text)
    return pieces


def _wrong(error: DomainError) -> dict[str, str]:
    if not isinstance(error, Invalid):
        return {}
    if isinstance(error, orders.RefundTooLarge):
        error.left_text = money_filter(error.left)
    return {field.field: sentence(error) for field in error.fields}


def _page(order: orders.Order, form: RefundForm, wrong: dict[str, str]) -> str:
    return render_template(
        "brand/order_refund.html",
        order=order,
        form=form,
        wrong=wrong,
        lines=orders.lines_of(order.id),
        left=orders.left_of(order.id),
        beside=orders.beside_left(order.id),
        returnable=orders.returnable_of(order.id),
        typed=request.form,
    )


def _done(booked: orders.Refund | None, order: orders.Order) -> str:
    if booked is None:
        return str(gettext("This refund was booked before."))
    amount = money_filter(Money(booked.amount_minor + booked.shipping_minor, order.currency))
    return str(gettext("Booked: %(amount)s goes back. Please send it to the buyer now.", amount=amount))
