"""A creator's posts as the list, the calendar and a post's own page show them: in words, on their own clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from ...domain import social
from ...domain.social import Channel, Post, PostMedia, Target
from ...flows import post_words, upload
from ...flows.post_words import Told
from ...kernel import words
from ..local import locale, zone

KINDS = {
    "image": _l("Picture"), "carousel": _l("Carousel"), "reel": _l("Reel"), "story": _l("Story"), "video": _l("Video"),
    "photos": _l("Photos"),
}  # fmt: skip
PICKED = "%Y-%m-%dT%H:%M"  # as a field for a date and time has it
_TONES = {"waiting": "accent", "published": "good", "delivered": "info", "cancelled": "", "failed": ""}


@dataclass(frozen=True, slots=True)
class Part:
    """A post on one of its channels. needs: a person has to do something."""

    target: Target
    channel: Channel
    told: Told
    needs: bool

    @property
    def who(self) -> str:
        """The account; "" once it was forgotten."""
        return f"@{self.channel.username}" if self.channel.username else ""

    @property
    def own_word(self) -> str:
        """What the channel calls that which went wrong; "" where it said no word."""
        return post_words.own_word(self.target.code) if self.target.state in ("failed", "waiting", "unknown") else ""

    @property
    def reconnects(self) -> bool:
        """Whether it helps to connect the account again."""
        return self.needs and self.channel.state != "live" and not post_words.is_gone(self.channel)

    @property
    def tone(self) -> str:
        """The colour of its badge."""
        return "bad" if self.needs else _TONES.get(self.target.state, "info")


@dataclass(frozen=True, slots=True)
class Card:
    """A post at one look. picture: a small one of what it shows is there."""

    post: Post
    parts: tuple[Part, ...]
    first: PostMedia | None
    movable: bool
    local: datetime  # when it goes out, on the viewer's clock
    picture: bool = False

    @property
    def name(self) -> str:
        """What it is called in lists: the beginning of its words, else its kind."""
        text = (self.post.title or self.post.caption).strip()
        return text.splitlines()[0][:120] if text else self.kind

    @property
    def kind(self) -> str:
        """What it becomes: a film that goes to no Instagram is no reel."""
        reel = self.post.kind == "reel" and all(part.channel.provider != "instagram" for part in self.parts)
        return str(KINDS["video" if reel else self.post.kind])

    @property
    def clock(self) -> str:
        """19.00, 19:00."""
        return clock_of(self.local)

    @property
    def key(self) -> str:
        """Where it has come to altogether, in one word."""
        states = {part.target.state for part in self.parts} - {"cancelled"}
        if any(part.needs for part in self.parts):
            return "needs"
        if not states:
            return "cancelled"
        if all(part.target.called_at is None for part in self.parts if part.target.state != "cancelled"):
            return "planned"
        if states & set(social.OPEN):
            return "underway"
        if "failed" in states:
            return "partly" if states & {"published", "delivered"} else "failed"
        return "published" if "published" in states else "delivered"

    @property
    def says(self) -> str:
        """The same for people."""
        words_of: dict[str, str] = {
            "needs": gettext("Needs you"), "cancelled": gettext("Called back"), "planned": gettext("Planned"),
            "underway": gettext("Being posted"), "partly": gettext("Partly posted"), "failed": gettext("Not posted"),
            "published": gettext("Posted"), "delivered": gettext("In your inbox"),
        }  # fmt: skip
        return words_of[self.key]

    @property
    def tone(self) -> str:
        """The colour of that."""
        return {
            "needs": "bad", "planned": "accent", "underway": "info", "partly": "warn", "published": "good", "delivered": "info",
        }.get(self.key, "")  # fmt: skip


def cards_of(posts: Sequence[Post], *, now: datetime) -> list[Card]:
    """Posts with all that belongs to them, in the order given."""
    ids = [post.id for post in posts]
    targets, media = social.board.targets_by_post(ids), social.board.first_media(ids)
    channels = social.board.channels_by_id(target.channel_id for each in targets.values() for target in each)
    return [
        Card(
            post, tuple(_part(post, target, channels[target.channel_id], now) for target in targets.get(post.id, [])),
            media.get(post.id), social.board.movable(targets.get(post.id, [])), local_of(post.publish_at),
            _has_picture(media.get(post.id)),
        )
        for post in posts
    ]  # fmt: skip


def composer(**begin: str) -> str:
    """Where a post is written; begin: `at` a day or time on the creator's clock, a `draft`, a post to `copy`."""
    return url_for("creator.post_new", **begin)  # type: ignore[arg-type]  # plain words of the address


def editor(post: str) -> str:
    """Where a post is changed."""
    return url_for("creator.post_edit", post=post)


def local_of(moment: datetime) -> datetime:
    """An instant on the viewer's clock."""
    return moment.astimezone(ZoneInfo(zone()))


def clock_of(local: datetime) -> str:
    """The time of day as the viewer's language writes it."""
    return f"{local:%H.%M}" if locale() == "id" else f"{local:%H:%M}"


def zone_said(local: datetime) -> str:
    """What the viewer's zone calls itself at that time: WIB, CEST."""
    return words.zone_name(zone(), local)


def day_said(day: date, today: date) -> str:
    """A day as a heading."""
    if day == today:
        return str(gettext("Today"))
    if day == today + timedelta(days=1):
        return str(gettext("Tomorrow"))
    if day == today - timedelta(days=1):
        return str(gettext("Yesterday"))
    return format_date(day, "EEEE, d MMMM" + ("" if day.year == today.year else " y"), locale=locale())


def _has_picture(item: PostMedia | None) -> bool:
    return item is not None and item.kind == "image" and social.files.thumb_of(item.sha256, upload.folder()).is_file()


def _part(post: Post, target: Target, channel: Channel, now: datetime) -> Part:
    told = post_words.sentence_of(target, channel, now).spoken(locale(), zone())
    return Part(target, channel, told, social.board.needs_person(post, target, channel, now))
