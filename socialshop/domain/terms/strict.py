"""Reading JSON values strictly: nothing is guessed, and every refusal names its place.

"1" is not 1, true is not 1, 1.0 is not 1, and a key that nobody asked for is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import TypeVar, cast

from ...kernel.errors import N_, FieldError, Invalid
from ...kernel.money import EXPONENTS, NotAPercentage, percentage
from .instants import NotAnInstant, read_instant

T = TypeVar("T")

# No amount of money comes near; it keeps products of two such numbers writable.
LARGEST = 10**18


class BadDocument(Invalid):
    """A document that cannot be read; `place` is the path of keys to the spot, with the id of what it belongs to."""

    code = "bad_document"
    message = N_("{place}: {reason}")

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(place=place, reason=reason, fields=[FieldError(place, self.code, reason)])
        self.place, self.reason = place, reason


class Place:
    """A value inside a document and where it stands: `Place(document, "program")`."""

    __slots__ = ("path", "value")

    def __init__(self, value: object, path: str) -> None:
        self.value, self.path = value, path

    def bad(self, reason: str) -> BadDocument:
        """The refusal of this value, to be raised."""
        return BadDocument(self.path or "document", reason)

    def keys(self, *, required: Collection[str] = (), optional: Collection[str] = ()) -> Keys:
        """This as an object with these keys and no others."""
        found = self.value
        if not isinstance(found, dict):
            raise self.bad(f"must be an object, not {_name(found)}")
        for key in found:
            if key not in required and key not in optional:
                raise BadDocument(_below(self.path, str(key)), "is not known here")
        for key in required:
            if key not in found:
                raise BadDocument(_below(self.path, key), "is missing")
        return Keys(found, self.path)

    def object(self) -> dict[str, object]:
        """This as an object with any keys."""
        if not isinstance(self.value, dict):
            raise self.bad(f"must be an object, not {_name(self.value)}")
        return self.value

    def items(self) -> list[Place]:
        """This as a list."""
        if not isinstance(self.value, list):
            raise self.bad(f"must be a list, not {_name(self.value)}")
        return [Place(item, f"{self.path}[{i}]") for i, item in enumerate(self.value)]

    def text(self) -> str:
        """This as text of at least one character."""
        if not isinstance(self.value, str):
            raise self.bad(f"must be text, not {_name(self.value)}")
        if not self.value:
            raise self.bad("must not be empty")
        return self.value

    def any_text(self) -> str:
        """This as text, which may be empty."""
        if not isinstance(self.value, str):
            raise self.bad(f"must be text, not {_name(self.value)}")
        return self.value

    def word(self, known: Collection[str]) -> str:
        """This as one of the known words."""
        if not isinstance(self.value, str) or self.value not in known:
            raise self.bad(f"must be one of {', '.join(known)}, not {_name(self.value)}")
        return self.value

    def whole(self, *, least: int = 0) -> int:
        """This as a whole number that is not below `least`."""
        if type(self.value) is not int:
            raise self.bad(f"must be a whole number, not {_name(self.value)}")
        if self.value < least:
            raise self.bad(f"must not be below {least}")
        if self.value > LARGEST:
            raise self.bad(f"must not be above {LARGEST}")
        return self.value

    def truth(self) -> bool:
        """This as true or false."""
        if type(self.value) is not bool:
            raise self.bad(f"must be true or false, not {_name(self.value)}")
        return self.value

    def instant(self) -> datetime:
        """This as an RFC 3339 instant, in UTC."""
        try:
            return read_instant(self.value)
        except NotAnInstant as error:
            raise self.bad(error.sentence()) from error

    def percent(self) -> str:
        """This as the text of a percentage."""
        try:
            percentage(self.value)
        except NotAPercentage as error:
            raise self.bad(
                f"must be a percentage from 0 to 100 as text, at most four decimals, not {_name(self.value)}"
            ) from error
        return cast(str, self.value)

    def currency(self) -> str:
        """This as a currency whose exponent is known."""
        if not isinstance(self.value, str) or self.value not in EXPONENTS:
            raise self.bad(f"must be one of {', '.join(EXPONENTS)}, not {_name(self.value)}")
        return self.value

    def amounts(self) -> dict[str, int]:
        """This as amounts in minor units by currency: {"USD": 500}."""
        result = {}
        for key, value in self.object().items():
            Place(key, _below(self.path, str(key))).currency()
            result[key] = Place(value, _below(self.path, key)).whole()
        return result


class Keys:
    """An object whose keys were checked; reads one key at a time."""

    __slots__ = ("found", "path")

    def __init__(self, found: dict[str, object], path: str) -> None:
        self.found, self.path = found, path

    def __contains__(self, key: str) -> bool:
        return key in self.found

    def at(self, key: str) -> Place:
        """The value of `key`, which is there."""
        return Place(self.found[key], _below(self.path, key))

    def get(self, key: str, read: Callable[[Place], T], default: T) -> T:
        """The value of `key` as `read` reads it, or the default where the key is absent."""
        return read(self.at(key)) if key in self.found else default

    def maybe(self, key: str, read: Callable[[Place], T], default: T) -> T:
        """As `get`, but null counts as absent too."""
        return default if self.found.get(key) is None else read(self.at(key))


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _name(value: object) -> str:
    """The value in a sentence, cut short."""
    if isinstance(value, float):
        return f"the decimal number {value!r}"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = ascii(value)
    return text if len(text) <= 60 else text[:57] + "..."
