"""What the operator does to people and to stuck work; always with a reason, always audited."""

from __future__ import annotations

from datetime import datetime

from ..domain import audit, people
from ..kernel import jobs
from ..kernel.database import transaction
from ..kernel.errors import N_, Conflict, FieldError, Invalid, NotFound

INSTALL = "install"


def disable(user: str, *, by: int, reason: str, actor: audit.Actor, now: datetime) -> None:
    """Close an account: it is signed out everywhere and cannot sign in."""
    with transaction():
        found = _locked(user)
        why = _reason(reason)
        people.disable(found, by=people.get_user(by), now=now)
        people.end_sessions(found.id, now=now)
        audit.note("user.disabled", found.public_id, actor=actor, tenant=INSTALL, now=now, reason=why)


def enable(user: str, *, reason: str, actor: audit.Actor, now: datetime) -> None:
    """Open a closed account again."""
    with transaction():
        found = _locked(user)
        why = _reason(reason)
        found.disabled_at = None
        audit.note("user.enabled", found.public_id, actor=actor, tenant=INSTALL, now=now, reason=why)


def revive(job_id: int, *, actor: audit.Actor, now: datetime) -> None:
    """Let stuck work run again; Conflict where it is not stuck any more."""
    with transaction():
        if not jobs.revive(job_id, now=now):
            raise Conflict(N_("This work is not stuck any more."))
        audit.note("job.revived", f"job:{job_id}", actor=actor, tenant=INSTALL, now=now)


def drop(job_id: int, *, reason: str, actor: audit.Actor, now: datetime) -> None:
    """Give stuck work up for good; it stays on record with the reason."""
    with transaction():
        why = _reason(reason)
        if not jobs.drop(job_id, why, now=now):
            raise Conflict(N_("This work is not stuck any more."))
        audit.note("job.dropped", f"job:{job_id}", actor=actor, tenant=INSTALL, now=now, reason=why)


def _locked(public_id: str) -> people.User:
    found = people.find_user(public_id)
    if found is None:
        raise NotFound()
    return people.lock_user(found.id)


def _reason(text: str) -> str:
    text = text.strip()
    if not text:
        raise Invalid(fields=[FieldError("reason", "missing", N_("Please write why; it is kept in the log."))])
    return text[:500]
