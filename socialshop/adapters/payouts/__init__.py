"""Providers that send payouts, in our words. A second one costs one file here and one double in the tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from ...kernel.errors import Broken, Refused, TryLater
from ...kernel.money import Money

Standing = Literal["underway", "paid", "failed", "cancelled", "reversed"]
Blame = Literal["recipient", "request", "account"]


@dataclass(frozen=True, slots=True)
class Instruction:
    """What is to be sent. key: the same in every attempt; reference: our name for it, by which it can be looked up."""

    key: str
    reference: str
    channel: str
    number: str
    holder: str
    amount: Money
    description: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider says about a payout. word: its own status; why: its own code for a failure, "" if none."""

    remote_id: str
    reference: str
    channel: str
    amount: Money
    standing: Standing
    word: str
    why: str = ""
    fee: Money | None = None  # what it says it took for sending; None where it does not say


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to pay somebody; limits are None where the provider names none."""

    code: str
    name: str
    kind: Literal["bank", "ewallet", "other"]
    currency: str
    least: Money | None = None
    most: Money | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """A provider's message. It says that something happened; what, the provider is asked. key: the same in a repeat."""

    key: str
    topic: str
    remote_id: str
    reference: str


class NotSent(TryLater):
    """Nothing has reached the provider: calling again is safe."""


class Silent(TryLater):
    """A look-up got no usable answer; nothing has changed over there. Asking again is safe."""


class OutcomeUnknown(Broken):
    """The payout may or may not have been taken: only a look-up tells. code: what happened, in one word."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class PayoutRefused(Refused):
    """The provider understood and did not take it. blame: whose matter it is; code: its own word."""

    def __init__(self, code: str, blame: Blame) -> None:
        self.code, self.blame = code, blame
        super().__init__(code)


class Unusable(Broken):
    """A message that proved itself but cannot be read."""


class PayoutProvider(Protocol):
    """What every provider offers. No call leaves a transaction open, repeats by itself, or outlasts its budgets."""

    def create(self, instruction: Instruction) -> Told:
        """Take a payout. NotSent, PayoutRefused (not taken), OutcomeUnknown."""

    def find(self, remote_id: str) -> Told | None:
        """The payout with the provider's id; None where it knows none. Silent, PayoutRefused."""

    def find_by_reference(self, reference: str) -> list[Told]:
        """The payouts that were sent under our reference, the newest first. Silent, PayoutRefused."""

    def cancel(self, remote_id: str) -> Told:
        """Call a payout back while it has not been worked. Silent, PayoutRefused (too late)."""

    def channels(self) -> list[Channel]:
        """How payouts can be sent with this key. Silent, PayoutRefused."""

    def is_test(self) -> bool:
        """Whether this key moves play money."""

    def proves(self, headers: Mapping[str, str], token: str | None) -> bool:
        """Whether a message (header names in lower case) is the provider's, in constant time; never without a token."""

    def hear(self, body: bytes) -> Heard:
        """What a message that proved itself is about. Unusable."""


Maker = Callable[[str], PayoutProvider]
_makers: dict[str, Maker] = {}
_play_money: list[bool] = [True]


def offer(name: str, maker: Maker) -> None:
    """Let accounts of this provider be made from their API key by `maker`, in this process."""
    _makers[name] = maker


def provider(name: str, api_key: str) -> PayoutProvider:
    """The provider's client for one account."""
    return _makers[name](api_key)


def play_money_allowed() -> bool:
    """Whether this install takes keys that move no money."""
    return _play_money[0]


def set_up(*, xendit_url: str, play_money: bool = True) -> None:
    """Say where the providers are: their own addresses, or those of doubles. play_money: whether test keys may be used."""
    from .xendit import Xendit

    _play_money[:] = [play_money]
    offer("xendit", lambda api_key: Xendit(api_key, xendit_url))


__all__ = [
    "Blame", "Channel", "Heard", "Instruction", "NotSent", "OutcomeUnknown", "PayoutProvider", "PayoutRefused", "Silent",
    "Standing", "Told", "Unusable", "offer", "play_money_allowed", "provider", "set_up",
]  # fmt: skip
