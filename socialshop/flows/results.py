"""What posts brought: seen over there, as the channels told; tapped, bought and earned here, as the statistics count it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from ..domain import analytics, clicks, social
from ..domain.analytics import Amounts, Period, Row
from ..domain.social import Channel, FigureAsk, Post, PostFigures, Target
from . import statistics

Sort = Literal["commission", "clicks", "orders", "epc", "views", "new"]
SORTS: tuple[Sort, ...] = ("commission", "clicks", "orders", "epc", "views", "new")
DAYS = 30  # of the small series


@dataclass(frozen=True, slots=True)
class Told:
    """What channels told. None: not told. as_of: when the oldest part of it was asked."""

    views: int | None = None
    likes: int | None = None
    comments: int | None = None
    shares: int | None = None
    as_of: datetime | None = None

    @property
    def anything(self) -> bool:
        """Whether there is anything to show."""
        return any(count is not None for count in (self.views, self.likes, self.comments, self.shares))


@dataclass(frozen=True, slots=True)
class Place:
    """What a post brought on one channel. channel: "instagram", "tiktok", or "" where its code alone did.

    why: why nothing is told: "" it is, or will be at `ask_at`; "early" not asked yet; "silent"; "off" the channel does not
    let us in; "unclear" nobody knows whether it stands there; "by_hand" the creator sent its link on there; else a reason's
    name of `adapters.social`.
    standing: see `analytics.OF_COMMISSION`.
    """

    channel: str
    row: Row
    standing: Mapping[str, Amounts] = field(default_factory=dict)
    told: Told = field(default_factory=Told)
    username: str = ""
    permalink: str = ""
    published_at: datetime | None = None
    why: str = ""
    ask_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PostResults:
    """One post: each place, all of them together, and day by day."""

    post: Post
    places: tuple[Place, ...]
    total: Row
    standing: Mapping[str, Amounts]
    told: Told
    days: tuple[Row, ...]
    period: Period
    published_at: datetime | None

    @property
    def began(self) -> bool:
        """Whether it stands anywhere yet."""
        return self.published_at is not None

    @property
    def unclear(self) -> bool:
        """Whether nobody knows of some place whether it stands there."""
        return any(place.why == "unclear" for place in self.places)

    @property
    def empty(self) -> bool:
        """Whether nobody has tapped or bought yet."""
        return not (self.total.clicks or self.total.orders or self.total.checkouts or self.total.commission)


@dataclass(frozen=True, slots=True)
class PostLine:
    """A post in the table."""

    post: Post
    name: str
    channels: tuple[str, ...]
    row: Row
    standing: Mapping[str, Amounts]
    told: Told
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class ByPost:
    """All posts of a period, and what came from elsewhere in it."""

    lines: tuple[PostLine, ...]
    total: Row
    standing: Mapping[str, Amounts]
    elsewhere: Row


def of_post(creator_id: int, public_id: str, *, now: datetime, zone: str = "") -> PostResults:
    """What one of a creator's posts has brought until now, on `zone`'s clock or the install's. NotFound."""
    post = social.post_of(creator_id, public_id)
    targets = social.targets_of(post.id)
    taps, scope = _taps(), replace(statistics.of_creator(creator_id), where={"post": str(post.id)})
    period = _since(post, zone or clicks.home_zone(), now)
    rows = {row.value: row for row in analytics.of_channels(scope, period, taps)}
    parts = analytics.standing(scope, period, "on", now=now)
    places = _places(targets, rows, parts, now=now)
    first = min((place.published_at for place in places if place.published_at), default=None)
    days = tuple(analytics.daily(scope, _last_days(period, first), taps))
    standing = {name: _sum(each.get(name, {}) for each in parts.values()) for name in analytics.OF_COMMISSION}
    told = _together([place.told for place in places])
    return PostResults(post, places, analytics.together(rows.values()), standing, told, days, period, first)


def by_post(creator_id: int, period: Period, *, now: datetime, sort: Sort = "commission", currency: str = "IDR") -> ByPost:
    """Every post that was published in some days, or that brought something in them. currency: of which amounts are sorted."""
    scope, taps = statistics.of_creator(creator_id), _taps()
    rows = {row.value: row for row in analytics.table(scope, period, "post", taps, limit=None).rows}
    elsewhere = rows.pop("", Row(""))
    standing = analytics.standing(scope, period, "post", now=now)
    numbers = {int(value) for value in rows}
    published = social.figures.published_of(creator_id, period.since, period.until)
    posts = social.figures.posts_named(creator_id, numbers | published)
    names = analytics.names_of(scope, "post", [str(post.id) for post in posts])
    targets = social.figures.targets_of_posts([post.id for post in posts])
    told = social.figures.figures_of([target.id for mine in targets.values() for target, _ in mine])
    lines = [
        _line(
            post, names[str(post.id)].name, rows.get(str(post.id), Row(str(post.id))), standing.get(str(post.id), {}),
            targets.get(post.id, ()), told,
        )
        for post in posts
    ]  # fmt: skip
    lines.sort(key=lambda line: _place(line, sort, currency), reverse=True)
    whole = {name: _sum(parts.get(name, {}) for value, parts in standing.items() if value) for name in analytics.OF_COMMISSION}
    return ByPost(tuple(lines), analytics.together(line.row for line in lines), whole, elsewhere)


def _taps() -> analytics.Taps:
    return statistics.taps(clicks.home_zone())


def _since(post: Post, zone: str, now: datetime) -> Period:
    """From the day on which its links were made until today."""
    home = ZoneInfo(zone)
    last = max(now, post.created_at).astimezone(home).date()
    return Period(post.created_at.astimezone(home).date(), last, zone)


def _last_days(period: Period, published_at: datetime | None) -> Period:
    """The newest days of it, from the one on which it was published."""
    first = max(period.first, period.last - timedelta(days=DAYS - 1))
    if published_at is not None:
        first = max(first, min(published_at.astimezone(ZoneInfo(period.zone)).date(), period.last))
    return replace(period, first=first)


def _places(
    targets: Sequence[Target], rows: Mapping[str, Row], parts: Mapping[str, Mapping[str, Amounts]], *, now: datetime
) -> tuple[Place, ...]:
    """One for each channel that it is on, others that brought something, and the code."""
    told = social.figures.figures_of([target.id for target in targets])
    asks = social.figures.asks_of([target.id for target in targets])
    on: dict[str, list[tuple[Target, Channel]]] = {}
    for each in targets:
        if each.state != "cancelled":
            at = social.channel(each.channel_id)
            on.setdefault(at.provider, []).append((each, at))
    found: dict[str, Place] = {}
    for provider, mine in on.items():
        # two accounts of one provider are one place: their links are told apart by the provider. Where one of them has the
        # post, that one speaks for both
        target, channel = min(mine, key=lambda pair: (pair[0].state != "published", pair[0].published_at or now, pair[0].id))
        why, ask_at = _why(target, channel, asks.get(target.id), target.id in told)
        found[provider] = Place(
            provider, rows.get(provider, Row(provider)), parts.get(provider, {}),
            _together([_told(told.get(each.id)) for each, _ in mine]), channel.username, target.permalink, target.published_at,
            why, ask_at,
        )  # fmt: skip
    for value, row in rows.items():
        if value and value not in found:
            found[value] = Place(value, row, parts.get(value, {}), why="by_hand")
    if "" in rows:
        found[""] = Place("", rows[""], parts.get("", {}))
    return tuple(found.values())


def _why(target: Target, channel: Channel, ask: FigureAsk | None, is_told: bool) -> tuple[str, datetime | None]:
    """Why nothing newer is told, and when it is asked for."""
    if target.state != "published":
        return ("unclear" if target.state == "unknown" else "unpublished"), None
    if channel.state != "live" or channel.access_token is None:
        return "off", None
    if ask is None:
        return ("early" if target.remote_id else "silent"), None
    if ask.asked_at is None:
        return "early", ask.next_at
    return ("" if is_told and ask.why == "silent" else ask.why), ask.next_at


def _told(row: PostFigures | None) -> Told:
    return Told() if row is None else Told(row.views, row.likes, row.comments, row.shares, row.asked_at)


def _together(parts: Sequence[Told]) -> Told:
    """Counts of several channels as one; what none of them tells stays untold."""

    def total(counts: Iterable[int | None]) -> int | None:
        known = [count for count in counts if count is not None]
        return sum(known) if known else None

    return Told(
        total(part.views for part in parts), total(part.likes for part in parts), total(part.comments for part in parts),
        total(part.shares for part in parts), min((part.as_of for part in parts if part.as_of is not None), default=None),
    )  # fmt: skip


def _line(
    post: Post, name: str, row: Row, standing: Mapping[str, Amounts], targets: Sequence[tuple[Target, Channel]],
    told: Mapping[int, PostFigures],
) -> PostLine:  # fmt: skip
    published = [target.published_at for target, _ in targets if target.published_at and target.state == "published"]
    channels = tuple(dict.fromkeys(channel.provider for target, channel in targets if target.state != "cancelled"))
    counts = _together([_told(told.get(target.id)) for target, _ in targets])
    return PostLine(post, name, channels, row, standing, counts, min(published, default=None))


def _place(line: PostLine, sort: Sort, currency: str) -> tuple[int, int, datetime, int]:
    """Where it stands in the table; equal ones by clicks, then the newest first."""
    amounts = {"commission": line.row.commission, "epc": line.row.epc}
    first = {"clicks": line.row.clicks, "orders": line.row.orders, "views": line.told.views or 0, "new": 0}.get(sort, 0)
    if sort in amounts:
        first = amounts[sort].get(currency, 0)
    at = line.published_at or datetime.min.replace(tzinfo=UTC)
    return first, 0 if sort == "new" else line.row.clicks, at, line.post.id


def _sum(parts: Iterable[Amounts]) -> Amounts:
    found: Counter[str] = Counter()
    for amounts in parts:
        found.update(amounts)
    return dict(sorted(found.items()))
