"""Runs by the calendar: every slot once, whatever the clock and the server do."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text

from socialshop.domain import audit, payouts, people
from socialshop.flows import payout, payout_schedule, verify
from socialshop.kernel import faults, jobs
from socialshop.kernel.database import db, end_reading, session, transaction

from .money_story import FINANCE, LATER, order, staged

pytestmark = pytest.mark.usefixtures("room")
# LATER is Monday 15 June 2026, 10.00 WIB
WEEKLY = payouts.Rhythm("weekly", weekday=0, hour=10)
BEFORE = LATER - timedelta(days=3)


def scheduled(*events, rhythm=WEEKLY, since=BEFORE):
    stage = staged(*events)
    payout_schedule.settle(stage.brand_id, rhythm, "brand", actor=FINANCE, now=since)
    return stage


def work(now):
    """What the worker does in one minute."""
    payout_schedule.look({}, now=now)
    for job in session().scalars(select(jobs.Job).where(jobs.Job.name == "payout.slot").order_by(jobs.Job.id)).all():
        payout_schedule.take_slot(job.payload, now=now)


def slots(stage):
    rows = session().scalars(select(payouts.PayoutSlot).where(payouts.PayoutSlot.brand_id == stage.brand_id)).all()
    return {row.slot: row.run_id is not None for row in rows}


def letters():
    return session().scalars(text("SELECT payload FROM jobs WHERE key LIKE 'letter:payout_run%'")).all()


def test_a_slot_draws_a_run_up_that_waits_for_a_person():
    stage = scheduled(order())
    work(LATER - timedelta(seconds=1))
    assert slots(stage) == {}
    work(LATER)
    [run] = payouts.runs_of(stage.brand_id)
    assert (run.slot, run.started_by) == ("2026-06-15", "system:schedule")
    assert [(p.state, p.amount_minor) for p in payouts.of_run(run.id)] == [("ready", 10_000)]
    assert slots(stage) == {"2026-06-15": True}
    entry = session().scalars(select(audit.Entry).where(audit.Entry.act == "payout.started")).one()
    assert (entry.actor, entry.reason) == ("system:schedule", "schedule 2026-06-15")
    assert verify.run(LATER) == []


def test_looking_again_or_working_again_changes_nothing():
    stage = scheduled(order(), order("o2", code="b"))
    for minute in range(3):
        work(LATER + timedelta(minutes=minute))
    assert len(payouts.runs_of(stage.brand_id)) == 1
    assert verify.run(LATER) == []


def test_a_clock_that_jumps_back_and_forward_takes_each_slot_once():
    stage = scheduled(order(), order("o2", at=LATER, price=50_000))
    week = timedelta(days=7)
    for now in (
        LATER, LATER - timedelta(hours=1), LATER, LATER + timedelta(days=1), LATER - timedelta(days=1), LATER + timedelta(hours=1),
        LATER + 2 * week, LATER + week, LATER, LATER + 2 * week + timedelta(hours=1), LATER + 3 * week,
    ):  # fmt: skip
        work(now)
    assert sorted(slots(stage)) == ["2026-06-15", "2026-06-22", "2026-06-29", "2026-07-06"]
    assert sum(p.amount_minor for run in payouts.runs_of(stage.brand_id) for p in payouts.of_run(run.id)) == 15_000
    assert verify.run(LATER + 3 * week) == []


def test_a_server_that_was_away_catches_up():
    stage = scheduled(order())
    work(LATER + timedelta(days=16))
    assert slots(stage) == {"2026-06-15": True, "2026-06-22": False, "2026-06-29": False}


def test_a_slot_with_nothing_due_is_taken_and_nobody_is_written_to():
    stage = scheduled()
    work(LATER)
    assert slots(stage) == {"2026-06-15": False}
    assert payouts.runs_of(stage.brand_id) == []
    assert letters() == []
    stage.tell(order())
    work(LATER + timedelta(minutes=5))
    assert payouts.runs_of(stage.brand_id) == []


def test_a_slot_in_which_nobody_can_be_paid_makes_no_run_and_says_so(world):
    stage = scheduled(order())
    user = world.user("owner@senja.test")
    with transaction():
        session().add(people.Member(brand_id=stage.brand_id, user_id=user.id, role="owner", joined_at=BEFORE))
        session().execute(delete(people.Payee))
    for minutes in (0, 5):
        work(LATER + timedelta(minutes=minutes))
    assert slots(stage) == {"2026-06-15": False}
    assert payouts.runs_of(stage.brand_id) == []
    [letter] = world.letters(now=LATER)
    assert "/payouts" in letter.body
    assert "/payouts/" not in letter.body


def test_a_schedule_does_not_reach_back_before_it_was_made_or_changed():
    stage = scheduled(order(), since=LATER)
    work(LATER + timedelta(hours=1))
    assert slots(stage) == {}
    wednesday = payouts.Rhythm("weekly", weekday=1, hour=10)
    payout_schedule.settle(stage.brand_id, wednesday, "brand", actor=FINANCE, now=LATER + timedelta(days=2))
    work(LATER + timedelta(days=2, hours=1))
    assert slots(stage) == {}
    payout_schedule.settle(stage.brand_id, payouts.Rhythm(), "brand", actor=FINANCE, now=LATER + timedelta(days=3))
    work(LATER + timedelta(days=30))
    assert slots(stage) == {}


def test_a_run_by_hand_on_the_same_day_is_a_run_of_its_own():
    stage = scheduled(order(at=LATER - timedelta(days=15)), order("o2", code="b", at=LATER - timedelta(days=13)))
    by_hand = payout.start(stage.brand_id, "tap", actor=FINANCE, now=LATER - timedelta(hours=1))
    work(LATER)
    assert slots(stage) == {"2026-06-15": False}
    work(LATER + timedelta(days=7))
    second, first = payouts.runs_of(stage.brand_id)
    assert (first.id, first.slot, second.slot) == (by_hand.id, None, "2026-06-22")
    assert verify.run(LATER + timedelta(days=7)) == []


@pytest.mark.parametrize(
    "fault", ["scheduler.after_slot_claim:raise", "payout.item.after_reserve:raise", "payout.after_ledger:raise:2"]
)
def test_a_slot_that_breaks_in_the_middle_was_not_taken_and_comes_again(fault):
    stage = scheduled(order(), order("o2", code="b"))
    faults.arm(fault)
    with pytest.raises(faults.Fault):
        work(LATER)
    faults.arm("")
    assert slots(stage) == {}
    assert payouts.runs_of(stage.brand_id) == []
    assert letters() == []
    assert verify.run(LATER) == []
    work(LATER + timedelta(minutes=1))
    assert len(payouts.runs_of(stage.brand_id)) == 1
    assert verify.run(LATER) == []


def test_six_workers_at_once_draw_one_run(app):
    stage = scheduled(order(), order("o2", code="b"))
    payload = {"brand": stage.brand_id, "slot": "2026-06-15"}
    session().commit()
    gate, failed = threading.Barrier(6), []

    def one():
        with app.app_context():
            gate.wait()
            try:
                payout_schedule.take_slot(payload, now=LATER)
            except Exception as error:
                failed.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    end_reading()
    assert failed == []
    assert len(payouts.runs_of(stage.brand_id)) == 1
    assert verify.run(LATER) == []


def test_without_the_slots_own_key_the_run_is_still_one():
    """The second guard: the run's key holds where the slot's row is gone."""
    stage = scheduled(order())
    work(LATER)
    with transaction():
        session().execute(text("DELETE FROM payout_slots"))
    stage.tell(order("o2", code="b", at=LATER - timedelta(days=14)))
    work(LATER + timedelta(minutes=1))
    assert len(payouts.runs_of(stage.brand_id)) == 1


def test_owners_and_finance_are_told_and_nobody_else(world):
    stage = scheduled(order())
    with transaction():
        brand_id = stage.brand_id
    for role in ("owner", "finance", "manager", "viewer"):
        user = world.user(f"{role}@senja.test")
        with transaction():
            session().add(people.Member(brand_id=brand_id, user_id=user.id, role=role, joined_at=BEFORE))
    work(LATER)
    work(LATER + timedelta(minutes=1))
    sent = [letter for letter in world.letters(now=LATER) if "waits for you" in letter.subject or "menunggumu" in letter.subject]
    assert sorted(letter.to for letter in sent) == ["finance@senja.test", "owner@senja.test"]
    [run] = payouts.runs_of(brand_id)
    assert all(
        run.public_id in letter.body and "$100.00" in letter.body.replace("US$", "$").replace("100,00", "100.00")
        for letter in sent
    )
