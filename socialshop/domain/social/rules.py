"""How a post on a channel moves, when it goes on by itself, and what a channel takes. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

EDGES: dict[str, frozenset[str]] = {
    "waiting": frozenset({"preparing", "failed", "cancelled"}),
    "preparing": frozenset({"waiting", "ready", "published", "failed"}),  # nothing can be seen yet
    "ready": frozenset({"calling", "waiting", "failed", "cancelled"}),
    "calling": frozenset({"ready", "waiting", "underway", "unknown", "published", "delivered", "failed"}),
    "unknown": frozenset({"ready", "waiting", "underway", "published", "delivered", "failed"}),  # by a look-up alone, or a person
    "underway": frozenset({"ready", "waiting", "unknown", "published", "delivered", "failed"}),
    "published": frozenset(),
    "delivered": frozenset({"published", "failed", "unknown"}),  # its owner posts it over there, or not
    "failed": frozenset({"waiting"}),  # a person tries again: it was surely not posted
    "cancelled": frozenset({"waiting"}),  # its creator changed the post, and wants it there after all
}
OPEN = ("waiting", "preparing", "ready", "calling", "unknown", "underway")
CANCELLABLE = ("waiting", "ready")
NAMELESS = ("no_name", "vanished")  # nothing is left to look it up by
UNFINISHED = "unfinished"  # why nobody knows of a draft that its owner was to post over there

CALL_IS_OVER = timedelta(minutes=2)  # after this, no call of ours can still be on its way
KNOCK_FOR = timedelta(minutes=15)
KNOCKS_KEPT = timedelta(days=1)  # after they were used or ended
REFRESH_FOR = timedelta(minutes=1)  # so long one refresh has the token to itself
TRIES = 6  # before a person is asked
AGAIN = {"anew": 3, "twice": 2}  # how often it is begun from the beginning
GIVE_UP = timedelta(days=2)  # after its time, nobody wants a post any more that never got through
_BACKOFF = (10, 60, 300, 1200, 3600)  # seconds after the first, second, … try that came to nothing
WHEN_FULL = timedelta(hours=1)  # quotas are rolling: room comes back bit by bit
ROOM_FOR = timedelta(minutes=10)  # so long a quota that was told is counted down before it is asked for again
BLOCKED_FOR = timedelta(days=1)  # an account that was taken for a spammer's posts nothing for so long
LOOKS = 3  # that told nothing, before a person may say what became of a post
SEEN_FOR = timedelta(days=2)  # how long a post's public address is asked for, and whether a draft was posted


def again_at(tries: int, now: datetime, told: int | None = None) -> datetime:
    """When to go on after `tries` tries that came to nothing; told: seconds, where the provider says so."""
    seconds = _BACKOFF[min(max(tries, 1), len(_BACKOFF)) - 1]
    return now + timedelta(seconds=max(seconds, told or 0))


def goes_on(retry: str, *, tries: int, rounds: int, late: timedelta) -> bool:
    """Whether a refusal of this kind is tried again by itself. late: how long after its time it is."""
    if retry == "later":
        return tries < TRIES
    if retry in AGAIN:
        return rounds < AGAIN[retry]
    return retry in ("wait", "tomorrow") and late < GIVE_UP


def next_sight(since: datetime, now: datetime) -> datetime | None:
    """When to ask again for the address of what is published but not told yet, or of a draft; None: no more."""
    age = now - since
    if age >= SEEN_FOR:
        return None
    return now + min(max(age, timedelta(minutes=1)), timedelta(hours=1))


def room_again(now: datetime, *, used: int, total: int, window: timedelta, sent: Sequence[datetime]) -> datetime:
    """When a full account takes a post again. sent: our own posts within the window, the oldest first; others may too."""
    leave = [at + window for at in sent if at + window > now]
    if len(leave) < used or total < 1:  # somebody else's posts count, and we do not know when they leave
        return min([now + WHEN_FULL, *leave[:1]]) if total > 0 else now + WHEN_FULL
    return leave[len(leave) - total]
