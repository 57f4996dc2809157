"""A brand's account at a payout provider, the payouts handed to it, and what it told us about them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ...kernel.database import Model, UtcDateTime, primary_key, public_key
from ...kernel.vault import Sealed

_LIVE = text("state = 'live'")


class PayoutAccount(Model):
    """One account at a provider that sends a brand's payouts. Switched off, it keeps neither key nor token."""

    __tablename__ = "payout_accounts"
    __table_args__ = (
        CheckConstraint("state IN ('live', 'off')", name="state"),
        Index("uq_payout_accounts_live", "brand_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("pac")
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"), index=True)
    provider: Mapped[str] = mapped_column(String(20))  # "xendit"
    api_key: Mapped[str | None] = mapped_column(Sealed)
    key_end: Mapped[str] = mapped_column(String(4))  # the last four characters, for showing
    key_number: Mapped[int] = mapped_column(default=1)  # goes up with each other key: it may be another account over there
    token: Mapped[str | None] = mapped_column(Sealed)  # what the provider's messages prove themselves by
    test_mode: Mapped[bool] = mapped_column(default=False)
    channels: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # as the provider listed them
    chosen: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # our bank or e-wallet → the provider's channel
    state: Mapped[str] = mapped_column(String(10), default="live")
    connected_at: Mapped[datetime] = mapped_column(UtcDateTime)
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime)  # when the provider last listed its channels
    heard_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when a message last proved itself
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Sending(Model):
    """A payout handed to a provider: waiting → calling → underway → done; see `rules.EDGES`.

    key: derived from the payout's id when the row is made and never changed. A payout has one row for good, so it
    cannot be handed over twice.
    """

    __tablename__ = "payout_sendings"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'calling', 'unknown', 'underway', 'done', 'refused', 'decided')", name="state"),
        Index("ix_payout_sendings_next", "next_at"),
    )

    id: Mapped[int] = primary_key()
    payout_id: Mapped[int] = mapped_column(ForeignKey("payouts.id"), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("payout_accounts.id"), index=True)
    key: Mapped[str] = mapped_column(String(100), unique=True)
    channel: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    remote_id: Mapped[str | None] = mapped_column(String(120))
    remote_status: Mapped[str] = mapped_column(String(40), default="")  # the provider's own word
    why: Mapped[str] = mapped_column(String(60), default="")  # a code, worded by `web.brand.sending_words`
    contradicted: Mapped[bool] = mapped_column(default=False)  # the provider says other than what a person decided
    tries: Mapped[int] = mapped_column(default=0)  # calls and look-ups without an answer since the last one
    called_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_called_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    key_number: Mapped[int] = mapped_column(default=0)  # of the account's key that the call was made with
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when the provider last answered about it
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when to ask again; None: never
    chosen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PayoutEvent(Model):
    """A provider's message kept as it came, once: unique by account and key."""

    __tablename__ = "payout_events"
    __table_args__ = (
        UniqueConstraint("account_id", "event_key"),
        CheckConstraint("state IN ('kept', 'worked', 'ignored', 'quarantined')", name="state"),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("pev")
    account_id: Mapped[int] = mapped_column(ForeignKey("payout_accounts.id"))
    event_key: Mapped[str] = mapped_column(String(200))
    topic: Mapped[str] = mapped_column(String(60))
    remote_id: Mapped[str] = mapped_column(String(120), default="")
    reference: Mapped[str] = mapped_column(String(255), default="")
    body: Mapped[str] = mapped_column(Sealed)  # its bytes, each as one character: it names people and their accounts
    state: Mapped[str] = mapped_column(String(12), default="kept")
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    worked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
