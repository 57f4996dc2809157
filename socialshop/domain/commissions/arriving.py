"""Orders arriving at the engine, one or many at once: judged one after the other in memory, then written table by table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ...kernel.database import new_id, next_ids, write_rows
from .. import ledger
from ..attribution import judge
from ..replay import Arrival, OrderBook, Posting, Row, arrive
from ..terms import Click, CreatorFacts, Creators, OrderFacts, Program
from . import facts
from .booking import Entry, entries_about, line_document, release_ready
from .history import RunningHistory
from .models import Attribution, Commission, CommissionStep, Credit, Declined, ProgramEvent, Touched
from .rules import NOTHING, Standing, legs_between

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Newcomer:
    """An order to arrive: our row, what the engine is told of it, people as they stood then, and taps that may be news."""

    order_id: int
    facts: OrderFacts
    creators: Creators
    taps: tuple[Click, ...] = ()


@dataclass(slots=True)
class _Sheet:
    """What a batch will write."""

    program_id: int
    now: datetime
    actor: str
    facts: Rows = field(default_factory=list)
    attributions: Rows = field(default_factory=list)
    touched: Rows = field(default_factory=list)
    credits: Rows = field(default_factory=list)
    declined: Rows = field(default_factory=list)
    accruals: list[tuple[int, Row, list[Entry], OrderFacts, int]] = field(default_factory=list)  # order, row, …, effect

    def write(self) -> None:
        """Everything, by one statement a table."""
        write_rows(ProgramEvent, self.facts)
        write_rows(Attribution, self.attributions)
        write_rows(Touched, self.touched)
        write_rows(Credit, self.credits)
        write_rows(Declined, self.declined)
        self._write_commissions()

    def _write_commissions(self) -> None:
        ids = next_ids(Commission, len(self.accruals))
        rows: Rows = []
        moves: dict[int, ledger.Move] = {}
        for commission_id, (order_id, row, entries, order, _) in zip(ids, self.accruals, strict=True):
            rows.append(self._commission(commission_id, order_id, row))
            legs = legs_between(
                NOTHING, Standing(row.worth, 0, released=False),
                commission_id=commission_id, creator_id=int(row.key.creator), currency=row.pay_currency,
            )  # fmt: skip
            if legs:
                key = f"commission:{commission_id}:{order.id}"
                moves[commission_id] = ledger.Move(key, legs, entries[0].kind, order.at, None, {"event": order.id})
        write_rows(Commission, rows)
        booked = dict(zip(moves, ledger.book_all(self.program_id, list(moves.values()), now=self.now), strict=True))
        steps: Rows = [
            {
                "commission_id": commission_id, "place": place, "effect": effect, "event_id": order.id, "kind": entry.kind,
                "minor": entry.minor, "reason": entry.reason, "words": "", "state": "pending",
                "transaction_id": booked.get(commission_id), "at": order.at, "booked_at": self.now, "actor": self.actor,
            }
            for commission_id, (_, _, entries, order, effect) in zip(ids, self.accruals, strict=True)
            for place, entry in enumerate(entries, start=1)
        ]  # fmt: skip
        write_rows(CommissionStep, steps)
        release_ready(
            self.program_id, [i for i, accrual in zip(ids, self.accruals, strict=True) if accrual[1].due_at <= self.now], self.now
        )

    def _commission(self, commission_id: int, order_id: int, row: Row) -> dict[str, Any]:
        quote = row.quote
        return {
            "id": commission_id, "public_id": new_id("com"), "order_id": order_id, "program_id": self.program_id,
            "creator_id": int(row.key.creator), "level": row.key.level, "of_creator_id": int(row.key.of or 0), "via": row.via,
            "currency": row.currency, "original_minor": row.original, "amount_minor": row.amount,
            "pay_currency": row.pay_currency, "worth_minor": row.worth, "given_minor": 0, "rate": quote.rate if quote else "",
            "fx_id": quote.id if quote else "", "no_rate": row.stake.no_rate,
            "lines": [line_document(line) for line in row.lines],
            "state": "pending", "held": False, "held_why": "", "due_at": row.due_at, "released_at": None,
            "version_at": row.version, "placed_at": row.order.at, "accrued_at": self.now,
        }  # fmt: skip


def settle(
    program_id: int, program: Program, newcomers: Sequence[Newcomer], *, now: datetime, actor: str
) -> dict[int, str | None]:
    """Let orders that are new to the program arrive, in this order; the caller holds the program's lock.

    Each is judged by what is stored and by those before it, as if they had come alone. By order, why it earned nothing;
    None where it earned.
    """
    sheet = _Sheet(program_id, now, actor)
    near = _Near(program_id, newcomers)
    history = RunningHistory(program_id, near.creators)
    places = facts.Places(program_id)
    outcomes: dict[int, str | None] = {}
    for newcomer in newcomers:
        order = newcomer.facts
        for tap in newcomer.taps:
            if near.note(tap):
                sheet.facts.append(places.row(tap, now=now, actor=actor))
        fact = places.row(order, order_id=newcomer.order_id, now=now, actor=actor)
        sheet.facts.append(fact)
        people = _Noting(newcomer.creators)
        version = program.version_at(order.at)
        verdict = judge(order, near.of(order), people, version.terms if version else None, history)
        arrival = arrive(order, verdict, program, people, history)
        book = OrderBook(arrival)
        postings = book.accrue()
        volumes = history.note(book)
        _note(sheet, fact, arrival, book, postings, people, volumes)
        outcomes[newcomer.order_id] = None if book.rows else book.declined[0].reason if book.declined else "no_touch"
    sheet.write()
    return outcomes


def _note(
    sheet: _Sheet,
    fact: dict[str, Any],
    arrival: Arrival,
    book: OrderBook,
    postings: list[Posting],
    people: _Noting,
    volumes: dict[str, int],
) -> None:
    """Put what an arrival leaves behind on the sheet."""
    order, program_id, order_id, effect = arrival.order, sheet.program_id, fact["order_id"], fact["effect"]
    subscription = order.subscription
    mine = {"order_id": order_id, "program_id": program_id}
    sheet.attributions.append(
        {
            **mine, "effect": effect, "currency": order.currency, "placed_at": order.at, "customer": order.customer.id,
            "subscription": subscription.id if subscription else None,
            "payment_number": subscription.number if subscription else None,
            "period_start": subscription.period_start if subscription else None,
            "arrival": arrival.to_document(fact["document"]), "creators": [each.to_document() for each in people.asked()],
            "decided_at": sheet.now,
        }
    )  # fmt: skip
    named = [touch.creator for touch in arrival.touches] + [row.creator for row in arrival.declined]
    sheet.touched += [{**mine, "creator_id": each} for each in sorted({int(name) for name in named if name is not None})]
    won = {touch.creator: touch.id for touch in arrival.touches if touch.kind == "click" and touch.won}
    for stake in arrival.stakes:
        share = stake.share
        sheet.credits.append(
            {
                **mine, "creator_id": int(share.creator), "via": share.via, "percent": share.percent, "place": share.place,
                "click": won.get(share.creator, ""), "currency": order.currency, "placed_at": order.at,
                "volume_minor": volumes[share.creator],
            }
        )  # fmt: skip
    for row in book.rows:
        # worth nothing in the currency it is paid in: accrued all the same
        entries = entries_about(postings, row) or [Entry("accrue")]
        sheet.accruals.append((order_id, row, entries, order, effect))
    declined = {(None if row.creator is None else int(row.creator), row.reason) for row in book.declined}
    sheet.declined += [{**mine, "creator_id": creator, "reason": reason} for creator, reason in sorted(declined, key=str)]


class _Near:
    """The kept taps of the visitors, or with the ids, that a batch of orders names; and the new ones as they come."""

    def __init__(self, program_id: int, newcomers: Sequence[Newcomer]) -> None:
        self._by_visitor: dict[str, list[Click]] = defaultdict(list)
        self._by_id: dict[str, Click] = {}
        visitors = {new.facts.visitor for new in newcomers if new.facts.visitor is not None}
        ids = {new.facts.click for new in newcomers if new.facts.click is not None}
        ids |= {tap.id for new in newcomers for tap in new.taps}
        for click in facts.kept_clicks(program_id, visitors, ids):
            self._add(click)
        self.creators = {click.creator for click in self._by_id.values()} | {tap.creator for new in newcomers for tap in new.taps}

    def note(self, tap: Click) -> bool:
        """Keep a tap; False: it was known. FactConflict: its id was given to something else."""
        known = self._by_id.get(tap.id)
        if known is not None:
            if known != tap:
                raise facts.FactConflict(tap.id)
            return False
        self._add(tap)
        return True

    def of(self, order: OrderFacts) -> list[Click]:
        """The visitor's taps as they arrived, then the one that the order names."""
        found = list(self._by_visitor.get(order.visitor, ())) if order.visitor is not None else []
        named = self._by_id.get(order.click) if order.click is not None else None
        return found if named is None or named in found else [*found, named]

    def _add(self, click: Click) -> None:
        self._by_id[click.id] = click
        if click.visitor is not None:
            self._by_visitor[click.visitor].append(click)


class _Noting:
    """A `terms.Creators` that remembers whom it was asked for: these facts are frozen with the order."""

    def __init__(self, creators: Creators) -> None:
        self._creators = creators
        self._asked: dict[str, CreatorFacts] = {}

    def creator(self, creator_id: str) -> CreatorFacts:
        """See `terms.Creators`."""
        found = self._asked.get(creator_id) or self._creators.creator(creator_id)
        self._asked[found.id] = found
        return found

    def owner_of(self, code: str) -> CreatorFacts | None:
        """See `terms.Creators`."""
        owner = self._creators.owner_of(code)
        if owner is not None:
            self._asked[owner.id] = owner
        return owner

    def asked(self) -> list[CreatorFacts]:
        """Everybody who was asked for, in a stable order."""
        return [self._asked[key] for key in sorted(self._asked)]
