"""What the documents disagree on goes well either way; what is signed is believed only as it was signed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from socialshop.adapters import social
from socialshop.adapters.social import Delivered, Denied, NotNow, Published, Unusable, wire
from socialshop.adapters.social.instagram import Instagram
from socialshop.adapters.social.tiktok.oauth import challenge
from socialshop.config import BadSetting, Settings, check
from socialshop.config_social import SocialSettings, complaint

from ..doubles import films
from ..doubles.instagram import hooks as instagram_hooks
from ..doubles.instagram.world import VERIFY_TOKEN
from ..doubles.tiktok import hooks as tiktok_hooks
from ..doubles.upstream import Answer
from .social.pairs import NOW, VERIFIER, Pair, a_tiktok, an_instagram, settings_of


@pytest.fixture
def instagram(tmp_path: Path) -> Iterator[Pair]:
    with an_instagram(tmp_path) as pair:
        yield pair


@pytest.fixture
def tiktok(tmp_path: Path) -> Iterator[Pair]:
    with a_tiktok(tmp_path) as pair:
        yield pair


def test_a_token_that_no_header_can_carry_is_not_understood() -> None:
    with pytest.raises(NotNow, match="not_understood"):
        wire.ask("GET", "http://127.0.0.1:9", bearer="\ud800")


# --- the switches of section E4 --------------------------------------------------------------------


@pytest.mark.parametrize("reply", ["flat", "wrapped"])
@pytest.mark.parametrize(("wants", "sends"), [("any", "form"), ("any", "multipart"), ("multipart", "multipart")])
def test_instagrams_first_token_in_either_shape_and_encoding(instagram: Pair, reply: str, wants: str, sends: str) -> None:
    instagram.world.switches.exchange_reply, instagram.world.switches.exchange_body = reply, wants
    social.set_up(settings_of(instagram.world.url, to_instagram={"exchange": sends}))
    instagram.client = social.publisher("instagram")
    account, grant = instagram.connect()
    assert account.id == "17841400000000123"  # a bare number above 2^53 on the wire
    assert grant.expires_at == NOW + timedelta(seconds=5_184_000)
    assert instagram.client.missing(grant) == frozenset()


def test_an_exchange_that_is_not_multipart_is_refused_where_it_is_demanded(instagram: Pair) -> None:
    instagram.world.switches.exchange_body = "multipart"
    with pytest.raises(Denied):
        instagram.connect()


@pytest.mark.parametrize("quota", [50, 100, 25])
def test_instagrams_quota_is_read(instagram: Pair, quota: int) -> None:
    instagram.world.switches.quota_total = quota
    found = instagram.client.quota(instagram.access)
    assert found is not None
    assert (found.used, found.total, found.seconds) == (0, quota, 86_400)


@pytest.mark.parametrize(("life", "seconds", "long"), [("old", 86_400, 31_536_000), ("new", 7_200, 15_552_000)])
def test_tiktoks_lifetimes_are_what_the_reply_says(tiktok: Pair, life: str, seconds: int, long: int) -> None:
    tiktok.world.switches.life = life
    _, grant = tiktok.connect()
    assert grant.expires_at == NOW + timedelta(seconds=seconds)
    assert grant.refresh_expires_at == NOW + timedelta(seconds=long)
    at = tiktok.client.refresh_at(grant)
    assert at is not None
    assert NOW < at < grant.expires_at


@pytest.mark.parametrize("rotates", [True, False])
def test_tiktoks_refresh_token_is_kept_or_replaced(tiktok: Pair, rotates: bool) -> None:
    tiktok.world.switches.rotates = rotates
    _, grant = tiktok.connect()
    made = tiktok.client.refresh(grant, now=NOW)
    assert (made.refresh != grant.refresh) == rotates
    if rotates:
        with pytest.raises(Denied):  # the old one died with its use
            tiktok.client.refresh(grant, now=NOW)
    assert tiktok.client.refresh(made, now=NOW).access != made.access


@pytest.mark.parametrize("how", ["hex", "off", "base64url"])
def test_tiktoks_challenge_in_each_way(tiktok: Pair, how: str) -> None:
    tiktok.world.switches.pkce = how
    social.set_up(settings_of(tiktok=tiktok.world.url, to_tiktok={"pkce": how}))
    tiktok.client = social.publisher("tiktok")
    tiktok.connect()
    asked = [each for each in tiktok.world.heard if each.path == "/v2/oauth/token/"][-1]
    assert set(asked.given) == {"client_key", "client_secret", "code", "grant_type", "redirect_uri"} | (
        set() if how == "off" else {"code_verifier"}
    )
    assert "authorization" not in asked.headers  # no Basic header
    assert asked.given["code"].endswith("*1!")  # decoded once


def test_the_challenge_of_rfc_7636_and_tiktoks() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge(verifier, "base64url") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert challenge(verifier, "hex") == "13d31e961a1ad8ec2f16b10c4c982e0876a878ad6df144566ee1894acb70f9c3"


@pytest.mark.parametrize("status", [400, 200])
def test_tiktoks_refusals_count_under_either_status(tiktok: Pair, status: int) -> None:
    tiktok.world.switches.oauth_status = status
    back = {**tiktok.callback(), "code": "made-up"}
    with pytest.raises(Denied) as denied:
        tiktok.client.connect(back, redirect_uri=tiktok.back, verifier=VERIFIER, now=NOW)
    assert denied.value.code == "invalid_grant"
    _, grant = tiktok.connect()
    for each in tiktok.world.grants:
        each.alive = False
    for question in (lambda: tiktok.client.refresh(grant, now=NOW), lambda: tiktok.client.revoke(grant)):
        with pytest.raises(Denied) as denied:
            question()
        assert (denied.value.code, denied.value.reason.name) == ("invalid_grant", "reconnect")


@pytest.mark.parametrize("word", ["server_error", "temporarily_unavailable"])
def test_a_platform_that_is_away_has_not_declined(tiktok: Pair, word: str) -> None:
    with pytest.raises(NotNow):
        tiktok.client.connect({"error": word, "state": "s1"}, redirect_uri=tiktok.back, verifier=VERIFIER, now=NOW)
    _, grant = tiktok.connect()
    tiktok.world.strike(Answer(document={"error": word}), at="revoke")
    with pytest.raises(NotNow):
        tiktok.client.revoke(grant)


def test_nothing_undocumented_is_sent(tmp_path: Path) -> None:
    for make in (an_instagram, a_tiktok):
        with make(tmp_path) as pair:
            pair.world.switches.strict = True
            pair.connect()
            assert isinstance(pair.post(pair.request()), Published)
            if make is an_instagram:
                continue
            photos = {"kind": "photos", "media": (pair.item(films.photo(), kind="image"),)}
            assert isinstance(pair.post(pair.request(**photos)), Published)
            for more in ({}, photos):
                assert isinstance(pair.post(pair.request(draft=True, **more)), Delivered)


def test_ids_as_texts(tiktok: Pair) -> None:
    tiktok.world.switches.id_as_text = True
    found = tiktok.post(tiktok.request())
    assert isinstance(found, Published)
    assert found.remote_id in tiktok.world.posts


def test_only_facebook_login_sets_the_label(tmp_path: Path) -> None:
    for via, wanted in (("facebook", True), ("instagram", False)):
        with an_instagram(tmp_path, via) as pair:
            for promotes, label in (("brand", wanted), ("both", wanted), ("own", False), ("nothing", False)):
                assert isinstance(pair.post(pair.request(promotes=promotes)), Published)
                assert list(pair.world.posts.values())[-1].paid_partnership == label


def test_addresses_carry_what_is_documented() -> None:
    settings = settings_of("http://127.0.0.1:9", "http://127.0.0.1:9")
    social.set_up(settings)
    query = dict(
        parse_qsl(urlsplit(social.publisher("tiktok").authorize_url(state="s", redirect_uri="https://x/y", verifier="v")).query)
    )
    assert "client_id" not in query
    assert query["scope"].count(",") == 4
    url = social.publisher("instagram").authorize_url(state="s", redirect_uri="https://x/y", verifier="v")
    assert dict(parse_qsl(urlsplit(url).query))["scope"].startswith("instagram_business_basic,")
    assert "instagram_branded_content_creator" in social.publisher("facebook").authorize_url(
        state="s", redirect_uri="u", verifier="v"
    )


# --- messages --------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["changes", "flat"])
def test_a_comment_in_either_shape_but_not_our_own(instagram: Pair, shape: str) -> None:
    value = {"id": "179", "from": {"id": "9", "username": "fan_01"}, "text": "want it", "media": {"id": "180"}}
    [heard] = instagram.client.hear(instagram_hooks.event("178", "comments", value, shape=shape))
    assert (heard.topic, heard.account_id, heard.remote_id) == ("comments", "178", "180")
    echo = {**value, "from": {"id": "178"}}
    assert instagram.client.hear(instagram_hooks.event("178", "comments", echo, shape=shape)) == []


def test_a_message_of_tiktok_is_stale_after_five_minutes(tiktok: Pair) -> None:
    body = tiktok_hooks.event("post.publish.failed", "-000ana", {"publish_id": "v~1", "reason": "internal"}, at=1)
    at = int(NOW.timestamp())
    for age, good in ((0, True), (299, True), (301, False), (600, False), (-301, False)):
        headers = {"tiktok-signature": tiktok_hooks.signed(body, at=at - age)["TikTok-Signature"]}
        assert tiktok.client.proves(headers, body, now=NOW) == good
    wrong = {"tiktok-signature": tiktok_hooks.signed(body, at=at, secret="other")["TikTok-Signature"]}
    assert not tiktok.client.proves(wrong, body, now=NOW)
    again = json.dumps(json.loads(body), indent=1).encode()  # the same, written otherwise
    assert not tiktok.client.proves({"tiktok-signature": tiktok_hooks.signed(body, at=at)["TikTok-Signature"]}, again, now=NOW)
    [heard] = tiktok.client.hear(body)
    assert (heard.topic, heard.reference) == ("post.publish.failed", "v~1")


def test_the_handshake_of_meta(instagram: Pair) -> None:
    client = instagram.client
    assert isinstance(client, Instagram)
    assert client.challenge(instagram_hooks.handshake()) == "930417755"
    for wrong in (instagram_hooks.handshake(token="other"), {}, {**instagram_hooks.handshake(), "hub.mode": "x"}):
        assert client.challenge(wrong) is None
    bare = replace(client, settings=SocialSettings())
    assert bare.challenge({"hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "1"}) is None
    assert VERIFY_TOKEN not in repr(client.settings)


def test_a_signed_request_of_meta(instagram: Pair) -> None:
    client = instagram.client
    assert isinstance(client, Instagram)
    good = instagram_hooks.signed_request("25400000000000001")
    assert client.signed_request(good).user_id == "25400000000000001"
    mark, payload = good.split(".")
    for wrong in (
        instagram_hooks.signed_request("25400000000000001", secret="other"), instagram_hooks.signed_request("1", algorithm="none"),
        payload, f"{mark}{payload}", f"{mark}.{payload[:-4]}AAAA", f".{payload}", f"{mark}.", "", "\udce9.x", "é.é", f"{mark[:-1]}.{payload}",
    ):  # fmt: skip
        with pytest.raises(Unusable):
            client.signed_request(wrong)
    with pytest.raises(Unusable):
        replace(client, settings=SocialSettings()).signed_request(instagram_hooks.signed_request("1", secret=""))


# --- settings --------------------------------------------------------------------------------------


def test_tokens_travel_only_under_tls_but_to_this_machine() -> None:
    settings = settings_of("http://127.0.0.1:8102", "http://localhost:8103")
    assert complaint(settings, production=False) == ""
    assert "INSTAGRAM_LOGIN_URL" in complaint(settings, production=True)
    for address in ("http://instagram.example", "ftp://127.0.0.1", "", "127.0.0.1:80"):
        assert complaint(replace(settings, tiktok=replace(settings.tiktok, api_url=address)), production=False).startswith(
            "TIKTOK_API_URL"
        )
    assert "PKCE" in complaint(replace(settings, tiktok=replace(settings.tiktok, pkce="md5")), production=False)  # type: ignore[arg-type]
    with pytest.raises(BadSetting):
        check(Settings(env="production", base_url="https://shop.example", social=settings))
    assert "canary" not in repr(Settings(social=settings))
