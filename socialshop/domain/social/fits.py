"""What each channel takes of pictures and films, what does not fit and how that is changed, and what we mend ourselves. Pure.

https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media (images, reels, stories)
https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide (videos and photos)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from .fit_sayings import SAYINGS
from .media_facts import MediaFacts
from .remarks import NAMES, Remark
from .sayings import Saying

Sides = tuple[int, int]
MEGABYTE = 1024 * 1024
TALLEST, WIDEST = Fraction(4, 5), Fraction(191, 100)  # width to height of a picture in Instagram's feed
STORY: Sides = (1080, 1920)
NARROWEST, BROADEST = 320, 1440  # width in pixels of a picture on Instagram
PHOTO: Sides = (1080, 1920)  # shorter and longer side of a photo on TikTok
ALIKE = Fraction(1, 100)  # ratios that differ by less are one
_SLOWEST, _FASTEST = 23_000, 60_100  # frames in 1,000 seconds; cameras that promise 60 are a little over


@dataclass(frozen=True, slots=True)
class Film:
    """What a channel takes of films. sides: the least and the largest; widest: in pixels; milliseconds: from, to."""

    codecs: tuple[str, ...]
    types: tuple[str, ...]
    megabytes: int
    milliseconds: tuple[int, int]
    widest: int = 0
    sides: Sides = (0, 0)
    audio: tuple[str, int] = ("", 0)  # codec, and the highest sampling rate


_MP4 = ("video/mp4", "video/quicktime")
_REEL = Film(("h264", "hevc"), _MP4, 300, (3_000, 900_000), widest=1920, audio=("aac", 48_000))
FILMS: Mapping[tuple[str, str], Film] = {
    ("instagram", "reel"): _REEL,
    ("instagram", "carousel"): _REEL,
    ("instagram", "story"): Film(("h264", "hevc"), _MP4, 100, (3_000, 60_000), widest=1920, audio=("aac", 48_000)),
    ("tiktok", "video"): Film(
        ("h264", "hevc", "vp8", "vp9"), (*_MP4, "video/webm"), 4_000, (1_000, 600_000), sides=(360, 4096)
    ),
}  # fmt: skip
COUNTS: Mapping[tuple[str, str], tuple[int, int]] = {
    ("instagram", "carousel"): (2, 10),
    ("tiktok", "photos"): (1, 35),
}
WANTED: Mapping[str, str] = {"image": "image", "reel": "video", "video": "video", "photos": "image"}  # kind of post → of file


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing about a file. position: from 0 on; None: it is about all of them."""

    saying: Saying
    facts: Mapping[str, object]
    position: int | None = None

    @property
    def code(self) -> str:
        """One word."""
        return self.saying.code

    @property
    def message(self) -> str:
        """The sentence, with {names} of its facts."""
        return self.saying.message

    @property
    def mended(self) -> bool:
        """Whether it goes out all the same."""
        return not self.saying.stops

    @property
    def remark(self) -> Remark:
        """As other things are said of a post."""
        return Remark(self.saying, self.facts)


@dataclass(frozen=True, slots=True)
class Mend:
    """How a picture is made to fit: at the size `inner` in the middle of `canvas`; the same, where it is only scaled."""

    canvas: Sides
    inner: Sides


def complaints(provider: str, kind: str, media: Sequence[MediaFacts], *, longest: int | None = None) -> list[Complaint]:
    """What is to be said of the files on one channel. kind: as it is there; longest: seconds of film, where the account says."""
    found = _counted(provider, kind, len(media))
    channel = NAMES.get(provider, provider)
    mended = mends(provider, kind, media)
    for position, item in enumerate(media):
        facts = {"channel": channel, "where": f"{position + 1}: " if len(media) > 1 else ""}
        wanted = WANTED.get(kind)
        if wanted is not None and item.kind != wanted:
            found.append(Complaint(SAYINGS["want_picture" if wanted == "image" else "want_film"], facts, position))
        elif item.kind == "video":
            found += [
                Complaint(SAYINGS[code], {**facts, **more}, position) for code, more in _film(provider, kind, item, longest)
            ]
            if _cropped(kind, media, position):
                found.append(Complaint(SAYINGS["film_cropped"], facts, position))
        elif position in mended and (code := _said_of(mended[position], item)):
            found.append(Complaint(SAYINGS[code], facts, position))
    return found


def mends(provider: str, kind: str, media: Sequence[MediaFacts]) -> dict[int, Mend]:
    """The pictures that go to a channel in another shape or size than they are kept in, by position."""
    found: dict[int, Mend] = {}
    first: Sides | None = None
    for position, item in enumerate(media):
        sides = (item.width, item.height)
        if min(sides) < 1:
            continue
        if item.kind == "video":
            first = first or _fed(sides)
            continue
        if provider == "tiktok":
            canvas = _within(sides, PHOTO)
        elif kind == "story":
            canvas = sides if _near(sides, STORY) and _broad(sides) else STORY
        elif first is not None and not _near(sides, first):
            canvas = first
        else:
            canvas = _fed(sides)
        first = first or canvas
        if canvas != sides:
            found[position] = Mend(canvas, _inside(sides, canvas))
    return found


def _counted(provider: str, kind: str, count: int) -> list[Complaint]:
    least, most = COUNTS.get((provider, kind), (1, 1))
    facts = {"channel": NAMES.get(provider, provider), "least": least, "most": most, "where": ""}
    if count > most:
        return [Complaint(SAYINGS["one_file" if most == 1 else "many_files"], facts)]
    return [Complaint(SAYINGS["few_files"], facts)] if 0 < count < least else []


def _film(provider: str, kind: str, item: MediaFacts, longest: int | None) -> list[tuple[str, dict[str, object]]]:
    """What does not fit of a film; of what is not known, nothing is said."""
    takes = FILMS.get((provider, kind))
    if takes is None:
        return []
    found: list[tuple[str, dict[str, object]]] = []
    if item.media_type not in takes.types:
        found.append(("film_type", {"has": item.media_type.rpartition("/")[2]}))
    elif item.codec and item.codec not in takes.codecs:
        found.append(("film_codec", {"has": item.codec}))
    if item.size > takes.megabytes * MEGABYTE:
        found.append(("film_heavy", {"has": -(-item.size // MEGABYTE), "most": takes.megabytes}))
    least, most = takes.milliseconds
    most = min(most, longest * 1000) if longest is not None else most
    if 0 < item.milliseconds < least:
        found.append(("film_short", {"has": _clock(item.milliseconds), "least": _clock(least)}))
    elif item.milliseconds > most:
        found.append(("film_long", {"has": _clock(item.milliseconds + 999), "most": _clock(most)}))
    if item.rate and not _SLOWEST <= item.rate <= _FASTEST:
        found.append(("film_slow", {"has": (item.rate + 500) // 1000}))
    if item.width and item.height:
        found += _measured(takes, item.width, item.height)
    codec, rate = takes.audio
    if codec and item.audio and (item.audio != codec or item.audio_rate > rate):
        found.append(("film_sound", {"has": item.audio}))
    return found


def _measured(takes: Film, width: int, height: int) -> list[tuple[str, dict[str, object]]]:
    has = f"{width} × {height}"
    least, largest = takes.sides
    if takes.widest:
        if width > takes.widest:
            return [("film_wide", {"has": width, "most": takes.widest})]
        return [] if Fraction(1, 100) <= Fraction(width, height) <= 10 else [("film_ratio", {})]
    if min(width, height) < least:
        return [("film_small", {"has": has, "least": least})]
    return [("film_large", {"has": has, "most": largest})] if max(width, height) > largest else []


def _cropped(kind: str, media: Sequence[MediaFacts], position: int) -> bool:
    """Whether a film in a carousel has another shape than what stands first."""
    first, item = media[0], media[position]
    if kind != "carousel" or position == 0 or not all((first.width, first.height, item.width, item.height)):
        return False
    return not _near((item.width, item.height), _fed((first.width, first.height)))


def _said_of(mend: Mend, item: MediaFacts) -> str:
    """What a person should know of it; what is only made smaller is no news."""
    if mend.canvas != mend.inner:
        return "padded"
    return "enlarged" if mend.canvas[0] * 20 > item.width * 21 else ""


def _fed(sides: Sides) -> Sides:
    """The shape in Instagram's feed that holds all of these sides, in a width that it takes."""
    width, height = sides
    ratio = min(max(Fraction(width, height), TALLEST), WIDEST)
    if Fraction(width, height) < ratio:
        width = -(-height * ratio.numerator // ratio.denominator)
    elif Fraction(width, height) > ratio:
        height = -(-width * ratio.denominator // ratio.numerator)
    wanted = min(max(width, NARROWEST), BROADEST)
    if wanted != width:
        height = round(Fraction(height * wanted, width))
        width = wanted
    # rounding never leads out again
    height = min(height, width * TALLEST.denominator // TALLEST.numerator)
    return width, max(height, -(-width * WIDEST.denominator // WIDEST.numerator))


def _within(sides: Sides, box: Sides) -> Sides:
    """The same shape with its shorter and its longer side within the box."""
    short, long = min(sides), max(sides)
    scale = min(Fraction(1), Fraction(box[0], short), Fraction(box[1], long))
    return (max(1, int(sides[0] * scale)), max(1, int(sides[1] * scale))) if scale < 1 else sides


def _inside(sides: Sides, canvas: Sides) -> Sides:
    """As large as it can be within the canvas, in its own shape."""
    scale = min(Fraction(canvas[0], sides[0]), Fraction(canvas[1], sides[1]))
    wide, high = round(sides[0] * scale), round(sides[1] * scale)
    # a point of difference is no margin that anybody wants to see
    wide, high = (canvas[0] if canvas[0] - wide <= 1 else wide), (canvas[1] if canvas[1] - high <= 1 else high)
    return max(1, min(wide, canvas[0])), max(1, min(high, canvas[1]))


def _near(sides: Sides, other: Sides) -> bool:
    one, two = Fraction(*sides), Fraction(*other)
    return abs(one - two) <= ALIKE * two


def _broad(sides: Sides) -> bool:
    return NARROWEST <= sides[0] <= BROADEST


def _clock(milliseconds: int) -> str:
    """ "1:05": minutes and whole seconds."""
    return f"{milliseconds // 60_000}:{milliseconds // 1000 % 60:02d}"
