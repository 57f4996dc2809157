"""Strategies for scenario documents: terms with everything in them, people, goods, and what happens to orders."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

Document = dict[str, Any]
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
CURRENCIES = ("USD", "IDR")
PRICES = {"USD": (2599, 14_999, 1000, 333, 1, 0), "IDR": (149_000, 333_333, 49_000, 1, 0)}
CREATORS = ("A", "B", "C", "D")


def at(hours: float) -> str:
    """An instant so many hours after the beginning."""
    return moment(BEGIN + timedelta(hours=hours))


def moment(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def limits(*values: int) -> st.SearchStrategy[Document]:
    """Per currency, or none: amounts in dollars' cents; rupiah are a hundred times as many."""
    both = [{"USD": value, "IDR": value * 100} for value in values]
    return st.sampled_from([{}, {}, *both, *({"USD": value} for value in values[:1])])


@st.composite
def rules(draw: st.DrawFn, number: int, looks_at_others: bool) -> Document:
    kind = draw(st.sampled_from(["base", "base", "base", "bonus", "exclude"]))
    found: Document = {"id": f"r{number}", "kind": kind}
    if kind == "exclude":
        return found | {"when": {"product": "z"}}
    when: Document = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "creator": st.sampled_from(["A", ["A", "B"]]),
                "group": st.just("vip"),
                "product": st.sampled_from(["x", ["x", "y"]]),
                "category": st.just("tea"),
                "customer": st.sampled_from(["new", "returning"]),
                "via": st.sampled_from(["code", "click", ["code", "lifetime", "subscription"]]),
                "channel": st.just("instagram"),
                "currency": st.sampled_from(CURRENCIES),
            },
        )
    )
    # few conditions at a time, or nothing would ever match
    found |= {"when": dict(list(when.items())[: draw(st.integers(0, 2))])}
    if not found["when"]:
        del found["when"]
    how = draw(st.sampled_from(["percent", "percent", "flat", "tiers"] if looks_at_others else ["percent", "flat"]))
    if how == "percent":
        found["percent"] = draw(st.sampled_from(["10", "12.5", "7.3333", "100", "0"]))
    elif how == "flat":
        found |= {"flat": draw(st.sampled_from([{"USD": 101, "IDR": 15_000}, {"USD": 500}, {"USD": 0, "IDR": 1}]))}
        found["per"] = draw(st.sampled_from(["order", "line", "unit"]))
    else:
        found["tiers"] = [
            {"up_to": {"USD": 3000, "IDR": 300_000}, "percent": "5"},
            {"up_to": {"USD": 9000, "IDR": 900_000}, "percent": "8"},
            {"percent": "10"},
        ]
        found["tier_mode"] = draw(st.sampled_from(["marginal", "next_order"]))
        found["tier_period"] = draw(st.sampled_from(["month", "quarter", "year", "all"]))
    found |= {"cap_per_order": cap} if (cap := draw(limits(333))) else {}
    if looks_at_others and draw(st.integers(0, 4)) == 0:
        found["recurring"] = draw(st.sampled_from([{"payments": 2}, {"payments": 3, "months": 2}, {"months": 3}]))
    return found


@st.composite
def terms(draw: st.DrawFn, looks_at_others: bool = True, generous: bool = False) -> Document:
    """Terms with about everything in them; looks_at_others: tiers, budget, lifetime, recurring too; generous: most orders earn."""
    split = st.sampled_from(["code", "click", {"code": "70", "click": "30"}, {"code": "33.3333", "click": "66.6667"}])
    found: Document = {
        "window_days": draw(st.sampled_from([3, 30])),
        "touch": draw(st.sampled_from(["last", "first"])),
        "code_vs_click": draw(split),
        "code_policy": draw(st.sampled_from(["always", "always", "if_involved", "if_winner"])),
        "self_referral": draw(st.sampled_from(["reject", "allow"])),
        "hold_days": draw(st.sampled_from([0, 5, 14])),
        "rounding": draw(st.sampled_from(["half_up", "half_even", "down"])),
        "precedence": draw(st.sampled_from(["creator_first", "product_first", "highest"])),
        "notice_days": draw(st.sampled_from([0, 10])),
        "overrides": draw(st.sampled_from([[], ["5"], ["12.5", "50"]])),
        "base": {"shipping": draw(st.booleans()), "tax": draw(st.booleans())},
        "minimum_payout": draw(limits(300, 5_000)),
        "minimum_order": draw(limits(500)),
        "cap_per_order": draw(limits(900)),
        "payout_currency": draw(st.sampled_from([None, None, "IDR", "USD", "JPY", "KWD"])),
        "rules": [draw(rules(i, looks_at_others)) for i in range(draw(st.integers(1, 4)))],
    }
    if looks_at_others:
        found |= {"lifetime": draw(st.booleans()), "budget": draw(limits(2_000, 20_000))}
    if generous and draw(st.integers(0, 5)):
        found["rules"].append({"id": "all", "percent": draw(st.sampled_from(["12.5", "7.3333", "20"]))})
        found |= {"minimum_order": {}, "code_policy": "always", "window_days": 30}
        found |= {"budget": {}} if draw(st.booleans()) else {}
    return found


@st.composite
def programs(draw: st.DrawFn, looks_at_others: bool = True, generous: bool = False) -> Document:
    versions = [{"from": at(-24 * 30), "terms": draw(terms(looks_at_others, generous))}]
    if draw(st.booleans()):
        versions.append({"from": at(24 * 20), "terms": draw(terms(looks_at_others, generous))})
    return {"id": "p", "timezone": draw(st.sampled_from(["UTC", "Asia/Jakarta", "America/New_York"])), "versions": versions}


@st.composite
def casts(draw: st.DrawFn) -> list[Document]:
    """A was recruited by B, B by C; D is by themself."""
    leaving = {"left_at": at(24 * draw(st.integers(10, 40)))} if draw(st.booleans()) else {}
    return [
        {"id": "A", "codes": ["a", "aa"], "recruited_by": "B", "email": "a@example.com", "groups": ["vip"]},
        {"id": "B", "codes": ["b"], "recruited_by": "C"},
        {"id": "C", "codes": ["c"], **leaving},
        {"id": "D", "codes": ["d"], "enrolled_at": at(draw(st.sampled_from([-100, 24 * 10])))},
    ]


@st.composite
def goods(draw: st.DrawFn, currency: str) -> Document:
    """Lines, discount, shipping and tax of an order or an edit; the discount is never larger than the goods."""
    lines: list[Document] = []
    for i in range(draw(st.integers(1, 3))):
        price, quantity = draw(st.sampled_from(PRICES[currency])), draw(st.integers(1, 3))
        line: Document = {"id": f"l{i}", "price": price, "quantity": quantity, "product": draw(st.sampled_from("xyz"))}
        line |= {"category": "tea"} if draw(st.booleans()) else {}
        own = draw(st.sampled_from([0, 0, min(1, price), price]))
        lines.append(line | ({"discount": own} if own else {}))
    worth = sum(line["price"] * line["quantity"] - line.get("discount", 0) for line in lines)
    discount = draw(st.sampled_from([0, 0, worth // 10, worth // 3, worth]))
    return {
        "lines": lines,
        "discount": discount,
        "shipping": draw(st.sampled_from([0, 599])),
        "tax": draw(st.sampled_from([0, 77])),
    }


@st.composite
def orders(draw: st.DrawFn, order_id: str, when: str) -> Document:
    currency = draw(st.sampled_from(CURRENCIES))
    found: Document = {
        "type": "order",
        "id": order_id,
        "at": when,
        "currency": currency,
        "customer": {
            "id": draw(st.sampled_from("mno")),
            "email": draw(st.sampled_from([None, None, None, "A+x@example.com"])),
            "new": draw(st.sampled_from([None, True, False])),
        },
    }
    optional = {
        "visitor": draw(st.sampled_from(["v", "w", None])),
        "code": draw(st.sampled_from(["a", "B", "aa", "c", "d", "a", None, None, "zzz"])),
        "channel": draw(st.sampled_from([None, None, "instagram"])),
    }
    found |= {key: value for key, value in optional.items() if value is not None}
    if draw(st.integers(0, 3)) == 0:
        number = draw(st.integers(1, 4))
        found["subscription"] = {"id": draw(st.sampled_from("st")), "number": number, "period_start": at(24 * 30 * number)}
    return found | draw(goods(currency))


def clicks(click_id: str, when: str) -> st.SearchStrategy[Document]:
    return st.fixed_dictionaries(
        {
            "type": st.just("click"),
            "id": st.just(click_id),
            "at": st.just(when),
            "creator": st.sampled_from(CREATORS),
            "visitor": st.sampled_from("vw"),
            "class": st.sampled_from(["payable", "payable", "payable", "robot"]),
        },
        optional={"channel": st.sampled_from(["instagram", "tiktok"])},
    )


def quotes(quote_id: str, when: str) -> st.SearchStrategy[Document]:
    pairs = [
        ("USD", "IDR", "16250.00"),
        ("USD", "IDR", "16301.5"),
        ("USD", "JPY", "149.35"),
        ("KWD", "USD", "3.2511"),
        ("IDR", "JPY", "0.0092"),
    ]
    made = [{"type": "fx", "id": quote_id, "at": when, "base": base, "quote": quote, "rate": rate} for base, quote, rate in pairs]
    return st.sampled_from(made)


def refund_sizes() -> st.SearchStrategy[Document]:
    lines = st.lists(
        st.fixed_dictionaries({"line": st.sampled_from(["l0", "l1", "l9"]), "amount": st.sampled_from([0, 1, 700, 30_000])}),
        min_size=1, max_size=2,
    )  # fmt: skip
    return st.one_of(
        st.sampled_from([0, 1, 333, 2_500, 50_000, 10**7]).map(lambda minor: {"amount": minor}),
        st.just({"full": True}),
        lines.map(lambda parts: {"lines": parts}),
    )


@st.composite
def afterwards(draw: st.DrawFn, order_id: str, currency: str, head: str, when: str, later: str) -> list[Document]:
    """One thing that happens to an order, or a thing and what follows it."""
    about = {"id": head, "at": when, "order": order_id}
    kind = draw(st.sampled_from(["refund", "refund", "refund", "order_edit", "dispute", "hold", "reject"]))
    if kind == "refund":
        return [about | {"type": "refund"} | draw(refund_sizes())]
    if kind == "order_edit":
        return [about | {"type": "order_edit"} | draw(goods(currency))]
    if kind == "dispute":
        end = {"type": "dispute_closed", "id": f"{head}c", "at": later, "dispute": head, "won": draw(st.booleans())}
        return [about | {"type": "dispute"}, end][: draw(st.integers(1, 2))]
    person = about | {"creator": draw(st.sampled_from("ABC"))}
    if kind == "hold":
        end = {"type": "release", "id": f"{head}u", "at": later, "hold": head}
        return [person | {"type": "hold", "reason": "?"}, end][: draw(st.integers(1, 2))]
    return [person | {"type": "reject"}]


@st.composite
def histories(draw: st.DrawFn, number: int) -> list[Document]:
    """One order's own events in the order in which they arrive; sometimes the order comes last, or things come twice."""
    order = draw(orders(f"o{number}", at(24 * draw(st.integers(1, 40)))))
    found = [order]
    for j in range(draw(st.integers(0, 4))):
        day = draw(st.integers(41, 50))
        found += draw(afterwards(order["id"], order["currency"], f"{order['id']}-{j}", at(24 * day), at(24 * (day + 5))))
    if draw(st.integers(0, 4)) == 0:
        found.append(found.pop(0))
    if draw(st.integers(0, 4)) == 0:
        found.append(draw(st.sampled_from(found)))
    return found


@st.composite
def scenarios(draw: st.DrawFn) -> Document:
    """A whole scenario document."""
    looks_at_others = draw(st.booleans())
    left = [draw(histories(i)) for i in range(draw(st.integers(1, 4)))]
    left.append([draw(clicks(f"k{i}", at(24 * draw(st.integers(0, 40))))) for i in range(draw(st.integers(0, 4)))])
    left.append([draw(quotes(f"q{i}", at(24 * i))) for i in range(draw(st.integers(0, 3)))])
    for i in range(draw(st.integers(0, 3))):
        day = draw(st.integers(30, 58))
        run: list[Document] = [{"type": "payout", "id": f"p{i}", "at": at(24 * day)}]
        if draw(st.booleans()):
            back = {
                "type": "payout_failed",
                "id": f"f{i}",
                "at": at(24 * 59),
                "payout": f"p{i}",
                "creator": draw(st.sampled_from("AB")),
            }
            run.append(back)
        left.append(run)
    events = []
    while any(left):
        events.append(draw(st.sampled_from([own for own in left if own])).pop(0))
    return {
        "program": draw(programs(looks_at_others)),
        "creators": draw(casts()),
        "events": events,
        "now": at(24 * draw(st.sampled_from([45, 60]))),
    }
