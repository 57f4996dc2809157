"""The words for money: states, reasons, steps and pockets as people read them, in the viewer's language."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from ..domain import commissions
from ..flows import money_words, receipt
from .local import locale, zone

SHELVES = ("pending", "held", "due", "paid", "owed_back", "rejected", "awaiting", "nothing")

STATE_TONES = {"pending": "info", "held": "warn", "due": "accent", "paid": "good", "reversed": "", "rejected": "bad"}
PAYOUT_TONES = {"ready": "info", "sent": "info", "unknown": "warn", "paid": "good", "returned": "bad"}


def words_of(table: dict[str, str]) -> dict[str, Any]:
    """The same words, said in the viewer's language when they are shown."""
    return {word: _l(sentence) for word, sentence in table.items()}


STATES = {word: (text, STATE_TONES.get(word, "")) for word, text in words_of(money_words.STATES).items()}
PAYOUT_STATES = {word: (text, PAYOUT_TONES.get(word, "")) for word, text in words_of(money_words.PAYOUT_STATES).items()}
REASONS, VIAS, GROUPS = words_of(money_words.REASONS), words_of(money_words.VIAS), words_of(money_words.GROUPS)
STEPS = words_of(money_words.STEPS)
SKIPS = {
    "no_payee": _l("No payout account stated yet. The balance is kept for the next run."),
    "below_minimum": _l("Below the minimum for a payout. The balance is kept until it is enough."),
    "owed_back": _l("All of it settles what was paid too much before."),
    "pays": _l("Will be paid"),
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


def state(row: commissions.Commission, now: datetime) -> tuple[object, str]:
    """Word and tone of a commission's state."""
    return STATES[row.state_at(now)]


def percent(text: str) -> str:
    """12.5% in English, 12,5% in Indonesian."""
    return receipt.percent(text, locale())


def told(found: receipt.Receipt, audience: receipt.Audience, now: datetime) -> receipt.Told:
    """The receipt in the viewer's language and zone."""
    return receipt.tell(found, audience=audience, locale=locale(), zone=zone(), now=now)
