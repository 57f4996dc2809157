"""Which requests for a tracked link are a person's tap. Pure.

The order of the questions matters: what the browser says of the request first, then what it is, then who it is. Each
class but `payable` has a reason word. Whoever cannot be told from an honest person is one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal

from crawleruseragents import is_crawler

from .agents import LONGEST

Kind = Literal["payable", "duplicate", "excess", "prefetch", "preview", "bot", "embedded", "unactivated", "test", "own"]
Viewer = Literal["", "creator", "brand"]

REPEAT = timedelta(seconds=10)  # a second tap of the same visitor on the same link within this is the same tap
MOST_A_DAY = 20  # payable taps of one visitor on one link in a day (UTC); who taps more often is no shopper

# What the browser says of a request, read from the top: the first row that fits decides, none means that a person may
# have tapped. "–": said nothing. "…": anything. "¬": anything but these.
# https://www.w3.org/TR/fetch-metadata/, https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Purpose
#
# `no_activation` needs three things at once. The tap came from a page of our own: there links are real anchors that
# nothing follows by itself, while a page of others may be a shim (l.instagram.com, t.co) or a meta refresh that leads on
# after an honest tap, and looks just the same. The browser is Chrome or Edge, which sends `?1` with every tap, also with
# keys, in new tabs and over redirects; Safari never does (https://webkit.org/b/247697), web views not always.
# "asked" stands for `?1` where a person pressed the button of our own form and the page after it leads on by itself.
_SAYS: tuple[tuple[str, str, str, str, str, Kind, str], ...] = (
    # Sec-Purpose, Purpose,     Sec-Fetch-    Sec-Fetch-    Sec-Fetch-     Sec-Fetch-
    # X-Purpose, X-Moz          Mode          Dest          Site           User         class          reason
    ("prefetch prerender preview", "…",         "…",          "…",           "…",       "prefetch",    "sec_purpose"),
    ("…",                       "¬ – navigate", "…",          "…",           "…",       "embedded",    "mode_{mode}"),
    ("…",                       "…",          "¬ – document", "…",           "…",       "embedded",    "dest_{dest}"),
    ("…",                       "navigate",   "document",     "same-origin", "–",       "unactivated", "no_activation"),
)  # fmt: skip

# Browsers that say with each navigation whether somebody touched something; not their web views, not those of iOS.
_TELLS_ACTIVATION = re.compile(
    r"Mozilla/5\.0 \((?![^)]*; wv\))[^)]*\) AppleWebKit/537\.36 \(KHTML, like Gecko\) "
    r"Chrome/(?:[89]\d|\d{3})\.[\d.]+ (?:Mobile )?Safari/537\.36(?: Edg/[\d.]+)?\Z"
)

# Programs that fetch an address to draw a preview card when someone pastes it into a chat or a post.
_PREVIEWERS = (
    "externalhit", "facebookcatalog", "meta-externalagent", "meta-externalfetcher", "twitterbot", "telegrambot",
    "slackbot", "slack-imgproxy", "discordbot", "linkedinbot", "pinterestbot", "skypeuripreview", "redditbot", "zalobot",
    "snap url preview", "line-poker", "kakaotalk-scrap", "embedly", "iframely", "mastodon", "bluesky cardyb", "applebot",
    "google-pagerenderer", "synapse (bot", "matrix.org",
)  # fmt: skip
_PREVIEWERS_ALONE = ("whatsapp", "viber", "line/")  # behind a browser's name it is a person, inside that app

# Programs that are no browser, beyond those that crawler-user-agents knows: libraries, and what watches or scans a site.
_PROGRAMS = re.compile(
    r"(?:java|node|undici|postmanruntime|insomnia|dart|ruby|guzzlehttp|php|dalvik|bun|deno|reqwest|hyper|lua-resty-http|"
    r"restsharp|powershell|microsoft office|aws security scanner|amazon-route53-health-check-service|elb-healthchecker|"
    r"googlehc|kube-probe)(?:[/ ;(]|\Z)|.*(?:barracudacentral|ms-office|paloaltonetworks|urlscan|safelinks|proofpoint|mimecast|"
    r"windowspowershell|puppeteer|playwright|selenium|electron-fetch)"
)
_APPS_ALONE = re.compile(r"(?:instagram|tiktok|com\.[\w.]+)[ /]|[^(]*\bcfnetwork/|.*\bcronet\b")


@dataclass(frozen=True, slots=True)
class Tap:
    """What a request says about itself. `viewer` is the hat of a signed-in person who has an interest in the link.

    signs: what else was noticed, words with spaces between: "site-none" (Sec-Fetch-Site), "user" (Sec-Fetch-User: ?1),
    "asked" (our own form leads on, and the browser said that somebody pressed its button), "headless" (its brands say so),
    "gpc", "app-com.instagram.android" (X-Requested-With).
    """

    purpose: str = ""  # Sec-Purpose, or its older names
    mode: str = ""  # Sec-Fetch-Mode
    dest: str = ""  # Sec-Fetch-Dest
    agent: str = ""
    referrer: str = ""  # host only
    viewer: Viewer = ""
    signs: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A class, and why it is not payable ("" where it is)."""

    kind: Kind
    reason: str = ""


PAYABLE = Judgement("payable")


def judge(tap: Tap) -> Judgement:
    """The class of a request before anything is known about earlier ones."""
    said = _said(tap.purpose, tap.mode, tap.dest, tap.signs)
    if said is not None and (said.kind != "unactivated" or _TELLS_ACTIVATION.match(tap.agent)):
        return said
    machine = machine_of(tap.agent)
    if machine is not None:
        return machine
    if "headless" in tap.signs.split():
        return Judgement("bot", "headless")
    if tap.viewer == "creator":
        return Judgement("own", "creators_own")
    if tap.viewer == "brand":
        return Judgement("test", "brand_member")
    return PAYABLE


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


def machine_of(agent: str) -> Judgement | None:
    """What kind of program names itself so; None for a person's browser."""
    return _machine(agent[:LONGEST].strip())


@lru_cache(maxsize=8192)
def _machine(agent: str) -> Judgement | None:
    lower = agent.casefold()
    if not lower:
        return Judgement("bot", "no_agent")
    if any(name in lower for name in _PREVIEWERS) or lower.startswith(_PREVIEWERS_ALONE):
        return Judgement("preview", "agent")
    if not lower.startswith("mozilla/") and _APPS_ALONE.match(lower):
        return Judgement("bot", "app_itself")
    if _PROGRAMS.match(lower):
        return Judgement("bot", "agent")
    person = agent.replace("WhatsApp/", "") if lower.startswith("mozilla/") else agent
    return Judgement("bot", "agent") if is_crawler(person) else None


@lru_cache(maxsize=1024)
def _said(purpose: str, mode: str, dest: str, signs: str) -> Judgement | None:
    words = signs.split()
    site = next((word.removeprefix("site-") for word in words if word.startswith("site-")), "")
    request = (purpose.casefold(), mode, dest, site, "?1" if "user" in words else "asked" if "asked" in words else "")
    for *row, kind, reason in _SAYS:
        if _fits(request[0], row[0], inside=True) and all(map(_fits, request[1:], row[1:])):
            return Judgement(kind, reason.format(mode=mode, dest=dest)[:80])
    return None


def _fits(said: str, allowed: str, *, inside: bool = False) -> bool:
    if allowed == "…":
        return True
    words = allowed.replace("–", "").split(" ") if "–" in allowed else allowed.split()
    if inside:
        return any(word in said for word in words)
    return said not in words[1:] if words[0] == "¬" else said in words
