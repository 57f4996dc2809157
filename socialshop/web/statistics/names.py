"""How statistics are said: numbers, days, and the values of dimensions as people call them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from flask_babel import gettext, lazy_gettext

from ...domain import analytics
from ...domain.analytics import Period
from ...kernel.ways import MAIN
from .. import explain
from ..local import locale, number_filter
from ..shop.ways import NAMES as SHOPS

_L = lazy_gettext

TITLES = explain.words_of(analytics.DIMENSIONS)
CHANNELS = {
    "instagram": "Instagram", "tiktok": "TikTok", "whatsapp": "WhatsApp", "youtube": "YouTube", "facebook": "Facebook",
    "qr": _L("Print or QR"), "other": _L("Somewhere else"), "page": _L("Link page"),
}  # fmt: skip
DEVICES = {"phone": _L("Phone"), "tablet": _L("Tablet"), "desktop": _L("Computer"), "tv": _L("Television")}
NAMES = {
    "ios": "iOS", "macos": "macOS", "chromeos": "ChromeOS", "kaios": "KaiOS", "harmonyos": "HarmonyOS", "tiktok": "TikTok",
    "whatsapp": "WhatsApp", "linkedin": "LinkedIn", "wechat": "WeChat", "webview": "WebView", "uc": "UC Browser",
    "qq": "QQ Browser", "miui": "MIUI Browser",
    "duckduckgo": "DuckDuckGo", "ie": "Internet Explorer", "line": "LINE", "kakaotalk": "KakaoTalk",
    "samsung": "Samsung Internet", "x": "X",
}  # fmt: skip
KINDS = {
    "duplicate": _L("The same person again within ten seconds"),
    "excess": _L("The same person far more often than people tap"),
    "prefetch": _L("Browsers that load ahead; nobody had tapped yet"),
    "preview": _L("Apps that fetched a preview card for a chat or a post"),
    "bot": _L("Robots and programs"),
    "embedded": _L("Loaded inside of another page, without a tap"),
    "unactivated": _L("Opened by a page on its own, without a tap"),
    "own": _L("The creator's own taps"),
    "test": _L("Taps by people of the brand"),
}


def number(value: int | Decimal | None) -> str:
    """1.234 in Indonesian, 1,234 in English; a dash for what is not known."""
    return "–" if value is None else number_filter(value)


def percent(value: Decimal | None) -> str:
    """12,5% in Indonesian, 12.5% in English."""
    return "–" if value is None else f"{format_decimal(value, format='#,##0.##', locale=locale())}%"


def day(which: date, pattern: str) -> str:
    """A day as the reader's language writes it; pattern: of CLDR."""
    return str(format_date(which, pattern, locale=locale()))


def span(period: Period) -> str:
    """From the first day to the last, with both years where they are two."""
    one_year = period.first.year == period.last.year
    return f"{day(period.first, 'd MMM' if one_year else 'd MMM y')} – {day(period.last, 'd MMM y')}"


def name(dimension: str, value: str, named: dict[str, analytics.Named]) -> str:
    """A value as people call it; named: what our own rows are called."""
    if not value:
        return str(_NOTHING.get(dimension, _L("Unknown")))
    if dimension in analytics.NAMED:
        return named[value].name if value in named else str(gettext("No longer there"))
    if dimension in analytics.NUMBERED:
        return str(gettext("Number %(value)s", value=value))
    table = _WORDS.get(dimension)
    if table is not None:
        return str(table(value))
    return value


_NOTHING: dict[str, Any] = {
    "link": _L("Without a link: by code"), "channel": _L("Without a link: by code"), "placement": _L("No place stated"),
    "product": _L("No product of yours"), "program": _L("Outside of programs"), "post": _L("Not from a post"),
    "referrer": _L("Direct, or not said"), "inside": _L("In an ordinary browser"), "destination": _L("The only one"),
    "utm_source": _L("None"), "utm_medium": _L("None"), "utm_campaign": _L("None"),
}  # fmt: skip


def _country(code: str) -> str:
    return str(Locale.parse(locale()).territories.get(code) or code)


def _language(code: str) -> str:
    found = str(Locale.parse(locale()).languages.get(code) or code)
    return found[:1].upper() + found[1:]


def _destination(word: str) -> str:
    """What kind of address it is; several links have some by the same word."""
    if word == MAIN:
        return str(gettext("The link's own address"))
    if _RULE.match(word):
        return str(gettext("By a rule (%(word)s)", word=word))
    if _SHARED.match(word):
        return str(gettext("A shared address (%(word)s)", word=word))
    kind, _, number = word.partition("-")
    return f"{SHOPS[kind]} {number}".strip() if kind in SHOPS else word


_RULE, _SHARED = re.compile(r"r\d+\Z"), re.compile(r"a\d+\Z")
_WORDS: dict[str, Callable[[str], object]] = {
    "destination": _destination,
    "channel": lambda value: CHANNELS.get(value, value),
    "device": lambda value: DEVICES.get(value, value),
    "system": lambda value: NAMES.get(value, value.title()),
    "browser": lambda value: NAMES.get(value, value.title()),
    "inside": lambda value: NAMES.get(value, value.title()),
    "country": _country,
    "language": _language,
    "via": lambda value: explain.VIAS.get(value, value),
}
