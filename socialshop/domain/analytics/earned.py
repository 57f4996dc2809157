"""Questions about what taps and codes brought: orders, sales and commissions, by where they came from.

Every amount is a sum over commissions or order lines themselves; what an order came from only says in which row it stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal_column, select

from ...kernel.database import in_parts, session
from ...kernel.money import percentage, split
from .. import clicks, commissions, links, orders, programs
from .definitions import NUMBERED, OF_COMMISSION, OF_ORDERS
from .models import OrderSource
from .periods import Period
from .scope import Scope, is_, local_day, within

Amount = tuple[str, str]  # (value, currency)

_SOLD = ("paid", "refunded")
_UNPAID = ("awaiting", "cancelled", "expired")
_WHOLE = "100"
ON = "on"  # of a post: by the link of which of its channels, or by the code that stood on one alone; "" by the code, somewhere
_OF_POSTS = "post:%"  # what the places of posts' own links begin with
_NOTHING: ColumnElement[str] = literal_column("CAST('' AS VARCHAR(1))")  # the value where nothing is divided


def commission(scope: Scope, period: Period, by: str = "") -> dict[Amount, int]:
    """What the commissions of the period's orders are worth now, by value and currency. What recruiters have of others'
    sales is theirs too; it came from no tap of their own, so its value is ""."""
    row, source = commissions.Commission, OrderSource
    own = (source.order_id == row.order_id) & (source.creator_id == row.creator_id) & (row.level == 0)
    value = _commission_value(by, period)
    query = (
        select(value.label("by_value"), row.pay_currency, func.sum(row.worth_minor))
        .select_from(row)
        .outerjoin(source, own)
        .where(*scope.covers(row), *within(row.placed_at, period))
        .where(*(is_(_commission_column(name), name, wanted) for name, wanted in scope.where.items()))
        .group_by("by_value", row.pay_currency)
    )
    return _amounts(session().execute(query))


def standing(scope: Scope, period: Period, by: str = "", *, now: datetime) -> dict[str, dict[Amount, int]]:
    """The same, by what has become of it: pending, held, due and paid add up to the commission; what was paid too much
    stands apart as owed back."""
    row, source = commissions.Commission, OrderSource
    own = (source.order_id == row.order_id) & (source.creator_id == row.creator_id) & (row.level == 0)
    less = row.worth_minor < row.given_minor
    still = _when(less, 0, row.worth_minor - row.given_minor)
    shelf = case((row.held, "held"), (row.due_at <= now, "due"), else_="pending")
    query = (
        select(
            _commission_value(by, period).label("by_value"), row.pay_currency, shelf.label("shelf"), func.sum(still),
            func.sum(_when(less, row.worth_minor, row.given_minor)), func.sum(_when(less, row.given_minor - row.worth_minor, 0)),
        )
        .select_from(row)
        .outerjoin(source, own)
        .where(*scope.covers(row), *within(row.placed_at, period))
        .where(*(is_(_commission_column(name), name, wanted) for name, wanted in scope.where.items()))
        .group_by("by_value", row.pay_currency, "shelf")
    )  # fmt: skip
    found: dict[str, dict[Amount, int]] = {name: defaultdict(int) for name in OF_COMMISSION}
    for value, currency, name, open_, given, back in session().execute(query):
        for part, minor in ((name, open_), ("paid", given), ("owed_back", back)):
            found[part][_text(value), currency] += int(minor)
    return {name: {amount: minor for amount, minor in amounts.items() if minor} for name, amounts in found.items()}


def sold(scope: Scope, period: Period, by: str = "") -> dict[str, tuple[int, int]]:
    """Paid orders, and those of them that were not given back as a whole, by value. An order that two share is one order."""
    source, order = OrderSource, orders.Order
    kept = func.count(_when(order.state == "paid", source.order_id).distinct())
    query = (
        select(_source_value(by, period).label("by_value"), func.count(source.order_id.distinct()), kept)
        .select_from(source)
        .join(order, order.id == source.order_id)
        .where(*_of_sources(scope, period), order.state.in_(_SOLD))
        .group_by("by_value")
    )
    found: dict[str, tuple[int, int]] = {}
    for value, count, still in session().execute(query):
        before = found.get(_text(value), (0, 0))
        found[_text(value)] = (before[0] + int(count), before[1] + int(still))
    return found


def revenue(scope: Scope, period: Period, by: str = "") -> dict[Amount, int]:
    """The goods of the paid orders after discounts and refunds, by value and currency; of a shared order only the part that
    is theirs."""
    source, order, line, back = OrderSource, orders.Order, orders.OrderLine, orders.Refund
    value = _source_value(by, period).label("by_value")
    mine = [*_of_sources(scope, period), order.state.in_(_SOLD), source.percent == _WHOLE]
    net = line.price_minor * line.quantity - line.discount_minor
    heads, goods, refunded = (
        select(value, order.currency, func.sum(minor)).select_from(source).join(order, order.id == source.order_id).where(*mine)
        for minor in (-order.discount_minor, net, -back.amount_minor)
    )
    found: dict[Amount, int] = defaultdict(int)
    for query in (heads, goods.join(line, line.order_id == order.id), refunded.join(back, back.order_id == order.id)):
        rows = session().execute(query.group_by("by_value", order.currency))
        for amount, minor in _amounts(rows).items():
            found[amount] += minor
    for amount, minor in _shared(scope, period, by):
        found[amount] += minor
    return dict(found)


def _shared(scope: Scope, period: Period, by: str) -> Iterable[tuple[Amount, int]]:
    """The parts of orders that more than one creator brought, without a unit lost."""
    source, order = OrderSource, orders.Order
    query = (
        select(source.order_id, source.creator_id, order.currency, _source_value(by, period))
        .select_from(source)
        .join(order, order.id == source.order_id)
        .where(*_of_sources(scope, period), order.state.in_(_SOLD), source.percent != _WHOLE)
    )
    wanted = {(order_id, creator_id): (currency, value) for order_id, creator_id, currency, value in session().execute(query)}
    for part in in_parts(dict.fromkeys(order_id for order_id, _ in wanted)):
        net = _net_of(part)
        for order_id, shares in _shares_of(part).items():
            weights = [percentage(percent) for _, percent in shares]
            whole = net[order_id]
            pieces = split(abs(whole), [*weights, max(0, 100 - sum(weights))])  # what nobody was credited with is nobody's
            for (creator_id, _), piece in zip(shares, pieces, strict=False):
                if (order_id, creator_id) in wanted:
                    currency, value = wanted[order_id, creator_id]
                    yield (_text(value), currency), piece if whole >= 0 else -piece


def _net_of(order_ids: list[int]) -> dict[int, int]:
    order, line, back = orders.Order, orders.OrderLine, orders.Refund
    net = func.sum(line.price_minor * line.quantity - line.discount_minor)
    found: dict[int, int] = defaultdict(int)
    for query in (
        select(order.id, -order.discount_minor).where(order.id.in_(order_ids)),
        select(line.order_id, net).where(line.order_id.in_(order_ids)).group_by(line.order_id),
        select(back.order_id, -func.sum(back.amount_minor)).where(back.order_id.in_(order_ids)).group_by(back.order_id),
    ):
        for order_id, minor in session().execute(query):
            found[order_id] += int(minor)
    return found


def _shares_of(order_ids: list[int]) -> dict[int, list[tuple[int, str]]]:
    """(creator, percent) of each order, the code's part first, as commissions are split."""
    credit = commissions.Credit
    query = select(credit.order_id, credit.creator_id, credit.percent).where(credit.order_id.in_(order_ids))
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for order_id, creator_id, percent in session().execute(query.order_by(credit.order_id, credit.place)):
        found[order_id].append((creator_id, percent))
    return found


def unpaid(scope: Scope, period: Period, by: str = "") -> dict[str, int]:
    """Orders that were placed with the creator's code, or after a tap on their link, and that nobody paid, by value."""
    order, code, click, link = orders.Order, links.ReferralCode, clicks.Click, links.TrackedLink
    creator = func.coalesce(code.creator_id, _when(order.code == "", click.creator_id))
    program = func.coalesce(code.program_id, _when(order.code == "", click.program_id))
    known = creator == click.creator_id  # the tap's facts, where the tap is of whoever's order it is

    def column(name: str) -> Any:
        if name == "creator":
            return creator
        if name == "program":
            return program
        if name == "day":
            return local_day(order.placed_at, period)
        if name == "via":
            return _when(code.id.is_not(None), "code", "click")
        if name == ON:
            return _when(known, _when(click.placement.like(_OF_POSTS), click.channel, ""))
        found = link.product_id if name == "product" else getattr(click, f"{name}_id" if name in NUMBERED else name)
        return _when(known, found)

    whose = creator == scope.creator_id if scope.creator_id is not None else program.in_(scope.program_ids)
    query = (
        select((column(by) if by else _NOTHING).label("by_value"), func.count())
        .select_from(order)
        .outerjoin(code, code.code == func.lower(order.code))
        .outerjoin(click, (click.public_id == order.click_id) & (order.click_id != ""))
        .outerjoin(link, link.id == click.link_id)
        .where(order.brand_id.in_(_brands(scope)), order.state.in_(_UNPAID), *within(order.placed_at, period), whose)
        .where(*(is_(column(name), name, wanted) for name, wanted in scope.where.items()))
    )
    return dict(_summed(session().execute(query.group_by("by_value"))))


def _brands(scope: Scope) -> list[int]:
    if scope.brand_id is not None:
        return [scope.brand_id]
    stay, program = programs.Enrollment, programs.Program
    query = select(program.brand_id).join(stay, stay.program_id == program.id).where(stay.creator_id == scope.creator_id)
    return list(session().scalars(query.distinct()))


def _of_sources(scope: Scope, period: Period) -> list[ColumnElement[bool]]:
    narrowed = [is_(_source_column(name), name, wanted) for name, wanted in scope.where.items()]
    return [*scope.covers(OrderSource), *within(OrderSource.placed_at, period), *narrowed]


def _source_column(name: str) -> Any:
    if name == ON:
        own = OrderSource.placement.like(_OF_POSTS) | OrderSource.link_id.is_(None)
        return _when(own, OrderSource.channel, "")
    return getattr(OrderSource, f"{name}_id" if name in NUMBERED else name)


def _source_value(by: str, period: Period) -> Any:
    if not by:
        return _NOTHING
    return local_day(OrderSource.placed_at, period) if by == "day" else _source_column(by)


def _commission_column(name: str) -> Any:
    if name in ("creator", "program", *OF_ORDERS):
        return getattr(commissions.Commission, f"{name}_id" if name in NUMBERED else name)
    return _source_column(name)


def _commission_value(by: str, period: Period) -> Any:
    if not by:
        return _NOTHING
    return local_day(commissions.Commission.placed_at, period) if by == "day" else _commission_column(by)


def _when(condition: ColumnElement[bool], value: Any, otherwise: Any = None) -> Any:
    return case((condition, value), else_=otherwise)


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _summed(rows: Iterable[Any]) -> Iterable[tuple[str, int]]:
    """Unknown and empty are one value."""
    found: dict[str, int] = defaultdict(int)
    for value, count in rows:
        found[_text(value)] += int(count)
    return found.items()


def _amounts(rows: Iterable[Any]) -> dict[Amount, int]:
    found: dict[Amount, int] = defaultdict(int)
    for value, currency, minor in rows:
        found[_text(value), currency] += int(minor)
    return dict(found)
