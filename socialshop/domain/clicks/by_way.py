"""How many payable clicks each of a link's ways has had."""

from __future__ import annotations

from sqlalchemy import func, select

from ...kernel.database import session
from .models import Click


def by_way(creator_id: int, link_id: int) -> dict[str, int]:
    """Of a creator's link: the word of the way → payable clicks that are still in `clicks`; "" before it had several."""
    rows = session().execute(
        select(Click.destination, func.count())
        .where(Click.creator_id == creator_id, Click.link_id == link_id, Click.kind == "payable")
        .group_by(Click.destination)
    )
    return {row[0]: row[1] for row in rows}
