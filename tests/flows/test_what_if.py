"""Draft terms tried on real, stored orders: the sums are those of the books, and nothing of the books moves."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from socialshop import worker
from socialshop.domain import commissions, ledger, programs, trials
from socialshop.domain.audit import Actor
from socialshop.flows import fulfil, judge, verify, what_if
from socialshop.kernel import clock, faults, jobs
from socialshop.kernel.database import end_reading, session, transaction
from socialshop.kernel.errors import NotFound
from socialshop.worker import HANDLERS

from ..conftest import START

ACTOR = Actor("user", "usr_owner", "brand:owner")
DOUBLE = {"rules": [{"id": "base", "percent": "20"}]}


@pytest.fixture(autouse=True)
def _disarmed():
    yield
    faults.arm("")


@pytest.fixture
def brand(room, world):
    return world.brand("senja")


@pytest.fixture
def program(world, brand):
    """Three orders under 10 %: two by Mia's code, one of them partly refunded, one by nobody."""
    found = world.program(brand)
    mia = world.creator("mia")
    bima = world.creator("bima")
    world.enroll(found, bima)
    stay = world.enroll(found, mia)
    with transaction():
        session().get(programs.Enrollment, stay.id).recruited_by_id = bima.id
    world.code(mia, found, "mia10")
    product = world.product(brand)
    clock.use(lambda: START + timedelta(hours=1))
    first = world.order((product, 2), paid=True, code="mia10")
    world.order((product, 1), paid=True, code="mia10")
    world.order((product, 1), paid=True)
    fulfil.refund(
        first.id,
        key="r1",
        amount=10_000,
        shipping=0,
        restock=None,
        lines=None,
        reason="",
        now=START + timedelta(hours=2),
        actor=ACTOR,
    )
    return found


def ask(brand, program, document=DOUBLE, *, against="promised", content=None, now=START + timedelta(days=1)):
    with transaction():
        programs.keep_draft(program.id, document)
    return what_if.ask(brand.id, program.public_id, against=against, content=content, file_name="x.csv", actor=ACTOR, now=now)


def done(trial):
    what_if.run({"trial": trial.id}, now=START + timedelta(days=1))
    end_reading()
    return trials.get(trial.id)


def booked():
    return session().scalar(select(func.sum(commissions.Commission.amount_minor))) or 0


def kept():
    """Everything that money rests on, to see that nothing of it moves."""
    return (
        session().scalar(select(func.count()).select_from(commissions.ProgramEvent)),
        booked(),
        ledger.balances("held"),
        verify.run(START + timedelta(days=1)),
    )


def test_before_is_what_was_booked_and_after_is_twice_as_much(brand, program):
    books = kept()
    trial = done(ask(brand, program))
    total = trial.result["totals"]["IDR"]
    assert (trial.state, trial.orders_done, trial.orders_total) == ("done", 3, 3)
    assert total["before"] == booked() > 0
    assert total["after"] == 2 * booked()
    assert (total["orders"], total["different"], total["earning_after"]) == (3, 2, 2)
    assert kept() == books
    assert books[3] == []


def test_the_same_terms_differ_in_nothing(brand, program):
    trial = done(ask(brand, program, programs.versions_of(program.id)[0].terms))
    assert trial.result["totals"]["IDR"]["different"] == 0
    assert trials.count_differences(trial.id) == 0


def test_each_difference_shows_both_receipts(brand, program):
    trial = done(ask(brand, program))
    rows = trials.differences_of(trial.id)
    assert [abs(row.after_minor - row.before_minor) for row in rows] == sorted((row.size_minor for row in rows), reverse=True)
    for row in rows:
        told = trials.receipts_of(row)
        assert (told["before"]["amount"], told["after"]["amount"]) == (row.before_minor, row.after_minor)
        assert told["after"]["lines"][0]["pieces"][0][2] == "20"
    assert sum(row.after_minor for row in rows) == trial.result["totals"]["IDR"]["after"]


def test_a_rejection_counts_until_it_is_taken_back(brand, program):
    """The order stands open until the last of it is told, whether the event speaks of the order or of the rejection."""
    row = session().scalars(select(commissions.Commission).order_by(commissions.Commission.amount_minor.desc())).first()
    whole, at = booked(), START + timedelta(hours=3)
    judge.reject(row.id, key="k", reason="Bukan pembeli asli.", code="rule_breach", actor=ACTOR, now=at)
    rejected = done(ask(brand, program)).result["totals"]["IDR"]
    assert (rejected["before"], rejected["after"]) == (booked(), 2 * booked())
    assert 0 < booked() < whole
    assert judge.reinstate(row.id, reason="Kami keliru.", actor=ACTOR, now=at) == 1
    taken_back = done(ask(brand, program)).result["totals"]["IDR"]
    assert (booked(), taken_back["before"], taken_back["after"]) == (whole, whole, 2 * whole)
    assert kept()[3] == []


def test_a_run_twice_is_one_result(brand, program):
    asked = ask(brand, program)
    first = done(asked)
    told = (first.result, trials.count_differences(asked.id), first.run)
    again = done(asked)
    assert (again.result, trials.count_differences(asked.id), again.run) == told


def test_a_run_that_was_cut_short_begins_again(brand, program):
    asked = ask(brand, program)
    faults.arm("what_if.mid:raise")
    with pytest.raises(faults.Fault):
        what_if.run({"trial": asked.id}, now=START)
    end_reading()
    assert trials.get(asked.id).state == "running"
    assert trials.count_differences(asked.id) == 2
    trial = done(asked)
    assert (trial.state, trial.run, trials.count_differences(asked.id)) == ("done", 2, 2)
    assert [row.place for row in trials.differences_after(asked.id, 0)] == [1, 2]


def test_an_older_run_of_the_same_trial_writes_nothing_more(brand, program):
    asked = ask(brand, program)
    with transaction():
        first = trials.begin(asked.id, orders_total=3, now=START)
    with transaction():
        second = trials.begin(asked.id, orders_total=3, now=START)
    assert (first, second) == (1, 2)
    with pytest.raises(trials.Superseded), transaction():
        trials.progress(asked.id, first, 1, 1, [])
    with transaction():
        trials.progress(asked.id, second, 1, 1, [])


def test_the_job_is_noted_with_the_question_and_the_worker_knows_it(brand, program):
    asked = ask(brand, program)
    job = session().scalar(select(jobs.Job).where(jobs.Job.name == "what_if.run"))
    assert (job.payload, job.key, job.tenant) == ({"trial": asked.id}, f"what_if.run:{asked.id}", brand.public_id)
    assert HANDLERS["what_if.run"] is what_if.run


def test_long_work_holds_on_to_its_job(brand, program):
    asked = ask(brand, program)
    job = session().scalar(select(jobs.Job).where(jobs.Job.name == "what_if.run"))
    later = START + timedelta(days=1)
    with transaction():
        claimed = jobs.claim(job.id, now=later)
    assert claimed is not None
    what_if.run(claimed.payload, now=later + timedelta(seconds=50))
    end_reading()
    assert session().get(jobs.Job, job.id).lease_until >= later + timedelta(seconds=110)
    assert trials.get(asked.id).state == "done"


FILE = """order,at,price,creator,code,refunded
A,2020-01-01,100.000,mia,,
B,2020-01-02,50.000,,mia10,25.000
C,2020-01-03,10.000,,,
"""


def test_orders_from_a_file_count_however_old_they_are(brand, program):
    trial = done(ask(brand, program, against="current", content=FILE))
    total = trial.result["totals"]["IDR"]
    assert (total["orders"], total["before"], total["after"], total["goods"]) == (3, 12_500, 25_000, 135_000)
    assert [row.order_ref for row in trials.differences_of(trial.id)] == ["A", "B"]
    with pytest.raises(NotFound):
        trials.content_of(trial.id)  # the file is forgotten


def test_a_file_that_cannot_be_read_asks_nothing(brand, program):
    with pytest.raises(trials.BadFile):
        ask(brand, program, content="order,at,price\nA,2020-01-01,x\n")
    assert trials.trials_of(program.id) == []


def test_a_draft_that_asks_for_people_whom_no_order_froze(brand, program):
    """Recruiters were never asked for when the orders arrived: overrides of the draft find them all the same."""
    trial = done(ask(brand, program, DOUBLE | {"overrides": ["10"]}))
    total = trial.result["totals"]["IDR"]
    assert total["recruiters_before"] == 0
    assert total["recruiters_after"] * 10 == pytest.approx(total["after"] - total["recruiters_after"], abs=10)
    assert [row[3:] for row in trial.result["creators"]["rows"] if row[3] == 0] == [[0, total["recruiters_after"]]]


def test_terms_of_now_for_all_orders_or_what_was_promised(brand, program, world):
    world.version(program, DOUBLE, from_at=START + timedelta(days=2), number=2)
    promised = done(ask(brand, program, now=START + timedelta(days=3)))
    current = done(ask(brand, program, against="current", now=START + timedelta(days=3)))
    assert promised.result["totals"]["IDR"]["after"] == 2 * promised.result["totals"]["IDR"]["before"]
    assert current.result["totals"]["IDR"]["different"] == 0


def test_only_so_many_at_once_and_only_so_many_are_kept(brand, program):
    for _ in range(3):
        ask(brand, program)
    with pytest.raises(trials.TooManyTrials):
        ask(brand, program)
    for _ in range(3):
        for trial in trials.trials_of(program.id):
            done(trial)
        for _ in range(3):
            ask(brand, program)
    for trial in trials.trials_of(program.id):
        done(trial)
    ask(brand, program)
    assert len(trials.trials_of(program.id)) == 10


def test_a_result_is_plain_json(brand, program):
    trial = done(ask(brand, program))
    assert json.loads(json.dumps(trial.result)) == trial.result


KILLED = """
import sys
from pathlib import Path
from socialshop.app import create_app
from socialshop.config import Settings
from socialshop.kernel import faults
from socialshop.worker import run_job
folder, url, job = sys.argv[1:]
app = create_app(Settings(env="test", instance=Path(folder), database_url=url, secret_key="k" * 32))
faults.arm("what_if.mid:kill")
run_job(app, int(job))
"""


def test_a_killed_worker_leaves_a_trial_that_the_next_one_finishes(app, settings, brand, program):
    """kill -9 after the first differences were written; once the lease has run out, the job is found again."""
    asked = ask(brand, program)
    job = session().scalar(select(jobs.Job.id).where(jobs.Job.name == "what_if.run"))
    end_reading()
    place = [str(settings.instance / "killed"), settings.database_url, str(job)]
    killed = subprocess.run([sys.executable, "-c", KILLED, *place], check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    end_reading()
    assert (trials.get(asked.id).state, session().get(jobs.Job, job).state) == ("running", "running")
    assert trials.count_differences(asked.id) == 2
    clock.use(lambda: START + timedelta(days=900))
    end_reading()
    assert worker.run_job(app, job)
    end_reading()
    trial = trials.get(asked.id)
    assert (trial.state, trial.run, trials.count_differences(asked.id)) == ("done", 2, 2)
    assert session().get(jobs.Job, job).state == "done"
