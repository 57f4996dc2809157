"""What a creator hands out: tracked links of their own making, and referral codes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Literal

from ..domain import audit, catalog, links, pages, people, programs
from ..domain.audit import Actor
from ..kernel.database import transaction
from ..kernel.errors import N_, FieldError, Forbidden, Invalid
from .page import deals_of, own_product_target, program_for_site

# "outside": of no program; "ended": its program is over; "left": the creator is not in it any more; "gone": not sold any more
Earning = Literal["earns", "outside", "ended", "left", "gone"]


def make_link(creator_id: int, given: Mapping[str, Any], *, own_host: str, actor: Actor, now: datetime) -> links.TrackedLink:
    """A link to a product, a page or an address, for one channel and placement.

    given: kind ("product", "page", "url"), product, page, url, title, channel, placement, slug, utm, expires_at, fallback_url,
    max_clicks, password.
    """
    password_hash = _hashed(given)
    with transaction():
        facts = _facts(creator_id, given, own_host)
        _refuse_over(facts["expires_at"], now)
        channel = str(given.get("channel", "other"))
        if channel not in links.CHANNELS:
            raise Invalid(fields=[FieldError("channel", "unknown", N_("Choose where you will post it."))])
        link = links.make_link(
            creator_id=creator_id,
            channel=channel,
            placement=_placement(given),
            slug=str(given.get("slug", "")).strip(),
            password_hash=password_hash,
            now=now,
            **facts,
        )
        _note("link.made", link, actor, now, after={"url": link.url, "slug": link.slug})
        return link


def change_link(
    creator_id: int, link_id: str, given: Mapping[str, Any], *, own_host: str, actor: Actor, now: datetime
) -> links.TrackedLink:
    """Another destination, end, fallback, UTM, password or slug; a slug that was handed out keeps leading beside the new one.

    given: as for a new link; a password that is left empty stays, `no_password` takes it away.
    """
    password_hash = _hashed(given)
    with transaction():
        link = links.hold(links.link_of(creator_id, link_id))
        before, facts = _shown(link), _facts(creator_id, given, own_host)
        ends = link.expires_at and link.expires_at.replace(second=0, microsecond=0)  # a form knows no seconds
        if facts["expires_at"] != ends:  # a link that is over already may be changed otherwise
            _refuse_over(facts["expires_at"], now)
        links.change_link(link, **facts)
        if password_hash or given.get("no_password"):
            links.lock(link, password_hash)
        slug = str(given.get("slug", "")).strip()
        if slug:
            links.rename(link, slug, now=now)
        _note("link.changed", link, actor, now, before=before, after=_shown(link))
        return link


def earning(creator_id: int, mine: Collection[links.TrackedLink]) -> dict[int, Earning]:
    """What each of the creator's links is to them today, by its id; the same few questions for one as for all."""
    enrolled = {program.id for program, _enrollment in programs.live_enrollments_of(creator_id)}
    lost = programs.programs_by_id({link.program_id for link in mine if link.program_id} - enrolled)
    offers = catalog.offers_of_products({link.product_id for link in mine if link.product_id})
    found: dict[int, Earning] = {}
    for link in mine:
        offer = offers.get(link.product_id or 0)
        if link.program_id is None:
            found[link.id] = "outside"
        elif link.program_id in lost:
            found[link.id] = "ended" if lost[link.program_id].state == "ended" else "left"
        else:
            gone = offer is not None and not offer.live and link.url.startswith("/")  # a store outside may go on selling it
            found[link.id] = "gone" if gone else "earns"
    return found


def turn_link(creator_id: int, link_id: str, state: str, *, actor: Actor, now: datetime) -> None:
    """Switch a link "off" (it then leads to its fallback) or "live" again. Safe to repeat."""
    with transaction():
        link = links.link_of(creator_id, link_id)
        if links.turn(link, state):
            _note(f"link.{state}", link, actor, now)


def give_code(
    creator_id: int, program_id: int, *, code: str = "", with_discount: bool = True, actor: Actor, now: datetime
) -> links.ReferralCode:
    """A referral code in a program the creator is in.

    The buyer's discount is the brand's: a creator may leave it out, never raise it.
    """
    with transaction():
        return _give(creator_id, program_id, code, with_discount=with_discount, actor=actor, now=now)


def code_in(creator_id: int, program_id: int, *, actor: Actor, now: datetime) -> links.ReferralCode:
    """The creator's newest live code in a program, made where there is none yet; in the caller's transaction."""
    found = links.live_code(creator_id, program_id)
    return found or _give(creator_id, program_id, "", with_discount=True, actor=actor, now=now)


def likely_code(creator: people.Creator, program: programs.Program) -> str:
    """The code that `code_in` would find or make now."""
    found = links.live_code(creator.id, program.id)
    return found.code if found is not None else links.likely_code(creator.handle, program.buyer_discount)


def _give(
    creator_id: int, program_id: int, code: str, *, with_discount: bool, actor: Actor, now: datetime
) -> links.ReferralCode:  # fmt: skip
    creator = people.get_creator(creator_id)
    if not programs.is_enrolled(program_id, creator_id):
        raise Forbidden(N_("Join the program first; then you can make codes for it."))
    discount = programs.get(program_id).buyer_discount if with_discount else ""
    made = links.make_code(
        creator_id=creator_id, program_id=program_id, code=code.strip(), handle=creator.handle, discount=discount, now=now
    )
    way = links.Target(f"code:{made.id}", f"/@{creator.handle}?code={made.code}", made.code.upper(), program_id)
    links.ensure_link(creator_id=creator_id, target=way, channel="qr", placement=made.code, now=now)
    audit.note(
        "code.made", made.public_id, actor=actor, tenant=creator.public_id, now=now,
        after={"code": made.code, "program": programs.get(program_id).public_id, "discount": discount},
    )  # fmt: skip
    return made


def address_of_code(code: links.ReferralCode) -> str:
    """The path that a code's QR leads to: its tracked link, which opens the page with the code on."""
    link = links.find_link(code.creator_id, f"code:{code.id}", "qr", code.code)
    return f"/l/{link.slug}" if link else f"/@{people.get_creator(code.creator_id).handle}?code={code.code}"


def retire_code(creator_id: int, code_id: str, *, actor: Actor, now: datetime) -> None:
    """The code stops bringing anything; nobody else can ever have it. Safe to repeat."""
    with transaction():
        code = links.code_of(creator_id, code_id)
        if links.retire_code(code, now=now):
            creator = people.get_creator(creator_id)
            audit.note("code.retired", code.public_id, actor=actor, tenant=creator.public_id, now=now, after={"code": code.code})


def _facts(creator_id: int, given: Mapping[str, Any], own_host: str) -> dict[str, Any]:
    fallback = str(given.get("fallback_url", "")).strip()
    return {
        "target": _target(creator_id, given, own_host),
        "utm": links.clean_utm(given.get("utm", {})),
        "expires_at": given.get("expires_at"),
        "fallback_url": links.clean_destination(fallback, own_host=own_host, field="fallback_url") if fallback else "",
        "max_clicks": links.clean_most(str(given.get("max_clicks") or "")),
    }


def _refuse_over(expires_at: datetime | None, now: datetime) -> None:
    if expires_at is not None and expires_at <= now:
        raise Invalid(
            fields=[FieldError("expires_at", "over", N_("This moment is over. Choose a later one, or leave it empty."))]
        )


def _hashed(given: Mapping[str, Any]) -> str:
    """What is stored of the password that was given, "" for none; slow, so before any transaction."""
    password = links.clean_password(str(given.get("password") or ""))
    return people.hashed(password) if password else ""


def _shown(link: links.TrackedLink) -> dict[str, Any]:
    return {
        "url": link.url, "slug": link.slug, "fallback_url": link.fallback_url, "max_clicks": link.max_clicks,
        "expires_at": link.expires_at.isoformat() if link.expires_at else None, "locked": bool(link.password_hash),
    }  # fmt: skip


def _target(creator_id: int, given: Mapping[str, Any], own_host: str) -> links.Target:
    creator, deals, kind = people.get_creator(creator_id), deals_of(creator_id), given.get("kind")
    title = " ".join(str(given.get("title", "")).split())[:120]
    if kind == "product":
        target = own_product_target(str(given.get("product", "")), creator.handle, deals)
        if target is None or target.program_id is None:
            raise Invalid(fields=[FieldError("product", "missing", N_("Choose a product of a program you are in."))])
        return target
    if kind == "page":
        page = pages.page_of(creator_id, str(given.get("page", "")))
        return links.page_target(page.id, f"/@{creator.handle}" + (f"/{page.slug}" if page.slug else ""), title=title)
    url = links.clean_destination(str(given.get("url", "")), own_host=own_host)
    return links.url_target(url, title=title, program_id=program_for_site(deals, url))


def _placement(given: Mapping[str, Any]) -> str:
    text = links.folded(str(given.get("placement", "")))
    if len(text) > 40:
        raise Invalid(fields=[FieldError("placement", "too_long", N_("Use at most 40 characters."))])
    return "-".join(text.split())


def _note(act: str, link: links.TrackedLink, actor: Actor, now: datetime, **facts: Any) -> None:
    tenant = people.get_creator(link.creator_id).public_id
    audit.note(act, link.public_id, actor=actor, tenant=tenant, now=now, **facts)
