"""Films and pictures for tests: a small MP4 that says how long, large and fast it is, and a reader of the same.

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
    seconds: float = 12, width: int = 1080, height: int = 1920, *, rate: int = 30, size: int = 0, codec: str = "avc1",
    turned: int = 0, sound: bool = False, brand: bytes = b"isom", tail: bool = False,
) -> bytes:  # fmt: skip
    """An MP4 with these facts, filled up to `size` bytes. turned: 0, 90, 180 or 270 degrees; tail: the head comes last."""
    frames, scale = max(1, int(seconds * rate)), rate * 1000
    front = _box(b"ftyp", brand + b"\0\0\2\0isomavc1mp41")
    length = len(_head(seconds, width, height, frames, scale, codec, turned, sound, 1, 0))
    body = b"\x5a" * max(8, size - len(front) - length - 8)
    at = len(front) + 8 + (0 if tail else length)
    head = _head(seconds, width, height, frames, scale, codec, turned, sound, max(1, len(body) // frames), at)
    data = _box(b"mdat", body)
    return front + (data + head if tail else head + data)


def _head(
    seconds: float, width: int, height: int, frames: int, scale: int, codec: str, turned: int, sound: bool, sample: int, at: int
) -> bytes:
    mvhd = _box(b"mvhd", _full() + b"\0" * 8 + struct.pack(">IIIH", 1000, int(seconds * 1000), 0x10000, 0x100) + b"\0" * 10 + _MATRIX[0]
                + b"\0" * 24 + struct.pack(">I", 3))  # fmt: skip
    entry = b"\0" * 6 + struct.pack(">H", 1)
    picture = entry + b"\0" * 16 + struct.pack(">HHIIIH", width, height, 0x480000, 0x480000, 0, 1) + b"\0" * 32
    picture += struct.pack(">Hh", 24, -1)
    tracks = _track(1, b"vide", seconds, frames, scale, 1000, codec.encode(), picture, sample, at, (width, height), turned)
    if sound:
        voice = entry + b"\0" * 8 + struct.pack(">HHHHI", 2, 16, 0, 0, 44100 << 16) + _box(b"esds", _full() + _AAC)
        tracks += _track(2, b"soun", seconds, max(1, int(seconds * 43)), 44100, 1024, b"mp4a", voice, 1, at, (0, 0), 0)
    return _box(b"moov", mvhd + tracks)


def _track(
    number: int, kind: bytes, seconds: float, frames: int, scale: int, step: int, codec: bytes, entry: bytes, sample: int, at: int,
    sides: tuple[int, int], turned: int,
) -> bytes:  # fmt: skip
    tkhd = _box(b"tkhd", _full(3) + b"\0" * 8 + struct.pack(">III", number, 0, int(seconds * 1000)) + b"\0" * 16 + _MATRIX[turned]
                + struct.pack(">II", sides[0] << 16, sides[1] << 16))  # fmt: skip
    mdhd = _box(b"mdhd", _full() + b"\0" * 8 + struct.pack(">IIHH", scale, int(seconds * scale), 0x55C4, 0))
    hdlr = _box(b"hdlr", _full() + b"\0" * 4 + kind + b"\0" * 12 + b"double\0")
    face = _box(b"vmhd", _full(1) + b"\0" * 8) if kind == b"vide" else _box(b"smhd", _full() + b"\0" * 4)
    dinf = _box(b"dinf", _box(b"dref", _full() + struct.pack(">I", 1) + _box(b"url ", _full(1))))
    stbl = _box(
        b"stbl",
        _box(b"stsd", _full() + struct.pack(">I", 1) + _box(codec, entry))
        + _box(b"stts", _full() + struct.pack(">III", 1, frames, step))
        + _box(b"stsc", _full() + struct.pack(">IIII", 1, 1, frames, 1))
        + _box(b"stsz", _full() + struct.pack(">II", sample, frames))
        + _box(b"stco", _full() + struct.pack(">II", 1, at)),
    )
    return _box(b"trak", tkhd + _box(b"mdia", mdhd + hdlr + _box(b"minf", face + dinf + stbl)))


def read_film(body: bytes) -> Film | None:
    """What the head says; None where this is no MP4 or MOV."""
    if body[4:8] != b"ftyp":
        return None
    try:
        head = dict(_boxes(dict(_boxes(body))[b"moov"]))
        track = dict(_boxes(head[b"trak"]))
        media = dict(_boxes(track[b"mdia"]))
        table = dict(_boxes(dict(_boxes(media[b"minf"]))[b"stbl"]))
        scale, length = struct.unpack(">II", head[b"mvhd"][12:20])
        width, height = (side >> 16 for side in struct.unpack(">II", track[b"tkhd"][76:84]))
        frames = struct.unpack(">I", table[b"stts"][8:12])[0]
        seconds = length / scale
        return Film(seconds, width, height, round(frames / seconds) if seconds else 0, table[b"stsd"][12:16].decode("latin-1"))
    except (KeyError, struct.error, ZeroDivisionError):
        return None


def photo(width: int = 1080, height: int = 1350, *, kind: str = "JPEG", size: int = 0) -> bytes:
    """A picture of one colour, filled up to `size` bytes."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), (180, 90, 40)).save(out, kind)
    return out.getvalue() + b"\0" * max(0, size - out.tell())


_AAC = bytes.fromhex("031900010004114015000000000000000000000005021210060102")  # two channels of 44.1 kHz, low complexity
_MATRIX = {
    turned: struct.pack(">9i", a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 0x40000000)
    for turned, (a, b, c, d) in {0: (1, 0, 0, 1), 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}.items()
}


def _full(flags: int = 0) -> bytes:
    return struct.pack(">I", flags)


def _box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + name + body


def _boxes(body: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], 0
    while at + 8 <= len(body):
        size, name = struct.unpack(">I4s", body[at : at + 8])
        if size < 8:
            break
        if all(name != known for known, _ in found):  # the first track is the film's
            found.append((name, body[at + 8 : at + size]))
        at += size
    return found
