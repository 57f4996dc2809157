"""How a sending moves, when it is asked about again, and which channel pays whom. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

EDGES: dict[str, frozenset[str]] = {
    "waiting": frozenset({"calling", "underway", "done", "unknown", "refused", "decided"}),
    "calling": frozenset({"waiting", "underway", "unknown", "done", "refused"}),
    "unknown": frozenset({"waiting", "underway", "done", "decided"}),  # by a look-up, or a person with a reason
    "underway": frozenset({"unknown", "done"}),
    "done": frozenset({"decided"}),
    "refused": frozenset({"waiting"}),  # handed back to the brand, which may choose again
    "decided": frozenset(),
}
OPEN = ("waiting", "calling", "unknown", "underway")

CALL_IS_OVER = timedelta(minutes=2)  # after this, no call of ours can still be on its way
RESEND_WITHIN = timedelta(hours=20)  # how long we trust the provider to still know our key
SWEEP = timedelta(minutes=15)
WATCH_DONE = timedelta(days=30)  # banks return money days later
_BACKOFF = (5, 30, 120, 600)  # seconds after the first, second, … look-up without an answer
_SLOWER = ((timedelta(hours=6), SWEEP), (timedelta(days=3), timedelta(hours=1)))

LIMIT_HOLDER = 100  # characters


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """One way of the provider's to pay somebody; limits in minor units, None where it names none."""

    code: str
    name: str
    kind: str  # "bank", "ewallet" or "other"
    currency: str
    least: int | None = None
    most: int | None = None


def key_of(payout_public_id: str) -> str:
    """The idempotency key of a payout: the same for ever."""
    return f"socialshop-{payout_public_id}"


def again_at(tries: int, now: datetime) -> datetime:
    """When to ask again after `tries` look-ups without an answer."""
    return now + (timedelta(seconds=_BACKOFF[tries - 1]) if 0 < tries <= len(_BACKOFF) else SWEEP)


def next_look(status: str, since: datetime, now: datetime) -> datetime | None:
    """When to ask next about a payout whose standing is known; None: it is over."""
    if status == "underway":
        return now + next((pause for age, pause in _SLOWER if now - since < age), timedelta(days=1))
    if status == "paid" and now - since < WATCH_DONE:
        return now + timedelta(days=1)
    return None


def may_call_again(
    *, called_at: datetime | None, first_called_at: datetime | None, same_key: bool, now: datetime
) -> bool:  # fmt: skip
    """Whether a payout that the provider does not know may be sent once more, under the same key.

    Not while a call could still be on its way, not after the provider may have forgotten the key, and not with
    another API key: the account behind it may be another one, which knows nothing of the first.
    """
    if called_at is None or first_called_at is None:
        return True
    return same_key and now - called_at >= CALL_IS_OVER and now - first_called_at < RESEND_WITHIN


def obstacle(channel: ChannelFacts | None, *, amount: int, currency: str, holder: str) -> str:
    """Why a payout cannot go through this channel, as a code; "" where it can."""
    if channel is None:
        return "no_channel"
    if channel.currency != currency:
        return "currency"
    if channel.least is not None and amount < channel.least:
        return "too_little"
    if channel.most is not None and amount > channel.most:
        return "too_much"
    return "holder" if len(holder) > LIMIT_HOLDER else ""


def channel_facts(document: Mapping[str, Any]) -> ChannelFacts:
    """A channel as it is kept with the account."""
    return ChannelFacts(**document)


def suggested(codes: Mapping[str, str], channels: Sequence[ChannelFacts]) -> dict[str, str]:
    """For each of our (code → kind), the provider's channel of the same name and kind, where there is exactly one.

    Compared without prefix, case and punctuation: "BCA" fits "ID_BCA". Never guessed: what does not fit is left out.
    """
    found: dict[str, str] = {}
    for code, kind in codes.items():
        fitting = [each.code for each in channels if each.kind == kind and _bare(each.code) == _bare(code)]
        if len(fitting) == 1:
            found[code] = fitting[0]
    return found


def _bare(code: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", re.sub(r"\A[A-Z]{2}_", "", code.upper()))
