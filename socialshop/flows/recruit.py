"""Creators bring creators: the recruiter is told of each one, and everybody concerned when the brand changes it."""

from __future__ import annotations

from datetime import datetime

from ..domain import people, programs, terms
from ..domain.audit import Actor
from ..kernel import faults
from ..kernel.database import transaction
from ..kernel.errors import N_, FieldError, Invalid
from ..kernel.money import percentage
from . import letters


def change(brand_id: int, enrollment: str, *, handle: str, reason: str, actor: Actor, now: datetime) -> bool:
    """Note another creator of the program as the recruiter, or none (""), and tell the three concerned why.

    Counts for orders that arrive from now on. False: it is so already. Invalid for a handle that is nobody's there.
    """
    with transaction():
        stay, program = programs.enrollment_of_brand(brand_id, enrollment)
        brand = people.get_brand(brand_id)
        recruiter = _named(program, handle)
        after = None if recruiter is None else recruiter.id
        before = programs.set_recruiter(stay, after, reason=reason, tenant=brand.public_id, actor=actor, now=now)
        if before == after:
            return False
        facts: dict[str, letters.Fact] = {
            "brand": brand.name, "program": program.name, "program_id": program.public_id, "reason": reason.strip(),
            "handle": people.get_creator(stay.creator_id).handle,
        }  # fmt: skip
        shown: letters.Fact = letters.Word(N_("nobody")) if recruiter is None else f"@{recruiter.handle}"
        told = [("recruiter_changed", stay.creator_id), ("recruit_lost", before), ("recruit_gained", after)]
        for kind, creator_id in told:
            if creator_id is not None:
                key = f"{kind}:{stay.public_id}:{creator_id}:{now.isoformat()}"
                _post(kind, creator_id, facts | {"recruiter": shown}, key, now)
        faults.point("recruit.before_commit")
        return True


def tell_joined(program: programs.Program, enrollment: programs.Enrollment, now: datetime) -> None:
    """In the caller's transaction: somebody's recruit is in the program; a recruiter who gets something for it has one letter."""
    recruiter = enrollment.recruited_by_id
    if enrollment.state != "enrolled" or recruiter is None or not programs.is_enrolled(program.id, recruiter):
        return
    current = programs.terms_now(program.id, now)
    if current is None or not any(map(percentage, terms.read(current.terms).overrides)):
        return
    facts: dict[str, letters.Fact] = {
        "brand": people.get_brand(program.brand_id).name, "program": program.name, "program_id": program.public_id,
        "handle": people.get_creator(enrollment.creator_id).handle,
    }  # fmt: skip
    _post("recruit_joined", recruiter, facts, f"recruit_joined:{enrollment.public_id}", now)


def _named(program: programs.Program, handle: str) -> people.Creator | None:
    handle = handle.strip().lstrip("@").lower()
    if not handle:
        return None
    found = people.find_creator_by_handle(handle)
    if found is None or programs.find_newest_enrollment(program.id, found.id) is None:
        raise Invalid(fields=[FieldError("recruiter", "unknown", N_("No creator of this program has that handle."))])
    return found


def _post(kind: str, creator_id: int, facts: dict[str, letters.Fact], key: str, now: datetime) -> None:
    email, locale = people.creator_email(creator_id)
    letters.post(to=email, kind=kind, locale=locale, key=key, now=now, facts=facts)
