"""Later work is a row, written in the same commit as its cause and unique by key. Jobs may run twice.

The row is the job; whoever rings the bell only shortens the wait. A claim is one UPDATE that takes a
lease; a job whose lease has run out (its worker was killed) is claimed again by whoever sweeps.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, Text, and_, event, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from .database import Model, UtcDateTime, in_parts, primary_key, session

LEASE = timedelta(seconds=60)
TRIES = 8
_BACKOFF = [5, 30, 120, 600, 1800, 7200, 21600]  # seconds after the first, second, … failure


class Job(Model):
    """A thing to do at or after `run_at`: ready → running → done, or back to ready, or dead; dead → ready or dropped."""

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint("state IN ('ready', 'running', 'done', 'dead', 'dropped')", name="state"),
        Index("ix_jobs_due", "state", "run_at"),
    )

    id: Mapped[int] = primary_key()
    key: Mapped[str] = mapped_column(String(160), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)  # ids and plain values; never a secret
    tenant: Mapped[str] = mapped_column(String(60), default="")
    run_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(10), default="ready")
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job that this worker holds until its lease runs out."""

    id: int
    name: str
    payload: dict[str, Any]
    attempt: int


def add(name: str, payload: dict[str, Any], *, key: str, now: datetime, run_at: datetime | None = None, tenant: str = "") -> None:
    """Note a job in the caller's transaction. The same key twice is one job."""
    if session().scalar(select(Job.id).where(Job.key == key)) is None:
        job = Job(key=key, name=name, payload=payload, tenant=tenant, run_at=run_at or now, created_at=now)
        session().add(job)
        session().flush()
        session().info.setdefault("new_jobs", []).append((job.id, job.run_at))


Bell = Callable[[int, datetime], None]
_bell: Bell | None = None


def on_commit_ring(bell: Bell | None) -> None:
    """Call `bell(job id, run_at)` after the commit that brought a job; None for silence."""
    global _bell
    _bell = bell


@event.listens_for(Session, "after_commit")
def _ring(current: Session) -> None:
    for job_id, run_at in current.info.pop("new_jobs", []):
        if _bell is not None:
            _bell(job_id, run_at)


@event.listens_for(Session, "after_rollback")
def _forget(current: Session) -> None:
    current.info.pop("new_jobs", None)


def due(now: datetime, *, limit: int = 50, together: Collection[str] = ()) -> list[int]:
    """Ids of jobs that are ready and due, or whose worker has gone silent; of names that are worked together only one."""
    alone = select(Job.id).where(_claimable(now), Job.name.not_in(together)).order_by(Job.run_at, Job.id).limit(limit)
    found = list(session().scalars(alone))
    for name in together:
        first = select(Job.id).where(_claimable(now), Job.name == name).order_by(Job.run_at, Job.id).limit(1)
        found += session().scalars(first)
    return found


def claim(job_id: int, *, now: datetime) -> Claimed | None:
    """Take the job, or None where somebody else has it or it is not due."""
    row = (
        session()
        .execute(
            update(Job)
            .where(Job.id == job_id, _claimable(now))
            .values(state="running", lease_until=now + LEASE, attempts=Job.attempts + 1)
            .returning(Job.id, Job.name, Job.payload, Job.attempts)
            .execution_options(synchronize_session=False)
        )
        .one_or_none()
    )
    return None if row is None else Claimed(row.id, row.name, row.payload, row.attempts)


def claim_more(name: str, *, now: datetime, limit: int) -> list[Claimed]:
    """Take more due jobs of one name, the oldest first, leaving those that another worker is just taking."""
    oldest = select(Job.id).where(Job.name == name, _claimable(now)).order_by(Job.run_at, Job.id).limit(limit)
    rows = session().execute(
        update(Job)
        .where(Job.id.in_(oldest.with_for_update(skip_locked=True)), _claimable(now))
        .values(state="running", lease_until=now + LEASE, attempts=Job.attempts + 1)
        .returning(Job.id, Job.name, Job.payload, Job.attempts)
        .execution_options(synchronize_session=False)
    )
    return sorted((Claimed(row.id, row.name, row.payload, row.attempts) for row in rows), key=lambda job: job.id)


def renew(job: Claimed, *, now: datetime) -> None:
    """Hold on to a long job for another lease."""
    _set(job, lease_until=now + LEASE)


def hold_on(key: str, *, now: datetime) -> None:
    """As `renew`, for long work that knows its job by the key; nothing where it is not running."""
    session().execute(
        update(Job)
        .where(Job.key == key, Job.state == "running")
        .values(lease_until=now + LEASE)
        .execution_options(synchronize_session=False)
    )


def done(job: Claimed, *, now: datetime) -> None:
    """The job's work is committed."""
    _set(job, state="done", done_at=now, lease_until=None, error="")


def done_all(claimed: Sequence[Claimed], *, now: datetime) -> None:
    """The work of several jobs is committed."""
    for attempt in {job.attempt for job in claimed}:  # as in `_set`
        for part in in_parts(job.id for job in claimed if job.attempt == attempt):
            session().execute(
                update(Job)
                .where(Job.id.in_(part), Job.state == "running", Job.attempts == attempt)
                .values(state="done", done_at=now, lease_until=None, error="")
                .execution_options(synchronize_session=False)
            )


def failed(job: Claimed, error: str, *, now: datetime, final: bool = False) -> None:
    """Try again later, or give up where trying cannot help any more; a dead job is stuck work for the operator."""
    if final or job.attempt >= TRIES:
        _set(job, state="dead", lease_until=None, error=error[:2000])
    else:
        wait = timedelta(seconds=_BACKOFF[min(job.attempt, len(_BACKOFF)) - 1])
        _set(job, state="ready", run_at=now + wait, lease_until=None, error=error[:2000])


def revive(job_id: int, *, now: datetime) -> bool:
    """Let a dead job run again, from its first try."""
    found = session().execute(
        update(Job).where(Job.id == job_id, Job.state == "dead").values(state="ready", run_at=now, attempts=0).returning(Job.id)
    )
    return found.scalar() is not None


def drop(job_id: int, reason: str, *, now: datetime) -> bool:
    """Give a dead job up for good; its row stays, with the reason."""
    found = session().execute(
        update(Job)
        .where(Job.id == job_id, Job.state == "dead")
        .values(state="dropped", done_at=now, error=(Job.error + f"\ndropped: {reason}"))
        .returning(Job.id)
    )
    return found.scalar() is not None


def dead(*, limit: int = 100) -> list[Job]:
    """Stuck work, the oldest first."""
    return list(session().scalars(select(Job).where(Job.state == "dead").order_by(Job.created_at, Job.id).limit(limit)))


def counts() -> dict[str, int]:
    """How many jobs are in each state."""
    rows = session().execute(select(Job.state, func.count()).group_by(Job.state))
    return {row[0]: row[1] for row in rows}


def oldest_due(now: datetime) -> datetime | None:
    """Since when the longest-waiting job has been due; None where none is."""
    return session().scalar(select(func.min(Job.run_at)).where(Job.state == "ready", Job.run_at <= now))


def _claimable(now: datetime) -> Any:
    return or_(and_(Job.state == "ready", Job.run_at <= now), and_(Job.state == "running", Job.lease_until < now))


def _set(job: Claimed, **values: Any) -> None:
    # only while the claim is still ours: a later claimant has raised `attempts`
    session().execute(
        update(Job)
        .where(Job.id == job.id, Job.state == "running", Job.attempts == job.attempt)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
