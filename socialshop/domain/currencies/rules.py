"""What a rate may look like, how a pair is quoted, and which pairs are needed. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from ...kernel.errors import N_, FieldError, Invalid
from ...kernel.instants import rfc3339
from ...kernel.money import EXPONENTS

NOTE_LENGTH = 200
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=366)
# As pairs are usually quoted: the currency that is worth more comes first, so that the rate keeps its digits.
ORDER = ("KWD", "BHD", "GBP", "EUR", "USD", "AUD", "SGD", "MYR", "JPY", "KRW", "VND", "IDR")

_PLAIN = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,18})?\Z")
_AMBIGUOUS = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}\Z")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:([.,])[0-9]{3})+(?:(?!\1)([.,])([0-9]{1,18}))?\Z")
_COMMA = re.compile(r"[0-9]{1,18},[0-9]{1,18}\Z")


class NotARate(Invalid):
    """A text that is no rate, or could be two."""

    code = "not_a_rate"
    message = N_("{text} is not a rate. Write digits, with a point before the decimals: 16250.00")


class TwoWays(NotARate):
    """A text that some read in thousands and others in decimals."""

    code = "two_ways"
    message = N_("{text} can be read in two ways. Write {whole} or {decimal}.")


@dataclass(frozen=True, slots=True)
class Draft:
    """A rate as somebody tells it: one `base` costs `rate` (decimal text) `quote` from `at` on.

    of_day: the day that a source names, which makes its rate the same one when it is fetched again.
    """

    base: str
    quote: str
    rate: str
    at: datetime
    note: str = ""
    source: str = "hand"
    of_day: str = ""

    @property
    def key(self) -> str:
        """What makes it the same rate when it is told again: pair, moment and value, however the value is written."""
        if self.of_day:
            return f"{self.source}:{self.base}:{self.quote}:{self.of_day}:{bare(self.rate)}"
        return f"{self.base}:{self.quote}:{rfc3339(self.at)}:{bare(self.rate)}"


def read_rate(text: str) -> str:
    """The decimal text of a rate as people type it; NotARate, also where it could be two ("16.250")."""
    typed = re.sub(r"\s+", "", text)
    shown = typed if len(typed) <= 40 else f"{typed[:40]}…"
    if _AMBIGUOUS.match(typed):
        digits = re.split(r"[.,]", typed)
        raise TwoWays(text=shown, whole="".join(digits), decimal=f"{digits[0]}.{digits[1]}0")
    if grouped := _GROUPED.match(typed):
        mark, tail = grouped[1], grouped[3]
        whole = typed[: grouped.start(2)] if tail else typed
        typed = whole.replace(mark, "") + (f".{tail}" if tail else "")
    elif _COMMA.match(typed):
        typed = typed.replace(",", ".")
    if not _PLAIN.match(typed) or len(typed) > 40 or not typed.strip("0."):
        raise NotARate(text=shown or "–")
    whole, point, decimals = typed.partition(".")
    return (whole.lstrip("0") or "0") + point + decimals


def bare(rate: str) -> str:
    """A rate without zeros that say nothing: "16250.00" is "16250"."""
    return rate.rstrip("0").rstrip(".") if "." in rate else rate


def checked(draft: Draft, *, now: datetime) -> Draft:
    """The draft with its note made clean; Invalid names what cannot be taken."""
    wrong: list[FieldError] = []
    if draft.base not in EXPONENTS:
        wrong.append(FieldError("base", "currency", N_("Choose a currency.")))
    if draft.quote not in EXPONENTS:
        wrong.append(FieldError("quote", "currency", N_("Choose a currency.")))
    if draft.base == draft.quote and not wrong:
        wrong.append(FieldError("quote", "same", N_("Choose two different currencies.")))
    if not EARLIEST <= draft.at <= now + AHEAD:
        wrong.append(FieldError("at", "out_of_range", N_("The moment lies between the year 2000 and a year from now.")))
    if wrong:
        raise Invalid(fields=wrong)
    note = unicodedata.normalize("NFC", " ".join(draft.note.split()))
    note = "".join(c for c in note if unicodedata.category(c)[0] != "C")[:NOTE_LENGTH]
    return Draft(draft.base, draft.quote, draft.rate, draft.at, note, draft.source, draft.of_day)


def as_quoted(one: str, other: str) -> tuple[str, str]:
    """A pair as (base, quote) in the usual direction."""
    return (one, other) if ORDER.index(one) < ORDER.index(other) else (other, one)


def needed(currencies: Iterable[str], wanted: Iterable[str]) -> list[tuple[str, str]]:
    """The pairs for converting sales in `currencies` into each of `wanted`, as usually quoted."""
    targets = set(wanted)
    return sorted({as_quoted(one, other) for one in set(currencies) for other in targets if one != other})


def far_apart(one: str, other: str, *, turned: bool = False) -> bool:
    """Whether two rates differ by more than a fifth; turned: the second one is of the other direction."""
    first, second = Fraction(one), Fraction(other)
    second = 1 / second if turned else second
    return not Fraction(5, 6) <= first / second <= Fraction(6, 5)
