"""Priced commissions, shares and frozen facts as plain JSON, and back: what the live system stores of an arrival."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..terms import Frozen, FxQuote, Piece, Priced, PricedLine, Share, Stages, read_instant


def share_document(share: Share) -> dict[str, object]:
    """A share as plain JSON."""
    return {"creator": share.creator, "via": share.via, "percent": share.percent, "place": share.place}


def share_from(document: Mapping[str, Any]) -> Share:
    """The share that `share_document` wrote."""
    return Share(document["creator"], document["via"], document["percent"], document["place"])


def priced_document(priced: Priced) -> dict[str, object]:
    """A priced commission as plain JSON."""
    stages = priced.stages
    return {
        "lines": [_line_document(line) for line in priced.lines],
        "stages": {
            "earned": stages.earned,
            "after_rule_caps": stages.after_rule_caps,
            "after_order_cap": stages.after_order_cap,
            "after_budget": stages.after_budget,
            "total": stages.total,
        },
        "below_minimum": priced.below_minimum,
        "limited": priced.limited,
        "budget_cut_to_nothing": priced.budget_cut_to_nothing,
    }


def priced_from(document: Mapping[str, Any]) -> Priced:
    """The priced commission that `priced_document` wrote."""
    return Priced(
        tuple(_line_from(line) for line in document["lines"]),
        Stages(**document["stages"]),
        document["below_minimum"],
        document["limited"],
        document["budget_cut_to_nothing"],
    )


def frozen_from(document: Mapping[str, Any]) -> Frozen:
    """The frozen facts of a stake."""
    start = document["first_period_start"]
    return Frozen(document["volumes"], document["payments"], start and read_instant(start), document["budget_left"])


def quote_from(document: Mapping[str, Any] | None) -> FxQuote | None:
    """The locked quote of a stake."""
    if document is None:
        return None
    return FxQuote(document["id"], read_instant(document["at"]), document["base"], document["quote"], document["rate"])


def _line_document(line: PricedLine) -> dict[str, object]:
    pieces = [
        {"rule": piece.rule, "bonus": piece.bonus, "rate": piece.rate, "amount": piece.amount, "capped": piece.capped}
        for piece in line.pieces
    ]
    return {
        "line": line.line,
        "net": line.net,
        "base": line.base,
        "excluded": line.excluded,
        "rule": line.rule,
        "bonus": list(line.bonus),
        "pieces": pieces,
        "amount": line.amount,
    }


def _line_from(document: Mapping[str, Any]) -> PricedLine:
    return PricedLine(
        document["line"],
        document["net"],
        document["base"],
        document["excluded"],
        document["rule"],
        tuple(document["bonus"]),
        tuple(Piece(**piece) for piece in document["pieces"]),
        document["amount"],
    )
