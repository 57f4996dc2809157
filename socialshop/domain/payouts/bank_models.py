"""What a brand settles about its runs, and the papers that go to the bank and come back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ...kernel.database import Model, UtcDateTime, primary_key, public_key
from ...kernel.vault import Sealed


class PayoutSettings(Model):
    """When a brand's runs are drawn up, in its own zone, and who bears the transfer fee. No row: by hand, the brand.

    since: slots up to here are not taken any more.
    """

    __tablename__ = "payout_settings"
    __table_args__ = (
        CheckConstraint("kind IN ('none', 'weekly', 'monthly', 'twice')", name="kind"),
        CheckConstraint("fee_bearer IN ('brand', 'creator')", name="fee_bearer"),
    )

    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), default="none")
    weekday: Mapped[int] = mapped_column(default=0)
    day: Mapped[int] = mapped_column(default=1)
    second: Mapped[int] = mapped_column(default=16)
    hour: Mapped[int] = mapped_column(default=9)
    fee_bearer: Mapped[str] = mapped_column(String(10), default="brand")
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class PayoutSlot(Model):
    """A date of the schedule that was taken: once for each brand, whatever the clock does. run_id None: nothing was due."""

    __tablename__ = "payout_slots"
    __table_args__ = (UniqueConstraint("brand_id", "slot"),)

    id: Mapped[int] = primary_key()
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    slot: Mapped[str] = mapped_column(String(10))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("payout_runs.id"))
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BankMap(Model):
    """A brand's own layout of bank files, and how its bank's results are read. See `columns.Map`, `answers.Reading`.

    revision: rises with every change; a form that was opened on an older one is refused.
    """

    __tablename__ = "bank_maps"

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("map")
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    starter: Mapped[str] = mapped_column(String(20))  # what it began from
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    reading: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # as the last result was read
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BankFile(Model):
    """A file as it was made: its bytes never change, so a second download is the same file."""

    __tablename__ = "bank_files"
    __table_args__ = (Index("ix_bank_files_run", "run_id"),)

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("bfl")
    run_id: Mapped[int] = mapped_column(ForeignKey("payout_runs.id"))
    map_id: Mapped[int | None] = mapped_column(ForeignKey("bank_maps.id"))  # None: one of the maps to start from
    map_name: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(120))
    part: Mapped[int]
    parts: Mapped[int]
    rows: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3), default="")  # "" where several are mixed
    total_minor: Mapped[int] = mapped_column(default=0)  # what is sent, where one currency
    fee_minor: Mapped[int] = mapped_column(default=0)  # what the bank charges for each transfer, by the map of that day
    content: Mapped[str] = mapped_column(Sealed)  # base64: it holds account numbers
    digest: Mapped[str] = mapped_column(String(64))  # SHA-256 of the bytes
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(String(120))
    downloads: Mapped[int] = mapped_column(default=0)
    discarded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    discarded_why: Mapped[str] = mapped_column(String(300), default="")


class BankFileRow(Model):
    """A payout in a file. A payout is in one file that counts at most, so no bank is asked for it twice."""

    __tablename__ = "bank_file_rows"
    __table_args__ = (
        Index(
            "uq_bank_file_rows_live", "payout_id", unique=True, sqlite_where=text("discarded_at IS NULL"),
            postgresql_where=text("discarded_at IS NULL"),
        ),
        UniqueConstraint("file_id", "place"),
    )  # fmt: skip

    id: Mapped[int] = primary_key()
    file_id: Mapped[int] = mapped_column(ForeignKey("bank_files.id"))
    payout_id: Mapped[int] = mapped_column(ForeignKey("payouts.id"), index=True)
    place: Mapped[int]
    sent_minor: Mapped[int]  # what the file says: the payout's amount less the fee that its creator bears
    discarded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BankResult(Model):
    """A result file from the bank: open until it is taken, once for each run and content."""

    __tablename__ = "bank_results"
    __table_args__ = (
        UniqueConstraint("run_id", "digest"),
        CheckConstraint("state IN ('open', 'taken')", name="state"),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("brs")
    run_id: Mapped[int] = mapped_column(ForeignKey("payout_runs.id"))
    map_id: Mapped[int | None] = mapped_column(ForeignKey("bank_maps.id"))
    name: Mapped[str] = mapped_column(String(120))
    content: Mapped[str] = mapped_column(Sealed)  # base64: it holds account numbers
    digest: Mapped[str] = mapped_column(String(64))
    reading: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10), default="open")
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    uploaded_by: Mapped[str] = mapped_column(String(120))
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
