"""What posts brought over there is asked for again and again, more rarely as they grow old. Asking changes nothing there.

Each answer is written down by itself, so a stop in the middle loses one answer, which is asked for again.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from ..adapters.social import Access, Denied, NotNow, Publisher, offered
from ..domain import clicks, social
from ..kernel import jobs
from ..kernel.database import end_reading, in_transaction, transaction
from . import channel

log = structlog.get_logger("post_figures")
AT_ONCE = 6  # questions in one job: so many slow answers fit into its lease
NEXT_JOB = timedelta(minutes=1)
BUSY_FOR = timedelta(minutes=10)
SLOW_DOWN_FOR = timedelta(hours=1)  # rolling limits: room comes back bit by bit


@dataclass(frozen=True, slots=True)
class _Claim:
    """One post, and who asks about it."""

    asked: social.figures.Asked
    channel_id: int
    token_number: int
    client: Publisher
    access: Access = field(repr=False)


def sweep(_payload: dict[str, Any], *, now: datetime) -> None:
    """Job "posts.figures": a job for each channel that has something to tell."""
    with transaction():
        social.figures.expect(now)
        for channel_id in social.figures.channels_to_ask(now, offered()):
            _ring(channel_id, now, now=now)


def ask(payload: dict[str, Any], *, now: datetime) -> None:
    """Job "post.figures": ask one channel about a few of its posts, the rest in a minute. Safe to repeat."""
    channel_id, renewed = payload["channel"], False
    for _ in range(AT_ONCE):
        claim = _claim(channel_id, now=now)
        if claim is None:
            return
        assert not in_transaction(), "no network while a transaction is open"
        try:
            told = claim.client.metrics(claim.access, claim.asked.remote_id, claim.asked.kind)  # type: ignore[arg-type]
        except NotNow as error:
            _wait(claim, BUSY_FOR, error.again_in, now=now)
            return
        except Denied as error:
            first = error.reason.name == "reconnect" and not renewed
            renewed = renewed or first
            if not (_renew(claim, now=now) if first else _denied(claim, error, now=now)):
                return
            continue
        with transaction():
            social.figures.tell(claim.asked, asdict(told), day=clicks.today(now), now=now)
    with transaction():
        _ring(channel_id, now + NEXT_JOB, now=now)


def _claim(channel_id: int, *, now: datetime) -> _Claim | None:
    """The next post of this channel; None where nothing is to be asked, or nobody lets us in."""
    end_reading()
    row = social.channel(channel_id)
    if row.via not in offered():
        return None
    with transaction():
        while (asked := social.figures.take_ask(channel_id, now=now)) is not None:
            if not social.figures.is_over(asked.kind, asked.published_at, now):
                break
            social.figures.note_ask(asked, "late", now=now, over=True)
        if asked is None:
            return None
        row = social.channel(channel_id)
        return _Claim(asked, row.id, row.token_number, channel.client_of(row), channel.access_of(row))


def _renew(claim: _Claim, *, now: datetime) -> bool:
    """A token that is not taken is renewed once, and the same post asked about again; False: not now, or it is lost."""
    if not channel.renew(claim.channel_id, seen=claim.token_number, now=now):
        _wait(claim, BUSY_FOR, None, now=now)
        return False
    with transaction():
        social.figures.give_back(claim.asked, now=now)
    return True


def _denied(claim: _Claim, error: Denied, *, now: datetime) -> bool:
    """The channel says no; True where it may still answer about others."""
    reason = error.reason
    log.info("figures not told", target=claim.asked.target_id, why=reason.name, code=error.code)
    if reason.name in ("rate", "busy"):
        _wait(claim, SLOW_DOWN_FOR if reason.name == "rate" else BUSY_FOR, error.again_in, now=now)
        return False
    with transaction():
        social.figures.note_ask(claim.asked, reason.name, now=now, over=reason.name == "vanished")
    if reason.matter != "permission" or reason.name == "scope":  # a story with few viewers is refused by the same code
        return True
    channel.lose(claim.channel_id, reason.name, seen=claim.token_number, now=now)
    return False


def _wait(claim: _Claim, least: timedelta, told: int | None, *, now: datetime) -> None:
    """Nothing of this channel is asked for a while, so that whoever is slow is not made slower."""
    with transaction():
        social.figures.put_off(claim.channel_id, now + max(least, timedelta(seconds=told or 0)))


def _ring(channel_id: int, at: datetime, *, now: datetime) -> None:
    jobs.add("post.figures", {"channel": channel_id}, key=f"post.figures:{channel_id}:{at:%Y%m%dT%H%M}", now=now, run_at=at)
