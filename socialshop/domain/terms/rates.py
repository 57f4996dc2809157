"""What a rule gives on the lines that it won (or matched): percent, flat amounts, tiers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...kernel.money import Rounding, round_ratio, split
from .document import Rule, Tier

_MILLION = 1_000_000


def amounts_on(
    rule: Rule,
    bases: Sequence[int],
    quantities: Sequence[int],
    currency: str,
    volumes: Mapping[str, int],
    rounding: Rounding,
) -> list[int]:
    """The rule's amount on each of its lines, in order. volumes: the creator's earlier volume by tier period."""
    if rule.percent is not None:
        return percent_of(bases, rule.millionths, rounding)
    if rule.flat is not None:
        flat = rule.flat[currency]
        if rule.per == "unit":
            return [flat * quantity for quantity in quantities]
        return [flat] * len(bases) if rule.per == "line" else split(flat, bases)
    tiers, volume = rule.tiers or (), volumes[rule.tier_period]
    if rule.tier_mode == "next_order":
        reached = reached_tier(tiers, currency, volume)
        return percent_of(bases, reached.millionths, rounding)
    return _marginal(tiers, bases, currency, volume, rounding)


def percent_of(bases: Sequence[int], millionths: int, rounding: Rounding) -> list[int]:
    """The same part of every line, each rounded."""
    return [round_ratio(base * millionths, _MILLION, rounding) for base in bases]


def reached_tier(tiers: Sequence[Tier], currency: str, volume: int) -> Tier:
    """The first tier that the volume has not filled."""
    return next(tier for tier in tiers if tier.up_to is None or volume < tier.up_to[currency])


def _marginal(tiers: Sequence[Tier], bases: Sequence[int], currency: str, volume: int, rounding: Rounding) -> list[int]:
    """The lines fill the brackets one after the other from `volume` upward; a line's pieces are rounded once, together."""
    amounts, filled = [], volume
    for base in bases:
        exact, left = 0, base
        for tier in tiers:
            room = left if tier.up_to is None else min(left, max(0, tier.up_to[currency] - filled))
            exact += room * tier.millionths
            filled += room
            left -= room
        amounts.append(round_ratio(exact, _MILLION, rounding))
    return amounts


def rate_text(rule: Rule, currency: str, volumes: Mapping[str, int], base: int) -> str:
    """The rate as the terms say it: "12.5", a flat amount in minor units, or the percentages of the tiers that were used."""
    if rule.percent is not None:
        return rule.percent
    if rule.flat is not None:
        return str(rule.flat[currency])
    tiers, volume = rule.tiers or (), volumes[rule.tier_period]
    reached = reached_tier(tiers, currency, volume)
    if rule.tier_mode == "next_order" or base == 0:
        return reached.percent
    last = reached_tier(tiers, currency, volume + base - 1)
    return ", ".join(tier.percent for tier in tiers[tiers.index(reached) : tiers.index(last) + 1])
