"""Mia's posts on Instagram and TikTok, wherever they have come to, without anybody over there: for tests of her screens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask.testing import FlaskClient

from socialshop.domain import people, social
from socialshop.domain.audit import Actor
from socialshop.domain.social import Channel, MediaFacts, Post, TargetFacts, TokenFacts
from socialshop.flows import publish
from socialshop.kernel.database import end_reading, session
from tests.builders import World
from tests.conftest import START

PICTURE = MediaFacts("image", "image/jpeg", 9, "ab" * 32, 1080, 1350, alt_text="Kopi di meja")
HOUR = timedelta(hours=1)


@dataclass
class Desk:
    """A creator's channels and the browser they are signed in with."""

    world: World
    creator: people.Creator
    client: FlaskClient
    channels: dict[str, Channel]

    def plan(self, *vias: str, at: datetime = START + HOUR, caption: str = "Kopi Gayo") -> Post:
        """A post on these channels (all of them unless named)."""
        targets = [TargetFacts(self.channels[via].id) for via in vias or self.channels]
        with self.world.app.app_context():
            return publish.schedule(
                self.creator.id, kind="image", caption=caption, media=[PICTURE], targets=targets, publish_at=at,
                actor=Actor("user", "usr_mia", "creator"), now=min(at, START),
            )  # fmt: skip

    def come(self, post: Post, via: str, state: str, **facts: Any) -> str:
        """Let it stand like this on a channel; its target's public id."""

        def note() -> str:
            [row] = [each for each in social.targets_of(post.id) if each.channel_id == self.channels[via].id]
            social.note(row.id, **{"state": state, "called_at": post.publish_at, "next_at": None, **facts})
            return row.public_id

        return self.world._do(note)

    def turn(self, via: str, state: str) -> None:
        """Let a channel be lost, or live again."""

        def note() -> None:
            session().get_one(Channel, self.channels[via].id).state = state

        self.world._do(note)

    def see(self, path: str, language: str = "en") -> str:
        answer = self.client.get(f"{path}{'&' if '?' in path else '?'}lang={language}")
        assert answer.status_code == 200, (path, answer.status_code, answer.location)
        return answer.text

    def press(self, path: str, **data: str) -> Any:
        return self.world.post(self.client, path, data)

    def states(self, post: Post) -> dict[str, str]:
        by_id = {row.id: via for via, row in self.channels.items()}
        with self.world.app.app_context():
            end_reading()
            return {by_id[row.channel_id]: row.state for row in social.targets_of(post.id)}

    def when(self, post: Post) -> datetime:
        with self.world.app.app_context():
            return social.post(post.id).publish_at


def desk_of(world: World, handle: str = "mia", *, zone: str = "Asia/Jakarta") -> Desk:
    """Mia with both channels, signed in."""
    creator = world.creator(handle)

    def connect() -> dict[str, Channel]:
        user = session().get_one(people.User, creator.user_id)
        user.timezone = zone
        token = TokenFacts("access", "", frozenset({"video.publish"}), START, None, None, None)
        return {
            via: social.connect(
                creator.id, provider=via, via=via, account_id=f"{handle}-{via}", scoped_id="", username=f"{handle}.{via}", name="",
                token=token, now=START,
            )
            for via in ("instagram", "tiktok")
        }  # fmt: skip

    channels = world._do(connect)
    kept = social.files.path_of(PICTURE.sha256, world.app.config["SETTINGS"].post_media_folder)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.touch()
    return Desk(world, creator, world.sign_in(world.app.test_client(), creator.user_id), channels)
