"""The buyer's order page: what to pay and where, how it stands, and whom to ask. Whoever has the link may see it."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from flask import Response as FlaskResponse
from flask import flash, jsonify, make_response, redirect, render_template, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from ...domain import orders, people
from ...domain.audit import Actor
from ...flows import fulfil
from ...kernel import words
from ...kernel.clock import utcnow
from ...kernel.errors import DomainError
from ..access import ANYONE, allow
from ..limits import limiter
from ..local import locale, sentence
from . import bp


class QuestionForm(FlaskForm):  # type: ignore[misc]
    """A question to the seller."""

    message = TextAreaField(_l("Your question"), [DataRequired(_l("Please write your question.")), Length(max=2000)])


@bp.get("/o/<token>")
@allow(ANYONE)
@limiter.limit("120 per minute")
def order(token: str) -> FlaskResponse:
    """How the order stands, and what comes next."""
    return _private(make_response(_page(orders.by_token(token), QuestionForm(formdata=None))))


@bp.get("/o/<token>/state")
@allow(ANYONE)
@limiter.limit("120 per minute")
def order_state(token: str) -> FlaskResponse:
    """A word that changes whenever the page would look different; the page asks for it by itself."""
    return _private(jsonify(state=state_of(orders.by_token(token))))


@bp.post("/o/<token>/cancellation")
@allow(ANYONE)
@limiter.limit("20 per minute")
def order_cancel(token: str) -> Response:
    """The buyer does not want it any more."""
    found = orders.by_token(token)
    try:
        fulfil.cancel(found.id, by="buyer", now=utcnow(), actor=_buyer(found))
    except DomainError as error:
        flash(sentence(error), "bad")
    else:
        flash(gettext("Your order is cancelled. There is nothing to pay."), "good")
    return redirect(url_for("shop.order", token=token), 303)


@bp.post("/o/<token>/questions")
@allow(ANYONE)
@limiter.limit("6 per hour")
def order_ask(token: str) -> Response:
    """A question goes to the seller by mail."""
    found, form = orders.by_token(token), QuestionForm()
    if not form.validate():
        return _private(make_response(_page(found, form), 422))
    fulfil.ask(found.id, message=(form.message.data or "").strip(), now=utcnow(), actor=_buyer(found))
    flash(gettext("Your question is on its way. The seller answers by e-mail or WhatsApp."), "good")
    return redirect(url_for("shop.order", token=token), 303)


def state_of(order: orders.Order) -> str:
    """Where the order stands, with everything that the page shows of it."""
    return f"{order.state}-{order.fulfilment}-{orders.refunded_minor(order.id)}-{order.tracking}"


def left_in_words(until: datetime, now: datetime) -> str:
    """How much time there is: "23 hours", "40 minutes"."""
    minutes = max(0, int((until - now).total_seconds() // 60))
    if minutes >= 48 * 60:
        return str(ngettext("%(num)s day", "%(num)s days", minutes // (24 * 60)))
    if minutes >= 120:
        return str(ngettext("%(num)s hour", "%(num)s hours", minutes // 60))
    return str(ngettext("%(num)s minute", "%(num)s minutes", minutes))


def _page(order: orders.Order, form: QuestionForm) -> str:
    brand, now = people.get_brand(order.brand_id), utcnow()
    return render_template(
        "shop/order.html",
        order=order,
        brand=brand,
        lines=orders.lines_of(order.id),
        totals=orders.totals_of(order),
        refunds=[refund for refund in orders.refunds_of(order.id) if refund.amount_minor or refund.shipping_minor],
        accounts=people.receiving_accounts_of(brand.id) if order.method == "transfer" else [],
        account_name=people.provider_name,
        siblings=orders.siblings_of(order),
        brands=people.brands_by_id([sibling.brand_id for sibling in orders.siblings_of(order)]),
        deadline=words.when(order.expires_at, locale(), brand.timezone) if order.expires_at else "",
        left=left_in_words(order.expires_at, now) if order.expires_at else "",
        late=order.expires_at is not None and order.expires_at <= now,
        may_cancel=order.state == "awaiting" and fulfil.may_buyer_cancel(order),
        whatsapp=_whatsapp(order, brand),
        steps=_shown(order),
        state=state_of(order),
        form=form,
    )


def _shown(order: orders.Order) -> dict[str, datetime]:
    """When each step that concerns the buyer happened last."""
    return {step.step: step.at for step in orders.steps_of(order.id)}


def _whatsapp(order: orders.Order, brand: people.Brand) -> str:
    if not brand.whatsapp:
        return ""
    text = gettext("Hello %(brand)s, I have a question about my order %(number)s: ", brand=brand.name, number=order.number)
    if order.code:
        text += "\n" + gettext("My referral code: %(code)s", code=order.code.upper())
    return f"https://wa.me/{brand.whatsapp}?text={quote(text)}"


def _buyer(order: orders.Order) -> Actor:
    return Actor("buyer", order.public_id)


def _private(answer: FlaskResponse) -> FlaskResponse:
    """The address is the key to the page: it goes to nobody as a referrer, into no cache and no search engine."""
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer
