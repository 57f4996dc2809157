"""Money as whole minor units and a currency; exact shares, rounding said by name.

Rupiah is kept in whole rupiah (exponent 0); every adapter converts to what its provider writes.
No float ever gets in: amounts are `int`, percentages are `Fraction` read from decimal strings.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from .errors import N_, DomainError

Rounding = Literal["half_up", "half_even", "down"]

EXPONENTS: dict[str, int] = {
    "USD": 2, "EUR": 2, "SGD": 2, "MYR": 2, "GBP": 2, "AUD": 2,
    "JPY": 0, "KRW": 0, "VND": 0, "IDR": 0,
    "KWD": 3, "BHD": 3,
}  # fmt: skip

_PERCENT = re.compile(r"(?:0|[1-9][0-9]{0,2})(?:\.[0-9]{1,4})?\Z")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,15})(?:\.[0-9]{1,10})?\Z")


class CurrencyMismatch(DomainError):
    """Two currencies met where only one may be."""

    code = "currency_mismatch"
    message = N_("{left} and {right} cannot be added.")

    def __init__(self, left: str, right: str) -> None:
        self.left, self.right = left, right
        super().__init__()


class NotAnAmount(DomainError):
    """A text that is no amount of this currency."""

    code = "not_an_amount"
    message = N_("{text} is not an amount of {currency}.")

    def __init__(self, text: object, currency: str) -> None:
        self.text, self.currency = text, currency
        super().__init__()


class NotAPercentage(DomainError):
    """A text that is no percentage from 0 to 100 with at most four decimals."""

    code = "not_a_percentage"
    message = N_("{text} is not a percentage from 0 to 100 with at most four decimals.")

    def __init__(self, text: object) -> None:
        self.text = text
        super().__init__()


def round_ratio(numerator: int, denominator: int, rounding: Rounding) -> int:
    """The whole number that `numerator / denominator` (denominator above 0) rounds to, without a Fraction on the way.

    half_up: halves away from zero; half_even: halves to the even neighbour; down: toward zero.
    """
    sign, size = (-1, -numerator) if numerator < 0 else (1, numerator)
    whole, rest = divmod(size, denominator)
    if rounding == "half_up":
        up = 2 * rest >= denominator
    elif rounding == "half_even":
        up = 2 * rest > denominator or (2 * rest == denominator and whole % 2 == 1)
    else:
        up = False
    return sign * (whole + up)


def round_exact(value: Fraction, rounding: Rounding) -> int:
    """The whole number that `value` rounds to; see `round_ratio`."""
    return round_ratio(value.numerator, value.denominator, rounding)


def split(total: int, weights: Sequence[int | Fraction]) -> list[int]:
    """`total` (not negative) divided by `weights` with no unit lost, by largest remainder.

    Each exact share is floored; missing units go one by one to the largest fractional parts, ties to
    the earlier. If all weights are 0, everything goes to the first.
    """
    if total < 0:
        raise ValueError("only what is not negative can be shared")
    if len(weights) < 2:
        return [total] * len(weights)
    whole = sum(weights)
    if whole == 0:
        return [total] + [0] * (len(weights) - 1)
    shares = [int(total * weight // whole) for weight in weights]
    missing = total - sum(shares)
    if missing:
        # All exact shares have the same denominator, so the remainders compare like the fractional parts.
        rests = [total * weight % whole for weight in weights]
        for i in sorted(range(len(weights)), key=lambda i: (-rests[i], i))[:missing]:
            shares[i] += 1
    return shares


def percentage(text: object) -> Fraction:
    """Read "12.5" as the exact number 12.5; from 0 to 100, at most four decimals, else NotAPercentage."""
    if not isinstance(text, str) or not _PERCENT.match(text) or Fraction(text) > 100:
        raise NotAPercentage(text)
    return Fraction(text)


def millionths(text: object) -> int:
    """Read "12.5" as 125000 millionths of one: a percentage has at most four decimals, so nothing is lost."""
    return _millionths(text) if isinstance(text, str) else int(percentage(text) * 10_000)


@lru_cache(maxsize=4096)  # terms name few percentages, and every refund and share asks for them again
def _millionths(text: str) -> int:
    return int(percentage(text) * 10_000)


@dataclass(frozen=True, slots=True, order=False)
class Percent:
    """A share in percent, exact: `Percent("12.5")`."""

    text: str

    def __post_init__(self) -> None:
        percentage(self.text)

    @property
    def fraction(self) -> Fraction:
        """The share as a fraction of one."""
        return Fraction(self.text) / 100


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of one currency; refuses to mix with another."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise NotAnAmount(self.minor, self.currency)
        if self.currency not in EXPONENTS:
            raise NotAnAmount(self.minor, self.currency)

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(self.currency, other.currency)

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __mul__(self, times: int) -> Money:
        return Money(self.minor * times, self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.minor <= other.minor

    def share(self, percent: Percent, rounding: Rounding = "half_up") -> Money:
        """`percent` of this, rounded once; halves away from zero unless said otherwise."""
        return Money(round_exact(self.minor * percent.fraction, rounding), self.currency)

    def split(self, weights: Sequence[int | Fraction]) -> list[Money]:
        """This divided by `weights`, no unit lost (largest remainder)."""
        return [Money(part, self.currency) for part in split(self.minor, weights)]

    def decimal(self) -> str:
        """The amount in major units as plain text: "49.90", "149000"."""
        return to_decimal(self.minor, self.currency)


def to_decimal(minor: int, currency: str) -> str:
    """Minor units as decimal text in major units: (4990, "USD") is "49.90"."""
    places = EXPONENTS[currency]
    sign, digits = ("-" if minor < 0 else ""), str(abs(minor)).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else sign + digits


def from_decimal(text: object, currency: str) -> int:
    """Decimal text in major units as exact minor units; NotAnAmount if units would be lost.

    "185000.00" IDR is 185000; "1.005" USD is refused rather than rounded.
    """
    if not isinstance(text, str):
        raise NotAnAmount(text, currency)
    return _from_decimal(text, currency)


@lru_cache(maxsize=4096)  # prices repeat
def _from_decimal(text: str, currency: str) -> int:
    if currency not in EXPONENTS or not _DECIMAL.match(text):
        raise NotAnAmount(text, currency)
    whole, _, fraction = text.partition(".")
    places = EXPONENTS[currency]
    if fraction[places:].strip("0"):
        raise NotAnAmount(text, currency)
    return int(whole + fraction[:places].ljust(places, "0"))
