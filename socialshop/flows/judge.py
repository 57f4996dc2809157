"""A brand looks at a commission: holds it back, lets it go, or rejects it, each with a reason the creator sees."""

from __future__ import annotations

from datetime import datetime

from ..domain import audit, commissions, orders, people, programs
from ..domain.audit import Actor
from ..domain.replay import Hold, Reject, Release
from ..kernel.database import transaction
from ..kernel.errors import N_, Conflict
from ..kernel.money import Money
from . import letters, settle
from .bank import ReasonNeeded


class NothingLeft(Conflict):
    """A hold or a rejection of a commission that has nothing to hold or to take back."""

    code = "nothing_left"
    message = N_("There is nothing left of this commission.")


def hold(commission_id: int, *, key: str, reason: str, actor: Actor, now: datetime) -> None:
    """Keep what the creator has in the order out of payouts; the same key again changes nothing."""
    reason = _said(reason)
    with transaction():
        commission, ground, order = _open(commission_id)
        if not commission.open_minor:
            raise NothingLeft()
        event = Hold(f"{order.public_id}:hold:{key}", now, order.public_id, str(commission.creator_id), reason)
        if settle.take(ground, event, now=now, actor=actor):
            _tell("commission_held", commission, order, reason, key=event.id, now=now)
            _note("commission.held", commission, order, reason, actor=actor, now=now)


def let_go(commission_id: int, *, actor: Actor, now: datetime, reason: str = "") -> int:
    """End every hold that a person put on it; the number of holds. A dispute's hold ends with the dispute."""
    with transaction():
        commission, ground, order = _open(commission_id)
        found = [hold_id for hold_id, _ in commissions.open_holds(order.id, commission.creator_id) if ":hold:" in hold_id]
        for hold_id in found:
            settle.take(ground, Release(f"{hold_id}:released", now, hold_id), now=now, actor=actor)
        if found:
            _note("commission.let_go", commission, order, reason.strip(), actor=actor, now=now)
    return len(found)


def reject(commission_id: int, *, key: str, reason: str, actor: Actor, now: datetime) -> None:
    """Take back what is left of all that the creator has in the order; what was paid is owed back."""
    reason = _said(reason)
    with transaction():
        commission, ground, order = _open(commission_id)
        amount = commission.worth_minor
        event = Reject(f"{order.public_id}:reject:{key}", now, order.public_id, str(commission.creator_id), reason)
        if not amount:
            raise NothingLeft()
        if settle.take(ground, event, now=now, actor=actor):
            _tell("commission_rejected", commission, order, reason, key=event.id, now=now, amount=amount)
            _note("commission.rejected", commission, order, reason, actor=actor, now=now)


def _open(commission_id: int) -> tuple[commissions.Commission, commissions.Ground, orders.Order]:
    found = commissions.by_ids([commission_id])[commission_id]
    ground = settle.ground_of(found.program_id, found.placed_at)
    return commissions.by_ids([commission_id])[commission_id], ground, orders.get(found.order_id)


def _said(reason: str) -> str:
    if not reason.strip():
        raise ReasonNeeded()
    return " ".join(reason.split())[:500]


def _tell(
    kind: str,
    commission: commissions.Commission,
    order: orders.Order,
    reason: str,
    *,
    key: str,
    now: datetime,
    amount: int | None = None,
) -> None:
    creator, brand = people.get_creator(commission.creator_id), people.get_brand(order.brand_id)
    email, locale = people.creator_email(creator.id)
    worth = Money(commission.worth_minor if amount is None else amount, commission.pay_currency)
    facts: dict[str, str | Money] = {
        "name": creator.name, "brand": brand.name, "order": order.number, "reason": reason, "amount": worth,
        "commission": commission.public_id, "contact": brand.contact_email or brand.name,
    }  # fmt: skip
    letters.post(to=email, kind=kind, locale=locale, facts=facts, key=f"{kind}:{key}", now=now)


def _note(act: str, commission: commissions.Commission, order: orders.Order, reason: str, *, actor: Actor, now: datetime) -> None:
    tenant = people.get_brand(programs.get(commission.program_id).brand_id).public_id
    after = {"state": commission.state, "order": order.public_id}
    audit.note(act, commission.public_id, actor=actor, tenant=tenant, now=now, after=after, reason=reason)
