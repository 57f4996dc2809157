"""The door for payout providers' messages: proved by the token, kept once, 2xx, nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from socialshop.domain import sending
from socialshop.flows import send_look
from socialshop.kernel import jobs
from socialshop.kernel.database import session, transaction
from tests.conftest import START

TOKEN = "callback-token-of-this-account"


@pytest.fixture
def account(world) -> sending.PayoutAccount:
    brand = world.brand("senja")
    return world._keep(
        sending.PayoutAccount(
            brand_id=brand.id, provider="xendit", api_key="xnd_development_0123456789", key_end="6789", token=TOKEN,
            connected_at=START, checked_at=START,
        )
    )  # fmt: skip


def message(status="SUCCEEDED", payout="disb-1", reference="pay_1") -> bytes:
    return json.dumps(
        {"event": f"payout.{status.lower()}", "business_id": "b", "created": "2026-06-01T03:00:00Z",
         "data": {"id": payout, "reference_id": reference, "status": status, "amount": 50_000, "currency": "IDR"}}
    ).encode()  # fmt: skip


def tell(client, account, body=None, token: str | None = TOKEN):
    headers = {"Content-Type": "application/json"} | ({} if token is None else {"x-callback-token": token})
    return client.post(f"/hooks/payouts/{account.public_id}", data=message() if body is None else body, headers=headers)


@pytest.fixture
def kept(app) -> Iterator:
    def read():
        with app.app_context():
            events = list(session().scalars(select(sending.PayoutEvent).order_by(sending.PayoutEvent.id)))
            waiting = list(session().scalars(select(jobs.Job).where(jobs.Job.name == "payout.hear")))
            return events, waiting

    return read


def test_a_message_is_kept_once_and_asked_about_once(client, account, kept):
    first, again = tell(client, account), tell(client, account)
    assert (first.status_code, again.status_code) == (200, 200)
    assert (first.json["duplicate"], again.json["duplicate"]) == (False, True)
    events, waiting = kept()
    assert [(e.topic, e.remote_id, e.reference, e.state) for e in events] == [("payout.succeeded", "disb-1", "pay_1", "kept")]
    assert [job.payload for job in waiting] == [{"event": events[0].id}]


def test_each_status_of_a_payout_is_a_message_of_its_own(client, account, kept):
    for status in ("SUCCEEDED", "REVERSED", "SUCCEEDED"):
        assert tell(client, account, message(status)).status_code == 200
    assert len(kept()[0]) == 2


@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN[:-1], TOKEN + "x", TOKEN.upper()])
def test_without_the_token_nothing_is_kept(client, account, kept, token):
    refused = tell(client, account, token=token)
    assert refused.status_code == 401
    assert kept() == ([], [])
    unknown = client.post("/hooks/payouts/pac_zzzzzzzzzzzzzzzz", data=message(), headers={"x-callback-token": TOKEN})
    assert unknown.status_code == 401
    same = [{k: v for k, v in answer.json.items() if k not in ("instance", "request_id")} for answer in (refused, unknown)]
    assert same[0] == same[1]


def test_an_account_without_a_token_or_switched_off_believes_nobody(app, client, account, kept):
    for change in ({"token": None}, {"token": TOKEN, "state": "off"}):
        with app.app_context(), transaction():
            row = sending.account(account.id)
            for name, value in change.items():
                setattr(row, name, value)
        for token in (TOKEN, "", None):
            assert tell(client, account, token=token).status_code == 401
    assert kept() == ([], [])


@pytest.mark.parametrize("body", [b"", b"not json", b"{}", b"[]", b"\xff\xfe", b"[" * 200_000])
def test_a_proved_message_that_cannot_be_read_is_kept_apart(client, account, kept, body):
    assert tell(client, account, body).status_code == 200
    assert tell(client, account, body).status_code == 200
    events, waiting = kept()
    assert [(event.state, event.body.encode("latin-1")) for event in events] == [("quarantined", body)]
    assert waiting == []


def test_too_large_is_refused_before_it_is_read(client, account, kept):
    assert tell(client, account, b"x" * (1024 * 1024 + 1)).status_code == 413
    assert kept() == ([], [])


def test_where_nothing_can_be_stored_the_provider_shall_send_it_again(client, account, kept, monkeypatch):
    monkeypatch.setattr(sending, "keep", lambda *_a, **_k: (_ for _ in ()).throw(OperationalError("", {}, Exception("locked"))))
    assert tell(client, account).status_code == 503
    assert kept() == ([], [])


def test_a_message_about_nothing_of_ours_is_ignored(app, client, account, kept):
    tell(client, account, message(reference="somebody-elses"))
    with app.app_context():
        for event in session().scalars(select(sending.PayoutEvent)):
            send_look.hear({"event": event.id}, now=START)
            send_look.hear({"event": event.id}, now=START)
    assert [event.state for event in kept()[0]] == ["ignored"]
