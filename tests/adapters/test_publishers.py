"""What every channel promises: the same suite for Instagram by both logins and TikTok against their doubles, and for the fake.

A third channel adds one pair to PAIRS.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from socialshop.adapters.social import (
    Access,
    Denied,
    NotTaken,
    Preparing,
    Published,
    Ready,
    Unknown,
    Unusable,
)
from socialshop.kernel import words

from .social.pairs import NOW, PAIRS, Pair


@pytest.fixture(params=PAIRS)
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pair]:
    with PAIRS[request.param](tmp_path) as made:
        yield made


def age(pair: Pair, **much: float) -> None:
    """Time passes over there."""
    if hasattr(pair.world, "clock"):
        pair.world.clock.forward(**much)


# --- letting us in ---------------------------------------------------------------------------------


def test_an_account_is_connected_with_what_was_granted(pair: Pair) -> None:
    account, grant = pair.connect()
    assert account.id
    assert account.username
    assert pair.client.missing(grant) == frozenset()
    at = pair.client.refresh_at(grant)
    assert (at is None) == (grant.expires_at is None)
    assert at is None or grant.expires_at is None or NOW < at < grant.expires_at
    assert "canary" not in repr((account, grant, pair.access))


def test_whoever_declines_is_not_connected(pair: Pair) -> None:
    if hasattr(pair.world, "switches"):
        pair.world.switches.consent = "refuse"
    else:
        pair.world.refuses = True
    with pytest.raises(Denied) as denied:
        pair.connect()
    assert denied.value.reason.name == "declined"


def test_a_callback_without_a_code_connects_nothing(pair: Pair) -> None:
    with pytest.raises(Denied):
        pair.client.connect({"state": "s1"}, redirect_uri=pair.back, verifier="v" * 64, now=NOW)


def test_what_was_unticked_is_told(pair: Pair) -> None:
    if hasattr(pair.world, "switches"):
        pair.world.switches.untick = {
            "instagram_business_content_publish", "instagram_content_publish", "video.publish", "video.upload",
        }  # fmt: skip
    else:
        pair.world.without = frozenset({"post"})
    _, grant = pair.connect()
    assert pair.client.missing(grant)


def test_a_refreshed_grant_works_and_may_do_the_same(pair: Pair) -> None:
    _, grant = pair.connect()
    if grant.expires_at is None:
        pytest.skip("it has no end")
    age(pair, hours=25)
    made = pair.client.refresh(grant, now=NOW + timedelta(hours=25))
    assert made.access != grant.access
    assert made.scopes == grant.scopes
    assert made.expires_at is not None
    assert made.expires_at > grant.expires_at
    pair.grant = made
    assert isinstance(pair.post(pair.request()), Published)


def test_an_access_that_was_withdrawn_is_refused_everywhere(pair: Pair) -> None:
    access, request = pair.access, pair.request()
    handle = pair.ready(request)
    pair.client.revoke(pair.grant)
    outcome = pair.client.prepare(access, request, {})
    assert isinstance(outcome, NotTaken)
    assert (outcome.reason.matter, outcome.reason.retry) == ("permission", "no")
    assert isinstance(pair.client.look(access, request, handle), Unknown)  # it may stand there: nobody lets us see
    with pytest.raises(Denied) as denied:
        pair.client.options(access)
    assert denied.value.reason.matter == "permission"


def test_options_name_the_account(pair: Pair) -> None:
    options = pair.client.options(pair.access)
    assert options.name
    assert pair.privacy in options.privacy or not pair.privacy


def test_a_quota_counts_what_was_posted(pair: Pair) -> None:
    before = pair.client.quota(pair.access)
    if before is None:
        pytest.skip("the channel does not tell")
    pair.post(pair.request())
    after = pair.client.quota(pair.access)
    assert after is not None
    assert (after.used, after.total) == (before.used + 1, before.total)


# --- posting ---------------------------------------------------------------------------------------


def test_nothing_is_seen_before_it_is_published(pair: Pair) -> None:
    request = pair.request()
    handle = pair.ready(request)
    assert pair.texts() == []
    assert isinstance(pair.client.look(pair.access, request, handle), Ready)
    found = pair.done(request, pair.client.publish(pair.access, request, handle))
    assert isinstance(found, Published)
    assert pair.texts() == [request.caption]
    assert found.remote_id
    assert found.permalink.startswith("https://")
    assert pair.client.look(pair.access, request, handle) == found


def test_what_takes_a_while_is_waited_for(pair: Pair) -> None:
    getattr(pair.world, "signed_in", pair.world).polls = 3
    request = pair.request()
    first = pair.client.prepare(pair.access, request, {})
    assert isinstance(first, Preparing | Ready)
    handle = pair.ready(request, first.handle)
    assert isinstance(pair.done(request, pair.client.publish(pair.access, request, handle)), Published)
    assert len(pair.texts()) == 1


def test_one_handle_never_becomes_two_posts(pair: Pair) -> None:
    request = pair.request()
    handle = pair.ready(request)
    found = pair.done(request, pair.client.publish(pair.access, request, handle))
    again = pair.done(request, pair.client.publish(pair.access, request, handle))
    assert isinstance(again, Published)
    assert again == found
    assert pair.texts() == [request.caption]


def test_a_lost_answer_is_found_by_looking(pair: Pair) -> None:
    request = pair.request()
    handle = pair.ready(request)
    if hasattr(pair.world, "strike"):
        pair.world.strike("lost", at="upload" if pair.kind == "video" else "publish")
    else:
        pair.world.lose = 1
    assert isinstance(pair.client.publish(pair.access, request, handle), Unknown)
    found = pair.done(request, pair.client.look(pair.access, request, handle))
    assert isinstance(found, Published)
    assert found.remote_id
    assert pair.texts() == [request.caption]


def test_a_look_up_never_takes_another_post_of_ours(pair: Pair) -> None:
    """The lost one is found, though a later one says the same."""
    request = pair.request()
    handle = pair.ready(request)
    if hasattr(pair.world, "strike"):
        pair.world.strike("lost", at="upload" if pair.kind == "video" else "publish")
    else:
        pair.world.lose = 1
    assert isinstance(pair.client.publish(pair.access, request, handle), Unknown)
    later = pair.post(pair.request())
    assert isinstance(later, Published)
    request = replace(request, known=frozenset({later.remote_id}))
    found = pair.done(request, pair.client.look(pair.access, request, handle))
    assert isinstance(found, Published)
    assert found.remote_id not in ("", later.remote_id)


def test_no_more_today_is_said_and_nothing_is_posted(pair: Pair) -> None:
    if hasattr(pair.world, "accounts"):
        pair.world.switches.quota_total = 1
        pair.post(pair.request())
    elif hasattr(pair.world, "creators"):
        for _ in range(15):
            age(pair, minutes=1)
            pair.post(pair.request())
        age(pair, minutes=1)
    else:
        pair.world.full = True
    before, request = len(pair.texts()), pair.request("One more")
    outcome: Any = pair.client.prepare(pair.access, request, {})
    if isinstance(outcome, Ready):
        outcome = pair.client.publish(pair.access, request, outcome.handle)
    assert isinstance(outcome, NotTaken)
    assert (outcome.reason.matter, outcome.reason.retry) == ("quota", "tomorrow")
    assert len(pair.texts()) == before
    for locale in words.LOCALES:
        sentence = words.say(outcome.reason.sentence, locale, channel=pair.client.channel)
        assert "{" not in sentence


def test_a_post_brings_figures(pair: Pair) -> None:
    found = pair.post(pair.request())
    assert isinstance(found, Published)
    figures = pair.client.metrics(pair.access, found.remote_id, pair.request().kind)
    assert figures.views is not None
    assert figures.views > 0


# --- what it tells us ------------------------------------------------------------------------------


def test_only_a_signed_message_proves_itself(pair: Pair) -> None:
    headers = pair.signed(pair.message)
    assert pair.client.proves(headers, pair.message, now=NOW)
    assert not pair.client.proves({}, pair.message, now=NOW)
    assert not pair.client.proves(headers, pair.message + b" ", now=NOW)
    [name] = [name for name in headers if "signature" in name]
    for wrong in ("", "sha256=", headers[name][:-1] + "0" if headers[name][-1] != "0" else headers[name][:-1] + "1", "\udce9"):
        assert not pair.client.proves({**headers, name: wrong}, pair.message, now=NOW)


def test_a_message_says_whom_it_is_about_and_a_repeat_is_known(pair: Pair) -> None:
    [heard] = pair.client.hear(pair.message)
    assert heard.account_id
    assert heard.key
    assert pair.client.hear(pair.message) == [heard]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b"\xff", b'{"entry": [3]}', b'{"event": 4}', b"[" * 100_000, b'{"entry": 1}']
)
def test_a_message_that_cannot_be_read_says_so(pair: Pair, body: bytes) -> None:
    with pytest.raises(Unusable):
        pair.client.hear(body)


def test_a_stranger_sees_nothing(pair: Pair) -> None:
    access = Access(pair.access.account_id, "x", "stranger-token")
    assert isinstance(pair.client.prepare(access, pair.request(), {}), NotTaken)
