"""Which requests for a tracked link are a person's tap. Pure.

The order of the questions matters: what a machine says about itself first, then what it is, then who it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal

from crawleruseragents import is_crawler

Kind = Literal["payable", "duplicate", "excess", "prefetch", "preview", "bot", "embedded", "unactivated", "test", "own"]
Viewer = Literal["", "creator", "brand"]

REPEAT = timedelta(seconds=10)  # a second tap of the same visitor on the same link within this is the same tap
MOST_A_DAY = 20  # payable taps of one visitor on one link in a day (UTC); who taps more often is no shopper

# Programs that fetch an address to draw a preview card when someone pastes it into a chat or a post.
_PREVIEWERS = (
    "whatsapp/", "facebookexternalhit", "facebookcatalog", "meta-externalagent", "meta-externalfetcher", "twitterbot",
    "telegrambot", "slackbot", "slack-imgproxy", "discordbot", "linkedinbot", "pinterestbot", "skypeuripreview", "redditbot",
    "viber", "snap url preview", "line-poker", "kakaotalk-scrap", "embedly", "iframely", "mastodon", "bluesky cardyb",
    "applebot", "google-pagerenderer",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tap:
    """What a request says about itself. `viewer` is the hat of a signed-in person who has an interest in the link."""

    purpose: str = ""  # Sec-Purpose, or its older names
    mode: str = ""  # Sec-Fetch-Mode
    dest: str = ""  # Sec-Fetch-Dest
    agent: str = ""
    referrer: str = ""  # host only
    viewer: Viewer = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A class, and why it is not payable ("" where it is)."""

    kind: Kind
    reason: str = ""


def judge(tap: Tap) -> Judgement:
    """The class of a request before anything is known about earlier ones."""
    if is_speculative(tap):
        return Judgement("prefetch", "sec_purpose")
    if tap.mode not in ("", "navigate"):
        return Judgement("embedded", f"mode_{tap.mode}"[:80])
    if tap.dest not in ("", "document"):
        return Judgement("embedded", f"dest_{tap.dest}"[:80])
    machine = machine_of(tap.agent)
    if machine:
        return Judgement(machine, "no_agent" if not tap.agent.strip() else "agent")
    if tap.viewer == "creator":
        return Judgement("own", "creators_own")
    if tap.viewer == "brand":
        return Judgement("test", "brand_member")
    return Judgement("payable")


def repeats(taps: Iterable[tuple[datetime, str]]) -> dict[str, str]:
    """Of one visitor's taps on one link, as (moment, click id) in any order: each repeat → the tap that counts for it."""
    found: dict[str, str] = {}
    counting: tuple[datetime, str] | None = None
    for at, click in sorted(taps):
        if counting is not None and at < counting[0] + REPEAT:
            found[click] = counting[1]
        else:
            counting = (at, click)
    return found


def excess(taps: Iterable[tuple[datetime, str]]) -> frozenset[str]:
    """Of one visitor's payable taps on one link, as (moment, click id) in any order: those beyond a day's measure.

    Repeats are left out before: they count as the tap that they repeat.
    """
    days: dict[date, int] = defaultdict(int)
    beyond: set[str] = set()
    for at, click in sorted(taps):
        day = at.astimezone(UTC).date()
        days[day] += 1
        if days[day] > MOST_A_DAY:
            beyond.add(click)
    return frozenset(beyond)


def is_speculative(tap: Tap) -> bool:
    """Whether a browser only guesses that the person may tap."""
    return any(word in tap.purpose.casefold() for word in ("prefetch", "prerender", "preview"))


@lru_cache(maxsize=4096)
def machine_of(agent: str) -> Literal["", "bot", "preview"]:
    """What kind of program names itself so; "" for a person's browser."""
    lower = agent.casefold().strip()
    if not lower:
        return "bot"
    if any(name in lower for name in _PREVIEWERS):
        return "preview"
    return "bot" if is_crawler(agent) else ""
