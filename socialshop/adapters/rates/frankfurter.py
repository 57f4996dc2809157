"""Reference rates of the European Central Bank, as the Frankfurter API tells them: no key, JSON, one rate a working day."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from ...kernel.errors import Broken, Refused, TryLater
from ..fetch import AddressBusy, AddressRefused, Fetcher, Unreadable
from .source import Latest

_DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}\Z")
_RATE = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,18})?\Z")


class Frankfurter:
    """`GET {base}/v1/latest?base=USD&symbols=IDR`, within the fetcher's budgets of time and bytes."""

    def __init__(self, address: str, fetcher: Fetcher) -> None:
        self._address, self._fetcher = address.rstrip("/"), fetcher

    def latest(self, base: str, quotes: Collection[str]) -> Latest:
        """See `RateSource`. A base that the source does not have, it answers with 404: then it has none of the pairs."""
        query = urlencode({"base": base, "symbols": ",".join(sorted(quotes))}, safe=",")
        try:
            body = self._fetcher.json(f"{self._address}/v1/latest?{query}")
        except AddressBusy as error:
            raise TryLater(str(error)) from error
        except AddressRefused as error:
            if error.code == "not_there":
                return Latest(base, "", {})
            raise Refused(str(error)) from error
        except Unreadable as error:
            raise Broken(str(error)) from error
        return read(body, base, quotes)


def read(body: bytes, base: str, quotes: Collection[str]) -> Latest:
    """The rates in an answer, every digit as it was written; Broken where it is not what was asked for."""
    try:
        found: Any = json.loads(body, parse_float=Decimal, parse_int=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Broken("the answer is no JSON") from error
    if not isinstance(found, dict) or not isinstance(found.get("rates"), dict):
        raise Broken("the answer has no rates")
    if found.get("base") != base or found.get("amount", Decimal(1)) != 1:
        raise Broken("the answer is about another base or amount")
    day = found.get("date")
    if not isinstance(day, str) or not _DAY.match(day):
        raise Broken("the answer does not say its day")
    return Latest(base, day, {quote: _rate(found["rates"][quote]) for quote in sorted(quotes) if quote in found["rates"]})


def _rate(value: object) -> str:
    text = format(value, "f") if isinstance(value, Decimal) and abs(value.adjusted()) < 18 else ""
    if not _RATE.match(text) or not text.strip("0."):
        raise Broken("the answer has a rate that is none")
    return text


def _refuse(word: str) -> object:
    raise ValueError(f"{word} is no number")
