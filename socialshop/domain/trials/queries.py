"""Questions about trials."""

from __future__ import annotations

import json
import zlib
from typing import Any

from sqlalchemy import func, select

from ...kernel.database import session
from ...kernel.errors import NotFound
from .models import Trial, TrialDifference, TrialFile


def get(trial_id: int) -> Trial:
    """The trial; NotFound."""
    found = session().get(Trial, trial_id)
    if found is None:
        raise NotFound()
    return found


def trial_of(program_id: int, public_id: str) -> Trial:
    """A trial of this program; NotFound for another one's."""
    found = session().scalar(select(Trial).where(Trial.program_id == program_id, Trial.public_id == public_id))
    if found is None:
        raise NotFound()
    return found


def trials_of(program_id: int) -> list[Trial]:
    """The program's trials, newest first."""
    return list(session().scalars(select(Trial).where(Trial.program_id == program_id).order_by(Trial.id.desc())))


def content_of(trial_id: int) -> str:
    """The uploaded orders of a trial that is not over."""
    content = session().scalar(select(TrialFile.content).where(TrialFile.trial_id == trial_id))
    if content is None:
        raise NotFound()
    return zlib.decompress(content).decode()


def differences_of(trial_id: int, *, creator: str = "", limit: int = 50, offset: int = 0) -> list[TrialDifference]:
    """Where the two sets of terms disagree, the largest differences first; of one creator, if asked."""
    query = select(TrialDifference).where(TrialDifference.trial_id == trial_id)
    if creator:
        query = query.where(TrialDifference.creator == creator)
    query = query.order_by(TrialDifference.size_minor.desc(), TrialDifference.place)
    return list(session().scalars(query.limit(limit).offset(offset)))


def differences_after(trial_id: int, place: int, *, limit: int = 1000) -> list[TrialDifference]:
    """The same in their order of arrival, after a place: for exports."""
    return list(
        session().scalars(
            select(TrialDifference)
            .where(TrialDifference.trial_id == trial_id, TrialDifference.place > place)
            .order_by(TrialDifference.place)
            .limit(limit)
        )
    )


def difference_of(trial_id: int, place: int) -> TrialDifference:
    """One difference; NotFound."""
    found = session().scalar(select(TrialDifference).where(TrialDifference.trial_id == trial_id, TrialDifference.place == place))
    if found is None:
        raise NotFound()
    return found


def receipts_of(difference: TrialDifference) -> dict[str, Any]:
    """Both receipts of a difference."""
    found: dict[str, Any] = json.loads(zlib.decompress(difference.detail))
    return found


def count_differences(trial_id: int, *, creator: str = "") -> int:
    """How many there are."""
    query = select(func.count()).select_from(TrialDifference).where(TrialDifference.trial_id == trial_id)
    if creator:
        query = query.where(TrialDifference.creator == creator)
    return session().scalar(query) or 0
