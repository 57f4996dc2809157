"""What each creator earned of each order, every change of it, and the facts from which it follows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ...kernel.database import Model, UtcDateTime, primary_key, public_key

_FX = text("type = 'fx'")


class ProgramEvent(Model):
    """A fact as the engine takes it, in the program's stored order of arrival; `document` is an event of section 1.

    effect: the order in which facts took effect; empty while the fact is parked, waiting for its `subject`.
    """

    __tablename__ = "program_events"
    __table_args__ = (
        UniqueConstraint("program_id", "arrival"),
        UniqueConstraint("program_id", "event_id"),
        UniqueConstraint("program_id", "effect"),
        Index("ix_program_events_visitor", "program_id", "visitor"),
        Index("ix_program_events_subject", "program_id", "subject"),
        Index("ix_program_events_fx", "program_id", "at", sqlite_where=_FX, postgresql_where=_FX),
    )

    id: Mapped[int] = primary_key()
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    arrival: Mapped[int]  # 1, 2, 3, … within the program
    effect: Mapped[int | None]
    event_id: Mapped[str] = mapped_column(String(120))
    type: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str | None] = mapped_column(String(140))  # "order:ord_…": what it must wait for
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    visitor: Mapped[str | None] = mapped_column(String(120))  # of a click
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    booked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(120), default="")


class Attribution(Model):
    """Who earned an order and why: one per order, frozen when it arrived.

    arrival: the engine's own document (touches and why each won or lost, stakes, frozen facts). creators: the facts
    about people as they were then; an enrollment or a mail address that changes later changes nothing here.
    """

    __tablename__ = "attributions"
    __table_args__ = (
        Index("ix_attributions_customer", "program_id", "customer"),
        Index("ix_attributions_subscription", "program_id", "subscription"),
    )

    id: Mapped[int] = primary_key()
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), unique=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    effect: Mapped[int]  # of the order's event: which orders arrived earlier
    currency: Mapped[str] = mapped_column(String(3))
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    customer: Mapped[str | None] = mapped_column(String(120))
    subscription: Mapped[str | None] = mapped_column(String(120))
    payment_number: Mapped[int | None]
    period_start: Mapped[datetime | None] = mapped_column(UtcDateTime)
    arrival: Mapped[dict[str, Any]] = mapped_column(JSON)
    creators: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Credit(Model):
    """A creator's share in an order, whatever it earns; `volume_minor` is what tiers count of it now."""

    __tablename__ = "credits"
    __table_args__ = (
        UniqueConstraint("order_id", "creator_id"),
        Index("ix_credits_volume", "program_id", "creator_id", "currency", "placed_at", "volume_minor"),
    )

    id: Mapped[int] = primary_key()
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"), index=True)
    via: Mapped[str] = mapped_column(String(14))
    percent: Mapped[str] = mapped_column(String(10))
    place: Mapped[int]
    click: Mapped[str] = mapped_column(String(40), default="", server_default="")  # that won, or went with the code that did
    currency: Mapped[str] = mapped_column(String(3))
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    volume_minor: Mapped[int] = mapped_column(default=0)


class Touched(Model):
    """A creator whose click or code was considered for an order, whether it won or not."""

    __tablename__ = "touched"
    __table_args__ = (UniqueConstraint("order_id", "creator_id"), Index("ix_touched_creator", "creator_id", "id"))

    id: Mapped[int] = primary_key()
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))


class Declined(Model):
    """Somebody (or nobody) who earned nothing of an order, and the reason."""

    __tablename__ = "declined"

    id: Mapped[int] = primary_key()
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"), index=True)
    creator_id: Mapped[int | None] = mapped_column(ForeignKey("creators.id"), index=True)
    reason: Mapped[str] = mapped_column(String(30))


class Commission(Model):
    """What one creator has of one order. Amounts are minor units, signed from the creator's side.

    amount: in the order's currency; worth and given: in `pay_currency`, the same one unless the terms convert.
    Worth more than given: the difference is open, in the held pocket until `released_at`, then in the payable one.
    """

    __tablename__ = "commissions"
    __table_args__ = (
        UniqueConstraint("order_id", "creator_id", "level", "of_creator_id"),
        CheckConstraint("state IN ('pending', 'held', 'due', 'paid', 'reversed', 'rejected')", name="state"),
        CheckConstraint("amount_minor >= 0 AND worth_minor >= 0", name="not_negative"),
        Index("ix_commissions_due", "program_id", "due_at"),
        Index("ix_commissions_creator", "creator_id", "id"),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("com")
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    level: Mapped[int] = mapped_column(default=0)  # 0 direct, 1 and up for overrides
    of_creator_id: Mapped[int] = mapped_column(default=0)  # whose direct commission an override follows; 0 for direct
    via: Mapped[str] = mapped_column(String(14))
    currency: Mapped[str] = mapped_column(String(3))
    original_minor: Mapped[int]
    amount_minor: Mapped[int] = mapped_column(default=0)  # what it is worth now
    pay_currency: Mapped[str] = mapped_column(String(3))
    worth_minor: Mapped[int] = mapped_column(default=0)  # the same in `pay_currency`
    given_minor: Mapped[int] = mapped_column(default=0)  # what payouts gave for it, less what later ones took back
    rate: Mapped[str] = mapped_column(String(40), default="")  # as quoted, where it is converted
    fx_id: Mapped[str] = mapped_column(String(120), default="")
    no_rate: Mapped[bool] = mapped_column(default=False)
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10), default="pending")
    held: Mapped[bool] = mapped_column(default=False)
    held_why: Mapped[str] = mapped_column(Text, default="")
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # `from` of the terms that won
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)  # when the buyer ordered
    accrued_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def open_minor(self) -> int:
        """What is still to be paid."""
        return max(0, self.worth_minor - self.given_minor)

    @property
    def owed_back_minor(self) -> int:
        """What was paid too much."""
        return max(0, self.given_minor - self.worth_minor)

    def state_at(self, now: datetime) -> str:
        """What a person calls it: due from its date on, also where the release has not come by yet, or came by a fast clock."""
        return ("due" if self.due_at <= now else "pending") if self.state in ("pending", "due") else self.state


class CommissionStep(Model):
    """Each change of a commission: accrue, adjust, reverse, clawback, hold, release, reject, due, pay, paid, pay_failed, …"""

    __tablename__ = "commission_steps"
    __table_args__ = (UniqueConstraint("commission_id", "place"), UniqueConstraint("commission_id", "event_id", "kind"))

    id: Mapped[int] = primary_key()
    commission_id: Mapped[int] = mapped_column(ForeignKey("commissions.id"))
    place: Mapped[int]  # 1, 2, 3, … of this commission
    effect: Mapped[int | None]  # of the fact that caused it; empty for a release by time
    event_id: Mapped[str] = mapped_column(String(160))
    kind: Mapped[str] = mapped_column(String(14))
    minor: Mapped[int] = mapped_column(default=0)  # in `pay_currency`, signed from the creator's side
    reason: Mapped[str] = mapped_column(String(20), default="")  # a word for machines: refund, chargeback, …
    words: Mapped[str] = mapped_column(Text, default="")  # what a person gave as the reason
    state: Mapped[str] = mapped_column(String(10))  # of the commission afterwards
    transaction_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_transactions.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    booked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(120), default="")
