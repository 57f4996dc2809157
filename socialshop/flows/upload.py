"""A picture or film on its way in: announced, received piece by piece, looked at, kept.

A piece is safe on the disk before the database says so, and the database before the sender is told; whoever was killed in
between, the sender asks how far it came and goes on from there. Of two who append at once the newer one goes on.
"""

from __future__ import annotations

import errno
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from ..adapters import inspect
from ..domain import people, social, uploads
from ..domain.social import MediaFacts
from ..domain.uploads import Kept, Limits, Upload
from ..kernel import faults, jobs
from ..kernel.database import end_reading, transaction
from ..kernel.errors import N_, Conflict, Gone, Invalid, Unavailable

log = structlog.get_logger("uploads")
SPARE = 256 * 1024 * 1024  # bytes of the disk that uploads leave to everybody else
LOOK_AGAIN = timedelta(minutes=2)  # after the last byte, should whoever received it be gone


class NotTaken(Invalid):
    """A file of a kind or size that is not taken. code: a word of `uploads.WHY`."""


class TooMuch(Conflict):
    """A creator has more underway, or kept, than the operator lets one have."""


class WrongPlace(Conflict):
    """The bytes do not go on where the file ends, or somebody else goes on there. at: where it ends."""

    code = "wrong_offset"
    message = N_("This part does not follow what has arrived so far. The upload goes on where it stopped.")


class NoRoom(Unavailable):
    """The disk is full."""

    code = "no_room"
    message = N_("There is no room for this file on the server right now. Nothing of it was lost; please try again later.")


class Over(Gone):
    """It waited too long."""

    code = "upload_over"
    message = N_("This upload was stopped for too long and is over. Please choose the file again.")


class NotReady(Conflict):
    """A file that is still on its way, or was not taken, cannot be posted."""

    code = "not_ready"
    message = N_("A picture or film is still being uploaded, or could not be used. Please look at your files.")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where bytes wait, where the files of posts lie, and how much is taken."""

    parts: Path
    files: Path
    limits: Limits


_place: list[_Place] = []


def set_up(parts: Path, files: Path, *, limits: Limits) -> None:
    """Say where uploads wait and where the files of posts lie."""
    _place[:] = [_Place(parts, files, limits)]


def limits() -> Limits:
    """How much is taken."""
    return _place[0].limits


def folder() -> Path:
    """Where the files of posts lie."""
    return _place[0].files


def parts_folder() -> Path:
    """Where bytes wait until a file is whole."""
    return _place[0].parts


def begin(creator_id: int, *, name: str, size: int, media_type: str = "", now: datetime) -> Upload:
    """Announce a file of so many bytes. NotTaken, TooMuch, NoRoom."""
    place, media_type = _place[0], uploads.announced(name, media_type)
    if not media_type:
        raise _not_taken("heic" if name.casefold().endswith((".heic", ".heif", ".avif")) else "not_media")
    kind = uploads.kind_of(media_type)
    if size < 1:
        raise _not_taken("damaged_picture" if kind == "image" else "damaged_film")
    if size > place.limits.largest(kind):
        raise _not_taken("large_picture" if kind == "image" else "large_film")
    place.parts.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(place.parts).free < size + SPARE:
        raise NoRoom()
    with transaction():
        people.hold_creator(creator_id)  # what is underway is counted by one at a time
        count, underway = uploads.underway(creator_id)
        if count >= uploads.AT_ONCE or underway + size > place.limits.underway:
            raise TooMuch(
                N_("Too much is being uploaded at once. Please let some of it finish, or remove it, and try again."),
                code="too_much_underway",
            )
        stored = max(uploads.kept(creator_id), social.bytes_needed(creator_id, now=now))  # removed ones stay with their posts
        if stored + size > place.limits.kept or uploads.how_many(creator_id) >= uploads.MANY:
            raise TooMuch(
                N_("There is no room left for more of your files. Please remove some that you do not need any more."),
                code="too_much_kept",
            )
        return uploads.begin(creator_id, name=uploads.called(name), size=size, kind=kind, media_type=media_type, now=now)


def receive(creator_id: int, public_id: str, at: int, pieces: Iterable[bytes], *, now: datetime) -> Upload:
    """Append what comes, piece by piece, and look at it once it is whole. NotFound, Over, WrongPlace, NotTaken, NoRoom.

    What arrived before `pieces` broke off stays, whatever it breaks off with.
    """
    row = open_(creator_id, public_id, now=now)
    writer = secrets.token_hex(12)
    with transaction():
        if not uploads.take_over(row.id, writer, at=at, now=now):
            raise WrongPlace(at=uploads.upload_of(creator_id, public_id).received)
    for piece in pieces:
        if at + len(piece) > row.size:
            raise NotTaken(N_("More arrived than was announced."), code="too_large")
        if at == 0 and len(piece) >= uploads.HEAD:
            _glance(row, piece, now=now)
        _append(row, writer, at, piece, now=now)
        at += len(piece)
    return finish(row.id, now=now) if at == row.size else uploads.upload_of(creator_id, public_id)


def open_(creator_id: int, public_id: str, *, now: datetime) -> Upload:
    """An upload that still takes bytes. NotFound, Over, NotTaken, WrongPlace: it has them all."""
    end_reading()
    row = uploads.upload_of(creator_id, public_id)
    if row.state == "refused":
        raise _not_taken(row.why)
    if row.state == "ready":
        raise WrongPlace(at=row.size)
    if now >= uploads.over_at(row.updated_at):
        raise Over()
    return row


def finish(upload_id: int, *, now: datetime) -> Upload:
    """Look at a file whose last byte is here, and keep it or not. Safe to repeat, and at once: one does it."""
    row = _found(upload_id)
    place = _place[0]
    waiting = uploads.parts.path_of(row.public_id, place.parts)
    with uploads.parts.looked_at(waiting) as mine:
        row = _found(upload_id)
        if not mine or row.state != "receiving" or row.received < row.size:
            return row
        with waiting.open("rb") as file:
            media_type = uploads.sniffed(file.read(uploads.HEAD))
        try:
            with tempfile.TemporaryDirectory(prefix=".look-", dir=place.parts) as desk, social.files.shelf(place.files):
                kept = _looked_at(row, waiting, media_type, Path(desk), place.files)
                faults.point("upload.after_keep_before_note")
                with transaction():
                    uploads.ready(upload_id, kept, now=now)
        except inspect.Unfit as refused:
            log.info("a file was not taken", upload=row.public_id, why=refused.why, media_type=media_type)
            with transaction():
                uploads.refuse(upload_id, refused.why, now=now)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise NoRoom() from error
            raise
        waiting.unlink(missing_ok=True)
    return _found(upload_id)


def look(payload: dict[str, Any], *, now: datetime) -> None:
    """Job "upload.look": whoever received the last byte did not come to look at it."""
    if uploads.find(payload["upload"]) is not None:
        finish(payload["upload"], now=now)


def whole(creator_id: int, name: str, media_type: str, size: int, pieces: Iterable[bytes], *, now: datetime) -> Upload:
    """A file that comes in one go, by a plain form. As `begin` and `receive`."""
    row = begin(creator_id, name=name, size=size, media_type=media_type, now=now)
    return receive(creator_id, row.public_id, 0, pieces, now=now)


def remove(creator_id: int, public_id: str) -> None:
    """Forget an upload; a post that has its file keeps it. NotFound."""
    with transaction():
        row = uploads.upload_of(creator_id, public_id)
        uploads.drop(row.id)
    uploads.parts.path_of(public_id, _place[0].parts).unlink(missing_ok=True)


def facts_of(creator_id: int, public_ids: Sequence[str]) -> tuple[MediaFacts, ...]:
    """These files as a post takes them, in this order. NotFound: one is unknown or a stranger's; NotReady."""
    found = uploads.named(creator_id, set(public_ids))
    rows = [found.get(public_id) or uploads.upload_of(creator_id, public_id) for public_id in public_ids]
    if any(row.state != "ready" for row in rows):
        raise NotReady()
    return tuple(
        MediaFacts(
            row.kind, row.media_type, row.kept, row.sha256, row.width, row.height, row.milliseconds,
            codec=row.facts.get("codec", ""), rate=row.facts.get("rate", 0), audio=row.facts.get("audio", ""),
            audio_rate=row.facts.get("audio_rate", 0),
        )
        for row in rows
    )  # fmt: skip


def _found(upload_id: int) -> Upload:
    end_reading()
    row = uploads.find(upload_id)
    if row is None:
        raise Over()
    return row


def _append(row: Upload, writer: str, at: int, piece: bytes, *, now: datetime) -> None:
    """One piece: safe on the disk, then told. Whoever was taken over writes nothing any more."""
    place = _place[0]
    with uploads.parts.held(uploads.parts.path_of(row.public_id, place.parts)) as file:
        end_reading()
        known = uploads.find(row.id)
        if known is None or known.state != "receiving" or known.writer != writer or known.received != at:
            raise WrongPlace(at=known.received if known else 0)
        if file.size < at:  # what was told is not there: a folder that came back from a backup
            raise Over()
        if shutil.disk_usage(place.parts).free < len(piece) + SPARE // 2:  # many were let in with the same room
            raise NoRoom()
        try:
            file.append(piece, at=at)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise NoRoom() from error
            raise
        faults.point("upload.after_append_before_note")
        with transaction():
            if not uploads.advance(row.id, writer, at=at, to=at + len(piece), now=now):
                raise WrongPlace(at=at)
            if at + len(piece) == row.size:
                jobs.add("upload.look", {"upload": row.id}, key=f"upload.look:{row.id}", now=now, run_at=now + LOOK_AGAIN)


def _glance(row: Upload, head: bytes, *, now: datetime) -> None:
    """What the first bytes say, so that nobody sends 300 MB in vain. NotTaken."""
    found = uploads.sniffed(head[: uploads.HEAD])
    why = ""
    if found in ("", "heic"):
        why = found or "not_media"
    elif row.size > limits().largest(uploads.kind_of(found)):
        why = "large_picture" if found.startswith("image/") else "large_film"
    if why:
        with transaction():
            uploads.refuse(row.id, why, now=now)
        raise _not_taken(why)


def _looked_at(row: Upload, source: Path, media_type: str, desk: Path, files: Path) -> Kept:
    """The file as it is kept: a picture in our own encoding, a film as it came. Unfit, OSError."""
    if media_type in ("", "heic"):
        raise inspect.Unfit(media_type or "not_media")
    if media_type.startswith("video/"):
        film = inspect.film(source, media_type)
        sha256, size = social.files.adopt(source, files)
        return Kept("video", film.media_type, sha256, size, film.width, film.height, film.milliseconds, film.facts)
    if row.size > limits().picture:
        raise inspect.Unfit("large_picture")
    made, thumb = desk / "picture", desk / "thumb"
    picture = inspect.picture(source, out=made, thumb=thumb)
    sha256, size = social.files.keep(made, files)
    social.files.keep_thumb(thumb, sha256, files)
    return Kept("image", picture.media_type, sha256, size, picture.width, picture.height)


def _not_taken(why: str) -> NotTaken:
    return NotTaken(uploads.WHY.get(why), code=why)
