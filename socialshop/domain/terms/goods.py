"""What each line of an order is worth: its net after discounts, and the base that earns."""

from __future__ import annotations

from collections.abc import Sequence

from ...kernel.money import split
from .document import Terms
from .facts import Line, OrderFacts
from .strict import BadDocument


def check_discounts(lines: Sequence[Line], discount: int, place: str) -> None:
    """Refuse a discount that is larger than its goods."""
    left = 0
    for i, line in enumerate(lines):
        rest = line.price * line.quantity - line.discount
        if rest < 0:
            raise BadDocument(f"{place}.lines[{i}].discount", "is larger than its goods")
        left += rest
    if discount > left:
        raise BadDocument(f"{place}.discount", "is larger than its goods")


def nets_of(order: OrderFacts) -> list[int]:
    """Per line: price times quantity less its own discount and its share of the order's discount."""
    rests = [line.price * line.quantity - line.discount for line in order.lines]
    if not order.discount:
        return rests
    return [rest - part for rest, part in zip(rests, split(order.discount, rests), strict=True)]


def bases_of(order: OrderFacts, nets: list[int], terms: Terms) -> list[int]:
    """Per line what earns: the net, and its shares of shipping and tax where the terms count them."""
    bases = nets
    if terms.base_shipping and order.shipping:
        bases = [base + part for base, part in zip(bases, split(order.shipping, nets), strict=True)]
    if terms.base_tax and order.tax:
        bases = [base + part for base, part in zip(bases, split(order.tax, nets), strict=True)]
    return bases
