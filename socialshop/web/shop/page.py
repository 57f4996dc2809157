"""/@handle: a creator's link pages and product sheets. One response holds HTML, CSS and script."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import structlog
from flask import Response, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy.exc import DBAPIError
from werkzeug.wrappers import Response as AnyResponse

from ...domain import catalog, clicks, links, media, pages, people
from ...flows.latest import Latest, latest_of
from ...flows.page import Deal, deals_of
from ...kernel.clock import utcnow
from ...kernel.database import transaction
from ...kernel.errors import NotFound
from ..access import ANYONE, allow
from ..security import inline_script, inline_style
from . import bp, glyphs, in_app, manners, showcase, visitor
from .click import tap_of_request

log = structlog.get_logger("page")


@bp.record_once
def _globals(state: Any) -> None:
    state.app.jinja_env.globals.update(glyph=glyphs.glyph)


@bp.get("/@<handle>")
@allow(ANYONE)
def page(handle: str) -> AnyResponse:
    """The page at the handle itself."""
    return _public(handle, "")


@bp.get("/@<handle>/<slug>")
@allow(ANYONE)
def page_more(handle: str, slug: str) -> AnyResponse:
    """Another page of the creator."""
    return _public(handle, slug)


@bp.get("/@<handle>/p/<product>")
@allow(ANYONE)
def product(handle: str, product: str) -> AnyResponse:
    """A product sheet with its own address: what it is, what it costs with the creator's code, and "Buy"."""
    creator = people.find_creator_by_handle(handle)
    if creator is None:
        return _missing(handle)
    row = catalog.find_product(product)
    if row is None:
        raise NotFound()
    offer = catalog.offers_of_products([row.id])[row.id]
    if not offer.live:
        return redirect(url_for("shop.page", handle=creator.handle))  # the address was public once: lead on, never to a dead end
    deals = deals_of(creator.id)
    program_id = next((deal.program_id for deal in deals if deal.brand_id == row.brand_id), None)
    found = pages.published(creator.id)
    document = found[1].content if found else pages.blank(creator.name)
    brand = people.get_brand(row.brand_id)
    address = absolute(url_for("shop.product", handle=creator.handle, product=offer.product))
    free = [variant.variant for variant in offer.variants if variant.available > 0]
    html = render_template(
        "shop/page_product.html",
        **dress(document),
        profile=document["profile"],
        avatar=showcase.avatar(document),
        handle=creator.handle,
        offer=offer,
        words=Markup(catalog.description_html(offer.description)),  # noqa: S704  # cleaned to a few tags, again on the way out
        brand=brand,
        paid=program_id is not None,
        code=_code(creator.id, program_id),
        chosen=free[0] if len(free) == 1 else "",
        back=url_for("shop.page", handle=creator.handle),
        out=offer.source_url,
        site=links.host_of(offer.source_url) if offer.source_url else "",
        address=address,
        about=gettext("%(title)s at %(brand)s, picked by %(name)s.", title=offer.title, brand=brand.name, name=creator.name),
        card_url=absolute(f"/media/{offer.photo}/1200.jpg") if offer.photo else absolute(card_path(creator.handle, document)),
        structured=_structured_product(offer, brand, address) if offer.sold_here else None,
        carried=in_app.parameters(),
        outside=in_app.offer() if offer.sold_here else None,
        asked=manners.asks_for_consent(serves=program_id is not None),
        click=visitor.click_id(),
    )
    return visitor.remember(make_response(html), serves=program_id is not None)


@bp.get("/@<handle>/og.jpg")
@allow(ANYONE)
def page_card(handle: str) -> AnyResponse:
    """The picture of a page's preview card, drawn from what is published; its address changes with the content."""
    creator = people.find_creator_by_handle(handle)
    found = None if creator is None else pages.published(creator.id)
    if creator is None or found is None:
        raise NotFound()
    document = found[1].content
    blocks = _blocks(creator.id, document, deals_of(creator.id))
    shots = [card.picture.id for block in blocks for card in block.cards if card.picture][:3]
    face = showcase.avatar(document)
    drawn = pages.card.draw(
        name=document["profile"]["name"],
        handle=creator.handle,
        theme=document["theme"],
        face=_bytes_of(face.id) if face else None,
        photos=[data for data in map(_bytes_of, shots) if data],
    )
    return Response(drawn, mimetype="image/jpeg", headers={"Cache-Control": "public, max-age=86400"})


@bp.get("/@<handle>/qr.<any(svg, png):kind>")
@allow(ANYONE)
def page_qr(handle: str, kind: str) -> AnyResponse:
    """A QR of the page's address."""
    creator = people.find_creator_by_handle(handle)
    if creator is None:
        raise NotFound()
    return qr_answer(absolute(url_for("shop.page", handle=creator.handle)), kind, f"{creator.handle}-page")


def qr_answer(text: str, kind: str, name: str) -> AnyResponse:
    """A QR as SVG or PNG; `?download` saves it under a name."""
    data, mimetype = (links.qr.svg(text), "image/svg+xml") if kind == "svg" else (links.qr.png(text), "image/png")
    answer = Response(data, mimetype=mimetype, headers={"Cache-Control": "private, max-age=3600"})
    if "download" in request.args:
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer


def absolute(path: str) -> str:
    """A path of ours as the world sees it."""
    return f"{current_app.config['SETTINGS'].base_url}{path}"


def card_path(handle: str, document: pages.Document) -> str:
    """The preview picture's address; another one after each change that shows in it, since chats keep pictures for long."""
    facts = json.dumps([document["profile"], document["theme"], document["blocks"]], sort_keys=True)
    return url_for("shop.page_card", handle=handle, v=hashlib.sha256(facts.encode()).hexdigest()[:10])


def render(
    creator: people.Creator,
    document: pages.Document,
    made: dict[str, Any],
    *,
    address: str,
    draft: bool = False,
    deals: list[Deal] | None = None,
    latest: Sequence[Latest] = (),
) -> str:
    """The HTML of a page; with `draft` as its editor sees it. latest: what the creator's newest posts show."""
    deals = deals_of(creator.id) if deals is None else deals
    blocks = _blocks(creator.id, document, deals, made, draft=draft, latest=latest)
    profile = document["profile"]
    about = " ".join(profile["bio"].split()) or gettext("Everything %(name)s recommends, in one place.", name=profile["name"])
    return render_template(
        "shop/page.html",
        **dress(document),
        profile=profile,
        handle=creator.handle,
        avatar=showcase.avatar(document),
        blocks=blocks,
        any_paid=any(block.paid or any(card.paid for card in block.cards) for block in blocks),
        address=address,
        about=about,
        card_url=absolute(card_path(creator.handle, document)),
        structured=_structured_page(creator, document, blocks, address),
        draft=draft,
        late=not draft,
        asked=not draft and manners.asks_for_consent(serves=bool(deals)),
    )


def _public(handle: str, slug: str) -> AnyResponse:
    creator = people.find_creator_by_handle(handle)
    if creator is None:
        return _missing(handle)
    if creator.handle != handle:
        query = request.query_string.decode("ascii", "ignore")
        return redirect(f"/@{creator.handle}" + (f"/{slug}" if slug else "") + (f"?{query}" if query else ""), code=301)
    found = pages.published(creator.id, slug)
    if found is None:
        return _missing(handle, creator, home=bool(slug) and pages.published(creator.id) is not None)
    row, version = found
    page_id, deals = row.id, deals_of(creator.id)
    html = render(
        creator,
        version.content,
        version.content.get("links", {}),
        address=absolute(f"/@{creator.handle}" + (f"/{slug}" if slug else "")),
        deals=deals,
        latest=latest_for(creator.id, slug, version.content),
    )
    answer = make_response(html)
    # Private: it carries the visitor's cookie and language. The browser may keep it, and asks each time whether it still holds.
    answer.headers["Cache-Control"] = "private, max-age=0, must-revalidate, stale-if-error=86400"
    answer.headers["Vary"] = "Accept-Language, Cookie"
    answer.add_etag(weak=True)
    answer.make_conditional(request)
    visitor.remember(answer, serves=bool(deals))
    if request.method == "GET":
        _note_view(
            page_id, creator.id, serves=bool(deals), own=current_user.is_authenticated and current_user.user.id == creator.user_id
        )
    return answer


def latest_for(creator_id: int, slug: str, document: pages.Document) -> tuple[Latest, ...]:
    """What the newest posts show: by itself on the page at the handle, on others where the creator put it."""
    placed = any(block["type"] == "latest" for block in document["blocks"])
    return latest_of(creator_id, now=utcnow()) if placed or not slug else ()


def _note_view(page_id: int, creator_id: int, *, serves: bool, own: bool) -> None:
    """Keep the view; a page is shown even where that cannot be kept."""
    tap = tap_of_request()
    kind = clicks.judge(replace(tap, viewer="creator") if own else tap).kind
    try:
        with transaction():
            who = visitor.of_request(serves=serves)
            pages.note_view(page_id=page_id, creator_id=creator_id, visitor=who, kind=kind, now=utcnow())
    except DBAPIError as error:
        log.error("view not kept", page=page_id, error=type(error).__name__)


def _missing(handle: str, creator: people.Creator | None = None, *, home: bool = False) -> AnyResponse:
    """A helpful 404: what to do next, in our look."""
    shown = re.sub(r"[^\w.-]", "", handle.casefold())[:30]
    own = creator is not None and current_user.is_authenticated and current_user.user.id == creator.user_id
    near = [] if creator else _near(shown)
    html = render_template(
        "shop/page_missing.html", **dress(pages.blank("")), handle=shown, creator=creator, own=own, home=home, near=near
    )
    return make_response(html, 404)


def _near(handle: str) -> list[str]:
    """Handles that people write so on other networks, where dots and underscores are allowed: a typing error, not a directory."""
    ideas = dict.fromkeys([re.sub(r"[._]+", "-", handle).strip("-"), re.sub(r"[._-]+", "", handle)])
    found = (people.find_creator_by_handle(idea) for idea in ideas if idea and idea != handle)
    return [creator.handle for creator in found if creator is not None and pages.published(creator.id)]


def dress(document: pages.Document) -> dict[str, Any]:
    """What every public page of a creator wears: theme, style, script, icon."""
    theme = document["theme"]
    preset = pages.themes.PRESETS.get(theme["preset"], pages.themes.PRESETS[pages.themes.DEFAULT])
    static = Path(current_app.static_folder or "")
    return {
        "theme_style": inline_style(pages.themes.variables(preset.key, theme["accent"])),
        "page_style": inline_style(_css(static / "css" / "page.css")),
        "icon": _icon(static / "img" / "mark.svg"),
        "script": inline_script(_js(static / "js" / "page.js")),
        "colours": (preset.day.glow, preset.night.glow),
    }


@cache
def _css(path: Path) -> str:
    return re.sub(r"\s*\n\s*", "", re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL))


@cache
def _icon(path: Path) -> str:
    """The mark inside the page itself: one request less."""
    return "data:image/svg+xml;base64," + base64.b64encode(path.read_bytes()).decode()


@cache
def _js(path: Path) -> str:
    lines = (line.strip() for line in path.read_text().splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _blocks(
    creator_id: int,
    document: pages.Document,
    deals: list[Deal],
    made: dict[str, Any] | None = None,
    *,
    draft: bool = False,
    latest: Sequence[Latest] = (),
) -> list[showcase.Shown]:
    entries = document.get("links", {}) if made is None else made
    return showcase.build(document, entries, creator_id=creator_id, deals=deals, now=utcnow(), draft=draft, latest=latest)


def _code(creator_id: int, program_id: int | None) -> links.ReferralCode | None:
    """The code that is on at this creator's sheet: the one the visitor came with, if it is theirs, else their newest."""
    if program_id is None:
        return None
    asked = links.find_code(visitor.code())
    if asked is not None and asked.state == "live" and (asked.creator_id, asked.program_id) == (creator_id, program_id):
        return asked
    return links.live_code(creator_id, program_id)


def _bytes_of(picture_id: str) -> bytes | None:
    found = media.find(picture_id)
    if found is None:
        return None
    path = media.files_of(found.sha256, current_app.config["SETTINGS"].media_folder) / "640.webp"
    return path.read_bytes() if path.exists() else None


def _structured_page(
    creator: people.Creator, document: pages.Document, blocks: list[showcase.Shown], address: str
) -> dict[str, Any]:
    """A ProfilePage with what the person recommends.

    https://developers.google.com/search/docs/appearance/structured-data/profile-page
    """
    profile = document["profile"]
    face = showcase.avatar(document)
    person: dict[str, Any] = {"@type": "Person", "name": profile["name"], "alternateName": f"@{creator.handle}", "url": address}
    if profile["bio"]:
        person["description"] = profile["bio"]
    if face:
        person["image"] = absolute(f"/media/{face.id}/640.webp")
    same = [url for block in blocks for _network, _name, url in block.profiles if url.startswith("http")]
    if same:
        person["sameAs"] = same
    cards = _each_once([card for block in blocks for card in block.cards])
    done: dict[str, Any] = {"@context": "https://schema.org", "@type": "ProfilePage", "mainEntity": person}
    if cards:
        done["hasPart"] = {
            "@type": "ItemList",
            "itemListElement": [
                {
                    "@type": "ListItem",
                    "position": n,
                    "name": card.title,
                    "url": absolute(f"/@{creator.handle}/p/{card.product}" if card.product else card.href),
                }
                for n, card in enumerate(cards, 1)
            ],
        }
    return done


def _each_once(cards: list[showcase.Card]) -> list[showcase.Card]:
    """A product that a newest post shows stands on the page a second time; the list of what is recommended has it once."""
    return list({card.product or card.href: card for card in reversed(cards)}.values())[::-1]


def _structured_product(offer: catalog.ProductOffer, brand: people.Brand, address: str) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": offer.title,
        "image": [absolute(f"/media/{photo.picture}/1200.webp") for photo in offer.photos],
        "description": re.sub(r"<[^>]+>", " ", offer.description)[:500].strip(),
        "brand": {"@type": "Brand", "name": brand.name},
        "offers": {
            "@type": "Offer",
            "url": address,
            "price": offer.price.decimal(),
            "priceCurrency": offer.price.currency,
            "availability": f"https://schema.org/{'InStock' if offer.available > 0 else 'OutOfStock'}",
            "seller": {"@type": "Organization", "name": brand.name},
        },
    }
