"""Orders, refunds and edits reach the engine once, choose their program, and end in the ledger."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from socialshop.domain import commissions, ledger, orders, programs
from socialshop.domain.audit import SYSTEM
from socialshop.domain.replay import Refund
from socialshop.flows import bank, judge, payout, settle, verify
from socialshop.kernel import faults
from socialshop.kernel.database import session, transaction

from .money_story import FINANCE, LATER, ORDERED, order, staged

pytestmark = pytest.mark.usefixtures("room")


def held(stage, name="A"):
    return ledger.balances("held", creator_id=stage.ids[name]).get((stage.ids[name], "USD"), 0)


def facts():
    return session().scalar(select(func.count()).select_from(commissions.ProgramEvent))


def test_an_order_told_twice_is_owed_once():
    stage = staged(order())
    before = facts()
    with transaction():
        settle.arrive(stage.orders["o1"], now=LATER)
    assert facts() == before
    assert held(stage) == 10_000
    assert verify.run(ORDERED) == []


def test_an_order_told_again_after_it_was_edited_changes_nothing():
    edit = {"type": "order_edit", "id": "e1", "order": "o1", "at": ORDERED.isoformat(), "lines": order(price=60_000)["lines"]}
    stage = staged(order(), edit)
    before = facts()
    with transaction():
        settle.arrive(stage.orders["o1"], now=ORDERED)
    assert (facts(), held(stage)) == (before, 6_000)
    assert verify.run(ORDERED) == []


@pytest.mark.parametrize("fault", ["ledger.after_first_posting:raise", "ledger.before_commit:raise"])
def test_an_order_that_breaks_in_the_middle_leaves_nothing_and_can_be_repeated(fault):
    stage = staged()
    faults.arm(fault)
    with pytest.raises(faults.Fault):
        stage.tell(order())
    faults.arm("")
    assert facts() == 0
    assert verify.run(ORDERED) == []
    stage.orders.clear()
    stage.tell(order())
    assert held(stage) == 10_000
    assert verify.run(ORDERED) == []


def test_a_refund_told_twice_is_taken_back_once():
    stage = staged(order())
    refund = {"type": "refund", "id": "r1", "order": "o1", "at": ORDERED.isoformat(), "amount": 30_000}
    stage.tell(refund)
    stage.tell(refund)
    [booked] = orders.refunds_of(stage.orders["o1"])
    with transaction():
        settle.give_back(booked.id, now=LATER)
    assert held(stage) == 7_000
    assert verify.run(ORDERED) == []


@pytest.mark.parametrize("fault", ["ledger.after_first_posting:raise", "ledger.before_commit:raise"])
def test_a_refund_that_breaks_in_the_middle_leaves_nothing(fault):
    stage = staged(order())
    refund = {"type": "refund", "id": "r1", "order": "o1", "at": ORDERED.isoformat(), "full": True}
    faults.arm(fault)
    with pytest.raises(faults.Fault):
        stage.tell(refund)
    faults.arm("")
    assert held(stage) == 10_000
    stage.tell(refund)
    assert held(stage) == 0
    assert verify.run(ORDERED) == []


def test_a_refund_before_the_money_came_is_taken_with_the_order():
    stage = staged()
    with transaction() as current:
        row = orders.Order(
            public_id="o1",
            number="o1",
            brand_id=stage.brand_id,
            connection_id=stage.store_id,
            remote_id="o1",
            state="awaiting",
            method="outside",
            currency="USD",
            total_minor=0,
            code="a",
            placed_at=ORDERED,
        )
        current.add(row)
        current.flush()
        current.add(orders.OrderLine(order_id=row.id, key="l1", title="l1", price_minor=100_000, quantity=1))
        orders.log(row.id, "placed", now=ORDERED, actor=SYSTEM)
        refund = orders.Refund(
            order_id=row.id, key="r1", lines=[{"line": "l1", "amount": 100_000}], amount_minor=100_000, at=ORDERED
        )
        current.add(refund)
        current.flush()
        settle.give_back(refund.id, now=ORDERED)
        assert facts() == 0
        orders.mark_paid(row.id, now=ORDERED, actor=SYSTEM)
        settle.arrive(row.id, now=ORDERED)
        [commission] = commissions.of_order(row.id)
        assert (commission.original_minor, commission.amount_minor, commission.state) == (10_000, 0, "reversed")


def test_one_id_says_one_thing():
    stage = staged(order())
    at = ORDERED
    with transaction():
        settle.take(settle.ground_of(stage.program_id, at), Refund("r1", at, "o1", amount=100), now=at)
    with pytest.raises(commissions.FactConflict), transaction():
        settle.take(settle.ground_of(stage.program_id, at), Refund("r1", at, "o1", amount=101), now=at)


def test_who_left_later_keeps_what_they_earned():
    """The facts about people are frozen with the order: leaving, or a new mail address, changes nothing."""
    stage = staged(order())
    with transaction() as current:
        stay = current.scalars(select(programs.Enrollment).where(programs.Enrollment.creator_id == stage.ids["A"])).one()
        stay.state, stay.ended_at = "left", ORDERED - timedelta(days=1)
    stage.tell({"type": "refund", "id": "r1", "order": "o1", "at": ORDERED.isoformat(), "amount": 30_000})
    assert held(stage) == 7_000
    assert verify.run(ORDERED) == []


def test_held_let_go_and_rejected_by_a_person():
    stage = staged(order())
    [commission] = commissions.of_order(stage.orders["o1"])
    with pytest.raises(bank.ReasonNeeded):
        judge.hold(commission.id, key="h", reason="", actor=FINANCE, now=ORDERED)
    for _ in range(2):
        judge.hold(commission.id, key="h", reason="Looks like a reseller.", actor=FINANCE, now=ORDERED)
    commission = commissions.by_ids([commission.id])[commission.id]
    assert (commission.state, commission.held_why) == ("held", "Looks like a reseller.")
    payout.release_due({}, now=LATER)
    with pytest.raises(payout.NothingDue):
        payout.start(stage.brand_id, "k", actor=FINANCE, now=LATER)
    assert verify.run(LATER) == []
    assert judge.let_go(commission.id, actor=FINANCE, now=LATER) == 1
    assert judge.let_go(commission.id, actor=FINANCE, now=LATER) == 0
    assert commissions.by_ids([commission.id])[commission.id].state == "due"
    judge.hold(commission.id, key="h2", reason="Once more.", actor=FINANCE, now=LATER)
    assert ledger.balances("payable") == {}
    assert verify.run(LATER) == []
    judge.reject(commission.id, key="j", reason="It was a reseller.", actor=FINANCE, now=LATER)
    assert commissions.by_ids([commission.id])[commission.id].state == "rejected"
    assert ledger.balances("held") == {}
    with pytest.raises(judge.NothingLeft):
        judge.reject(commission.id, key="j2", reason="Again.", actor=FINANCE, now=LATER)
    assert verify.run(LATER) == []


def test_an_order_of_a_brand_without_a_program_is_left_alone(world):
    brand = world.brand("tanpa")
    with transaction() as current:
        row = orders.Order(
            public_id="o1",
            number="o1",
            brand_id=brand.id,
            state="paid",
            method="outside",
            currency="USD",
            total_minor=0,
            placed_at=ORDERED,
        )
        current.add(row)
        current.flush()
        settle.arrive(row.id, now=ORDERED)
        assert orders.get(row.id).program_id is None
