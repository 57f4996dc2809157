"""Who works for a brand: invited, joined, given another role, gone. A brand always has an owner."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update

from ...kernel.database import session
from ...kernel.errors import N_, Conflict, FieldError, Invalid, NotFound
from ...kernel.vault import fingerprint, new_token
from . import rules
from .models import Brand, Invitation, Member
from .tokens import LinkSpent

INVITATION_LIFE = timedelta(days=14)


class LastOwner(Conflict):
    """A brand without an owner could not be run by anyone."""

    code = "last_owner"
    message = N_("A brand needs an owner. Make somebody else an owner first.")


class AlreadyMember(Conflict):
    """Joining twice changes nothing."""

    code = "already_member"
    message = N_("You already work for this brand.")


def invite(brand_id: int, email: str, role: str, *, by: int, now: datetime) -> Invitation:
    """Invite an address, or state the role and the deadline of its open invitation anew. The mail brings the link."""
    address = rules.normal_email(email)
    wrong = [problem for problem in (rules.email_problem(email), role_problem(role)) if problem]
    if wrong or address is None:
        raise Invalid(fields=wrong)
    invitation = session().scalar(
        select(Invitation)
        .where(
            Invitation.brand_id == brand_id,
            Invitation.email == address,
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
        )
        .with_for_update()
    )
    if invitation is None:
        invitation = Invitation(
            brand_id=brand_id, email=address, role=role, invited_by=by, created_at=now, expires_at=now + INVITATION_LIFE
        )
        session().add(invitation)
    invitation.role, invitation.invited_by, invitation.expires_at = role, by, now + INVITATION_LIFE
    session().flush()
    return invitation


def make_invitation_token(public_id: str, *, now: datetime) -> tuple[Invitation, str] | None:
    """The secret of an invitation's link, or None where it is no longer open; an earlier link dies."""
    token = new_token()
    made = (
        session()
        .execute(
            update(Invitation)
            .where(Invitation.public_id == public_id, *_open(now))
            .values(token_hash=fingerprint(token))
            .returning(Invitation.id)
            .execution_options(synchronize_session=False)
        )
        .scalar()
    )
    return None if made is None else (session().get_one(Invitation, made, populate_existing=True), token)


def find_invitation(token: str, *, now: datetime) -> Invitation | None:
    """The open invitation behind a link."""
    return session().scalar(select(Invitation).where(Invitation.token_hash == fingerprint(token), *_open(now)))


def accept(token: str, user_id: int, *, now: datetime) -> tuple[Invitation, Member]:
    """Join the brand by a link; LinkSpent for whoever comes second, AlreadyMember for members."""
    invitation = find_invitation(token, now=now)
    if invitation is None:
        raise LinkSpent()
    _lock(invitation.brand_id)
    if session().scalar(select(Member.id).where(Member.brand_id == invitation.brand_id, Member.user_id == user_id)) is not None:
        raise AlreadyMember()
    taken = session().execute(
        update(Invitation)
        .where(Invitation.id == invitation.id, *_open(now))
        .values(accepted_at=now)
        .returning(Invitation.id)
        .execution_options(synchronize_session=False)
    )
    if taken.first() is None:
        raise LinkSpent()
    session().refresh(invitation)
    member = Member(brand_id=invitation.brand_id, user_id=user_id, role=invitation.role, joined_at=now)
    session().add(member)
    session().flush()
    return invitation, member


def revoke_invitation(brand_id: int, public_id: str, *, now: datetime) -> Invitation:
    """Take an open invitation back; NotFound for other brands' and closed ones alike."""
    revoked = (
        session()
        .execute(
            update(Invitation)
            .where(
                Invitation.brand_id == brand_id,
                Invitation.public_id == public_id,
                Invitation.accepted_at.is_(None),
                Invitation.revoked_at.is_(None),
            )
            .values(revoked_at=now)
            .returning(Invitation.id)
            .execution_options(synchronize_session=False)
        )
        .scalar()
    )
    if revoked is None:
        raise NotFound()
    return session().get_one(Invitation, revoked, populate_existing=True)


def change_role(brand_id: int, member_public_id: str, role: str) -> tuple[Member, str]:
    """Give a member another role; the member and the role before. LastOwner where nobody would own the brand."""
    problem = role_problem(role)
    if problem is not None:
        raise Invalid(fields=[problem])
    _lock(brand_id)
    member = _member(brand_id, member_public_id)
    before = member.role
    if before == "owner" and role != "owner":
        _keep_an_owner(brand_id)
    member.role = role
    session().flush()
    return member, before


def remove(brand_id: int, member_public_id: str) -> Member:
    """Let a member go, also oneself; LastOwner where nobody would own the brand."""
    _lock(brand_id)
    member = _member(brand_id, member_public_id)
    if member.role == "owner":
        _keep_an_owner(brand_id)
    session().delete(member)
    session().flush()
    return member


def role_problem(role: str, field: str = "role") -> FieldError | None:
    """What is wrong with a role."""
    return None if role in rules.ROLES else FieldError(field, "unknown", N_("Please choose a role."))


def _lock(brand_id: int) -> None:
    # changes in one brand wait for each other: two owners leaving at once must not both find the other there
    session().execute(select(Brand.id).where(Brand.id == brand_id).with_for_update())


def _member(brand_id: int, public_id: str) -> Member:
    found = session().scalar(
        select(Member).where(Member.brand_id == brand_id, Member.public_id == public_id).execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound()
    return found


def _keep_an_owner(brand_id: int) -> None:
    owners = session().scalar(select(func.count()).select_from(Member).where(Member.brand_id == brand_id, Member.role == "owner"))
    if (owners or 0) < 2:
        raise LastOwner()


def _open(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None), Invitation.expires_at > now)
