"""From my latest posts: what a creator's newest posts show, as their link page offers it by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..domain import catalog, links, social

MOST = 6


@dataclass(frozen=True, slots=True)
class Latest:
    """One thing to follow, by the link of the post and channel it was shown on. offer: None for what is no product."""

    slug: str
    title: str
    url: str
    program_id: int | None
    offer: catalog.ProductOffer | None
    provider: str
    permalink: str


def latest_of(creator_id: int, *, now: datetime) -> tuple[Latest, ...]:
    """The newest posts' products and links, each once, by the newest post that shows it. Gone and sold-out ones are not there."""
    showing = social.latest_of(creator_id, now=now)
    if not showing:
        return ()
    made = links.links_by_id({each.link_id for each in showing})
    offers = catalog.offers_of_products({each.product_id for each in showing if each.product_id is not None})
    found: dict[str, Latest] = {}
    for each in showing:
        link, offer = made[each.link_id], offers.get(each.product_id or 0)
        if link.target_key in found or not links.is_live(link, now=now) or not _to_have(each, offer):
            continue
        title = offer.title if offer is not None else each.title or links.shown(link.url)
        found[link.target_key] = Latest(link.slug, title, link.url, link.program_id, offer, each.provider, each.permalink)
    return tuple(found.values())[:MOST]


def _to_have(showing: social.Showing, offer: catalog.ProductOffer | None) -> bool:
    if showing.product_id is None:
        return True
    return offer is not None and offer.live and (offer.available > 0 or not offer.sold_here)
