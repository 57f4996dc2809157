"""Channels that posts go to, in our words. A third one costs one folder or file here and one double in the tests."""

from __future__ import annotations

import os

from ...config_social import SocialSettings
from .reasons import REASONS, Matter, Reason, Retry
from .values import (
    Access,
    Account,
    Came,
    Delivered,
    Denied,
    Grant,
    Handle,
    Heard,
    Kind,
    Later,
    Maker,
    MediaItem,
    Metrics,
    Notified,
    NotNow,
    NotTaken,
    Options,
    Outcome,
    PostRequest,
    Preparing,
    Promotes,
    Published,
    Publisher,
    Quota,
    Ready,
    Signed,
    Underway,
    Unknown,
    Unusable,
)

_makers: dict[str, Maker] = {}


def offer(name: str, maker: Maker) -> None:
    """Let channels of this name be spoken to through what `maker` gives, in this process."""
    _makers[name] = maker


def publisher(name: str) -> Publisher:
    """The client of one channel: "instagram", "facebook" (Instagram by Facebook Login) or "tiktok"."""
    return _makers[name]()


def offered() -> list[str]:
    """The channels that this install has an app for."""
    return list(_makers)


def set_up(settings: SocialSettings) -> None:
    """Say by which apps, and where, channels are reached: their own addresses, or those of doubles."""
    from .instagram import Instagram
    from .tiktok import TikTok

    if any(address.startswith("http://") for address in settings.addresses.values()):
        os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # `config_social.complaint` lets these be only on this machine
    _makers.clear()
    if settings.instagram.client_id:
        offer("instagram", lambda: Instagram(settings, "instagram"))
    if settings.facebook.client_id:
        offer("facebook", lambda: Instagram(settings, "facebook"))
    if settings.tiktok.client_key:
        offer("tiktok", lambda: TikTok(settings.tiktok))


__all__ = [
    "REASONS", "Access", "Account", "Came", "Delivered", "Denied", "Grant", "Handle", "Heard", "Kind", "Later", "Matter",
    "MediaItem", "Metrics", "NotNow", "NotTaken", "Notified", "Options", "Outcome", "PostRequest", "Preparing", "Promotes",
    "Published", "Publisher", "Quota", "Ready", "Reason", "Retry", "Signed", "Underway", "Unknown", "Unusable", "offer",
    "offered", "publisher", "set_up",
]  # fmt: skip
