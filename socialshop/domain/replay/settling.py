"""Drawing up a payout: what is paid to whom, and which commissions it settles. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from .postings import Key, Position


@dataclass(frozen=True, slots=True)
class Item:
    """What a payout gives for one commission (delta above 0), or takes back (below 0)."""

    order: str
    key: Key
    delta: int


@dataclass(frozen=True, slots=True)
class Draw:
    """What one creator gets in one currency; always the sum of its items."""

    creator: str
    currency: str
    amount: int
    items: tuple[Item, ...]


def draw_up(positions: Iterable[Position], *, at: datetime, minimum: Mapping[str, int]) -> list[Draw]:
    """The payouts of a run, by creator and currency. at: of the payout; minimum: `minimum_payout` of the version then in force.

    Everything open that is not held and due by `at`, less everything owed back, if above 0 and not below the minimum.
    """
    items: dict[tuple[str, str], list[Item]] = defaultdict(list)
    for position in positions:
        delta = -position.owed_back
        if position.open and not position.held and position.due_at <= at:
            delta = position.open
        if delta:
            items[position.key.creator, position.currency].append(Item(position.order, position.key, delta))
    draws = []
    for (creator, currency), mine in sorted(items.items()):
        amount = sum(item.delta for item in mine)
        if amount > 0 and amount >= minimum.get(currency, 0):
            draws.append(Draw(creator, currency, amount, tuple(mine)))
    return draws
