"""Pictures people upload: opened with care, turned, shrunk and saved anew as WebP.

Decoding is slow and writes files, so it happens before a transaction (`prepare`); the row is written inside
one (`keep`). What is stored is only ever our own encoding, so nothing hidden in an upload gets out again.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import threading
import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from PIL import Image, ImageOps
from sqlalchemy import CheckConstraint, ForeignKey, String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from ..kernel import pictures
from ..kernel.database import Model, UtcDateTime, primary_key, public_key, session
from ..kernel.errors import N_, Invalid, NotFound

SIZES = (160, 320, 640, 1200)  # widths in pixels: avatars, cards on phones, photo on phones, photo on desks
CARD = "1200.jpg"  # for link previews (og:image), which some apps take as JPEG only
NAMES = (*(f"{size}.webp" for size in SIZES), CARD)
MAX_BYTES = 10 * 1024 * 1024
CARD_WIDTH = 600  # WhatsApp shows narrower pictures as a small square
CARD_BYTES = 300_000
_BUDGET = {160: 7_000, 320: 18_000, 640: 60_000, 1200: 180_000}  # bytes; so that a link page's first view fits in 60 KB
SINGLE_WIDTH, SINGLE_BUDGET = 1600, 400_000  # pixels, bytes: the small print on a photographed invoice stays readable
_QUALITIES = (76, 66, 54, 42, 30, 18)

_decoding = threading.Lock()


class NotAPicture(Invalid):
    """An upload that is no picture we take."""

    code = "not_a_picture"
    message = N_("This is not a photo that can be used. Please choose a JPEG, PNG or WebP picture.")


TOO_BIG = N_("This picture is too large. Please choose one of at most 10 MB and 50 megapixels.")
TOO_SMALL = N_("This picture is too small to be seen. Please choose a larger one.")
DAMAGED = N_("This picture is damaged or incomplete. Please choose another one.")


class Picture(Model):
    """A re-encoded picture in the media folder, owned by a brand or a creator; public by its id."""

    __tablename__ = "pictures"
    __table_args__ = (CheckConstraint("(brand_id IS NULL) <> (creator_id IS NULL)", name="one_owner"),)

    id: Mapped[int] = primary_key()
    public_id: Mapped[str] = public_key("pic")
    brand_id: Mapped[int | None] = mapped_column(ForeignKey("brands.id"), index=True)
    creator_id: Mapped[int | None] = mapped_column(ForeignKey("creators.id"), index=True)
    width: Mapped[int]  # of the largest variant
    height: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), index=True)  # of the largest variant; names its folder
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A picture whose files are in the media folder; `keep` gives it a row."""

    sha256: str
    width: int
    height: int


def prepare(data: bytes, folder: Path) -> Prepared:
    """Decode, turn, shrink and write all sizes below `folder`; NotAPicture where that cannot be done.

    Slow: never inside a transaction.
    """
    files, width, height = render(data)
    sha256 = hashlib.sha256(files[f"{SIZES[-1]}.webp"]).hexdigest()
    _write(files, folder, sha256)
    return Prepared(sha256, width, height)


def render(data: bytes) -> tuple[dict[str, bytes], int, int]:
    """The files of a picture by name, and the width and height of the largest."""
    if len(data) > MAX_BYTES:
        raise NotAPicture(TOO_BIG, code="too_big")
    with _decoding:
        picture = _opened(data)
        sizes = {size: _shrunk(picture, size) for size in SIZES}
    files = {f"{size}.webp": _webp(image, _BUDGET[size]) for size, image in sizes.items()}
    files[CARD] = _card(sizes[SIZES[-1]])
    return files, *sizes[SIZES[-1]].size


def single(data: bytes) -> tuple[bytes, int, int]:
    """A picture for a few eyes only, as one WebP that another room keeps: content, width and height. NotAPicture."""
    if len(data) > MAX_BYTES:
        raise NotAPicture(TOO_BIG, code="too_big")
    with _decoding:
        image = _shrunk(_opened(data), SINGLE_WIDTH)
    return _webp(image, SINGLE_BUDGET), *image.size


def keep(prepared: Prepared, *, brand_id: int | None = None, creator_id: int | None = None, now: datetime) -> Picture:
    """Write the row of a prepared picture for its one owner; the same picture again is the same row."""
    if (brand_id is None) == (creator_id is None):
        raise ValueError("a picture belongs to a brand or to a creator")
    owner = Picture.brand_id == brand_id if brand_id is not None else Picture.creator_id == creator_id
    found = session().scalar(select(Picture).where(Picture.sha256 == prepared.sha256, owner).order_by(Picture.id).limit(1))
    if found is not None:
        return found
    picture = Picture(
        brand_id=brand_id,
        creator_id=creator_id,
        width=prepared.width,
        height=prepared.height,
        sha256=prepared.sha256,
        created_at=now,
    )
    session().add(picture)
    session().flush()
    return picture


def find(public_id: str) -> Picture | None:
    """The picture with this id, whoever owns it: pictures are public."""
    return session().scalar(select(Picture).where(Picture.public_id == public_id))


def of_brand(brand_id: int, public_id: str) -> Picture:
    """A brand's own picture."""
    return _owned(find(public_id), "brand_id", brand_id)


def of_creator(creator_id: int, public_id: str) -> Picture:
    """A creator's own picture."""
    return _owned(find(public_id), "creator_id", creator_id)


def forget(picture: Picture) -> str | None:
    """Delete the row; the sha256 whose files nobody else shows any more, to be given to `erase` after the commit."""
    session().delete(picture)
    session().flush()
    others = session().scalar(select(func.count()).select_from(Picture).where(Picture.sha256 == picture.sha256))
    return None if others else picture.sha256


def erase(sha256: str, folder: Path) -> None:
    """Remove the files of a forgotten picture."""
    shutil.rmtree(files_of(sha256, folder), ignore_errors=True)


def files_of(sha256: str, folder: Path) -> Path:
    """The folder that holds the sizes of one picture."""
    return folder / sha256[:2] / sha256


def _owned(picture: Picture | None, column: Literal["brand_id", "creator_id"], owner_id: int) -> Picture:
    if picture is None or getattr(picture, column) != owner_id:
        raise NotFound()
    return picture


def _opened(data: bytes) -> Image.Image:
    try:
        with pictures.careful():
            image = pictures.opened(io.BytesIO(data), side=SIZES[-1] * 2)
            return pictures.in_srgb(ImageOps.exif_transpose(image))
    except pictures.Unusable as error:
        raise _refusal(error.why) from error


def _refusal(why: str) -> NotAPicture:
    match why:
        case "many_pixels":
            return NotAPicture(TOO_BIG, code="too_big")
        case "small":
            return NotAPicture(TOO_SMALL, code="too_small")
        case "damaged":
            return NotAPicture(DAMAGED, code="damaged")
    return NotAPicture()


def _shrunk(image: Image.Image, width: int) -> Image.Image:
    # a tall strip is bounded too: WebP ends at 16,383 pixels
    copy = image.copy()
    copy.thumbnail((width, width * 2), Image.Resampling.LANCZOS)
    return copy


def _webp(image: Image.Image, budget: int) -> bytes:
    """As good as fits into the budget; a very busy picture may still be larger, at the lowest quality."""
    content = b""
    for quality in _QUALITIES:
        out = io.BytesIO()
        image.save(out, "WEBP", quality=quality, method=4)
        content = out.getvalue()
        if len(content) <= budget:
            break
    return content


def _card(image: Image.Image) -> bytes:
    """A JPEG on white, at least 600 pixels wide and under 300 KB."""
    flat = pictures.on_white(image)
    if flat.width < CARD_WIDTH:
        flat = flat.resize((CARD_WIDTH, max(1, round(flat.height * CARD_WIDTH / flat.width))), Image.Resampling.LANCZOS)
    if flat.height > flat.width * 2:
        flat = ImageOps.fit(flat, (flat.width, flat.width * 2))
    return _jpeg_under(flat, CARD_BYTES)


def _jpeg_under(image: Image.Image, limit: int) -> bytes:
    content = b""
    for width in (image.width, 900, CARD_WIDTH):
        if width < image.width:
            image = image.resize((width, max(1, round(image.height * width / image.width))), Image.Resampling.LANCZOS)
        for quality in (82, 70, 55, 35, 15):
            out = io.BytesIO()
            image.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
            content = out.getvalue()
            if len(content) < limit:
                return content
    return content


def _write(files: dict[str, bytes], folder: Path, sha256: str) -> None:
    """All sizes or none: a folder under a draft name, then one rename. A picture we have already is left alone."""
    place = files_of(sha256, folder)
    if place.is_dir():
        return
    draft = folder / f".draft-{uuid.uuid4().hex}"
    draft.mkdir(parents=True)
    try:
        for name, content in files.items():
            with (draft / name).open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        place.parent.mkdir(exist_ok=True)
        try:
            draft.rename(place)
        except OSError:
            if not place.is_dir():  # else somebody stored the same picture at the same moment
                raise
        _sync(place.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
