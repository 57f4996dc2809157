"""What TikTok sends us: section B10. The signature is over the time and the very bytes that go out."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from .world import CLIENT_KEY, CLIENT_SECRET


def event(name: str, open_id: str, content: Mapping[str, Any], *, at: int) -> bytes:
    """An event's body; its content is a JSON string inside the JSON."""
    document = {
        "client_key": CLIENT_KEY,
        "event": name,
        "create_time": at,
        "user_openid": open_id,
        "content": json.dumps(content),
    }
    return json.dumps(document).encode()


def signed(body: bytes, *, at: int, secret: str = CLIENT_SECRET) -> dict[str, str]:
    """The headers that a delivery carries."""
    mark = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json", "TikTok-Signature": f"t={at},s={mark}"}
