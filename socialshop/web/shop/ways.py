"""/ways/<slug>: what a tracked link asks its visitors before it leads on: its password, or which shop they want.

The redirector shows it in place of the redirect (its address stays /l/<slug>), or leads here where it stands alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import current_app, make_response, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from ...domain import catalog, links, pages, people
from ...flows import ways
from ...kernel.clock import utcnow
from ...kernel.errors import NotFound
from ...kernel.ways import kind_of
from ...redirector import came
from ...redirector.choose import has_passed, passed
from ...redirector.way import lock_of
from ..access import ANYONE, allow
from ..limits import limiter
from ..security import inline_script
from . import bp, showcase
from .page import absolute, card_path, dress

LET_IN_FOR = 3600  # seconds
# Who comes back finds this page under its own address, which leads nobody on by itself: each time would be one more click.
STAYS = """for (const left of ["click", "submit"])
addEventListener(left, () => history.replaceState(null, "", document.querySelector("main").dataset.at));"""
NAMES = {
    "shopee": "Shopee", "tokopedia": "Tokopedia", "tiktok": "TikTok Shop", "shop": _l("The shop itself"),
    "whatsapp": "WhatsApp", "other": _l("Another shop"),
}  # fmt: skip
ICONS = {
    "shopee": "shopping-bag", "tokopedia": "building-store", "tiktok": "player-play", "shop": "home", "whatsapp": "send",
    "other": "shopping-cart",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Door:
    """One place to go to."""

    href: str
    name: str
    note: str
    kind: str
    icon: str
    last: bool  # where this visitor went the last time


def _one_link() -> str:
    link = links.find_by_slug((request.view_args or {}).get("slug", ""))
    return f"link:{link.id if link else 0}"


@bp.get("/ways/<slug>", endpoint="ways")
@allow(ANYONE)
def ask(slug: str) -> Response:
    """The password's form, or the shops to choose from."""
    link = _found(slug)
    return _page(link, "password" if _is_shut(link) else "choose")


@bp.post("/ways/<slug>", endpoint="ways_open")
@allow(ANYONE)
@limiter.limit("10 per 15 minutes", deduct_when=lambda answer: answer.status_code == 422)
@limiter.limit("100 per hour", key_func=_one_link, deduct_when=lambda answer: answer.status_code == 422)
def open_(slug: str) -> Response:
    """Let in whoever knows the password. Leads on by the page itself: a form may not lead off our site."""
    link = _found(slug)
    if not ways.opens(link, request.form.get("password", "")[:200]):
        return _page(link, "password", wrong=True)
    answer = _page(link, "open", acted=request.headers.get("Sec-Fetch-User") == "?1")
    if link.password_hash:
        until = int(utcnow().timestamp()) + LET_IN_FOR
        value = passed(link.id, lock_of(link.password_hash), until, _secret())
        answer.set_cookie(f"pass-{link.slug}", value, max_age=LET_IN_FOR, httponly=True, samesite="Lax", secure=request.is_secure)
    return answer


def _found(slug: str) -> links.TrackedLink:
    link = links.find_by_slug(slug)
    if link is None:
        raise NotFound()
    return link


def _is_shut(link: links.TrackedLink) -> bool:
    if not link.password_hash or not links.is_live(link, now=utcnow()):
        return False
    cookie = request.cookies.get(f"pass-{link.slug}", "")
    return not has_passed(cookie, link.id, lock_of(link.password_hash), utcnow().timestamp(), _secret())


def _page(link: links.TrackedLink, asks: str, *, wrong: bool = False, acted: bool = False) -> Response:
    creator = people.get_creator(link.creator_id)
    found = pages.published(creator.id)
    document = found[1].content if found else pages.blank(creator.name)
    onward = _onward(link, acted=acted)
    at = url_for("shop.ways", slug=link.slug) + onward.partition("/l/" + link.slug)[2]
    html = render_template(
        "shop/ways.html",
        **dress(document),
        asks=asks,
        wrong=wrong,
        link=link,
        profile=document["profile"],
        avatar=showcase.avatar(document),
        home=f"/@{creator.handle}" if found else "",
        onward=onward,
        at=at,
        stays=inline_script(STAYS) if asks != "open" else "",
        doors=_doors(link) if asks == "choose" else [],
        preview=_preview(link, creator, document, has_page=found is not None) if asks == "choose" else None,
    )
    answer = make_response(html, 422 if wrong else 200)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _doors(link: links.TrackedLink) -> list[Door]:
    """Where the visitor may go; only "on" where the link is over or leads to one place."""
    plan = ways.plan_of(link) if links.is_live(link, now=utcnow()) else None
    words = plan.shops if plan is not None and plan.stores else ()
    stores = {store.word: store for store in plan.stores} if plan is not None else {}
    last = request.cookies.get(f"to-{link.slug}", "")
    doors = []
    for word in words:
        store = stores.get(word)
        url = link.url if store is None else store.url
        kind = kind_of(url) if store is None else store.kind
        name = (store.label if store is not None else "") or str(NAMES[kind])
        note = gettext("Order by chat") if kind == "whatsapp" else links.host_of(url)
        doors.append(Door(_onward(link, to=word), name, note, kind, ICONS[kind], word == last))
    return doors


def _preview(link: links.TrackedLink, creator: people.Creator, document: pages.Document, *, has_page: bool) -> dict[str, str]:
    """What a chat shows of the link: its product as on the product's sheet, else the link under its creator's card."""
    name = creator.name
    title, about, picture = link.title or name, gettext("Everything %(name)s recommends, in one place.", name=name), ""
    offer = catalog.offers_of_products([link.product_id]).get(link.product_id) if link.product_id is not None else None
    if offer is not None:
        brand = people.get_brand(offer.brand_id)
        title = offer.title
        about = gettext("%(title)s at %(brand)s, picked by %(name)s.", title=offer.title, brand=brand.name, name=name)
        picture = f"/media/{offer.photo}/1200.jpg" if offer.photo else ""
    if not picture and has_page:
        picture = card_path(creator.handle, document)
    return {
        "title": title,
        "about": about,
        "picture": absolute(picture) if picture else "",
        "address": absolute(f"/l/{link.slug}"),
    }


def _onward(link: links.TrackedLink, *, acted: bool = False, **more: str) -> str:
    """The link itself, with what its address was asked with, and from where; acted: it is followed for a person's act."""
    hidden = ("to", "lang", came.PARAMETER)
    asked: dict[str, Any] = {name: value[:200] for name, value in request.args.items() if name not in hidden}
    moment = utcnow().timestamp()
    handed = came.told(came.whence(request.environ, link.id, moment, _secret()), link.id, moment, _secret(), acted=acted)
    asked |= ({came.PARAMETER: handed} if handed else {}) | more
    return f"/l/{link.slug}" + (f"?{urlencode(asked)}" if asked else "")


def _secret() -> bytes:
    return str(current_app.config["SECRET_KEY"]).encode()
