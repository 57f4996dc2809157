"""A creator with channels at the doubles, and posts on their way: for tests of flows, doors and killed processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from sqlalchemy import select

from socialshop import worker
from socialshop.adapters import social as channels
from socialshop.domain import social
from socialshop.domain.audit import Actor
from socialshop.domain.social import Channel, MediaFacts, Post, Target, TargetFacts
from socialshop.flows import channel, publish
from socialshop.kernel import clock, jobs
from socialshop.kernel.database import end_reading, session, transaction

from .adapters.social.pairs import BACK, settings_of
from .doubles import films
from .doubles.instagram import InstagramDouble
from .doubles.instagram.world import Account
from .doubles.pages import PageServer
from .doubles.tiktok import TikTokDouble

CREATOR = Actor("user", "usr_mia", "creator")


@dataclass
class Stage:
    """Both platforms, and a host from which they fetch what we keep."""

    instagram: InstagramDouble
    tiktok: TikTokDouble
    host: PageServer
    folder: Path
    channels: dict[str, Channel] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)  # public id of a file → where it lies

    def callback(self, creator_id: int, via: str, *, now: datetime) -> dict[str, str]:
        """What comes back in the browser after the creator pressed over there."""
        name = "tiktok" if via == "tiktok" else "instagram"
        url = channel.begin(creator_id, via, redirect_uri=BACK[name], now=now)
        answer = requests.get(url, allow_redirects=False, timeout=5)
        assert answer.status_code == 302, answer.text
        return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))

    def connect(self, creator_id: int, via: str, *, now: datetime) -> Channel:
        [found] = channel.finish(creator_id, self.callback(creator_id, via, now=now), actor=CREATOR, now=now).channels
        self.channels[via] = found
        return found

    def keep(self, body: bytes, kind: str) -> MediaFacts:
        """A file of a post, in our folder."""
        draft = self.folder.parent / "upload"
        draft.write_bytes(body)
        sha256, size = social.files.keep(draft, self.folder)
        film = films.read_film(body)
        media_type = "video/mp4" if kind == "video" else "image/jpeg"
        return MediaFacts(kind, media_type, size, sha256, milliseconds=round(film.seconds * 1000) if film else 0)

    def plan(self, creator_id: int, *vias: str, now: datetime, caption: str = "Iklan. Kopi Gayo", **more: Any) -> Post:
        """A post on channels, due now unless `publish_at` says otherwise."""
        kind = more.pop("kind", "video" if "tiktok" in vias else "image")
        body = more.pop("body", None) or (films.film(size=20_000) if kind in ("video", "reel") else films.photo())
        media = [self.keep(body, "video" if kind in ("video", "reel") else "image")]
        draft = more.pop("draft", False)
        targets = [
            TargetFacts(self.channels[via].id, privacy="PUBLIC_TO_EVERYONE" if via == "tiktok" else "", draft=draft)
            for via in vias
        ]
        post = publish.schedule(
            creator_id, kind=kind, caption=caption, media=media, targets=targets, publish_at=more.pop("publish_at", now),
            actor=CREATOR, now=now, **more,
        )  # fmt: skip
        self.serve(post)
        return post

    def serve(self, post: Post) -> None:
        """Let the host answer for a post's files, as our own door does; it has no database."""
        for item in social.media_of(post.id):
            self.files[item.public_id] = social.files.path_of(item.sha256, self.folder)

    def work(self, now: datetime, *, minutes: float = 10) -> datetime:
        """Take the turns, and renew the tokens, that fall due within so many minutes; when it was over."""
        end = now + timedelta(minutes=minutes)
        for _ in range(2000):
            clock.use(lambda: now)  # noqa: B023  # read at once
            end_reading()
            if not _refreshed(now) and not _served(now):
                later = _next_time(now)
                if later is None or later > end:
                    return now
                now = later
        raise AssertionError("it never comes to rest")

    def states(self, post: Post) -> dict[str, str]:
        """Where the post has come to, by login."""
        end_reading()
        by_id = {row.id: via for via, row in self.channels.items()}
        return {by_id[target.channel_id]: target.state for target in social.targets_of(post.id)}


def two_pages(stage: Stage) -> Account:
    """Whoever has shop_ana's Page has another one; the account of that."""
    ana = stage.instagram.signed_in
    other = Account("17841400000000789", "25400000000000003", "kopi.kita", page="1030000000000888", owner=ana.person)
    stage.instagram.accounts[other.user_id] = other
    return other


def turn(target_id: int, *, now: datetime) -> None:
    """Bring one target as far as it goes, as whoever takes turns does."""
    for _ in range(publish.STEPS):
        if not publish.step(target_id, now=now):
            return


def _served(now: datetime) -> bool:
    found = social.turns.next_turn(now)
    end_reading()
    if found is not None:
        turn(found.target_id, now=now)
    return found is not None


def _refreshed(now: datetime) -> bool:
    """Do what is to be done for tokens, as the worker does."""
    mine = (
        select(jobs.Job.id).where(jobs.Job.name == "channel.refresh", jobs._claimable(now)).order_by(jobs.Job.run_at, jobs.Job.id)
    )
    for job_id in session().scalars(mine).all():
        with transaction():
            claimed = jobs.claim(job_id, now=now)
        if claimed is not None:
            worker._do(claimed)
            return True
    return False


def _next_time(now: datetime) -> datetime | None:
    """When something may go on, if nothing does now."""
    over = select(Target.called_at).where(Target.state.in_(("preparing", "calling")), Target.called_at.is_not(None))
    times = [called_at + social.CALL_IS_OVER for called_at in session().scalars(over) if called_at is not None]
    columns = (Target.next_at, Channel.busy_until, Channel.begins_at, Channel.paused_until)
    for column in columns:
        times += [at for at in session().scalars(select(column).where(column.is_not(None))) if at is not None]
    waits = select(jobs.Job.run_at).where(jobs.Job.name == "channel.refresh", jobs.Job.state == "ready")
    times += session().scalars(waits)
    return min((at for at in times if at > now), default=None)


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """The stage; both platforms fetch from a host that knows our signed addresses."""
    with ExitStack() as stack:
        instagram, tiktok, host = (
            stack.enter_context(each) for each in (InstagramDouble(slow=3), TikTokDouble(slow=3), PageServer())
        )
        tiktok.switches.audited = tiktok.switches.plain_pull = True
        tiktok.verified.add("localhost")
        channels.set_up(settings_of(instagram.url, tiktok.url))
        files = folder / "post_media"
        files.mkdir(exist_ok=True)
        publish.set_up(files, base_url=host.url("").replace("127.0.0.1", "localhost"))
        stage = Stage(instagram, tiktok, host, files)
        _serve(stage)
        yield stage


def _serve(stage: Stage) -> None:
    class Pages(dict):  # type: ignore[type-arg]
        def get(self, path: str, _default: Any = None) -> Any:
            file = stage.files.get(path.split("/")[2]) if path.startswith("/post-media/") else None
            if file is None:
                return None
            body = file.read_bytes()
            return lambda page: page.give(body, "video/mp4" if body[4:8] == b"ftyp" else "image/jpeg")

    stage.host._server.RequestHandlerClass.pages = Pages()  # type: ignore[attr-defined]
