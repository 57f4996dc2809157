"""How many payable clicks each of a link's ways has had."""

from __future__ import annotations

from sqlalchemy import func, select

from ...kernel.database import session
from .models import Click


def by_way(link_id: int) -> dict[str, int]:
    """The word of the way → payable clicks, of those that are still in `clicks`; "" before the link had several."""
    rows = session().execute(
        select(Click.destination, func.count())
        .where(Click.link_id == link_id, Click.kind == "payable")
        .group_by(Click.destination)
    )
    return dict(rows)
