"""Where a link leads whom: rules, a split by weight, several shops. Pure, standard library only: the redirector imports it.

A link's routes are one document: {"last": how many words were ever given, "rules": […], "arms": […], "stores": […]}.
Every address in it has a word, which its clicks carry; "main" is the link's own address. `decide` is asked by the live
redirect and by the test box alike.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from .addresses import with_parameters

MAIN = "main"
DEVICES = ("phone", "tablet", "desktop", "android", "ios")
KINDS = ("shopee", "tokopedia", "tiktok", "shop", "whatsapp", "other")
# The parameter that a marketplace hands back in its reports, where it says so itself:
# https://help.shopee.sg/portal/10/article/171184 (sub_id of an_redir addresses; TikTok and Tokopedia tell of none)
SUB_ID = {"shopee": "sub_id"}
_HOSTS = {"shopee": ("shopee", "shope"), "tokopedia": ("tokopedia",), "tiktok": ("tiktok",), "whatsapp": ("wa", "whatsapp")}

By = Literal["rule", "split", "chosen", "only", "ask", "plain", "none"]


@dataclass(frozen=True, slots=True)
class Guest:
    """Whoever taps, as far as the request tells. devices: "phone", and with it "android" or "ios"; "" is unknown."""

    devices: frozenset[str] = frozenset()
    country: str = ""  # ISO 3166 alpha-2, upper case
    language: str = ""  # ISO 639, lower case


@dataclass(frozen=True, slots=True)
class When:
    """What must hold for a rule; what is empty always holds. Hours and dates are on the creator's clock."""

    devices: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    days: frozenset[int] = frozenset()  # 1 Monday … 7 Sunday
    begins: str = ""  # "09:00"; both or none
    ends: str = ""  # not included; earlier than `begins`: on the next morning, which belongs to the day before
    first: str = ""  # "2026-11-01", included
    last: str = ""  # included

    def holds(self, guest: Guest, local: datetime) -> bool:
        """Whether it holds for a guest at a moment of the creator's clock."""
        if self.devices and not self.devices & guest.devices:
            return False
        if self.countries and guest.country not in self.countries:
            return False
        if self.languages and guest.language not in self.languages:
            return False
        return self._holds_at(local)

    def _holds_at(self, local: datetime) -> bool:
        clock = f"{local:%H:%M}"
        if self.begins > self.ends and clock < self.ends:
            local -= timedelta(days=1)  # still the night that began yesterday
        elif self.begins and not (self.begins <= clock and (clock < self.ends or self.ends < self.begins)):
            return False
        if self.days and local.isoweekday() not in self.days:
            return False
        day = f"{local:%Y-%m-%d}"
        return not (self.first and day < self.first) and not (self.last and day > self.last)


@dataclass(frozen=True, slots=True)
class Rule:
    """When this holds, the link leads there."""

    word: str
    when: When
    url: str


@dataclass(frozen=True, slots=True)
class Arm:
    """One address of a split; `url` is "" for the link's own."""

    word: str
    url: str
    weight: int


@dataclass(frozen=True, slots=True)
class Store:
    """One of several places where the same thing is sold, for the visitor to choose.

    url: of a WhatsApp, https://wa.me/<number>; `text` is what the chat begins with. parameter, value: the sub-id.
    """

    word: str
    kind: str
    url: str
    label: str = ""
    on: bool = True
    parameter: str = ""
    value: str = "{click}"
    text: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that decides where a link leads. dead: words of addresses where nothing is any more."""

    rules: tuple[Rule, ...] = ()
    arms: tuple[Arm, ...] = ()
    stores: tuple[Store, ...] = ()
    dead: frozenset[str] = frozenset()
    zone: str = "UTC"

    @property
    def shops(self) -> tuple[str, ...]:
        """The words that a visitor may choose from, the link's own address last."""
        open_ = tuple(store.word for store in self.stores if store.on and store.word not in self.dead)
        return open_ if MAIN in self.dead else (*open_, MAIN)


@dataclass(frozen=True, slots=True)
class Decision:
    """The word of the address, and why: rule (the nth), split, chosen before, the only shop left, plain.

    "ask": the visitor has to choose. "none": no shop is left; the link leads where it leads when it is over.
    """

    word: str
    by: By
    place: int = 0


def decide(plan: Plan, guest: Guest, moment: float, *, link_id: int, visitor: str, chosen: str = "") -> Decision:
    """Where a tap leads: the first rule that holds, else the split or the visitor's choice, else the link's own address."""
    if plan.rules:
        local = datetime.fromtimestamp(moment, UTC).astimezone(_zone(plan.zone))
        for place, rule in enumerate(plan.rules, 1):
            if rule.word not in plan.dead and rule.when.holds(guest, local):
                return Decision(rule.word, "rule", place)
    if plan.arms:
        return Decision(_arm(plan, link_id, visitor), "split")
    if not plan.stores:
        return Decision(MAIN, "plain")
    shops = plan.shops
    if chosen in shops:
        return Decision(chosen, "chosen")
    if len(shops) > 1:
        return Decision("", "ask")
    return Decision(shops[0], "only") if shops else Decision("", "none")


def _arm(plan: Plan, link_id: int, visitor: str) -> str:
    """The visitor's arm: the same as long as the weights are; who had a dead one gets one of the others."""
    word = _drawn(plan.arms, f"{link_id}:{visitor}")
    if word not in plan.dead:
        return word
    left = [arm for arm in plan.arms if arm.word not in plan.dead and arm.weight]
    return _drawn(left, f"{link_id}:{visitor}:again") if left else MAIN


def _drawn(arms: Sequence[Arm], seed: str) -> str:
    point = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8])
    place = point * sum(arm.weight for arm in arms) >> 64
    for arm in arms:
        place -= arm.weight
        if place < 0:
            return arm.word
    return MAIN


def read_plan(routes: Mapping[str, Any] | None, *, zone: str, dead: Sequence[str] = ()) -> Plan | None:
    """The plan of a link's stored routes; None where it has none."""
    routes = routes or {}
    rules = tuple(Rule(rule["word"], read_when(rule["when"]), rule["url"]) for rule in routes.get("rules", ()))
    arms = tuple(Arm(arm["word"], arm["url"], arm["weight"]) for arm in routes.get("arms", ()))
    stores = tuple(Store(**store) for store in routes.get("stores", ()))
    if not (rules or arms or stores):
        return None
    return Plan(rules, arms, stores, frozenset(dead), zone)


def read_when(given: Mapping[str, Any]) -> When:
    """Conditions from their document."""
    return When(
        frozenset(given.get("devices", ())), frozenset(given.get("countries", ())), frozenset(given.get("languages", ())),
        frozenset(given.get("days", ())), given.get("begins", ""), given.get("ends", ""), given.get("first", ""),
        given.get("last", ""),
    )  # fmt: skip


def address_of(store: Store, click: str, *, creator: str, channel: str, code: str, title: str) -> str:
    """The address of a shop with its sub-id filled in, or of a chat with its first words."""
    facts = {"{click}": click, "{creator}": creator, "{channel}": channel, "{code}": code.upper(), "{product}": title}
    if store.kind == "whatsapp":
        lines = [_filled(line, facts) for line in store.text.splitlines() if code or "{code}" not in line]
        return f"{store.url}?text={quote(chr(10).join(lines).strip(), safe='')}" if lines else store.url
    value = _filled(store.value, facts) if click or store.value != "{click}" else ""
    return with_parameters(store.url, {store.parameter: value}) if store.parameter and value else store.url


def _filled(text: str, facts: Mapping[str, str]) -> str:
    for name, value in facts.items():
        text = text.replace(name, value)
    return text


def kind_of(url: str) -> str:
    """What kind of shop an address is of, by its host; "shop" where it is none of the known."""
    labels = (urlsplit(url).hostname or "").split(".")
    return next((kind for kind, names in _HOSTS.items() if any(name in labels for name in names)), "shop")


def devices_of(agent: str) -> frozenset[str]:
    """What an agent string says it runs on, by the few words that matter; the exact answer is the judge's."""
    said = agent.casefold()
    system = "ios" if "iphone" in said or "ipad" in said or "ipod" in said else "android" if "android" in said else ""
    if "ipad" in said or "tablet" in said or (system == "android" and "mobile" not in said):
        device = "tablet"
    elif system or "mobile" in said:
        device = "phone"
    elif "windows nt" in said or "macintosh" in said or "x11" in said or "cros" in said:
        device = "desktop"
    else:
        device = ""
    return frozenset(word for word in (device, system) if word)


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError):  # a link leads on even where its creator's zone is none
        return UTC
