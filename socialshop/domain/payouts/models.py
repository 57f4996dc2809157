"""Runs and payouts: who is paid how much, for what, to which account, and whether it arrived."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ...kernel.database import Model, UtcDateTime, primary_key, public_key
from ...kernel.vault import Sealed


class PayoutRun(Model):
    """One pressing of the button: everything due then, drawn up."""

    __tablename__ = "payout_runs"

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("run")
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"), index=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)  # of the brand and its form: a double tap is one run
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_by: Mapped[str] = mapped_column(String(120))
    slot: Mapped[str | None] = mapped_column(String(10))  # the date in the brand's schedule; None: started by hand
    fee_bearer: Mapped[str | None] = mapped_column(String(10))  # who bore the transfer fee when it was drawn up; None: the brand


class Payout(Model):
    """Money on its way to one creator: ready → sent → paid, or → returned; unknown until looked up. See `rules.EDGES`.

    amount_minor = sum of its items = the debit of the payable pocket = what is sent plus fee_minor.
    """

    __tablename__ = "payouts"
    __table_args__ = (
        UniqueConstraint("run_id", "program_id", "creator_id", "currency"),
        CheckConstraint("state IN ('ready', 'sent', 'paid', 'returned', 'unknown')", name="state"),
        CheckConstraint("amount_minor > 0", name="amount"),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("pay")
    run_id: Mapped[int] = mapped_column(ForeignKey("payout_runs.id"))
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"), index=True)
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"), index=True)
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int]
    fee_minor: Mapped[int] = mapped_column(default=0)  # taken off what is sent
    bank_fee_minor: Mapped[int] = mapped_column(default=0, server_default="0")  # what the bank charged the brand beside it
    state: Mapped[str] = mapped_column(String(10), default="ready")
    payee_kind: Mapped[str] = mapped_column(String(10))
    payee_provider: Mapped[str] = mapped_column(String(40))
    payee_number: Mapped[str] = mapped_column(Sealed)
    payee_holder: Mapped[str] = mapped_column(String(120))
    reference: Mapped[str] = mapped_column(String(120), default="")  # the bank's own
    why: Mapped[str] = mapped_column(String(300), default="")  # returned or unknown: in words
    drawn_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    via: Mapped[str | None] = mapped_column(String(20))  # the provider it was handed to; None: it goes into the bank's file


class PayoutItem(Model):
    """What a payout settles of one commission: + what is paid for it, − what is owed back on it.

    place: the how-manieth item of that commission. Two runs that saw the same open amount would both write the same
    place, and the database lets only one of them in.
    """

    __tablename__ = "payout_items"
    __table_args__ = (
        UniqueConstraint("payout_id", "commission_id"),
        UniqueConstraint("commission_id", "place"),
        CheckConstraint("minor <> 0", name="not_zero"),
        CheckConstraint("state IN ('live', 'done', 'failed')", name="state"),
    )

    id: Mapped[int] = primary_key()
    payout_id: Mapped[int] = mapped_column(ForeignKey("payouts.id"))
    commission_id: Mapped[int] = mapped_column(ForeignKey("commissions.id"))
    place: Mapped[int]  # 1, 2, 3, … of this commission
    minor: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default="live")


class PayoutSkip(Model):
    """A creator left out of a run, with the reason; the balance is kept."""

    __tablename__ = "payout_skips"
    __table_args__ = (UniqueConstraint("run_id", "program_id", "creator_id", "currency"),)

    id: Mapped[int] = primary_key()
    run_id: Mapped[int] = mapped_column(ForeignKey("payout_runs.id"))
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"), index=True)
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int]
    minimum_minor: Mapped[int] = mapped_column(default=0)  # what it takes to be paid
    reason: Mapped[str] = mapped_column(String(30))  # no_payee, below_minimum, owed_back


class PayoutStep(Model):
    """Each move of a payout along its edges, and who moved it. `step` is the state it moved to."""

    __tablename__ = "payout_steps"

    id: Mapped[int] = primary_key()
    payout_id: Mapped[int] = mapped_column(ForeignKey("payouts.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    step: Mapped[str] = mapped_column(String(20))
    actor: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(String(300), default="")
