"""A draft lies in TikTok's inbox until its owner posts it there: that is found out, or its owner is asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from socialshop.adapters import social as channels
from socialshop.adapters.social import wire
from socialshop.domain import social
from socialshop.flows import channel, channel_news, post_words, publish, verify_posts
from socialshop.kernel.database import end_reading, transaction

from ..conftest import START
from ..doubles import films
from ..doubles.tiktok import hooks as tiktok_hooks
from ..post_stage import CREATOR, Stage, staged

pytestmark = pytest.mark.usefixtures("room")
HOUR = timedelta(hours=1)


@pytest.fixture
def stage(tmp_path, monkeypatch) -> Iterator[Stage]:
    monkeypatch.setattr(wire, "SECONDS", 0.5)
    monkeypatch.setattr(wire, "SILENCE", 0.4)
    with staged(tmp_path) as made:
        yield made


@pytest.fixture
def mia(world, stage):
    made = world.creator("mia")
    stage.connect(made.id, "tiktok", now=START)
    return made


def only(post):
    end_reading()
    [found] = social.targets_of(post.id)
    return found


def drafted(stage, mia, now=START, **more):
    """A draft in the inbox."""
    post = stage.plan(mia.id, "tiktok", now=now, draft=True, **more)
    stage.work(now, minutes=0.5)
    row = only(post)
    assert (row.state, row.published_at, row.next_at) == ("delivered", now + timedelta(seconds=10), now + timedelta(seconds=70))
    return post


def said(post, now):
    """(sentence, next step) that its creator reads."""
    row = only(post)
    told = post_words.sentence_of(row, social.channel(row.channel_id), now).spoken("en", "Asia/Jakarta")
    return told.sentence, told.next_step


@pytest.mark.parametrize("kind", ["video", "photos"])
def test_a_draft_that_its_owner_posts_is_found_and_brings_figures(stage, mia, kind):
    post = drafted(stage, mia, kind=kind, body=films.photo() if kind == "photos" else None)
    assert said(post, START)[1].startswith("Open the TikTok app within a day")
    stage.tiktok.clock.forward(hours=9)
    later = START + 9 * HOUR
    stage.work(later, minutes=5)
    assert (only(post).state, only(post).next_at) == ("delivered", later + HOUR), "asked ever more rarely"
    [task] = stage.tiktok.finish()
    task.moderation = 1
    later = stage.work(later, minutes=70)
    row = only(post)
    [there] = stage.tiktok.posts.values()
    assert (row.state, row.remote_id, row.permalink, row.visible) == ("published", there.id, there.url, True)
    assert row.published_at > START + 9 * HOUR, "not when the draft was delivered"
    with transaction():
        social.figures.expect(later)
    assert social.figures.asks_of([row.id])[row.id].next_at == row.published_at + HOUR
    assert not list(verify_posts.discrepancies())


def test_tiktok_says_so_itself_and_out_of_order(stage, mia):
    post = drafted(stage, mia)
    now = START + timedelta(minutes=1)

    def tell(event):
        [found] = channels.publisher("tiktok").hear(tiktok_hooks.event(event[0], "-000ana", event[1], at=int(now.timestamp())))
        assert channel_news.keep("tiktok", [found], now=now)
        channel_news.hear({"provider": "tiktok", "told": [[found.topic, found.account_id, found.reference]]}, now=now)
        return stage.work(now, minutes=0)

    [task] = stage.tiktok.tasks.values()
    [delivered] = stage.tiktok.events_of(task)
    tell(delivered)
    assert only(post).state == "delivered"
    stage.tiktok.finish()
    complete, available = stage.tiktok.events_of(task)
    tell(available)
    tell(complete)
    assert (only(post).state, only(post).remote_id) == ("published", task.post_id)


@pytest.mark.parametrize("forgotten", [False, True])
def test_a_draft_that_nobody_finishes_is_asked_for_two_days_then_its_owner_is(stage, mia, world, forgotten):
    stage.tiktok.switches.drafts_forgotten = forgotten
    post = drafted(stage, mia)
    stage.tiktok.clock.forward(hours=48)
    stage.work(START + 47 * HOUR, minutes=1)
    waits = ("delivered", START + 48 * HOUR + timedelta(seconds=10))
    assert (only(post).state, only(post).next_at) == (("unknown", None) if forgotten else waits)
    stage.work(START + 48 * HOUR, minutes=5)
    row = only(post)
    assert (row.state, row.why, row.next_at) == ("unknown", "unfinished", None)
    assert "has not told us that you posted the draft" in said(post, START + 49 * HOUR)[0]
    assert social.board.needing(mia.id, now=START + 49 * HOUR) == 1
    assert [letter.subject for letter in world.letters()] == ["Is your post on TikTok? Please have a look"]
    assert publish.heard("tiktok", "-000ana", social.handle_of(row)["publish_id"], now=START + 50 * HOUR)
    stage.work(START + 50 * HOUR, minutes=0)
    assert (only(post).state, only(post).next_at) == ("unknown", None)
    publish.decide(mia.id, post.public_id, row.public_id, posted=False, note="looked", actor=CREATOR, now=START + 60 * HOUR)
    assert not list(verify_posts.discrepancies())
    publish.try_again(mia.id, post.public_id, row.public_id, actor=CREATOR, now=START + 60 * HOUR)
    stage.work(START + 60 * HOUR, minutes=1)
    assert (only(post).state, len(stage.tiktok.tasks)) == ("delivered", 2)
    assert only(post).published_at > START + 60 * HOUR
    assert not list(verify_posts.discrepancies())


def test_a_draft_that_failed_over_there_is_not_sent_anew_by_itself(stage, mia):
    post = drafted(stage, mia)
    [task] = stage.tiktok.tasks.values()
    task.failure = "internal"  # of a post that was not seen yet, this is tried anew
    stage.work(START, minutes=2)
    assert (only(post).state, only(post).why, len(stage.tiktok.tasks)) == ("failed", "processing", 1)
    assert not list(verify_posts.discrepancies())


def test_a_draft_of_a_channel_that_is_gone_waits_for_it_or_is_let_be(stage, mia):
    one, two = drafted(stage, mia), drafted(stage, mia, now=START + timedelta(minutes=2), caption="Dua")
    stage.tiktok.finish()
    row = stage.channels["tiktok"]
    assert channel.lose(row.id, "removed", seen=row.token_number, now=START + HOUR)
    stage.work(START + HOUR, minutes=0)
    assert [only(post).state for post in (one, two)] == ["delivered"] * 2
    later = START + HOUR + timedelta(minutes=5)
    stage.connect(mia.id, "tiktok", now=later)
    stage.work(later, minutes=0)
    assert [only(post).state for post in (one, two)] == ["published"] * 2
    third = drafted(stage, mia, now=later + timedelta(minutes=1), caption="Tiga")
    channel.disconnect(mia.id, row.public_id, actor=CREATOR, now=later + HOUR)
    stage.work(later + HOUR, minutes=0)
    assert (only(third).state, only(third).next_at) == ("delivered", None)
    assert not list(verify_posts.discrepancies())
