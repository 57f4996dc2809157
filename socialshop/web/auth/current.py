"""Who is signed in, by the token in their cookie."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from flask import g, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user

from ...domain import people
from ...flows.people import Browser
from ...kernel.clock import utcnow
from ...kernel.database import in_transaction, transaction
from .. import invites

manager = LoginManager()


@dataclass(frozen=True)
class SignedIn(UserMixin):  # type: ignore[misc]  # flask-login is untyped
    """Who is signed in, and through which session. `current_user.user` is the person."""

    user: people.User
    session: people.LoginSession
    token: str

    def get_id(self) -> str:
        """What the cookie holds: the session's token."""
        return self.token


@manager.user_loader  # type: ignore[untyped-decorator]
def load(token: str) -> SignedIn | None:
    """The person behind a session token, unless it ended; notes now and then that they were here."""
    now = utcnow()
    found = people.find_session(token, now=now)
    if found is None:
        return None
    if now - found[0].seen_at >= people.SEEN_EVERY and not in_transaction():
        _note_seen(found[0].id, now)
        found = people.find_session(token, now=now)
    return None if found is None else SignedIn(found[1], found[0], token)


def enter(token: str) -> None:
    """Put a fresh session's token into this browser's cookie; all but the invitations it followed is gone, the CSRF token too."""
    followed = invites.waiting()
    session.clear()
    g.pop("csrf_token", None)
    if followed:
        session[invites.KEY] = followed
    session.permanent = True
    found = people.find_session(token, now=utcnow())
    assert found is not None, "the session was opened a moment ago"
    login_user(SignedIn(found[1], found[0], token))


def browser() -> Browser:
    """This request's browser, as its owner will recognise it."""
    return Browser(request.user_agent.string, request.remote_addr or "")


def local_path(path: str, otherwise: str) -> str:
    """`path` where it leads to a page of ours, else `otherwise`: nobody is sent elsewhere after signing in."""
    parts = urlsplit(path.replace("\\", "/"))
    if parts.scheme or parts.netloc or not path.startswith("/") or path.startswith("//") or not path.isprintable():
        return otherwise
    return path


def me() -> people.User:
    """The person who is signed in."""
    user: people.User = current_user.user
    return user


def my_session() -> people.LoginSession:
    """The session that this request came through."""
    found: people.LoginSession = current_user.session
    return found


def _note_seen(session_id: int, now: datetime) -> None:
    with transaction():
        people.note_seen(session_id, now=now)
