"""Prices as people and shop pages write them, read without guessing.

One rule for every currency: a separator with exactly three digits after it groups thousands; a last separator
with one or two digits after it is the decimal point. So "149.000", "149,000" and "Rp149.000,00" are one amount,
and what fits neither ("1.49.000", "149.5" of rupiah) is refused rather than rounded. Currencies of three
decimals have "." as the decimal point and "," for thousands, since there the rule would be ambiguous.
"""

from __future__ import annotations

import re

from .errors import N_
from .money import EXPONENTS, NotAnAmount, from_decimal

# The marks people put before or after an amount; anything else is refused, so "USD 5" never becomes Rp5.
MARKS: dict[str, tuple[str, ...]] = {
    "IDR": ("idr", "rp.", "rp"), "USD": ("usd", "us$", "$"), "EUR": ("eur", "€"), "SGD": ("sgd", "s$", "$"),
    "MYR": ("myr", "rm"), "GBP": ("gbp", "£"), "AUD": ("aud", "a$", "$"), "JPY": ("jpy", "¥", "円"),
    "KRW": ("krw", "₩"), "VND": ("vnd", "₫", "đ"), "KWD": ("kwd",), "BHD": ("bhd",),
}  # fmt: skip

_SPACES = re.compile(r"\s+")
_PLAIN = re.compile(r"[0-9]{1,15}\Z")
_GROUPED = re.compile(r"[0-9]{1,3}(?:([.,'])[0-9]{3})(?:\1[0-9]{3})*\Z")
_TAIL = re.compile(r"(.+)([.,])([0-9]{1,2})\Z")
_THREE_PLACES = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})*|[0-9]+)(\.[0-9]{1,3})?\Z")


class NotAPrice(NotAnAmount):
    """A text that is no price in this currency; the sentence shows how one is written."""

    code = "not_a_price"
    message = N_("{text} is not a price. Write it like {example}.")

    def __init__(self, text: object, currency: str) -> None:
        self.example = example(currency)
        super().__init__(text if len(str(text)) <= 40 else f"{str(text)[:40]}…", currency)


def example(currency: str) -> str:
    """How a price in this currency is written: "149000", "149.00"."""
    places = EXPONENTS.get(currency, 2)
    return "149000" if places == 0 else "149." + "0" * places


def read_price(text: str, currency: str) -> int:
    """The minor units that `text` states in `currency`; NotAPrice where it states none, or something finer."""
    if currency not in EXPONENTS:
        raise NotAPrice(text, currency)
    digits = _without_mark(_SPACES.sub("", text).casefold(), currency)
    try:
        return from_decimal(_as_decimal(digits, EXPONENTS[currency]), currency)
    except NotAnAmount as error:
        raise NotAPrice(text, currency) from error


def _without_mark(text: str, currency: str) -> str:
    for mark in MARKS[currency]:
        if text.startswith(mark):
            return text.removeprefix(mark)
        if text.endswith(mark):
            return text.removesuffix(mark)
    return text.removesuffix(",-") if currency == "IDR" else text  # "Rp149.000,-"


def _as_decimal(text: str, places: int) -> str | None:
    text = text.removesuffix(",-")
    if places == 3:
        found = _THREE_PLACES.match(text)
        return None if found is None else _bare(found[1].replace(",", "")) + (found[2] or "")
    if (whole := _whole(text)) is not None:
        return whole
    tail = _TAIL.match(text)
    if tail is None or (whole := _whole(tail[1])) is None or tail[2] in tail[1]:
        return None
    return f"{whole}.{tail[3]}"


def _whole(text: str) -> str | None:
    if _PLAIN.match(text):
        return _bare(text)
    return _bare(re.sub(r"[.,']", "", text)) if _GROUPED.match(text) else None


def _bare(digits: str) -> str:
    return digits.lstrip("0") or "0"
