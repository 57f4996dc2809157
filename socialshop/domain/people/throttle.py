"""How often one account or address may be tried, whoever asks from wherever; kept in the database, so restarts forget nothing.

Keys are fingerprints, also of addresses nobody has here: a limit tells nothing about who exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from ...kernel.database import Model, UtcDateTime, session
from ...kernel.errors import N_, TooMany
from ...kernel.vault import keyed


class Throttle(Model):
    """Tries of one kind at one thing: in the present window, and in a row without success."""

    __tablename__ = "throttles"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    tries: Mapped[int] = mapped_column(default=0)
    streak: Mapped[int] = mapped_column(default=0)
    window_began: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `tries` within `window`; with `streak`, at most that many in a row until `clear`."""

    purpose: str
    tries: int
    window: timedelta
    streak: int | None = None


# NIST 800-63B-4, 3.2.2: no more than 100 failed tries in a row on one account
PASSWORD = Limit("password", 10, timedelta(minutes=15), streak=100)
MAIL = Limit("mail", 5, timedelta(hours=1))  # letters that a stranger can cause, to one address
INVITATIONS = Limit("invitations", 40, timedelta(days=1))  # of one brand


class PasswordClosed(TooMany):
    """Too many wrong passwords in a row: only a reset by mail opens the account's password again."""

    code = "password_closed"
    message = N_("The password was wrong too many times. Please choose a new one with “Forgot your password?”.")


def count(limit: Limit, subject: str, *, now: datetime) -> None:
    """Count one try at `subject` in the caller's transaction; TooMany where the limit is reached.

    Refused tries do not count, so whoever waits long enough gets in. A caller who lets TooMany rise loses nothing:
    the row is then unchanged.
    """
    row = _row(limit, subject, now)
    if now - row.window_began >= limit.window:
        row.tries, row.window_began = 0, now
    if limit.streak is not None and row.streak >= limit.streak:
        raise PasswordClosed(int(limit.window.total_seconds()))
    if row.tries >= limit.tries:
        raise TooMany(max(1, int((row.window_began + limit.window - now).total_seconds())))
    row.tries += 1
    row.streak += 1
    row.last_at = now
    session().flush()


def may(limit: Limit, subject: str, *, now: datetime) -> bool:
    """Count one try and say whether it was within the limit."""
    try:
        count(limit, subject, now=now)
    except TooMany:
        return False
    return True


def clear(limit: Limit, subject: str) -> None:
    """The try succeeded: begin anew."""
    session().execute(delete(Throttle).where(Throttle.key == _key(limit, subject)))


def forget_old(before: datetime) -> int:
    """Drop what has not been tried since `before`; the number of rows."""
    gone = session().execute(delete(Throttle).where(Throttle.last_at < before).returning(Throttle.key))
    return len(gone.all())


def _row(limit: Limit, subject: str, now: datetime) -> Throttle:
    key = _key(limit, subject)
    insert = postgresql.insert if session().get_bind().dialect.name == "postgresql" else sqlite.insert
    session().execute(
        insert(Throttle)
        .values(key=key, tries=0, streak=0, window_began=now, last_at=now)
        .on_conflict_do_nothing(index_elements=[Throttle.key])
    )
    # the lock makes two tries at once wait for each other, so the count is exact
    return (
        session()
        .scalars(select(Throttle).where(Throttle.key == key).with_for_update().execution_options(populate_existing=True))
        .one()
    )


def _key(limit: Limit, subject: str) -> str:
    return keyed(f"throttle:{limit.purpose}", subject)
