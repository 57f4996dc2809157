"""Files of posts: kept once by their sha256, given out by signed addresses that end."""

from __future__ import annotations

import hashlib
import hmac
import os
import shutil
import uuid
from datetime import UTC, datetime
from pathlib import Path

from ...kernel.vault import keyed


def keep(source: Path, folder: Path) -> tuple[str, int]:
    """Copy a file below `folder`, whole or not at all: its sha256 and size. Slow: never inside a transaction."""
    with source.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    place = path_of(sha256, folder)
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_suffix(f".{uuid.uuid4().hex}")
        try:
            shutil.copyfile(source, draft)
            with draft.open("rb") as file:
                os.fsync(file.fileno())
            draft.rename(place)
        finally:
            draft.unlink(missing_ok=True)
    return sha256, place.stat().st_size


def path_of(sha256: str, folder: Path) -> Path:
    """Where a kept file lies."""
    return folder / sha256[:2] / sha256


def mark_of(public_id: str, until: int) -> str:
    """What an address must carry to be answered; until: unix seconds."""
    return keyed("post media", f"{public_id}/{until}")[:40]


def is_ours(public_id: str, until: int, mark: str, *, now: datetime) -> bool:
    """Whether an address was given out by us, and has not ended."""
    same = hmac.compare_digest(mark.encode("utf-8", "surrogateescape"), mark_of(public_id, until).encode())
    return same and now < datetime.fromtimestamp(until, UTC)
