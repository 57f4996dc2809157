"""What every payout provider promises: the same suite for Xendit against its double, and for the fake in memory.

A second provider adds one `Pair` to PAIRS.
"""

from __future__ import annotations

import base64
import json
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socialshop.adapters.payouts import (
    Instruction,
    NotSent,
    OutcomeUnknown,
    PayoutProvider,
    PayoutRefused,
    Silent,
    Unusable,
    wire,
    xendit,
)
from socialshop.kernel.money import Money

from ..doubles.payouts import FakePayouts
from ..doubles.xendit import KEY, TOKEN, XenditDouble

PAY = Instruction(
    key="socialshop-pay_1", reference="pay_1", channel="ID_BCA", number="0123456789", holder="Rani P",
    amount=Money(125_000, "IDR"), description="Commissions from Senja",
)  # fmt: skip


@dataclass
class Pair:
    """A client and the world that it speaks to."""

    client: PayoutProvider
    token: str
    world: Any

    def turn(self, reference: str, word: str) -> bytes:
        """Move a payout on; the body of the message about it."""
        if isinstance(self.world, FakePayouts):
            return self.world.turn(reference, word)
        heard: list[bytes] = []
        self.world.send, self.world.hook = lambda _path, body, _headers: heard.append(body) or 200, "/x"
        if word == "REVERSED":
            self.world.turn(reference, "SUCCEEDED")
        if word == "CANCELLED":
            self.world.cancel(self.world.of(reference)["id"])
            return json.dumps({"event": "payout.cancelled", "data": self.world.of(reference)}).encode()
        self.world.turn(reference, word)
        return heard[-1]


@contextmanager
def a_fake() -> Iterator[Pair]:
    fake = FakePayouts()
    yield Pair(fake, fake.token, fake)


@contextmanager
def a_xendit() -> Iterator[Pair]:
    with XenditDouble() as double:
        yield Pair(xendit.Xendit(KEY, double.url), TOKEN, double)


PAIRS = {"fake": a_fake, "xendit": a_xendit}


@pytest.fixture(params=PAIRS)
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    with PAIRS[request.param]() as made:
        yield made


# --- the contract ----------------------------------------------------------------------------------


def test_what_is_taken_is_under_way_and_found_by_id_and_by_reference(pair: Pair) -> None:
    told = pair.client.create(PAY)
    assert (told.reference, told.amount, told.standing, told.channel) == ("pay_1", PAY.amount, "underway", "ID_BCA")
    assert pair.client.find(told.remote_id) == told
    assert pair.client.find_by_reference("pay_1") == [told]


def test_the_same_key_again_is_the_same_payout(pair: Pair) -> None:
    first = pair.client.create(PAY)
    assert pair.client.create(PAY) == first
    assert len(pair.client.find_by_reference("pay_1")) == 1


@pytest.mark.parametrize("other", [{"amount": Money(125_001, "IDR")}, {"number": "9999999999"}])
def test_the_same_key_with_something_else_is_never_a_second_payout(pair: Pair, other: dict[str, Any]) -> None:
    first = pair.client.create(PAY)
    with pytest.raises(OutcomeUnknown):
        pair.client.create(replace(PAY, **other))
    assert pair.client.find_by_reference("pay_1") == [first]


def test_what_nobody_sent_is_not_found(pair: Pair) -> None:
    assert pair.client.find("disb-nothing") is None
    assert pair.client.find_by_reference("pay_nothing") == []


@pytest.mark.parametrize(
    ("word", "standing"), [("SUCCEEDED", "paid"), ("FAILED", "failed"), ("REVERSED", "reversed"), ("CANCELLED", "cancelled")]
)
def test_every_end_is_told_when_asked_and_announced_by_a_message(pair: Pair, word: str, standing: str) -> None:
    told = pair.client.create(PAY)
    body = pair.turn("pay_1", word)
    found = pair.client.find(told.remote_id)
    assert found is not None
    assert found.standing == standing
    heard = pair.client.hear(body)
    assert (heard.remote_id, heard.reference) == (told.remote_id, "pay_1")
    assert pair.client.hear(body).key == heard.key


def test_a_payout_is_called_back_only_before_it_is_worked(pair: Pair) -> None:
    told = pair.client.create(PAY)
    assert pair.client.cancel(told.remote_id).standing == "cancelled"
    with pytest.raises(PayoutRefused):
        pair.client.cancel(told.remote_id)


def test_an_account_that_does_not_exist_is_the_recipients_matter(pair: Pair) -> None:
    pair.world.bad_numbers.add(PAY.number)
    with pytest.raises(PayoutRefused) as refused:
        pair.client.create(PAY)
    assert refused.value.blame == "recipient"
    assert pair.client.find_by_reference("pay_1") == []


@pytest.mark.parametrize(
    "wrong", [{"channel": "ID_NOBANK"}, {"amount": Money(1, "IDR")}, {"amount": Money(10**12, "IDR")}, {"amount": Money(10_000, "USD")}]
)  # fmt: skip
def test_what_cannot_be_sent_is_refused_and_nothing_was_taken(pair: Pair, wrong: dict[str, Any]) -> None:
    with pytest.raises(PayoutRefused) as refused:
        pair.client.create(replace(PAY, **wrong))
    assert refused.value.blame == "request"
    assert pair.client.find_by_reference("pay_1") == []


def test_channels_name_their_limits(pair: Pair) -> None:
    channels = {channel.code: channel for channel in pair.client.channels()}
    assert channels["ID_BCA"].kind == "bank"
    assert channels["ID_GOPAY"].kind == "ewallet"
    assert channels["ID_BCA"].least == Money(10_000, "IDR")
    assert {channel.currency for channel in channels.values()} == {"IDR"}


@pytest.mark.parametrize("given", ["", "x", "wrong-token", "\udce9"])
def test_only_the_accounts_token_proves_a_message(pair: Pair, given: str) -> None:
    assert pair.client.proves({"x-callback-token": pair.token}, pair.token)
    assert not pair.client.proves({"x-callback-token": given}, pair.token)
    assert not pair.client.proves({"x-callback-token": pair.token + "x"}, pair.token)
    assert not pair.client.proves({}, pair.token)
    for unset in ("", None):  # an unset token refuses everything, an empty header too
        assert not pair.client.proves({"x-callback-token": ""}, unset)
        assert not pair.client.proves({}, unset)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b'{"event": 1, "data": {}}', b"[" * 100_000])
def test_a_message_that_cannot_be_read_says_so(pair: Pair, body: bytes) -> None:
    with pytest.raises(Unusable):
        pair.client.hear(body)


# --- Xendit's wire ---------------------------------------------------------------------------------


@pytest.fixture
def double() -> Iterator[XenditDouble]:
    with XenditDouble(slow=30) as made:
        yield made


@pytest.fixture
def client(double: XenditDouble) -> xendit.Xendit:
    return xendit.Xendit(KEY, double.url)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> float:
    """A budget of one second, as the real one but shorter."""
    monkeypatch.setattr(wire, "SILENCE", 0.7)
    monkeypatch.setattr(wire.ask, "__kwdefaults__", {**(wire.ask.__kwdefaults__ or {}), "seconds": 1.0})
    return 1.0


def test_basic_auth_is_the_key_and_an_empty_password(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(
        "requests.adapters.HTTPAdapter.send", lambda _self, request, **_: sent.append(request) or (_ for _ in ()).throw(OSError())
    )
    with pytest.raises(NotSent):
        xendit.Xendit("xnd_development_TestOnly0007", "http://127.0.0.1:9").create(PAY)
    (request,) = sent
    assert request.headers["Authorization"] == "Basic " + base64.b64encode(b"xnd_development_TestOnly0007:").decode()
    assert request.headers["Authorization"] == "Basic eG5kX2RldmVsb3BtZW50X1Rlc3RPbmx5MDAwNzo="
    assert request.headers["idempotency-key"] == PAY.key
    assert json.loads(request.body) == {
        "reference_id": "pay_1", "channel_code": "ID_BCA", "amount": 125_000, "currency": "IDR",
        "channel_properties": {"account_number": "0123456789", "account_holder_name": "Rani P"},
        "description": "Commissions from Senja",
    }  # fmt: skip
    assert b'"amount": 125000,' in request.body


@pytest.mark.parametrize(
    ("how", "code", "taken"),
    [
        ("slow", "slow", 1), ("silent", "slow", 0), ("drip", "slow", 1), ("lost", "cut_off", 1), ("lost_before", "cut_off", 0),
        ("500", "failed_inside", 1), ("503", "failed_inside", 0), ("html", "not_understood", 0), ("html_403", "not_understood", 0),
        ("redirect", "not_understood", 0), ("endless", "too_large", 0), ("cut_off", "cut_off", 1),
        ("other_reference", "not_understood", 1), ("no_json", "not_understood", 1), ("deep", "not_understood", 0),
    ],
)  # fmt: skip
def test_a_hostile_upstream_ends_as_unknown_within_its_budgets(
    double: XenditDouble, client: xendit.Xendit, hurried: float, how: str, code: str, taken: int
) -> None:
    double.strike(how)
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    with pytest.raises(OutcomeUnknown) as unknown:
        client.create(PAY)
    assert unknown.value.code == code
    assert time.monotonic() - began < hurried + 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024  # KiB, of both sides together
    assert KEY not in f"{unknown.value!r} {unknown.value.__cause__!r} {unknown.value.__context__!r}"
    assert double.taken()["pay_1"] == taken


@pytest.mark.parametrize(
    "how", ["slow", "silent", "drip", "lost", "500", "html", "endless", "cut_off", "429", "redirect", "no_json"]
)
def test_a_hostile_look_up_says_only_that_it_got_no_answer(
    double: XenditDouble, client: xendit.Xendit, hurried: float, how: str
) -> None:  # fmt: skip
    told = client.create(PAY)
    double.strike(how, at="look", times=2)
    began = time.monotonic()
    with pytest.raises(Silent):
        client.find(told.remote_id)
    with pytest.raises(Silent):
        client.find_by_reference("pay_1")
    assert time.monotonic() - began < 2 * (hurried + 1)
    assert client.find(told.remote_id) == told


def test_busy_at_the_gate_is_not_sent(double: XenditDouble, client: xendit.Xendit) -> None:
    double.strike("429")
    with pytest.raises(NotSent):
        client.create(PAY)
    assert double.taken() == {}


def test_nobody_at_the_address_is_not_sent() -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        for url in (f"http://127.0.0.1:{unheard.getsockname()[1]}", "http://no-such-name.invalid"):
            with pytest.raises(NotSent):
                xendit.Xendit(KEY, url).create(PAY)
            with pytest.raises(Silent):
                xendit.Xendit(KEY, url).find("disb-1")


def test_a_wrong_certificate_is_not_sent() -> None:
    """TLS to something that speaks plain HTTP: no connection ever stands."""
    with XenditDouble() as double, pytest.raises(NotSent):
        xendit.Xendit(KEY, double.url.replace("http://", "https://")).create(PAY)


def test_another_key_is_the_accounts_matter(double: XenditDouble) -> None:
    stranger = xendit.Xendit("xnd_development_Stranger0001", double.url)
    for ask in (lambda: stranger.create(PAY), lambda: stranger.find("x"), stranger.channels):
        with pytest.raises(PayoutRefused) as refused:
            ask()
        assert (refused.value.code, refused.value.blame) == ("INVALID_API_KEY", "account")
    assert "Stranger0001" not in repr(stranger)


def test_a_short_balance_is_the_accounts_matter(double: XenditDouble, client: xendit.Xendit) -> None:
    double.balance = 100
    with pytest.raises(PayoutRefused) as refused:
        client.create(PAY)
    assert refused.value.blame == "account"


@pytest.mark.parametrize("key", ["", "k" * 101])
def test_the_double_demands_the_key(double: XenditDouble, client: xendit.Xendit, key: str) -> None:
    with pytest.raises(PayoutRefused, match="API_VALIDATION_ERROR"):
        client.create(replace(PAY, key=key))


@given(st.integers(1, 10**14))
@settings(max_examples=200, deadline=None)
def test_rupiah_goes_out_and_comes_back_without_loss(minor: int) -> None:
    for written in (minor, f"{minor}", f"{minor}.00"):
        document = {"id": "d", "reference_id": "r", "status": "ACCEPTED", "currency": "IDR", "channel_code": "ID_BCA"}
        told = xendit._told(wire.read(json.dumps({**document, "amount": written}).encode()))
        assert told.amount == Money(minor, "IDR")
    exact = wire.read(b'{"amount": %d.0}' % minor)["amount"]
    assert xendit._amount(exact, "IDR") == Money(minor, "IDR")


@pytest.mark.parametrize(
    "written", [b"0.5", b"1e400", b"true", b"null", b'"x"', b"-1", b"0", b"NaN", b"1e99999999", b'"Infinity"', b"[]"]
)
def test_what_is_no_amount_is_not_made_one(written: bytes) -> None:
    document = wire.read(
        b'{"id":"d","reference_id":"r","status":"ACCEPTED","currency":"IDR","channel_code":"c","amount":%s}' % written
    )
    with pytest.raises(Unusable):
        xendit._told(document)


@pytest.mark.parametrize("word", ["ON_THE_MOON", "PENDING_COMPLIANCE_ASSESSMENT", "REQUESTED"])
def test_a_status_that_we_do_not_know_is_neither_paid_nor_back(double: XenditDouble, client: xendit.Xendit, word: str) -> None:
    told = client.create(PAY)
    double.of("pay_1")["status"] = word
    found = client.find(told.remote_id)
    assert found is not None
    assert (found.standing, found.word) == ("underway", word)
