"""How a commission may move, and which pockets a change of it moves. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ..ledger.rules import Leg, Pocket, PocketKind, tidy  # its pure part only

EDGES: dict[str, frozenset[str]] = {
    "pending": frozenset({"held", "due", "reversed", "rejected", "paid"}),
    "held": frozenset({"pending", "due", "reversed", "rejected", "paid"}),
    "due": frozenset({"held", "paid", "reversed", "rejected", "pending"}),
    "paid": frozenset({"pending", "held", "due", "reversed"}),  # only when its payout came back
    "reversed": frozenset({"pending", "held", "due", "rejected", "paid"}),  # an edit brought it back, or what it settled did
    "rejected": frozenset({"pending", "held", "due", "reversed"}),  # a person took the rejection back
}


def may_move(source: str, target: str) -> bool:
    """Whether a commission may go from one state to another; staying is always allowed."""
    return source == target or target in EDGES[source]


@dataclass(frozen=True, slots=True)
class Standing:
    """worth: what it is worth now; given: what payouts gave for it; released: its open part is payable, not held."""

    worth: int
    given: int
    released: bool

    @property
    def open(self) -> int:
        """What is still to be paid."""
        return max(0, self.worth - self.given)

    @property
    def owed_back(self) -> int:
        """What was paid too much."""
        return max(0, self.given - self.worth)

    @property
    def pocket(self) -> PocketKind:
        """Where the open part lies."""
        return "payable" if self.released else "held"


NOTHING = Standing(0, 0, False)


def legs_between(
    before: Standing, after: Standing, *, commission_id: int, creator_id: int, currency: str, transit: PocketKind = "in_transit"
) -> list[Leg]:
    """The legs that bring the pockets from one standing to the other; they balance by construction.

    What the worth gains, the brand owes; what payouts gave lies in `transit`; open and owed back follow from the two.
    """

    def leg(kind: PocketKind, minor: int) -> Leg:
        owner = 0 if kind in ("owed", "bank") else creator_id
        return Leg(Pocket(kind, owner), minor, currency, commission_id)

    changes: list[tuple[PocketKind, int]] = [
        ("owed", before.worth - after.worth),
        (before.pocket, -before.open),
        (after.pocket, after.open),
        ("owed_back", before.owed_back - after.owed_back),
        (transit, after.given - before.given),
    ]
    return tidy([leg(kind, minor) for kind, minor in changes if minor])
