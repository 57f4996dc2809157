"""A buyer's bank asks for the money of an order: its commissions wait, and the outcome decides what is left of them.

The engine knows disputes about a whole order. So one about a part holds all of the order's commissions too, but where
it is lost, the part is a refund of goods, and the rest goes on.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from ..domain import audit, commissions, orders, people
from ..domain.audit import Actor
from ..domain.replay import Dispute, DisputeClosed
from ..kernel import faults
from ..kernel.database import transaction
from ..kernel.money import Money
from . import letters, settle
from .bank import ReasonNeeded


def open_(order_id: int, *, key: str, amount: int | None = None, reason: str, actor: Actor, now: datetime) -> orders.Dispute:
    """The bank asks for the goods' money, all that is left of it or a net amount; the same key again is the same dispute.

    ReasonNeeded, and what `orders.open_dispute` raises.
    """
    reason = _said(reason)
    with transaction():
        row, new = orders.open_dispute(order_id, key=key, amount=amount, reason=reason, now=now, actor=actor)
        if not new:
            return row
        order = orders.get(order_id)
        if order.program_id is not None:
            ground = settle.ground_of(order.program_id, order.placed_at)
            settle.take(ground, Dispute(row.public_id, now, order.public_id), now=now, actor=actor)
        _audit("dispute.opened", order, row, actor=actor, now=now, reason=reason)
        _tell("dispute_opened", order, row, _worth(order_id), now=now)
        faults.point("ledger.before_commit")
    return row


def close(dispute_id: int, *, won: bool, reason: str, actor: Actor, now: datetime) -> bool:
    """The bank has decided; False: known before. ReasonNeeded, and what `orders.close_dispute` raises."""
    reason = _said(reason)
    with transaction():
        row = orders.close_dispute(dispute_id, won=won, words=reason, now=now, actor=actor)
        if row is None:
            return False
        order, before = orders.get(row.order_id), _worth(row.order_id)
        if not won:
            _take_money(order, row, reason, actor=actor, now=now)
        if order.program_id is not None:
            # of a part that was lost, the refund has told the engine; what remains is not disputed any more
            ended = DisputeClosed(f"{row.public_id}:closed", now, row.public_id, won or row.amount_minor is not None)
            settle.take(settle.ground_of(order.program_id, order.placed_at), ended, now=now, actor=actor)
        _audit(f"dispute.{row.state}", order, row, actor=actor, now=now, reason=reason)
        _tell("dispute_won" if won else "dispute_lost", order, row, before, now=now)
        faults.point("ledger.before_commit")
    return True


def _take_money(order: orders.Order, row: orders.Dispute, reason: str, *, actor: Actor, now: datetime) -> None:
    """The money is gone: on the order it stands as given back, so that nobody gives it a second time."""
    left = sum(orders.left_of(order.id).values())
    part = row.amount_minor
    if not left:
        return
    amount = None if part is None else min(part, left)
    refund = orders.record_refund(
        order.id, key=f"dispute:{row.public_id}", full=amount is None, amount=amount, reason=reason, now=now, actor=actor
    )
    row.refund_id = refund.id if refund else None
    if refund is not None and part is not None:
        settle.give_back(refund.id, now=now, actor=actor)


def _said(reason: str) -> str:
    if not reason.strip():
        raise ReasonNeeded()
    return reason.strip()[:1000]


def _worth(order_id: int) -> dict[int, Money]:
    """What each creator has in the order."""
    sums: dict[int, int] = defaultdict(int)
    currencies = {}
    for row in commissions.of_order(order_id):
        sums[row.creator_id] += row.worth_minor
        currencies[row.creator_id] = row.pay_currency
    return {creator_id: Money(total, currencies[creator_id]) for creator_id, total in sums.items() if total}


def _tell(kind: str, order: orders.Order, row: orders.Dispute, before: dict[int, Money], *, now: datetime) -> None:
    brand, after = people.get_brand(order.brand_id), _worth(order.id)
    for creator_id, amount in before.items():
        creator = people.get_creator(creator_id)
        email, locale = people.creator_email(creator_id)
        mine = commissions.find_of(order.id, creator_id)
        facts: letters.Facts = {
            "name": creator.name, "brand": brand.name, "order": order.number, "amount": amount,
            "left": after.get(creator_id, Money(0, amount.currency)), "commission": mine.public_id if mine else "",
        }  # fmt: skip
        letters.post(to=email, kind=kind, locale=locale, facts=facts, key=f"{kind}:{row.public_id}:{creator_id}", now=now)


def _audit(act: str, order: orders.Order, row: orders.Dispute, *, actor: Actor, now: datetime, reason: str) -> None:
    after = {"dispute": row.public_id, "state": row.state, "amount": row.amount_minor}
    tenant = people.get_brand(order.brand_id).public_id
    audit.note(act, order.public_id, actor=actor, tenant=tenant, now=now, after=after, reason=reason)
