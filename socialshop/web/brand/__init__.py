"""For brands: products, programs, creators, orders, payouts and connections, under /brand/<slug>."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g

bp = Blueprint("brand", __name__, url_prefix="/brand/<brand>")


@bp.url_value_preprocessor
def _take_brand(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.brand_slug = (values or {}).pop("brand", "")


@bp.url_defaults
def _give_brand(_endpoint: str, values: dict[str, Any]) -> None:
    values.setdefault("brand", g.get("brand_slug", ""))


from . import (  # noqa: E402, F401
    appeals,
    commissions,
    connections,
    creators,
    disputes,
    home,
    judgements,
    keys,
    members,
    order_refunds,
    orders,
    payout_files,
    payout_maps,
    payout_results,
    payout_schedule,
    payout_sending,
    payouts,
    products,
    programs,
    rates,
    receipts,
    reviews,
    sending,
    settings,
    statements,
    statistics,
    terms,
    what_if,
)
