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
from ..domain.social import Channel, Target
from . import channel, post_letters

log = structlog.get_logger("posts")
RENEWALS = 2  # for one post, before its channel is said to be lost
SLOW_DOWN = "busy"  # an adapter's word for a 429 without a reason
FOR_ALL = ("rate", "quota", "users")  # what an account's other posts would hear too
STOPS = ("spam", "policy", "banned", "restricted")  # the account is not let post: its other posts wait for a day, or a person
# as whoever makes a step leaves the target
LEFT_AS = {
    "prepare": ("preparing",),
    "ask": ("ready",),
    "publish": ("calling",),
    "look": ("unknown", "underway", "published", "delivered"),
}
BEFORE = {"waiting": "waiting", "preparing": "waiting", "ready": "ready", "calling": "ready"}  # where a step began

Step = Literal["prepare", "ask", "publish", "look"]


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
    until: datetime  # the channel is ours so long


def take(claim: Claim, outcome: Outcome, *, renewed: bool, now: datetime) -> bool:
    """What the provider said becomes the target's state; True where another step can follow at once."""
    row = social.target(claim.target_id, lock=True)
    if row.state not in LEFT_AS[claim.step] and not isinstance(outcome, Published | Delivered | Underway):
        return False  # called back, or decided, meanwhile
    if row.called_at != claim.called_at:
        log.warning("a late answer", target=row.public_id, step=claim.step, outcome=type(outcome).__name__)
        if claim.step in ("prepare", "ask") or not isinstance(outcome, Published | Delivered | Underway):
            return False  # whoever took over knows better
    if isinstance(outcome, Published) and social.channel(row.channel_id).why == "erased":
        outcome = Published("", "", outcome.visible)  # we were told to forget where it stands
    if row.state == "published" and not isinstance(outcome, Published):
        return _published(row, Published("", "", visible=row.visible), now=now)
    if isinstance(outcome, Delivered) or (row.state == "delivered" and isinstance(outcome, Ready | Underway)):
        return _delivered(row, now=now)
    match outcome:
        case Preparing(handle, again_in):
            at = social.turns.poll_at(row, again_in, now)
            return _go_on(row, "waiting", at, now=now, handle=social.packed(handle), tries=0)
        case Ready(handle):
            kept = social.packed(handle)
            if claim.step == "look":  # it was not posted: the same handle again
                return _go_on(row, "ready" if handle else "waiting", now, now=now, handle=kept, tries=row.tries + 1)
            return _go_on(row, "ready", now, now=now, handle=kept, tries=0, why="", code="")
        case Underway(handle, again_in):
            if claim.step == "look" and social.turns.is_stuck(row, now):
                return _stuck(row, now=now)
            at = social.turns.poll_at(row, again_in, now)
            return _go_on(row, "underway", at, now=now, handle=social.packed(handle), tries=0)
        case Published():
            return _published(row, outcome, now=now)
        case Later(code, again_in):
            return _later(claim, row, code, again_in, now=now)
        case Unknown(code):
            return _unknown(row, code, now=now)
        case NotTaken() if renewed and row.state in BEFORE and (row.why != "renewed" or row.tries < RENEWALS):
            tries = row.tries + 1 if row.why == "renewed" else 1
            return _go_on(row, BEFORE[row.state], now, now=now, tries=tries, why="renewed")
        case NotTaken():
            return _not_taken(row, outcome, now=now)


def strand(row: Target, at: Channel, *, now: datetime) -> None:
    """The channel does not let us in. A post waits for it to do so again; what may have been posted stays unknown until then."""
    if row.state in social.CANCELLABLE and at.state == "off":
        fail(row, at.why or "left", "channel", now=now)
    elif row.state in social.CANCELLABLE:
        social.note(row.id, why=(at.why or "reconnect")[:40], next_at=social.turns.ends_trying(row))
        post_letters.waits(row, at, now=now)
    elif at.state == "off":
        social.note(row.id, next_at=None)  # nobody can look any more
        if row.state not in ("published", "delivered"):
            social.move(row.id, "unknown", sources=("underway",), why=at.why[:40])
            post_letters.unclear(row, now=now)
    elif not _is_hopeless(row, now):
        social.note(row.id, why=row.why or at.why, next_at=now + social.WHEN_FULL)
    else:
        _unfinished(row, now=now)


def _later(claim: Claim, row: Target, code: str, again_in: int, *, now: datetime) -> bool:
    """Nothing has happened, or a look-up got no answer: again after a while, for as long as it takes."""
    at = social.again_at(row.tries + 1, now, again_in)
    to = {"prepare": "waiting", "publish": "ready"}.get(claim.step)
    if to is None:
        _look_again(row, at, now=now)
        return False
    if code == SLOW_DOWN:  # its other posts would hear it too
        social.turns.pause(row.channel_id, at, "rate")
    why = "rate" if code == SLOW_DOWN else "busy"
    return _go_on(row, to, at, now=now, tries=row.tries + 1, why=why, code=code[:80])


def _unknown(row: Target, code: str, *, now: datetime) -> bool:
    if row.state == "delivered":
        if code in social.NAMELESS:  # drafts that nobody finishes go away over there
            _unfinished(row, now=now)
        else:
            _look_again(row, social.again_at(row.tries + 1, now), now=now)
        return False
    social.move(row.id, "unknown", sources=("calling", "underway"))
    social.note(row.id, why=code[:40])
    if code in social.NAMELESS:  # nothing to look up by: a person looks into the app
        social.note(row.id, next_at=None)
        post_letters.unclear(row, now=now)
    else:
        _look_again(row, social.again_at(row.tries + 1, now), now=now)
    return False


def _stuck(row: Target, *, now: datetime) -> bool:
    """It is worked on without end: we ask on, and a person may say what became of it."""
    social.move(row.id, "unknown", sources=("underway",))
    social.note(row.id, why="stuck", tries=max(row.tries, social.LOOKS), next_at=now + social.WHEN_FULL)
    post_letters.unclear(row, now=now)
    return False


def _look_again(row: Target, at: datetime, *, now: datetime) -> None:
    if _is_hopeless(row, now):
        _unfinished(row, now=now)
        return
    social.note(row.id, tries=row.tries + 1, next_at=at)
    if row.tries + 1 >= social.LOOKS and row.state not in ("published", "delivered"):
        post_letters.unclear(row, now=now)


def _not_taken(row: Target, outcome: NotTaken, *, now: datetime) -> bool:
    """Surely not posted: tried again where that helps, else for a person."""
    reason, at = outcome.reason, social.channel(row.channel_id)
    if reason.matter == "operator":
        channel.tell_operator(row.public_id, reason.name, outcome.code, now=now)
    if reason.name in channel.GONE and at.state == "lost" and row.state in BEFORE:
        social.move(row.id, BEFORE[row.state], code=outcome.code[:80])
        strand(social.target(row.id), at, now=now)
        return False
    if reason.name in STOPS:
        social.turns.pause(at.id, now + social.BLOCKED_FOR, reason.name)
    late = now - (row.wanted_at or social.post(row.post_id).publish_at)
    if row.state == "delivered" or not social.goes_on(reason.retry, tries=row.tries, rounds=row.rounds, late=late):
        fail(row, reason.name, outcome.code, now=now)
        return False
    return _again(row, outcome, now=now)


def _again(row: Target, outcome: NotTaken, *, now: datetime) -> bool:
    """What helps against this refusal: waiting, alone or with all posts of the account, or beginning anew."""
    reason = outcome.reason
    facts: dict[str, Any] = {"why": reason.name, "code": outcome.code[:80]}
    at = social.again_at(row.tries + 1, now, outcome.again_in)
    anew = reason.retry in ("anew", "twice")
    if anew:
        at = social.again_at(row.rounds + 1, now)
        facts["rounds"] = row.rounds + 1
    elif reason.retry == "tomorrow":
        at = now + max(social.WHEN_FULL, timedelta(seconds=outcome.again_in or 0))
    elif reason.retry == "later":
        facts["tries"] = row.tries + 1
    if reason.name in FOR_ALL:
        social.turns.pause(row.channel_id, at, reason.name)
        if reason.name == "quota":
            social.turns.see_room(row.channel_id, 0, now=now)
    if anew or row.state in ("unknown", "underway"):  # this handle has come to its end
        return _go_on(row, "waiting", at, now=now, **facts, handle="{}")
    return _go_on(row, BEFORE[row.state], at, now=now, **facts)


def _go_on(row: Target, to: str, at: datetime, *, now: datetime, **facts: Any) -> bool:
    """Into the next state; True where its time has come already."""
    if to == row.state or social.move(row.id, to, **facts, next_at=at):
        if to == row.state:
            social.note(row.id, **facts, next_at=at)
        return at <= now
    return False


def _published(row: Target, outcome: Published, *, now: datetime) -> bool:
    since = (row.published_at if row.state == "published" else None) or now
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
    return False


def _delivered(row: Target, *, now: datetime) -> bool:
    """A draft lies in the person's inbox: we ask whether they have posted it, until nobody can expect it any more."""
    if row.state == "delivered" or row.why == social.UNFINISHED:
        at = social.next_sight(row.published_at or now, now)
        if at is None:
            _unfinished(row, now=now)
        else:
            social.note(row.id, tries=0, next_at=at)
        return False
    at = social.next_sight(now, now)
    if social.move(row.id, "delivered", next_at=at, published_at=now, tries=0, why="", code=""):
        _say("post.delivered", row, now=now)
    return False


def _is_hopeless(row: Target, now: datetime) -> bool:
    """Whether it is a draft that lies there for so long that nobody will post it any more."""
    return row.state == "delivered" and social.next_sight(row.published_at or now, now) is None


def _unfinished(row: Target, *, now: datetime) -> None:
    """Nobody told us that the draft was posted: its owner may say so; a message of the provider is still listened to."""
    if social.move(row.id, "unknown", sources=("delivered",), why=social.UNFINISHED, tries=social.LOOKS, next_at=None):
        _say("post.unfinished", row, now=now)
        post_letters.unclear(row, now=now)
    else:
        social.note(row.id, next_at=None)


def fail(row: Target, why: str, code: str, *, now: datetime) -> None:
    """It was surely not posted, and does not go on by itself."""
    if social.move(row.id, "failed", why=why[:40], code=code[:80], next_at=None):
        _say("post.failed", row, now=now, after={"why": why, "code": code})
        post_letters.failed(row, why, now=now)


def _say(act: str, row: Target, *, now: datetime, after: dict[str, Any] | None = None) -> None:
    tenant = people.get_creator(social.post(row.post_id).creator_id).public_id
    audit.note(act, row.public_id, actor=SYSTEM, tenant=tenant, now=now, after=after)
