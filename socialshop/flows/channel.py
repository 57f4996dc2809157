"""A creator connects an account and leaves it again: let in by state and PKCE, asked what it offers, left, forgotten.

No call leaves a transaction open. How it stays connected is told in `channel_tokens`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.exc import IntegrityError

from ..adapters.social import REASONS, Account, Denied, Grant, NotNow, Options, Publisher, offered
from ..domain import audit, people, social
from ..domain.audit import Actor
from ..domain.social import Channel
from ..kernel.database import end_reading, in_transaction, transaction
from ..kernel.errors import N_, Conflict, DomainError, Invalid, Unavailable
from ..kernel.vault import new_token
from . import channel_letters
from .channel_tokens import (
    GONE,
    access_of,
    ask,
    client_named,
    client_of,
    facts_of,
    grant_of,
    is_live,
    lose,
    refresh,
    renew,
    sweep,
    tell_operator,
)

PROVIDERS = {"instagram": "instagram", "facebook": "instagram", "tiktok": "tiktok"}  # login → whose accounts
SKEW = timedelta(minutes=5)  # between the providers' clocks and ours

# withdrawn: over there too; unheard: that was refused, or nobody answered; shared: other accounts live by the same grant;
# before: it was off already
Parting = Literal["withdrawn", "unheard", "shared", "before"]
Refused = tuple[str, DomainError]  # an account's name, and why it is not connected


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


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a creator came back with: their channels, and what of several accounts could not be connected."""

    channels: tuple[Channel, ...]
    refused: tuple[Refused, ...] = ()


# --- letting us in ---------------------------------------------------------------------------------


def logins() -> list[str]:
    """The ways in that this install has an app for: "instagram", "facebook" (which leads to Instagram too), "tiktok"."""
    return offered()


def begin(creator_id: int, via: str, *, redirect_uri: str, now: datetime) -> str:
    """Where to send the creator. NotFound: this install has no app there."""
    client = client_named(via)
    state, verifier = new_token(), secrets.token_urlsafe(48)
    with transaction():
        social.knock(creator_id, via, state=state, verifier=verifier, redirect_uri=redirect_uri, now=now)
    return client.authorize_url(state=state, redirect_uri=redirect_uri, verifier=verifier)


def finish(creator_id: int, callback: Mapping[str, str], *, actor: Actor, now: datetime) -> Arrival:
    """What came back, as channels. A second time it is stale.

    StaleKnock; where there is one account and it cannot be connected: NotConnected, NotReached, ConnectedElsewhere.
    """
    if callback.get("error") and not callback.get("state"):  # a refusal may come without it
        raise NotConnected(REASONS["declined"].sentence, code="declined")
    with transaction():
        knock = social.let_in(creator_id, callback.get("state", "").partition("#")[0], now=now)  # Meta hangs "#_" on the end
        if knock is None:
            raise StaleKnock()
        via, verifier, redirect_uri = knock.via, knock.verifier, knock.redirect_uri
    client = client_named(via)
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
    usable: list[tuple[Account, Grant]] = []
    refused: list[Refused] = []
    for account, came in found:
        if isinstance(came, Grant) and not client.missing(came):
            usable.append((account, came))
        else:
            refused.append((account.username, _refusal(client, came)))
    try:
        rows, more = _kept(creator_id, via, client, usable, actor=actor, now=now)
    except IntegrityError:  # somebody connected the same account at the same moment: now it is seen whose it is
        rows, more = _kept(creator_id, via, client, usable, actor=actor, now=now)
    refused += more
    if not rows and len(refused) == 1:
        raise refused[0][1]
    return Arrival(tuple(rows), tuple(refused))


def _refusal(client: Publisher, came: Grant | Denied | NotNow) -> DomainError:
    """Why one of several accounts is not connected."""
    if isinstance(came, NotNow):
        return NotReached(channel=client.channel)
    reason = came.reason if isinstance(came, Denied) else REASONS["scope"]
    return NotConnected(reason.sentence, code=reason.name, channel=client.channel)


def _kept(
    creator_id: int, via: str, client: Publisher, found: Sequence[tuple[Account, Grant]], *, actor: Actor, now: datetime
) -> tuple[list[Channel], list[Refused]]:  # fmt: skip
    with transaction():
        creator = people.get_creator(creator_id)
        rows: list[Channel] = []
        refused: list[Refused] = []
        for account, grant in found:
            try:
                row = social.connect(
                    creator_id, provider=PROVIDERS[via], via=via, account_id=account.id, scoped_id=account.scoped_id,
                    username=account.username, name=account.name, token=facts_of(client, grant), now=now,
                )  # fmt: skip
            except social.ConnectedElsewhere as error:  # nothing was written for it
                refused.append((account.username, error))
                continue
            social.wake(row.id, now=now)
            audit.note(
                "channel.connected", row.public_id, actor=actor, tenant=creator.public_id, now=now,
                after={"provider": row.provider, "via": row.via, "scopes": row.scopes},
            )  # fmt: skip
            rows.append(row)
        return rows, refused


def options(creator_id: int, public_id: str, *, now: datetime) -> Options:
    """What an account may choose from at this moment; for one form, never to be kept. NotFound, NotConnected, NotReached."""
    row = social.channel_of(creator_id, public_id)
    channel_id, name, drafts_only = row.id, social.standing.NAMES[row.provider], social.standing.drafts_only(row)
    if row.state != "live":
        why = row.why if row.why in REASONS else "reconnect"
        raise NotConnected(REASONS[why].sentence, code=why, channel=name)
    if drafts_only:
        return Options(row.name or row.username)  # the rest is chosen over there
    try:
        return ask(channel_id, lambda client, access: client.options(access), now=now)
    except Denied as error:
        raise NotConnected(error.reason.sentence, code=error.reason.name, channel=name) from error
    except NotNow as error:
        raise NotReached(channel=name) from error


# --- leaving ---------------------------------------------------------------------------------------


def disconnect(creator_id: int, public_id: str, *, actor: Actor, now: datetime) -> Parting:
    """Withdraw what was granted and forget the tokens: here it is over in any case. NotFound.

    What waits for the account does not go out by itself any more, even if it is connected again.
    """
    row = social.channel_of(creator_id, public_id)
    channel_id, is_off, shared = row.id, row.state == "off", social.standing.shares_grant(row)
    end_reading()
    if is_off:
        return "before"
    parting: Parting = "shared" if shared else "withdrawn" if _withdrawn(channel_id, now=now) else "unheard"
    with transaction():
        if social.switch_off(channel_id, "left", now=now):
            tenant = people.get_creator(creator_id).public_id
            audit.note("channel.disconnected", public_id, actor=actor, tenant=tenant, now=now, after={"there": parting})
            for target in social.call_off(channel_id, "left"):
                audit.note("post.failed", target, actor=actor, tenant=tenant, now=now, after={"why": "left"})
    return parting


def _withdrawn(channel_id: int, *, now: datetime, again: bool = False) -> bool:
    """Whether nothing is granted there any more; never said of what was refused. A token that ran out is renewed for it, once."""
    row = social.channel(channel_id)
    if row.state == "lost" and row.why == "removed":
        return True  # its owner did it there
    client = client_of(row) if row.via in logins() else None
    grant, seen, renews = grant_of(row), row.token_number, row.refresh_at is not None
    end_reading()
    if client is None:  # this install has no app there any more
        return False
    try:
        client.revoke(grant)
    except Denied as error:
        if error.reason.name == "reconnect" and renews and not again and renew(channel_id, seen=seen, now=now):
            return _withdrawn(channel_id, now=now, again=True)
        return error.reason.name == "removed"
    except NotNow:
        return False
    return True


def removed(provider: str, account_id: str, *, at: datetime, now: datetime) -> int:
    """The provider told us, provably, that a person took our access away at `at`: how many channels that was."""
    with transaction():
        return len(_left(provider, account_id, "removed", at=at, now=now))


def forget(provider: str, account_id: str, *, at: datetime, now: datetime) -> str:
    """The provider told us, provably, to forget a person: a code by which they can ask what became of it.

    With the tokens go their names, and where their posts stand. What was connected after they asked stays.
    """
    with transaction():
        known = [row.id for row in social.standing.all_named(provider, account_id) if not _anew(row, at)]
        gone = _left(provider, account_id, "erased", at=at, now=now)
        social.standing.wipe(known)
        return social.erase(provider, channels=len(gone), now=now).public_id


def _left(provider: str, account_id: str, why: str, *, at: datetime, now: datetime) -> list[int]:
    """Switch off what is meant; a message about it may come late, and then is not about what was connected since."""
    gone = []
    for row in social.channels_named(provider, account_id):
        if _anew(row, at) or not social.switch_off(row.id, why, now=now):
            continue
        audit.note(
            "channel.disconnected", row.public_id, actor=Actor("provider", provider), now=now, after={"why": why},
            tenant=people.get_creator(row.creator_id).public_id,
        )  # fmt: skip
        channel_letters.left(row, why, now=now)
        gone.append(row.id)
    return gone


def _anew(row: Channel, at: datetime) -> bool:
    return row.connected_at > at + SKEW


__all__ = [
    "GONE", "Arrival", "NotConnected", "NotReached", "Parting", "StaleKnock", "access_of", "ask", "begin", "client_of",
    "disconnect", "finish", "forget", "is_live", "logins", "lose", "options", "refresh", "removed", "renew", "sweep",
    "tell_operator",
]  # fmt: skip
