"""The pure engine on one core: orders attributed and priced, with nothing stored."""

from __future__ import annotations

import random
import time
from datetime import timedelta

from socialshop.domain import attribution, replay, terms
from socialshop.kernel import garbage

from .figures import Figure, median, tell
from .stage import CREATORS, PRODUCTS, START, terms_of


class Empty:
    """A `terms.History` of a program without earlier orders but for one volume, so that tiers have something to ask."""

    def first_payment(self, subscription_id: str) -> None:
        return None

    def first_credited(self, customer_id: str) -> tuple[terms.Share, ...]:
        return ()

    def volume(self, creator_id: str, currency: str, start: object, end: object) -> int:
        return 4_900_000

    def payments(self, creator_id: str, subscription_id: str) -> int:
        return 0

    def budget_used(self, currency: str) -> int:
        return 0

    def newest_quote(self, one: str, other: str, at: object) -> None:
        return None


def orders_per_s(*, orders: int, rounds: int) -> Figure:
    """Twelve rules, three lines an order: judged (a click, a code or both) and priced to what is booked."""
    program = terms.Program("1", (terms.Version(START, terms.read(terms_of())),), "Asia/Jakarta")
    roster = terms.Roster(
        terms.CreatorFacts(str(n + 1), f"c{n}@bench.example", ("vip",) if n % 5 == 0 else (), (f"code{n}",), enrolled_at=START)
        for n in range(CREATORS)
    )
    told = [_order(n) for n in range(orders)]
    history, version, rates = Empty(), program.versions[0], []
    for number in range(rounds):
        with garbage.by_hand():
            began = time.process_time()
            for order, clicks in told:
                verdict = attribution.judge(order, clicks, roster, version.terms, history)
                book = replay.OrderBook(replay.arrive(order, verdict, program, roster, history))
                book.accrue()
            rates.append(orders / (time.process_time() - began))
        tell(f"  engine round {number + 1}: {rates[-1]:,.0f} orders/s")
    return Figure(
        "engine.orders_per_s", round(median(rates)), "orders/s", "≥ 5,000 (stretch 10,000)",
        {"orders": orders, "rounds": rounds, "rules": 12, "lines": 3, "cores": 1,
         "what": "attribution, versions, pricing, order book and its postings; processor time of one core; "
         "a third by click, the others by code, a ninth shared by both"},
    )  # fmt: skip


def _order(n: int) -> tuple[terms.OrderFacts, list[terms.Click]]:
    dice, at = random.Random(n), START + timedelta(seconds=30 * n)
    lines = tuple(
        terms.Line(f"l{k}", dice.randint(10, 200) * 1000, dice.randint(1, 3), product=str(900 + dice.randrange(PRODUCTS)))
        for k in range(3)
    )
    clicks = [terms.Click(f"clk_{n}", at - timedelta(hours=1), str(n % CREATORS + 1), f"v{n}")] if n % 3 == 0 else []
    code = None if clicks and n % 9 else f"code{(n + 7) % CREATORS}"
    customer = terms.Customer(str(n % 20000), f"buyer{n}@bench.example", n % 2 == 0)
    order = terms.OrderFacts(f"ord_{n}", at, "IDR", lines, visitor=f"v{n}" if clicks else None, code=code, customer=customer)
    return order, clicks
