"""Many posts in the same minute: how long they take, who waits, what is asked of the platforms.

A hundred channels, half of each platform. One creator has a fifth of the channels and three fifths of the posts, and planned
them first; of the others half have one post and half have four. The platforms are doubles in a process of their own, about as
slow as the real ones, with their quotas and their limits by the minute.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from socialshop.adapters import social as platforms
from socialshop.domain import people, social
from socialshop.domain.audit import Actor
from socialshop.domain.social import Channel, MediaFacts, Target, TargetFacts
from socialshop.flows import publish
from socialshop.kernel import clock
from socialshop.kernel.database import db, session, transaction
from socialshop.posters import AT_ONCE, Posters
from tests.adapters.social.pairs import settings_of
from tests.doubles import films

from .figures import Figure, tell
from .stage import install

PARTS = ("posts",)
ROOT = Path(__file__).parents[2]
CHANNELS, POSTS = 100, 500
BENCH = Actor("user", "usr_bench", "creator")
GOALS = {"minutes_to_all": "<= 5", "p95_wait_s": "<= 300", "fairness": "<= 0.3", "limited": "0", "calls_per_post": "<= 6"}


def measure(parts: Sequence[str], databases: Sequence[str], *, scale: float, rounds: int) -> list[Figure]:
    """All figures, once on each database: it takes as long as it takes. scale: of the posts; channels go with them."""
    found = []
    for database in databases:
        tell(f"posts, {database}")
        found += _measured(database, channels=max(10, round(CHANNELS * scale)), posts=max(50, round(POSTS * scale)))
    return found


def _measured(database: str, *, channels: int, posts: int, speed: float = 1.0) -> list[Figure]:
    with install(database) as stage, _platforms(channels // 2, speed) as (world, asked):
        clock.use(clock.system_clock)
        with stage.app.app_context(), tempfile.TemporaryDirectory() as folder:
            platforms.set_up(settings_of(world["instagram"], world["tiktok"]))
            publish.set_up(Path(folder), base_url=world["host"])
            due = datetime.now(UTC) + timedelta(seconds=2 + posts / 50)
            _plan(world["tokens"], Path(folder), channels, posts, due)
            db.session.remove()
            cost = _published(stage.app, posts, due)
            waits = _waits(due)
        told = asked()
    conditions = {"database": database, "channels": channels, "posts": posts, "at_once": AT_ONCE, "cpu_s": round(cost, 1), **told}
    values = {**_figures(waits), "limited": told["limited"], "calls_per_post": sum(told["calls"].values()) / posts}
    units = {
        "minutes_to_all": "minutes", "p95_wait_s": "s", "fairness": "of the whole time", "limited": "refusals", "calls_per_post": "calls",
    }  # fmt: skip
    return [Figure(f"posts.{name}", value, units[name], GOALS[name], conditions) for name, value in values.items()]


def _figures(waits: dict[int, list[float]]) -> dict[str, float]:
    """Fairness: the 95th of a hundred creators' waits for their first post, over the time until all posts are out.

    First come, first served gives about 1 here, since the largest creator came first; 0 were at once for everybody.
    """
    every = sorted(wait for mine in waits.values() for wait in mine)
    first = sorted(min(mine) for mine in waits.values())
    return {
        "minutes_to_all": every[-1] / 60, "p95_wait_s": every[len(every) * 95 // 100],
        "fairness": first[min(len(first) * 95 // 100, len(first) - 1)] / every[-1],
    }  # fmt: skip


@contextmanager
def _platforms(each: int, speed: float) -> Iterator[tuple[dict[str, Any], Any]]:
    command = [sys.executable, "-m", "scripts.bench.platforms", str(each), str(speed)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        world, come, go = json.loads(child.stdout.readline()), child.stdout, child.stdin

        def asked() -> dict[str, Any]:
            go.write("\n")
            go.flush()
            told: dict[str, Any] = json.loads(come.readline())
            return told

        try:
            yield world, asked
        finally:
            child.stdin.close()
            child.wait(10)


def _plan(tokens: dict[str, list[list[str]]], folder: Path, channels: int, posts: int, due: datetime) -> None:
    """The largest creator's posts first, then everybody else's, all for the same moment."""
    large, now = channels // 5, datetime.now(UTC)
    rows = _channels(tokens, channels, large)
    files = {"instagram": _kept(films.photo(), "image", folder), "tiktok": _kept(films.film(size=20_000), "video", folder)}
    big = posts * 3 // 5
    others = [n for n in range(large, channels) for _ in range(1 if n % 2 else 4)]
    plan = [n % large for n in range(big)] + (others * (posts // len(others) + 1))[: posts - big]
    for n, number in enumerate(plan):
        row = rows[number]
        publish.schedule(
            row.creator_id, kind="image" if row.provider == "instagram" else "video", caption=f"Post {n}", media=[files[row.provider]],
            targets=[TargetFacts(row.id, privacy="" if row.provider == "instagram" else "PUBLIC_TO_EVERYONE")], publish_at=due,
            actor=BENCH, now=now,
        )  # fmt: skip


def _channels(tokens: dict[str, list[list[str]]], channels: int, large: int) -> list[Channel]:
    """The first ones all belong to one creator."""
    made, now = [], datetime.now(UTC)
    with transaction() as current:
        creators = []
        for n in range(channels - large + 1):
            user = people.User(email=f"p{n}@bench.example", password_hash="!", created_at=now)
            current.add(user)
            current.flush()
            creators.append(people.Creator(user_id=user.id, handle=f"p{n}", name=f"P{n}", created_at=now))
        current.add_all(creators)
        current.flush()
        for n in range(channels):
            provider = ("instagram", "tiktok")[n % 2]
            account, token = tokens[provider][n // 2]
            facts = social.TokenFacts(token, "", frozenset({"video.publish"}), now, None, None, None)
            made.append(
                social.connect(
                    creators[max(0, n - large + 1)].id, provider=provider, via=provider, account_id=account, scoped_id="",
                    username=f"u{n}", name="", token=facts, now=now,
                )
            )  # fmt: skip
    return made


def _kept(body: bytes, kind: str, folder: Path) -> MediaFacts:
    source = folder / "upload"
    source.write_bytes(body)
    sha256, size = social.files.keep(source, folder)
    return MediaFacts(kind, "image/jpeg" if kind == "image" else "video/mp4", size, sha256, milliseconds=10_000)


def _published(app: Flask, posts: int, due: datetime) -> float:
    """Let the posters work until all is out; seconds of processor."""
    posters = Posters(app)
    time.sleep(max(0.0, (due - datetime.now(UTC)).total_seconds()))
    before = time.process_time()
    posters.start()
    until = time.monotonic() + 900
    while time.monotonic() < until:
        time.sleep(1.0)
        out = session().scalar(select(func.count()).where(Target.state == "published", Target.remote_id != "")) or 0
        db.session.remove()
        tell(f"  {out} of {posts}")
        if out == posts:
            break
    posters.stop()
    return time.process_time() - before


def _waits(due: datetime) -> dict[int, list[float]]:
    """Seconds from its time to its publication, of each creator's posts."""
    query = select(Channel.creator_id, Target.published_at).join(Channel, Channel.id == Target.channel_id)
    found: dict[int, list[float]] = {}
    for creator_id, at in session().execute(query.where(Target.published_at.is_not(None))).all():
        if at is None:
            continue
        found.setdefault(creator_id, []).append((at - due).total_seconds())
    return found
