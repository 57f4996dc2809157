"""Keeping what orders came from. Nothing here commits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, insert, select, update

from ...kernel.database import in_parts, session
from .. import clicks, commissions, links, orders, social
from .models import OrderSource
from .rules import SHOWN_FOR, Showing, post_of_code

TEXTS = (
    "channel", "placement", "country", "device", "system", "browser", "inside", "language", "referrer", "utm_source",
    "utm_medium", "utm_campaign", "destination",
)  # fmt: skip


def note_sources(order_ids: Collection[int]) -> None:
    """Keep where these orders came from, which have just arrived; one statement for up to 500 of them, and a few where
    codes were typed that posts show. What was kept stays, whatever is posted later."""
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
    known = (OrderSource.order_id, OrderSource.creator_id, OrderSource.code, OrderSource.placed_at, OrderSource.post_id)
    for part in in_parts(order_ids):
        noted = insert(OrderSource).from_select(list(kept), found.where(credit.order_id.in_(part))).returning(*known)
        typed = [row for row in session().execute(noted) if row.code and row.post_id is None]
        if typed:
            _note_posts(typed)


def _note_posts(typed: Sequence[Any]) -> None:
    """Keep which posts typed codes were seen in, and on which channel where nothing else tells."""
    times = [row.placed_at for row in typed]
    shown = _showings({links.folded(row.code) for row in typed}, min(times) - 2 * SHOWN_FOR, max(times))
    for row in typed:
        post_id, channel = post_of_code(shown.get((row.creator_id, links.folded(row.code)), ()), row.placed_at)
        if post_id is not None:
            unsaid = (OrderSource.channel == "") & (OrderSource.click == "")
            session().execute(
                update(OrderSource)
                .where(OrderSource.order_id == row.order_id, OrderSource.creator_id == row.creator_id)
                .values(post_id=post_id, channel=case((unsaid, channel), else_=OrderSource.channel))
                .execution_options(synchronize_session=False)
            )


def _showings(codes: Collection[str], since: datetime, until: datetime) -> dict[tuple[int, str], list[Showing]]:
    """Which posts that were published in some time show these codes, by creator and code."""
    offer, target, channel, post = social.PostOffer, social.Target, social.Channel, social.Post
    query = (
        select(post.creator_id, offer.code, post.id, channel.provider, target.published_at)
        .join(target, target.id == offer.target_id)
        .join(channel, channel.id == target.channel_id)
        .join(post, post.id == target.post_id)
        .where(target.state == "published", target.published_at >= since, target.published_at <= until)
    )
    found: dict[tuple[int, str], list[Showing]] = defaultdict(list)
    for part in in_parts(codes):
        for creator_id, code, post_id, provider, at in session().execute(query.where(offer.code.in_(part))):
            if at is not None:
                found[creator_id, code].append(Showing(post_id, provider, at))
    return found
