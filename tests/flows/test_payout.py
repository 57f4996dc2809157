"""Payout runs: once, for the right amount, and back again when the money comes back."""

from __future__ import annotations

import csv
import io
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from socialshop.domain import audit, commissions, ledger, payouts, people
from socialshop.flows import bank, bank_files, bank_results, payout, verify
from socialshop.kernel import faults
from socialshop.kernel.database import db, end_reading, session, transaction
from socialshop.kernel.errors import Invalid

from .money_story import FINANCE, LATER, order, staged

pytestmark = pytest.mark.usefixtures("room")


def start(stage, key="k", now=LATER):
    return payout.start(stage.brand_id, key, actor=FINANCE, now=now)


def pockets(stage, name="A"):
    creator = stage.ids[name]
    found = {kind: ledger.balances(kind, creator_id=creator) for kind in ("held", "payable", "in_transit", "owed_back")}
    return {kind: next(iter(rows.values())) for kind, rows in found.items() if rows}


def outside():
    return ledger.balances("bank")


def clean(now=LATER):
    assert verify.run(now) == []


def without_payee(stage, name):
    with transaction():
        session().execute(text("DELETE FROM payees WHERE creator_id = :id"), {"id": stage.ids[name]})


def test_from_held_to_the_bank():
    stage = staged(order())
    assert pockets(stage) == {"held": 10_000}
    with pytest.raises(payout.NothingDue):
        start(stage, now=LATER - timedelta(seconds=1))
    payout.release_due({}, now=LATER)
    payout.release_due({}, now=LATER)
    assert pockets(stage) == {"payable": 10_000}
    run = start(stage)
    [paid] = payouts.of_run(run.id)
    assert (paid.amount_minor, paid.currency, paid.state) == (10_000, "USD", "ready")
    assert pockets(stage) == {"in_transit": 10_000}
    assert bank.confirm(paid.id, actor=FINANCE, now=LATER)
    assert not bank.confirm(paid.id, actor=FINANCE, now=LATER)
    assert pockets(stage) == {}
    assert outside() == {(0, "USD"): 10_000}
    clean()


def test_a_run_that_releases_by_itself_needs_no_timetable():
    stage = staged(order())
    assert [p.amount_minor for p in payouts.of_run(start(stage).id)] == [10_000]


def test_a_double_tap_is_one_run():
    stage = staged(order())
    assert start(stage).public_id == start(stage).public_id
    assert len(payouts.runs_of(stage.brand_id)) == 1
    with pytest.raises(payout.NothingDue):
        start(stage, key="another")
    clean()


def test_a_refund_after_payment_is_owed_back_and_settled_first():
    stage = staged(order())
    [paid] = payouts.of_run(start(stage).id)
    bank.confirm(paid.id, actor=FINANCE, now=LATER)
    stage.tell({"type": "refund", "id": "r1", "order": "o1", "at": LATER.isoformat(), "amount": 40_000})
    assert pockets(stage) == {"owed_back": -4_000}
    clean()
    later = LATER + timedelta(days=15)
    stage.tell(order("o2", price=60_000, at=LATER))
    [second] = payouts.of_run(start(stage, key="k2", now=later).id)
    assert second.amount_minor == 2_000
    assert {item.minor for item in payouts.items_of(second.id)} == {6_000, -4_000}
    assert pockets(stage) == {"in_transit": 2_000}
    clean(later)
    bank.return_(second.id, reason="wrong number", actor=FINANCE, now=later)
    assert pockets(stage) == {"owed_back": -4_000, "payable": 6_000}
    clean(later)


def test_what_is_owed_back_eats_up_a_small_gain():
    stage = staged(order())
    start(stage)
    stage.tell({"type": "refund", "id": "r1", "order": "o1", "at": LATER.isoformat(), "full": True})
    stage.tell(order("o2", price=60_000, at=LATER))
    later = LATER + timedelta(days=14)
    refused(stage, key="k2", now=later)
    assert [(each.verdict, each.amount) for each in payout.preview(stage.brand_id, now=later)] == [("owed_back", -4_000)]
    payout.release_due({}, now=later)
    assert pockets(stage) == {"owed_back": -10_000, "payable": 6_000, "in_transit": 10_000}
    clean(later)


def test_too_little_and_no_payee_are_left_out_and_keep_their_balance():
    stage = staged(order(), order("o2", code="b", price=5_000), minimum_payout={"USD": 1_000})
    stage.tell(order("o3", code="b"))
    without_payee(stage, "A")
    run = start(stage)
    assert [row.creator_id for row in payouts.of_run(run.id)] == [stage.ids["B"]]
    assert [(s.creator_id, s.reason, s.amount_minor) for s in payouts.skips_of(run.id)] == [(stage.ids["A"], "no_payee", 10_000)]
    assert pockets(stage, "A") == {"payable": 10_000}
    clean()


def test_where_nobody_can_be_paid_there_is_no_run():
    """Neither whoever has no account, nor whoever has too little: it is said, and nothing is written."""
    stage = staged(order(), order("o2", code="b", price=5_000), minimum_payout={"USD": 1_000})
    without_payee(stage, "A")
    for _ in range(2):
        refused(stage)
    assert payouts.runs_of(stage.brand_id) == []
    assert {(each.creator_id, each.verdict, each.amount) for each in payout.preview(stage.brand_id, now=LATER)} == {
        (stage.ids["A"], "no_payee", 10_000),
        (stage.ids["B"], "below_minimum", 500),
    }
    facts = session().scalars(select(commissions.ProgramEvent.type)).all()
    end_reading()
    assert "payout" not in facts
    clean()


def refused(stage, **how):
    with pytest.raises(payout.NobodyPayable):
        start(stage, **how)


def test_an_account_that_money_came_back_from_is_said_before_the_next_run():
    stage = staged(order(), order("o2", code="b"))
    for each in payouts.of_run(start(stage).id):
        end_reading()
        bank.return_(each.id, reason="closed account", actor=FINANCE, now=LATER)
    with transaction() as db:
        old = people.payee_of(stage.ids["B"])
        old.replaced_at = LATER
        new = {"kind": "bank", "provider": "BCA", "number": "999", "number_end": "999", "holder": "B"}
        db.add(people.Payee(creator_id=stage.ids["B"], stated_at=LATER, **new))
    dead = {each.creator_id: each.came_back and each.came_back.why for each in payout.preview(stage.brand_id, now=LATER)}
    assert dead == {stage.ids["A"]: "closed account", stage.ids["B"]: None}
    again = start(stage, key="k2")
    assert {each.came_back for each in payout.preview(stage.brand_id, now=LATER)} == set()
    [first, _] = payouts.of_run(again.id)
    end_reading()
    bank.confirm(first.id, actor=FINANCE, now=LATER)
    assert payouts.come_back(creator_id=stage.ids["A"]) == []
    clean()


def test_a_creator_without_a_payee_is_paid_in_a_later_run():
    stage = staged(order(), order("o2", code="b"))
    without_payee(stage, "A")
    assert [p.creator_id for p in payouts.of_run(start(stage).id)] == [stage.ids["B"]]
    with transaction() as current:
        current.add(
            people.Payee(
                creator_id=stage.ids["A"], kind="bank", provider="BCA", number="1", number_end="1", holder="A", stated_at=LATER
            )
        )
    assert [p.creator_id for p in payouts.of_run(start(stage, key="k2").id)] == [stage.ids["A"]]
    clean()


def test_returned_money_is_the_creators_again():
    stage = staged(order())
    [paid] = payouts.of_run(start(stage).id)
    with pytest.raises(bank.ReasonNeeded):
        bank.return_(paid.id, reason=" ", actor=FINANCE, now=LATER)
    assert bank.return_(paid.id, reason="account closed", actor=FINANCE, now=LATER)
    assert not bank.return_(paid.id, reason="account closed", actor=FINANCE, now=LATER)
    assert pockets(stage) == {"payable": 10_000}
    with pytest.raises(payouts.NotAlongAnEdge):
        bank.confirm(paid.id, actor=FINANCE, now=LATER)
    [again] = payouts.of_run(start(stage, key="k2").id)
    bank.confirm(again.id, actor=FINANCE, now=LATER)
    bank.return_(again.id, reason="came back after all", actor=FINANCE, now=LATER)
    assert pockets(stage) == {"payable": 10_000}
    assert outside() == {}
    clean()


def test_an_unknown_outcome_waits_for_a_person_with_a_reason():
    stage = staged(order())
    [paid] = payouts.of_run(start(stage).id)
    bank.lose_sight(paid.id, reason="no answer from the bank", actor=FINANCE, now=LATER)
    assert pockets(stage) == {"in_transit": 10_000}
    assert bank.confirm_all(payouts.run(paid.run_id), actor=FINANCE, now=LATER) == 0
    with pytest.raises(bank.ReasonNeeded):
        bank.confirm(paid.id, actor=FINANCE, now=LATER)
    bank.confirm(paid.id, actor=FINANCE, now=LATER, reason="on the bank's statement of 15 June")
    steps = [(step.step, step.actor) for step in payouts.steps_of(paid.id)]
    assert steps == [("ready", "user:usr_fina"), ("unknown", "user:usr_fina"), ("paid", "user:usr_fina")]
    clean()


def test_two_currencies_are_two_payouts_and_come_back_one_by_one():
    stage = staged(order(), order("o2", currency="IDR", price=200_000))
    made = {p.currency: p for p in payouts.of_run(start(stage).id)}
    assert {c: p.amount_minor for c, p in made.items()} == {"USD": 10_000, "IDR": 20_000}
    bank.return_(made["IDR"].id, reason="closed", actor=FINANCE, now=LATER)
    bank.confirm(made["USD"].id, actor=FINANCE, now=LATER)
    assert ledger.balances("payable") == {(stage.ids["A"], "IDR"): 20_000}
    clean()


def test_the_bank_file_keeps_leading_zeros_and_runs_no_formula():
    stage = staged(order(), order("o2", code="b", currency="IDR", price=200_000))
    with transaction():
        for payee in session().scalars(select(people.Payee)):
            payee.number, payee.holder = "0012345", "=cmd|'/c calc'!A1"
    run = start(stage)
    rows = list(csv.DictReader(io.StringIO(bank_files.whole(run, actor=FINANCE, now=LATER))))
    assert list(rows[0]) == [column.header for column in payouts.NEUTRAL.columns]
    assert {(row["account_number"], row["account_name"], row["amount"], row["currency"]) for row in rows} == {
        ("0012345", "'=cmd|'/c calc'!A1", "100.00", "USD"),
        ("0012345", "'=cmd|'/c calc'!A1", "20000", "IDR"),
    }
    assert {p.state for p in payouts.of_run(run.id)} == {"sent"}
    revealed = session().scalars(select(audit.Entry.subject).where(audit.Entry.act == "payee.revealed")).all()
    assert set(revealed) == {p.public_id for p in payouts.of_run(run.id)}
    assert bank_files.whole(run, actor=FINANCE, now=LATER) != ""
    clean()


def test_results_from_the_bank_are_taken_once_and_nothing_is_guessed():
    stage = staged(order(), order("o2", code="b"))
    run = start(stage)
    one, two = payouts.of_run(run.id)
    good = f"reference;result;reason\n{one.public_id};BERHASIL;\n{two.public_id};gagal;rekening tutup\n"
    for bad in (
        "",
        "a,b\n1,2\n",
        f"reference,result\n{one.public_id},maybe\n",
        f"reference,result\n{one.public_id},paid\nrun_x,paid\n",
    ):
        with pytest.raises(Invalid):
            bank_results.take(run, bad, actor=FINANCE, now=LATER)
    assert {p.state for p in payouts.of_run(run.id)} == {"ready"}
    assert bank_results.take(run, good, actor=FINANCE, now=LATER) == {"paid": 1, "returned": 1, "unknown": 0}
    assert bank_results.take(run, good, actor=FINANCE, now=LATER) == {"paid": 0, "returned": 0, "unknown": 0}
    assert (pockets(stage, "A"), pockets(stage, "B")) == ({}, {"payable": 10_000})
    clean()


POINTS = [
    "ledger.after_first_posting:raise",
    "ledger.after_first_posting:raise:2",
    "payout.batch.after_select:raise",
    "payout.item.after_reserve:raise",
    "payout.item.after_reserve:raise:2",
    "payout.after_save_before_ledger:raise:2",
    "payout.after_ledger:raise:2",
]


@pytest.mark.parametrize("fault", POINTS)
def test_a_run_that_breaks_in_the_middle_leaves_nothing_and_can_be_repeated(fault):
    stage = staged(order(), order("o2", code="b"))
    payout.release_due({}, now=LATER)
    faults.arm(fault)
    with pytest.raises(faults.Fault):
        start(stage)
    faults.arm("")
    assert payouts.runs_of(stage.brand_id) == []
    assert (pockets(stage, "A"), pockets(stage, "B")) == ({"payable": 10_000}, {"payable": 10_000})
    clean()
    assert [p.amount_minor for p in payouts.of_run(start(stage).id)] == [10_000, 10_000]
    clean()


@pytest.mark.parametrize(
    "fault",
    [
        "payout.before_send:raise",
        "payout.after_send_before_save:raise",
        "payout.response_lost:raise",
        "payout.reconcile.mid:raise",
        "ledger.after_first_posting:raise:2",
    ],
)
def test_settling_with_the_bank_goes_on_where_it_broke(fault):
    stage = staged(order(), order("o2", code="b"))
    run = start(stage)

    def work():
        bank_files.whole(run, actor=FINANCE, now=LATER)
        bank.confirm_all(run, actor=FINANCE, now=LATER)

    faults.arm(fault)
    with pytest.raises(faults.Fault):
        work()
    faults.arm("")
    clean()
    work()
    assert outside() == {(0, "USD"): 20_000}
    clean()


def test_releasing_goes_on_where_it_broke():
    stage = staged(order(), order("o2", code="b"))
    for fault in ("ledger.after_first_posting:raise:2", "ledger.after_commit_before_balance_cache:raise"):
        faults.arm(fault)
        with pytest.raises(faults.Fault):
            payout.release_due({}, now=LATER)
        faults.arm("")
        clean()
    payout.release_due({}, now=LATER)
    assert (pockets(stage, "A"), pockets(stage, "B")) == ({"payable": 10_000}, {"payable": 10_000})
    clean()


def _at_once(app, work, times=8):
    """Run `work(n)` in so many threads that start together; what each returned or raised."""
    gate, answers = threading.Barrier(times), []

    def one(n):
        with app.app_context():
            gate.wait()
            try:
                answers.append(work(n))
            except Exception as error:
                answers.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=one, args=(n,)) for n in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _drop_reading():
    session().commit()


def test_eight_starts_at_once_pay_once(app):
    stage = staged(order(), order("o2", code="b"))
    _drop_reading()
    answers = _at_once(app, lambda n: start(stage, key=f"k{n}").id)
    assert len([a for a in answers if isinstance(a, int)]) == 1
    assert all(isinstance(a, (int, payout.NothingDue)) for a in answers), answers
    session().expire_all()
    assert sorted(p.amount_minor for run in payouts.runs_of(stage.brand_id) for p in payouts.of_run(run.id)) == [10_000, 10_000]
    assert (pockets(stage, "A"), pockets(stage, "B")) == ({"in_transit": 10_000}, {"in_transit": 10_000})
    clean()


def test_eight_taps_with_one_key_are_one_run(app):
    stage = staged(order())
    _drop_reading()
    answers = _at_once(app, lambda n: start(stage).id)
    assert len(set(answers)) == 1, answers
    clean()


def test_eight_confirmations_at_once_move_the_money_once(app):
    stage = staged(order())
    [paid] = payouts.of_run(start(stage).id)
    paid_id = paid.id
    _drop_reading()
    answers = _at_once(app, lambda n: bank.confirm(paid_id, actor=FINANCE, now=LATER))
    assert sorted(answers) == [False] * 7 + [True]
    assert outside() == {(0, "USD"): 10_000}
    clean()


def test_a_run_on_an_old_reading_is_refused(monkeypatch):
    """The negative control of the program's lock: a second run decides on what the first one saw."""
    stage = staged(order())
    payout.release_due({}, now=LATER)
    seen = commissions.positions(stage.program_id)
    start(stage)
    monkeypatch.setattr(commissions, "positions", lambda program_id: seen)
    with pytest.raises(commissions.Moved):
        start(stage, key="k2")
    assert pockets(stage) == {"in_transit": 10_000}
    clean()


def test_the_database_lets_one_item_in_at_each_place():
    """The last guard, with lock and reading off: two payouts that count the same item of a commission."""
    stage = staged(order())
    [first] = payouts.of_run(start(stage).id)
    [item] = payouts.items_of(first.id)
    other = {"run_id": first.run_id, "program_id": first.program_id, "creator_id": stage.ids["B"], "currency": "USD"}
    with pytest.raises(IntegrityError), transaction() as current:  # noqa: PT012
        second = payouts.Payout(
            **other, amount_minor=1, payee_kind="bank", payee_provider="", payee_number="", payee_holder="", drawn_at=LATER
        )
        current.add(second)
        current.flush()
        current.add(payouts.PayoutItem(payout_id=second.id, commission_id=item.commission_id, place=item.place, minor=1))
    clean()


def test_letters_are_written_in_the_same_transaction():
    stage = staged(order())
    [paid] = payouts.of_run(start(stage).id)
    bank.return_(paid.id, reason="closed", actor=FINANCE, now=LATER)
    keys = session().scalars(text("SELECT key FROM jobs")).all()
    assert any("payout_returned" in key for key in keys)
