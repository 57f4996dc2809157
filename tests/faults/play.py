"""A brand at work on a real database, told through the real flows, and what `replay` would have been told of it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text

from socialshop.adapters import payouts as providers
from socialshop.adapters.payouts import Instruction, NotSent, OutcomeUnknown, PayoutRefused, Told
from socialshop.adapters.stores import STORES
from socialshop.domain import appeals, commissions, connections, ledger, orders, payouts, people, programs, sending
from socialshop.domain.audit import Actor
from socialshop.domain.replay import differences, run
from socialshop.flows import (
    bank,
    bank_files,
    inbound,
    inbound_many,
    payout,
    payout_schedule,
    send,
    send_account,
    send_look,
    settle,
    verify,
)
from socialshop.kernel import faults
from socialshop.kernel.database import end_reading, session, transaction

from .. import send_stage
from ..doubles.payouts import FakePayouts
from ..doubles.stores import Giving, Sale, ShopifyDouble, Thing
from ..flows.live import Stage
from .documents import BEGIN, Document, moment

BRAND = Actor("user", "usr_fina", "brand:finance")
FEE = 2_500  # rupiah, of the bank's own file


class Moody(FakePayouts):
    """A provider whose next call may end badly: before or after it took the payout, or refused."""

    mood: str = ""

    def create(self, instruction: Instruction) -> Told:
        mood, self.mood = self.mood, ""
        if mood == "busy":
            raise NotSent("busy")
        if mood == "lost_before":
            raise OutcomeUnknown("silent")
        if mood in ("recipient", "request") and instruction.reference not in {told.reference for told in self.taken.values()}:
            raise PayoutRefused("NO", mood)  # type: ignore[arg-type]
        told = super().create(instruction)
        if mood == "lost":
            raise OutcomeUnknown("silent")
        return told


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
        self.provider = Moody(least=1)
        self.fees: Counter[str] = Counter()  # what banks charged the brand beside its transfers, by currency
        providers.offer("xendit", lambda _key: self.provider)
        send_account.connect(self.stage.brand_id, api_key="k" * 20, token="fake-token", actor=BRAND, now=BEGIN)
        layout = replace(payouts.NEUTRAL, currency="IDR", mixed=False, fee=FEE)
        with transaction():
            self.map = payouts.keep_map(self.stage.brand_id, "with a fee", layout, starter="neutral", now=BEGIN).public_id
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
        found.update(f"appeal {state}" for state in db.scalars(select(appeals.Appeal.state)))
        for via, state, fee, charged in db.execute(
            select(payouts.Payout.via, payouts.Payout.state, payouts.Payout.fee_minor, payouts.Payout.bank_fee_minor)
        ):
            found.update([f"by provider {state}"] if via else [])
            found.update((["fee of the creator's"] if fee else []) + (["fee of the brand's"] if charged else []))
        found.update("slot" for _ in db.scalars(select(payouts.PayoutRun.id).where(payouts.PayoutRun.slot.is_not(None))))
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
        self._drawn(key)

    def _drawn(self, key: str) -> None:
        """What replay is told of a run; for the engine, what nobody could be sent went out and came straight back."""
        self.told.append({"type": "payout", "id": key, "at": moment(self.now)})
        for name in sorted(self.no_payee):
            back = f"{key}:no-payee:{name}"
            self.not_sent.add(back)
            self.told.append({"type": "payout_failed", "id": back, "at": moment(self.now), "payout": key, "creator": name})

    def calendar(self, fault: str | None = None) -> None:
        """The schedule is looked at, and what is due of payouts is done, as a worker does it."""
        payout_schedule.look({}, now=self.now)
        self.worked(fault)
        for made in payouts.runs_of(self.stage.brand_id):
            if made.public_id not in self.stage._events:
                assert made.slot is not None
                assert made.at == self.now
                self.stage._events[made.public_id] = f"slot:{made.slot}"
                self._drawn(f"slot:{made.slot}")
        end_reading()

    def worked(self, fault: str | None = None) -> None:
        """The jobs of payouts that are due; one that a fault breaks is tried again later."""
        self.stage.clock = self.now
        faults.arm(fault or "")
        send_stage.work(self.now)
        self.struck += any(faults._hits.get(name, 0) >= nth for name, (_, nth) in faults._armed.items())
        faults.arm("")
        session().rollback()
        for one in self.payouts("returned"):  # the provider refused the account: what else that creator got of it comes back too
            if f"{one.public_id}:returned" not in self.stage._events:
                self.send_back(one)

    def file(self, run_id: int, fault: str | None = None) -> None:
        """The bank's file, whose transfers cost something."""
        drawn = payouts.run(run_id)
        end_reading()
        try:
            self.attempt(
                lambda: bank_files.make(drawn, bank_files.choice(drawn.brand_id, self.map), actor=BRAND, now=self.now), fault
            )
        except bank_files.NothingForThisFile:
            end_reading()

    def confirm(self, one: payouts.Payout, fee: int | None, fault: str | None = None) -> None:
        """The bank says that it arrived, and what it took; what the creator did not bear is the brand's."""
        expected = payouts.fee_of(one.id) if fee is None else fee
        before = one.bank_fee_minor
        end_reading()

        def twice() -> None:
            for _ in range(2):
                bank.confirm(one.id, actor=BRAND, now=self.now, reason="seen", fee=fee)

        self.attempt(twice, fault)
        charged = max(0, expected - one.fee_minor)
        self.fees[one.currency] += charged
        now = payouts.get(one.id)
        assert (now.state, now.bank_fee_minor) == ("paid", before + charged)
        end_reading()

    def with_provider(self, *states: str) -> list[tuple[payouts.Payout, str, int]]:
        """Payouts in the provider's hands whose sending is in one of these states, as (payout, state, sending's id)."""
        rows = [(one, sending.of_payout(one.id)) for one in self.payouts("ready", "sent", "unknown") if one.via is not None]
        found = [(one, row.state, row.id) for one, row in rows if row is not None and row.state in states]
        end_reading()
        return found

    def ask(self, sending_id: int, fault: str | None = None) -> None:
        """The provider is asked what became of a payout, twice."""
        self.attempt(lambda: [send_look.ask({"sending": sending_id}, now=self.now) for _ in range(2)], fault)
        self.worked()

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
                self.attempt(lambda each=each: self._return(each.id), fault)
        self.told.append({"type": "payout_failed", "id": back, "at": moment(self.now), "payout": key, "creator": name})

    def _return(self, payout_id: int) -> None:
        """A payout comes back, the way that whoever sends it tells it."""
        for _ in range(4):
            one, row = payouts.get(payout_id), sending.of_payout(payout_id)
            state, reference, sending_id = (row.state if row else ""), one.public_id, (row.id if row else 0)
            via, stands = one.via, one.state
            end_reading()
            if stands == "returned":
                return
            if via is None or stands == "paid":
                bank.return_(payout_id, reason="wrong number", actor=BRAND, now=self.now)
            elif state == "unknown":
                send.decide(payout_id, "returned", "the bank says so", actor=BRAND, now=self.now)
            elif state == "waiting" and send.call_back(payout_id, actor=BRAND, now=self.now):
                continue
            elif state == "underway":
                self.provider.turn(reference, "FAILED")
                send_look.ask({"sending": sending_id}, now=self.now)
            else:  # a call that nobody can have in hand any more
                self.now += timedelta(minutes=3)
                send.send({"sending": sending_id}, now=self.now)

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
            assert -owed.get(currency, 0) == minor + self.fees[currency], (currency, minor)
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
