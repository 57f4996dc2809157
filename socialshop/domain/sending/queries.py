"""Questions about accounts, sendings and messages, and what the self-check looks at."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_, select

from ...kernel.database import session
from ...kernel.errors import NotFound
from .models import PayoutAccount, PayoutEvent, Sending
from .rules import OPEN, ChannelFacts, channel_facts, key_of


def account(account_id: int) -> PayoutAccount:
    """The account with this internal key; NotFound."""
    found = session().get(PayoutAccount, account_id)
    if found is None:
        raise NotFound()
    return found


def account_of(brand_id: int) -> PayoutAccount | None:
    """The account that sends the brand's payouts, if one is connected."""
    return session().scalar(select(PayoutAccount).where(PayoutAccount.brand_id == brand_id, PayoutAccount.state == "live"))


def find_account(public_id: str) -> PayoutAccount | None:
    """The account that messages are addressed to."""
    return session().scalar(select(PayoutAccount).where(PayoutAccount.public_id == public_id))


def channels_of(row: PayoutAccount) -> list[ChannelFacts]:
    """What the provider listed when it was last asked."""
    return [channel_facts(channel) for channel in row.channels]


def get(sending_id: int, *, lock: bool = False) -> Sending:
    """The sending, as it is now; held until the end of the transaction where `lock`. NotFound."""
    found = session().get(Sending, sending_id, populate_existing=True, with_for_update=lock or None)
    if found is None:
        raise NotFound()
    return found


def of_payout(payout_id: int) -> Sending | None:
    """The payout's sending, if it was ever handed over."""
    return session().scalar(select(Sending).where(Sending.payout_id == payout_id).execution_options(populate_existing=True))


def of_payouts(payout_ids: Collection[int]) -> dict[int, Sending]:
    """The same for several payouts, by payout."""
    return {row.payout_id: row for row in session().scalars(select(Sending).where(Sending.payout_id.in_(payout_ids)))}


def of_reference(account_id: int, reference: str) -> Sending | None:
    """The account's sending of the payout that the provider calls by this reference."""
    query = select(Sending).where(Sending.account_id == account_id, Sending.key == key_of(reference))
    return session().scalar(query.execution_options(populate_existing=True))


def open_of_account(account_id: int) -> list[Sending]:
    """What is under way or unclear at an account."""
    return list(session().scalars(select(Sending).where(Sending.account_id == account_id, Sending.state.in_(OPEN))))


def unclear_of_brand(brand_id: int) -> list[Sending]:
    """What only a look-up or a person can clear up for a brand, the oldest first; what is contradicted too."""
    query = (
        select(Sending)
        .join(PayoutAccount, PayoutAccount.id == Sending.account_id)
        .where(PayoutAccount.brand_id == brand_id, or_(Sending.state == "unknown", Sending.contradicted.is_(True)))
    )
    return list(session().scalars(query.order_by(Sending.id)))


def due(now: datetime, *, limit: int = 2000) -> list[tuple[int, str]]:
    """(id, state) of what to ask about or send now, the longest waiting first."""
    query = select(Sending.id, Sending.state).where(Sending.next_at <= now).order_by(Sending.next_at, Sending.id).limit(limit)
    return [(row[0], row[1]) for row in session().execute(query)]


def get_event(event_id: int) -> PayoutEvent:
    """The message with this internal key; NotFound."""
    found = session().get(PayoutEvent, event_id)
    if found is None:
        raise NotFound()
    return found


def quarantined(*, limit: int = 100) -> list[PayoutEvent]:
    """Messages that proved themselves and could not be read, the newest first."""
    query = select(PayoutEvent).where(PayoutEvent.state == "quarantined").order_by(PayoutEvent.id.desc()).limit(limit)
    return list(session().scalars(query))
