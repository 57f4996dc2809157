"""Money given back: never more than was captured, line by line, and each refund once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from ...kernel.database import session
from ...kernel.errors import N_, Conflict, FieldError, Invalid
from ...kernel.money import Money
from ..audit import Actor
from . import queries, rules
from .models import Order, Refund
from .moves import log, mark_refunded, name_of


class RefundTooLarge(Invalid):
    """More than is left of what was paid: `left`."""

    code = "refund_too_large"
    message = N_("Only {left_text} is left to give back.")

    def __init__(self, left: int, currency: str, field: str = "amount") -> None:
        self.left = Money(left, currency)
        self.left_text = f"{currency} {self.left.decimal()}"  # doors that know the reader's language say it better
        super().__init__(fields=[FieldError(field, self.code, self.message)])


class NothingLeft(Conflict):
    """Everything was given back before, or nothing was asked for."""

    code = "nothing_to_refund"
    message = N_("There is nothing to give back here.")


class NotCaptured(Conflict):
    """The order was never paid, so there is nothing to give back yet."""

    code = "not_captured"
    message = N_("Order {number} has not been paid, so there is nothing to give back.")


class UnknownLine(Invalid):
    """A line that this order does not have."""

    code = "unknown_line"
    message = N_("Order {number} has no line {line}.")


class TooManyBack(Invalid):
    """More pieces put back on the shelf than were sold."""

    code = "too_many_back"
    message = N_("At most {most} of these can go back on the shelf.")


def record_refund(
    order_id: int,
    *,
    key: str,
    now: datetime,
    actor: Actor,
    lines: Mapping[str, int] | None = None,
    amount: int | None = None,
    full: bool = False,
    shipping: int = 0,
    at: datetime | None = None,
    reason: str = "",
    restock: Mapping[str, int] | None = None,
) -> Refund | None:
    """Write down a refund: by line, or an amount shared over what is left, or everything with shipping.

    amount, lines: minor units, net of discount. shipping: given back beside the goods. restock: pieces per line that go back on
    the shelf (the caller moves the stock). None where this key is booked already. RefundTooLarge, NothingLeft, NotCaptured.
    """
    order = _lock(order_id)
    if queries.find_refund(order_id, key) is not None:
        return None
    if order.state not in ("paid", "refunded"):
        raise NotCaptured(number=order.number)
    left, beside = queries.left_of(order_id), queries.beside_left(order_id)
    taken = _taken(order, left, lines=lines, amount=amount, full=full)
    shipping = beside if full else shipping
    if not 0 <= shipping <= beside:
        raise RefundTooLarge(beside, order.currency, "shipping")
    back = _back(order, restock or {})
    goods = sum(taken.values())
    if goods == 0 and shipping == 0 and not back and (not full or order.state == "refunded"):
        raise NothingLeft
    refund = Refund(
        order_id=order_id,
        key=key,
        lines=[_entry(line, taken.get(line, 0), back.get(line, 0)) for line in left if taken.get(line) or back.get(line)],
        amount_minor=goods,
        shipping_minor=shipping,
        reason=reason,
        at=at or now,
        actor=name_of(actor)[:120],
    )
    session().add(refund)
    session().flush()
    log(order_id, "refund", now=now, actor=actor, refund=refund.public_id, amount=goods, shipping=shipping, reason=reason)
    if goods == sum(left.values()) and (goods or full):
        mark_refunded(order_id, now=now, actor=actor)
    return refund


def _lock(order_id: int) -> Order:
    locked = select(Order).where(Order.id == order_id).with_for_update().execution_options(populate_existing=True)
    return session().scalars(locked).one()


def _taken(
    order: Order, left: dict[str, int], *, lines: Mapping[str, int] | None, amount: int | None, full: bool
) -> dict[str, int]:
    if full:
        return {line: rest for line, rest in left.items() if rest}
    if amount is not None:
        if not 0 <= amount <= sum(left.values()):
            raise RefundTooLarge(sum(left.values()), order.currency)
        return rules.share_over(amount, left)
    for line, part in (lines or {}).items():
        if line not in left:
            raise UnknownLine(number=order.number, line=line)
        if not 0 <= part <= left[line]:
            raise RefundTooLarge(left[line], order.currency, f"line-{line}")
    return {line: part for line, part in (lines or {}).items() if part}


def _back(order: Order, restock: Mapping[str, int]) -> dict[str, int]:
    returnable = queries.returnable_of(order.id)
    for key, pieces in restock.items():
        if key not in returnable:
            raise UnknownLine(number=order.number, line=key)
        most = returnable[key]
        if not 0 <= pieces <= most:
            raise TooManyBack(fields=[FieldError(f"back-{key}", TooManyBack.code, TooManyBack.message)], most=most)
    return {key: pieces for key, pieces in restock.items() if pieces}


def _entry(line: str, amount: int, restock: int) -> dict[str, str | int]:
    return {"line": line, "amount": amount, "restock": restock}
