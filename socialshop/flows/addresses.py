"""E-mail addresses: confirmed, changed, and used to reset a password. Every link is made when its mail goes out.

Why nothing here tells whether an address is known: see `flows/people.py`.
"""

from __future__ import annotations

from datetime import datetime

from ..domain import audit, people
from ..kernel.database import new_id, transaction
from ..kernel.errors import N_, FieldError, Invalid
from . import letters

# --- confirming ------------------------------------------------------------------------------------


def post_confirmation(user: people.User, *, now: datetime) -> None:
    """Note the confirmation mail, unless this mailbox had too many of late; in the caller's transaction."""
    if people.may(people.MAIL, user.email, now=now):
        _post(user, "confirm_email", {"user": user.public_id}, now=now)


def ask_confirmation(user_id: int, *, now: datetime) -> None:
    """Send the confirmation mail once more."""
    with transaction():
        user = people.get_user(user_id)
        if user.email_confirmed_at is None:
            post_confirmation(user, now=now)


def confirm(user_id: int, token: str, *, now: datetime) -> None:
    """The account's own session followed its link. LinkSpent also where the address has found another owner."""
    with transaction():
        found = people.find_token(token, "confirm", now=now)
        user = people.lock_user(user_id)
        if found is None or found.user_id != user_id or found.email != user.email:
            raise people.LinkSpent()
        people.redeem(token, "confirm", now=now)
        if user.email_confirmed_at is None and not people.claim_address(user, user.email, now=now):
            raise people.LinkSpent()


@letters.at_sending("confirm_email")
def _confirmation(facts: dict[str, letters.Fact], now: datetime) -> letters.Ready | None:
    with transaction():
        user = people.find_user(str(facts["user"]))
        if user is None or user.email_confirmed_at is not None:
            return None
        if people.find_user_by_email(user.email) is not None:
            return letters.Ready({}, kind="address_known")
        token = people.make_token(user.id, "confirm", user.email, now=now)
    return letters.Ready({"link": _link("confirm", token)})


# --- forgotten passwords ---------------------------------------------------------------------------


def ask_reset(email: str, *, locale: str, now: datetime) -> None:
    """Send a reset link to the account of this address, if there is one; nobody but its mailbox learns whether."""
    problem = people.email_problem(email)
    address = people.normal_email(email)
    if problem is not None or address is None:
        raise Invalid(fields=[problem] if problem else [])
    with transaction():
        people.count(people.MAIL, address, now=now)
        facts = {"address": address}
        letters.post(to=address, kind="reset_password", locale=locale, facts=facts, key=new_id("reset"), now=now)


def reset(token: str, password: str, *, now: datetime) -> people.User:
    """A new password for who could read the mail: signed out everywhere, and the address is theirs. LinkSpent, Invalid."""
    with transaction():
        found = people.find_token(token, "reset", now=now)
        if found is None:
            raise people.LinkSpent()
        user = people.get_user(found.user_id)
    problem = people.password_problem(password, expected=[user.email, user.name])
    if problem is not None:
        raise Invalid(fields=[problem])
    fresh = people.hashed(password)
    with transaction():
        used = people.redeem(token, "reset", now=now)
        user = people.lock_user(used.user_id)
        if used.email != user.email or user.disabled_at is not None:
            raise people.LinkSpent()
        if user.email_confirmed_at is None and not people.claim_address(user, user.email, now=now):
            raise people.LinkSpent()
        people.set_password(user, fresh, now=now)
        post_password_changed(user, actor=audit.Actor("user", user.public_id, "mail"), now=now)
        people.end_sessions(user.id, now=now)
        return user


def post_password_changed(user: people.User, *, actor: audit.Actor, now: datetime) -> None:
    """Tell the person, and the audit, that the password is another now; in the caller's transaction."""
    _post(user, "password_changed", {"when": now}, now=now)
    audit.note("password.changed", user.public_id, actor=actor, tenant="install", now=now)


@letters.at_sending("reset_password")
def _reset_link(facts: dict[str, letters.Fact], now: datetime) -> letters.Ready | None:
    address = str(facts["address"])
    with transaction():
        user = people.find_user_by_email(address) or people.find_claimant(address)
        if user is None or user.disabled_at is not None:
            return None
        token = people.make_token(user.id, "reset", address, now=now)
    return letters.Ready({"link": _link("reset", token)})


# --- another address -------------------------------------------------------------------------------


def ask_email_change(user_id: int, email: str, *, actor: audit.Actor, now: datetime) -> None:
    """Mail a link to the new address and a notice to the old one; nothing changes until the link is followed."""
    problem = people.email_problem(email)
    address = people.normal_email(email)
    if problem is not None or address is None:
        raise Invalid(fields=[problem] if problem else [])
    with transaction():
        user = people.get_user(user_id)
        if address == user.email:
            raise Invalid(fields=[FieldError("email", "same", N_("This is your address already."))])
        people.count(people.MAIL, address, now=now)
        _post(user, "email_change", {"user": user.public_id, "new_address": address}, to=address, now=now)
        _post(user, "email_change_asked", {"new_address": address, "when": now}, now=now)
        audit.note("email.change_asked", user.public_id, actor=actor, tenant="install", now=now)


def change_email(user_id: int, token: str, *, actor: audit.Actor, now: datetime) -> None:
    """The account's own session followed the link in the new mailbox; LinkSpent where that has another owner by now."""
    with transaction():
        found = people.find_token(token, "change", now=now)
        if found is None or found.user_id != user_id:
            raise people.LinkSpent()
        people.redeem(token, "change", now=now)
        user = people.lock_user(user_id)
        before = user.email
        if not people.claim_address(user, found.email, now=now):
            raise people.LinkSpent()
        people.spend_tokens(user.id, "confirm", "reset", "change", now=now)
        _post(user, "email_changed", {"new_address": user.email, "when": now}, to=before, now=now)
        audit.note("email.changed", user.public_id, actor=actor, tenant="install", now=now)


@letters.at_sending("email_change")
def _change_link(facts: dict[str, letters.Fact], now: datetime) -> letters.Ready | None:
    with transaction():
        user = people.find_user(str(facts["user"]))
        address = str(facts["new_address"])
        if user is None or user.disabled_at is not None:
            return None
        if people.find_user_by_email(address) is not None:
            return letters.Ready({}, kind="address_known")
        token = people.make_token(user.id, "change", address, now=now)
    return letters.Ready({"link": _link("email", token)})


def _post(user: people.User, kind: str, facts: letters.Facts, *, now: datetime, to: str = "") -> None:
    letters.post(to=to or user.email, kind=kind, locale=user.locale, facts=facts, key=new_id(kind), now=now, zone=user.timezone)


def _link(page: str, token: str) -> str:
    return f"{letters.base_url()}/auth/{page}/{token}"
