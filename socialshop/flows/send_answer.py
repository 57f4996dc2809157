"""What a provider says about a payout becomes what we know, and what the books say, in one commit.

Everything here runs inside the caller's transaction, holds the payout's program, and is safe to repeat.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import structlog

from ..adapters.payouts import Told
from ..domain import audit, payouts, people, programs, sending
from ..domain.audit import Actor
from ..domain.sending import Sending
from ..kernel import faults, jobs
from ..kernel.database import session
from . import bank, send_words

log = structlog.get_logger("payouts")
QUICK_TRIES = 5  # look-ups by jobs of their own; after these the sweep asks


def provider_actor(account: sending.PayoutAccount) -> Actor:
    """A provider, as the audit names it."""
    return Actor("provider", account.provider, account.public_id)


def held(sending_id: int) -> tuple[Sending, payouts.Payout]:
    """The sending and its payout as they are now, with the payout's program held."""
    payout = payouts.get(sending.get(sending_id).payout_id)
    programs.lock(payout.program_id)
    session().refresh(payout)
    return sending.get(sending_id, lock=True), payout


def take(sending_id: int, told: Told, *, now: datetime) -> None:
    """Note what the provider says. What does not fit our own record, or contradicts a person, is flagged and moves nothing."""
    row, payout = held(sending_id)
    by = provider_actor(sending.account(row.account_id))
    if (told.reference, told.amount.minor, told.amount.currency, told.channel) != (
        payout.public_id, payout.amount_minor - payout.fee_minor, payout.currency, row.channel,
    ):  # fmt: skip
        lose(row, payout, "mismatch", by=by, now=now, next_at=None)
        return
    known = {"remote_id": told.remote_id, "remote_status": told.word, "told_at": now, "tries": 0}
    faults.point("payout.reconcile.mid")
    if _contradicts(row, payout, told):
        _contradiction(row, payout, told, by=by, now=now, **known)
    elif row.state in ("decided", "refused") or payout.via is None:
        sending.note(row.id, **known, next_at=sending.next_look("paid", row.chosen_at, now))
    elif told.standing == "underway":
        next_at = sending.next_look("underway", row.called_at or row.chosen_at, now)
        sending.note(row.id, **known, next_at=next_at, why="")
        sending.move(row.id, "underway")
        if payout.state in ("ready", "unknown"):
            payouts.move(payout.id, "sent", actor=f"{by.kind}:{by.name}", now=now, reference=told.remote_id)
    else:
        sending.note(row.id, **known, why=told.why, next_at=sending.next_look(told.standing, row.called_at or row.chosen_at, now))
        sending.move(row.id, "done")
        if told.standing != "paid":
            bank.book_returned(payout.id, reason=send_words.failure(told.why, told.standing), actor=by, now=now)
        elif payout.state != "returned":  # a person may have said later that it came back by other ways
            fee = None if told.fee is None else told.fee.minor
            bank.book_paid(payout.id, actor=by, now=now, reference=told.remote_id, fee=fee)


def lose(
    row: Sending, payout: payouts.Payout, why: str, *, by: Actor, now: datetime, next_at: datetime | None, **facts: Any
) -> None:
    """Nobody knows any more what became of it. next_at: when to ask; None: only a person can tell."""
    sending.note(row.id, why=why, next_at=next_at, **facts)
    sending.move(row.id, "unknown")
    if payout.state in ("ready", "sent"):
        bank.book_unknown(payout.id, reason=send_words.unknown(why), actor=by, now=now)
    ask_at(row, next_at, now=now)


def ask_at(row: Sending, at: datetime | None, *, now: datetime) -> None:
    """Let a job look it up then; from the fifth look-up without an answer on the sweep does."""
    if at is not None and row.tries < QUICK_TRIES:
        jobs.add("payout.ask", {"sending": row.id}, key=f"payout.ask:{row.id}:{at:%Y%m%dT%H%M%S}", now=now, run_at=at)


def _contradicts(row: Sending, payout: payouts.Payout, told: Told) -> bool:
    """Whether what the provider says cannot be true together with what a person said, or with what it said before."""
    came_back = told.standing in ("failed", "cancelled", "reversed")
    if row.state == "refused" or payout.via is None:
        return told.standing in ("paid", "underway")  # it may be in the bank's file by now
    if row.state == "decided":
        return (payout.state == "paid" and came_back) or (payout.state == "returned" and told.standing in ("paid", "underway"))
    return payout.state == "returned" and told.standing in ("paid", "underway") and told.word != row.remote_status


def _contradiction(row: Sending, payout: payouts.Payout, told: Told, *, by: Actor, now: datetime, **known: Any) -> None:
    sending.note(row.id, **known, contradicted=True, next_at=None)
    if row.contradicted:
        return
    log.error("provider contradicts the books", payout=payout.public_id, state=payout.state, says=told.word)
    brand = people.get_brand(payouts.run(payout.run_id).brand_id)
    audit.note(
        "payout.contradicted", payout.public_id, actor=by, tenant=brand.public_id, now=now, before={"state": payout.state},
        after={"provider_says": told.word},
    )  # fmt: skip
