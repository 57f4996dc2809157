"""Changing what is scheduled: files, and on which channels. Nothing here commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete

from ...kernel.database import session
from .actions import TargetFacts, move, note
from .fitted import Fit
from .media_facts import MediaFacts
from .models import PostMedia, Target
from .queries import media_of, target


def files_of(post_id: int) -> list[MediaFacts]:
    """The files of a post, as they were handed over."""
    return [
        MediaFacts(row.kind, row.media_type, row.size, row.sha256, row.width, row.height, row.milliseconds, row.alt_text)
        for row in media_of(post_id)
    ]


def change_files(post_id: int, files: Sequence[MediaFacts]) -> None:
    """Other files in the place of those that a post has. What stays in its place keeps its address."""
    rows = {row.position: row for row in media_of(post_id)}
    stay = {place for place, facts in enumerate(files) if place in rows and rows[place].sha256 == facts.sha256}
    gone = [row.id for place, row in rows.items() if place not in stay]
    session().execute(delete(Fit).where(Fit.media_id.in_(gone)))
    session().execute(delete(PostMedia).where(PostMedia.id.in_(gone)))
    for place, facts in enumerate(files):
        if place in stay:
            rows[place].alt_text = facts.alt_text
            continue
        session().add(
            PostMedia(
                post_id=post_id, position=place, kind=facts.kind, media_type=facts.media_type, size=facts.size,
                sha256=facts.sha256, width=facts.width, height=facts.height, milliseconds=facts.milliseconds,
                alt_text=facts.alt_text,
            )
        )  # fmt: skip
    session().flush()


def add_target(post_id: int, facts: TargetFacts, at: datetime) -> Target:
    """One more channel that a post goes to."""
    row = Target(post_id=post_id, channel_id=facts.channel_id, **_chosen(facts), **_waiting(at))
    session().add(row)
    session().flush()
    return row


def begin_anew(target_id: int, facts: TargetFacts, at: datetime) -> Target:
    """Let a target of which nobody has seen anything (waiting, ready, failed, cancelled) wait for its time, nothing prepared."""
    move(target_id, "waiting")
    note(target_id, handle="{}", why="", code="", tries=0, rounds=0, called_at=None, **_chosen(facts), **_waiting(at))
    return target(target_id)


def _chosen(facts: TargetFacts) -> dict[str, Any]:
    return {
        "privacy": facts.privacy, "comments": facts.comments, "duet": facts.duet, "stitch": facts.stitch, "draft": facts.draft,
    }  # fmt: skip


def _waiting(at: datetime) -> dict[str, Any]:
    return {"next_at": at, "wanted_at": at}
