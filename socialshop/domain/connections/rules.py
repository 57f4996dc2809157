"""Deciders of this room: pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

SECRET_OVERLAP = timedelta(hours=24)
_SECRET = re.compile(r"[\x21-\x7e]{8,200}\Z")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}\Z")


def live_secrets(secret: str | None, old: str | None, old_until: datetime | None, *, now: datetime) -> list[str]:
    """The secrets that may have signed something now: the present one, and the old one until its time is over."""
    live = [secret] if secret else []
    if old and old_until is not None and now < old_until:
        live.append(old)
    return live


def is_secret(text: str) -> bool:
    """Whether this can be a store's webhook secret: 8 to 200 visible characters without blanks."""
    return _SECRET.match(text) is not None


def shop_domain(text: str) -> str | None:
    """The domain in what a person typed ("https://Toko.example/shop" is "toko.example"); None where there is none."""
    bare = text.strip().lower().removeprefix("https://").removeprefix("http://").split("/", 1)[0]
    return bare if len(bare) <= 200 and _DOMAIN.match(bare) else None


def worth_of_pieces(net_minor: int, quantity: int, gone_minor: int, pieces: int) -> int:
    """What giving back `pieces` of a line's `quantity` is worth, when the store names no amount.

    Each piece is worth its share of the line's net by largest remainder (earlier pieces have the odd units), and the
    next pieces not yet paid for by `gone_minor` are taken, so giving back all of them ends at exactly the net.
    """
    whole, odd = divmod(net_minor, quantity)

    def worth_of_first(n: int) -> int:
        return whole * n + min(n, odd)

    low, high = 0, quantity  # the most pieces that `gone_minor` has wholly paid for
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if worth_of_first(middle) <= gone_minor else (low, middle - 1)
    if gone_minor == 0:
        low = 0
    return max(worth_of_first(min(low + pieces, quantity)) - gone_minor, 0)
