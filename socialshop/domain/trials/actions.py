"""Asking for a trial, and writing down what comes out. Inside the caller's transaction."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from ...kernel.database import session
from ...kernel.errors import N_, Conflict
from .. import terms
from .models import Against, Trial, TrialDifference, TrialFile

KEPT = 10  # trials of one program; asking for another forgets the oldest
RUNNING_AT_ONCE = 3  # per program, so that one brand's curiosity does not starve the others (I-36)


class TooManyTrials(Conflict):
    """Several trials of this program are waiting or running."""

    code = "too_many_trials"
    message = N_("Three trials of this program are under way. Please wait until one of them is done.")


class Superseded(Exception):
    """Another run of the same trial has begun: this one stops and writes nothing more."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One row to be kept; see `TrialDifference`."""

    order_ref: str
    order_at: datetime
    creator: str
    currency: str
    before: int
    after: int
    detail: Mapping[str, Any]


def ask(
    program_id: int,
    document: Mapping[str, Any],
    *,
    against: Against,
    content: str | None,
    file_name: str,
    orders_total: int,
    asked_by: str,
    now: datetime,
) -> Trial:
    """Note that these terms shall be tried, on the program's own past orders or on those of a file (`content`).

    BadDocument where the terms cannot be read; TooManyTrials.
    """
    terms.read(document)
    rows = session().execute(select(Trial.id, Trial.state).where(Trial.program_id == program_id).order_by(Trial.id.desc())).all()
    if sum(row.state in ("waiting", "running") for row in rows) >= RUNNING_AT_ONCE:
        raise TooManyTrials()
    old = [row.id for row in rows[KEPT - 1 :] if row.state in ("done", "failed")]
    for model in (TrialDifference, TrialFile):
        session().execute(delete(model).where(model.trial_id.in_(old)))
    session().execute(delete(Trial).where(Trial.id.in_(old)))
    trial = Trial(
        program_id=program_id, terms=dict(document), against=against, source="past" if content is None else "file",
        file_name=file_name[:200], orders_total=orders_total, asked_by=asked_by, asked_at=now,
    )  # fmt: skip
    session().add(trial)
    session().flush()
    if content is not None:
        session().add(TrialFile(trial_id=trial.id, content=zlib.compress(content.encode(), 6)))
        session().flush()
    return trial


def begin(trial_id: int, *, orders_total: int | None, now: datetime) -> int | None:
    """Begin a run and forget what a run that was cut short left; its number, None where the trial is over or gone."""
    run = session().scalar(
        update(Trial)
        .where(Trial.id == trial_id, Trial.state.in_(("waiting", "running")))
        .values(state="running", run=Trial.run + 1, orders_done=0, started_at=now)
        .returning(Trial.run)
        .execution_options(synchronize_session=False)
    )
    if run is not None:
        session().execute(delete(TrialDifference).where(TrialDifference.trial_id == trial_id))
        if orders_total is not None:
            _write(trial_id, run, orders_total=orders_total)
    return run


def progress(trial_id: int, run: int, orders_done: int, first_place: int, found: Sequence[Difference]) -> None:
    """Keep what a run found so far; Superseded where it is no longer the newest."""
    _write(trial_id, run, orders_done=orders_done)
    rows = [
        {
            "trial_id": trial_id, "place": first_place + i, "order_ref": each.order_ref[:120], "order_at": each.order_at,
            "creator": each.creator, "currency": each.currency, "before_minor": each.before, "after_minor": each.after,
            "size_minor": abs(each.after - each.before),
            "detail": zlib.compress(json.dumps(each.detail, separators=(",", ":")).encode(), 1),
        }
        for i, each in enumerate(found)
    ]  # fmt: skip
    if rows:
        session().execute(insert(TrialDifference), rows)


def finish(trial_id: int, run: int, result: Mapping[str, Any], *, now: datetime) -> None:
    """The run is through; the uploaded file is forgotten. Superseded as above."""
    _write(trial_id, run, state="done", result=dict(result), orders_done=result["orders"], done_at=now)
    session().execute(delete(TrialFile).where(TrialFile.trial_id == trial_id))


def fail(trial_id: int, run: int, error: str, *, now: datetime) -> None:
    """The run cannot be done, and repeating would not help; the reason is shown. Superseded as above."""
    _write(trial_id, run, state="failed", error=error[:2000], done_at=now)
    session().execute(delete(TrialFile).where(TrialFile.trial_id == trial_id))


def _write(trial_id: int, run: int, **values: Any) -> None:
    written = session().scalar(
        update(Trial)
        .where(Trial.id == trial_id, Trial.run == run, Trial.state == "running")
        .values(**values)
        .returning(Trial.id)
        .execution_options(synchronize_session=False)
    )
    if written is None:
        raise Superseded()
