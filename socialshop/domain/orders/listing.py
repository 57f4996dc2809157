"""A brand's list of orders: shelves, search, pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from ...kernel.database import session
from ...kernel.prices import NotAPrice, read_price
from . import rules
from .models import Order

Shelf = Literal["all", "awaiting", "ship", "shipped", "done", "closed", "outside"]
SHELVES: tuple[Shelf, ...] = get_args(Shelf)
PAGE = 50

_HERE = Order.method != "outside"
_TO_SEND = and_(_HERE, or_(Order.state == "paid", and_(Order.state == "awaiting", Order.method == "cod")))
_WHERE: dict[Shelf, ColumnElement[bool]] = {
    "awaiting": and_(Order.state == "awaiting", Order.method == "transfer"),
    "ship": and_(_TO_SEND, Order.fulfilment.in_(("none", "packed"))),
    "shipped": or_(
        and_(_TO_SEND, Order.fulfilment == "shipped"), and_(Order.state == "awaiting", Order.fulfilment == "delivered")
    ),
    "done": and_(Order.state == "paid", Order.fulfilment == "delivered"),
    "closed": Order.state.in_(("cancelled", "expired", "refunded")),
    "outside": Order.method == "outside",
}


@dataclass(frozen=True, slots=True)
class Page:
    """Some orders of a list, newest first."""

    orders: list[Order]
    number: int
    more: bool


def listed(brand_id: int, *, shelf: Shelf = "all", search: str = "", currency: str = "IDR", page: int = 1) -> Page:
    """One page of a brand's orders. `search`: number, buyer, phone, or an amount in `currency`, to match a transfer."""
    wanted = _wanted(brand_id, shelf, search, currency).limit(PAGE + 1).offset((page - 1) * PAGE)
    found = list(session().scalars(wanted))
    return Page(found[:PAGE], page, len(found) > PAGE)


def every(brand_id: int, *, shelf: Shelf = "all", search: str = "", currency: str = "IDR") -> Iterator[Order]:
    """All orders that the list would show, page after page."""
    page = 1
    while True:
        part = listed(brand_id, shelf=shelf, search=search, currency=currency, page=page)
        yield from part.orders
        if not part.more:
            return
        page += 1


def counts(brand_id: int) -> dict[Shelf, int]:
    """How many orders stand on each shelf where something is to be done."""
    waiting: tuple[Shelf, ...] = ("awaiting", "ship", "shipped")
    columns = [func.coalesce(func.sum(_one_where(_WHERE[shelf])), 0) for shelf in waiting]
    row = session().execute(select(*columns).where(Order.brand_id == brand_id)).one()
    return {shelf: int(n) for shelf, n in zip(waiting, row, strict=True)}


def _one_where(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _wanted(brand_id: int, shelf: Shelf, search: str, currency: str) -> Select[Order]:
    wanted = select(Order).where(Order.brand_id == brand_id).order_by(Order.placed_at.desc(), Order.id.desc())
    if shelf != "all":
        wanted = wanted.where(_WHERE[shelf])
    if search.strip():
        wanted = wanted.where(_matching(search.strip(), currency))
    return wanted


def _matching(search: str, currency: str) -> ColumnElement[bool]:
    like = "%" + search.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    ways: list[ColumnElement[bool]] = [
        func.lower(column).like(like, escape="\\")
        for column in (Order.number, Order.buyer_name, Order.buyer_email, Order.public_id)
    ]
    with suppress(NotAPrice):  # then it is no amount, but a name or a number
        ways.append(Order.total_minor == read_price(search, currency))
    number = rules.phone(search)
    if number:
        ways.append(Order.buyer_phone == number)
    return or_(*ways)
