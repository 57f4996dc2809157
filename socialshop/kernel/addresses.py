"""Addresses as tracked links are built of them. Pure, standard library only: the redirector imports it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from urllib.parse import quote, unquote

UTM_KEYS = ("source", "medium", "campaign", "term", "content")


def folded(text: str) -> str:
    """What someone typed or tapped, as slugs and codes are compared; never raises."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def bare(word: str) -> str:
    """A folded slug without what chats hang on a link's end (slash, full stop, bracket, quote, zero-width blank, emoji).

    No slug ends in anything but a letter or a digit, so nothing of one is lost.
    """
    end = len(word)
    while end and not word[end - 1].isalnum():
        end -= 1
    return word[:end]


def with_parameters(url: str, parameters: Mapping[str, str]) -> str:
    """`url` with `parameters` in its query, replacing those of the same name; all else and the fragment stay byte for byte."""
    if not parameters:
        return url
    address, hash_, fragment = url.partition("#")
    base, _, query = address.partition("?")
    kept = [pair for pair in query.split("&") if pair and unquote(pair.partition("=")[0].replace("+", " ")) not in parameters]
    added = [f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in parameters.items()]
    return f"{base}?{'&'.join(kept + added)}{hash_}{fragment}"


def utm_parameters(utm: Mapping[str, str]) -> dict[str, str]:
    """{"source": "ig"} as {"utm_source": "ig"}."""
    return {f"utm_{key}": str(utm[key]) for key in UTM_KEYS if utm.get(key)}
