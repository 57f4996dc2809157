"""What channels tell us: kept once, answered at once, and never simply believed: the channel is asked what came of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ..adapters.social import Heard
from ..domain import social
from ..kernel import jobs
from ..kernel.database import end_reading, session, transaction
from ..kernel.errors import Broken
from . import channel_tokens, publish

log = structlog.get_logger("channels")
LONGEST = 4000  # characters that are kept of a message that nobody understands
MOST = 100  # things out of one message; no channel that we know sends more than one that matters to us


def keep(provider: str, heard: Sequence[Heard], *, now: datetime) -> bool:
    """Note a message with its job, in one commit; False where it was told before."""
    told = [[each.topic, each.account_id, each.reference] for each in heard[:MOST]]
    return _kept(provider, {"told": told}, "\n".join(sorted(each.key for each in heard)), now=now)


def put_aside(provider: str, body: bytes, *, now: datetime) -> bool:
    """A message that proved itself but cannot be read: it stays with the operator's stuck work."""
    log.error("a channel's message is not understood", provider=provider, size=len(body))
    text = body.decode("utf-8", "replace").replace("\0", "")
    return _kept(provider, {"not_understood": text[:LONGEST]}, text, now=now)


def _kept(provider: str, payload: dict[str, Any], key: str, *, now: datetime) -> bool:
    key = f"channel.hear:{provider}:{hashlib.sha256(key.encode()).hexdigest()}"
    try:
        with transaction():
            if session().scalar(select(jobs.Job.id).where(jobs.Job.key == key)) is not None:
                return False
            jobs.add("channel.hear", {"provider": provider, **payload}, key=key, now=now)
            return True
    except IntegrityError:  # the same, at the same moment, at another process
        return False


def hear(payload: dict[str, Any], *, now: datetime) -> None:
    """Job "channel.hear": ask about what a message named. Safe to repeat; what does not concern us is nothing to do."""
    if "not_understood" in payload:
        raise Broken("not understood")
    provider = payload["provider"]
    for topic, account_id, reference in payload["told"]:
        if topic == "authorization.removed":
            _doubt(provider, account_id, now=now)
        elif topic.startswith(("post.publish.", "video.")) and reference:
            publish.heard(provider, account_id, reference, now=now)


def _doubt(provider: str, account_id: str, *, now: datetime) -> None:
    """Somebody took our access away, perhaps long ago, and has connected again since: a new token is asked for."""
    doubted = [(row.id, row.token_number) for row in social.channels_named(provider, account_id) if row.state == "live"]
    end_reading()
    for channel_id, seen in doubted:
        channel_tokens.renew(channel_id, seen=seen, refused_as="removed", now=now)
