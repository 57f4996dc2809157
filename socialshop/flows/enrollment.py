"""A creator comes into a program and goes: each step with its letter, together or not at all. All are safe to repeat."""

from __future__ import annotations

from datetime import datetime

from ..domain import people, programs
from ..domain.audit import Actor
from ..kernel import faults
from ..kernel.database import transaction
from ..kernel.errors import NotFound
from . import letters, recruit


def apply(program: str, creator_id: int, *, note: str, now: datetime, invite: str = "") -> programs.Enrollment:
    """Apply to a program (public id), or join at once where it is open; the brand is told. A second tap finds the first.

    invite: the invitation that they came by. NotJoining unless the program is live; NotWelcome for a creator whom the
    brand removed; CannotRecruit where the inviter cannot be their recruiter.
    """
    with transaction():
        found = programs.find_published(program)
        if found is None:
            raise NotFound()
        inviter = programs.find_inviter(invite) if invite else None
        recruiter = inviter[0].creator_id if inviter is not None and inviter[1].id == found.id else None
        enrollment, fresh = programs.apply(found.id, creator_id, note=note, now=now, recruiter_id=recruiter)
        if fresh:
            _tell_brand("creator_joined" if enrollment.state == "enrolled" else "creator_applied", found, enrollment, now)
            recruit.tell_joined(found, enrollment, now)
        faults.point("enrollment.before_commit")
        return enrollment


def approve(brand_id: int, enrollment: str, *, actor: Actor, now: datetime) -> bool:
    """Take an applicant in from this instant on and tell them. False: done already; Decided: somebody else said no."""
    with transaction():
        found, program = programs.enrollment_of_brand(brand_id, enrollment)
        brand = people.get_brand(brand_id)
        fresh = programs.approve(found, tenant=brand.public_id, actor=actor, now=now)
        if fresh:
            _tell_creator("enrollment_approved", brand, program, found, now)
            recruit.tell_joined(program, found, now)
        faults.point("enrollment.before_commit")
        return fresh


def decline(brand_id: int, enrollment: str, *, reason: str, actor: Actor, now: datetime) -> bool:
    """Say no to an applicant and tell them why. False: done already; Decided: somebody else said yes."""
    with transaction():
        found, program = programs.enrollment_of_brand(brand_id, enrollment)
        brand = people.get_brand(brand_id)
        fresh = programs.decline(found, reason=reason, tenant=brand.public_id, actor=actor, now=now)
        if fresh:
            _tell_creator("enrollment_declined", brand, program, found, now)
        faults.point("enrollment.before_commit")
        return fresh


def remove(brand_id: int, enrollment: str, *, reason: str, actor: Actor, now: datetime) -> bool:
    """Let a creator go from this instant on and tell them why. What earlier orders earned is kept and paid as agreed."""
    with transaction():
        found, program = programs.enrollment_of_brand(brand_id, enrollment)
        brand = people.get_brand(brand_id)
        fresh = programs.remove(found, reason=reason, tenant=brand.public_id, actor=actor, now=now)
        if fresh:
            _tell_creator("enrollment_removed", brand, program, found, now)
        faults.point("enrollment.before_commit")
        return fresh


def readmit(brand_id: int, enrollment: str, *, actor: Actor, now: datetime) -> programs.Enrollment:
    """Take a removed or declined creator in after all, from this instant on, and tell them."""
    with transaction():
        found, program = programs.enrollment_of_brand(brand_id, enrollment)
        brand = people.get_brand(brand_id)
        stay, fresh = programs.readmit(found, tenant=brand.public_id, actor=actor, now=now)
        if fresh:
            _tell_creator("enrollment_approved", brand, program, stay, now)
        faults.point("enrollment.before_commit")
        return stay


def leave(program: str, creator_id: int, *, actor: Actor, now: datetime) -> bool:
    """The creator goes, from this instant on, and the brand is told. False: gone already; NotFound where never enrolled."""
    with transaction():
        found = programs.find_published(program)
        enrollment = programs.find_newest_enrollment(found.id, creator_id) if found else None
        if found is None or enrollment is None or enrollment.enrolled_at is None:
            raise NotFound()
        creator = people.get_creator(creator_id)
        fresh = programs.leave(enrollment, tenant=creator.public_id, actor=actor, now=now)
        if fresh:
            _tell_brand("creator_left", found, enrollment, now)
        faults.point("enrollment.before_commit")
        return fresh


def _tell_brand(kind: str, program: programs.Program, enrollment: programs.Enrollment, now: datetime) -> None:
    brand, creator = people.get_brand(program.brand_id), people.get_creator(enrollment.creator_id)
    for email, locale in people.brand_emails(brand.id, ("owner", "manager")):
        letters.post(
            to=email, kind=kind, locale=locale, key=f"{kind}:{enrollment.public_id}:{email}", now=now, zone=brand.timezone,
            facts={
                "creator": creator.name, "handle": creator.handle, "program": program.name, "brand": brand.name,
                "slug": brand.slug, "enrollment": enrollment.public_id, "note": enrollment.note or "—",
            },
        )  # fmt: skip


def _tell_creator(
    kind: str, brand: people.Brand, program: programs.Program, enrollment: programs.Enrollment, now: datetime
) -> None:
    email, locale = people.creator_email(enrollment.creator_id)
    letters.post(
        to=email, kind=kind, locale=locale, key=f"{kind}:{enrollment.public_id}", now=now,
        facts={
            "program": program.name, "brand": brand.name, "reason": enrollment.reason, "program_id": program.public_id,
            "when": now,
        },
    )  # fmt: skip
