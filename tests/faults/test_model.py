"""The live system played at random, every step checked: orders, refunds, edits, disputes, holds, payouts that fail, and faults.

A story is told through the real flows on a real database; everything comes twice, late or before what it refers to, and
faults strike in the middle. `verify` stays clean, and `replay` says the same of the story written down beside it.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from socialshop.domain import commissions, orders, payouts
from socialshop.domain.audit import Actor
from socialshop.domain.commissions import FactConflict
from socialshop.flows import appeal, bank, bank_files, bank_results, dispute, judge, payout, payout_schedule, send
from socialshop.kernel.database import db, end_reading
from socialshop.kernel.errors import DomainError

from ..doubles.stores import Giving
from . import budget, documents, points
from .documents import CREATORS, Document, moment
from .fresh import Fresh
from .play import BRAND, Play, sale_of

CREATOR = Actor("user", "usr_rani", "creator")
LENGTH = 50  # steps of one story, at most
ROUNDS = 8


def faults_at(*names: str) -> st.SearchStrategy[str | None]:
    """Nothing, mostly; else a fault at the first to third time that one of these places is passed."""
    some = st.builds(lambda name, nth: f"{name}:raise:{nth}", st.sampled_from(names), st.integers(1, 3))
    return st.one_of(st.none(), st.none(), some)


LEDGER = faults_at(*points.LEDGER[:2])
DRAWING = faults_at(*points.LEDGER, *points.DRAWING)
BANKING = faults_at(*points.LEDGER, *points.BANKING)
SENDING = faults_at(*points.SENDING)
INBOUND = faults_at(*points.LEDGER[:2], *points.INBOUND)
AGO = st.sampled_from([0, 0, 0, 1, 30, 24 * 5])  # hours: how late we hear of something
PICK = st.integers(0, 10**6)


class LiveModel(RuleBasedStateMachine):
    """One story. Rules tell it; invariants look at the books."""

    fresh: ClassVar[Fresh]
    steps: ClassVar[int] = 0
    seen: ClassVar[Counter[str]] = Counter()  # what happened over all stories, so that nobody trusts an idle model
    stories: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.count = self.looked = 0
        self.waiting: list[str] = []  # orders that something was told about before they came
        self.sold: dict[str, Document] = {}  # orders that came
        self.play: Any = None

    @initialize(
        data=st.data(), program=documents.programs(generous=True), creators=documents.casts(),
        without_payee=st.sampled_from([set(), set(), {"C"}, {"A", "D"}]),
    )  # fmt: skip
    def open(self, data: st.DataObject, program: Document, creators: list[Document], without_payee: set[str]) -> None:
        """A brand that is at work already: some touches, quotes and orders."""
        self.fresh.lay()
        self.play = Play(program, creators, set(without_payee))
        for hours in (50, 20):
            self.click(data, hours)
            self.quote(data, 24 * 20)
            self.order(data, 10, False, None)
            self.order(data, 0, False, None)

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def ago(self, hours: float) -> datetime:
        return self.play.now - timedelta(hours=hours)

    # time

    @rule(hours=st.sampled_from([1, 24, 24 * 5, 24 * 15, -1, -2]), release=st.booleans(), fault=DRAWING)
    def wait(self, hours: int, release: bool, fault: str | None) -> None:
        """Time goes by; a wrong clock is sometimes put back."""
        self.play.now += timedelta(hours=hours)
        if release:
            self.play.attempt(lambda: payout.release_due({}, now=self.play.now), fault)
        self.play.calendar()

    @rule(kind=st.sampled_from(["none", "weekly", "weekly", "twice"]), bearer=st.sampled_from(["brand", "creator"]))
    def settle(self, kind: Any, bearer: str) -> None:
        """The brand settles when runs are drawn up by themselves, and who bears the transfer fee."""
        payout_schedule.settle(self.play.stage.brand_id, payouts.Rhythm(kind), bearer, actor=BRAND, now=self.play.now)

    # what is told

    @rule(data=st.data(), hours=AGO)
    def click(self, data: st.DataObject, hours: int) -> None:
        self.play.tell(data.draw(documents.clicks(self.name("k"), moment(self.ago(hours)))))

    @rule(data=st.data(), hours=AGO)
    def quote(self, data: st.DataObject, hours: int) -> None:
        self.play.tell(data.draw(documents.quotes(self.name("q"), moment(self.ago(hours)))))

    @rule(data=st.data(), hours=AGO, early=st.booleans(), fault=LEDGER)
    def another(self, data: st.DataObject, hours: int, early: bool, fault: str | None) -> None:
        self.order(data, hours, early, fault)

    @rule(data=st.data(), hours=AGO, early=st.booleans(), fault=LEDGER)
    def one_more(self, data: st.DataObject, hours: int, early: bool, fault: str | None) -> None:
        self.order(data, hours, early, fault)

    @rule(data=st.data(), hours=AGO, early=st.booleans(), fault=LEDGER)
    def order(self, data: st.DataObject, hours: int, early: bool, fault: str | None) -> None:
        """A new order, or one that something was told about before."""
        name = self.waiting.pop(0) if early and self.waiting else self.name("o")
        event = data.draw(documents.orders(name, moment(self.ago(hours))))
        self.sold[name] = event
        self.play.tell(event, fault)

    @rule(
        things=st.lists(st.tuples(st.sampled_from([1, 33_300, 259_900]), st.integers(1, 3)), min_size=1, max_size=3),
        currency=st.sampled_from(documents.CURRENCIES), code=st.sampled_from(["", "a", "b", "zzz"]), hours=AGO,
        email=st.sampled_from(["ayu@example.test", "a@example.com"]), batch=st.booleans(), fault=INBOUND,
    )  # fmt: skip
    def webhook(
        self, things: list[tuple[int, int]], currency: str, code: str, hours: int, email: str, batch: bool, fault: str | None
    ) -> None:
        """An order from a store, its webhook coming several times."""
        number = int(self.name("9")[1:]) + 5000
        sale = sale_of(number, currency, things, self.ago(hours), code=code, email=email)
        self.play.sell(sale, fault, times=2, batch=batch)
        self.sold[f"s{number}"] = {"currency": currency}

    @precondition(lambda self: self.play.sales)
    @rule(pick=PICK, part=st.sampled_from([1, 2, 1000]), fault=INBOUND)
    def webhook_back(self, pick: int, part: int, fault: str | None) -> None:
        """The store gives a part of a line back: one unit, half, or all of what is left."""
        name = sorted(self.play.sales)[pick % len(self.play.sales)]
        left = {line: minor for line, minor in orders.left_of(self.play.stage.orders[name]).items() if minor}
        end_reading()
        known = {thing.key for thing in self.play.sales[name].things}
        if not left or not set(left) <= known:
            return
        line = sorted(left)[pick % len(left)]
        minor = 1 if part == 1 else max(1, left[line] // 2) if part == 2 else left[line]
        self.count += 1
        giving = Giving(self.count, line, 1, self.play.sales[name].text(minor), self.play.now)
        self.play.give_back(name, giving, minor, fault)

    def about(self, pick: int, early: bool) -> tuple[str, str]:
        """An order that came, or one that is still to come; and its currency."""
        if early:
            if not self.waiting or pick % 2:
                self.waiting.append(self.name("o"))
            return self.waiting[pick % len(self.waiting)], "USD"
        name = list(self.sold)[pick % len(self.sold)]
        return name, self.sold[name]["currency"]

    EARLY = st.sampled_from([False] * 9 + [True])

    @rule(pick=PICK, size=documents.refund_sizes(), hours=AGO, early=EARLY, fault=LEDGER)
    def refund(self, pick: int, size: Document, hours: int, early: bool, fault: str | None) -> None:
        name, _ = self.about(pick, early)
        if name not in self.play.sales:
            event = {"type": "refund", "id": self.name("r"), "at": moment(self.ago(hours)), "order": name}
            self.play.tell(event | size, fault)

    @rule(data=st.data(), pick=PICK, early=EARLY, fault=LEDGER)
    def edit(self, data: st.DataObject, pick: int, early: bool, fault: str | None) -> None:
        name, currency = self.about(pick, early)
        if name not in self.play.sales:
            event = {"type": "order_edit", "id": self.name("e"), "at": moment(self.play.now), "order": name}
            self.play.tell(event | data.draw(documents.goods(currency)), fault)

    @rule(pick=PICK, early=EARLY, fault=LEDGER)
    def dispute(self, pick: int, early: bool, fault: str | None) -> None:
        name, _ = self.about(pick, early)
        if name not in self.play.sales:
            self.play.tell({"type": "dispute", "id": self.name("d"), "at": moment(self.play.now), "order": name}, fault)

    @rule(pick=PICK, won=st.booleans(), fault=LEDGER)
    def close(self, pick: int, won: bool, fault: str | None) -> None:
        """A dispute ends, sometimes one that nobody has opened yet."""
        opened = [event["id"] for event in self.play.told if event["type"] == "dispute" and event["id"] not in self.play.decided]
        which = opened[pick % len(opened)] if opened else self.name("d")
        event = {"type": "dispute_closed", "id": self.name("x"), "at": moment(self.play.now), "dispute": which, "won": won}
        self.play.tell(event, fault)

    @rule(pick=PICK, kind=st.sampled_from(["hold", "reject"]), creator=st.sampled_from(CREATORS), early=EARLY, fault=LEDGER)
    def told_decision(self, pick: int, kind: str, creator: str, early: bool, fault: str | None) -> None:
        """A decision that came as a fact, perhaps before its order."""
        name, _ = self.about(pick, early)
        if name not in self.play.sales:
            event = {"type": kind, "id": self.name("h"), "at": moment(self.play.now), "order": name, "creator": creator}
            self.play.tell(event | {"reason": "odd"}, fault)

    @rule(pick=PICK, fault=LEDGER)
    def told_release(self, pick: int, fault: str | None) -> None:
        put = [event["id"] for event in self.play.told if event["type"] == "hold" and ":" not in event["id"]]
        which = put[pick % len(put)] if put else self.name("h")
        self.play.tell({"type": "release", "id": self.name("u"), "at": moment(self.play.now), "hold": which}, fault)

    # what a person decides

    def some_commission(self, pick: int) -> commissions.Commission | None:
        rows = self.play.rows()
        return rows[pick % len(rows)] if rows else None

    @rule(
        pick=PICK, what=st.sampled_from(["hold", "hold", "reject"]), appealed=st.sampled_from(["", "", "granted", "denied"]),
        fault=LEDGER,
    )  # fmt: skip
    def judge(self, pick: int, what: str, appealed: str, fault: str | None) -> None:
        row, key = self.some_commission(pick), self.name("j")
        if row is None:
            return
        deed = judge.hold if what == "hold" else judge.reject

        def twice() -> None:
            deed(row.id, key=key, reason="looks odd", actor=BRAND, now=self.play.now)
            deed(row.id, key=key, reason="looks odd", actor=BRAND, now=self.play.now)

        self.play.judged(lambda: _unless((judge.NothingLeft, judge.AppealWaits), twice), fault)
        if appealed:
            self.appeal(pick, appealed, False, fault)

    @rule(pick=PICK, what=st.sampled_from(["let_go", "reinstate"]), fault=LEDGER)
    def undo(self, pick: int, what: str, fault: str | None) -> None:
        row = self.some_commission(pick)
        if row is not None:
            deed = judge.let_go if what == "let_go" else judge.reinstate

            def once() -> None:
                deed(row.id, reason="all well", actor=BRAND, now=self.play.now)

            self.play.judged(lambda: _unless(judge.AppealWaits, once), fault)

    @rule(
        pick=PICK, ends=st.sampled_from(["granted", "granted", "denied", "withdrawn", "open"]), asked=st.booleans(), fault=LEDGER
    )
    def appeal(self, pick: int, ends: str, asked: bool, fault: str | None) -> None:
        """The creator appeals what a person holds or rejected, both talk, and a person decides; everything is told twice."""
        row, key = self.some_commission(pick), self.name("a")
        if row is None or not appeal.may_appeal(row) or appeal.needs_new(row):
            end_reading()
            return
        end_reading()

        def twice() -> None:
            for _ in range(2):
                made = appeal.open_(row.id, key=key, words=f"why {key}", papers=(), actor=CREATOR, now=self.play.now)
                appeal_id, state = made.id, made.state
                end_reading()
                if asked and state in ("open", "asked"):
                    appeal.say(appeal_id, "brand", key="q", words="what?", papers=(), actor=BRAND, now=self.play.now)
            for _ in range(2):
                if ends == "withdrawn":
                    appeal.withdraw(appeal_id, actor=CREATOR, now=self.play.now)
                elif ends != "open":
                    appeal.decide(appeal_id, grant=ends == "granted", reason="looked", actor=BRAND, now=self.play.now)

        self.play.judged(twice, fault)
        held = any(":hold:" in hold for hold, _ in commissions.open_holds(row.order_id, row.creator_id))
        standing = held or bool(commissions.open_rejects(row.order_id, row.creator_id))
        end_reading()
        assert standing == (ends != "granted")

    @rule(pick=PICK, part=st.sampled_from([None, 1, 2]), won=st.sampled_from([None, True, False]), fault=LEDGER)
    def bank_asks(self, pick: int, part: int | None, won: bool | None, fault: str | None) -> None:
        """The buyer's bank wants all of an order's money, a unit, or half of what is left."""
        if not self.sold:
            return
        order_id, key = self.play.stage.orders[list(self.sold)[pick % len(self.sold)]], self.name("b")
        left = sum(orders.left_of(order_id).values())
        amount = None if part is None else max(1, left // 2) if part == 2 else 1
        end_reading()

        def twice() -> None:
            for _ in range(2):
                dispute.open_(order_id, key=key, amount=amount, reason="says it never came", actor=BRAND, now=self.play.now)

        self.play.judged(lambda: _unless(DomainError, twice), fault)
        if won is not None:
            self.bank_decides(pick, won, fault)

    @rule(pick=PICK, won=st.booleans(), fault=LEDGER)
    def bank_decides(self, pick: int, won: bool, fault: str | None) -> None:
        open_ = [row for key in self.play.stage.orders.values() for row in orders.disputes_of(key) if row.state == "open"]
        end_reading()
        if open_:
            row = open_[pick % len(open_)]
            deed = lambda: dispute.close(row.id, won=won, reason="the bank says so", actor=BRAND, now=self.play.now)  # noqa: E731
            self.play.judged(lambda: [deed(), deed()], fault)

    # payouts

    @rule(fault=DRAWING)
    def run(self, fault: str | None) -> None:
        key = self.name("p")
        self.play.run(key, fault)
        if key not in self.play.stage._empty:
            before = len(self.play.payouts(*STATES))
            payout.start(self.play.stage.brand_id, key, actor=BRAND, now=self.play.now)
            assert len(self.play.payouts(*STATES)) == before

    @rule(days=st.sampled_from([5, 15]), fault=DRAWING, sent=st.sampled_from(["", "bank", "provider", "provider"]))
    def payday(self, days: int, fault: str | None, sent: str) -> None:
        """The holds run out, the brand pays, and the bank or the provider sends the money."""
        self.play.now += timedelta(days=days)
        self.run(fault)
        if sent == "provider":
            self.hand_over(0, "", None)
            for one, _, sending_id in self.play.with_provider("underway"):
                self.play.provider.turn(one.public_id, "SUCCEEDED")
                self.play.ask(sending_id)
        if sent:
            for each in self.play.payouts("ready"):
                if each.via is None:
                    self.play.confirm(each, None)

    @rule(
        pick=PICK, what=st.sampled_from(["confirm", "lose_sight", "file", "own_file", "confirm_all", "results"]),
        fee=st.sampled_from([None, None, 0, 6_500]), fault=BANKING,
    )  # fmt: skip
    def answer(self, pick: int, what: str, fee: int | None, fault: str | None) -> None:
        """The bank takes the file, says what became of a payout, or nobody knows."""
        open_ = [one for one in self.play.payouts("ready", "sent", "unknown") if one.via is None]
        if not open_:
            return
        one, now = open_[pick % len(open_)], self.play.now
        run = payouts.run(one.run_id)
        if what in ("confirm", "own_file"):
            self.play.confirm(one, fee, fault) if what == "confirm" else self.play.file(one.run_id, fault)
            return
        if what in ("confirm_all", "results"):
            taken = open_ if what == "confirm_all" else [one]
            taken = [each for each in taken if each.run_id == one.run_id and (what == "results" or each.state != "unknown")]
            for each in taken:
                self.play.fees[each.currency] += max(0, payouts.fee_of(each.id) - each.fee_minor)
        deeds = {
            "lose_sight": lambda: bank.lose_sight(one.id, reason="no answer", actor=BRAND, now=now),
            "file": lambda: bank_files.whole(run, actor=BRAND, now=now),
            "confirm_all": lambda: bank.confirm_all(run, actor=BRAND, now=now),
            "results": lambda: bank_results.take(run, f"reference,result\n{one.public_id},paid\n", actor=BRAND, now=now),
        }
        end_reading()
        self.play.attempt(deeds[what], fault)

    @rule(pick=PICK, fault=BANKING)
    def back(self, pick: int, fault: str | None) -> None:
        """Money comes back, before or after it was confirmed."""
        sent = self.play.payouts("ready", "sent", "unknown", "paid")
        if sent:
            self.play.send_back(sent[pick % len(sent)], fault)

    @rule(pick=PICK, mood=st.sampled_from(["", "", "busy", "lost", "lost_before", "recipient", "request"]), fault=SENDING)
    def hand_over(self, pick: int, mood: str, fault: str | None) -> None:
        """A run goes to the brand's provider, which takes what it can pay, or answers badly once."""
        ready = [one for one in self.play.payouts("ready") if one.via is None]
        if not ready:
            return
        drawn = payouts.run(ready[pick % len(ready)].run_id)
        end_reading()
        self.play.provider.mood = mood
        self.play.attempt(lambda: _unless(send.NothingToSend, lambda: send.choose(drawn, actor=BRAND, now=self.play.now)))
        self.play.worked(fault)

    @rule(minutes=st.sampled_from([1, 5, 60]), fault=SENDING)
    def jobs(self, minutes: int, fault: str | None) -> None:
        """What waits for its time is done: calls that were put off, and look-ups."""
        self.play.now += timedelta(minutes=minutes)
        self.play.worked(fault)

    @rule(pick=PICK, word=st.sampled_from(["SUCCEEDED", "SUCCEEDED", "FAILED", ""]), fault=SENDING)
    def provider_tells(self, pick: int, word: str, fault: str | None) -> None:
        """The provider knows what became of a payout, and is asked; "": it knows nothing new."""
        held = self.play.with_provider("underway", "unknown")
        if not held:
            return
        one, _, sending_id = held[pick % len(held)]
        there = [told for told in self.play.provider.find_by_reference(one.public_id) if told.standing == "underway"]
        if word == "FAILED" and there:
            self.play.provider.turn(one.public_id, word)
            self.play.send_back(one)
        elif word and there:
            self.play.provider.turn(one.public_id, word)
            self.play.ask(sending_id, fault)
            assert payouts.get(one.id).state == "paid"
            end_reading()
        else:
            self.play.ask(sending_id, fault)

    @rule(pick=PICK, arrived=st.booleans(), fault=BANKING)
    def provider_is_silent(self, pick: int, arrived: bool, fault: str | None) -> None:
        """A person finds out what became of a payout that the provider says nothing of."""
        unclear = self.play.with_provider("unknown")
        if not unclear:
            return
        one = unclear[pick % len(unclear)][0]
        if arrived:
            self.play.attempt(lambda: send.decide(one.id, "paid", "it is there", actor=BRAND, now=self.play.now), fault)
        else:
            self.play.send_back(one, fault)

    @precondition(lambda self: self.play.no_payee)
    @rule()
    def payee(self) -> None:
        self.play.give_payee(min(self.play.no_payee))

    @precondition(lambda self: len(self.play.program["versions"]) < 4)
    @rule(terms=documents.terms())
    def publish(self, terms: Document) -> None:
        self.play.publish(terms)

    # the same again

    @precondition(lambda self: self.play.told)
    @rule(pick=PICK)
    def again(self, pick: int) -> None:
        """Something that was told is told once more."""
        known = [
            event for event in self.play.told if event["type"] not in ("payout", "payout_failed") and not self._rewritten(event)
        ]
        if known:
            self.play.tell(known[pick % len(known)])

    def _rewritten(self, event: Document) -> bool:
        """What a store or a person's decision told has names of its own; an older edit is not told after a newer one."""
        name = event.get("order", event["id"])
        edits = [each["id"] for each in self.play.told if each["type"] == "order_edit" and each["order"] == name]
        stale = event["type"] == "order_edit" and event["id"] != edits[-1]
        return stale or name in self.play.sales or event["id"] in self.play.decided

    @precondition(lambda self: any(event["type"] == "dispute" for event in self.play.told))
    @rule(pick=PICK)
    def other_content(self, pick: int) -> None:
        """One id, told with other content, is refused and changes nothing."""
        known = [event for event in self.play.told if event["type"] == "dispute"]
        event = known[pick % len(known)]
        try:
            self.play.stage.tell({**event, "order": event["order"] + "x"})
        except FactConflict:
            return
        raise AssertionError("took two contents for one id")

    # what must hold

    @invariant()
    def books(self) -> None:
        type(self).steps += 1
        if self.play is None:
            return
        self.play.balance()
        self.looked += 1
        if self.looked % 8 == 0:
            self.play.verify()

    def teardown(self) -> None:
        type(self).stories += 1
        if self.play is not None:
            self.play.verify()
            self.play.compare()
            self.seen.update(self.play.tally())
            self.payday(60, None, "provider")  # whatever is left is paid in the end
            paid = self.play.payouts("paid")
            self.seen["payout paid"] += len(paid)
            self.seen["by provider paid"] += sum(one.via is not None for one in paid)
            self.play.verify()
            self.play.compare()


ALWAYS_SEEN = ("accrue", "payout paid")
SEEN_IN_MIDDLING_RUNS = ("reverse", "fault")
SEEN_IN_LONG_RUNS = (
    "adjust", "clawback", "due", "pay", "pay_failed", "paid", "hold", "release", "dispute", "dispute_closed", "parked",
    "payout returned", "via click", "via code", "via lifetime", "via subscription", "override", "split", "converted", "skip",
    "appeal granted", "appeal denied", "reinstate", "slot", "by provider paid", "by provider returned",
    "because refund", "because over_refund", "because order_edit", "because chargeback", "because rejected",
)  # fmt: skip
STATES = ("ready", "sent", "unknown", "paid", "returned")


def _unless(refusal: type[Exception] | tuple[type[Exception], ...], deed: Any) -> None:
    try:
        deed()
    except refusal:
        end_reading()


def test_the_live_system_keeps_its_books(fresh: Fresh) -> None:
    wanted, seed = budget.steps(db.engine.dialect.name), budget.seed()
    wanted_to_see = ALWAYS_SEEN + (SEEN_IN_MIDDLING_RUNS if wanted >= 800 else ()) + (SEEN_IN_LONG_RUNS if wanted >= 3000 else ())
    LiveModel.fresh, LiveModel.steps, LiveModel.stories, LiveModel.seen = fresh, 0, 0, Counter()
    missing = set(wanted_to_see)
    for round_ in range(ROUNDS):  # a round tells fewer steps than it may, and luck may leave out what is rare
        left = max(wanted - LiveModel.steps, wanted // 8)
        try:
            _tell_stories(seed + 1000 * round_, max(1, left // LENGTH))
        finally:
            budget.note(f"model, seed {seed}, round {round_ + 1}: {LiveModel.steps} steps in {LiveModel.stories} stories")
        missing = {what for what in wanted_to_see if not LiveModel.seen[what]}
        if LiveModel.steps >= wanted and not missing:
            break
    budget.note("saw " + ", ".join(f"{what} {count}" for what, count in sorted(LiveModel.seen.items())))
    assert not missing, f"the model never saw {missing}"
    assert LiveModel.steps >= wanted


def _tell_stories(seed: int, stories: int) -> None:
    LiveModel._hypothesis_internal_use_seed = seed  # type: ignore[attr-defined]
    how = settings(
        max_examples=stories, stateful_step_count=LENGTH, deadline=None, database=None,
        phases=(Phase.generate, Phase.shrink) if budget.SHRINK else (Phase.generate,), report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck), print_blob=False,
    )  # fmt: skip
    run_state_machine_as_test(LiveModel, settings=how)
