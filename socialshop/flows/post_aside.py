"""A post that needs its creator, who lets it be: it is no longer counted among what is to be done."""

from __future__ import annotations

from datetime import datetime

from ..domain import audit, people, social
from ..domain.audit import Actor
from ..kernel.database import transaction


def put(creator_id: int, public_id: str, *, actor: Actor, now: datetime) -> None:
    """Let it be as it is. Safe to repeat. NotFound."""
    _turn(creator_id, public_id, now, actor=actor, now=now)


def take_up(creator_id: int, public_id: str, *, actor: Actor, now: datetime) -> None:
    """Count it among what is to be done again. Safe to repeat. NotFound."""
    _turn(creator_id, public_id, None, actor=actor, now=now)


def _turn(creator_id: int, public_id: str, at: datetime | None, *, actor: Actor, now: datetime) -> None:
    with transaction():
        post = social.board.held(creator_id, public_id)
        if (post.set_aside_at is None) == (at is None):
            return
        social.board.set_aside(post.id, at)
        tenant = people.get_creator(creator_id).public_id
        audit.note("post.taken_up" if at is None else "post.set_aside", public_id, actor=actor, tenant=tenant, now=now)
