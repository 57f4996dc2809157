"""Channels on screen: let in over there, listed with what each needs, left; and what they let us do is nowhere to be read."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from sqlalchemy import inspect, text
from structlog.testing import capture_logs

from socialshop.adapters import social as channels
from socialshop.adapters.social import Access, Denied, Grant, NotNow, wire
from socialshop.domain import social
from socialshop.flows import channel
from socialshop.kernel import clock, faults
from socialshop.kernel.database import db, end_reading, session, transaction
from tests.conftest import START

from ..adapters.social.pairs import settings_of
from ..post_stage import Stage, staged, two_pages

BACK = "http://localhost/creator/channels/back"
NOW = START + timedelta(hours=22)
SECRET = "a-canary-of-4711"


@pytest.fixture
def stage(app, tmp_path) -> Iterator[Stage]:
    with staged(tmp_path) as made:
        for double in (made.instagram, made.tiktok):
            double.redirect_uris.add(BACK)
        yield made
    faults.arm("")


@pytest.fixture
def mia(world):
    return world.creator("mia")


@pytest.fixture
def creator(world, app, mia, stage):
    return world.sign_in(app.test_client(), mia.user_id)


def leave(world, client, login):
    """Press "Connect": the address over there that the page leads on to."""
    page = world.post(client, f"/creator/channels/connect/{login}")
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    [url] = re.findall(r'http-equiv="refresh" content="0; url=([^"]+)"', page.text)
    assert f'href="{url}"' in page.text  # also for who does not follow by themselves
    return unescape(url)


def press(url):
    """Press over there; the way back, as our own address."""
    answer = requests.get(url, allow_redirects=False, timeout=5)
    assert answer.headers["Location"].startswith(f"{BACK}?")
    parts = urlsplit(answer.headers["Location"])
    return f"{parts.path}?{parts.query}"


def connect(world, client, login):
    back = client.get(press(leave(world, client, login)))
    assert (back.status_code, back.location) == (303, "/creator/channels")
    return client.get("/creator/channels").text


def rows_of(app, creator):
    with app.app_context():
        return social.channels_of(creator.id)


# --- letting us in ---------------------------------------------------------------------------------


def test_both_are_connected_listed_and_left(world, app, creator, mia, stage):
    first = creator.get("/creator/channels").text
    assert "No account connected yet" in first
    assert "Connect TikTok" in first
    assert "Connected: shop_ana. You can post there now." in connect(world, creator, "instagram")
    page = connect(world, creator, "tiktok")
    assert "Connected: ana.shop." in page
    assert "runs until 31 Jul 2026; we renew it by ourselves" in page
    assert "connect this account through Facebook instead" in page
    assert "No account connected yet" not in page
    instagram, tiktok = rows_of(app, mia)
    with app.app_context(), transaction():
        post = social.Post(creator_id=mia.id, kind="image", publish_at=START, created_at=START)
        session().add(post)
        session().flush()
        session().add(social.Target(post_id=post.id, channel_id=tiktok.id, state="unknown"))  # it may stand there already
    assert "on its way there" not in creator.get("/creator/channels").text
    asked = creator.get(f"/creator/channels/{tiktok.public_id}/disconnection").text
    assert "Nothing waits to be posted there." in asked
    assert rows_of(app, mia)  # asking does nothing
    left = world.post(creator, f"/creator/channels/{tiktok.public_id}/disconnection", follow_redirects=True).text
    assert "withdrawn at TikTok" in left
    assert "You disconnected it on 1 Jun 2026." in left
    assert not any(grant.alive for grant in stage.tiktok.grants)
    stage.instagram.strike("503", at="revoke")
    left = world.post(creator, f"/creator/channels/{instagram.public_id}/disconnection", follow_redirects=True).text
    assert "Instagram did not withdraw it: please remove us there too, under Settings → Website permissions" in left
    assert rows_of(app, mia) == []
    again = world.post(creator, f"/creator/channels/{instagram.public_id}/disconnection", follow_redirects=True)
    assert "This account is disconnected already." in again.text
    assert "withdrawn at" not in again.text, "what was refused is not claimed by the second press"


@pytest.mark.parametrize("login", ["instagram", "facebook", "tiktok"])
def test_who_says_no_or_not_to_all_comes_back_with_nothing(world, app, creator, mia, stage, login):
    switches = (stage.tiktok if login == "tiktok" else stage.instagram).switches
    switches.consent = "refuse"
    assert "Nothing was connected, because the permission was not given." in connect(world, creator, login)
    switches.consent = "allow"
    switches.untick = {"instagram_business_content_publish", "instagram_content_publish", "video.publish", "video.upload"}
    assert "A permission is missing." in connect(world, creator, login)
    assert rows_of(app, mia) == []
    assert "permission was not given" in creator.get(f"{urlsplit(BACK).path}?error=access_denied", follow_redirects=True).text


def test_what_comes_back_counts_once_for_whom_it_was_sent(world, app, creator, mia, stage):
    back = press(leave(world, creator, "tiktok"))
    eve = world.sign_in(app.test_client(), world.creator("eve").user_id)
    for client, address in (
        (eve, back),
        (creator, f"{back}x"),
        (creator, urlsplit(BACK).path),
        (creator, f"{back.partition('&state')[0]}"),
    ):
        assert "was not started here, or is too old" in client.get(address, follow_redirects=True).text
    assert rows_of(app, mia) == []
    assert app.test_client().get(back).location.startswith("/auth/sign-in?next=")
    assert "Connected: ana.shop." in creator.get(back, follow_redirects=True).text
    assert "was not started here, or is too old" in creator.get(back, follow_redirects=True).text
    late = press(leave(world, creator, "instagram"))
    clock.use(lambda: START + timedelta(minutes=16))
    assert "was not started here, or is too old" in creator.get(late, follow_redirects=True).text


@pytest.mark.parametrize(("login", "tail"), [("instagram", "%23_"), ("facebook", "%23_%3D_")])
@pytest.mark.parametrize("last", ["state", "code"])
def test_what_meta_hangs_on_the_end_is_no_part_of_it(world, app, creator, mia, stage, login, tail, last):
    path, _, query = press(leave(world, creator, login)).partition("?")
    parts = sorted(query.split("&"), key=lambda part: part.startswith(last))
    assert "Connected: shop_ana." in creator.get(f"{path}?{'&'.join(parts)}{tail}", follow_redirects=True).text


def test_a_code_under_another_logins_state_connects_nothing(world, app, creator, mia, stage):
    """Two tabs at once: each way back opens its own door, and a code of the one is none at the other."""
    first, second = press(leave(world, creator, "instagram")), press(leave(world, creator, "tiktok"))
    code, state = re.findall(r"code=[^&]+", first)[0], re.findall(r"state=[^&]+", second)[0]
    assert "Connected" not in creator.get(f"{urlsplit(BACK).path}?{code}&{state}", follow_redirects=True).text
    assert rows_of(app, mia) == []
    assert "was not started here" in creator.get(second, follow_redirects=True).text  # that door has been used
    assert "Connected: shop_ana." in creator.get(first, follow_redirects=True).text


def test_what_was_let_in_through_facebook_is_withdrawn_there(world, app, creator, mia, stage):
    connect(world, creator, "facebook")
    [row] = rows_of(app, mia)
    stage.instagram.strike("503", at="revoke")
    address = f"/creator/channels/{row.public_id}/disconnection"
    assert "withdrawn at Facebook" in creator.get(address).text
    assert (
        "Facebook did not withdraw it: please remove us there too, under Settings → Business integrations"
        in world.post(creator, address, follow_redirects=True).text
    )


def test_of_several_pages_those_that_work_are_connected(world, app, creator, mia, stage):
    two_pages(stage).dead = 492
    page = connect(world, creator, "facebook")
    assert "Connected: shop_ana." in page
    assert "Not connected: kopi.kita page. Your role on the Facebook Page" in page
    stage.instagram.accounts["17841400000000789"].dead = None
    assert "Connected: kopi.kita." in connect(world, creator, "facebook")
    first, second = rows_of(app, mia)
    address = f"/creator/channels/{first.public_id}/disconnection"
    assert "At Facebook it stays" in creator.get(address).text
    assert "At Facebook our permission stays" in world.post(creator, address, follow_redirects=True).text
    address = f"/creator/channels/{second.public_id}/disconnection"
    assert "withdrawn at Facebook" in world.post(creator, address, follow_redirects=True).text


def test_the_same_account_at_another_creator_is_refused_and_said(world, app, creator, mia, stage):
    connect(world, creator, "instagram")
    ana = world.creator("ana")
    page = connect(world, world.sign_in(app.test_client(), ana.user_id), "facebook")
    assert "The account shop_ana is connected by another creator here." in page
    assert rows_of(app, ana) == []


def test_an_account_that_is_lost_says_what_to_do_and_comes_back(world, app, creator, mia, stage):
    connect(world, creator, "instagram")
    [row] = rows_of(app, mia)
    with app.app_context():
        channel.lose(row.id, "password", seen=1, now=START)
    page = creator.get("/creator/channels").text
    assert "The password of this Instagram account was changed." in page
    assert "Connect again" in page
    assert f"/creator/channels/connect/{row.via}" in page
    assert "shop_ana still needs" not in connect(world, creator, "tiktok")
    ana, stage.instagram.signed_in = stage.instagram.signed_in, two_pages(stage)
    page = connect(world, creator, "instagram")
    assert "Connected: kopi.kita." in page
    assert "shop_ana still needs to be connected again: you let us into another account at Instagram." in page
    other = next(each for each in rows_of(app, mia) if each.username == "kopi.kita")
    world.post(creator, f"/creator/channels/{other.public_id}/disconnection")
    world.post(creator, f"/creator/channels/{rows_of(app, mia)[1].public_id}/disconnection")
    stage.instagram.signed_in = ana
    page = connect(world, creator, "instagram")
    assert "Connected: shop_ana." in page
    assert "still needs" not in page
    assert [(each.id, each.state) for each in rows_of(app, mia)] == [(row.id, "live")]
    clock.use(lambda: row.expires_at - timedelta(days=3))
    assert "only you can renew it" in world.sign_in(app.test_client(), mia.user_id).get("/creator/channels").text


def test_the_way_back_and_the_way_there_are_ours_alone(world, app, creator, stage):
    """No address of a request leads anybody anywhere; what the provider hands back is in no later address."""
    url = leave(world, creator, "instagram")
    assert url.startswith(stage.instagram.url)
    assert "redirect_uri=http%3A%2F%2Flocalhost%2Fcreator%2Fchannels%2Fback" in url
    foreign = creator.get(f"{press(url)}&next=https://evil.example&redirect_uri=https://evil.example")
    assert foreign.location == "/creator/channels"
    evil = world.post(creator, "/creator/channels/connect/instagram", headers={"Host": "evil.example"})
    assert "evil.example" not in evil.text
    assert creator.get("/creator/channels/connect/instagram").status_code == 405
    assert world.post(creator, "/creator/channels/connect/myspace").status_code == 404


def test_an_install_without_apps_says_so_and_tells_its_operator(world, app, creator, mia):
    right = settings_of("http://127.0.0.1:9", "http://127.0.0.1:9")
    channels.set_up(replace(right, tiktok=replace(right.tiktok, client_key="")))
    page = creator.get("/creator/channels").text
    assert "TikTok is not set up on this site." in page
    assert "docs/connect" not in page
    channels.set_up(type(right)())
    page = creator.get("/creator/channels").text
    assert "This site cannot post for you yet" in page
    assert "Connect TikTok" not in page
    refused = world.post(creator, "/creator/channels/connect/tiktok", follow_redirects=True)
    assert "TikTok is not set up on this site." in refused.text
    boss = world.user("boss@example.test", operator=True)
    with app.app_context(), transaction():
        mine = db.session.merge(mia)
        mine.user_id = boss.id
    page = world.sign_in(app.test_client(), boss.id).get("/creator/channels").text
    assert "docs/connect-instagram.md" in page


# --- what they let us do is nowhere to be read -----------------------------------------------------


def everything(folder: Path) -> str:
    """The whole database as text, and every file of the instance beside it."""
    end_reading()
    found = [
        str(line)
        for table in inspect(db.engine).get_table_names()
        for line in session().execute(text(f'SELECT * FROM "{table}"')).all()
    ]
    end_reading()
    return "\n".join(found) + "".join(
        path.read_bytes().decode("latin-1") for path in folder.rglob("*") if path.is_file() and "media" not in path.parts
    )


def test_tokens_and_codes_are_in_no_page_log_job_file_or_table(world, app, creator, mia, stage, tmp_path, capfd):
    """All of a channel's life, with every token a canary: connected, used, renewed, failing, lost, connected again, left."""
    pages, known = [], set()
    with capture_logs() as logs:
        for login in ("instagram", "facebook", "tiktok"):
            back = press(leave(world, creator, login))
            known |= {value for _, _, value in (pair.partition("=") for pair in back.partition("?")[2].split("&"))}
            pages += [creator.get(back).headers, creator.get("/creator/channels").text]
        with app.app_context():
            known |= used(stage, mia, pages)
        pages.append(creator.get("/creator/channels").text)
        with app.app_context():
            for row in social.channels_of(mia.id):
                channel.lose(row.id, "reconnect", seen=row.token_number, now=NOW)
            pages += [letter.subject + letter.body for letter in world.letters(now=NOW)]
            pages.append(everything(tmp_path))
        pages.append(creator.get("/creator/channels").text)
        for row in rows_of(app, mia):
            pages.append(world.post(creator, f"/creator/channels/{row.public_id}/disconnection", follow_redirects=True).text)
    with app.app_context():
        pages += [str(logs), everything(tmp_path), *capfd.readouterr(), app.test_client().get("/metrics").text]
    known = {each for each in known if each and len(each) > 12}
    assert len(known) > 8
    assert sum("canary" in each for each in known) >= 5
    for place in map(str, pages):
        assert "canary" not in place
        assert [each for each in known if each in place] == []
    with app.app_context(), transaction():
        session().execute(text("UPDATE creators SET name = 'a canary'"))
    with app.app_context():
        assert "canary" in everything(tmp_path)  # the search does find what lies open


def used(stage: Stage, mia, pages: list[object]) -> set[str | None]:
    """Post, renew, fail to renew: every token that was had meanwhile."""
    known = set()
    for row in social.channels_of(mia.id):
        known |= {row.access_token, row.refresh_token}
        pages += [repr(row), repr(channel.access_of(row))]
        stage.channels[row.provider] = row
    stage.plan(mia.id, "instagram", "tiktok", kind="video", now=START)
    stage.work(START)
    stage.tiktok.clock.forward(hours=22)
    channel.sweep({}, now=NOW)
    stage.work(NOW)
    tiktok = stage.channels["tiktok"].id
    for how in ("503", "wrong_types", "lost_before"):
        stage.tiktok.strike(how, at="token")
        channel.renew(tiktok, seen=social.channel(tiktok).token_number, now=NOW)
    end_reading()
    for row in social.channels_of(mia.id):
        known |= {row.access_token, row.refresh_token}
    return known


@pytest.mark.parametrize("how", ["nobody", "429", "html", "wrong_types", "cut_off", "no_json", "redirect", "deep"])
def test_no_failure_names_a_token(stage, mia, monkeypatch, how):
    """A traceback may come into a log, and its first line into a job: not even a defect may carry a secret there."""
    monkeypatch.setattr(wire, "SECONDS", 0.5)
    settings = settings_of(stage.instagram.url, stage.tiktok.url)
    if how == "nobody":
        settings = settings_of("http://127.0.0.1:9", "http://127.0.0.1:9")
    grant = Grant(SECRET, SECRET, frozenset(), START, START, START)
    assert SECRET not in repr(grant)
    access = Access("1", "ana", SECRET)
    channels.set_up(settings)
    callback = {"code": SECRET, "state": SECRET}
    for name, double in (("instagram", stage.instagram), ("facebook", stage.instagram), ("tiktok", stage.tiktok)):
        client = channels.publisher(name)
        assert SECRET not in repr(client)
        for question in (
            lambda client=client: client.refresh(grant, now=START),
            lambda client=client: client.options(access),
            lambda client=client: client.revoke(grant),
            lambda client=client: client.connect(callback, redirect_uri=BACK, verifier=SECRET, now=START),
        ):
            if how != "nobody":
                double.calm()
                double.strike(how, times=9)
            try:
                question()
            except (NotNow, Denied) as error:
                told = "".join(traceback.format_exception(error)) + repr(error) + repr(error.__dict__)
                assert SECRET not in told
