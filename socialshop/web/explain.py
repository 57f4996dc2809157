"""The words for money: states, reasons, steps and pockets as people read them, in the viewer's language."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from ..domain import commissions, ledger, programs
from ..flows import money_words
from ..flows.receipt import Receipt
from ..kernel import words
from ..kernel.money import EXPONENTS, Money, to_decimal
from .local import locale

SHELVES = ("pending", "held", "due", "paid", "owed_back", "awaiting", "nothing")

STATE_TONES = {"pending": "info", "held": "warn", "due": "accent", "paid": "good", "reversed": "", "rejected": "bad"}
PAYOUT_TONES = {"ready": "info", "sent": "info", "unknown": "warn", "paid": "good", "returned": "bad"}


def _lazily(table: dict[str, str]) -> dict[str, Any]:
    """The same words, said in the viewer's language when they are shown."""
    return {word: _l(sentence) for word, sentence in table.items()}


STATES = {word: (text, STATE_TONES.get(word, "")) for word, text in _lazily(money_words.STATES).items()}
PAYOUT_STATES = {word: (text, PAYOUT_TONES.get(word, "")) for word, text in _lazily(money_words.PAYOUT_STATES).items()}
REASONS, WHY, STEPS = _lazily(money_words.REASONS), _lazily(money_words.WHY), _lazily(money_words.STEPS)
CAUSES, POCKETS, ROUNDINGS = _lazily(money_words.CAUSES), _lazily(money_words.POCKETS), _lazily(money_words.ROUNDINGS)
CHANNELS, VIAS, GROUPS = _lazily(money_words.CHANNELS), _lazily(money_words.VIAS), _lazily(money_words.GROUPS)
SKIPS = {
    "no_payee": _l("No payout account stated yet. The balance is kept for the next run."),
    "below_minimum": _l("Below the minimum for a payout. The balance is kept until it is enough."),
    "owed_back": _l("All of it settles what was paid too much before."),
    "pays": _l("Will be paid"),
}
CONDITIONS = {
    "creator": _l("creator"),
    "group": _l("group"),
    "product": _l("product"),
    "category": _l("category"),
    "brand": _l("brand"),
    "customer": _l("buyers"),
    "via": _l("by"),
    "channel": _l("channel"),
    "currency": _l("currency"),
}
SHELF_NAMES = {
    "pending": _l("Pending"),
    "held": _l("On hold"),
    "due": _l("Due"),
    "paid": _l("Paid"),
    "owed_back": _l("Owed back"),
    "awaiting": _l("Awaiting payment"),
    "nothing": _l("Earned nothing"),
    "reversed": _l("Taken back"),
    "rejected": _l("Rejected"),
}


def state(row: commissions.Commission, now: object) -> tuple[object, str]:
    """Word and tone of a commission's state."""
    return STATES[row.state_at(now)]  # type: ignore[arg-type]


def rate(form: str, text: str, currency: str, per: str) -> str:
    """A rule's rate in words: "12.5%", "Rp5.000 for each piece"."""
    if form == "flat":
        amount = words.money(Money(int(text), currency), locale())
        forms = {
            "order": _l("%(amount)s for the order"),
            "line": _l("%(amount)s for this line"),
            "unit": _l("%(amount)s for each piece"),
        }
        return str(forms[per]) % {"amount": amount}
    percents = ", ".join(percent(part.strip()) for part in text.split(","))
    return str(gettext("%(percents)s by tier", percents=percents)) if form == "tiers" else percents


def number(exact: str, currency: str) -> str:
    """An exact amount in minor units, as decimal text, in major units as the viewer writes numbers: "5062.5" → Rp5.062,5."""
    whole, _, decimals = exact.partition(".")
    places = EXPONENTS[currency]
    major, minor = to_decimal(int(whole), currency).split(".") if places else (whole, "")
    comma = locale() == "id" or currency == "IDR"
    grouped = f"{int(major):,}"
    grouped = grouped.replace(",", ".") if comma else grouped
    return f"{grouped}{',' if comma else '.'}{minor}{decimals}"


def percent(text: str) -> str:
    """12.5% in English, 12,5% in Indonesian."""
    return f"{text.replace('.', ',') if locale() == 'id' else text}%"


def terms_of(found: Receipt) -> list[str]:
    """The terms that counted, as sentences."""
    if not found.terms:
        return []
    return programs.sentences(found.terms, found.program.currency, locale(), zone=found.program.timezone)


def moves(entry: ledger.Entry | None) -> list[tuple[object, str]]:
    """The legs of a ledger entry in words, what leaves a pocket first: (pocket, signed amount)."""
    legs = sorted(entry.legs, key=lambda leg: leg.minor) if entry else []
    return [
        (POCKETS[leg.pocket.kind], ("+" if leg.minor > 0 else "") + words.money(Money(leg.minor, leg.currency), locale()))
        for leg in legs
    ]
