"""Pricing against a second, slow reading of section 4 that shares no code with the first."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from socialshop.domain import replay, terms
from socialshop.domain.terms import CreatorFacts, Frozen, Share

from . import scenario_maker as maker

Document = dict[str, Any]


def rounded(value: Fraction, how: str) -> int:
    whole, rest = floor(value), value - floor(value)
    if how == "down":
        return whole
    up = rest > Fraction(1, 2) or (rest == Fraction(1, 2) and (how == "half_up" or whole % 2 == 1))
    return whole + up


def shared(total: int, weights: list[int]) -> list[int]:
    if sum(weights) == 0:
        return [total if i == 0 else 0 for i in range(len(weights))]
    exact = [Fraction(total) * weight / sum(weights) for weight in weights]
    parts = [floor(part) for part in exact]
    while sum(parts) < total:
        parts[max(range(len(parts)), key=lambda i: (exact[i] - parts[i] if parts[i] == floor(exact[i]) else -1, -i))] += 1
    return parts


def cut(amounts: list[int], limit: int | None) -> list[int]:
    return amounts if limit is None or sum(amounts) <= limit else shared(limit, amounts)


def gives(rule: Document, bases: list[int], quantities: list[int], volume: int, how: str) -> list[int]:
    if "percent" in rule:
        return [rounded(base * Fraction(rule["percent"]) / 100, how) for base in bases]
    if "flat" in rule:
        flat, per = rule["flat"]["USD"], rule["per"]
        return shared(flat, bases) if per == "order" else [flat * (quantity if per == "unit" else 1) for quantity in quantities]
    result = []
    for base in bases:
        if rule["tier_mode"] == "next_order":
            reached = next(tier for tier in rule["tiers"] if "up_to" not in tier or volume < tier["up_to"]["USD"])
            result.append(rounded(base * Fraction(reached["percent"]) / 100, how))
            continue
        exact, lower = Fraction(0), 0
        for tier in rule["tiers"]:
            upper = tier["up_to"]["USD"] if "up_to" in tier else 10**12
            inside = max(0, min(volume + base, upper) - max(volume, lower))
            exact, lower = exact + inside * Fraction(tier["percent"]) / 100, upper
        result.append(rounded(exact, how))
        volume += base
    return result


def matches(rule: Document, line: Document, via: str) -> bool:
    when = rule.get("when", {})
    named = {key: value if isinstance(value, list) else [value] for key, value in when.items()}
    return line["product"] in named.get("product", [line["product"]]) and via in named.get("via", [via])


def expected(
    promises: Document, goods: Document, via: str, share: Fraction, place: int, volume: int, left: int | None
) -> list[int]:
    lines, how = goods["lines"], promises["rounding"]
    gross = [line["price"] * line["quantity"] for line in lines]
    nets = [amount - part for amount, part in zip(gross, shared(goods["discount"], gross), strict=True)]
    bases = list(nets)
    for key in ("shipping", "tax"):
        if promises["base"][key]:
            bases = [base + part for base, part in zip(bases, shared(goods[key], nets), strict=True)]
    if sum(nets) < promises["minimum_order"].get("USD", 0):
        return [0] * len(lines)
    earning = [
        i for i, line in enumerate(lines) if not any(r["kind"] == "exclude" and matches(r, line, via) for r in promises["rules"])
    ]

    def worth(rule: Document, i: int) -> int:
        return gives(rule, [bases[i]], [lines[i]["quantity"]], volume, how)[0]

    def rank(rule: Document, i: int) -> tuple[int, int]:
        when = rule.get("when", {})
        by_money = promises["precedence"] == "highest"
        return (worth(rule, i), 0) if by_money else (int("product" in when), int("via" in when))

    won: dict[str, list[int]] = {rule["id"]: [] for rule in promises["rules"]}
    for i in earning:
        fitting = [rule for rule in promises["rules"] if rule["kind"] == "base" and matches(rule, lines[i], via)]
        if fitting:
            best = max(rank(rule, i) for rule in fitting)
            won[next(rule["id"] for rule in fitting if rank(rule, i) == best)].append(i)
        for rule in promises["rules"]:
            if rule["kind"] == "bonus" and matches(rule, lines[i], via):
                won[rule["id"]].append(i)
    totals = [0] * len(lines)
    for rule in promises["rules"]:
        mine = won[rule["id"]]
        if mine:
            amounts = gives(rule, [bases[i] for i in mine], [lines[i]["quantity"] for i in mine], volume, how)
            for i, amount in zip(mine, cut(amounts, rule.get("cap_per_order", {}).get("USD")), strict=True):
                totals[i] += amount
    totals = cut(cut(totals, promises["cap_per_order"].get("USD")), left)
    weights = [share, 100 - share] if place == 0 else [100 - share, share]
    part = shared(sum(totals), [int(weight * 10_000) for weight in weights])[place]
    return shared(part, totals)


@given(seed=st.integers(min_value=0, max_value=10**9))
@settings(max_examples=400, deadline=None)
def test_both_readings_give_the_same(seed: int) -> None:
    chance = Random(seed)
    document = maker.terms(chance, looks_at_others=True)
    for rule in document["rules"]:
        rule.pop("recurring", None)
    goods = maker.goods(chance)
    via, place, volume = chance.choice(["click", "code"]), chance.choice([0, 1]), chance.choice([0, 2500, 3000, 8999, 20_000])
    percent, left = chance.choice(["100", "70", "50", "33.3333"]), chance.choice([None, None, 0, 777])
    place = 0 if percent == "100" else place
    order = replay.read_event({"type": "order", "id": "o", "at": maker.at(0), "currency": "USD"} | goods)
    assert isinstance(order, terms.OrderFacts)
    promises = terms.read(document)
    priced = terms.price(
        order,
        CreatorFacts("A"),
        Share("A", via, percent, place),
        None,
        promises,
        Frozen(dict.fromkeys(("month", "quarter", "year", "all"), volume), budget_left=left),
        minimum=promises.minimum_order.get("USD"),
        zone=terms.Program("p", ()).zone,
    )
    wanted = expected(document, goods, via, Fraction(percent), place, volume, left)
    assert [line.amount for line in priced.lines] == wanted
