"""What this room does. Never commits; moves only along declared edges, by conditional update."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select, update

from ...kernel.database import session
from ...kernel.errors import N_, Conflict
from ...kernel.vault import fingerprint
from .media_facts import MediaFacts
from .models import Channel, Erasure, Knock, Post, PostMedia, Target
from .rules import CANCELLABLE, EDGES, KNOCK_FOR, KNOCKS_KEPT, REFRESH_FOR


class ConnectedElsewhere(Conflict):
    """The account is in another creator's hands."""

    code = "connected_elsewhere"
    message = N_("The account {username} is connected by another creator here. It must be disconnected there first.")


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """A grant, as it is kept."""

    access: str
    refresh: str
    scopes: frozenset[str]
    issued_at: datetime
    expires_at: datetime | None
    refresh_expires_at: datetime | None
    refresh_at: datetime | None

    def __repr__(self) -> str:
        return f"TokenFacts(issued_at={self.issued_at}, expires_at={self.expires_at})"


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """Where a post goes, and what the creator chose there."""

    channel_id: int
    privacy: str = ""
    comments: bool = True
    duet: bool = True
    stitch: bool = True
    draft: bool = False


def knock(creator_id: int, via: str, *, state: str, verifier: str, redirect_uri: str, now: datetime) -> Knock:
    """A creator is sent to a provider; of the state only the fingerprint stays."""
    row = Knock(
        creator_id=creator_id, via=via, state_hash=fingerprint(state), verifier=verifier, redirect_uri=redirect_uri,
        expires_at=now + KNOCK_FOR,
    )  # fmt: skip
    session().add(row)
    session().flush()
    return row


def let_in(creator_id: int, state: str, *, now: datetime) -> Knock | None:
    """The knock that this state belongs to, once; None where it is nobody's, another creator's, used or too old."""
    used = session().execute(
        update(Knock)
        .where(
            Knock.state_hash == fingerprint(state), Knock.creator_id == creator_id, Knock.used_at.is_(None),
            Knock.expires_at > now,
        )
        .values(used_at=now)
        .returning(Knock.id)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    found = used.scalar()
    return None if found is None else session().get_one(Knock, found, populate_existing=True)


def tidy_knocks(now: datetime) -> int:
    """Forget knocks that let nobody in any more; how many."""
    old = or_(Knock.used_at <= now - KNOCKS_KEPT, Knock.expires_at <= now - KNOCKS_KEPT)
    gone = session().execute(delete(Knock).where(old).returning(Knock.id).execution_options(synchronize_session=False))
    return len(gone.all())


def connect(
    creator_id: int, *, provider: str, via: str, account_id: str, scoped_id: str, username: str, name: str, token: TokenFacts,
    now: datetime,
) -> Channel:  # fmt: skip
    """Connect an account, or give the connected one another token. ConnectedElsewhere.

    What the same creator had switched off comes back to life, with its posts. An erased one has no account's name any more,
    so it never does.
    """
    row = session().scalar(
        select(Channel)
        .where(Channel.provider == provider, Channel.account_id == account_id)
        .where(or_(Channel.state != "off", Channel.creator_id == creator_id))
        .order_by(Channel.state == "off", Channel.id.desc())
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        row = Channel(
            creator_id=creator_id, provider=provider, account_id=account_id, token_number=0, connected_at=now, state="off"
        )
        session().add(row)
    elif row.creator_id != creator_id:
        raise ConnectedElsewhere(username=username)
    row.via, row.scoped_id, row.username, row.name = via, scoped_id, username, name
    row.state, row.why, row.connected_at, row.changed_at = "live", "", now, now
    row.token_number += 1
    for column, value in _columns(token).items():
        setattr(row, column, value)
    session().flush()
    return row


def begin_refresh(channel_id: int, *, seen: int, now: datetime) -> bool:
    """Have the token to oneself for a minute; False where somebody else has, or it is another token already."""
    taken = session().execute(
        update(Channel)
        .where(
            Channel.id == channel_id, Channel.state == "live", Channel.token_number == seen,
            (Channel.refreshing_until.is_(None)) | (Channel.refreshing_until <= now),
        )
        .values(refreshing_until=now + REFRESH_FOR)
        .returning(Channel.id)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return taken.scalar() is not None


def end_refresh(channel_id: int, token: TokenFacts, *, seen: int, now: datetime) -> bool:
    """Keep the new token; False where the channel was connected anew or switched off meanwhile."""
    kept = session().execute(
        update(Channel)
        .where(Channel.id == channel_id, Channel.state == "live", Channel.token_number == seen)
        .values(token_number=seen + 1, changed_at=now, **_columns(token))
        .returning(Channel.id)
        .execution_options(synchronize_session=False)
    )
    return kept.scalar() is not None


def give_up_refresh(channel_id: int, *, seen: int, again_at: datetime) -> None:
    """It came to nothing; the token stays as it was."""
    session().execute(
        update(Channel)
        .where(Channel.id == channel_id, Channel.token_number == seen)
        .values(refreshing_until=None, refresh_at=again_at)
        .execution_options(synchronize_session=False)
    )


def lose(channel_id: int, why: str, *, seen: int, now: datetime) -> bool:
    """The provider does not let us in any more by this token; False where it is another one, or known."""
    lost = session().execute(
        update(Channel)
        .where(Channel.id == channel_id, Channel.state == "live", Channel.token_number == seen)
        .values(state="lost", why=why, refresh_at=None, refreshing_until=None, changed_at=now)
        .returning(Channel.id)
        .execution_options(synchronize_session=False)
    )
    return lost.scalar() is not None


def switch_off(channel_id: int, why: str, *, now: datetime) -> bool:
    """Forget the tokens; False: it was off."""
    closed = session().execute(
        update(Channel)
        .where(Channel.id == channel_id, Channel.state != "off")
        .values(
            state="off", why=why, access_token=None, refresh_token=None, refresh_at=None, refreshing_until=None, changed_at=now,
            token_number=Channel.token_number + 1,
        )
        .returning(Channel.id)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return closed.scalar() is not None


def compose(
    creator_id: int, *, kind: str, caption: str, title: str, promotes: str, media: Sequence[MediaFacts],
    targets: Sequence[TargetFacts], publish_at: datetime, now: datetime,
) -> tuple[Post, list[Target]]:  # fmt: skip
    """A post and where it goes."""
    post = Post(
        creator_id=creator_id, kind=kind, caption=caption, title=title, promotes=promotes, publish_at=publish_at, created_at=now
    )
    session().add(post)
    session().flush()
    for position, item in enumerate(media):
        session().add(
            PostMedia(
                post_id=post.id, position=position, kind=item.kind, media_type=item.media_type, size=item.size,
                sha256=item.sha256, width=item.width, height=item.height, milliseconds=item.milliseconds, alt_text=item.alt_text,
            )
        )  # fmt: skip
    made = [
        Target(
            post_id=post.id, channel_id=facts.channel_id, next_at=publish_at, wanted_at=publish_at, privacy=facts.privacy,
            comments=facts.comments, duet=facts.duet, stitch=facts.stitch, draft=facts.draft,
        )
        for facts in targets
    ]  # fmt: skip
    session().add_all(made)
    session().flush()
    return post, made


def move(target_id: int, to: str, *, sources: Sequence[str] = (), **values: Any) -> bool:
    """Let a target go to `to` from where an edge leads there (or from `sources` only); False where it is elsewhere."""
    allowed = [state for state, targets in EDGES.items() if to in targets and (not sources or state in sources)]
    moved = session().execute(
        update(Target)
        .where(Target.id == target_id, Target.state.in_(allowed))
        .values(state=to, **values)
        .returning(Target.id)
        .execution_options(synchronize_session=False)
    )
    return moved.scalar() is not None


def note(target_id: int, **values: Any) -> None:
    """Other facts of a target, its state apart."""
    session().execute(update(Target).where(Target.id == target_id).values(**values).execution_options(synchronize_session=False))


def cancel(post_id: int, *, now: datetime) -> list[int]:
    """Call back what has not begun; the ids of the targets that were."""
    session().execute(
        update(Post).where(Post.id == post_id).values(cancelled_at=now).execution_options(synchronize_session=False)
    )
    found = session().execute(
        update(Target)
        .where(Target.post_id == post_id, Target.state.in_(CANCELLABLE))
        .values(state="cancelled", next_at=None)
        .returning(Target.id)
        .execution_options(synchronize_session=False)
    )
    return sorted(found.scalars())


def call_off(channel_id: int, why: str) -> list[str]:
    """What has not begun on a channel is not posted, unless a person tries again; the public ids of the targets."""
    found = session().execute(
        update(Target)
        .where(Target.channel_id == channel_id, Target.state.in_(CANCELLABLE))
        .values(state="failed", why=why, code="", next_at=None)
        .returning(Target.public_id)
        .execution_options(synchronize_session=False)
    )
    return sorted(found.scalars())


def reschedule(post_id: int, at: datetime) -> list[int]:
    """Move what has not begun to another time; the ids of the targets. [] and nothing moved where any has begun or ended."""
    mine = select(Target.id, Target.state, Target.called_at).where(Target.post_id == post_id, Target.state != "cancelled")
    found = session().execute(mine.with_for_update()).all()
    if not found or any(state != "waiting" or called_at is not None for _, state, called_at in found):
        return []
    ids = [target_id for target_id, _, _ in found]
    session().execute(
        update(Target).where(Target.id.in_(ids)).values(next_at=at, wanted_at=at).execution_options(synchronize_session=False)
    )
    session().execute(update(Post).where(Post.id == post_id).values(publish_at=at).execution_options(synchronize_session=False))
    return ids


def erase(provider: str, *, channels: int, now: datetime) -> Erasure:
    """Write down that a person was forgotten because the provider told us to."""
    row = Erasure(provider=provider, channels=channels, asked_at=now, done_at=now)
    session().add(row)
    session().flush()
    return row


def packed(handle: Mapping[str, Any]) -> str:
    """A handle as it is kept."""
    return json.dumps(dict(handle), sort_keys=True)


def _columns(token: TokenFacts) -> dict[str, Any]:
    return {
        "access_token": token.access, "refresh_token": token.refresh or None, "scopes": sorted(token.scopes),
        "issued_at": token.issued_at, "expires_at": token.expires_at, "refresh_expires_at": token.refresh_expires_at,
        "refresh_at": token.refresh_at, "refreshing_until": None,
    }  # fmt: skip
