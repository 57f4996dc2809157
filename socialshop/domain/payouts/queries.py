"""Questions about runs and payouts, and what the self-check looks at."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import exists, func, select

from ...kernel.database import session
from ...kernel.errors import NotFound
from .models import Payout, PayoutItem, PayoutRun, PayoutSkip, PayoutStep
from .rules import EDGES


@dataclass(frozen=True, slots=True)
class RunTotal:
    """What a run comes to in one currency, by state of its payouts."""

    currency: str
    state: str
    count: int
    amount: int


def runs_of(brand_id: int, *, limit: int = 50) -> list[PayoutRun]:
    """The brand's runs, newest first."""
    query = select(PayoutRun).where(PayoutRun.brand_id == brand_id).order_by(PayoutRun.id.desc()).limit(limit)
    return list(session().scalars(query))


def count_waiting(brand_id: int) -> int:
    """How many of the brand's runs have payouts that nobody has sent yet."""
    query = select(func.count(Payout.run_id.distinct())).join(PayoutRun, PayoutRun.id == Payout.run_id)
    return int(session().scalar(query.where(PayoutRun.brand_id == brand_id, Payout.state == "ready", Payout.via.is_(None))) or 0)


def run_of(brand_id: int, public_id: str) -> PayoutRun:
    """One of the brand's runs; NotFound for anybody else's."""
    found = session().scalar(select(PayoutRun).where(PayoutRun.brand_id == brand_id, PayoutRun.public_id == public_id))
    if found is None:
        raise NotFound()
    return found


def totals_of(run_ids: Collection[int]) -> dict[int, list[RunTotal]]:
    """What runs come to, by currency and state."""
    query = (
        select(Payout.run_id, Payout.currency, Payout.state, func.count(), func.sum(Payout.amount_minor))
        .where(Payout.run_id.in_(run_ids))
        .group_by(Payout.run_id, Payout.currency, Payout.state)
        .order_by(Payout.currency, Payout.state)
    )
    found: dict[int, list[RunTotal]] = {run_id: [] for run_id in run_ids}
    for run_id, currency, state, count, amount in session().execute(query):
        found[run_id].append(RunTotal(currency, state, count, int(amount)))
    return found


def of_run(run_id: int) -> list[Payout]:
    """A run's payouts."""
    return list(session().scalars(select(Payout).where(Payout.run_id == run_id).order_by(Payout.id)))


def payout_of(run_id: int, public_id: str) -> Payout:
    """One of the run's payouts; NotFound for anybody else's."""
    found = session().scalar(select(Payout).where(Payout.run_id == run_id, Payout.public_id == public_id))
    if found is None:
        raise NotFound()
    return found


def own(creator_id: int, public_id: str) -> Payout:
    """One of the creator's payouts; NotFound for anybody else's."""
    found = session().scalar(select(Payout).where(Payout.creator_id == creator_id, Payout.public_id == public_id))
    if found is None:
        raise NotFound()
    return found


def get(payout_id: int) -> Payout:
    """The payout; NotFound."""
    found = session().get(Payout, payout_id)
    if found is None:
        raise NotFound()
    return found


def run(run_id: int) -> PayoutRun:
    """The run with this internal key; NotFound."""
    found = session().get(PayoutRun, run_id)
    if found is None:
        raise NotFound()
    return found


def skips_of(run_id: int) -> list[PayoutSkip]:
    """Who was left out of a run, and why."""
    return list(session().scalars(select(PayoutSkip).where(PayoutSkip.run_id == run_id).order_by(PayoutSkip.id)))


def items_of(payout_id: int) -> list[PayoutItem]:
    """What a payout settles."""
    return list(session().scalars(select(PayoutItem).where(PayoutItem.payout_id == payout_id).order_by(PayoutItem.id)))


def of_creator(creator_id: int, *, limit: int = 20) -> list[Payout]:
    """The creator's payouts, newest first."""
    return list(session().scalars(select(Payout).where(Payout.creator_id == creator_id).order_by(Payout.id.desc()).limit(limit)))


def before(
    last: int | None, *, creator_id: int | None, program_ids: Collection[int] | None, state: str, limit: int
) -> list[Payout]:
    """Payouts drawn up before the one with this internal key (None: from the newest on), the newest first."""
    query = select(Payout)
    if creator_id is not None:
        query = query.where(Payout.creator_id == creator_id)
    if program_ids is not None:
        query = query.where(Payout.program_id.in_(program_ids))
    if state:
        query = query.where(Payout.state == state)
    if last is not None:
        query = query.where(Payout.id < last)
    return list(session().scalars(query.order_by(Payout.id.desc()).limit(limit)))


def by_public_ids(public_ids: Collection[str]) -> dict[str, Payout]:
    """Payouts by public id; unknown ones are left out."""
    return {found.public_id: found for found in session().scalars(select(Payout).where(Payout.public_id.in_(public_ids)))}


def of_commission(commission_id: int) -> list[tuple[PayoutItem, Payout]]:
    """The payouts that touched a commission, oldest first."""
    query = select(PayoutItem, Payout).join(Payout, Payout.id == PayoutItem.payout_id)
    rows = session().execute(query.where(PayoutItem.commission_id == commission_id).order_by(PayoutItem.id))
    return [(item, payout) for item, payout in rows]


def standing_skips(creator_id: int) -> list[PayoutSkip]:
    """The creator's newest being left out by each program and currency, where no payout came after it."""
    newest = (
        select(func.max(PayoutSkip.id))
        .where(PayoutSkip.creator_id == creator_id)
        .group_by(PayoutSkip.program_id, PayoutSkip.currency)
    )
    later = exists().where(
        Payout.creator_id == PayoutSkip.creator_id,
        Payout.program_id == PayoutSkip.program_id,
        Payout.currency == PayoutSkip.currency,
        Payout.run_id >= PayoutSkip.run_id,
    )
    return list(session().scalars(select(PayoutSkip).where(PayoutSkip.id.in_(newest), ~later).order_by(PayoutSkip.id)))


def come_back(*, creator_id: int | None = None, program_ids: Collection[int] | None = None) -> list[Payout]:
    """The newest payouts by creator, program and currency, as far as these came back: nothing was sent after them."""
    newest = select(func.max(Payout.id)).group_by(Payout.creator_id, Payout.program_id, Payout.currency)
    if creator_id is not None:
        newest = newest.where(Payout.creator_id == creator_id)
    if program_ids is not None:
        newest = newest.where(Payout.program_id.in_(program_ids))
    return list(session().scalars(select(Payout).where(Payout.id.in_(newest), Payout.state == "returned").order_by(Payout.id)))


def steps_of(payout_id: int) -> list[PayoutStep]:
    """Every move of a payout."""
    return list(session().scalars(select(PayoutStep).where(PayoutStep.payout_id == payout_id).order_by(PayoutStep.id)))


def discrepancies() -> Iterator[tuple[str, str, str]]:
    """What is wrong among payouts by themselves, as (invariant, row, sentence): I-8, I-9, I-11."""
    sums = (
        select(Payout.id, Payout.amount_minor, func.coalesce(func.sum(PayoutItem.minor), 0))
        .outerjoin(PayoutItem, PayoutItem.payout_id == Payout.id)
        .group_by(Payout.id, Payout.amount_minor)
    )
    for payout_id, amount, total in session().execute(sums):
        if amount != total:
            yield "I-9", f"payouts {payout_id}", f"is {amount}, but its items sum to {total}"
    wanted = {"ready": "live", "sent": "live", "unknown": "live", "paid": "done", "returned": "failed"}
    query = select(PayoutItem.id, PayoutItem.state, Payout.state).join(Payout, Payout.id == PayoutItem.payout_id)
    for item_id, item_state, state in session().execute(query):
        if item_state != wanted[state]:
            yield "I-8", f"payout_items {item_id}", f"is {item_state}, but its payout is {state}"
    steps: dict[int, list[str]] = {}
    for payout_id, step in session().execute(select(PayoutStep.payout_id, PayoutStep.step).order_by(PayoutStep.id)):
        steps.setdefault(payout_id, []).append(step)
    for payout_id, state in session().execute(select(Payout.id, Payout.state)):
        path = steps.get(payout_id, [])
        if not path or path[0] != "ready" or path[-1] != state:
            yield "I-11", f"payouts {payout_id}", f"is {state}, but its log says {' → '.join(path) or 'nothing'}"
        for source, target in itertools.pairwise(path):
            if target not in EDGES[source]:
                yield "I-11", f"payouts {payout_id}", f"went from {source} to {target}"
