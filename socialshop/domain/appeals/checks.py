"""What `verify` asks of this room: read-only, over the whole database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import select

from ...kernel.database import session
from .models import Appeal, AppealMessage, AppealStep, Paper
from .rules import EDGES, RUNNING

Wrong = tuple[str, str, str]


def discrepancies() -> Iterator[Wrong]:
    """What is wrong among appeals, as (invariant, row, sentence): I-11, I-25, I-34."""
    steps: dict[int, list[AppealStep]] = defaultdict(list)
    for step in session().scalars(select(AppealStep).order_by(AppealStep.appeal_id, AppealStep.place)):
        steps[step.appeal_id].append(step)
    for appeal in session().scalars(select(Appeal).order_by(Appeal.id)):
        row, mine = f"appeals {appeal.public_id}", steps.pop(appeal.id, [])
        yield from _along_edges(row, appeal, mine)
        if (appeal.closed_at is None) != (appeal.state in RUNNING) or (appeal.remind_at is None) == (appeal.state in RUNNING):
            yield "I-11", row, f"is {appeal.state}, but closed at {appeal.closed_at} and reminded next at {appeal.remind_at}"
        if appeal.state in ("granted", "denied") and not appeal.decision.strip():
            yield "I-34", row, "was decided without a reason"
    for appeal_id in steps:
        yield "I-11", f"appeal_steps of {appeal_id}", "belong to no appeal"
    yield from _strangers()


def _along_edges(row: str, appeal: Appeal, steps: list[AppealStep]) -> Iterator[Wrong]:
    stands = ""
    for step in steps:
        if step.was != stands or step.state not in (EDGES[stands] if stands else ("open",)):
            yield "I-11", row, f"went from {stands or 'nowhere'} to {step.state}"
        if step.state in ("granted", "denied") and not step.actor.startswith("user:"):
            yield "I-34", row, f"was {step.state} by {step.actor or 'nobody'}, who is no person"
        stands = step.state
    if stands != appeal.state:
        yield "I-11", row, f"is {appeal.state}, but its history ends with {stands or 'nothing'}"


def _strangers() -> Iterator[Wrong]:
    """A paper's two parties are those of its appeal."""
    rows = session().execute(
        select(Paper.public_id)
        .join(AppealMessage, AppealMessage.id == Paper.message_id)
        .join(Appeal, Appeal.id == AppealMessage.appeal_id)
        .where((Paper.brand_id != Appeal.brand_id) | (Paper.creator_id != Appeal.creator_id))
    )
    for (public_id,) in rows:
        yield "I-25", f"papers {public_id}", "is kept for others than the two parties of its appeal"
