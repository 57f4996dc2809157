"""Letters to creators about posts that need them: failed for good, unclear, or waiting for a channel to be connected again.

Noted in the transaction of the step that found out, once per post, channel and matter. Their words are made when they go out.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from ..domain import people, social
from ..domain.social import Channel, Target
from ..kernel.database import end_reading
from . import letters, post_words

JUST_TOLD = timedelta(hours=1)  # that the channel is lost, which is a letter of its own
LINE = 80  # characters of a caption


def failed(row: Target, why: str, *, now: datetime) -> None:
    """It is surely not there, and does not go on by itself."""
    _post("post_failed", row, f"{row.public_id}:{why}", now=now)


def unclear(row: Target, *, now: datetime) -> None:
    """Nobody could tell us whether it is there."""
    _post("post_unclear", row, row.public_id, now=now)


def waits(row: Target, at: Channel, *, now: datetime) -> None:
    """Its time has come, and the channel is lost since longer than the letter that said so: once for each loss and day."""
    if now - at.changed_at > JUST_TOLD:
        _post("post_waits", row, f"{at.public_id}:{at.token_number}:{now:%Y%m%d}", now=now)


def _post(kind: str, row: Target, about: str, *, now: datetime) -> None:
    creator = people.get_creator(social.post(row.post_id).creator_id)
    email, locale = people.creator_email(creator.id)
    zone = people.get_user(creator.user_id).timezone
    facts: letters.Facts = {"target": row.id, "locale": locale, "zone": zone}
    letters.post(to=email, kind=kind, locale=locale, facts=facts, key=f"{kind}:{about}", now=now, zone=zone)


def _complete(facts: dict[str, letters.Fact], now: datetime, *, states: tuple[str, ...]) -> letters.Ready | None:
    """How it stands now; None where it needs nobody any more."""
    row = social.target(int(str(facts["target"])))
    at, post = social.channel(row.channel_id), social.post(row.post_id)
    creator = people.get_creator(post.creator_id)
    email, _ = people.creator_email(creator.id)
    told = post_words.sentence_of(row, at, now).spoken(str(facts["locale"]), str(facts["zone"]))
    said: letters.Facts = {
        "name": creator.name, "channel": told.channel, "account": at.username, "why": told.sentence, "step": told.next_step,
        "path": f"/creator/posts/{post.public_id}", "post": _first_line(row.caption or post.caption),
    }  # fmt: skip
    wanted = row.state in states
    end_reading()
    return letters.Ready(said, to=email) if wanted else None


def _first_line(caption: str) -> str:
    line = next((line.strip() for line in caption.splitlines() if line.strip()), "…")
    return line if len(line) <= LINE else line[: LINE - 1].rstrip() + "…"


@letters.at_sending("post_failed")
def _still_failed(facts: dict[str, letters.Fact], now: datetime) -> letters.Ready | None:
    return _complete(facts, now, states=("failed",))


@letters.at_sending("post_unclear")
def _still_unclear(facts: dict[str, letters.Fact], now: datetime) -> letters.Ready | None:
    return _complete(facts, now, states=("unknown",))


@letters.at_sending("post_waits")
def _still_waiting(facts: dict[str, letters.Fact], now: datetime) -> letters.Ready | None:
    row = social.target(int(str(facts["target"])))
    if social.channel(row.channel_id).state != "lost":
        return None
    return _complete(facts, now, states=("waiting", "ready"))
