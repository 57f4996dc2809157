"""Other ways out: what a creator sends by hand, each way with a tracked link of its own, also without a connected channel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from ..domain import catalog, links, pages, people, social
from ..kernel.database import transaction
from ..kernel.errors import NotFound
from ..kernel.money import Money
from .page import deals_of, own_product_target

Kind = Literal["page", "product", "link", "post"]
SHARED, STORY = "share", "story"  # placements


@dataclass(frozen=True, slots=True)
class Thing:
    """What is sent on. own: the link it is; alone: it goes out every way by that one, else chats and stories get their own."""

    kind: Kind
    public_id: str
    title: str
    target: links.Target
    theme: dict[str, str]
    name: str  # of the creator, as the page has it
    bio: str = ""
    code: str = ""  # as people type it
    saves: str = ""  # percent the code takes off
    picture: str = ""  # public id
    face: bool = False  # the picture is the creator's own
    price: Money | None = None
    price_from: bool = False
    own: links.TrackedLink | None = None
    alone: bool = False
    post_id: int | None = None
    words: str = ""  # a post's own caption, as it was typed
    discloses: str = ""  # what a post says of its being paid for
    paid: bool = False


def page_of(creator_id: int, public_id: str) -> Thing:
    """One of the creator's pages that visitors can see; NotFound."""
    row = pages.page_of(creator_id, public_id)
    live = pages.live_version(row)
    if live is None:
        raise NotFound()
    creator = people.get_creator(creator_id)
    deals = deals_of(creator_id)
    programs = {deal.program_id for deal in deals}
    address = f"/@{creator.handle}" + (f"/{row.slug}" if row.slug else "")
    target = links.page_target(row.id, address, title=address.removeprefix("/"))
    # one page may carry codes of several programs; then it says none rather than the wrong one
    code = _code(creator_id, programs.pop()) if len(programs) == 1 else {}
    profile = live.content["profile"]
    return Thing(
        "page", row.public_id, "", target, live.content["theme"], profile["name"], bio=" ".join(profile["bio"].split()),
        picture=profile["avatar"], face=True, paid=bool(deals), **code,
    )  # fmt: skip


def product_of(creator_id: int, public_id: str) -> Thing:
    """A product of a program that the creator is in; NotFound."""
    creator = people.get_creator(creator_id)
    target = own_product_target(public_id, creator.handle, deals_of(creator_id))
    if target is None or target.program_id is None or target.product_id is None:
        raise NotFound()
    return Thing("product", public_id, target.title, target, **_looks(creator), **_goods(creator_id, target))


def link_of(creator_id: int, public_id: str) -> Thing:
    """One of the creator's own links; NotFound.

    A link with rules, an end or a password goes out as it is, since another one would not have these.
    """
    row = links.link_of(creator_id, public_id)
    target = links.Target(row.target_key, row.url, row.title, row.program_id, row.product_id)
    special = row.state != "live" or row.routes or row.password_hash or row.expires_at or row.max_clicks or row.utm
    goods = _goods(creator_id, target)
    return Thing(
        "link", row.public_id, row.title or links.shown(row.url), target, **_looks(people.get_creator(creator_id)),
        own=row, alone=bool(special) or row.post_id is not None, **goods,
    )  # fmt: skip


def post_of(creator_id: int, public_id: str) -> Thing:
    """A post, by what it shows first, else by the creator's page; NotFound."""
    row = social.post_of(creator_id, public_id)
    creator = people.get_creator(creator_id)
    first = next(iter(social.offers_of(row.id)), None)
    if first is None:
        target = _home(creator)
    else:
        shown = links.links_by_id({first.link_id})[first.link_id]
        target = links.Target(shown.target_key, shown.url, shown.title, shown.program_id, shown.product_id)
    goods = _goods(creator_id, target)
    goods["paid"] = goods["paid"] or bool(row.disclosure)
    return Thing(
        "post", row.public_id, first.title if first else "", target, **_looks(creator), **goods, post_id=row.id,
        words=row.caption, discloses=row.disclosure,
    )  # fmt: skip


def way(creator_id: int, thing: Thing, channel: str, placement: str = SHARED, *, now: datetime) -> links.TrackedLink:
    """The link by which a thing goes out this way. Made when first asked for; safe to repeat, and then nothing is written."""
    if thing.own is not None and (thing.alone or channel in ("other", thing.own.channel)):
        return thing.own
    if thing.post_id is not None:
        placement = f"post:{thing.public_id}"
    found = links.find_link(creator_id, thing.target.key, channel, placement)
    if found is not None and (found.url, found.program_id) == (thing.target.url, thing.target.program_id):
        return found
    with transaction():
        return links.ensure_link(
            creator_id=creator_id, target=thing.target, channel=channel, placement=placement, post_id=thing.post_id, now=now
        )


def things_of(creator_id: int, *, most: int = 60) -> tuple[list[pages.Page], list[catalog.ProductOffer], list[links.TrackedLink]]:
    """What there is to send: pages that visitors see, products of the creator's programs, links of their own making."""
    brands = sorted({deal.brand_id for deal in deals_of(creator_id)})
    live = [page for page in pages.pages_of(creator_id) if page.published_version_id is not None]
    products = catalog.live_products_of(brands, limit=most) if brands else []
    made = [link for link in links.links_of(creator_id) if _by_hand(link)]
    return live, products, made[:most]


def _by_hand(link: links.TrackedLink) -> bool:
    """Whether the creator made this link, and it leads somewhere now."""
    made_for = link.placement in (SHARED, STORY) or link.post_id is not None or link.target_key.startswith("code:")
    return link.channel != "page" and link.state == "live" and not made_for


def _home(creator: people.Creator) -> links.Target:
    page, address = pages.find_page(creator.id), f"/@{creator.handle}"
    return links.url_target(address) if page is None else links.page_target(page.id, address, title=address.removeprefix("/"))


def _looks(creator: people.Creator) -> dict[str, Any]:
    """Name and colours, as the creator's page has them."""
    page = pages.find_page(creator.id)
    document = page.draft if page is not None else pages.blank(creator.name)
    return {"theme": document["theme"], "name": document["profile"]["name"]}


def _goods(creator_id: int, target: links.Target) -> dict[str, Any]:
    """Photo, price and code of what a target sells."""
    found: dict[str, Any] = {"paid": target.program_id is not None}
    if target.program_id is not None:
        found |= _code(creator_id, target.program_id)
    if target.product_id is not None:
        offer = catalog.offers_of_products([target.product_id])[target.product_id]
        found |= {"picture": offer.photo, "price": offer.price, "price_from": offer.price != offer.price_max}
    return found


def _code(creator_id: int, program_id: int) -> dict[str, Any]:
    """The code of a program that the creator is in; that of one they left does nothing any more."""
    stays = any(deal.program_id == program_id for deal in deals_of(creator_id))
    code = links.live_code(creator_id, program_id) if stays else None
    return {} if code is None else {"code": code.code.upper(), "saves": code.discount}
