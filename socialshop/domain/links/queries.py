"""Questions about links and codes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import select

from ...kernel.addresses import bare, folded
from ...kernel.database import in_parts, session
from ...kernel.errors import NotFound
from . import routes
from .models import LinkAlias, LinkCheck, ReferralCode, TrackedLink
from .rules import code_ideas, look


def find_by_slug(slug: str) -> TrackedLink | None:
    """The link that has this slug, or had it before, however it was typed or mangled; switched-off and expired ones too."""
    word = bare(folded(slug))
    found = session().scalar(select(TrackedLink).where(TrackedLink.slug == word))
    if found is None:
        had = select(LinkAlias.link_id).where(LinkAlias.slug == word).scalar_subquery()
        found = session().scalar(select(TrackedLink).where(TrackedLink.id == had))
    return found


def aliases_of(link_id: int) -> list[str]:
    """The slugs that a link had before, newest first."""
    return list(session().scalars(select(LinkAlias.slug).where(LinkAlias.link_id == link_id).order_by(LinkAlias.id.desc())))


def was_anothers(slug: str, link_id: int | None) -> bool:
    """Whether another link had this slug before, or one that looks the same."""
    had = select(LinkAlias.id).where(LinkAlias.look == look(slug))
    return session().scalar(had if link_id is None else had.where(LinkAlias.link_id != link_id)) is not None


def addresses_to_check(before: datetime, limit: int) -> list[tuple[int, str, str]]:
    """(link, word, address) of links with several addresses, those not looked at since `before`; the longest ago first."""
    known = {(c.link_id, c.word): c for c in session().scalars(select(LinkCheck))}
    never = datetime.min.replace(tzinfo=UTC)
    found: list[tuple[datetime, int, str, str]] = []
    live = select(TrackedLink).where(TrackedLink.routes.is_not(None), TrackedLink.state == "live")
    for link in session().scalars(live):
        for word, url in routes.addresses(link.routes or {}, link.url).items():
            check = known.get((link.id, word))
            at = check.checked_at if check is not None and check.url == url else never
            if at < before and url.startswith("http"):
                found.append((at, link.id, word, url))
    return [(link_id, word, url) for _at, link_id, word, url in sorted(found)[:limit]]


def find_link(creator_id: int, target_key: str, channel: str, placement: str) -> TrackedLink | None:
    """The creator's one link for a target in a place."""
    return session().scalar(
        select(TrackedLink).where(
            TrackedLink.creator_id == creator_id,
            TrackedLink.target_key == target_key,
            TrackedLink.channel == channel,
            TrackedLink.placement == placement,
        )
    )


def link_of(creator_id: int, public_id: str) -> TrackedLink:
    """One of the creator's links; NotFound for a stranger's."""
    found = session().scalar(select(TrackedLink).where(TrackedLink.public_id == public_id, TrackedLink.creator_id == creator_id))
    if found is None:
        raise NotFound()
    return found


def links_of(creator_id: int) -> list[TrackedLink]:
    """All links of a creator, newest first."""
    return list(
        session().scalars(select(TrackedLink).where(TrackedLink.creator_id == creator_id).order_by(TrackedLink.id.desc()))
    )


def links_by_id(ids: Collection[int]) -> dict[int, TrackedLink]:
    """Links by their internal id."""
    if not ids:
        return {}
    return {link.id: link for link in session().scalars(select(TrackedLink).where(TrackedLink.id.in_(ids)))}


def existing(ids: Collection[int]) -> set[int]:
    """Those of these internal ids that are links."""
    return set(session().scalars(select(TrackedLink.id).where(TrackedLink.id.in_(ids)))) if ids else set()


def page_slugs(creator_id: int) -> dict[tuple[str, str], str]:
    """(target key, block) → slug, of every link that a page of the creator uses."""
    rows = session().execute(
        select(TrackedLink.target_key, TrackedLink.placement, TrackedLink.slug).where(
            TrackedLink.creator_id == creator_id, TrackedLink.channel == "page"
        )
    )
    return {(key, placement): slug for key, placement, slug in rows}


def is_live(link: TrackedLink, *, now: datetime, clicks: int = 0) -> bool:
    """Whether the link leads to its destination at this instant (else to its fallback), after so many payable clicks."""
    return standing(link, now=now, clicks=clicks) == "live"


def standing(link: TrackedLink, *, now: datetime, clicks: int = 0) -> str:
    """ "live", or why the link leads to its fallback: "off", "expired", "spent"."""
    if link.state != "live":
        return "off"
    if link.expires_at is not None and now >= link.expires_at:
        return "expired"
    return "spent" if link.max_clicks is not None and clicks >= link.max_clicks else "live"


def find_code(text: str) -> ReferralCode | None:
    """The code someone typed, compared case-folded; retired ones too."""
    return session().scalar(select(ReferralCode).where(ReferralCode.code == folded(text)))


def find_codes(texts: Collection[str]) -> dict[str, ReferralCode]:
    """The codes that people typed, retired ones too, by the folded text."""
    found: dict[str, ReferralCode] = {}
    for part in in_parts({folded(text) for text in texts}):
        found |= {code.code: code for code in session().scalars(select(ReferralCode).where(ReferralCode.code.in_(part)))}
    return found


def codes_by_creator(program_id: int, creator_ids: Collection[int]) -> dict[int, list[str]]:
    """The codes of these creators in a program, retired ones too."""
    found: dict[int, list[str]] = {}
    for part in in_parts(creator_ids):
        rows = session().execute(
            select(ReferralCode.creator_id, ReferralCode.code)
            .where(ReferralCode.program_id == program_id, ReferralCode.creator_id.in_(part))
            .order_by(ReferralCode.id)
        )
        for creator_id, code in rows:
            found.setdefault(creator_id, []).append(code)
    return found


def code_of(creator_id: int, public_id: str) -> ReferralCode:
    """One of the creator's codes; NotFound for a stranger's."""
    found = session().scalar(
        select(ReferralCode).where(ReferralCode.public_id == public_id, ReferralCode.creator_id == creator_id)
    )
    if found is None:
        raise NotFound()
    return found


def codes_of(creator_id: int) -> list[ReferralCode]:
    """All codes of a creator, live ones first, then newest first."""
    return list(
        session().scalars(
            select(ReferralCode).where(ReferralCode.creator_id == creator_id).order_by(ReferralCode.state, ReferralCode.id.desc())
        )
    )


def codes_of_program(program_id: int) -> list[ReferralCode]:
    """All codes of a program, retired ones too."""
    return list(session().scalars(select(ReferralCode).where(ReferralCode.program_id == program_id).order_by(ReferralCode.id)))


def live_code(creator_id: int, program_id: int) -> ReferralCode | None:
    """The creator's newest live code in a program."""
    return session().scalar(
        select(ReferralCode)
        .where(ReferralCode.creator_id == creator_id, ReferralCode.program_id == program_id, ReferralCode.state == "live")
        .order_by(ReferralCode.id.desc())
        .limit(1)
    )


def likely_code(handle: str, discount: str) -> str:
    """The code that would be made from a handle now; "" where all ideas are taken."""
    for idea in code_ideas(handle, discount):
        taken = select(ReferralCode.id).where((ReferralCode.code == idea) | (ReferralCode.look == look(idea)))
        if session().scalar(taken) is None:
            return idea
    return ""
