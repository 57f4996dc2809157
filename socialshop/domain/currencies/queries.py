"""Questions about a brand's rates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select

from ...kernel.database import in_parts, session
from .models import Rate, RateDesk
from .rules import Draft


def desk_of(brand_id: int) -> RateDesk | None:
    """How a brand's rates come in, if that was ever asked."""
    return session().scalar(select(RateDesk).where(RateDesk.brand_id == brand_id))


def automatic_desks() -> list[RateDesk]:
    """The desks whose rates are fetched every day."""
    return list(session().scalars(select(RateDesk).where(RateDesk.automatic).order_by(RateDesk.id)))


def rates_of(brand_id: int, pair: tuple[str, str] | None = None, *, limit: int = 50, offset: int = 0) -> list[Rate]:
    """A brand's rates, of one pair in either direction or of all, the newest moment first."""
    query = select(Rate).where(Rate.brand_id == brand_id)
    if pair is not None:
        query = query.where(_of(pair))
    return list(session().scalars(query.order_by(Rate.at.desc(), Rate.number.desc()).limit(limit).offset(offset)))


def counts_by_pair(brand_id: int) -> dict[frozenset[str], int]:
    """How many rates each pair has; the two directions are one pair."""
    rows = session().execute(
        select(Rate.base, Rate.quote, func.count()).where(Rate.brand_id == brand_id).group_by(Rate.base, Rate.quote)
    )
    counts: dict[frozenset[str], int] = {}
    for base, quote, count in rows:
        pair = frozenset((base, quote))
        counts[pair] = counts.get(pair, 0) + count
    return counts


def find_newest(brand_id: int, one: str, other: str, at: datetime) -> Rate | None:
    """The rate that counts at an instant: by its moment, then the later entry."""
    query = select(Rate).where(Rate.brand_id == brand_id, _of((one, other)), Rate.at <= at)
    return session().scalar(query.order_by(Rate.at.desc(), Rate.number.desc()).limit(1))


def touching(brand_id: int, currency: str) -> list[Rate]:
    """Every rate from or to a currency, in the order of entry."""
    query = select(Rate).where(Rate.brand_id == brand_id, or_(Rate.base == currency, Rate.quote == currency))
    return list(session().scalars(query.order_by(Rate.number)))


def find_known(brand_id: int, draft: Draft) -> Rate | None:
    """The rate that says the same, if it was told before."""
    return session().scalar(select(Rate).where(Rate.brand_id == brand_id, Rate.key == draft.key))


def known_among(brand_id: int, keys: Iterable[str]) -> list[Rate]:
    """Those rates of the brand that have one of these keys."""
    parts = (select(Rate).where(Rate.brand_id == brand_id, Rate.key.in_(part)) for part in in_parts(keys))
    return [rate for query in parts for rate in session().scalars(query)]


def all_of(brand_id: int) -> list[Rate]:
    """Everything, in the order of entry."""
    return list(session().scalars(select(Rate).where(Rate.brand_id == brand_id).order_by(Rate.number)))


def brands_with_rates() -> list[int]:
    """The ids of brands that know any rate."""
    return list(session().scalars(select(Rate.brand_id).distinct().order_by(Rate.brand_id)))


def _of(pair: tuple[str, str]) -> ColumnElement[bool]:
    one, other = pair
    return or_(and_(Rate.base == one, Rate.quote == other), and_(Rate.base == other, Rate.quote == one))
