"""What TikTok sends us: events with a signature over the time and the raw body. https://developers.tiktok.com/doc/webhooks-verification"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from ..values import Heard, Unusable
from ..wire import read, text_of

STALE = 300  # seconds


def proves(secret: str, headers: Mapping[str, str], body: bytes, *, now: datetime) -> bool:
    """TikTok-Signature: t=<unix>,s=<hex>; refused when more than five minutes old, or ahead."""
    told = dict(part.strip().partition("=")[::2] for part in headers.get("tiktok-signature", "").split(","))
    moment, mark = told.get("t", ""), told.get("s", "")
    if not moment.isdecimal() or len(moment) > 12 or not secret:
        return False
    wanted = hmac.new(secret.encode(), moment.encode("utf-8", "surrogateescape") + b"." + body, hashlib.sha256).hexdigest()
    fresh = abs(now.timestamp() - int(moment)) <= STALE
    return hmac.compare_digest(mark.encode("utf-8", "surrogateescape"), wanted.encode()) and fresh


def hear(body: bytes) -> list[Heard]:
    """One event; its content is JSON as a text. The misspelt name is how it comes."""
    found = read(body)
    topic = text_of(found.get("event"), 80) if isinstance(found, dict) else ""
    account, at = (text_of(found.get(name), 80) for name in ("user_openid", "create_time")) if topic else ("", "")
    raw = found.get("content") if topic else None
    content = read(raw.encode("utf-8", "replace")) if isinstance(raw, str) else raw
    if not topic or not account or (content is not None and not isinstance(content, dict)):
        raise Unusable("not_understood")
    told = content or {}
    reference, remote_id = text_of(told.get("publish_id"), 100), text_of(told.get("post_id"), 60)
    return [Heard(f"{topic}:{account}:{reference or at}", topic, account, reference, remote_id)]
