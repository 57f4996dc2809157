"""What changes a creator's balance, as values: the name of a commission, a posting, what payouts gave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

PostingKind = Literal["accrue", "adjust", "reverse", "clawback", "pay", "pay_failed"]
PostingReason = Literal["refund", "over_refund", "chargeback", "rejected", "order_edit", "reinstated"]
State = Literal["pending", "held", "due", "paid", "reversed", "rejected"]


@dataclass(frozen=True, slots=True)
class Key:
    """Names one commission of an order. level: 0 direct, 1 and up overrides; of: whose direct commission an override follows."""

    creator: str
    level: int = 0
    of: str | None = None


@dataclass(frozen=True, slots=True)
class Posting:
    """One change of what a creator is owed, signed from their side. order, level: None for pay and pay_failed."""

    event: str
    order: str | None
    creator: str
    level: int | None
    of: str | None
    kind: PostingKind
    currency: str
    amount: int
    reason: PostingReason | None = None


@dataclass(frozen=True, slots=True)
class Paid:
    """A payout gave (delta above 0) or took back (below 0) something for one commission."""

    payout: str
    key: Key
    delta: int


@dataclass(frozen=True, slots=True)
class Unpaid:
    """A payout failed for one creator."""

    payout: str
    creator: str


@dataclass(frozen=True, slots=True)
class Position:
    """Where one commission stands towards payouts: what it is worth and what they gave, in the currency it is paid in."""

    order: str
    key: Key
    currency: str
    worth: int
    given: int
    due_at: datetime
    held: bool

    @property
    def open(self) -> int:
        """What is still to be paid."""
        return max(0, self.worth - self.given)

    @property
    def owed_back(self) -> int:
        """What was paid too much."""
        return max(0, self.given - self.worth)


def parts_of(kind: PostingKind, change: int, open_part: int) -> list[tuple[PostingKind, int]]:
    """A change as postings: what the open part cannot bear of a loss is a clawback. Postings of 0 are not written."""
    if change >= 0:
        return [(kind, change)] if change else []
    borne = min(-change, open_part)
    parts: list[tuple[PostingKind, int]] = [(kind, -borne), ("clawback", change + borne)]
    return [part for part in parts if part[1]]
