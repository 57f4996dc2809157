"""What a creator can recommend in a post: products of their programs, their pages, their own links; chosen or found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from ...domain import catalog, links, pages, people
from ...flows import offered
from ...flows.compose import Offered
from ...flows.page import deals_of
from ..local import money_filter
from . import compose_form
from .compose_form import Typed

FOUND = 24
_ICONS = {"product": "package", "page": "layout", "link": "link"}


@dataclass(frozen=True, slots=True)
class Thing:
    """Something to recommend, chosen or found."""

    key: str
    title: str
    note: str
    picture: str
    icon: str
    taken: bool = False  # chosen already


def chosen(creator_id: int, offers: Sequence[Offered], *, now: datetime) -> list[Thing]:
    """What was chosen, as it is called."""
    named = offered.things(creator_id, offers, now=now)
    photos = _photos([each.id for each in offers if each.kind == "product"])
    return [
        Thing(
            compose_form.key_of(offer), thing.name or gettext("Not there any more"), _note(thing), photos.get(offer.id, ""),
            _ICONS[offer.kind],
        )
        for offer, thing in zip(offers, named, strict=True)
    ]  # fmt: skip


def found(creator: people.Creator, typed: Typed) -> list[Thing]:
    """What the creator's shelf has of this name: products of their programs, their pages, their own links."""
    there = {(each.kind, each.id) for each in typed.form.offers}
    wanted = typed.q.casefold()
    brands = sorted({deal.brand_id for deal in deals_of(creator.id)})
    offers = catalog.live_products_of(brands, search=typed.q, limit=FOUND) if brands else []
    sellers = {brand_id: people.get_brand(brand_id).name for brand_id in {offer.brand_id for offer in offers}}
    things = [
        Thing(
            f"product:{offer.product}:", offer.title, f"{sellers[offer.brand_id]} · {money_filter(offer.price)}", offer.photo,
            _ICONS["product"], ("product", offer.product) in there,
        )
        for offer in offers
    ]  # fmt: skip
    mine = gettext("My page")
    for row in pages.pages_of(creator.id):
        name = f"/@{creator.handle}" + (f"/{row.slug}" if row.slug else "")
        said = f"{name} {row.draft['profile']['name']} {mine}"
        if wanted in said.casefold() and row.published_version_id:
            taken = ("page", row.public_id) in there
            things.append(Thing(f"page:{row.public_id}:", name, gettext("Your page"), "", _ICONS["page"], taken))
    for link in links.links_of(creator.id):
        name = link.title or links.shown(link.url)
        own = link.channel != "page" and not link.placement.startswith("post:") and link.post_id is None
        if own and wanted in f"{name} {link.slug}".casefold() and link.state == "live":
            taken = ("link", link.public_id) in there
            things.append(Thing(f"link:{link.public_id}:", name, f"/l/{link.slug}", "", _ICONS["link"], taken))
    return things[:FOUND]


def _note(thing: offered.Thing) -> str:
    code = gettext("code %(code)s", code=thing.code.upper()) if thing.code else ""
    return " · ".join(part for part in (thing.seller, code) if part)


def _photos(products: Sequence[str]) -> dict[str, str]:
    rows = [row for public_id in products if (row := catalog.find_product(public_id)) is not None]
    offers = catalog.offers_of_products([row.id for row in rows])
    return {offer.product: offer.photo for offer in offers.values()}
