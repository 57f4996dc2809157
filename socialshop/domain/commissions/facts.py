"""The program's facts in their stored order of arrival: kept once, parked until what they are about has taken effect."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select

from ...kernel.database import session
from ...kernel.errors import N_, Conflict
from ..replay import Event, event_document, read_event, subject_of
from ..terms import Click, OrderFacts
from .models import ProgramEvent


class FactConflict(Conflict):
    """One id was given to two different facts."""

    code = "fact_conflict"
    message = N_("The id {event_id} was already given to something else.")

    def __init__(self, event_id: str) -> None:
        self.event_id = event_id
        super().__init__()


def find(program_id: int, event_id: str) -> ProgramEvent | None:
    """The fact with this id."""
    return session().scalar(select(ProgramEvent).where(ProgramEvent.program_id == program_id, ProgramEvent.event_id == event_id))


def keep(program_id: int, event: Event, *, order_id: int | None, now: datetime, actor: str) -> ProgramEvent | None:
    """Append a fact; None when it is known already. FactConflict: the id was given to something else.

    The program is locked by the caller, so arrivals are numbered without gaps.
    """
    document: dict[str, Any] = event_document(event)
    known = find(program_id, event.id)
    if known is not None:
        if known.document != document:
            raise FactConflict(event.id)
        return None
    subject = subject_of(event)
    last = session().scalar(select(func.max(ProgramEvent.arrival)).where(ProgramEvent.program_id == program_id))
    row = ProgramEvent(
        program_id=program_id, arrival=(last or 0) + 1, effect=None, event_id=event.id, type=str(document["type"]),
        subject=None if subject is None else _text(subject), order_id=order_id,
        visitor=event.visitor if isinstance(event, Click) else None, at=event.at, document=document, booked_at=now, actor=actor,
    )  # fmt: skip
    session().add(row)
    session().flush()
    return row


def subject_row(row: ProgramEvent) -> ProgramEvent | None:
    """The fact that `row` is about, if it has taken effect."""
    if row.subject is None:
        return None
    kind, _, event_id = row.subject.partition(":")
    found = find(row.program_id, event_id)
    return found if found is not None and found.effect is not None and found.type == kind else None


def take_effect(row: ProgramEvent) -> int:
    """Give the fact its place among those that took effect."""
    last = session().scalar(select(func.max(ProgramEvent.effect)).where(ProgramEvent.program_id == row.program_id))
    row.effect = (last or 0) + 1
    session().flush()
    return row.effect


def waiting_for(row: ProgramEvent) -> list[ProgramEvent]:
    """The parked facts about this one, in their order of arrival."""
    return list(
        session().scalars(
            select(ProgramEvent)
            .where(
                ProgramEvent.program_id == row.program_id,
                ProgramEvent.subject == f"{row.type}:{row.event_id}",
                ProgramEvent.effect.is_(None),
            )
            .order_by(ProgramEvent.arrival)
        )
    )


def clicks_near(program_id: int, order: OrderFacts) -> list[Click]:
    """The kept clicks of the order's visitor, and the one that the order names."""
    near = [ProgramEvent.event_id == order.click] if order.click is not None else []
    if order.visitor is not None:
        near.append(ProgramEvent.visitor == order.visitor)
    if not near:
        return []
    rows = session().scalars(
        select(ProgramEvent.document)
        .where(ProgramEvent.program_id == program_id, ProgramEvent.type == "click", or_(*near))
        .order_by(ProgramEvent.arrival)
    )
    found = [click for document in rows if isinstance(click := read_event(document), Click)]
    return sorted(found, key=lambda click: click.visitor is None or click.visitor != order.visitor)  # the named one last


def of_order(order_id: int, *, before: int | None = None) -> list[tuple[int, Event]]:
    """What happened to an order after its arrival, as (effect, event); before: only what took effect earlier."""
    query = (
        select(ProgramEvent.effect, ProgramEvent.document)
        .where(ProgramEvent.order_id == order_id, ProgramEvent.effect.is_not(None), ProgramEvent.type != "order")
        .order_by(ProgramEvent.effect)
    )
    rows = session().execute(query if before is None else query.where(ProgramEvent.effect < before))
    return [(int(effect or 0), read_event(document)) for effect, document in rows]


def of_program(program_id: int) -> list[ProgramEvent]:
    """All facts in their order of arrival."""
    return list(
        session().scalars(select(ProgramEvent).where(ProgramEvent.program_id == program_id).order_by(ProgramEvent.arrival))
    )


def _text(subject: tuple[str, str]) -> str:
    return f"{subject[0]}:{subject[1]}"
