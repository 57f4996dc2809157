"""What posts brought over there is asked for again and again, more rarely as they grow old. Asking changes nothing there.

Each answer is written down by itself, so a stop in the middle loses one answer, which is asked for again.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from ..adapters.social import Access, Denied, Metrics, NotNow, Publisher, offered
from ..domain import clicks, social
from ..kernel import jobs
from ..kernel.database import end_reading, in_transaction, transaction
from . import channel

log = structlog.get_logger("post_figures")
AT_ONCE = 6  # questions in one job: so many slow answers fit into its lease
NEXT_JOB = timedelta(minutes=1)
BUSY_FOR = timedelta(minutes=10)
SLOW_DOWN_FOR = timedelta(hours=1)  # rolling limits: room comes back bit by bit


def sweep(_payload: dict[str, Any], *, now: datetime) -> None:
    """Job "posts.figures": a job for each channel that has something to tell."""
    with transaction():
        social.figures.expect(now)
        for channel_id in social.figures.channels_to_ask(now, offered()):
            _ring(channel_id, now, now=now)


def ask(payload: dict[str, Any], *, now: datetime) -> None:
    """Job "post.figures": ask one channel about a few of its posts, the rest in a minute. Safe to repeat."""
    channel_id = payload["channel"]
    for _ in range(AT_ONCE):
        asked = _next(channel_id, now=now)
        if asked is None:
            return
        assert not in_transaction(), "no network while a transaction is open"
        try:
            told = channel.ask(channel_id, partial(_metrics, asked), now=now, spare=("scope",))
        except NotNow as error:
            _wait(channel_id, BUSY_FOR, error.again_in, now=now)
            return
        except Denied as error:
            if not _denied(channel_id, asked, error, now=now):
                return
            continue
        with transaction():
            social.figures.tell(asked, asdict(told), day=clicks.today(now), now=now)
    with transaction():
        _ring(channel_id, now + NEXT_JOB, now=now)


def _metrics(asked: social.figures.Asked, client: Publisher, access: Access) -> Metrics:
    return client.metrics(access, asked.remote_id, asked.kind)  # type: ignore[arg-type]


def _next(channel_id: int, *, now: datetime) -> social.figures.Asked | None:
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
    return asked


def _denied(channel_id: int, asked: social.figures.Asked, error: Denied, *, now: datetime) -> bool:
    """The channel says no; True where it may still answer about others."""
    reason = error.reason
    log.info("figures not told", target=asked.target_id, why=reason.name, code=error.code)
    if reason.name in ("rate", "busy"):
        _wait(channel_id, SLOW_DOWN_FOR if reason.name == "rate" else BUSY_FOR, error.again_in, now=now)
        return False
    with transaction():
        social.figures.note_ask(asked, reason.name, now=now, over=reason.name == "vanished")
    # by the code of a missing permission a story that few have seen is refused too, and posting may go on without it
    return reason.matter != "permission" or reason.name == "scope"


def _wait(channel_id: int, least: timedelta, told: int | None, *, now: datetime) -> None:
    """Nothing of this channel is asked for a while, so that whoever is slow is not made slower."""
    with transaction():
        social.figures.put_off(channel_id, now + max(least, timedelta(seconds=told or 0)))


def _ring(channel_id: int, at: datetime, *, now: datetime) -> None:
    jobs.add("post.figures", {"channel": channel_id}, key=f"post.figures:{channel_id}:{at:%Y%m%dT%H%M}", now=now, run_at=at)
