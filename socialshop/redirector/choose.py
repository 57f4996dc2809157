"""Which of a link's ways a tap takes: asked for each tap on a link that has rules, a split, several shops or a password."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs

from ..kernel import visitors
from ..kernel.ways import MAIN, Guest, decide, devices_of
from .way import Way

PAGE = "/ways/"  # where the app asks people
DAYS_30 = 30 * 86_400
_LANGUAGE = re.compile(r"\s*([a-z]{2,3})\b", re.IGNORECASE)
_OLD = {"in": "id", "iw": "he", "ji": "yi", "jw": "jv"}  # what old Androids still send


def pick(
    way: Way, environ: dict[str, Any], *, moment: float, visitor: str, address: str, cookies: Mapping[str, str], secret: bytes
) -> Way | None:
    """The way of this tap; None where the person is to be asked first: the request then asks for that page of the app's."""
    choice = way.choice
    if choice is None or not way.live or (way.expires is not None and moment >= way.expires):
        return way
    if choice.lock and not has_passed(cookies.get(f"pass-{choice.slug}", ""), way.link_id, choice.lock, moment, secret):
        environ["PATH_INFO"] = PAGE + choice.slug
        return None
    if choice.plan is None:
        return choice.ways[MAIN]
    asked = _asked(environ)
    chosen = cookies.get(f"to-{choice.slug}", "") if asked is None else asked
    agent = environ.get("HTTP_USER_AGENT", "")
    if not visitors.lasts(visitor):  # who is nobody tomorrow keeps their arm all the same, while network and agent stay
        visitor = f"{visitors.network_of(address)} {agent}"
    guest = Guest(
        devices_of(agent),
        _country(visitors.network_of(address)) if any(rule.when.countries for rule in choice.plan.rules) else "",
        language_of(environ.get("HTTP_ACCEPT_LANGUAGE", "")),
    )
    decision = decide(choice.plan, guest, moment, link_id=way.link_id, visitor=visitor, chosen=chosen)
    if decision.by == "ask":
        environ["PATH_INFO"] = PAGE + choice.slug
        return None
    return replace(way, live=False) if decision.by == "none" else choice.ways[decision.word]


def to_remember(link: Way, picked: Way, environ: dict[str, Any], tail: str) -> list[tuple[str, str]]:
    """The header that remembers a choice which was just made, with the tail of our cookies; none where none was."""
    if link.choice is None or _asked(environ) != picked.word:
        return []
    return [("Set-Cookie", f"to-{link.choice.slug}={picked.word}; Max-Age={DAYS_30}{tail}")]


def language_of(header: str) -> str:
    """The first language of an Accept-Language header, ISO 639; "" where it names none."""
    return _language_of(header[:40])


@lru_cache(maxsize=1024)
def _language_of(header: str) -> str:
    found = _LANGUAGE.match(header)
    code = found[1].casefold() if found else ""
    return _OLD.get(code, code)


def passed(link_id: int, lock: str, until: int, secret: bytes) -> str:
    """The value of the cookie that lets a visitor through a password until then."""
    return f"{until}.{_mark(link_id, lock, until, secret)}"


def has_passed(cookie: str, link_id: int, lock: str, moment: float, secret: bytes) -> bool:
    """Whether a cookie lets its visitor through."""
    until, _, mark = cookie.partition(".")
    if not (until.isascii() and until.isdigit() and len(until) < 15 and moment < int(until)):
        return False
    return hmac.compare_digest(mark.encode("latin-1", "replace"), _mark(link_id, lock, int(until), secret).encode())


def _mark(link_id: int, lock: str, until: int, secret: bytes) -> str:
    return hmac.new(secret, f"pass:{link_id}:{lock}:{until}".encode(), sha256).hexdigest()[:32]


def _asked(environ: dict[str, Any]) -> str | None:
    """The word after `to=`, "" where someone wants to choose again, None where nothing was asked."""
    query = environ.get("QUERY_STRING", "")
    if "to=" not in query:
        return None
    told = parse_qs(query, keep_blank_values=True).get("to")
    return told[0] if told else None


def _country(network: str) -> str:
    from iptocc import country_code  # its table is read only where somebody has a rule about countries

    return country_code(network) or "" if network else ""
