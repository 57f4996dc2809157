"""Files of posts: kept once by their sha256, given out by signed addresses that end."""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
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


def adopt(source: Path, folder: Path) -> tuple[str, int]:
    """As `keep`, for a file that was synced and is changed no more: one more name for it instead of a copy, where that can be."""
    with source.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    place = path_of(sha256, folder)
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, place)
        _sync(place.parent)
    except FileExistsError:
        pass
    except OSError:  # a file system without second names, or another one
        return keep(source, folder)
    return sha256, place.stat().st_size


@contextmanager
def shelf(folder: Path, *, clearing: bool = False) -> Iterator[None]:
    """While files are put here and their rows written, nobody clears away what no row names; clearing waits, and is alone."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / ".shelf", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if clearing else fcntl.LOCK_SH)
        yield
    finally:
        os.close(handle)


def kept_in(folder: Path) -> Iterator[str]:
    """The sha256 of every file that lies here, or of which a small picture does."""
    for drawer in sorted(folder.glob("??")):
        yield from sorted({place.name[:64] for place in drawer.iterdir() if len(place.name) in (64, 69)})


def idle_since(sha256: str, folder: Path, *, now: datetime) -> datetime:
    """When it was first noted that nobody needs a file; from now on, where it was not."""
    mark = path_of(sha256, folder).with_suffix(".idle")
    if not mark.exists():
        mark.touch()
        os.utime(mark, (now.timestamp(), now.timestamp()))
    return datetime.fromtimestamp(mark.stat().st_mtime, UTC)


def needed(sha256: str, folder: Path) -> None:
    """Somebody needs it after all."""
    path_of(sha256, folder).with_suffix(".idle").unlink(missing_ok=True)


def drop(sha256: str, folder: Path, *, thumb: bool) -> None:
    """Let go of a file, and of its small picture too."""
    path_of(sha256, folder).unlink(missing_ok=True)
    needed(sha256, folder)
    if thumb:
        thumb_of(sha256, folder).unlink(missing_ok=True)


def thumb_of(sha256: str, folder: Path) -> Path:
    """Where a picture's small one lies, for our own pages."""
    return folder / sha256[:2] / f"{sha256}.webp"


def keep_thumb(source: Path, sha256: str, folder: Path) -> None:
    """Put the small picture beside its large one, whole or not at all."""
    place = thumb_of(sha256, folder)
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_suffix(f".{uuid.uuid4().hex}")
        try:
            shutil.copyfile(source, draft)
            draft.rename(place)
        finally:
            draft.unlink(missing_ok=True)


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


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
