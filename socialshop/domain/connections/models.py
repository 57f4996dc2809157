"""A brand's connected stores, what they told us, and what a person has to look at."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ...kernel.database import Model, UtcDateTime, primary_key, public_key
from ...kernel.vault import Sealed

_OPEN = text("state = 'open'")


class Connection(Model):
    """One store that sends us webhooks at /hooks/<public_id>. Without a secret it accepts nothing."""

    __tablename__ = "connections"
    __table_args__ = (CheckConstraint("state IN ('live', 'off')", name="state"),)

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("con")
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"), index=True)
    provider: Mapped[str] = mapped_column(String(20))  # "shopify", "woocommerce"
    name: Mapped[str] = mapped_column(String(120))
    shop: Mapped[str] = mapped_column(String(200), default="")  # the store's domain
    secret: Mapped[str | None] = mapped_column(Sealed)
    secret_set_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    secret_proved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when a delivery was first signed with it
    old_secret: Mapped[str | None] = mapped_column(Sealed)  # still accepted until old_secret_until
    old_secret_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    program_id: Mapped[int | None] = mapped_column(
        ForeignKey("programs.id")
    )  # whose terms apply where click and code name no program
    state: Mapped[str] = mapped_column(String(10), default="live")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class InboundEvent(Model):
    """A webhook kept as it came, once: unique by connection and event key.

    State: kept → worked | parked | review | ignored | quarantined; parked and review move on when what they wait for
    is there, quarantined when a person lets it be read again.
    """

    __tablename__ = "inbound_events"
    __table_args__ = (
        UniqueConstraint("connection_id", "event_key"),
        CheckConstraint("state IN ('kept', 'worked', 'parked', 'review', 'ignored', 'quarantined')", name="state"),
        Index("ix_inbound_events_object", "connection_id", "object_id"),
        Index("ix_inbound_events_state", "state", "id"),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("evt")
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    event_key: Mapped[str] = mapped_column(String(200))  # what makes a second delivery the same event
    business_key: Mapped[str] = mapped_column(String(200), default="")  # what it is about, whatever number the delivery carried
    topic: Mapped[str] = mapped_column(String(60))
    object_id: Mapped[str] = mapped_column(String(80), default="")  # the remote order it is about
    body: Mapped[bytes] = mapped_column(LargeBinary)
    delivery: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # ids of the delivery; no secrets, no signature
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when the store last changed the thing
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(12), default="kept")
    why: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # {"code", "facts"}: worded by `reasons`
    tries: Mapped[int] = mapped_column(default=0)  # how often a person let it be read again
    worked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Review(Model):
    """A document that does not add up, and what a person decided about it. One is open per order at a time."""

    __tablename__ = "order_reviews"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'resolved', 'dismissed')", name="state"),
        Index(
            "uq_order_reviews_open", "connection_id", "remote_order_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
        ),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("rev")
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"), index=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("inbound_events.id"), unique=True)
    remote_order_id: Mapped[str] = mapped_column(String(80))
    number: Mapped[str] = mapped_column(String(40), default="")
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # [{"code", "facts": {...}}], worded by `reasons`
    proposal: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # what could be read: lines, discount, paid, …
    fingerprint: Mapped[str] = mapped_column(String(64), default="")  # of the goods and totals as told
    state: Mapped[str] = mapped_column(String(10), default="open")
    resolution: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    reason: Mapped[str] = mapped_column(Text, default="")  # why it was dismissed, or a note with the decision
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[str] = mapped_column(String(40), default="")
