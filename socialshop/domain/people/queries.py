"""Questions about people."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from ...kernel.database import session
from ...kernel.vault import fingerprint
from .models import Brand, Creator, LoginSession, Member, User


def find_session(token: str, *, now: datetime) -> tuple[LoginSession, User] | None:
    """The live session with this token, and its person."""
    row = session().execute(
        select(LoginSession, User)
        .join(User, User.id == LoginSession.user_id)
        .where(
            LoginSession.token_hash == fingerprint(token),
            LoginSession.revoked_at.is_(None),
            LoginSession.expires_at > now,
            User.disabled_at.is_(None),
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def creator_of(user_id: int) -> Creator | None:
    """The user's creator hat, if they wear one."""
    return session().scalar(select(Creator).where(Creator.user_id == user_id))


def find_membership(user_id: int, brand_slug: str) -> tuple[Brand, Member] | tuple[None, None]:
    """The brand and the user's place in it; nothing for strangers."""
    row = session().execute(
        select(Brand, Member).join(Member, Member.brand_id == Brand.id).where(Brand.slug == brand_slug, Member.user_id == user_id)
    ).one_or_none()
    return (None, None) if row is None else (row[0], row[1])
