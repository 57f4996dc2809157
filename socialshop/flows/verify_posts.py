"""What the self-check looks at in posts and channels: I-11, I-27, I-35.

Moves of a target are told by the audit: what a person or a provider did to it. What lies between two of these nobody can see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import func, or_, select

from ..domain import audit, social
from ..domain.social import Channel, Post, Target
from ..kernel.database import session

Wrong = tuple[str, str, str]
MILESTONES = ("post.published", "post.delivered", "post.unfinished", "post.failed", "post.decided", "post.tried_again")
REOPENED = ("post.changed", "post.cancelled")  # of a post as a whole
_FROM = {
    "post.published": ("open", "delivered"),
    "post.delivered": ("open",),
    "post.unfinished": ("delivered",),
    "post.failed": ("open", "delivered"),
    "post.decided": ("open",),
}
_TO = {
    "post.published": "published", "post.delivered": "delivered", "post.unfinished": "open", "post.failed": "failed",
    "post.tried_again": "open",
}  # fmt: skip
_SILENT = (*social.NAMELESS, social.UNFINISHED)  # why nobody is asked any more


def discrepancies() -> Iterator[Wrong]:
    """Posts that moved where no edge leads, stand somewhere twice, or are forgotten; tokens where none may be."""
    yield from _moves()
    yield from _standing()
    yield from _twice()
    yield from _tokens()


def _moves() -> Iterator[Wrong]:
    acts: dict[str, list[audit.Entry]] = defaultdict(list)
    for entry in session().scalars(
        select(audit.Entry).where(audit.Entry.act.in_((*MILESTONES, *REOPENED))).order_by(audit.Entry.id)
    ):
        acts[entry.subject].append(entry)
    query = select(Target.id, Target.public_id, Target.state, Post.public_id.label("post")).join(Post, Post.id == Target.post_id)
    for target_id, public_id, state, post in session().execute(query):
        standing, row = "open", f"post_targets {target_id}"
        touched = [entry for entry in acts[post] if entry.act in REOPENED]
        for entry in acts[public_id]:
            if standing == "failed" and (entry.act == "post.tried_again" or _between(touched, entry)):
                standing = "open"
            if entry.act != "post.tried_again" and standing not in _FROM[entry.act]:
                yield "I-11", row, f"{entry.act} when it was {standing}"
            standing = _after(entry)
        if standing != _standing_of(state) and not (touched and state != "published"):
            yield "I-11", row, f"is {state}, but its last act left it {standing}"


def _between(touched: list[audit.Entry], entry: audit.Entry) -> bool:
    return any(each.id < entry.id for each in touched)


def _after(entry: audit.Entry) -> str:
    if entry.act == "post.decided":
        return "published" if entry.after.get("posted") else "failed"
    return _TO[entry.act]


def _standing_of(state: str) -> str:
    return "open" if state in social.OPEN else state


def _standing() -> Iterator[Wrong]:
    """What is open has a next step, what is over has none, and what was called can be looked up."""
    for row, channel_state in session().execute(select(Target, Channel.state).join(Channel, Channel.id == Target.channel_id)):
        name = f"post_targets {row.id}"
        if row.state in ("waiting", "ready", "underway") and row.next_at is None:
            yield "I-35", name, f"is {row.state} and forgotten: nothing says when it goes on"
        if row.state in ("preparing", "calling") and row.called_at is None:
            yield "I-35", name, f"is {row.state} since nobody knows when"
        if row.state == "unknown" and row.next_at is None and row.why not in _SILENT and channel_state != "off":
            yield "I-35", name, "is unknown and forgotten: nobody looks, though one could"
        if row.state == "delivered" and row.next_at is None and channel_state != "off":
            yield "I-35", name, "is delivered and forgotten: nobody asks whether it was posted"
        if row.state in ("calling", "underway") and channel_state != "off" and not social.handle_of(row):
            yield "I-35", name, f"is {row.state} without a name to look it up by"
        if row.remote_id and row.state != "published":
            yield "I-35", name, f"is {row.state}, but has a post over there"
        if row.state in ("published", "delivered") and row.published_at is None:
            yield "I-11", name, f"is {row.state} since nobody knows when"
        if row.state in ("failed", "cancelled") and row.next_at is not None:
            yield "I-11", name, f"is {row.state}, but is to go on"


def _twice() -> Iterator[Wrong]:
    """One post over there is of one target here, whichever row of the account it went through."""
    query = (
        select(Channel.provider, Channel.account_id, Target.remote_id, func.min(Target.id))
        .join(Channel, Channel.id == Target.channel_id)
        .where(Target.remote_id != "")
        .group_by(Channel.provider, Channel.account_id, Target.remote_id)
        .having(func.count() > 1)
    )
    for provider, account_id, remote_id, target_id in session().execute(query):
        yield "I-35", f"post_targets {target_id}", f"{provider} {account_id}: post {remote_id} is of several targets"


def _tokens() -> Iterator[Wrong]:
    held = or_(Channel.access_token.is_not(None), Channel.refresh_token.is_not(None))
    for channel_id in session().scalars(select(Channel.id).where(Channel.state == "off", held)):
        yield "I-27", f"channels {channel_id}", "is switched off, and still holds a token"
    for channel_id in session().scalars(select(Channel.id).where(Channel.state == "live", Channel.access_token.is_(None))):
        yield "I-11", f"channels {channel_id}", "is live without a token"
