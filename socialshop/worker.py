"""Takes due jobs and calls their flow; the timetable is on this page."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from flask import Flask

from .bell import Bell
from .flows import (
    appeal,
    archive,
    balances,
    channel,
    channel_letters,
    channel_news,
    channel_tidy,
    fulfil,
    inbound,
    inbound_many,
    letters,
    link_news,
    nodes,
    payout,
    payout_schedule,
    people,
    post_figures,
    program,
    publish,
    rates_fetch,
    recount,
    reseal,
    send,
    send_look,
    upload,
    upload_tidy,
    verify,
    ways,
    what_if,
)
from .kernel import beat, faults, jobs
from .kernel.clock import utcnow
from .kernel.database import db, end_reading, transaction
from .posters import Posters, work_off

log = structlog.get_logger("worker")
Handler = Callable[..., None]
DRAIN_EVERY = 0.25  # seconds

# job name → flow; called as flow(payload, now=…)
HANDLERS: dict[str, Handler] = {
    "clicks.close": archive.run,
    "clicks.tidy": archive.nightly,
    "letter.send": letters.send,
    "links.tidy": link_news.tidy,
    "nodes.tidy": nodes.tidy,
    "order.expire": fulfil.expire,
    "orders.tidy_carts": fulfil.tidy_carts,
    "inbound.work": inbound.work,
    "appeals.remind": appeal.remind,
    "clicks.close_days": recount.close_days,
    "commissions.release": payout.release_due,
    "ledger.sum_up": balances.sum_up,
    "program.news": program.tell_creators,
    "links.check": ways.check,
    "payout.schedule": payout_schedule.look,
    "payout.slot": payout_schedule.take_slot,
    "payout.fee_news": payout_schedule.tell_creators,
    "payout.send": send.send,
    "payout.ask": send_look.ask,
    "payout.hear": send_look.hear,
    "payouts.sweep": send_look.sweep,
    "people.tidy": people.tidy,
    "rates.daily": rates_fetch.daily,
    "rates.fetch": rates_fetch.fetch,
    "channel.hear": channel_news.hear,
    "channel.refresh": channel.refresh,
    "channels.ending": channel_letters.sweep,
    "channels.sweep": channel.sweep,
    "channels.tidy": channel_tidy.tidy,
    "post.figures": post_figures.ask,
    "posts.figures": post_figures.sweep,
    "posts.sweep": publish.sweep,
    "upload.look": upload.look,
    "uploads.tidy": upload_tidy.tidy,
    "secrets.reseal": reseal.nightly,
    "verify": verify.nightly,
    "what_if.run": what_if.run,
}

# what happens by the clock: job name → how its period is written; each period is one row
MINUTE, HOUR, DAY = "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H", "%Y-%m-%d"
QUARTER = "quarter"  # of an hour
TIMETABLE: dict[str, str] = {
    "clicks.close": QUARTER,
    "clicks.close_days": HOUR,
    "clicks.tidy": DAY,
    "commissions.release": MINUTE,
    "ledger.sum_up": HOUR,
    "links.check": HOUR,
    "payout.schedule": MINUTE,
    "payouts.sweep": QUARTER,
    "channels.ending": DAY,
    "channels.sweep": QUARTER,
    "channels.tidy": DAY,
    "posts.figures": QUARTER,
    "posts.sweep": MINUTE,
    "people.tidy": DAY,
    "links.tidy": HOUR,
    "nodes.tidy": DAY,
    "orders.tidy_carts": DAY,
    "rates.daily": DAY,
    "secrets.reseal": DAY,
    "uploads.tidy": DAY,
    "verify": DAY,
    "appeals.remind": DAY,
}

# many of these at once cost little more than one: job name → flow(payloads, now=…), which answers for each what went wrong
TOGETHER: dict[str, Callable[..., list[Exception | None]]] = {"inbound.work": inbound_many.work_many}
AT_ONCE = 1000


def run_job(app: Flask, job_id: int) -> bool:
    """Claim one job, do it, note how it ended. False where somebody else has it or it is not due.

    Other due jobs of the same name come along where they are worked together.
    """
    with app.app_context():
        with transaction():
            job = jobs.claim(job_id, now=utcnow())
            more = jobs.claim_more(job.name, now=utcnow(), limit=AT_ONCE - 1) if job and job.name in TOGETHER else []
        if job is None:
            return False
        faults.point("worker.after_claim")
        if more:
            _do_together([job, *more])
        else:
            _do(job)
        db.session.remove()
    return True


def _do_together(claimed: list[jobs.Claimed]) -> None:
    name = claimed[0].name
    structlog.contextvars.bind_contextvars(job=name)
    try:
        _know_what_was_tapped(name)
        wrong = TOGETHER[name]([job.payload for job in claimed], now=utcnow())
    except Exception as error:  # as in `_do`
        log.exception("jobs failed", jobs=len(claimed))
        wrong = [error] * len(claimed)
    faults.point("worker.after_commit")
    with transaction():
        jobs.done_all([job for job, error in zip(claimed, wrong, strict=True) if error is None], now=utcnow())
        for job, failure in zip(claimed, wrong, strict=True):
            if failure is not None:
                log.error("job failed", job_id=job.id, attempt=job.attempt, exc_info=failure)
                jobs.failed(job, f"{type(failure).__name__}: {failure}", now=utcnow())
    log.info("jobs done", jobs=len(claimed), failed=sum(error is not None for error in wrong))
    structlog.contextvars.clear_contextvars()


def _know_what_was_tapped(job: str) -> None:
    """A click that was accepted before an order came in is in the database before that order is judged."""
    if job.startswith("inbound."):
        nodes.hear_all(now=utcnow(), at_a_page=False)


def _do(job: jobs.Claimed) -> None:
    structlog.contextvars.bind_contextvars(job=job.name, job_id=job.id)
    handler = HANDLERS.get(job.name)
    try:
        if handler is None:
            raise LookupError(f"no flow is registered for {job.name}")
        _know_what_was_tapped(job.name)
        handler(job.payload, now=utcnow())
    except Exception as error:  # a failing job must not take the worker with it: its row says what happened
        log.exception("job failed", attempt=job.attempt)
        with transaction():
            jobs.failed(job, f"{type(error).__name__}: {error}", now=utcnow(), final=handler is None)
    else:
        faults.point("worker.after_commit")
        with transaction():
            jobs.done(job, now=utcnow())
        log.info("job done", attempt=job.attempt)
    finally:
        structlog.contextvars.clear_contextvars()


def sweep(app: Flask) -> int:
    """Put the timetable's jobs in, then do all that is due, rung for or not; how many were done."""
    with app.app_context():
        now = utcnow()
        with transaction():
            beat.strike("worker", now=now)
            for name, stamp in TIMETABLE.items():
                jobs.add(name, {}, key=f"{name}:{_period(now, stamp)}", now=now)
        waiting = jobs.due(utcnow(), together=TOGETHER)
        end_reading()
        db.session.remove()
    return sum(run_job(app, job_id) for job_id in waiting)


def _period(now: datetime, stamp: str) -> str:
    """The name of the period that `now` lies in."""
    if stamp == QUARTER:
        return now.replace(minute=now.minute // 15 * 15).strftime(MINUTE)
    return now.strftime(stamp)


def drain(app: Flask, *, rounds: int = 20) -> None:
    """Sweep until nothing is due: for tests and the demo."""
    for _ in range(rounds):
        if not sweep(app) and not work_off(app):
            return


def bell_of(app: Flask, *, working: bool = False) -> Bell:
    """This install's bell; `working` where this process does the jobs too."""
    settings = app.config["SETTINGS"]
    work: dict[str, Any] = {"run": lambda job_id: run_job(app, job_id), "sweep": lambda: sweep(app)} if working else {}
    return Bell(settings.instance, app.config["SECRET_KEY"], settings.ratelimit_storage, **work)


def ring_on_commit(app: Flask) -> None:
    """Let this process wake the worker when it commits a job."""
    jobs.on_commit_ring(bell_of(app).ring)


def consume(app: Flask) -> None:
    """Work until a signal ends it."""
    bell = bell_of(app, working=True)
    jobs.on_commit_ring(bell.ring)
    sweep(app)
    threading.Thread(target=keep_draining, args=(app,), daemon=True, name="drainer").start()
    posters = Posters(app, ending=bell.ending)
    posters.start()
    bell.listen()
    posters.stop()


def keep_draining(app: Flask) -> None:
    """Turn noted taps into clicks, a few times a second, whatever happens."""
    while True:
        try:
            with app.app_context():
                poured = nodes.tend(now=utcnow())
                db.session.remove()
        except Exception:  # the database may be away; the spool keeps what waits
            log.exception("clicks wait in the spool")
            time.sleep(2.0)
            continue
        time.sleep(0.05 if poured.taken else DRAIN_EVERY)
