"""What Instagram says of the files it fetches: sections A12, A13. It fetches them itself, without following a redirect."""

from __future__ import annotations

import io
from typing import Any

import requests
from PIL import Image

from ..films import read_film
from .world import refused

MOST = 300 * 1024 * 1024
SECONDS = 5.0


def fetched(url: Any) -> bytes:
    """The bytes at an address that anybody may read; 9004/2207052 where there are none, -2/2207003 where they do not come."""
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        raise refused(9004, 2207052, "Only photo or video can be accepted as media type.")
    try:
        with requests.get(url, timeout=SECONDS, allow_redirects=False, stream=True) as answer:
            if answer.status_code != 200:
                raise refused(9004, 2207052, "The media could not be fetched from this URI.")
            return answer.raw.read(MOST + 1) or b""
    except requests.Timeout:
        raise refused(-2, 2207003, "It takes too long to download the media.") from None
    except requests.RequestException:
        raise refused(9004, 2207052, "The media could not be fetched from this URI.") from None


def check_image(body: bytes, kind: str) -> None:
    """JPEG, at most 8 MiB, 4:5 to 1.91:1 but for stories (9:16 is their own shape); told at once, when it is asked for."""
    try:
        with Image.open(io.BytesIO(body)) as image:
            shape, (width, height) = image.format, image.size
    except (OSError, SyntaxError):
        raise refused(9004, 2207052, "Only photo or video can be accepted as media type.") from None
    if shape in ("PNG", "WEBP"):
        raise refused(9004, 2207052, "Only photo or video can be accepted as media type.")
    if shape != "JPEG":
        raise refused(36001, 2207005, "The image format is not supported.")
    if len(body) > 8 * 1024 * 1024:
        raise refused(36000, 2207004, "The image is too large to download.")
    if kind != "STORIES" and not 0.8 - 0.001 <= width / height <= 1.91 + 0.001:
        raise refused(36003, 2207009, "The submitted image has an aspect ratio that is not supported.")


def film_fault(body: bytes, kind: str) -> int | None:
    """The number that a film's container fails with after it was fetched; None where it is well."""
    film = read_film(body)
    if film is None:
        return 2207026
    longest = 60 if kind == "STORIES" else 15 * 60
    largest = (100 if kind == "STORIES" else 300) * 1024 * 1024
    if not 3 <= film.seconds <= longest or not 23 <= film.rate <= 60 or film.width > 1920 or len(body) > largest:
        return 2207026
    if film.codec not in ("avc1", "hvc1", "hev1") or not 0.01 <= film.width / film.height <= 10:
        return 2207026
    return None


def is_film(body: bytes) -> bool:
    """Whether it looks like a film at all."""
    return body[4:8] == b"ftyp"
