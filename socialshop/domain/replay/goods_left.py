"""What was paid back of an order's goods, line by line, in net terms."""

from __future__ import annotations

from collections.abc import Sequence

from ...kernel.money import Rounding, round_ratio, split
from ..terms import OrderFacts, PricedLine, nets_of
from .events import Refund


class GoodsLeft:
    """The nets of an order as last edited, and what refunds took of them.

    A refund stays with the id of its line, also while an edit has removed the line or made its net smaller,
    and counts up to the net that the line now has.
    """

    def __init__(self, order: OrderFacts) -> None:
        self.refunded: dict[str, int] = {}
        self.had_refund = False
        self.restate(order)

    def restate(self, order: OrderFacts) -> None:
        """Take the lines and discounts of the edited order."""
        self.nets = {line.id: net for line, net in zip(order.lines, nets_of(order), strict=True)}

    def taken(self, line: str) -> int:
        """What was refunded of a line, up to its net."""
        return min(self.refunded.get(line, 0), self.nets[line])

    @property
    def taken_in_all(self) -> int:
        """What was refunded of the order."""
        return sum(map(self.taken, self.nets))

    @property
    def nothing_left(self) -> bool:
        """Whether nothing is left of the net of an order that had a refund."""
        return self.had_refund and self.taken_in_all == sum(self.nets.values())

    def refund(self, refund: Refund) -> bool:
        """Take what the refund says, cut to what is left; whether something was cut."""
        self.had_refund = True
        if refund.lines is not None:
            cuts = [self._take(line, amount) for line, amount in refund.lines]
            return any(cuts)
        left = [self.nets[line] - self.taken(line) for line in self.nets]
        amount = sum(left) if refund.amount is None else refund.amount
        for line, part in zip(self.nets, split(min(amount, sum(left)), left), strict=True):
            self._take(line, part)
        return amount > sum(left)

    def _take(self, line: str, amount: int) -> bool:
        """Take up to `amount` of a line; whether it was more than is left (of an unknown line, nothing is)."""
        left = self.nets[line] - self.taken(line) if line in self.nets else 0
        part = min(amount, left)
        if part:
            self.refunded[line] = self.refunded.get(line, 0) + part
        return amount > left

    def kept(self, lines: Sequence[PricedLine], rounding: Rounding) -> int:
        """What is left of a commission on these lines: per line, less round(commission x refunded / net)."""
        if not self.had_refund:
            return sum(line.amount for line in lines)
        nothing_left = self.nothing_left
        return sum(line.amount - self._reversed(line, rounding, nothing_left) for line in lines)

    def _reversed(self, line: PricedLine, rounding: Rounding, nothing_left: bool) -> int:
        net = self.nets[line.line]
        if net == 0:
            return line.amount if nothing_left else 0
        return round_ratio(line.amount * self.taken(line.line), net, rounding)
