"""A run and the bank: one file goes there, and what the bank says about each transfer comes back."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from ..domain import audit, commissions, payouts, people, programs
from ..domain.audit import Actor
from ..domain.replay import PayoutFailed
from ..kernel import faults
from ..kernel.database import end_reading, transaction
from ..kernel.errors import N_, Conflict, FieldError, Invalid
from ..kernel.money import Money
from . import letters


class ReasonNeeded(Invalid):
    """A step that a person answers for, without a reason."""

    code = "reason_needed"

    def __init__(self) -> None:
        super().__init__(fields=[FieldError("reason", "required", N_("Please say why."))])


class NotOfThisRun(Invalid):
    """A result file names payouts that the run does not have."""

    code = "not_of_this_run"
    message = N_("These references are not payouts of this run: {references}. Nothing was changed.")


class WithTheProvider(Conflict):
    """A person says what became of a payout that a provider is sending and knows about."""

    code = "with_the_provider"
    message = N_("This payout is sent by a provider, which tells us itself what becomes of it.")


def bank_file(run: payouts.PayoutRun, *, actor: Actor, now: datetime) -> str:
    """The run's open payouts as a file for the bank. Account numbers are revealed here, so each is audited.

    Ready payouts count as sent from then on; downloading again changes nothing.
    """
    faults.point("payout.before_send")
    with transaction():
        brand = people.get_brand(run.brand_id)
        open_ = [payout for payout in payouts.of_run(run.id) if payout.state in ("ready", "sent") and payout.via is None]
        transfers = [
            payouts.Transfer(
                payout.payee_provider, payout.payee_number, payout.payee_holder, payout.amount_minor, payout.currency,
                payout.public_id, people.creator_email(payout.creator_id)[0],
            )
            for payout in open_
        ]  # fmt: skip
        text = payouts.bank_file(transfers)
        faults.point("payout.after_send_before_save")
        for payout in open_:
            if payout.state == "ready":
                payouts.move(payout.id, "sent", actor=_name(actor), now=now)
            audit.note(
                "payee.revealed", payout.public_id, actor=actor, tenant=brand.public_id, now=now,
                after={"in": "bank file", "run": run.public_id, "ending": payout.payee_number[-4:]},
            )  # fmt: skip
    return text


def confirm(payout_id: int, *, actor: Actor, now: datetime, reason: str = "", reference: str = "") -> bool:
    """The money arrived; False: that is known. ReasonNeeded: the outcome was unknown, and a person must say how they know."""
    with transaction():
        payout = _by_hand(payout_id)
        if payout.state == "unknown" and not reason.strip():
            raise ReasonNeeded()
        done = book_paid(payout_id, actor=actor, now=now, reason=reason, reference=reference)
    if done:
        faults.point("payout.response_lost")
    return done


def book_paid(payout_id: int, *, actor: Actor, now: datetime, reason: str = "", reference: str = "") -> bool:
    """In the caller's transaction: the money arrived, whoever knows it. False: that is known."""
    payout, brand = _open(payout_id)
    before = payouts.move(payout_id, "paid", actor=_name(actor), now=now, reason=reason.strip(), reference=reference)
    if before is None:
        return False
    cause = commissions.Cause(payout.public_id, "paid", None, now, now, _name(actor))
    commissions.arrived(payout.program_id, payout.public_id, _items(payout_id), cause)
    _tell("payout_paid", payout, brand, now=now, reason=reason)
    _note("payout.confirmed", payout, brand, before, actor=actor, now=now, reason=reason)
    return True


def return_(payout_id: int, *, reason: str, actor: Actor, now: datetime) -> bool:
    """The money came back, or never went: the balance is the creator's again. False: that is known."""
    if not reason.strip():
        raise ReasonNeeded()
    with transaction():
        _by_hand(payout_id)
        done = book_returned(payout_id, reason=reason, actor=actor, now=now)
    if done:
        faults.point("payout.response_lost")
    return done


def book_returned(payout_id: int, *, reason: str, actor: Actor, now: datetime) -> bool:
    """In the caller's transaction: the money came back, whoever knows it. False: that is known."""
    payout, brand = _open(payout_id)
    before = payouts.move(payout_id, "returned", actor=_name(actor), now=now, reason=reason.strip())
    if before is None:
        return False
    run, creator = payouts.run(payout.run_id), str(payout.creator_id)
    failure = PayoutFailed(f"{payout.public_id}:returned", now, run.public_id, creator)
    effect = commissions.note_fact(payout.program_id, failure, now=now, actor=_name(actor))
    cause = commissions.Cause(payout.public_id, "pay_failed", effect, now, now, _name(actor), reason.strip())
    commissions.came_back(
        programs.engine_program(payout.program_id), payout.program_id, payout.public_id, payout.creator_id,
        _items(payout_id), cause, source="bank" if before == "paid" else "in_transit",
    )  # fmt: skip
    _tell("payout_returned", payout, brand, now=now, reason=reason.strip())
    _note("payout.returned", payout, brand, before, actor=actor, now=now, reason=reason)
    return True


def lose_sight(payout_id: int, *, reason: str, actor: Actor, now: datetime) -> bool:
    """Nobody knows whether the money arrived; it stays in transit until somebody does. False: that is known."""
    if not reason.strip():
        raise ReasonNeeded()
    with transaction():
        _by_hand(payout_id)
        return book_unknown(payout_id, reason=reason, actor=actor, now=now)


def book_unknown(payout_id: int, *, reason: str, actor: Actor, now: datetime) -> bool:
    """In the caller's transaction: nobody knows. False: that is known."""
    payout, brand = _open(payout_id)
    before = payouts.move(payout_id, "unknown", actor=_name(actor), now=now, reason=reason.strip())
    if before is not None:
        _note("payout.unknown", payout, brand, before, actor=actor, now=now, reason=reason)
    return before is not None


def confirm_all(run: payouts.PayoutRun, *, actor: Actor, now: datetime) -> int:
    """Everything that was sent arrived, but for what is unknown; each payout by itself, so repeating goes on where it stopped."""
    done = 0
    for payout in payouts.of_run(run.id):
        if payout.state in ("ready", "sent") and payout.via is None:
            done += confirm(payout.id, actor=actor, now=now)
            faults.point("payout.reconcile.mid")
    return done


def take_results(run: payouts.PayoutRun, text: str, *, actor: Actor, now: datetime) -> dict[str, int]:
    """What the bank's result file says, payout by payout; how many changed to which state.

    Invalid, NotOfThisRun: a row cannot be used, and nothing was changed. Taking the same file again changes nothing.
    """
    outcomes = payouts.read_results(text)
    mine = {payout.public_id: (payout.id, payout.state) for payout in payouts.of_run(run.id) if payout.via is None}
    strange = [outcome.reference for outcome in outcomes if outcome.reference not in mine]
    if strange:
        raise NotOfThisRun(references=", ".join(strange[:5]) + (" …" if len(strange) > 5 else ""))
    for outcome in outcomes:
        state = mine[outcome.reference][1]
        if outcome.result != state and outcome.result not in payouts.EDGES[state]:
            raise payouts.NotAlongAnEdge(state, outcome.result)
    end_reading()
    changed: dict[str, int] = defaultdict(int)
    for outcome in outcomes:
        payout_id, reason = mine[outcome.reference][0], outcome.reason or "bank result file"
        if outcome.result == "paid":
            changed["paid"] += confirm(payout_id, actor=actor, now=now, reason=reason)
        elif outcome.result == "returned":
            changed["returned"] += return_(payout_id, reason=reason, actor=actor, now=now)
        else:
            changed["unknown"] += lose_sight(payout_id, reason=reason, actor=actor, now=now)
        faults.point("payout.reconcile.mid")
    return dict(changed)


def _open(payout_id: int) -> tuple[payouts.Payout, people.Brand]:
    """The payout, with its program locked: what it does to commissions follows the facts before it."""
    payout = payouts.get(payout_id)
    programs.lock(payout.program_id)
    return payout, people.get_brand(payouts.run(payout.run_id).brand_id)


def _by_hand(payout_id: int) -> payouts.Payout:
    """The payout, locked, if a person may say what became of it here."""
    payout, _ = _open(payout_id)
    if payout.via is not None and payout.state != "paid":  # what was paid may still come back by other ways
        raise WithTheProvider()
    return payout


def _items(payout_id: int) -> list[commissions.Given]:
    return [commissions.Given(item.commission_id, item.minor) for item in payouts.items_of(payout_id)]


def _tell(kind: str, payout: payouts.Payout, brand: people.Brand, *, now: datetime, reason: str) -> None:
    """Write to the creator, in the same transaction."""
    creator = people.get_creator(payout.creator_id)
    email, locale = people.creator_email(creator.id)
    facts: dict[str, str | Money] = {
        "name": creator.name, "brand": brand.name, "amount": Money(payout.amount_minor, payout.currency), "reason": reason,
        "provider": people.provider_name(payout.payee_provider), "ending": payout.payee_number[-4:],
    }  # fmt: skip
    letters.post(to=email, kind=kind, locale=locale, facts=facts, key=f"{kind}:{payout.public_id}", now=now)


def _note(
    act: str, payout: payouts.Payout, brand: people.Brand, before: str, *, actor: Actor, now: datetime, reason: str
) -> None:
    audit.note(
        act, payout.public_id, actor=actor, tenant=brand.public_id, now=now, before={"state": before},
        after={"state": payout.state, "amount": payout.amount_minor, "currency": payout.currency}, reason=reason.strip(),
    )  # fmt: skip


def _name(actor: Actor) -> str:
    return f"{actor.kind}:{actor.name}"
