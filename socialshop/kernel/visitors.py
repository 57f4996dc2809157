"""Who taps, without spying: a network instead of an address, and a word for one day where no cookie may be set. Pure.

A visitor is a random word in a cookie of ours where that serves attribution and may be (`may_remember`). Else it is a
keyed hash over the network, the agent and the site under the day's salt, so that a person is one visitor for a day and
nobody tomorrow: it counts people, and wins no order.
"""

from __future__ import annotations

import hmac
import re
import socket
from base64 import urlsafe_b64encode
from functools import lru_cache
from hashlib import blake2b, sha256
from typing import Literal

from .forks import chance

Remember = Literal["attribution", "consent", "never"]  # the setting VISITOR_COOKIES

CHOICE = "agreed"  # the cookie that keeps what the visitor answered: "yes" or "no"
DAY = 86_400

_WORD = re.compile(r"[A-Za-z0-9_-]{16,60}\Z")
_OF_A_DAY = re.compile(r"d[0-9a-f]{32}\Z")


def may_remember(rule: Remember, *, choice: str, gpc: bool) -> bool:
    """Whether this browser may be given a cookie that knows it again.

    gpc: it sent `Sec-GPC: 1` (https://www.w3.org/TR/gpc/), which is a no, whatever was said before.
    """
    if rule == "never" or gpc or choice == "no":
        return False
    return rule == "attribution" or choice == "yes"


def new() -> str:
    """A word for somebody who may be known again: 128 bits that nobody guesses."""
    return urlsafe_b64encode(chance())[:22].decode()


def of_cookie(value: str) -> str:
    """The visitor that a cookie names, "" where it is none of ours; nobody makes themselves a visitor of a day."""
    return value if _WORD.match(value) and not _OF_A_DAY.match(value) else ""


def of_day(secret: bytes, at: float, *, network: str, agent: str, site: str) -> str:
    """Somebody's word for this day (UTC): the same as long as network, agent and site are."""
    said = f"{network}\0{agent}\0{site}".encode("utf-8", "replace")
    return "d" + blake2b(said, key=_salt(secret, int(at // DAY)), digest_size=16).hexdigest()


def lasts(visitor: str) -> bool:
    """Whether this word knows somebody again tomorrow, so that it may say whose order it is."""
    return bool(visitor) and not _OF_A_DAY.match(visitor)


def network_of(address: str) -> str:
    """An address without its end: IPv4 /24, IPv6 /48; "" for what is none."""
    try:
        return _network_4(address)
    except (OSError, ValueError):
        pass
    try:
        return _other_network(address.strip())
    except (OSError, ValueError):
        return ""


@lru_cache(maxsize=4)
def _salt(secret: bytes, day: int) -> bytes:
    return hmac.new(secret, b"visitors of day %d" % day, sha256).digest()


def _network_4(address: str) -> str:
    return socket.inet_ntoa(socket.inet_pton(socket.AF_INET, address)[:3] + b"\0")


def _other_network(text: str) -> str:
    if text.startswith("["):  # "[2001:db8::1]:443"
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:  # "203.0.113.7:443"
        text = text.partition(":")[0]
    if ":" not in text:
        return _network_4(text)
    packed = socket.inet_pton(socket.AF_INET6, text.partition("%")[0])
    if packed.startswith(b"\0" * 10 + b"\xff\xff"):  # an IPv4 address in IPv6 dress
        return socket.inet_ntoa(packed[12:15] + b"\0")
    return socket.inet_ntop(socket.AF_INET6, packed[:6] + bytes(10))
