"""Bahasa Indonesia and English outside of web requests: sentences, money and dates in a person's language.

Catalogues live in `socialshop/translations`; the English sentence is the key.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency
from babel.support import NullTranslations, Translations

from .errors import DomainError
from .money import EXPONENTS, Money, to_decimal

LOCALES = ("id", "en")
FOLDER = Path(__file__).parent.parent / "translations"


@cache
def catalogue(locale: str) -> NullTranslations:
    """The sentences of one language; English is its own."""
    return Translations.load(str(FOLDER), [locale])


def say(text: str, locale: str, /, **facts: object) -> str:
    """A sentence in `locale`, its `{names}` filled in."""
    translated = catalogue(locale).gettext(text) if text else text
    return translated.format(**facts) if facts else translated


def refusal(error: DomainError, locale: str) -> str:
    """The sentence of a refusal in a person's language."""
    return say(error.message, locale, **error.facts)


def money(amount: Money, locale: str) -> str:
    """Rp149.000 in Indonesian and English alike (no decimals for rupiah); $49.90, US$49,90 by Babel."""
    places = EXPONENTS[amount.currency]
    if amount.currency == "IDR":
        # in both languages as Indonesians write it, so a number looks the same on every screen
        digits = f"{abs(amount.minor):,}".replace(",", ".")
        return f"{'−' if amount.minor < 0 else ''}Rp{digits}"
    pattern = "¤#,##0" + ("." + "0" * places if places else "")
    text = format_currency(abs_decimal(amount), amount.currency, format=pattern, locale=locale, currency_digits=False)
    return f"−{text}" if amount.minor < 0 else text


def abs_decimal(amount: Money) -> str:
    """The amount without its sign as decimal text, which Babel reads exactly."""
    return to_decimal(abs(amount.minor), amount.currency)


def day(moment: datetime, locale: str, zone: str) -> str:
    """22 Nov 2026 in the person's zone."""
    return format_date(_local(moment, zone), "d MMM y", locale=locale)


def when(moment: datetime, locale: str, zone: str) -> str:
    """22 Nov 2026, 19.30 WIB in the person's zone."""
    local = _local(moment, zone)
    text = format_datetime(local, "d MMM y, HH.mm" if locale == "id" else "d MMM y, HH:mm", locale=locale)
    return f"{text} {zone_name(str(local.tzinfo), local)}"


def month(year: int, number: int, locale: str) -> str:
    """June 2026, Juni 2026."""
    return format_date(date(year, number, 1), "MMMM y", locale=locale)


def zone_name(zone: str, local: datetime) -> str:
    """WIB, WITA or WIT; elsewhere what the zone calls itself."""
    return {"Asia/Jakarta": "WIB", "Asia/Pontianak": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}.get(
        zone, local.strftime("%Z")
    )


def _local(moment: datetime, zone: str) -> datetime:
    """On the clock of `zone`; in UTC where that clock is past the first or last instant that can be written."""
    try:
        return moment.astimezone(ZoneInfo(zone))
    except OverflowError:
        return moment.astimezone(UTC)
