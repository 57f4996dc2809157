"""Where everything stands on a story picture: 1080 × 1920 with what the apps cover left empty. Pure.

Instagram asks to keep about 14 % (250 pixels) at the top and 20 % (340 pixels) at the bottom free of text and logos
(https://www.facebook.com/business/ads-guide/update/image/instagram-story); of 1920 pixels that is 269 and 384, and the larger
of both is kept free here. TikTok lays its tabs over the top, its caption over the bottom and its buttons over the right side of
a picture; guides name 150, 440 and 150 pixels for these (https://ads.tiktok.com/help/article/video-ads-specifications).

Whoever draws measures: `Measure` tells how wide a text is. Nothing is cut off: texts wrap, then everything shrinks.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

WIDE, HIGH = 1080, 1920
LONGEST = 90  # characters of the creator's own sentence
LEADING = 1.25  # height of a line, in sizes
QR_SIDE = 288
_GAP, _PAD = 28, 24
_LEAST_PHOTO = 260  # pixels in the open; a smaller photo shows nothing
_WITH_PHOTO, _WITHOUT = (1.0, 0.92, 0.84, 0.76, 0.68), (0.76, 0.68, 0.6, 0.52)  # how small words become, tried in order
# What the font that Pillow brings along can draw; anything else would be an empty box.
_DRAWN = frozenset("".join(map(chr, range(0x20, 0x7F))) + "©«°±´·»‘’“”…‹›™")
_LIKE = str.maketrans({"–": "-", "—": "-", "−": "-", "•": "·", "→": "›", "←": "‹", "€": "EUR ", "×": "x", "ß": "ss", "ø": "o",
    "Ø": "O", "đ": "d", "Đ": "D", "ł": "l", "Ł": "L", "æ": "ae", "œ": "oe", "ı": "i", "„": "“"})  # fmt: skip

App = Literal["instagram", "tiktok"]
Measure = Callable[[str, int], float]
Role = Literal["disclosure", "name", "handle", "title", "price", "sentence", "code", "saves", "hint"]
_STRONG: frozenset[Role] = frozenset({"name", "title", "price", "code", "disclosure"})


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; right and bottom are the first pixels outside of it."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Words:
    """What the picture says; "" is left out. Everything here can be drawn (`drawable`)."""

    name: str
    handle: str
    title: str = ""
    price: str = ""
    sentence: str = ""
    code: str = ""
    saves: str = ""
    hint: str = ""
    disclosure: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """Lines of one size inside their box; the first line begins at its top."""

    role: Role
    lines: tuple[str, ...]
    size: int
    box: Box

    @property
    def strong(self) -> bool:
        """Whether it is drawn heavier."""
        return self.role in _STRONG


@dataclass(frozen=True, slots=True)
class Layout:
    """The whole picture. panel: the card behind QR and code; photo: None where the words need all the room."""

    texts: tuple[Text, ...]
    photo: Box | None
    panel: Box
    qr: Box


def frame_of(app: App) -> Box:
    """What the app leaves uncovered."""
    return Box(72, 270, 1008, 1530) if app == "instagram" else Box(72, 270, 924, 1472)


def drawable(text: str) -> str:
    """The text as the font can draw it: accents and strange letter shapes become plain letters, what is left over goes."""
    kept = []
    for letter in unicodedata.normalize("NFC", text).translate(_LIKE):
        known = letter if letter in _DRAWN else unicodedata.normalize("NFKD", letter)
        kept.append("".join(c for c in known if c in _DRAWN) or (" " if letter.isspace() else ""))
    return " ".join("".join(kept).split())


def loses(text: str) -> bool:
    """Whether letters or pictures of this text cannot be drawn at all."""
    for letter in unicodedata.normalize("NFC", text).translate(_LIKE):
        if letter in _DRAWN or letter.isspace() or unicodedata.category(letter) in ("Cc", "Cf", "Mn"):
            continue
        if not any(c in _DRAWN for c in unicodedata.normalize("NFKD", letter)):
            return True
    return False


def lay_out(words: Words, app: App, measure: Measure, *, filling: bool = False) -> Layout:
    """The largest arrangement that fits and leaves the photo room; the photo goes before words become too small to read.

    filling: the photo fills the whole upper end, also behind what the app lays over it; else it stays in the open.
    """
    frame = frame_of(app)
    for scale, photo in [*((each, True) for each in _WITH_PHOTO), *((each, False) for each in _WITHOUT)]:
        panel, beside, qr = _panel(words, frame, scale, measure)
        above = _lines(words, frame, scale, measure)
        top = panel.top - _GAP - (above[-1].box.bottom if above else 0)
        above = [_moved(text, top) for text in above]
        if photo and top - _GAP - frame.top >= _LEAST_PHOTO:
            room = Box(0, 0, WIDE, top - _GAP) if filling else Box(frame.left, frame.top, frame.right, top - _GAP)
            return Layout((*above, *beside), room, panel, qr)
        if not photo and top >= frame.top:
            return Layout((*above, *beside), None, panel, qr)
    raise ValueError("these words do not fit on any picture")


def wrapped(text: str, size: int, width: int, measure: Measure) -> tuple[str, ...]:
    """The text in lines of at most this width; a word that is wider alone goes on in the next line."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        if line and measure(f"{line} {word}", size) <= width:
            line = f"{line} {word}"
            continue
        if line:
            lines.append(line)
        *full, line = _broken(word, size, width, measure)
        lines.extend(full)
    return (*lines, line) if line else tuple(lines)


def _broken(word: str, size: int, width: int, measure: Measure) -> list[str]:
    parts = [""]
    for letter in word:
        if parts[-1] and measure(parts[-1] + letter, size) > width:
            parts.append(letter)
        else:
            parts[-1] += letter
    return parts


def _lines(words: Words, frame: Box, scale: float, measure: Measure) -> list[Text]:
    """Who and what, from the top down; the disclosure stands before the handle."""
    done = _stacked([("name", words.name, 60)], frame.left, 0, frame.width, scale, measure)
    top = _next(done)
    left = frame.left
    if words.disclosure:
        size = round(38 * scale)
        pad = size // 3
        lines = wrapped(words.disclosure, size, frame.width - 2 * pad, measure)
        wide = min(frame.width, math.ceil(max(measure(line, size) for line in lines)) + 2 * pad)
        box = Box(left, top, left + wide, top + math.ceil(len(lines) * size * LEADING) + pad)
        done.append(Text("disclosure", lines, size, box))
        left = box.right + _GAP // 2
    handle = _stacked([("handle", words.handle, 36)], left, top, frame.right - left, scale, measure)
    if handle and words.disclosure:  # both on one line, by their middles
        handle = [_moved(handle[0], max(0, (done[-1].box.height - handle[0].box.height) // 2))]
    done += handle
    rest: list[tuple[Role, str, int]] = [("title", words.title, 48), ("price", words.price, 64), ("sentence", words.sentence, 40)]
    return [*done, *_stacked(rest, frame.left, _next(done), frame.width, scale, measure)]


def _next(texts: Sequence[Text]) -> int:
    """Where the next line may begin."""
    return max((text.box.bottom + text.size // 4 for text in texts), default=0)


def _panel(words: Words, frame: Box, scale: float, measure: Measure) -> tuple[Box, list[Text], Box]:
    """The card at the foot of the frame, the texts in it, and the QR at its left."""
    left = frame.left + _PAD + QR_SIDE + _GAP
    width = frame.right - _PAD - left
    rows: list[tuple[Role, str, int]] = [("code", words.code, 64), ("saves", words.saves, 38), ("hint", words.hint, 34)]
    texts = _stacked(rows, left, 0, width, scale, measure)
    needed = texts[-1].box.bottom if texts else 0
    inside = max(QR_SIDE, needed)
    panel = Box(frame.left, frame.bottom - inside - 2 * _PAD, frame.right, frame.bottom)
    middle = panel.top + _PAD
    qr_top = middle + (inside - QR_SIDE) // 2
    qr = Box(frame.left + _PAD, qr_top, frame.left + _PAD + QR_SIDE, qr_top + QR_SIDE)
    return panel, [_moved(text, middle + (inside - needed) // 2) for text in texts], qr


def _stacked(
    rows: Sequence[tuple[Role, str, int]], left: int, top: int, width: int, scale: float, measure: Measure
) -> list[Text]:
    """Texts below each other, each as wide as it may be."""
    done: list[Text] = []
    for role, words, most in rows:
        if words:
            size = round(most * scale)
            lines = wrapped(words, size, width, measure)
            done.append(Text(role, lines, size, Box(left, top, left + width, top + math.ceil(len(lines) * size * LEADING))))
            top = _next(done)
    return done


def _moved(text: Text, by: int) -> Text:
    box = text.box
    return Text(text.role, text.lines, text.size, Box(box.left, box.top + by, box.right, box.bottom + by))
