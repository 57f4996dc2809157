"""Films and pictures for tests: the smallest MP4 that says how long, large and fast it is, and a reader of the same.

The doubles check what they fetch or are sent as the platforms do; no film here can be watched.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass

from PIL import Image


@dataclass(frozen=True)
class Film:
    """What a film's head says of itself. rate: frames in a second."""

    seconds: float
    width: int
    height: int
    rate: int
    codec: str = "avc1"


def film(
    seconds: float = 12, width: int = 1080, height: int = 1920, *, rate: int = 30, size: int = 0, codec: str = "avc1"
) -> bytes:
    """An MP4 head with these facts, filled up to `size` bytes."""
    scale = 1000
    mvhd = _box(b"mvhd", b"\0" * 12 + struct.pack(">II", scale, int(seconds * scale)) + b"\0" * 80)
    tkhd = _box(b"tkhd", b"\0" * 76 + struct.pack(">II", width << 16, height << 16))
    stts = _box(b"stts", struct.pack(">IIII", 0, 1, max(1, int(seconds * rate)), scale // rate or 1))
    stsd = _box(b"stsd", struct.pack(">II", 0, 1) + _box(codec.encode(), b"\0" * 78))
    track = _box(b"trak", tkhd + stsd + stts)
    head = _box(b"ftyp", b"isom\0\0\2\0isomavc1mp41") + _box(b"moov", mvhd + track)
    return head + _box(b"mdat", b"\x5a" * max(8, size - len(head) - 8))


def read_film(body: bytes) -> Film | None:
    """What the head says; None where this is no MP4 or MOV."""
    if body[4:8] != b"ftyp":
        return None
    try:
        boxes = dict(_boxes(body))
        inside = dict(_boxes(boxes[b"moov"]))
        track = dict(_boxes(inside[b"trak"]))
        scale, length = struct.unpack(">II", inside[b"mvhd"][12:20])
        width, height = (side >> 16 for side in struct.unpack(">II", track[b"tkhd"][76:84]))
        frames = struct.unpack(">I", track[b"stts"][8:12])[0]
        seconds = length / scale
        return Film(seconds, width, height, round(frames / seconds) if seconds else 0, track[b"stsd"][12:16].decode("latin-1"))
    except (KeyError, struct.error, ZeroDivisionError):
        return None


def photo(width: int = 1080, height: int = 1350, *, kind: str = "JPEG", size: int = 0) -> bytes:
    """A picture of one colour, filled up to `size` bytes."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), (180, 90, 40)).save(out, kind)
    return out.getvalue() + b"\0" * max(0, size - out.tell())


def _box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + name + body


def _boxes(body: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], 0
    while at + 8 <= len(body):
        size, name = struct.unpack(">I4s", body[at : at + 8])
        if size < 8:
            break
        found.append((name, body[at + 8 : at + size]))
        at += size
    return found
