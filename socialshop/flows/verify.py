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
from ..domain.replay import OrderBook, PayoutFailed, Posting, Row, World, read_creators, read_event
from ..domain.terms import CreatorFacts, OrderFacts, Place, Program, Roster, write_instant
from ..kernel.database import end_reading, session
from . import judged, payout_checks, rates, shelf, verify_sending
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
    found = [Finding(*wrong) for check in _CHECKS for wrong in check()]
    for program_id in session().scalars(select(programs.Program.id).order_by(programs.Program.id)):
        found += [Finding(*wrong) for wrong in _replayed(program_id, now)]
    end_reading()
    return found


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


class _Told(World):
    """A program in memory that knows which one of a creator's payouts of a run came back."""

    def __init__(self, program: Program, currencies: dict[str, str]) -> None:
        super().__init__(program, ())
        self._currencies = currencies

    def _fail(self, failure: PayoutFailed) -> None:
        currency = self._currencies.get(failure.id)
        for paid in self.payouts:
            mine = (paid.payout, paid.creator, paid.failed) == (failure.payout, failure.creator, False)
            if not mine or currency not in (None, paid.currency):
                continue
            paid.failed = True
            self.postings.append(Posting(failure.id, None, paid.creator, None, None, "pay_failed", paid.currency, paid.amount))
            for book in self.books.values():
                if any(row.key.creator == paid.creator and row.pay_currency == paid.currency for row in book.rows):
                    book.unpay(failure.payout, failure.creator)
                    self._note_unsettled(book)


def _replayed(program_id: int, now: datetime) -> Iterator[Wrong]:
    """The engine, run again over the stored facts, says what is stored (I-6, I-17)."""
    currencies = {
        f"{public_id}:returned": currency
        for public_id, currency in session().execute(
            select(payouts.Payout.public_id, payouts.Payout.currency).where(payouts.Payout.program_id == program_id)
        )
    }
    world, frozen = _Told(programs.engine_program(program_id), currencies), _frozen(program_id)
    order_ids: dict[str, int] = {}
    kept: dict[str, commissions.ProgramEvent] = {}
    for fact in commissions.of_program(program_id):
        event = read_event(fact.document)
        if isinstance(event, OrderFacts) and fact.order_id is not None:
            order_ids[event.id] = fact.order_id
            world.creators = Roster(frozen.get(fact.order_id, {}).values())
        world.receive(event)
        kept[event.id] = fact
    waiting = {event_id for event_id, fact in kept.items() if fact.effect is None}
    for event_id in sorted(waiting ^ set(world.parked)):
        yield "I-6", f"program_events {kept[event_id].id}", f"{event_id} waits here or in the engine, not in both"
    yield from _orders(program_id, world, order_ids, now)


def _orders(program_id: int, world: World, order_ids: dict[str, int], now: datetime) -> Iterator[Wrong]:
    stored = {a.order_id: a for a in session().scalars(_of(commissions.Attribution, program_id))}
    rows: dict[int, dict[Any, commissions.Commission]] = defaultdict(dict)
    for commission in session().scalars(_of(commissions.Commission, program_id)):
        rows[commission.order_id][commissions.key_of(commission)] = commission
    declined: dict[int, set[tuple[str | None, str]]] = defaultdict(set)
    for each in session().scalars(_of(commissions.Declined, program_id)):
        declined[each.order_id].add((None if each.creator_id is None else str(each.creator_id), each.reason))
    volumes = {(c.order_id, str(c.creator_id)): c.volume_minor for c in session().scalars(_of(commissions.Credit, program_id))}
    for name, book in world.books.items():
        order_id = order_ids[name]
        attribution = stored.pop(order_id, None)
        if attribution is None or attribution.arrival != book.arrival.to_document():
            yield "I-17", f"attributions of order {order_id}", "the engine judges or prices the stored facts otherwise"
        yield from _rows(order_id, book, rows.pop(order_id, {}), now)
        if {(row.creator, row.reason) for row in book.declined} != declined.pop(order_id, set()):
            yield "I-6", f"declined of order {order_id}", "the engine declines others, or for other reasons"
        for share in book.credited:
            if volumes.get((order_id, share.creator)) != book.volume_of(share.creator):
                yield (
                    "I-4",
                    f"credits of order {order_id}",
                    f"creator {share.creator} should have {book.volume_of(share.creator)}",
                )
    for order_id in [*stored, *rows, *declined]:
        yield "I-6", f"order {order_id}", "has an attribution or commissions, but no fact of its own"


def _rows(order_id: int, book: OrderBook, stored: dict[Any, commissions.Commission], now: datetime) -> Iterator[Wrong]:
    for row in book.rows:
        commission = stored.pop(row.key, None)
        if commission is None:
            yield (
                "I-6",
                f"commissions of order {order_id}",
                f"the engine gives creator {row.key.creator} {row.worth}, nothing is stored",
            )
            continue
        said, kept = _engine_says(row, now), _is_kept(commission, now)
        for key in (key for key in said if said[key] != kept[key]):
            yield "I-6", f"commissions {commission.id}", f"the engine says {key} {said[key]!r}, stored is {kept[key]!r}"
    for commission in stored.values():
        yield "I-6", f"commissions {commission.id}", "the engine knows nothing of it"


def _engine_says(row: Row, now: datetime) -> dict[str, object]:
    lines = [
        {"line": line.line, "base": line.base, "rule": line.rule, "bonus": list(line.bonus), "amount": line.amount}
        for line in row.lines
    ]
    return {
        "via": row.via, "currency": row.currency, "original": row.original, "amount": row.amount, "worth": row.worth,
        "given": row.given, "held": row.held, "state": row.state(now), "due_at": row.due_at, "version": row.version,
        "pay_currency": row.pay_currency, "lines": lines,
    }  # fmt: skip


def _is_kept(row: commissions.Commission, now: datetime) -> dict[str, object]:
    return {
        "via": row.via, "currency": row.currency, "original": row.original_minor, "amount": row.amount_minor,
        "worth": row.worth_minor, "given": row.given_minor, "held": row.held, "state": row.state_at(now), "due_at": row.due_at,
        "version": row.version_at, "pay_currency": row.pay_currency, "lines": row.lines,
    }  # fmt: skip


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


def _of(model: Any, program_id: int) -> Any:
    return select(model).where(model.program_id == program_id)


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
)
