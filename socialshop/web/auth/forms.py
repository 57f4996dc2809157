"""Forms about accounts."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import available_timezones

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from ...kernel import words
from ...kernel.errors import FieldError, Invalid
from ..local import locale

LOCALES = [("id", "Bahasa Indonesia"), ("en", "English")]
INDONESIAN_ZONES = [("Asia/Jakarta", "WIB (Jakarta)"), ("Asia/Makassar", "WITA (Makassar)"), ("Asia/Jayapura", "WIT (Jayapura)")]


_OTHERS = sorted(z for z in available_timezones() if "/" in z and not z.startswith(("Etc/", "SystemV/", "US/")))
ZONES = [*INDONESIAN_ZONES, *((z, z.replace("_", " ")) for z in _OTHERS if z not in dict(INDONESIAN_ZONES)), ("UTC", "UTC")]


def choices(pairs: Sequence[tuple[str, object]]) -> list[SelectChoice]:
    """(value, label) pairs as WTForms wants them."""
    return [SelectChoice(value, label) for value, label in pairs]


class SignUpForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is untyped
    """Address, password, and what one is."""

    kind = RadioField(_l("I am"), choices=choices([("creator", _l("a creator")), ("brand", _l("a brand"))]), default="creator")
    email = EmailField(_l("E-mail address"))
    password = PasswordField(_l("Password"))
    handle = StringField(_l("Handle"))
    brand_name = StringField(_l("Name of the brand"))


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Address and password. kept: a form that was sent when nobody was signed in any more."""

    email = EmailField(_l("E-mail address"))
    password = PasswordField(_l("Password"))
    next = HiddenField()
    kept = HiddenField()


class ProveForm(FlaskForm):  # type: ignore[misc]
    """The password once more."""

    password = PasswordField(_l("Password"))
    next = HiddenField()


class AddressForm(FlaskForm):  # type: ignore[misc]
    """One e-mail address."""

    email = EmailField(_l("E-mail address"))


class NewAddressForm(AddressForm):
    """Another e-mail address."""

    email = EmailField(_l("New address"))


class NewPasswordForm(FlaskForm):  # type: ignore[misc]
    """A new password for who followed a link."""

    password = PasswordField(_l("New password"))


class ChangePasswordForm(FlaskForm):  # type: ignore[misc]
    """The present password and the next one."""

    current = PasswordField(_l("Present password"))
    new = PasswordField(_l("New password"))


class AccountForm(FlaskForm):  # type: ignore[misc]
    """Name, language and time zone."""

    name = StringField(_l("Your name"))
    locale = SelectField(_l("Language"), choices=choices(LOCALES))
    timezone = SelectField(_l("Time zone"), choices=choices(ZONES))


class InvitedForm(FlaskForm):  # type: ignore[misc]
    """A new account for who was invited."""

    name = StringField(_l("Your name"))
    password = PasswordField(_l("Password"))


class HandleForm(FlaskForm):  # type: ignore[misc]
    """A creator's handle."""

    handle = StringField(_l("Handle"))


class BrandForm(FlaskForm):  # type: ignore[misc]
    """A brand's name."""

    brand_name = StringField(_l("Name of the brand"))


def blame(form: FlaskForm, refusal: Invalid) -> None:
    """Tie a refusal to its fields, in the viewer's language; what has no field goes to the form's head."""
    for problem in refusal.fields or [FieldError("", refusal.code, refusal.message)]:
        text = words.say(problem.message, locale())
        field = form._fields.get(problem.field)
        if field is None:
            form.form_errors = [*form.form_errors, text]
        else:
            field.errors = [*field.errors, text]
