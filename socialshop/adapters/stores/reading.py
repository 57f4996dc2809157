"""Strict JSON and exact amounts: what both adapters need to read a store's document without trusting it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ...kernel.money import EXPONENTS, NotAnAmount, from_decimal, round_exact
from .told import Problem, StoreLine, Unusable

DEEPEST = 32
_ARTEFACT = Fraction(1, 1_000_000)  # of a minor unit


def document(body: bytes) -> dict[str, Any]:
    """A JSON object, numbers with a point as Decimal; Unusable where it is broken, ambiguous or hostile."""
    try:
        found = json.loads(
            body.decode("utf-8"), parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_without_duplicates
        )
    except UnicodeDecodeError as error:
        raise Unusable("not_utf8") from error
    except RecursionError as error:
        raise Unusable("too_deep") from error
    except ValueError as error:
        raise Unusable("not_json") from error
    if not isinstance(found, dict):
        raise Unusable("not_an_object")
    if b"\\u" in body:  # only an escape can bring a NUL or half a character
        _inspect(found, 1)
    else:
        _measure(found)
    return found


def _refuse(word: str) -> Any:
    raise Unusable("not_a_number", text=word)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unusable("duplicate_key")
    return found


def _measure(document: dict[str, Any]) -> None:
    """Refuse what only an attacker would nest."""
    level: list[Any] = [document]
    for _ in range(DEEPEST):
        within = (each.values() if type(each) is dict else each for each in level)
        level = [value for values in within for value in values if type(value) is dict or type(value) is list]
        if not level:
            return
    raise Unusable("too_deep")


def _inspect(value: object, depth: int) -> None:
    """Refuse what a database cannot keep and what only an attacker would nest."""
    if depth > DEEPEST:
        raise Unusable("too_deep")
    if isinstance(value, str):
        if "\0" in value:
            raise Unusable("nul_character")
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise Unusable("not_utf8") from error
    elif isinstance(value, dict):
        for key, inner in value.items():
            _inspect(key, depth)
            _inspect(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _inspect(inner, depth + 1)


def digest(body: bytes, length: int = 24) -> str:
    """A short name for exactly these bytes."""
    return hashlib.sha256(body).hexdigest()[:length]


def identity(value: object) -> str:
    """A store's id as text; "" where it is none. 0 means nobody (WooCommerce's guests)."""
    if isinstance(value, bool):
        return ""
    if isinstance(value, int) and 0 < value < 10**30:
        return str(value)
    if isinstance(value, str) and 0 < len(value) <= 60 and value != "0":
        return value
    return ""


def words(value: object, limit: int) -> str:
    """A text cut to `limit` characters; "" for anything else."""
    return value.strip()[:limit] if isinstance(value, str) else ""


def objects(value: object) -> list[dict[str, Any]]:
    """The objects in a list; nothing for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def inner(value: object, *path: str) -> Any:
    """What stands at `path`, or None."""
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def amount(value: object, currency: str) -> int:
    """Exact minor units of decimal text, or of a JSON number; NotAnAmount where units would be lost.

    A JSON number may carry the dust of somebody's floating point (49.980000000000004): it counts as the
    unit it misses by less than a millionth. Text never does.
    """
    if isinstance(value, bool):
        raise NotAnAmount(value, currency)
    if isinstance(value, int):
        return from_decimal(str(value), currency)
    if isinstance(value, Decimal):
        if not abs(value.adjusted()) < 20:
            raise NotAnAmount(str(value), currency)
        exact = Fraction(value) * 10 ** EXPONENTS[currency]
        near = round_exact(exact, "half_up")
        if abs(exact - near) >= _ARTEFACT:
            raise NotAnAmount(str(value), currency)
        return near
    return from_decimal(value, currency)


def currency_of(value: object) -> str:
    """A currency that we keep; Unusable for others, since no amount could be read."""
    code = value.upper() if isinstance(value, str) else ""
    if code not in EXPONENTS:
        raise Unusable("unknown_currency", currency=words(value, 12))
    return code


def moment(value: object) -> datetime | None:
    """An instant with an offset, as UTC; None where there is none."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) and value else None
        return found.astimezone(UTC) if found is not None and found.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def gmt(value: object) -> datetime | None:
    """A time without an offset that is known to be GMT."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) and value else None
        if found is None:
            return None
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def click_in(names: Sequence[str], pairs: Iterable[tuple[object, object]], addresses: Iterable[object]) -> str:
    """The click id that the brand's store carried: under one of `names` in pairs, or in the query of an address."""
    wanted = {name.casefold() for name in names} | {f"_{name.casefold()}" for name in names}
    for key, value in pairs:
        if isinstance(key, str) and key.casefold() in wanted and _plausible(value):
            return str(value).strip()
    for address in addresses:
        if isinstance(address, str):
            for key, text in _query(address):
                if key.casefold() in wanted and _plausible(text):
                    return text.strip()
    return ""


def _query(address: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(urlsplit(address).query, max_num_fields=100)
    except ValueError:
        return []


def _plausible(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= 40 and value.strip().isascii()


class Sums:
    """Reads amounts of one currency and keeps a list of what is wrong with them."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        self.problems: list[Problem] = []

    def read(self, value: object, field: str, *, missing: int | None = 0) -> int:
        """The amount, or 0 and a problem. `missing` stands for an absent one; None makes absence a problem."""
        if value is None or value == "":
            if missing is None:
                self.problem("amount_missing", field=field)
                return 0
            return missing
        try:
            return amount(value, self.currency)
        except NotAnAmount:
            self.problem("amount_unreadable", field=field, text=str(value)[:40])
            return 0

    def optional(self, value: object, field: str) -> int | None:
        """The amount, or None where the document does not state it."""
        return None if value is None or value == "" else self.read(value, field)

    def quantity(self, value: object, field: str) -> int:
        """A count of at least one, or 1 and a problem."""
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 1_000_000:
            return value
        self.problem("quantity_unreadable", field=field, text=str(value)[:40])
        return 1

    def money(self, minor: int) -> dict[str, Any]:
        """An amount as a fact of a problem."""
        return {"minor": minor, "currency": self.currency}

    def problem(self, code: str, /, **facts: Any) -> None:
        """Note what is wrong."""
        self.problems.append(Problem(code, facts))


def check_lines(lines: Sequence[StoreLine], sums: Sums) -> None:
    """There must be goods, and no two lines of one name."""
    if not lines:
        sums.problem("no_lines")
    seen: set[str] = set()
    for line in lines:
        if line.key in seen:
            sums.problem("same_line_twice", line=line.key)
        seen.add(line.key)


def unit_price(gross_minor: int, quantity: int) -> int:
    """A price per piece in whole units, rounded up, so that price × quantity − discount can meet the net exactly."""
    return -(-gross_minor // quantity)


def all_of(headers: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    """The named headers that are there, cut to a sane length; `headers` has lower-case keys."""
    return {ours: headers[theirs][:120] for ours, theirs in names.items() if headers.get(theirs)}
