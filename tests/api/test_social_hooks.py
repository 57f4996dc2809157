"""The doors for Meta's and TikTok's messages: proved, kept once, answered at once; every other form gets one and the same no."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from socialshop.adapters import social as channels
from socialshop.config_social import FacebookApp, SocialSettings
from socialshop.domain import social
from socialshop.flows import channel_news
from socialshop.kernel import jobs
from socialshop.kernel.database import session
from tests.conftest import START

from ..adapters.social.pairs import settings_of
from ..doubles.instagram import hooks as meta
from ..doubles.instagram import world as instagram
from ..doubles.tiktok import hooks as tiktok

NOW = int(START.timestamp())
AWAY = "http://127.0.0.1:9"
PERSON, ACCOUNT = "25400000000000001", "17841400000000123"


@pytest.fixture
def apps(app) -> Iterator[None]:
    settings = settings_of(AWAY, AWAY)
    channels.set_up(replace(settings, facebook=replace(settings.facebook, client_id=instagram.META_ID)))
    yield
    channels.set_up(app.config["SETTINGS"].social)


@pytest.fixture
def row(world, apps):
    """A connected Instagram account of Mia's."""
    mia = world.creator("mia")
    token = social.TokenFacts("IGAA-canary", "", frozenset({"instagram_business_basic"}), START, None, None, None)
    who = {"account_id": ACCOUNT, "scoped_id": PERSON, "username": "shop_ana", "name": "Ana"}

    def connect():
        return social.connect(mia.id, provider="instagram", via="instagram", **who, token=token, now=START)

    return world._do(connect)


def waiting(app):
    with app.app_context():
        return list(session().scalars(select(jobs.Job).where(jobs.Job.name == "channel.hear")))


def state_of(app, row):
    with app.app_context():
        found = social.channel(row.id)
        return found.state, found.why, found.access_token


def told(answer):
    return {name: value for name, value in answer.json.items() if name not in ("instance", "request_id")}


# --- messages --------------------------------------------------------------------------------------


def test_metas_handshake_gets_its_challenge_back_as_bare_text(client, apps, app):
    good = client.get("/hooks/instagram", query_string=meta.handshake("<b>9304</b>"))
    assert (good.status_code, good.text, good.mimetype) == (200, "<b>9304</b>", "text/plain")
    for wrong in (meta.handshake(token="wrong"), {}, {**meta.handshake(), "hub.mode": "unsubscribe"}):
        assert client.get("/hooks/instagram", query_string=wrong).status_code == 403
    channels.set_up(SocialSettings())
    assert client.get("/hooks/instagram", query_string=meta.handshake(token="")).status_code == 403


@pytest.mark.parametrize("secret", [instagram.CLIENT_SECRET, instagram.META_SECRET])
def test_metas_messages_are_kept_once_by_the_secret_of_either_app(client, app, apps, secret):
    body = meta.event(ACCOUNT, "comments", {"id": "179", "text": "want it", "from": {"id": "1"}})
    answers = [client.post("/hooks/instagram", data=body, headers=meta.signed(body, secret=secret)) for _ in range(2)]
    assert [(each.status_code, each.json["duplicate"]) for each in answers] == [(200, False), (200, True)]
    [job] = waiting(app)
    assert job.payload == {"provider": "instagram", "told": [["comments", ACCOUNT, ""]]}  # nothing of what people wrote


def test_tiktoks_messages_are_kept_once(client, app, apps):
    body = tiktok.event(
        "post.publish.complete", "-000ana", {"publish_id": "v_pub_file~v2.1", "publish_type": "INBOX_SHARE"}, at=NOW
    )
    answers = [client.post("/hooks/tiktok", data=body, headers=tiktok.signed(body, at=NOW + again)) for again in (0, 60)]
    assert [(each.status_code, each.json["duplicate"]) for each in answers] == [(200, False), (200, True)]
    assert [job.payload["told"] for job in waiting(app)] == [[["post.publish.complete", "-000ana", "v_pub_file~v2.1"]]]


def test_the_same_message_from_many_sides_at_once_is_one(app, apps):
    body = meta.event(ACCOUNT, "comments", {"id": "180"})
    answers, start = [], threading.Barrier(6)

    def deliver():
        start.wait()
        answers.append(app.test_client().post("/hooks/instagram", data=body, headers=meta.signed(body)))

    crowd = [threading.Thread(target=deliver) for _ in range(6)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert [each.status_code for each in answers] == [200] * 6
    assert len(waiting(app)) == 1


def forged():
    """(address, body, headers) of everything that must be refused."""
    body = meta.event(ACCOUNT, "comments", {"id": "1"})
    event = tiktok.event("authorization.removed", "-000ana", {"reason": 1}, at=NOW)
    other = json.dumps(json.loads(event), indent=1).encode()  # the same, written anew
    return [
        ("/hooks/instagram", body, {}),
        ("/hooks/instagram", body, meta.signed(body, secret="wrong")),
        ("/hooks/instagram", body, meta.signed(body, secret="")),
        ("/hooks/instagram", body + b" ", meta.signed(body)),
        ("/hooks/instagram", body, {"X-Hub-Signature-256": meta.signed(body)["X-Hub-Signature-256"].removeprefix("sha256=")}),
        ("/hooks/tiktok", event, {}),
        ("/hooks/tiktok", event, tiktok.signed(event, at=NOW, secret="wrong")),
        ("/hooks/tiktok", event, tiktok.signed(event, at=NOW - 301)),
        ("/hooks/tiktok", event, tiktok.signed(event, at=NOW + 301)),
        ("/hooks/tiktok", other, tiktok.signed(event, at=NOW)),
        ("/hooks/tiktok", event, {"TikTok-Signature": f"t={NOW},s=\u0661".encode().decode("latin-1")}),
        ("/hooks/tiktok", body, meta.signed(body)),
    ]


@pytest.mark.parametrize("number", range(12))
def test_what_does_not_prove_itself_is_refused_alike_and_not_kept(client, app, apps, number):
    address, body, headers = forged()[number]
    refused = client.post(address, data=body, headers=headers)
    assert refused.status_code == 401
    assert waiting(app) == []
    channels.set_up(SocialSettings())  # an install without such an app: nobody can tell
    assert told(client.post(address, data=body, headers=headers)) == told(refused)
    channels.set_up(settings_of(AWAY, AWAY))


def test_what_proves_itself_but_cannot_be_read_is_taken_and_put_aside(client, app, apps):
    for body in (b"[1]", b'{"event": "x", "user_openid": "-000ana", "content": "[1]"}', b"\xff\x00"):
        assert client.post("/hooks/tiktok", data=body, headers=tiktok.signed(body, at=NOW)).status_code == 200
    assert all("not_understood" in job.payload for job in waiting(app))
    assert len(waiting(app)) == 3
    body = b"x" * (1024 * 1024 + 1)
    assert client.post("/hooks/tiktok", data=body, headers=tiktok.signed(body, at=NOW)).status_code == 413


def test_signs_that_no_database_keeps_stop_no_message(client, app, row):
    odd = {"event": "post.publish.complete", "user_openid": "\ud800\0-000ana", "content": json.dumps({"publish_id": "\0v\udfff"})}
    for body in (json.dumps(odd).encode(), json.dumps({**odd, "event": "authorization.removed"}).encode()):
        assert client.post("/hooks/tiktok", data=body, headers=tiktok.signed(body, at=NOW)).json == {"duplicate": False}
    body = meta.event(ACCOUNT, "comments", {"id": "\ud800\0"})
    assert client.post("/hooks/instagram", data=body, headers=meta.signed(body)).json == {"duplicate": False}
    assert waiting(app)[0].payload["told"] == [["post.publish.complete", "?-000ana", "v?"]]
    with app.app_context():
        for job in waiting(app):
            channel_news.hear(job.payload, now=START)
    form = {"signed_request": meta.signed_request(f"\0{PERSON}\0", issued_at=NOW)}
    assert client.post("/hooks/instagram/deauthorize", data=form).json == {"channels": 1}


def test_a_batch_of_a_thousand_in_either_shape_is_one_job_and_a_thousand_more_another(client, app, apps):
    changes = [{"field": "comments", "value": {"id": str(number), "from": {"id": "1"}}} for number in range(1000)]
    flat = json.dumps({"object": "instagram", "entry": [{"id": ACCOUNT, **change} for change in changes]}).encode()
    live = json.dumps({"object": "instagram", "entry": [{"id": ACCOUNT, "changes": changes[::-1]}]}).encode()
    told = [client.post("/hooks/instagram", data=body, headers=meta.signed(body)).json["duplicate"] for body in (live, flat)]
    assert told == [False, True]  # the same, in another order and shape
    [job] = waiting(app)
    assert len(job.payload["told"]) == channel_news.MOST


def test_without_a_place_to_keep_it_the_provider_is_asked_to_come_again(client, app, apps, monkeypatch):
    def locked(*_args, **_more):
        raise OperationalError("insert", {}, Exception("locked"))

    monkeypatch.setattr(channel_news, "keep", locked)
    body = meta.event(ACCOUNT, "comments", {"id": "1"})
    assert client.post("/hooks/instagram", data=body, headers=meta.signed(body)).status_code == 503
    monkeypatch.undo()

    def broken(*_args, **_more):
        raise OperationalError("commit", {}, Exception("full"))

    monkeypatch.setattr(jobs, "add", broken)
    assert client.post("/hooks/instagram", data=body, headers=meta.signed(body)).status_code == 503
    monkeypatch.undo()
    assert client.post("/hooks/instagram", data=body, headers=meta.signed(body)).json == {"duplicate": False}


# --- taken away, forgotten -------------------------------------------------------------------------


@pytest.mark.parametrize("secret", [instagram.CLIENT_SECRET, instagram.META_SECRET])
def test_access_that_was_taken_away_is_forgotten(client, app, row, secret):
    form = {"signed_request": meta.signed_request(PERSON, secret=secret, issued_at=NOW)}
    answers = [client.post("/hooks/instagram/deauthorize", data=form) for _ in range(2)]
    assert [(each.status_code, each.json) for each in answers] == [(200, {"channels": 1}), (200, {"channels": 0})]
    assert state_of(app, row) == ("off", "removed", None)


def test_a_wish_to_be_forgotten_is_done_and_its_page_shows_it(client, app, row):
    form = {"signed_request": meta.signed_request(PERSON, issued_at=NOW)}
    answer = client.post("/hooks/instagram/deletion", data=form)
    assert set(answer.json) == {"url", "confirmation_code"}
    code = answer.json["confirmation_code"]
    assert answer.json["url"] == f"http://localhost/deletion/{code}"
    assert state_of(app, row) == ("off", "erased", None)
    page = client.get(f"/deletion/{code}")
    assert page.status_code == 200
    assert code in page.text
    assert "Done on 1 Jun 2026" in page.text
    assert "shop_ana" not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    for wrong in ("ers_nothing", "1", code[:-1] + "~"):
        assert client.get(f"/deletion/{wrong}").status_code == 404


def requests_of_nobody():
    good = meta.signed_request(PERSON, issued_at=NOW)
    mark, payload = good.split(".")
    unsigned = base64.urlsafe_b64encode(json.dumps({"user_id": PERSON, "issued_at": NOW}).encode()).decode().rstrip("=")
    return [
        "", ".", "x", payload, f"{mark}.", f".{payload}", f"{mark}{payload}", f"{mark}.{payload}x", f"{mark}.{payload}.{payload}",
        f"x{mark[1:]}.{payload}" if mark[0] != "x" else f"y{mark[1:]}.{payload}", f"\u00e9.{payload}", f"{mark}.\u00e9", f"{mark}.{unsigned}",
        meta.signed_request(PERSON, secret="wrong", issued_at=NOW), meta.signed_request(PERSON, secret="", issued_at=NOW),
        meta.signed_request(PERSON, algorithm="HMAC-SHA1", issued_at=NOW), meta.signed_request(PERSON, algorithm="none", issued_at=NOW),
        meta.signed_request("", issued_at=NOW), meta.signed_request(PERSON, issued_at=-1),
        meta.signed_request(PERSON, issued_at=10**20), meta.signed_request(PERSON, issued_at="soon"),  # type: ignore[arg-type]
    ]  # fmt: skip


@pytest.mark.parametrize("door", ["deauthorize", "deletion"])
def test_requests_that_prove_nothing_do_nothing(client, app, row, door):
    address = f"/hooks/instagram/{door}"
    answers = [client.post(address, data={"signed_request": each}) for each in requests_of_nobody()]
    answers += [client.post(address), client.post(address, json={"signed_request": meta.signed_request(PERSON)})]
    assert {each.status_code for each in answers} == {401}
    channels.set_up(SocialSettings(facebook=FacebookApp(client_id="1")))  # an app without a secret proves nothing
    empty = meta.signed_request(PERSON, secret="", issued_at=NOW)
    assert told(client.post(address, data={"signed_request": empty})) == told(answers[0])
    assert state_of(app, row)[0] == "live"
    assert client.get(address).status_code in (404, 405)


def test_somebody_we_do_not_know_is_forgotten_too(client, app, row):
    form = {"signed_request": meta.signed_request("25499999999999999", issued_at=NOW)}
    assert client.post("/hooks/instagram/deauthorize", data=form).json == {"channels": 0}
    code = client.post("/hooks/instagram/deletion", data=form).json["confirmation_code"]
    assert "No connection to this account was open any more" in client.get(f"/deletion/{code}").text
    assert state_of(app, row)[0] == "live"


def test_a_wish_that_could_not_be_kept_is_asked_for_again(client, app, row, monkeypatch):
    def broken(*_args, **_more):
        raise OperationalError("commit", {}, Exception("full"))

    form = {"signed_request": meta.signed_request(PERSON, issued_at=NOW)}
    monkeypatch.setattr(social, "erase", broken)
    assert client.post("/hooks/instagram/deletion", data=form).status_code == 503
    monkeypatch.undo()
    assert state_of(app, row)[0] == "live"  # all or nothing
    assert client.post("/hooks/instagram/deletion", data=form).status_code == 200


# --- whose addresses these are ---------------------------------------------------------------------


def test_tiktok_finds_the_file_that_the_operator_was_given(client, app):
    assert client.get("/tiktokAbCdEfGh123456.txt").status_code == 404
    before = app.config["SETTINGS"]
    proofs = ("AbCdEfGh123456", "Zz_9-other")
    app.config["SETTINGS"] = replace(before, social=replace(before.social, tiktok=replace(before.social.tiktok, proofs=proofs)))
    try:
        found = client.get("/tiktokAbCdEfGh123456.txt")
        assert (found.status_code, found.mimetype) == (200, "text/plain")
        assert found.text == "tiktok-developers-site-verification=AbCdEfGh123456"
        for wrong in ("/tiktok.txt", "/tiktokabcdefgh123456.txt", "/tiktokAbCdEfGh12345.txt", "/tiktokAbCdEfGh123456.txt/"):
            assert client.get(wrong).status_code == 404
    finally:
        app.config["SETTINGS"] = before
