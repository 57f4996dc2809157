"""Accounts: sign up, sign in, prove it, change the password. What goes by mail is in `flows/addresses.py`.

**Nobody learns from us whether an address has an account.** Signing up must lead to a published page within a
minute, so it cannot wait for a mail; and "this address is taken" would tell. Therefore an address belongs to whoever
*confirmed* it, and until then any number of accounts may claim it:

- Signing up always makes an account and signs it in, whether the address is known or not. The only exception is who
  gives the known account's own password: they are signed in to it.
- The confirmation mail is written when it goes out. Where the address has an owner, the owner reads "you already have
  an account", and the new account can never confirm it.
- What would let a stranger prepare a trap (members, payees, receiving accounts) needs a confirmed address; and a
  confirmation counts only in the account's own session, so nobody confirms a stranger's account by following a link.
- Signing in checks two passwords always: of the address's owner and of its newest claimant, or dummies. A reset mail
  is asked for in the same words and with the same work for every address; who gets one is decided by the mail job.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from ..domain import audit, people
from ..kernel.database import transaction
from ..kernel.errors import N_, FieldError, Forbidden, Invalid, NotFound
from . import addresses

KEPT = timedelta(days=90)  # ended sessions and spent links, for questions afterwards


class WrongCredentials(Invalid):
    """Unknown address and wrong password are one answer."""

    code = "wrong_credentials"
    message = N_("This address and password do not go together.")


class AccountDisabled(Forbidden):
    """Said only to who gave the right password."""

    code = "account_disabled"
    message = N_("This account was closed by the people who run this service.")


@dataclass(frozen=True, slots=True)
class Browser:
    """From where somebody signs in, as they will read it in their list of sessions."""

    agent: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """The token for the cookie, and whose it is."""

    token: str
    user: people.User


@dataclass(frozen=True, slots=True)
class Hat:
    """What somebody signs up to be; `name` is the handle or the brand's name."""

    kind: Literal["creator", "brand", "none"]
    name: str = ""


def sign_up(
    email: str, password: str, hat: Hat, browser: Browser, *, locale: str, timezone: str, now: datetime, name: str = ""
) -> Entry:
    """Make an account with its first hat and sign it in. Invalid with every field that is wrong, at once."""
    address = people.normal_email(email) or ""
    wrong = [people.email_problem(email), people.password_problem(password, expected=[email, name, hat.name]), _hat_problem(hat)]
    if any(wrong):
        raise Invalid(fields=[problem for problem in wrong if problem])
    with transaction():
        people.count(people.PASSWORD, address, now=now)  # a known account's password can be tried here too
        owner = people.find_user_by_email(address)
        owner_id, stored = (owner.id, owner.password_hash) if owner and owner.disabled_at is None else (0, None)
    if people.checked(password, stored)[0]:
        return _enter_known(owner_id, stored, hat, browser, now=now)
    password_hash = people.hashed(password)
    with transaction():
        user = people.add_user(address, password_hash, locale=locale, timezone=timezone, name=name, now=now)
        _put_on(user, hat, now=now)
        addresses.post_confirmation(user, now=now)
        return Entry(_open(user, browser, now=now), user)


def sign_in(email: str, password: str, browser: Browser, *, now: datetime) -> Entry:
    """Open a session for who knows the password; WrongCredentials, TooMany or AccountDisabled."""
    address = people.normal_email(email) or email.strip().lower()
    with transaction():
        people.count(people.PASSWORD, address, now=now)
        candidates = [
            (user.id, user.password_hash) if user else (0, None)
            for user in (people.find_user_by_email(address), people.find_claimant(address))
        ]
    verdicts = [people.checked(password, stored) for _, stored in candidates]  # always two, so that time tells nothing
    for (user_id, stored), (right, newer) in zip(candidates, verdicts, strict=True):
        if right:
            with transaction():
                user = _still(user_id, stored)
                user.password_hash = newer or user.password_hash
                people.clear(people.PASSWORD, address)
                return Entry(_open(user, browser, now=now), user)
    raise WrongCredentials()


def prove(user_id: int, session_id: int, password: str, *, now: datetime) -> None:
    """The person at this browser gives their password again, before something that matters."""
    user = _knows_password(user_id, password, field="password", now=now)
    with transaction():
        people.prove(session_id, now=now)
        people.clear(people.PASSWORD, user.email)


def change_password(user_id: int, session_id: int, current: str, new: str, *, actor: audit.Actor, now: datetime) -> str:
    """Another password: every other browser is signed out, this one gets a new token, which is returned."""
    user = _knows_password(user_id, current, field="current", now=now)
    problem = people.password_problem(new, expected=[user.email, user.name], field="new")
    if problem is not None:
        raise Invalid(fields=[problem])
    stored, fresh = user.password_hash, people.hashed(new)
    with transaction():
        user = _still(user_id, stored)
        people.set_password(user, fresh, now=now)
        addresses.post_password_changed(user, actor=actor, now=now)
        people.end_sessions(user.id, now=now, but=session_id)
        people.prove(session_id, now=now)
        return people.rotate(session_id)


def start_creator(user_id: int, *, handle: str, name: str, actor: audit.Actor, now: datetime) -> people.Creator:
    """Somebody who is signed in also becomes a creator."""
    with transaction():
        return _creator(people.get_user(user_id), handle, name=name, actor=actor, now=now)


def start_brand(user_id: int, *, name: str, actor: audit.Actor, now: datetime) -> people.Brand:
    """Somebody who is signed in also starts a brand, and owns it."""
    with transaction():
        return _brand(people.get_user(user_id), name, actor=actor, now=now)


def tidy(_payload: dict[str, Any], *, now: datetime) -> None:
    """Job "people.tidy", daily: forget sessions, links and tries that nobody will ask about any more."""
    with transaction():
        people.forget_ended_sessions(now - KEPT)
        people.forget_old_tokens(now - KEPT)
        people.forget_old(now - timedelta(days=7))


# --- for the command line --------------------------------------------------------------------------


def create_user(
    email: str, password: str, *, now: datetime, name: str = "", locale: str = "id", timezone: str = "Asia/Jakarta"
) -> people.User:
    """An account made by whoever runs the install, its address taken as confirmed. Invalid, or Conflict where it has one."""
    wrong = [people.email_problem(email), people.password_problem(password, expected=[email, name])]
    if any(wrong):
        raise Invalid(fields=[problem for problem in wrong if problem])
    password_hash = people.hashed(password)
    with transaction():
        user = people.add_user(
            people.normal_email(email) or "", password_hash, name=name, locale=locale, timezone=timezone, now=now, confirmed=True
        )
        audit.note("user.created", user.public_id, actor=audit.SYSTEM, tenant="install", now=now)
        return user


def create_operator(email: str, password: str, *, now: datetime) -> people.User:
    """A new account that may run the install."""
    create_user(email, password, now=now)
    return make_operator(email, now=now)


def is_known(email: str) -> bool:
    """Whether an account owns or claims this address; only for who runs the install."""
    address = people.normal_email(email) or ""
    return (people.find_user_by_email(address) or people.find_claimant(address)) is not None


def make_operator(email: str, *, now: datetime) -> people.User:
    """Let the account that owns, or else last claimed, this address run the install; NotFound without one."""
    address = people.normal_email(email) or ""
    with transaction():
        found = people.find_user_by_email(address) or people.find_claimant(address)
        if found is None:
            raise NotFound(N_("No account has this address."))
        user = people.lock_user(found.id)
        if user.email_confirmed_at is None:
            people.claim_address(user, address, now=now)
        if user.operator_since is None:
            user.operator_since = now
            audit.note("operator.made", user.public_id, actor=audit.SYSTEM, tenant="install", now=now)
        return user


# --- helpers ---------------------------------------------------------------------------------------


def _hat_problem(hat: Hat) -> FieldError | None:
    if hat.kind == "creator":
        return people.check_handle(hat.name.casefold().strip())
    return people.check_brand_name(hat.name) if hat.kind == "brand" else None


def _enter_known(user_id: int, stored: str | None, hat: Hat, browser: Browser, *, now: datetime) -> Entry:
    # the person has an account and knows its password: they get the hat they asked for, unless they wear it
    with transaction():
        user = _still(user_id, stored)
        people.clear(people.PASSWORD, user.email)
        wears = people.creator_of(user.id) if hat.kind == "creator" else people.memberships_of(user.id)
        if not wears:
            _put_on(user, hat, now=now)
        return Entry(_open(user, browser, now=now), user)


def _put_on(user: people.User, hat: Hat, *, now: datetime) -> None:
    actor = audit.Actor("user", user.public_id)
    if hat.kind == "creator":
        _creator(user, hat.name, name=user.name, actor=actor, now=now)
    elif hat.kind == "brand":
        _brand(user, hat.name, actor=actor, now=now)


def _creator(user: people.User, handle: str, *, name: str, actor: audit.Actor, now: datetime) -> people.Creator:
    creator = people.start_creator(user.id, handle=handle, name=name, now=now)
    after = {"handle": creator.handle}
    audit.note("creator.started", creator.public_id, actor=actor, tenant=creator.public_id, now=now, after=after)
    return creator


def _brand(user: people.User, name: str, *, actor: audit.Actor, now: datetime) -> people.Brand:
    brand = people.start_brand(user.id, name=name, timezone=user.timezone, email=user.email, now=now)
    after = {"slug": brand.slug, "name": brand.name}
    audit.note("brand.started", brand.public_id, actor=actor, tenant=brand.public_id, now=now, after=after)
    return brand


def _open(user: people.User, browser: Browser, *, now: datetime) -> str:
    return people.open_session(user.id, agent=browser.agent, address=browser.address, now=now)


def _still(user_id: int, stored: str | None) -> people.User:
    # between checking the password and now it may have been changed, or the account closed
    user = people.lock_user(user_id)
    if user.password_hash != stored:
        raise WrongCredentials()
    if user.disabled_at is not None:
        raise AccountDisabled()
    return user


def _knows_password(user_id: int, password: str, *, field: str, now: datetime) -> people.User:
    with transaction():
        user = people.get_user(user_id)
        people.count(people.PASSWORD, user.email, now=now)
        stored = user.password_hash
    if not people.checked(password, stored)[0]:
        raise Invalid(fields=[FieldError(field, "wrong_password", N_("This is not your password."))])
    return user
