"""A brand looks at a commission: holds it back, lets it go, rejects it, or takes a rejection back.

Each is a fact of the engine's and, beside it, a judgement with a reason and evidence, which the creator reads. While an
appeal waits, only its decision moves the commission.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ..domain import appeals, audit, commissions, orders, people, programs
from ..domain.audit import Actor
from ..domain.replay import Hold, Reinstate, Reject, Release
from ..kernel.database import transaction
from ..kernel.errors import N_, Conflict, FieldError, Invalid
from ..kernel.money import Money
from . import letters, settle
from .bank import ReasonNeeded


class NothingLeft(Conflict):
    """A hold or a rejection of a commission that has nothing to hold or to take back."""

    code = "nothing_left"
    message = N_("There is nothing left of this commission.")


class AppealWaits(Conflict):
    """The creator has appealed: a person decides that first."""

    code = "appeal_waits"
    message = N_("The creator has appealed. Please decide the appeal; that ends or keeps what you decided before.")


class NotJudged(Conflict):
    """Evidence for a commission that is neither held nor rejected."""

    code = "not_judged"
    message = N_("This commission is neither on hold nor rejected.")


UNKNOWN_REASON = N_("Please choose a reason.")


@dataclass(frozen=True, slots=True)
class Bench:
    """What a judgement is made on: the commission with its order, and the program, whose lock is held."""

    commission: commissions.Commission
    order: orders.Order
    ground: commissions.Ground

    @property
    def case(self) -> appeals.Case:
        """Between whom and about what."""
        return appeals.Case(self.order.brand_id, self.order.id, self.commission.creator_id, self.commission.id)


def hold(
    commission_id: int, *, key: str, reason: str, actor: Actor, now: datetime, code: str = "other",
    exhibits: Iterable[appeals.Exhibit] = (),
) -> None:  # fmt: skip
    """Keep what the creator has in the order out of payouts; the same key again changes nothing."""
    words = _said(code, reason, "hold")
    with transaction():
        bench = bench_of(commission_id)
        commission, order = bench.commission, bench.order
        if not commission.open_minor:
            raise NothingLeft()
        why = appeals.reason_text(code, words)
        event = Hold(f"{order.public_id}:hold:{key}", now, order.public_id, str(commission.creator_id), why)
        if settle.take(bench.ground, event, now=now, actor=actor):
            judgement = appeals.judge(bench.case, "hold", event.id, code, words, now=now, actor=name_of(actor))
            _exhibit(judgement, exhibits, actor=actor, now=now)
            _tell("commission_held", bench, judgement, commission.worth_minor, now=now)
            note("commission.held", bench, why, actor=actor, now=now)


def let_go(commission_id: int, *, actor: Actor, now: datetime, reason: str = "") -> int:
    """End every hold that a person put on it; the number of holds. A dispute's hold ends with the dispute."""
    with transaction():
        bench = bench_of(commission_id)
        _no_appeal(bench)
        ended = release_holds(bench, reason.strip(), actor=actor, now=now)
        if ended:
            _counts_again(bench, reason.strip(), now=now)
    return ended


def reject(
    commission_id: int, *, key: str, reason: str, actor: Actor, now: datetime, code: str = "other",
    exhibits: Iterable[appeals.Exhibit] = (),
) -> None:  # fmt: skip
    """Take back what is left of all that the creator has in the order; what was paid is owed back."""
    words = _said(code, reason, "rejection")
    with transaction():
        bench = bench_of(commission_id)
        commission, order = bench.commission, bench.order
        amount, why = commission.worth_minor, appeals.reason_text(code, words)
        event = Reject(f"{order.public_id}:reject:{key}", now, order.public_id, str(commission.creator_id), why)
        if not amount:
            raise NothingLeft()
        _no_appeal(bench)
        if settle.take(bench.ground, event, now=now, actor=actor):
            judgement = appeals.judge(bench.case, "rejection", event.id, code, words, now=now, actor=name_of(actor))
            _exhibit(judgement, exhibits, actor=actor, now=now)
            _tell("commission_rejected", bench, judgement, amount, now=now)
            note("commission.rejected", bench, why, actor=actor, now=now)


def reinstate(commission_id: int, *, reason: str, actor: Actor, now: datetime) -> int:
    """Take every rejection of it back, with the holds from before; the number of rejections. ReasonNeeded."""
    if not reason.strip():
        raise ReasonNeeded()
    with transaction():
        bench = bench_of(commission_id)
        _no_appeal(bench)
        ended = undo_rejections(bench, reason.strip(), actor=actor, now=now)
        if ended:
            _counts_again(bench, reason.strip(), now=now)
    return ended


def add_evidence(commission_id: int, exhibits: Iterable[appeals.Exhibit], *, actor: Actor, now: datetime) -> None:
    """Put more evidence beside the judgement that stands. NotJudged: there is none."""
    with transaction():
        bench = bench_of(commission_id)
        judgement = appeals.standing(bench.order.id, bench.commission.creator_id)
        if judgement is None:
            raise NotJudged()
        _exhibit(judgement, exhibits, actor=actor, now=now)
        note("commission.evidence_added", bench, "", actor=actor, now=now)


def at_stake(commission: commissions.Commission, judgement: appeals.Judgement | None) -> int:
    """What an appeal is about, in minor units of `pay_currency`: what a rejection took, or what a hold keeps."""
    if judgement is None or judgement.kind == "hold":
        return commission.worth_minor
    return -sum(step.minor for step in commissions.steps_of(commission.id) if step.event_id == judgement.event_id)


# For stories about a commission whose transaction is open already


def bench_of(commission_id: int) -> Bench:
    """The commission as it is now, behind its program's lock."""
    found = commissions.by_ids([commission_id])[commission_id]
    ground = settle.ground_of(found.program_id, found.placed_at)
    return Bench(commissions.by_ids([commission_id])[commission_id], orders.get(found.order_id), ground)


def release_holds(bench: Bench, why: str, *, actor: Actor, now: datetime) -> int:
    """End every hold that a person put on it; the number of holds."""
    order, creator_id = bench.order, bench.commission.creator_id
    found = [hold_id for hold_id, _ in commissions.open_holds(order.id, creator_id) if ":hold:" in hold_id]
    for hold_id in found:
        settle.take(bench.ground, Release(f"{hold_id}:released", now, hold_id), now=now, actor=actor)
    if found:
        appeals.end_judgements(order.id, creator_id, ["hold"], why=why, now=now, actor=name_of(actor))
        note("commission.let_go", bench, why, actor=actor, now=now)
    return len(found)


def undo_rejections(bench: Bench, why: str, *, actor: Actor, now: datetime) -> int:
    """Take every rejection of it back, and end the holds from before; the number of rejections."""
    order, creator_id = bench.order, bench.commission.creator_id
    release_holds(bench, why, actor=actor, now=now)
    found = commissions.open_rejects(order.id, creator_id)
    for reject_id in found:
        settle.take(bench.ground, Reinstate(f"{reject_id}:reinstated", now, reject_id), now=now, actor=actor)
    if found:
        appeals.end_judgements(order.id, creator_id, ["rejection"], why=why, now=now, actor=name_of(actor))
        note("commission.reinstated", bench, why, actor=actor, now=now)
    return len(found)


def note(act: str, bench: Bench, reason: str, *, actor: Actor, now: datetime) -> None:
    """Write the act down for the audit."""
    commission = commissions.by_ids([bench.commission.id])[bench.commission.id]
    tenant = people.get_brand(programs.get(commission.program_id).brand_id).public_id
    after = {"state": commission.state, "order": bench.order.public_id, "worth": commission.worth_minor}
    audit.note(act, commission.public_id, actor=actor, tenant=tenant, now=now, after=after, reason=reason)


def name_of(actor: Actor) -> str:
    """An actor as rows keep it."""
    return f"{actor.kind}:{actor.name}"


def _no_appeal(bench: Bench) -> None:
    if appeals.find_running(bench.order.id, bench.commission.creator_id) is not None:
        raise AppealWaits()


def _said(code: str, reason: str, kind: str) -> str:
    if code not in appeals.REASONS or kind not in appeals.REASONS[code].kinds:
        raise Invalid(fields=[FieldError("code", "unknown_reason", UNKNOWN_REASON)])
    words = " ".join(reason.split())[:500]
    if code == "other" and not words:
        raise ReasonNeeded()
    return words


def _exhibit(judgement: appeals.Judgement, exhibits: Iterable[appeals.Exhibit], *, actor: Actor, now: datetime) -> None:
    for exhibit in exhibits:
        if not exhibit.empty:
            appeals.add_evidence(judgement, exhibit, now=now, actor=name_of(actor))


def _tell(kind: str, bench: Bench, judgement: appeals.Judgement, amount: int, *, now: datetime) -> None:
    creator, brand = people.get_creator(bench.commission.creator_id), people.get_brand(bench.order.brand_id)
    email, locale = people.creator_email(creator.id)
    facts: letters.Facts = {
        "name": creator.name, "brand": brand.name, "order": bench.order.number,
        "amount": Money(amount, bench.commission.pay_currency), "commission": bench.commission.public_id,
        "reason": letters.Word(appeals.REASONS[judgement.code].text),
        "words": f"\n\n“{judgement.words}”" if judgement.words else "",
    }  # fmt: skip
    letters.post(to=email, kind=kind, locale=locale, facts=facts, key=f"{kind}:{judgement.event_id}", now=now)


def _counts_again(bench: Bench, words: str, *, now: datetime) -> None:
    """Tell the creator what nobody had to appeal for."""
    commission = commissions.by_ids([bench.commission.id])[bench.commission.id]
    creator, brand = people.get_creator(commission.creator_id), people.get_brand(bench.order.brand_id)
    email, locale = people.creator_email(creator.id)
    facts: letters.Facts = {
        "name": creator.name, "brand": brand.name, "order": bench.order.number, "commission": commission.public_id,
        "amount": Money(commission.worth_minor, commission.pay_currency), "words": f"\n\n“{words}”" if words else "",
    }  # fmt: skip
    step = commissions.steps_of(commission.id)[-1].place
    key = f"commission_counts_again:{commission.public_id}:{step}"
    letters.post(to=email, kind="commission_counts_again", locale=locale, facts=facts, key=key, now=now)
