"""Sign-up to sign-out in a browser, the account page, and what strangers may not learn."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from socialshop.app import create_app
from socialshop.config import Settings
from socialshop.domain import people
from socialshop.kernel import clock
from socialshop.kernel.database import db
from tests.builders import PASSWORD, World
from tests.conftest import START

NEW = "perahu kertas di sungai"


def sign_up(world: World, client: FlaskClient, **fields: str) -> TestResponse:
    typed = {"kind": "creator", "email": "ana@example.test", "password": NEW, "handle": "ana", **fields}
    return world.post(client, "/auth/sign-up", typed)


def sign_in(world: World, client: FlaskClient, password: str = PASSWORD, **fields: str) -> TestResponse:
    return world.post(client, "/auth/sign-in", {"email": "mia@example.test", "password": password, **fields})


def is_in(client: FlaskClient) -> bool:
    return client.get("/auth/account").status_code == 200


def stripped(answer: TestResponse) -> str:
    """A page without what differs in every answer: nonces and CSRF tokens."""
    text = re.sub(r'name="csrf_token" [^>]*value="[^"]*"', "", answer.text)
    return re.sub(r'nonce="[^"]*"', "", text)


# --- doors -----------------------------------------------------------------------------------------


def test_sign_up_leads_straight_on(world: World, client: FlaskClient) -> None:
    assert 'name="handle"' in client.get("/auth/sign-up").text
    answer = sign_up(world, client)
    assert (answer.status_code, answer.location) == (303, "/creator/page")
    assert is_in(client)


def test_a_handle_left_empty_is_chosen(world: World, client: FlaskClient, app: Flask) -> None:
    assert client.get("/auth/handle?from=ana").json == {"handle": "ana"}
    world.creator("ana", email="other@example.test")
    assert client.get("/auth/handle?from=ana").json == {"handle": "ana-2"}
    assert sign_up(world, client, handle="").status_code == 303
    with app.app_context():
        assert people.find_creator_by_handle("ana-2") is not None


def test_a_brand_signs_up(world: World, client: FlaskClient) -> None:
    answer = sign_up(world, client, kind="brand", brand_name="Senja Kopi")
    assert (answer.status_code, answer.location) == (303, "/brand/senja-kopi/products")


def test_a_refused_sign_up_keeps_entries_but_no_password(world: World, client: FlaskClient) -> None:
    answer = sign_up(world, client, password="terlalu pendek", handle="admin")
    assert answer.status_code == 422
    assert "ana@example.test" in answer.text
    assert "terlalu pendek" not in answer.text
    assert 'aria-describedby="handle-hint handle-error"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert not is_in(client)


def test_sign_up_answers_alike_for_known_and_unknown_addresses(world: World, app: Flask) -> None:
    world.person("mia@example.test")
    seen = []
    for email, handle in (("mia@example.test", "one-one"), ("new@example.test", "two-two")):
        client = app.test_client()
        answer = sign_up(world, client, email=email, handle=handle)
        hub = client.get("/auth/start")
        seen.append((answer.status_code, answer.location, hub.status_code, stripped(hub).replace(email, "").replace(handle, "")))
    assert seen[0] == seen[1]


def test_sign_in_and_reset_answer_alike(world: World, app: Flask) -> None:
    world.person("mia@example.test")
    for url, fields in (("/auth/sign-in", {"password": NEW}), ("/auth/reset", {})):
        seen = []
        for email in ("mia@example.test", "new@example.test"):
            answer = world.post(app.test_client(), url, {"email": email, **fields})
            seen.append((answer.status_code, stripped(answer).replace(email, "")))
        assert seen[0] == seen[1]


@pytest.mark.parametrize(
    ("onward", "place"),
    [
        ("/creator/page?x=1", "/creator/page?x=1"),
        ("", "/auth/start"),
        ("//evil.test/", "/auth/start"),
        ("https://evil.test/", "/auth/start"),
        ("/\\evil.test/", "/auth/start"),
        ("\\\\evil.test/", "/auth/start"),
        ("javascript:alert(1)", "/auth/start"),
        ("/\t/evil.test", "/auth/start"),
        ("/x\r\nSet-Cookie: a=b", "/auth/start"),
    ],
)
def test_sign_in_leads_only_to_our_own_pages(world: World, client: FlaskClient, onward: str, place: str) -> None:
    world.person()
    assert sign_in(world, client, next=onward).location == place
    assert client.get("/auth/sign-in", query_string={"next": onward}).location == place, "also who is signed in already"


def test_a_sign_in_takes_a_new_session_and_a_new_csrf_token(world: World, client: FlaskClient) -> None:
    world.person()
    with client.session_transaction() as cookie:
        cookie["csrf_token"] = "planted"
        cookie["_user_id"] = "planted"
    assert sign_in(world, client).status_code == 303
    with client.session_transaction() as cookie:
        first = cookie["_user_id"]
        assert cookie.get("csrf_token") != "planted"
        assert cookie.permanent
    sign_in(world, client)
    with client.session_transaction() as cookie:
        assert cookie["_user_id"] not in (first, "planted")


def test_signing_out_ends_the_session_itself(world: World, client: FlaskClient, app: Flask) -> None:
    world.person()
    sign_in(world, client)
    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    assert world.post(client, "/auth/sign-out").status_code == 303
    stolen = app.test_client()
    with stolen.session_transaction() as cookie:
        cookie["_user_id"] = token
    assert not is_in(stolen)


def test_cookies_are_kept_from_scripts_and_other_sites(world: World, client: FlaskClient) -> None:
    world.person()
    cookie = sign_in(world, client).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_one_address_may_try_only_so_often(settings: Settings) -> None:
    from dataclasses import replace

    app = create_app(replace(settings, ratelimit_enabled=True))
    clock.use(lambda: START)
    try:
        world, client = World(app), app.test_client()
        answers = [
            world.post(client, "/auth/sign-in", {"email": f"m{n}@example.test", "password": NEW}).status_code for n in range(31)
        ]
        assert answers == [422] * 30 + [429]
        answers = [sign_up(world, client, password="short").status_code for _ in range(21)]
        assert answers == [422] * 20 + [429]
        assert "Retry-After" in sign_up(world, client).headers
    finally:
        clock.use(clock.system_clock)
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


# --- proving it again ------------------------------------------------------------------------------


def test_what_matters_asks_for_the_password_again(world: World, client: FlaskClient) -> None:
    world.person()
    sign_in(world, client)
    clock.use(lambda: START + timedelta(minutes=21))
    answer = world.post(
        client, "/auth/email", {"email": "baru@example.test"}, headers={"Referer": "http://localhost/auth/account"}
    )
    assert (answer.status_code, answer.location) == (303, "/auth/prove?next=/auth/account")
    assert world.letters() == []
    assert world.post(client, "/auth/prove", {"password": NEW, "next": "/auth/account"}).status_code == 422
    assert world.post(client, "/auth/prove", {"password": PASSWORD, "next": "/auth/account"}).location == "/auth/account"
    assert world.post(client, "/auth/email", {"email": "baru@example.test"}).status_code == 303
    assert {letter.to for letter in world.letters()} == {"mia@example.test", "baru@example.test"}


# --- links in mails --------------------------------------------------------------------------------


def test_opening_a_link_changes_nothing_the_button_does(world: World, client: FlaskClient, app: Flask) -> None:
    sign_up(world, client)
    link = world.letters()[0].link
    stranger = app.test_client()
    assert stranger.get(link).location.startswith("/auth/sign-in?next="), "a confirmation counts only in the account's session"
    assert client.get(link).status_code == 200
    assert "Please confirm your e-mail address" in client.get("/auth/account").text
    assert world.post(client, link).status_code == 303
    assert "Please confirm your e-mail address" not in client.get("/auth/account").text
    assert world.post(client, link).status_code == 410


def test_a_reset_from_the_mail_to_the_new_password(world: World, client: FlaskClient) -> None:
    world.person()
    assert "Look into your mail" in world.post(client, "/auth/reset", {"email": "mia@example.test"}).text
    link = world.letters()[0].link
    assert client.get(link).status_code == 200
    assert world.post(client, link, {"password": "short"}).status_code == 422
    assert world.post(client, link, {"password": NEW}).location == "/auth/sign-in"
    assert client.get(link).status_code == 410
    assert world.post(client, link, {"password": NEW}).status_code == 410
    assert sign_in(world, client, NEW).status_code == 303


def test_an_invitation_brings_somebody_new_in(world: World, client: FlaskClient, app: Flask) -> None:
    brand = world.brand("senja")
    owner = app.test_client()
    with app.app_context():
        boss = people.members_of(brand.id)[0][1].id
    world.sign_in(owner, boss)
    sent = world.post(owner, "/brand/senja/members/invitations", {"email": "budi@example.test", "role": "manager"})
    assert sent.status_code == 303
    assert "budi@example.test" in owner.get("/brand/senja/members").text
    link = world.letters()[0].link
    assert "budi@example.test" in client.get(link).text
    assert world.post(client, link, {"name": "Budi", "password": "short"}).status_code == 422
    assert world.post(client, link, {"name": "Budi", "password": NEW}).location == "/brand/senja/"
    assert client.get(link).status_code == 410
    assert client.get("/brand/senja/members").status_code == 403, "a manager does not manage members"
    assert "Budi" in owner.get("/brand/senja/members").text


# --- the account -----------------------------------------------------------------------------------


def test_name_language_and_zone_are_kept(world: World, client: FlaskClient) -> None:
    world.person()
    sign_in(world, client)
    answer = world.post(client, "/auth/account", {"name": " Mia\u202e Sari ", "locale": "id", "timezone": "Asia/Makassar"})
    assert answer.status_code == 303
    page = client.get("/auth/account").text
    assert '<html lang="id">' in page
    assert 'value="Mia Sari"' in page
    assert "WITA" in page
    assert world.post(client, "/auth/account", {"name": "", "locale": "xx", "timezone": "Mars/Base"}).status_code == 422


def test_the_password_is_changed_and_others_are_out(world: World, client: FlaskClient, app: Flask) -> None:
    world.person()
    other = app.test_client()
    sign_in(world, client)
    sign_in(world, other)
    assert world.post(client, "/auth/password", {"current": NEW, "new": NEW}).status_code == 422
    assert world.post(client, "/auth/password", {"current": PASSWORD, "new": NEW}).status_code == 303
    assert (is_in(client), is_in(other)) == (True, False)


def test_browsers_are_listed_and_signed_out(world: World, client: FlaskClient, app: Flask) -> None:
    mia = world.person()
    others = [app.test_client() for _ in range(3)]
    for browser in others:
        world.post(
            browser, "/auth/sign-in", {"email": "mia@example.test", "password": PASSWORD},
            headers={"User-Agent": "Mozilla/5.0 (Linux; Android 14) Chrome/130.0 Mobile Safari/537.36"},
        )  # fmt: skip
    sign_in(world, client)
    assert client.get("/auth/account").text.count("Chrome, Android") == 3
    with app.app_context():
        first = people.live_sessions_of(mia.id, now=START)[-1].public_id
    assert world.post(client, f"/auth/sessions/{first}/ending").status_code == 303
    assert [is_in(browser) for browser in others] == [False, True, True]
    assert world.post(client, "/auth/sessions/others/ending").status_code == 303
    assert [is_in(browser) for browser in (*others, client)] == [False, False, False, True]
    eve = world.person("eve@example.test")
    with app.app_context():
        mine = people.live_sessions_of(mia.id, now=START)[0].public_id
    stranger = world.sign_in(app.test_client(), eve.id)
    assert world.post(stranger, f"/auth/sessions/{mine}/ending").status_code == 404
    assert is_in(client)


def test_being_here_is_noted_now_and_then(world: World, client: FlaskClient, app: Flask) -> None:
    mia = world.person()
    sign_in(world, client)
    for minutes, seen in ((9, 0), (11, 11), (20, 11), (22, 22)):
        clock.use(lambda minutes=minutes: START + timedelta(minutes=minutes))  # type: ignore[misc]
        client.get("/auth/start")
        with app.app_context():
            assert people.live_sessions_of(mia.id, now=START)[0].seen_at == START + timedelta(minutes=seen)


def test_one_account_wears_several_hats(world: World, client: FlaskClient) -> None:
    world.person()
    sign_in(world, client)
    assert 'value="mia"' in client.get("/auth/start").text, "a handle is suggested"
    assert world.post(client, "/auth/start/creator", {"handle": "admin"}).status_code == 422
    assert world.post(client, "/auth/start/creator", {"handle": "mia"}).status_code == 303
    assert world.post(client, "/auth/start/creator", {"handle": "mia-two"}).status_code == 409
    assert world.post(client, "/auth/start/brand", {"brand_name": " "}).status_code == 422
    for place in ("/brand/senja/products", "/brand/senja-2/products"):
        assert world.post(client, "/auth/start/brand", {"brand_name": "Senja"}).location == place
    hub = client.get("/auth/start").text
    assert "@mia" in hub
    assert "/brand/senja/" in hub
    assert "/brand/senja-2/" in hub


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_page_is_whole_in_both_languages(world: World, client: FlaskClient, language: str) -> None:
    for path in ("/auth/sign-up", "/auth/sign-in", "/auth/reset"):
        assert client.get(path, query_string={"lang": language}).status_code == 200
    world.person()
    sign_in(world, client)
    for path in ("/auth/start", "/auth/account", "/auth/prove"):
        assert f'<html lang="{language}">' in client.get(path, query_string={"lang": language}).text
