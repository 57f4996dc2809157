"""Every row of the channels' error tables: what it means for us, whether trying again helps, and that it can be said in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from socialshop.adapters.social import REASONS, Delivered, Denied, Later, NotNow, NotTaken, Outcome, Published, Ready, Unknown
from socialshop.adapters.social.instagram import errors as meta_errors
from socialshop.adapters.social.instagram.errors import reason_in, reason_of
from socialshop.adapters.social.tiktok import errors as tiktok_errors
from socialshop.kernel import words

from ..doubles import films
from ..doubles.instagram.world import refused as instagram_refused
from ..doubles.tiktok.publishing import FAILURES
from ..doubles.tiktok.world import SELF
from ..doubles.tiktok.world import refused as tiktok_refused
from ..doubles.upstream import Answer
from .social.pairs import Pair, a_tiktok, an_instagram

# section A11 and A12: code, subcode → our word
META: list[tuple[int, int | None, str]] = [
    (3, None, "scope"), (10, None, "scope"), (200, None, "scope"), (299, None, "scope"), (4, None, "rate"), (17, None, "rate"),
    (32, None, "rate"), (613, None, "rate"), (80002, None, "rate"), (341, None, "rate"), (100, None, "ours"), (100, 33, "vanished"),
    (102, None, "reconnect"), (190, None, "reconnect"), (190, 458, "removed"), (190, 459, "confirm"), (190, 460, "password"),
    (190, 463, "reconnect"), (190, 464, "confirm"), (190, 467, "reconnect"), (190, 492, "role"), (368, None, "policy"),
    (506, None, "twice"), (-2, 2207003, "media_slow"), (-2, 2207020, "too_old"), (-1, 2207032, "processing"),
    (-1, 2207053, "processing"), (1, 2207057, "cover"), (4, 2207051, "spam"), (9, 2207042, "quota"), (24, 2207006, "vanished"),
    (24, 2207008, "too_old"), (25, 2207050, "restricted"), (100, 2207023, "ours"), (100, 2207028, "count"),
    (100, 2207035, "product_tags"), (100, 2207036, "product_tags"), (100, 2207037, "product_tags"), (100, 2207040, "tags"),
    (352, 2207026, "video_format"), (9004, 2207052, "media_away"), (9007, 2207027, "not_ready"), (36000, 2207004, "image_size"),
    (36001, 2207005, "image_format"), (36003, 2207009, "ratio"), (36004, 2207010, "caption"), (12345, None, "strange"), (-1, 2207001, "fault"), (-1, None, "fault"),
]  # fmt: skip
META_BUSY = [(1, None), (2, None)]
PROSE = [
    (2207026, "video_format"), (2207053, "processing"), (2207076, "video_format"), (2207077, "media_away"), (2207081, "no_trial"),
    (2207082, "processing"), (2207085, "video_format"), (2207032, "processing"), (2207099, "processing"),
]  # fmt: skip
# sections B3 to B7: code, HTTP status → our word
TIKTOK: list[tuple[str, int, str]] = [
    ("access_token_invalid", 401, "reconnect"), ("scope_not_authorized", 401, "scope"), ("scope_permission_missed", 400, "scope"),
    ("invalid_params", 400, "ours"), ("invalid_param", 400, "ours"), ("invalid_file_upload", 400, "ours"),
    ("rate_limit_exceeded", 429, "rate"), ("privacy_level_option_mismatch", 403, "privacy"),
    ("unaudited_client_can_only_post_to_private_accounts", 403, "unaudited"), ("url_ownership_unverified", 403, "domain"),
    ("url_ownership_unverified", 200, "domain"), ("spam_risk_too_many_posts", 403, "quota"), ("spam_risk_too_many_posts", 200, "quota"),
    ("spam_risk_user_banned_from_posting", 403, "banned"), ("spam_risk_user_banned_from_posting", 200, "banned"),
    ("reached_active_user_cap", 403, "users"), ("reached_active_user_cap", 200, "users"),
    ("spam_risk_too_many_pending_share", 403, "drafts"), ("app_version_check_failed", 403, "app_old"), ("something_new", 400, "strange"),
]  # fmt: skip
FAILED = {
    "file_format_check_failed": "video_format", "duration_check_failed": "length", "frame_rate_check_failed": "frames",
    "picture_size_check_failed": "sides", "video_pull_failed": "processing", "photo_pull_failed": "processing",
    "internal": "processing", "publish_cancelled": "cancelled", "auth_removed": "removed", "spam_risk_too_many_posts": "quota",
    "spam_risk_user_banned_from_posting": "banned", "spam_risk_text": "spam_text", "spam_risk": "spam",
}  # fmt: skip
RETRIES = {  # everything else is for a person
    "later": {"busy", "media_slow", "media_away", "not_ready"}, "anew": {"too_old", "processing"}, "twice": {"fault"}, "wait": {"rate"},
    "tomorrow": {"quota", "users", "drafts"},
}  # fmt: skip


@pytest.fixture
def instagram(tmp_path: Path) -> Iterator[Pair]:
    with an_instagram(tmp_path) as pair:
        yield pair


@pytest.fixture
def tiktok(tmp_path: Path) -> Iterator[Pair]:
    with a_tiktok(tmp_path) as pair:
        yield pair


def named(outcome: Outcome, name: str, channel: str) -> None:
    """It was not taken for this reason, and the reason can be said."""
    assert isinstance(outcome, NotTaken), outcome
    assert outcome.reason.name == name
    said = {words.say(outcome.reason.sentence, locale, channel=channel) for locale in words.LOCALES}
    assert all(sentence and "{" not in sentence for sentence in said)


@pytest.mark.parametrize(("code", "subcode", "name"), META)
def test_each_code_of_the_graph(instagram: Pair, code: int, subcode: int | None, name: str) -> None:
    answer = instagram_refused(code, subcode, "whatever it says").answer
    instagram.connect()
    instagram.world.strike(answer, at="create")
    named(instagram.client.prepare(instagram.access, instagram.request(), {}), name, "Instagram")
    assert instagram.world.posts == {}


@pytest.mark.parametrize(("code", "subcode"), META_BUSY)
def test_a_fault_over_there_is_tried_again(instagram: Pair, code: int, subcode: int | None) -> None:
    request, answer = instagram.request(), instagram_refused(code, subcode, transient=True).answer
    handle = instagram.ready(request)
    instagram.world.strike(answer, at="create")
    assert isinstance(instagram.client.prepare(instagram.access, request, {}), Later)
    instagram.world.strike(answer, at="publish")
    assert isinstance(instagram.client.publish(instagram.access, request, handle), Unknown)  # it may have been posted
    assert isinstance(instagram.client.look(instagram.access, request, handle), Ready)  # it was not
    assert isinstance(instagram.client.publish(instagram.access, request, handle), Published)
    assert len(instagram.world.posts) == 1


@pytest.mark.parametrize(("number", "name"), PROSE)
def test_a_failed_container_says_a_number_in_its_prose(instagram: Pair, number: int, name: str) -> None:
    instagram.world.next_failures.append(number)
    named(instagram.client.prepare(instagram.access, instagram.request(), {}), name, "Instagram")


def test_prose_without_a_number_is_no_reason() -> None:
    assert reason_in("Error: 92207026000 and 4 others") == (REASONS["processing"], "container")


@pytest.mark.parametrize("word", ["INSTAGRAM_PLATFORM_API__PERMISSION", "INSTAGRAM_PLATFORM_API__INVALID_PARAM"])
def test_a_label_that_was_refused_is_named(instagram: Pair, word: str) -> None:
    instagram.connect()
    instagram.world.strike(instagram_refused(100, None, f"({word}) no").answer, at="create")
    named(instagram.client.prepare(instagram.access, instagram.request(), {}), "label", "Instagram")


def test_the_header_says_when_calls_are_taken_again(instagram: Pair) -> None:
    instagram.connect()
    instagram.world.signed_in.usage = 100
    outcome = instagram.client.prepare(instagram.access, instagram.request(), {})
    assert isinstance(outcome, NotTaken)
    assert (outcome.reason.name, outcome.again_in) == ("rate", 7 * 60)


@pytest.mark.parametrize(
    ("media", "name"),
    [
        (films.photo(kind="PNG"), "media_away"), (films.photo(400, 1200), "ratio"), (films.photo(1200, 400), "ratio"),
        (films.photo(size=8 * 1024 * 1024 + 1), "image_size"), (b"not a picture", "media_away"), (films.photo(kind="GIF"), "image_format"),
    ],
)  # fmt: skip
def test_a_picture_that_instagram_does_not_take(instagram: Pair, media: bytes, name: str) -> None:
    named(instagram.client.prepare(instagram.access, instagram.request(media=(instagram.item(media),)), {}), name, "Instagram")


@pytest.mark.parametrize("film", [{"seconds": 2}, {"rate": 12}, {"width": 2000}, {"codec": "mp4v"}])
def test_a_film_that_instagram_does_not_take(instagram: Pair, film: dict[str, Any]) -> None:
    item = instagram.item(films.film(**film), kind="reel")
    named(
        instagram.client.prepare(instagram.access, instagram.request(kind="reel", media=(item,)), {}), "video_format", "Instagram"
    )


def test_a_story_may_be_as_tall_as_a_phone_and_any_other_picture_may_not(instagram: Pair) -> None:
    tall = instagram.item(films.photo(1080, 1920))
    assert isinstance(instagram.client.prepare(instagram.access, instagram.request(kind="story", media=(tall,)), {}), Ready)
    named(instagram.client.prepare(instagram.access, instagram.request(media=(tall,)), {}), "ratio", "Instagram")


def test_a_fault_that_may_mean_spam_is_looked_at_before_it_is_believed(instagram: Pair) -> None:
    request, answer = instagram.request(), instagram_refused(-1, 2207001).answer
    handle = instagram.ready(request)
    instagram.world.strike(answer, at="publish")
    named(instagram.client.publish(instagram.access, request, handle), "fault", "Instagram")
    first = instagram.client.publish(instagram.access, request, handle)
    instagram.world.strike(answer, at="publish")
    assert instagram.client.publish(instagram.access, request, handle) == first, "it stood there all the same"
    instagram.world.strike(answer, at="status")
    assert isinstance(instagram.client.look(instagram.access, request, handle), Later)
    assert len(instagram.world.posts) == 1


@pytest.mark.parametrize("most", [5, 30])
def test_as_many_hashtags_as_instagram_takes(instagram: Pair, most: int) -> None:
    instagram.world.switches.hashtags = most
    tags = [f"#t{number}" for number in range(most + 1)]
    assert isinstance(instagram.client.prepare(instagram.access, instagram.request(" ".join(tags[:-1])), {}), Ready)
    named(instagram.client.prepare(instagram.access, instagram.request(" ".join(tags)), {}), "caption", "Instagram")


@pytest.mark.parametrize(
    ("caption", "name"), [("x" * 2201, "caption"), ("#a #b #c #d #e #f", "caption"), ("@a " * 21, "tags"), ("#a " * 5, "")]
)
def test_a_caption_that_instagram_does_not_take(instagram: Pair, caption: str, name: str) -> None:
    outcome = instagram.client.prepare(instagram.access, instagram.request(caption), {})
    if name:
        named(outcome, name, "Instagram")
    else:
        assert isinstance(outcome, Ready)


def test_a_file_that_is_not_there_redirects_or_is_private(instagram: Pair) -> None:
    request, host = instagram.request(), instagram.host
    assert host is not None
    [path] = host.pages
    host.pages[path] = lambda page: page.give(b"", status=302, headers={"Location": host.url("/other")})
    named(instagram.client.prepare(instagram.access, request, {}), "media_away", "Instagram")
    del host.pages[path]
    named(instagram.client.prepare(instagram.access, request, {}), "media_away", "Instagram")


def test_a_container_older_than_a_day_is_made_anew(instagram: Pair) -> None:
    request = instagram.request()
    handle = instagram.ready(request)
    instagram.world.clock.forward(hours=25)
    for outcome in (
        instagram.client.publish(instagram.access, request, handle),
        instagram.client.prepare(instagram.access, request, handle),
        instagram.client.look(instagram.access, request, handle),
    ):
        named(outcome, "too_old", "Instagram")
        assert isinstance(outcome, NotTaken)
        assert outcome.reason.retry == "anew"
    assert instagram.world.posts == {}


def test_a_refusal_to_publish_what_was_published_is_seen_through(instagram: Pair) -> None:
    """The second answer names an unknown container, as an expired one would: only its standing tells."""
    request = instagram.request()
    handle = instagram.ready(request)
    first = instagram.client.publish(instagram.access, request, handle)
    assert instagram.client.publish(instagram.access, request, handle) == first
    assert len(instagram.world.posts) == 1


def test_what_is_gone_over_there_is_not_taken_for_unposted(instagram: Pair) -> None:
    request = instagram.request()
    handle = instagram.ready(request)
    instagram.world.containers.clear()
    assert instagram.client.look(instagram.access, request, handle) == Unknown("vanished")


# --- TikTok ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "status", "name"), TIKTOK)
@pytest.mark.parametrize("at", ["creator_info", "init"])
def test_each_code_of_tiktok(tiktok: Pair, code: str, status: int, name: str, at: str) -> None:
    tiktok.connect()
    tiktok.world.strike(tiktok_refused(code, status).answer, at=at)
    named(tiktok.client.prepare(tiktok.access, tiktok.request(), {}), name, "TikTok")
    assert tiktok.world.posts == {}


def test_a_fault_inside_tiktok_is_tried_again(tiktok: Pair) -> None:
    tiktok.connect()
    tiktok.world.strike(tiktok_refused("internal_error", 500).answer, at="init")
    assert isinstance(tiktok.client.prepare(tiktok.access, tiktok.request(), {}), Later)


def test_the_table_of_failures_is_whole() -> None:
    assert set(FAILED) == set(FAILURES)


@pytest.mark.parametrize(("word", "name"), FAILED.items())
def test_each_failure_of_a_publication(tiktok: Pair, word: str, name: str) -> None:
    tiktok.world.next_failures.append(word)
    named(tiktok.post(tiktok.request()), name, "TikTok")
    assert tiktok.world.posts == {}


@pytest.mark.parametrize("code", ["invalid_publish_id", "token_not_authorized_for_specified_publish_id"])
def test_a_publication_that_is_not_found_is_not_taken_for_unposted(tiktok: Pair, code: str) -> None:
    request = tiktok.request()
    handle = tiktok.ready(request)
    tiktok.world.strike(tiktok_refused(code, 400).answer, at="status")
    assert tiktok.client.look(tiktok.access, request, handle) == Unknown("vanished")


def test_an_app_without_an_audit_posts_only_privately_to_private_accounts(tiktok: Pair) -> None:
    tiktok.world.switches.audited = False
    named(tiktok.client.prepare(tiktok.access, tiktok.request(), {}), "unaudited", "TikTok")
    tiktok.world.signed_in.private = True
    found = tiktok.post(tiktok.request(privacy=SELF))
    assert found == Published("", "", visible=False)  # its id is never told
    assert tiktok.world.posted()[0]["note"] == SELF


def test_branded_content_is_never_private(tiktok: Pair) -> None:
    for promotes in ("brand", "both"):
        asked = len(tiktok.world.asked)
        request = tiktok.request(privacy=SELF, promotes=promotes)
        named(tiktok.client.prepare(tiktok.access, request, {}), "private_ad", "TikTok")
        assert len(tiktok.world.asked) - asked <= 3, "letting us in, and no more"
    assert tiktok.world.tasks == {}


@pytest.mark.parametrize("kind", ["video", "photos"])
@pytest.mark.parametrize(
    ("promotes", "branded", "own"),
    [("nothing", False, False), ("own", False, True), ("brand", True, False), ("both", True, True)],
)
def test_each_way_to_promote_is_two_toggles(tiktok: Pair, kind: str, promotes: str, branded: bool, own: bool) -> None:
    media = (tiktok.item(films.photo(), kind="image"),) if kind == "photos" else None
    tiktok.post(tiktok.request(kind=kind, media=media, promotes=promotes))
    [info] = [task.info for task in tiktok.world.tasks.values()]
    assert (info["brand_content_toggle"], info["brand_organic_toggle"]) == (branded, own)
    [post] = tiktok.world.posts.values()
    assert (post.branded, post.own_brand) == (branded, own)


def test_an_audience_that_is_not_offered_is_not_sent(tiktok: Pair) -> None:
    named(tiktok.client.prepare(tiktok.access, tiktok.request(privacy="FOLLOWER_OF_CREATOR"), {}), "privacy", "TikTok")
    assert tiktok.world.tasks == {}


def test_a_film_that_is_too_long_for_the_creator_is_not_sent(tiktok: Pair) -> None:
    tiktok.world.signed_in.longest = 10
    named(tiktok.client.prepare(tiktok.access, tiktok.request(), {}), "length", "TikTok")
    assert tiktok.world.tasks == {}


def test_the_sixth_draft_in_a_day(tiktok: Pair) -> None:
    request = tiktok.request(draft=True)
    for _ in range(5):
        assert type(tiktok.post(request)).__name__ == "Delivered"
    tiktok.world.clock.forward(minutes=2)
    named(tiktok.client.prepare(tiktok.access, request, {}), "drafts", "TikTok")
    assert tiktok.world.posts == {}


def test_the_seventh_init_in_a_minute_waits(tiktok: Pair) -> None:
    request = tiktok.request()
    for _ in range(6):
        tiktok.ready(request)
    outcome = tiktok.client.prepare(tiktok.access, request, {})
    named(outcome, "rate", "TikTok")
    assert isinstance(outcome, NotTaken)
    assert outcome.again_in == 60
    tiktok.world.clock.forward(minutes=1)
    tiktok.ready(request)


@pytest.mark.parametrize("status", [403, 200])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_photos_are_pulled_only_from_a_proved_name(tiktok: Pair, host: str, status: int) -> None:
    tiktok.world.switches.domain_status = status
    item = tiktok.item(films.photo(), kind="image")
    media = (item.__class__(**{**{n: getattr(item, n) for n in item.__slots__}, "url": item.url.replace("localhost", host)}),)
    if host == "localhost":
        tiktok.world.verified.clear()
    request = tiktok.request(kind="photos", media=media)
    named(tiktok.client.publish(tiktok.access, request, tiktok.ready(request)), "domain", "TikTok")
    assert tiktok.world.posts == {}


def test_photos_are_posted_once_and_a_lost_answer_has_no_name(tiktok: Pair) -> None:
    request = tiktok.request(kind="photos", media=(tiktok.item(films.photo(), kind="image"),), title="Kopi")
    found = tiktok.post(request)
    assert isinstance(found, Published)
    assert "/photo/" in found.permalink
    handle = tiktok.ready(request)
    tiktok.world.strike("lost", at="photos")
    assert isinstance(tiktok.client.publish(tiktok.access, request, handle), Unknown)
    assert tiktok.client.look(tiktok.access, request, handle) == Unknown("no_name")  # never sent again by itself
    assert len(tiktok.world.posts) == 2


@pytest.mark.parametrize("at", ["token", "exchange"])
def test_a_code_is_good_once(tmp_path: Path, at: str) -> None:
    make = a_tiktok if at == "token" else an_instagram
    with make(tmp_path) as pair:
        back = pair.callback()
        pair.client.connect(back, redirect_uri=pair.back, verifier="v" * 64, now=pair.world.clock.now())
        with pytest.raises(Denied):
            pair.client.connect(back, redirect_uri=pair.back, verifier="v" * 64, now=pair.world.clock.now())


def test_who_lets_us_send_drafts_alone_gets_drafts_alone(tiktok: Pair) -> None:
    tiktok.world.switches.untick = {"video.publish"}
    _, grant = tiktok.connect()
    assert tiktok.client.missing(grant) == frozenset()
    photos = {"kind": "photos", "media": (tiktok.item(films.photo(), kind="image"),)}
    for more in ({}, photos):
        assert isinstance(tiktok.post(tiktok.request(draft=True, **more)), Delivered)
        named(tiktok.client.prepare(tiktok.access, tiktok.request(**more), {}), "scope", "TikTok")
    assert tiktok.world.posts == {}


# --- all of them -----------------------------------------------------------------------------------


def test_every_code_that_a_document_names_has_a_reason_of_its_own() -> None:
    """Only what nobody has heard of is "strange"; what is wrong with what we sent is said to be our mistake, and is not retried."""
    named_here = {(code, subcode) for code, subcode, _ in META} | set(META_BUSY)
    ours = {(100, None), (100, 2207023), "invalid_params", "invalid_param", "invalid_file_upload"}
    listing: dict[Any, str] = {(code, subcode): reason_of(code, subcode).name for code, subcode in named_here}
    listing |= {number: reason_in(f"Error: {number}")[0].name for number, _ in PROSE}
    listing |= {code: tiktok_errors.BY_CODE.get(code, "strange") for code, _, _ in TIKTOK}
    listing |= {f"FAILED {word}": tiktok_errors.failure(word).name for word in FAILED}
    assert {code for code, name in listing.items() if name == "strange"} == {(12345, None), "something_new"}
    assert {code for code, name in listing.items() if name == "ours"} == ours
    assert {REASONS[name].retry for name in ("strange", "ours")} == {"no"}
    numbers = {number for _, number in named_here} | {number for number, _ in PROSE}
    assert set(meta_errors.BY_SUBCODE) <= numbers, "what we know of, a test knows of"
    assert set(meta_errors.BY_CODE) <= {code for code, _ in named_here}
    assert set(tiktok_errors.BY_CODE) - {code for code, _, _ in TIKTOK} == {
        "invalid_publish_id", "token_not_authorized_for_specified_publish_id", "publish_not_cancellable",
    }  # fmt: skip
    assert set(tiktok_errors.BY_FAILURE) == set(FAILED)


def test_what_is_tried_again_and_what_is_for_a_person() -> None:
    wanted = {name: next((retry for retry, names in RETRIES.items() if name in names), "no") for name in REASONS}
    assert {name: reason.retry for name, reason in REASONS.items()} == wanted


@pytest.mark.parametrize("retry_after", ["", "17", "99999999", "Wed, 21 Oct 2026 07:28:00 GMT", "-1"])
def test_retry_after_is_believed_within_bounds(instagram: Pair, tiktok: Pair, retry_after: str) -> None:
    wanted = {"17": 17, "99999999": 6 * 3600}.get(retry_after, 60)
    for pair, at in ((instagram, "create"), (tiktok, "init")):
        pair.connect()
        pair.world.strike(Answer(429, raw=b"slow down", headers={"Retry-After": retry_after} if retry_after else {}), at=at)
        outcome = pair.client.prepare(pair.access, pair.request(), {})
        assert outcome == Later("busy", wanted)


def test_a_number_that_is_no_code_is_no_answer(instagram: Pair) -> None:
    instagram.connect()
    instagram.world.strike(Answer(400, {"error": {"message": "?", "code": "190"}}), at="me")
    with pytest.raises(NotNow):
        instagram.client.options(instagram.access)
