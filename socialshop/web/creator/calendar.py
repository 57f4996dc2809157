"""/creator/posts/calendar: a month or a week of posts on the creator's own clock, and another time for one of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField

from ...domain import social
from ...flows import publish, slots
from ...flows.slots import Place
from ...kernel import words
from ...kernel.clock import utcnow
from ...kernel.errors import Conflict
from ..access import CREATOR, actor, allow
from ..local import locale, sentence, when_filter, zone
from ..moments import FIRST_YEAR, LAST_YEAR, MomentField
from . import bp
from .post_cards import PICKED, Card, cards_of, clock_of, day_said, local_of, zone_said

AHEAD = timedelta(weeks=8)  # so far free places are offered
OFFERED = 3
IN_CELL = 3  # posts of a day that its cell has room for


class TimeForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is untyped
    """Another time for a post. seen: the time it had when the form was shown; back: where to go afterwards."""

    at = MomentField(_l("Post it at"), format=[PICKED])
    seen = HiddenField()
    back = HiddenField()


@dataclass(frozen=True, slots=True)
class Day:
    """One day on the creator's clock. hours: as many as it has; free: places that no post has."""

    day: date
    cards: Sequence[Card]
    free: Sequence[tuple[str, str]]  # as picked, as said
    past: bool
    today: bool
    inside: bool  # of the month that is shown
    hours: int

    @property
    def said(self) -> str:
        """Monday, 1 June."""
        return str(format_date(self.day, "EEEE, d MMMM", locale=locale()))

    @property
    def short(self) -> str:
        """Mon."""
        return str(format_date(self.day, "EEE", locale=locale()))


@bp.get("/posts/calendar")
@allow(CREATOR)
def posts_calendar() -> str:
    """A month, with one day of it in full; or a week."""
    now = utcnow()
    today = local_of(now).date()
    view = "week" if request.args.get("view") == "week" else "month"
    on = _asked_day(request.args.get("on", "")) or today
    first, last = _around(view, on)
    days = _days(first, last, on.replace(day=1) if view == "month" else None, now=now)
    chosen = next((each for each in days if each.day == on), days[0])
    return render_template(
        "creator/posts_calendar.html", view=view, on=on, chosen=chosen, weeks=[days[n : n + 7] for n in range(0, len(days), 7)],
        title=words.month(on.year, on.month, locale()) if view == "month" else _week_said(first, last), today=today,
        before=_step(view, on, -1), after=_step(view, on, 1), back=f"{view}:{on.isoformat()}", in_cell=IN_CELL,
        heading=day_said(on, today), zone_said=_zones_said(first, last), odd=[each for each in days if each.hours != 24],
        legend=list({card.key: card.says for each in days for card in each.cards}.items()),
        clock_of=clock_of,
    )  # fmt: skip


@bp.route("/posts/<post>/time", methods=["GET", "POST"])
@allow(CREATOR)
def post_time(post: str) -> Any:
    """Another time: picked, the next free place, or dropped there in the calendar."""
    row, form, now = social.post_of(g.creator.id, post), TimeForm(), utcnow()
    if request.method == "GET":
        form.at.data, form.seen.data = local_of(row.publish_at).replace(tzinfo=None), row.publish_at.isoformat()
        form.back.data = request.args.get("back", "")
    elif form.validate() and form.at.data is not None:
        at = form.at.data.replace(tzinfo=ZoneInfo(zone())).astimezone(UTC)
        if at > now:
            return _move(row, at, form.at.data, form, now)
        form.at.errors = [gettext("This time is over. Choose one that lies ahead.")]
    else:
        form.at.errors = [gettext("Choose a date and a time.")]
    if request.method == "POST" and "dropped" in request.form:
        flash(form.at.errors[0], "warn")
        return redirect(_back_of(form.back.data, post), 303)
    free = [place for place in slots.ahead(g.creator.id, now, now + AHEAD, now=now) if not place.taken][:OFFERED]
    html = render_template(
        "creator/post_time.html", form=form, card=cards_of([row], now=now)[0], zone_said=zone_said(local_of(row.publish_at)),
        free=[(local_of(place.at).strftime(PICKED), when_filter(place.at)) for place in free],
        least=local_of(now).strftime(PICKED), back=_back_of(form.back.data, post),
    )  # fmt: skip
    return html, 422 if request.method == "POST" else 200


def _move(row: social.Post, at: datetime, picked: datetime, form: TimeForm, now: datetime) -> Response:
    try:
        moved = publish.reschedule(g.creator.id, row.public_id, at, actor=actor(), now=now, seen=_instant(form.seen.data or ""))
    except Conflict as refused:
        flash(sentence(refused), "warn")
    else:
        local = local_of(at)
        _say_moved(moved, at, now)
        if local.replace(tzinfo=None) != picked:
            flash(
                gettext("Clocks leap over %(clock)s on that day, so it is later by as much.", clock=clock_of(picked)),
                "info",
            )
    return redirect(_back_of(form.back.data, row.public_id), 303)


def _say_moved(row: social.Post, at: datetime, now: datetime) -> None:
    """When it goes out; where an account does not let us in, what helps there."""
    [card] = cards_of([row], now=now)
    stranded = [part for part in card.parts if part.target.state == "waiting" and part.channel.state != "live"]
    if not stranded:
        flash(gettext("It goes out on %(when)s now.", when=when_filter(at)), "good")
        return
    flash(gettext("It is planned for %(when)s now.", when=when_filter(at)), "info")
    for part in stranded:
        flash(f"{part.told.channel}: {part.told.sentence} {part.told.next_step}", "warn")


# --- days ------------------------------------------------------------------------------------------


def _days(first: date, last: date, month: date | None, *, now: datetime) -> list[Day]:
    edges = [social.slots.moment_on(first + timedelta(days=n), 0, zone()) for n in range((last - first).days + 2)]
    posts: dict[date, list[Card]] = defaultdict(list)
    for card in cards_of(social.posts_of(g.creator.id, edges[0], edges[-1]), now=now):
        posts[card.local.date()].append(card)
    free: dict[date, list[Place]] = defaultdict(list)
    for place in slots.ahead(g.creator.id, edges[0], edges[-1], now=now):
        if not place.taken:
            free[local_of(place.at).date()].append(place)
    today = local_of(now).date()
    made = []
    for n, begins in enumerate(edges[:-1]):
        day = first + timedelta(days=n)
        places = [(local_of(place.at).strftime(PICKED), clock_of(local_of(place.at))) for place in free[day]]
        hours = round((edges[n + 1] - begins).total_seconds() / 3600)
        made.append(Day(day, posts[day], places, day < today, day == today, month is None or day.month == month.month, hours))
    return made


def _around(view: str, on: date) -> tuple[date, date]:
    """The Monday it begins with and the Sunday it ends with."""
    first = on.replace(day=1) if view == "month" else on
    end = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1) if view == "month" else on
    return first - timedelta(days=first.weekday()), end + timedelta(days=6 - end.weekday())


def _step(view: str, on: date, way: int) -> date:
    """The same a month or a week further, or back."""
    if view == "week":
        return on + timedelta(days=7 * way)
    first = on.replace(day=1)
    return (first + timedelta(days=31)).replace(day=1) if way > 0 else (first - timedelta(days=1)).replace(day=1)


def _week_said(first: date, last: date) -> str:
    begins = format_date(first, "d MMM" if first.year == last.year else "d MMM y", locale=locale())
    return f"{begins} – {format_date(last, 'd MMM y', locale=locale())}"


def _zones_said(first: date, last: date) -> str:
    """What the creator's clock calls itself in these days: WIB; where clocks change, CET and CEST."""
    ends = (social.slots.moment_on(day, 720, zone()) for day in (first, last))
    names = list(dict.fromkeys(zone_said(local_of(end)) for end in ends))
    return gettext("%(first)s, later %(second)s", first=names[0], second=names[1]) if len(names) == 2 else names[0]


# --- what the address and the form say -------------------------------------------------------------


def _asked_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR < day.year < LAST_YEAR else None


def _instant(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _back_of(text: str | None, post: str) -> str:
    """The calendar that somebody came from, with the post in sight; else the post's page."""
    view, _, on = (text or "").partition(":")
    day = _asked_day(on)
    if view not in ("month", "week") or day is None:
        return url_for("creator.post", post=post)
    return url_for("creator.posts_calendar", view=view, on=day.isoformat(), _anchor=f"post-{post}")
