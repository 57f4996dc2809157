"""Who did what, before and after, and why: written in the same transaction as the act, never changed."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from ..kernel.database import Model, UtcDateTime, primary_key, session

request_id: ContextVar[str] = ContextVar("request_id", default="")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: kind "user" with the user's public id, or "system" / "provider" with a name."""

    kind: str
    name: str
    via: str = ""  # the hat worn: "creator", "brand:finance", "operator"


SYSTEM = Actor("system", "socialshop")


class Entry(Model):
    """One privileged or money-moving act."""

    __tablename__ = "audit_entries"

    id: Mapped[int] = primary_key()
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(120))
    tenant: Mapped[str] = mapped_column(String(60), index=True)  # "brd_…", "crt_…" or "install"
    act: Mapped[str] = mapped_column(String(80))  # "payee.stated", "payout.confirmed"
    subject: Mapped[str] = mapped_column(String(80), index=True)  # public id of the thing acted upon
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    reason: Mapped[str] = mapped_column(Text, default="")
    request_id: Mapped[str] = mapped_column(String(60), default="")


def note(
    act: str,
    subject: str,
    *,
    actor: Actor,
    tenant: str,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Write down one act. Never put secrets, account numbers or tokens into `before` and `after`."""
    session().add(
        Entry(
            at=now,
            actor=f"{actor.kind}:{actor.name}" + (f" ({actor.via})" if actor.via else ""),
            tenant=tenant,
            act=act,
            subject=subject,
            before=before or {},
            after=after or {},
            reason=reason,
            request_id=request_id.get(),
        )
    )


def entries_of(tenant: str, *, limit: int = 100) -> list[Entry]:
    """The newest acts of one tenant."""
    return list(session().scalars(select(Entry).where(Entry.tenant == tenant).order_by(Entry.id.desc()).limit(limit)))


def search(*, tenant: str = "", subject: str = "", actor: str = "", before_id: int | None = None, limit: int = 50) -> list[Entry]:
    """The newest acts that fit, older than `before_id` where given; empty words fit everything."""
    asked = select(Entry).order_by(Entry.id.desc()).limit(limit)
    for column, wanted in ((Entry.tenant, tenant), (Entry.subject, subject)):
        if wanted:
            asked = asked.where(column == wanted)
    if actor:
        asked = asked.where(Entry.actor.contains(actor, autoescape=True))
    if before_id is not None:
        asked = asked.where(Entry.id < before_id)
    return list(session().scalars(asked))
