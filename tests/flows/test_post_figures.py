"""What channels tell about posts is asked for in time, kept by day, and never made up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from socialshop import worker
from socialshop.adapters import social as channels
from socialshop.adapters.social import wire
from socialshop.domain import social
from socialshop.domain.social import Channel, PostFigures
from socialshop.domain.social.figures import next_ask
from socialshop.flows import post_figures
from socialshop.kernel import jobs
from socialshop.kernel.database import end_reading, session, transaction

from ..conftest import START
from ..doubles.tiktok.double import told
from ..doubles.upstream import WAYS, Answer
from ..post_stage import Stage, staged

pytestmark = pytest.mark.usefixtures("room")
BOTH = ("instagram", "tiktok")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    """Budgets of half a second instead of nine."""
    monkeypatch.setattr(wire, "SECONDS", 0.5)
    monkeypatch.setattr(wire, "SILENCE", 0.4)


@pytest.fixture
def stage(tmp_path) -> Iterator[Stage]:
    with staged(tmp_path) as made:
        yield made


@pytest.fixture
def mia(world, stage):
    made = world.creator("mia")
    for via in BOTH:
        stage.connect(made.id, via, now=START)
    return made


def ask(now):
    """What the worker does at that moment: the sweep, then its jobs, those that follow in a minute too."""
    post_figures.sweep({}, now=now)
    for at in (now, now + timedelta(minutes=1), now + timedelta(minutes=2)):
        end_reading()
        for job_id in session().scalars(select(jobs.Job.id).where(jobs.Job.name == "post.figures", jobs._claimable(at))).all():
            with transaction():
                claimed = jobs.claim(job_id, now=at)
            if claimed is not None:
                post_figures.ask(claimed.payload, now=at)
                with transaction():
                    jobs.done(claimed, now=at)


def kept(post, via="instagram"):
    """(day, views, likes, comments, shares) as they are kept, by day."""
    end_reading()
    own = [target.id for target in social.targets_of(post.id) if social.channel(target.channel_id).via == via]
    rows = session().scalars(select(PostFigures).where(PostFigures.target_id.in_(own)).order_by(PostFigures.on_day))
    return [(row.on_day.day, row.views, row.likes, row.comments, row.shares) for row in rows]


def asked(post, via="instagram"):
    """(why, when next) of a post on one channel."""
    end_reading()
    [target] = [each for each in social.targets_of(post.id) if social.channel(each.channel_id).via == via]
    found = social.figures.asks_of([target.id]).get(target.id)
    return None if found is None else (found.why, found.next_at)


# --- the plan --------------------------------------------------------------------------------------


def test_asked_within_hours_then_daily_then_weekly_and_of_a_story_before_its_day_is_over():
    def plan(kind):
        at, found = START, []
        while (at := next_ask(kind, START, at)) is not None:
            found.append((at - START) / HOUR)
        return found

    others = plan("reel")
    assert others[:6] == [1, 3, 6, 12, 24, 48]
    assert others[-10:] == [24 * n for n in (30, 37, 44, 51, 58, 65, 72, 79, 86, 90)]
    assert len(others) == 4 + 30 + 9
    assert plan("story") == [1, 3, 6, 12, 20, 23]
    assert next_ask("image", START, START + 89 * DAY) == START + 90 * DAY
    assert next_ask("image", START, START + 5 * DAY + HOUR) == START + 6 * DAY  # missed days are not made up for


# --- the way through -------------------------------------------------------------------------------


def test_both_channels_tell_and_one_row_a_day_stays(stage, mia):
    post = stage.plan(mia.id, *BOTH, kind="video", now=START)
    done = stage.work(START)
    ask(done)
    assert (kept(post), kept(post, "tiktok")) == ([], [])  # too early
    [standing] = stage.instagram.posts.values()
    standing.views, standing.likes = 120, 7
    ask(done + HOUR)
    assert kept(post) == [(1, 120, 7, 0, 2)]
    assert kept(post, "tiktok")[0][3:] == (3, 1)
    standing.views = 150
    ask(done + 2 * HOUR)  # not due
    assert kept(post) == [(1, 120, 7, 0, 2)]
    ask(done + 3 * HOUR)
    ask(done + 3 * HOUR)
    assert kept(post) == [(1, 150, 7, 0, 2)]  # the same day: the newest
    ask(done + DAY)
    assert [row[0] for row in kept(post)] == [1, 2]
    newest = social.figures.figures_of([target.id for target in social.targets_of(post.id)])
    assert {row.on_day.day for row in newest.values()} == {2}


def test_what_is_not_told_is_not_made_up_and_nothing_told_is_lost(stage, mia):
    post = stage.plan(mia.id, "instagram", kind="story", now=START)
    done = stage.work(START)
    [story] = stage.instagram.posts.values()
    story.views = 3
    ask(done + HOUR)  # fewer than five viewers: refused by the code of a missing permission
    assert (kept(post), asked(post)[0], stage.states(post)) == ([], "scope", {"instagram": "published"})
    assert social.channel(stage.channels["instagram"].id).state == "live"
    story.views = 40
    ask(done + 3 * HOUR)
    assert kept(post) == [(1, 40, None, None, 2)]
    stage.instagram.no_figures = True
    ask(done + 6 * HOUR)
    assert (kept(post), asked(post)[0]) == ([(1, 40, None, None, 2)], "silent")
    stage.instagram.strike("503", at="insights")
    ask(done + 25 * HOUR)  # the worker was away: a story that is over is not asked about
    assert asked(post) == ("late", None)
    assert stage.instagram._strikes[-1].times == 1
    private = stage.plan(mia.id, "tiktok", now=START + HOUR)
    stage.work(START + HOUR)
    stage.tiktok.posts.clear()  # deleted there, or made private
    ask(START + 3 * HOUR)
    assert (kept(private, "tiktok"), asked(private, "tiktok")[0]) == ([], "silent")


def test_what_a_second_answer_leaves_out_stays_and_a_late_one_changes_nothing(stage, mia):
    post = stage.plan(mia.id, "tiktok", now=START)
    stage.work(START)
    [target] = social.targets_of(post.id)
    asked = social.figures.Asked(target.id, target.remote_id, "video", START)
    for hours, counts in ((5, {"views": 10, "likes": 3}), (7, {"views": 12}), (6, {"views": 11, "shares": 9}), (8, {})):
        with transaction():
            told_something = social.figures.tell(asked, counts, day=START.date(), now=START + hours * HOUR)
        assert told_something == bool(counts)
    assert kept(post, "tiktok") == [(1, 12, 3, None, None)]


# --- what goes wrong over there --------------------------------------------------------------------


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize(("via", "at"), [("instagram", "insights"), ("tiktok", "query")])
def test_whatever_comes_back_it_is_asked_again_later_and_the_post_stays(stage, mia, via, at, how):
    post = stage.plan(mia.id, via, now=START)
    done = stage.work(START)
    double = getattr(stage, via)
    double.strike(how, at=at)
    ask(done + HOUR)
    assert stage.states(post) == {via: "published"}
    assert social.channel(stage.channels[via].id).state == "live"
    assert len(kept(post, via)) <= 1  # slow ones may still tell
    if not kept(post, via):
        assert done + HOUR < asked(post, via)[1] <= done + 3 * HOUR
        ask(done + 4 * HOUR)
        assert len(kept(post, via)) == 1


@pytest.mark.parametrize("wrong", [10**30, -1, 2**53, True, "12", 1.5, None, [1], {"a": 1}])
def test_a_number_that_is_none_is_not_told(stage, mia, wrong):
    post = stage.plan(mia.id, "tiktok", now=START)
    done = stage.work(START)
    [standing] = stage.tiktok.posts.values()
    video = {"id": standing.id, "view_count": wrong, "like_count": 4, "comment_count": wrong, "share_count": wrong}
    stage.tiktok.strike(told(videos=[{"id": "7", "view_count": 9}, video]), at="query")
    ask(done + HOUR)
    assert kept(post, "tiktok") == [(1, None, 4, None, None)]


def test_a_post_that_was_deleted_there_is_not_asked_about_again(stage, mia):
    post = stage.plan(mia.id, "instagram", now=START)
    done = stage.work(START)
    ask(done + HOUR)
    [standing] = stage.instagram.posts.values()
    standing.deleted = True
    stage.instagram.strike(Answer(400, {"error": {"message": "gone", "code": 100, "error_subcode": 33}}), at="insights")
    ask(done + 3 * HOUR)
    assert asked(post) == ("vanished", None)
    assert kept(post) == [(1, 120, 14, 0, 2)]


def test_a_permission_that_was_taken_away_shows_and_is_asked_again_once_it_is_back(stage, mia):
    post = stage.plan(mia.id, "instagram", now=START)
    done = stage.work(START)
    stage.instagram.signed_in.dead = 460  # the password was changed
    ask(done + HOUR)
    row = social.channel(stage.channels["instagram"].id)
    assert (row.state, row.why, asked(post)[0]) == ("lost", "password", "password")
    ask(done + 2 * DAY)
    assert kept(post) == []
    stage.instagram.signed_in.dead = None
    stage.connect(mia.id, "instagram", now=done + 2 * DAY)
    ask(done + 2 * DAY + HOUR)
    assert [figures[1] for figures in kept(post)] == [120]


def test_figures_that_may_not_be_read_lose_nobody_the_channel(stage, mia):
    stage.tiktok.switches.untick = {"video.list"}
    stage.connect(mia.id, "tiktok", now=START)
    post = stage.plan(mia.id, "tiktok", now=START)
    done = stage.work(START)
    ask(done + HOUR)
    assert (kept(post, "tiktok"), asked(post, "tiktok")[0]) == ([], "scope")
    stage.tiktok.switches.untick = set()
    assert social.channel(stage.channels["tiktok"].id).state == "live", "posting does not need it"
    for grant in stage.tiktok.grants:
        grant.alive = False  # not even the refresh token is good any more
    ask(done + 3 * HOUR)
    row = social.channel(stage.channels["tiktok"].id)
    assert (row.state, row.why, asked(post, "tiktok")[0]) == ("lost", "reconnect", "reconnect")


def test_a_token_that_ran_out_is_renewed_on_the_way(stage, mia):
    post = stage.plan(mia.id, "tiktok", now=START)
    done = stage.work(START)
    stage.tiktok.clock.forward(hours=25)
    ask(done + 25 * HOUR)
    assert len(kept(post, "tiktok")) == 1
    assert stage.tiktok.refreshed == 1
    stage.tiktok.strike("503", at="token", times=9)
    stage.tiktok.clock.forward(hours=25)
    ask(done + 50 * HOUR)  # it cannot be renewed right now: that loses nobody's channel
    assert social.channel(stage.channels["tiktok"].id).state == "live"
    stage.tiktok.calm()
    ask(done + 51 * HOUR)
    assert len(kept(post, "tiktok")) == 2


# --- what goes wrong here --------------------------------------------------------------------------


def test_a_worker_that_died_while_asking_is_made_up_for(stage, mia, monkeypatch):
    post = stage.plan(mia.id, "instagram", now=START)
    done = stage.work(START)
    post_figures.sweep({}, now=done + HOUR)
    payload = {"channel": stage.channels["instagram"].id}
    with monkeypatch.context() as patch:
        patch.setattr(social.figures, "tell", broken)
        with pytest.raises(KeyboardInterrupt):
            post_figures.ask(payload, now=done + HOUR)
    post_figures.ask(payload, now=done + HOUR)  # nobody else asks while that one may be on its way
    assert kept(post) == []
    ask(done + HOUR + timedelta(minutes=15))
    assert kept(post) == [(1, 120, 14, 0, 2)]


def broken(*_facts, **_more):
    raise KeyboardInterrupt


def test_few_at_once_of_one_account_and_none_of_who_asks_to_slow_down(stage, mia):
    posts = [stage.plan(mia.id, "instagram", now=START, caption=f"Kopi {n}") for n in range(8)]
    done = stage.work(START)
    double = stage.instagram
    post_figures.sweep({}, now=done + HOUR)
    post_figures.ask({"channel": stage.channels["instagram"].id}, now=done + HOUR)
    assert sum(len(kept(post)) for post in posts) == post_figures.AT_ONCE
    ask(done + HOUR)
    assert sum(len(kept(post)) for post in posts) == 8
    double.strike(Answer(400, {"error": {"message": "slow down", "code": 4}}), at="insights", times=99)
    ask(done + DAY)
    waiting = {asked(post)[1] for post in posts}
    assert waiting == {done + DAY + post_figures.SLOW_DOWN_FOR}
    assert sum(strike.times for strike in double._strikes) == 98  # one question, not eight


def test_channels_without_a_token_or_an_app_are_never_called(stage, mia):
    post = stage.plan(mia.id, *BOTH, kind="video", now=START)
    done = stage.work(START)
    post_figures.sweep({}, now=done + HOUR)
    with transaction():
        session().execute(update(Channel).where(Channel.provider == "instagram").values(access_token=None))
    channels._makers.pop("tiktok")
    for double in (stage.instagram, stage.tiktok):
        double.strike("503", times=99)
    for via in BOTH:
        post_figures.ask({"channel": stage.channels[via].id}, now=done + HOUR)
    ask(done + DAY)
    assert [sum(strike.times for strike in double._strikes) for double in (stage.instagram, stage.tiktok)] == [99, 99]
    assert (kept(post), kept(post, "tiktok")) == ([], [])


def test_the_worker_knows_when_to_ask():
    assert worker.HANDLERS["post.figures"] is post_figures.ask
    assert worker.TIMETABLE["posts.figures"] == worker.QUARTER
