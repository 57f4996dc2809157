"""Editing and publishing pages. Nothing here commits.

Every change names the revision it was made on. The UPDATE carries it, so of two people (or two windows) that edit
at once the second is told, and nothing is overwritten.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import shortuuid
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from ...kernel.database import session
from ...kernel.errors import N_, Conflict, FieldError, Invalid
from . import queries
from .models import Page, PageVersion, PageView
from .rules import UNDO_STEPS, Document

MAX_PAGES = 20
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_RESERVED = frozenset({"p", "og", "qr", "feed", "edit"})
_ids = shortuuid.ShortUUID(alphabet="23456789abcdefghjkmnpqrstuvwxyz")


class StalePage(Conflict):
    """The page has moved on since the person saw it."""

    code = "stale_page"
    message = N_("This page was changed in another window. Nothing was lost: look at it again, then repeat your change.")


def new_block_id() -> str:
    """An id for a block: short, lower case, unique on its page for all that matters."""
    return _ids.random(length=8)


def make(creator_id: int, *, slug: str = "", document: Document, now: datetime) -> Page:
    """A new page with this draft; slug "" is the one at /@handle. Invalid where the slug cannot be, or is in use."""
    if slug and (not _SLUG.match(slug) or not 2 <= len(slug) <= 40 or slug in _RESERVED):
        raise Invalid(
            fields=[FieldError("slug", "not_a_slug", N_("Use 2 to 40 letters a–z, digits and single hyphens between them."))]
        )
    if len(queries.pages_of(creator_id)) >= MAX_PAGES:
        raise Conflict(N_("You have {limit} pages, which is the most."), code="too_many_pages", limit=MAX_PAGES)
    page = Page(creator_id=creator_id, slug=slug, draft=document, undo=[], revision=1, created_at=now, edited_at=now)
    try:
        with session().begin_nested():
            session().add(page)
            session().flush()
    except IntegrityError:
        raise Invalid(fields=[FieldError("slug", "taken", N_("You already have a page at this address."))]) from None
    return page


def edit(page: Page, revision: int, change: Callable[[Document], Document], *, now: datetime) -> bool:
    """Apply `change` to the draft as it stood at `revision`; StalePage where it has moved on. False: nothing changed."""
    if page.revision != revision:
        raise StalePage
    changed = change(page.draft)
    if changed == page.draft:
        return False
    _write(page, revision, changed, [*page.undo, page.draft][-UNDO_STEPS:], now)
    return True


def undo(page: Page, revision: int, *, now: datetime) -> bool:
    """Take the last edit back; False where there is none left to take back."""
    if page.revision != revision:
        raise StalePage
    if not page.undo:
        return False
    _write(page, revision, page.undo[-1], page.undo[:-1], now)
    return True


def restore(page: Page, number: int, revision: int, *, now: datetime) -> bool:
    """Make the draft what version `number` was; an edit like any other, so it can be undone."""
    content = queries.version_of(page.id, number).content
    return edit(page, revision, lambda draft: {key: content[key] for key in draft}, now=now)


def publish(page: Page, revision: int, links: dict[str, dict[str, Any]], *, now: datetime) -> PageVersion:
    """Show the draft of this revision to the world, as a new version.

    links: place on the page → {"slug", "product_id", "program_id"}.
    """
    if page.revision != revision:
        raise StalePage
    newest = session().scalar(select(func.max(PageVersion.number)).where(PageVersion.page_id == page.id)) or 0
    version = PageVersion(page_id=page.id, number=newest + 1, content={**page.draft, "links": links}, published_at=now)
    session().add(version)
    session().flush()
    _advance(page, revision, {"published_version_id": version.id})
    return version


def take_down(page: Page) -> bool:
    """Show the page to nobody any more; the draft and its versions stay."""
    moved = session().execute(
        update(Page)
        .where(Page.id == page.id, Page.published_version_id.is_not(None))
        .values(published_version_id=None)
        .returning(Page.id)
    )
    return moved.scalar_one_or_none() is not None


def note_view(*, page_id: int, creator_id: int, visitor: str, kind: str, now: datetime) -> None:
    """One view, with its class."""
    session().add(PageView(page_id=page_id, creator_id=creator_id, visitor=visitor, kind=kind, at=now))
    session().flush()


def _write(page: Page, revision: int, draft: Document, undo_steps: list[Document], now: datetime) -> None:
    _advance(page, revision, {"draft": draft, "undo": undo_steps, "revision": revision + 1, "edited_at": now})


def _advance(page: Page, revision: int, values: dict[str, Any]) -> None:
    """The guard of all edits: the row is changed only if it still is at `revision`."""
    moved = session().execute(update(Page).where(Page.id == page.id, Page.revision == revision).values(values).returning(Page.id))
    if moved.scalar_one_or_none() is None:
        raise StalePage
    session().refresh(page)
