"""What a post shows to buy: whose it is, whether it still earns, where it leads, under which code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..domain import catalog, links, pages, people, programs, social
from ..domain.audit import Actor
from ..domain.social import Offered, Remark, remark
from ..kernel.errors import NotFound
from . import handout
from .page import deals_of, own_product_target

MOST = 10  # things of one post


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that is shown. target: None where it cannot be; needs: what showing it makes of a post ("brand", "own")."""

    kind: str
    name: str
    target: links.Target | None
    seller: str = ""
    code: str = ""  # "" none; one that is not made yet is promised
    needs: str = "nothing"
    remarks: tuple[Remark, ...] = ()

    @property
    def program_id(self) -> int | None:
        """The program that it earns in."""
        return None if self.target is None else self.target.program_id


def things(creator_id: int, offers: Sequence[Offered], *, now: datetime) -> list[Thing]:
    """What these offers are now."""
    asked = _Asked(creator_id, now)
    return [asked.thing(each) for each in offers]


def needs_of(creator_id: int, text: str, host: str, *, now: datetime) -> str:
    """What a typed text makes of a post, by the creator's codes and earning links in it: "brand", "own", "nothing"."""
    asked = _Asked(creator_id, now)
    promised = {handout.likely_code(asked.creator, program): program.id for program in asked.programs.values()}
    # codes that are not made yet; one without a number is a name, and may be meant as one
    mine = {code: program_id for code, program_id in promised.items() if code and not code.isalpha()}
    mine |= {code.code: code.program_id for code in links.codes_of(creator_id) if code.state == "live"}
    earning: set[int | None] = {mine[code] for code in social.wording.typed_codes(text, list(mine))}
    found = (links.find_by_slug(slug) for slug in social.wording.typed_links(text, host))
    earning |= {link.program_id for link in found if link is not None}
    needs = [asked.needs(program_id) for program_id in earning if program_id is not None]
    return max(needs, key=social.remarks.WEIGHT.__getitem__, default="nothing")


def ensured(
    creator_id: int, thing: Thing, *, provider: str, placement: str, post_id: int, actor: Actor, now: datetime
) -> tuple[social.OfferFacts, str]:  # fmt: skip
    """The thing on one channel, with that channel's own link, and the link's end; in the caller's transaction."""
    assert thing.target is not None
    code = handout.code_in(creator_id, thing.program_id, actor=actor, now=now).code if thing.program_id is not None else ""
    link = links.ensure_link(
        creator_id=creator_id, target=thing.target, channel=provider, placement=placement, post_id=post_id, now=now
    )
    facts = social.OfferFacts(thing.kind, thing.name, link.id, thing.target.product_id, thing.program_id, code)
    return facts, link.slug


def unfit(post_id: int, *, now: datetime) -> str:
    """Why a scheduled post should not go out any more, in one word ("product_gone", "left_program"); "" it may."""
    shown = social.offers_of(post_id)
    if not shown:
        return ""
    creator_id = social.post(post_id).creator_id
    mine = {program.id for program, _ in programs.live_enrollments_of(creator_id)}
    if any(each.program_id is not None and each.program_id not in mine for each in shown):
        return "left_program"
    sold = catalog.offers_of_products([each.product_id for each in shown if each.product_id is not None])
    gone = [each for each in shown if each.kind == "product" and not _is_sold(sold.get(each.product_id or 0))]
    return "product_gone" if gone else ""


class _Asked:
    """One creator's things, what is common to them asked once."""

    def __init__(self, creator_id: int, now: datetime) -> None:
        self.creator, self.now = people.get_creator(creator_id), now
        self.deals = deals_of(creator_id)
        self.programs = {program.id: program for program, _ in programs.live_enrollments_of(creator_id)}
        self.known = {program.brand_id for program, _ in programs.enrollments_of_creator(creator_id)}
        self.own = {brand.id for brand, member in people.memberships_of(self.creator.user_id) if member.role == "owner"}

    def thing(self, offer: Offered) -> Thing:
        if offer.kind == "product":
            return self._product(offer)
        return self._page(offer) if offer.kind == "page" else self._link(offer)

    def _product(self, offer: Offered) -> Thing:
        product = catalog.find_product(offer.id)
        if product is None or product.brand_id not in self.known:
            return Thing("product", "", None, remarks=(remark("offer_gone"),))
        deals = [deal for deal in self.deals if deal.brand_id == product.brand_id]
        if offer.program:
            deals = [deal for deal in deals if self.programs[deal.program_id].public_id == offer.program]
        seller = people.get_brand(product.brand_id).name
        if not deals:
            return Thing("product", product.title, None, seller, remarks=(remark("left_program", name=product.title),))
        target = own_product_target(offer.id, self.creator.handle, deals)
        if target is None:
            return Thing("product", product.title, None, seller, remarks=(remark("product_gone", name=product.title),))
        sold = catalog.offers_of_products([product.id]).get(product.id)
        out = product.sold_here and sold is not None and not sold.buyable
        return self._earning("product", product.title, target, seller, (remark("sold_out", name=product.title),) if out else ())

    def _page(self, offer: Offered) -> Thing:
        try:
            page = pages.page_of(self.creator.id, offer.id)
        except NotFound:
            return Thing("page", "", None, remarks=(remark("offer_gone"),))
        path = f"/@{self.creator.handle}" + (f"/{page.slug}" if page.slug else "")
        version = pages.live_version(page)
        if version is None:
            return Thing("page", path[1:], None, remarks=(remark("page_hidden", name=path[1:]),))
        shown: dict[str, Any] = version.content.get("links", {})
        found = {self.needs(each["program_id"]) for each in shown.values() if each.get("program_id") is not None}
        target = links.page_target(page.id, path, title=path[1:])
        return Thing("page", path[1:], target, needs=max(found, key=social.remarks.WEIGHT.__getitem__, default="nothing"))

    def _link(self, offer: Offered) -> Thing:
        try:
            link = links.link_of(self.creator.id, offer.id)
        except NotFound:
            return Thing("link", "", None, remarks=(remark("offer_gone"),))
        name = link.title or links.shown(link.url)
        if not links.is_live(link, now=self.now):
            return Thing("link", name, None, remarks=(remark("link_gone"),))
        target = links.Target(link.target_key, link.url, link.title, link.program_id, link.product_id)
        if link.program_id is None:
            return Thing("link", name, target)
        if link.program_id not in self.programs:
            return Thing("link", name, None, remarks=(remark("left_program", name=name),))
        seller = people.get_brand(self.programs[link.program_id].brand_id).name
        return self._earning("link", name, target, seller, ())

    def _earning(self, kind: str, name: str, target: links.Target, seller: str, remarks: tuple[Remark, ...]) -> Thing:
        assert target.program_id is not None
        code = handout.likely_code(self.creator, self.programs[target.program_id])
        return Thing(kind, name, target, seller, code, self.needs(target.program_id), remarks)

    def needs(self, program_id: int) -> str:
        """Advertising for one's own brand is one's own; all else that earns is for a brand."""
        program = self.programs.get(program_id)
        return "own" if program is not None and program.brand_id in self.own else "brand"


def _is_sold(found: catalog.ProductOffer | None) -> bool:
    return found is not None and found.live and bool(found.sold_here or found.source_url)


__all__ = ["MOST", "Thing", "ensured", "needs_of", "things", "unfit"]
