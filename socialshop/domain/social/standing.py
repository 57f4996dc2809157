"""How a channel stands: until when its owner let us in, what waits for it, and what stays when it is gone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from ...kernel.database import session
from .models import Channel, Target
from .rules import OPEN

NAMES = {"instagram": "Instagram", "tiktok": "TikTok"}  # as people know them
SOON = timedelta(days=7)


def ends_at(row: Channel) -> datetime | None:
    """When what we may ends for good; None: never, or it is over. A token that another one renews does not count."""
    if row.state != "live":
        return None
    return row.refresh_expires_at if row.refresh_token else row.expires_at


def ends_soon(row: Channel, now: datetime) -> datetime | None:
    """When it ends, where that is within a week and we cannot help it.

    A token that renews itself is tried from half way on. A refresh token that is this near its end did not get a later one
    with any renewal, so only its owner can.
    """
    end = ends_at(row)
    if end is None or end - now > SOON:
        return None
    early = now - row.issued_at < (end - row.issued_at) / 2
    return None if early and not row.refresh_token else end


def drafts_only(row: Channel) -> bool:
    """Whether its owner lets us put drafts into their inbox, and no more."""
    return row.provider == "tiktok" and "video.publish" not in row.scopes


def shares_grant(row: Channel) -> bool:
    """Whether the same person let us into other accounts by the same grant: withdrawn, it would be gone for those too."""
    if row.via != "facebook" or not row.scoped_id:
        return False
    others = select(Channel.id).where(Channel.via == row.via, Channel.scoped_id == row.scoped_id, Channel.id != row.id)
    return session().scalar(others.where(Channel.state != "off").limit(1)) is not None


def ending(now: datetime) -> Sequence[Channel]:
    """Live channels that end soon."""
    query = select(Channel).where(
        Channel.state == "live", (Channel.expires_at <= now + SOON) | (Channel.refresh_expires_at <= now + SOON)
    )
    return [row for row in session().scalars(query.order_by(Channel.id)) if ends_soon(row, now)]


def all_named(provider: str, account_id: str) -> Sequence[Channel]:
    """Those that a provider's message is about, switched off ones too; held until the end of the transaction."""
    named = (Channel.account_id == account_id) | (Channel.scoped_id == account_id)
    query = select(Channel).where(Channel.provider == provider, named).order_by(Channel.id)
    return session().scalars(query.with_for_update()).all()


def left_of(creator_id: int, *, limit: int = 10) -> Sequence[Channel]:
    """What a creator had connected and is switched off, the newest of each account, unless it is connected again."""
    again = select(Channel.account_id).where(Channel.creator_id == creator_id, Channel.state != "off")
    newest = (
        select(func.max(Channel.id)).where(Channel.creator_id == creator_id, Channel.state == "off")
        .group_by(Channel.provider, Channel.account_id)
    )  # fmt: skip
    query = select(Channel).where(Channel.id.in_(newest), Channel.account_id.not_in(again)).order_by(Channel.changed_at.desc())
    return session().scalars(query.limit(limit)).all()


def waiting_on(channel_ids: Sequence[int]) -> dict[int, int]:
    """How many posts are on their way to each of these channels; those that may stand there already are not."""
    coming = Target.state.in_([state for state in OPEN if state != "unknown"])
    query = select(Target.channel_id, func.count()).where(Target.channel_id.in_(channel_ids), coming)
    return {row.channel_id: row[1] for row in session().execute(query.group_by(Target.channel_id))}


def wipe(channel_ids: Sequence[int]) -> None:
    """Forget whose accounts these were, and where their posts stand over there."""
    mine = Target.channel_id.in_(channel_ids)
    session().execute(
        update(Target).where(mine).values(remote_id="", permalink="", handle="{}").execution_options(synchronize_session=False)
    )
    session().execute(
        update(Channel)
        .where(Channel.id.in_(channel_ids))
        .values(account_id="", scoped_id="", username="", name="", scopes=[])
        .execution_options(synchronize_session=False)
    )
