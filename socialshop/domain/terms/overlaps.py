"""Which rules can meet on one line, which of them wins and why, and which can never earn anything. Pure.

What is told is certain: a rule "never wins" only where one single other rule always beats it. Several rules that only
together cover a third, or a creator who happens to be in a named group, are not worked out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from ...kernel.money import EXPONENTS, percentage
from .document import CONDITIONS, Rule, Terms, specificity

Why = Literal["creator", "group", "product", "category", "brand", "conditions", "earlier", "higher", "depends"]
Reason = Literal["beaten", "excluded", "empty_dates", "over", "no_currency"]

_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two base rules that can fit the same line. winner: None where it depends on the line; why: what decides."""

    one: str
    other: str
    winner: str | None
    why: Why


@dataclass(frozen=True, slots=True)
class Idle:
    """A rule that can never earn (or exclude) anything; because: the rule that always comes before it, if that is why."""

    rule: str
    reason: Reason
    because: str | None = None


def overlaps(terms: Terms) -> list[Overlap]:
    """Every pair of base rules that can fit the same line, in the terms' order."""
    bases = [rule for rule in terms.rules if rule.kind == "base"]
    found = []
    for i, one in enumerate(bases):
        for other in bases[i + 1 :]:
            if _meet(one, other):
                winner, why = _winner(terms, one, other)
                found.append(Overlap(one.id, other.id, winner.id if winner else None, why))
    return found


def idle(terms: Terms, now: datetime) -> list[Idle]:
    """The rules that can never earn or exclude anything from now on, and why; the surest reason of each."""
    found = []
    for rule in terms.rules:
        reason = _idle(terms, rule, now)
        if reason is not None:
            found.append(reason)
    return found


def _idle(terms: Terms, rule: Rule, now: datetime) -> Idle | None:
    if rule.starts_at is not None and rule.ends_at is not None and rule.starts_at >= rule.ends_at:
        return Idle(rule.id, "empty_dates")
    if rule.ends_at is not None and rule.ends_at <= now:
        return Idle(rule.id, "over")
    if not _currencies(rule):
        return Idle(rule.id, "no_currency")
    if rule.kind == "exclude":
        return None
    for other in terms.excludes:
        if _covers(other, rule):
            return Idle(rule.id, "excluded", other.id)
    if rule.kind == "base":
        for other in terms.rules:
            if other.kind == "base" and other is not rule and _covers(other, rule) and _winner(terms, other, rule)[0] is other:
                return Idle(rule.id, "beaten", other.id)
    return None


def _meet(one: Rule, other: Rule) -> bool:
    """Whether some line of some order can fit both."""
    for condition in CONDITIONS:
        if condition in one.when and condition in other.when and one.when[condition].isdisjoint(other.when[condition]):
            # several groups may hold at once; of all else an order or a line has one
            if condition == "group":
                continue
            return False
    if not _currencies(one) & _currencies(other):
        return False
    return max(one.starts_at or _FIRST, other.starts_at or _FIRST) < min(one.ends_at or _LAST, other.ends_at or _LAST)


def _covers(wide: Rule, narrow: Rule) -> bool:
    """Whether `wide` fits whatever `narrow` fits, at any time."""
    for condition, values in wide.when.items():
        if condition not in narrow.when or not narrow.when[condition] <= values:
            return False
    if not _currencies(narrow) <= _currencies(wide):
        return False
    if wide.recurring is not None and wide.recurring != narrow.recurring:
        return False
    starts_in_time = wide.starts_at is None or (narrow.starts_at is not None and wide.starts_at <= narrow.starts_at)
    lasts = wide.ends_at is None or (narrow.ends_at is not None and wide.ends_at >= narrow.ends_at)
    return starts_in_time and lasts


def _currencies(rule: Rule) -> set[str]:
    """The currencies of orders that a rule can match."""
    found = set(rule.when.get("currency", EXPONENTS))
    if rule.flat is not None:
        found &= set(rule.flat)
    for tier in rule.tiers or ():
        if tier.up_to is not None:
            found &= set(tier.up_to)
    return found


def _winner(terms: Terms, one: Rule, other: Rule) -> tuple[Rule | None, Why]:
    """Of two base rules that fit the same line: which wins, and what decides."""
    earlier = one if terms.rules.index(one) < terms.rules.index(other) else other
    if terms.precedence == "highest":
        if one.percent is None or other.percent is None:
            return None, "depends"
        if percentage(one.percent) == percentage(other.percent):
            return earlier, "earlier"
        return max(one, other, key=lambda rule: percentage(rule.percent)), "higher"
    first, second = specificity(one, terms.precedence), specificity(other, terms.precedence)
    if first == second:
        return earlier, "earlier"
    winner = one if first > second else other
    axis = next(i for i in range(3) if first[i] != second[i])
    if axis == 2:
        return winner, "conditions"
    goods_axis = 0 if terms.precedence == "product_first" else 1
    names: tuple[Why, ...] = ("product", "category", "brand") if axis == goods_axis else ("creator", "group")
    why = next(name for name in names if name in winner.when)
    return winner, why
