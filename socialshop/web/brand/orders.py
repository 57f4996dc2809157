"""A brand's orders: find a transfer, confirm it, pack, send, give back."""

from __future__ import annotations

from typing import Any

from flask import Response as FlaskResponse
from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, StringField
from wtforms.validators import DataRequired, Length, Optional

from ...domain import audit, orders, people
from ...flows import fulfil, receipt
from ...kernel.clock import utcnow
from ...kernel.database import transaction
from ...kernel.errors import DomainError
from .. import contest, explain, paging, sheets
from ..access import BRAND_MANAGE, BRAND_TILL, BRAND_VIEW, actor, allow
from ..local import sentence
from . import bp, order_sheet


class ShippingForm(FlaskForm):  # type: ignore[misc]
    """With whom the parcel travels."""

    carrier = StringField(_l("Carrier"), [DataRequired(_l("Who carries the parcel?")), Length(max=40)])
    tracking = StringField(_l("Tracking number"), [Optional(), Length(max=80)])


class ReasonForm(FlaskForm):  # type: ignore[misc]
    """Why an order is called off; the buyer reads it."""

    reason = StringField(_l("Reason"), [DataRequired(_l("Please give a reason; the buyer reads it.")), Length(max=300)])
    restock = BooleanField(_l("Put the goods back on the shelf"))


@bp.get("/orders", endpoint="orders")
@allow(BRAND_VIEW)
def orders_list() -> str:
    """The orders on one shelf, newest first."""
    shelf, search, number = _asked()
    page = orders.listed(g.brand.id, shelf=shelf, search=search, currency=g.brand.currency, page=number)
    return render_template(
        "brand/orders.html", page=page, shelf=shelf, search=search, counts=orders.counts(g.brand.id),
        lines=orders.lines_by_order([order.id for order in page.orders]),
    )  # fmt: skip


@bp.get("/orders.csv")
@allow(BRAND_VIEW)
def orders_csv() -> FlaskResponse:
    """Everything that the list shows, as a file; who took it is on record."""
    shelf, search, _ = _asked()
    with transaction():
        audit.note(
            "orders.exported",
            g.brand.public_id,
            actor=actor(),
            tenant=g.brand.public_id,
            now=utcnow(),
            after={"shelf": shelf, "search": search},
        )
    found = list(orders.every(g.brand.id, shelf=shelf, search=search, currency=g.brand.currency))
    return sheets.answer(f"orders-{g.brand.slug}-{shelf}.csv", order_sheet.HEADER, (order_sheet.row(order) for order in found))


@bp.get("/orders/<order>")
@allow(BRAND_VIEW)
def order(order: str) -> str:
    """One order with all that can be done about it now."""
    return _page(orders.order_of(g.brand.id, order), ShippingForm(formdata=None), ReasonForm(formdata=None))


@bp.post("/orders/<order>/payment")
@allow(BRAND_TILL)
def order_payment(order: str) -> Response:
    """The transfer has arrived."""
    found = orders.order_of(g.brand.id, order)
    amount = request.form.get("amount", "")
    minor = int(amount) if amount.isascii() and amount.isdigit() and len(amount) < 16 else -1
    return _deed(
        found,
        lambda: fulfil.confirm_payment(found.id, amount=minor, now=utcnow(), actor=actor()),
        gettext("Payment confirmed. Time to pack."),
    )


@bp.post("/orders/<order>/collection")
@allow(BRAND_TILL)
def order_collection(order: str) -> Response:
    """The cash on delivery is in."""
    found = orders.order_of(g.brand.id, order)
    return _deed(
        found, lambda: fulfil.collect(found.id, now=utcnow(), actor=actor()), gettext("Cash received. The order is paid.")
    )


@bp.post("/orders/<order>/packing")
@allow(BRAND_MANAGE)
def order_packing(order: str) -> Response:
    """The parcel is ready."""
    found = orders.order_of(g.brand.id, order)
    return _deed(found, lambda: fulfil.pack(found.id, now=utcnow(), actor=actor()), gettext("Packed."))


@bp.post("/orders/<order>/shipping")
@allow(BRAND_MANAGE)
def order_shipping(order: str) -> Response | tuple[str, int]:
    """The parcel is with the carrier."""
    found, form = orders.order_of(g.brand.id, order), ShippingForm()
    if not form.validate():
        return _page(found, form, ReasonForm(formdata=None)), 422
    carrier, tracking = (form.carrier.data or "").strip(), (form.tracking.data or "").strip()
    return _deed(
        found,
        lambda: fulfil.ship(found.id, carrier=carrier, tracking=tracking, now=utcnow(), actor=actor()),
        gettext("Shipped. The buyer has the tracking number."),
    )


@bp.post("/orders/<order>/delivery")
@allow(BRAND_MANAGE)
def order_delivery(order: str) -> Response:
    """The parcel has arrived."""
    found = orders.order_of(g.brand.id, order)
    return _deed(found, lambda: fulfil.deliver(found.id, now=utcnow(), actor=actor()), gettext("Delivered."))


@bp.post("/orders/<order>/cancellation")
@allow(BRAND_MANAGE)
def order_cancellation(order: str) -> Response | tuple[str, int]:
    """Call off an order that nobody has paid."""
    found, form = orders.order_of(g.brand.id, order), ReasonForm()
    if not form.validate():
        return _page(found, ShippingForm(formdata=None), form), 422
    reason = (form.reason.data or "").strip()
    return _deed(
        found,
        lambda: fulfil.cancel(found.id, by="brand", reason=reason, now=utcnow(), actor=actor()),
        gettext("The order is cancelled."),
    )


@bp.post("/orders/<order>/calling-off")
@allow(BRAND_TILL)
def order_calling_off(order: str) -> Response | tuple[str, int]:
    """Call off a paid order: everything goes back to the buyer."""
    found, form = orders.order_of(g.brand.id, order), ReasonForm()
    if not form.validate():
        return _page(found, ShippingForm(formdata=None), form), 422
    reason, restock = (form.reason.data or "").strip(), bool(form.restock.data)
    return _deed(
        found,
        lambda: fulfil.call_off(found.id, reason=reason, restock=restock, now=utcnow(), actor=actor()),
        gettext("The order is called off. Please send the money back to the buyer."),
    )


@bp.post("/orders/<order>/late-payment")
@allow(BRAND_TILL)
def order_late_payment(order: str) -> Response:
    """Money for a closed order went back to the buyer."""
    found = orders.order_of(g.brand.id, order)
    return _deed(
        found,
        lambda: fulfil.return_late_payment(
            found.id, reason=request.form.get("reason", "").strip()[:300], now=utcnow(), actor=actor()
        ),
        gettext("Noted: the late payment went back to the buyer."),
    )


def _deed(order: orders.Order, deed: Any, done: str) -> Response:
    """Do it, say so, and show the order; a refusal is shown there too."""
    try:
        changed = deed()
    except DomainError as error:
        flash(sentence(error), "bad")
    else:
        flash(done if changed is not False else gettext("That was done before."), "good" if changed is not False else "info")
    return redirect(url_for("brand.order", order=order.public_id), 303)


def _page(order: orders.Order, shipping: ShippingForm, reason: ReasonForm) -> str:
    buyer = order.buyer_phone.lstrip("+")
    return render_template(
        "brand/order.html",
        order=order,
        lines=orders.lines_of(order.id),
        nets=orders.nets(order.id),
        totals=orders.totals_of(order),
        refunds=orders.refunds_of(order.id),
        disputes=orders.disputes_of(order.id),
        contest=contest,
        refunded=orders.refunded_minor(order.id),
        returnable=sum(orders.returnable_of(order.id).values()),
        left=sum(orders.left_of(order.id).values()) + orders.beside_left(order.id),
        steps=orders.steps_of(order.id),
        considered=receipt.considered(order.id),
        explain=explain,
        people=_names(order),
        whatsapp=f"https://wa.me/{buyer}" if buyer else "",
        shipping=shipping,
        reason=reason,
    )


def _names(order: orders.Order) -> dict[str, str]:
    """Who is behind the actors of the steps: members by name, others by their role."""
    names = {f"user:{user.public_id}": user.name or user.email for _, user in people.members_of(g.brand.id)}
    return {step.actor: names.get(step.actor.partition(" (")[0], "") for step in orders.steps_of(order.id)}


def _asked() -> tuple[orders.Shelf, str, int]:
    shelf = request.args.get("shelf", "all")
    known: orders.Shelf = shelf if shelf in orders.SHELVES else "all"
    return known, request.args.get("q", "").strip()[:100], paging.page_number()
