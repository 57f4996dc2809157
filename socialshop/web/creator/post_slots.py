"""/creator/posts/slots: the queue, places in the week that posts fill one after another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_day_names
from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectMultipleField, TimeField
from wtforms.validators import InputRequired

from ...domain import social
from ...flows import slots
from ...kernel import words
from ...kernel.clock import utcnow
from ...kernel.errors import DomainError
from ..access import CREATOR, actor, allow
from ..local import locale, sentence, zone
from . import bp
from .page_forms import tell
from .post_cards import PICKED, clock_of, local_of, zone_said

SHOWN_AHEAD = 5
WORKDAYS, WEEKEND, DAILY = (0, 1, 2, 3, 4), (5, 6), (0, 1, 2, 3, 4, 5, 6)
# one tap each: when people in Indonesia have their phones in hand
STARTS = ((WORKDAYS, 19 * 60), (DAILY, 12 * 60), (WEEKEND, 10 * 60))


class SlotForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is untyped
    """Days and a time."""

    weekdays = SelectMultipleField(_l("Days"), coerce=int, choices=[], validate_choice=False)
    clock = TimeField(_l("Time"), format=["%H:%M"], validators=[InputRequired(_l("Choose a time."))])


@dataclass(frozen=True, slots=True)
class Row:
    """One time of the day, with the days on which it is a place."""

    minute: int
    zone: str
    days: frozenset[int]
    said: str  # 19.00 WIB


@bp.route("/posts/slots", methods=["GET", "POST"])
@allow(CREATOR)
def posts_slots() -> Any:
    """The queue's places, what is free next, and the form for more."""
    form, now = SlotForm(weekdays=list(WORKDAYS)), utcnow()
    if request.method == "POST" and "do" in request.form:
        return _toggle(now)
    if form.validate_on_submit() and form.clock.data is not None:
        minute = form.clock.data.hour * 60 + form.clock.data.minute
        try:
            slots.add(g.creator.id, form.weekdays.data or [], minute, zone=zone(), actor=actor(), now=now)
        except DomainError as refusal:
            tell(form, refusal)
        else:
            flash(gettext("Your queue has these places now."), "good")
            return redirect(url_for("creator.posts_slots"), 303)
    places = slots.ahead(g.creator.id, now, now + timedelta(weeks=2), now=now)
    rows = _rows(now)
    html = render_template(
        "creator/posts_slots.html", form=form, rows=rows, ahead=places[:SHOWN_AHEAD],
        next_free=slots.next_free(g.creator.id, now=now),
        day_names=_day_names(), starts=_starts(rows, now), said=_moment_said,
        picked=lambda at: local_of(at).strftime(PICKED), here=zone_said(local_of(now)), zone=zone(),
    )  # fmt: skip
    return html, 422 if request.method == "POST" else 200


def _toggle(now: datetime) -> Any:
    """`do`: "add:0,1,2" or "drop:3", of one time and zone; a second tap of the same changes nothing."""
    act, _, text = request.form["do"].partition(":")
    days = [int(day) for day in text.split(",") if day.isascii() and day.isdigit() and len(day) == 1]
    minute = request.form.get("minute", "")
    at = int(minute) if minute.isascii() and minute.isdigit() and len(minute) <= 4 else -1
    where = request.form.get("zone") or zone()
    try:
        if act == "drop":
            slots.remove(g.creator.id, days, at, zone=where, actor=actor(), now=now)
            flash(gettext("Removed. What is planned there stays planned."), "info")
        else:
            slots.add(g.creator.id, days, at, zone=where, actor=actor(), now=now)
            flash(gettext("Your queue has these places now."), "good")
    except DomainError as refusal:
        fields = getattr(refusal, "fields", None)
        flash(words.say(fields[0].message, locale()) if fields else sentence(refusal), "warn")
    return redirect(url_for("creator.posts_slots"), 303)


def _rows(now: datetime) -> list[Row]:
    found: dict[tuple[int, str], set[int]] = {}
    for slot in social.slots.of(g.creator.id):
        found.setdefault((slot.minute, slot.zone), set()).add(slot.weekday)
    return [
        Row(minute, where, frozenset(days), f"{_clock(minute)} {_zone_said(where, now)}")
        for (minute, where), days in sorted(found.items(), key=lambda item: (item[0][1] != zone(), item[0]))
    ]


def _starts(rows: list[Row], now: datetime) -> list[tuple[str, str, int]]:
    """(said, days, minute) of suggestions that are not in the queue yet."""
    names = {WORKDAYS: gettext("Each weekday"), DAILY: gettext("Each day"), WEEKEND: gettext("At the weekend")}
    have = {(row.minute, day) for row in rows if row.zone == zone() for day in row.days}
    return [
        (f"{names[days]} {_clock(minute)} {zone_said(local_of(now))}", ",".join(map(str, days)), minute)
        for days, minute in STARTS
        if not {(minute, day) for day in days} <= have
    ]


def _day_names() -> list[tuple[str, str]]:
    """(short, whole) names from Monday on."""
    short, wide = (get_day_names(width, locale=locale()) for width in ("abbreviated", "wide"))
    return [(str(short[day]), str(wide[day])) for day in range(7)]


def _moment_said(at: datetime) -> str:
    """Monday, 1 June, 19.00 WIB on the creator's clock."""
    local = local_of(at)
    return f"{format_date(local.date(), 'EEEE, d MMMM', locale=locale())}, {clock_of(local)} {zone_said(local)}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}{'.' if locale() == 'id' else ':'}{minute % 60:02}"


def _zone_said(where: str, now: datetime) -> str:
    return words.zone_name(where, now.astimezone(ZoneInfo(where)))
