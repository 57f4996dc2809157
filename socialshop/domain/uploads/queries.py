"""Questions about files on their way in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select

from ...kernel.database import in_parts, session
from ...kernel.errors import NotFound
from .models import Upload
from .rules import STAYS, WAITS


def upload_of(creator_id: int, public_id: str) -> Upload:
    """A creator's own upload, as it is now; NotFound."""
    query = select(Upload).where(Upload.creator_id == creator_id, Upload.public_id == public_id)
    found = session().scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound()
    return found


def find(upload_id: int) -> Upload | None:
    """The upload with this internal key, as it is now."""
    return session().get(Upload, upload_id, populate_existing=True)


def named(creator_id: int, public_ids: Collection[str]) -> dict[str, Upload]:
    """Those of a creator's uploads that have these ids, by id."""
    query = select(Upload).where(Upload.creator_id == creator_id, Upload.public_id.in_(public_ids))
    return {row.public_id: row for row in session().scalars(query)}


def uploads_of(creator_id: int, *, limit: int = 60, offset: int = 0) -> Sequence[Upload]:
    """What a creator has sent, the newest first."""
    query = select(Upload).where(Upload.creator_id == creator_id).order_by(Upload.id.desc()).limit(limit).offset(offset)
    return session().scalars(query).all()


def ready_of(creator_id: int, *, limit: int = 24) -> Sequence[Upload]:
    """What a creator may choose from for a post, the newest first."""
    query = select(Upload).where(Upload.creator_id == creator_id, Upload.state == "ready")
    return session().scalars(query.order_by(Upload.id.desc()).limit(limit)).all()


def underway(creator_id: int) -> tuple[int, int]:
    """How many uploads of a creator are not finished, and how many bytes they announced."""
    query = select(func.count(), func.coalesce(func.sum(Upload.size), 0))
    count, size = session().execute(query.where(Upload.creator_id == creator_id, Upload.state == "receiving")).one()
    return int(count), int(size)


def kept(creator_id: int) -> int:
    """How many bytes of a creator are kept."""
    query = select(func.coalesce(func.sum(Upload.kept), 0)).where(Upload.creator_id == creator_id, Upload.state == "ready")
    return int(session().scalar(query) or 0)


def how_many(creator_id: int) -> int:
    """How many uploads of a creator there are, those that were not taken among them."""
    return int(session().scalar(select(func.count()).where(Upload.creator_id == creator_id)) or 0)


def silent(now: datetime, *, limit: int = 500) -> Sequence[Upload]:
    """Those that nobody goes on with, and those that were refused, a day ago or longer."""
    query = select(Upload).where(Upload.state != "ready", Upload.updated_at <= now - WAITS)
    return session().scalars(query.order_by(Upload.id).limit(limit)).all()


def resting(now: datetime, *, after: int = 0, limit: int = 500) -> Sequence[Upload]:
    """Those that are ready for so long that a post or draft must name them to stay."""
    query = select(Upload).where(Upload.state == "ready", Upload.updated_at <= now - STAYS, Upload.id > after)
    return session().scalars(query.order_by(Upload.id).limit(limit)).all()


def unfinished(now: datetime, *, limit: int = 100) -> Sequence[int]:
    """Those whose last byte is here, and that nobody has looked at."""
    query = select(Upload.id).where(Upload.state == "receiving", Upload.received == Upload.size, Upload.updated_at <= now)
    return session().scalars(query.order_by(Upload.id).limit(limit)).all()


def known(sha256s: Collection[str]) -> set[str]:
    """Which of these files an upload has."""
    found: set[str] = set()
    for part in in_parts(sha256s):
        found.update(session().scalars(select(Upload.sha256).where(Upload.sha256.in_(part))))
    return found


def here(public_ids: Collection[str]) -> set[str]:
    """Which of these ids are uploads that are being received."""
    found: set[str] = set()
    for part in in_parts(public_ids):
        query = select(Upload.public_id).where(Upload.public_id.in_(part), Upload.state == "receiving")
        found.update(session().scalars(query))
    return found
