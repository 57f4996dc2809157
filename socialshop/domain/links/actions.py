"""Handing out links and codes. Nothing here commits."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import shortuuid
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from ...kernel.database import session
from ...kernel.errors import N_, Conflict, FieldError, Invalid
from ...kernel.ways import MAIN
from . import queries, routes, rules
from .models import LinkAlias, LinkCheck, ReferralCode, TrackedLink

SLUG_LENGTH = 7  # 31^7 = 27 thousand million slugs; a clash is tried again
TRIES = 12
MISSES = 3  # how often in a row nothing must be at an address before it counts as dead

_random = shortuuid.ShortUUID(alphabet=rules.ALPHABET)
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a link leads: `key` tells targets apart ("product:7", "page:3", "url:<sha256>")."""

    key: str
    url: str
    title: str = ""
    program_id: int | None = None
    product_id: int | None = None


def url_target(url: str, *, title: str = "", program_id: int | None = None) -> Target:
    """A target that is an address; `url` has been through `clean_destination`."""
    return Target(f"url:{hashlib.sha256(url.encode()).hexdigest()}", url, title, program_id)


def product_target(product_id: int, url: str, *, title: str = "", program_id: int | None = None) -> Target:
    """A target that is one of our catalogue's products, wherever it is sold today."""
    return Target(f"product:{product_id}", url, title, program_id, product_id)


def page_target(page_id: int, url: str, *, title: str = "") -> Target:
    """A target that is a link page."""
    return Target(f"page:{page_id}", url, title)


class SlugTaken(Invalid):
    """Another link has this slug, or one that looks the same."""

    code = "slug_taken"

    def __init__(self) -> None:
        super().__init__(fields=[FieldError("slug", self.code, N_("This address, or one that looks the same, is taken."))])


class CodeTaken(Invalid):
    """Another code is the same, or looks the same."""

    code = "code_taken"

    def __init__(self) -> None:
        super().__init__(fields=[FieldError("code", self.code, N_("This code, or one that looks the same, is taken."))])


class LinkExists(Conflict):
    """The creator has a link for this target, channel and placement already; `slug` is it."""

    code = "link_exists"
    message = N_("You already have a link for this, in this place: /l/{slug}")

    def __init__(self, slug: str) -> None:
        self.slug = slug
        super().__init__()


def ensure_link(
    *, creator_id: int, target: Target, channel: str, placement: str = "", post_id: int | None = None, now: datetime
) -> TrackedLink:
    """The creator's link for this target, channel and placement; made with a generated slug where there is none yet.

    What has become known about the target since (its title, program, today's address) is brought up to date.
    """
    found = queries.find_link(creator_id, target.key, channel, placement)
    if found is None:
        try:
            return _with_generated_slug(creator_id, target, channel, placement, now, post_id=post_id)
        except LinkExists:  # someone else made it between our question and our insert
            found = queries.find_link(creator_id, target.key, channel, placement)
            assert found is not None
    _forget_dead(found, target)
    found.url, found.title = target.url, target.title[:200] or found.title
    found.program_id, found.product_id = target.program_id, target.product_id
    session().flush()
    return found


def make_link(
    *,
    creator_id: int,
    target: Target,
    channel: str,
    placement: str,
    slug: str = "",
    utm: Mapping[str, str] | None = None,
    expires_at: datetime | None = None,
    fallback_url: str = "",
    max_clicks: int | None = None,
    password_hash: str = "",
    now: datetime,
) -> TrackedLink:
    """A new link, its slug chosen or (where "") generated; SlugTaken, or LinkExists for a second one of the same place."""
    extra = {
        "utm": dict(utm or {}), "expires_at": expires_at, "fallback_url": fallback_url, "max_clicks": max_clicks,
        "password_hash": password_hash,
    }  # fmt: skip
    if not slug:
        return _with_generated_slug(creator_id, target, channel, placement, now, **extra)
    row = _link(rules.clean_slug(slug), creator_id, target, channel, placement, now, **extra)
    if _try(row) is None:
        _refuse_second(creator_id, target, channel, placement)
        raise SlugTaken
    _refuse_anothers(row)
    return row


def change_link(
    link: TrackedLink, *, target: Target, utm: Mapping[str, str], expires_at: datetime | None, fallback_url: str,
    max_clicks: int | None = None,
) -> None:  # fmt: skip
    """Another destination, end or UTM for a link whose slug is out in the world."""
    if target.key != link.target_key:
        _refuse_second(link.creator_id, target, link.channel, link.placement)
    _forget_dead(link, target)
    link.target_key, link.url, link.title = target.key, target.url, target.title[:200]
    link.program_id, link.product_id = target.program_id, target.product_id
    link.utm, link.expires_at, link.fallback_url = dict(utm), expires_at, fallback_url
    link.max_clicks = max_clicks
    session().flush()


def rename(link: TrackedLink, slug: str, *, now: datetime) -> bool:
    """Another slug; the old one keeps leading, and is never anybody else's. False if it is the same; else maybe SlugTaken."""
    word, before = rules.clean_slug(slug), link.slug
    if word == before:
        return False
    session().execute(delete(LinkAlias).where(LinkAlias.slug == word, LinkAlias.link_id == link.id))  # it had this one before
    try:
        with session().begin_nested():
            link.slug, link.look = word, rules.look(word)
            session().add(LinkAlias(slug=before, link_id=link.id, created_at=now))
            session().flush()
    except IntegrityError:
        raise SlugTaken from None
    _refuse_anothers(link)
    return True


def reroute(link: TrackedLink, document: Mapping[str, Any]) -> None:
    """Other ways for a link; what is known of dead addresses holds only where the address stays."""
    before = routes.addresses(link.routes or {}, link.url)
    link.routes = dict(document)
    after = routes.addresses(document, link.url)
    link.dead = [word for word in link.dead or () if word in after and before.get(word) == after[word]] or None
    session().flush()


def lock(link: TrackedLink, password_hash: str) -> None:
    """Ask for a password from now on, or ("") for none."""
    link.password_hash = password_hash
    session().flush()


def hold(link: TrackedLink) -> TrackedLink:
    """The link as it is now, nobody else's to change until the end of this transaction."""
    session().refresh(link, with_for_update=True)
    return link


def note_found(link_id: int, word: str, url: str, there: bool | None, *, now: datetime) -> bool:
    """Note what was found at an address: something, nothing (404 or 410), or (None) nobody could say.

    After the third nothing in a row it counts as dead, until something is there again. True where that changed.
    """
    link = hold(session().get_one(TrackedLink, link_id))
    if routes.addresses(link.routes or {}, link.url).get(word) != url:
        return False  # it was changed while we looked
    check = session().get(LinkCheck, (link_id, word))
    if check is None:
        check = LinkCheck(link_id=link_id, word=word, url=url, misses=0, checked_at=now)
        session().add(check)
    misses = check.misses if check.url == url else 0
    check.url, check.checked_at = url, now
    check.misses = misses if there is None else 0 if there else misses + 1
    dead = set(link.dead or ())
    after = dead | {word} if check.misses >= MISSES else dead - {word}
    if after != dead:
        link.dead = sorted(after) or None
    session().flush()
    return after != dead


def turn(link: TrackedLink, state: str) -> bool:
    """Switch a link "live" or "off"; False if it was so already."""
    moved = session().execute(
        update(TrackedLink)
        .where(TrackedLink.id == link.id, TrackedLink.state != state)
        .values(state=state)
        .returning(TrackedLink.id)
    )
    return moved.scalar_one_or_none() is not None


def make_code(*, creator_id: int, program_id: int, code: str = "", handle: str, discount: str, now: datetime) -> ReferralCode:
    """A referral code, chosen or (where "") made from the handle; CodeTaken where it, or one like it, is in use or was."""
    if code:
        row = _try(_code(rules.clean_code(code), creator_id, program_id, discount, now))
        if row is None:
            raise CodeTaken
        return row
    made = _first_free(_code(idea, creator_id, program_id, discount, now) for idea in rules.code_ideas(handle, discount))
    if made is None:
        raise Conflict(N_("No free code could be found. Please choose one yourself."))
    return made


def retire_code(code: ReferralCode, *, now: datetime) -> bool:
    """The code brings nothing from now on, and never belongs to anyone else; False if it was retired before."""
    moved = session().execute(
        update(ReferralCode)
        .where(ReferralCode.id == code.id, ReferralCode.state == "live")
        .values(state="retired", retired_at=now)
        .returning(ReferralCode.id)
    )
    return moved.scalar_one_or_none() is not None


def _link(
    slug: str, creator_id: int, target: Target, channel: str, placement: str, now: datetime, **extra: object
) -> TrackedLink:
    return TrackedLink(
        slug=slug,
        look=rules.look(slug),
        creator_id=creator_id,
        program_id=target.program_id,
        product_id=target.product_id,
        target_key=target.key,
        url=target.url,
        title=target.title[:200],
        channel=channel,
        placement=placement,
        created_at=now,
        **extra,
    )


def _code(code: str, creator_id: int, program_id: int, discount: str, now: datetime) -> ReferralCode:
    return ReferralCode(
        code=code, look=rules.look(code), creator_id=creator_id, program_id=program_id, discount=discount, created_at=now
    )


def _with_generated_slug(
    creator_id: int, target: Target, channel: str, placement: str, now: datetime, **extra: object
) -> TrackedLink:
    for _ in range(TRIES):
        slug = generated_slug()
        if queries.was_anothers(slug, None):
            continue
        row = _try(_link(slug, creator_id, target, channel, placement, now, **extra))
        if row is not None:
            return row
        _refuse_second(creator_id, target, channel, placement)
    raise RuntimeError(f"no free slug in {TRIES} tries")


def generated_slug() -> str:
    """A random slug without look-alikes."""
    return _random.random(length=SLUG_LENGTH)


def _forget_dead(link: TrackedLink, target: Target) -> None:
    """What was known of the link's own address says nothing of another."""
    if link.dead and target.url != link.url:
        link.dead = [word for word in link.dead if word != MAIN] or None


def _refuse_second(creator_id: int, target: Target, channel: str, placement: str) -> None:
    other = queries.find_link(creator_id, target.key, channel, placement)
    if other is not None:
        raise LinkExists(other.slug)


def _refuse_anothers(link: TrackedLink) -> None:
    """After the slug is ours in this transaction: nobody can have given it up since without our seeing it."""
    if queries.was_anothers(link.slug, link.id):
        raise SlugTaken


def _first_free(rows: Iterable[Row]) -> Row | None:
    attempt: Callable[[Row], Row | None] = _try
    return next((kept for kept in map(attempt, rows) if kept is not None), None)


def _try(row: Row) -> Row | None:
    """Insert, or None where the database says that it is taken; the transaction goes on either way."""
    try:
        with session().begin_nested():
            session().add(row)
            session().flush()
    except IntegrityError:
        return None
    return row
