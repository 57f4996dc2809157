"""A post is on each of its channels once, or it is known why not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from socialshop.adapters import social as channels
from socialshop.adapters.fakes import FakePublisher
from socialshop.adapters.social import Account, wire
from socialshop.domain import audit, social
from socialshop.domain.social import EDGES
from socialshop.flows import channel, post_words, publish, publish_step, publish_told
from socialshop.kernel import clock, faults, jobs
from socialshop.kernel.database import db, end_reading, session, transaction
from socialshop.kernel.errors import Invalid, NotFound

from ..conftest import START
from ..doubles import films
from ..doubles.tiktok.world import refused as turned_away
from ..doubles.upstream import WAYS
from ..post_stage import CREATOR, Stage, staged, turn

pytestmark = pytest.mark.usefixtures("room")
BOTH = ("instagram", "tiktok")


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    """Budgets of half a second instead of nine."""
    monkeypatch.setattr(wire, "SECONDS", 0.5)
    monkeypatch.setattr(wire, "UPLOAD_SECONDS", 0.5)
    monkeypatch.setattr(wire, "SILENCE", 0.4)


@pytest.fixture
def stage(tmp_path) -> Iterator[Stage]:
    with staged(tmp_path) as made:
        yield made
    faults.arm("")


@pytest.fixture
def mia(world, stage):
    made = world.creator("mia")
    for via in BOTH:
        stage.connect(made.id, via, now=START)
    return made


def only(post):
    end_reading()
    [found] = social.targets_of(post.id)
    return found


def texts(double):
    return [str(post["text"]) for post in double.posted()]


# --- the good way ----------------------------------------------------------------------------------


def test_one_post_on_both_channels(stage, mia):
    post = stage.plan(mia.id, *BOTH, kind="video", now=START)
    stage.work(START)
    assert stage.states(post) == {"instagram": "published", "tiktok": "published"}
    for double in (stage.instagram, stage.tiktok):
        assert texts(double) == ["Iklan. Kopi Gayo"]
    for target in social.targets_of(post.id):
        assert target.remote_id
        assert target.permalink.startswith("https://www.")
        assert (target.visible, target.why, target.next_at) == (True, "", None)
    acts = [entry.act for entry in audit.entries_of(mia.public_id)]
    assert acts.count("post.published") == 2


def test_nothing_is_sent_before_its_time(stage, mia):
    post = stage.plan(mia.id, *BOTH, now=START, publish_at=START + timedelta(hours=2))
    stage.work(START, minutes=119)
    turn(social.targets_of(post.id)[0].id, now=START)  # a job that comes too early
    assert (texts(stage.instagram), texts(stage.tiktok)) == ([], [])
    assert stage.states(post) == {"instagram": "waiting", "tiktok": "waiting"}
    stage.work(START + timedelta(hours=2))
    assert (len(texts(stage.instagram)), len(texts(stage.tiktok))) == (1, 1)


def test_all_of_it_once_more_changes_nothing(stage, mia):
    post = stage.plan(mia.id, *BOTH, now=START)
    done = stage.work(START)
    for target in social.targets_of(post.id):
        for again in range(3):
            turn(target.id, now=done + timedelta(hours=again))
    publish.sweep({}, now=done + timedelta(days=1))
    stage.work(done + timedelta(days=1))
    assert (len(texts(stage.instagram)), len(texts(stage.tiktok))) == (1, 1)


def test_what_takes_a_while_over_there_is_waited_for(stage, mia):
    stage.instagram.signed_in.polls, stage.tiktok.signed_in.polls, stage.tiktok.signed_in.moderation = 3, 3, 2
    post = stage.plan(mia.id, *BOTH, kind="video", now=START)
    stage.work(START, minutes=300)
    assert stage.states(post) == {"instagram": "published", "tiktok": "published"}
    assert all(target.remote_id and target.visible for target in social.targets_of(post.id))


def test_a_carousel_and_a_long_film_in_parts(stage, mia):
    film = films.film(size=20_500_000)
    post = stage.plan(mia.id, "tiktok", now=START, body=film)
    stage.work(START)
    assert only(post).state == "published"
    [task] = stage.tiktok.tasks.values()
    assert bytes(task.body) == film
    pictures = [stage.keep(films.photo(1080, 1080 + n), "image") for n in range(3)]
    made = publish.schedule(
        mia.id, kind="carousel", caption="Tiga", media=pictures, targets=[social.TargetFacts(stage.channels["instagram"].id)],
        publish_at=START, actor=CREATOR, now=START,
    )  # fmt: skip
    stage.serve(made)
    stage.work(START)
    assert only(made).state == "published"
    assert stage.instagram.posted()[0]["kind"] == "FEED CAROUSEL_ALBUM"


def test_edges_are_only_those_that_are_declared(stage, mia):
    post = stage.plan(mia.id, "instagram", now=START)
    target_id = only(post).id
    for state, targets in EDGES.items():
        for to in set(EDGES) - targets:
            with transaction():
                row = social.target(target_id)
                row.state = state
                session().flush()
                assert not social.move(target_id, to)


# --- when nobody knows -----------------------------------------------------------------------------


@pytest.mark.parametrize("via", BOTH)
def test_an_answer_that_was_lost_after_it_worked_is_looked_up(stage, mia, via):
    double = getattr(stage, via)
    double.strike("lost", at="publish" if via == "instagram" else "upload")
    post = stage.plan(mia.id, via, now=START)
    turn(only(post).id, now=START)
    assert only(post).state == "unknown"
    stage.work(START)
    assert only(post).state == "published"
    assert only(post).remote_id
    assert len(texts(double)) == 1


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize(
    ("via", "at"), [("instagram", "create"), ("instagram", "publish"), ("tiktok", "init"), ("tiktok", "upload")]
)
def test_whatever_happens_it_is_posted_once(stage, mia, via, at, how):
    double = getattr(stage, via)
    double.strike(how, at=at)
    double.strike(how, at="status")
    post = stage.plan(mia.id, via, now=START)
    stage.work(START, minutes=60)
    assert only(post).state == "published"
    assert len(texts(double)) == 1


def test_photos_whose_answer_was_lost_are_left_to_a_person(stage, mia):
    stage.tiktok.strike("lost", at="photos")
    post = stage.plan(mia.id, "tiktok", kind="photos", body=films.photo(), now=START)
    stage.work(START, minutes=600)
    publish.sweep({}, now=START + timedelta(days=1))
    stage.work(START + timedelta(days=1))
    assert (only(post).state, only(post).why, only(post).next_at) == ("unknown", "no_name", None)
    assert len(texts(stage.tiktok)) == 1


def test_a_worker_that_died_while_calling_is_found_and_looked_up(stage, mia):
    at = START
    for fault in ("media.after_upload", "publish.after_call_before_save"):
        for via in BOTH:
            at += timedelta(minutes=5)
            post = stage.plan(mia.id, via, now=at, caption=f"{fault} {via}")
            target_id = only(post).id
            faults.arm(f"{fault}:raise")
            with pytest.raises(faults.Fault):
                turn(target_id, now=at)
            faults.arm("")
            turn(target_id, now=at + timedelta(seconds=119))  # somebody may be at it
            assert only(post).state == ("preparing" if fault.startswith("media") else "calling")
            stage.work(at + timedelta(seconds=121))
            assert only(post).state == "published"
    for via in BOTH:
        assert len(texts(getattr(stage, via))) == 2


def test_two_workers_at_once_post_once(stage, app, mia):
    post = stage.plan(mia.id, "instagram", now=START)
    target_id = only(post).id

    def work():
        with app.app_context():
            turn(target_id, now=START)
            db.session.remove()

    crowd = [threading.Thread(target=work) for _ in range(5)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    stage.work(START)
    assert only(post).state == "published"
    assert len(texts(stage.instagram)) == 1
    assert sum(path.endswith("/media_publish") for _, path in stage.instagram.asked) == 1


# --- when they say no ------------------------------------------------------------------------------


def test_what_only_a_person_can_mend_is_said_and_tried_again_by_them(stage, mia):
    post = stage.plan(mia.id, "instagram", now=START, body=films.photo(400, 1200))
    stage.work(START)
    found = only(post)
    assert (found.state, found.why, found.next_at) == ("failed", "ratio", None)
    assert audit.entries_of(mia.public_id)[0].act == "post.failed"
    with pytest.raises(publish.NotTriedAgain):
        publish.try_again(mia.id, post.public_id, "ptg_other", actor=CREATOR, now=START)
    publish.try_again(mia.id, post.public_id, found.public_id, actor=CREATOR, now=START + timedelta(minutes=1))
    with pytest.raises(publish.NotTriedAgain):
        publish.try_again(mia.id, post.public_id, found.public_id, actor=CREATOR, now=START + timedelta(minutes=1))
    stage.work(START + timedelta(minutes=1))
    assert only(post).state == "failed"
    assert texts(stage.instagram) == []
    social.files.path_of(social.media_of(post.id)[0].sha256, stage.folder).unlink()
    with pytest.raises(publish.FilesGone):
        publish.try_again(mia.id, post.public_id, found.public_id, actor=CREATOR, now=START + timedelta(days=181))
    assert only(post).state == "failed"


def test_a_post_whose_files_were_lost_says_so_and_asks_nobody(stage, mia):
    post = stage.plan(mia.id, "instagram", now=START, body=films.photo(1000, 1000), publish_at=START + timedelta(hours=1))
    social.files.path_of(social.media_of(post.id)[0].sha256, stage.folder).unlink()
    asked = len(stage.instagram.asked)
    stage.work(START + timedelta(hours=1))
    found = only(post)
    assert (found.state, found.why, found.next_at) == ("failed", "files_gone", None)
    told = post_words.sentence_of(found, social.channel(found.channel_id), START)
    assert (told.sentence, told.next_step) == (
        "The pictures or videos of this post are not kept any more.", "Begin a new post and choose them again."
    )  # fmt: skip
    assert len(stage.instagram.asked) == asked


def test_what_only_the_operator_can_mend_is_told_to_them(stage, mia):
    stage.tiktok.switches.audited = False
    post = stage.plan(mia.id, "tiktok", now=START)
    stage.work(START)
    assert (only(post).state, only(post).why) == ("failed", "unaudited")
    [told] = audit.entries_of("install")
    assert (told.act, told.subject, told.after["why"]) == ("channel.refused", only(post).public_id, "unaudited")


def test_a_full_day_waits_and_says_until_when(stage, mia):
    stage.instagram.switches.quota_total = 1
    first, second = (stage.plan(mia.id, "instagram", now=START, caption=text) for text in ("one", "two"))
    stage.work(START)
    waiting = only(second) if only(first).state == "published" else only(first)
    assert (waiting.state, waiting.why) == ("ready", "quota")
    assert waiting.next_at == START + timedelta(hours=24)  # when the first one leaves the window, and not by trying each hour
    asked = len(stage.instagram.asked)
    stage.work(START, minutes=60 * 20)
    assert len(texts(stage.instagram)) == 1
    assert len(stage.instagram.asked) == asked
    stage.instagram.clock.forward(hours=25)
    stage.work(START + timedelta(hours=25), minutes=120)
    assert {only(first).state, only(second).state} == {"published"}
    assert sorted(texts(stage.instagram)) == ["one", "two"]


def test_a_container_that_failed_over_there_is_made_anew_three_times(stage, mia):
    stage.instagram.next_failures = [2207053]
    post = stage.plan(mia.id, "instagram", now=START)
    stage.work(START, minutes=60)
    assert only(post).state == "published"
    stage.instagram.next_failures = [2207053] * 9
    post = stage.plan(mia.id, "instagram", now=START, caption="never")
    stage.work(START, minutes=600)
    assert (only(post).state, only(post).why) == ("failed", "processing")
    assert stage.instagram.next_failures == [2207053] * 5  # once, and three times anew
    assert "never" not in texts(stage.instagram)


def test_permission_lost_over_there_shows_within_one_use_and_posts_wait_for_it(stage, mia):
    stage.instagram.signed_in.dead = 460
    post = stage.plan(mia.id, "instagram", now=START)
    stage.work(START)
    assert (only(post).state, only(post).why) == ("waiting", "password")
    row = social.channel(stage.channels["instagram"].id)
    assert (row.state, row.why) == ("lost", "password")
    other = stage.plan(mia.id, "instagram", now=START, caption="not even asked")
    before = len(stage.instagram.asked)
    stage.work(START, minutes=60)
    assert (only(other).state, only(other).why) == ("waiting", "password")
    assert len(stage.instagram.asked) == before
    stage.instagram.signed_in.dead = None
    later = START + timedelta(hours=5)
    stage.connect(mia.id, "instagram", now=later)
    stage.work(later)
    assert (only(post).state, only(other).state) == ("published", "published")


def test_nobody_wants_a_post_any_more_two_days_after_its_time(stage, mia):
    stage.instagram.signed_in.dead = 460
    posts = [stage.plan(mia.id, "instagram", now=START, caption=text) for text in ("one", "two")]
    stage.work(START)
    stage.instagram.signed_in.dead = None
    late = START + timedelta(days=2)
    publish.sweep({}, now=late)
    stage.connect(mia.id, "instagram", now=late)
    stage.work(late)
    assert [(only(post).state, only(post).why) for post in posts] == [("failed", "late")] * 2
    publish.try_again(mia.id, posts[0].public_id, only(posts[0]).public_id, actor=CREATOR, now=late)
    stage.work(late)
    assert texts(stage.instagram) == ["one"]


def test_an_access_token_that_ended_early_is_renewed_once_and_it_goes_on(stage, mia):
    for grant in stage.tiktok.grants:
        grant.access_until = stage.tiktok.clock.now()
    post = stage.plan(mia.id, "tiktok", now=START)
    stage.work(START)
    assert only(post).state == "published"
    assert stage.tiktok.refreshed == 1
    assert len(texts(stage.tiktok)) == 1


def test_a_token_that_stays_refused_is_not_renewed_for_ever(stage, mia):
    from ..doubles.tiktok.world import refused

    stage.tiktok.strike(refused("access_token_invalid", 401).answer, at="creator_info", times=50)
    post = stage.plan(mia.id, "tiktok", now=START)
    stage.work(START, minutes=600)
    assert (only(post).state, only(post).why) == ("failed", "reconnect")
    assert stage.tiktok.refreshed <= publish.RENEWALS + 1


def test_what_may_stand_there_stays_unknown_while_nobody_lets_us_see(stage, mia):
    stage.instagram.strike("lost", at="publish")
    post = stage.plan(mia.id, "instagram", now=START)
    turn(only(post).id, now=START)
    stage.instagram.signed_in.dead = 458
    stage.work(START, minutes=200)
    assert only(post).state == "unknown"
    assert social.channel(stage.channels["instagram"].id).state == "lost"
    stage.instagram.signed_in.dead = None
    stage.connect(mia.id, "instagram", now=START + timedelta(minutes=5))
    publish.sweep({}, now=START + timedelta(minutes=6))
    stage.work(START + timedelta(minutes=6))
    assert only(post).state == "published"
    assert len(texts(stage.instagram)) == 1


# --- calling back ----------------------------------------------------------------------------------


def test_what_has_not_begun_is_called_back(stage, mia, world):
    post = stage.plan(mia.id, *BOTH, now=START, publish_at=START + timedelta(hours=1))
    with pytest.raises(NotFound):
        publish.cancel(world.creator("eve").id, post.public_id, actor=CREATOR, now=START)
    assert publish.cancel(mia.id, post.public_id, actor=CREATOR, now=START) == 2
    stage.work(START + timedelta(hours=1))
    assert stage.states(post) == {"instagram": "cancelled", "tiktok": "cancelled"}
    with pytest.raises(publish.NothingToCancel):
        publish.cancel(mia.id, post.public_id, actor=CREATOR, now=START)
    assert (texts(stage.instagram), texts(stage.tiktok)) == ([], [])


def test_what_is_being_prepared_when_it_is_called_back_is_not_posted(stage, mia):
    post = stage.plan(mia.id, *BOTH, kind="video", now=START)
    first, second = social.targets_of(post.id)
    publish.step(first.id, now=START)  # ready
    faults.arm("media.after_upload:raise")
    with pytest.raises(faults.Fault):
        publish.step(second.id, now=START)  # preparing, and its worker is gone
    faults.arm("")
    assert publish.cancel(mia.id, post.public_id, actor=CREATOR, now=START) == 1
    stage.work(START, minutes=60)
    publish.sweep({}, now=START + timedelta(minutes=60))
    stage.work(START + timedelta(minutes=60))
    assert set(stage.states(post).values()) == {"cancelled"}
    assert (texts(stage.instagram), texts(stage.tiktok)) == ([], [])


def test_only_own_channels_can_be_chosen(stage, mia, world):
    with pytest.raises(Invalid):
        stage.plan(world.creator("eve").id, "instagram", now=START)
    with pytest.raises(Invalid):
        publish.schedule(mia.id, kind="image", caption="", media=[], targets=[], publish_at=START, actor=CREATOR, now=START)


def test_an_answer_waits_for_a_database_that_is_away(stage, mia, monkeypatch):
    """Photos have no other name than the one in the answer: without it only a person could tell."""
    post = stage.plan(mia.id, "tiktok", kind="photos", body=films.photo(), now=START)
    plain, away, waited = publish_told.take, [1, 2, 3], []

    def take(claim, outcome, **facts):
        if claim.step == "publish" and away:
            away.pop()
            raise OperationalError("UPDATE", {}, Exception("database is locked"))
        return plain(claim, outcome, **facts)

    monkeypatch.setattr(publish_told, "take", take)
    monkeypatch.setattr(publish_step.time, "sleep", waited.append)
    turn(only(post).id, now=START)
    assert waited == [1, 2, 5]
    stage.work(START)
    assert only(post).state == "published"
    assert len(texts(stage.tiktok)) == 1


def test_what_they_work_on_without_end_is_looked_at_more_rarely_and_at_last_by_a_person(stage, mia):
    stage.tiktok.signed_in.polls, stage.tiktok.clock.now = 10**6, clock.utcnow
    post = stage.plan(mia.id, "tiktok", now=START)
    stage.work(START, minutes=70)
    stage.tiktok.clock.now = lambda: START + timedelta(hours=2)
    row = only(post)
    assert row.state == "underway"
    assert row.next_at - row.called_at == timedelta(minutes=1)
    days = START + timedelta(days=3)
    turn(row.id, now=days)
    row = only(post)
    assert (row.state, row.why, row.next_at) == ("unknown", "stuck", days + timedelta(hours=1))
    assert social.undecided(row, social.channel(row.channel_id), days + timedelta(minutes=3))
    for task in stage.tiktok.tasks.values():
        task.polls = 0
    stage.work(days + timedelta(hours=1))
    assert only(post).state == "published"  # it was asked on
    assert len(texts(stage.tiktok)) == 1


def test_a_post_that_waited_long_is_tried_with_a_token_that_was_renewed(stage, mia):
    post = stage.plan(mia.id, "tiktok", now=START)
    with transaction():
        social.note(only(post).id, tries=5, why="busy")  # TikTok was away
    stage.tiktok.strike(turned_away("access_token_invalid", 401).answer, at="creator_info")
    stage.work(START)
    assert only(post).state == "published"


# --- the rest --------------------------------------------------------------------------------------


def test_a_rolled_back_post_leaves_no_job(stage, mia, monkeypatch):
    def fail(*_args, **_facts):
        raise RuntimeError("in the middle")

    monkeypatch.setattr(audit, "note", fail)
    with pytest.raises(RuntimeError):
        stage.plan(mia.id, *BOTH, now=START)
    end_reading()
    assert session().query(social.Target).count() == 0
    assert session().query(jobs.Job).filter(jobs.Job.name == "post.publish").count() == 0


def test_handles_and_addresses_are_not_in_the_jobs(stage, mia):
    stage.plan(mia.id, *BOTH, kind="video", now=START)
    stage.work(START)
    for job in session().query(jobs.Job):
        assert "canary" not in f"{job.payload} {job.error}"
        assert "post-media" not in f"{job.payload} {job.error}"


def test_a_third_channel_costs_nothing_here(stage, mia):
    """The flows know no provider: the fake goes the same way."""
    fake = FakePublisher(account=Account("fake-9", "fake_ana"), lose=1, polls=2)
    channels.offer("fake", lambda: fake)
    channel.PROVIDERS["fake"] = "fake"
    try:
        url = channel.begin(mia.id, "fake", redirect_uri="http://localhost/x", now=START)
        from urllib.parse import parse_qsl, urlsplit

        [row] = channel.finish(mia.id, dict(parse_qsl(urlsplit(url).query)), actor=CREATOR, now=START).channels
        stage.channels["fake"] = row
        post = stage.plan(mia.id, "fake", now=START)
        stage.work(START)
        assert only(post).state == "published"
        assert len(fake.posts) == 1
    finally:
        del channel.PROVIDERS["fake"]


def test_an_address_of_a_file_is_ours_and_ends(stage, mia):
    post = stage.plan(mia.id, "instagram", now=START)
    [item] = social.media_of(post.id)
    until = int((START + timedelta(hours=1)).timestamp())
    mark = social.files.mark_of(item.public_id, until)
    assert social.files.is_ours(item.public_id, until, mark, now=START)
    assert not social.files.is_ours(item.public_id, until, mark, now=START + timedelta(hours=1))
    assert not social.files.is_ours(item.public_id, until + 1, mark, now=START)
    assert not social.files.is_ours("pmd_other", until, mark, now=START)
    assert not social.files.is_ours(item.public_id, until, "\udce9", now=START)
    assert social.find_media(item.public_id) == item
