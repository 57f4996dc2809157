"""One request to a provider within its budgets of time and bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
import urllib3

from ..answers import NoAnswer as NoAnswer
from ..answers import body_of
from ..answers import read as read
from ..guard import Watch, watched_session

SECONDS = 9.0  # for everything, name, connection and answer: a page that asks stays below ten
SILENCE = 8.0  # the longest between two bytes


class NoConnection(Exception):
    """No connection ever stood, so nothing was sent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, and the document, or None where the body is no JSON object or list."""

    status: int
    document: Any


def ask(
    method: str,
    url: str,
    *,
    user: str,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    document: Mapping[str, Any] | None = None,
    seconds: float = SECONDS,
) -> Answer:
    """Ask once, with HTTP Basic and an empty password; redirects are not followed. NoConnection, NoAnswer."""
    body = None if document is None else json.dumps(document).encode()
    sent = {"Accept": "application/json", "Accept-Encoding": "identity", **(headers or {})}
    if body is not None:
        sent["Content-Type"] = "application/json"
    with Watch(seconds) as watch, watched_session() as session:
        try:
            wait = (min(SILENCE, watch.left()), min(SILENCE, watch.left()))
            session.auth = (user, "")
            with session.request(
                method, url, params=query, data=body, headers=sent, timeout=wait, stream=True, allow_redirects=False
            ) as answer:
                return Answer(answer.status_code, read(body_of(answer, watch)))
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            # the texts of these may name the address but never its headers; still only the kind is kept
            if not watch.connected:
                raise NoConnection(type(error).__name__) from None
            slow = watch.over or isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError)
            raise NoAnswer("slow" if slow else "cut_off") from None
