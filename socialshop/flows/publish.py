"""A post on its way to its channels: each step is claimed (commit), called with no transaction open, noted (commit).

What can be seen by nobody may be repeated. The one call that posts is made only from `ready`, with a handle that was
written down before; where nobody can say what became of it, it is looked up by that handle, and called again only after a
look-up has said that it was not posted. Never blindly (I-35).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import structlog

from ..adapters.social import (
    Access,
    Delivered,
    Later,
    MediaItem,
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
from ..domain.audit import SYSTEM, Actor
from ..domain.social import MediaFacts, Post, Target, TargetFacts
from ..kernel import faults, jobs
from ..kernel.database import in_transaction, transaction
from ..kernel.errors import N_, Conflict, Invalid
from . import channel

log = structlog.get_logger("posts")
STEPS = 4  # in one job: prepared, posted and seen, where all goes well
ADDRESS_FOR = timedelta(hours=26)  # containers live a day
_AFRESH: dict[str, Any] = {"handle": "{}", "why": "", "code": "", "tries": 0, "rounds": 0}
BREATH = timedelta(seconds=1)
RENEWALS = 2  # for one post, before its channel is said to be lost


class NothingToCancel(Conflict):
    """All of it has begun, or is over."""

    code = "nothing_to_cancel"
    message = N_("This post is on its way already and cannot be called back.")


class NotTriedAgain(Conflict):
    """Only what surely was not posted is tried again."""

    code = "not_tried_again"
    message = N_("Only a post that failed can be tried again.")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the files of posts lie, and under which address providers can fetch them."""

    folder: Path
    base_url: str


_place: list[_Place] = []


def set_up(folder: Path, *, base_url: str) -> None:
    """Say where the files of posts lie, and under which address providers reach this install."""
    _place[:] = [_Place(folder, base_url.rstrip("/"))]


# --- what a creator does ---------------------------------------------------------------------------


def schedule(
    creator_id: int, *, kind: str, caption: str, media: Sequence[MediaFacts], targets: Sequence[TargetFacts],
    publish_at: datetime, actor: Actor, now: datetime, title: str = "", promotes: str = "nothing",
) -> Post:  # fmt: skip
    """Keep a post and its jobs, in one commit; a time that is past means at once. NotFound: a channel of another creator."""
    if not targets or not media:
        raise Invalid(N_("Please choose at least one channel and one picture or video."))
    publish_at = max(publish_at, now)
    with transaction():
        mine = {row.id for row in social.channels_of(creator_id)}
        if not {each.channel_id for each in targets} <= mine:
            raise Invalid(N_("Please choose from the channels that you have connected."))
        post, made = social.compose(
            creator_id, kind=kind, caption=caption, title=title, promotes=promotes, media=media, targets=targets,
            publish_at=publish_at, now=now,
        )  # fmt: skip
        tenant = people.get_creator(creator_id).public_id
        for target in made:
            _ring(target.id, publish_at, now=now, tenant=tenant)
        audit.note(
            "post.scheduled", post.public_id, actor=actor, tenant=tenant, now=now,
            after={"at": publish_at.isoformat(), "targets": [target.public_id for target in made]},
        )  # fmt: skip
        return post


def cancel(creator_id: int, public_id: str, *, actor: Actor, now: datetime) -> int:
    """Call back what has not begun; on how many channels. NotFound, NothingToCancel."""
    with transaction():
        post = social.post_of(creator_id, public_id)
        called_back = social.cancel(post.id, now=now)
        if not called_back:
            raise NothingToCancel()
        tenant = people.get_creator(creator_id).public_id
        audit.note("post.cancelled", public_id, actor=actor, tenant=tenant, now=now, after={"targets": len(called_back)})
        return len(called_back)


def try_again(creator_id: int, public_id: str, target_public_id: str, *, actor: Actor, now: datetime) -> None:
    """A creator has mended what was wrong. NotTriedAgain, NotFound."""
    with transaction():
        post = social.post_of(creator_id, public_id)
        row = next((each for each in social.targets_of(post.id) if each.public_id == target_public_id), None)
        if row is None or not social.move(row.id, "waiting", sources=("failed",), **_AFRESH, next_at=now):
            raise NotTriedAgain()
        _ring(row.id, now, now=now)
        tenant = people.get_creator(creator_id).public_id
        audit.note("post.tried_again", row.public_id, actor=actor, tenant=tenant, now=now)


# --- the job ---------------------------------------------------------------------------------------

Step = Literal["prepare", "publish", "look"]


@dataclass(frozen=True, slots=True)
class _Claim:
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


def publish(payload: dict[str, Any], *, now: datetime) -> None:
    """Job "post.publish": bring one target as far as it goes now. Safe to repeat."""
    for _ in range(STEPS):
        if not step(payload["target"], now=now):
            return
    with transaction():  # a long film: the job's lease is not
        _ring(payload["target"], now + BREATH, now=now)


def sweep(_payload: dict[str, Any], *, now: datetime) -> None:
    """Job "posts.sweep": a job each for what nobody rang for, the longest-waiting first."""
    with transaction():
        for target_id in social.due(now):
            _ring(target_id, now, now=now)


def step(target_id: int, *, now: datetime) -> bool:
    """Take the next step; True where another one can follow at once."""
    claim = _claim(target_id, now=now)
    if claim is None:
        return False
    assert not in_transaction(), "no network while a transaction is open"
    client, facts = claim.client, (claim.access, claim.request, claim.handle)
    match claim.step:
        case "prepare":
            outcome = client.prepare(*facts)
            faults.point("media.after_upload")
        case "publish":
            outcome = client.publish(*facts)
            faults.point("publish.after_call_before_save")
        case "look":
            outcome = client.look(*facts)
    renewed = _renewed(claim, outcome, now=now)
    with transaction():
        return _note(claim, outcome, renewed=renewed, now=now)


def _claim(target_id: int, *, now: datetime) -> _Claim | None:
    """Take the target for one call; None where it has to wait, or is somebody else's, or over."""
    with transaction():
        row = social.target(target_id, lock=True)
        if row.state in ("preparing", "calling") and row.called_at is not None:
            over = row.called_at + social.CALL_IS_OVER
            if now < over:
                _ring(row.id, over, now=now)
                return None
            # whoever called is gone: what nobody saw is done again, what may have posted is looked up
            social.move(row.id, "waiting" if row.state == "preparing" else "unknown", why="interrupted", next_at=now)
            row = social.target(target_id)
        post = social.post(row.post_id)
        if row.next_at is not None and row.next_at > now:
            _ring(row.id, row.next_at, now=now)
            return None
        found = social.channel(row.channel_id)
        looks = row.state in ("unknown", "underway") or (
            row.state == "published" and not row.remote_id and row.next_at is not None
        )
        if row.state not in ("waiting", "ready") and not looks:
            return None
        if post.cancelled_at is not None and row.state in social.CANCELLABLE:
            social.move(row.id, "cancelled", next_at=None)
            return None
        if found.state != "live":
            _stranded(row, found.why or "reconnect", now=now)
            return None
        if looks:
            social.note(row.id, called_at=now)
        elif not social.move(row.id, "preparing" if row.state == "waiting" else "calling", sources=(row.state,), called_at=now):
            return None
        name: Step = "look" if looks else "prepare" if row.state == "waiting" else "publish"
        return _Claim(
            name, row.id, found.id, found.token_number, channel.client_of(found), channel.access_of(found),
            _request(post, row, now=now), social.handle_of(row), now,
        )  # fmt: skip


def _stranded(row: Target, why: str, *, now: datetime) -> None:
    """The channel does not let us in. What may have been posted stays unknown until it does again."""
    if row.state in ("waiting", "ready"):
        _fail(row, why, "channel", now=now)
    else:
        social.note(row.id, why=row.why or why, next_at=now + social.WHEN_FULL)


def _renewed(claim: _Claim, outcome: Outcome, *, now: datetime) -> bool:
    """A token that is not taken is renewed once; a channel that does not let us in is lost, and says so from now on."""
    reason = outcome.reason if isinstance(outcome, NotTaken) else None
    lost = outcome.code if isinstance(outcome, Unknown) and claim.step == "look" else ""
    if reason is not None and reason.matter == "permission":
        lost = reason.name
    if lost not in ("reconnect", "confirm", "password", "removed", "scope"):
        return False
    if lost == "reconnect" and channel.renew(claim.channel_id, seen=claim.token_number, now=now):
        return True
    if reason is not None or lost != "scope":
        channel.lose(claim.channel_id, lost, seen=claim.token_number, now=now)
    return False


def _note(claim: _Claim, outcome: Outcome, *, renewed: bool, now: datetime) -> bool:
    """What the provider said becomes the target's state; True where another step can follow at once."""
    row = social.target(claim.target_id, lock=True)
    if row.called_at != claim.called_at:
        log.warning("a late answer", target=row.public_id, step=claim.step, outcome=type(outcome).__name__)
        if claim.step == "prepare" or not isinstance(outcome, Published | Delivered | Underway):
            return False  # whoever took over knows better
    if row.state == "published" and not isinstance(outcome, Published):
        return _published(row, Published("", "", visible=False), now=now)
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


def _later(claim: _Claim, row: Target, code: str, again_in: int, *, now: datetime) -> bool:
    """Nothing has happened, or a look-up got no answer: again after a while, for as long as it takes."""
    at = social.again_at(row.tries + 1, now, again_in)
    if claim.step != "look" and now - social.post(row.post_id).publish_at >= social.GIVE_UP:
        _fail(row, "busy", code, now=now)
        return False
    to = {"prepare": "waiting", "publish": "ready"}.get(claim.step)
    if to is None:
        social.note(row.id, tries=row.tries + 1, next_at=at)
        _ring(row.id, at, now=now)
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
    _ring(row.id, at, now=now)
    return False


def _not_taken(row: Target, outcome: NotTaken, *, now: datetime) -> bool:
    """Surely not posted: tried again where that helps, else for a person."""
    reason = outcome.reason
    late = now - social.post(row.post_id).publish_at
    if reason.matter == "operator":
        channel.tell_operator(row.public_id, reason.name, outcome.code, now=now)
    if not social.goes_on(reason.retry, tries=row.tries, rounds=row.rounds, late=late):
        _fail(row, reason.name, outcome.code, now=now)
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
            _ring(row.id, at, now=now)
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
        _ring(row.id, again, now=now)
    return False


def _end(row: Target, state: str, *, now: datetime) -> None:
    if social.move(row.id, state, next_at=None, published_at=now, why="", code=""):
        _say(f"post.{state}", row, now=now)


def _fail(row: Target, why: str, code: str, *, now: datetime) -> None:
    if social.move(row.id, "failed", why=why[:40], code=code[:80], next_at=None):
        _say("post.failed", row, now=now, after={"why": why, "code": code})


def _say(act: str, row: Target, *, now: datetime, after: dict[str, Any] | None = None) -> None:
    tenant = people.get_creator(social.post(row.post_id).creator_id).public_id
    audit.note(act, row.public_id, actor=SYSTEM, tenant=tenant, now=now, after=after)


def _ring(target_id: int, at: datetime, *, now: datetime, tenant: str = "") -> None:
    jobs.add(
        "post.publish", {"target": target_id}, key=f"post.publish:{target_id}:{at:%Y%m%dT%H%M%S%f}", now=now, run_at=max(at, now),
        tenant=tenant,
    )  # fmt: skip


def _request(post: Post, row: Target, *, now: datetime) -> PostRequest:
    """The post as an adapter wants it."""
    place = _place[0]
    until = int((now + ADDRESS_FOR).timestamp())
    media = tuple(
        MediaItem(
            item.kind, item.media_type, item.size, social.files.path_of(item.sha256, place.folder),  # type: ignore[arg-type]
            f"{place.base_url}/post-media/{item.public_id}/{until}/{social.files.mark_of(item.public_id, until)}",
            item.milliseconds / 1000, item.width, item.height, item.alt_text,
        )
        for item in social.media_of(post.id)
    )  # fmt: skip
    return PostRequest(
        kind=post.kind, media=media, caption=post.caption, title=post.title, promotes=post.promotes,  # type: ignore[arg-type]
        privacy=row.privacy, comments=row.comments, duet=row.duet, stitch=row.stitch, draft=row.draft,
        known=social.known_on(row.channel_id, row.id),
    )  # fmt: skip
