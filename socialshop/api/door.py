"""The door for machines: an API key in the Authorization header, checked before any view that asks for one."""

from __future__ import annotations

from flask import Flask, current_app, g, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import BadRequest, NotAcceptable

from ..domain import people
from ..domain.people import ApiKey, KeyHolder
from ..kernel import words
from ..kernel.clock import utcnow
from ..kernel.database import transaction
from ..kernel.errors import N_, Forbidden, Unauthenticated
from ..kernel.vault import fingerprint
from ..policy import KEY_DOOR, Policy

REALM = 'Bearer realm="socialshop"'


class KeyMissing(Unauthenticated):
    """No key was sent."""

    code = "key_missing"
    message = N_("Send an API key: Authorization: Bearer ssk_…")
    challenge = REALM


class KeyRefused(Unauthenticated):
    """Unknown, revoked, or its owner is disabled: all alike."""

    code = "key_refused"
    message = N_("This API key is not valid.")
    challenge = f'{REALM}, error="invalid_token"'


class ScopeMissing(Forbidden):
    """The key is known, but made for something else."""

    code = "scope_missing"
    message = N_("This API key may not do that: it lacks the scope {scope}.")

    def __init__(self, scope: str) -> None:
        self.scope = scope
        self.challenge = f'{REALM}, error="insufficient_scope", scope="{scope}"'
        super().__init__()


def init_app(app: Flask) -> None:
    """Stand at the door of every view whose policy is a key."""
    app.extensions[KEY_DOOR] = enter


def enter(policy: Policy) -> None:
    """Let the request in as the key's owner, or refuse it. What it accepts is asked here too."""
    g.locale = language()
    scheme, _, secret = request.headers.get("Authorization", "").strip().partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise KeyMissing
    found = people.find_key(secret.strip())
    if found is None:
        raise KeyRefused
    key, g.key_holder = found
    for scope in policy.roles:
        if scope not in key.scopes:
            raise ScopeMissing(scope)
    if not _takes_json():
        raise NotAcceptable
    if "\x00" in request.path:
        raise BadRequest
    _note_used(key)


def holder() -> KeyHolder:
    """Whose key opened this request."""
    found: KeyHolder = g.key_holder
    return found


def language() -> str:
    """The language of the sentences: what Accept-Language asks for, else the install's."""
    return request.accept_languages.best_match(words.LOCALES) or str(current_app.config["SETTINGS"].default_locale)


def whose() -> str:
    """What requests are counted by: the key, without knowing yet whether it is one; else the address."""
    sent = request.headers.get("Authorization", "")
    return fingerprint(sent) if sent else request.remote_addr or ""


def _takes_json() -> bool:
    return not request.accept_mimetypes or request.accept_mimetypes.quality("application/json") > 0


def _note_used(key: ApiKey) -> None:
    """Now and then, so that reading hardly ever writes; where the database cannot be written to now, the next request will."""
    now = utcnow()
    if key.used_at is not None and now - key.used_at < people.KEY_USED_EVERY:
        return
    key_id = key.id
    try:
        with transaction():
            people.note_key_used(key_id, now=now)
    except OperationalError:
        return
