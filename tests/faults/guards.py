"""What keeps the invariants, each with a way to switch it off and with the attack that it stands against.

A guard in the code is switched off by changing one piece of its function's text, so that the function itself is what runs,
whoever holds it; a guard in the database by dropping its trigger or constraint.
"""

from __future__ import annotations

import inspect
import json
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from socialshop.domain import attribution, commissions, ledger, orders, payouts, programs, sending
from socialshop.domain.commissions import arriving, booking, facts, paying, taking
from socialshop.domain.ledger import Leg, Pocket, triggers
from socialshop.domain.ledger import actions as ledger_actions
from socialshop.domain.orders import refunds
from socialshop.domain.payouts import actions as payout_actions
from socialshop.domain.replay import differences, run
from socialshop.domain.sending import actions as sending_actions
from socialshop.flows import bank, inbound, payout, send, send_answer
from socialshop.kernel import faults, money
from socialshop.kernel.database import db, end_reading, session, transaction
from socialshop.kernel.errors import DomainError

from .. import send_stage
from ..doubles.stores import Giving, Sale, ShopifyDouble
from ..doubles.xendit import XenditDouble
from ..flows.live import Stage
from ..flows.money_story import FINANCE, LATER, order, staged
from .documents import BEGIN
from .play import Play

SCENARIOS = sorted((Path(__file__).parent.parent / "scenarios").rglob("*.json"))
Off = Callable[[], AbstractContextManager[None]]


class Broken(AssertionError):
    """An attack got through, and `verify` is not what would notice; the text begins with the invariant."""


@dataclass(frozen=True)
class Attack:
    """What is tried, on which invariants, and every guard that stands against it by itself."""

    name: str
    breaks: tuple[str, ...]
    guards: dict[str, Off]
    run: Callable[[], None]
    postgresql_only: bool = False  # SQLite cannot drop a unique constraint, and lets one writer in at a time

    def __str__(self) -> str:
        return self.name.replace(" ", "_")

    @property
    def of_the_database(self) -> bool:
        """Whether one of its guards is the database's own, and so another one on each."""
        return any(name.startswith(("trigger", "unique")) for name in self.guards)


_texts: dict[Any, str] = {}  # of functions that are changed just now


@contextmanager
def changed(function: Any, old: str, new: str) -> Iterator[None]:
    """The function with one piece of its text replaced, wherever it is held; a further piece may be replaced inside."""
    source = _texts.get(function) or textwrap.dedent(inspect.getsource(function))
    assert source.count(old) == 1, f"{function.__name__} does not say {old!r} once any more"
    scope: dict[str, Any] = {}
    text_now = source.replace(old, new)
    exec(compile("from __future__ import annotations\n" + text_now, "guard off", "exec"), function.__globals__, scope)
    kept = function.__code__, _texts.get(function)
    function.__code__, _texts[function] = scope[function.__name__].__code__, text_now
    try:
        yield
    finally:
        function.__code__, _texts[function] = kept[0], kept[1] or ""


def off(function: Any, old: str, new: str) -> Off:
    return lambda: changed(function, old, new)


def all_off(*guards: Off) -> Off:
    """What is one guard, and stands in several places."""

    @contextmanager
    def both() -> Iterator[None]:
        with ExitStack() as stack:
            for guard in guards:
                stack.enter_context(guard())
            yield

    return both


def execute(*statements: str, **values: Any) -> None:
    with transaction():
        for statement in statements:
            session().execute(text(statement), values)


@contextmanager
def without_trigger(*names: str) -> Iterator[None]:
    """The database of this test without some of its triggers, for good: each test has its own."""
    drops = [sql for sql in triggers.drop_statements(db.engine.dialect.name) if any(f" {name}" in sql for name in names)]
    assert len(drops) >= len(names)
    with db.engine.begin() as connection:
        for sql in drops:
            connection.exec_driver_sql(sql)
    yield


def no_trigger(*names: str) -> Off:
    return lambda: without_trigger(*names)


@contextmanager
def without_unique(table: str, *columns: str) -> Iterator[None]:
    name = f"uq_{table}_{'_'.join(columns)}"
    with db.engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    yield


def no_unique(table: str, *columns: str) -> Off:
    return lambda: without_unique(table, *columns)


# --- attacks ---------------------------------------------------------------------------------------


def _newest_move() -> int:
    found = session().execute(text("SELECT MAX(id) FROM ledger_transactions")).scalar_one()
    end_reading()
    return int(found)


def unbalanced_move() -> None:
    stage = staged(order())
    legs = [Leg(Pocket("owed"), -5, "USD"), Leg(Pocket("held", stage.ids["A"]), 6, "USD")]
    with transaction():
        ledger.book(stage.program_id, "bad", legs, kind="adjust", at=LATER, now=LATER)


def sealed_move() -> None:
    staged(order())
    move = _newest_move()
    execute(
        "INSERT INTO ledger_postings (transaction_id, account_id, minor, currency) "
        "SELECT transaction_id, account_id, minor, currency FROM ledger_postings WHERE transaction_id = :move",
        move=move,
    )


def rewritten_past() -> None:
    staged(order())
    execute("UPDATE ledger_postings SET minor = minor * 2 WHERE transaction_id = :move", move=_newest_move())


def forgotten_move() -> None:
    staged(order(), order("o2"))
    move = _newest_move()
    execute(
        "UPDATE commission_steps SET transaction_id = NULL WHERE transaction_id = :move",
        "DELETE FROM ledger_postings WHERE transaction_id = :move",
        "DELETE FROM ledger_transactions WHERE id = :move",
        move=move,
    )


def stale_total() -> None:
    stage = staged(order())
    stage.tell({"type": "refund", "id": "r1", "order": "o1", "at": LATER.isoformat(), "amount": 40_000})


def overdraft() -> None:
    stage = staged(order())
    [row] = session().query(commissions.Commission).all()
    legs = [
        Leg(Pocket("held", stage.ids["A"]), -20_000, "USD", row.id),
        Leg(Pocket("owed"), 20_000, "USD", row.id),
    ]
    end_reading()
    with transaction():
        ledger.book(stage.program_id, "too much", legs, kind="adjust", at=LATER, now=LATER)


def two_runs_that_saw_the_same() -> None:
    stage = staged(order())
    payout.release_due({}, now=LATER)
    seen = commissions.positions(stage.program_id)
    end_reading()
    payout.start(stage.brand_id, "one", actor=FINANCE, now=LATER)
    read = commissions.positions
    commissions.positions = lambda *_args, **_how: seen
    try:
        payout.start(stage.brand_id, "two", actor=FINANCE, now=LATER)
    finally:
        commissions.positions = read


@contextmanager
def meeting(module: Any, name: str, *, at: str = "") -> Iterator[None]:
    """Two threads that call this function (at this named place) go on together, or alone when the other cannot come."""
    original, place = getattr(module, name), threading.Barrier(2, timeout=1.2)

    def meet(*args: Any, **facts: Any) -> Any:
        if not at or args[0] == at:
            with suppress(threading.BrokenBarrierError):
                place.wait()
        return original(*args, **facts)

    setattr(module, name, meet)
    try:
        yield
    finally:
        setattr(module, name, original)


def at_once(*deeds: Callable[[], Any]) -> None:
    """Do it in as many threads, each with a connection of its own; a refusal is an answer."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    wrong: list[BaseException] = []

    def one(deed: Callable[[], Any]) -> None:
        with app.app_context():
            try:
                deed()
            except (DomainError, DBAPIError):
                session().rollback()
            except BaseException as error:
                wrong.append(error)

    end_reading()
    threads = [threading.Thread(target=one, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise wrong[0]


def two_runs_at_once() -> None:
    """Two people press the button; each has seen what is due before the other has written anything.

    The pockets' own guard is another attack's, and off here.
    """
    stage = staged(order())
    payout.release_due({}, now=LATER)

    def press(key: str) -> Callable[[], Any]:
        return lambda: payout.start(stage.brand_id, key, actor=FINANCE, now=LATER)

    with (
        changed(ledger_actions.book_all, "_refuse_overdraft(new)", "pass"),
        meeting(faults, "point", at="payout.batch.after_select"),
    ):
        at_once(press("one"), press("two"))


def change_from_an_old_reading() -> None:
    """What a refund takes back is worked out, and before it is written a payout takes the money away."""
    stage = staged(order())
    read = booking.change_to

    def too_late(*args: Any) -> Any:
        booking.change_to = read
        change = read(*args)
        payout.draw_run(stage.brand_id, "one", actor=FINANCE, now=LATER)
        return change

    payout.release_due({}, now=LATER)
    booking.change_to = too_late
    try:
        stage.tell({"type": "refund", "id": "r1", "order": "o1", "at": LATER.isoformat(), "amount": 40_000})
    finally:
        booking.change_to = read


@contextmanager
def _handed_over() -> Iterator[tuple[int, Callable[[], int]]]:
    """A payout that waits for its call, as (sending's id, how often the provider was called)."""
    with XenditDouble() as double:
        stage = staged(order(price=500_000, currency="IDR"))
        send_stage.connect(stage.brand_id, double, now=LATER)
        drawn = payout.start(stage.brand_id, "one", actor=FINANCE, now=LATER)
        send.choose(drawn, actor=FINANCE, now=LATER)
        [one] = payouts.of_run(drawn.id)
        row = sending.of_payout(one.id)
        assert row is not None
        sending_id = row.id
        end_reading()
        yield sending_id, lambda: sum(method == "POST" for method, _ in double.asked)


def sent_twice() -> None:
    """The job runs again after it has done its work."""
    with _handed_over() as (sending_id, calls):
        for _ in range(2):
            send.send({"sending": sending_id}, now=LATER)
        if calls() != 1:
            raise Broken("I-8")


def sent_by_two_at_once() -> None:
    """Two workers have one job, and both look before either has claimed."""
    with _handed_over() as (sending_id, calls), meeting(sending, "account"):
        at_once(*[lambda: send.send({"sending": sending_id}, now=LATER)] * 2)
        if calls() != 1:
            raise Broken("I-8")


def move_without_ledger() -> None:
    stale_total()


def units_lost_in_shares() -> None:
    _scenarios("I-6")


def payout_of_another_amount() -> None:
    stage = staged(order())
    payout.start(stage.brand_id, "one", actor=FINANCE, now=LATER)


def refund_of_more_than_was_paid() -> None:
    stage = staged(order())
    with transaction():
        orders.record_refund(stage.orders["o1"], key="r", lines={"l1": 250_000}, now=LATER, actor=FINANCE)


def same_refund_twice() -> None:
    stage = staged(order())
    for _ in range(2):
        with transaction():
            orders.record_refund(stage.orders["o1"], key="r", amount=40_000, now=LATER, actor=FINANCE)
    if orders.refunded_minor(stage.orders["o1"]) != 40_000:
        raise Broken("I-10")


def returned_and_then_paid() -> None:
    stage = staged(order())
    [one] = payouts.of_run(payout.start(stage.brand_id, "one", actor=FINANCE, now=LATER).id)
    end_reading()
    bank.return_(one.id, reason="closed account", actor=FINANCE, now=LATER)
    bank.confirm(one.id, actor=FINANCE, now=LATER)


def one_delivery_twice() -> None:
    """The same webhook is kept and worked twice; its refund states no id of its own that the room would know."""
    play = Play({"id": "p", "terms": {"rules": [{"id": "r", "percent": "10"}]}}, [{"id": "A", "codes": ["a"]}], set())
    sale = Sale(placed_at=BEGIN, code="a")
    play.sell(sale)
    giving = Giving(1, "11", 1, "50000", BEGIN)
    letter = ShopifyDouble(lambda *_: 200, "", "secret").refund(sale, giving)
    for _ in range(2):
        play.work([letter], False)
        with transaction():
            session().execute(text("UPDATE refunds SET key = 'seen-' || id WHERE key = 'refund:1'"))
    kept = session().execute(text("SELECT COUNT(*) FROM inbound_events WHERE topic = 'refunds/create'")).scalar_one()
    if kept != 1 or len(orders.refunds_of(play.stage.orders["s5001"])) != 1:
        raise Broken("I-12")


def fact_told_twice() -> None:
    stage = staged(order())
    event = {"type": "refund", "id": "r1", "order": "o1", "at": LATER.isoformat(), "amount": 30_000}
    stage._raw(event)
    stage._raw(event)
    if session().query(commissions.Commission).one().amount_minor != 7_000:
        raise Broken("I-13")


def refund_before_its_order() -> None:
    refund = {"type": "refund", "id": "r1", "order": "o1", "at": LATER.isoformat(), "amount": 30_000}
    staged(refund, order())


def robots_earn() -> None:
    _scenarios("I-18")


def _scenarios(invariant: str) -> None:
    """The engine's own examples; the first that fails tells."""
    for path in SCENARIOS:
        document = json.loads(path.read_text())
        if differences(document["expect"], run(document)):
            raise Broken(invariant, path.stem)


def frozen_people() -> None:
    """A creator changes the mail address to the customer's after the order came."""
    stage = Stage(
        {
            "program": {"id": "p", "terms": {"rules": [{"id": "r", "percent": "10"}]}},
            "creators": [{"id": "A", "codes": ["a"], "email": "rani@example.com"}],
            "events": [],
            "now": (LATER + timedelta(days=1)).isoformat(),
        }
    )
    stage.tell({**order(), "customer": {"id": "m", "email": "ayu@example.com"}})
    execute("UPDATE users SET email = 'ayu@example.com' WHERE email = 'rani@example.com'")


AS_READ = """Commission.state == commission.state,
            Commission.worth_minor == change.before.worth,
            Commission.given_minor == change.before.given,"""

ATTACKS = (
    Attack(
        "unbalanced move", ("I-1", "I-2"),
        {
            "ledger.book_all refuses": off(ledger_actions.book_all, "if len(legs) < 2 or imbalance(legs):", "if False:"),
            "trigger ledger_transactions_balanced": no_trigger("ledger_transactions_balanced"),
        },
        unbalanced_move,
    ),
    Attack(
        "leg added to a sealed move", ("I-3",),
        {"trigger ledger_postings_unsealed": no_trigger("ledger_postings_unsealed")}, sealed_move,
    ),
    Attack(
        "posted leg rewritten", ("I-3",),
        {"trigger ledger_postings_append_update": no_trigger("ledger_postings_append_update")}, rewritten_past,
    ),
    Attack(
        "newest move deleted", ("I-4",),
        {"triggers …_append_delete": no_trigger("ledger_postings_append_delete", "ledger_transactions_append_delete")},
        forgotten_move,
    ),
    Attack(
        "total not brought up", ("I-4",),
        {
            "booking.bring_up writes volumes": off(
                booking.bring_up, ".values(volume_minor=book.volume_of(share.creator))", ".values(volume_minor=Credit.volume_minor)"
            )
        },
        stale_total,
    ),
    Attack(
        "overdraft", ("I-5",), {"ledger refuses an overdraft": off(ledger_actions.book_all, "_refuse_overdraft(new)", "pass")}, overdraft,
    ),
    Attack(
        "commission moved without the ledger", ("I-6",),
        {"booking.bring_up books the legs": off(booking.bring_up, "legs = change.legs()", "legs = []")}, move_without_ledger,
    ),
    Attack(
        "unit lost in sharing", ("I-6",),
        {"money.split gives missing units out": off(money.split, "shares[i] += 1", "shares[i] += 0")}, units_lost_in_shares,
    ),
    Attack(
        "two runs that saw the same", ("I-8",),
        {
            "paying.pay looks again": off(paying.pay, "if not -before.owed_back <= item.minor <= before.open:", "if False:"),
        },
        two_runs_that_saw_the_same,
    ),
    Attack(
        "two runs at once", ("I-8",),
        {
            "programs.lock lets one in": off(programs.lock, ".with_for_update()", ""),
            "booking.write only as it was read": off(booking.write, AS_READ, ""),
            "unique payout_items (commission, place)": no_unique("payout_items", "commission_id", "place"),
            "unique program_events (program, arrival) and (program, effect)": all_off(
                no_unique("program_events", "program_id", "arrival"), no_unique("program_events", "program_id", "effect")
            ),
        },
        two_runs_at_once, postgresql_only=True,
    ),
    Attack(
        "change from an old reading", ("I-6",),
        {
            "booking.write only as it was read": off(booking.write, AS_READ, ""),
            "ledger refuses an overdraft": off(ledger_actions.book_all, "_refuse_overdraft(new)", "pass"),
        },
        change_from_an_old_reading,
    ),
    Attack(
        "one payout sent twice", ("I-8",),
        {
            "send claims only what waits": off(send._claim, 'row.state != "waiting" or ', ""),
            "send looks at the payout": off(send._claim, 'payout.state not in ("ready", "unknown") or ', ""),
            "sending.move keeps to its sources": off(sending_actions.move, ", Sending.state.in_(allowed)", ""),
        },
        sent_twice,
    ),
    Attack(
        "one payout sent by two at once", ("I-8",),
        {
            "sending is held": all_off(
                off(programs.lock, ".with_for_update()", ""), off(send_answer.held, ", lock=True", "")
            ),
            "sending.move keeps to its sources": off(sending_actions.move, ", Sending.state.in_(allowed)", ""),
        },
        sent_by_two_at_once, postgresql_only=True,
    ),
    Attack(
        "payout of another amount", ("I-9",),
        {"payouts.draw_up sums its items": off(payout_actions.draw_up, "amount_minor=sum(m for _, m in items)", "amount_minor=1 + sum(m for _, m in items)")},
        payout_of_another_amount,
    ),
    Attack(
        "refund of more than was paid", ("I-10",),
        {"refunds._taken refuses": off(refunds._taken, "if not 0 <= part <= left[line]:", "if False:")},
        refund_of_more_than_was_paid,
    ),
    Attack(
        "same refund twice", ("I-10",),
        {
            "refunds.record_refund looks for the key": off(refunds.record_refund, "if queries.find_refund(order_id, key) is not None:", "if False:"),
            "unique refunds (order, key)": no_unique("refunds", "order_id", "key"),
        },
        same_refund_twice, postgresql_only=True,
    ),
    Attack(
        "returned and then paid", ("I-11",),
        {
            "payouts.move keeps to its edges": off(payout_actions.move, "if source not in sources:", "if False:"),
        },
        returned_and_then_paid,
    ),
    Attack(
        "one event worked twice", ("I-12",),
        {"inbound.work looks at the mark": off(inbound.work, 'if event.state != "kept":', "if False:")}, one_delivery_twice,
    ),
    Attack(
        "fact told twice", ("I-13",),
        {
            "facts.keep knows it": off(facts.keep, "known = find(program_id, event.id)", "known = None"),
            "unique program_events (program, event)": no_unique("program_events", "program_id", "event_id"),
            "a ledger key says one thing": off(ledger_actions._known, "raise MoveConflict(row.key)", "pass"),
            "unique commission_steps (commission, event, kind)": no_unique("commission_steps", "commission_id", "event_id", "kind"),
        },
        fact_told_twice, postgresql_only=True,
    ),
    Attack(
        "refund before its order", ("I-6",),
        {"taking._follow_up takes what waited": off(taking._follow_up, "facts.waiting_for(row)", "[]")}, refund_before_its_order,
    ),
    Attack(
        "people judged as they are today", ("I-17",),
        {"arriving freezes what is known of people": off(arriving._note, "[each.to_document() for each in people.asked()]", "[]")}, frozen_people,
    ),
    Attack(
        "robots earn", ("I-18",), {"attribution asks for the class": off(attribution._flaw, 'if click.kind != "payable":', "if False:")}, robots_earn,
    ),
    Attack(
        "late clicks earn", ("I-18",), {"attribution asks for the time": off(attribution._outside, "if click.at > ordered_at:", "if False:")},
        robots_earn,
    ),
    Attack(
        "old clicks earn", ("I-18",),
        {"attribution asks for the window": off(attribution._outside, "< days(terms.window_days)", "< days(terms.window_days) * 1000")}, robots_earn,
    ),
)  # fmt: skip
