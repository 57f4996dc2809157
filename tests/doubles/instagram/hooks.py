"""What Instagram sends us: the handshake, signed webhooks, signed requests (A10). Signed over the very bytes that go out."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

from .world import CLIENT_SECRET, VERIFY_TOKEN

Send = Callable[[str, bytes, Mapping[str, str]], int]


def handshake(challenge: str = "930417755", *, token: str = VERIFY_TOKEN) -> dict[str, str]:
    """The query of the GET that asks whether an address is ours."""
    return {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": token}


def event(account_id: str, field: str, value: Mapping[str, Any], *, shape: str = "changes", at: int = 1_790_000_000) -> bytes:
    """A batch of one change; shape: as live deliveries ("changes") or as the documents ("flat")."""
    entry: dict[str, Any] = {"id": account_id, "time": at}
    entry |= {"changes": [{"field": field, "value": value}]} if shape == "changes" else {"field": field, "value": value}
    return json.dumps({"object": "instagram", "entry": [entry]}).encode()


def signed(body: bytes, *, secret: str = CLIENT_SECRET) -> dict[str, str]:
    """The headers that a delivery carries."""
    mark = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={mark}"}


def signed_request(
    user_id: str, *, secret: str = CLIENT_SECRET, algorithm: str = "HMAC-SHA256", issued_at: int = 1_790_000_000
) -> str:  # fmt: skip
    """The form field of the deauthorize and data-deletion calls: signature and payload, base64url without padding."""
    payload = _url64(json.dumps({"algorithm": algorithm, "issued_at": issued_at, "user_id": user_id}).encode())
    return f"{_url64(hmac.new(secret.encode(), payload.encode(), hashlib.sha256).digest())}.{payload}"


def _url64(body: bytes) -> str:
    return base64.urlsafe_b64encode(body).decode().rstrip("=")
