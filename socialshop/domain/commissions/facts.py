"""The program's facts in their stored order of arrival: kept once, parked until what they are about has taken effect."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from ...kernel.database import in_parts, session
from ...kernel.errors import N_, Conflict
from ..replay import Event, event_document, read_event, stored_click, subject_of
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


class Places:
    """Numbers for facts that arrive and take effect one after the other; the caller holds the program's lock."""

    def __init__(self, program_id: int) -> None:
        self._program_id = program_id
        arrival, effect = (
            session()
            .execute(
                select(func.max(ProgramEvent.arrival), func.max(ProgramEvent.effect)).where(ProgramEvent.program_id == program_id)
            )
            .one()
        )
        self._arrival, self._effect = arrival or 0, effect or 0

    def row(self, event: Click | OrderFacts, *, now: datetime, actor: str, order_id: int | None = None) -> dict[str, Any]:
        """The row of a fact that is new and waits for nothing."""
        self._arrival += 1
        self._effect += 1
        document: dict[str, Any] = event_document(event)
        return {
            "program_id": self._program_id, "arrival": self._arrival, "effect": self._effect, "event_id": event.id,
            "type": str(document["type"]), "subject": None, "order_id": order_id,
            "visitor": event.visitor if isinstance(event, Click) else None, "at": event.at, "document": document,
            "booked_at": now, "actor": actor,
        }  # fmt: skip


def known_orders(program_id: int, orders: Iterable[OrderFacts]) -> set[str]:
    """The ids of those that have arrived already. FactConflict: with other content, or the id is something else's."""
    told = {order.id: order for order in orders}
    found: set[str] = set()
    for ids in in_parts(told):
        rows = session().execute(
            select(ProgramEvent.event_id, ProgramEvent.document).where(
                ProgramEvent.program_id == program_id, ProgramEvent.event_id.in_(ids)
            )
        )
        for event_id, document in rows:
            if document != event_document(told[event_id]):
                raise FactConflict(event_id)
            found.add(event_id)
    return found


def waited_for(program_id: int, order_ids: Iterable[str]) -> set[str]:
    """Those of these orders that parked facts wait for."""
    found: set[str] = set()
    for subjects in in_parts(f"order:{order_id}" for order_id in order_ids):
        rows = session().scalars(
            select(ProgramEvent.subject).where(
                ProgramEvent.program_id == program_id, ProgramEvent.subject.in_(subjects), ProgramEvent.effect.is_(None)
            )
        )
        found |= {str(subject).removeprefix("order:") for subject in rows}
    return found


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


def kept_clicks(program_id: int, visitors: Iterable[str], ids: Iterable[str]) -> list[Click]:
    """The kept clicks of these visitors, and those with these ids, in their order of arrival."""
    query = select(ProgramEvent.arrival, ProgramEvent.document).where(
        ProgramEvent.program_id == program_id, ProgramEvent.type == "click"
    )
    parts = [query.where(ProgramEvent.visitor.in_(part)) for part in in_parts(visitors)]
    parts += [query.where(ProgramEvent.event_id.in_(part)) for part in in_parts(ids)]
    found = {row.arrival: row.document for part in parts for row in session().execute(part)}
    return [stored_click(found[arrival]) for arrival in sorted(found)]


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
