"""The voice of a receipt: its language, dates and names, and the pieces that it is told in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from ...domain import programs
from ...kernel import words
from ...kernel.errors import N_
from ...kernel.money import EXPONENTS, Money, to_decimal
from .. import money_words, terms_files
from .facts import Receipt

Audience = Literal["creator", "brand"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a sum: what it is, how it comes about, the amount in minor units. rule: the terms' sentence behind it."""

    label: str
    minor: int
    notes: tuple[str, ...] = ()
    total: bool = False
    rule: str = ""


@dataclass(frozen=True, slots=True)
class TouchTold:
    """A touch as people read it: what it was, why it counted or not, when and where."""

    title: str
    why: str
    detail: str
    won: bool


@dataclass(frozen=True, slots=True)
class LineTold:
    """One line of the order with its sum."""

    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class StepTold:
    """One thing that happened: its title, what it changed (minor units, 0 for nothing), why, and in whose words.

    moves: the ledger entry, pocket by pocket, as (pocket, minor).
    """

    title: str
    minor: int
    sentences: tuple[str, ...]
    quoted: str
    when: str
    entry: int | None
    written: str
    moves: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """One sentence of the terms; rule: the id of the rule that it is, or ""."""

    text: str
    rule: str


@dataclass(frozen=True, slots=True)
class Told:
    """The whole receipt in sentences."""

    result: tuple[str, ...]
    policy: tuple[str, ...]
    touches: tuple[TouchTold, ...]
    share: tuple[str, ...]
    terms: tuple[str, ...]
    candidates: tuple[Entry, ...]
    clauses: tuple[Clause, ...]
    arithmetic: tuple[str, ...]
    lines: tuple[LineTold, ...]
    sum: tuple[Entry, ...]
    notes: tuple[str, ...]
    conversion: tuple[str, ...]
    steps: tuple[StepTold, ...]
    payouts: tuple[Entry, ...]


def number(exact: str, currency: str, locale: str) -> str:
    """An exact amount in minor units, as decimal text, in major units as people write numbers: "5062.5" → 5.062,5."""
    cut = exact.endswith("…")
    whole, _, decimals = exact.removesuffix("…").partition(".")
    places = EXPONENTS[currency]
    major, minor = to_decimal(int(whole), currency).split(".") if places else (whole, "")
    comma = locale == "id" or currency == "IDR"
    grouped = f"{int(major):,}"
    grouped = grouped.replace(",", ".") if comma else grouped
    return f"{grouped}{',' if comma else '.'}{minor}{decimals}{'…' if cut else ''}"


def rate_of(text: str, locale: str) -> str:
    """An exchange rate as it was quoted, as people write numbers: "16250.50" → 16.250,50 in Indonesian."""
    whole, dot, decimals = text.partition(".")
    grouped = f"{int(whole):,}"
    return f"{grouped.replace(',', '.')}{',' if dot else ''}{decimals}" if locale == "id" else f"{grouped}{dot}{decimals}"


def percent(text: str, locale: str) -> str:
    """12.5% in English, 12,5% in Indonesian."""
    return f"{text.replace('.', ',') if locale == 'id' else text}%"


@dataclass(slots=True)
class Voice:
    """Says things about one receipt to one reader."""

    receipt: Receipt
    audience: Audience
    locale: str
    zone: str
    now: datetime
    names: Mapping[str, str] = field(init=False)
    rules: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        found = self.receipt
        documents = [each.document for each in (found.terms, found.ordered_under) if each is not None]
        self.names = self._names(terms_files.names_for(found.program, *documents))
        self.rules = (
            programs.rule_sentences(found.terms.document, found.program.currency, self.locale, **self.how())
            if found.terms
            else {}
        )

    def say(self, text: str, **facts: object) -> str:
        """A sentence in the reader's language."""
        return words.say(text, self.locale, **facts)

    def money(self, minor: int, currency: str | None = None) -> str:
        """An amount, in the order's currency unless said otherwise."""
        return words.money(Money(minor, currency or self.receipt.order.currency), self.locale)

    def exact(self, text: str, currency: str | None = None) -> str:
        """An amount that is not rounded yet, as `number` writes it."""
        return number(text, currency or self.receipt.order.currency, self.locale)

    def percent(self, text: str) -> str:
        """A percentage."""
        return percent(text, self.locale)

    def day(self, at: datetime) -> str:
        """A date."""
        return words.day(at, self.locale, self.zone)

    def when(self, at: datetime) -> str:
        """A date, time and zone."""
        return words.when(at, self.locale, self.zone)

    def word(self, table: Mapping[str, str], word: str) -> str:
        """What a word for machines means."""
        return money_words.of(table, word, self.locale)

    def how(self) -> dict[str, Any]:
        """What the program's sentences need to be told in."""
        return {"zone": self.receipt.program.timezone, "names": self.names}

    def _names(self, known: Mapping[str, str]) -> dict[str, str]:
        """A creator reads of themselves by name, and of others only that they are others."""
        if self.audience == "brand":
            return dict(known)
        other = self.say(N_("another creator"))
        own = str(self.receipt.creator.id)
        return {ref: other if name.startswith("@") and ref != own else name for ref, name in known.items()}
