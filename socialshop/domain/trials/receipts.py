"""The arithmetic of one creator's part of an order, under both sets of terms, as plain JSON. Pure."""

from __future__ import annotations

from typing import Any

from ..replay import OrderBook, Row
from ..terms import PricedLine, write_instant
from .rules import Outcome, line_amounts, reason_of


def receipts(outcome: Outcome, creator: str) -> dict[str, Any]:
    """What the page shows of a difference: the order, and how each set of terms comes to its amount."""
    order = outcome.order
    return {
        "order": {
            "code": order.code,
            "channel": outcome.before.arrival.channel or outcome.after.arrival.channel,
            "discount": order.discount,
            "shipping": order.shipping,
            "tax": order.tax,
            "refunded": outcome.after.goods.taken_in_all,
            "lines": [
                {key: getattr(line, key) for key in ("id", "product", "category", "price", "quantity")}
                for line in outcome.after.order.lines
            ],
        },
        "before": _receipt(outcome.before, outcome.rows[0], creator),
        "after": _receipt(outcome.after, outcome.rows[1], creator),
    }


def _receipt(book: OrderBook, rows: list[Row], creator: str) -> dict[str, Any]:
    receipt: dict[str, Any] = {"amount": 0, "overrides": [], "reason": None, "lines": []}
    for row in rows:
        if row.key.creator != creator:
            continue
        receipt["amount"] += row.amount
        if row.key.level:
            percent = row.stake.version.terms.overrides[row.key.level - 1]
            receipt["overrides"].append({"of": row.key.of, "level": row.key.level, "percent": percent, "amount": row.amount})
    stake = next((stake for stake in book.arrival.stakes if stake.creator.id == creator), None)
    if stake is None:
        receipt["reason"] = None if receipt["overrides"] else reason_of(book, creator) or "not_credited"
        return receipt
    priced = book.priced_of(stake)
    direct = next((row for row in rows if row.stake is stake and row.key.level == 0), None)
    kept = dict(line_amounts(book, direct)) if direct is not None else {}
    stages = priced.stages
    starts_at = stake.version.starts_at
    return receipt | {
        "via": stake.share.via,
        "percent": stake.share.percent,
        "version": None if starts_at is None else write_instant(starts_at),
        "reason": reason_of(book, creator) if not receipt["amount"] else None,
        "stages": [stages.earned, stages.after_rule_caps, stages.after_order_cap, stages.after_budget, stages.total],
        "lines": [_line(line, kept.get(line.line, 0)) for line in priced.lines],
    }


def _line(line: PricedLine, kept: int) -> dict[str, Any]:
    return {
        "line": line.line,
        "net": line.net,
        "base": line.base,
        "excluded": line.excluded,
        "pieces": [[piece.rule, piece.bonus, piece.rate, piece.amount, piece.capped] for piece in line.pieces],
        "amount": line.amount,
        "kept": kept,
    }
