"""Signed-in browsers: opened, seen, proved again, ended. The cookie has the token, the row only its fingerprint."""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, update

from ...kernel.database import session
from ...kernel.errors import NotFound
from ...kernel.vault import fingerprint, new_token
from .models import LoginSession

LIFE = timedelta(days=30)  # NIST 800-63B-4 AAL1: sign in again at least every 30 days
SEEN_EVERY = timedelta(minutes=10)  # finer is of no use to anyone, and each note is a write


def open_session(user_id: int, *, agent: str, address: str, now: datetime) -> str:
    """A new session of a user who has just given their password; the token for the cookie."""
    token = new_token()
    session().add(
        LoginSession(
            user_id=user_id,
            token_hash=fingerprint(token),
            created_at=now,
            seen_at=now,
            proved_at=now,
            expires_at=now + LIFE,
            agent=agent[:200],
            address=network_of(address),
        )
    )
    session().flush()
    return token


def rotate(session_id: int) -> str:
    """A new token for the same session; the old one is worth nothing from now on."""
    token = new_token()
    session().execute(update(LoginSession).where(LoginSession.id == session_id).values(token_hash=fingerprint(token)))
    return token


def prove(session_id: int, *, now: datetime) -> None:
    """The password was given again in this session."""
    session().execute(update(LoginSession).where(LoginSession.id == session_id).values(proved_at=now))


def note_seen(session_id: int, *, now: datetime) -> None:
    """This browser was here."""
    session().execute(update(LoginSession).where(LoginSession.id == session_id, LoginSession.seen_at < now).values(seen_at=now))


def end_session(user_id: int, public_id: str, *, now: datetime) -> None:
    """Sign one browser of this user out; NotFound for other people's and ended ones alike."""
    ended = session().execute(
        update(LoginSession)
        .where(LoginSession.user_id == user_id, LoginSession.public_id == public_id, LoginSession.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(LoginSession.id)
    )
    if ended.first() is None:
        raise NotFound()


def end_sessions(user_id: int, *, now: datetime, but: int | None = None) -> int:
    """Sign this user out everywhere, or everywhere but in one session; how many ended."""
    ended = session().execute(
        update(LoginSession)
        .where(LoginSession.user_id == user_id, LoginSession.revoked_at.is_(None), LoginSession.id != (but or 0))
        .values(revoked_at=now)
        .returning(LoginSession.id)
    )
    return len(ended.all())


def forget_ended_sessions(before: datetime) -> int:
    """Delete sessions that ended or ran out before that time; how many."""
    gone = session().execute(
        delete(LoginSession)
        .where(or_(LoginSession.expires_at < before, LoginSession.revoked_at < before))
        .returning(LoginSession.id)
    )
    return len(gone.all())


def network_of(address: str) -> str:
    """The network an address is in (/24 or /48), which says enough to recognise one's own browser."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network(f"{found}/{24 if found.version == 4 else 48}", strict=False))
