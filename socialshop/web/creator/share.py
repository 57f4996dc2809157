"""/creator/share: send a page, product, link or post by hand, and make a picture for its story. Needs no channel."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Response, current_app, g, render_template, request, url_for

from ...domain import links, media, pages, social
from ...flows import share as stories
from ...kernel.clock import utcnow
from ...kernel.database import end_reading
from ..access import CREATOR, allow
from ..shop.page import absolute
from . import bp, share_words

APPS = {"instagram": "Instagram", "tiktok": "TikTok"}
_FIND = {"page": stories.page_of, "product": stories.product_of, "link": stories.link_of, "post": stories.post_of}


@bp.get("/share", endpoint="share")
@allow(CREATOR)
def all_things() -> str:
    """What there is to send on."""
    live, products, made = stories.things_of(g.creator.id)
    return render_template("creator/share.html", pages=live, products=products, made=made, shown=links.shown)


@bp.get("/share/pages/<page>", endpoint="share_page")
@bp.get("/share/products/<product>", endpoint="share_product")
@bp.get("/share/links/<link>", endpoint="share_link")
@bp.get("/share/posts/<post>", endpoint="share_post")
@allow(CREATOR)
def thing(**named: str) -> str:
    """One thing: the phone's share sheet, words and link to copy, apps by name, and the way to its story picture."""
    found = _found(named)
    return render_template("creator/share_thing.html", thing=found, ways=ways_of(found), shot=_shot(found))


@bp.get("/share/pages/<page>/story", endpoint="share_page_story")
@bp.get("/share/products/<product>/story", endpoint="share_product_story")
@bp.get("/share/links/<link>/story", endpoint="share_link_story")
@bp.get("/share/posts/<post>/story", endpoint="share_post_story")
@allow(CREATOR)
def story(**named: str) -> str:
    """The story picture with its choices; each choice is a plain form, the picture an image of ours."""
    found = _found(named)
    asked = _asked(found)
    row = stories.way(g.creator.id, found, asked["app"], stories.STORY, now=utcnow())
    said = (found.name, found.title, asked["text"])
    shot: dict[str, Any] = {**named, **asked}
    return render_template(
        "creator/share_story.html",
        thing=found,
        asked=asked,
        apps=APPS,
        presets=pages.themes.PRESETS,
        longest=pages.story.LONGEST,
        lost=any(pages.story.loses(text) for text in said),
        address=absolute(f"/l/{row.slug}"),
        over=[] if links.is_live(row, now=utcnow()) else [row],
        words=share_words.caption(found),
        picture=url_for(f"creator.share_{found.kind}_picture", **shot),
        saved=url_for(f"creator.share_{found.kind}_picture", **shot, download=1),
    )


@bp.get("/share/pages/<page>/story.jpg", endpoint="share_page_picture")
@bp.get("/share/products/<product>/story.jpg", endpoint="share_product_picture")
@bp.get("/share/links/<link>/story.jpg", endpoint="share_link_picture")
@bp.get("/share/posts/<post>/story.jpg", endpoint="share_post_picture")
@allow(CREATOR)
def picture(**named: str) -> Any:
    """The story picture itself; `?download` saves it under a name."""
    found = _found(named)
    asked = _asked(found)
    row = stories.way(g.creator.id, found, asked["app"], stories.STORY, now=utcnow())
    sheet = pages.story_picture.Sheet(
        words=share_words.story(found, g.creator.handle, asked["text"]),
        app=asked["app"],
        preset=asked["look"],
        accent=found.theme["accent"] if asked["look"] == found.theme["preset"] else "",
        night=asked["light"] == "night",
        qr=links.qr.modules(absolute(f"/l/{row.slug}")),
        photo=_photo(found.picture),
        round_=found.face,
    )
    end_reading()  # drawing takes a while, and needs nothing of the database
    data = pages.story_picture.draw(sheet)
    answer = Response(data, mimetype="image/jpeg", headers={"Cache-Control": "private, max-age=60"})
    if "download" in request.args:
        answer.headers["Content-Disposition"] = f'attachment; filename="{g.creator.handle}-{asked["app"]}-story.jpg"'
    answer.set_etag(hashlib.sha256(data).hexdigest()[:32])
    return answer.make_conditional(request)


def ways_of(found: stories.Thing) -> dict[str, Any]:
    """What the macro `share.ways_out` shows of a thing, its links made where there are none yet; over: those that are off."""
    now, text = utcnow(), share_words.caption(found)
    own, chat = (stories.way(g.creator.id, found, channel, now=now) for channel in ("other", "whatsapp"))
    return {
        "caption": text,
        "address": absolute(f"/l/{own.slug}"),
        "whatsapp": share_words.message(text, absolute(f"/l/{chat.slug}")),
        "over": [row for row in dict.fromkeys((own, chat)) if not links.is_live(row, now=now)],
    }


def _shot(found: stories.Thing) -> str:
    """The address of a post's first picture, to be sent along; "" where it has none."""
    if found.post_id is None:
        return ""
    first = next((item for item in social.media_of(found.post_id) if item.kind == "image"), None)
    return "" if first is None else url_for("creator.post_file", item=first.public_id)


def _found(named: dict[str, str]) -> stories.Thing:
    [(kind, public_id)] = named.items()
    return _FIND[kind](g.creator.id, public_id)


def _asked(found: stories.Thing) -> dict[str, Any]:
    """The choices in the address, each one of those there are; else what goes without saying."""
    app, light, look = (request.args.get(name, "") for name in ("app", "light", "look"))
    text = " ".join(request.args.get("text", share_words.own_sentence(found)).split())[: pages.story.LONGEST]
    return {
        "app": app if app in APPS else "instagram",
        "light": light if light in ("day", "night") else "day",
        "look": look if look in pages.themes.PRESETS else found.theme["preset"],
        "text": text,
    }


def _photo(picture_id: str) -> bytes | None:
    row = media.find(picture_id) if picture_id else None
    if row is None:
        return None
    place = media.files_of(row.sha256, current_app.config["SETTINGS"].media_folder) / f"{media.SIZES[-1]}.webp"
    return place.read_bytes() if place.exists() else None
