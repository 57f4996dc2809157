"""Secrets at rest: encrypted with keys that can be rotated; tokens kept as hashes only."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

_keys: list[str] = []


def use_keys(keys: list[str]) -> None:
    """Encrypt with the first key, read with any. Keys are any text; each is stretched to a Fernet key."""
    _keys[:] = keys


def has_earlier_keys() -> bool:
    """Whether there are keys that are only read with."""
    return len(_keys) > 1


def _box(keys: list[str] = _keys) -> MultiFernet:
    if not keys:
        raise RuntimeError("no encryption key is set")
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"socialshop vault\0" + k.encode()).digest())) for k in keys]
    )


def seal(text: str) -> str:
    """Encrypt with the newest key."""
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Decrypt what any of the keys has sealed."""
    return _box().decrypt(sealed.encode()).decode()


def reseal(sealed: str) -> str:
    """The same secret under the newest key."""
    return _box().rotate(sealed.encode()).decode()


def sealed_anew(sealed: str) -> str | None:
    """The same secret under the newest key: `sealed` itself where it is so already, None where no key opens it."""
    try:
        _box(_keys[:1]).decrypt(sealed.encode())
    except InvalidToken:
        try:
            return reseal(sealed)
        except InvalidToken:
            return None
    return sealed


class Sealed(TypeDecorator[str]):
    """A text column that is encrypted in the database and plain in memory."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else seal(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else unseal(value)


def new_token() -> str:
    """A secret of 256 bits for a link, cookie or key."""
    return secrets.token_urlsafe(32)


def fingerprint(token: str) -> str:
    """What is stored of a token: its SHA-256 as hex. Tokens are random, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def keyed(purpose: str, text: str) -> str:
    """A keyed fingerprint of `text` for one purpose, as hex; not reversible without our key."""
    return hmac.new(_keys[0].encode(), f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()
