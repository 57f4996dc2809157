"""The self-check sees every post and channel that was broken behind its back: one negative control for each check."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import text

from socialshop.adapters import social as channels
from socialshop.adapters.fakes import FakePublisher
from socialshop.domain import audit, social
from socialshop.domain.social import MediaFacts, TargetFacts
from socialshop.flows import publish, verify, verify_posts
from socialshop.kernel.database import end_reading, session, transaction

from ..conftest import START
from ..post_stage import CREATOR, turn

pytestmark = pytest.mark.usefixtures("room")

# row 1 is published, 2 failed and was tried again, 3 is called back, 4 is unknown, 5 planned, 6 said to be there by a person
BREAKS = {
    "published without an act": ("I-11", "UPDATE post_targets SET state = 'published', published_at = next_at WHERE id = 5"),
    "failed without an act": ("I-11", "UPDATE post_targets SET state = 'failed', next_at = NULL WHERE id = 5"),
    "open again without an act": ("I-11", "UPDATE post_targets SET state = 'waiting', remote_id = '' WHERE id = 1"),
    "called back without an act": ("I-11", "UPDATE post_targets SET state = 'cancelled', next_at = NULL WHERE id = 5"),
    "published since nobody knows when": ("I-11", "UPDATE post_targets SET published_at = NULL WHERE id = 1"),
    "over, and to go on": ("I-11", "UPDATE post_targets SET next_at = called_at WHERE id = 2"),
    "planned and forgotten": ("I-35", "UPDATE post_targets SET next_at = NULL WHERE id = 5"),
    "unknown and forgotten": ("I-35", "UPDATE post_targets SET next_at = NULL WHERE id = 4"),
    "called since nobody knows when": ("I-35", "UPDATE post_targets SET state = 'calling', called_at = NULL WHERE id = 4"),
    "called without a name": ("I-35", "UPDATE post_targets SET state = 'calling' WHERE id = 5"),
    "open with a post over there": ("I-35", "UPDATE post_targets SET remote_id = 'remote-x' WHERE id = 5"),
    "one post of two targets": (
        "I-35",
        "UPDATE channels SET account_id = (SELECT account_id FROM channels WHERE id = 1), state = 'off', access_token = NULL WHERE id = 2; "
        "UPDATE post_targets SET remote_id = (SELECT remote_id FROM post_targets WHERE id = 1), channel_id = 2 WHERE id = 6",
    ),
    "off with a token": ("I-27", "UPDATE channels SET state = 'off' WHERE id = 1"),
    "live without a token": ("I-11", "UPDATE channels SET access_token = NULL WHERE id = 1"),
}  # fmt: skip


class Undone(Exception):
    """Nothing of it stays."""


@pytest.fixture
def story(world, tmp_path) -> Iterator[None]:
    mia = world.creator("mia").id
    fake = FakePublisher()
    channels.offer("fake", lambda: fake)
    publish.set_up(tmp_path, base_url="http://localhost")
    kept = social.files.path_of("0" * 64, tmp_path)
    kept.parent.mkdir()
    kept.touch()
    with transaction():
        for name in ("one", "two"):
            fake.tokens[f"token-{name}"] = name
            token = social.TokenFacts(f"token-{name}", "", frozenset({"post"}), START, None, None, None)
            social.connect(
                mia, provider="fake", via="fake", account_id=name, scoped_id="", username=name, name=name, token=token, now=START
            )

    def planned(at=START, on=1):
        post = publish.schedule(
            mia, kind="image", caption="x", media=[MediaFacts("image", "image/jpeg", 1, "0" * 64)], targets=[TargetFacts(on)],
            publish_at=at, actor=CREATOR, now=START,
        )  # fmt: skip
        return post, social.targets_of(post.id)[0]

    _, first = planned()
    turn(first.id, now=START)
    again, second = planned()
    fake.full = True
    with transaction():
        social.move(second.id, "failed", why="late", next_at=None)
        audit.note("post.failed", second.public_id, actor=audit.SYSTEM, tenant="x", now=START)
    publish.try_again(mia, again.public_id, second.public_id, actor=CREATOR, now=START)
    with transaction():
        social.move(second.id, "failed", why="late", next_at=None)
        social.note(second.id, called_at=START)
        audit.note("post.failed", second.public_id, actor=audit.SYSTEM, tenant="x", now=START)
    back, _ = planned(START + timedelta(hours=1))
    publish.cancel(mia, back.public_id, actor=CREATOR, now=START)
    fake.full, fake.lose = False, 1
    _, fourth = planned()
    turn(fourth.id, now=START + timedelta(minutes=1))
    planned(START + timedelta(hours=1))
    fake.lose = 1
    there, sixth = planned(on=2)
    turn(sixth.id, now=START + timedelta(minutes=1))
    with transaction():
        social.note(sixth.id, next_at=None, why="no_name")
    later = START + timedelta(minutes=5)
    publish.decide(mia, there.public_id, sixth.public_id, posted=True, note="", actor=CREATOR, now=later)
    yield
    channels._makers.pop("fake", None)


def broken(statements: str) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    with suppress(Undone), transaction():
        for statement in statements.split("; "):
            session().execute(text(statement))
        session().expire_all()
        found = list(verify_posts.discrepancies())
        raise Undone
    return found


def test_all_is_well_and_every_break_is_seen(story):
    end_reading()
    assert [social.target(n).state for n in range(1, 7)] == [
        "published",
        "failed",
        "cancelled",
        "unknown",
        "waiting",
        "published",
    ]
    assert verify.run(START) == []
    for name, (check, statements) in BREAKS.items():
        assert check in {wrong[0] for wrong in broken(statements)}, name
    assert verify.run(START) == []


def test_a_second_publication_is_seen_in_the_acts(story):
    with transaction():
        audit.note("post.published", social.target(1).public_id, actor=audit.SYSTEM, tenant="x", now=START)
    assert [(wrong.check, wrong.row) for wrong in verify.run(START)] == [("I-11", "post_targets 1")]


def test_attempts_to_connect_are_forgotten_a_day_after(story, world):
    from socialshop.flows import channel_tidy

    mia = world.creator("ana").id
    with transaction():
        for state in ("old", "new"):
            at = START if state == "old" else START + timedelta(days=1)
            social.knock(mia, "fake", state=state, verifier="v", redirect_uri="http://localhost", now=at)
    channel_tidy.tidy({}, now=START + timedelta(days=1, minutes=20))
    channel_tidy.tidy({}, now=START + timedelta(days=1, minutes=20))
    assert session().query(social.Knock).count() == 1
