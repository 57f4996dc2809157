"""The row is the job: unique by key, claimed once, tried again, found again after its worker was killed."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from socialshop import worker
from socialshop.kernel import clock, jobs
from socialshop.kernel.database import db, session, transaction
from tests.conftest import START


@pytest.fixture
def seen(monkeypatch):
    calls = []
    monkeypatch.setitem(worker.HANDLERS, "test.note", lambda payload, *, now: calls.append(payload))
    monkeypatch.setattr(worker, "TIMETABLE", {})
    return calls


def add(key="k", **payload):
    with transaction():
        jobs.add("test.note", payload, key=key, now=START)


def test_the_same_key_is_one_job_and_done_once(app, seen):
    with app.app_context():
        add(n=1)
        add(n=2)
    worker.drain(app)
    worker.drain(app)
    assert seen == [{"n": 1}]


def test_a_rolled_back_cause_leaves_no_job(app, seen):
    def broken():
        with transaction():
            jobs.add("test.note", {}, key="k", now=START)
            raise ZeroDivisionError

    with app.app_context(), pytest.raises(ZeroDivisionError):
        broken()
    worker.drain(app)
    assert seen == []


def test_a_failing_job_waits_longer_each_time_and_is_dead_at_last(app, monkeypatch):
    monkeypatch.setattr(worker, "TIMETABLE", {})

    def fail(payload, *, now):
        raise ValueError("no luck")

    monkeypatch.setitem(worker.HANDLERS, "test.note", fail)
    with app.app_context():
        add()
    moment = START
    for _ in range(jobs.TRIES):
        clock.use(lambda m=moment: m)
        worker.sweep(app)
        moment += timedelta(days=1)
    with app.app_context():
        job = session().scalars(select(jobs.Job).where(jobs.Job.key == "k")).one()
        assert (job.state, job.attempts, job.error) == ("dead", jobs.TRIES, "ValueError: no luck")


def test_a_job_whose_worker_was_killed_is_found_after_its_lease(app, seen):
    with app.app_context():
        add(n=1)
        with transaction():
            assert jobs.claim(jobs.due(START)[0], now=START)  # and the worker dies here
        assert jobs.due(START + jobs.LEASE) == []
        later = START + jobs.LEASE + timedelta(seconds=1)
        assert len(jobs.due(later)) == 1
    clock.use(lambda: later)
    worker.drain(app)
    assert seen == [{"n": 1}]


def test_a_late_finisher_does_not_touch_a_job_that_was_taken_over(room, seen):
    add()
    job_id = jobs.due(START)[0]
    later = START + jobs.LEASE + timedelta(seconds=1)
    with transaction():
        slow = jobs.claim(job_id, now=START)
    with transaction():
        taken = jobs.claim(job_id, now=later)
    with transaction():
        jobs.failed(slow, "too slow", now=later)
    assert session().get(jobs.Job, job_id).state == "running"
    with transaction():
        jobs.done(taken, now=later)
    assert session().get(jobs.Job, job_id).state == "done"


def test_only_one_of_many_workers_gets_it(app, seen):
    with app.app_context():
        add()
        job_id = jobs.due(START)[0]
    won = []

    def work():
        with app.app_context():
            with transaction():
                if jobs.claim(job_id, now=START):
                    won.append(1)
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
