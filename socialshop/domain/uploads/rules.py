"""What may be sent, how much of it, and for how long it is kept without a post. Pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from ...kernel.errors import N_

Kind = Literal["image", "video"]

WAITS = timedelta(hours=24)  # an upload that nobody goes on with
STAYS = timedelta(days=30)  # a file that no post or draft names
AT_ONCE = 50  # uploads underway of one creator
MANY = 5_000  # uploads of one creator, however small
HEAD = 32  # bytes that tell what a file is
NAME = 120  # letters of a file's name that are kept

# why a file was not taken: word → what to do
WHY: dict[str, str] = {
    "not_media": N_("This is neither a picture nor a film that can be posted. Please choose JPEG, PNG, WebP, MP4, MOV or WebM."),
    "heic": N_("This picture is in Apple's HEIC format, which Instagram and TikTok do not take. Please share it as JPEG."),
    "large_picture": N_("This picture is larger than is taken here. Please choose a smaller one."),
    "large_film": N_("This film is larger than is taken here. Please shorten it, or save it in a lower quality."),
    "many_pixels": N_("This picture has more pixels than is taken here. Please choose one of at most 50 megapixels."),
    "small_picture": N_("This picture is too small to be seen. Please choose a larger one."),
    "damaged_picture": N_("This picture is damaged or incomplete. Please choose another one."),
    "damaged_film": N_("This film is damaged or incomplete. Please save it again and choose the new file."),
    "no_picture": N_("There is no moving picture in this file. Please choose a film."),
    "too_costly": N_("This file takes too long to be read, or too much memory. Please save it again and choose the new file."),
}  # fmt: skip

_IMAGES = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
_FILMS = {"mp4": "video/mp4", "m4v": "video/mp4", "mov": "video/quicktime", "webm": "video/webm"}
TYPES = {**_IMAGES, **_FILMS}
_HEIF = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis")


@dataclass(frozen=True, slots=True)
class Limits:
    """What the operator lets one creator bring, in bytes."""

    picture: int = 20 * 1024 * 1024
    film: int = 300 * 1024 * 1024
    underway: int = 2 * 1024 * 1024 * 1024  # announced and not finished
    kept: int = 20 * 1024 * 1024 * 1024  # ready, whether posted or not

    def largest(self, kind: str) -> int:
        """How large one file may be."""
        return self.picture if kind == "image" else self.film


def announced(name: str, media_type: str) -> str:
    """The media type that a browser says, or else the name; "" where it is none we take."""
    told = media_type.partition(";")[0].strip().casefold()
    if told in TYPES.values():
        return told
    return TYPES.get(name.rpartition(".")[2].casefold(), "")


def kind_of(media_type: str) -> Kind:
    """Picture or film."""
    return "image" if media_type.startswith("image/") else "video"


def sniffed(head: bytes) -> str:
    """What a file's first bytes say it is; "heic" and "" are not taken."""
    if head[:3] == b"\xff\xd8\xff":
        return "image/jpeg"
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[:4] == b"\x1aE\xdf\xa3":
        return "video/webm"
    if head[4:8] == b"ftyp":
        if head[8:12] in _HEIF:
            return "heic"
        return "video/quicktime" if head[8:12] == b"qt  " else "video/mp4"
    if head[4:8] in (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"):
        return "video/quicktime"  # as old cameras write it
    return ""


def called(name: str) -> str:
    """A file's name as it is shown: without folders, controls and excess."""
    plain = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    kept = "".join(letter for letter in plain if unicodedata.category(letter)[0] != "C" and unicodedata.category(letter) != "Zl")
    return " ".join(kept.split())[:NAME] or "file"


def over_at(updated_at: datetime) -> datetime:
    """When an upload that nobody goes on with is let go of."""
    return updated_at + WAITS
