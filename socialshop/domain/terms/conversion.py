"""Converting a commission at a locked quote. There is never a rate of 1."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction

from ...kernel.money import EXPONENTS, Rounding, round_ratio
from .facts import FxQuote


def newest_quote(quotes: Iterable[FxQuote], one: str, other: str, at: datetime) -> FxQuote | None:
    """The newest quote between two currencies, in either direction, not later than `at`; ties: the larger id as text."""
    pair = {one, other}
    known = (quote for quote in quotes if {quote.base, quote.quote} == pair and quote.at <= at)
    return max(known, key=lambda quote: (quote.at, quote.id), default=None)


def convert(minor: int, currency: str, quote: FxQuote, rounding: Rounding) -> int:
    """`minor` of one currency of the quote in minor units of the other one, exact, rounded once."""
    rate = Fraction(quote.rate)
    if currency == quote.base:
        target, numerator, denominator = quote.quote, rate.numerator, rate.denominator
    else:
        target, numerator, denominator = quote.base, rate.denominator, rate.numerator
    numerator *= 10 ** EXPONENTS[target]
    denominator *= 10 ** EXPONENTS[currency]
    return round_ratio(minor * numerator, denominator, rounding)
