"""The newest requests for a link, of every class, for whoever wants to see why some did not count."""

from __future__ import annotations

from sqlalchemy import select

from ...kernel.database import session
from .models import Click

MOST = 50


def newest_of_link(creator_id: int, link_id: int, kind: str = "") -> list[Click]:
    """The newest of one link, newest first; of one class, or of all."""
    question = select(Click).where(Click.creator_id == creator_id, Click.link_id == link_id)
    if kind:
        question = question.where(Click.kind == kind)
    return list(session().scalars(question.order_by(Click.at.desc(), Click.id.desc()).limit(MOST)))
