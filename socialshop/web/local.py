"""The viewer's language and zone: chosen, remembered, or read from the browser; filters that use them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from babel.numbers import format_decimal
from flask import Flask, current_app, g, request
from flask_babel import Babel, gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from ..kernel import words
from ..kernel.errors import DomainError
from ..kernel.money import Money
from . import form_words

COOKIE = "lang"


def init_app(app: Flask) -> None:
    """Choose per request; `?lang=en` is remembered in a cookie."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(words.FOLDER)
    Babel(app, locale_selector=locale, timezone_selector=zone)
    form_words.init_app()
    app.after_request(_remember)
    app.add_template_filter(money_filter, "money")
    app.add_template_filter(when_filter, "when")
    app.add_template_filter(day_filter, "day")
    app.add_template_filter(said_filter, "said")
    app.add_template_filter(number_filter, "number")
    app.jinja_env.globals.update(locale=locale, zone=zone)


def locale() -> str:
    """The language of this answer: "id" or "en"."""
    if "locale" not in g:
        g.locale = _choose_locale()
    return str(g.locale)


def zone() -> str:
    """The viewer's zone: their own, or the install's."""
    if current_user and current_user.is_authenticated:
        return str(current_user.user.timezone)
    return str(current_app.config["SETTINGS"].default_timezone)


def sentence(error: DomainError) -> str:
    """A refusal in the viewer's language."""
    return words.refusal(error, locale())


def money_filter(amount: Money | int, currency: str | None = None) -> str:
    """`{{ amount | money }}`, or `{{ minor | money("IDR") }}`."""
    if isinstance(amount, int):
        assert currency is not None, "a bare number has no currency"
        amount = Money(amount, currency)
    return words.money(amount, locale())


def when_filter(moment: datetime | None) -> str:
    """Date, time and zone, in the viewer's."""
    return gettext("not yet") if moment is None else words.when(moment, locale(), zone())


def day_filter(moment: datetime | None) -> str:
    """The date in the viewer's zone."""
    return gettext("not yet") if moment is None else words.day(moment, locale(), zone())


def said_filter(text: str) -> str:
    """A sentence that was stored in English, in the viewer's language; what a person typed stays as it is."""
    return words.say(text, locale())


def number_filter(value: int | Decimal) -> str:
    """1.234 in Indonesian, 1,234 in English."""
    return str(format_decimal(value, locale=locale()))


def _choose_locale() -> str:
    asked = request.args.get("lang", "")
    if asked in words.LOCALES:
        return asked
    kept = request.cookies.get(COOKIE, "")
    if kept in words.LOCALES:
        return kept
    if current_user and current_user.is_authenticated and current_user.user.locale in words.LOCALES:
        return str(current_user.user.locale)
    wanted = request.accept_languages.best_match(words.LOCALES)
    return wanted or str(current_app.config["SETTINGS"].default_locale)


def _remember(answer: Response) -> Response:
    asked = request.args.get("lang", "")
    if asked in words.LOCALES:
        answer.set_cookie(COOKIE, asked, max_age=31536000, samesite="Lax", secure=request.is_secure, httponly=True)
    return answer
