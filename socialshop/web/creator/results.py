"""/creator/posts/results: what each post brought, as a chart, a table and a sheet; and the same of one post for its page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from flask import Response, current_app, g, render_template, request
from flask_babel import gettext, lazy_gettext

from ...adapters.social import REASONS
from ...domain import analytics, social
from ...domain.analytics import Amounts, Row
from ...flows import results
from ...flows import statistics as stories
from ...flows.results import ByPost, Place, PostLine, PostResults, Sort
from ...kernel import words
from ...kernel.clock import utcnow
from ...kernel.errors import FieldError, Invalid
from ...kernel.money import Money, to_decimal
from .. import sheets
from .. import statistics as said
from ..access import CREATOR, allow
from ..explain import words_of
from ..local import locale, zone
from . import bp
from .post_cards import KINDS

_L = lazy_gettext
SORTS: dict[Sort, Any] = {
    "commission": _L("Earnings"), "clicks": _L("Clicks"), "orders": _L("Orders"), "epc": _L("Per click"), "views": _L("Views"),
    "new": _L("Newest"),
}  # fmt: skip
_DRAWN = frozenset({"instagram", "tiktok", "whatsapp", "youtube", "facebook"})  # channels with a sign of their own
DRAWN, LISTED = 10, 200  # posts in the chart, and in the table; the sheet has all
CHANNELS = {"instagram": "Instagram", "tiktok": "TikTok"}
OF_COMMISSION, TOLD = analytics.OF_COMMISSION, analytics.TOLD
_OF_PARTS = words_of({name: measure.title for name, measure in OF_COMMISSION.items()})
_SHOWN = ("clicks", "checkouts", "orders", "kept", "conversion", "revenue", "commission", "epc")
MEANINGS = (*TOLD.values(), *(analytics.MEASURES[name] for name in _SHOWN), *OF_COMMISSION.values())


@dataclass(frozen=True, slots=True)
class Bar:
    """One post of the chart. length: of 100."""

    line: PostLine
    length: int
    text: str


class Board:
    """What the page shows: a desk for days and amounts, and the posts in their order."""

    def __init__(self, desk: said.Desk, found: ByPost, sort: Sort) -> None:
        self.desk, self.found, self.sort = desk, found, sort

    @property
    def lines(self) -> Sequence[PostLine]:
        """Those of the table."""
        return self.found.lines[:LISTED]

    @property
    def left_out(self) -> int:
        """How many more the sheet has."""
        return max(0, len(self.found.lines) - LISTED)

    @property
    def as_of(self) -> datetime | None:
        """Since when the oldest figure of a channel has been so."""
        return min((line.told.as_of for line in self.found.lines if line.told.as_of is not None), default=None)

    @property
    def others(self) -> list[str]:
        """What the figures beside the posts' own are made of, where there is anything."""
        return self.desk.amounts(self.found.elsewhere.commission)

    def sorts(self) -> list[tuple[str, str, bool]]:
        """What the posts can be ordered by, as tabs."""
        return [(self.desk.to(sort=name), str(text), name == self.sort) for name, text in SORTS.items()]

    def bars(self) -> list[Bar]:
        """The first posts, by what they are ordered by; by earnings where that is their age."""
        values = [(line, self._value(line)) for line in self.found.lines[:DRAWN]]
        most = max([value for _, value in values] + [0])
        drawn = [(line, value, max(1, 100 * value // most) if value > 0 else 0) for line, value in values if most]
        return [Bar(line, length, self.told(self.drawn_by, line)) for line, _, length in drawn]

    @property
    def drawn_by(self) -> str:
        """What the bars show."""
        return "commission" if self.sort == "new" else self.sort

    def _value(self, line: PostLine) -> int:
        if self.drawn_by == "views":
            return line.told.views or 0
        found = getattr(line.row, self.drawn_by)
        return found.get(self.desk.currency, 0) if isinstance(found, Mapping) else int(found)

    def told(self, name: str, line: PostLine) -> str:
        """A number of a post, as people read it."""
        return said.number(line.told.views) if name == "views" else self.desk.told(name, line.row)


@dataclass(frozen=True, slots=True)
class Brought:
    """What one post brought, in words."""

    found: PostResults

    def amount(self, amounts: Amounts) -> str:
        """Every currency's amount."""
        return _amount(amounts)

    def measure(self, name: str, row: Row) -> str:
        """A number, as people read it."""
        value = getattr(row, name)
        if isinstance(value, Mapping):
            return _amount(value) if value or name != "epc" else "–"
        return said.percent(value) if name == "conversion" else said.number(value)

    def count(self, value: int) -> str:
        """A count, as people read it."""
        return said.number(value)

    def place(self, place: Place) -> str:
        """Where that is."""
        return str(said.CHANNELS.get(place.channel, place.channel)) if place.channel else str(gettext("By code alone"))

    def icon(self, place: Place) -> str:
        """Its picture."""
        if not place.channel:
            return "tag"
        return f"brand-{place.channel}" if place.channel in _DRAWN else "share"

    def why(self, place: Place) -> str:
        """Why a channel tells nothing, or nothing newer; "" where it does."""
        text = _WHY.get(place.why)
        if text is None and place.why in REASONS:
            text = _WHY["wait"]
        return str(text).format(channel=self.place(place)) if text and place.channel else ""

    def parts(self) -> list[tuple[str, str, str]]:
        """(name, title, amount) of what has become of the commission."""
        return [
            (name, str(_OF_PARTS[name]), _amount(amounts))
            for name in OF_COMMISSION
            if any((amounts := self.found.standing.get(name, {})).values())
        ]

    def days(self) -> list[tuple[str, Row]]:
        """Each day of the series."""
        return [(_day(row.value, "E, d MMM"), row) for row in self.found.days]

    def chart(self) -> said.Chart:
        """Clicks of each day, the orders beside them in words."""
        rows = self.found.days
        days = [date.fromisoformat(row.value) for row in rows]
        drawn = said.draw("clicks", days, [row.clicks for row in rows], [], said.number)
        bars = tuple(replace(bar, text=_of_day(row)) for bar, row in zip(drawn.bars, rows, strict=True))
        first, middle, last = drawn.ends
        return replace(drawn, bars=bars, ends=(first, middle if len(rows) > 2 else "", last if len(rows) > 1 else ""))


@bp.get("/posts/results", endpoint="post_results")
@allow(CREATOR)
def post_results() -> str:
    """Posts by what they earned: bars, the numbers as a table, other days, another order."""
    board = _board()
    return render_template(
        "creator/post_results.html", board=board, desk=board.desk, measures=analytics.MEASURES, number=said.number,
        channels=CHANNELS, parts=_OF_PARTS, meanings=MEANINGS, kinds=KINDS, any_post=_any_post(board.found),
    )  # fmt: skip


@bp.get("/posts/results.csv", endpoint="post_results_csv")
@allow(CREATOR)
def post_results_csv() -> Response:
    """The same as a sheet, every post of it."""
    board = _board()
    if board.desk.asked.wrong_days:
        raise Invalid(said.WRONG_DAYS, fields=[FieldError("from", "bad_period", said.WRONG_DAYS)])
    return sheets.answer(f"posts-{g.creator.handle}.csv", HEADER, _rows(board))


@bp.app_template_global("post_results")
def of_one(post: social.Post) -> Brought:
    """What one of the creator's posts brought until now, for its own page."""
    return Brought(results.of_post(g.creator.id, post.public_id, now=utcnow(), zone=zone()))


@bp.app_template_global("post_meanings")
def post_meanings() -> Sequence[analytics.Measure]:
    """What the numbers of posts mean."""
    return MEANINGS


HEADER = (
    "post", "name", "published_at", "channels", "from", "to", "timezone", "views", "likes", "comments", "shares", "asked_at",
    "clicks", "checkouts", "orders", "kept", "conversion_percent", "currency", "revenue", "commission", *OF_COMMISSION,
    "earnings_per_click",
)  # fmt: skip


def _rows(board: Board) -> Iterator[list[object]]:
    """A row for each post and currency, amounts in major units. Counts stand in a post's first row."""
    period = board.desk.asked.period
    for line in board.found.lines:
        row, told = line.row, line.told
        owed = {currency for amounts in line.standing.values() for currency in amounts}
        for n, currency in enumerate(sorted({*row.revenue, *row.commission, *owed}) or [board.desk.currency]):
            counts: list[object] = [
                told.views, told.likes, told.comments, told.shares, told.as_of and told.as_of.isoformat(), row.clicks,
                row.checkouts, row.orders, row.kept, row.conversion,
            ]  # fmt: skip
            parts = [line.standing.get(name, {}) for name in OF_COMMISSION]
            amounts = [_major(each, currency) for each in (row.revenue, row.commission, *parts, row.epc)]
            yield [
                line.post.public_id, line.name, line.published_at and line.published_at.isoformat(), " ".join(line.channels),
                period.first.isoformat(), period.last.isoformat(), period.zone, *(counts if n == 0 else [""] * len(counts)),
                currency, *amounts,
            ]  # fmt: skip


def _board() -> Board:
    now = utcnow()
    scope = stories.of_creator(g.creator.id)
    asked = said.read(scope, zone=zone(), now=now)
    picked = request.args.get("sort", "commission")
    sort: Sort = next((name for name in results.SORTS if name == picked), "commission")
    kept = {name: value for name, value in asked.kept.items() if name in ("period", "from", "to")}
    if sort != "commission":
        kept["sort"] = sort
    asked = replace(asked, scope=scope, kept=kept)
    taps = stories.taps(current_app.config["SETTINGS"].default_timezone)
    desk = said.Desk(asked, taps, endpoint="creator.post_results", now=now)
    return Board(desk, results.by_post(g.creator.id, asked.period, now=now, sort=sort, currency=desk.currency), sort)


def _any_post(found: ByPost) -> bool:
    """Whether the creator has published anything at all; asked only where these days have nothing."""
    return bool(found.lines) or social.figures.has_published(g.creator.id)


def _amount(amounts: Amounts) -> str:
    there = sorted((currency for currency in amounts if amounts[currency]), key=lambda each: (each != "IDR", each))
    return " · ".join(words.money(Money(amounts[each], each), locale()) for each in there) or words.money(
        Money(0, "IDR"), locale()
    )


def _major(amounts: Amounts, currency: str) -> Decimal:
    return Decimal(to_decimal(amounts.get(currency, 0), currency))


def _day(day: str, pattern: str) -> str:
    return str(format_date(date.fromisoformat(day), pattern, locale=locale()))


def _of_day(row: Row) -> str:
    clicks = gettext("%(count)s clicks", count=said.number(row.clicks))
    return str(gettext("%(clicks)s, %(orders)s paid orders", clicks=clicks, orders=said.number(row.orders)))


_WHY = {
    "early": _L("{channel} is asked an hour after publishing, then again and again."),
    "silent": _L("{channel} tells no figures of this post. It does not of private posts, and of new ones hours late."),
    "off": _L("{channel} is not connected any more, so that nothing newer can be asked."),
    "scope": _L("{channel} does not tell: too few people have seen it, or the permission to read figures is missing."),
    "vanished": _L("{channel} does not find this post any more. It may have been deleted there."),
    "late": _L("{channel} tells figures of a story for one day only."),
    "unclear": _L("We do not know yet whether it stands on {channel}."),
    "unpublished": _L("It does not stand on {channel}."),
    "by_hand": _L("Not posted from here: people came by a link that you sent on by hand."),
    "wait": _L("{channel} did not tell the last time. We ask again by ourselves."),
}
