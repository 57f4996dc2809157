"""A page's document made ready to be shown: products with today's price and stock, every link through its slug.

The public page and the editor's preview show the same; in a draft, links that have no slug yet lead straight on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ...domain import catalog, links, media, pages
from ...flows.latest import Latest
from ...flows.page import Deal, places_of
from ...kernel.money import Money

FEW = 5  # "only 5 left"


@dataclass(frozen=True, slots=True)
class Picture:
    """A stored picture and its natural size, so that its place is kept before it arrives."""

    id: str
    width: int
    height: int
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A product as visitors see it. `site` is where it is sold when not here; `code` is applied already."""

    title: str
    href: str
    picture: Picture | None = None
    price: Money | None = None
    price_from: bool = False  # several variants at several prices
    priced_at: datetime | None = None  # only where the price came from elsewhere
    stock: str = ""  # "", "few", "out"
    left: int = 0
    paid: bool = False
    site: str = ""
    code: str = ""
    saves: str = ""  # percent the code takes off
    note: str = ""
    big: bool = False
    product: str = ""  # public id, where it is sold here
    post: str = ""  # address of the post that showed it
    network: str = ""  # where that post is


@dataclass(frozen=True, slots=True)
class Shown:
    """One block ready for its template."""

    id: str
    type: str
    title: str = ""
    text: str = ""
    note: str = ""
    href: str = ""
    paid: bool = False
    picture: Picture | None = None
    cards: tuple[Card, ...] = ()
    profiles: tuple[tuple[str, str, str], ...] = ()  # (network, its name, address)
    waiting: str = ""  # "hidden", "later", "over": only in the editor, where such blocks are shown faded


@dataclass
class _Shelf:
    offers: dict[str, catalog.ProductOffer] = field(default_factory=dict)
    pictures: dict[str, Picture] = field(default_factory=dict)
    codes: dict[int, links.ReferralCode] = field(default_factory=dict)
    programs: dict[int, int] = field(default_factory=dict)  # brand → program


def build(
    document: pages.Document,
    made: Mapping[str, Mapping[str, Any]],
    *,
    creator_id: int,
    deals: list[Deal],
    now: datetime,
    draft: bool = False,
    latest: Sequence[Latest] = (),
) -> list[Shown]:
    """The blocks to show now. `made` is the version's links; with `draft`, hidden and scheduled blocks are there too, marked.

    latest: what the creator's newest posts show; it comes above the first product, unless the creator put it elsewhere.
    """
    shelf = _stock_up(document, made, creator_id, deals)
    shown = []
    for block in pages.edits.with_latest(document)["blocks"] if latest else document["blocks"]:
        visible = pages.is_shown(block, now=now)
        if not visible and not draft:
            continue
        waiting = "" if visible else _waiting(block, now)
        ready = (
            _latest(block, latest, shelf, waiting, draft)
            if block["type"] == "latest"
            else _show(block, made, shelf, waiting, draft)
        )
        if ready is not None:
            shown.append(ready)
    return shown


def avatar(document: pages.Document) -> Picture | None:
    """The creator's picture, if it is still there."""
    return _picture(document["profile"]["avatar"])


def _stock_up(document: pages.Document, made: Mapping[str, Mapping[str, Any]], creator_id: int, deals: list[Deal]) -> _Shelf:
    shelf = _Shelf(programs={deal.brand_id: deal.program_id for deal in reversed(deals)})
    ids = {entry["product_id"] for entry in made.values() if entry.get("product_id")}
    offers = {offer.product: offer for offer in catalog.offers_of_products(ids).values()} if ids else {}
    for item in pages.products_in(document):
        public = item.get("product")
        if public and public not in offers:
            row = catalog.find_product(public)
            if row is not None:
                offers.update({offer.product: offer for offer in catalog.offers_of_products([row.id]).values()})
    shelf.offers = offers
    for public_id in pages.pictures_in(document):
        picture = _picture(public_id)
        if picture is not None:
            shelf.pictures[public_id] = picture
    stays = {deal.program_id for deal in deals}  # elsewhere a code does nothing at the checkout, so none is promised
    for code in links.codes_of(creator_id):
        if code.state == "live" and code.program_id in stays:
            shelf.codes.setdefault(code.program_id, code)
    return shelf


def _picture(public_id: str) -> Picture | None:
    row = media.find(public_id) if public_id else None
    return None if row is None else Picture(row.public_id, row.width, row.height)


def _waiting(block: pages.Block, now: datetime) -> str:
    if block.get("hidden"):
        return "hidden"
    return "later" if pages.is_shown({**block, "from": ""}, now=now) else "over"


def _show(block: pages.Block, made: Mapping[str, Mapping[str, Any]], shelf: _Shelf, waiting: str, draft: bool) -> Shown | None:
    kind, identity = block["type"], block["id"]
    if kind in ("product", "collection"):
        cards = [_card(place, item, made, shelf, draft) for place, item in places_of(block)]
        kept = tuple(card for card in cards if card is not None)
        if not kept and not draft:
            return None
        if kind == "product" and kept:
            kept = (_dressed(kept[0], block),)
        return Shown(identity, kind, title=block.get("title", ""), cards=kept, waiting=waiting)
    if kind == "social":
        profiles = tuple((item["network"], pages.NETWORKS[item["network"]][0], item["url"]) for item in block["items"])
        return Shown(identity, kind, profiles=profiles, waiting=waiting)
    if kind in ("heading", "text"):
        return Shown(identity, kind, text=block["text"], waiting=waiting)
    href = _href(identity, block["url"], made, draft) if block["url"] else ""
    picture = shelf.pictures.get(block.get("picture", ""))
    paid = bool(block.get("paid")) or bool(made.get(identity, {}).get("program_id"))
    if kind == "image":
        return (
            None
            if picture is None and not draft
            else Shown(identity, kind, href=href, text=block["alt"], picture=picture, paid=paid, waiting=waiting)
        )
    return Shown(identity, kind, title=block["title"], note=block["note"], href=href, picture=picture, paid=paid, waiting=waiting)


def _latest(block: pages.Block, latest: Sequence[Latest], shelf: _Shelf, waiting: str, draft: bool) -> Shown | None:
    """Products as cards, other links below them; nothing where there is nothing."""
    cards = tuple(_latest_card(one, shelf, draft) for one in latest)
    return Shown(block["id"], "latest", title=block["title"], cards=cards, waiting=waiting) if cards or draft else None


def _latest_card(one: Latest, shelf: _Shelf, draft: bool) -> Card:
    href = one.url if draft else f"/l/{one.slug}"
    network = pages.NETWORKS[one.provider][0] if one.provider in pages.NETWORKS else one.provider
    if one.offer is None:
        return Card(one.title, href, paid=one.program_id is not None, post=one.permalink, network=network)
    card = _own_card(one.offer, {"program_id": one.program_id, "slug": one.slug}, shelf, draft)
    return replace(card, href=href, post=one.permalink, network=network)


def _dressed(card: Card, block: pages.Block) -> Card:
    return replace(card, note=block["note"], big=block["size"] == "big")


def _href(place: str, url: str, made: Mapping[str, Mapping[str, Any]], draft: bool) -> str:
    entry = made.get(place)
    return f"/l/{entry['slug']}" if entry and not draft else url


def _card(place: str, item: Mapping[str, Any], made: Mapping[str, Mapping[str, Any]], shelf: _Shelf, draft: bool) -> Card | None:
    entry = made.get(place, {})
    if item.get("kind") == "own":
        offer = shelf.offers.get(item["product"])
        if offer is None or not offer.live or (not entry and not draft):
            return None
        return _own_card(offer, entry, shelf, draft)
    return Card(
        title=item["title"],
        href=_href(place, item["url"], made, draft),
        picture=shelf.pictures.get(item["picture"]),
        price=None if item["price_minor"] is None else Money(item["price_minor"], item["currency"]),
        priced_at=datetime.fromisoformat(item["priced_at"]) if item["priced_at"] else None,
        paid=bool(item.get("paid")) or bool(entry.get("program_id")),
        site=links.host_of(item["url"]),
    )


def _own_card(offer: catalog.ProductOffer, entry: Mapping[str, Any], shelf: _Shelf, draft: bool) -> Card:
    program_id = entry.get("program_id") or shelf.programs.get(offer.brand_id)
    code = shelf.codes.get(program_id) if program_id else None
    photo = offer.photos[0] if offer.photos else None
    return Card(
        title=offer.title,
        href=f"/l/{entry['slug']}" if entry and not draft else (offer.source_url or "#"),
        picture=Picture(photo.picture, photo.width, photo.height, photo.alt) if photo else None,
        price=offer.price,
        price_from=offer.price != offer.price_max,
        priced_at=None if offer.sold_here else offer.priced_at,
        stock="" if not offer.sold_here else ("out" if offer.available <= 0 else ("few" if offer.available <= FEW else "")),
        left=max(offer.available, 0),
        paid=program_id is not None,
        site="" if offer.sold_here else links.host_of(offer.source_url),
        code=code.code.upper() if code and offer.sold_here else "",
        saves=code.discount if code and offer.sold_here else "",
        product=offer.product if offer.sold_here else "",
    )
