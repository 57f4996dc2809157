"""What people do about a held or rejected commission; the caller's transaction, the caller's locks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from ...kernel.database import session
from ...kernel.errors import N_, Conflict, Invalid
from . import queries
from .models import Appeal, AppealMessage, AppealStep, Evidence, Judgement, Paper
from .rules import EDGES, MAX_PAPERS, MAX_TOTAL, RUNNING, Exhibit, Kind, PaperDraft, Side, State, next_reminder


class AppealMoved(Conflict):
    """The appeal was decided or withdrawn in the meantime."""

    code = "appeal_moved"
    message = N_("This appeal has been closed in the meantime. Please look again.")


class TooManyPapers(Invalid):
    """More was attached than one case may hold."""

    code = "too_many_papers"
    message = N_("There is no room for more: at most {most} files and 25 MB about one order.")


@dataclass(frozen=True, slots=True)
class Case:
    """Between whom and about what: all that a creator has in one order of a brand."""

    brand_id: int
    order_id: int
    creator_id: int
    commission_id: int


def judge(case: Case, kind: Kind, event_id: str, code: str, words: str, *, now: datetime, actor: str) -> Judgement:
    """Write down a judgement that the engine has just carried out."""
    row = Judgement(
        event_id=event_id, kind=kind, brand_id=case.brand_id, order_id=case.order_id, creator_id=case.creator_id,
        commission_id=case.commission_id, code=code, words=words, at=now, actor=actor,
    )  # fmt: skip
    session().add(row)
    session().flush()
    return row


def end_judgements(order_id: int, creator_id: int, kinds: Iterable[Kind], *, why: str, now: datetime, actor: str) -> int:
    """End the judgements of these kinds that stand; how many."""
    ended = session().scalars(
        update(Judgement)
        .where(
            Judgement.order_id == order_id,
            Judgement.creator_id == creator_id,
            Judgement.kind.in_(list(kinds)),
            Judgement.ended_at.is_(None),
        )
        .values(ended_at=now, ended_by=actor, ended_why=why)
        .returning(Judgement.id)
        .execution_options(synchronize_session=False)
    )
    return len(list(ended))


def add_evidence(judgement: Judgement, exhibit: Exhibit, *, now: datetime, actor: str) -> Evidence:
    """Put evidence beside a judgement."""
    row = Evidence(judgement_id=judgement.id, words=exhibit.words.strip(), shown=exhibit.shown, at=now, actor=actor)
    session().add(row)
    session().flush()
    case = Case(judgement.brand_id, judgement.order_id, judgement.creator_id, judgement.commission_id)
    _keep(case, exhibit.papers, shown=exhibit.shown, evidence_id=row.id, now=now)
    return row


def open_appeal(case: Case, judgement_id: int | None, key: str, *, now: datetime, actor: str) -> Appeal:
    """Begin an appeal; the database refuses a second one that runs."""
    row = Appeal(
        key=key, judgement_id=judgement_id, brand_id=case.brand_id, order_id=case.order_id, creator_id=case.creator_id,
        commission_id=case.commission_id, opened_at=now, turn_since=now, remind_at=next_reminder(now),
    )  # fmt: skip
    session().add(row)
    session().flush()
    _log(row.id, "", "open", "", now=now, actor=actor)
    return row


def say(
    appeal: Appeal, side: Side, key: str, words: str, papers: Iterable[PaperDraft], *, now: datetime, actor: str
) -> AppealMessage | None:
    """Add what one side says; the same key again is the same message, and None."""
    spoken = (AppealMessage.appeal_id == appeal.id, AppealMessage.key == key)
    if session().scalar(select(AppealMessage.id).where(*spoken)) is not None:
        return None
    row = AppealMessage(
        appeal_id=appeal.id, place=_next(AppealMessage, appeal.id), key=key, side=side, words=words, at=now, actor=actor
    )  # fmt: skip
    session().add(row)
    session().flush()
    case = Case(appeal.brand_id, appeal.order_id, appeal.creator_id, appeal.commission_id)
    _keep(case, papers, shown=True, message_id=row.id, now=now)
    return row


def move(appeal_id: int, to: State, *, now: datetime, actor: str, words: str = "") -> Appeal:
    """Take an appeal along one of its edges, by a conditional update, and log it. AppealMoved: it is not there any more."""
    closing = to not in RUNNING
    values = {"closed_at": now, "remind_at": None, "decision": words} if closing else {"remind_at": next_reminder(now)}
    for source in (state for state, targets in EDGES.items() if to in targets):
        found = session().scalar(
            update(Appeal)
            .where(Appeal.id == appeal_id, Appeal.state == source)
            .values(state=to, turn_since=now, **values)
            .returning(Appeal.id)
            .execution_options(synchronize_session=False)
        )
        if found is not None:
            _log(appeal_id, source, to, words, now=now, actor=actor)
            return queries.get(appeal_id)
    raise AppealMoved()


def remind(appeal_id: int, *, now: datetime) -> Appeal | None:
    """Take the reminder that is due, once; None where it is not due, or somebody else has taken it."""
    found = session().scalar(
        update(Appeal)
        .where(Appeal.id == appeal_id, Appeal.state.in_(sorted(RUNNING)), Appeal.remind_at <= now)
        .values(remind_at=next_reminder(now))
        .returning(Appeal.id)
        .execution_options(synchronize_session=False)
    )
    return None if found is None else queries.get(appeal_id)


def _log(appeal_id: int, was: str, state: str, words: str, *, now: datetime, actor: str) -> None:
    place = _next(AppealStep, appeal_id)
    session().add(AppealStep(appeal_id=appeal_id, place=place, was=was, state=state, words=words, at=now, actor=actor))
    session().flush()


def _next(model: type[AppealMessage] | type[AppealStep], appeal_id: int) -> int:
    return (session().scalar(select(func.max(model.place)).where(model.appeal_id == appeal_id)) or 0) + 1


def _keep(
    case: Case, drafts: Iterable[PaperDraft], *, shown: bool, evidence_id: int | None = None, message_id: int | None = None,
    now: datetime,
) -> None:  # fmt: skip
    drafts = list(drafts)
    count, size = queries.weight_of_papers(case.order_id, case.creator_id) if drafts else (0, 0)
    if count + len(drafts) > MAX_PAPERS or size + sum(len(draft.content) for draft in drafts) > MAX_TOTAL:
        raise TooManyPapers(most=MAX_PAPERS)
    for draft in drafts:
        session().add(
            Paper(
                evidence_id=evidence_id, message_id=message_id, brand_id=case.brand_id, creator_id=case.creator_id, shown=shown,
                kind=draft.kind, name=draft.name, width=draft.width, height=draft.height, size=len(draft.content),
                sha256=draft.sha256, content=draft.content, at=now,
            )
        )  # fmt: skip
    session().flush()
