"""What happened to a post, from the audit: who did what, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext

from ...adapters.social import REASONS
from ...domain import audit
from ...domain.audit import Entry
from ...domain.social import Post
from ...flows import post_words
from ...kernel import words
from ..local import locale, when_filter
from .post_cards import Part


@dataclass(frozen=True, slots=True)
class Event:
    """One line. by_person: somebody pressed a button; reason: what they said."""

    at: datetime
    text: str
    by_person: bool
    reason: str


def of(tenant: str, post: Post, parts: Sequence[Part]) -> list[Event]:
    """The post's history, the newest first; acts that say nothing to its creator are left out."""
    names = {part.target.public_id: part.told.channel for part in parts}
    found: list[Entry] = []
    for subject in (post.public_id, *names):
        found += audit.search(tenant=tenant, subject=subject, limit=50)
    told = [(entry, _said(entry, names.get(entry.subject, ""))) for entry in sorted(found, key=lambda each: -each.id)]
    return [Event(entry.at, text, entry.actor.startswith("user:"), entry.reason) for entry, text in told if text]


def _said(entry: Entry, channel: str) -> str:
    after: dict[str, Any] = entry.after
    match entry.act:
        case "post.scheduled":
            return str(gettext("Planned for %(when)s", when=_when(after.get("at"))))
        case "post.moved":
            facts = {"before": _when(entry.before.get("at")), "after": _when(after.get("at"))}
            return str(gettext("Moved from %(before)s to %(after)s", **facts))
        case "post.changed":
            return "" if _only_moved(entry) else str(gettext("Changed"))
        case "post.cancelled":
            return str(gettext("Called back"))
        case "post.set_aside":
            return str(gettext("Left as it is"))
        case "post.taken_up":
            return str(gettext("Taken up again"))
        case "post.tried_again":
            return str(gettext("%(channel)s: tried again", channel=channel))
        case "post.published":
            return str(gettext("%(channel)s: posted", channel=channel))
        case "post.delivered":
            return str(gettext("%(channel)s: put into the inbox as a draft", channel=channel))
        case "post.unfinished":
            return str(gettext("%(channel)s did not tell that the draft was posted", channel=channel))
        case "post.failed":
            return str(gettext("%(channel)s: not posted. %(why)s", channel=channel, why=_why(after, channel)))
        case "post.decided" if after.get("posted"):
            return str(gettext("%(channel)s: somebody looked, and it is there", channel=channel))
        case "post.decided":
            return str(gettext("%(channel)s: somebody looked, and it is not there", channel=channel))
    return ""


def _only_moved(entry: Entry) -> bool:
    """Whether nothing but its time was changed, which the entry beside it says."""
    before: dict[str, Any] = entry.before.get("form", {})
    after: dict[str, Any] = entry.after.get("form", {})
    return (
        bool(before.get("publish_at") != after.get("publish_at")) and {**before, "publish_at": after.get("publish_at")} == after
    )


def _why(after: dict[str, Any], channel: str) -> str:
    why, code = str(after.get("why", "")), post_words.own_word(str(after.get("code", "")))
    text = words.say(post_words.failed_because(why), locale(), channel=channel) if why in REASONS else ""
    return f"{text} ({code})".strip() if code else text


def _when(text: Any) -> str:
    try:
        return when_filter(datetime.fromisoformat(str(text)))
    except ValueError:
        return "?"
