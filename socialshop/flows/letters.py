"""Letters by e-mail: noted in the transaction that causes them, written and sent by a job.

A letter's words are made when it goes out, in the addressee's language. So is every secret link in it: no token
ever lies in a job's payload or in a log.
"""

from __future__ import annotations

import hashlib
import pkgutil
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from ..adapters.mail import Letter, Mailer
from ..kernel import jobs, words
from ..kernel.clock import instant, rfc3339
from ..kernel.database import in_transaction
from ..kernel.errors import N_
from ..kernel.money import Money
from . import letter_texts

SERVICE = "socialshop"
FOOTER = N_("This letter was sent by {name_of_service} ({base_url}).")


@dataclass(frozen=True, slots=True)
class Word:
    """A fact that is itself a word to translate, such as a role: `Word(N_("manager"))`."""

    text: str


Fact = str | int | Money | datetime | Word
Facts = Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Ready:
    """What a maker found out at sending time; an empty `kind` or `to` leaves what was posted."""

    facts: Facts
    kind: str = ""
    to: str = ""


Maker = Callable[[dict[str, Fact], datetime], Ready | None]


@dataclass(frozen=True, slots=True)
class _Office:
    mailer: Mailer
    base_url: str


_office: list[_Office] = []
_makers: dict[str, Maker] = {}


def set_up(mailer: Mailer, *, base_url: str) -> None:
    """Say who carries the letters of this process, and where their links lead."""
    _office[:] = [_Office(mailer, base_url)]


@contextmanager
def sending_by(mailer: Mailer) -> Iterator[None]:
    """Let another mailer carry the letters of this process for a while (the demo's go nowhere)."""
    before = _office[0]
    _office[:] = [_Office(mailer, before.base_url)]
    try:
        yield
    finally:
        _office[:] = [before]


def base_url() -> str:
    """Where links in letters lead, without a slash at the end."""
    return _office[0].base_url


def at_sending(kind: str) -> Callable[[Maker], Maker]:
    """Let a function complete letters of this kind when they go out, outside any transaction.

    It gets the posted facts and the time, and returns what the letter says, or None where it is no longer wanted.
    """

    def register(maker: Maker) -> Maker:
        _makers[kind] = maker
        return maker

    return register


def post(
    *, to: str, kind: str, locale: str, facts: Facts | None = None, key: str, now: datetime, zone: str = "Asia/Jakarta"
) -> None:
    """Note a letter in the caller's transaction; the same key twice is one letter.

    zone: in which times are written. Never put a secret into `facts`.
    """
    if kind not in texts():
        raise ValueError(f"no letter is called {kind!r}")
    if "," in to or _one_line(to) != to:
        raise ValueError("a letter goes to exactly one address")
    payload = {"to": to, "kind": kind, "locale": locale, "zone": zone, "key": key, "facts": _packed(facts or {})}
    jobs.add("letter.send", payload, key=f"letter:{key}", now=now)


def send(payload: dict[str, Any], *, now: datetime) -> None:
    """Job "letter.send": write the letter and hand it over. A repeat has the same Message-ID."""
    assert not in_transaction(), "no network while a transaction is open"
    kind, to, facts = payload["kind"], payload["to"], _unpacked(payload["facts"])
    maker = _makers.get(kind)
    if maker is not None:
        ready = maker(facts, now)
        if ready is None:
            return
        kind, to, facts = ready.kind or kind, ready.to or to, dict(ready.facts)
    subject, body = written(kind, facts, locale=payload["locale"], zone=payload["zone"])
    _office[0].mailer.send(Letter(to, subject, body, _message_id(payload["key"])))


def written(kind: str, facts: Facts, *, locale: str, zone: str) -> tuple[str, str]:
    """The subject and the body of a letter."""
    subject, body = texts()[kind]
    said = {name: _said(fact, locale, zone) for name, fact in facts.items()}
    said |= {"base_url": base_url(), "name_of_service": SERVICE}
    parts = [words.say(body, locale).format(**said), "-- \n" + words.say(FOOTER, locale).format(**said)]
    return _one_line(words.say(subject, locale).format(**said))[:200], "\n\n".join(part.strip("\n") for part in parts) + "\n"


@cache
def texts() -> dict[str, tuple[str, str]]:
    """Every letter's (subject, body), from the modules in `letter_texts`."""
    found: dict[str, tuple[str, str]] = {}
    for module in pkgutil.iter_modules(letter_texts.__path__):
        found |= import_module(f"{letter_texts.__name__}.{module.name}").TEXTS
    return found


def _said(fact: Fact, locale: str, zone: str) -> str:
    if isinstance(fact, Money):
        return words.money(fact, locale)
    if isinstance(fact, datetime):
        return words.when(fact, locale, zone)
    if isinstance(fact, Word):
        return words.say(fact.text, locale)
    return "".join(c for c in str(fact) if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))


def _one_line(text: str) -> str:
    # whatever people typed, a header stays one header
    return " ".join("".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text).split())


def _packed(facts: Facts) -> dict[str, Any]:
    return {name: _pack(fact) for name, fact in facts.items()}


def _pack(fact: Fact) -> Any:
    if isinstance(fact, Money):
        return {"money": [fact.minor, fact.currency]}
    if isinstance(fact, datetime):
        return {"at": rfc3339(fact)}
    if isinstance(fact, Word):
        return {"word": fact.text}
    return fact


def _unpacked(packed: dict[str, Any]) -> dict[str, Fact]:
    return {name: _unpack(value) for name, value in packed.items()}


def _unpack(value: Any) -> Fact:
    match value:
        case {"money": [minor, currency]}:
            return Money(minor, currency)
        case {"at": text}:
            return instant(text)
        case {"word": text}:
            return Word(text)
        case str() | int():
            return value
    raise ValueError(f"not a fact: {value!r}")


def _message_id(key: str) -> str:
    host = urlsplit(base_url()).hostname or "localhost"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{host}>"
