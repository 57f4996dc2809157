"""A creator's page: made, edited, published with its tracked links."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..domain import audit, catalog, links, pages, people, programs
from ..domain.audit import Actor
from ..kernel.database import transaction
from ..kernel.errors import N_, Conflict, FieldError, Invalid

CHANNEL = "page"


class NothingToShow(Conflict):
    """An empty page is not put before people."""

    code = "nothing_to_show"
    message = N_("Add at least one block before you publish.")


@dataclass(frozen=True, slots=True)
class Deal:
    """A program the creator is in: its brand's products and addresses on its site earn under it."""

    program_id: int
    brand_id: int
    site: str  # host of the brand's own store, "" where it has none


def deals_of(creator_id: int) -> list[Deal]:
    """What the creator is enrolled in now, oldest first."""
    return [
        Deal(program.id, program.brand_id, links.host_of(program.landing_url) if program.landing_url else "")
        for program, _enrollment in programs.live_enrollments_of(creator_id)
    ]


def program_for_site(deals: list[Deal], url: str) -> int | None:
    """The program whose brand sells at this address, if the creator is in one."""
    host = links.host_of(url)
    return next((d.program_id for d in deals if d.site and (host == d.site or host.endswith(f".{d.site}"))), None)


def cleaner(own_host: str) -> Callable[[str, str], str]:
    """The links room's rule for addresses, in the shape that the pages room takes."""
    return lambda url, field: links.clean_destination(url, own_host=own_host, field=field)


def start(
    creator_id: int, *, preset: str, accent: str = "", first: Mapping[str, Any] | None, own_host: str, now: datetime
) -> pages.Page:
    """The page at /@handle with its first block, or the one that is there already. Safe to repeat."""
    with transaction():
        known = pages.find_page(creator_id)
        if known is not None:
            return known
        document = pages.blank(people.get_creator(creator_id).name, preset=preset, accent=accent)
        if first is not None:
            block = pages.clean_block({"id": pages.new_block_id(), **first}, clean_url=cleaner(own_host))
            document = pages.edits.with_block(document, block)
        return pages.make(creator_id, document=document, now=now)


def put_block(
    creator_id: int, page_id: str, revision: int, given: Mapping[str, Any], *, own_host: str, at: int | None = None, now: datetime
) -> str:
    """Add a block, or replace the one with its id; returns the id. Only products the creator may show get in."""
    with transaction():
        page = pages.page_of(creator_id, page_id)
        block = pages.clean_block({"id": pages.new_block_id(), **given}, clean_url=cleaner(own_host))
        before = {item.get("product") for item in pages.products_in(page.draft)}
        allowed = {deal.brand_id for deal in deals_of(creator_id)}
        for item in pages.products_in({"blocks": [block]}):
            if item["kind"] == "own" and item["product"] not in before:
                product = catalog.find_product(item["product"])
                if product is None or product.brand_id not in allowed:
                    raise Invalid(fields=[FieldError("item", "not_yours", N_("Choose a product of a program you are in."))])
        pages.edit(page, revision, lambda draft: pages.edits.with_block(draft, block, at=at), now=now)
        identity: str = block["id"]
        return identity


def publish(creator_id: int, page_id: str, revision: int, *, own_host: str, actor: Actor, now: datetime) -> pages.PageVersion:
    """Put the draft of this revision before the world; every product and link gets a tracked link of its own. Safe to repeat."""
    with transaction():
        page = pages.page_of(creator_id, page_id)
        creator = people.get_creator(creator_id)
        live = pages.live_version(page)
        if live is not None and page.revision == revision and not pages.is_ahead(page):
            return live  # a double tap: it is published already
        document = pages.clean_document(page.draft, clean_url=cleaner(own_host))
        if not document["blocks"]:
            raise NothingToShow
        deals = deals_of(creator_id)
        made: dict[str, dict[str, Any]] = {}
        for place, block_id, goal in _goals(document):
            target = _target(goal, creator.handle, deals)
            if target is not None:
                link = links.ensure_link(creator_id=creator_id, target=target, channel=CHANNEL, placement=block_id, now=now)
                made[place] = {"slug": link.slug, "product_id": target.product_id, "program_id": target.program_id}
        version = pages.publish(page, revision, made, now=now)
        audit.note(
            "page.published", page.public_id, actor=actor, tenant=creator.public_id, now=now, after={"version": version.number}
        )
        return version


def places_of(block: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """(place, goal) of everything in a block that leads somewhere; a goal has a "url", or names a "product"."""
    kind, identity = block["type"], block["id"]
    if kind == "product":
        return [(identity, block["item"])]
    if kind == "collection":
        return [(f"{identity}/{n}", item) for n, item in enumerate(block["items"])]
    if kind == "link" or (kind == "image" and block["url"]):
        return [(identity, block)]
    return []


def _goals(document: pages.Document) -> list[tuple[str, str, Mapping[str, Any]]]:
    return [(place, block["id"], goal) for block in document["blocks"] for place, goal in places_of(block)]


def _target(goal: Mapping[str, Any], handle: str, deals: list[Deal]) -> links.Target | None:
    if goal.get("kind") == "own":
        return own_product_target(goal["product"], handle, deals)
    url, title = goal["url"], goal.get("title") or goal.get("alt") or ""
    return links.url_target(url, title=title, program_id=program_for_site(deals, url))


def own_product_target(product_id: str, handle: str, deals: list[Deal]) -> links.Target | None:
    """Where a catalogue product is bought: on its sheet here, or in the brand's store; None where it is gone."""
    product = catalog.find_product(product_id)
    if product is None or product.state != "active" or not (product.sold_here or product.source_url):
        return None
    program_id = next((deal.program_id for deal in deals if deal.brand_id == product.brand_id), None)
    url = f"/@{handle}/p/{product.public_id}" if product.sold_here else product.source_url
    return links.product_target(product.id, url, title=product.title, program_id=program_id)
