"""What a brand does with its programs. Inside the caller's transaction; rooms never commit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from ...kernel.database import session
from ...kernel.errors import N_, Conflict, FieldError, Invalid
from .. import audit, terms
from ..audit import Actor
from .models import Enrollment, Program, Version
from .queries import history_of, lock
from .rules import ABOUT_LENGTH, NAME_LENGTH, address_problem, clean_text, parameter_problem, slug_of

_TOLD = ("name", "about", "joining", "buyer_discount", "landing_url", "click_parameter")


class NoSuchStep(Conflict):
    """A program in this state does not take this step."""

    code = "program_state"
    message = N_("The program is {state} now. Please look again.")


class TermsMoved(Conflict):
    """Somebody published other terms since the author looked."""

    code = "terms_moved"
    message = N_("The terms were changed in the meantime. Please look at them and publish again.")


class TooLate(Conflict):
    """Terms that have begun cannot be withdrawn."""

    code = "terms_begun"
    message = N_("These terms are in force already. Publish new ones instead.")


@dataclass(frozen=True, slots=True)
class About:
    """What a program says of itself, beside its terms. buyer_discount: percent text that new codes give, "" none."""

    name: str
    about: str = ""
    joining: str = "approval"
    buyer_discount: str = ""
    landing_url: str = ""
    click_parameter: str = "ss_click"


def create(
    brand_id: int,
    about: About,
    document: Mapping[str, Any],
    *,
    tenant: str,
    currency: str,
    timezone: str,
    actor: Actor,
    now: datetime,
) -> Program:
    """A draft with its first terms written but in force for nobody. Invalid where a field or the terms cannot be taken."""
    terms.read(document)
    program = Program(
        brand_id=brand_id,
        currency=currency,
        timezone=timezone,
        draft=dict(document),
        created_at=now,
        changed_at=now,
        state="draft",
    )
    _describe(program, about, brand_id)
    session().add(program)
    _flush_name()
    audit.note("program.created", program.public_id, actor=actor, tenant=tenant, now=now, after={"name": program.name})
    return program


def change_about(program: Program, about: About, *, tenant: str, actor: Actor, now: datetime) -> None:
    """Say something else of the program. Not its terms, which are dated, nor codes already made."""
    before = _about_of(program)
    _describe(program, about, program.brand_id)
    _flush_name()
    after = _about_of(program)
    changed = {key for key in after if after[key] != before[key]}
    if changed:
        audit.note(
            "program.changed", program.public_id, actor=actor, tenant=tenant, now=now,
            before={key: before[key] for key in sorted(changed)}, after={key: after[key] for key in sorted(changed)},
        )  # fmt: skip


def keep_draft(program_id: int, document: Mapping[str, Any]) -> Program:
    """Keep terms that are being written. Invalid where the engine cannot read them; NoSuchStep once the program ended."""
    terms.read(document)
    program = lock(program_id)
    if program.state == "ended":
        raise NoSuchStep(state=program.state)
    program.draft = dict(document)
    return program


def publish(
    program_id: int, document: Mapping[str, Any], *, seen: int, from_at: datetime | None, tenant: str, actor: Actor, now: datetime
) -> Version:
    """Put these terms in force from an instant on (None: now); a draft goes live. Never edited afterwards.

    seen: how many versions had been published when the author looked; TermsMoved if others came since. The same
    terms a second time are the version they already became. Invalid for terms that cannot be read or a date that is past.
    """
    read = terms.read(document)
    program = lock(program_id)
    if program.state == "ended":
        raise NoSuchStep(state=program.state)
    past = {version.number: version for version in history_of(program_id)}
    if seen + 1 in past and seen + 1 == max(past):
        version = past[seen + 1]
        if terms.read(version.terms) == read and (version.from_at == from_at if from_at else version.from_at <= now):
            return version
    if seen != max(past, default=0):
        raise TermsMoved()
    begins = from_at or now
    _check_beginning(begins, past.values(), now)
    version = Version(
        program_id=program_id, number=seen + 1, from_at=begins, terms=dict(document), published_by=actor.name, published_at=now
    )
    session().add(version)
    try:
        session().flush()
    except IntegrityError as error:
        raise TermsMoved() from error
    program.draft = None
    if program.state == "draft":
        _step(program_id, ("draft",), "live", now)
    audit.note(
        "program.published", program.public_id, actor=actor, tenant=tenant, now=now,
        after={"version": version.number, "from": begins.isoformat(), "terms": dict(document)},
    )  # fmt: skip
    return version


def withdraw(program_id: int, version: Version, *, tenant: str, actor: Actor, now: datetime) -> bool:
    """Take back terms that have not begun: in force for nobody, still on record. TooLate once they have; False: already done."""
    program = lock(program_id)
    done = session().execute(
        update(Version)
        .where(Version.id == version.id, Version.withdrawn_at.is_(None), Version.from_at > now)
        .values(withdrawn_at=now)
        .returning(Version.id)
    )
    if done.scalar() is None:
        if session().scalar(select(Version.withdrawn_at).where(Version.id == version.id)) is None:
            raise TooLate()
        return False
    audit.note("program.withdrawn", program.public_id, actor=actor, tenant=tenant, now=now, before={"version": version.number})
    return True


def pause(program_id: int, *, tenant: str, actor: Actor, now: datetime) -> bool:
    """Nobody joins from now on; whoever is enrolled goes on earning. False: it was paused already."""
    return _move(program_id, ("live",), "paused", tenant=tenant, actor=actor, now=now)


def resume(program_id: int, *, tenant: str, actor: Actor, now: datetime) -> bool:
    """Open to creators again. False: it was live already."""
    return _move(program_id, ("paused",), "live", tenant=tenant, actor=actor, now=now)


def end(program_id: int, *, tenant: str, actor: Actor, now: datetime) -> bool:
    """End the program for good, and with it every enrollment at this instant. False: it had ended already.

    Orders placed before now keep what they earn, also when they are paid later; orders after earn nothing.
    Applications that nobody answered are declined. A draft is ended just so: nobody ever saw it.
    """
    if not _move(program_id, ("draft", "live", "paused"), "ended", tenant=tenant, actor=actor, now=now):
        return False
    for before, after in (("enrolled", "ended"), ("applied", "declined")):
        session().execute(
            update(Enrollment)
            .where(Enrollment.program_id == program_id, Enrollment.state == before)
            .values(state=after, ended_at=now)
            .execution_options(synchronize_session=False)
        )
    session().expire_all()
    return True


def _move(program_id: int, sources: tuple[str, ...], target: str, *, tenant: str, actor: Actor, now: datetime) -> bool:
    program = lock(program_id)
    before = program.state
    if before == target:
        return False
    if not _step(program_id, sources, target, now):
        raise NoSuchStep(state=before)
    audit.note(
        f"program.{target}",
        program.public_id,
        actor=actor,
        tenant=tenant,
        now=now,
        before={"state": before},
        after={"state": target},
    )
    return True


def _step(program_id: int, sources: tuple[str, ...], target: str, now: datetime) -> bool:
    moved = session().execute(
        update(Program)
        .where(Program.id == program_id, Program.state.in_(sources))
        .values(state=target, changed_at=now)
        .returning(Program.id)
    )
    return moved.scalar() is not None


def _check_beginning(begins: datetime, past: Any, now: datetime) -> None:
    if begins < now:
        raise Invalid(fields=[FieldError("from_at", "past", N_("Terms begin now or later, never in the past."))])
    if any(version.from_at == begins and version.withdrawn_at is None for version in past):
        raise Invalid(fields=[FieldError("from_at", "taken", N_("Other terms begin at that very moment."))])


def _describe(program: Program, about: About, brand_id: int) -> None:
    wrong: list[FieldError] = []
    name = " ".join(clean_text(about.name, NAME_LENGTH).split())
    slug = slug_of(name)
    if not name:
        wrong.append(FieldError("name", "missing", N_("Give the program a name.")))
    else:
        with session().no_autoflush:
            taken = session().scalar(
                select(Program.id).where(Program.brand_id == brand_id, Program.slug == slug, Program.id != program.id)
            )
        if taken is not None:
            wrong.append(_name_taken())
    if about.joining not in ("open", "approval"):
        wrong.append(FieldError("joining", "choose", N_("Please choose one.")))
    landing_url = about.landing_url.strip()
    wrong += filter(None, (address_problem(landing_url), parameter_problem(about.click_parameter)))
    if wrong:
        raise Invalid(fields=wrong)
    program.name, program.slug, program.about = name, slug, clean_text(about.about, ABOUT_LENGTH)
    program.joining, program.buyer_discount = about.joining, about.buyer_discount
    program.landing_url, program.click_parameter = landing_url[:2000], about.click_parameter


def _flush_name() -> None:
    try:
        session().flush()
    except IntegrityError as error:
        raise Invalid(fields=[_name_taken()]) from error


def _name_taken() -> FieldError:
    return FieldError("name", "taken", N_("You have a program of this name already."))


def _about_of(program: Program) -> dict[str, Any]:
    return {
        key: getattr(program, key) for key in ("name", "about", "joining", "buyer_discount", "landing_url", "click_parameter")
    }
