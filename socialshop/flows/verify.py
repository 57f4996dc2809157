"""The self-check over the whole database: read-only; every finding names the rows that offend.

Rooms check what they remember; this story adds what lies between rooms: payouts against the ledger, and every
program's stored facts run through the engine again, in their stored order of arrival.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from ..domain import appeals, catalog, commissions, ledger, orders, payouts, programs
from ..domain.replay import read_creators
from ..domain.terms import CreatorFacts, Place, write_instant
from ..kernel import garbage
from ..kernel.database import end_reading, session
from . import judged, payout_checks, rates, recount, shelf, verify_posts, verify_replay, verify_sending, verify_spool
from .crowd import Crowd

Wrong = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not hold: which invariant, which row, and what is wrong with it."""

    check: str
    row: str
    what: str

    def __str__(self) -> str:
        return f"{self.check}  {self.row}: {self.what}"


def run(now: datetime) -> list[Finding]:
    """Everything that does not hold, [] when all is well. Writes nothing."""
    end_reading()
    with garbage.by_hand():
        found = _all_wrong(now)
    end_reading()
    return found


def _all_wrong(now: datetime) -> list[Finding]:
    if session().get_bind().dialect.name == "postgresql":  # one view of everything, however long it takes; SQLite has no other
        session().connection(execution_options={"isolation_level": "REPEATABLE READ"})
    found = [Finding(*wrong) for check in _CHECKS for wrong in check()]
    return found + [Finding(*wrong) for wrong in verify_replay.discrepancies(now)]


class BooksOutOfOrder(Exception):
    """The nightly check found something; the job fails and stays on the operator's list."""


def nightly(_payload: dict[str, Any], *, now: datetime) -> None:
    """Job "verify", daily."""
    found = run(now)
    if found:
        raise BooksOutOfOrder("; ".join(map(str, found[:20])))


def scenario_of(program_id: int, *, now: datetime | None = None) -> dict[str, Any]:
    """The program's stored facts as a scenario document, which `socialshop replay` runs.

    A document holds one set of facts per creator: their newest ones. `run` uses those frozen with each order.
    """
    facts = commissions.of_program(program_id)
    program = programs.get(program_id)
    return {
        "name": program.name,
        "program": {
            "id": str(program.id),
            "timezone": program.timezone,
            "versions": [{"from": write_instant(v.from_at), "terms": v.terms} for v in programs.versions_of(program_id)],
        },
        "creators": [creator.to_document() for creator in _everybody(program_id, facts, now)],
        "events": [fact.document for fact in facts],
        "now": write_instant(now or max((fact.at for fact in facts), default=program.created_at)),
    }


def _everybody(program_id: int, facts: list[commissions.ProgramEvent], now: datetime | None) -> list[CreatorFacts]:
    """Whoever the facts or their recruiters name, as frozen with the newest order that asked for them."""
    known = {}
    for frozen in _frozen(program_id).values():
        known.update(frozen)
    wanted = [str(fact.document["creator"]) for fact in facts if "creator" in fact.document] + list(known)
    asked = Crowd(program_id).at(now or max((fact.at for fact in facts), default=programs.get(program_id).created_at))
    while wanted:
        creator_id = wanted.pop()
        if creator_id not in known:
            known[creator_id] = asked.creator(creator_id)
        recruiter = known[creator_id].recruited_by
        if recruiter is not None and recruiter not in known:
            wanted.append(recruiter)
    return [known[creator_id] for creator_id in sorted(known, key=int)]


def _frozen(program_id: int) -> dict[int, dict[str, CreatorFacts]]:
    """By order, the facts about people that it was judged by, in the order of arrival."""
    rows = session().execute(
        select(commissions.Attribution.order_id, commissions.Attribution.creators)
        .where(commissions.Attribution.program_id == program_id)
        .order_by(commissions.Attribution.effect)
    )
    # a list of its own may name a recruiter or a code owner that it does not hold: each is read by itself
    return {order_id: {doc["id"]: _creator(doc) for doc in documents} for order_id, documents in rows}


def _creator(document: dict[str, Any]) -> CreatorFacts:
    alone = {**document, "recruited_by": None}
    [facts] = read_creators(Place([{k: v for k, v in alone.items() if v is not None}], "creators")).values()
    if document.get("recruited_by") is None:
        return facts
    return CreatorFacts(
        facts.id, facts.email, facts.groups, facts.codes, document["recruited_by"], facts.enrolled_at, facts.left_at
    )


def _payouts_against_ledger() -> Iterator[Wrong]:
    """A payout is what its items are, what left payable, and what went into transit or to the bank (I-8, I-9)."""
    items: dict[int, dict[int, int]] = defaultdict(dict)
    for payout_id, commission_id, minor in session().execute(
        select(payouts.PayoutItem.payout_id, payouts.PayoutItem.commission_id, payouts.PayoutItem.minor)
    ):
        items[payout_id][commission_id] = minor
    open_: dict[tuple[int, int, str], int] = defaultdict(int)
    for payout in session().scalars(select(payouts.Payout)):
        row = f"payouts {payout.id}"
        legs = _legs(f"payout:{payout.public_id}:drawn")
        net = -sum(leg.minor for leg in legs if leg.pocket.kind in ("payable", "owed_back"))
        if not legs or net != payout.amount_minor:
            yield "I-9", row, f"is {payout.amount_minor}, but the ledger drew {net}"
        sent = {leg.commission_id: leg.minor for leg in legs if leg.pocket.kind == "in_transit"}
        if sent != items[payout.id]:
            yield "I-9", row, "its items are not what the ledger drew"
        arrived = sum(leg.minor for leg in _legs(f"payout:{payout.public_id}:paid") if leg.pocket.kind == "bank")
        was_paid = any(step.step == "paid" for step in payouts.steps_of(payout.id))
        if arrived != (payout.amount_minor - payout.fee_minor if was_paid else 0):
            yield "I-9", row, f"is {payout.state}, but {arrived} arrived outside"
        if (payout.state == "returned") != bool(_legs(f"payout:{payout.public_id}:returned")):
            yield "I-9", row, f"is {payout.state}, and the ledger does not agree"
        if payout.state in payouts.OPEN:
            open_[payout.program_id, payout.creator_id, payout.currency] += payout.amount_minor
    yield from _transit(open_)
    yield from _given()


def _transit(open_: dict[tuple[int, int, str], int]) -> Iterator[Wrong]:
    """What is in transit is what open payouts are waiting for."""
    for program_id in session().scalars(select(programs.Program.id)):
        pockets = ledger.balances("in_transit", program_id=program_id)
        mine = {(creator_id, currency): total for (pid, creator_id, currency), total in open_.items() if pid == program_id}
        for who in sorted(set(pockets) | set(mine)):
            if pockets.get(who, 0) != mine.get(who, 0):
                yield (
                    "I-9",
                    f"programs {program_id}",
                    f"creator {who[0]}: {pockets.get(who, 0)} {who[1]} in transit, open payouts {mine.get(who, 0)}",
                )


def _given() -> Iterator[Wrong]:
    """What payouts gave for a commission is the sum of its items that did not fail."""
    sums: dict[int, int] = defaultdict(int)
    for commission_id, minor in session().execute(
        select(payouts.PayoutItem.commission_id, payouts.PayoutItem.minor).where(payouts.PayoutItem.state != "failed")
    ):
        sums[commission_id] += minor
    for commission_id, given in session().execute(select(commissions.Commission.id, commissions.Commission.given_minor)):
        if sums[commission_id] != given:
            yield "I-8", f"commissions {commission_id}", f"payouts gave {given}, its items say {sums[commission_id]}"


def _legs(key: str) -> list[ledger.Leg]:
    transaction_id = ledger.find(key)
    return [] if transaction_id is None else list(ledger.entries([transaction_id])[transaction_id].legs)


_CHECKS = (
    ledger.discrepancies,
    commissions.discrepancies,
    payouts.discrepancies,
    verify_sending.discrepancies,
    _payouts_against_ledger,
    payout_checks.discrepancies,
    orders.discrepancies,
    appeals.discrepancies,
    judged.discrepancies,
    catalog.discrepancies,
    shelf.discrepancies,
    rates.discrepancies,
    recount.discrepancies,
    verify_spool.discrepancies,
    verify_posts.discrepancies,
)
