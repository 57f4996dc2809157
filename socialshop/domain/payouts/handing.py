"""Which way a payout leaves: into the bank's file, or by a provider. Never both."""

from __future__ import annotations

from sqlalchemy import update

from ...kernel.database import session
from .models import Payout


def hand_to(payout_id: int, provider: str) -> bool:
    """Let a provider send this payout; False where it is no longer ready, or on its way already."""
    found = session().execute(
        update(Payout)
        .where(Payout.id == payout_id, Payout.state == "ready", Payout.via.is_(None))
        .values(via=provider)
        .returning(Payout.id)
        .execution_options(synchronize_session=False)
    )
    return found.scalar() is not None


def take_back(payout_id: int) -> bool:
    """A provider did not take this payout: it is the brand's again. False where it is no longer ready."""
    found = session().execute(
        update(Payout)
        .where(Payout.id == payout_id, Payout.state == "ready", Payout.via.is_not(None))
        .values(via=None)
        .returning(Payout.id)
        .execution_options(synchronize_session=False)
    )
    return found.scalar() is not None
