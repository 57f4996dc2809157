"""Whatever a channel does to us ends as something declared, in time, in little memory, and never as a second post."""

from __future__ import annotations

import logging
import resource
import socket
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from socialshop.adapters import social
from socialshop.adapters.social import Denied, Later, NotNow, NotTaken, Preparing, Published, Ready, Underway, Unknown, wire

from ..doubles import films
from ..doubles.tiktok.world import told
from ..doubles.upstream import BEFORE, WAYS, Asked
from .social.pairs import NOW, VERIFIER, Pair, a_tiktok, an_instagram, settings_of

MAKERS = {"instagram": an_instagram, "tiktok": a_tiktok}
PUBLISH = {"instagram": "publish", "tiktok": "upload"}
PREPARE = {"instagram": "create", "tiktok": "init"}
LOOK = {"instagram": "status", "tiktok": "status"}
EXCHANGE = {"instagram": ["exchange", "lengthen", "me"], "tiktok": ["token", "user"]}


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> float:
    """Budgets of less than a second, as the real ones but shorter."""
    monkeypatch.setattr(wire, "SECONDS", 0.6)
    monkeypatch.setattr(wire, "UPLOAD_SECONDS", 0.6)
    monkeypatch.setattr(wire, "SILENCE", 0.5)
    return 0.6


@pytest.fixture(params=MAKERS)
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pair]:
    with MAKERS[request.param](tmp_path) as made:
        yield made


def name_of(pair: Pair) -> str:
    return pair.client.channel.lower()


class Budget:
    """What a hostile call may cost."""

    def __init__(self, calls: int = 1) -> None:
        self.calls = calls

    def __enter__(self) -> None:
        self.before, self.began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()

    def __exit__(self, *_error: object) -> None:
        assert time.monotonic() - self.began < self.calls * 0.6 + 1.2
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - self.before < 64 * 1024  # KiB, of both sides together


@pytest.mark.parametrize("how", WAYS)
def test_while_it_is_prepared_nothing_is_lost_and_it_goes_on(pair: Pair, how: str) -> None:
    request, access = pair.request(), pair.access
    pair.world.strike(how, at=PREPARE[name_of(pair)])
    with Budget():
        outcome = pair.client.prepare(access, request, {})
    assert isinstance(outcome, Later), outcome
    assert outcome.again_in > 0
    assert isinstance(pair.post(request), Published)
    assert len(pair.texts()) == 1


@pytest.mark.parametrize("how", WAYS)
def test_while_it_is_published_it_is_unknown_and_then_looked_up(pair: Pair, how: str) -> None:
    request, access = pair.request(), pair.access
    handle = pair.ready(request)
    pair.world.strike(how, at=PUBLISH[name_of(pair)])
    with Budget():
        outcome = pair.client.publish(access, request, handle)
    if how in ("429", "429_after"):
        assert isinstance(outcome, Later | Unknown)  # refused at the gate
    elif isinstance(outcome, Underway):
        assert name_of(pair) == "tiktok"  # a part is answered by its status alone
    else:
        assert isinstance(outcome, Unknown), outcome
    found = pair.client.look(access, request, handle)
    if isinstance(found, Ready):
        assert how in BEFORE
        found = pair.client.publish(access, request, found.handle)
    assert isinstance(pair.done(request, found), Published)
    assert pair.texts() == [request.caption]


@pytest.mark.parametrize("how", WAYS)
def test_while_it_is_looked_up_it_stays_unknown(pair: Pair, how: str) -> None:
    request, access = pair.request(), pair.access
    handle = pair.ready(request)
    pair.world.strike("lost", at=PUBLISH[name_of(pair)])
    assert isinstance(pair.client.publish(access, request, handle), Unknown)
    pair.world.strike(how, at=LOOK[name_of(pair)])
    with Budget():
        assert isinstance(pair.client.look(access, request, handle), Later)
    assert isinstance(pair.done(request, pair.client.look(access, request, handle)), Published)
    assert pair.texts() == [request.caption]


@pytest.mark.parametrize("how", [*WAYS])
@pytest.mark.parametrize("which", [0, 1, 2])
def test_while_it_is_connected_nothing_is_connected(pair: Pair, how: str, which: int) -> None:
    kinds = EXCHANGE[name_of(pair)]
    if which >= len(kinds):
        pytest.skip("it has fewer steps")
    back = pair.callback()
    pair.world.strike(how, at=kinds[which])
    with Budget(), pytest.raises((NotNow, Denied)) as failed:
        pair.client.connect(back, redirect_uri=pair.back, verifier=VERIFIER, now=NOW)
    assert "canary" not in f"{failed.value!r} {failed.value.__cause__!r}"


@pytest.mark.parametrize("how", WAYS)
def test_while_it_is_refreshed_it_is_said(pair: Pair, how: str) -> None:
    _, grant = pair.connect()
    pair.world.clock.forward(hours=25)
    pair.world.strike(how, at="refresh" if name_of(pair) == "instagram" else "token")
    with Budget(), pytest.raises(NotNow) as failed:
        pair.client.refresh(grant, now=NOW)
    assert "canary" not in f"{failed.value!r} {failed.value.__cause__!r}"


@pytest.mark.parametrize("name", MAKERS)
def test_nobody_at_the_address(tmp_path: Path, name: str) -> None:
    with MAKERS[name](tmp_path) as pair:
        request, access = pair.request(), pair.access
        handle = pair.ready(request)
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        for address in (f"http://127.0.0.1:{unheard.getsockname()[1]}", "https://no-such-name.invalid"):
            social.set_up(settings_of(address, address))
            client = social.publisher(name)
            assert client.prepare(access, request, {}) == Later("unreachable", 60)
            assert isinstance(client.publish(access, request, handle), Later)  # nothing was sent
            assert client.look(access, request, handle) == Later("unreachable", 60)


@pytest.mark.parametrize("how", ["lost", "lost_before", "500", "503", "cut_off", "drip", "slow"])
@pytest.mark.parametrize("part", [1, 2, 3])
def test_a_film_in_parts_goes_on_where_it_stopped(tmp_path: Path, how: str, part: int) -> None:
    with a_tiktok(tmp_path) as pair:
        pair.world.slow = 1.0
        request = pair.request(media=(pair.item(films.film(size=24_500_000)),))
        handle = pair.ready(request)
        uploads, struck = count(1), pair.world.struck

        def at_this_part(kind: str, asked: Asked) -> object:
            return how if kind == "upload" and next(uploads) == part else struck(kind, asked)

        pair.world.struck = at_this_part
        outcome = pair.client.publish(pair.access, request, handle)
        for _ in range(5):
            if isinstance(outcome, Later | Unknown):
                assert pair.texts() == [] or part == 3
                outcome = pair.client.look(pair.access, request, handle)
            if isinstance(outcome, Ready):
                outcome = pair.client.publish(pair.access, request, outcome.handle)
        assert isinstance(pair.done(request, outcome), Published)
        assert len(pair.texts()) == 1
        [task] = pair.world.tasks.values()
        assert bytes(task.body) == request.media[0].path.read_bytes()


def test_a_film_whose_address_ran_out_begins_anew(tmp_path: Path) -> None:
    with a_tiktok(tmp_path) as pair:
        request = pair.request()
        handle = pair.ready(request)
        pair.world.clock.forward(minutes=61)
        outcome = pair.client.publish(pair.access, request, handle)
        assert isinstance(outcome, NotTaken)
        assert outcome.reason.retry == "anew"
        assert pair.texts() == []


def test_an_upload_address_elsewhere_without_tls_is_not_used(tmp_path: Path) -> None:
    with a_tiktok(tmp_path) as pair:
        pair.connect()
        for address in ("http://elsewhere.example/upload", "ftp://x/", "", "//x/y"):
            pair.world.strike(told(publish_id="v_pub_file~v2.1", upload_url=address), at="init")
            assert isinstance(pair.client.prepare(pair.access, pair.request(), {}), Later)


def test_nothing_secret_is_logged_however_much_is_logged(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        _, grant = pair.connect()
        pair.world.clock.forward(hours=25)
        pair.grant = pair.client.refresh(grant, now=NOW)
        assert isinstance(pair.post(pair.request()), Published)
        pair.client.revoke(pair.grant)
    assert "canary" not in caplog.text
    assert grant.access not in caplog.text


def test_a_preparing_step_is_no_secret_in_a_log(pair: Pair) -> None:
    outcome = Preparing({"upload_url": "https://x/?upload_token=canary"}, 5)
    assert "canary" not in repr(outcome) + repr(Ready(outcome.handle)) + repr(Underway(outcome.handle, 1))
    assert "canary" not in repr(pair.access)
