"""What became of a payout, as a person or the bank says it: it arrived, came back, or nobody knows."""

from __future__ import annotations

from datetime import datetime

from ..domain import audit, commissions, payouts, people, programs
from ..domain.audit import Actor
from ..domain.replay import PayoutFailed
from ..kernel import faults, words
from ..kernel.database import session, transaction
from ..kernel.errors import N_, Conflict, FieldError, Invalid
from ..kernel.money import Money
from . import letters


class ReasonNeeded(Invalid):
    """A step that a person answers for, without a reason."""

    code = "reason_needed"

    def __init__(self) -> None:
        super().__init__(fields=[FieldError("reason", "required", N_("Please say why."))])


class WithTheProvider(Conflict):
    """A person says what became of a payout that a provider is sending and knows about."""

    code = "with_the_provider"
    message = N_("This payout is sent by a provider, which tells us itself what becomes of it.")


def confirm(
    payout_id: int, *, actor: Actor, now: datetime, reason: str = "", reference: str = "", fee: int | None = None
) -> bool:
    """The money arrived; False: that is known. fee: see `book_paid`.

    ReasonNeeded: the outcome was unknown, and a person must say how they know.
    """
    with transaction():
        payout = _by_hand(payout_id)
        if payout.state == "unknown" and not reason.strip():
            raise ReasonNeeded()
        done = book_paid(payout_id, actor=actor, now=now, reason=reason, reference=reference, fee=fee)
    if done:
        faults.point("payout.response_lost")
    return done


def book_paid(
    payout_id: int, *, actor: Actor, now: datetime, reason: str = "", reference: str = "", fee: int | None = None
) -> bool:
    """In the caller's transaction: the money arrived, whoever knows it. False: that is known.

    fee: what the bank charged, in minor units of the payout's currency; None: what its file's map says. What was not
    taken off the payout is the brand's.
    """
    payout, brand = _open(payout_id)
    before = payouts.move(payout_id, "paid", actor=_name(actor), now=now, reason=reason.strip(), reference=reference)
    if before is None:
        return False
    cause = commissions.Cause(payout.public_id, "paid", None, now, now, _name(actor))
    commissions.arrived(payout.program_id, payout.public_id, _items(payout_id), cause, fee=payout.fee_minor)
    charged = payouts.fee_of(payout_id) if fee is None else fee
    payouts.charge(payout, charged - payout.fee_minor, on="paid", at=now, now=now)
    _tell("payout_paid_less_fee" if payout.fee_minor else "payout_paid", payout, brand, now=now, reason=reason)
    _note("payout.confirmed", payout, brand, before, actor=actor, now=now, reason=reason)
    return True


def return_(payout_id: int, *, reason: str, actor: Actor, now: datetime, fee: int = 0) -> bool:
    """The money came back, or never went: the balance is the creator's again. False: that is known. fee: see `book_returned`."""
    if not reason.strip():
        raise ReasonNeeded()
    with transaction():
        _by_hand(payout_id)
        done = book_returned(payout_id, reason=reason, actor=actor, now=now, fee=fee)
    if done:
        faults.point("payout.response_lost")
    return done


def book_returned(payout_id: int, *, reason: str, actor: Actor, now: datetime, fee: int = 0) -> bool:
    """In the caller's transaction: the money came back, whoever knows it. False: that is known.

    fee: what the bank charged all the same; the brand bears it. The creator gets back all of the amount, with a fee that
    was taken off it.
    """
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
    payouts.charge(payout, fee, on="returned", at=now, now=now)
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


def _open(payout_id: int) -> tuple[payouts.Payout, people.Brand]:
    """The payout, with its program locked: what it does to commissions follows the facts before it."""
    payout = payouts.get(payout_id)
    programs.lock(payout.program_id)
    return payout, people.get_brand(payouts.run(payout.run_id).brand_id)


def _by_hand(payout_id: int) -> payouts.Payout:
    """The payout, locked, if a person may say what became of it here."""
    payout, _ = _open(payout_id)
    session().refresh(payout)  # it may have been handed over while we waited for the program
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
        "name": creator.name, "brand": brand.name, "payout": payout.public_id,
        "amount": Money(payout.amount_minor, payout.currency),
        "reason": words.say(reason, locale),  # a provider's is one of our sentences, a person's stays as typed
        "provider": people.provider_name(payout.payee_provider), "ending": people.ending(payout.payee_number),
        "sent": Money(payout.amount_minor - payout.fee_minor, payout.currency), "fee": Money(payout.fee_minor, payout.currency),
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
