"""A channel that does not let us in any more shows within one use; creators are told once; what providers say is asked about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from socialshop.adapters import social as channels
from socialshop.adapters.social import Heard
from socialshop.domain import audit, social
from socialshop.flows import channel, channel_letters, channel_news
from socialshop.kernel import clock, faults, jobs
from socialshop.kernel.database import end_reading, session, transaction
from socialshop.kernel.errors import Broken, NotFound

from ..adapters.social.pairs import settings_of
from ..conftest import START
from ..post_stage import CREATOR, Stage, staged

pytestmark = pytest.mark.usefixtures("room")
HOURS = timedelta(hours=1)
REMOVED = Heard("authorization.removed:-000ana:1", "authorization.removed", "-000ana")


@pytest.fixture
def stage(tmp_path) -> Iterator[Stage]:
    with staged(tmp_path) as made:
        yield made
    faults.arm("")


@pytest.fixture
def mia(world):
    return world.creator("mia")


def now_of(row):
    end_reading()
    return social.channel(row.id)


def kinds(world):
    end_reading()
    return [letter.subject for letter in world.letters()]


# --- permission lost shows within one use ----------------------------------------------------------


def test_options_are_asked_afresh_each_time(stage, mia):
    row = stage.connect(mia.id, "tiktok", now=START)
    assert channel.options(mia.id, row.public_id, now=START).privacy[0] == "PUBLIC_TO_EVERYONE"
    stage.tiktok.signed_in.private = True
    assert channel.options(mia.id, row.public_id, now=START).privacy[0] == "FOLLOWER_OF_CREATOR"
    assert channel.options(mia.id, stage.connect(mia.id, "facebook", now=START).public_id, now=START).name == "shop_ana"
    with pytest.raises(NotFound):
        channel.options(mia.id + 1, row.public_id, now=START)


@pytest.mark.parametrize(
    ("dead", "why"), [(458, "removed"), (459, "confirm"), (460, "password"), (463, "reconnect"), (467, "reconnect")]
)
@pytest.mark.parametrize("via", ["instagram", "facebook"])
def test_a_permission_that_is_gone_shows_at_the_first_question(stage, mia, world, via, dead, why):
    """Facebook's tokens have no newer ones, so trying to renew is no way to stay."""
    row = stage.connect(mia.id, via, now=START)
    stage.instagram.signed_in.dead = dead
    with pytest.raises(channel.NotConnected) as refused:
        channel.options(mia.id, row.public_id, now=START)
    assert refused.value.code == why
    assert (now_of(row).state, now_of(row).why) == ("lost", why)
    asked = len(stage.instagram.asked)
    with pytest.raises(channel.NotConnected):
        channel.options(mia.id, row.public_id, now=START)
    assert len(stage.instagram.asked) == asked  # nobody knocks at a closed door
    assert kinds(world) == ["Instagram does not let us post for shop_ana any more"]


def test_a_token_that_ended_is_renewed_on_the_way(stage, mia):
    row = stage.connect(mia.id, "tiktok", now=START)
    stage.tiktok.clock.forward(hours=25)
    assert channel.options(mia.id, row.public_id, now=START + 25 * HOURS).name
    assert (now_of(row).state, now_of(row).token_number) == ("live", 2)


def test_a_provider_that_is_away_or_an_app_that_is_refused_loses_nobody(stage, mia, world):
    """The access token has ended and cannot be renewed at this moment: that is no reason to trouble the creator."""
    row = stage.connect(mia.id, "tiktok", now=START)
    stage.tiktok.clock.forward(hours=25)
    stage.tiktok.strike("503", at="token")
    with pytest.raises(channel.NotReached):
        channel.options(mia.id, row.public_id, now=START + 25 * HOURS)
    assert now_of(row).state == "live"
    stage.tiktok.calm()
    right = settings_of(stage.instagram.url, stage.tiktok.url)
    channels.set_up(replace(right, tiktok=replace(right.tiktok, client_secret="rotated-there")))
    with pytest.raises(channel.NotReached):
        channel.options(mia.id, row.public_id, now=START + 25 * HOURS)
    assert now_of(row).state == "live"
    assert [entry.act for entry in audit.entries_of("install")] == ["channel.refused"]
    channels.set_up(right)
    assert channel.options(mia.id, row.public_id, now=START + 26 * HOURS).name
    assert kinds(world) == []


def test_a_post_waits_where_no_new_token_can_be_had_and_loses_nobody(stage, mia):
    row = stage.connect(mia.id, "tiktok", now=START)
    later = START + 25 * HOURS
    stage.tiktok.clock.forward(hours=25)
    post = stage.plan(mia.id, "tiktok", now=later)
    stage.tiktok.strike("503", at="token", times=99)
    stage.work(later, minutes=1)
    assert (now_of(row).state, stage.states(post)) == ("live", {"tiktok": "waiting"})
    stage.tiktok.calm()
    stage.work(later + HOURS)
    assert (now_of(row).token_number, stage.states(post)) == (2, {"tiktok": "published"})


def test_a_token_that_has_no_newer_one_is_lost_with_the_first_post_that_it_is_refused_for(stage, mia):
    row = stage.connect(mia.id, "facebook", now=START)
    stage.instagram.signed_in.dead = 463
    stage.channels = {"facebook": row}
    post = stage.plan(mia.id, "facebook", now=START)
    stage.work(START)
    assert (now_of(row).state, stage.states(post)) == ("lost", {"facebook": "waiting"})


def test_drafts_only_needs_no_question_that_would_be_refused(stage, mia):
    stage.tiktok.switches.untick = {"video.publish"}
    row = stage.connect(mia.id, "tiktok", now=START)
    assert social.standing.drafts_only(row)
    assert channel.options(mia.id, row.public_id, now=START).privacy == ()
    assert now_of(row).state == "live"


# --- letters ---------------------------------------------------------------------------------------


def test_whose_permission_ends_soon_is_told_once(stage, mia, world, monkeypatch):
    """Instagram's renews itself, but has not managed to for weeks; TikTok's refresh token is in its last days."""
    instagram, tiktok = (stage.connect(mia.id, via, now=START) for via in ("instagram", "tiktok"))
    for _ in range(2):
        channel_letters.sweep({}, now=START)  # TikTok's access token ends tomorrow, but another renews it
    assert kinds(world) == []
    instagram_end, tiktok_end = instagram.expires_at, tiktok.refresh_expires_at
    for end, name in (
        (instagram_end, "shop_ana: our permission at Instagram"),
        (tiktok_end, "ana.shop: our permission at TikTok"),
    ):
        channel_letters.sweep({}, now=end - timedelta(days=8))
        before = kinds(world)
        for days in (7, 6, 1):
            now = end - timedelta(days=days)
            clock.use(lambda now=now: now)
            with transaction():  # TikTok's access token has been renewed day by day, which does not move this end
                social.channel(tiktok.id).issued_at = now - HOURS
            channel_letters.sweep({}, now=now)
            assert kinds(world) == [*before, f"{name} ends soon"]
    with transaction():  # renewed meanwhile, and its end has moved by a day
        social.channel(tiktok.id).refresh_expires_at += timedelta(days=1)
    clock.use(lambda: tiktok_end)
    channel_letters.sweep({}, now=tiktok_end)
    assert len(kinds(world)) == 2
    [told] = [letter for letter in world.letters() if "TikTok" in letter.subject]
    assert "ends on 1 Jun 2027, 10:00 WIB" in told.body
    assert told.to == "mia@example.test"


def test_who_connected_again_meanwhile_gets_no_letter(stage, mia, world):
    row = stage.connect(mia.id, "instagram", now=START)
    channel.lose(row.id, "password", seen=1, now=START)
    stage.connect(mia.id, "instagram", now=START)
    assert kinds(world) == []
    channel.lose(row.id, "password", seen=2, now=START)
    assert channel.lose(row.id, "password", seen=2, now=START) is False
    [letter] = world.letters()
    assert "The password of this Instagram account was changed." in letter.body


def test_letters_hold_no_names_in_their_jobs(stage, mia):
    row = stage.connect(mia.id, "instagram", now=START)
    channel.forget("instagram", row.scoped_id, at=START, now=START)
    end_reading()
    [job] = [job for job in session().query(jobs.Job) if job.name == "letter.send"]
    assert "shop_ana" not in str(job.payload)


# --- what providers say ----------------------------------------------------------------------------


def test_a_message_is_kept_once_and_the_channel_is_asked(stage, mia, world):
    row = stage.connect(mia.id, "tiktok", now=START)
    assert channel_news.keep("tiktok", [REMOVED], now=START)
    assert not channel_news.keep("tiktok", [REMOVED], now=START)
    channel_news.hear({"provider": "tiktok", "told": [["authorization.removed", "-000ana", ""]]}, now=START)
    assert now_of(row).state == "live"  # said, but not so: it came late, after a new connection
    for grant in stage.tiktok.grants:
        grant.alive = False
    for _ in range(2):
        channel_news.hear({"provider": "tiktok", "told": [["authorization.removed", "-000ana", ""]]}, now=START)
    assert (now_of(row).state, now_of(row).why) == ("lost", "removed")
    assert kinds(world) == ["TikTok does not let us post for ana.shop any more"]


def test_what_became_of_a_post_is_looked_up_when_tiktok_says_so(stage, mia):
    stage.connect(mia.id, "tiktok", now=START)
    stage.tiktok.signed_in.moderation = 1
    post = stage.plan(mia.id, "tiktok", now=START)
    stage.work(START, minutes=0.5)
    [row] = social.targets_of(post.id)
    assert row.state in ("underway", "published")
    assert row.remote_id == ""
    reference = social.handle_of(row)["publish_id"]
    for topic in ("post.publish.complete", "post.publish.publicly_available"):
        told = [[topic, "-000ana", reference], ["comments", "-000ana", reference], ["post.publish.complete", "-000ana", "other"]]
        channel_news.hear({"provider": "tiktok", "told": told}, now=START + timedelta(seconds=40))
        stage.work(START + timedelta(seconds=40), minutes=0)
    [row] = social.targets_of(post.id)
    assert row.state == "published"
    assert len(stage.tiktok.posts) == 1


def test_what_nobody_understands_stays_with_the_operator(stage):
    assert channel_news.put_aside("tiktok", b"\xff\x00not json", now=START)
    assert not channel_news.put_aside("tiktok", b"\xff\x00not json", now=START)
    end_reading()
    [job] = session().query(jobs.Job)
    with pytest.raises(Broken):
        channel_news.hear(job.payload, now=START)


# --- to be forgotten -------------------------------------------------------------------------------


@pytest.mark.parametrize("via", ["instagram", "facebook"])
def test_who_is_forgotten_leaves_no_name_behind(stage, mia, world, via):
    row = stage.connect(mia.id, via, now=START)
    person, username = row.scoped_id, row.username
    assert person == {"instagram": "25400000000000001", "facebook": "10400000000000001"}[via]
    stage.plan(mia.id, via, now=START)
    stage.work(START)
    [target] = social.targets_of(social.posts_of(mia.id, START, START + HOURS)[0].id)
    assert target.permalink
    code = channel.forget("instagram", person, at=START, now=START)
    gone = now_of(row)
    assert (gone.state, gone.why, gone.username, gone.account_id, gone.scoped_id) == ("off", "erased", "", "", "")
    [target] = social.targets_of(target.post_id)
    assert (target.state, target.permalink, target.remote_id) == ("published", "", "")
    assert social.erasure(code).channels == 1
    everything = str([(entry.before, entry.after) for entry in audit.entries_of(mia.public_id)])
    assert username not in everything
    [letter] = world.letters()
    assert letter.subject == "Your data from Instagram is deleted"


def test_what_was_connected_after_the_wish_stays(stage, mia):
    """The provider repeats itself for days; meanwhile the person may have come back."""
    first = stage.connect(mia.id, "instagram", now=START)
    person = first.scoped_id
    assert channel.removed("instagram", person, at=START, now=START) == 1
    assert now_of(first).state == "off"
    second = stage.connect(mia.id, "instagram", now=START + HOURS)
    assert second.id == first.id
    assert channel.removed("instagram", person, at=START, now=START + 2 * HOURS) == 0
    channel.forget("instagram", person, at=START, now=START + 2 * HOURS)
    assert (now_of(second).state, now_of(second).username) == ("live", "shop_ana")
    assert list(social.standing.left_of(mia.id)) == []


def test_a_late_message_leaves_alone_what_was_lost_and_connected_again_since(stage, mia):
    row = stage.connect(mia.id, "instagram", now=START)
    person, gone_at = row.scoped_id, START + HOURS
    assert channel.lose(row.id, "removed", seen=1, now=gone_at)  # found out at the first use, before Instagram told us
    assert stage.connect(mia.id, "instagram", now=START + 2 * HOURS).id == row.id
    assert channel.removed("instagram", person, at=gone_at, now=START + 3 * HOURS) == 0
    channel.forget("instagram", person, at=gone_at, now=START + 3 * HOURS)
    assert (now_of(row).state, now_of(row).username) == ("live", "shop_ana")
    assert channel.removed("instagram", person, at=START + 3 * HOURS, now=START + 3 * HOURS) == 1


def test_leaving_works_where_this_install_has_no_app_any_more(stage, mia):
    row = stage.connect(mia.id, "tiktok", now=START)
    right = settings_of(stage.instagram.url, stage.tiktok.url)
    channels.set_up(replace(right, tiktok=replace(right.tiktok, client_key="")))
    assert channel.disconnect(mia.id, row.public_id, actor=CREATOR, now=START) == "unheard"
    assert now_of(row).access_token is None
