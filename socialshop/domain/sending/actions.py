"""What this room does. Never commits; moves only along declared edges, by conditional update."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from ...kernel.database import new_id, session
from .models import PayoutAccount, PayoutEvent, Sending
from .rules import EDGES, ChannelFacts, key_of


def connect(
    brand_id: int, provider: str, *, api_key: str, token: str, test_mode: bool, channels: Sequence[ChannelFacts], now: datetime
) -> PayoutAccount:
    """Connect the brand's account, or give the connected one another key. An empty token keeps the one that was there."""
    row = session().scalar(
        select(PayoutAccount)
        .where(PayoutAccount.brand_id == brand_id, PayoutAccount.state == "live", PayoutAccount.provider == provider)
        .with_for_update()
    )
    if row is None:
        row = PayoutAccount(
            brand_id=brand_id, provider=provider, api_key=api_key, key_end=api_key[-4:], token=token or None, connected_at=now,
            checked_at=now, test_mode=test_mode, channels=[], chosen={},
        )  # fmt: skip
        session().add(row)
    elif row.api_key != api_key:
        row.api_key, row.key_end, row.key_number = api_key, api_key[-4:], row.key_number + 1
        row.test_mode = test_mode
    row.token = token or row.token
    note_channels(row, channels, now=now)
    session().flush()
    return row


def note_channels(row: PayoutAccount, channels: Sequence[ChannelFacts], *, now: datetime) -> None:
    """Keep what the provider listed; what was chosen and is not listed any more is not chosen any more."""
    row.channels = [asdict(channel) for channel in channels]
    listed = {channel.code for channel in channels}
    row.chosen = {ours: theirs for ours, theirs in row.chosen.items() if theirs in listed}
    row.checked_at = now
    session().flush()


def choose_channels(row: PayoutAccount, chosen: dict[str, str]) -> None:
    """Which channel pays which bank or e-wallet of ours."""
    row.chosen = dict(chosen)
    session().flush()


def disconnect(account_id: int, *, now: datetime) -> bool:
    """Forget key and token; False: it was off."""
    found = session().execute(
        update(PayoutAccount)
        .where(PayoutAccount.id == account_id, PayoutAccount.state == "live")
        .values(state="off", api_key=None, token=None, closed_at=now)
        .returning(PayoutAccount.id)
    )
    return found.scalar() is not None


def note_heard(account_id: int, *, now: datetime) -> None:
    """A message of the provider's has proved itself just now."""
    session().execute(update(PayoutAccount).where(PayoutAccount.id == account_id).values(heard_at=now))


def hand_over(payout_id: int, payout_public_id: str, *, account_id: int, channel: str, now: datetime) -> Sending | None:
    """Let a payout be sent by this account; None where it is in the provider's hands already."""
    insert = postgresql.insert if session().get_bind().dialect.name == "postgresql" else sqlite.insert
    made = session().execute(
        insert(Sending)
        .values(
            payout_id=payout_id, account_id=account_id, key=key_of(payout_public_id), channel=channel, chosen_at=now,
            state="waiting", remote_status="", why="", contradicted=False, tries=0, key_number=0, next_at=now,
        )
        .on_conflict_do_nothing(index_elements=["payout_id"])
        .returning(Sending.id)
    ).scalar()  # fmt: skip
    if made is not None:
        return session().get_one(Sending, made)
    again = (
        session()
        .execute(
            update(Sending)
            .where(Sending.payout_id == payout_id, Sending.state == "refused")
            .values(state="waiting", account_id=account_id, channel=channel, why="", tries=0, chosen_at=now, next_at=now)
            .returning(Sending.id)
            .execution_options(synchronize_session=False)
        )
        .scalar()
    )
    return None if again is None else session().get_one(Sending, again, populate_existing=True)


def move(sending_id: int, target: str, *, sources: Sequence[str] = (), **values: Any) -> bool:
    """Let a sending go to `target` from where an edge leads there (or from `sources` only); False where it is elsewhere."""
    allowed = [state for state, targets in EDGES.items() if target in targets and (not sources or state in sources)]
    moved = session().execute(
        update(Sending)
        .where(Sending.id == sending_id, Sending.state.in_(allowed))
        .values(state=target, **values)
        .returning(Sending.id)
        .execution_options(synchronize_session=False)
    )
    return moved.scalar() is not None


def note(sending_id: int, **values: Any) -> None:
    """Other facts of a sending, its state apart."""
    session().execute(
        update(Sending).where(Sending.id == sending_id).values(**values).execution_options(synchronize_session=False)
    )


def keep(
    account_id: int, *, event_key: str, topic: str, remote_id: str, reference: str, body: bytes, state: str, now: datetime
) -> PayoutEvent | None:
    """Keep a message as it came, or None where it is kept already."""
    insert = postgresql.insert if session().get_bind().dialect.name == "postgresql" else sqlite.insert
    made = session().execute(
        insert(PayoutEvent)
        .values(
            public_id=new_id("pev"), account_id=account_id, event_key=event_key[:200], topic=topic[:60], state=state,
            remote_id=remote_id[:120], reference=reference[:255], body=body.decode("latin-1"), received_at=now,
        )
        .on_conflict_do_nothing(index_elements=["account_id", "event_key"])
        .returning(PayoutEvent.id)
    ).scalar()  # fmt: skip
    return None if made is None else session().get_one(PayoutEvent, made)


def settle_event(event_id: int, state: str, *, now: datetime) -> bool:
    """What a kept message came to; False where that is known."""
    found = session().execute(
        update(PayoutEvent)
        .where(PayoutEvent.id == event_id, PayoutEvent.state == "kept")
        .values(state=state, worked_at=now)
        .returning(PayoutEvent.id)
        .execution_options(synchronize_session=False)
    )
    return found.scalar() is not None
