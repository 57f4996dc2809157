"""When a brand's runs are drawn up by themselves, and who bears the transfer fee."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import RadioField, SelectField

from ...domain import payouts
from ...flows import payout_schedule as stories
from ...kernel.clock import utcnow
from ...kernel.errors import Invalid
from ..access import BRAND_MONEY, actor, allow
from ..auth.forms import blame, choices
from . import bp, payout_words

Page = str | Response | tuple[str, int]
_DAYS = choices([(str(day), str(day)) for day in range(1, 32)])


class ScheduleForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is untyped
    """The rhythm, and whose the fee is."""

    kind = RadioField(
        _l("When is a run drawn up?"),
        choices=choices(
            [
                ("none", _l("By hand only")),
                ("weekly", _l("Every week")),
                ("monthly", _l("Every month")),
                ("twice", _l("Twice a month")),
            ]
        ),
        validate_choice=False,
    )
    weekday = SelectField(
        _l("Day of the week"),
        choices=choices([(str(number), name) for number, name in enumerate(payout_words.WEEKDAYS)]),
        validate_choice=False,
    )
    day = SelectField(_l("Day of the month"), choices=_DAYS, validate_choice=False)
    second = SelectField(_l("Second day, if twice a month"), choices=_DAYS, validate_choice=False)
    hour = SelectField(_l("Time"), choices=choices([(str(hour), f"{hour:02d}.00") for hour in range(24)]), validate_choice=False)
    fee_bearer = RadioField(
        _l("Who bears the bank's transfer fee?"),
        choices=choices([("brand", _l("You, the brand")), ("creator", _l("The creator"))]),
        validate_choice=False,
    )


@bp.get("/payouts/schedule", endpoint="payout_schedule")
@allow(BRAND_MONEY)
def payout_schedule() -> Page:
    """What is settled."""
    settings = payouts.settings_of(g.brand.id)
    found = payouts.rhythm_of(settings)
    form = ScheduleForm(
        formdata=None,
        data={
            "kind": found.kind, "weekday": str(found.weekday), "day": str(found.day), "second": str(found.second),
            "hour": str(found.hour), "fee_bearer": payouts.fee_bearer_of(g.brand.id),
        },
    )  # fmt: skip
    return _page(form)


@bp.post("/payouts/schedule", endpoint="payout_schedule_settled")
@allow(BRAND_MONEY)
def payout_schedule_settled() -> Page:
    """Settle it anew."""
    form = ScheduleForm()
    numbers = {name: _number(form._fields[name].data) for name in ("weekday", "day", "second", "hour")}
    try:
        rhythm = payouts.read_rhythm(form.kind.data or "", **numbers)
        stories.settle(g.brand.id, rhythm, form.fee_bearer.data or "", actor=actor(), now=utcnow())
    except Invalid as refused:
        blame(form, refused)
        return _page(form), 422
    flash(gettext("Saved."), "good")
    return redirect(url_for("brand.payouts"), 303)


def _page(form: ScheduleForm) -> str:
    return render_template(
        "brand/payout_schedule.html", form=form, next_slot=stories.next_slot(g.brand, now=utcnow()),
        slots=payouts.last_slots(g.brand.id),
    )  # fmt: skip


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 4 else -1
