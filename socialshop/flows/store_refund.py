"""Money that a store gave back, booked line by line at what was paid for it; never more than is left."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..adapters.stores import RefundedLine, StoreRefund, Unusable
from ..domain import connections, orders
from ..domain.audit import Actor
from ..domain.connections import reason
from . import settle


def book(order_id: int, told: StoreRefund, *, actor: Actor, decided: bool, now: datetime) -> dict[str, Any]:
    """Book a store's refund of a paid order in the caller's transaction; what became of it. Safe to repeat.

    decided: a person has set the lines, so that a line the order does not have is known to be worth nothing; otherwise
    it is Unusable, since the telling of that line may still come.
    """
    order = orders.get(order_id)
    if orders.find_refund(order_id, told.key) is not None:
        return reason("told_before")
    left, beside = orders.left_of(order_id), orders.beside_left(order_id)
    shipping = min(told.shipping_minor, beside)
    by: dict[str, int] = {}
    if told.full:
        wanted = sum(left.values())
        shipping = beside
    elif told.amount_minor is not None:
        wanted = min(told.amount_minor, sum(left.values()))
    else:
        by = _by_line(order_id, order.number, told.lines, left, decided=decided)
        wanted = sum(by.values())
    if wanted == 0 and shipping == 0 and not (told.full and order.state == "paid"):
        return reason("refund_nothing_left")
    refund = orders.record_refund(
        order_id,
        key=told.key,
        now=now,
        actor=actor,
        lines=by if by and not told.full else None,
        amount=wanted if not told.full and not by else None,
        full=told.full,
        shipping=0 if told.full else shipping,
        at=told.at,
        reason=told.reason,
    )
    if refund is not None:
        settle.give_back(refund.id, now=now, actor=actor)
    code = {"from_quantity": "refund_from_quantity", "from_amount": "refund_from_amount"}.get(told.note, "refund_booked")
    return reason(code, amount={"minor": wanted, "currency": order.currency})


def _by_line(
    order_id: int, number: str, lines: tuple[RefundedLine, ...], left: dict[str, int], *, decided: bool
) -> dict[str, int]:
    """What each line gets back, cut to what is left of it."""
    nets = orders.nets(order_id)
    quantities = {line.key: line.quantity for line in orders.lines_of(order_id)}
    taken: dict[str, int] = {}
    for part in lines:
        if part.line not in left:
            if not decided:
                raise Unusable("refund_line_unknown", line=part.line, order=number)
            continue
        before = taken.get(part.line, 0)
        rest = left[part.line] - before
        if part.net_minor is None:
            gone = nets[part.line] - rest
            worth = connections.worth_of_pieces(nets[part.line], quantities[part.line], gone, part.quantity)
        else:
            worth = max(part.net_minor, 0)
        taken[part.line] = before + min(worth, rest)
    return {line: minor for line, minor in taken.items() if minor}
