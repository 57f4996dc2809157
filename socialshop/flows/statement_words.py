"""A statement's lines in words: the same ones on the page, in the sheet and through the API."""

from __future__ import annotations

from ..kernel import words
from ..kernel.errors import N_
from . import money_words
from .statement import Line

POCKETS = {
    "held": N_("waiting until returns are over, or on hold"),
    "payable": N_("ready for the next payout"),
    "in_transit": N_("on its way to the bank"),
    "owed_back": N_("owed back, taken from the next payouts"),
}


def title(line: Line, locale: str) -> str:
    """What the line is about: the order, or the payout's account."""
    if line.payout is not None:
        return words.say(N_("Payout to the account ending in {end}"), locale, end=line.payout.payee_number[-4:])
    if line.order is not None:
        return words.say(N_("Order {number}"), locale, number=line.order.number)
    return words.say(N_("Ledger entry {number}"), locale, number=line.entry)


def why(line: Line, locale: str, zone: str) -> str:
    """What happened, why, and when, where that was on another day than it was written."""
    back = line.reason == "reinstated"
    texts = [money_words.of(money_words.STEPS, "reinstate" if back else line.kind, locale)]
    if line.reason and not back:
        texts.append(words.say(N_("because {cause}"), locale, cause=money_words.of(money_words.CAUSES, line.reason, locale)))
    happened, written = words.day(line.at, locale, zone), words.day(line.booked_at, locale, zone)
    if happened != written:
        text = N_("ordered on {day}") if line.kind == "accrue" else N_("of {day}")
        texts.append(words.say(text, locale, day=happened))
    if line.commission is not None and line.commission.level:
        texts.append(words.say(N_("recruiter's part"), locale))
    if line.words and line.kind in ("pay_failed",):
        texts.append(f"“{line.words}”")
    return ", ".join(texts)


def month(text: str, locale: str) -> str:
    """June 2026, Juni 2026 for "2026-06"."""
    return words.month(int(text[:4]), int(text[5:]), locale)
