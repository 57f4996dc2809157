"""The Graph API's codes (Handling Errors; Error Codes of the Instagram Platform; Rate Limits) in our words.

Branch on code and subcode, never on message or HTTP status: https://developers.facebook.com/docs/graph-api/guides/error-handling
"""

from __future__ import annotations

import json
import re
from typing import Any

from ..reasons import REASONS, Reason
from ..values import Denied, NotNow
from ..wire import Answer, text_of

# by the 2207… number, which also stands in the prose of a failed container
BY_SUBCODE: dict[int, str] = {
    2207003: "media_slow", 2207020: "too_old", 2207001: "fault", 2207032: "processing", 2207053: "processing", 2207057: "cover",
    2207051: "spam", 2207042: "quota", 2207006: "vanished", 2207008: "too_old", 2207050: "restricted", 2207023: "ours",
    2207028: "count", 2207035: "product_tags", 2207036: "product_tags", 2207037: "product_tags", 2207040: "tags",
    2207026: "video_format", 2207052: "media_away", 2207027: "not_ready", 2207004: "image_size", 2207005: "image_format",
    2207009: "ratio", 2207010: "caption", 2207076: "video_format", 2207077: "media_away", 2207081: "no_trial",
    2207082: "processing", 2207085: "video_format", 33: "vanished",
    458: "removed", 459: "confirm", 460: "password", 463: "reconnect", 464: "confirm", 467: "reconnect", 492: "role",
}  # fmt: skip
BY_CODE: dict[int, str] = {
    1: "busy", 2: "busy", -1: "fault", -2: "media_slow", 3: "scope", 10: "scope", 4: "rate", 17: "rate", 32: "rate", 613: "rate",
    80002: "rate", 341: "rate", 100: "ours", 102: "reconnect", 190: "reconnect", 368: "policy", 506: "twice", 9: "quota",
    24: "vanished", 25: "restricted", 352: "video_format", 9004: "media_away", 9007: "not_ready", 36000: "image_size",
    36001: "image_format", 36003: "ratio", 36004: "caption",
}  # fmt: skip
# where a subcode says something else under another code
_TOKEN_SUBCODES = {458, 459, 460, 463, 464, 467, 492}
_LABEL = re.compile(r"INSTAGRAM_PLATFORM_API__(?:PERMISSION|INVALID_PARAM)")
_NUMBER = re.compile(r"(?<!\d)2207\d{3}(?!\d)")


def reason_of(code: int, subcode: int | None, message: str = "") -> Reason:
    """What a refusal means."""
    if _LABEL.search(message):
        return REASONS["label"]
    if subcode in BY_SUBCODE and (subcode not in _TOKEN_SUBCODES or code in (102, 190)) and (subcode != 33 or code == 100):
        return REASONS[BY_SUBCODE[subcode]]
    if 200 <= code <= 299:
        return REASONS["scope"]
    return REASONS[BY_CODE.get(code, "strange")]


def reason_in(status: str) -> tuple[Reason, str]:
    """What the prose of a failed container means: only the number in it counts."""
    found = _NUMBER.search(status)
    if found is None:
        return REASONS["processing"], "container"
    return REASONS[BY_SUBCODE.get(int(found[0]), "processing")], found[0]


def checked(answer: Answer) -> dict[str, Any]:
    """The document of a call that went well. Denied, NotNow (sent: whether it may have worked)."""
    error = answer.document.get("error") if isinstance(answer.document, dict) else None
    if isinstance(error, dict):
        raise refusal(error, answer)
    if answer.status == 429:
        raise NotNow("busy", sent=False, again_in=answer.retry_after)
    if answer.status >= 500 or not isinstance(answer.document, dict) or not 200 <= answer.status < 300 or error is not None:
        raise NotNow("failed_inside" if answer.status >= 500 else "not_understood", sent=True, again_in=answer.retry_after)
    return answer.document


def refusal(error: dict[str, Any], answer: Answer) -> Denied | NotNow:
    """An error object as ours."""
    code, subcode = error.get("code"), error.get("error_subcode")
    if isinstance(code, bool) or not isinstance(code, int):
        return NotNow("not_understood", sent=True)
    subcode = subcode if isinstance(subcode, int) else None
    reason = reason_of(code, subcode, text_of(error.get("message"), 500))
    word = f"{code}" if subcode is None else f"{code}/{subcode}"
    if reason.name == "busy":
        return NotNow(word, sent=True, again_in=answer.retry_after)
    return Denied(reason, word, _regained_in(answer) if reason.name == "rate" else answer.retry_after)


def _regained_in(answer: Answer) -> int | None:
    """Seconds until calls are taken again, by the header of the business use case, which counts in minutes."""
    if answer.retry_after is not None:
        return answer.retry_after
    try:
        shares = json.loads(answer.headers.get("x-business-use-case-usage", ""))
        minutes = [share["estimated_time_to_regain_access"] for account in shares.values() for share in account]
        return min(6 * 3600, 60 * max(int(each) for each in minutes)) or None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
