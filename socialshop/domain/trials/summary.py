"""The sums of a trial: what all orders cost under both sets of terms, by creator, by product, by reason. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ..replay import OrderBook
from .rules import Outcome, line_amounts

ROWS = 1000  # creators and products told one by one, the largest changes first; the rest is told as one sum


@dataclass(slots=True)
class Sums:
    """Orders and costs so far, in minor units of one currency."""

    orders: int = 0
    before: int = 0
    after: int = 0

    def add(self, before: int, after: int) -> None:
        """Count one order."""
        self.orders += 1
        self.before += before
        self.after += after

    @property
    def change(self) -> int:
        """What the new terms cost more, or less where it is negative."""
        return self.after - self.before


@dataclass(slots=True)
class Total(Sums):
    """All orders of one currency. goods: their nets less refunds; earning: those that pay anybody; recruiters: their part."""

    goods: int = 0
    earning_before: int = 0
    earning_after: int = 0
    recruiters_before: int = 0
    recruiters_after: int = 0
    different: int = 0


@dataclass(slots=True)
class Summary:
    """What `Outcome`s come to, one after the other."""

    totals: dict[str, Total] = field(default_factory=dict)
    creators: dict[tuple[str, str], Sums] = field(default_factory=dict)
    products: dict[tuple[str, str], Sums] = field(default_factory=dict)
    reasons_before: Counter[str] = field(default_factory=Counter)
    reasons_after: Counter[str] = field(default_factory=Counter)
    orders: int = 0

    def add(self, outcome: Outcome, amounts: dict[str, tuple[int, int]]) -> None:
        """Count one order; amounts: what it gives each creator, as `Outcome.amounts`."""
        currency = outcome.order.currency
        before, after = sum(pair[0] for pair in amounts.values()), sum(pair[1] for pair in amounts.values())
        total = self.totals.get(currency) or self.totals.setdefault(currency, Total())
        total.add(before, after)
        total.goods += sum(outcome.after.goods.nets.values()) - outcome.after.goods.taken_in_all
        total.earning_before += before > 0
        total.earning_after += after > 0
        total.different += any(one != other for one, other in amounts.values())
        self.orders += 1
        for creator, pair in amounts.items():
            self._sums(self.creators, (creator, currency)).add(*pair)
        recruiters = self._products(outcome, currency)
        total.recruiters_before += recruiters[0]
        total.recruiters_after += recruiters[1]
        self._reasons(outcome)

    def document(self) -> dict[str, Any]:
        """Plain JSON, as it is stored and shown."""
        return {
            "orders": self.orders,
            "totals": {currency: _plain(total) for currency, total in sorted(self.totals.items())},
            "creators": _rows(self.creators),
            "products": _rows(self.products),
            "reasons": [
                [reason, self.reasons_before[reason], self.reasons_after[reason]]
                for reason in sorted(self.reasons_before | self.reasons_after)
            ],
        }

    def _products(self, outcome: Outcome, currency: str) -> tuple[int, int]:
        """Count the order's lines by product; what went to recruiters, who follow no line."""
        found: dict[str, tuple[int, int]] = {}
        names = {line.id: line.product or "" for line in outcome.after.order.lines}
        recruiters = []
        for place, book in enumerate((outcome.before, outcome.after)):
            extra = 0
            for row in outcome.rows[place]:
                if row.key.level:
                    extra += row.amount
                    continue
                for line, amount in line_amounts(book, row):
                    one, other = found.get(names[line], (0, 0))
                    found[names[line]] = (one, other + amount) if place else (one + amount, other)
            recruiters.append(extra)
        for product, pair in found.items():
            self._sums(self.products, (product, currency)).add(*pair)
        return recruiters[0], recruiters[1]

    def _reasons(self, outcome: Outcome) -> None:
        self.reasons_before.update(_reasons_of(outcome.before))
        self.reasons_after.update(_reasons_of(outcome.after))

    @staticmethod
    def _sums(sums: dict[tuple[str, str], Sums], key: tuple[str, str]) -> Sums:
        return sums.get(key) or sums.setdefault(key, Sums())


def _reasons_of(book: OrderBook) -> list[str]:
    return [row.reason for row in book.declined]


def _plain(total: Total) -> dict[str, int]:
    return {
        key: getattr(total, key)
        for key in (
            "orders", "before", "after", "goods", "earning_before", "earning_after", "recruiters_before", "recruiters_after",
            "different",
        )
    }  # fmt: skip


def _rows(sums: dict[tuple[str, str], Sums]) -> dict[str, Any]:
    """The largest changes first, and the sum of those that are left out, by currency."""
    ordered = sorted(sums.items(), key=lambda item: (-abs(item[1].change), -item[1].after, item[0]))
    rest: dict[str, Sums] = {}
    for (_, currency), each in ordered[ROWS:]:
        left = rest.setdefault(currency, Sums())
        left.orders, left.before, left.after = left.orders + each.orders, left.before + each.before, left.after + each.after
    return {
        "rows": [[name, currency, each.orders, each.before, each.after] for (name, currency), each in ordered[:ROWS]],
        "rest": {currency: [each.orders, each.before, each.after] for currency, each in rest.items()},
        "more": sum(each.change > 0 for each in sums.values()),
        "less": sum(each.change < 0 for each in sums.values()),
        "same": sum(each.change == 0 for each in sums.values()),
    }
