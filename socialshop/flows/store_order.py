"""An order as a store tells it: booked, taken along, stated anew, or put before a person; in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from ..adapters.stores import Problem, StoreOrder, StoreRefund
from ..domain import commissions, connections, links, orders, programs
from ..domain.audit import Actor
from ..domain.connections import Connection, InboundEvent, reason
from ..kernel.vault import keyed
from . import settle, store_letters, store_refund

Why = dict[str, Any]


def tell(connection: Connection, event: InboundEvent, told: StoreOrder, *, now: datetime) -> tuple[str, Why]:
    """A telling that adds up: a new order, or news of one we have."""
    order = orders.find_outside(connection.id, told.remote_id)
    review = connections.decided_review_of(connection.id, told.remote_id)
    if review is not None and review.fingerprint != told.fingerprint and review.state == "resolved":
        return doubt(connection, event, told, (Problem("changed_after_review"),), now=now)
    if order is None:
        order = orders.record_outside(
            brand_id=connection.brand_id,
            connection_id=connection.id,
            draft=draft_of(connection, told),
            now=now,
            actor=actor_of(connection),
        )
        edited = None
    else:
        same = review is not None and review.fingerprint == told.fingerprint  # a person has decided about these figures
        edited = None if same else _edit(connection, event, order.id, told, now=now)
    came = advance(connection, order.id, told, now=now)
    if edited is not None and came["code"] in ("unchanged", "awaiting"):
        return "worked", edited
    return "worked", came


def advance(connection: Connection, order_id: int, told: StoreOrder, *, now: datetime) -> Why:
    """Take the order along to where the store says it is: paid, given back, cancelled. Never backwards; safe to repeat."""
    actor = actor_of(connection)
    why = reason("unchanged")
    state = orders.get(order_id).state
    reopened = state == "cancelled" and told.standing == "paid"
    if told.was_paid and (state in ("awaiting", "expired") or reopened):
        orders.mark_paid(order_id, now=now, actor=actor, at=told.paid_at)
        settle.arrive(order_id, now=now)
        why = outcome(order_id)
    elif state == "awaiting":
        why = reason("awaiting")
    if orders.get(order_id).state in ("paid", "refunded"):
        for refund in told.refunds:
            if orders.find_refund(order_id, refund.key) is None:
                why = store_refund.book(order_id, refund, actor=actor, decided=True, now=now)
    if told.standing == "cancelled":
        why = _cancel(order_id, told, actor=actor, now=now) or why
    return why


def _cancel(order_id: int, told: StoreOrder, *, actor: Actor, now: datetime) -> Why | None:
    """An unpaid order is cancelled; of a paid one everything left is given back."""
    state = orders.get(order_id).state
    if state == "awaiting":
        orders.mark_cancelled(order_id, now=now, actor=actor)
        return reason("cancelled")
    if state == "paid":
        rest = StoreRefund(told.remote_id, "cancelled", told.closed_at or now, full=True)
        store_refund.book(order_id, rest, actor=actor, decided=True, now=now)
        return reason("cancelled")
    return None


def _edit(connection: Connection, event: InboundEvent, order_id: int, told: StoreOrder, *, now: datetime) -> Why | None:
    """State the lines anew where a newer telling differs; an older one that came late changes nothing."""
    if _is_old(event):
        return None
    draft = draft_of(connection, told)
    step = orders.edit_outside(order_id, draft, now=now, actor=actor_of(connection))
    if step is None:
        return None
    if orders.get(order_id).state in ("paid", "refunded"):
        settle.edited(order_id, f"edit-{step.id}", now=now, at=told.told_at or now)
    return reason("edited")


def _is_old(event: InboundEvent) -> bool:
    """Whether the store has told us something newer about this order."""
    newest = connections.newest_worked_at(event.connection_id, event.object_id)
    return newest is not None and (event.told_at is None or event.told_at < newest)


def doubt(
    connection: Connection, event: InboundEvent, told: StoreOrder, problems: Sequence[Problem], *, now: datetime
) -> tuple[str, Why]:
    """Ask a person, unless they have decided about this very telling before."""
    order = orders.find_outside(connection.id, told.remote_id)
    decided = connections.decided_review_of(connection.id, told.remote_id)
    same = decided is not None and decided.fingerprint == told.fingerprint
    if decided is not None and same and decided.state == "dismissed":
        return "ignored", reason("dismissed", reason=decided.reason)
    if order is not None and (same or _is_old(event)):
        return "worked", advance(connection, order.id, told, now=now)
    review = connections.open_review(
        event,
        brand_id=connection.brand_id,
        number=told.number,
        reasons=[{"code": problem.code, "facts": dict(problem.facts)} for problem in problems],
        proposal=told.to_document(),
        fingerprint=told.fingerprint,
        order_id=None if order is None else order.id,
        now=now,
    )
    store_letters.review_opened(connection, review.public_id, told.number, now=now)
    return "review", reason("in_review")


def draft_of(connection: Connection, told: StoreOrder, codes: Codes | None = None) -> orders.Draft:
    """The order for our books. A store's customer is known within that store; a guest by a keyed hash of the address."""
    codes = codes or Codes(connection.brand_id, told.codes)
    email = told.email.strip().lower()
    customer = f"{connection.public_id}:{told.customer_id}" if told.customer_id else keyed("customer", email) if email else ""
    return orders.Draft(
        remote_id=told.remote_id,
        number=told.number,
        currency=told.currency,
        lines=tuple(
            orders.DraftLine(
                key=line.key, title=line.title, price_minor=line.price_minor, quantity=line.quantity,
                product_ref=line.product_ref, discount_minor=line.discount_minor,
            )
            for line in told.lines
        ),
        total_minor=told.net_minor + told.shipping_minor + told.tax_minor,
        placed_at=told.placed_at,
        discount_minor=told.discount_minor,
        shipping_minor=told.shipping_minor,
        tax_minor=told.tax_minor,
        paid_at=told.paid_at,
        buyer_name=told.buyer,
        buyer_email=email,
        customer=customer,
        customer_new=told.customer_new,
        code=codes.pick(told.codes),
        click_id=told.click,
    )  # fmt: skip


class Codes:
    """The codes that orders of a brand carry, and which of them are a creator's in one of its programs."""

    def __init__(self, brand_id: int, texts: Iterable[str]) -> None:
        own = {program.id for program in programs.programs_of_brand(brand_id)}
        self._ours = {text for text, code in links.find_codes(set(texts)).items() if code.program_id in own}

    def pick(self, texts: Sequence[str]) -> str:
        """Of several codes the first that is a creator's; else the first; "" for none."""
        ours = (text for text in texts if links.folded(text) in self._ours)
        return next(ours, texts[0] if texts else "")


def outcome(order_id: int) -> Why:
    """What the engine made of an order that has just arrived."""
    if commissions.of_order(order_id):
        return reason("earned")
    if orders.get(order_id).program_id is None:
        return reason("earned_nothing", reason="no_program")
    declined = commissions.declined_of_order(order_id)
    return reason("earned_nothing", reason=declined[0].reason if declined else "no_touch")


def actor_of(connection: Connection) -> Actor:
    """Who acts when a store tells something."""
    return Actor("provider", connection.public_id, connection.provider)
