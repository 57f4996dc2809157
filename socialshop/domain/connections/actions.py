"""What this room does. Never commits; moves only along declared edges, by conditional update."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from ...kernel.database import in_parts, new_id, session
from ...kernel.errors import N_, Conflict
from ...kernel.vault import new_token
from .models import Connection, InboundEvent, Review
from .rules import SECRET_OVERLAP


class AlreadyDecided(Conflict):
    """Somebody else was faster, or the page was old."""

    code = "already_decided"
    message = N_("This was decided in the meantime. Nothing was changed twice.")


def connect(brand_id: int, *, provider: str, name: str, shop: str, program_id: int | None, now: datetime) -> Connection:
    """A new connection. It accepts nothing before it has a secret."""
    made = Connection(brand_id=brand_id, provider=provider, name=name, shop=shop, program_id=program_id, created_at=now)
    session().add(made)
    session().flush()
    return made


def set_secret(connection_id: int, secret: str, *, now: datetime) -> None:
    """The secret from now on; the one that was in use is accepted for another 24 hours.

    A secret that has never signed anything is dropped at once, so that setting it again by mistake does not cost the
    one that the store still uses.
    """
    row = lock(connection_id)
    if secret == row.secret:
        return
    if row.secret and row.secret_proved_at is not None:
        row.old_secret, row.old_secret_until = row.secret, now + SECRET_OVERLAP
    row.secret, row.secret_set_at, row.secret_proved_at = secret, now, None
    session().flush()


def make_secret(connection_id: int, *, now: datetime) -> str:
    """A new secret of 256 bits in letters, digits, "-" and "_" (WordPress would change & < > and quotes)."""
    secret = new_token()
    set_secret(connection_id, secret, now=now)
    return secret


def note_proof(connection_id: int, *, now: datetime) -> None:
    """A delivery was signed with the present secret: the webhook works."""
    session().execute(
        update(Connection)
        .where(Connection.id == connection_id, Connection.secret_proved_at.is_(None))
        .values(secret_proved_at=now)
    )


def change(connection_id: int, *, name: str, shop: str, program_id: int | None) -> None:
    """Other words for the same store."""
    row = lock(connection_id)
    row.name, row.shop, row.program_id = name, shop, program_id
    session().flush()


def turn(connection_id: int, state: str) -> bool:
    """Switch to "live" or "off"; False where it was so. While off, its webhooks get the same 401 as a stranger's."""
    found = session().scalar(
        update(Connection)
        .where(Connection.id == connection_id, Connection.state != state)
        .values(state=state)
        .returning(Connection.id)
    )
    return found is not None


def lock(connection_id: int) -> Connection:
    """The connection, held until the end of this transaction: one event of a store is worked at a time.

    "No key update": storing new events, which refer to the connection, need not wait.
    """
    held = select(Connection).where(Connection.id == connection_id).with_for_update(key_share=True)
    return session().scalars(held.execution_options(populate_existing=True)).one()


def keep(
    connection_id: int,
    *,
    event_key: str,
    business_key: str,
    topic: str,
    object_id: str,
    body: bytes,
    delivery: Mapping[str, str],
    told_at: datetime | None,
    now: datetime,
    state: str = "kept",
    why: Mapping[str, Any] | None = None,
) -> tuple[int, str] | None:
    """Keep a webhook as it came: its id and public id, or None where this event is kept already."""
    insert = postgresql.insert if session().get_bind().dialect.name == "postgresql" else sqlite.insert
    row = session().execute(
        insert(InboundEvent)
        .values(
            public_id=new_id("evt"), connection_id=connection_id, event_key=event_key, business_key=business_key, topic=topic,
            object_id=object_id, body=body, delivery=dict(delivery), told_at=told_at, received_at=now, state=state,
            why=dict(why or {}), tries=0,
        )
        .on_conflict_do_nothing(index_elements=["connection_id", "event_key"])
        .returning(InboundEvent.id, InboundEvent.public_id)
    ).one_or_none()  # fmt: skip
    return None if row is None else (row.id, row.public_id)


def settle_event(event: InboundEvent, state: str, why: Mapping[str, Any], *, now: datetime) -> None:
    """Where an event stands now, and why. The caller holds the connection's lock."""
    event.state, event.why = state, dict(why)
    event.worked_at = now if state in ("worked", "ignored") else None
    session().flush()


def mark_worked(event_ids: Collection[int], why: Mapping[str, Any], *, now: datetime) -> None:
    """Several events have been worked and came to the same. The caller holds the connection's lock."""
    for part in in_parts(event_ids):
        marked: Any = session().execute(
            update(InboundEvent)
            .where(InboundEvent.id.in_(part), InboundEvent.state == "kept")
            .values(state="worked", why=dict(why), worked_at=now)
            .execution_options(synchronize_session=False)
        )
        if marked.rowcount != len(part):
            raise AlreadyDecided


def let_again(event_id: int) -> int | None:
    """Let a quarantined event be read again: how often that was done, or None where it is not quarantined."""
    return session().scalar(
        update(InboundEvent)
        .where(InboundEvent.id == event_id, InboundEvent.state == "quarantined")
        .values(state="kept", why={}, tries=InboundEvent.tries + 1)
        .returning(InboundEvent.tries)
        .execution_options(synchronize_session=False)
    )


def open_review(
    event: InboundEvent,
    *,
    brand_id: int,
    number: str,
    reasons: list[dict[str, Any]],
    proposal: dict[str, Any],
    fingerprint: str,
    order_id: int | None,
    now: datetime,
) -> Review:
    """Ask a person about a document that does not add up."""
    review = Review(
        brand_id=brand_id, connection_id=event.connection_id, event_id=event.id, remote_order_id=event.object_id,
        number=number[:40], reasons=reasons, proposal=proposal, fingerprint=fingerprint, order_id=order_id, opened_at=now,
    )  # fmt: skip
    session().add(review)
    session().flush()
    return review


def close_review(review_id: int, state: str, *, resolution: Mapping[str, Any], reason: str, by: str, now: datetime) -> Review:
    """Resolve or dismiss an open review; AlreadyDecided where somebody was faster."""
    found = session().scalar(
        update(Review)
        .where(Review.id == review_id, Review.state == "open")
        .values(state=state, resolution=dict(resolution), reason=reason, closed_by=by, closed_at=now)
        .returning(Review.id)
        .execution_options(synchronize_session=False)
    )
    if found is None:
        raise AlreadyDecided
    return session().scalars(select(Review).where(Review.id == review_id).execution_options(populate_existing=True)).one()
