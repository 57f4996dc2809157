"""Questions about judgements, their evidence, and appeals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from ...kernel.database import session
from ...kernel.errors import NotFound
from .models import Appeal, AppealMessage, AppealStep, Evidence, Judgement, Paper
from .rules import RUNNING


@dataclass(frozen=True, slots=True)
class Shown:
    """A judgement with the evidence that the reader may see, and each piece's papers."""

    row: Judgement
    evidence: tuple[tuple[Evidence, tuple[Paper, ...]], ...]

    @property
    def stands(self) -> bool:
        """Whether it has not been ended."""
        return self.row.ended_at is None


def judgements_of(order_id: int, creator_id: int) -> list[Judgement]:
    """All judgements about what a creator has in an order, oldest first."""
    mine = (Judgement.order_id == order_id, Judgement.creator_id == creator_id)
    return list(session().scalars(select(Judgement).where(*mine).order_by(Judgement.id)))


def standing(order_id: int, creator_id: int) -> Judgement | None:
    """The judgement that counts now: the newest that stands."""
    return next((row for row in reversed(judgements_of(order_id, creator_id)) if row.ended_at is None), None)


def shown_to_creator(order_id: int, creator_id: int) -> list[Shown]:
    """The judgements with the evidence that the creator may see, newest first."""
    return _shown(judgements_of(order_id, creator_id), only_shown=True)


def shown_to_brand(order_id: int, creator_id: int) -> list[Shown]:
    """The judgements with all their evidence, newest first."""
    return _shown(judgements_of(order_id, creator_id), only_shown=False)


def _shown(rows: Collection[Judgement], *, only_shown: bool) -> list[Shown]:
    query = select(Evidence).where(Evidence.judgement_id.in_([row.id for row in rows])).order_by(Evidence.id)
    pieces = [piece for piece in session().scalars(query) if piece.shown or not only_shown]
    papers = _papers(Paper.evidence_id, [piece.id for piece in pieces])
    return [
        Shown(row, tuple((piece, papers.get(piece.id, ())) for piece in pieces if piece.judgement_id == row.id))
        for row in reversed(list(rows))
    ]


def _papers(column: object, ids: Iterable[int]) -> dict[int, tuple[Paper, ...]]:
    found: dict[int, list[Paper]] = defaultdict(list)
    for paper in session().scalars(select(Paper).where(column.in_(list(ids))).order_by(Paper.id)):  # type: ignore[attr-defined]
        found[paper.evidence_id or paper.message_id or 0].append(paper)
    return {key: tuple(rows) for key, rows in found.items()}


def weight_of_papers(order_id: int, creator_id: int) -> tuple[int, int]:
    """How many papers one case holds, and their bytes."""
    evidence = select(Evidence.id).join(Judgement, Judgement.id == Evidence.judgement_id)
    mine = evidence.where(Judgement.order_id == order_id, Judgement.creator_id == creator_id)
    said = select(AppealMessage.id).join(Appeal, Appeal.id == AppealMessage.appeal_id)
    theirs = said.where(Appeal.order_id == order_id, Appeal.creator_id == creator_id)
    query = select(func.count(Paper.id), func.coalesce(func.sum(Paper.size), 0))
    count, size = session().execute(query.where(or_(Paper.evidence_id.in_(mine), Paper.message_id.in_(theirs)))).one()
    return int(count), int(size)


def paper_of_brand(brand_id: int, public_id: str) -> Paper:
    """A paper of a case of this brand's; NotFound for anybody else's."""
    return _one(select(Paper).where(Paper.public_id == public_id, Paper.brand_id == brand_id))


def paper_of_creator(creator_id: int, public_id: str) -> Paper:
    """A paper of this creator's cases that they may see; NotFound for any other."""
    return _one(select(Paper).where(Paper.public_id == public_id, Paper.creator_id == creator_id, Paper.shown.is_(True)))


def _one(query: object) -> Paper:
    found: Paper | None = session().scalar(query)  # type: ignore[call-overload]
    if found is None:
        raise NotFound()
    return found


def get(appeal_id: int) -> Appeal:
    """An appeal as the database has it now."""
    found = session().scalar(select(Appeal).where(Appeal.id == appeal_id).execution_options(populate_existing=True))
    if found is None:
        raise NotFound()
    return found


def appeal_of_brand(brand_id: int, public_id: str) -> Appeal:
    """An appeal to this brand; NotFound for anybody else's."""
    found = session().scalar(select(Appeal).where(Appeal.public_id == public_id, Appeal.brand_id == brand_id))
    if found is None:
        raise NotFound()
    return found


def appeal_of_creator(creator_id: int, public_id: str) -> Appeal:
    """This creator's own appeal; NotFound for anybody else's."""
    found = session().scalar(select(Appeal).where(Appeal.public_id == public_id, Appeal.creator_id == creator_id))
    if found is None:
        raise NotFound()
    return found


def find_by_key(creator_id: int, key: str) -> Appeal | None:
    """The appeal that this creator's form has begun."""
    return session().scalar(select(Appeal).where(Appeal.creator_id == creator_id, Appeal.key == key))


def of_case(order_id: int, creator_id: int) -> list[Appeal]:
    """All appeals about what a creator has in an order, newest first."""
    mine = (Appeal.order_id == order_id, Appeal.creator_id == creator_id)
    return list(session().scalars(select(Appeal).where(*mine).order_by(Appeal.id.desc())))


def find_running(order_id: int, creator_id: int) -> Appeal | None:
    """The appeal that waits for somebody, if there is one."""
    return next((row for row in of_case(order_id, creator_id) if row.state in RUNNING), None)


def said_before(order_id: int, creator_id: int) -> tuple[set[str], set[str]]:
    """What the creator has brought forward in all appeals so far: words (folded) and the files' fingerprints."""
    ids = select(AppealMessage.id).join(Appeal, Appeal.id == AppealMessage.appeal_id)
    mine = ids.where(Appeal.order_id == order_id, Appeal.creator_id == creator_id, AppealMessage.side == "creator")
    words = session().scalars(select(AppealMessage.words).where(AppealMessage.id.in_(mine)))
    files = session().scalars(select(Paper.sha256).where(Paper.message_id.in_(mine)))
    return {" ".join(text.casefold().split()) for text in words}, set(files)


def listed_of_brand(brand_id: int, *, running: bool, limit: int, offset: int = 0) -> list[Appeal]:
    """The brand's appeals: those that run, the longest waiting first; or the closed ones, newest first."""
    query = select(Appeal).where(Appeal.brand_id == brand_id)
    if running:
        query = query.where(Appeal.state.in_(sorted(RUNNING))).order_by(Appeal.state.desc(), Appeal.turn_since, Appeal.id)
    else:
        query = query.where(Appeal.state.not_in(sorted(RUNNING))).order_by(Appeal.closed_at.desc(), Appeal.id.desc())
    return list(session().scalars(query.limit(limit).offset(offset)))


def listed_of_creator(creator_id: int, *, limit: int, offset: int = 0) -> list[Appeal]:
    """A creator's appeals, newest first."""
    query = select(Appeal).where(Appeal.creator_id == creator_id).order_by(Appeal.id.desc())
    return list(session().scalars(query.limit(limit).offset(offset)))


def count_waiting(brand_id: int) -> int:
    """How many appeals wait for the brand's answer."""
    return session().scalar(select(func.count(Appeal.id)).where(Appeal.brand_id == brand_id, Appeal.state == "open")) or 0


def due_for_reminder(now: datetime, *, limit: int = 500) -> list[int]:
    """Ids of the appeals whose reminder is due."""
    query = select(Appeal.id).where(Appeal.remind_at <= now, Appeal.state.in_(sorted(RUNNING)))
    return list(session().scalars(query.order_by(Appeal.remind_at, Appeal.id).limit(limit)))


def thread_of(appeal_id: int) -> list[tuple[AppealMessage, tuple[Paper, ...]]]:
    """Everything that was said, in order, with its papers."""
    query = select(AppealMessage).where(AppealMessage.appeal_id == appeal_id).order_by(AppealMessage.place)
    rows = list(session().scalars(query))
    papers = _papers(Paper.message_id, [row.id for row in rows])
    return [(row, papers.get(row.id, ())) for row in rows]


def steps_of(appeal_id: int) -> list[AppealStep]:
    """Every move of an appeal, in order."""
    return list(session().scalars(select(AppealStep).where(AppealStep.appeal_id == appeal_id).order_by(AppealStep.place)))
