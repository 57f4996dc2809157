"""What an order comes to, and how it is shared: pure arithmetic on minor units of one currency."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ...kernel.errors import N_, Conflict, Invalid
from ...kernel.money import Money, Percent, split

UNIQUE_CURRENCY = "IDR"  # where buyers type amounts by hand, and a few rupiah more hurt nobody
UNIQUE_MOST = 999


class DiscountTooLarge(Invalid):
    """More discount than goods."""

    code = "discount_too_large"
    message = N_("The discount is larger than the goods.")


class AmountsRunOut(Conflict):
    """All 999 amounts around this price are taken by orders that await a transfer."""

    code = "amounts_run_out"
    message = N_("The seller has too many open transfers of this amount. Please try again later, or choose another way to pay.")


class Priced(Protocol):
    """What a line must tell to be counted."""

    @property
    def key(self) -> str: ...
    @property
    def price_minor(self) -> int: ...
    @property
    def quantity(self) -> int: ...
    @property
    def discount_minor(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Goods:
    """So many of one thing at a price, less the line's own discount."""

    key: str
    price_minor: int
    quantity: int
    discount_minor: int = 0


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of one order as the buyer sees them."""

    goods_minor: int  # after the lines' own discounts
    discount_minor: int = 0
    shipping_minor: int = 0
    tax_minor: int = 0
    unique_minor: int = 0

    @property
    def total_minor(self) -> int:
        """What the buyer pays."""
        return self.goods_minor - self.discount_minor + self.beside_minor

    @property
    def beside_minor(self) -> int:
        """What is paid beside the goods; no commission hangs on it."""
        return self.shipping_minor + self.tax_minor + self.unique_minor


def worth(line: Priced) -> int:
    """Price × quantity less the line's own discount."""
    return line.price_minor * line.quantity - line.discount_minor


def goods(lines: Sequence[Priced]) -> int:
    """What all lines come to before the order's discount."""
    return sum(worth(line) for line in lines)


def percent_off(goods_minor: int, percent: str, currency: str) -> int:
    """The discount of `percent` ("10", "12.5", "" none) off the goods, rounded once, halves up."""
    return Money(goods_minor, currency).share(Percent(percent)).minor if percent else 0


def nets(lines: Sequence[Priced], discount_minor: int) -> dict[str, int]:
    """What was paid for each line: its worth less its share of the order's discount, by largest remainder.

    The nets add up to the goods less the discount, exactly; DiscountTooLarge where that is below 0.
    """
    weights = [worth(line) for line in lines]
    if discount_minor > sum(weights):
        raise DiscountTooLarge
    if not discount_minor:
        return {line.key: weight for line, weight in zip(lines, weights, strict=True)}
    return {line.key: weight - part for line, weight, part in zip(lines, weights, split(discount_minor, weights), strict=True)}


def share_over(amount: int, left: Mapping[str, int]) -> dict[str, int]:
    """A refund of `amount` over lines by what is left of each, by largest remainder; lines that get nothing are left out.

    `amount` may not exceed what is left: then no line's part exceeds its own rest either.
    """
    if amount > sum(left.values()):
        raise ValueError("more than is left")
    return {key: part for key, part in zip(left, split(amount, list(left.values())), strict=True) if part}


def unique_amount(
    base_minor: int, currency: str, open_totals: Collection[int], recent_totals: Collection[int], *, start: int
) -> int:
    """The few extra rupiah (1 to 999) that make this transfer's amount the only one; 0 where amounts are not told apart.

    Searched upward from `start`. Totals of open orders are never used again, those of recent ones only when nothing else is
    free, since money for them may still come late. AmountsRunOut when all are open.
    """
    if currency != UNIQUE_CURRENCY:
        return 0
    ring = [1 + (start + step) % UNIQUE_MOST for step in range(UNIQUE_MOST)]
    free = [extra for extra in ring if base_minor + extra not in open_totals]
    if not free:
        raise AmountsRunOut
    return next((extra for extra in free if base_minor + extra not in recent_totals), free[0])


def phone(text: str, country: str = "62") -> str:
    """A telephone number as +digits ("0812-3456 789" is "+628123456789"), or "" where it is none."""
    if not re.fullmatch(r"[0-9+() .\-/]+", text.strip()):
        return ""
    digits = re.sub(r"[^0-9]", "", text)
    if text.strip().startswith("+"):
        international = digits
    elif digits.startswith("00"):
        international = digits[2:]
    elif digits.startswith("0"):
        international = country + digits[1:]
    elif digits.startswith(country):
        international = digits
    else:
        international = country + digits
    return f"+{international}" if 8 <= len(international) <= 15 else ""
