"""How a post will look on a channel: what is seen at once, what stands behind "more", what its pictures are cut to."""

from __future__ import annotations

import re
from dataclasses import dataclass

from markupsafe import Markup, escape

SEEN_AT_ONCE = {"feed": 125, "reel": 55, "story": 0, "video": 90, "photos": 90}  # characters, about, before "more"
_TAGS = re.compile(r"(?<!\w)[#@]\w[\w.]*", re.UNICODE)
_RATIOS = ((0.95, "4:5"), (1.3, "1:1"), (1.85, "16:9"))


@dataclass(frozen=True, slots=True)
class Slide:
    """One picture or film. src: "" while it cannot be shown."""

    kind: str  # "image", "video"
    src: str
    poster: str = ""
    alt: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """A post on one channel. kind: "feed", "reel", "story", "video", "photos"; label: what the channel itself adds.

    title: stands above the text.
    """

    key: str
    provider: str
    kind: str
    name: str
    slides: tuple[Slide, ...]
    text: str
    label: str = ""
    draft: bool = False
    title: str = ""

    @property
    def ratio(self) -> str:
        """What the first picture is cut to; the others follow it."""
        if self.kind != "feed":
            return "9:16"
        first = self.slides[0] if self.slides else None
        if first is None or not first.width or not first.height:
            return "1:1"
        wide = first.width / first.height
        return next((name for most, name in _RATIOS if wide < most), "1.91:1")

    @property
    def short(self) -> Markup:
        """What is read without a tap."""
        return tagged(_cut(self.text, SEEN_AT_ONCE[self.kind]))

    @property
    def whole(self) -> Markup:
        """All of it."""
        return tagged(self.text)

    @property
    def goes_on(self) -> bool:
        """Whether some of it stands behind "more"."""
        return _cut(self.text, SEEN_AT_ONCE[self.kind]) != self.text


def look_kind(provider: str, kind: str) -> str:
    """A post's kind as this channel shows it."""
    if provider == "tiktok":
        return "photos" if kind in ("image", "carousel", "photos") else "video"
    return {"reel": "reel", "video": "reel", "story": "story"}.get(kind, "feed")


def tagged(text: str) -> Markup:
    """Text with its hashtags and names marked, as channels colour them."""
    return Markup(_TAGS.sub(lambda found: f'<span class="tag">{found[0]}</span>', str(escape(text))))  # noqa: S704  # escaped


def _cut(text: str, most: int) -> str:
    """The beginning, whole words, at most two lines."""
    lines = text.split("\n")
    head = "\n".join(lines[:2]) if sum(map(bool, lines[:2])) == 2 or len(lines) < 3 else "\n".join(lines[:3])
    if len(head) > most:
        head = head[:most].rsplit(" ", 1)[0].rstrip()
    return text if head == text.rstrip() else head
