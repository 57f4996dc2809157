"""Which post an order belongs to whose code was typed without a tap. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

SHOWN_FOR = timedelta(days=30)  # afterwards nobody remembers the code from there


@dataclass(frozen=True, slots=True)
class Showing:
    """A post that has shown a code on one channel since then."""

    post_id: int
    channel: str
    since: datetime


def post_of_code(showings: Iterable[Showing], placed_at: datetime) -> tuple[int | None, str]:
    """The newest post that showed the code before the order, and its channel where it was on one channel alone, else "".

    No post where the newest is 30 days old or older. One shown at the very moment of the order counts.
    """
    earlier = [showing for showing in showings if showing.since <= placed_at]
    last = max(earlier, key=lambda showing: (showing.since, showing.post_id), default=None)
    if last is None or placed_at - last.since >= SHOWN_FOR:
        return None, ""
    channels = {showing.channel for showing in earlier if showing.post_id == last.post_id}
    return last.post_id, last.channel if len(channels) == 1 else ""
