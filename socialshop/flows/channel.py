"""A creator connects an account, and it stays connected: let in by state and PKCE, renewed once at a time, lost, left, forgotten.

No call leaves a transaction open. A token is written down in the commit that follows the call which brought it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import IntegrityError

from ..adapters.social import Access, Account, Denied, Grant, NotNow, Publisher, publisher
from ..domain import audit, people, social
from ..domain.audit import SYSTEM, Actor
from ..domain.social import Channel, TokenFacts
from ..kernel import faults, jobs
from ..kernel.database import end_reading, in_transaction, transaction
from ..kernel.errors import N_, Conflict, Invalid, NotFound, Unavailable
from ..kernel.vault import new_token

log = structlog.get_logger("channels")
PROVIDERS = {"instagram": "instagram", "facebook": "instagram", "tiktok": "tiktok"}  # login → whose accounts
AGAIN = timedelta(minutes=10)


class StaleKnock(Conflict):
    """What came back from the provider is not what this creator was sent for, or came too late, or a second time."""

    code = "stale_connection"
    message = N_("This connection was not started here, or is too old. Please start again.")


class NotConnected(Invalid):
    """The provider, or the creator over there, said no. The message is the reason's own."""

    code = "not_connected"


class NotReached(Unavailable):
    """The provider gave no usable answer."""

    code = "channel_not_reached"
    message = N_("{channel} does not answer right now. Please try again in a moment; nothing was changed.")


# --- letting us in ---------------------------------------------------------------------------------


def begin(creator_id: int, via: str, *, redirect_uri: str, now: datetime) -> str:
    """Where to send the creator. NotFound: this install has no app there."""
    client = _client(via)
    state, verifier = new_token(), secrets.token_urlsafe(48)
    with transaction():
        social.knock(creator_id, via, state=state, verifier=verifier, redirect_uri=redirect_uri, now=now)
    return client.authorize_url(state=state, redirect_uri=redirect_uri, verifier=verifier)


def finish(creator_id: int, callback: Mapping[str, str], *, actor: Actor, now: datetime) -> Sequence[Channel]:
    """What came back, as channels. StaleKnock, NotConnected, NotReached, ConnectedElsewhere. A second time it is stale."""
    with transaction():
        knock = social.let_in(creator_id, callback.get("state", ""), now=now)
        if knock is None:
            raise StaleKnock()
        via, verifier, redirect_uri = knock.via, knock.verifier, knock.redirect_uri
    client = _client(via)
    assert not in_transaction(), "no network while a transaction is open"
    try:
        found = client.connect(callback, redirect_uri=redirect_uri, verifier=verifier, now=now)
    except Denied as error:
        if error.reason.matter == "operator":
            with transaction():
                tell_operator(via, error.reason.name, error.code, now=now)
        raise NotConnected(error.reason.sentence, code=error.reason.name, channel=client.channel) from error
    except NotNow as error:
        raise NotReached(channel=client.channel) from error
    for _, grant in found:
        if client.missing(grant):
            raise NotConnected(N_("A permission is missing. Please connect the account again and leave all permissions ticked."))
    try:
        return _kept(creator_id, via, client, found, actor=actor, now=now)
    except IntegrityError:  # somebody connected the same account at the same moment: now it is seen whose it is
        return _kept(creator_id, via, client, found, actor=actor, now=now)


def _kept(
    creator_id: int, via: str, client: Publisher, found: Sequence[tuple[Account, Grant]], *, actor: Actor, now: datetime
) -> Sequence[Channel]:  # fmt: skip
    with transaction():
        creator = people.get_creator(creator_id)
        rows = []
        for account, grant in found:
            row = social.connect(
                creator_id, provider=PROVIDERS[via], via=via, account_id=account.id, scoped_id=account.scoped_id,
                username=account.username, name=account.name, token=_facts(client, grant), now=now,
            )  # fmt: skip
            social.wake(row.id, now=now)
            audit.note(
                "channel.connected", row.public_id, actor=actor, tenant=creator.public_id, now=now,
                after={"account": f"{row.provider}:{row.username}", "scopes": row.scopes},
            )  # fmt: skip
            rows.append(row)
        return rows


# --- staying in ------------------------------------------------------------------------------------


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


def renew(channel_id: int, *, seen: int, now: datetime) -> bool:
    """Ask for a new token in place of the one that was seen; whether there is another one now.

    One at a time: a refresh token may be good once, and the loser of two would lose the account.
    """
    with transaction():
        begun = social.begin_refresh(channel_id, seen=seen, now=now)
        row = social.channel(channel_id)
        if not begun:
            return row.state == "live" and row.token_number != seen
        client, grant = _client(row.via), _grant(row)
    assert not in_transaction(), "no network while a transaction is open"
    try:
        made = client.refresh(grant, now=now)
    except NotNow as error:
        log.info("token not renewed", channel=channel_id, why=error.code)
        with transaction():
            social.give_up_refresh(channel_id, seen=seen, again_at=now + max(AGAIN, timedelta(seconds=error.again_in or 0)))
        return False
    except Denied as error:
        lose(channel_id, error.reason.name, seen=seen, now=now)
        return False
    faults.point("token.after_refresh_before_save")
    with transaction():
        return social.end_refresh(channel_id, _facts(client, made), seen=seen, now=now)


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
        return True


# --- leaving ---------------------------------------------------------------------------------------


def disconnect(creator_id: int, public_id: str, *, actor: Actor, now: datetime) -> bool:
    """Withdraw what was granted and forget the tokens; False: the provider did not hear of it, so the creator may do it there.

    Here it is over in any case. NotFound.
    """
    row = social.channel_of(creator_id, public_id)
    channel_id, client, access = row.id, _client(row.via), access_of(row)
    state = row.state
    end_reading()
    heard = True
    if state != "off" and access.token:
        try:
            client.revoke(access)
        except Denied as error:
            heard = error.reason.matter == "permission"  # it was withdrawn already
        except NotNow:
            heard = False
    with transaction():
        if social.switch_off(channel_id, "left", now=now):
            audit.note(
                "channel.disconnected", public_id, actor=actor, tenant=people.get_creator(creator_id).public_id, now=now,
                after={"withdrawn_there": heard},
            )  # fmt: skip
    return heard


def removed(provider: str, account_id: str, *, now: datetime) -> int:
    """The provider told us, provably, that a person took our access away: how many channels that was."""
    with transaction():
        return sum(_forget(row, "removed", provider, now=now) for row in social.channels_named(provider, account_id))


def forget(provider: str, account_id: str, *, now: datetime) -> str:
    """The provider told us, provably, to forget a person: a code by which they can ask what became of it."""
    with transaction():
        count = sum(_forget(row, "erased", provider, now=now) for row in social.channels_named(provider, account_id))
        return social.erase(provider, channels=count, now=now).public_id


def _forget(row: Channel, why: str, provider: str, *, now: datetime) -> bool:
    audit.note(
        "channel.disconnected", row.public_id, actor=Actor("provider", provider), now=now, after={"why": why},
        tenant=people.get_creator(row.creator_id).public_id,
    )  # fmt: skip
    return social.switch_off(row.id, why, now=now)


def tell_operator(subject: str, why: str, code: str, *, now: datetime) -> None:
    """Our own app over there is not as it should be: into the log, and into what the operator reads. In a transaction."""
    log.error("our app at a channel is refused", subject=subject, why=why, code=code)
    audit.note("channel.refused", subject, actor=SYSTEM, tenant="install", now=now, after={"why": why, "code": code})


# --- what a channel is spoken to with --------------------------------------------------------------


def access_of(row: Channel) -> Access:
    """Who speaks for which account."""
    return Access(row.account_id, row.username, row.access_token or "")


def client_of(row: Channel) -> Publisher:
    """The adapter of a channel."""
    return _client(row.via)


def _client(via: str) -> Publisher:
    try:
        return publisher(via)
    except KeyError:
        raise NotFound() from None


def _grant(row: Channel) -> Grant:
    return Grant(
        row.access_token or "",
        row.refresh_token or "",
        frozenset(row.scopes),
        row.issued_at,
        row.expires_at,
        row.refresh_expires_at,
    )


def _facts(client: Publisher, grant: Grant) -> TokenFacts:
    return TokenFacts(
        grant.access, grant.refresh, grant.scopes, grant.issued_at, grant.expires_at, grant.refresh_expires_at,
        client.refresh_at(grant),
    )  # fmt: skip


__all__ = [
    "NotConnected", "NotReached", "StaleKnock", "access_of", "begin", "client_of", "disconnect", "finish", "forget",
    "lose", "refresh", "removed", "renew", "sweep", "tell_operator",
]  # fmt: skip
