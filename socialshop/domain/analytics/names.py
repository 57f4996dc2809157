"""The rows behind values: which links, products, creators and programs a table names, and which one a filter means."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from ...kernel.database import in_parts, session
from ...kernel.errors import NotFound
from .. import catalog, clicks, links, pages, people, programs, social
from .scope import Scope

MOST_OF_A_NAME = 60  # characters of a post
_CHANNELS = {"instagram": "Instagram", "tiktok": "TikTok"}


@dataclass(frozen=True, slots=True)
class Named:
    """One of our rows. public_id: what stands in addresses and in the API; more: what tells it from others of the same name."""

    public_id: str
    name: str
    more: str = ""


def names_of(scope: Scope, dimension: str, values: Collection[str]) -> dict[str, Named]:
    """By value, of dimensions whose values are our rows; what is nowhere any more has no name.

    What a creator calls their links is for their own list: a brand reads whose link it is.
    """
    found: dict[str, Named] = {}
    for part in in_parts(int(value) for value in values if value):
        if dimension == "link" and scope.creator_id is None:
            link, creator = links.TrackedLink, people.Creator
            query = select(link.id, link.public_id, link.slug, creator.handle).join(creator, creator.id == link.creator_id)
            for link_id, public_id, slug, handle in session().execute(query.where(link.id.in_(part))):
                found[str(link_id)] = Named(public_id, f"/l/{slug}", f"@{handle}")
        elif dimension == "post":
            found |= _posts(part, whose=scope.creator_id is None)
        else:
            rows = select(_TABLES[dimension]).where(_TABLES[dimension].id.in_(part))
            if dimension == "product" and scope.creator_id is None:  # a link may lead to another brand's by now
                rows = rows.where(catalog.Product.brand_id == scope.brand_id)
            for row in session().scalars(rows):
                found[str(row.id)] = _named(dimension, row)
    return found


def _posts(post_ids: Collection[int], *, whose: bool) -> dict[str, Named]:
    """Posts by how they begin, with where they stand; to a brand also whose they are."""
    post, target, channel, creator = social.Post, social.Target, social.Channel, people.Creator
    places: dict[int, dict[str, None]] = {}
    on = select(target.post_id, channel.provider).join(channel, channel.id == target.channel_id).order_by(target.id)
    for post_id, provider in session().execute(on.where(target.post_id.in_(post_ids))):
        places.setdefault(post_id, {})[_CHANNELS.get(provider, provider)] = None
    query = select(post.id, post.public_id, post.caption, post.title, post.publish_at, creator.handle)
    rows = session().execute(query.join(creator, creator.id == post.creator_id).where(post.id.in_(post_ids)))
    found = {}
    for post_id, public_id, caption, title, at, handle in rows:
        more = [*([f"@{handle}"] if whose else []), *places.get(post_id, ())]
        found[str(post_id)] = Named(public_id, _beginning(title or caption) or f"{at:%Y-%m-%d}", " · ".join(more))
    return found


def _beginning(text: str) -> str:
    """The first words of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= MOST_OF_A_NAME else line[: MOST_OF_A_NAME - 1].rsplit(" ", 1)[0].rstrip(" ,.;:") + "…"


def value_of(scope: Scope, dimension: str, public_id: str) -> str:
    """The value that a filter means by this public id. NotFound: it is none, or nobody's of this scope."""
    model = _TABLES[dimension]
    row = session().scalar(select(model).where(model.public_id == public_id))
    if row is None or not _belongs(scope, dimension, row):
        raise NotFound
    return str(row.id)


def blocks_of(scope: Scope, places: Collection[str]) -> dict[str, str]:
    """Which of these places are blocks of link pages. To a creator by their titles, "" where it is gone; to a brand by whose."""
    link = links.TrackedLink
    found: dict[str, str] = {}
    for part in in_parts(places):
        mine = (link.channel == "page", link.placement.in_(part), *scope.covers(link))
        rows = select(link.placement, link.title, people.Creator.handle).join(
            people.Creator, people.Creator.id == link.creator_id
        )
        for place, title, handle in session().execute(rows.where(*mine)):
            found[place] = f"@{handle}" if scope.creator_id is None else title
    if scope.creator_id is None or not found:
        return found
    blocks = [block for page in pages.pages_of(scope.creator_id) for block in page.draft["blocks"]]
    titles = {block["id"]: _title(block) for block in blocks}
    return {place: titles[place] or title if place in titles else "" for place, title in found.items()}


def _title(block: Mapping[str, Any]) -> str:
    """What stands on a block; "" where that is what it leads to."""
    item = block.get("item") or {}
    return str(block.get("title") or block.get("text") or item.get("title") or "")


_TABLES: dict[str, Any] = {
    "creator": people.Creator, "program": programs.Program, "link": links.TrackedLink, "product": catalog.Product,
    "post": social.Post,
}  # fmt: skip
NAMED = frozenset(_TABLES)


def _named(dimension: str, row: Any) -> Named:
    if dimension == "creator":
        return Named(row.public_id, f"@{row.handle}", row.name)
    if dimension == "link":
        return Named(row.public_id, row.title or links.shown(row.url), f"/l/{row.slug}")
    return Named(row.public_id, row.title if dimension == "product" else row.name)


def _belongs(scope: Scope, dimension: str, row: Any) -> bool:
    """Whether the scope's owner may know of this row at all."""
    if scope.creator_id is not None:
        if dimension == "creator":
            return bool(row.id == scope.creator_id)
        if dimension in ("link", "post"):
            return bool(row.creator_id == scope.creator_id)
        mine = select(links.TrackedLink.id).where(links.TrackedLink.creator_id == scope.creator_id)
        column = links.TrackedLink.program_id if dimension == "program" else links.TrackedLink.product_id
        return _any(mine.where(column == row.id)) or (dimension == "program" and _any(_stay(scope.creator_id, row.id)))
    if dimension == "creator":
        stay = programs.Enrollment
        return _any(select(stay.id).where(stay.creator_id == row.id, stay.program_id.in_(scope.program_ids)))
    if dimension == "product":
        return bool(row.brand_id == scope.brand_id)
    if dimension == "post":
        offer = social.PostOffer
        return _any(select(offer.id).where(offer.post_id == row.id, offer.program_id.in_(scope.program_ids)))
    if dimension == "program":
        return row.id in scope.program_ids
    return row.program_id in scope.program_ids or _was_theirs(scope, row)


def _was_theirs(scope: Scope, link: Any) -> bool:
    """Whether a link that is another program's now brought taps while it was one of theirs."""
    click = clicks.Click
    mine = (click.creator_id == link.creator_id, click.link_id == link.id, click.program_id.in_(scope.program_ids))
    return _any(select(click.id).where(*mine))


def _stay(creator_id: int, program_id: int) -> Any:
    stay = programs.Enrollment
    return select(stay.id).where(stay.creator_id == creator_id, stay.program_id == program_id)


def _any(query: Any) -> bool:
    return session().scalar(query.limit(1)) is not None
