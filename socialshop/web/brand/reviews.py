"""Orders that do not add up: what is wrong in words, the figures side by side, and a form to set them right."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from ...domain import connections, orders, people
from ...domain.connections import Review
from ...flows import review as flow
from ...kernel.clock import instant, utcnow
from ...kernel.errors import Invalid
from ...kernel.money import NotAnAmount, to_decimal
from ...kernel.prices import read_price
from ..access import BRAND_TILL, BRAND_VIEW, actor, allow
from ..local import sentence, zone
from . import bp, store_words

_LOCAL = "%Y-%m-%dT%H:%M"


@dataclass
class Sheet:
    """The form as typed: text by field name, errors by field name, and what could be read of it."""

    typed: dict[str, str]
    wrong: dict[str, str] = field(default_factory=dict)
    decision: flow.Decision | None = None

    @property
    def goods(self) -> int:
        """The goods after all discounts, as far as they could be read."""
        if self.decision is None:
            return 0
        lines = sum(line.price_minor * line.quantity - line.discount_minor for line in self.decision.lines if line.quantity > 0)
        return lines - self.decision.discount_minor

    @property
    def total(self) -> int:
        """With shipping and tax."""
        return self.goods + (self.decision.shipping_minor + self.decision.tax_minor if self.decision else 0)


@bp.get("/reviews", endpoint="reviews")
@allow(BRAND_VIEW)
def reviews_list() -> str:
    """What waits for somebody, or what was decided."""
    state = request.args.get("state", "open")
    state = state if state in store_words.DECISIONS else "open"
    rows = connections.reviews_of(g.brand.id, state=state)
    stores = {row.id: row for row in connections.of_brand(g.brand.id)}
    waiting = {row.id: len(connections.parked_for(row.connection_id, row.remote_order_id)) for row in rows if row.state == "open"}
    return render_template("brand/reviews.html", rows=rows, state=state, stores=stores, waiting=waiting, words=store_words)


@bp.get("/reviews/<review>")
@allow(BRAND_VIEW)
def review(review: str) -> str:
    """One order: what is wrong, and the form."""
    row = connections.review_of(g.brand.id, review)
    return _page(row, _as_told(row))


@bp.post("/reviews/<review>")
@allow(BRAND_TILL)
def review_decision(review: str) -> str | Response | tuple[str, int]:
    """Set the order right and book it with all that waits; or only work the totals out."""
    row = connections.review_of(g.brand.id, review)
    sheet = _read(row)
    if request.form.get("look"):
        return _page(row, sheet)
    if sheet.wrong or sheet.decision is None:
        return _page(row, sheet), 422
    try:
        order = flow.resolve(row, sheet.decision, actor=actor(), now=utcnow())
    except connections.AlreadyDecided as error:
        flash(sentence(error), "warn")
        return redirect(url_for("brand.review", review=row.public_id), 303)
    except Invalid as error:
        sheet.wrong = {wrong.field: str(gettext(wrong.message)) for wrong in error.fields}
        return _page(row, sheet), 422
    flash(gettext("Order %(number)s is booked, with everything that waited for it.", number=order.number), "good")
    return redirect(url_for("brand.review", review=row.public_id), 303)


@bp.post("/reviews/<review>/dismissal")
@allow(BRAND_TILL)
def review_dismissal(review: str) -> Response | tuple[str, int]:
    """Leave it alone, for a reason."""
    row = connections.review_of(g.brand.id, review)
    try:
        flow.dismiss(row, request.form.get("reason", "")[:500], actor=actor(), now=utcnow())
    except Invalid as error:
        sheet = _as_told(row)
        sheet.wrong = {"reason": str(gettext(error.fields[0].message))}
        return _page(row, sheet), 422
    except connections.AlreadyDecided as error:
        flash(sentence(error), "warn")
        return redirect(url_for("brand.review", review=row.public_id), 303)
    flash(gettext("Dismissed. The document is kept."), "good")
    return redirect(url_for("brand.reviews"), 303)


def _page(row: Review, sheet: Sheet) -> str:
    proposal = row.proposal
    order = orders.find_outside(row.connection_id, row.remote_order_id)
    by = people.find_user(row.closed_by) if row.closed_by else None
    return render_template(
        "brand/review.html", row=row, proposal=proposal, sheet=sheet, words=store_words, order=order, form=FlaskForm(),
        store=connections.get(row.connection_id), table=store_words.side_by_side(proposal), currency=proposal["currency"],
        waiting=connections.parked_for(row.connection_id, row.remote_order_id), decided_by=by, fixed_paid=_paid(order),
        placed_at=instant(proposal["placed_at"]), stated_total=_stated_total(proposal), event=connections.get_event(row.event_id),
        may=g.member.role in BRAND_TILL.roles, to_decimal=to_decimal,
    )  # fmt: skip


def _paid(order: orders.Order | None) -> bool:
    return order is not None and order.state in ("paid", "refunded")


def _stated_total(proposal: dict[str, Any]) -> int | None:
    text = proposal["stated"].get("total_price") or proposal["stated"].get("total")
    try:
        return read_price(text, proposal["currency"]) if text else None
    except NotAnAmount:
        return None


def _as_told(row: Review) -> Sheet:
    """The form as the document has it; paid stays open where the store does not say so."""
    told, currency = row.proposal, row.proposal["currency"]
    typed = {name: to_decimal(told[name], currency) for name in ("discount", "shipping", "tax")}
    for place, line in enumerate(told["lines"]):
        typed[f"lines-{place}-price"] = to_decimal(line["price"], currency)
        typed[f"lines-{place}-quantity"] = str(line["quantity"])
        typed[f"lines-{place}-discount"] = to_decimal(line["discount"], currency)
    typed["paid"] = "yes" if told["was_paid"] else ""
    paid_at = instant(told["paid_at"] or told["placed_at"])
    typed["paid_at"] = paid_at.astimezone(ZoneInfo(zone())).strftime(_LOCAL) if paid_at.year > 1970 else ""
    lines = tuple(flow.SetLine(line["key"], line["price"], line["quantity"], line["discount"]) for line in told["lines"])
    return Sheet(typed, decision=flow.Decision(lines, told["discount"], told["shipping"], told["tax"]))


def _read(row: Review) -> Sheet:
    """What was typed, with an error at each field that cannot be read."""
    sheet = Sheet({name: value.strip()[:60] for name, value in request.form.items() if name != "csrf_token"})
    sheet.typed["note"] = request.form.get("note", "").strip()[:500]
    currency = str(row.proposal["currency"])
    lines = tuple(
        flow.SetLine(
            line["key"], _amount(sheet, f"lines-{place}-price", currency), _count(sheet, f"lines-{place}-quantity"),
            _amount(sheet, f"lines-{place}-discount", currency),
        )
        for place, line in enumerate(row.proposal["lines"])
    )  # fmt: skip
    discount, shipping, tax = (_amount(sheet, name, currency) for name in ("discount", "shipping", "tax"))
    sheet.decision = flow.Decision(lines, discount, shipping, tax, _paid_at(sheet, row), sheet.typed["note"])
    return sheet


def _amount(sheet: Sheet, name: str, currency: str) -> int:
    text = sheet.typed.get(name, "")
    if not text:
        if name.endswith("-price"):
            sheet.wrong[name] = gettext("Enter the price.")
        return 0
    try:
        return read_price(text, currency)
    except NotAnAmount as error:
        sheet.wrong[name] = sentence(error)
        return 0


def _count(sheet: Sheet, name: str) -> int:
    text = sheet.typed.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        sheet.wrong[name] = gettext("A whole number, 0 to leave the line out.")
        return 0
    return int(text)


def _paid_at(sheet: Sheet, row: Review) -> datetime | None:
    """When it was paid; None for not yet. An order that is booked as paid stays so."""
    order = orders.find_outside(row.connection_id, row.remote_order_id)
    if order is not None and _paid(order):
        return order.paid_at
    answer = sheet.typed.get("paid", "")
    if answer == "no":
        return None
    if answer != "yes":
        sheet.wrong["paid"] = gettext("Say whether it is paid.")
        return None
    try:
        typed = datetime.fromisoformat(sheet.typed.get("paid_at", ""))
        return typed.replace(tzinfo=ZoneInfo(zone())).astimezone(UTC)
    except (ValueError, OverflowError):
        sheet.wrong["paid_at"] = gettext("Enter the day and time of payment.")
        return None
