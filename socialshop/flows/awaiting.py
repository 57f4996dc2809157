"""Orders that a creator has brought and that still wait for their money. They earn nothing yet, and name no buyer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ..domain import clicks, links, orders, people, programs
from ..kernel.money import Money


@dataclass(frozen=True, slots=True)
class Awaiting:
    """What a creator may know of an unpaid order."""

    order_public_id: str
    brand_id: int
    brand_name: str
    placed_at: datetime
    amount: Money  # the goods after discounts
    via: Literal["code", "click"]
    method: str


def for_creator(creator_id: int, *, now: datetime) -> list[Awaiting]:
    """Unpaid orders with the creator's code, or a click on their link, newest first; only of brands they are enrolled with."""
    enrolled = {program.brand_id for program, _ in programs.live_enrollments_of(creator_id)}
    if not enrolled:
        return []
    codes = {code.code for code in links.codes_of(creator_id)}
    waiting = [order for order in orders.awaiting_of(enrolled) if order.expires_at is None or order.expires_at > now]
    brands = people.brands_by_id(enrolled)
    goods = orders.lines_by_order([order.id for order in waiting])
    found = []
    for order in waiting:
        via = _via(order, creator_id, codes)
        if via is not None:
            amount = Money(orders.goods(goods[order.id]) - order.discount_minor, order.currency)
            brand = brands[order.brand_id]
            found.append(Awaiting(order.public_id, brand.id, brand.name, order.placed_at, amount, via, order.method))
    return found


def _via(order: orders.Order, creator_id: int, codes: set[str]) -> Literal["code", "click"] | None:
    """By the code where there is one, else by the newest click; who earns in the end is decided when it is paid."""
    if order.code:
        return "code" if order.code in codes else None
    click = clicks.find(order.click_id) if order.click_id else None
    if click is None and order.visitor:
        click = clicks.newest_of_visitor(order.visitor)
    return "click" if click is not None and click.creator_id == creator_id else None
