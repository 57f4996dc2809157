"""A client of a channel and the world that it speaks to: Instagram by both logins, TikTok, and the fake in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from socialshop.adapters import social
from socialshop.adapters.fakes import FakePublisher
from socialshop.adapters.social import (
    Access,
    Account,
    Grant,
    Handle,
    MediaItem,
    Outcome,
    PostRequest,
    Preparing,
    Publisher,
    Ready,
    Underway,
)
from socialshop.config_social import FacebookApp, InstagramApp, SocialSettings, TikTokApp

from ...doubles import films
from ...doubles.instagram import InstagramDouble
from ...doubles.instagram import hooks as instagram_hooks
from ...doubles.instagram import world as instagram_world
from ...doubles.pages import PageServer
from ...doubles.tiktok import TikTokDouble
from ...doubles.tiktok import hooks as tiktok_hooks
from ...doubles.tiktok import world as tiktok_world

NOW = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
BACK = {"instagram": "http://localhost/connect/instagram/back", "tiktok": "http://localhost/connect/tiktok/back"}
VERIFIER = "v" * 64


@dataclass
class Pair:
    """A client, its world, and what is posted through them."""

    client: Publisher
    world: Any
    folder: Path
    kind: str = "image"
    host: PageServer | None = None
    back: str = BACK["instagram"]
    privacy: str = ""
    account: Account | None = None
    grant: Grant | None = None
    signed: Callable[[bytes], dict[str, str]] = lambda _body: {}
    message: bytes = b""
    texts: Callable[[], list[str]] = field(default=list)  # what stands there, the newest first

    def callback(self) -> dict[str, str]:
        """What comes back in the browser after the person pressed."""
        url = self.client.authorize_url(state="s1", redirect_uri=self.back, verifier=VERIFIER)
        if isinstance(self.world, FakePublisher):
            return dict(parse_qsl(urlsplit(url).query))
        answer = requests.get(url, allow_redirects=False, timeout=5)
        assert answer.status_code == 302, answer.text
        assert answer.headers["Location"].startswith(self.back)
        return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))

    def connect(self, now: datetime = NOW) -> tuple[Account, Grant]:
        [(self.account, self.grant)] = self.client.connect(self.callback(), redirect_uri=self.back, verifier=VERIFIER, now=now)
        return self.account, self.grant

    @property
    def access(self) -> Access:
        if self.account is None or self.grant is None:
            self.connect()
        assert self.account is not None
        assert self.grant is not None
        return Access(self.account.id, self.account.username, self.grant.access)

    def item(self, body: bytes | None = None, *, kind: str = "", name: str = "") -> MediaItem:
        """A file that lies here and can be fetched by the world."""
        video = (kind or self.kind) in ("reel", "video")
        body = body if body is not None else films.film(size=20_000) if video else films.photo()
        name = name or f"m{len(list(self.folder.iterdir()))}"
        path = self.folder / name
        path.write_bytes(body)
        url = "https://media.example/x"
        if self.host is not None:
            media_type = "video/mp4" if video else "image/jpeg"
            self.host.pages[f"/{name}"] = lambda page: page.give(body, media_type)
            url = self.host.url(f"/{name}").replace("127.0.0.1", "localhost")
        film = films.read_film(body)
        return MediaItem(
            "video" if video else "image",
            "video/mp4" if video else "image/jpeg",
            len(body),
            path,
            url,
            film.seconds if film else 0,
        )

    def request(self, caption: str = "Iklan. Kopi Gayo, kode RANI10", **more: Any) -> PostRequest:
        media = more.pop("media", None) or (self.item(kind=more.get("kind", "")),)
        return PostRequest(**{"kind": self.kind, "media": media, "caption": caption, "privacy": self.privacy, **more})

    def ready(self, request: PostRequest, handle: Handle | None = None) -> Handle:
        """The handle, one call away from being posted."""
        outcome = self.client.prepare(self.access, request, handle or {})
        for _ in range(20):
            if not isinstance(outcome, Preparing):
                break
            outcome = self.client.prepare(self.access, request, outcome.handle)
        assert isinstance(outcome, Ready), outcome
        return outcome.handle

    def done(self, request: PostRequest, outcome: Outcome) -> Outcome:
        """What it comes to once it is no longer under way."""
        for _ in range(20):
            if not isinstance(outcome, Underway):
                break
            outcome = self.client.look(self.access, request, outcome.handle)
        return outcome

    def post(self, request: PostRequest) -> Outcome:
        return self.done(request, self.client.publish(self.access, request, self.ready(request)))


@contextmanager
def a_fake(folder: Path) -> Iterator[Pair]:
    fake = FakePublisher()
    yield Pair(
        fake, fake, folder, privacy="everybody", message=b'{"key": "k", "topic": "posted", "account": "fake-1"}',
        signed=lambda body: {"x-fake-signature": fake.signature(body)},
        texts=lambda: [request.caption for _, request in reversed(fake.posts.values())],
    )  # fmt: skip


def settings_of(instagram: str = "", tiktok: str = "", **more: Any) -> SocialSettings:
    """Settings that lead to doubles."""
    instagram, tiktok = instagram or "http://127.0.0.1:9", tiktok or "http://127.0.0.1:9"
    return SocialSettings(
        InstagramApp(
            instagram_world.CLIENT_ID, instagram_world.CLIENT_SECRET, instagram_world.VERIFY_TOKEN, instagram, instagram, instagram,
            **more.get("to_instagram", {}),
        ),
        FacebookApp(instagram_world.META_ID, instagram_world.META_SECRET, instagram, instagram),
        TikTokApp(tiktok_world.CLIENT_KEY, tiktok_world.CLIENT_SECRET, tiktok, tiktok, **more.get("to_tiktok", {})),
    )  # fmt: skip


@contextmanager
def an_instagram(folder: Path, via: str = "instagram") -> Iterator[Pair]:
    with InstagramDouble() as double, PageServer() as host:
        social.set_up(settings_of(instagram=double.url))
        secret = instagram_world.META_SECRET if via == "facebook" else instagram_world.CLIENT_SECRET
        comment = {
            "id": "17950000000000003",
            "from": {"id": "9", "username": "fan_01"},
            "text": "want it",
            "media": {"id": "180"},
        }
        yield Pair(
            social.publisher(via), double, folder, host=host,
            message=instagram_hooks.event("17841400000000123", "comments", comment),
            signed=lambda body: _low(instagram_hooks.signed(body, secret=secret)),
            texts=lambda: [str(post["text"]) for post in double.posted()],
        )  # fmt: skip


@contextmanager
def a_facebook(folder: Path) -> Iterator[Pair]:
    with an_instagram(folder, "facebook") as pair:
        yield pair


@contextmanager
def a_tiktok(folder: Path) -> Iterator[Pair]:
    with TikTokDouble() as double, PageServer() as host:
        social.set_up(settings_of(tiktok=double.url))
        double.switches.audited = double.switches.plain_pull = True
        double.verified.add("localhost")
        stamp = int(NOW.timestamp())
        yield Pair(
            social.publisher("tiktok"), double, folder, kind="video", host=host, back=BACK["tiktok"], privacy="PUBLIC_TO_EVERYONE",
            message=tiktok_hooks.event("post.publish.complete", "-000ana", {"publish_id": "v_pub_file~v2.1"}, at=stamp),
            signed=lambda body: _low(tiktok_hooks.signed(body, at=stamp)),
            texts=lambda: [str(post["text"]) for post in double.posted()],
        )  # fmt: skip


PAIRS = {"fake": a_fake, "instagram": an_instagram, "facebook": a_facebook, "tiktok": a_tiktok}


def _low(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


__all__ = ["NOW", "PAIRS", "Pair", "a_tiktok", "an_instagram", "replace", "settings_of", "timedelta"]
