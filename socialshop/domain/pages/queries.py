"""Questions about link pages."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from ...kernel.database import session
from ...kernel.errors import NotFound
from .models import Page, PageVersion, PageView


def find_page(creator_id: int, slug: str = "") -> Page | None:
    """The creator's page at this address, published or not."""
    return session().scalar(select(Page).where(Page.creator_id == creator_id, Page.slug == slug))


def page_of(creator_id: int, public_id: str) -> Page:
    """One of the creator's pages; NotFound for a stranger's."""
    found = session().scalar(select(Page).where(Page.creator_id == creator_id, Page.public_id == public_id))
    if found is None:
        raise NotFound()
    return found


def pages_of(creator_id: int) -> list[Page]:
    """All pages of a creator, the one at /@handle first."""
    return list(session().scalars(select(Page).where(Page.creator_id == creator_id).order_by(Page.slug)))


def published(creator_id: int, slug: str = "") -> tuple[Page, PageVersion] | None:
    """The page that visitors see at this address, if there is one."""
    row = (
        session()
        .execute(
            select(Page, PageVersion)
            .join(PageVersion, PageVersion.id == Page.published_version_id)
            .where(Page.creator_id == creator_id, Page.slug == slug)
        )
        .one_or_none()
    )
    return None if row is None else (row[0], row[1])


def live_version(page: Page) -> PageVersion | None:
    """What visitors of this page see now."""
    return None if page.published_version_id is None else session().get(PageVersion, page.published_version_id)


def is_ahead(page: Page) -> bool:
    """Whether the draft differs from what visitors see."""
    live = live_version(page)
    return live is None or {key: value for key, value in live.content.items() if key != "links"} != page.draft


def versions_of(page_id: int, *, limit: int = 50) -> list[PageVersion]:
    """What was published, newest first."""
    return list(
        session().scalars(
            select(PageVersion).where(PageVersion.page_id == page_id).order_by(PageVersion.number.desc()).limit(limit)
        )
    )


def version_of(page_id: int, number: int) -> PageVersion:
    """One published version; NotFound where the page has none of this number."""
    found = session().scalar(select(PageVersion).where(PageVersion.page_id == page_id, PageVersion.number == number))
    if found is None:
        raise NotFound()
    return found


def views_of(creator_id: int, since: datetime, until: datetime, *, page_id: int | None = None) -> int:
    """How often people opened the creator's pages, robots and the creator left out."""
    question = (
        select(func.count())
        .select_from(PageView)
        .where(PageView.creator_id == creator_id, PageView.kind == "payable", PageView.at >= since, PageView.at < until)
    )
    if page_id is not None:
        question = question.where(PageView.page_id == page_id)
    return session().scalar(question) or 0


def view_times(creator_id: int, since: datetime) -> list[datetime]:
    """When people opened the creator's pages, oldest first."""
    return list(
        session().scalars(
            select(PageView.at)
            .where(PageView.creator_id == creator_id, PageView.kind == "payable", PageView.at >= since)
            .order_by(PageView.at)
        )
    )
