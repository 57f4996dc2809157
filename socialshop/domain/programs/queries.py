"""Questions about programs, their versions and who is in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import func, or_, select

from ...kernel.database import in_parts, session
from ...kernel.errors import NotFound
from .. import terms
from .models import Enrollment, Program, Version
from .rules import Standing, standing


def get(program_id: int) -> Program:
    """The program; NotFound."""
    found = session().get(Program, program_id)
    if found is None:
        raise NotFound()
    return found


def lock(program_id: int) -> Program:
    """The program, kept for this transaction: whoever comes next waits. Gives orders their order of arrival."""
    found = session().scalar(
        select(Program).where(Program.id == program_id).with_for_update().execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound()
    return found


def program_of(brand_id: int, public_id: str) -> Program:
    """A brand's program; NotFound for another brand's."""
    found = session().scalar(select(Program).where(Program.brand_id == brand_id, Program.public_id == public_id))
    if found is None:
        raise NotFound()
    return found


def find_by_public_id(public_id: str) -> Program | None:
    """A program of any brand, for the operator's commands."""
    return session().scalar(select(Program).where(Program.public_id == public_id))


def find_published(public_id: str) -> Program | None:
    """A program that was ever published, for creators to look at."""
    return session().scalar(select(Program).where(Program.public_id == public_id, Program.state != "draft"))


def programs_by_id(ids: Iterable[int]) -> dict[int, Program]:
    """Programs by their ids."""
    found = session().scalars(select(Program).where(Program.id.in_(set(ids))))
    return {program.id: program for program in found}


def programs_of_brand(brand_id: int) -> list[Program]:
    """A brand's programs, newest first."""
    return list(session().scalars(select(Program).where(Program.brand_id == brand_id).order_by(Program.id.desc())))


def brands_of_several() -> dict[int, int]:
    """Program → brand, of all brands that have more than one program."""
    several = select(Program.brand_id).group_by(Program.brand_id).having(func.count() > 1)
    rows = session().execute(select(Program.id, Program.brand_id).where(Program.brand_id.in_(several)))
    return {row[0]: row[1] for row in rows}


def find_only_live(brand_id: int) -> Program | None:
    """The brand's program where it has just one that earns (live or paused)."""
    found = (
        session()
        .scalars(select(Program).where(Program.brand_id == brand_id, Program.state.in_(("live", "paused"))).limit(2))
        .all()
    )
    return found[0] if len(found) == 1 else None


def listed(search: str = "", *, brand_ids: Collection[int] = (), limit: int = 100) -> list[Program]:
    """Programs that creators may join: live ones whose name or text, or whose brand, fits the search; newest first."""
    query = select(Program).where(Program.state == "live")
    if search.strip():
        fits = f"%{_escaped(search.strip().lower())}%"
        query = query.where(
            or_(
                func.lower(Program.name).like(fits, escape="\\"),
                func.lower(Program.about).like(fits, escape="\\"),
                Program.brand_id.in_(brand_ids),
            )
        )
    return list(session().scalars(query.order_by(Program.id.desc()).limit(limit)))


def versions_of(program_id: int) -> list[Version]:
    """The terms that were, are and will be in force, oldest first; withdrawn ones left out."""
    return [version for version in history_of(program_id) if version.withdrawn_at is None]


def history_of(program_id: int) -> list[Version]:
    """All that was ever published, withdrawn versions too, by the instant they begin."""
    return list(
        session().scalars(select(Version).where(Version.program_id == program_id).order_by(Version.from_at, Version.number))
    )


def version_of(program_id: int, public_id: str) -> Version:
    """One version of a program; NotFound."""
    found = session().scalar(select(Version).where(Version.program_id == program_id, Version.public_id == public_id))
    if found is None:
        raise NotFound()
    return found


def terms_now(program_id: int, at: datetime) -> Version | None:
    """The version in force at that instant, if any had begun."""
    return session().scalar(
        select(Version)
        .where(Version.program_id == program_id, Version.from_at <= at, Version.withdrawn_at.is_(None))
        .order_by(Version.from_at.desc())
        .limit(1)
    )


def versions_in_force(program_ids: Iterable[int], at: datetime) -> dict[int, Version]:
    """For each program the version in force, or where none has begun the first that will."""
    found: dict[int, Version] = {}
    rows = session().scalars(
        select(Version)
        .where(Version.program_id.in_(set(program_ids)), Version.withdrawn_at.is_(None))
        .order_by(Version.program_id, Version.from_at)
    )
    for version in rows:
        if version.program_id not in found or version.from_at <= at:
            found[version.program_id] = version
    return found


def engine_program(program_id: int) -> terms.Program:
    """The program as the engine takes it: its zone and every version, read strictly."""
    program = get(program_id)
    versions = tuple(terms.Version(v.from_at, terms.read(v.terms)) for v in versions_of(program_id))
    return terms.Program(str(program.id), versions, program.timezone)


def enrollment_at(program_id: int, creator_id: int, at: datetime) -> Enrollment | None:
    """The creator's stay in the program that covers that instant."""
    return session().scalar(
        select(Enrollment).where(
            Enrollment.program_id == program_id,
            Enrollment.creator_id == creator_id,
            Enrollment.enrolled_at <= at,
            or_(Enrollment.ended_at.is_(None), Enrollment.ended_at > at),
        )
    )


def standing_at(program_id: int, creator_ids: Iterable[int], at: datetime) -> dict[int, Standing]:
    """What the engine is told of each of these creators for an order of that instant; see `rules.standing`."""
    asked = set(creator_ids)
    stays: dict[int, list[Standing]] = {creator_id: [] for creator_id in asked}
    rows = session().scalars(
        select(Enrollment).where(
            Enrollment.program_id == program_id, Enrollment.creator_id.in_(asked), Enrollment.enrolled_at.is_not(None)
        )
    )
    for row in rows:
        assert row.enrolled_at is not None
        stay = Standing(tuple(row.groups), row.enrolled_at, row.ended_at, row.recruited_by_id)
        stays[row.creator_id].append(stay)
    never = get(program_id).created_at
    return {creator_id: standing(found, at, never=never) for creator_id, found in stays.items()}


def enrollments_of_program(program_id: int, states: Collection[str] = ()) -> list[Enrollment]:
    """Who is, was or wants to be in a program; newest application first."""
    query = select(Enrollment).where(Enrollment.program_id == program_id)
    if states:
        query = query.where(Enrollment.state.in_(states))
    return list(session().scalars(query.order_by(Enrollment.applied_at.desc(), Enrollment.id.desc())))


def enrollments_of_brand(
    brand_id: int, *, states: Collection[str] = (), program_id: int | None = None, limit: int = 50, offset: int = 0
) -> list[tuple[Enrollment, Program]]:
    """The same over all programs of a brand; applications first."""
    query = select(Enrollment, Program).join(Program, Program.id == Enrollment.program_id).where(Program.brand_id == brand_id)
    if states:
        query = query.where(Enrollment.state.in_(states))
    if program_id is not None:
        query = query.where(Program.id == program_id)
    query = query.order_by((Enrollment.state == "applied").desc(), Enrollment.applied_at.desc(), Enrollment.id.desc())
    return [(row[0], row[1]) for row in session().execute(query.limit(limit).offset(offset))]


def count_enrollments(brand_id: int) -> dict[str, int]:
    """How many of each state, over all programs of a brand."""
    rows = session().execute(
        select(Enrollment.state, func.count())
        .join(Program, Program.id == Enrollment.program_id)
        .where(Program.brand_id == brand_id)
        .group_by(Enrollment.state)
    )
    return {row[0]: row[1] for row in rows}


def count_enrolled(program_ids: Iterable[int]) -> dict[int, int]:
    """How many creators are enrolled in each program now; programs without any are left out."""
    rows = session().execute(
        select(Enrollment.program_id, func.count())
        .where(Enrollment.program_id.in_(set(program_ids)), Enrollment.state == "enrolled")
        .group_by(Enrollment.program_id)
    )
    return {row[0]: row[1] for row in rows}


def enrollment_of_brand(brand_id: int, public_id: str) -> tuple[Enrollment, Program]:
    """One enrollment in a program of this brand; NotFound for another brand's."""
    row = (
        session()
        .execute(
            select(Enrollment, Program)
            .join(Program, Program.id == Enrollment.program_id)
            .where(Program.brand_id == brand_id, Enrollment.public_id == public_id)
        )
        .one_or_none()
    )
    if row is None:
        raise NotFound()
    return row[0], row[1]


def enrollment(enrollment_id: int) -> Enrollment:
    """One enrollment; NotFound."""
    found = session().get(Enrollment, enrollment_id)
    if found is None:
        raise NotFound()
    return found


def enrollments_of_creator(creator_id: int) -> list[tuple[Program, Enrollment]]:
    """A creator's newest enrollment in each program that they ever applied to, newest first."""
    rows = session().execute(
        select(Program, Enrollment)
        .join(Enrollment, Enrollment.program_id == Program.id)
        .where(Enrollment.creator_id == creator_id)
        .order_by(Enrollment.applied_at.desc(), Enrollment.id.desc())
    )
    newest: dict[int, tuple[Program, Enrollment]] = {}
    for program, found in rows:
        newest.setdefault(program.id, (program, found))
    return list(newest.values())


def find_newest_enrollment(program_id: int, creator_id: int) -> Enrollment | None:
    """Where the creator stands in this program now, if they ever applied."""
    return session().scalar(
        select(Enrollment)
        .where(Enrollment.program_id == program_id, Enrollment.creator_id == creator_id)
        .order_by(Enrollment.applied_at.desc(), Enrollment.id.desc())
        .limit(1)
    )


def stays_of(program_id: int, creator_id: int) -> list[Enrollment]:
    """Everything that was between a creator and a program, oldest first."""
    return list(
        session().scalars(
            select(Enrollment)
            .where(Enrollment.program_id == program_id, Enrollment.creator_id == creator_id)
            .order_by(Enrollment.applied_at, Enrollment.id)
        )
    )


def stays_by_creator(program_id: int, creator_ids: Collection[int]) -> list[Enrollment]:
    """Everything that was between these creators and a program, oldest first."""
    found: list[Enrollment] = []
    for part in in_parts(creator_ids):
        rows = session().scalars(
            select(Enrollment)
            .where(Enrollment.program_id == program_id, Enrollment.creator_id.in_(part))
            .order_by(Enrollment.applied_at, Enrollment.id)
        )
        found += rows
    return found


def live_enrollments_of(creator_id: int) -> list[tuple[Program, Enrollment]]:
    """What a creator may make links and codes for: enrolled now, in a program that is live or paused (which earns too)."""
    rows = session().execute(
        select(Program, Enrollment)
        .join(Enrollment, Enrollment.program_id == Program.id)
        .where(
            Enrollment.creator_id == creator_id,
            Enrollment.state == "enrolled",
            Program.state.in_(("live", "paused")),
        )
        .order_by(Program.name, Program.id)
    )
    return [(row[0], row[1]) for row in rows]


def is_enrolled(program_id: int, creator_id: int) -> bool:
    """Whether the creator may make links and codes for this program now."""
    return any(program.id == program_id for program, _ in live_enrollments_of(creator_id))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
