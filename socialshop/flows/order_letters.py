"""Letters about orders, to buyers and to brands; links to the buyer's page are made when a letter goes out."""

from __future__ import annotations

from datetime import datetime

from ..domain import orders, people
from ..kernel.errors import N_
from ..kernel.money import Money
from ..kernel.vault import fingerprint
from . import letters
from .letters import Fact, Word

_STAFF = ("owner", "manager")
_TILL = ("owner", "manager", "finance")


def placed(order: orders.Order, *, now: datetime) -> None:
    """The buyer gets the link to their page, the brand learns of the order."""
    _to_buyer(order, "order_placed" if order.method == "transfer" else "order_placed_cod", now)
    _to_brand(order, "order_new" if order.method == "transfer" else "order_new_cod", now, _TILL)


def paid(order: orders.Order, *, now: datetime) -> None:
    """The buyer gets a receipt, the brand something to pack."""
    _to_buyer(order, "order_paid", now)
    _to_brand(order, "order_money_in", now, _STAFF)


def shipped(order: orders.Order, *, now: datetime) -> None:
    """The buyer learns how to follow the parcel."""
    _to_buyer(order, "order_shipped", now, carrier=order.carrier or "-", tracking=order.tracking or "-")


def cancelled(order: orders.Order, *, by: str, reason: str, now: datetime) -> None:
    """The other side learns that nobody waits any more."""
    if by == "buyer":
        _to_brand(order, "order_gone", now, _STAFF, reason=reason or "-")
    _to_buyer(order, "order_cancelled", now, reason=reason or "-")


def expired(order: orders.Order, *, now: datetime) -> None:
    """The buyer learns that the deadline has passed."""
    _to_buyer(order, "order_expired", now)


def refunded(order: orders.Order, refund: orders.Refund, *, now: datetime) -> None:
    """The buyer learns what comes back."""
    back = Money(refund.amount_minor + refund.shipping_minor, order.currency)
    if back:
        _to_buyer(order, "order_refunded", now, again=refund.public_id, back=back, reason=refund.reason or "-")


def question(order: orders.Order, message: str, *, now: datetime) -> None:
    """The brand reads what the buyer asks; the same words twice are one letter."""
    _to_brand(order, "order_question", now, _STAFF, again=fingerprint(message)[:16], message=message)


def _to_buyer(order: orders.Order, kind: str, now: datetime, *, again: str = "", **facts: Fact) -> None:
    if not order.buyer_email or order.token_hash is None:
        return
    brand = people.get_brand(order.brand_id)
    letters.post(
        to=order.buyer_email,
        kind=kind,
        locale=order.locale,
        facts=_facts(order, brand) | facts,
        key=f"{kind}:{order.public_id}:{again}",
        now=now,
        zone=brand.timezone,
    )


def _to_brand(order: orders.Order, kind: str, now: datetime, roles: tuple[str, ...], *, again: str = "", **facts: Fact) -> None:
    brand = people.get_brand(order.brand_id)
    told = {"buyer": order.buyer_name, "buyer_email": order.buyer_email, "buyer_phone": order.buyer_phone, "slug": brand.slug}
    for email, locale in people.brand_emails(brand.id, roles):
        letters.post(
            to=email,
            kind=kind,
            locale=locale,
            facts=_facts(order, brand) | told | {"order": order.public_id} | facts,
            key=f"{kind}:{order.public_id}:{again}:{fingerprint(email)[:12]}",
            now=now,
            zone=brand.timezone,
        )


def _facts(order: orders.Order, brand: people.Brand) -> dict[str, Fact]:
    return {
        "order_id": order.id,
        "number": order.number,
        "brand": brand.name,
        "amount": Money(order.total_minor, order.currency),
        "until": order.expires_at or order.placed_at,
        "items": "\n".join(f"{line.quantity} × {line.title}" for line in orders.lines_of(order.id)),
        "how": Word(N_("bank transfer") if order.method == "transfer" else N_("cash on delivery")),
    }


def _with_link(facts: dict[str, Fact], _now: datetime) -> letters.Ready | None:
    """The buyer's page; its token lies sealed with the order, never in a job."""
    order = orders.get(int(str(facts["order_id"])))
    return letters.Ready({**facts, "path": f"/o/{order.token}"})


def _while_awaiting(facts: dict[str, Fact], now: datetime) -> letters.Ready | None:
    """No letter asks for money any more once it has come or is not wanted."""
    order = orders.get(int(str(facts["order_id"])))
    return _with_link(facts, now) if order.state == "awaiting" else None


letters.at_sending("order_placed")(_while_awaiting)
for _kind in ("order_placed_cod", "order_paid", "order_shipped", "order_cancelled", "order_expired", "order_refunded"):
    letters.at_sending(_kind)(_with_link)
