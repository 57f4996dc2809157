"""Accounts are connected once, stay connected by one refresh at a time, and are forgotten when they are left."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import inspect, select, text

from socialshop.adapters import social as channels
from socialshop.domain import audit, social
from socialshop.domain.social import ConnectedElsewhere
from socialshop.flows import channel
from socialshop.kernel import faults, jobs, vault
from socialshop.kernel.database import db, end_reading, session, transaction
from socialshop.kernel.errors import NotFound

from ..adapters.social.pairs import BACK, settings_of
from ..conftest import START
from ..doubles.upstream import Answer
from ..post_stage import CREATOR, Stage, staged, two_pages

pytestmark = pytest.mark.usefixtures("room")
LATER = START + timedelta(hours=23)


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


def leave(creator, row):
    return channel.disconnect(creator.id, row.public_id, actor=CREATOR, now=START)


@pytest.mark.parametrize("via", ["instagram", "facebook", "tiktok"])
def test_an_account_is_connected_with_state_and_verifier(stage, mia, via):
    row = stage.connect(mia.id, via, now=START)
    assert (row.state, row.via, row.creator_id) == ("live", via, mia.id)
    assert row.provider == ("tiktok" if via == "tiktok" else "instagram")
    assert [entry.act for entry in audit.entries_of(mia.public_id)] == ["channel.connected"]


def test_what_comes_back_is_taken_once(stage, mia):
    back = stage.callback(mia.id, "tiktok", now=START)
    channel.finish(mia.id, back, actor=CREATOR, now=START)
    with pytest.raises(channel.StaleKnock):
        channel.finish(mia.id, back, actor=CREATOR, now=START)


def test_what_comes_back_is_taken_only_from_whom_it_was_sent_for_and_in_time(stage, mia, world):
    back = stage.callback(mia.id, "instagram", now=START)
    for creator_id, answer, now in (
        (world.creator("ana").id, back, START), (mia.id, {**back, "state": "made-up"}, START), (mia.id, {"code": "x"}, START),
        (mia.id, back, START + timedelta(minutes=15)),
    ):  # fmt: skip
        with pytest.raises(channel.StaleKnock):
            channel.finish(creator_id, answer, actor=CREATOR, now=now)
    assert social.channels_of(mia.id) == []


def test_a_code_that_another_browser_was_given_is_no_use_without_the_verifier(stage, mia, world):
    """PKCE: somebody else's code under our state does not connect their account."""
    foreign = stage.callback(world.creator("eve").id, "tiktok", now=START)
    mine = stage.callback(mia.id, "tiktok", now=START)
    with pytest.raises(channel.NotConnected):
        channel.finish(mia.id, {**mine, "code": foreign["code"]}, actor=CREATOR, now=START)


@pytest.mark.parametrize("via", ["instagram", "tiktok"])
def test_whoever_declines_or_unticks_is_told_and_nothing_is_kept(stage, mia, via):
    switches = getattr(stage, via).switches
    switches.consent = "refuse"
    with pytest.raises(channel.NotConnected) as declined:
        stage.connect(mia.id, via, now=START)
    assert declined.value.code == "declined"
    switches.consent = "allow"
    switches.untick = {"instagram_business_content_publish", "video.publish", "video.upload"}
    with pytest.raises(channel.NotConnected, match="permission"):
        stage.connect(mia.id, via, now=START)
    assert social.channels_of(mia.id) == []


def test_an_app_that_is_not_known_over_there_is_told_to_the_operator(stage, mia):
    back = stage.callback(mia.id, "tiktok", now=START)
    wrong = replace(settings_of(stage.instagram.url, stage.tiktok.url).tiktok, client_secret="rotated-there")
    channels.set_up(replace(settings_of(stage.instagram.url, stage.tiktok.url), tiktok=wrong))
    with pytest.raises(channel.NotConnected) as refused:
        channel.finish(mia.id, back, actor=CREATOR, now=START)
    assert refused.value.code == "setup"
    [told] = audit.entries_of("install")
    assert (told.act, told.after) == ("channel.refused", {"why": "setup", "code": "invalid_client"})


def test_the_same_account_on_two_creators_is_refused_and_said(stage, mia, world):
    stage.connect(mia.id, "instagram", now=START)
    ana = world.creator("ana")
    for via in ("instagram", "facebook"):
        with pytest.raises(ConnectedElsewhere, match="shop_ana"):
            stage.connect(ana.id, via, now=START)
    assert social.channels_of(ana.id) == []
    assert leave(mia, social.channels_of(mia.id)[0]) == "withdrawn"
    assert stage.connect(ana.id, "instagram", now=START).creator_id == ana.id


def test_two_creators_who_connect_the_same_account_at_once(stage, app, mia, world):
    ids = [mia.id, world.creator("ana").id, world.creator("eve").id]
    ways = [(each, stage.callback(each, "tiktok", now=START)) for each in ids]
    said, start = [], threading.Barrier(len(ways))

    def come(creator_id, back):
        with app.app_context():
            start.wait()
            try:
                said.append(channel.finish(creator_id, back, actor=CREATOR, now=START).channels[0].creator_id)
            except ConnectedElsewhere as refused:
                said.append(refused.code)
            db.session.remove()

    crowd = [threading.Thread(target=come, args=way) for way in ways]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert sorted(map(str, said))[1:] == ["connected_elsewhere"] * 2
    end_reading()
    assert [row.creator_id for each in ids for row in social.channels_of(each)] == [each for each in said if each in ids]


def test_the_database_too_keeps_an_account_in_one_hand(stage, mia, world):
    row = stage.connect(mia.id, "tiktok", now=START)
    again = {
        column.key: getattr(row, column.key)
        for column in inspect(social.Channel).columns
        if column.key not in ("id", "public_id")
    }
    from sqlalchemy.exc import IntegrityError

    with pytest.raises(IntegrityError), transaction():
        session().add(social.Channel(**{**again, "creator_id": world.creator("ana").id}))


def test_connecting_again_mends_a_lost_channel(stage, mia):
    row = stage.connect(mia.id, "tiktok", now=START)
    assert channel.lose(row.id, "removed", seen=row.token_number, now=START)
    assert not channel.lose(row.id, "removed", seen=row.token_number, now=START)
    assert now_of(row).state == "lost"
    again = stage.connect(mia.id, "tiktok", now=START)
    assert (again.id, again.state, again.token_number) == (row.id, "live", 2)
    assert not channel.lose(row.id, "removed", seen=1, now=START)  # that was about the token before


@pytest.mark.parametrize("how", ["left", "removed"])
def test_an_account_that_was_switched_off_comes_back_as_itself(stage, mia, how):
    row = stage.connect(mia.id, "facebook", now=START)
    names = (row.provider, row.account_id)
    for day in (0, 1):  # a second time it is told again
        at = START + timedelta(days=day)
        if how == "left":
            leave(mia, row)
        else:
            assert channel.removed(*names, at=at, now=at) == 1
        assert [each.id for each in social.standing.left_of(mia.id)] == [row.id]
        again = stage.connect(mia.id, "instagram", now=at)
        assert (again.id, again.state, again.why, again.via, again.connected_at) == (row.id, "live", "", "instagram", at)
        assert again.access_token
        assert social.standing.left_of(mia.id) == []
    assert again.token_number == 5
    letters = session().scalars(select(jobs.Job.key).where(jobs.Job.key.contains("channel_removed"))).all()
    assert len(letters) == (2 if how == "removed" else 0)


def test_what_another_creator_had_or_was_to_be_forgotten_stays_off(stage, mia, world):
    row, ana = stage.connect(mia.id, "instagram", now=START), world.creator("ana")
    leave(mia, row)
    hers = stage.connect(ana.id, "instagram", now=START)
    assert hers.id != row.id
    with pytest.raises(ConnectedElsewhere):
        stage.connect(mia.id, "instagram", now=START)
    assert now_of(row).state == "off"
    channel.forget("instagram", hers.account_id, at=START, now=START)
    anew = stage.connect(ana.id, "instagram", now=START)
    assert anew.id not in (row.id, hers.id)
    assert [(now_of(each).state, now_of(each).account_id) for each in (row, hers)] == [("off", "")] * 2


def test_two_who_bring_an_account_back_at_once_bring_back_one(stage, app, mia):
    row, creator_id = stage.connect(mia.id, "tiktok", now=START), mia.id
    leave(mia, row)
    ways, start, came = [stage.callback(creator_id, "tiktok", now=START) for _ in range(3)], threading.Barrier(3), []

    def come(back):
        with app.app_context():
            start.wait()
            came.append(channel.finish(creator_id, back, actor=CREATOR, now=START).channels[0].id)
            db.session.remove()

    crowd = [threading.Thread(target=come, args=(way,)) for way in ways]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert came == [row.id] * 3
    assert (now_of(row).state, now_of(row).token_number) == ("live", 5)


# --- tokens ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("via", ["instagram", "tiktok"])
def test_a_token_is_renewed_before_it_ends(stage, mia, via):
    row = stage.connect(mia.id, via, now=START)
    first, due = row.access_token, row.refresh_at
    assert due is not None
    assert START < due < row.expires_at
    double = getattr(stage, via)
    double.clock.forward(seconds=(due - START).total_seconds())
    channel.sweep({}, now=due - timedelta(seconds=1))
    assert now_of(row).access_token == first
    channel.sweep({}, now=due)
    stage.work(due)
    renewed = now_of(row)
    assert renewed.access_token != first
    assert (renewed.token_number, renewed.state) == (2, "live")
    assert renewed.expires_at > due
    channel.refresh({"channel": row.id}, now=due)  # a job that comes twice
    assert now_of(row).token_number == 2


def test_two_refresh_at_once_and_the_provider_hears_of_one(stage, app, mia):
    row = stage.connect(mia.id, "tiktok", now=START)
    stage.tiktok.clock.forward(hours=22)
    answers = []

    def renew():
        with app.app_context():
            answers.append(channel.renew(row.id, seen=1, now=LATER))
            db.session.remove()

    crowd = [threading.Thread(target=renew) for _ in range(6)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert stage.tiktok.refreshed == 1
    assert answers.count(True) >= 1
    found = now_of(row)
    assert (found.token_number, found.state) == (2, "live")


@pytest.mark.parametrize("how", ["silent", "500", "lost_before", "html", "429", "wrong_types"])
def test_a_refresh_without_an_answer_is_tried_again(stage, mia, how, monkeypatch):
    from socialshop.adapters.social import wire

    monkeypatch.setattr(wire, "SECONDS", 0.5)
    row = stage.connect(mia.id, "instagram", now=START)
    due = row.refresh_at
    stage.instagram.clock.forward(days=31)
    stage.instagram.strike(how, at="refresh")
    assert not channel.renew(row.id, seen=1, now=due)
    waiting = now_of(row)
    assert (waiting.state, waiting.refreshing_until) == ("live", None)
    assert waiting.refresh_at > due
    assert channel.renew(row.id, seen=1, now=waiting.refresh_at)


def test_a_refresh_token_that_is_dead_shows_as_lost(stage, mia):
    row = stage.connect(mia.id, "tiktok", now=START)
    for grant in stage.tiktok.grants:
        grant.alive = False
    assert not channel.renew(row.id, seen=1, now=LATER)
    assert (now_of(row).state, now_of(row).why) == ("lost", "reconnect")


@pytest.mark.parametrize(("via", "state"), [("instagram", "live"), ("tiktok", "lost")])
def test_a_process_that_died_between_refresh_and_commit_leaves_a_known_state(stage, mia, via, state):
    """Instagram's old token still works, so the next try renews it; TikTok's was good once, so its owner must come again."""
    row = stage.connect(mia.id, via, now=START)
    getattr(stage, via).clock.forward(hours=25 * 30 if via == "instagram" else 22)
    faults.arm("token.after_refresh_before_save:raise")
    with pytest.raises(faults.Fault):
        channel.renew(row.id, seen=1, now=LATER)
    faults.arm("")
    assert now_of(row).token_number == 1
    assert not channel.renew(row.id, seen=1, now=LATER + timedelta(seconds=59))  # somebody may be at it
    assert channel.renew(row.id, seen=1, now=LATER + timedelta(seconds=61)) == (state == "live")
    assert now_of(row).state == state


def test_tokens_are_sealed_and_nowhere_else(stage, mia, capfd):
    for via in ("instagram", "tiktok"):
        stage.connect(mia.id, via, now=START)
    tokens = [value for row in social.channels_of(mia.id) for value in (row.access_token, row.refresh_token) if value]
    assert len(tokens) == 3
    end_reading()
    found = []
    for table in inspect(db.engine).get_table_names():
        for line in session().execute(text(f'SELECT * FROM "{table}"')):
            found += [str(value) for value in line]
    everything = "\n".join(found) + "".join(capfd.readouterr())
    assert "canary" not in everything
    assert not any(token in everything for token in tokens)


def test_tokens_outlive_a_change_of_keys(stage, app, mia):
    row = stage.connect(mia.id, "tiktok", now=START)
    token, old = row.access_token, app.config["SETTINGS"].secret_key
    vault.use_keys(["another-key-" + "n" * 32, old])
    assert now_of(row).access_token == token
    stage.tiktok.clock.forward(hours=22)
    assert channel.renew(row.id, seen=1, now=LATER)
    vault.use_keys(["another-key-" + "n" * 32])  # what was sealed anew needs the old key no more
    assert now_of(row).access_token not in (None, token)
    vault.use_keys([old])


# --- leaving ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("via", ["instagram", "facebook", "tiktok"])
def test_leaving_withdraws_there_and_forgets_here(stage, mia, via):
    row = stage.connect(mia.id, via, now=START)
    tokens = {row.access_token, row.refresh_token}
    assert leave(mia, row) == "withdrawn"
    gone = now_of(row)
    assert (gone.state, gone.access_token, gone.refresh_token) == ("off", None, None)
    if via == "tiktok":
        assert not any(grant.alive for grant in stage.tiktok.grants if grant.access in tokens)
    else:
        assert tokens.isdisjoint(stage.instagram.tokens)
    assert social.channels_of(mia.id) == []
    assert leave(mia, row) == "before"


def test_leaving_works_also_when_the_provider_is_away(stage, mia):
    row = stage.connect(mia.id, "instagram", now=START)
    stage.instagram.strike("500", at="revoke")
    assert leave(mia, row) == "unheard"
    assert now_of(row).access_token is None


def test_a_page_cannot_withdraw_what_its_owner_granted(stage, mia):
    """Only the person's own token can; where it has run out, or was never kept, nothing is claimed."""
    row = stage.connect(mia.id, "facebook", now=START)
    assert now_of(row).refresh_at is None, "a Page's token is not renewed by it"
    assert row.refresh_token in stage.instagram.tokens
    stage.instagram.clock.forward(days=61)
    assert leave(mia, row) == "unheard"
    assert now_of(row).access_token is None
    row = stage.connect(mia.id, "facebook", now=START)
    with transaction():
        session().execute(text("UPDATE channels SET refresh_token = NULL"))
    assert leave(mia, row) == "unheard"
    assert [entry.after["there"] for entry in audit.entries_of(mia.public_id) if entry.act == "channel.disconnected"] == [
        "unheard"
    ] * 2
    row = stage.connect(mia.id, "facebook", now=START)
    stage.instagram.strike(Answer(document={"success": False}), at="revoke")
    assert leave(mia, row) == "unheard"


def test_what_other_accounts_live_by_is_withdrawn_with_the_last_of_them(stage, mia):
    two_pages(stage)
    back = stage.callback(mia.id, "facebook", now=START)
    first, second = channel.finish(mia.id, back, actor=CREATOR, now=START).channels
    assert leave(mia, first) == "shared"
    assert channel.options(mia.id, second.public_id, now=START).name == "kopi.kita"
    assert leave(mia, second) == "withdrawn"
    assert not any(token.kind in ("facebook", "page") for token in stage.instagram.tokens.values())


def test_leaving_by_a_token_that_ran_out_renews_it_for_that(stage, mia):
    row = stage.connect(mia.id, "tiktok", now=START)
    stage.tiktok.clock.forward(hours=25)
    assert leave(mia, row) == "withdrawn"
    assert not any(grant.alive for grant in stage.tiktok.grants)
    row = stage.connect(mia.id, "tiktok", now=START)
    for grant in stage.tiktok.grants:
        grant.alive = False
    assert leave(mia, row) == "unheard", "nobody said that it was withdrawn"
    row = stage.connect(mia.id, "tiktok", now=START)
    assert channel.lose(row.id, "removed", seen=row.token_number, now=START)
    assert leave(mia, row) == "withdrawn", "its owner did it"


# --- several at once -------------------------------------------------------------------------------


def test_of_several_accounts_those_that_work_are_connected_and_the_others_named(stage, mia, world):
    other = two_pages(stage)

    def come(creator):
        return channel.finish(creator.id, stage.callback(creator.id, "facebook", now=START), actor=CREATOR, now=START)

    for dead, code in ((492, "role"), (463, "reconnect")):
        other.dead = dead
        came = come(mia)
        assert [row.username for row in came.channels] == ["shop_ana"]
        assert [(name, refused.code) for name, refused in came.refused] == [("kopi.kita page", code)]
    other.dead = None
    stage.instagram.strike("503", at="look")
    came = come(mia)
    assert [row.username for row in came.channels] == ["kopi.kita"]
    assert [(name, refused.code) for name, refused in came.refused] == [("shop_ana page", "channel_not_reached")]
    eve = world.creator("eve")
    leave(mia, came.channels[0])
    came = come(eve)
    assert [row.username for row in came.channels] == ["kopi.kita"]
    assert [(name, refused.code) for name, refused in came.refused] == [("shop_ana", "connected_elsewhere")]
    other.dead = 492
    assert [refused.code for _, refused in come(eve).refused] == ["role", "connected_elsewhere"]
    other.dead = None
    assert len(come(eve).channels) == 1


def test_nobody_disconnects_anothers_channel(stage, mia, world):
    row = stage.connect(mia.id, "instagram", now=START)
    with pytest.raises(NotFound):
        channel.disconnect(world.creator("eve").id, row.public_id, actor=CREATOR, now=START)
    assert now_of(row).state == "live"


def test_a_person_who_took_our_access_away_is_forgotten_with_a_code(stage, mia):
    row = stage.connect(mia.id, "instagram", now=START)
    scoped_id = row.scoped_id
    assert channel.removed("instagram", "25499999999999999", at=START, now=START) == 0
    code = channel.forget("instagram", scoped_id, at=START, now=START)
    assert (now_of(row).state, now_of(row).access_token) == ("off", None)
    found = social.erasure(code)
    assert found is not None
    assert (found.channels, found.done_at) == (1, START)
    assert channel.forget("instagram", scoped_id, at=START, now=START) != code  # asked again: nothing is left to do
    assert social.erasure("ers_nothing") is None


def test_an_install_without_an_app_there_says_so(stage, mia):
    with pytest.raises(NotFound):
        channel.begin(mia.id, "myspace", redirect_uri=BACK["instagram"], now=START)
