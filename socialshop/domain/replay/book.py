"""One order's commissions after its arrival: a fold over the order's own events (specification, section 6).

    book = OrderBook(arrival)
    book.accrue()            the postings of the arrival
    book.apply(refund)       what an event changes, as postings
    book.pay(...), unpay     what payouts gave and took back

Nothing but the arrival and the order's own events is looked at, so the live system loads one order, folds its
stored happenings and applies the new one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from ...kernel.money import millionths, round_ratio
from ..attribution import Declined
from ..terms import FxQuote, OrderFacts, Priced, PricedLine, Share, convert, price
from .arrival import Arrival, Stake
from .events import Dispute, DisputeClosed, Hold, Later, OrderEdit, Refund, Reinstate, Reject, Release
from .goods_left import GoodsLeft
from .postings import Key, Paid, Position, Posting, PostingKind, PostingReason, State, Unpaid, parts_of

_MILLION = 1_000_000


class Row:
    """One commission. amount: what it is worth now, in the order's currency; worth: the same in `pay_currency`."""

    __slots__ = ("_book", "amount", "booked", "given", "key", "original", "payouts", "rejected", "stake", "worth")

    def __init__(self, book: OrderBook, stake: Stake, key: Key) -> None:
        self._book, self.stake, self.key = book, stake, key
        self.amount = self.worth = self.original = self.given = 0
        self.booked = self.rejected = False
        self.payouts: dict[str, int] = {}

    @property
    def order(self) -> OrderFacts:
        """The order as it arrived."""
        return self._book.arrival.order

    @property
    def via(self) -> str:
        """By what it was earned."""
        return self.stake.share.via if self.key.level == 0 else "override"

    @property
    def currency(self) -> str:
        """The order's currency."""
        return self.order.currency

    @property
    def pay_currency(self) -> str:
        """What postings, balances and payouts of this commission are in."""
        return self.stake.pay_currency

    @property
    def quote(self) -> FxQuote | None:
        """The locked quote, if it is converted."""
        return self.stake.quote

    @property
    def due_at(self) -> datetime:
        """When it may be paid."""
        return self._book.arrival.due_at

    @property
    def version(self) -> datetime | None:
        """The start of the version of the terms that it follows."""
        return self.stake.version.starts_at

    @property
    def held(self) -> bool:
        """Whether a hold or a dispute keeps it out of payouts."""
        return self._book.is_held(self.key.creator)

    @property
    def paid(self) -> bool:
        """Whether a payout that did not fail has paid something for it."""
        return any(delta > 0 for delta in self.payouts.values())

    @property
    def open(self) -> int:
        """What is still to be paid."""
        return max(0, self.worth - self.given)

    @property
    def owed_back(self) -> int:
        """What was paid too much."""
        return max(0, self.given - self.worth)

    @property
    def lines(self) -> tuple[PricedLine, ...]:
        """Every line as last computed, before refunds; () for an override."""
        return self._book.priced_of(self.stake).lines if self.key.level == 0 else ()

    def position(self) -> Position:
        """What a payout needs to know."""
        return Position(self.order.id, self.key, self.pay_currency, self.worth, self.given, self.due_at, self.held)

    def state(self, now: datetime) -> State:
        """What a person calls it at that instant."""
        return state_of(self.rejected, self.paid, self.amount, self.held, self.due_at, now)


def state_of(rejected: bool, paid: bool, amount: int, held: bool, due_at: datetime, now: datetime) -> State:
    """The state of a commission at `now`."""
    if rejected:
        return "rejected"
    if paid:
        return "paid"
    if amount == 0:
        return "reversed"
    if held:
        return "held"
    return "due" if due_at <= now else "pending"


class OrderBook:
    """The commissions of one order, from its arrival through its events."""

    def __init__(self, arrival: Arrival) -> None:
        self.arrival = arrival
        self.order = arrival.order
        self.goods = GoodsLeft(arrival.order)
        self._priced: dict[str, Priced] = {stake.creator.id: stake.priced for stake in arrival.stakes}
        self._rows = {row.key: row for stake in arrival.stakes for row in self._rows_of(stake)}
        self._disputes: dict[str, bool] = {}
        self._holds: dict[str, str] = {}
        self._rejects: dict[str, str] = {}
        self._lost = False

    def _rows_of(self, stake: Stake) -> list[Row]:
        """The direct commission and its overrides, also those that are 0 and not booked yet."""
        mine = stake.creator.id
        overrides = [Row(self, stake, Key(recruiter, i, mine)) for i, recruiter in enumerate(stake.recruiters, start=1)]
        return [Row(self, stake, Key(mine)), *overrides]

    # What it answers

    @property
    def rows(self) -> list[Row]:
        """The commissions, in the result's order; those that never were above 0 are not listed."""
        found = [row for row in self._rows.values() if row.booked]
        return sorted(found, key=lambda row: (row.key.level, row.key.creator, row.key.of or ""))

    @property
    def declined(self) -> list[Declined]:
        """The declined rows, without those who earn since an edit."""
        earning = {row.key.creator for row in self._rows.values() if row.booked and row.key.level == 0}
        return [row for row in self.arrival.declined if row.creator not in earning]

    @property
    def credited(self) -> tuple[Share, ...]:
        """Who is credited for the order, whatever it earns."""
        return tuple(stake.share for stake in self.arrival.stakes)

    @property
    def direct_total(self) -> int:
        """The sum of the direct commissions as they stand, in the order's currency: what a budget counts."""
        return sum(map(self.direct_amount, self._priced))

    def direct_amount(self, creator_id: str) -> int:
        """The creator's direct commission as it stands, in the order's currency; 0 if there is none."""
        row = self._rows.get(Key(creator_id))
        return row.amount if row else 0

    def volume_of(self, creator_id: str) -> int:
        """The base less refunds as they stand, by the creator's share, rounded down: what tiers count. 0 if not credited."""
        stake = next((stake for stake in self.arrival.stakes if stake.creator.id == creator_id), None)
        if stake is None:
            return 0
        base = sum(line.base for line in self._priced[creator_id].lines) - self.goods.taken_in_all
        return base * millionths(stake.share.percent) // _MILLION

    def positions(self) -> list[Position]:
        """What payouts need to know of each commission."""
        return [row.position() for row in self.rows]

    def is_held(self, creator_id: str) -> bool:
        """Whether a hold on this creator or a dispute about the order is open."""
        return any(self._disputes.values()) or creator_id in self._holds.values()

    def priced_of(self, stake: Stake) -> Priced:
        """The stake's commission as last computed."""
        return self._priced[stake.creator.id]

    # What happens

    def accrue(self) -> list[Posting]:
        """Book what the arrival earned."""
        for row in self._rows.values():
            row.original = self._amount_of(row)
        return self._settle(self.order.id, "accrue", None)

    def apply(self, event: Later) -> list[Posting]:
        """Let an event about this order take effect."""
        match event:
            case Refund():
                over = self.goods.refund(event)
                return self._settle(event.id, "reverse", "over_refund" if over else "refund")
            case OrderEdit():
                self._edit(event)
                return self._settle(event.id, "adjust", "order_edit")
            case DisputeClosed():
                return self._close(event)
            case Reject():
                return self._reject(event)
            case Reinstate():
                return self._reinstate(event)
            case Dispute():
                self._disputes.setdefault(event.id, True)
            case Hold():
                self._holds.setdefault(event.id, event.creator)
            case Release():
                self._holds.pop(event.hold, None)
        return []

    def pay(self, payout: str, key: Key, delta: int) -> None:
        """Note what a payout gave for one commission, or took back."""
        row = self._rows[key]
        row.given += delta
        row.payouts[payout] = row.payouts.get(payout, 0) + delta

    def unpay(self, payout: str, creator_id: str) -> None:
        """Undo what a payout settled for one creator."""
        for row in self._rows.values():
            if row.key.creator == creator_id:
                row.given -= row.payouts.pop(payout, 0)

    def dissolve(self) -> None:
        """Let the rows go, which point back here: then no garbage collector is needed. The book cannot be used any more."""
        self._rows.clear()

    def _edit(self, edit: OrderEdit) -> None:
        """Compute the commissions again from what the arrival froze."""
        arrival = self.arrival
        self.order = replace(self.order, lines=edit.lines, discount=edit.discount, shipping=edit.shipping, tax=edit.tax)
        self.goods.restate(self.order)
        for stake in arrival.stakes:
            self._priced[stake.creator.id] = price(
                self.order, stake.creator, stake.share, arrival.channel, stake.version.terms, stake.frozen,
                minimum=arrival.minimum, zone=ZoneInfo(arrival.zone_name),
            )  # fmt: skip

    def _close(self, closing: DisputeClosed) -> list[Posting]:
        """End a dispute; the first closing counts. A lost one takes back everything."""
        if not self._disputes.get(closing.dispute):
            return []
        self._disputes[closing.dispute] = False
        self._lost = self._lost or not closing.won
        return self._settle(closing.id, "reverse", "chargeback")

    def _reject(self, event: Reject) -> list[Posting]:
        """Take back all that the creator has in the order; what was not paid by then is called rejected."""
        self._rejects.setdefault(event.id, event.creator)
        for row in self._rows.values():
            if row.key.creator == event.creator and not row.paid:
                row.rejected = True
        return self._settle(event.id, "reverse", "rejected")

    def _reinstate(self, event: Reinstate) -> list[Posting]:
        """Take a rejection back: while no other stands, all that it took counts again, as it would stand without it.

        After a reject everything stays 0, says the specification, and it has no event for a rejection that was wrong.
        This is ours: later refunds, edits and a lost dispute keep their effect, and due_at does not move.
        """
        creator = self._rejects.pop(event.reject, None)
        if creator is not None and creator not in self._rejects.values():
            for row in self._rows.values():
                row.rejected = row.rejected and row.key.creator != creator
        return self._settle(event.id, "adjust", "reinstated")

    def _settle(self, event_id: str, kind: PostingKind, reason: PostingReason | None) -> list[Posting]:
        """Bring every commission to what it is worth now, and post the differences."""
        postings: list[Posting] = []
        for row in sorted(self._rows.values(), key=lambda row: (row.key.level, row.key.creator, row.key.of or "")):
            row.amount = self._amount_of(row)
            row.booked = row.booked or row.amount > 0
            worth = row.amount
            if row.quote is not None:
                worth = convert(row.amount, row.currency, row.quote, row.stake.version.terms.rounding)
            for part_kind, amount in parts_of(kind, worth - row.worth, row.open):
                postings.append(
                    Posting(
                        event_id, self.order.id, row.key.creator, row.key.level, row.key.of,
                        part_kind, row.pay_currency, amount, reason,
                    )
                )  # fmt: skip
            row.worth = worth
        return postings

    def _amount_of(self, row: Row) -> int:
        """What a commission is worth now, in the order's currency. After a reject or a lost dispute it stays 0."""
        stake = row.stake
        if self._lost or row.key.creator in self._rejects.values():
            return 0
        rounding = stake.version.terms.rounding
        if row.key.level == 0:
            return self.goods.kept(self._priced[stake.creator.id].lines, rounding)
        percent = stake.version.terms.overrides[row.key.level - 1]
        direct = self._amount_of(self._rows[Key(stake.creator.id)])
        return round_ratio(direct * millionths(percent), _MILLION, rounding)


Happening = Later | Paid | Unpaid


def fold(arrival: Arrival, happenings: Iterable[Happening]) -> OrderBook:
    """The book of an order after everything that happened to it, in the order in which it took effect."""
    book = OrderBook(arrival)
    book.accrue()
    for happening in happenings:
        match happening:
            case Paid():
                book.pay(happening.payout, happening.key, happening.delta)
            case Unpaid():
                book.unpay(happening.payout, happening.creator)
            case _:
                book.apply(happening)
    return book
