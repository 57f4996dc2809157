"""Keeping what orders came from. Nothing here commits."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import case, func, insert, select

from ...kernel.database import in_parts, session
from .. import clicks, commissions, links, orders
from .models import OrderSource

TEXTS = (
    "channel", "placement", "country", "device", "system", "browser", "inside", "language", "referrer", "utm_source",
    "utm_medium", "utm_campaign", "destination",
)  # fmt: skip


def note_sources(order_ids: Collection[int]) -> None:
    """Keep where these orders came from, which have just arrived; one statement for up to 500 of them."""
    credit, order, click, link = commissions.Credit, orders.Order, clicks.Click, links.TrackedLink
    kept: dict[str, Any] = {
        "order_id": credit.order_id, "creator_id": credit.creator_id, "program_id": credit.program_id,
        "placed_at": credit.placed_at, "currency": credit.currency, "percent": credit.percent, "via": credit.via,
        "code": case((credit.via == "code", order.code), else_=""), "click": credit.click, "clicked_at": click.at,
        "link_id": click.link_id, "product_id": link.product_id, "post_id": click.post_id,
        **{name: func.coalesce(getattr(click, name), "") for name in TEXTS},
    }  # fmt: skip
    found = (
        select(*kept.values())
        .join(order, order.id == credit.order_id)
        .outerjoin(click, (click.public_id == credit.click) & (credit.click != ""))
        .outerjoin(link, link.id == click.link_id)
    )
    for part in in_parts(order_ids):
        session().execute(insert(OrderSource).from_select(list(kept), found.where(credit.order_id.in_(part))))
