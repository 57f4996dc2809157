"""Scenario documents drawn by chance, for properties that hold whatever the terms and the facts are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

START = datetime(2026, 1, 1, tzinfo=UTC)
Document = dict[str, Any]


def at(hours: int) -> str:
    return (START + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def program(chance: Random, *, looks_at_others: bool) -> Document:
    versions = [{"from": at(-24 * 30), "terms": terms(chance, looks_at_others=looks_at_others)}]
    if chance.random() < 0.5:
        versions.append({"from": at(24 * 40), "terms": terms(chance, looks_at_others=looks_at_others)})
    return {"id": "p", "timezone": chance.choice(["UTC", "Asia/Jakarta", "America/New_York"]), "versions": versions}


def terms(chance: Random, *, looks_at_others: bool) -> Document:
    found: Document = {
        "window_days": chance.choice([10, 90]),
        "touch": chance.choice(["last", "first"]),
        "code_vs_click": chance.choice(["code", "click", {"code": "70", "click": "30"}, {"code": "33.3333", "click": "66.6667"}]),
        "code_policy": chance.choice(["always", "if_involved", "if_winner"]),
        "hold_days": chance.choice([0, 5, 30]),
        "rounding": chance.choice(["half_up", "half_even", "down"]),
        "precedence": chance.choice(["creator_first", "product_first", "highest"]),
        "notice_days": chance.choice([0, 30]),
        "overrides": chance.choice([[], ["5"], ["12.5", "50"]]),
        "base": {"shipping": chance.random() < 0.5, "tax": chance.random() < 0.3},
        "minimum_payout": chance.choice([{}, {"USD": 300}]),
        "minimum_order": chance.choice([{}, {"USD": 500}]),
        "cap_per_order": chance.choice([{}, {"USD": 900}]),
        "payout_currency": chance.choice([None, None, "JPY", "KWD"]),
        "rules": [rule(chance, i, looks_at_others=looks_at_others) for i in range(chance.randint(1, 5))],
    }
    if looks_at_others:
        found |= {"lifetime": chance.random() < 0.3, "budget": chance.choice([{}, {"USD": 2000}])}
    return found


def rule(chance: Random, i: int, *, looks_at_others: bool) -> Document:
    kind = chance.choice(["base", "base", "bonus", "exclude"])
    found: Document = {"id": f"r{i}", "kind": kind}
    if chance.random() < 0.4:
        found["when"] = {"product": chance.choice(["x", ["x", "y"]])}
    if chance.random() < 0.2:
        found.setdefault("when", {})["via"] = chance.choice(["code", "click"])
    if kind == "exclude":
        return found | {"when": {"product": "z"}}
    amount = chance.choice(["percent", "percent", "flat", "tiers"] if looks_at_others else ["percent", "flat"])
    if amount == "percent":
        found["percent"] = chance.choice(["10", "12.5", "7.3333", "100"])
    elif amount == "flat":
        found |= {"flat": {"USD": chance.choice([0, 101, 500])}, "per": chance.choice(["order", "line", "unit"])}
    else:
        found["tiers"] = [{"up_to": {"USD": 3000}, "percent": "5"}, {"up_to": {"USD": 9000}, "percent": "8"}, {"percent": "10"}]
        found["tier_mode"] = chance.choice(["marginal", "next_order"])
        found["tier_period"] = chance.choice(["month", "quarter", "year", "all"])
    if chance.random() < 0.2:
        found["cap_per_order"] = {"USD": 333}
    if looks_at_others and chance.random() < 0.2:
        found["recurring"] = {"payments": 2, "months": 3}
    return found


def creators(chance: Random) -> list[Document]:
    return [
        {"id": "A", "codes": ["a"], "recruited_by": "B", "email": "a@example.com"},
        {"id": "B", "codes": ["b"], "recruited_by": "C"},
        {"id": "C", "codes": ["c"]} | ({"left_at": at(24 * 50)} if chance.random() < 0.5 else {}),
    ]


def lines(chance: Random) -> list[Document]:
    return [
        {
            "id": f"l{i}",
            "price": chance.choice([0, 333, 1000, 2599]),
            "quantity": chance.randint(1, 3),
            "product": chance.choice("xyz"),
        }
        for i in range(chance.randint(1, 4))
    ]


def goods(chance: Random) -> Document:
    of_order = lines(chance)
    worth = sum(line["price"] * line["quantity"] for line in of_order)
    return {
        "lines": of_order,
        "discount": chance.randint(0, worth),
        "shipping": chance.choice([0, 599]),
        "tax": chance.choice([0, 77]),
    }


def order(chance: Random, i: int) -> Document:
    found: Document = {
        "type": "order", "id": f"o{i}", "at": at(24 * chance.randint(1, 80)), "currency": "USD",
        "visitor": chance.choice(["v", "w", None]), "code": chance.choice(["a", "B", None, "zzz"]),
        "customer": {"id": chance.choice("mn"), "email": chance.choice(["A+x@example.com", None]), "new": chance.random() < 0.5},
    }  # fmt: skip
    if chance.random() < 0.3:
        number = chance.randint(1, 4)
        found["subscription"] = {"id": "s", "number": number, "period_start": at(24 * 30 * number)}
    return found | goods(chance)


def later(chance: Random, order_id: str, i: int) -> list[Document]:
    """One thing that happens to an order, or a thing and what follows it."""
    head = {"id": f"{order_id}-{i}", "at": at(24 * chance.randint(81, 90))}
    about = head | {"order": order_id}
    kind = chance.choice(["refund", "refund", "refund", "edit", "dispute", "hold", "reject"])
    if kind == "refund":
        said: Document = chance.choice(
            [
                {"amount": chance.randint(0, 4000)},
                {"full": True},
                {"lines": [{"line": "l0", "amount": 700}, {"line": "l9", "amount": 5}]},
            ]
        )
        return [about | {"type": "refund"} | said]
    if kind == "edit":
        return [about | {"type": "order_edit"} | goods(chance)]
    if kind == "dispute":
        end = {
            "type": "dispute_closed",
            "id": head["id"] + "c",
            "at": at(24 * 95),
            "dispute": head["id"],
            "won": chance.random() < 0.5,
        }
        return [about | {"type": "dispute"}, *([end] if chance.random() < 0.7 else [])]
    person = about | {"creator": chance.choice("ABC")}
    if kind == "hold":
        end = {"type": "release", "id": head["id"] + "u", "at": at(24 * 95), "hold": head["id"]}
        return [person | {"type": "hold", "reason": "?"}, *([end] if chance.random() < 0.7 else [])]
    return [person | {"type": "reject"}]


def touches(chance: Random) -> list[Document]:
    clicks = [
        {
            "type": "click",
            "id": f"k{i}",
            "at": at(24 * chance.randint(0, 60)),
            "creator": chance.choice("ABC"),
            "visitor": chance.choice("vw"),
        }
        for i in range(4)
    ]
    quotes = [
        {"type": "fx", "id": "q1", "at": at(0), "base": "USD", "quote": "JPY", "rate": "149.35"},
        {"type": "fx", "id": "q2", "at": at(24 * 20), "base": "KWD", "quote": "USD", "rate": "3.2511"},
    ]
    return [*clicks, *quotes]


def histories(chance: Random, orders: int) -> list[list[Document]]:
    """Per order its own events, in the order in which they arrive."""
    found = []
    for i in range(orders):
        own = [order(chance, i)]
        for j in range(chance.randint(0, 5)):
            own += later(chance, f"o{i}", j)
        if chance.random() < 0.2:
            own.append(own.pop(0))  # the order comes last, what is about it waits
        found.append(own)
    return found


def interleaved(chance: Random, own: list[list[Document]]) -> list[Document]:
    """The events of all orders, mixed; each order's own keep their order."""
    left = [list(events) for events in own]
    found = []
    while any(left):
        found.append(chance.choice([events for events in left if events]).pop(0))
    return found


def with_payouts(chance: Random, events: list[Document]) -> list[Document]:
    found = list(events)
    for i in range(chance.randint(0, 5)):
        found.insert(chance.randint(0, len(found)), {"type": "payout", "id": f"p{i}", "at": at(24 * chance.randint(60, 99))})
        if chance.random() < 0.5:
            failure = {
                "type": "payout_failed",
                "id": f"f{i}",
                "at": at(24 * 99),
                "payout": f"p{i}",
                "creator": chance.choice("AB"),
            }
            found.insert(chance.randint(0, len(found)), failure)
    return found


def scenario(seed: int, *, looks_at_others: bool = True) -> Document:
    chance = Random(seed)
    own = histories(chance, chance.randint(1, 6))
    return {
        "program": program(chance, looks_at_others=looks_at_others),
        "creators": creators(chance),
        "events": [*touches(chance), *with_payouts(chance, interleaved(chance, own))],
        "now": at(24 * 100),
    }
