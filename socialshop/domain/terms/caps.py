"""Limits on what an order gives: a rule's own cap, the order's cap, what is left of the budget."""

from __future__ import annotations

from collections.abc import Sequence

from ...kernel.money import split


def scaled_down(amounts: Sequence[int], limit: int | None) -> list[int]:
    """The amounts, or where they exceed the limit together, the limit shared over them by largest remainder."""
    if limit is None or sum(amounts) <= limit:
        return list(amounts)
    return split(limit, amounts)
