"""A payout sent by a provider: claimed (commit), handed over with no transaction open, noted (commit).

Where nobody can say whether the provider took it, it is looked up there, by a job, the sweep or a button; a person with
a reason may decide instead. It is called again only after a look-up has found nothing, under the same key, while the
provider still knows that key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from ..adapters.payouts import Instruction, NotSent, OutcomeUnknown, PayoutRefused, Silent, Told, provider
from ..domain import audit, payouts, people, sending
from ..domain.audit import SYSTEM, Actor
from ..domain.sending import PayoutAccount
from ..kernel import faults, jobs
from ..kernel.database import in_transaction, transaction
from ..kernel.errors import N_, Conflict
from ..kernel.money import Money
from . import bank, send_words
from .send_answer import ask_at, held, lose, provider_actor, take


class NotUnclear(Conflict):
    """A person decides about a payout whose outcome is known, or is not theirs to say."""

    code = "not_unclear"
    message = N_("What became of this payout is not unclear (any more). Please look again.")


class NothingToSend(Conflict):
    """A run is to be sent, and nothing of it can be."""

    code = "nothing_to_send"
    message = N_("Nothing of this run can be sent by your provider right now.")


@dataclass(frozen=True, slots=True)
class Plan:
    """What handing a run to the brand's provider would do. left: payouts that cannot go this way, with the reason's code."""

    account: PayoutAccount | None
    ready: Sequence[tuple[payouts.Payout, sending.ChannelFacts]]
    left: Sequence[tuple[payouts.Payout, str]]


def plan(run: payouts.PayoutRun) -> Plan:
    """What could be sent of a run now. Reads, never writes."""
    account = sending.account_of(run.brand_id)
    waiting = [payout for payout in payouts.of_run(run.id) if payout.state == "ready" and payout.via is None]
    if account is None:
        return Plan(None, [], [(payout, "no_channel") for payout in waiting])
    channels = {channel.code: channel for channel in sending.channels_of(account)}
    ready, left = [], []
    for payout in waiting:
        channel = channels.get(account.chosen.get(payout.payee_provider, ""))
        why = sending.obstacle(channel, amount=_sent(payout).minor, currency=payout.currency, holder=payout.payee_holder)
        if channel is None or why:
            left.append((payout, why))
        else:
            ready.append((payout, channel))
    return Plan(account, ready, left)


def choose(run: payouts.PayoutRun, *, actor: Actor, now: datetime) -> int:
    """Hand every payout of the run that can go this way to the brand's provider, one job each; how many. Safe to repeat.

    NothingToSend: none can.
    """
    handed = 0
    with transaction():
        brand, planned = people.get_brand(run.brand_id), plan(run)
        if planned.account is None or not planned.ready:
            raise NothingToSend()
        for payout, channel in planned.ready:
            if not payouts.hand_to(payout.id, planned.account.provider):
                continue  # into a file, or handed over, a moment ago
            row = sending.hand_over(payout.id, payout.public_id, account_id=planned.account.id, channel=channel.code, now=now)
            if row is None:
                raise Conflict()
            jobs.add("payout.send", {"sending": row.id}, key=f"payout.send:{row.id}:{now:%Y%m%dT%H%M%S%f}", now=now)
            audit.note(
                "payee.revealed", payout.public_id, actor=actor, tenant=brand.public_id, now=now,
                after={"to": planned.account.provider, "run": run.public_id, "ending": payout.payee_number[-4:]},
            )  # fmt: skip
            handed += 1
        audit.note(
            "payout.handed_over", run.public_id, actor=actor, tenant=brand.public_id, now=now,
            after={"to": planned.account.provider, "payouts": handed},
        )  # fmt: skip
    return handed


# --- handing over ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Claim:
    """What one call needs, read while the claim was made; and how the sending stood before."""

    provider: str
    api_key: str = field(repr=False)
    by: Actor
    instruction: Instruction
    before: tuple[datetime | None, datetime | None]


def send(payload: dict[str, Any], *, now: datetime) -> None:
    """Job "payout.send": hand one payout over. Safe to repeat: only who claims it calls, and a call that broke is looked up."""
    sending_id: int = payload["sending"]
    claim = _claim(sending_id, now=now)
    if claim is None:
        return
    assert not in_transaction(), "no network while a transaction is open"
    faults.point("payout.before_send")
    try:
        told = _call(claim)
    except NotSent as error:
        _wait(sending_id, str(error), claim, now=now)
    except PayoutRefused as error:
        _refused(sending_id, error, claim.by, now=now)
    except OutcomeUnknown as error:
        _unknown(sending_id, error.code, claim.by, now=now)
    else:
        faults.point("payout.after_send_before_save")
        with transaction():
            take(sending_id, told, now=now)


def _claim(sending_id: int, *, now: datetime) -> _Claim | None:
    """Take the sending for one call; None where it is not waiting. A call that was begun and never noted gets looked up."""
    with transaction():
        row, payout = held(sending_id)
        account = sending.account(row.account_id)
        if row.state == "calling" and row.called_at is not None and now - row.called_at >= sending.CALL_IS_OVER:
            lose(row, payout, "interrupted", by=SYSTEM, now=now, next_at=now)
        elif row.state == "calling" and row.called_at is not None:
            ask_at(row, row.called_at + sending.CALL_IS_OVER, now=now)
        elif row.state == "waiting" and payout.state in ("paid", "returned"):
            sending.move(row.id, "decided", next_at=None)  # a person was faster
        if row.state != "waiting" or payout.state not in ("ready", "unknown") or account.api_key is None:
            return None
        before = row.called_at, row.first_called_at
        if not sending.move(
            row.id, "calling", sources=("waiting",), called_at=now, first_called_at=row.first_called_at or now,
            key_number=account.key_number, next_at=now + sending.CALL_IS_OVER,
        ):  # fmt: skip
            return None
        brand = people.get_brand(account.brand_id)
        instruction = Instruction(
            key=row.key, reference=payout.public_id, channel=row.channel, number=payout.payee_number, holder=payout.payee_holder,
            amount=_sent(payout), description=f"{brand.name} {payout.public_id}"[:200],
        )  # fmt: skip
        return _Claim(account.provider, account.api_key, provider_actor(account), instruction, before)


def _call(claim: _Claim) -> Told:
    told = provider(claim.provider, claim.api_key).create(claim.instruction)
    try:
        faults.point("payout.response_lost")
    except faults.DropResponse:
        raise OutcomeUnknown("cut_off") from None
    return told


def _wait(sending_id: int, why: str, claim: _Claim, *, now: datetime) -> None:
    """Nothing went out: it waits again, as it did before."""
    with transaction():
        row, _ = held(sending_id)
        next_at = sending.again_at(row.tries + 1, now)
        called_at, first_called_at = claim.before
        if sending.move(
            row.id, "waiting", sources=("calling",), why=why, tries=row.tries + 1, next_at=next_at, called_at=called_at,
            first_called_at=first_called_at,
        ):  # fmt: skip
            jobs.add(
                "payout.send", {"sending": row.id}, key=f"payout.send:{row.id}:{next_at:%Y%m%dT%H%M%S%f}", now=now, run_at=next_at
            )


def _refused(sending_id: int, refusal: PayoutRefused, by: Actor, *, now: datetime) -> None:
    """The provider did not take it: the creator's account is wrong, or it is the brand's to send another way.

    A refusal of a second call says nothing about the first, so there a person decides.
    """
    with transaction():
        row, payout = held(sending_id)
        if row.state != "calling":
            return
        if payout.state == "unknown":
            lose(row, payout, "refused_again", by=by, now=now, next_at=None)
        elif refusal.blame == "recipient":
            sending.note(row.id, why=refusal.code[:60], told_at=now, next_at=None)
            sending.move(row.id, "done")
            bank.book_returned(payout.id, reason=send_words.failure(refusal.code, "failed"), actor=by, now=now)
        else:
            sending.move(row.id, "refused", why=refusal.code[:60], told_at=now, next_at=None)
            payouts.take_back(payout.id)
            audit.note(
                "payout.refused", payout.public_id, actor=by, now=now, after={"code": refusal.code},
                tenant=people.get_brand(payouts.run(payout.run_id).brand_id).public_id,
            )  # fmt: skip


def _unknown(sending_id: int, why: str, by: Actor, *, now: datetime) -> None:
    with transaction():
        row, payout = held(sending_id)
        if row.state == "calling":
            lose(row, payout, why, by=by, now=now, next_at=sending.again_at(1, now), tries=1)


# --- a person --------------------------------------------------------------------------------------


def decide(payout_id: int, outcome: Literal["paid", "returned"], reason: str, *, actor: Actor, now: datetime) -> bool:
    """A person who found out says what became of an unclear payout, and how they know; False: it was said before.

    ReasonNeeded, NotUnclear. From then on no answer of the provider's changes it; one that contradicts is flagged.
    """
    if not reason.strip():
        raise bank.ReasonNeeded()
    with transaction():
        found = sending.of_payout(payout_id)
        if found is None:
            raise NotUnclear()
        row, payout = held(found.id)
        if row.state == "decided" and payout.state == outcome:
            return False
        if payout.state != "unknown" or not sending.move(
            row.id, "decided", sources=("unknown", "waiting"), next_at=sending.again_at(0, now)
        ):
            raise NotUnclear()
        book = bank.book_paid if outcome == "paid" else bank.book_returned
        return book(payout_id, reason=reason, actor=actor, now=now)


def settle_contradiction(payout_id: int, reason: str, *, actor: Actor, now: datetime) -> bool:
    """A person has seen to a contradiction, and says how; False: there is none. ReasonNeeded."""
    if not reason.strip():
        raise bank.ReasonNeeded()
    with transaction():
        found = sending.of_payout(payout_id)
        if found is None or not held(found.id)[0].contradicted:
            return False
        sending.note(found.id, contradicted=False)
        payout = payouts.get(payout_id)
        audit.note(
            "payout.contradiction_settled", payout.public_id, actor=actor, now=now, before={"provider_says": found.remote_status},
            tenant=people.get_brand(payouts.run(payout.run_id).brand_id).public_id, reason=reason.strip(),
        )  # fmt: skip
    return True


def call_back(payout_id: int, *, actor: Actor, now: datetime) -> bool:
    """Call a payout back from the provider; False where it is too late, or the provider gave no answer.

    One that was never handed over is the brand's again at once; one that the provider still holds returns to the balance.
    """
    with transaction():
        found = sending.of_payout(payout_id)
        if found is None:
            return False
        row, payout = held(found.id)
        account, reference = sending.account(row.account_id), payout.public_id
        audit.note(
            "payout.called_back", reference, actor=actor, now=now, tenant=people.get_brand(account.brand_id).public_id
        )  # fmt: skip
        if row.first_called_at is None and sending.move(row.id, "refused", sources=("waiting",), why="called_back", next_at=None):
            return payouts.take_back(payout.id)
        name, api_key, remote_id, sending_id = account.provider, account.api_key, row.remote_id, row.id
        if row.state != "underway" or api_key is None or remote_id is None:
            return False
    try:
        told = provider(name, api_key).cancel(remote_id)
    except (Silent, PayoutRefused):
        return False
    with transaction():
        take(sending_id, told, now=now)
    return told.standing == "cancelled"


def _sent(payout: payouts.Payout) -> Money:
    """What leaves: the payout without a fee that its creator bears."""
    return Money(payout.amount_minor - payout.fee_minor, payout.currency)
