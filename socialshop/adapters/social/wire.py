"""Requests to a channel within their budgets of time and bytes, also those that requests-oauthlib makes."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import requests
import urllib3
from requests.adapters import BaseAdapter

from ..answers import NoAnswer, body_of
from ..answers import read as read
from ..guard import TimeIsOver, Watch, watched_session
from .values import NotNow

SECONDS = 9.0  # for one answer, name and connection included
UPLOAD_SECONDS = 30.0  # for one part of a film
SILENCE = 8.0  # the longest between two bytes
RETRY_AT_MOST = 6 * 3600

# these write whole requests, with secrets in them, into the log when somebody turns it up
for _name in ("requests_oauthlib", "oauthlib", "urllib3"):
    logging.getLogger(_name).setLevel(logging.INFO)


class SupportsRead(Protocol):
    """What is sent as it is read; its length is known."""

    def __len__(self) -> int: ...

    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, the headers in lower case, the document (None where the body is no JSON object or list)."""

    status: int
    headers: Mapping[str, str]
    document: Any

    @property
    def retry_after(self) -> int | None:
        """Seconds, where the provider says so in seconds."""
        told = self.headers.get("retry-after", "")
        return min(int(told), RETRY_AT_MOST) if told.isdecimal() and len(told) < 10 else None


def ask(
    method: str,
    url: str,
    *,
    bearer: str = "",
    query: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    document: Mapping[str, Any] | None = None,
    parts: Mapping[str, str] | None = None,
    body: bytes | SupportsRead | None = None,
    headers: Mapping[str, str] | None = None,
    seconds: float | None = None,
) -> Answer:
    """Ask once; redirects are not followed. form: urlencoded; document: JSON; parts: multipart. NotNow."""
    sent = dict(headers or {})
    if not bearer.isascii():
        raise NotNow("not_understood", sent=False)  # a token that no header can carry
    if bearer:
        sent["Authorization"] = f"Bearer {bearer}"
    if document is not None:
        body, sent["Content-Type"] = json.dumps(document).encode(), "application/json; charset=UTF-8"
    files = None if parts is None else {name: (None, value) for name, value in parts.items()}
    with requests.Session() as session, within_budgets(session, seconds or SECONDS):
        answer = session.request(method, url, params=query, data=form if form is not None else body, files=files, headers=sent)
    return Answer(answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, read(answer.content))


@contextmanager
def within_budgets(session: requests.Session, seconds: float) -> Iterator[None]:
    """Everything that this session asks inside ends in time, with few bytes, or as NotNow. A 429 or 5xx is an answer."""
    session.trust_env = False
    session.get_redirect_target = lambda resp: None  # type: ignore[method-assign]  # an answer like any other
    session.headers.update({"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "socialshop"})
    with Watch(seconds) as watch:
        bounded = _Bounded(watch)
        session.mount("https://", bounded)
        session.mount("http://", bounded)
        try:
            yield
        except (requests.RequestException, urllib3.exceptions.HTTPError, NoAnswer, TimeIsOver, OSError) as error:
            # the texts of these may name addresses with secrets in them: only the kind is kept
            if isinstance(error, NoAnswer):
                raise NotNow(str(error), sent=True) from None
            slow = watch.over or isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError | TimeIsOver)
            code = ("slow" if slow else "cut_off") if watch.connected else "unreachable"
            raise NotNow(code, sent=watch.connected) from None
        finally:
            bounded.close()


class _Bounded(BaseAdapter):
    """Reads the whole answer at once, and no more than is allowed."""

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self._watch = watch
        self._session = watched_session()

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]  # narrower
        left = min(SILENCE, self._watch.left())
        options.update(stream=True, timeout=(left, left))
        answer = self._session.get_adapter(request.url or "").send(request, **options)
        try:
            answer._content = body_of(answer, self._watch)
            answer._content_consumed = True  # type: ignore[attr-defined]  # as `Response.content` does itself
            answer.encoding = "utf-8"
        finally:
            answer.close()
        return answer

    def close(self) -> None:
        self._session.close()


def text_of(value: Any, most: int = 200) -> str:
    """A text or a whole number as text, without signs that no database keeps; "" for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).encode("utf-8", "replace").decode().replace("\0", "")[:most]


def seconds_of(value: Any) -> int | None:
    """A positive number of seconds; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 10**10:
        return None
    return value
