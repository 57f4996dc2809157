"""What Meta sends us: the handshake, signed messages, signed requests of the deauthorize and data-deletion calls.

https://developers.facebook.com/docs/graph-api/webhooks/getting-started,
https://developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ..values import Heard, Signed, Unusable
from ..wire import read, text_of

MOST_CHANGES = 1000


def proves(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """X-Hub-Signature-256 over the raw body."""
    wanted = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    given = headers.get("x-hub-signature-256", "")
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), wanted.encode()) and bool(secret)


def challenge(query: Mapping[str, str], verify_token: str) -> str | None:
    """What the handshake wants to read; None where it is not Meta's."""
    told = query.get("hub.verify_token", "").encode("utf-8", "surrogateescape")
    if query.get("hub.mode") != "subscribe" or not verify_token or not hmac.compare_digest(told, verify_token.encode()):
        return None
    return query.get("hub.challenge", "")[:200]


def hear(body: bytes) -> list[Heard]:
    """Changes, as live deliveries write them (`changes`) and as the documents do (`field`). Our own comments are left out."""
    found = read(body)
    entries = found.get("entry") if isinstance(found, dict) else None
    if not isinstance(entries, list):
        raise Unusable("not_understood")
    heard: list[Heard] = []
    for entry in entries:
        if not isinstance(entry, dict):
            raise Unusable("not_understood")
        account = text_of(entry.get("id"), 60)
        changes = entry.get("changes")
        for change in changes if isinstance(changes, list) else [entry] if "field" in entry else []:
            value = change.get("value") if isinstance(change, dict) else None
            if not account or not isinstance(value, dict):
                raise Unusable("not_understood")
            sender = value.get("from")
            if isinstance(sender, dict) and text_of(sender.get("id"), 60) == account:
                continue
            topic, media = text_of(change.get("field"), 60), value.get("media")
            number = text_of(value.get("id"), 60) or hashlib.sha256(repr(value).encode()).hexdigest()
            remote_id = text_of(media.get("id"), 60) if isinstance(media, dict) else ""
            heard.append(Heard(f"{topic}:{number}", topic, account, "", remote_id))
    return heard[:MOST_CHANGES]


def signed_request(text: str, secret: str) -> Signed:
    """Whom a signed_request is about, and since when. Unusable: it does not prove itself, or cannot be read."""
    mark, dot, payload = text.partition(".")
    if not dot or not secret:
        raise Unusable("not_understood")
    wanted = hmac.new(secret.encode(), payload.encode("utf-8", "surrogateescape"), hashlib.sha256).digest()
    if not hmac.compare_digest(_unpacked(mark), wanted):
        raise Unusable("not_proved")
    told: Any = read(_unpacked(payload))
    user, since = (text_of(told.get("user_id"), 60), told.get("issued_at")) if isinstance(told, dict) else ("", None)
    if not user or told.get("algorithm") != "HMAC-SHA256" or type(since) is not int or not 0 < since < 2**33:
        raise Unusable("not_understood")
    return Signed(user, datetime.fromtimestamp(since, UTC))


def _unpacked(text: str) -> bytes:
    try:
        return base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:  # also what is no ASCII
        raise Unusable("not_understood") from None
