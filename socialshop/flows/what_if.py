"""What would other terms have cost? Draft terms run over a program's own past orders, or over orders from a file.

Nothing here binds anybody or touches money: facts are read, both sets of terms go through the pure engine side by side,
and what differs is written down. Memory does not grow with the number of orders. Safe to repeat: a run that was cut short
begins again, and only the newest run of a trial may write.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ..domain import people, programs, terms, trials
from ..domain.audit import Actor
from ..kernel import faults, garbage, jobs
from ..kernel.database import end_reading, transaction
from ..kernel.errors import N_, Invalid
from . import terms_files
from . import what_if_facts as facts

BATCH = 1000  # facts read, and differences written, at once

Progress = Callable[[int], None]


class NothingToTry(Invalid):
    """The program has no draft and no terms."""

    code = "nothing_to_try"
    message = N_("Write some terms first.")


@dataclass(frozen=True, slots=True)
class Asked:
    """Both sides of a question: the program under its own terms, and under the draft."""

    program_id: int
    before: terms.Program
    after: terms.Program


def ask(
    brand_id: int, program: str, *, against: trials.Against, content: str | None, file_name: str, actor: Actor, now: datetime
) -> trials.Trial:
    """Have the program's draft (or its newest terms) tried, on its past orders or on a file's; a job does the work.

    BadFile names what cannot be read in the file; TooManyTrials.
    """
    found = programs.program_of(brand_id, program)
    total = 0 if content is None else trials.check(content, reading_of(found))
    with transaction():
        found = programs.program_of(brand_id, program)
        trial = trials.ask(
            found.id, draft_of(found), against=against, content=content, file_name=file_name, orders_total=total,
            asked_by=actor.name, now=now,
        )  # fmt: skip
        tenant = people.get_brand(brand_id).public_id
        jobs.add("what_if.run", {"trial": trial.id}, key=_job_key(trial.id), now=now, tenant=tenant)
        return trial


def draft_of(program: programs.Program) -> dict[str, Any]:
    """The terms being written, else the newest that were published; NothingToTry."""
    if program.draft is not None:
        return program.draft
    history = programs.versions_of(program.id)
    if not history:
        raise NothingToTry()
    return history[-1].terms


def run(payload: dict[str, Any], *, now: datetime) -> None:
    """Job "what_if.run": try the terms and write down what differs. Safe to repeat."""
    end_reading()
    clock = _Clock(now)
    trial_id = int(payload["trial"])
    trial = trials.get(trial_id)
    source, program_id, document, asked_at = trial.source, trial.program_id, trial.terms, trial.asked_at
    against: Any = trial.against
    total = None if source == "file" else facts.count_orders(program_id)
    with transaction():
        number = trials.begin(trial_id, orders_total=total, now=now)
    if number is None:
        return  # it is over
    asked = question(program_id, document, against=against, at=asked_at, ever=source == "file")
    content = trials.content_of(trial_id) if source == "file" else None
    summary, place = trials.Summary(), 1
    try:
        for batch in outcomes(asked, content):
            found = [difference for outcome in batch for difference in _count(summary, outcome)]
            with transaction():
                trials.progress(trial_id, number, summary.orders, place, found)
                jobs.hold_on(_job_key(trial_id), now=clock.now())
            place += len(found)
            faults.point("what_if.mid")
        with transaction():
            trials.finish(trial_id, number, summary.document(), now=clock.now())
    except trials.Superseded:
        return  # another run of this trial has begun and will finish it
    except terms.BadDocument as problem:
        with transaction():
            trials.fail(trial_id, number, problem.sentence(), now=clock.now())


def question(program_id: int, document: Mapping[str, Any], *, against: trials.Against, at: datetime, ever: bool = False) -> Asked:
    """Both sides: what was promised for each order, or the terms in force at `at` for all of them; and the draft.

    ever: as if both had always been in force, for orders from a file, which may be older than the program.
    """
    program = programs.engine_program(program_id)
    draft = terms.read(document)
    before = program
    current = program.version_at(at)
    if against == "current" and current is not None:
        before = trials.versions_for(program, current.terms, ever=ever)
    return Asked(program_id, before, trials.versions_for(program, draft, ever=ever))


def outcomes(asked: Asked, content: str | None = None) -> Iterator[list[trials.Outcome]]:
    """Every order under both sets of terms, in batches: the program's past ones, or those of a CSV file."""
    comparison = trials.Comparison(asked.before, asked.after)
    batches = _past(asked.program_id, comparison) if content is None else _filed(asked.program_id, comparison, content)
    sweeper = garbage.Sweeper()
    with garbage.by_hand():
        for batch in batches:
            yield batch
            del batch
            sweeper.sweep()


def summed_up(asked: Asked, content: str | None = None, *, progress: Progress) -> trials.Summary:
    """Only the sums, without writing anything: what the command shows."""
    summary = trials.Summary()
    for batch in outcomes(asked, content):
        for outcome in batch:
            summary.add(outcome, outcome.amounts())
        progress(summary.orders)
    return summary


def count_orders(program_id: int) -> int:
    """How many past orders there are."""
    return facts.count_orders(program_id)


def named(program: programs.Program, result: Mapping[str, Any]) -> dict[str, Any]:
    """A trial's sums with creators by handle and products by title, where we know them."""
    handles = terms_files.handles_of(program.id)
    titles = terms_files.product_names(program.brand_id, {row[0] for row in result["products"]["rows"]})
    shown = dict(result)
    for key, names in (("creators", {k: f"@{v}" for k, v in handles.items()}), ("products", titles)):
        shown[key] = {**result[key], "rows": [[names.get(row[0], row[0]), *row[1:]] for row in result[key]["rows"]]}
    return shown


def reading_of(program: programs.Program) -> trials.Reading:
    """What a file of orders for this program is read with."""
    ids = {stay.creator_id for stay in programs.enrollments_of_program(program.id) if stay.enrolled_at is not None}
    handles = {creator.handle.lower(): str(creator.id) for creator in people.creators_by_id(ids).values()}
    return trials.Reading(program.currency, ZoneInfo(program.timezone), handles)


def _count(summary: trials.Summary, outcome: trials.Outcome) -> Iterator[trials.Difference]:
    """Count an order, and tell where the two sides disagree."""
    amounts = outcome.amounts()
    summary.add(outcome, amounts)
    order = outcome.order
    for creator, (before, after) in amounts.items():
        if before != after:
            detail = trials.receipts(outcome, creator)
            yield trials.Difference(order.id, order.at, creator, order.currency, before, after, detail)


def _past(program_id: int, comparison: trials.Comparison) -> Iterator[list[trials.Outcome]]:
    later = facts.count_later(program_id)
    crowd = facts.Crowd(program_id)
    for page in facts.pages(program_id, size=BATCH):
        found: list[trials.Outcome] = []
        for fact in page:
            if isinstance(fact, facts.Arrived):
                people_then = crowd.at(fact.order.at, fact.frozen)
                found += comparison.arrive(fact.order, fact.clicks, people_then, later.get(fact.order.id, 0))
            elif isinstance(fact, terms.FxQuote):
                comparison.quote(fact)
            else:
                found += comparison.happen(fact)
        yield found
    yield list(comparison.rest())


def _filed(program_id: int, comparison: trials.Comparison, content: str) -> Iterator[list[trials.Outcome]]:
    roster = facts.everybody(program_id)
    found: list[trials.Outcome] = []
    for filed in trials.orders(content, reading_of(programs.get(program_id))):
        clicks = [filed.click] if filed.click else []
        found += comparison.arrive(filed.order, clicks, roster, int(filed.refund is not None))
        if filed.refund is not None:
            found += comparison.happen(filed.refund)
        if len(found) >= BATCH:
            yield found
            found = []
    yield found


def _job_key(trial_id: int) -> str:
    return f"what_if.run:{trial_id}"


class _Clock:
    """The job's time: when it began, and what has passed since."""

    def __init__(self, now: datetime) -> None:
        self._now, self._began = now, time.monotonic()

    def now(self) -> datetime:
        """The present instant."""
        return self._now + timedelta(seconds=time.monotonic() - self._began)
