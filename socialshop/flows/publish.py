"""What a creator does about a post: plan it, move it, call it back, try again, say what became of it.

How it goes on its way is `publish_step`; what a channel's answers mean is `publish_told`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ..domain import audit, people, social
from ..domain.audit import Actor
from ..domain.social import MediaFacts, Post, Target, TargetFacts
from ..kernel.database import transaction
from ..kernel.errors import N_, Conflict, Invalid, NotFound
from .publish_step import STEPS, lacks_files, set_up, step, stumble, sweep
from .publish_told import RENEWALS, STOPS

_AFRESH: dict[str, Any] = {"handle": "{}", "why": "", "code": "", "tries": 0, "rounds": 0}


class NothingToCancel(Conflict):
    """All of it has begun, or is over."""

    code = "nothing_to_cancel"
    message = N_("This post is on its way already and cannot be called back.")


class NotTriedAgain(Conflict):
    """Only what surely was not posted is tried again."""

    code = "not_tried_again"
    message = N_("Only a post that failed can be tried again.")


class FilesGone(Conflict):
    """It failed so long ago that nobody kept them, or they were lost."""

    code = "files_gone"
    message = N_("The pictures or videos of this post are not kept any more. Please begin a new post with them.")


class ChannelGone(Conflict):
    """It was disconnected: nothing goes there until it is connected again."""

    code = "channel_gone"
    message = N_("This account is not connected any more. Connect the same account again, or copy the post as a new one.")


class NotMoved(Conflict):
    """Some of it has begun, or all of it is over."""

    code = "post_not_moved"
    message = N_("This post is on its way already, or over, and cannot be moved to another time.")


class NotDecided(Conflict):
    """A look-up may still tell, or a call is on its way."""

    code = "post_not_decided"
    message = N_("We are still asking what became of this post. Please wait a little; you can say it here if nobody can tell us.")


def schedule(
    creator_id: int, *, kind: str, caption: str, media: Sequence[MediaFacts], targets: Sequence[TargetFacts],
    publish_at: datetime, actor: Actor, now: datetime, title: str = "", promotes: str = "nothing",
) -> Post:  # fmt: skip
    """Keep a post and where it goes, in one commit; a time that is past means at once. Invalid: a channel of another creator."""
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


def reschedule(
    creator_id: int, public_id: str, at: datetime, *, actor: Actor, now: datetime, seen: datetime | None = None
) -> Post:
    """Move a post to another time, while nothing of it has begun; a time that is past means at once.

    seen: when it was to go out as far as the person knows. NotFound, NotMoved, Conflict: somebody has moved it meanwhile.
    """
    at = max(at, now)
    with transaction():
        post = social.board.held(creator_id, public_id)
        before = post.publish_at
        if seen is not None and before != seen:
            raise Conflict()
        moved = social.reschedule(post.id, at)
        if not moved:
            raise NotMoved()
        tenant = people.get_creator(creator_id).public_id
        audit.note(
            "post.moved", public_id, actor=actor, tenant=tenant, now=now, before={"at": before.isoformat()},
            after={"at": at.isoformat()},
        )  # fmt: skip
        return social.post(post.id)


def try_again(creator_id: int, public_id: str, target_public_id: str, *, actor: Actor, now: datetime) -> None:
    """A creator has mended what was wrong. NotTriedAgain, NotFound, FilesGone, ChannelGone."""
    with transaction():
        post = social.post_of(creator_id, public_id)
        row = next((each for each in social.targets_of(post.id) if each.public_id == target_public_id), None)
        if row is None or post.cancelled_at is not None:
            raise NotTriedAgain()
        if row.state == "failed" and lacks_files(post.id):
            raise FilesGone()
        if row.state == "failed" and social.channel(row.channel_id).state == "off":
            raise ChannelGone()
        social.turns.unpause(row.channel_id, STOPS)
        if not social.move(row.id, "waiting", sources=("failed",), **_AFRESH, next_at=now, wanted_at=now):
            raise NotTriedAgain()
        tenant = people.get_creator(creator_id).public_id
        audit.note("post.tried_again", row.public_id, actor=actor, tenant=tenant, now=now)


def decide(
    creator_id: int, public_id: str, target_public_id: str, *, posted: bool, note: str, actor: Actor, now: datetime
) -> None:
    """A person has looked into the app and says what became of a post that nobody could tell us about.

    Not posted: it has failed, and can be tried again. NotFound; NotDecided: a look-up may still tell, or a call is on its way.
    """
    with transaction():
        row = social.target(_target_of(creator_id, public_id, target_public_id).id, lock=True)  # no look-up begins meanwhile
        if not social.undecided(row, social.channel(row.channel_id), now):
            raise NotDecided()
        if posted:
            named = row.why not in social.NAMELESS  # its address may still be told
            facts: dict[str, Any] = {
                "published_at": row.called_at or now,
                "next_at": now if named else None,
                "why": "",
                "code": "",
            }
            moved = social.move(row.id, "published", sources=("unknown",), tries=0, visible=True, **facts)
        else:
            moved = social.move(row.id, "failed", sources=("unknown",), why="not_posted", code="", next_at=None)
        if not moved:
            raise NotDecided()
        audit.note(
            "post.decided", row.public_id, actor=actor, tenant=people.get_creator(creator_id).public_id, now=now, reason=note,
            before={"state": "unknown", "why": row.why}, after={"posted": posted},
        )  # fmt: skip


def heard(provider: str, account_id: str, reference: str, *, now: datetime) -> bool:
    """The provider says, provably, that something became of a publication: it is looked up at once. False: none of ours waits."""
    with transaction():
        row = social.target_of_reference(provider, account_id, reference)
        return row is not None and social.hurry(row.id, now=now)


def _target_of(creator_id: int, public_id: str, target_public_id: str) -> Target:
    post = social.post_of(creator_id, public_id)
    row = next((each for each in social.targets_of(post.id) if each.public_id == target_public_id), None)
    if row is None:
        raise NotFound()
    return row


__all__ = [
    "RENEWALS", "STEPS", "ChannelGone", "FilesGone", "NotDecided", "NotMoved", "NotTriedAgain", "NothingToCancel", "cancel",
    "decide", "heard", "reschedule", "schedule", "set_up", "step", "stumble", "sweep", "try_again",
]  # fmt: skip
