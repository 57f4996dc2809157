"""A brand's connected stores, what they told us, and what a person has to look at."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ...kernel.database import Model, UtcDateTime, primary_key, public_key
from ...kernel.vault import Sealed


class Connection(Model):
    """One store that sends us webhooks at /hooks/<public_id>."""

    __tablename__ = "connections"
    __table_args__ = (CheckConstraint("state IN ('live', 'off')", name="state"),)

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("con")
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"), index=True)
    provider: Mapped[str] = mapped_column(String(20))  # "shopify", "woocommerce"
    name: Mapped[str] = mapped_column(String(120))
    shop: Mapped[str] = mapped_column(String(200), default="")  # the store's domain
    secret: Mapped[str] = mapped_column(Sealed)
    old_secret: Mapped[str | None] = mapped_column(Sealed)  # still accepted until old_secret_until
    old_secret_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    program_id: Mapped[int | None] = mapped_column(ForeignKey("programs.id"))  # whose terms apply where click and code name no program
    state: Mapped[str] = mapped_column(String(10), default="live")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    heard_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class InboundEvent(Model):
    """A webhook kept as it came, once: unique by connection and event key."""

    __tablename__ = "inbound_events"
    __table_args__ = (
        UniqueConstraint("connection_id", "event_key"),
        CheckConstraint("state IN ('kept', 'worked', 'parked', 'review', 'ignored', 'quarantined')", name="state"),
        Index("ix_inbound_events_object", "connection_id", "object_id"),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("evt")
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    event_key: Mapped[str] = mapped_column(String(200))  # what makes a second delivery the same event
    topic: Mapped[str] = mapped_column(String(60))
    object_id: Mapped[str] = mapped_column(String(80), default="")  # the remote order it is about
    body: Mapped[bytes] = mapped_column(LargeBinary)
    headers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # without secrets and signatures
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(12), default="kept")
    why: Mapped[str] = mapped_column(Text, default="")  # in words, when parked, ignored, quarantined
    worked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Review(Model):
    """A document that does not add up, and what a person decided about it."""

    __tablename__ = "order_reviews"
    __table_args__ = (CheckConstraint("state IN ('open', 'resolved', 'dismissed')", name="state"),)

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("rev")
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("inbound_events.id"), unique=True)
    remote_order_id: Mapped[str] = mapped_column(String(80))
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # [{"code", "facts": {...}}], worded by the page
    proposal: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # what could be read: lines, discount, paid, …
    state: Mapped[str] = mapped_column(String(10), default="open")
    resolution: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[str] = mapped_column(String(40), default="")
