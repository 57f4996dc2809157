"""What `verify` asks between judgements, the engine's facts and the ledger (I-34): reads, never writes."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from ..domain import appeals, commissions, ledger
from ..kernel.database import session

Wrong = tuple[str, str, str]
_TYPES = {"hold": ("hold", "release"), "rejection": ("reject", "reinstate")}


def discrepancies() -> Iterator[Wrong]:
    """Judgements say what the facts say, appeals are about one that stood, and holding moves no money out of its place."""
    yield from _judgements()
    yield from _appeals()
    yield from _conserved()


def _judgements() -> Iterator[Wrong]:
    facts, ended = {}, set()
    kinds = [name for pair in _TYPES.values() for name in pair]
    event = commissions.ProgramEvent
    query = select(event.event_id, event.type, event.subject, event.effect).where(event.type.in_(kinds))
    for event_id, kind, subject, effect in session().execute(query):
        facts[event_id] = kind
        if effect is not None:
            ended.add(subject)
    for row in session().scalars(select(appeals.Judgement).order_by(appeals.Judgement.id)):
        begins, _ = _TYPES[row.kind]
        if facts.get(row.event_id) != begins:
            yield "I-34", f"judgements {row.id}", f"is a {row.kind}, but no fact of the engine carries it out"
        elif (row.ended_at is not None) != (f"{begins}:{row.event_id}" in ended):
            stands = "stands" if row.ended_at is None else "has ended"
            yield "I-34", f"judgements {row.id}", f"{stands} here, and not for the engine"


def _appeals() -> Iterator[Wrong]:
    """Whoever appeals, appeals something that stands; granting ends it."""
    query = (
        select(appeals.Appeal.public_id, appeals.Appeal.state, appeals.Judgement.ended_at)
        .join(appeals.Judgement, appeals.Judgement.id == appeals.Appeal.judgement_id)
        .where(appeals.Appeal.state.in_(("open", "asked", "granted")))
    )
    for public_id, state, ended_at in session().execute(query):
        if (state == "granted") != (ended_at is not None):
            yield "I-34", f"appeals {public_id}", f"is {state}, but what it is about {'has ended' if ended_at else 'stands'}"


def _conserved() -> Iterator[Wrong]:
    """A hold, its end and a dispute move money between held and payable, and nowhere else."""
    step, posting, account = commissions.CommissionStep, ledger.Posting, ledger.Account
    query = (
        select(step.commission_id, step.kind, account.kind)
        .join(posting, (posting.transaction_id == step.transaction_id) & (posting.commission_id == step.commission_id))
        .join(account, account.id == posting.account_id)
        .where(step.kind.in_(("hold", "release", "dispute")), account.kind.not_in(("held", "payable")))
    )
    for commission_id, kind, pocket in session().execute(query):
        yield "I-34", f"commissions {commission_id}", f"a {kind} moved money of the pocket {pocket}"
    changed = select(step.commission_id, step.kind, step.minor).where(
        step.kind.in_(("hold", "release", "dispute", "dispute_closed")), step.minor != 0
    )
    for commission_id, kind, minor in session().execute(changed):
        yield "I-34", f"commissions {commission_id}", f"a {kind} changed its worth by {minor}"
