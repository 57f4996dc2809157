"""Accounts and the hats people put on: user, creator, brand owner, operator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from typing import TypeVar

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError

from ...kernel.database import session
from ...kernel.errors import N_, Conflict, FieldError, Forbidden, Invalid, NotFound
from . import rules, throttle, tokens
from .models import Brand, Creator, Member, User

Row = TypeVar("Row", User, Creator, Brand, Member)


class Unconfirmed(Forbidden):
    """The step needs an address that is known to be the person's own."""

    code = "unconfirmed"
    message = N_("Please confirm your e-mail address first. We have sent you a link; your account page sends another.")


class LastOperator(Conflict):
    """Nobody would be left to run the install."""

    code = "own_account"
    message = N_("You cannot disable your own account.")


# --- users -----------------------------------------------------------------------------------------


def add_user(
    email: str, password_hash: str, *, locale: str, timezone: str, now: datetime, name: str = "", confirmed: bool = False
) -> User:
    """A new account that claims an address; with `confirmed`, Conflict where somebody owns it."""
    user = User(
        email=email, password_hash=password_hash, name=name, locale=locale, timezone=timezone, created_at=now,
        email_confirmed_at=now if confirmed else None,
    )  # fmt: skip
    if not _keep(user):
        raise Conflict(N_("This address already has an account."), code="address_taken")
    return user


def find_user_by_email(email: str) -> User | None:
    """The user who owns this address, that is, has confirmed it."""
    return session().scalar(select(User).where(User.email == email, User.email_confirmed_at.is_not(None)))


def find_claimant(email: str) -> User | None:
    """The newest account that claims this address without having confirmed it."""
    return session().scalar(
        select(User).where(User.email == email, User.email_confirmed_at.is_(None)).order_by(User.id.desc()).limit(1)
    )


def lock_user(user_id: int) -> User:
    """The user's row, held until the transaction ends."""
    found = session().scalar(select(User).where(User.id == user_id).with_for_update().execution_options(populate_existing=True))
    if found is None:
        raise NotFound()
    return found


def claim_address(user: User, email: str, *, now: datetime) -> bool:
    """Make an address the user's own; False where another account has confirmed it before."""
    try:
        with session().begin_nested():
            user.email, user.email_confirmed_at = email, now
    except IntegrityError:
        session().refresh(user)
        return False
    return True


def set_password(user: User, password_hash: str, *, now: datetime) -> None:
    """Another password: open links that could change it or the address die, and its wrong tries are forgotten."""
    user.password_hash = password_hash
    tokens.spend_tokens(user.id, "reset", "change", now=now)
    throttle.clear(throttle.PASSWORD, user.email)


def must_be_confirmed(user: User) -> None:
    """Unconfirmed unless the user's address is known to be theirs."""
    if user.email_confirmed_at is None:
        raise Unconfirmed()


def disable(user: User, *, by: User, now: datetime) -> None:
    """Close an account; its sessions end by themselves, since only open accounts have any."""
    if user.id == by.id:
        raise LastOperator()
    user.disabled_at = user.disabled_at or now


# --- hats ------------------------------------------------------------------------------------------


def handle_is_free(handle: str) -> bool:
    """Whether nobody has this handle, or one that looks like it."""
    return session().scalar(select(Creator.id).where(or_(Creator.handle == handle, Creator.look == rules.look(handle)))) is None


def slug_is_free(slug: str) -> bool:
    """Whether no brand has this slug, or one that looks like it."""
    return session().scalar(select(Brand.id).where(or_(Brand.slug == slug, Brand.look == rules.look(slug)))) is None


def suggest_handle(*sources: str) -> str:
    """A free handle made from a name or an address."""
    return _first(rules.handle_ideas(*sources), handle_is_free)


def check_handle(handle: str) -> FieldError | None:
    """What speaks against taking this handle now."""
    wrong = rules.handle_problem(handle)
    if wrong is None and not handle_is_free(handle):
        wrong = _handle_taken()
    return wrong


def start_creator(user_id: int, *, handle: str, name: str, now: datetime) -> Creator:
    """Put the creator hat on; Invalid where the handle is not to be had."""
    if session().scalar(select(Creator.id).where(Creator.user_id == user_id)) is not None:
        raise Conflict(N_("You already have a creator page."), code="already_creator")
    handle = handle.casefold().strip()
    wrong = check_handle(handle)
    if wrong is not None:
        raise Invalid(fields=[wrong])
    creator = Creator(user_id=user_id, handle=handle, name=rules.clean_name(name, 80) or handle, created_at=now)
    if not _keep(creator):
        raise Invalid(fields=[_handle_taken()])
    return creator


def check_brand_name(name: str, field: str = "brand_name") -> FieldError | None:
    """What is wrong with a brand's name."""
    if not rules.clean_name(name, 120):
        return FieldError(field, "missing", N_("Please enter the name of your brand."))
    return None


def start_brand(user_id: int, *, name: str, timezone: str, email: str, now: datetime, currency: str = "IDR") -> Brand:
    """Found a brand and be its owner; the slug is made from the name."""
    wrong = check_brand_name(name)
    if wrong is not None:
        raise Invalid(fields=[wrong])
    name = rules.clean_name(name, 120)
    for slug in islice(rules.slug_ideas(name), 1000):
        if not slug_is_free(slug):
            continue
        brand = Brand(slug=slug, name=name, currency=currency, timezone=timezone, contact_email=email, created_at=now)
        if _keep(brand):
            session().add(Member(brand_id=brand.id, user_id=user_id, role="owner", joined_at=now))
            session().flush()
            return brand
    raise Invalid(fields=[FieldError("brand_name", "taken", N_("This name is taken. Please add a word to it."))])


def _handle_taken() -> FieldError:
    return FieldError("handle", "taken", N_("This handle, or one that looks like it, is taken. Please choose another."))


def _first(ideas: Iterator[str], free: Callable[[str], bool]) -> str:
    return next(idea for idea in ideas if free(idea))


def _keep(row: Row) -> bool:
    # the unique index decides between two who come at once
    try:
        with session().begin_nested():
            session().add(row)
    except IntegrityError:
        return False
    return True
