"""TikTok's codes and failure words in ours: API v2 Error Handling, Direct Post, Get Post Status.

A reply is well when `error.code` is "ok", whatever the HTTP status: https://developers.tiktok.com/doc/tiktok-api-v2-error-handling
"""

from __future__ import annotations

from typing import Any

from ..reasons import REASONS, Reason
from ..values import Denied, NotNow
from ..wire import Answer, text_of

BY_CODE: dict[str, str] = {
    "access_token_invalid": "reconnect", "scope_not_authorized": "scope", "scope_permission_missed": "scope",
    "invalid_params": "ours", "invalid_param": "ours", "invalid_file_upload": "ours", "rate_limit_exceeded": "rate",
    "privacy_level_option_mismatch": "privacy",
    "unaudited_client_can_only_post_to_private_accounts": "unaudited", "url_ownership_unverified": "domain",
    "spam_risk_too_many_posts": "quota", "spam_risk_user_banned_from_posting": "banned", "reached_active_user_cap": "users",
    "spam_risk_too_many_pending_share": "drafts", "app_version_check_failed": "app_old", "invalid_publish_id": "vanished",
    "token_not_authorized_for_specified_publish_id": "vanished", "publish_not_cancellable": "twice",
}  # fmt: skip
BY_FAILURE: dict[str, str] = {
    "file_format_check_failed": "video_format", "duration_check_failed": "length", "frame_rate_check_failed": "frames",
    "picture_size_check_failed": "sides", "video_pull_failed": "processing", "photo_pull_failed": "processing",
    "internal": "processing", "publish_cancelled": "cancelled", "auth_removed": "removed", "spam_risk_too_many_posts": "quota",
    "spam_risk_user_banned_from_posting": "banned", "spam_risk_text": "spam_text", "spam_risk": "spam",
}  # fmt: skip
# of the token address; the names of RFC 6749
BY_GRANT_ERROR: dict[str, str] = {
    "invalid_grant": "reconnect", "access_denied": "declined", "invalid_scope": "setup", "invalid_client": "setup",
    "unauthorized_client": "setup", "invalid_request": "setup", "unsupported_grant_type": "setup",
    "unsupported_response_type": "setup", "invalid_client_id": "setup",
}  # fmt: skip
GRANT_BUSY = ("server_error", "temporarily_unavailable")
RATE_WINDOW = 60  # seconds; sliding


def failure(word: str) -> Reason:
    """What the fail_reason of a publication means."""
    return REASONS[BY_FAILURE.get(word, "processing" if not word else "strange")]


def checked(answer: Answer) -> dict[str, Any]:
    """`data` of a call that went well. Denied, NotNow (sent: whether it may have worked)."""
    document = answer.document if isinstance(answer.document, dict) else {}
    error, data = document.get("error"), document.get("data")
    code = text_of(error.get("code"), 80) if isinstance(error, dict) else ""
    if code == "ok" and isinstance(data, dict):
        return data
    if answer.status == 429 or code == "rate_limit_exceeded":
        again = answer.retry_after or RATE_WINDOW
        raise Denied(REASONS["rate"], code, again) if code else NotNow("busy", sent=False, again_in=again)
    if code == "internal_error" or answer.status >= 500:
        raise NotNow(code or "failed_inside", sent=True, again_in=answer.retry_after)
    if not code or code == "ok":
        raise NotNow("not_understood", sent=True)
    raise Denied(REASONS[BY_CODE.get(code, "strange")], code, answer.retry_after)
