"""What people and workers do, as they would do it again after the program died under their hands.

A story is set up once, then told, and told again from its beginning after a kill: every act is a tap with the same key,
and a refusal is an answer. `outcome` is what must come out in the end, however often the story was interrupted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar

from flask import Flask
from sqlalchemy import func, select

from socialshop import worker
from socialshop.domain import catalog, commissions, ledger, orders, payouts
from socialshop.domain.audit import Actor
from socialshop.flows import bank, bank_files, checkout, dispute, fulfil, judge, payout, send
from socialshop.kernel import clock, jobs
from socialshop.kernel.database import end_reading, session
from socialshop.kernel.errors import DomainError

from .. import send_stage, store_stage
from ..builders import World, checkout_actor
from ..conftest import START
from ..doubles.stores import Giving, Sale, ShopifyDouble, through
from ..doubles.xendit import XenditDouble

FINANCE = Actor("user", "usr_fina", "brand:finance")
PAYDAY = START + timedelta(days=15)


def tap(deed: Callable[..., Any], *args: Any, **facts: Any) -> Any:
    """Do it as a person does: a refusal is an answer."""
    try:
        return deed(*args, **facts)
    except DomainError:
        end_reading()
        return None


class Story:
    """A stage, and what happens on it."""

    name: ClassVar[str]

    def __init__(self, app: Flask) -> None:
        self.app, self.world = app, World(app)
        clock.use(lambda: START)
        self.set_up()
        end_reading()

    def set_up(self) -> None:
        raise NotImplementedError

    def tell(self) -> None:
        raise NotImplementedError

    def close(self) -> None:
        """Put away what the stage has outside of the database."""

    def outcome(self) -> dict[str, Any]:
        """Money, goods, letters: what must be the same however often the story was begun."""
        given, one, order, shelf = commissions.Commission, payouts.Payout, orders.Order, catalog.Variant
        found = {
            "pockets": sorted((kind, *key, minor) for kind in POCKETS for key, minor in ledger.balances(kind).items()),
            "payouts": _rows(one.creator_id, one.amount_minor, one.state),
            "commissions": _rows(given.creator_id, given.worth_minor, given.given_minor, given.state),
            "orders": _rows(order.state, order.total_minor - order.unique_minor),
            "shelf": _rows(shelf.stock, shelf.reserved),
            "letters": Counter(
                row["kind"] for (row,) in session().execute(select(jobs.Job.payload).where(jobs.Job.name == "letter.send"))
            ),
            "moves": session().scalar(select(func.count()).select_from(ledger.Transaction)),
        }
        end_reading()
        return found

    # for stories with a brand's own shop

    def shop(self, *, orders_of: int) -> None:
        """A brand with two creators, a shelf, and orders by code that wait for their money."""
        world = self.world
        brand = world.brand("senja")
        self.brand_id, self.brand_name = brand.id, brand.public_id
        program = world.program(brand, from_at=START - timedelta(days=1))
        creators = [world.creator("rani"), world.creator("budi")]
        codes = []
        for creator in creators:
            world.enroll(program, creator, at=START - timedelta(days=1))
            world.payee(creator)
            codes.append(world.code(creator, program).code)
        world.bank(brand)
        product = world.product(brand, price=150_000, stock=50)
        self.variant, self.codes = world.variant_of(product), codes
        self.orders = [world.order((product, 2), code=codes[i % 2]).id for i in range(orders_of)]


def _rows(*columns: Any) -> list[tuple[Any, ...]]:
    return sorted(tuple(row) for row in session().execute(select(*columns)))


POCKETS = ("owed", "held", "payable", "in_transit", "owed_back", "bank")


class Money(Story):
    """Three orders are paid, looked at, paid out, given back, and paid out again."""

    name = "money"

    def set_up(self) -> None:
        self.shop(orders_of=3)

    def tell(self) -> None:
        one, two, three = self.orders
        for order_id in self.orders:
            amount = orders.get(order_id).total_minor
            end_reading()
            tap(fulfil.confirm_payment, order_id, amount=amount, now=START, actor=checkout_actor)
        day = START + timedelta(days=1)
        tap(fulfil.refund, one, key="r1", amount=40_000, reason="one was broken", now=day, actor=checkout_actor)
        self._look_at(two, day)
        tap(dispute.open_, three, key="d1", reason="says it never came", actor=checkout_actor, now=day)
        for row in list(orders.disputes_of(three)):
            end_reading()
            tap(dispute.close, row.id, won=True, reason="it did", actor=checkout_actor, now=day)
        tap(payout.release_due, {}, now=PAYDAY)
        run = payout.start(self.brand_id, "first", actor=FINANCE, now=PAYDAY)
        tap(bank_files.whole, run, actor=FINANCE, now=PAYDAY)
        first, second = (row.id for row in payouts.of_run(run.id))
        end_reading()
        if payouts.get(first).state != "returned":
            end_reading()
            tap(bank.confirm, first, actor=FINANCE, now=PAYDAY)
        tap(bank.lose_sight, second, reason="no answer", actor=FINANCE, now=PAYDAY)
        tap(bank.confirm, second, reason="it is there", actor=FINANCE, now=PAYDAY)
        tap(bank.return_, first, reason="the account was closed", actor=FINANCE, now=PAYDAY)
        tap(fulfil.refund, two, key="r2", full=True, reason="came back", now=PAYDAY, actor=checkout_actor)
        again = payout.start(self.brand_id, "second", actor=FINANCE, now=PAYDAY + timedelta(days=1))
        tap(bank.confirm_all, again, actor=FINANCE, now=PAYDAY + timedelta(days=1))

    def _look_at(self, order_id: int, day: Any) -> None:
        for commission_id in [row.id for row in commissions.of_order(order_id)]:
            end_reading()
            tap(judge.hold, commission_id, key="h1", reason="looks odd", actor=FINANCE, now=day)
            tap(judge.let_go, commission_id, actor=FINANCE, now=day)


class Runs(Story):
    """Six commissions of two creators become due and are drawn up, sent in a file and all confirmed."""

    name = "runs"

    def set_up(self) -> None:
        self.shop(orders_of=6)
        for order_id in self.orders:
            amount = orders.get(order_id).total_minor
            end_reading()
            fulfil.confirm_payment(order_id, amount=amount, now=START, actor=checkout_actor)

    def tell(self) -> None:
        for hour in range(3):
            payout.release_due({}, now=PAYDAY + timedelta(hours=hour))
        run = payout.start(self.brand_id, "only", actor=FINANCE, now=PAYDAY)
        bank_files.whole(run, actor=FINANCE, now=PAYDAY)
        bank.confirm_all(run, actor=FINANCE, now=PAYDAY)


class Shop(Story):
    """Buyers check out; one pays, one is too late."""

    name = "shop"

    def set_up(self) -> None:
        self.shop(orders_of=0)
        self.carts = [self.world.cart((self.variant, n))[0].id for n in (1, 2, 3)]

    def tell(self) -> None:
        placed = [self._place(cart_id) for cart_id in self.carts]
        total = orders.get(placed[0]).total_minor
        end_reading()
        fulfil.confirm_payment(placed[0], amount=total, now=START, actor=checkout_actor)
        for late in placed[1:]:
            fulfil.expire({"order": late}, now=START + timedelta(days=2))

    def _place(self, cart_id: int) -> int:
        wish = checkout.Wish(
            cart_id=cart_id, key="tap", buyer=orders.Buyer("Budi", "budi@example.test", "+6281234567890", "Jl. Melati 5, Sleman 55281"),
            methods={self.brand_name: "transfer"}, seen={self.brand_name: 10**15}, code=self.codes[0], visitor="v", click_id="",
        )  # fmt: skip
        (order,) = checkout.place(wish, pay_within=timedelta(hours=24), now=START, actor=checkout_actor)
        return order.id


class Hooks(Story):
    """A store's webhooks come through the door, each at least twice, and a worker works them."""

    name = "hooks"

    def set_up(self) -> None:
        self.stage = store_stage.set_stage(self.app, "shopify")
        sales = [Sale(id=5001 + n, code=self.stage.code, placed_at=START) for n in range(3)]
        double = ShopifyDouble(lambda *_: 0, self.stage.path, self.stage.secret)
        self.letters = [double.order(sale) for sale in sales] + [double.refund(sales[0], Giving(1, "11", 1, "100000"))]

    def tell(self) -> None:
        # a store sends again what was not acknowledged, and so does this one until it has heard 2xx twice
        send = through(self.app.test_client())
        for letter in self.letters * 2:
            assert 200 <= send(self.stage.path, letter.body, letter.headers) < 300
        for minute in (0, 2, 4):  # a killed worker's lease runs out
            clock.use(lambda minute=minute: START + timedelta(minutes=minute))
            due = jobs.due(clock.utcnow(), limit=50)
            end_reading()
            for job_id in due:
                worker.run_job(self.app, job_id)
        clock.use(lambda: START)


class Sending(Story):
    """A provider sends two payouts, tells what became of them, and is asked."""

    name = "sending"

    def set_up(self) -> None:
        self.shop(orders_of=2)
        self.double = XenditDouble()
        self.double.__enter__()
        send_stage.connect(self.brand_id, self.double, now=START)
        for order_id in self.orders:
            amount = orders.get(order_id).total_minor
            end_reading()
            fulfil.confirm_payment(order_id, amount=amount, now=START, actor=checkout_actor)
        self.run_id = payout.start(self.brand_id, "by provider", actor=FINANCE, now=PAYDAY).id
        self.references = [row.public_id for row in payouts.of_run(self.run_id)]

    def tell(self) -> None:
        tap(send.choose, payouts.run(self.run_id), actor=FINANCE, now=PAYDAY)
        send_stage.work(PAYDAY)
        for reference in self.references:
            if self.double.taken()[reference] and not self.double.left(reference):
                self.double.turn(reference, "SUCCEEDED", told=0)
        for hours in (1, 2, 5, 26, 50):  # whoever died in a call is looked up; what is under way is asked about
            for minutes in (0, 3):
                moment = PAYDAY + timedelta(hours=hours, minutes=minutes)
                clock.use(lambda moment=moment: moment)
                worker.HANDLERS["payouts.sweep"]({}, now=moment)
                send_stage.work(moment)
            for reference in self.references:
                if self.double.taken()[reference] and not self.double.left(reference):
                    self.double.turn(reference, "SUCCEEDED", told=0)
        clock.use(lambda: START)

    def outcome(self) -> dict[str, Any]:
        return super().outcome() | {"left": sorted(self.double.paid()) == sorted(self.references)}

    def close(self) -> None:
        self.double.__exit__(None, None, None)


STORIES: dict[str, type[Story]] = {story.name: story for story in (Money, Runs, Shop, Hooks, Sending)}
