"""Questions about people: who is this, which hats do they wear, where do their letters go."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import func, or_, select

from ...kernel.database import in_parts, session
from ...kernel.errors import NotFound
from ...kernel.vault import fingerprint
from .models import Brand, Creator, Invitation, LoginSession, Member, User

Row = TypeVar("Row", User, Creator, Brand)


def find_session(token: str, *, now: datetime) -> tuple[LoginSession, User] | None:
    """The live session with this token, and its person."""
    row = (
        session()
        .execute(
            select(LoginSession, User)
            .join(User, User.id == LoginSession.user_id)
            .where(
                LoginSession.token_hash == fingerprint(token),
                LoginSession.revoked_at.is_(None),
                LoginSession.expires_at > now,
                User.disabled_at.is_(None),
            )
        )
        .one_or_none()
    )
    return None if row is None else (row[0], row[1])


def get_user(user_id: int) -> User:
    """The user with this key; NotFound without one."""
    return _get(User, user_id)


def get_creator(creator_id: int) -> Creator:
    """The creator with this key; NotFound without one."""
    return _get(Creator, creator_id)


def hold_creator(creator_id: int) -> None:
    """Let nobody else who holds this creator go on before this transaction ends."""
    session().execute(select(Creator.id).where(Creator.id == creator_id).with_for_update())


def get_brand(brand_id: int) -> Brand:
    """The brand with this key; NotFound without one."""
    return _get(Brand, brand_id)


def find_user(public_id: str) -> User | None:
    """The user with this public id."""
    return session().scalar(select(User).where(User.public_id == public_id))


def find_creator(public_id: str) -> Creator | None:
    """The creator with this public id."""
    return session().scalar(select(Creator).where(Creator.public_id == public_id))


def find_brand(slug: str) -> Brand | None:
    """The brand with this slug, whoever asks; views of members use `find_membership`."""
    return session().scalar(select(Brand).where(Brand.slug == slug))


def find_creator_by_handle(handle: str) -> Creator | None:
    """The creator behind /@handle; upper and lower case are the same."""
    return session().scalar(select(Creator).where(Creator.handle == handle.casefold()))


def creators_by_id(ids: Iterable[int]) -> dict[int, Creator]:
    """Creators by their keys; missing ones are left out."""
    return _by_id(Creator, ids)


def brands_by_id(ids: Iterable[int]) -> dict[int, Brand]:
    """Brands by their keys; missing ones are left out."""
    return _by_id(Brand, ids)


def users_by_id(ids: Iterable[int]) -> dict[int, User]:
    """Users by their keys; missing ones are left out."""
    return _by_id(User, ids)


def creator_of(user_id: int) -> Creator | None:
    """The user's creator hat, if they wear one."""
    return session().scalar(select(Creator).where(Creator.user_id == user_id))


def find_membership(user_id: int, brand_slug: str) -> tuple[Brand, Member] | tuple[None, None]:
    """The brand and the user's place in it; nothing for strangers."""
    row = (
        session()
        .execute(
            select(Brand, Member)
            .join(Member, Member.brand_id == Brand.id)
            .where(Brand.slug == brand_slug, Member.user_id == user_id)
        )
        .one_or_none()
    )
    return (None, None) if row is None else (row[0], row[1])


def memberships_of(user_id: int) -> list[tuple[Brand, Member]]:
    """The brands that a user works for, by name."""
    rows = session().execute(
        select(Brand, Member)
        .join(Member, Member.brand_id == Brand.id)
        .where(Member.user_id == user_id)
        .order_by(Brand.name, Brand.id)
    )
    return [(brand, member) for brand, member in rows]


def members_of(brand_id: int) -> list[tuple[Member, User]]:
    """Who works for a brand, in the order they joined."""
    rows = session().execute(
        select(Member, User).join(User, User.id == Member.user_id).where(Member.brand_id == brand_id).order_by(Member.id)
    )
    return [(member, user) for member, user in rows]


def member_of(brand_id: int, public_id: str) -> Member:
    """One member of this brand; NotFound for strangers and other brands' members alike."""
    found = session().scalar(select(Member).where(Member.brand_id == brand_id, Member.public_id == public_id))
    if found is None:
        raise NotFound()
    return found


def open_invitations_of(brand_id: int, *, now: datetime) -> list[Invitation]:
    """Invitations that can still be accepted, newest first."""
    return list(
        session().scalars(
            select(Invitation)
            .where(
                Invitation.brand_id == brand_id,
                Invitation.accepted_at.is_(None),
                Invitation.revoked_at.is_(None),
                Invitation.expires_at > now,
            )
            .order_by(Invitation.id.desc())
        )
    )


def brand_emails(brand_id: int, roles: Sequence[str]) -> list[tuple[str, str]]:
    """(address, locale) of the brand's people with one of these roles; disabled accounts get no mail."""
    rows = session().execute(
        select(User.email, User.locale)
        .join(Member, Member.user_id == User.id)
        .where(Member.brand_id == brand_id, Member.role.in_(list(roles)), User.disabled_at.is_(None))
        .order_by(Member.id)
    )
    return [(email, locale) for email, locale in rows]


def creator_email(creator_id: int) -> tuple[str, str]:
    """(address, locale) of a creator; NotFound where there is none."""
    row = (
        session()
        .execute(select(User.email, User.locale).join(Creator, Creator.user_id == User.id).where(Creator.id == creator_id))
        .one_or_none()
    )
    if row is None:
        raise NotFound()
    return row.email, row.locale


def creator_emails(creator_ids: Collection[int]) -> dict[int, str]:
    """The addresses of these creators, by creator; one that does not exist is left out."""
    found: dict[int, str] = {}
    for part in in_parts(creator_ids):
        rows = session().execute(
            select(Creator.id, User.email).join(User, Creator.user_id == User.id).where(Creator.id.in_(part))
        )
        found |= {row.id: row.email for row in rows}
    return found


def live_sessions_of(user_id: int, *, now: datetime) -> list[LoginSession]:
    """Browsers that are signed in as this user, the latest seen first."""
    return list(
        session().scalars(
            select(LoginSession)
            .where(LoginSession.user_id == user_id, LoginSession.revoked_at.is_(None), LoginSession.expires_at > now)
            .order_by(LoginSession.seen_at.desc(), LoginSession.id.desc())
        )
    )


def search_users(text: str, *, limit: int = 50, offset: int = 0) -> list[User]:
    """For the operator: people whose address, name, handle or public id contains `text`; the newest first."""
    asked = select(User).outerjoin(Creator, Creator.user_id == User.id).order_by(User.id.desc()).limit(limit).offset(offset)
    if text:
        asked = asked.where(or_(*(_contains(column, text) for column in (User.email, User.name, Creator.handle, User.public_id))))
    return list(session().scalars(asked))


def search_brands(text: str, *, limit: int = 50, offset: int = 0) -> list[Brand]:
    """For the operator: brands whose name or slug contains `text`; the newest first."""
    asked = select(Brand).order_by(Brand.id.desc()).limit(limit).offset(offset)
    if text:
        asked = asked.where(or_(_contains(Brand.name, text), _contains(Brand.slug, text)))
    return list(session().scalars(asked))


def creators_by_user(user_ids: Iterable[int]) -> dict[int, Creator]:
    """Creator hats by the key of their user."""
    wanted = list(user_ids)
    if not wanted:
        return {}
    return {creator.user_id: creator for creator in session().scalars(select(Creator).where(Creator.user_id.in_(wanted)))}


def _contains(column: Any, text: str) -> Any:
    return func.lower(column).contains(text.lower(), autoescape=True)


def _get(kind: type[Row], key: int) -> Row:
    found = session().get(kind, key)
    if found is None:
        raise NotFound()
    return found


def _by_id(kind: type[Row], ids: Iterable[int]) -> dict[int, Row]:
    wanted = list(set(ids))
    if not wanted:
        return {}
    return {row.id: row for row in session().scalars(select(kind).where(kind.id.in_(wanted)))}
