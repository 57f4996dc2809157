"""Reading a scenario document, strictly (specification, section 1)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from ..terms import BadDocument, CreatorFacts, Place, Program, read_program
from .events import Event
from .people import read_creators
from .reading import read_event

_ROWS = ("commissions", "declined", "payouts", "postings")
_DEEPEST = 32
BUCKETS = ("pending", "held", "due", "owed_back", "paid")


@dataclass(frozen=True, slots=True)
class Scenario:
    """Facts in their order of arrival, and the instant at which state is read. events: each with its place in the document."""

    name: str
    program: Program
    creators: Mapping[str, CreatorFacts]
    events: tuple[tuple[str, Event], ...]
    now: datetime
    expect: Mapping[str, object] | None


def read_scenario(document: object) -> Scenario:
    """A scenario from its document, or BadDocument."""
    keys = Place(document, "").keys(required=("program", "creators", "events", "now"), optional=("name", "why", "expect"))
    keys.get("why", Place.any_text, "")
    creators = read_creators(keys.at("creators"))
    program = read_program(keys.found["program"], creators)
    events = tuple((_told(item), read_event(item.value, item.path, creators)) for item in keys.at("events").items())
    return Scenario(
        name=keys.get("name", Place.any_text, ""),
        program=program,
        creators=creators,
        events=events,
        now=keys.at("now").instant(),
        expect=_expect(keys.at("expect")) if "expect" in keys else None,
    )


def read_json(text: str | bytes) -> object:
    """JSON without what its readers disagree about: keys given twice, NaN, bytes that are not UTF-8, bottomless nesting."""
    try:
        return json.loads(text.decode() if isinstance(text, bytes) else text, object_pairs_hook=_unique, parse_constant=_refuse)
    except RecursionError as error:
        raise BadDocument("document", "is nested too deep") from error
    except UnicodeDecodeError as error:
        raise BadDocument("document", "is not UTF-8") from error
    except ValueError as error:
        raise BadDocument("document", f"is not JSON: {error}") from error


def _expect(place: Place) -> Mapping[str, object]:
    """The expectation, whose rows may name any keys: a key that no result has is a difference."""
    keys = place.keys(optional=(*_ROWS, "balances", "parked"))
    for row in (row for key in _ROWS if key in keys for row in keys.at(key).items()):
        row.object()
        _refuse_decimals(row.value, row.path)
    for item in keys.at("parked").items() if "parked" in keys else ():
        item.any_text()
    if "balances" in keys:
        _expected_balances(keys.at("balances"))
    return keys.found


def _expected_balances(place: Place) -> None:
    for creator, currencies in place.object().items():
        for currency, buckets in Place(currencies, f"{place.path}.{creator}").object().items():
            path = f"{place.path}.{creator}.{currency}"
            Place(currency, path).currency()
            named = Place(buckets, path).keys(optional=BUCKETS)
            for bucket in named.found:
                named.at(bucket).whole()


def _refuse_decimals(value: object, path: str, depth: int = 0) -> None:
    if isinstance(value, float):
        raise BadDocument(path, "must not contain a decimal number")
    if depth > _DEEPEST:
        raise BadDocument(path, "is nested too deep")
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        _refuse_decimals(child, f"{path}.{key}", depth + 1)


def _told(place: Place) -> str:
    """The place of an event with its id."""
    found = place.value
    return f'{place.path} ("{ascii(found["id"])[1:-1]}")' if isinstance(found, dict) and "id" in found else place.path


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!a} is given twice in one object")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
