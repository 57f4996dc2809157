"""A link's rules, shops and decisions as sentences in the viewer's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from babel import Locale
from babel.dates import format_date, get_day_names
from babel.lists import format_list
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from ...domain import links
from ...kernel.ways import MAIN
from ..local import locale
from ..shop.ways import NAMES

DEVICES = {
    "phone": _l("phone"),
    "tablet": _l("tablet"),
    "desktop": _l("computer"),
    "android": "Android",
    "ios": _l("iPhone or iPad"),
}
NEAR = ("ID", "MY", "SG", "BN", "TL", "TH", "PH", "VN", "HK", "TW", "SA", "AE", "AU", "JP", "KR", "NL", "GB", "US")
LANGUAGES = ("id", "en", "ms", "jv", "su", "zh", "ja", "ko", "ar", "nl")


def conditions(when: Mapping[str, Any]) -> str:
    """From Indonesia, by phone, Monday–Friday 09:00–17:00."""
    parts = []
    if when.get("countries"):
        parts.append(gettext("from %(places)s", places=_or(country(code) for code in when["countries"])))
    if when.get("devices"):
        parts.append(gettext("by %(devices)s", devices=_or(str(DEVICES[word]) for word in when["devices"])))
    if when.get("languages"):
        parts.append(gettext("reading %(languages)s", languages=_or(language(code) for code in when["languages"])))
    hours = _hours(when)
    if when.get("days"):
        parts.append(" ".join(filter(None, [_days(when["days"]), hours])))
    elif hours:
        parts.append(gettext("every day %(hours)s", hours=hours))
    if when.get("first") or when.get("last"):
        parts.append(_dates(when.get("first", ""), when.get("last", "")))
    said = ", ".join(parts)
    return str(said[:1].upper() + said[1:])


def rule(entry: Mapping[str, Any]) -> str:
    """The whole rule: when, and where to."""
    return str(gettext("%(when)s: to %(where)s", when=conditions(entry["when"]), where=links.shown(entry["url"])))


def way(link: links.TrackedLink, word: str) -> str:
    """What one of the link's ways is called."""
    routes = links.routes.of(link.routes)
    for n, entry in enumerate(routes["rules"], 1):
        if entry["word"] == word:
            return str(gettext("Rule %(number)s: %(where)s", number=n, where=links.shown(entry["url"])))
    for entry in routes["stores"]:
        if entry["word"] == word:
            return store(entry)
    for entry in routes["arms"]:
        if entry["word"] == word and entry["url"]:
            return links.shown(entry["url"])
    if word in ("", MAIN):
        return links.shown(link.url)
    return str(gettext("An earlier address (%(word)s)", word=word))


def store(entry: Mapping[str, Any]) -> str:
    """A shop by its own label, else by its kind."""
    return str(entry["label"] or NAMES[entry["kind"]])


def country(code: str) -> str:
    """A country's name in the viewer's language, its code where it has none."""
    return str(Locale.parse(locale()).territories.get(code, code))


def language(code: str) -> str:
    """A language's name in the viewer's language."""
    return str(Locale.parse(locale()).languages.get(code, code))


def country_codes(text: str) -> tuple[list[str], list[str]]:
    """(codes, what is none) of countries that someone typed by name, in either of our languages, or by code."""
    known: list[str] = []
    unknown: list[str] = []
    for part in (piece.strip() for piece in text.replace(";", ",").split(",")):
        if part:
            code = _countries().get(part.casefold())
            (known if code else unknown).append(code or part)
    return known, unknown


@cache
def _countries() -> dict[str, str]:
    found: dict[str, str] = {}
    for name in ("id", "en"):
        for code, said in Locale.parse(name).territories.items():
            if len(code) == 2 and code.isalpha() and code not in ("EU", "EZ", "UN", "ZZ", "XA", "XB", "QO"):
                found |= {said.casefold(): code, code.casefold(): code}
    return found


def day(number: int) -> str:
    """The name of a day, 1 Monday to 7 Sunday."""
    return str(get_day_names("wide", locale=locale())[number - 1])


def _or(names: Iterable[str]) -> str:
    return format_list(list(names), style="or", locale=locale())


def _days(days: Sequence[int]) -> str:
    """Runs of three days and more as Monday–Friday."""
    runs: list[list[int]] = []
    for each in days:
        if runs and runs[-1][-1] == each - 1:
            runs[-1].append(each)
        else:
            runs.append([each])
    said = []
    for run in runs:
        if len(run) > 2:
            said.append(f"{day(run[0])}–{day(run[-1])}")
        else:
            said += [day(each) for each in run]
    return ", ".join(said)


def _hours(when: Mapping[str, Any]) -> str:
    if not when.get("begins"):
        return ""
    said = f"{when['begins']}–{when['ends']}"
    return said.replace(":", ".") if locale() == "id" else said


def _dates(first: str, last: str) -> str:
    begins, ends = (_day(text) for text in (first, last))
    if first and last:
        return str(gettext("from %(first)s to %(last)s", first=begins, last=ends))
    return str(gettext("from %(first)s on", first=begins) if first else gettext("until %(last)s", last=ends))


def _day(text: str) -> str:
    return format_date(date.fromisoformat(text), "d MMM y", locale=locale()) if text else ""
