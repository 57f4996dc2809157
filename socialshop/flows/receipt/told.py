"""A receipt in sentences: the same ones on the page of a creator, on that of a brand, and through the API.

Every number stands beside the sentence that says where it comes from.
"""

from __future__ import annotations

from datetime import datetime

from . import history, sums, who
from .facts import Receipt
from .voice import Audience, Told, Voice


def tell(receipt: Receipt, *, audience: Audience, locale: str, zone: str, now: datetime) -> Told:
    """The receipt in one language. zone: of its dates. audience: a creator is not told who other creators are."""
    voice = Voice(receipt, audience, locale, zone, now)
    return Told(
        result=tuple(who.result(voice)),
        policy=tuple(who.policy(voice)),
        touches=tuple(who.touch(voice, touch) for touch in receipt.touches),
        share=tuple(who.share(voice)),
        terms=tuple(who.terms(voice)),
        candidates=tuple(who.candidates(voice)),
        clauses=tuple(who.clauses(voice)),
        arithmetic=tuple(sums.arithmetic(voice)),
        lines=tuple(sums.lines(voice)),
        sum=tuple(sums.sum_(voice)),
        notes=tuple(sums.notes(voice)),
        conversion=tuple(sums.conversion(voice)),
        steps=tuple(history.steps(voice)),
        payouts=tuple(history.payouts(voice)),
    )
