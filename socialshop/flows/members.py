"""A brand's people: invite, accept, change a role, remove. All audited, all told by mail where it concerns somebody."""

from __future__ import annotations

from datetime import datetime

from ..domain import audit, people
from ..kernel.database import new_id, transaction
from ..kernel.errors import N_, Conflict, Invalid
from . import letters
from .people import Browser, Entry

ROLE_WORDS = {"owner": N_("owner"), "manager": N_("manager"), "finance": N_("finance"), "viewer": N_("viewer")}


def invite(brand_id: int, email: str, role: str, *, by: int, actor: audit.Actor, now: datetime) -> people.Invitation:
    """Send an invitation, or send it again with another role. Unconfirmed where the inviter's own address is not."""
    with transaction():
        inviter, brand = people.get_user(by), people.get_brand(brand_id)
        people.must_be_confirmed(inviter)
        people.count(people.INVITATIONS, brand.public_id, now=now)
        invitation = people.invite(brand.id, email, role, by=inviter.id, now=now)
        letters.post(
            to=invitation.email, kind="invitation", locale=inviter.locale, zone=inviter.timezone, key=new_id("letter"), now=now,
            facts={
                "invitation": invitation.public_id, "brand": brand.name, "inviter": inviter.name or inviter.email,
                "role": letters.Word(ROLE_WORDS[role]), "until": invitation.expires_at,
            },
        )  # fmt: skip
        _note("member.invited", invitation.public_id, brand, actor, now, after={"role": role})
        return invitation


@letters.at_sending("invitation")
def _invitation_link(facts: dict[str, letters.Fact], now: datetime) -> letters.Ready | None:
    with transaction():
        made = people.make_invitation_token(str(facts["invitation"]), now=now)
    if made is None:
        return None
    return letters.Ready(facts | {"link": f"{letters.base_url()}/auth/invitations/{made[1]}"})


def revoke(brand_id: int, invitation: str, *, actor: audit.Actor, now: datetime) -> None:
    """Take an open invitation back."""
    with transaction():
        revoked = people.revoke_invitation(brand_id, invitation, now=now)
        _note("member.invitation_revoked", revoked.public_id, people.get_brand(brand_id), actor, now)


def accept(token: str, user_id: int, *, now: datetime) -> people.Brand:
    """Join by the link of an invitation, as who is signed in."""
    with transaction():
        user = people.get_user(user_id)
        return _join(token, user, now=now)


def sign_up_invited(
    token: str, password: str, browser: Browser, *, name: str, locale: str, timezone: str, now: datetime
) -> tuple[Entry, people.Brand]:
    """A new account for who read the invitation, its address proved by the link. Conflict where the address has an account."""
    invitation = people.find_invitation(token, now=now)
    if invitation is None:
        raise people.LinkSpent()
    problem = people.password_problem(password, expected=[invitation.email, name])
    if problem is not None:
        raise Invalid(fields=[problem])
    password_hash = people.hashed(password)
    with transaction():
        # saying "has an account" tells nothing new: the link came to that mailbox
        user = people.add_user(
            invitation.email, password_hash, name=people.clean_name(name, 120), locale=locale, timezone=timezone, now=now,
            confirmed=True,
        )  # fmt: skip
        brand = _join(token, user, now=now)
        session_token = people.open_session(user.id, agent=browser.agent, address=browser.address, now=now)
        return Entry(session_token, user), brand


def change_role(brand_id: int, member: str, role: str, *, actor: audit.Actor, now: datetime) -> None:
    """Give a member another role; LastOwner where nobody would own the brand."""
    with transaction():
        changed, before = people.change_role(brand_id, member, role)
        if before != role:
            brand = people.get_brand(brand_id)
            _note("member.role_changed", changed.public_id, brand, actor, now, before={"role": before}, after={"role": role})


def remove(brand_id: int, member: str, *, actor: audit.Actor, now: datetime) -> None:
    """Let a member go, and tell them; LastOwner where nobody would own the brand."""
    with transaction():
        gone = people.remove(brand_id, member)
        brand, user = people.get_brand(brand_id), people.get_user(gone.user_id)
        _note("member.removed", gone.public_id, brand, actor, now, before={"role": gone.role, "user": user.public_id})
        letters.post(
            to=user.email, kind="member_removed", locale=user.locale, zone=user.timezone, key=f"removed:{gone.public_id}",
            facts={"brand": brand.name, "when": now}, now=now,
        )  # fmt: skip


def _join(token: str, user: people.User, *, now: datetime) -> people.Brand:
    if user.disabled_at is not None:
        raise Conflict()
    invitation, member = people.accept(token, user.id, now=now)
    brand = people.get_brand(invitation.brand_id)
    after = {"role": member.role, "user": user.public_id, "invitation": invitation.public_id}
    _note("member.joined", member.public_id, brand, audit.Actor("user", user.public_id), now, after=after)
    return brand


def _note(
    act: str, subject: str, brand: people.Brand, actor: audit.Actor, now: datetime,
    *, before: dict[str, str] | None = None, after: dict[str, str] | None = None,
) -> None:  # fmt: skip
    audit.note(act, subject, actor=actor, tenant=brand.public_id, now=now, before=before, after=after)
