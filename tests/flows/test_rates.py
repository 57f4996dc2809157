"""Exchange rates reach every program that converts: once, in their own time, and what is converted stays converted."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from types import SimpleNamespace

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from socialshop.domain import audit, commissions, currencies
from socialshop.domain.audit import Actor
from socialshop.domain.currencies import Draft
from socialshop.flows import program as stories
from socialshop.flows import rates, rates_fetch, verify
from socialshop.kernel import clock, faults, jobs
from socialshop.kernel.database import db, end_reading, session, transaction
from socialshop.kernel.errors import Broken, Invalid, TryLater
from tests.doubles.rates import FakeRates

from ..conftest import START

FINANCE = Actor("user", "usr_fina", "brand:finance")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PAYS_IDR = {"hold_days": 14, "payout_currency": "IDR", "rules": [{"id": "r", "percent": "10"}]}
PAYS_PLAIN = {"hold_days": 14, "rules": [{"id": "r", "percent": "10"}]}


@pytest.fixture
def brand(room, world):
    return world.brand("senja", currency="USD")


@pytest.fixture
def mia(room, world):
    return world.creator("mia")


@pytest.fixture
def program(world, brand, mia):
    made = world.program(brand, terms=PAYS_IDR, from_at=START - DAY)
    world.enroll(made, mia, at=START - DAY)
    world.code(mia, made, "mia10")
    return made


@pytest.fixture
def source():
    fake = FakeRates()
    rates_fetch.set_up(fake)
    return fake


@pytest.fixture
def broken():
    def arm(name):
        faults.arm(f"{name}:raise")

    yield arm
    faults.arm("")


def enter(brand, rate="16250.00", *, at=START, pair=("USD", "IDR"), now=START, sure=False, note=""):
    return rates.enter(brand.id, Draft(*pair, rate, at, note), sure=sure, actor=FINANCE, now=now)


def sale(world, brand, *, at=START, price=4990):
    """A paid order through the code; its commission."""
    clock.use(lambda: at)
    product = world.product(brand, price=price)
    order = world.order((product, 1), paid=True, code="mia10", now=at)
    end_reading()
    (row,) = commissions.of_order(order.id)
    return row


def facts(program):
    end_reading()
    return [fact for fact in commissions.of_program(program.id) if fact.type == "fx"]


def waiting(name):
    end_reading()
    return list(session().scalars(select(jobs.Job).where(jobs.Job.name == name).order_by(jobs.Job.id)))


def clean():
    assert verify.run(START + 60 * DAY) == []


def test_a_rate_converts_the_sales_that_come_after_it(world, brand, program):
    enter(brand)
    row = sale(world, brand, at=START + HOUR)
    assert (row.amount_minor, row.currency, row.worth_minor, row.pay_currency) == (499, "USD", 81088, "IDR")  # 4.99 × 16250
    assert (row.rate, row.no_rate, row.fx_id) == ("16250.00", False, "fx:00000001")
    clean()


def test_without_a_rate_it_stays_in_its_currency_and_says_so(world, brand, program):
    row = sale(world, brand)
    assert (row.worth_minor, row.pay_currency, row.no_rate) == (499, "USD", True)
    enter(brand, now=START + HOUR)  # later knowledge changes nothing of what has arrived
    end_reading()
    assert [each.id for each in commissions.without_rate([program.id])] == [row.id]
    clean()


def test_a_newer_rate_leaves_what_was_converted(world, brand, program):
    enter(brand)
    first = sale(world, brand, at=START + HOUR)
    enter(brand, "16400.00", at=START, now=START + 2 * HOUR)  # a correction for the same moment counts from now on
    second = sale(world, brand, at=START + 3 * HOUR)
    end_reading()
    assert (commissions.of_order(first.order_id)[0].worth_minor, second.worth_minor) == (81088, 81836)
    clean()


def test_entered_twice_is_one_rate_and_one_fact(brand, program):
    first, again = enter(brand), enter(brand, "16250", now=START + HOUR)
    assert first.id == again.id
    assert [fact.event_id for fact in facts(program)] == ["fx:00000001"]
    assert len(list(session().scalars(select(audit.Entry).where(audit.Entry.act == "rates.stated")))) == 1
    clean()


def test_a_rate_that_was_replaced_needs_a_later_moment(brand, program):
    enter(brand)
    enter(brand, "16400")
    with pytest.raises(Invalid) as refusal:
        enter(brand)
    assert [error.code for error in refusal.value.fields] == ["overruled"]
    enter(brand, at=START + timedelta(minutes=1))
    assert len(facts(program)) == 3


def test_a_rate_that_is_far_off_has_to_be_meant(brand, program):
    enter(brand)
    with pytest.raises(rates.FarApart):
        enter(brand, "1625.00", at=START + HOUR)
    with pytest.raises(rates.FarApart):
        enter(brand, "0.0006154", pair=("IDR", "USD"), at=START + HOUR)
    enter(brand, "0.00006154", pair=("IDR", "USD"), at=START + HOUR)
    enter(brand, "1625.00", at=START + HOUR, sure=True)
    clean()


def test_broken_in_the_middle_nothing_is_known(brand, program, broken):
    broken("rates.before_commit")
    with pytest.raises(faults.Fault):
        enter(brand)
    faults.arm("")
    end_reading()
    assert currencies.rates_of(brand.id) == []
    assert facts(program) == []
    enter(brand)
    assert len(facts(program)) == 1
    clean()


def test_only_programs_that_convert_to_one_of_the_two_are_told(world, brand, program):
    plain = world.program(brand, "Plain", terms=PAYS_PLAIN)
    other = world.program(brand, "Other", terms=PAYS_IDR | {"payout_currency": "SGD"})
    stranger = world.program(world.brand("other", currency="USD"), terms=PAYS_IDR)
    enter(brand)
    enter(brand, "1.3487", pair=("USD", "SGD"))
    assert [[fact.event_id for fact in facts(each)] for each in (program, plain, other, stranger)] == [
        ["fx:00000001"], [], ["fx:00000002"], [],
    ]  # fmt: skip
    clean()


def test_whoever_begins_to_convert_takes_the_newest_along(world, brand):
    for days, rate in ((3, "16100"), (2, "16150"), (1, "16200")):
        enter(brand, rate, at=START - days * DAY, now=START - days * DAY)
    enter(brand, "16900", at=START + 5 * DAY, now=START)
    enter(brand, "17600.00", pair=("EUR", "IDR"), at=START - DAY, now=START)
    made = world.program(brand, state="draft", terms=PAYS_IDR)
    for _ in range(2):  # a double tap
        stories.publish(brand.id, made.public_id, PAYS_IDR, seen=0, from_at=None, actor=FINANCE, now=START)
    told = [(fact.event_id, fact.at, fact.booked_at) for fact in facts(made)]
    assert told == [
        ("fx:00000003", START - DAY, START),  # the moment stays its own, though it is told now
        ("fx:00000004", START + 5 * DAY, START),
        ("fx:00000005", START - DAY, START),
    ]
    clean()


def test_a_publication_that_breaks_takes_nothing_along(world, brand, broken):
    enter(brand)
    made = world.program(brand, state="draft", terms=PAYS_IDR)
    broken("program.before_commit")
    with pytest.raises(faults.Fault):
        stories.publish(brand.id, made.public_id, PAYS_IDR, seen=0, from_at=None, actor=FINANCE, now=START)
    faults.arm("")
    assert facts(made) == []


def test_an_ended_program_is_told_only_what_its_orders_can_use(brand, program):
    stories.end(brand.id, program.public_id, actor=FINANCE, now=START)
    enter(brand, at=START + DAY, now=START + DAY)
    enter(brand, "16100", at=START - HOUR, now=START + DAY)
    assert [fact.event_id for fact in facts(program)] == ["fx:00000002"]
    clean()


def test_a_file_twice_changes_nothing(brand, program):
    drafts = [Draft("USD", "IDR", str(16000 + n), START - n * DAY, source="file") for n in range(30)]
    assert len(rates.take_in(brand.id, drafts, actor=FINANCE, now=START)) == 30
    assert rates.take_in(brand.id, drafts, actor=FINANCE, now=START + HOUR) == []
    assert len(facts(program)) == 30
    clean()


def test_a_file_that_breaks_is_not_half_in(brand, program, broken):
    drafts = [Draft("USD", "IDR", "16250", START, source="file"), Draft("USD", "USD", "1", START, source="file")]
    with pytest.raises(Invalid):
        rates.take_in(brand.id, drafts, actor=FINANCE, now=START)
    broken("rates.before_commit")
    with pytest.raises(faults.Fault):
        rates.take_in(brand.id, drafts[:1], actor=FINANCE, now=START)
    faults.arm("")
    end_reading()
    assert currencies.rates_of(brand.id) == []


def test_two_rates_at_once_are_numbered_one_after_the_other(app, brand, program):
    enter(brand, "16240")
    barrier, same = Barrier(2), SimpleNamespace(id=brand.id)

    def work(rate):
        with app.app_context():
            barrier.wait()
            try:
                return enter(same, rate).number
            finally:
                db.session.remove()

    faults.arm("rates.before_commit:sleep=0.3")  # the first one lingers
    try:
        with ThreadPoolExecutor(2) as pool:
            numbers = sorted(pool.map(work, ("16250", "16260")))
    finally:
        faults.arm("")
    assert numbers == [2, 3]
    assert len(facts(program)) == 3
    clean()


def test_a_rate_that_comes_while_terms_are_published_is_not_missed(app, world, brand):
    made = world.program(brand, state="draft", terms=PAYS_IDR)
    same, program_id, public_id = SimpleNamespace(id=brand.id), made.id, made.public_id
    faults.arm("program.before_commit:sleep=0.6")

    def work(act):
        with app.app_context():
            try:
                act()
            finally:
                db.session.remove()

    def publish():
        stories.publish(same.id, public_id, PAYS_IDR, seen=0, from_at=None, actor=FINANCE, now=START)

    def tell():
        time.sleep(0.2)  # the terms are written, not committed
        enter(same, now=START + HOUR)

    try:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(work, (publish, tell)))
    finally:
        faults.arm("")
    assert [fact.event_id for fact in facts(SimpleNamespace(id=program_id))] == ["fx:00000001"]
    clean()


def test_the_database_refuses_to_change_a_rate(brand, program):
    enter(brand)
    for statement in ("UPDATE rates SET rate = '1'", "DELETE FROM rates"):
        with pytest.raises(DBAPIError, match="appended only"), transaction() as current:
            current.execute(text(statement))


def test_verify_finds_a_program_that_was_not_told(brand, program):
    enter(brand)
    with transaction() as current:
        current.execute(text("DELETE FROM program_events WHERE type = 'fx'"))
    assert "was not told" in str(verify.run(START)[0])


# --- the daily fetch


def switched_on(brand):
    rates_fetch.switch(brand.id, True, actor=FINANCE, now=START)


def fetch(brand, now=START):
    rates_fetch.fetch({"brand": brand.id}, now=now)
    end_reading()


def test_switching_on_fetches_at_once_and_then_every_day(brand, program, source):
    for _ in range(2):
        switched_on(brand)
    assert len(waiting("rates.fetch")) == 1
    for _ in range(2):
        rates_fetch.daily({}, now=START + DAY)
    assert len(waiting("rates.fetch")) == 2
    rates_fetch.switch(brand.id, False, actor=FINANCE, now=START + DAY)
    rates_fetch.daily({}, now=START + 2 * DAY)
    assert len(waiting("rates.fetch")) == 2
    fetch(brand)
    assert source.asked == []  # off is off, also for a job that waits


def test_a_fetched_rate_holds_from_when_we_know_it_and_is_kept_once_a_day(world, brand, program, source):
    switched_on(brand)
    for hours in (1, 2):
        fetch(brand, START + hours * HOUR)
    (rate,) = currencies.rates_of(brand.id)
    assert (rate.base, rate.quote, rate.rate, rate.at, rate.source, rate.note) == (
        "USD", "IDR", "16250.00", START + HOUR, "frankfurter", "2026-05-29",
    )  # fmt: skip
    assert source.asked == [("USD", ("IDR",))] * 2
    source.day, source.rates["USD", "IDR"] = "2026-06-02", "16300.00"
    fetch(brand, START + DAY)
    assert sale(world, brand, at=START + DAY + HOUR).rate == "16300.00"
    clean()


def test_every_pair_that_any_terms_need_is_asked_for(world, brand, program, source):
    world.version(program, PAYS_IDR | {"payout_currency": "SGD"}, from_at=START + DAY, number=2)
    world.program(brand, "Plain", terms=PAYS_PLAIN)
    assert rates.needed_pairs(brand.id) == [("USD", "IDR"), ("USD", "SGD")]
    switched_on(brand)
    fetch(brand)
    assert source.asked == [("USD", ("IDR", "SGD"))]


def test_broken_between_asking_and_keeping_it_is_asked_again(brand, program, source, broken):
    switched_on(brand)
    for name in ("rates.fetched_before_save", "rates.before_commit"):
        broken(name)
        with pytest.raises(faults.Fault):
            fetch(brand)
        faults.arm("")
    end_reading()
    assert currencies.rates_of(brand.id) == []
    fetch(brand)
    assert len(facts(program)) == 1
    clean()


@pytest.mark.parametrize(("failure", "word"), [(TryLater("away"), "later"), (Broken("nonsense"), "broken")])
def test_a_failure_is_kept_in_sight_and_tried_again_in_an_hour(brand, program, source, failure, word):
    switched_on(brand)
    source.failure = failure
    for _ in range(2):
        fetch(brand)
    desk = currencies.desk_of(brand.id)
    assert (desk.problem, desk.failing_since, desk.tried_at, desk.fetched_at) == (word, START, START, None)
    assert [job.run_at for job in waiting("rates.fetch")] == [START, START + HOUR]
    source.failure = None
    fetch(brand, START + HOUR)
    assert (currencies.desk_of(brand.id).problem, currencies.desk_of(brand.id).failing_since) == ("", None)
    assert len(facts(program)) == 1


def test_after_three_days_of_failing_one_letter_goes_out(world, brand, program, source):
    switched_on(brand)
    source.failure = TryLater("away")
    for hours in (0, 24, 71):
        fetch(brand, START + hours * HOUR)
    assert waiting("letter.send") == []
    for hours in (72, 73, 96):
        fetch(brand, START + hours * HOUR)
    clock.use(lambda: START + 5 * DAY)
    assert [(sent.to, "/brand/senja/settings/rates" in sent.body) for sent in world.letters()] == [("owner@senja.test", True)]


def test_a_pair_that_the_source_lacks_is_named(world, brand, program, source):
    world.version(program, PAYS_IDR | {"payout_currency": "KWD"}, from_at=START, number=2)
    switched_on(brand)
    fetch(brand)
    desk = currencies.desk_of(brand.id)
    assert (desk.problem, "KWD:USD" in desk.unknown) == ("", True)


def test_a_source_that_has_nothing_at_all_has_failed(brand, program, source):
    switched_on(brand)
    source.rates.clear()
    fetch(brand)
    assert currencies.desk_of(brand.id).problem == "refused"
