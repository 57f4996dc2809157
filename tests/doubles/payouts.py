"""A payout provider in memory that speaks plainly: the simplest thing that passes the adapters' contract."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import count

from socialshop.adapters.payouts import Channel, Heard, Instruction, OutcomeUnknown, PayoutRefused, Told, Unusable
from socialshop.kernel.money import Money

_numbers = count(1)


@dataclass
class FakePayouts:
    """Remembers by key and by reference. `next_create`: what the next call raises, before or after taking it."""

    token: str = "fake-token"
    test: bool = True
    least: int = 10_000
    most: int = 250_000_000
    fee: Money | None = None  # what it says it took, once a payout has arrived
    bad_numbers: set[str] = field(default_factory=set)
    taken: dict[str, Told] = field(default_factory=dict)  # by remote id
    _keys: dict[str, tuple[Instruction, str]] = field(default_factory=dict)

    def create(self, instruction: Instruction) -> Told:
        known = self._keys.get(instruction.key)
        if known is not None:
            if known[0] != instruction:
                raise OutcomeUnknown("duplicate")
            return self.taken[known[1]]
        if instruction.number in self.bad_numbers:
            raise PayoutRefused("NO_SUCH_ACCOUNT", "recipient")
        if instruction.channel not in {each.code for each in self.channels()} or instruction.amount.currency != "IDR":
            raise PayoutRefused("NO_SUCH_CHANNEL", "request")
        if not self.least <= instruction.amount.minor <= self.most:
            raise PayoutRefused("LIMIT", "request")
        told = Told(f"fake-{next(_numbers)}", instruction.reference, instruction.channel, instruction.amount, "underway", "new")
        self.taken[told.remote_id] = told
        self._keys[instruction.key] = (instruction, told.remote_id)
        return told

    def turn(self, reference: str, word: str) -> bytes:
        """Move a payout on; the message about it."""
        (told,) = self.find_by_reference(reference)
        standing = {"SUCCEEDED": "paid", "FAILED": "failed", "REVERSED": "reversed", "CANCELLED": "cancelled"}[word]
        self.taken[told.remote_id] = replace(told, standing=standing, word=word, fee=self.fee)  # type: ignore[arg-type]
        return json.dumps({"about": told.remote_id, "reference": reference, "now": word}).encode()

    def find(self, remote_id: str) -> Told | None:
        return self.taken.get(remote_id)

    def find_by_reference(self, reference: str) -> list[Told]:
        return [told for told in reversed(self.taken.values()) if told.reference == reference]

    def cancel(self, remote_id: str) -> Told:
        told = self.taken.get(remote_id)
        if told is None or told.word != "new":
            raise PayoutRefused("TOO_LATE", "request")
        self.taken[remote_id] = replace(told, standing="cancelled", word="CANCELLED")
        return self.taken[remote_id]

    def channels(self) -> list[Channel]:
        least, most = Money(self.least, "IDR"), Money(self.most, "IDR")
        return [
            Channel("ID_BCA", "BCA", "bank", "IDR", least, most), Channel("ID_GOPAY", "GoPay", "ewallet", "IDR", least, most),
        ]  # fmt: skip

    def is_test(self) -> bool:
        return self.test

    def proves(self, headers: Mapping[str, str], token: str | None) -> bool:
        return bool(token) and hmac.compare_digest(
            headers.get("x-callback-token", "").encode("utf-8", "surrogateescape"), (token or "").encode()
        )

    def hear(self, body: bytes) -> Heard:
        try:
            found = json.loads(body)
            return Heard(f"{found['about']}:{found['now']}", found["now"], str(found["about"]), str(found["reference"]))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise Unusable("not_understood") from error
