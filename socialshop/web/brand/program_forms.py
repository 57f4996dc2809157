"""Forms about programs: five questions and a few more choices. What is acceptable, the programs room decides."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, StringField, TextAreaField

from ...domain import programs
from ...kernel.money import to_decimal
from ..auth.forms import choices


class _Terms(FlaskForm):  # type: ignore[misc]  # flask-wtf is untyped
    """How much, how long a click counts, how long to hold; and more choices with good defaults."""

    kind = RadioField(
        _l("A sale earns"),
        choices=choices(
            [
                ("percent", _l("A percentage of the goods")),
                ("order", _l("A fixed amount for each order")),
                ("unit", _l("A fixed amount for each piece sold")),
            ]
        ),
        default="percent",
    )
    percent = StringField(_l("Percentage"), default="10")
    flat = StringField(_l("Fixed amount"))
    window_days = StringField(_l("A click counts for"), default="30")
    hold_days = StringField(_l("Commission is held for"), default="14")
    minimum_order = StringField(_l("Smallest order that earns"))
    minimum_payout = StringField(_l("Smallest payout"))
    winner = RadioField(
        _l("When a code and a click name different creators"),
        choices=choices(
            [
                ("code", _l("The code wins")),
                ("click", _l("The click wins")),
                ("half", _l("They share half and half")),
            ]
        ),
        default="code",
    )
    touch = RadioField(
        _l("When somebody clicked several links"),
        choices=choices([("last", _l("The last click counts")), ("first", _l("The first click counts"))]),
        default="last",
    )

    def answers(self, currency: str) -> programs.Answers:
        """What was typed, as answers; Invalid names the fields."""
        return programs.read_answers(_typed(self), currency)


class _About(FlaskForm):  # type: ignore[misc]
    """What the program is, and who may join."""

    name = StringField(_l("Name of the program"))
    about = TextAreaField(_l("About the program"))
    joining = RadioField(
        _l("Joining"),
        choices=choices([("approval", _l("Creators apply, you approve")), ("open", _l("Every creator, at once"))]),
        default="approval",
    )
    buyer_discount = StringField(_l("Discount for buyers who use a code"))
    landing_url = StringField(_l("Address of your own store"))
    click_parameter = StringField(_l("Parameter that carries the click to your store"), default="ss_click")

    def told(self) -> programs.About:
        """What was typed; Invalid for a discount that is none."""
        typed = _typed(self)
        return programs.About(
            name=typed["name"],
            about=typed["about"],
            joining=typed["joining"],
            buyer_discount=programs.read_discount(typed["buyer_discount"]),
            landing_url=typed["landing_url"],
            click_parameter=typed["click_parameter"].strip(),
        )


class ProgramForm(_About, _Terms):
    """A new program."""


class TermsForm(_Terms):
    """New terms for a program that is there."""


class AboutForm(_About):
    """What is said of a program, beside its terms."""


class PublishForm(FlaskForm):  # type: ignore[misc]
    """From when, and what the author saw."""

    start = RadioField(
        _l("From when do these terms hold?"),
        choices=choices([("now", _l("From now on")), ("later", _l("From a later date"))]),
        default="now",
    )
    from_at = StringField(_l("Date and time"))
    seen = HiddenField()
    written = HiddenField()


class GroupsForm(FlaskForm):  # type: ignore[misc]
    """Which groups a creator is in."""

    groups = StringField(_l("Groups"))


class ReasonForm(FlaskForm):  # type: ignore[misc]
    """A sentence that the creator will read."""

    reason = TextAreaField(_l("Your reason"))


class RecruiterForm(FlaskForm):  # type: ignore[misc]
    """Who brought a creator in, and why that is changed."""

    recruiter = StringField(_l("Handle of the recruiter"))
    reason = TextAreaField(_l("Your reason"))


def filled(answers: programs.Answers, currency: str) -> dict[str, Any]:
    """Answers as the form shows them; an amount that is none stays empty."""

    def amount(minor: int) -> str:
        return to_decimal(minor, currency) if minor else ""

    return {
        "kind": answers.kind,
        "percent": answers.percent,
        "flat": amount(answers.flat),
        "window_days": str(answers.window_days),
        "hold_days": str(answers.hold_days),
        "minimum_order": amount(answers.minimum_order),
        "minimum_payout": amount(answers.minimum_payout),
        "winner": answers.winner,
        "touch": answers.touch,
    }


def _typed(form: FlaskForm) -> dict[str, str]:
    return {field.name: field.data if isinstance(field.data, str) else "" for field in form}
