"""Whatever a channel answers, and whatever people do meanwhile: no post is made twice, and none is forgotten."""

from __future__ import annotations

import os
import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

import pytest

from socialshop.adapters import social as channels
from socialshop.adapters.fakes import FakePublisher
from socialshop.adapters.social import (
    REASONS,
    Access,
    Handle,
    Later,
    NotTaken,
    Outcome,
    PostRequest,
    Preparing,
    Published,
    Ready,
    Underway,
    Unknown,
)
from socialshop.domain import social
from socialshop.domain.social import TargetFacts
from socialshop.flows import channel, publish, verify_posts
from socialshop.kernel.database import end_reading, transaction
from socialshop.kernel.errors import Conflict

from ..conftest import START
from ..post_stage import CREATOR, turn
from .test_post_turns import PICTURE

pytestmark = pytest.mark.usefixtures("room")
_names = count(1)
STORIES = 600 if os.environ.get("SOCIALSHOP_FAULTS_ALL") else 25
OVER = ("published", "delivered", "failed", "cancelled")


@dataclass
class Moody(FakePublisher):
    """Answers by luck until it is told to be well, and remembers what it has really posted."""

    dice: random.Random = field(default_factory=random.Random)
    well: bool = False
    made: dict[str, str] = field(default_factory=dict)  # container → caption of what stands there
    again: list[str] = field(default_factory=list)  # containers that were posted a second time
    seen: Counter[str] = field(default_factory=Counter)  # answers that were given

    def _mood(self, *odds: int) -> int:
        return 0 if self.well else self.dice.choices(range(len(odds)), odds)[0]

    def _says(self, outcome: Outcome) -> Outcome:
        self.seen[type(outcome).__name__] += 1
        return outcome

    def prepare(self, access: Access, request: PostRequest, handle: Handle) -> Outcome:
        name = str(handle.get("container") or f"c{next(_names)}")
        return self._says([
            Ready({"container": name}), Preparing({"container": name}, 30), Later("unreachable", 60),
            NotTaken(REASONS["busy"], "busy"), NotTaken(REASONS["reconnect"], "dead"), NotTaken(REASONS["spam"], "spam"),
            NotTaken(REASONS["rate"], "rate", 120),
        ][self._mood(60, 10, 8, 8, 6, 2, 6)])  # fmt: skip

    def publish(self, access: Access, request: PostRequest, handle: Handle) -> Outcome:
        name, mood = str(handle["container"]), self._mood(15, 20, 15, 20, 10, 8, 8, 4)
        if name in self.made:
            self.again.append(name)
        if mood <= 2:
            self.made[name] = request.caption
        return self._says([
            Published(name, ""), Unknown("cut_off"), Underway({"container": name}, 20), Unknown("cut_off"),
            Later("unreachable", 60), NotTaken(REASONS["quota"], "full"), NotTaken(REASONS["busy"], "busy"),
            NotTaken(REASONS["reconnect"], "dead"),
        ][mood])  # fmt: skip

    def look(self, access: Access, request: PostRequest, handle: Handle) -> Outcome:
        mood, name = self._mood(40, 30, 15, 15), str(handle.get("container", ""))
        if mood in (1, 2):
            return self._says(Unknown("unreachable") if mood == 1 else Later("busy", 60))
        if name in self.made:
            return self._says(Underway(dict(handle), 30) if mood == 3 else Published(name, ""))
        return self._says(Ready(dict(handle)))


DEEDS = {"step": 40, "wait": 25, "wait_long": 12, "decide": 8, "again": 8, "move": 4, "lose": 4, "connect": 6, "cancel": 1}


def test_no_post_is_made_twice_and_none_is_forgotten(world, tmp_path_factory):
    seen: Counter[str] = Counter()
    for seed in range(STORIES):
        fake = Moody(dice=random.Random(seed))
        try:
            seen[told(world, tmp_path_factory.mktemp("posts"), fake)] += 1
        except Exception as error:
            raise AssertionError(f"story {seed}: {error}") from error
        seen += fake.seen
    assert all(seen[name] > 5 for name in ("published", "failed", "Unknown", "Underway", "Later", "NotTaken")), seen


def told(world, folder, fake: Moody) -> str:
    """One story of one post; the state in which it ends."""
    name, dice = f"moody{next(_names)}", fake.dice
    kept = social.files.path_of(PICTURE.sha256, folder)
    kept.parent.mkdir(parents=True)
    kept.touch()
    publish.set_up(folder, base_url="http://localhost")
    channels.offer("fake", lambda: fake)
    try:
        creator_id = world.creator(name).id
        connect(fake, creator_id, name, START)
        [row] = social.channels_of(creator_id)
        post = publish.schedule(
            creator_id, kind="image", caption=name, media=[PICTURE], targets=[TargetFacts(row.id)], publish_at=START,
            actor=CREATOR, now=START,
        )  # fmt: skip
        [target] = social.targets_of(post.id)
        public_id, target_id, target_name, now = post.public_id, target.id, target.public_id, START
        end_reading()
        for deed in dice.choices(list(DEEDS), list(DEEDS.values()), k=30):
            now, amount = now + timedelta(seconds=1), dice.randrange(1, 400)
            with suppress(Conflict):
                match deed:
                    case "step":
                        turn(target_id, now=now)
                    case "wait":
                        now += timedelta(seconds=amount)
                    case "wait_long":
                        now += timedelta(minutes=amount)
                    case "cancel":
                        publish.cancel(creator_id, public_id, actor=CREATOR, now=now)
                    case "again":
                        publish.try_again(creator_id, public_id, target_name, actor=CREATOR, now=now)
                    case "decide":  # who looks into the app says what is there
                        publish.decide(
                            creator_id, public_id, target_name, posted=name in fake.made.values(), note="", actor=CREATOR, now=now
                        )
                    case "move":
                        publish.reschedule(creator_id, public_id, now + timedelta(seconds=amount), actor=CREATOR, now=now)
                    case "lose":
                        channel.lose(row.id, "reconnect", seen=social.channel(row.id).token_number, now=now)
                    case "connect":
                        connect(fake, creator_id, name, now)
            see(fake, name)
        now = to_the_end(fake, creator_id, name, target_id, now)
        end_reading()
        see(fake, name)
        assert social.target(target_id).state in OVER, now
        return social.target(target_id).state
    finally:
        channels._makers.pop("fake", None)


def connect(fake: Moody, creator_id: int, name: str, now: datetime) -> None:
    """Let in, or let in again."""
    word = f"token-{next(_names)}"
    fake.tokens[word] = name
    token = social.TokenFacts(word, "", frozenset({"post"}), now, None, None, None)
    with transaction():
        social.connect(
            creator_id,
            provider="instagram",
            via="fake",
            account_id=name,
            scoped_id="",
            username=name,
            name=name,
            token=token,
            now=now,
        )


def see(fake: Moody, name: str) -> None:
    """It stands there once at the most, and the self-check finds nothing."""
    end_reading()
    assert fake.again == []
    assert Counter(fake.made.values())[name] <= 1
    assert list(verify_posts.discrepancies()) == []


def to_the_end(fake: Moody, creator_id: int, name: str, target_id: int, now: datetime) -> datetime:
    """From here on all is well over there, and its owner keeps us connected: whatever waits comes to an end by itself."""
    fake.well = True
    connect(fake, creator_id, name, now)
    for _ in range(60):
        end_reading()
        row = social.target(target_id)
        if row.state in OVER:
            break
        now = max(now, row.next_at or now) + timedelta(hours=1)
        end_reading()
        turn(target_id, now=now)
        publish.sweep({}, now=now)
    return now
