"""Which rules speak about an order and its lines for one creator, and which base rule wins a line.

What does not depend on the line is asked once an order: see `Offer`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from .document import Rule, Terms
from .facts import CreatorFacts, Line, OrderFacts, Via
from .recurring import lasts

_CUSTOMER = {True: "new", False: "returning", None: None}


@dataclass(frozen=True, slots=True)
class Buyer:
    """What rules may ask about an order as one creator brought it."""

    order: OrderFacts
    creator: CreatorFacts
    via: Via
    channel: str | None
    payments: int
    first_period_start: datetime | None
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Offer:
    """The rules that can match lines of one order; `ended` would, but for their recurring limit. In the terms' ranking."""

    excludes: tuple[Rule, ...]
    bases: tuple[Rule, ...]
    bonuses: tuple[Rule, ...]
    ended: tuple[Rule, ...]

    def excluded(self, line: Line) -> bool:
        """Whether this line earns nothing."""
        return any(fits(rule, line) for rule in self.excludes)


def offer(terms: Terms, buyer: Buyer) -> Offer:
    """The rules of the terms that this order can meet, as far as the order and the creator decide."""
    asked = {
        "creator": buyer.creator.id,
        "customer": _CUSTOMER[buyer.order.customer.new],
        "via": buyer.via,
        "channel": buyer.channel,
        "currency": buyer.order.currency,
    }
    ended: list[Rule] = []
    bases = _open_rules(terms.bases, buyer, asked, ended)
    bonuses = _open_rules(terms.bonuses, buyer, asked, ended)
    return Offer(_open_rules(terms.excludes, buyer, asked, ended), bases, bonuses, tuple(ended))


def _open_rules(rules: Iterable[Rule], buyer: Buyer, asked: dict[str, str | None], ended: list[Rule]) -> tuple[Rule, ...]:
    found = []
    for rule in rules:
        if not _meets(rule, buyer, asked):
            continue
        if rule.recurring is None or lasts(rule.recurring, buyer.order, buyer.payments, buyer.first_period_start, buyer.zone):
            found.append(rule)
        else:
            ended.append(rule)
    return tuple(found)


def _meets(rule: Rule, buyer: Buyer, asked: dict[str, str | None]) -> bool:
    """Whether the conditions that do not ask about the goods hold."""
    for condition, values in rule.on_order:
        if condition == "group":
            if values.isdisjoint(buyer.creator.groups):
                return False
        elif asked[condition] not in values:
            return False
    at = buyer.order.at
    if (rule.starts_at is not None and at < rule.starts_at) or (rule.ends_at is not None and at >= rule.ends_at):
        return False
    return _names(rule, buyer.order.currency)


def _names(rule: Rule, currency: str) -> bool:
    """Whether every amount of the rule knows this currency."""
    if rule.flat is not None:
        return currency in rule.flat
    if rule.tiers is not None:
        return all(tier.up_to is None or currency in tier.up_to for tier in rule.tiers)
    return True


def fits(rule: Rule, line: Line) -> bool:
    """Whether the conditions about the goods hold for this line."""
    for condition, values in rule.on_goods:  # noqa: SIM110 (the hottest loop of all: all() would take three times as long)
        if getattr(line, condition) not in values:
            return False
    return True
