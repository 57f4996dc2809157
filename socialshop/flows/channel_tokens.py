"""What a channel is spoken to with: tokens that are renewed one at a time, and found out when they are no good any more.

No call leaves a transaction open. A token is written down in the commit that follows the call which brought it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog

from ..adapters.social import Access, Denied, Grant, NotNow, Publisher, publisher
from ..domain import audit, people, social
from ..domain.audit import SYSTEM, Actor
from ..domain.social import Channel, TokenFacts
from ..kernel import faults, jobs
from ..kernel.database import end_reading, in_transaction, transaction
from ..kernel.errors import NotFound
from . import channel_letters

log = structlog.get_logger("channels")
Told = TypeVar("Told")
AGAIN = timedelta(minutes=10)
GONE = ("reconnect", "confirm", "password", "removed", "role", "scope")  # reasons by which a channel does not let us in any more


def sweep(_payload: dict[str, Any], *, now: datetime) -> None:
    """Job "channels.sweep": a job each for the tokens that are due to be renewed."""
    with transaction():
        for channel_id in social.to_refresh(now):
            jobs.add("channel.refresh", {"channel": channel_id}, key=f"channel.refresh:{channel_id}:{now:%Y%m%dT%H%M}", now=now)


def refresh(payload: dict[str, Any], *, now: datetime) -> None:
    """Job "channel.refresh": renew one token. Safe to repeat."""
    row = social.channel(payload["channel"])
    due, seen = row.refresh_at, row.token_number
    if due is not None and due <= now:
        renew(row.id, seen=seen, now=now)


def renew(channel_id: int, *, seen: int, now: datetime, refused_as: str = "reconnect") -> bool:
    """Ask for a new token in place of the one that was seen; whether there is another one now.

    One at a time: a refresh token may be good once, and the loser of two would lose the account. refused_as: what it
    means where we have heard why, and no new one is given.
    """
    with transaction():
        begun = social.begin_refresh(channel_id, seen=seen, now=now)
        row = social.channel(channel_id)
        if not begun:
            return row.state == "live" and row.token_number != seen
        client, grant, via = client_of(row), grant_of(row), row.via
    assert not in_transaction(), "no network while a transaction is open"
    try:
        made = client.refresh(grant, now=now)
    except (NotNow, Denied) as error:
        if isinstance(error, Denied) and error.reason.name in GONE:
            why = refused_as if error.reason.name == "reconnect" else error.reason.name
            lose(channel_id, why, seen=seen, now=now)
            return False
        log.info("token not renewed", channel=channel_id, why=error.code)
        with transaction():
            social.give_up_refresh(channel_id, seen=seen, again_at=now + max(AGAIN, timedelta(seconds=error.again_in or 0)))
            if isinstance(error, Denied) and error.reason.matter == "operator":
                tell_operator(via, error.reason.name, error.code, now=now)
        return False
    if made == grant:  # of this kind there is no newer one, and what there is was not taken
        lose(channel_id, refused_as, seen=seen, now=now)
        return False
    faults.point("token.after_refresh_before_save")
    with transaction():
        return social.end_refresh(channel_id, facts_of(client, made), seen=seen, now=now)


def lose(channel_id: int, why: str, *, seen: int, now: datetime) -> bool:
    """The provider does not let us in any more; False where that is known, or it was about another token."""
    with transaction():
        if not social.lose(channel_id, why, seen=seen, now=now):
            return False
        row = social.channel(channel_id)
        audit.note(
            "channel.lost", row.public_id, actor=Actor("provider", row.provider), now=now, after={"why": why},
            tenant=people.get_creator(row.creator_id).public_id,
        )  # fmt: skip
        channel_letters.lost(row, now=now)
        return True


def ask(channel_id: int, question: Callable[[Publisher, Access], Told], *, now: datetime, spare: Collection[str] = ()) -> Told:
    """Put a question that only reads. NotNow, Denied: a channel that does not let us in any more is lost from then on.

    spare: reasons that mean no more than that this one question is not answered.
    """
    gone = [name for name in GONE if name not in spare]
    row = social.channel(channel_id)
    seen, client, access = row.token_number, client_of(row), access_of(row)
    end_reading()
    try:
        return question(client, access)
    except Denied as error:
        if error.reason.name not in gone:
            raise
        if error.reason.name != "reconnect":
            lose(channel_id, error.reason.name, seen=seen, now=now)
            raise
        if not renew(channel_id, seen=seen, now=now):
            if is_live(channel_id):
                raise NotNow("not_renewed", sent=False) from error
            raise
    row = social.channel(channel_id)
    seen, client, access = row.token_number, client_of(row), access_of(row)
    end_reading()
    try:
        return question(client, access)
    except Denied as error:
        if error.reason.name in gone:  # not even the new one is taken
            lose(channel_id, error.reason.name, seen=seen, now=now)
        raise


def is_live(channel_id: int) -> bool:
    """Whether it lets us in, as far as we know."""
    live = social.channel(channel_id).state == "live"
    end_reading()
    return live


def tell_operator(subject: str, why: str, code: str, *, now: datetime) -> None:
    """Our own app over there is not as it should be: into the log, and into what the operator reads. In a transaction."""
    log.error("our app at a channel is refused", subject=subject, why=why, code=code)
    audit.note("channel.refused", subject, actor=SYSTEM, tenant="install", now=now, after={"why": why, "code": code})


def access_of(row: Channel) -> Access:
    """Who speaks for which account."""
    return Access(row.account_id, row.username, row.access_token or "")


def client_of(row: Channel) -> Publisher:
    """The adapter of a channel. NotFound: this install has no app there any more."""
    return client_named(row.via)


def client_named(via: str) -> Publisher:
    """The adapter of a login. NotFound."""
    try:
        return publisher(via)
    except KeyError:
        raise NotFound() from None


def grant_of(row: Channel) -> Grant:
    """What its owner let us do."""
    return Grant(
        row.access_token or "", row.refresh_token or "", frozenset(row.scopes), row.issued_at, row.expires_at,
        row.refresh_expires_at,
    )  # fmt: skip


def facts_of(client: Publisher, grant: Grant) -> TokenFacts:
    """A grant, as it is kept."""
    return TokenFacts(
        grant.access, grant.refresh, grant.scopes, grant.issued_at, grant.expires_at, grant.refresh_expires_at,
        client.refresh_at(grant),
    )  # fmt: skip
