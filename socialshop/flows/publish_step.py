"""A post on its way to its channels: each step is claimed (commit), called with no transaction open, noted (commit).

What can be seen by nobody may be repeated. The one call that posts is made only from `ready`, with a handle that was
written down before; where nobody can say what became of it, it is looked up by that handle, and called again only after a
look-up has said that it was not posted. Never blindly (I-35).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.exc import InterfaceError, OperationalError

from ..adapters.social import Denied, Later, MediaItem, NotNow, NotTaken, Outcome, PostRequest, Unknown
from ..domain import social
from ..domain.social import Channel, Post, Target
from ..kernel import faults
from ..kernel.database import in_transaction, session, transaction
from . import channel, offered, publish_told, upload_fit
from .publish_told import Claim, Step

STEPS = 5  # in one turn: prepared, room asked for, posted and seen, where all goes well
ADDRESS_FOR = timedelta(hours=26)  # containers live a day
NOT_RENEWED = 600  # seconds until a token is asked for again
AWAY = (1, 2, 5, 10, 15)  # seconds between attempts to write an answer down; less than a call may take in all
STUMBLES = 6  # of ours over one post, before it is given up


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the files of posts lie, and under which address providers can fetch them."""

    folder: Path
    base_url: str


_place: list[_Place] = []


def set_up(folder: Path, *, base_url: str) -> None:
    """Say where the files of posts lie, and under which address providers reach this install."""
    _place[:] = [_Place(folder, base_url.rstrip("/"))]


def sweep(_payload: dict[str, Any], *, now: datetime) -> None:
    """Job "posts.sweep": give up what waits since too long."""
    for target_id in social.turns.too_late(now):
        with transaction():
            row = social.target(target_id, lock=True)
            if social.turns.is_too_late(row, now):
                publish_told.fail(row, "late", row.why, now=now)


def stumble(target_id: int, begun: datetime, *, now: datetime) -> None:
    """An error of ours broke a turn off: it goes on later, or is given up where nobody can see it.

    begun: when its step began. What somebody else holds by now is left to them: a call of theirs is on its way.
    """
    with transaction():
        social.turns.release(social.target(target_id).channel_id, begun + social.CALL_IS_OVER)
        row = social.target(target_id, lock=True)
        if row.called_at is not None and row.called_at != begun and now < row.called_at + social.CALL_IS_OVER:
            return
        if row.state == "calling":
            social.move(row.id, "unknown", why="interrupted", tries=row.tries + 1, next_at=social.again_at(row.tries + 1, now))
        elif row.state in ("waiting", "preparing", "ready"):
            _stumbled(row, "stumbled", social.again_at(_stumbles(row), now), now=now)
        elif row.next_at is not None:
            social.note(row.id, tries=row.tries + 1, next_at=social.again_at(row.tries + 1, now))


def _stumbled(row: Target, code: str, at: datetime, *, now: datetime) -> None:
    """Nobody can see anything of it yet."""
    stumbles = _stumbles(row)
    if stumbles >= STUMBLES:
        publish_told.fail(row, "broken", code, now=now)
    elif row.state == "preparing":
        social.move(row.id, "waiting", why="interrupted", tries=stumbles, next_at=at)
    elif row.next_at is not None:
        social.note(row.id, why="interrupted", tries=stumbles, next_at=at)


def _stumbles(row: Target) -> int:
    """How often in a row it was us, with this time: what a channel did not take before does not count."""
    return row.tries + 1 if row.why == "interrupted" else 1


def step(target_id: int, *, now: datetime) -> bool:
    """Take the next step; True where another one can follow at once. Safe to repeat, and to take twice at once."""
    upload_fit.make(target_id)
    claim = _claim(target_id, now=now)
    if claim is None:
        return False
    assert not in_transaction(), "no network while a transaction is open"
    client, facts = claim.client, (claim.access, claim.request, claim.handle)
    match claim.step:
        case "ask":
            return _ask(claim, now=now)
        case "prepare":
            outcome = client.prepare(*facts)
            faults.point("media.after_upload")
        case "publish":
            outcome = client.publish(*facts)
            faults.point("publish.after_call_before_save")
        case "look":
            outcome = client.look(*facts)
    return _noted(claim, outcome, now=now)


def _noted(claim: Claim, outcome: Outcome, *, now: datetime) -> bool:
    """What was answered is written down, though the database be away for a moment: nobody else has the target meanwhile."""
    renewed = _renewed(claim, outcome, now=now)
    if renewed is None:
        outcome = Later("not_renewed", NOT_RENEWED)
    for seconds in (*AWAY, None):
        try:
            with transaction():
                social.turns.release(claim.channel_id, claim.until)
                return publish_told.take(claim, outcome, renewed=bool(renewed), now=now)
        except (OperationalError, InterfaceError):
            if seconds is None:
                raise
            time.sleep(seconds)
    raise AssertionError("the last one raises")


def _ask(claim: Claim, *, now: datetime) -> bool:
    """How many posts the account still takes, once for all that wait; what does not fit waits, and says until when."""
    try:
        found = claim.client.quota(claim.access)
    except Denied as error:
        return _noted(claim, NotTaken(error.reason, error.code, error.again_in), now=now)
    except NotNow:
        found = None  # where it is full, it says so when we post
    with transaction():
        social.turns.release(claim.channel_id, claim.until)
        room = None if found is None else max(0, found.total - found.used)
        social.turns.see_room(claim.channel_id, room, now=now)
        row = social.target(claim.target_id, lock=True)
        if row.state != "ready" or row.called_at != claim.called_at:
            return False  # called back, or changed, while we asked
        if found is None or room:
            return True
        window = timedelta(seconds=found.seconds)
        sent = social.turns.sent_since(claim.channel_id, now - window)
        until = social.room_again(now, used=found.used, total=found.total, window=window, sent=sent)
        social.turns.pause(claim.channel_id, until, "quota")
        social.note(claim.target_id, why="quota", next_at=until)
        return False


def _claim(target_id: int, *, now: datetime) -> Claim | None:
    """Take the target and its channel for one call; None where it has to wait, or is somebody else's, or over."""
    until = now + social.CALL_IS_OVER
    with transaction():
        channel_id = social.target(target_id).channel_id
        if not social.turns.take(channel_id, until, now=now):
            return None
        row, at = social.target(target_id, lock=True), social.channel(channel_id)
        claim = _claimed(row, at, until, now=now) if _may_go_on(row, at, now=now) else None
        if claim is None:
            social.turns.release(channel_id, until)
        return claim


def _may_go_on(row: Target, at: Channel, *, now: datetime) -> bool:
    """Whether its time has come and its channel lets us in. What is not to go on, or never, is moved to where it belongs."""
    if row.state in ("preparing", "calling") and row.called_at is not None:
        if now < row.called_at + social.CALL_IS_OVER:
            return False
        _found(row, now=now)
    if row.next_at is None or row.next_at > now:
        return False
    if row.state in social.CANCELLABLE:
        if social.post(row.post_id).cancelled_at is not None:
            social.move(row.id, "cancelled", next_at=None)
            return False
        if social.turns.is_too_late(row, now):
            publish_told.fail(row, "late", row.why, now=now)
            return False
        if why := offered.unfit(row.post_id, now=now):  # nobody is sent to what is gone, or to what would earn nothing
            publish_told.fail(row, why, "", now=now)
            return False
        if row.state == "waiting" and lacks_files(row.post_id):
            publish_told.fail(row, "files_gone", "", now=now)
            return False
    elif row.state not in ("unknown", "underway", "delivered") and (row.state != "published" or row.remote_id):
        social.note(row.id, next_at=None)  # nothing is to be done any more
        return False
    if at.state != "live":
        publish_told.strand(row, at, now=now)
        return False
    if row.state in social.CANCELLABLE and at.paused_until is not None and at.paused_until > now:
        return False
    return row.state != "waiting" or at.begins_at is None or at.begins_at <= now


def _found(row: Target, *, now: datetime) -> None:
    """Whoever called is gone: what nobody saw is done again, what may have posted is looked up."""
    if row.state == "calling":
        social.move(row.id, "unknown", why="interrupted", tries=row.tries + 1, next_at=now)
    else:
        _stumbled(row, "interrupted", now, now=now)
    session().refresh(row)


def _claimed(row: Target, at: Channel, until: datetime, *, now: datetime) -> Claim | None:
    client = channel.client_of(at)
    name: Step = "prepare"
    if row.state == "ready":
        name = "publish" if social.turns.knows_room(at, now) else "ask"
    elif row.state != "waiting":
        name = "look"
    if name in ("prepare", "publish"):
        if not social.move(row.id, "preparing" if name == "prepare" else "calling", sources=(row.state,), called_at=now):
            return None
        if name == "publish":
            social.turns.use_room(at.id)
        elif client.pace and not social.handle_of(row):
            social.turns.pace(at.id, now + timedelta(seconds=client.pace))
    else:
        social.note(row.id, called_at=now)
    return Claim(
        name, row.id, at.id, at.token_number, client, channel.access_of(at), _request(social.post(row.post_id), row, now=now),
        social.handle_of(row), now, until,
    )  # fmt: skip


def _renewed(claim: Claim, outcome: Outcome, *, now: datetime) -> bool | None:
    """A token that is not taken is renewed once; a channel that does not let us in is lost, and says so from now on.

    None: nobody answers for a new one at this moment, so it is not known whether we are let in.
    """
    reason = outcome.reason if isinstance(outcome, NotTaken) else None
    lost = outcome.code if isinstance(outcome, Unknown) and claim.step == "look" else ""
    if reason is not None and reason.matter == "permission":
        lost = reason.name
    if lost not in channel.GONE:
        return False
    if lost == "reconnect" and channel.renew(claim.channel_id, seen=claim.token_number, now=now):
        return True
    if lost == "reconnect" and channel.is_live(claim.channel_id):
        return None
    if reason is not None or lost != "scope":
        channel.lose(claim.channel_id, lost, seen=claim.token_number, now=now)
    return False


def lacks_files(post_id: int) -> bool:
    """Whether a picture or film of a post is not kept any more."""
    folder = _place[0].folder
    return not all(social.files.path_of(item.sha256, folder).is_file() for item in social.media_of(post_id))


def _request(post: Post, row: Target, *, now: datetime) -> PostRequest:
    """The post as an adapter wants it."""
    place = _place[0]
    until = int((now + ADDRESS_FOR).timestamp())
    provider, items = social.channel(row.channel_id).provider, social.media_of(post.id)
    mended = social.fits_of(items, provider)
    media = tuple(
        MediaItem(
            item.kind, file.media_type, file.size, social.files.path_of(file.sha256, place.folder),  # type: ignore[arg-type]
            f"{place.base_url}/post-media/{file.public_id}/{until}/{social.files.mark_of(file.public_id, until)}",
            item.milliseconds / 1000, file.width, file.height, item.alt_text,
        )
        for item in items
        for file in (mended.get(item.id, item),)
    )  # fmt: skip
    kind = social.wording.kind_on(provider, post.kind, len(media)) or post.kind
    by_form = post.form is not None  # then its final words stand with the target, also where those are none
    caption, title = (row.caption or ("" if by_form else post.caption)), (row.title or ("" if by_form else post.title))
    promotes = "both" if post.promotes == "brand" and social.forms.promotes_both(post.form) else post.promotes
    return PostRequest(
        kind=kind, media=media, caption=caption, title=title, promotes=promotes,  # type: ignore[arg-type]
        privacy=row.privacy, comments=row.comments, duet=row.duet, stitch=row.stitch, draft=row.draft,
        known=social.known_on(row.channel_id, row.id),
    )  # fmt: skip
