"""Sign up, in and out; sessions, mail confirmation and reset, under /auth."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Flask
from flask_login import LoginManager, UserMixin

from ..domain import people
from ..kernel.clock import utcnow

bp = Blueprint("auth", __name__, url_prefix="/auth")
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


def init_app(app: Flask) -> None:
    """Teach Flask-Login to find people by their session's token."""
    manager.init_app(app)
    manager.session_protection = None  # phones change networks; sessions can be revoked instead


@manager.user_loader  # type: ignore[untyped-decorator]
def load(token: str) -> SignedIn | None:
    """The person behind a session token, unless it ended."""
    found = people.find_session(token, now=utcnow())
    return None if found is None else SignedIn(found[1], found[0], token)
