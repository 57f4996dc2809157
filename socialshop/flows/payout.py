"""A payout run: what is due is drawn up, goes into the bank's file, and is confirmed or comes back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..domain import audit, commissions, payouts, people, programs
from ..domain.audit import Actor
from ..domain.replay import Draw, Payout, PayoutFailed, Position, draw_up
from ..kernel import faults
from ..kernel.database import end_reading, transaction
from ..kernel.errors import N_, Conflict

BATCH = 500


class NothingDue(Conflict):
    """A run was started while nobody has anything to be paid."""

    code = "nothing_due"
    message = N_("Nothing is due right now, so there is nothing to pay out.")


class NobodyPayable(NothingDue):
    """A run was started while something is due, and nobody can be paid: no account, too little, or owed back."""

    code = "nobody_payable"
    message = N_("No run was made: nobody can be paid right now. The reason stands beside each creator.")


def release_due(_payload: dict[str, Any], *, now: datetime) -> None:
    """Let every commission go that is past its hold. Safe to repeat; a job of the timetable."""
    for program_id in commissions.programs_with_due(now):
        released = BATCH
        while released == BATCH:
            with transaction():
                programs.lock(program_id)
                released = commissions.release_due(program_id, now, limit=BATCH)
            faults.point("ledger.after_commit_before_balance_cache")
    end_reading()


@dataclass(frozen=True, slots=True)
class Due:
    """What a run that started now would do for one creator. verdict: "pays", or the reason for leaving them out.

    came_back: the last payout, where it came back and the account is still the one that it went to.
    """

    creator_id: int
    program_id: int
    currency: str
    due: int
    owed_back: int
    minimum: int
    verdict: str
    came_back: payouts.Payout | None = None

    @property
    def amount(self) -> int:
        """What would be paid, before any minimum."""
        return self.due - self.owed_back


def preview(brand_id: int, *, now: datetime) -> list[Due]:
    """What is due to whom right now, the largest first. Reads, never writes."""
    found: list[Due] = []
    listed = programs.programs_of_brand(brand_id)
    back = {(each.creator_id, each.program_id, each.currency): each for each in _dead([program.id for program in listed])}
    for program in listed:
        version = programs.engine_program(program.id).version_at(now)
        minimum = version.terms.minimum_payout if version else {}
        positions, _ = commissions.positions(program.id, released_only=False)
        drawn = {(draw.creator, draw.currency) for draw in draw_up(positions, at=now, minimum=minimum)}
        due, owed = _sides(positions, now)
        payees = people.payees_of({int(creator) for creator, _ in due})
        for who in (who for who in due if due[who]):
            creator_id, currency = int(who[0]), who[1]
            small = "owed_back" if due[who] <= owed[who] else "below_minimum"
            verdict = small if who not in drawn else "pays" if creator_id in payees else "no_payee"
            dead = back.get((creator_id, program.id, currency))
            found.append(Due(creator_id, program.id, currency, due[who], owed[who], minimum.get(currency, 0), verdict, dead))
    return sorted(found, key=lambda each: (each.currency, -each.amount, each.creator_id))


def _dead(program_ids: Sequence[int]) -> list[payouts.Payout]:
    """Payouts that came back, of creators who have not stated another account since."""
    found = payouts.come_back(program_ids=program_ids)
    payees = people.payees_of({payout.creator_id for payout in found})
    return [each for each in found if each.creator_id in payees and same_account(each, payees[each.creator_id])]


def same_account(payout: payouts.Payout, payee: people.Payee) -> bool:
    """Whether a payout went to the account that is stated now."""
    return (payout.payee_provider, payout.payee_number) == (payee.provider, payee.number)


def start(brand_id: int, key: str, *, actor: Actor, now: datetime) -> payouts.PayoutRun:
    """Draw up everything that is due to the brand's creators; the same key again is the same run.

    NothingDue: nobody has anything past its hold. NobodyPayable: nobody who has can be paid; then there is no run.
    """
    with transaction():
        return draw_run(brand_id, key, actor=actor, now=now)


def draw_run(brand_id: int, key: str, *, actor: Actor, now: datetime, slot: str | None = None) -> payouts.PayoutRun:
    """In the caller's transaction: see `start`. slot: the date in the brand's schedule."""
    brand = people.get_brand(brand_id)
    run, new = payouts.open_run(
        brand_id,
        f"{brand.public_id}:{key}",
        at=now,
        started_by=_name(actor),
        fee_bearer=payouts.fee_bearer_of(brand_id),
        slot=slot,
    )
    if not new:
        return run
    looked_at = [
        _draw_program(run, program_id, actor=actor, now=now)
        for program_id in sorted(program.id for program in programs.programs_of_brand(brand_id))
    ]
    if not any(looked_at):
        raise NothingDue()
    drawn = payouts.of_run(run.id)
    if not drawn:
        raise NobodyPayable()
    audit.note(
        "payout.started", run.public_id, actor=actor, tenant=brand.public_id, now=now, reason=f"schedule {slot}" if slot else "",
        after={"payouts": len(drawn), "skipped": len(payouts.skips_of(run.id)), **_sums(drawn)},
    )  # fmt: skip
    return run


def _draw_program(run: payouts.PayoutRun, program_id: int, *, actor: Actor, now: datetime) -> bool:
    """Draw up one program; whether there was anything to look at."""
    programs.lock(program_id)
    commissions.release_due(program_id, now)
    version = programs.engine_program(program_id).version_at(now)
    minimum = version.terms.minimum_payout if version else {}
    positions, behind = commissions.positions(program_id)
    draws = draw_up(positions, at=now, minimum=minimum)
    faults.point("payout.batch.after_select")
    left_out = _skip_small(run, program_id, positions, draws, minimum)
    if not draws:
        return left_out
    effect = commissions.note_fact(program_id, Payout(run.public_id, now), now=now, actor=_name(actor))
    payees = people.payees_of({int(draw.creator) for draw in draws})
    unreachable = [draw for draw in draws if int(draw.creator) not in payees]
    for draw in draws:
        if draw not in unreachable:
            _draw(run, program_id, draw, behind, payees[int(draw.creator)], effect, actor=actor, now=now)
    for draw in unreachable:
        payouts.skip(
            run, program_id=program_id, creator_id=int(draw.creator), currency=draw.currency, amount=draw.amount,
            minimum=minimum.get(draw.currency, 0), reason="no_payee",
        )  # fmt: skip
    for creator in sorted({draw.creator for draw in unreachable}):
        # The engine pays everybody who is due: for it, this money went out and came straight back.
        back = PayoutFailed(f"{run.public_id}:no-payee:{creator}", now, run.public_id, creator)
        commissions.note_fact(program_id, back, now=now, actor=_name(actor))
    return True


def _draw(
    run: payouts.PayoutRun,
    program_id: int,
    draw: Draw,
    behind: Mapping[tuple[str, object], int],
    payee: people.Payee,
    effect: int,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    items = [commissions.Given(behind[item.order, item.key], item.delta) for item in draw.items]
    payout = payouts.draw_up(
        run, program_id=program_id, creator_id=int(draw.creator), currency=draw.currency,
        items=[(item.commission_id, item.minor) for item in items],
        to=payouts.Destination(payee.kind, payee.provider, payee.number, payee.holder), actor=_name(actor), now=now,
    )  # fmt: skip
    faults.point("payout.item.after_reserve")
    cause = commissions.Cause(payout.public_id, "pay", effect, now, now, _name(actor))
    faults.point("payout.after_save_before_ledger")
    commissions.pay(program_id, payout.public_id, items, cause)
    faults.point("payout.after_ledger")


def _skip_small(
    run: payouts.PayoutRun, program_id: int, positions: Iterable[Position], draws: Sequence[Draw], minimum: Mapping[str, int]
) -> bool:
    """Note who has something due that is too little, or is eaten up by what they owe back."""
    due, owed = _sides(positions, run.at)
    paid = {(draw.creator, draw.currency) for draw in draws}
    small = sorted(who for who, amount in due.items() if amount and who not in paid)
    for creator, currency in small:
        amount = due[creator, currency] - owed[creator, currency]
        payouts.skip(
            run, program_id=program_id, creator_id=int(creator), currency=currency, amount=amount,
            minimum=minimum.get(currency, 0), reason="owed_back" if amount <= 0 else "below_minimum",
        )  # fmt: skip
    return bool(small)


def _sides(positions: Iterable[Position], at: datetime) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str], int]]:
    """By creator and currency, what is due and what is owed back."""
    due: dict[tuple[str, str], int] = defaultdict(int)
    owed: dict[tuple[str, str], int] = defaultdict(int)
    for position in positions:
        who = (position.key.creator, position.currency)
        owed[who] += position.owed_back
        if not position.held and position.due_at <= at:
            due[who] += position.open
    return due, owed


def _sums(drawn: Iterable[payouts.Payout]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for payout in drawn:
        sums[payout.currency] += payout.amount_minor
    return dict(sums)


def _name(actor: Actor) -> str:
    return f"{actor.kind}:{actor.name}"
