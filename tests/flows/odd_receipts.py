"""Odd cases that a receipt must explain by itself, as scenario documents; the creator whose receipt it is comes first."""

from __future__ import annotations

from typing import Any

CREATORS: list[dict[str, Any]] = [{"id": "A", "codes": ["rani10"]}, {"id": "B", "codes": ["budi5"]}]
FROM = "2026-01-01T00:00:00Z"


def scenario(
    events: list[dict[str, Any]], now: str, *versions: dict[str, Any], creators: Any = CREATORS, **terms: Any
) -> dict[str, Any]:
    own = [{"from": FROM, "terms": {"hold_days": 14, "rules": [{"id": "all", "percent": "10"}], **terms}}, *versions]
    program = {"id": "p", "timezone": "Asia/Jakarta", "versions": own}
    return {"program": program, "creators": creators, "events": events, "now": now}


def order(order_id: str, at: str, *prices: int, **facts: Any) -> dict[str, Any]:
    lines = [{"id": f"l{i}", "price": price, "quantity": 1} for i, price in enumerate(prices, start=1)]
    return {"type": "order", "id": order_id, "at": at, "currency": "USD", "lines": lines, **facts}


def click(click_id: str, at: str, creator: str, visitor: str = "v1") -> dict[str, Any]:
    return {"type": "click", "id": click_id, "at": at, "creator": creator, "visitor": visitor, "channel": "instagram"}


def split_with_caps() -> dict[str, Any]:
    """Code and tap of two creators; the order's cap is shared over three lines, a third of it is this creator's."""
    events = [
        click("c1", "2026-06-01T03:00:00Z", "B"),
        order("o1", "2026-06-02T03:00:00Z", 3333, 3333, 3334, code="rani10", visitor="v1", discount=100),
    ]
    return scenario(
        events, "2026-06-03T00:00:00Z", code_vs_click={"code": "33.3333", "click": "66.6667"}, cap_per_order={"USD": 1000},
        rules=[{"id": "all", "percent": "12.5"}, {"id": "plus", "kind": "bonus", "percent": "3", "cap_per_order": {"USD": 200}}],
    )  # fmt: skip


def old_terms_by_notice() -> dict[str, Any]:
    """The program was cut from 15 to 10 percent; whoever had joined before keeps 15 for thirty days."""
    cut = {"from": "2026-06-01T00:00:00Z", "terms": {"hold_days": 30, "rules": [{"id": "less", "percent": "10"}]}}
    events = [order("o1", "2026-06-10T03:00:00Z", 9999, code="rani10")]
    return scenario(events, "2026-06-11T00:00:00Z", cut, notice_days=30, rules=[{"id": "all", "percent": "15"}])


def tiers_and_refund() -> dict[str, Any]:
    """The second order crosses a step of the tiers, and a part of one line goes back."""
    tiers = [{"up_to": {"USD": 100_000}, "percent": "5"}, {"percent": "8"}]
    events = [
        order("o1", "2026-06-02T03:00:00Z", 90_000, code="rani10"),
        order("o2", "2026-06-10T03:00:00Z", 7_050, 15_000, code="rani10"),
        {"type": "refund", "id": "r1", "order": "o2", "at": "2026-06-12T03:00:00Z", "lines": [{"line": "l2", "amount": 5_000}]},
        {"type": "refund", "id": "r2", "order": "o2", "at": "2026-06-13T03:00:00Z", "lines": [{"line": "l2", "amount": 1_000}]},
    ]
    return scenario(events, "2026-06-14T00:00:00Z", rules=[{"id": "steps", "tiers": tiers}])


def converted_and_clawed_back() -> dict[str, Any]:
    """Dollars paid as rupiah; after the payout a part goes back to the buyer."""
    events = [
        {"type": "fx", "id": "f1", "at": "2026-06-01T00:00:00Z", "base": "USD", "quote": "IDR", "rate": "16250.50"},
        order("o1", "2026-06-02T03:00:00Z", 8_990, code="rani10"),
        {"type": "payout", "id": "p1", "at": "2026-06-20T03:00:00Z"},
        {"type": "refund", "id": "r1", "order": "o1", "at": "2026-06-25T03:00:00Z", "amount": 3_000},
    ]
    return scenario(events, "2026-06-26T00:00:00Z", payout_currency="IDR", rules=[{"id": "all", "percent": "12.5"}])


def lifetime_customer() -> dict[str, Any]:
    """The buyer belongs to A; they type B's code all the same. Both receipts have to say so."""
    events = [
        order("o1", "2026-05-02T03:00:00Z", 5_000, code="rani10", customer={"id": "c1"}),
        click("c9", "2026-06-01T03:00:00Z", "B"),
        order("o2", "2026-06-02T03:00:00Z", 7_000, code="budi5", visitor="v1", customer={"id": "c1"}),
    ]
    return scenario(events, "2026-06-03T00:00:00Z", lifetime=True)


def renewal() -> dict[str, Any]:
    """The second payment of a subscription: as the first one, and no more than three payments earn."""
    paid = [
        order(
            f"o{n}", f"2026-0{n}-02T03:00:00Z", 4_990, code="rani10" if n == 1 else None,
            subscription={"id": "s1", "number": n, "period_start": f"2026-0{n}-01T00:00:00Z"},
        )
        for n in (1, 2, 3)
    ]  # fmt: skip
    rules = [{"id": "all", "percent": "20", "recurring": {"payments": 2}}]
    return scenario(paid, "2026-04-01T00:00:00Z", rules=rules)


def recruited() -> dict[str, Any]:
    """B recruited A and gets a part on top; it follows A's commission when goods go back."""
    creators = [{"id": "A", "codes": ["rani10"], "recruited_by": "B"}, {"id": "B", "codes": ["budi5"]}]
    events = [
        order("o1", "2026-06-02T03:00:00Z", 9_999, code="rani10"),
        {"type": "refund", "id": "r1", "order": "o1", "at": "2026-06-05T03:00:00Z", "amount": 1_000},
    ]
    return scenario(events, "2026-06-06T00:00:00Z", creators=creators, overrides=["12.5"])


def too_small() -> dict[str, Any]:
    events = [order("o1", "2026-06-02T03:00:00Z", 4_999, code="rani10")]
    return scenario(events, "2026-06-06T00:00:00Z", minimum_order={"USD": 5_000})
