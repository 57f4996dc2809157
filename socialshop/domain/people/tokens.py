"""Links in mails: made when the mail goes out, kept as fingerprints, good once and not for long."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, select, update

from ...kernel.database import session
from ...kernel.errors import N_, Gone
from ...kernel.vault import fingerprint, new_token
from .models import EmailToken

Purpose = Literal["confirm", "reset", "change"]
LIVES: dict[Purpose, timedelta] = {"confirm": timedelta(days=7), "reset": timedelta(hours=1), "change": timedelta(hours=24)}


class LinkSpent(Gone):
    """Used, expired, or never made: all alike."""

    code = "link_spent"
    message = N_("This link has been used or is too old. Please ask for a new one.")


def make_token(user_id: int, purpose: Purpose, email: str, *, now: datetime) -> str:
    """The secret for one link, in the caller's transaction."""
    token = new_token()
    session().add(
        EmailToken(
            user_id=user_id,
            purpose=purpose,
            email=email,
            token_hash=fingerprint(token),
            created_at=now,
            expires_at=now + LIVES[purpose],
        )
    )
    session().flush()
    return token


def find_token(token: str, purpose: Purpose, *, now: datetime) -> EmailToken | None:
    """The live token behind a link, without using it up."""
    return session().scalar(
        select(EmailToken).where(
            EmailToken.token_hash == fingerprint(token),
            EmailToken.purpose == purpose,
            EmailToken.used_at.is_(None),
            EmailToken.expires_at > now,
        )
    )


def redeem(token: str, purpose: Purpose, *, now: datetime) -> EmailToken:
    """Use a link up; LinkSpent for whoever comes second."""
    used = (
        session()
        .execute(
            update(EmailToken)
            .where(
                EmailToken.token_hash == fingerprint(token),
                EmailToken.purpose == purpose,
                EmailToken.used_at.is_(None),
                EmailToken.expires_at > now,
            )
            .values(used_at=now)
            .returning(EmailToken.id)
            .execution_options(synchronize_session=False)
        )
        .scalar()
    )
    if used is None:
        raise LinkSpent()
    return session().get_one(EmailToken, used, populate_existing=True)


def spend_tokens(user_id: int, *purposes: Purpose, now: datetime) -> None:
    """Make a user's other open links worthless."""
    session().execute(
        update(EmailToken)
        .where(EmailToken.user_id == user_id, EmailToken.purpose.in_(purposes), EmailToken.used_at.is_(None))
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )


def forget_old_tokens(before: datetime) -> int:
    """Delete links that ran out before that time; how many."""
    gone = session().execute(delete(EmailToken).where(EmailToken.expires_at < before).returning(EmailToken.id))
    return len(gone.all())
