"""One link, ready to be followed: read from the database once, so that a tap has nothing left to compute."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from ..kernel.addresses import utm_parameters, with_parameters
from ..kernel.ways import MAIN, Plan, address_of, read_plan

LINKS = (
    "SELECT l.id, l.slug, l.creator_id, l.program_id, l.channel, l.placement, l.url, l.utm, l.state, l.expires_at, "
    "l.fallback_url, c.handle, p.click_parameter, CASE WHEN g.id IS NULL THEN 0 ELSE 1 END, p.landing_url, l.max_clicks, "
    "CASE WHEN l.max_clicks IS NULL THEN 0 ELSE "
    "(SELECT COALESCE(SUM(d.payable), 0) FROM link_days d WHERE d.link_id = l.id) END, "
    "l.password_hash, l.routes, l.dead, l.title, u.timezone, CASE WHEN l.routes IS NOT NULL THEN "
    "(SELECT k.code FROM referral_codes k WHERE k.creator_id = l.creator_id AND k.program_id = l.program_id "
    "AND k.state = 'live' ORDER BY k.id DESC LIMIT 1) END, l.post_id "
    "FROM tracked_links l JOIN creators c ON c.id = l.creator_id JOIN users u ON u.id = c.user_id "
    "LEFT JOIN programs p ON p.id = l.program_id "
    "LEFT JOIN pages g ON g.creator_id = l.creator_id AND g.slug = '' AND g.published_version_id IS NOT NULL "
)
BY_SLUG = "WHERE l.slug = %s"
BY_ALIAS = "WHERE l.id = (SELECT a.link_id FROM link_aliases a WHERE a.slug = %s)"

_CLICK = "-the-click-id-"  # holds its place in an address
CARRIED = "c"  # the parameter that carries a click id to our own product sheets, where no cookie may


@dataclass(frozen=True, slots=True)
class Way:
    """One link, ready to be followed. expires: seconds since 1970, None never.

    around: what stands before and after the click id in the address, None where the address carries none.
    word: which of the link's ways it is, "" its only one. choice: how one of several is chosen, None where there is nothing to.
    """

    link_id: int
    creator_id: int
    program_id: int | None
    channel: str
    placement: str
    url: str
    fallback: str
    live: bool
    expires: float | None
    around: tuple[str, str] | None
    word: str = ""
    choice: Choice | None = None
    post_id: int | None = None  # the post that the link was made for

    def leads_to(self, moment: float, click: str) -> str:
        """The address at a moment, with the click's id where it carries one and there is one."""
        if not self.live or (self.expires is not None and moment >= self.expires):
            return self.fallback
        if self.around is None or not click:
            return self.url
        return f"{self.around[0]}{click}{self.around[1]}"


@dataclass(frozen=True, slots=True)
class Choice:
    """What stands between a tap and one of a link's ways. lock: changes with the link's password, "" none is asked."""

    slug: str
    lock: str
    plan: Plan | None
    ways: Mapping[str, Way]


def way_of(row: tuple[Any, ...]) -> Way:
    """The way of a row that `LINKS` asked for.

    What is over leads to the link's fallback, else to the creator's page, else to the brand's store, else to our front door.
    """
    link_id, slug, creator_id, program_id, channel, placement, url, utm, state, expires, fallback, handle, parameter = row[:13]
    has_page, landing, most, had, password, routes, dead, title, zone, code, post_id = row[13:]
    tags = utm_parameters(_document(utm) or {})
    over = fallback or (f"/@{handle}" if has_page else landing or "/")
    live = state == "live" and not (most is not None and had >= most)
    bare = Way(
        link_id, creator_id, program_id, channel, placement, url, with_parameters(over, tags), live, _seconds(expires), None,
        post_id=post_id,
    )  # fmt: skip

    def tagged(url: str, word: str) -> Way:
        address = with_parameters(url, tags)
        own = CARRIED if program_id is not None and "/p/" in url else ""
        carrier = own if url.startswith("/") else parameter
        around = _around(with_parameters(address, {carrier: _CLICK})) if carrier else None
        return replace(bare, url=address, around=around, word=word)

    plan = _plan(routes, dead, zone)
    if plan is None and not password:
        return tagged(url, "")
    ways = {MAIN: tagged(url, MAIN if plan else "")}
    if plan is not None:
        ways |= {rule.word: tagged(rule.url, rule.word) for rule in plan.rules}
        ways |= {arm.word: tagged(arm.url, arm.word) for arm in plan.arms if arm.url}
        for store in plan.stores:
            facts = {"creator": handle, "channel": channel, "code": code or "", "title": title}
            address = address_of(store, "", **facts)
            ways[store.word] = (
                tagged(address, store.word)  # a brand's own store counts by its program's parameter
                if store.kind == "shop" and not store.parameter
                else replace(bare, url=address, around=_around(address_of(store, _CLICK, **facts)), word=store.word)
            )
    return replace(ways[MAIN], word="", choice=Choice(slug, lock_of(password), plan, ways))


def lock_of(password_hash: str) -> str:
    """What stands for a link's password in its visitors' cookies: another one with each new password, "" for none."""
    return sha256(password_hash.encode()).hexdigest()[:16] if password_hash else ""


def _plan(routes: Any, dead: Any, zone: str) -> Plan | None:
    """What a link's document says; None where it cannot be read, so that one broken document stops no link."""
    try:
        return read_plan(_document(routes), zone=zone, dead=_document(dead) or ())
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _around(address: str) -> tuple[str, str] | None:
    before, found, after = address.rpartition(_CLICK)
    return (before, after) if found else None


def _document(stored: Any) -> Any:
    return json.loads(stored) if isinstance(stored, str) else stored


def _seconds(moment: str | datetime | None) -> float | None:
    if moment is None:
        return None
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
