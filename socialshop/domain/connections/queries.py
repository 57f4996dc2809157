"""Questions about connections, events and reviews."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from ...kernel.database import in_parts, session
from ...kernel.errors import NotFound
from .models import Connection, InboundEvent, Review
from .rules import live_secrets


def find(public_id: str) -> Connection | None:
    """The connection that a webhook's address names."""
    return session().scalar(select(Connection).where(Connection.public_id == public_id))


def get(connection_id: int) -> Connection:
    """A connection by its internal id; NotFound."""
    found = session().get(Connection, connection_id)
    if found is None:
        raise NotFound
    return found


def of_brand(brand_id: int) -> list[Connection]:
    """All of a brand's stores, the live ones first."""
    rows = select(Connection).where(Connection.brand_id == brand_id).order_by(Connection.state, Connection.id)
    return list(session().scalars(rows))


def connection_of(brand_id: int, public_id: str) -> Connection:
    """One of the brand's stores; NotFound for a stranger's."""
    found = find(public_id)
    if found is None or found.brand_id != brand_id:
        raise NotFound
    return found


def secrets_of(connection: Connection, *, now: datetime) -> list[str]:
    """The secrets that may have signed something now."""
    return live_secrets(connection.secret, connection.old_secret, connection.old_secret_until, now=now)


def last_heard(connection_ids: Collection[int]) -> dict[int, datetime]:
    """When each store last sent something that was signed."""
    rows = session().execute(
        select(InboundEvent.connection_id, func.max(InboundEvent.received_at))
        .where(InboundEvent.connection_id.in_(connection_ids))
        .group_by(InboundEvent.connection_id)
    )
    return {row[0]: row[1] for row in rows}


def get_event(event_id: int) -> InboundEvent:
    """An event by its internal id; NotFound."""
    found = session().get(InboundEvent, event_id)
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Kept:
    """An event that still has to be worked."""

    id: int
    object_id: str
    topic: str
    body: bytes


def kept_by_store(event_ids: Collection[int]) -> dict[int, list[int]]:
    """By connection, those of these events that still have to be worked, in the order in which they came."""
    found: dict[int, list[int]] = {}
    for part in in_parts(sorted(event_ids)):
        rows = select(InboundEvent.id, InboundEvent.connection_id).where(InboundEvent.id.in_(part), InboundEvent.state == "kept")
        for event_id, connection_id in session().execute(rows.order_by(InboundEvent.id)):
            found.setdefault(connection_id, []).append(event_id)
    return found


def kept_of(connection_id: int, event_ids: Collection[int]) -> list[Kept]:
    """Those of these events of a store that still have to be worked, in the order in which they came."""
    found: list[Kept] = []
    for part in in_parts(sorted(event_ids)):
        rows = select(InboundEvent.id, InboundEvent.object_id, InboundEvent.topic, InboundEvent.body).where(
            InboundEvent.id.in_(part), InboundEvent.connection_id == connection_id, InboundEvent.state == "kept"
        )
        found += [Kept(*row) for row in session().execute(rows.order_by(InboundEvent.id))]
    return found


def with_a_past(connection_id: int, object_ids: Collection[str]) -> set[str]:
    """Those of these orders that something is parked for, or that a person was ever asked about."""
    found: set[str] = set()
    for part in in_parts(object_ids):
        parked = select(InboundEvent.object_id).where(
            InboundEvent.connection_id == connection_id, InboundEvent.object_id.in_(part), InboundEvent.state == "parked"
        )
        reviewed = select(Review.remote_order_id).where(Review.connection_id == connection_id, Review.remote_order_id.in_(part))
        found |= set(session().scalars(parked)) | set(session().scalars(reviewed))
    return found


def event_of(connection_id: int, public_id: str) -> InboundEvent:
    """One of a store's events; NotFound for others."""
    found = session().scalar(
        select(InboundEvent).where(InboundEvent.public_id == public_id, InboundEvent.connection_id == connection_id)
    )
    if found is None:
        raise NotFound
    return found


def events_of(connection_id: int, *, state: str = "", before: int | None = None, limit: int = 30) -> list[InboundEvent]:
    """A store's newest events, perhaps only those in one state, perhaps older than one that was shown."""
    wanted = select(InboundEvent).where(InboundEvent.connection_id == connection_id)
    if state:
        wanted = wanted.where(InboundEvent.state == state)
    if before is not None:
        wanted = wanted.where(InboundEvent.id < before)
    return list(session().scalars(wanted.order_by(InboundEvent.id.desc()).limit(limit)))


def counts_of(connection_id: int) -> dict[str, int]:
    """How many events of a store are in each state."""
    rows = session().execute(
        select(InboundEvent.state, func.count()).where(InboundEvent.connection_id == connection_id).group_by(InboundEvent.state)
    )
    return {row[0]: row[1] for row in rows}


def parked_for(connection_id: int, object_id: str) -> list[InboundEvent]:
    """What waits for this order, in the order in which it came."""
    rows = select(InboundEvent).where(
        InboundEvent.connection_id == connection_id, InboundEvent.object_id == object_id, InboundEvent.state == "parked"
    )
    return list(session().scalars(rows.order_by(InboundEvent.id)))


def told_before(event: InboundEvent) -> bool:
    """Whether another delivery about the same thing was worked."""
    if not event.business_key:
        return False
    same = select(InboundEvent.id).where(
        InboundEvent.connection_id == event.connection_id,
        InboundEvent.object_id == event.object_id,
        InboundEvent.business_key == event.business_key,
        InboundEvent.state == "worked",
        InboundEvent.id != event.id,
    )
    return session().scalar(same.limit(1)) is not None


def newest_telling(connection_id: int, object_id: str, topics: Collection[str]) -> InboundEvent | None:
    """The newest event that tells this order itself."""
    rows = select(InboundEvent).where(
        InboundEvent.connection_id == connection_id,
        InboundEvent.object_id == object_id,
        InboundEvent.topic.in_(topics),
        InboundEvent.state.in_(("worked", "review", "parked")),
    )
    return session().scalar(rows.order_by(InboundEvent.told_at.desc(), InboundEvent.id.desc()).limit(1))


def newest_worked_at(connection_id: int, object_id: str) -> datetime | None:
    """When the store last changed the order, as far as it has been worked in."""
    return session().scalar(
        select(func.max(InboundEvent.told_at)).where(
            InboundEvent.connection_id == connection_id,
            InboundEvent.object_id == object_id,
            InboundEvent.state.in_(("worked", "review")),
        )
    )


def quarantined(*, limit: int = 100) -> list[InboundEvent]:
    """Events of all stores that could not be used: the operator's alarm list, newest first."""
    rows = select(InboundEvent).where(InboundEvent.state == "quarantined").order_by(InboundEvent.id.desc())
    return list(session().scalars(rows.limit(limit)))


def open_review_of(connection_id: int, remote_order_id: str) -> Review | None:
    """The undecided review of this order."""
    return session().scalar(
        select(Review).where(
            Review.connection_id == connection_id, Review.remote_order_id == remote_order_id, Review.state == "open"
        )
    )


def decided_review_of(connection_id: int, remote_order_id: str) -> Review | None:
    """What a person last decided about this order."""
    rows = select(Review).where(
        Review.connection_id == connection_id, Review.remote_order_id == remote_order_id, Review.state != "open"
    )
    return session().scalar(rows.order_by(Review.id.desc()).limit(1))


def reviews_of(brand_id: int, *, state: str = "open", limit: int = 100) -> list[Review]:
    """A brand's reviews in one state, the longest waiting (or the last decided) first."""
    order = Review.id if state == "open" else Review.closed_at.desc()
    return list(
        session().scalars(select(Review).where(Review.brand_id == brand_id, Review.state == state).order_by(order).limit(limit))
    )


def open_reviews(brand_id: int) -> int:
    """How many documents wait for somebody of this brand."""
    return (
        session().scalar(select(func.count()).select_from(Review).where(Review.brand_id == brand_id, Review.state == "open")) or 0
    )


def review_of(brand_id: int, public_id: str) -> Review:
    """One of the brand's reviews; NotFound for a stranger's."""
    found = session().scalar(select(Review).where(Review.public_id == public_id, Review.brand_id == brand_id))
    if found is None:
        raise NotFound
    return found
