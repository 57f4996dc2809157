"""API keys are made and revoked, and everybody concerned is told, in case it was somebody else."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from ..domain import audit, people
from ..domain.audit import Actor
from ..domain.people import ApiKey, KeyHolder
from ..kernel import faults
from ..kernel.database import transaction
from . import letters


def make(
    holder: KeyHolder, *, name: str, scopes: Collection[str], form_key: str, made_by: int, actor: Actor, now: datetime
) -> tuple[ApiKey, str]:
    """A key and its secret, which is in no row, letter or log: whoever asked is the only one who ever sees it.

    Invalid names the fields; KeyMade where this form has made its key already; TooManyKeys.
    """
    with transaction():
        people.lock_user(made_by)  # a double tap waits here, and finds the key of the first
        key, secret = people.make_key(holder, name=name, scopes=scopes, form_key=form_key, made_by=made_by, now=now)
        audit.note(
            "key.made", key.public_id, actor=actor, tenant=holder.public_id, now=now,
            after={"name": key.name, "prefix": key.prefix, "scopes": key.scopes},
        )  # fmt: skip
        _tell(holder, key, "key_made", now)
        faults.point("keys.before_commit")
        return key, secret


def revoke(holder: KeyHolder, public_id: str, *, actor: Actor, now: datetime) -> bool:
    """Close a key for good; False if it was closed before. NotFound for anybody else's."""
    with transaction():
        key = people.key_of(holder, public_id)
        if not people.revoke_key(holder, public_id, now=now):
            return False
        audit.note("key.revoked", public_id, actor=actor, tenant=holder.public_id, now=now, before={"name": key.name})
        _tell(holder, key, "key_revoked", now)
        faults.point("keys.before_commit")
        return True


def _tell(holder: KeyHolder, key: ApiKey, kind: str, now: datetime) -> None:
    """A letter to the creator, or to every owner of the brand."""
    if holder.brand is not None:
        readers = people.brand_emails(holder.brand.id, ["owner"])
        place = f"/brand/{holder.brand.slug}/settings/keys"
    else:
        assert holder.creator is not None, "a key has an owner"
        readers = [people.creator_email(holder.creator.id)]
        place = "/creator/keys"
    for email, locale in readers:
        letters.post(
            to=email, kind=kind, locale=locale, key=f"{kind}:{key.public_id}:{email}", now=now,
            facts={"name": key.name, "prefix": key.prefix, "when": now, "place": place},
        )  # fmt: skip
