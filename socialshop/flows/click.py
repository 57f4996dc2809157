"""Follow a tracked link: keep the click, then say where it leads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy.exc import DBAPIError

from ..domain import clicks, links, people, programs
from ..kernel import faults
from ..kernel.database import transaction

log = structlog.get_logger("click")


@dataclass(frozen=True, slots=True)
class Followed:
    """Where a request goes. `click_id` is the click that may win an order, "" where none could be kept; `kind` is its class."""

    location: str
    click_id: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class _Way:
    """A link as plain values, read before anything is written, so that it leads on even if writing fails."""

    link_id: int
    creator_id: int
    program_id: int | None
    brand_id: int | None
    channel: str
    placement: str
    url: str
    parameter: str  # carries our click id to an outside store, "" where it is none of a program's


def where(slug: str, *, now: datetime) -> str | None:
    """Where the link leads, without keeping anything (HEAD is not a click); None for a slug that never was."""
    way = _read(slug, now)
    return None if way is None else way.url


def follow(slug: str, tap: clicks.Tap, *, visitor: str, user_id: int | None, now: datetime) -> Followed | None:
    """Keep the click, committed, and say where to go; None for a slug that never was.

    A link that can be read but whose click cannot be kept (database locked or full) still leads on, without a
    click id, and the loss is an error in the log; one that cannot be read rises as the database's own error.
    """
    way = _read(slug, now)
    if way is None:
        return None
    if user_id is not None:
        tap = replace(tap, viewer=_hat(user_id, way))
    try:
        with transaction():
            faults.point("click.after_read")
            kept = clicks.keep(
                link_id=way.link_id,
                creator_id=way.creator_id,
                program_id=way.program_id,
                visitor=visitor,
                tap=tap,
                channel=way.channel,
                placement=way.placement,
                now=now,
            )
    except (DBAPIError, OSError) as error:
        log.error("click not kept", link=way.link_id, creator=way.creator_id, error=type(error).__name__)
        return Followed(way.url)
    carried = {way.parameter: kept.counts_as} if way.parameter else {}
    return Followed(links.with_parameters(way.url, carried), kept.counts_as, kept.kind)


def _read(slug: str, now: datetime) -> _Way | None:
    link = links.find_by_slug(slug)
    if link is None:
        return None
    live = links.is_live(link, now=now)
    target = link.url if live else (link.fallback_url or f"/@{people.get_creator(link.creator_id).handle}")
    program = None if link.program_id is None else programs.get(link.program_id)
    outside = not target.startswith("/")
    return _Way(
        link_id=link.id,
        creator_id=link.creator_id,
        program_id=link.program_id,
        brand_id=None if program is None else program.brand_id,
        channel=link.channel,
        placement=link.placement,
        url=links.with_parameters(target, links.utm_parameters(link.utm)),
        parameter=program.click_parameter if program is not None and outside and live else "",
    )


def _hat(user_id: int, way: _Way) -> clicks.Viewer:
    """Whether the tap is by the creator, or by someone of the brand: such taps are kept, but earn nothing."""
    own = people.creator_of(user_id)
    if own is not None and own.id == way.creator_id:
        return "creator"
    if way.brand_id is not None and any(brand.id == way.brand_id for brand, _member in people.memberships_of(user_id)):
        return "brand"
    return ""
