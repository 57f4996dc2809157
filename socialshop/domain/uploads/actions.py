"""What this room does. Never commits; each step is a conditional update, so that of two at once one goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, update

from ...kernel.database import session
from .models import Upload


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that was looked at and is kept."""

    kind: str
    media_type: str
    sha256: str
    size: int
    width: int
    height: int
    milliseconds: int = 0
    facts: dict[str, Any] = field(default_factory=dict)


def begin(creator_id: int, *, name: str, size: int, kind: str, media_type: str, now: datetime) -> Upload:
    """A creator announces a file."""
    row = Upload(
        creator_id=creator_id, name=name, size=size, kind=kind, media_type=media_type, created_at=now, updated_at=now
    )  # fmt: skip
    session().add(row)
    session().flush()
    return row


def take_over(upload_id: int, writer: str, *, at: int, now: datetime) -> bool:
    """Let this writer append from `at`, and nobody before it; False where the file does not end there."""
    return _changed(upload_id, Upload.received == at, writer=writer, updated_at=now)


def advance(upload_id: int, writer: str, *, at: int, to: int, now: datetime) -> bool:
    """The bytes up to `to` are safe; False where another writer has taken over."""
    return _changed(upload_id, (Upload.received == at) & (Upload.writer == writer), received=to, updated_at=now)


def ready(upload_id: int, kept: Kept, *, now: datetime) -> bool:
    """It was looked at and is kept; False where it was so before."""
    return _changed(
        upload_id, Upload.received == Upload.size, state="ready", writer="", kind=kept.kind, media_type=kept.media_type,
        sha256=kept.sha256, kept=kept.size, width=kept.width, height=kept.height, milliseconds=kept.milliseconds,
        facts=kept.facts, updated_at=now,
    )  # fmt: skip


def refuse(upload_id: int, why: str, *, now: datetime) -> bool:
    """It is not taken."""
    return _changed(upload_id, None, state="refused", why=why, writer="", updated_at=now)


def drop(upload_id: int) -> bool:
    """Forget it; False where somebody else did."""
    gone = session().execute(
        delete(Upload).where(Upload.id == upload_id).returning(Upload.id).execution_options(synchronize_session=False)
    )
    return gone.scalar() is not None


def _changed(upload_id: int, condition: Any, **values: Any) -> bool:
    wanted = [Upload.id == upload_id, Upload.state == "receiving", *([] if condition is None else [condition])]
    found = session().execute(
        update(Upload).where(*wanted).values(**values).returning(Upload.id).execution_options(synchronize_session=False)
    )
    return found.scalar() is not None
