"""A brand at work on a real database, told through the real flows, and what `replay` would have been told of it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text

from socialshop.adapters.stores import STORES
from socialshop.domain import commissions, connections, ledger, orders, payouts, people, programs
from socialshop.domain.audit import Actor
from socialshop.domain.replay import differences, run
from socialshop.flows import bank, inbound, inbound_many, payout, settle, verify
from socialshop.kernel import faults
from socialshop.kernel.database import end_reading, session, transaction

from ..doubles.stores import Giving, Sale, ShopifyDouble, Thing
from ..flows.live import Stage
from .documents import BEGIN, Document, moment

BRAND = Actor("user", "usr_fina", "brand:finance")


class Play:
    """One program, played step by step. `told` is what a scenario document of the same story says."""

    def __init__(self, program: Document, creators: list[Document], without_payee: set[str]) -> None:
        self.now, self.told = BEGIN, []
        self.program, self.creators = program, creators
        self.stage = Stage({"program": program, "creators": creators, "events": [], "now": moment(BEGIN)})
        self.no_payee = without_payee
        self.not_sent: set[str] = set()  # failures that stand for "never went out", which live has no payout for
        self.sales: dict[str, Sale] = {}
        self.decided: set[str] = set()  # events that a decision made, named by its flow
        self.struck = 0  # faults that did strike
        with transaction():
            for name in without_payee:
                session().execute(text("DELETE FROM payees WHERE creator_id = :id"), {"id": self.stage.ids[name]})

    # telling

    def attempt(self, deed: Callable[[], Any], fault: str | None = None) -> Any:
        """Do it; where a fault strikes in the middle, do it again, as its user or worker would."""
        self.stage.clock = self.now
        faults.arm(fault or "")
        try:
            return deed()
        except faults.Fault:
            self.struck += 1
            faults.arm("")
            session().rollback()
            self._forget_what_never_was()
            return deed()
        finally:
            faults.arm("")

    def tally(self) -> Counter[str]:
        """What happened in this story, by kind, for the run's summary."""
        commission, db = commissions.Commission, session()
        found: Counter[str] = Counter(db.scalars(select(commissions.CommissionStep.kind)))
        found.update(f"because {reason}" for reason in db.scalars(select(commissions.CommissionStep.reason)) if reason)
        found.update(f"payout {state}" for state in db.scalars(select(payouts.Payout.state)))
        for via, level, currency, pay_currency in db.execute(
            select(commission.via, commission.level, commission.currency, commission.pay_currency)
        ):
            found.update([f"via {via}", "override" if level else "direct", "kept" if currency == pay_currency else "converted"])
        percents = db.scalars(select(commissions.Credit.percent).where(commissions.Credit.percent != "100"))
        found.update("split" for _ in percents)
        found.update("skip" for _ in db.scalars(select(payouts.PayoutSkip.id)))
        found.update(
            "parked" for _ in db.scalars(select(commissions.ProgramEvent.id).where(commissions.ProgramEvent.effect.is_(None)))
        )
        found["fault"], found["facts"] = self.struck, len(self.told)
        end_reading()
        return found

    def _forget_what_never_was(self) -> None:
        there = set(session().scalars(select(orders.Order.public_id)))
        end_reading()
        self.stage.orders = {name: key for name, key in self.stage.orders.items() if name in there or name in self.sales}

    def tell(self, event: Document, fault: str | None = None) -> None:
        """An event through the rooms that there are for it."""
        self.attempt(lambda: self.stage.tell(event), fault)
        self.told.append(event)

    def judged(self, deed: Callable[[], Any], fault: str | None = None) -> None:
        """A person's decision: the facts that it leaves are read back, since the flow names them."""
        before = self._arrivals()
        self.attempt(deed, fault)
        rows = select(commissions.ProgramEvent).where(commissions.ProgramEvent.arrival > before)
        for row in session().scalars(rows.order_by(commissions.ProgramEvent.arrival)):
            document = dict(row.document)
            if "creator" in document:
                document["creator"] = self.stage.names[document["creator"]]
            if document.get("order") in self._sold():
                document["order"] = self._sold()[document["order"]]
            self.told.append(document)
            self.decided.add(document["id"])
        end_reading()

    def _sold(self) -> dict[str, str]:
        return {public: name for public, name in self.stage._events.items() if name in self.sales}

    def _arrivals(self) -> int:
        found = session().scalar(select(func.max(commissions.ProgramEvent.arrival)))
        end_reading()
        return int(found or 0)

    def rows(self) -> list[commissions.Commission]:
        found = list(session().scalars(select(commissions.Commission).order_by(commissions.Commission.id)))
        end_reading()
        return found

    # a store that speaks by webhooks

    def sell(self, sale: Sale, fault: str | None = None, times: int = 1, batch: bool = False) -> None:
        """An order as the store's webhook tells it, so many times."""
        name = f"s{sale.id}"
        self.sales[name] = sale
        double = ShopifyDouble(lambda *_: 200, "", "secret")
        self.attempt(lambda: self.work([double.order(sale)] * times + [double.order(sale)], batch), fault)
        order = orders.find_outside(self.stage.store_id, str(sale.id))
        assert order is not None
        self.stage.orders[name], self.stage._events[order.public_id] = order.id, name
        self.told.append({**settle.facts_of(order.id).to_document(), "type": "order", "id": name})
        end_reading()

    def give_back(self, name: str, giving: Giving, minor: int, fault: str | None = None) -> None:
        """A refund as the store's webhook tells it; `minor` of the line."""
        sale = self.sales[name]
        double = ShopifyDouble(lambda *_: 200, "", "secret")
        letter = double.refund(sale, giving)
        self.attempt(lambda: self.work([letter, letter], False), fault)
        mine = orders.find_refund(self.stage.orders[name], f"refund:{giving.id}")
        assert mine is not None
        self.stage._events[mine.public_id] = f"{name}-{giving.id}"
        event = {"type": "refund", "id": f"{name}-{giving.id}", "at": moment(giving.at), "order": name}
        self.told.append({**event, "lines": [{"line": giving.line, "amount": minor}]})
        end_reading()

    def work(self, letters: list[Any], batch: bool) -> None:
        """Keep webhooks at the door and work them, one by one or together."""
        store = STORES["shopify"]
        for letter in letters:
            headers = {key.lower(): value for key, value in letter.headers.items()}
            inbound.keep(self.stage.store_id, store.label(letter.body, headers), letter.body, proved=False, now=self.now)
        events = connections.events_of(self.stage.store_id, limit=1000)
        payloads = [{"event": event.id} for event in reversed(events)]
        end_reading()
        if batch:
            for trouble in inbound_many.work_many(payloads, now=self.now):
                if trouble is not None:
                    raise trouble
            return
        for payload in payloads:
            inbound.work(payload, now=self.now)

    # payouts

    def run(self, key: str, fault: str | None = None) -> None:
        """A payout run; the same key again is the same run."""
        try:
            made = self.attempt(lambda: payout.start(self.stage.brand_id, key, actor=BRAND, now=self.now), fault)
        except payout.NothingDue:
            self.stage._empty.add(key)
        else:
            self.stage._events[made.public_id] = key
        self.told.append({"type": "payout", "id": key, "at": moment(self.now)})
        for name in sorted(self.no_payee):
            back = f"{key}:no-payee:{name}"
            self.not_sent.add(back)
            self.told.append({"type": "payout_failed", "id": back, "at": moment(self.now), "payout": key, "creator": name})

    def payouts(self, *states: str) -> list[payouts.Payout]:
        query = select(payouts.Payout).where(payouts.Payout.state.in_(states)).order_by(payouts.Payout.id)
        found = list(session().scalars(query))
        end_reading()
        return found

    def send_back(self, one: payouts.Payout, fault: str | None = None) -> None:
        """All that this creator got of that run comes back."""
        name, key = self.stage.names[str(one.creator_id)], self.stage._events[payouts.run(one.run_id).public_id]
        back = f"{key}:back:{name}"
        for each in payouts.of_run(one.run_id):
            if each.creator_id == one.creator_id and each.state != "returned":
                self.stage._events[f"{each.public_id}:returned"] = back
                end_reading()
                self.attempt(lambda each=each: bank.return_(each.id, reason="wrong number", actor=BRAND, now=self.now), fault)
        self.told.append({"type": "payout_failed", "id": back, "at": moment(self.now), "payout": key, "creator": name})

    def give_payee(self, name: str) -> None:
        with transaction() as db:
            row = people.Payee(
                creator_id=self.stage.ids[name], kind="bank", provider="BCA", number="0123456789", number_end="6789", holder=name,
                stated_at=self.now,
            )  # fmt: skip
            db.add(row)
        self.no_payee = self.no_payee - {name}

    def publish(self, terms: Document) -> None:
        """New terms, in force a second from now."""
        number, begins = len(self.program["versions"]), max(self.now, *map(_when, self.told)) + timedelta(seconds=1)
        mine = self.stage._named(terms)
        with transaction():
            programs.publish(
                self.stage.program_id, mine, seen=number, from_at=begins, tenant="brd_t", actor=BRAND, now=self.now
            )  # fmt: skip
        versions = [*self.program["versions"], {"from": moment(begins), "terms": terms}]
        self.program, self.now = {**self.program, "versions": sorted(versions, key=lambda version: version["from"])}, begins

    # looking

    def balance(self) -> None:
        """What must hold after every step, read cheaply: each currency sums to nothing, no pocket is overdrawn."""
        sums: dict[str, int] = defaultdict(int)
        for kind in ("owed", "held", "payable", "in_transit", "owed_back", "bank"):
            for (_, currency), minor in ledger.balances(kind).items():
                sums[currency] += minor
                assert kind in ("owed", "bank", "owed_back") or minor > 0, (kind, currency, minor)
                assert kind != "owed_back" or minor < 0
        assert not any(sums.values()), sums
        worth = select(commissions.Commission.pay_currency, func.sum(commissions.Commission.worth_minor))
        owed = {currency: minor for (_, currency), minor in ledger.balances("owed").items()}
        for currency, minor in session().execute(worth.group_by(commissions.Commission.pay_currency)):
            assert -owed.get(currency, 0) == minor, (currency, minor)
        end_reading()

    def verify(self) -> None:
        found = verify.run(self.now)
        assert not found, "; ".join(map(str, found)) + json.dumps(self.document())

    def document(self) -> Document:
        return {"program": self.program, "creators": self.creators, "events": self.told, "now": moment(self.now)}

    def compare(self) -> None:
        """Live is what replay says of the same story, written down independently; a clock that went back catches up first."""
        self.now = max(self.now, *map(_when, self.told))
        self.stage.scenario = replace(self.stage.scenario, now=self.now)
        live = self.stage.result()
        end_reading()
        said: Any = run(self.document())
        said = {
            **said,
            "payouts": [row for row in said["payouts"] if f"{row['payout']}:no-payee:{row['creator']}" not in self.not_sent],
            "postings": [row for row in said["postings"] if not self._never_went(row)],
        }
        found = differences(said, live)
        assert not found, "\n".join(found) + json.dumps(self.document())

    def _never_went(self, posting: Document) -> bool:
        back = posting["event"] if posting["kind"] == "pay_failed" else f"{posting['event']}:no-payee:{posting['creator']}"
        return posting["kind"] in ("pay", "pay_failed") and back in self.not_sent


def _when(event: Document) -> datetime:
    return datetime.fromisoformat(event["at"])


def sale_of(number: int, currency: str, things: list[tuple[int, int]], at: datetime, *, code: str, email: str) -> Sale:
    """A store's sale of (price minor, quantity) lines."""
    blank = Sale(currency=currency)
    lines = tuple(Thing(str(number * 10 + i), blank.text(price), quantity) for i, (price, quantity) in enumerate(things))
    return replace(blank, id=number, things=lines, placed_at=at, code=code, email=email)
