"""What the ledger remembers: pockets, balanced transactions, their legs, and where each chain ends."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ...kernel.database import Model, UtcDateTime, primary_key
from . import triggers  # noqa: F401  # the database's own guards come with the tables


class Account(Model):
    """A pocket: of one program, kind, owner and currency. Its balance is the sum of its postings."""

    __tablename__ = "ledger_accounts"
    __table_args__ = (
        UniqueConstraint("program_id", "kind", "creator_id", "currency"),
        CheckConstraint("kind IN ('owed', 'held', 'payable', 'in_transit', 'owed_back', 'bank')", name="kind"),
    )

    id: Mapped[int] = primary_key()
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    kind: Mapped[str] = mapped_column(String(12))
    creator_id: Mapped[int] = mapped_column(default=0)  # 0: the brand's or the bank's pocket
    currency: Mapped[str] = mapped_column(String(3))


class Transaction(Model):
    """A balanced move, unique by key, chained by hash within its program. Written after its postings, which it seals."""

    __tablename__ = "ledger_transactions"
    __table_args__ = (UniqueConstraint("program_id", "number"),)

    id: Mapped[int] = primary_key()
    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"))
    number: Mapped[int]  # 1, 2, 3, … within the program
    key: Mapped[str] = mapped_column(String(200), unique=True)  # "commission:42:ord_…": a retry books nothing
    kind: Mapped[str] = mapped_column(String(20))
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_transactions.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)  # when it happened
    booked_at: Mapped[datetime] = mapped_column(UtcDateTime)  # when it was written
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class Posting(Model):
    """One leg of a ledger transaction. The legs sum to zero in each currency."""

    __tablename__ = "ledger_postings"
    __table_args__ = (CheckConstraint("minor <> 0", name="not_zero"), Index("ix_ledger_postings_account", "account_id", "id"))

    id: Mapped[int] = primary_key()
    transaction_id: Mapped[int] = mapped_column(
        ForeignKey("ledger_transactions.id", deferrable=True, initially="DEFERRED"), index=True
    )
    account_id: Mapped[int] = mapped_column(ForeignKey("ledger_accounts.id"))
    minor: Mapped[int]  # signed; smallest unit of the currency
    currency: Mapped[str] = mapped_column(String(3))
    commission_id: Mapped[int | None] = mapped_column(ForeignKey("commissions.id"), index=True)  # what the money is about


class Snapshot(Model):
    """What a pocket held up to and including a posting: a balance is this and the postings after it.

    Only a shorter way to the same sum; `verify` adds it up again. Postings of one pocket are written under its program's
    lock, so none with a smaller id comes later.
    """

    __tablename__ = "ledger_snapshots"

    account_id: Mapped[int] = mapped_column(ForeignKey("ledger_accounts.id"), primary_key=True)
    posting_id: Mapped[int]
    minor: Mapped[int]


class Head(Model):
    """The end of a program's chain: taken under lock, so numbers have no gaps. `verify` counts it again."""

    __tablename__ = "ledger_heads"

    program_id: Mapped[int] = mapped_column(ForeignKey("programs.id"), primary_key=True)
    number: Mapped[int] = mapped_column(default=0)
    hash: Mapped[str] = mapped_column(String(64), default="")
