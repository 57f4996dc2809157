"""A post on its way to its channels: each step is claimed (commit), called with no transaction open, noted (commit).

What can be seen by nobody may be repeated. The one call that posts is made only from `ready`, with a handle that was
written down before; where nobody can say what became of it, it is looked up by that handle, and called again only after a
look-up has said that it was not posted. Never blindly (I-35).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ..adapters.social import MediaItem, NotTaken, Outcome, PostRequest, Unknown
from ..domain import social
from ..domain.social import Post, Target
from ..kernel import faults
from ..kernel.database import in_transaction, transaction
from . import channel, publish_told
from .publish_told import Claim, Step, fail, ring

STEPS = 4  # in one job: prepared, posted and seen, where all goes well
ADDRESS_FOR = timedelta(hours=26)  # containers live a day
BREATH = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the files of posts lie, and under which address providers can fetch them."""

    folder: Path
    base_url: str


_place: list[_Place] = []


def set_up(folder: Path, *, base_url: str) -> None:
    """Say where the files of posts lie, and under which address providers reach this install."""
    _place[:] = [_Place(folder, base_url.rstrip("/"))]


def publish(payload: dict[str, Any], *, now: datetime) -> None:
    """Job "post.publish": bring one target as far as it goes now. Safe to repeat."""
    for _ in range(STEPS):
        if not step(payload["target"], now=now):
            return
    with transaction():  # a long film: the job's lease is not
        ring(payload["target"], now + BREATH, now=now)


def sweep(_payload: dict[str, Any], *, now: datetime) -> None:
    """Job "posts.sweep": a job each for what nobody rang for, the longest-waiting first."""
    with transaction():
        for target_id in social.due(now):
            ring(target_id, now, now=now)


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
        return publish_told.take(claim, outcome, renewed=renewed, now=now)


def _claim(target_id: int, *, now: datetime) -> Claim | None:
    """Take the target for one call; None where it has to wait, or is somebody else's, or over."""
    with transaction():
        row = social.target(target_id, lock=True)
        if row.state in ("preparing", "calling") and row.called_at is not None:
            over = row.called_at + social.CALL_IS_OVER
            if now < over:
                ring(row.id, over, now=now)
                return None
            # whoever called is gone: what nobody saw is done again, what may have posted is looked up
            social.move(row.id, "waiting" if row.state == "preparing" else "unknown", why="interrupted", next_at=now)
            row = social.target(target_id)
        post = social.post(row.post_id)
        if row.next_at is not None and row.next_at > now:
            ring(row.id, row.next_at, now=now)
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
        return Claim(
            name, row.id, found.id, found.token_number, channel.client_of(found), channel.access_of(found),
            _request(post, row, now=now), social.handle_of(row), now,
        )  # fmt: skip


def _stranded(row: Target, why: str, *, now: datetime) -> None:
    """The channel does not let us in. What may have been posted stays unknown until it does again."""
    if row.state in ("waiting", "ready"):
        fail(row, why, "channel", now=now)
    else:
        social.note(row.id, why=row.why or why, next_at=now + social.WHEN_FULL)


def _renewed(claim: Claim, outcome: Outcome, *, now: datetime) -> bool:
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
