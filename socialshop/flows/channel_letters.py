"""Letters to creators about their channels: lost, taken away over there, ending soon. Their words are made when they go out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ..adapters.social import REASONS
from ..domain import audit, people, social
from ..domain.audit import SYSTEM
from ..domain.social import Channel
from ..kernel import words
from ..kernel.database import end_reading, transaction
from . import letters
from .letters import Facts

ONCE_IN = timedelta(days=30)  # a creator is told once that a permission ends, however often its end moves by a little


def lost(row: Channel, *, now: datetime) -> None:
    """The provider does not let us in any more. In a transaction."""
    _post("channel_lost", row, f"{row.public_id}:{row.token_number}", now=now)


def left(row: Channel, why: str, *, now: datetime) -> None:
    """Over there our access was taken away, or we were told to forget the person. In a transaction."""
    _post("channel_erased" if why == "erased" else "channel_removed", row, f"{row.public_id}:{row.token_number}", now=now)


def sweep(_payload: dict[str, Any], *, now: datetime) -> None:
    """Job "channels.ending": tell, once, whose permission ends within a week and is not renewed by us."""
    with transaction():
        for row in social.standing.ending(now):
            told = [entry for entry in audit.search(subject=row.public_id) if entry.act == "channel.ends_soon"]
            end = social.standing.ends_soon(row, now)
            if end is None or any(entry.at > now - ONCE_IN for entry in told):
                continue
            audit.note(
                "channel.ends_soon", row.public_id, actor=SYSTEM, tenant=people.get_creator(row.creator_id).public_id, now=now,
                after={"ends_at": end.isoformat()},
            )  # fmt: skip
            _post("channel_ends", row, f"{row.public_id}:{end:%Y%m%d}", now=now)


def _post(kind: str, row: Channel, about: str, *, now: datetime) -> None:
    """Only ids lie in the job: who asks to be forgotten is forgotten there too."""
    creator = people.get_creator(row.creator_id)
    email, locale = people.creator_email(creator.id)
    facts: Facts = {"channel": row.public_id, "creator": creator.public_id, "at_provider": social.standing.NAMES[row.provider]}
    zone = people.get_user(creator.user_id).timezone
    letters.post(to=email, kind=kind, locale=locale, facts=facts, key=f"{kind}:{about}", now=now, zone=zone)


def _complete(facts: dict[str, letters.Fact], *, state: str) -> letters.Ready | None:
    """Who it is about and why, as it is now; None where the channel is not in this state any more."""
    creator = people.find_creator(str(facts["creator"]))
    if creator is None:
        return None
    row, (email, locale) = social.channel_of(creator.id, str(facts["channel"])), people.creator_email(creator.id)
    reason = words.say(REASONS.get(row.why, REASONS["reconnect"]).sentence, locale, channel=social.standing.NAMES[row.provider])
    said = facts | {"name": creator.name, "account": row.username, "reason": reason}
    wanted = row.state == state
    end_reading()
    return letters.Ready(said, to=email) if wanted else None


@letters.at_sending("channel_lost")
def _still_lost(facts: dict[str, letters.Fact], _now: datetime) -> letters.Ready | None:
    return _complete(facts, state="lost")


@letters.at_sending("channel_removed")
@letters.at_sending("channel_erased")
def _still_off(facts: dict[str, letters.Fact], _now: datetime) -> letters.Ready | None:
    return _complete(facts, state="off")


@letters.at_sending("channel_ends")
def _still_ending(facts: dict[str, letters.Fact], now: datetime) -> letters.Ready | None:
    ready = _complete(facts, state="live")
    end = ends_of(str(facts["creator"]), str(facts["channel"]), now=now)
    return letters.Ready({**ready.facts, "end": end}, to=ready.to) if ready is not None and end is not None else None


def ends_of(creator: str, channel: str, *, now: datetime) -> datetime | None:
    """When the permission of a channel ends, where that is soon."""
    found = people.find_creator(creator)
    end = None if found is None else social.standing.ends_soon(social.channel_of(found.id, channel), now)
    end_reading()
    return end
