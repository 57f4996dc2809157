"""What happened to a commission after it was earned, each step with what it was worth afterwards and why, as values."""

from __future__ import annotations

from dataclasses import dataclass

from ...domain import commissions, ledger, orders, payouts
from ...domain.replay import OrderBook, Stake
from ...domain.terms import Program
from .lines import decimal

_CHANGES = ("accrue", "adjust", "reverse", "clawback")


@dataclass(frozen=True, slots=True)
class GoodsBack:
    """A line of which the buyer got something back: so far, of its net, and what that took of its commission.

    exact: what it takes before it is rounded, as decimal text; "" where nothing was rounded.
    """

    title: str
    before: int
    back: int
    net: int
    commission: int
    taken_before: int
    taken: int
    exact: str


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to the commission, with its ledger entry and the payout behind it.

    worth: in the currency it is paid in, after this step; amount: in the order's. direct: of an override, what the commission
    that it follows was worth then. first: the first of several steps that one event wrote; only it tells the arithmetic.
    open: what was still to be paid of it after this step.
    """

    row: commissions.CommissionStep
    entry: ledger.Entry | None
    payout: payouts.Payout | None
    goods: tuple[GoodsBack, ...]
    amount: int | None
    worth: int | None
    worth_before: int
    direct: int | None
    first: bool
    open: int


def steps_of(commission: commissions.Commission, engine: Program, stake: Stake | None) -> tuple[Step, ...]:
    """Every step of the commission, oldest first."""
    rows = commissions.steps_of(commission.id)
    entries = _entries(rows, commission)
    sent = {payout.id: payout for _, payout in payouts.of_commission(commission.id)}
    by_name = {payout.public_id: payout for payout in sent.values()}
    books: dict[int, OrderBook] = {}
    found: list[Step] = []
    worth, given, seen = 0, 0, set()
    for row in rows:
        amount = direct = None
        goods: tuple[GoodsBack, ...] = ()
        first = row.event_id not in seen
        before, after = worth, None
        if row.kind in _CHANGES and row.effect is not None:
            after = _book_after(row.effect, commission, engine, books)
            mine = next((each for each in after.rows if each.key == commissions.key_of(commission)), None)
            amount, worth = (mine.amount, mine.worth) if mine else (0, 0)
            if commission.level and stake is not None:
                direct = after.direct_amount(stake.creator.id)
            elif first and stake is not None and row.reason in ("refund", "over_refund"):
                goods = _goods(_book_after(row.effect - 1, commission, engine, books), after, stake, commission)
        seen.add(row.event_id)
        payout = by_name.get(row.event_id.partition(":")[0])
        changed = worth if after is not None else None
        given -= row.minor if row.kind in ("pay", "pay_failed") else 0
        entry, left = entries.get(row.transaction_id or 0), max(0, worth - given)
        found.append(Step(row, entry, payout, goods, amount, changed, before, direct, first, left))
    return tuple(found)


def _entries(rows: list[commissions.CommissionStep], commission: commissions.Commission) -> dict[int, ledger.Entry]:
    wanted = {row.transaction_id for row in rows if row.transaction_id is not None}
    return ledger.entries(wanted, commission_id=commission.id) if wanted else {}


def _book_after(effect: int, commission: commissions.Commission, engine: Program, books: dict[int, OrderBook]) -> OrderBook:
    """The order's book as it stood when the fact with this effect had been taken."""
    if effect not in books:
        books[effect] = commissions.book_of(commission.order_id, engine, before=effect + 1)
    return books[effect]


def _goods(before: OrderBook, after: OrderBook, stake: Stake, commission: commissions.Commission) -> tuple[GoodsBack, ...]:
    titles = {line.key: line.title for line in orders.lines_of(commission.order_id)}
    rounding = stake.version.terms.rounding
    found = []
    for line in after.priced_of(stake).lines:
        net = after.goods.nets.get(line.line, 0)
        earlier = before.goods.taken(line.line) if line.line in before.goods.nets else 0
        back = after.goods.taken(line.line)
        if back == earlier:
            continue
        taken = line.amount - after.goods.kept([line], rounding)
        taken_before = line.amount - before.goods.kept([line], rounding) if line.line in before.goods.nets else 0
        exact = decimal(line.amount * back, net) if net else ""
        found.append(GoodsBack(titles.get(line.line, line.line), earlier, back, net, line.amount, taken_before, taken, exact))
    return tuple(found)
