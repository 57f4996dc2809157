"""What a person does about a post, what is said to them, and what is written to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from socialshop import worker
from socialshop.adapters.social import REASONS, wire
from socialshop.domain import audit, social
from socialshop.domain.social import EDGES
from socialshop.flows import channel, post_words, publish, verify_posts
from socialshop.kernel import jobs
from socialshop.kernel.database import end_reading, session, transaction
from socialshop.kernel.errors import Conflict, NotFound

from ..conftest import START
from ..doubles import films
from ..post_stage import CREATOR, Stage, staged, turn

pytestmark = pytest.mark.usefixtures("room")
ZONE = "Asia/Jakarta"


@pytest.fixture
def stage(tmp_path, monkeypatch) -> Iterator[Stage]:
    monkeypatch.setattr(wire, "SECONDS", 0.5)
    monkeypatch.setattr(wire, "SILENCE", 0.4)
    with staged(tmp_path) as made:
        yield made


@pytest.fixture
def mia(world, stage):
    made = world.creator("mia")
    for via in ("instagram", "tiktok"):
        stage.connect(made.id, via, now=START)
    return made


def only(post):
    end_reading()
    [found] = social.targets_of(post.id)
    return found


def told(post, now):
    row = only(post)
    return post_words.sentence_of(row, social.channel(row.channel_id), now).spoken("en", ZONE)


def lost_photos(stage, mia, now=START):
    stage.tiktok.strike("lost", at="photos")
    post = stage.plan(mia.id, "tiktok", kind="photos", body=films.photo(), now=now)
    stage.work(now, minutes=1)
    return post


def letters(app, now):
    """Send what is to be sent; the (subject, body) of each."""
    end_reading()
    for job_id in session().scalars(jobs.Job.__table__.select().where(jobs.Job.name == "letter.send")).all():
        with transaction():
            claimed = jobs.claim(job_id, now=now)
        if claimed is not None:
            worker._do(claimed)
    box = getattr(app.extensions["mailman"], "outbox", [])
    found = [(message.subject, message.body) for message in box]
    box.clear()
    return found


# --- another time ----------------------------------------------------------------------------------


def test_a_post_that_was_moved_goes_out_at_its_new_time_only(stage, mia, world):
    post = stage.plan(mia.id, "instagram", "tiktok", now=START, publish_at=START + timedelta(hours=1))
    later = START + timedelta(hours=3)
    with pytest.raises(NotFound):
        publish.reschedule(world.creator("eve").id, post.public_id, later, actor=CREATOR, now=START)
    for _ in range(2):
        assert publish.reschedule(mia.id, post.public_id, later, actor=CREATOR, now=START).publish_at == later
    with pytest.raises(Conflict):  # it shows another time than it has
        publish.reschedule(mia.id, post.public_id, later, seen=START, actor=CREATOR, now=START)
    stage.work(START, minutes=179)
    assert set(stage.states(post).values()) == {"waiting"}
    stage.work(later)
    assert set(stage.states(post).values()) == {"published"}
    assert (len(stage.instagram.posted()), len(stage.tiktok.posted())) == (1, 1)
    with pytest.raises(publish.NotMoved):
        publish.reschedule(mia.id, post.public_id, later + timedelta(days=1), actor=CREATOR, now=later)
    assert [entry.act for entry in audit.entries_of(mia.public_id)].count("post.moved") == 2


def test_what_has_begun_is_not_moved(stage, mia):
    stage.instagram.signed_in.polls = 5
    post = stage.plan(mia.id, "instagram", "tiktok", now=START)
    turn(social.targets_of(post.id)[0].id, now=START)
    with pytest.raises(publish.NotMoved):
        publish.reschedule(mia.id, post.public_id, START + timedelta(days=1), actor=CREATOR, now=START)
    assert {row.next_at for row in social.targets_of(post.id)} == {START, START + timedelta(seconds=20)}


# --- what nobody can tell --------------------------------------------------------------------------


def test_a_person_says_that_it_is_not_there_and_it_may_be_tried_again(stage, mia, world):
    post = lost_photos(stage, mia)
    target = only(post)
    say = {"posted": False, "note": "Not in the app", "actor": CREATOR}
    with pytest.raises(publish.NotDecided):  # the call may be on its way still
        publish.decide(mia.id, post.public_id, target.public_id, **say, now=START + timedelta(seconds=119))
    at = START + timedelta(minutes=3)
    with pytest.raises(NotFound):
        publish.decide(world.creator("eve").id, post.public_id, target.public_id, **say, now=at)
    assert "tell us here" in told(post, at).next_step
    publish.decide(mia.id, post.public_id, target.public_id, **say, now=at)
    assert (only(post).state, only(post).why) == ("failed", "not_posted")
    with pytest.raises(publish.NotDecided):
        publish.decide(mia.id, post.public_id, target.public_id, **say, now=at)
    entry = audit.entries_of(mia.public_id)[0]
    assert (entry.act, entry.subject, entry.after, entry.reason) == (
        "post.decided",
        target.public_id,
        {"posted": False},
        "Not in the app",
    )
    publish.try_again(mia.id, post.public_id, target.public_id, actor=CREATOR, now=at)
    stage.work(at)
    assert only(post).state == "published"


def test_a_person_says_that_it_is_there(stage, mia):
    post = lost_photos(stage, mia)
    at = START + timedelta(minutes=3)
    publish.decide(mia.id, post.public_id, only(post).public_id, posted=True, note="", actor=CREATOR, now=at)
    stage.work(at, minutes=6000)
    assert (only(post).state, only(post).next_at, only(post).visible) == ("published", None, True)
    assert len(stage.tiktok.posted()) == 1


def test_nobody_decides_while_a_look_up_may_tell(stage, mia):
    stage.instagram.strike("lost", at="publish")
    post = stage.plan(mia.id, "instagram", now=START)
    turn(only(post).id, now=START)
    at = START + timedelta(minutes=3)
    with pytest.raises(publish.NotDecided):
        publish.decide(mia.id, post.public_id, only(post).public_id, posted=False, note="", actor=CREATOR, now=at)
    stage.instagram.strike("503", at="status", times=3)
    done = stage.work(at, minutes=10) + social.CALL_IS_OVER
    target = only(post)
    assert (target.state, target.tries) == ("unknown", 4)
    assert social.undecided(target, social.channel(target.channel_id), done)  # so often it told nothing
    stage.work(done, minutes=60)
    assert (only(post).state, only(post).tries) == ("published", 0)  # it was asked on


def test_what_a_platform_tells_us_is_looked_up_at_once(stage, mia):
    stage.tiktok.signed_in.polls = 3
    post = stage.plan(mia.id, "tiktok", now=START)
    turn(only(post).id, now=START)
    assert only(post).state == "underway"
    name = str(social.handle_of(only(post))["publish_id"])
    account = stage.channels["tiktok"].account_id
    assert not publish.heard("tiktok", account, "v_pub_file~other", now=START)
    assert not publish.heard("tiktok", "-000else", name, now=START)
    at, stage.tiktok.tasks[name].polls = START + timedelta(seconds=1), 0
    assert publish.heard("tiktok", account, name, now=at)
    stage.work(at, minutes=0)
    assert only(post).state == "published"
    assert not publish.heard("tiktok", account, name, now=at)


# --- what is said ----------------------------------------------------------------------------------


def test_every_state_and_every_reason_has_its_sentence_and_its_next_step(stage, mia):
    post = stage.plan(mia.id, "instagram", now=START, publish_at=START + timedelta(hours=1))
    row, at = only(post), social.channel(stage.channels["instagram"].id)
    seen = set()
    for state in EDGES:
        for why in ("", *REASONS, *post_words.WHY, *post_words.UNCLEAR, "2", "-1/2207001", "internal_error", "too_large"):
            row.state, row.why = state, why
            for locale in ("id", "en"):
                found = post_words.sentence_of(row, at, START).spoken(locale, ZONE)
                assert found.state
                assert found.sentence
                assert "{" not in found.sentence + found.next_step
                assert state != "failed" or not re.search("We (try|hand|wait|ask)", found.sentence), "it is over"
                assert found.next_step or state in ("published", "cancelled")
            seen.add((found.sentence, found.next_step))
    assert len(seen) > len(REASONS)
    row.state = "unknown"
    for why, wanted in (
        ("2", "had a problem of its own"),
        ("internal_error", "had a problem of its own"),
        ("packed", "not be understood"),
    ):
        row.why = why
        assert wanted in post_words.sentence_of(row, at, START).sentence
    session().rollback()


def test_it_says_until_when(stage, mia):
    stage.instagram.switches.quota_total = 1
    first, second = (stage.plan(mia.id, "instagram", now=START, caption=text) for text in ("one", "two"))
    assert told(first, START - timedelta(minutes=1)).state == "Planned"
    assert told(first, START).state == "In line"
    stage.work(START)
    waiting = second if only(first).state == "published" else first
    found = told(waiting, START)
    assert (found.state, found.until) == ("Waiting", START + timedelta(hours=24))
    assert found.sentence == "This account has reached Instagram's number of posts for today. We try again when there is room."
    assert found.next_step == "You need not do anything: we go on at 2 Jun 2026, 10:00 WIB."
    third = stage.plan(mia.id, "instagram", now=START, caption="three")  # never asked, and says the same
    assert told(third, START).until == START + timedelta(hours=24)


# --- what is written to them -----------------------------------------------------------------------


def test_a_post_that_failed_is_told_once_with_the_next_step(stage, mia, app):
    post = stage.plan(mia.id, "instagram", now=START, body=films.photo(400, 1200), caption="Kopi Gayo\nsecond line")
    stage.work(START)
    for hours in (1, 2):
        publish.try_again(mia.id, post.public_id, only(post).public_id, actor=CREATOR, now=START + timedelta(hours=hours))
        stage.work(START + timedelta(hours=hours))
    assert only(post).state == "failed"
    [(subject, body)] = letters(app, START + timedelta(hours=3))
    assert "Instagram" in subject
    assert f"/creator/posts/{post.public_id}" in body
    assert "“Kopi Gayo”" in body
    assert "second line" not in body


def test_a_post_that_was_mended_meanwhile_is_not_written_about(stage, mia, app):
    stage.tiktok.switches.audited = False
    post = stage.plan(mia.id, "tiktok", now=START)
    stage.work(START)
    assert only(post).state == "failed"
    stage.tiktok.switches.audited = True
    publish.try_again(mia.id, post.public_id, only(post).public_id, actor=CREATOR, now=START)
    stage.work(START)
    assert only(post).state == "published"
    assert letters(app, START + timedelta(hours=1)) == []


def test_what_nobody_can_tell_is_asked_of_them(stage, mia, app):
    post = lost_photos(stage, mia)
    [(subject, body)] = letters(app, START + timedelta(minutes=5))
    assert "TikTok" in subject
    assert f"/creator/posts/{post.public_id}" in body


def test_posts_that_wait_for_a_lost_channel_are_one_letter_a_day(stage, mia, app):
    row = stage.channels["instagram"]
    with transaction():
        social.lose(row.id, "password", seen=row.token_number, now=START - timedelta(days=1))
    for hour in (0, 1, 2, 24):
        stage.plan(mia.id, "instagram", now=START, publish_at=START + timedelta(hours=hour))
    stage.work(START, minutes=60 * 3)
    found = letters(app, START + timedelta(hours=3))
    assert len(found) == 1
    assert "/creator/channels" in found[0][1]
    stage.work(START + timedelta(hours=24), minutes=30)
    assert len(letters(app, START + timedelta(hours=25))) == 1


def test_a_channel_that_is_gone_for_good_leaves_nothing_open_behind(stage, mia, app):
    stage.instagram.strike("lost", at="publish")
    unclear = stage.plan(mia.id, "instagram", now=START, caption="unclear")
    turn(only(unclear).id, now=START)
    planned = stage.plan(mia.id, "instagram", now=START, publish_at=START + timedelta(hours=1))
    with transaction():
        social.switch_off(stage.channels["instagram"].id, "left", now=START)
    stage.work(START, minutes=90)
    assert (only(planned).state, only(planned).why) == ("failed", "left")
    with pytest.raises(publish.ChannelGone):
        publish.try_again(mia.id, planned.public_id, only(planned).public_id, actor=CREATOR, now=START)
    assert (only(unclear).state, only(unclear).next_at) == ("unknown", None)
    at = START + timedelta(hours=2)
    assert len(letters(app, at)) == 2
    publish.decide(mia.id, unclear.public_id, only(unclear).public_id, posted=True, note="", actor=CREATOR, now=at)
    assert only(unclear).state == "published"


@pytest.mark.parametrize("why", ["left", "removed"])
def test_an_account_that_comes_back_takes_its_posts_up_again(stage, mia, why):
    tiktok, hours = stage.channels["tiktok"], [START + timedelta(hours=n) for n in range(6)]
    stage.tiktok.signed_in.polls = 3
    underway = stage.plan(mia.id, "tiktok", now=START, caption="underway")
    turn(only(underway).id, now=START)
    assert only(underway).state == "underway"
    missed, early = (stage.plan(mia.id, "tiktok", now=START, publish_at=hours[n]) for n in (1, 4))
    with transaction():
        social.switch_off(tiktok.id, why, now=START)
    assert told(early, hours[1]).next_step == (
        "Connect the same account again before 1 Jun 2026, 14:00 WIB, and it goes out by itself. Or copy it as a new post."
    )
    stage.work(START, minutes=90)
    assert [only(post).state for post in (underway, missed, early)] == ["unknown", "failed", "waiting"]
    assert (only(underway).why, only(underway).next_at) == (why, None)
    assert told(missed, hours[2]).next_step.startswith("Connect the same account again, then try again.")
    assert stage.connect(mia.id, "tiktok", now=hours[2]).id == tiktok.id
    assert list(verify_posts.discrepancies()) == []
    assert told(missed, hours[2]).next_step == "Try again if you still want it."
    stage.work(hours[2])
    assert only(underway).state == "published"
    publish.try_again(mia.id, missed.public_id, only(missed).public_id, actor=CREATOR, now=hours[3])
    stage.work(hours[3], minutes=90)
    assert [only(post).state for post in (missed, early)] == ["published"] * 2


def test_what_its_creator_disconnected_goes_out_only_when_tried_again(stage, mia, app):
    row, later = stage.channels["instagram"], START + timedelta(hours=1)
    post = stage.plan(mia.id, "instagram", "tiktok", now=START, publish_at=later)
    channel.disconnect(mia.id, row.public_id, actor=CREATOR, now=START)
    assert stage.states(post) == {"instagram": "failed", "tiktok": "waiting"}
    assert stage.connect(mia.id, "instagram", now=START).id == row.id
    stage.work(START, minutes=90)
    assert stage.states(post) == {"instagram": "failed", "tiktok": "published"}
    assert letters(app, later) == [], "they did it themselves"
    [target] = [each for each in social.targets_of(post.id) if each.channel_id == row.id]
    publish.try_again(mia.id, post.public_id, target.public_id, actor=CREATOR, now=later)
    stage.work(later)
    assert stage.states(post) == {"instagram": "published", "tiktok": "published"}
    assert list(verify_posts.discrepancies()) == []


def test_a_post_of_a_forgotten_account_is_sent_to_another_as_a_new_one(stage, mia):
    post = stage.plan(mia.id, "instagram", now=START, publish_at=START + timedelta(hours=1))
    channel.forget("instagram", stage.channels["instagram"].account_id, at=START, now=START)
    assert told(post, START).next_step == post_words.NOT_AGAIN
    stage.work(START, minutes=90)
    assert (only(post).state, told(post, START).next_step) == ("failed", post_words.NOT_AGAIN)
