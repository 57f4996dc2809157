"""What a channel told becomes where a post has come to. Each in the transaction of whoever asked.

What may stand there stays `unknown` until a look-up says, or a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

import structlog

from ..adapters.social import (
    Access,
    Delivered,
    Later,
    NotTaken,
    Outcome,
    PostRequest,
    Preparing,
    Published,
    Publisher,
    Ready,
    Underway,
    Unknown,
)
from ..domain import audit, people, social
from ..domain.audit import SYSTEM
from ..domain.social import Target
from ..kernel import jobs
from . import channel

log = structlog.get_logger("posts")
RENEWALS = 2  # for one post, before its channel is said to be lost

Step = Literal["prepare", "publish", "look"]


@dataclass(frozen=True, slots=True)
class Claim:
    """One step of one target, with all that its call needs."""

    step: Step
    target_id: int
    channel_id: int
    token_number: int
    client: Publisher
    access: Access
    request: PostRequest = field(repr=False)
    handle: Mapping[str, Any] = field(repr=False)
    called_at: datetime


def take(claim: Claim, outcome: Outcome, *, renewed: bool, now: datetime) -> bool:
    """What the provider said becomes the target's state; True where another step can follow at once."""
    row = social.target(claim.target_id, lock=True)
    if row.called_at != claim.called_at:
        log.warning("a late answer", target=row.public_id, step=claim.step, outcome=type(outcome).__name__)
        if claim.step == "prepare" or not isinstance(outcome, Published | Delivered | Underway):
            return False  # whoever took over knows better
    if row.state == "published" and not isinstance(outcome, Published):
        return _published(row, Published("", "", visible=row.visible), now=now)
    match outcome:
        case Preparing(handle, again_in):
            return _go_on(row, "waiting", now + timedelta(seconds=again_in), now=now, handle=social.packed(handle), tries=0)
        case Ready(handle):
            kept = social.packed(handle)
            if claim.step == "look":  # it was not posted: the same handle again
                return _go_on(row, "ready" if handle else "waiting", now, now=now, handle=kept, tries=row.tries + 1)
            return _go_on(row, "ready", now, now=now, handle=kept, tries=0, why="", code="")
        case Underway(handle, again_in):
            return _go_on(row, "underway", now + timedelta(seconds=again_in), now=now, handle=social.packed(handle), tries=0)
        case Published():
            return _published(row, outcome, now=now)
        case Delivered():
            _end(row, "delivered", now=now)
            return False
        case Later(code, again_in):
            return _later(claim, row, code, again_in, now=now)
        case Unknown(code):
            return _unknown(row, code, now=now)
        case NotTaken() if renewed and row.tries < RENEWALS:
            return _go_on(row, "waiting" if claim.step == "prepare" else "ready", now, now=now, tries=row.tries + 1)
        case NotTaken():
            return _not_taken(row, outcome, now=now)


def _later(claim: Claim, row: Target, code: str, again_in: int, *, now: datetime) -> bool:
    """Nothing has happened, or a look-up got no answer: again after a while, for as long as it takes."""
    at = social.again_at(row.tries + 1, now, again_in)
    if claim.step != "look" and now - social.post(row.post_id).publish_at >= social.GIVE_UP:
        fail(row, "busy", code, now=now)
        return False
    to = {"prepare": "waiting", "publish": "ready"}.get(claim.step)
    if to is None:
        social.note(row.id, tries=row.tries + 1, next_at=at)
        ring(row.id, at, now=now)
        return False
    return _go_on(row, to, at, now=now, tries=row.tries + 1, why="busy", code=code[:80])


def _unknown(row: Target, code: str, *, now: datetime) -> bool:
    at = social.again_at(row.tries + 1, now)
    if code in ("no_name", "vanished"):  # nothing to look up by: a person looks into the app
        social.move(row.id, "unknown", sources=("calling", "underway"))
        social.note(row.id, why=code, next_at=None)
        return False
    social.move(row.id, "unknown", sources=("calling", "underway"))
    social.note(row.id, why=code[:40], tries=row.tries + 1, next_at=at)
    ring(row.id, at, now=now)
    return False


def _not_taken(row: Target, outcome: NotTaken, *, now: datetime) -> bool:
    """Surely not posted: tried again where that helps, else for a person."""
    reason = outcome.reason
    late = now - social.post(row.post_id).publish_at
    if reason.matter == "operator":
        channel.tell_operator(row.public_id, reason.name, outcome.code, now=now)
    if not social.goes_on(reason.retry, tries=row.tries, rounds=row.rounds, late=late):
        fail(row, reason.name, outcome.code, now=now)
        return False
    facts: dict[str, Any] = {"why": reason.name, "code": outcome.code[:80]}
    at = social.again_at(row.tries + 1, now, outcome.again_in)
    if reason.retry == "anew":
        at = social.again_at(row.rounds + 1, now)
        facts["rounds"] = row.rounds + 1
    elif reason.retry == "tomorrow":
        at = now + max(social.WHEN_FULL, timedelta(seconds=outcome.again_in or 0))
    elif reason.retry == "later":
        facts["tries"] = row.tries + 1
    if reason.retry == "anew" or row.state in ("unknown", "underway"):  # this handle has come to its end
        return _go_on(row, "waiting", at, now=now, **facts, handle="{}")
    return _go_on(row, "waiting" if row.state == "preparing" else "ready", at, now=now, **facts)


def _go_on(row: Target, to: str, at: datetime, *, now: datetime, **facts: Any) -> bool:
    """Into the next state; True where its time has come already."""
    if to == row.state or social.move(row.id, to, **facts, next_at=at):
        if to == row.state:
            social.note(row.id, **facts, next_at=at)
        if at > now:
            ring(row.id, at, now=now)
        return at <= now
    return False


def _published(row: Target, outcome: Published, *, now: datetime) -> bool:
    since = row.published_at or now
    again = None if outcome.remote_id else social.next_sight(since, now)
    facts: dict[str, Any] = {
        "remote_id": outcome.remote_id[:80],
        "permalink": outcome.permalink[:300],
        "visible": outcome.visible,
        "next_at": again,
    }
    if row.state == "published":
        social.note(row.id, **facts)
    elif social.move(row.id, "published", **facts, published_at=now, tries=0, why="", code=""):
        _say("post.published", row, now=now, after={"remote_id": outcome.remote_id})
    if again is not None:
        ring(row.id, again, now=now)
    return False


def _end(row: Target, state: str, *, now: datetime) -> None:
    if social.move(row.id, state, next_at=None, published_at=now, why="", code=""):
        _say(f"post.{state}", row, now=now)


def fail(row: Target, why: str, code: str, *, now: datetime) -> None:
    """It was surely not posted, and does not go on by itself."""
    if social.move(row.id, "failed", why=why[:40], code=code[:80], next_at=None):
        _say("post.failed", row, now=now, after={"why": why, "code": code})


def _say(act: str, row: Target, *, now: datetime, after: dict[str, Any] | None = None) -> None:
    tenant = people.get_creator(social.post(row.post_id).creator_id).public_id
    audit.note(act, row.public_id, actor=SYSTEM, tenant=tenant, now=now, after=after)


def ring(target_id: int, at: datetime, *, now: datetime, tenant: str = "") -> None:
    """Go on with a target at this time."""
    jobs.add(
        "post.publish", {"target": target_id}, key=f"post.publish:{target_id}:{at:%Y%m%dT%H%M%S%f}", now=now, run_at=max(at, now),
        tenant=tenant,
    )  # fmt: skip
