"""Taking exchange rates, many at once: they wait for nothing, and nothing waits for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, insert, select

from ...kernel.database import in_parts, session
from ..replay import event_document
from ..terms import FxQuote
from .facts import FactConflict
from .models import ProgramEvent


def take_quotes(program_id: int, quotes: Sequence[FxQuote], *, now: datetime, actor: str) -> None:
    """Append those that are not known, in their order; the program is locked by the caller.

    FactConflict: the id of one was given to something else.
    """
    known: dict[str, object] = {}
    for ids in in_parts(quote.id for quote in quotes):
        rows = session().execute(
            select(ProgramEvent.event_id, ProgramEvent.document).where(
                ProgramEvent.program_id == program_id, ProgramEvent.event_id.in_(ids)
            )
        )
        known |= {row.event_id: row.document for row in rows}
    fresh = []
    for quote in quotes:
        if quote.id not in known:
            fresh.append(quote)
        elif known[quote.id] != event_document(quote):
            raise FactConflict(quote.id)
    last = select(func.max(ProgramEvent.arrival), func.max(ProgramEvent.effect)).where(ProgramEvent.program_id == program_id)
    arrival, effect = session().execute(last).one()
    told = [
        {
            "program_id": program_id, "arrival": (arrival or 0) + n, "effect": (effect or 0) + n, "event_id": quote.id,
            "type": "fx", "at": quote.at, "document": event_document(quote), "booked_at": now, "actor": actor,
        }
        for n, quote in enumerate(fresh, start=1)
    ]  # fmt: skip
    if told:
        session().execute(insert(ProgramEvent), told)
