"""What stands on the platform: creators, tokens, tasks, posts; and the switches for what the documents disagree on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from ..upstream import Answer, Turned

CLIENT_KEY, CLIENT_SECRET = "awdouble0001", "tt-secret-double-canary"
SCOPES = {"user.info.basic", "user.info.profile", "user.info.stats", "video.list", "video.publish", "video.upload"}
PUBLIC, FRIENDS, FOLLOWERS, SELF = "PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", "SELF_ONLY"


@dataclass
class Switches:
    """Section E4, the default first."""

    life: Literal["old", "new"] = "old"  # 24 h and 365 d, or 2 h and 180 d
    rotates: bool = True
    pkce: Literal["hex", "off", "base64url"] = "hex"
    oauth_status: Literal[400, 200] = 400
    domain_status: Literal[403, 200] = 403
    strict: bool = False  # refuses client_id and unknown parameters
    audited: bool = False
    consent: Literal["allow", "page", "refuse"] = "allow"
    untick: set[str] = field(default_factory=set)
    plain_pull: bool = False  # lets media be pulled over http from this machine; otherwise https and by name
    id_as_text: bool = False
    drafts_forgotten: bool = False  # after a day an unfinished draft is not known any more; otherwise it stays in the inbox

    @property
    def lifetimes(self) -> tuple[int, int]:
        return (86_400, 31_536_000) if self.life == "old" else (7_200, 15_552_000)


@dataclass
class Creator:
    """A person's account."""

    open_id: str
    username: str
    nickname: str
    private: bool = False
    banned: bool = False
    comment_off: bool = False
    longest: int = 600  # seconds of film
    polls: int = 0  # how often a task of theirs is under way when asked
    moderation: int = 0  # how often it is complete without an id after that

    @property
    def options(self) -> list[str]:
        return [FOLLOWERS, FRIENDS, SELF] if self.private else [PUBLIC, FRIENDS, SELF]


@dataclass
class Grant:
    """An access token and its refresh token."""

    access: str
    refresh: str
    creator: Creator
    scopes: set[str]
    access_until: datetime
    refresh_until: datetime
    alive: bool = True


@dataclass
class Code:
    """An authorization code: single use."""

    creator: Creator
    scopes: set[str]
    redirect_uri: str
    challenge: str
    issued_at: datetime
    used: bool = False


@dataclass
class Task:
    """What is to become a post. stored: bytes that came in so far."""

    publish_id: str
    creator: Creator
    draft: bool
    photo: bool
    info: dict[str, Any]
    made_at: datetime
    size: int = 0
    chunk: int = 0
    chunks: int = 0
    body: bytearray = field(default_factory=bytearray)
    pulled: bool = False
    polls: int = 0
    moderation: int = 0
    failure: str = ""
    ended: bool = False
    post_id: str | None = None

    @property
    def stored(self) -> int:
        return len(self.body)


@dataclass
class Post:
    """What people see; or what only its creator sees."""

    id: str
    creator: Creator
    text: str
    privacy: str
    at: datetime
    publish_id: str
    photo: bool
    branded: bool = False
    own_brand: bool = False
    views: int = 300
    deleted: bool = False

    @property
    def url(self) -> str:
        return f"https://www.tiktok.com/@{self.creator.username}/{'photo' if self.photo else 'video'}/{self.id}"


def refused(code: str, status: int, message: str = "") -> Turned:
    """The envelope of section B3."""
    return Turned(Answer(status, {"data": {}, "error": {"code": code, "message": message or code, "log_id": "20260601LOG"}}))


def told(**data: Any) -> Answer:
    """The same envelope when all is well."""
    return Answer(document={"data": data, "error": {"code": "ok", "message": "", "log_id": "20260601LOG"}})
