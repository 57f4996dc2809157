"""What a page before a link (its password, its shops) hands on to it: where its visitor came from, and that they acted.

It goes in the addresses of that page, as `came=`, marked so that nobody can make one up: for one link, for a short time. One that
tells of an act carries the id of the click that comes of it, so that it makes one click however often it is asked with.
"""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

PARAMETER = "came"
KNOWN_FOR, ACTED_FOR = 3600, 60  # seconds: somebody who ponders which shop; a page that leads on by itself, on a slow line
LONGEST = 120
_HOST_WITHIN = 400  # characters of an address, in which its host ends
_OURS = ("/l/", "/ways/")  # whoever comes from there came from elsewhere before
_TOLD = re.compile(r"([ac])([0-9a-f]{11})([0-9a-f]{8})([0-9a-f]{32})(.*)\Z", re.DOTALL)
_UNPRINTABLE = re.compile(r"[^ -~\u00a1-\uffff]")


@dataclass(frozen=True, slots=True)
class Came:
    """referrer: the host that led here, "" unknown. click: the id of the click that is due to the visitor's act, "" none."""

    referrer: str
    click: str = ""


def told(came: Came, link_id: int, moment: float, secret: bytes, *, acted: bool = False) -> str:
    """What to hand on; "" where there is nothing to tell."""
    if not came.referrer and not acted:
        return ""
    what = f"{'a' if acted else 'c'}{int(moment * 1000):011x}{secrets.token_hex(4)}"
    return f"{what}{_mark('came', link_id, what + came.referrer, secret)}{came.referrer}"


def whence(environ: dict[str, Any], link_id: int, moment: float, secret: bytes) -> Came:
    """What a request was handed, else what its own Referer says."""
    query = environ.get("QUERY_STRING", "")
    if f"{PARAMETER}=" in query:
        came = _read(query, link_id, moment, secret)
        if came is not None:
            return came
    return Came(_from_outside(environ))


def host_of(address: str) -> str:
    """The host of an address as it may be noted, "" where it has none."""
    return _host_of(address[:_HOST_WITHIN]) if address else ""


@lru_cache(maxsize=1024)  # most taps come from a handful of apps
def _host_of(address: str) -> str:
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return ""
    return _UNPRINTABLE.sub("", host)[:LONGEST]


def _read(query: str, link_id: int, moment: float, secret: bytes) -> Came | None:
    try:
        found = _TOLD.match(parse_qs(query, max_num_fields=100).get(PARAMETER, [""])[0])
    except ValueError:
        return None
    if found is None:
        return None
    kind, at, nonce, mark, referrer = found.groups()
    what = kind + at + nonce
    passed = moment - int(at, 16) / 1000
    if not -1 <= passed < KNOWN_FOR or not hmac.compare_digest(mark, _mark("came", link_id, what + referrer, secret)):
        return None
    acted = kind == "a" and passed < ACTED_FOR
    return Came(referrer, f"clk_{at}{_mark('click', link_id, what, secret)[:20]}" if acted else "")


def _from_outside(environ: dict[str, Any]) -> str:
    address = environ.get("HTTP_REFERER", "")
    host = host_of(address)
    ours = host and host == environ.get("HTTP_HOST", "").partition(":")[0].casefold()
    return "" if ours and urlsplit(address).path.startswith(_OURS) else host


def _mark(kind: str, link_id: int, what: str, secret: bytes) -> str:
    return hmac.new(secret, f"{kind}:{link_id}:{what}".encode("utf-8", "replace"), sha256).hexdigest()[:32]
