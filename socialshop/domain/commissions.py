"""What each creator earned of each order, and every change of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..kernel.database import Model, UtcDateTime, primary_key, public_key


class ProgramEvent(Model):
    """A fact as the engine takes it, in the program's stored order of arrival; `document` is an event of section 1."""

    __tablename__ = "program_events"
    __table_args__ = (UniqueConstraint("program_id", "arrival"), UniqueConstraint("program_id", "event_id"))

    id: Mapped[int] = primary_key()
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    arrival: Mapped[int]  # 1, 2, 3, … within the program
    event_id: Mapped[str] = mapped_column(String(120))
    type: Mapped[str] = mapped_column(String(20))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    booked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Attribution(Model):
    """Who earned an order and why: one per order, the frozen facts and the explanation for the receipt."""

    __tablename__ = "attributions"

    id: Mapped[int] = primary_key()
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), unique=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"), index=True)
    arrival: Mapped[dict[str, Any]] = mapped_column(JSON)  # the engine's frozen facts of this order
    explanation: Mapped[dict[str, Any]] = mapped_column(JSON)  # touches considered, winner, why the others lost
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Declined(Model):
    """Somebody (or nobody) who earned nothing of an order, and the reason."""

    __tablename__ = "declined"

    id: Mapped[int] = primary_key()
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    creator_id: Mapped[int | None] = mapped_column(ForeignKey("creators.id"), index=True)
    reason: Mapped[str] = mapped_column(String(30))


class Commission(Model):
    """What one creator has of one order. Amounts are minor units, signed from the creator's side."""

    __tablename__ = "commissions"
    __table_args__ = (
        UniqueConstraint("order_id", "creator_id", "level", "of_creator_id"),
        CheckConstraint("state IN ('pending', 'held', 'due', 'paid', 'reversed', 'rejected')", name="state"),
        Index("ix_commissions_due", "state", "due_at"),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("com")
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"), index=True)
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"), index=True)
    level: Mapped[int] = mapped_column(default=0)  # 0 direct, 1 and up for overrides
    of_creator_id: Mapped[int] = mapped_column(default=0)  # whose direct commission an override follows; 0 for direct
    via: Mapped[str] = mapped_column(String(14))
    currency: Mapped[str] = mapped_column(String(3))
    original_minor: Mapped[int]
    amount_minor: Mapped[int]  # what it is worth now
    given_minor: Mapped[int] = mapped_column(default=0)  # what payouts gave for it, less what later ones took back
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10))
    held_why: Mapped[str] = mapped_column(String(200), default="")
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # `from` of the terms that won
    accrued_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CommissionStep(Model):
    """Each posting to a commission: accrue, release, adjust, reverse, clawback, hold, pay, pay_failed."""

    __tablename__ = "commission_steps"
    __table_args__ = (UniqueConstraint("commission_id", "event_id", "kind"),)

    id: Mapped[int] = primary_key()
    commission_id: Mapped[int] = mapped_column(ForeignKey("commissions.id"))
    event_id: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(14))
    minor: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(String(200), default="")
    transaction_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_transactions.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(120), default="")
