"""The self-check of commissions: rows against their history and against the ledger. Reads, never writes."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import load_only

from ...kernel.database import session
from .. import ledger
from .models import Attribution, Commission, CommissionStep, Credit
from .rules import may_move

Wrong = tuple[str, str, str]  # invariant, row, sentence


def discrepancies() -> Iterator[Wrong]:
    """What is wrong among commissions, as (invariant, row, sentence): I-4, I-5, I-6, I-8, I-10, I-11, I-17."""
    last = 0
    while page := _page(last):
        last = page[-1].id
        ids = [commission.id for commission in page]
        steps: dict[int, list[Any]] = defaultdict(list)
        for step in session().execute(_STEPS.where(CommissionStep.commission_id.in_(ids))):
            steps[step.commission_id].append(step)
        pockets = ledger.pockets_of_commissions(ids)
        for commission in page:
            row, mine = f"commissions {commission.id}", steps[commission.id]
            yield from _against_history(row, commission, mine)
            yield from _along_edges(row, commission, mine)
            yield from _paid_once(row, mine)
            yield from _against_ledger(row, commission, pockets.get(commission.id, {}))
    stray = select(CommissionStep.commission_id).outerjoin(Commission, Commission.id == CommissionStep.commission_id)
    for commission_id in session().scalars(stray.where(Commission.id.is_(None)).distinct()):
        yield "I-6", f"commission_steps of {commission_id}", "belong to no commission"
    yield from _shares()


_PAGE = 1000
_STEPS = select(
    CommissionStep.commission_id, CommissionStep.place, CommissionStep.kind, CommissionStep.minor, CommissionStep.state,
    CommissionStep.actor,
).order_by(CommissionStep.commission_id, CommissionStep.place)  # fmt: skip


def _page(last: int) -> list[Commission]:
    """The next commissions, let go again once they have been looked at."""
    columns = (
        Commission.id, Commission.worth_minor, Commission.given_minor, Commission.state, Commission.released_at,
    )  # fmt: skip
    query = select(Commission).options(load_only(*columns)).where(Commission.id > last).order_by(Commission.id).limit(_PAGE)
    return list(session().scalars(query))


def _against_history(row: str, commission: Commission, steps: list[Any]) -> Iterator[Wrong]:
    """The stored amounts are sums of the steps."""
    worth = sum(step.minor for step in steps if step.kind in ("accrue", "adjust", "reverse", "clawback"))
    given = -sum(step.minor for step in steps if step.kind in ("pay", "pay_failed"))
    if worth != commission.worth_minor:
        yield "I-4", row, f"is worth {commission.worth_minor}, but its steps add up to {worth}"
    if given != commission.given_minor:
        yield "I-4", row, f"says that payouts gave {commission.given_minor}, but its steps add up to {given}"
    gained = sum(step.minor for step in steps if step.kind in ("accrue", "adjust") and step.minor > 0)
    if worth < 0 or worth > gained:
        yield "I-10", row, f"lost {gained - worth} of the {gained} that it accrued"
    if [step.place for step in steps] != list(range(1, len(steps) + 1)):
        yield "I-11", row, "has steps missing in its history"


def _along_edges(row: str, commission: Commission, steps: list[Any]) -> Iterator[Wrong]:
    if not steps or steps[-1].state != commission.state:
        yield "I-11", row, f"is {commission.state}, but its history ends with {steps[-1].state if steps else 'nothing'}"
    for before, after in itertools.pairwise(steps):
        if not may_move(before.state, after.state):
            yield "I-11", row, f"went from {before.state} to {after.state}"
    if any(not step.actor for step in steps):
        yield "I-11", row, "has a step that nobody took"


def _paid_once(row: str, steps: list[Any]) -> Iterator[Wrong]:
    """No payout ever gave more than the commission was worth at that moment."""
    worth = given = 0
    for step in steps:
        if step.kind in ("accrue", "adjust", "reverse", "clawback"):
            worth += step.minor
        elif step.kind in ("pay", "pay_failed"):
            given -= step.minor
            if step.kind == "pay" and step.minor < 0 and given > worth:
                yield "I-8", row, f"was paid up to {given} while it was worth {worth}"


def _against_ledger(row: str, commission: Commission, pockets: dict[str, int]) -> Iterator[Wrong]:
    """What lies in the pockets is what the row says."""
    open_in, other = ("payable", "held") if commission.released_at else ("held", "payable")
    wanted = {
        "owed": -commission.worth_minor,
        open_in: commission.open_minor,
        other: 0,
        "owed_back": -commission.owed_back_minor,
    }
    for kind, minor in wanted.items():
        if pockets.get(kind, 0) != minor:
            yield "I-6", row, f"should have {minor} in {kind}, the ledger says {pockets.get(kind, 0)}"
    out = pockets.get("in_transit", 0) + pockets.get("bank", 0)
    if out != commission.given_minor:
        yield "I-6", row, f"payouts gave {commission.given_minor}, the ledger says {out}"
    if pockets.get("payable", 0) < 0:
        yield "I-5", row, f"has {pockets['payable']} in payable"


def _shares() -> Iterator[Wrong]:
    """Shares of one order never add up to more than all of it."""
    rows = session().execute(select(Credit.order_id, Credit.percent).order_by(Credit.order_id).execution_options(yield_per=2000))
    for order_id, shares in itertools.groupby(rows, key=lambda row: row.order_id):
        mine = [credit.percent for credit in shares]
        # a percentage has at most four decimals, so ten thousandths of a percent are whole numbers
        if sum(_ten_thousandths(percent) for percent in mine) > 1_000_000:
            yield "I-17", f"credits of order {order_id}", f"shares of {' + '.join(mine)} percent"
    stray = select(Commission.id).outerjoin(Attribution, Attribution.order_id == Commission.order_id)
    for commission_id in session().scalars(stray.where(Attribution.id.is_(None))):
        yield "I-17", f"commissions {commission_id}", "belongs to an order without an attribution"


def _ten_thousandths(percent: str) -> int:
    whole, _, decimals = percent.partition(".")
    return int(whole) * 10_000 + int((decimals + "0000")[:4])
