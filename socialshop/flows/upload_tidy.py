"""What nobody goes on with or needs any more: uploads that stopped, files that no upload, draft or post names."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import structlog

from ..domain import social, uploads
from ..kernel.database import end_reading, transaction
from . import upload

log = structlog.get_logger("uploads")
IDLE = timedelta(hours=20)  # noted as needed by nobody at one look, gone at the next one
STALE = timedelta(hours=6)  # a draft that a killed process left behind
_MANY = 200


def tidy(_payload: dict[str, Any], *, now: datetime) -> None:
    """Job "uploads.tidy", once a day. Safe to repeat."""
    for upload_id in uploads.unfinished(now - upload.LOOK_AGAIN):
        upload.finish(upload_id, now=now)
    _let_go_of_uploads(now)
    upload.parts_folder().mkdir(parents=True, exist_ok=True)
    _let_go_of_bytes(upload.parts_folder(), now)
    if upload.folder().is_dir():
        _let_go_of_files(upload.folder(), now)


def _let_go_of_uploads(now: datetime) -> None:
    """Those that stopped or were refused a day ago, and those that are ready since long and named by nothing."""
    end_reading()
    gone = [row.id for row in uploads.silent(now)]
    named = social.uploads_named()
    after = 0
    while rows := uploads.resting(now, after=after):
        after = rows[-1].id
        for row in rows:
            if row.public_id not in named:
                gone.append(row.id)
    for upload_id in gone:
        with transaction():
            uploads.drop(upload_id)


def _let_go_of_bytes(folder: Path, now: datetime) -> None:
    """What lies here without an upload that is being received."""
    end_reading()
    lying = [place for place in folder.iterdir() if not place.name.startswith(".")]
    wanted = uploads.here([place.name for place in lying])
    for place in lying:
        if place.name not in wanted:
            place.unlink(missing_ok=True)
    _sweep_desks(folder, now)


def _let_go_of_files(folder: Path, now: datetime) -> None:
    """Alone at the shelf: whoever is just keeping a file has written its row by then."""
    lying, gone = social.files.kept_in(folder), 0
    while part := list(islice(lying, _MANY)):
        with social.files.shelf(folder, clearing=True):
            end_reading()
            wanted = uploads.known(part) | social.files_needed(part, now=now)
            shown = social.files_shown(part)
            for sha256 in part:
                if sha256 in wanted:
                    social.files.needed(sha256, folder)
                elif sha256 in shown and not social.files.path_of(sha256, folder).exists():
                    continue  # the small picture stays with its post
                elif social.files.idle_since(sha256, folder, now=now) <= now - IDLE:
                    social.files.drop(sha256, folder, thumb=sha256 not in shown)
                    gone += 1
    if gone:
        log.info("files of posts let go of", files=gone)
    _sweep_desks(folder, now)


def _sweep_desks(folder: Path, now: datetime) -> None:
    for desk in folder.glob(".*-*"):
        if desk.is_dir() and desk.stat().st_mtime < (now - STALE).timestamp():
            shutil.rmtree(desk, ignore_errors=True)
