"""Secrets at rest: encrypted with keys that can be rotated; tokens kept as hashes only."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from cryptography.fernet import Fernet, MultiFernet
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

_keys: list[str] = []


def use_keys(keys: list[str]) -> None:
    """Encrypt with the first key, read with any. Keys are any text; each is stretched to a Fernet key."""
    _keys[:] = keys


def _box() -> MultiFernet:
    if not _keys:
        raise RuntimeError("no encryption key is set")
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"socialshop vault\0" + k.encode()).digest())) for k in _keys]
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
