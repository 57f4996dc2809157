"""How creators come into a program and go. Inside the caller's transaction; every step is a conditional update."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from ...kernel.database import session
from ...kernel.errors import N_, Conflict, FieldError, Forbidden, Invalid
from .. import audit
from ..audit import Actor
from .models import Enrollment, Program
from .queries import find_newest_enrollment, lock
from .recruiting import check_recruiter, earlier_recruiter
from .rules import NOTE_LENGTH, clean_text


class NotJoining(Conflict):
    """The program takes nobody in now."""

    code = "not_joining"
    message = N_("{program} takes no new creators now.")


class NotWelcome(Forbidden):
    """The brand removed this creator; only the brand can take them back."""

    code = "removed"
    message = N_("You were removed from {program}. Only the brand can take you back.")


class Decided(Conflict):
    """Somebody else has decided this application, or the creator is gone."""

    code = "enrollment_state"
    message = N_("This was decided in the meantime. Please look again.")


def apply(
    program_id: int, creator_id: int, *, note: str, now: datetime, recruiter_id: int | None = None
) -> tuple[Enrollment, bool]:
    """The creator's application, or enrollment at once where joining is open; and whether it is new.

    A second tap finds the first. Again after declined, left or ended; NotWelcome after removed; NotJoining unless live.
    recruiter_id: whose invitation they came by; whoever brought them in earlier stays their recruiter. CannotRecruit
    where this one cannot be it.
    """
    program = lock(program_id)
    last = find_newest_enrollment(program_id, creator_id)
    if last is not None and last.state in ("applied", "enrolled"):
        return last, False
    if program.state != "live":
        raise NotJoining(program=program.name)
    if last is not None and last.state == "removed":
        raise NotWelcome(program=program.name)
    recruiter = earlier_recruiter(last)
    if recruiter is None and recruiter_id is not None:
        check_recruiter(program, creator_id, recruiter_id)
        recruiter = recruiter_id
    enrolled, said = program.joining == "open", clean_text(note, NOTE_LENGTH)
    return _take_in(program, creator_id, enrolled=enrolled, note=said, recruiter_id=recruiter, now=now), True


def approve(enrollment: Enrollment, *, tenant: str, actor: Actor, now: datetime) -> bool:
    """Enroll an applicant from this instant on. False: enrolled already; Decided otherwise; NotJoining while paused."""
    program = lock(enrollment.program_id)
    if program.state != "live":
        raise NotJoining(N_("{program} is not open now. Resume it first, then approve."), program=program.name)
    return _move(enrollment, "applied", "enrolled", {"enrolled_at": now}, tenant=tenant, actor=actor, now=now)


def decline(enrollment: Enrollment, *, reason: str, tenant: str, actor: Actor, now: datetime) -> bool:
    """Say no to an applicant, with a reason they are shown. False: declined already; Decided otherwise."""
    values = {"reason": _reason(reason), "ended_at": now}
    return _move(enrollment, "applied", "declined", values, tenant=tenant, actor=actor, now=now)


def leave(enrollment: Enrollment, *, tenant: str, actor: Actor, now: datetime) -> bool:
    """The creator goes: orders placed from this instant on earn them nothing, earlier ones stay. False: gone already."""
    return _move(enrollment, "enrolled", "left", {"ended_at": now}, tenant=tenant, actor=actor, now=now)


def remove(enrollment: Enrollment, *, reason: str, tenant: str, actor: Actor, now: datetime) -> bool:
    """The brand lets a creator go, with a reason they are shown. What `leave` says of orders holds here too."""
    values = {"reason": _reason(reason), "ended_at": now}
    return _move(enrollment, "enrolled", "removed", values, tenant=tenant, actor=actor, now=now)


def readmit(enrollment: Enrollment, *, tenant: str, actor: Actor, now: datetime) -> tuple[Enrollment, bool]:
    """Take a removed or declined creator in after all: a new stay from this instant on; and whether it is new."""
    program = lock(enrollment.program_id)
    last = find_newest_enrollment(program.id, enrollment.creator_id)
    if last is not None and last.state == "enrolled":
        return last, False
    if program.state != "live":
        raise NotJoining(N_("{program} is not open now. Resume it first, then approve."), program=program.name)
    if last is None or last.state not in ("removed", "declined"):
        raise Decided()
    recruiter = last.recruited_by_id
    fresh = _take_in(program, enrollment.creator_id, enrolled=True, note="", recruiter_id=recruiter, now=now)
    fresh.groups = list(last.groups)
    session().flush()
    audit.note(
        "enrollment.readmitted", fresh.public_id, actor=actor, tenant=tenant, now=now,
        before={"state": last.state}, after={"state": "enrolled"},
    )  # fmt: skip
    return fresh, True


def set_groups(enrollment: Enrollment, groups: list[str], *, tenant: str, actor: Actor, now: datetime) -> None:
    """Put a creator into these groups; counts for orders that arrive from now on."""
    before = session().scalar(
        select(Enrollment.groups)
        .where(Enrollment.id == enrollment.id, Enrollment.state.in_(("applied", "enrolled")))
        .with_for_update()
    )
    if before is None:
        raise Decided()
    if before == groups:
        return
    enrollment.groups = groups
    session().flush()
    audit.note(
        "enrollment.grouped", enrollment.public_id, actor=actor, tenant=tenant, now=now,
        before={"groups": before}, after={"groups": groups},
    )  # fmt: skip


def _take_in(
    program: Program, creator_id: int, *, enrolled: bool, note: str, recruiter_id: int | None, now: datetime
) -> Enrollment:
    fresh = Enrollment(
        program_id=program.id,
        creator_id=creator_id,
        state="enrolled" if enrolled else "applied",
        groups=[],
        recruited_by_id=recruiter_id,
        note=note,
        applied_at=now,
        enrolled_at=now if enrolled else None,
    )
    session().add(fresh)
    try:
        session().flush()
    except IntegrityError as error:  # the live one of the other tap: the index is the last guard
        raise Decided() from error
    return fresh


def _move(
    enrollment: Enrollment, source: str, target: str, values: dict[str, Any], *, tenant: str, actor: Actor, now: datetime
) -> bool:
    moved = session().execute(
        update(Enrollment)
        .where(Enrollment.id == enrollment.id, Enrollment.state == source)
        .values(state=target, **values)
        .returning(Enrollment.id)
        .execution_options(synchronize_session=False)
    )
    done = moved.scalar() is not None
    session().refresh(enrollment)
    if not done:
        if enrollment.state == target:
            return False
        raise Decided()
    audit.note(
        f"enrollment.{target}", enrollment.public_id, actor=actor, tenant=tenant, now=now,
        before={"state": source}, after={"state": target}, reason=str(values.get("reason", "")),
    )  # fmt: skip
    return True


def _reason(text: str) -> str:
    found = clean_text(text, NOTE_LENGTH)
    if not found:
        raise Invalid(fields=[FieldError("reason", "missing", N_("Say why; the creator will read it."))])
    return found
