"""Who brought whom into a program. A recruiter is fixed with the enrollment; only the brand changes it, with a reason.

The engine reads the recruiter of the stay that covers an order when that order arrives, and freezes it there.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sqlalchemy import select

from ...kernel.database import session
from ...kernel.errors import N_, Conflict, FieldError, Invalid
from .. import audit
from ..audit import Actor
from .models import Enrollment, Program
from .queries import find_newest_enrollment, lock
from .rules import NOTE_LENGTH, clean_text


class CannotRecruit(Conflict):
    """This creator cannot be the recruiter of that one; the sentence says why."""

    code = "cannot_recruit"
    message = N_("Nobody can recruit themselves.")


def find_inviter(invite: str) -> tuple[Enrollment, Program] | None:
    """The enrollment that an invitation names (its public id), if it ever began, and its program."""
    row = (
        session()
        .execute(
            select(Enrollment, Program)
            .join(Program, Program.id == Enrollment.program_id)
            .where(Enrollment.public_id == invite, Enrollment.enrolled_at.is_not(None))
        )
        .one_or_none()
    )
    return None if row is None else (row[0], row[1])


def earlier_recruiter(last: Enrollment | None) -> int | None:
    """Who brought a creator into the program when they were in it before."""
    return last.recruited_by_id if last is not None and last.enrolled_at is not None else None


def check_recruiter(program: Program, creator_id: int, recruiter_id: int) -> None:
    """CannotRecruit for oneself, for somebody who is not in the program, and in a circle. The program is locked."""
    if creator_id == recruiter_id:
        raise CannotRecruit()
    stay = find_newest_enrollment(program.id, recruiter_id)
    if stay is None or stay.state != "enrolled":
        raise CannotRecruit(N_("Whoever invited is not in {program} any more."), program=program.name)
    if creator_id in _upward(program.id, recruiter_id):
        raise CannotRecruit(
            N_("This creator brought the recruiter into {program}, perhaps through others. It cannot go both ways."),
            program=program.name,
        )


def set_recruiter(
    enrollment: Enrollment, recruiter_id: int | None, *, reason: str, tenant: str, actor: Actor, now: datetime
) -> int | None:
    """Note another recruiter, or none (None), for orders that arrive from now on; who it was before.

    Nothing happens where it is so already. Invalid without a reason; CannotRecruit as `check_recruiter` says.
    """
    program = lock(enrollment.program_id)
    session().refresh(enrollment, with_for_update=True)
    before = enrollment.recruited_by_id
    if before == recruiter_id:
        return before
    said = clean_text(reason, NOTE_LENGTH)
    if not said:
        raise Invalid(fields=[FieldError("reason", "missing", N_("Say why; the creators concerned will read it."))])
    if recruiter_id is not None:
        check_recruiter(program, enrollment.creator_id, recruiter_id)
    enrollment.recruited_by_id = recruiter_id
    session().flush()
    audit.note(
        "enrollment.recruiter", enrollment.public_id, actor=actor, tenant=tenant, now=now, reason=said,
        before={"recruiter": before}, after={"recruiter": recruiter_id},
    )  # fmt: skip
    return before


def recruits_of(program_id: int, creator_id: int) -> list[Enrollment]:
    """The newest enrollment of everybody whom this creator brought into the program, newest first."""
    rows = session().scalars(
        select(Enrollment)
        .where(Enrollment.program_id == program_id, Enrollment.recruited_by_id == creator_id)
        .order_by(Enrollment.applied_at.desc(), Enrollment.id.desc())
    )
    newest: dict[int, Enrollment] = {}
    for row in rows:
        newest.setdefault(row.creator_id, row)
    return list(newest.values())


def _upward(program_id: int, creator_id: int) -> set[int]:
    """Everybody up the line from a creator, over all stays, so that no mix of old and new stays makes a circle."""
    above: dict[int, set[int]] = defaultdict(set)
    rows = select(Enrollment.creator_id, Enrollment.recruited_by_id).where(Enrollment.program_id == program_id)
    for recruited, recruiter in session().execute(rows):
        if recruiter is not None:
            above[recruited].add(recruiter)
    found: set[int] = set()
    waiting = [creator_id]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting.extend(above[each])
    return found
