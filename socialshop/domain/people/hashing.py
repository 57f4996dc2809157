"""Passwords as Argon2id hashes. Slow on purpose: never call this with a transaction open."""

from __future__ import annotations

from typing import Literal

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from . import password_rules

_FULL = PasswordHash((Argon2Hasher(),))
_CHEAP = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
_NOBODY = "nobody's password, checked where there is no account"
_hasher = _FULL
_dummy = ""


def use_password_cost(cost: Literal["full", "cheap"]) -> None:
    """Choose the hasher of this process; "cheap" is for tests."""
    global _hasher, _dummy
    _hasher = _CHEAP if cost == "cheap" else _FULL
    _dummy = ""


def hashed(password: str) -> str:
    """What is stored of a password."""
    return _hasher.hash(password_rules.normal(password))


def checked(password: str, stored: str | None) -> tuple[bool, str | None]:
    """Whether the password is right, and its new hash where the old one is out of date.

    Without a stored hash a dummy is checked, so that a missing account takes as long as a wrong password.
    """
    if stored is None:
        _hasher.verify(password_rules.normal(password), _dummy_hash())
        return False, None
    try:
        return _hasher.verify_and_update(password_rules.normal(password), stored)
    except UnknownHashError:  # an account that has no password yet
        _hasher.verify(password_rules.normal(password), _dummy_hash())
        return False, None


def _dummy_hash() -> str:
    global _dummy
    if not _dummy:
        _dummy = _hasher.hash(_NOBODY)
    return _dummy
