"""What a post says on each channel: disclosure first, then what was typed, then code and link; counted as channels count. Pure.

Limits: https://developers.facebook.com/docs/instagram-platform/content-publishing and
https://developers.tiktok.com/doc/content-posting-api-reference-direct-post. Disclosure first, in words that say "ad", before
anything is cut off behind "more": https://www.ftc.gov/business-guidance/resources/disclosures-101-social-media-influencers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from . import plain

PROMISED = "•" * 7  # stands for the end of a link that is made when the post is scheduled; as long as one
MOST_TYPED = 10_000  # characters that a form takes at all
NOTE_LONGEST, NAME_LONGEST = 150, 60
SELF_ONLY = "SELF_ONLY"

Unit = Literal["characters", "units"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a channel takes. title: 0 it has none; None: no limit is known."""

    characters: int
    unit: Unit
    hashtags: int | None = None
    mentions: int | None = None
    title: int = 0

    def length(self, said: str) -> int:
        """How long a text is for this channel."""
        return len(said) if self.unit == "characters" else plain.units(said)


@dataclass(frozen=True, slots=True)
class Showing:
    """What is offered on one channel. code: "" none; link: as it can be read, "" none; seller: told apart by it."""

    name: str
    seller: str = ""
    code: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """The final words. before, after: what is put around the typed text, so that a page can count and draw as one types."""

    caption: str
    title: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Voice:
    """What is put into captions, in a creator's language. These are the post's own words, not the product's."""

    ad: str
    brand: str  # with something that earns
    paid: str  # for a brand, in another way
    own: str
    code: str
    bio: str


VOICES = {
    "id": Voice(
        "Iklan",
        "Iklan · berisi tautan/kode afiliasi",
        "Iklan · kerja sama dengan merek",
        "Iklan · produk saya sendiri",
        "Kode",
        "Link di bio",
    ),
    "en": Voice(
        "Ad",
        "Ad · contains affiliate links/codes",
        "Ad · in partnership with a brand",
        "Ad · my own products",
        "Code",
        "Link in bio",
    ),
}
_SAYS_AD = re.compile(
    r"(?i)#?(?:iklan|ads?|advertisement|bersponsor|disponsori|sponsored)(?![\w-])"
    r"(?!\W*(?:bukan|tidak|tak|tanpa|bebas|bohong|palsu|free|not?|none|hoc|lib|nauseam|infinitum|hominem)\b)"  # "ad-free"
)
_KINDS = {
    "instagram": {"photos": "carousel", "video": "reel"},
    "tiktok": {"image": "photos", "carousel": "photos", "reel": "video", "story": ""},
}


def kind_on(provider: str, kind: str, files: int) -> str:
    """What a kind of post becomes on a channel, "" where it cannot be."""
    found = _KINDS.get(provider, {}).get(kind, kind)
    return "image" if found == "carousel" and kind == "photos" and files == 1 else found


def kind_of_files(kinds: Sequence[str]) -> str:
    """What kind of post some files make, where nobody has said it."""
    return "carousel" if len(kinds) > 1 else "reel" if "video" in kinds else "image"


def limits_of(provider: str, kind: str, *, hashtags: int) -> Limits:
    """What a channel takes of a kind of post, as `kind_on` says it. hashtags: the install's setting for Instagram."""
    if provider == "tiktok":
        return Limits(4000, "units", title=90) if kind == "photos" else Limits(2200, "units")
    return Limits(2200, "characters", hashtags, 20)


def voice_of(language: str) -> Voice:
    """The words of a language; English where we have none."""
    return VOICES.get(language, VOICES["en"])


def disclosure_of(promotes: str, language: str, note: str = "", *, earns: bool = True) -> str:
    """What a caption has to begin with: the creator's own words or the default ones, which always say that it is an ad.

    earns: whether something in it earns a commission.
    """
    voice = voice_of(language)
    if promotes not in ("brand", "own"):
        return ""
    own = plain.line(note)
    if not own:
        return voice.own if promotes == "own" else voice.brand if earns else voice.paid
    return own if _SAYS_AD.match(own) else f"{voice.ad} · {own}"


def discloses(said: str) -> bool:
    """Whether a text says at its very start that it is an ad."""
    return _SAYS_AD.match(said) is not None


def words(
    provider: str, kind: str, *, typed: str, title: str, disclosure: str, showing: Sequence[Showing], language: str, names: bool
) -> Words:  # fmt: skip
    """The final words for one channel. kind: as `kind_on` says it. An Instagram story has none."""
    if provider == "instagram" and kind == "story":
        return Words("", "", "", "")
    own = plain.text(typed)
    if disclosure:  # which was typed as well
        own = re.sub(rf"(?i)\A{re.escape(disclosure)}[.!]?(?:[ ]?[·:—–-][ ]?|[ ]*\n\s*|\Z)", "", own)
    tail = _tail(provider, own, showing, voice_of(language), names)
    before = f"{disclosure}\n\n" if disclosure else ""
    after = f"\n\n{tail}" if tail else ""
    headline = _headline(title, disclosure, language) if provider == "tiktok" and kind == "photos" else ""
    parts = [part for part in (disclosure, own, tail) if part]
    return Words("\n\n".join(parts), headline, before, after)


def typed_codes(typed: str, codes: Sequence[str]) -> list[str]:
    """Those of a creator's codes that stand in what was typed."""
    own = plain.text(typed)
    return [code for code in codes if plain.shows(own, code)]


def typed_links(typed: str, host: str) -> list[str]:
    """The ends of our own links that stand in what was typed. host: of this install, with its port where it has one."""
    own = unicodedata.normalize("NFKC", plain.text(typed))
    return list(dict.fromkeys(re.findall(rf"(?i)(?<![\w.-]){re.escape(host)}/l/([\w-]+)", own))) if host else []


def _tail(provider: str, own: str, showing: Sequence[Showing], voice: Voice, names: bool) -> str:
    if not showing:
        return ""
    sellers: dict[str, str] = {}
    for each in showing:
        sellers.setdefault(each.code, _name(each.seller))
    several = len({seller for code, seller in sellers.items() if code}) > 1
    lines = [
        f"{voice.code} {code.upper()}" + (f" · {seller}" if several and seller else "")
        for code, seller in sellers.items()
        if code and not plain.has_word(own, code)
    ]
    called = [(_name(each.name), each.link) for each in showing]
    if provider != "instagram":
        named = names or len(showing) > 1
        lines += [f"{name}: {link}" if named and name else link for name, link in called if link]
    elif names and any(name for name, _ in called):
        lines.insert(0, ", ".join(name for name, _ in called if name))
    return "\n".join([*lines, voice.bio])


def _headline(title: str, disclosure: str, language: str) -> str:
    """A title stands above everything else, so it says as well that it is an ad."""
    own = plain.line(title)
    if not own or not disclosure or discloses(own):
        return own
    return f"{voice_of(language).ad} · {own}"


def _name(name: str) -> str:
    """A product's or seller's name, which neither tags anybody nor anything."""
    return plain.line(re.sub("[#＃@＠]", " ", name), longest=NAME_LONGEST)
