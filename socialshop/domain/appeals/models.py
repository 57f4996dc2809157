"""Why a commission is held or rejected, with what evidence; and the appeals against it, with everything that was said."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ...kernel.database import Model, UtcDateTime, primary_key, public_key

_RUNNING = text("state IN ('open', 'asked')")


class Judgement(Model):
    """A person's decision to hold or to reject all that a creator has in an order; stands until it is ended.

    event_id: the engine's fact that carries it out. words: what the creator reads beside the reason of `code`.
    """

    __tablename__ = "judgements"
    __table_args__ = (
        CheckConstraint("kind IN ('hold', 'rejection')", name="kind"),
        Index("ix_judgements_order_creator", "order_id", "creator_id"),
    )

    id: Mapped[int] = primary_key()
    event_id: Mapped[str] = mapped_column(String(160), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    commission_id: Mapped[int] = mapped_column(ForeignKey("commissions.id"))  # the one that the person looked at
    code: Mapped[str] = mapped_column(String(30))
    words: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(120))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str] = mapped_column(String(120), default="")
    ended_why: Mapped[str] = mapped_column(Text, default="")


class Evidence(Model):
    """What a judgement rests on; `shown`: the creator may see it, words and papers alike."""

    __tablename__ = "judgement_evidence"

    id: Mapped[int] = primary_key()
    judgement_id: Mapped[int] = mapped_column(ForeignKey("judgements.id"), index=True)
    words: Mapped[str] = mapped_column(Text, default="")
    shown: Mapped[bool]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(120))


class Appeal(Model):
    """A creator's appeal against what is held or rejected of one order. State: see `rules.EDGES`.

    open: it is the brand's turn; asked: it is the creator's. turn_since: since when. remind_at: when whoever has the
    turn is reminded next; time never decides anything else.
    """

    __tablename__ = "appeals"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'asked', 'granted', 'denied', 'withdrawn')", name="state"),
        UniqueConstraint("creator_id", "key"),
        Index(
            "uq_appeals_running", "order_id", "creator_id", unique=True, sqlite_where=_RUNNING, postgresql_where=_RUNNING
        ),  # one at a time
        Index("ix_appeals_brand_state", "brand_id", "state"),
        Index("ix_appeals_remind_at", "remind_at"),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("apl")
    key: Mapped[str] = mapped_column(String(80))  # of the form: a double tap is one appeal
    judgement_id: Mapped[int | None] = mapped_column(ForeignKey("judgements.id"), index=True)
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    commission_id: Mapped[int] = mapped_column(ForeignKey("commissions.id"))
    state: Mapped[str] = mapped_column(String(10), default="open")
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    turn_since: Mapped[datetime] = mapped_column(UtcDateTime)
    remind_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision: Mapped[str] = mapped_column(Text, default="")  # the reason that a person gave for granting or denying it


class AppealMessage(Model):
    """Something that one side said in an appeal."""

    __tablename__ = "appeal_messages"
    __table_args__ = (
        CheckConstraint("side IN ('creator', 'brand')", name="side"),
        UniqueConstraint("appeal_id", "place"),
        UniqueConstraint("appeal_id", "key"),
    )

    id: Mapped[int] = primary_key()
    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeals.id"))
    place: Mapped[int]  # 1, 2, 3, … of this appeal
    key: Mapped[str] = mapped_column(String(80))
    side: Mapped[str] = mapped_column(String(7))
    words: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(120))


class AppealStep(Model):
    """Each move of an appeal along its edges, and who moved it."""

    __tablename__ = "appeal_steps"
    __table_args__ = (UniqueConstraint("appeal_id", "place"),)

    id: Mapped[int] = primary_key()
    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeals.id"))
    place: Mapped[int]
    was: Mapped[str] = mapped_column(String(10))  # "" where it begins
    state: Mapped[str] = mapped_column(String(10))
    words: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(120))


class Paper(Model):
    """A picture or PDF that belongs to a piece of evidence or to a message, for the two parties only.

    Kept in the database: it commits with what it belongs to, is in every backup, and has no address of its own.
    sha256: of the file as it was brought, by which the same file is known again.
    """

    __tablename__ = "papers"
    __table_args__ = (
        CheckConstraint("(evidence_id IS NULL) <> (message_id IS NULL)", name="one_place"),
        CheckConstraint("kind IN ('picture', 'pdf')", name="kind"),
    )

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("ppr")
    evidence_id: Mapped[int | None] = mapped_column(ForeignKey("judgement_evidence.id"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("appeal_messages.id"), index=True)
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    shown: Mapped[bool]  # to the creator; the brand sees all of its papers
    kind: Mapped[str] = mapped_column(String(7))
    name: Mapped[str] = mapped_column(String(120))
    width: Mapped[int] = mapped_column(default=0)  # of a picture
    height: Mapped[int] = mapped_column(default=0)
    size: Mapped[int]  # bytes
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
