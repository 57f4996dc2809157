"""What stands on the platform: accounts, tokens, containers, posts; and the switches for what the documents disagree on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from ..upstream import Answer, Turned

CLIENT_ID, CLIENT_SECRET = "990602627938098", "ig-secret-double-canary"  # the Instagram app's, not the Meta app's
META_ID, META_SECRET = "123456789012345", "meta-secret-double-canary"
VERIFY_TOKEN = "ig-verify-double-canary"

BASIC, PUBLISH = "instagram_business_basic", "instagram_business_content_publish"
INSIGHTS, COMMENTS, MESSAGES = (f"instagram_business_manage_{what}" for what in ("insights", "comments", "messages"))
FACEBOOK = {  # the names of the same permissions under Facebook Login
    "instagram_basic": BASIC, "instagram_content_publish": PUBLISH, "instagram_manage_insights": INSIGHTS,
    "instagram_manage_comments": COMMENTS,
}  # fmt: skip
LIFE, SHORT_LIFE = 5_184_000, 3600


@dataclass
class Switches:
    """Section E4, the default first; plain_media lets media be fetched over http from this machine."""

    exchange_reply: Literal["flat", "wrapped"] = "flat"
    exchange_body: Literal["any", "multipart"] = "any"
    webhook_body: Literal["changes", "flat"] = "changes"
    quota_total: int = 50
    hashtags: int = 5
    consent: Literal["allow", "page", "refuse"] = "allow"
    untick: set[str] = field(default_factory=set)  # permissions that the person does not grant
    strict: bool = False  # unknown parameters fail


@dataclass
class Account:
    """A professional account. user_id: what stands in paths; app_scoped: the `id` that this app sees."""

    user_id: str
    app_scoped: str
    username: str
    kind: str = "Business"
    followers: int = 1200
    restricted: bool = False
    page: str | None = None  # the Facebook Page that it is linked to
    owner: str = ""  # the id of the person whose Page that is; "" one of its own
    polls: int = 0  # how often a container of this account says IN_PROGRESS
    usage: int = 5  # percent of the allowance used
    dead: int | None = None  # the subcode that every token answers with

    @property
    def person(self) -> str:
        """The id of its owner under Facebook Login, as the app sees it."""
        return self.owner or f"10{self.app_scoped[2:]}"


@dataclass
class Token:
    """Who it speaks for, what it may, and for how long. kind: short, long, facebook or page."""

    text: str
    account: Account | None
    scopes: set[str]
    kind: str
    issued_at: datetime
    expires_at: datetime | None


@dataclass
class Code:
    """An authorization code: single use, one hour."""

    account: Account
    scopes: set[str]
    redirect_uri: str
    issued_at: datetime
    facebook: bool
    used: bool = False


@dataclass
class Container:
    """What is to become a post."""

    id: str
    account: Account
    fields: dict[str, Any]
    made_at: datetime
    polls: int
    failure: int | None = None  # the 2207… number that it fails with
    children: list[str] = field(default_factory=list)
    media_id: str | None = None

    @property
    def kind(self) -> str:
        return str(self.fields.get("media_type") or "IMAGE")


@dataclass
class Post:
    """What people see."""

    id: str
    account: Account
    kind: str  # IMAGE, VIDEO, CAROUSEL_ALBUM
    product: str  # FEED, REELS, STORY
    caption: str
    shortcode: str
    at: datetime
    container: str
    url: str
    paid_partnership: bool = False
    views: int = 120
    likes: int = 14
    comments: list[dict[str, Any]] = field(default_factory=list)
    deleted: bool = False

    @property
    def permalink(self) -> str:
        return f"https://www.instagram.com/{'reel' if self.product == 'REELS' else 'p'}/{self.shortcode}/"


def refused(
    code: int, subcode: int | None = None, message: str = "Refused", *, transient: bool = False, status: int = 400
) -> Turned:
    """The envelope of section A11."""
    error: dict[str, Any] = {
        "message": message,
        "type": "OAuthException",
        "code": code,
        "is_transient": transient,
        "fbtrace_id": "Tr1",
    }
    if subcode is not None:
        error["error_subcode"] = subcode
    return Turned(Answer(status, {"error": error}))


def exchange_refused(message: str) -> Turned:
    """What the first token address says: not the Graph's envelope."""
    return Turned(Answer(400, {"error_type": "OAuthException", "code": 400, "error_message": message}))
