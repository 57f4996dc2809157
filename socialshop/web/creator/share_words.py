"""What is sent along with a link, in the viewer's language: the disclosure first, then the thing and the code."""

from __future__ import annotations

from flask_babel import gettext

from ...domain import pages
from ...flows.share import Thing
from ...kernel import words
from ..local import locale


def caption(thing: Thing) -> str:
    """The text without its link; a post says what was typed for it."""
    what = thing.words or thing.title or gettext("Everything I recommend, in one place.")
    mark = (thing.discloses or gettext("Ad")) if thing.paid else ""
    if mark and what.casefold().startswith(mark.casefold()):
        mark = ""  # it was typed already
    return "\n".join(filter(None, [f"{mark} · {what}" if mark else what, offer(thing)]))


def offer(thing: Thing) -> str:
    """What the code does for who types it, "" without one."""
    if not thing.code:
        return ""
    if thing.saves:
        return str(gettext("With my code %(code)s you get %(percent)s%% off.", code=thing.code, percent=thing.saves))
    return str(gettext("My code: %(code)s", code=thing.code))


def message(text: str, address: str) -> str:
    """Text and link as one message."""
    return f"{text}\n{address}" if text else address


def own_sentence(thing: Thing) -> str:
    """What a story says where the creator writes nothing else."""
    if thing.kind == "page":
        return thing.bio if 0 < len(thing.bio) <= pages.story.LONGEST else gettext("Everything I recommend, in one place.")
    return str(gettext("One of my favourites"))


def story(thing: Thing, handle: str, sentence: str) -> pages.story.Words:
    """The words of a story picture, as far as they can be drawn; nothing is left without a name."""
    price = "" if thing.price is None else words.money(thing.price, locale())
    if price and thing.price_from:
        price = " ".join((gettext("from"), price))
    drawn = pages.story.drawable
    return pages.story.Words(
        name=drawn(thing.name) or handle,
        handle=f"@{handle}",
        title=drawn(thing.title),
        price=drawn(price),
        sentence=drawn(sentence),
        code=gettext("Code %(code)s", code=thing.code) if thing.code else "",
        saves=gettext("%(percent)s%% off", percent=thing.saves) if thing.saves else "",
        hint=drawn(gettext("Scan me, or tap the link in my bio")),
        disclosure=gettext("Ad") if thing.paid else "",
    )
