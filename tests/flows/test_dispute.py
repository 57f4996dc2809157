"""Disputes: what is open waits, and the outcome decides; a part that is lost is a refund of that part."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from socialshop.domain import commissions, orders, payouts
from socialshop.flows import bank, dispute, payout, receipt, verify
from socialshop.flows.bank import ReasonNeeded
from socialshop.kernel import faults
from socialshop.kernel.database import end_reading, session, transaction

from .money_story import FINANCE, LATER, ORDERED, order, staged
from .test_judge import commission_of

pytestmark = pytest.mark.usefixtures("room")


def open_(stage, key="k", amount=None, now=ORDERED):
    return dispute.open_(stage.orders["o1"], key=key, amount=amount, reason="Kasus 4711", actor=FINANCE, now=now)


def close(row, *, won, now=ORDERED):
    return dispute.close(row.id, won=won, reason="Putusan bank", actor=FINANCE, now=now)


def paid_out(stage):
    payout.release_due({}, now=LATER)
    payout.start(stage.brand_id, "k", actor=FINANCE, now=LATER)


def steps(stage):
    return [step.step for step in orders.steps_of(stage.orders["o1"]) if "disput" in step.step]


def test_a_dispute_holds_and_a_won_one_lets_go(world):
    stage = staged(order())
    assert open_(stage).id == open_(stage).id
    assert (commission_of(stage).state, commission_of(stage).held_why) == ("held", "dispute")
    payout.release_due({}, now=LATER)
    with pytest.raises(payout.NothingDue):
        payout.start(stage.brand_id, "k", actor=FINANCE, now=LATER)
    assert verify.run(LATER) == []
    [row] = orders.disputes_of(stage.orders["o1"])
    assert [close(row, won=True, now=LATER) for _ in range(2)] == [True, False]
    assert commission_of(stage).state == "due"
    assert steps(stage) == ["disputed", "dispute_won"]
    assert len(world.letters(now=LATER)) == 2
    with pytest.raises(orders.DisputeOver):
        close(row, won=False)
    assert verify.run(LATER) == []


def test_a_dispute_of_what_was_paid_does_not_say_that_anything_is_held():
    stage = staged(order())
    payout.release_due({}, now=LATER)
    [paid] = payouts.of_run(payout.start(stage.brand_id, "k", actor=FINANCE, now=LATER).id)
    end_reading()
    bank.confirm(paid.id, actor=FINANCE, now=LATER)
    open_(stage, now=LATER)
    found = receipt.of_commission(commission_of(stage))
    told = receipt.tell(found, audience="creator", locale="en", zone="UTC", now=LATER)
    step = next(each for each in told.steps if "disputed" in each.title)
    assert (step.title, step.sentences) == (
        "Payment disputed", ("Nothing of this commission was open, so there was nothing to hold back.",)
    )  # fmt: skip
    other = staged_again(stage)
    assert [each.title for each in other.steps if "disputed" in each.title] == ["Payment disputed, on hold"]


def staged_again(stage):
    """The receipt of a second order, disputed before it was paid."""
    stage.tell(order("o2"))
    dispute.open_(stage.orders["o2"], key="k2", amount=None, reason="Kasus 4712", actor=FINANCE, now=ORDERED)
    row = next(each for each in commissions.listed(creator_id=stage.ids["A"], now=LATER) if each.order_id == stage.orders["o2"])
    return receipt.tell(receipt.of_commission(row), audience="creator", locale="en", zone="UTC", now=LATER)


def test_a_lost_one_takes_everything_paid_or_not_and_the_money_counts_as_given_back():
    stage = staged(order())
    paid_out(stage)
    row = open_(stage, now=LATER)
    assert commission_of(stage).state == "paid"
    for result in (True, False):
        assert close(row, won=False, now=LATER) is result
    mine = commission_of(stage)
    assert (mine.worth_minor, mine.owed_back_minor, mine.state) == (0, 10_000, "paid")
    assert [(step.kind, step.reason) for step in commissions.steps_of(mine.id)][-1] == ("clawback", "chargeback")
    [refund] = orders.refunds_of(stage.orders["o1"])
    assert (refund.amount_minor, orders.get(stage.orders["o1"]).state) == (100_000, "refunded")
    with pytest.raises(orders.NothingLeft):
        open_(stage, key="again", now=LATER)
    assert verify.run(LATER) == []


def test_a_part_that_is_lost_takes_that_part_only():
    stage = staged(order())
    row = open_(stage, amount=30_000)
    assert commission_of(stage).state == "held"
    close(row, won=False)
    assert (commission_of(stage).state, commission_of(stage).worth_minor) == ("pending", 7_000)
    assert orders.refunded_minor(stage.orders["o1"]) == 30_000
    again = open_(stage, key="again", amount=70_000)
    assert again.amount_minor is None  # all that is left is all
    close(again, won=False)
    assert (commission_of(stage).state, commission_of(stage).worth_minor) == ("reversed", 0)
    assert verify.run(LATER) == []


def test_what_was_given_back_meanwhile_is_not_lost_twice():
    stage = staged(order())
    row = open_(stage, amount=30_000)
    stage.tell({"type": "refund", "id": "r1", "order": "o1", "at": ORDERED.isoformat(), "amount": 80_000})
    close(row, won=False)
    assert orders.refunded_minor(stage.orders["o1"]) == 100_000
    assert commission_of(stage).worth_minor == 0
    assert verify.run(LATER) == []


def test_what_is_refused():
    stage = staged(order())
    with pytest.raises(ReasonNeeded):
        dispute.open_(stage.orders["o1"], key="x", reason=" ", actor=FINANCE, now=ORDERED)
    with pytest.raises(orders.RefundTooLarge):
        open_(stage, amount=100_001)
    row = open_(stage)
    with pytest.raises(orders.DisputeRuns):
        open_(stage, key="second")
    with pytest.raises(ReasonNeeded):
        dispute.close(row.id, won=True, reason="", actor=FINANCE, now=ORDERED)


def test_an_order_that_nobody_paid_is_not_disputed(world):
    brand = world.brand("kopi")
    product = world.product(brand)
    waiting = world.order((product, 1))
    with pytest.raises(orders.NotDisputable):
        dispute.open_(waiting.id, key="x", reason="?", actor=FINANCE, now=ORDERED)
    paid = world.order((product, 1), paid=True)  # of a brand without a program: nobody earns, the dispute is kept
    row = dispute.open_(paid.id, key="x", reason="?", actor=FINANCE, now=ORDERED)
    dispute.close(row.id, won=False, reason="!", actor=FINANCE, now=ORDERED)
    assert orders.get(paid.id).state == "refunded"
    assert verify.run(ORDERED) == []


@pytest.mark.parametrize("deed", ["open", "won", "lost", "part"])
def test_a_step_that_breaks_in_the_middle_leaves_nothing(deed):
    stage = staged(order())
    row = None if deed == "open" else open_(stage, amount=30_000 if deed == "part" else None)
    deeds = {
        "open": lambda: open_(stage),
        "won": lambda: close(row, won=True),
        "lost": lambda: close(row, won=False),
        "part": lambda: close(row, won=False),
    }
    before = (commission_of(stage).state, commission_of(stage).worth_minor, steps(stage), orders.refunds_of(stage.orders["o1"]))
    faults.arm("ledger.before_commit:raise")
    with pytest.raises(faults.Fault):
        deeds[deed]()
    faults.arm("")
    after = (commission_of(stage).state, commission_of(stage).worth_minor, steps(stage), orders.refunds_of(stage.orders["o1"]))
    assert after == before
    assert verify.run(LATER) == []
    deeds[deed]()
    assert verify.run(LATER) == []


def test_the_database_itself_refuses_a_second_open_dispute():
    stage = staged(order())
    open_(stage)
    twin = "INSERT INTO disputes (public_id, order_id, key, state, reason, opened_at, opened_by, closed_by, words) "
    with pytest.raises(IntegrityError), transaction() as current:
        current.execute(text(twin + "SELECT 'dsp_x', order_id, 'x', 'open', '', opened_at, '', '', '' FROM disputes"))
    assert session().scalar(select(func.count(orders.Dispute.id))) == 1


def test_verify_finds_a_dispute_that_its_order_does_not_tell_of():
    stage = staged(order())
    open_(stage)
    with transaction() as current:
        current.execute(update(orders.Dispute).values(state="lost"))
    assert [finding.check for finding in verify.run(LATER)] == ["I-11"]
