"""An order's book as the engine keeps it, folded from the stored arrival and what happened since."""

from __future__ import annotations

from sqlalchemy import select

from ...kernel.database import session
from ..replay import (
    Dispute,
    DisputeClosed,
    Event,
    Hold,
    Key,
    OrderBook,
    Paid,
    Reinstate,
    Reject,
    Release,
    Unpaid,
    arrival_from_document,
    fold,
)
from ..terms import Program
from .facts import of_order
from .models import Attribution, Commission, CommissionStep


def book_of(order_id: int, program: Program, *, before: int | None = None) -> OrderBook:
    """The order's commissions as they stand; before: as they stood when the fact with that effect came."""
    stored = session().execute(select(Attribution.arrival).where(Attribution.order_id == order_id)).scalar_one()
    happened = sorted([*of_order(order_id, before=before), *_paid(order_id)], key=lambda pair: pair[0])
    return fold(arrival_from_document(stored, program), [event for _, event in happened])  # type: ignore[misc]


def key_of(commission: Commission) -> Key:
    """The engine's name of a commission within its order."""
    of = str(commission.of_creator_id) if commission.of_creator_id else None
    return Key(str(commission.creator_id), commission.level, of)


def open_holds(order_id: int, creator_id: int) -> list[tuple[str, str]]:
    """The holds and disputes that keep this creator's part of the order back, as (event id, reason in words)."""
    open_: dict[str, str] = {}
    for _, event in of_order(order_id):
        _follow(open_, event, str(creator_id))
    return list(open_.items())


def open_rejects(order_id: int, creator_id: int) -> list[str]:
    """The rejections of this creator's part of the order that nobody has taken back, as event ids."""
    open_: dict[str, None] = {}
    for _, event in of_order(order_id):
        match event:
            case Reject() if event.creator == str(creator_id):
                open_[event.id] = None
            case Reinstate():
                open_.pop(event.reject, None)
    return list(open_)


def _follow(open_: dict[str, str], event: Event, creator: str) -> None:
    match event:
        case Hold() if event.creator == creator:
            open_[event.id] = event.reason
        case Dispute():
            open_[event.id] = "dispute"
        case Release():
            open_.pop(event.hold, None)
        case DisputeClosed():
            open_.pop(event.dispute, None)


def _paid(order_id: int) -> list[tuple[int, Paid | Unpaid]]:
    """What payouts gave and took back, each at its place among the facts."""
    rows = session().execute(
        select(CommissionStep, Commission)
        .join(Commission, Commission.id == CommissionStep.commission_id)
        .where(Commission.order_id == order_id, CommissionStep.kind.in_(("pay", "pay_failed")))
        .order_by(CommissionStep.id)
    )
    return [
        (
            step.effect or 0,
            Paid(step.event_id, key_of(commission), -step.minor)
            if step.kind == "pay"
            else Unpaid(step.event_id, str(commission.creator_id)),
        )
        for step, commission in rows
    ]
