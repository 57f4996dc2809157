"""Fetching an address that a person typed, without ever reaching into our own network (I-29).

Every hop is resolved once, checked, and connected to by the checked number, so a name that changes its mind
between check and connect (DNS rebinding) gains nothing. Bytes, seconds and redirects are budgets of ours: a
page that drips one byte a second, unpacks to gigabytes or redirects for ever ends in a sentence.
"""

from __future__ import annotations

import re
import socket
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from ..kernel.errors import N_, Broken, Invalid, Refused, TryLater
from .guard import SILENCE, InvalidIPAddress, NameTooSlow, TimeIsOver, Watch, guarded_session

PAGE_BYTES = 2 * 1024 * 1024
IMAGE_BYTES = 5 * 1024 * 1024
JSON_BYTES = 64 * 1024
SECONDS = 10.0
REDIRECTS = 4
MAX_URL = 2_000
_HTML = ("text/html", "application/xhtml+xml")
_IMAGES = ("image/jpeg", "image/png", "image/webp", "application/octet-stream", "binary/octet-stream")
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")


class Unreadable(Invalid):
    """An address that could not be read. `code` names the reason for machines."""

    code = "unreadable"
    message = N_("This page could not be read. Please fill in the fields by hand.")


class AddressRefused(Refused, Unreadable):
    """We do not go there, or they do not let us."""


class AddressBusy(TryLater, Unreadable):
    """Slow or away: later may help."""


class AddressBroken(Broken, Unreadable):
    """What came back cannot be used."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address gave: the address after redirects, the media type, the charset it claims ("" if none), the bytes."""

    url: str
    media_type: str
    charset: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Reads pages and images from the public internet; `loopback` also from this machine, which only tests may."""

    loopback: bool = False
    seconds: float = SECONDS

    def page(self, url: str) -> Fetched:
        """An HTML page of at most 2 MiB; Unreadable with a sentence otherwise."""
        return self._get(
            url, _HTML, PAGE_BYTES, N_("This address is not a web page. Please paste the address of a product page.")
        )

    def image(self, url: str, *, seconds: float | None = None) -> bytes:
        """A picture of at most 5 MiB, as it came: give it to `media.prepare`."""
        wrong = N_("The photo at this address is not a JPEG, PNG or WebP picture.")
        return self._get(url, _IMAGES, IMAGE_BYTES, wrong, seconds=seconds).body

    def json(self, url: str) -> bytes:
        """A JSON document of at most 64 KiB, as it came."""
        wrong = N_("The website gave an answer that cannot be read.")
        return self._get(url, ("application/json",), JSON_BYTES, wrong).body

    def _get(self, url: str, kinds: tuple[str, ...], limit: int, wrong_kind: str, *, seconds: float | None = None) -> Fetched:
        with Watch(seconds or self.seconds) as watch, guarded_session(self.loopback) as session:
            try:
                return self._follow(session, watch, checked(url, loopback=self.loopback), kinds, limit, wrong_kind)
            except InvalidIPAddress as error:
                raise _private() from error
            except (requests.Timeout, urllib3.exceptions.TimeoutError, NameTooSlow, TimeIsOver) as error:
                raise _slow() from error
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError, zlib.error) as error:
                raise (_slow() if watch.over else _told(error)) from error

    def _follow(
        self, session: requests.Session, watch: Watch, url: str, kinds: tuple[str, ...], limit: int, wrong_kind: str
    ) -> Fetched:
        for _ in range(REDIRECTS + 1):
            wait = min(SILENCE, watch.left())
            with session.get(url, stream=True, timeout=(wait, wait), allow_redirects=False) as answer:
                target = session.get_redirect_target(answer)
                if target is not None:
                    url = checked(urljoin(url, target), loopback=self.loopback)
                    continue
                _check_status(answer.status_code)
                media_type, charset = _kind_of(answer.headers.get("Content-Type", ""))
                if media_type not in kinds:
                    raise AddressBroken(wrong_kind, code="wrong_kind")
                body = _body(answer, limit)
                if watch.over:
                    raise _slow()  # cut off by us: what came may be a part
                return Fetched(url, media_type, charset, body)
        raise AddressRefused(N_("This address redirects too many times."), code="too_many_redirects")


def checked(url: str, *, loopback: bool = False) -> str:
    """The address if we may ask for it at all, with https:// put in front where a person left it out."""
    url = url.strip()
    if url and "://" not in url and re.match(r"[^/?#:]+\.[a-z]{2,}(?:[/?#]|\Z)", url, re.IGNORECASE):
        url = f"https://{url}"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _bad() from None
    if (
        len(url) > MAX_URL
        or _UNSAFE.search(url)
        or parts.scheme not in ("http", "https")
        or not parts.hostname
        or "@" in parts.netloc
    ):
        raise _bad()
    if port is not None and port not in (80, 443) and port < 1024 and not loopback:
        raise AddressRefused(N_("Addresses with this port are not read."), code="port")
    return url


def _bad() -> AddressRefused:
    return AddressRefused(N_("Please give a full address that begins with https://."), code="bad_url")


def _private() -> AddressRefused:
    return AddressRefused(N_("This address is not on the public internet, so it is not read."), code="private_address")


def _slow() -> AddressBusy:
    return AddressBusy(N_("The page took too long to answer. Please try again, or fill in the fields by hand."), code="too_slow")


def _told(error: Exception) -> Unreadable:
    """A foreign failure in our words."""
    if isinstance(error, requests.exceptions.SSLError | urllib3.exceptions.SSLError):
        return AddressRefused(N_("The shop's certificate is not valid, so the page is not read."), code="bad_certificate")
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema | UnicodeError):
        return _bad()
    if isinstance(error, requests.ConnectionError) and isinstance(error.__cause__, socket.gaierror):
        return AddressRefused(N_("There is no website with this name. Please check the address."), code="unknown_name")
    if isinstance(error, requests.ConnectionError) and not isinstance(error, requests.exceptions.ChunkedEncodingError):
        return AddressBusy(N_("The website could not be reached. Please try again later."), code="unreachable")
    return AddressBroken(N_("The website gave an answer that cannot be read."), code="broken")


def _check_status(status: int) -> None:
    if 200 <= status < 300:
        return
    if status in (404, 410):
        raise AddressRefused(N_("There is no page at this address. Please check it."), code="not_there")
    if status == 429 or status >= 500:
        raise AddressBusy(N_("The website is busy or has a problem. Please try again later."), code="busy")
    raise AddressRefused(N_("The website does not let us read this page. Please fill in the fields by hand."), code="not_allowed")


def _kind_of(header: str) -> tuple[str, str]:
    media_type, _, parameters = header.partition(";")
    charset = re.search(r"charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})", parameters, re.IGNORECASE)
    return media_type.strip().lower(), charset[1].lower() if charset else ""


def _body(answer: requests.Response, limit: int) -> bytes:
    told = answer.headers.get("Content-Length", "")
    if told.isascii() and told.isdigit() and int(told) > limit:
        raise _too_large()
    size, parts = 0, []
    for part in _unpacked(answer, limit):
        size += len(part)
        if size > limit:
            raise _too_large()
        parts.append(part)
    return b"".join(parts)


def _unpacked(answer: requests.Response, limit: int) -> Iterator[bytes]:
    """The bytes as meant, unpacked by us: never more than one byte over `limit` at a time, whatever was packed."""
    packed = answer.headers.get("Content-Encoding", "").strip().lower()
    raw = answer.raw.stream(16_384, decode_content=False)
    if packed in ("", "identity"):
        yield from raw
    elif packed in ("gzip", "x-gzip", "deflate"):
        unpack = zlib.decompressobj(wbits=47)  # gzip or zlib, by their own headers
        for part in raw:
            yield unpack.decompress(part, limit + 1)
        if not unpack.eof:
            raise zlib.error("cut short")
    else:
        raise AddressBroken(N_("The website gave an answer that cannot be read."), code="broken")


def _too_large() -> AddressBroken:
    return AddressBroken(N_("This is too large to be read. Please fill in the fields by hand."), code="too_large")
