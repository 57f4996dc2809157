"""What became of a payout that a provider sends: asked by a job, by the sweep, after a message, or by a button.

The provider is asked with no transaction open; what it says is noted in one commit (`send_answer.take`).
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import structlog

from ..adapters.payouts import Heard, PayoutProvider, PayoutRefused, Silent, Told, Unusable, provider
from ..domain import payouts, sending
from ..domain.audit import SYSTEM
from ..domain.sending import Sending
from ..kernel import faults, jobs
from ..kernel.database import end_reading, transaction
from ..kernel.errors import TryLater
from .send_answer import ask_at, held, lose, take

log = structlog.get_logger("payouts")


def ask(payload: dict[str, Any], *, now: datetime) -> None:
    """Job "payout.ask": ask the provider what became of one payout, and note it. Safe to repeat."""
    look_up(payload["sending"], now=now)


def look_up(sending_id: int, *, now: datetime, event_id: int | None = None) -> bool:
    """Ask the provider and note what it says; False where it gave no answer. event_id: the message that made us ask.

    With a message, its mark and what it caused are one commit.
    """
    row = sending.get(sending_id)
    account = sending.account(row.account_id)
    calling, called = _is_calling(row, now), row.first_called_at is not None
    reference, remote_id, name, api_key = payouts.get(row.payout_id).public_id, row.remote_id, account.provider, account.api_key
    end_reading()  # from here on nothing is read before the answer is there
    if api_key is None or not called or (calling and event_id is None):
        return api_key is not None
    try:
        found = _find(provider(name, api_key), remote_id, reference)
    except (Silent, PayoutRefused):
        _unanswered(sending_id, now=now)
        return False
    with transaction():
        if event_id is not None and not sending.settle_event(event_id, "worked", now=now):
            return True
        if len(found) == 1:
            take(sending_id, found[0], now=now)
        elif not calling:
            _odd(sending_id, "twice" if found else "vanished" if remote_id else "absent", now=now)
    return True


def _find(client: PayoutProvider, remote_id: str | None, reference: str) -> list[Told]:
    if remote_id is None:
        return client.find_by_reference(reference)
    told = client.find(remote_id)
    return [] if told is None else [told]


def _is_calling(row: Sending, now: datetime) -> bool:
    """Whether somebody may be calling the provider about it right now."""
    return row.state == "calling" and row.called_at is not None and now - row.called_at < sending.CALL_IS_OVER


def _unanswered(sending_id: int, *, now: datetime) -> None:
    with transaction():
        row, payout = held(sending_id)
        next_at = sending.again_at(row.tries + 1, now)
        if _is_calling(row, now):
            return
        if row.state == "calling":
            lose(row, payout, "interrupted", by=SYSTEM, now=now, next_at=next_at, tries=row.tries + 1)
        elif row.state in ("unknown", "underway", "done", "decided"):
            sending.note(row.id, tries=row.tries + 1, next_at=next_at)
            ask_at(row, next_at, now=now)


def _odd(sending_id: int, what: str, *, now: datetime) -> None:
    """The provider knows nothing of it, or too much. What never arrived is sent again, where that is safe."""
    row, payout = held(sending_id)
    account = sending.account(row.account_id)
    same_key = row.key_number == account.key_number
    if row.state in ("waiting", "refused"):
        return
    if row.state in ("done", "decided"):
        sending.note(row.id, told_at=now, next_at=None)
        return
    if what == "absent" and row.state in ("calling", "unknown") and payout.state in ("ready", "unknown"):
        if row.called_at is not None and now - row.called_at < sending.CALL_IS_OVER:
            lose(row, payout, row.why or "interrupted", by=SYSTEM, now=now, next_at=row.called_at + sending.CALL_IS_OVER)
            return
        if sending.may_call_again(called_at=row.called_at, first_called_at=row.first_called_at, same_key=same_key, now=now):
            sending.move(row.id, "waiting", tries=0, told_at=now, next_at=now)
            jobs.add("payout.send", {"sending": row.id}, key=f"payout.send:{row.id}:{now:%Y%m%dT%H%M%S%f}", now=now)
            return
    lose(row, payout, what if same_key else "other_key", by=SYSTEM, now=now, next_at=None)


def sweep(_payload: dict[str, Any], *, now: datetime) -> None:
    """Job "payouts.sweep", every 15 minutes: a job each for what waits, is under way or unclear, and is due to be looked at."""
    with transaction():
        for sending_id, state in sending.due(now):
            name = "payout.send" if state == "waiting" else "payout.ask"
            jobs.add(name, {"sending": sending_id}, key=f"{name}:{sending_id}:sweep:{now:%Y%m%dT%H%M}", now=now)
            faults.point("payout.reconcile.mid")


def keep(account_id: int, client: PayoutProvider, body: bytes, *, now: datetime) -> str:
    """Keep a message that proved itself, and the job that asks about it, in one commit: its public id, "" if it is a repeat.

    One that cannot be read is kept apart, with an alarm: sending it again would not help.
    """
    try:
        heard = client.hear(body)
        state = "kept"
    except Unusable:
        heard, state = Heard(f"unreadable:{hashlib.sha256(body).hexdigest()}", "unreadable", "", ""), "quarantined"
        log.error("payout message cannot be read", account=account_id)
    with transaction():
        event = sending.keep(
            account_id, event_key=heard.key, topic=heard.topic, remote_id=heard.remote_id, reference=heard.reference, body=body,
            state=state, now=now,
        )  # fmt: skip
        if event is None:
            return ""
        sending.note_heard(account_id, now=now)
        if state == "kept":
            jobs.add("payout.hear", {"event": event.id}, key=f"payout.hear:{event.id}", now=now)
        return event.public_id


def hear(payload: dict[str, Any], *, now: datetime) -> None:
    """Job "payout.hear": a message came, so the provider is asked. TryLater where it gives no answer."""
    event = sending.get_event(payload["event"])
    if event.state != "kept":
        return
    row = sending.of_reference(event.account_id, event.reference)
    if row is None or row.first_called_at is None:
        with transaction():
            sending.settle_event(event.id, "ignored", now=now)
        return
    if not look_up(row.id, now=now, event_id=event.id):
        raise TryLater("the provider gave no answer about its own message")
