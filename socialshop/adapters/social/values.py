"""Channels that posts go to, in our words: what is handed over, what can come of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from ...kernel.errors import Broken, Refused, TryLater
from .reasons import Reason

Kind = Literal["image", "carousel", "reel", "story", "video", "photos"]
Promotes = Literal["nothing", "own", "brand", "both"]
Handle = Mapping[str, Any]  # what an adapter must know again in the next step; plain values, kept sealed


@dataclass(frozen=True, slots=True)
class Grant:
    """What an account's owner let us do. expires_at None: no end is told.

    refresh: "" where the access token renews itself. Under Facebook Login the access token is a Page's, and this its owner's
    own, by which alone everything is withdrawn.
    """

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    scopes: frozenset[str]
    issued_at: datetime
    expires_at: datetime | None
    refresh_expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """One account over there. id: as paths and messages name it; scoped_id: as it is called before our app alone, or ""."""

    id: str
    username: str
    name: str = ""
    kind: str = ""
    scoped_id: str = ""
    picture_url: str = ""


@dataclass(frozen=True, slots=True)
class Access:
    """Who speaks for which account."""

    account_id: str
    username: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MediaItem:
    """A picture or film: where it lies here, and where the provider can fetch it for a while."""

    kind: Literal["image", "video"]
    media_type: str
    size: int
    path: Path
    url: str = field(repr=False)  # signed: whoever has it can read the file
    seconds: float = 0.0
    width: int = 0
    height: int = 0
    alt_text: str = ""


@dataclass(frozen=True, slots=True)
class PostRequest:
    """What is to be posted. known: remote ids of our other posts on this account, so that a look-up never takes one of them.

    promotes: "brand" is branded content, "own" the creator's own products, "both" it is for both. privacy: a word of the
    channel's own options.
    draft: into the person's inbox over there, to be finished by them.
    """

    kind: Kind
    media: tuple[MediaItem, ...]
    caption: str = ""
    title: str = ""
    promotes: Promotes = "nothing"
    privacy: str = ""
    comments: bool = True
    duet: bool = True
    stitch: bool = True
    draft: bool = False
    known: frozenset[str] = frozenset()

    @property
    def branded(self) -> bool:
        """Whether it promotes a brand in exchange for something of value."""
        return self.promotes in ("brand", "both")


@dataclass(frozen=True, slots=True)
class Preparing:
    """Not ready yet; nothing can be seen by anybody. Ask again in so many seconds."""

    handle: Handle = field(repr=False)
    again_in: int


@dataclass(frozen=True, slots=True)
class Ready:
    """One call away from being posted, or, after a look-up: it was not posted, and the same handle may be used again."""

    handle: Handle = field(repr=False)


@dataclass(frozen=True, slots=True)
class Underway:
    """The provider has all it needs; look in so many seconds."""

    handle: Handle = field(repr=False)
    again_in: int


@dataclass(frozen=True, slots=True)
class Published:
    """It stands there. remote_id, permalink: "" while the provider does not tell. visible: whether everybody can see it yet."""

    remote_id: str
    permalink: str
    visible: bool = True


@dataclass(frozen=True, slots=True)
class Delivered:
    """A draft lies in the person's inbox; they post it, or not."""


@dataclass(frozen=True, slots=True)
class NotTaken:
    """The provider said no, and nothing was posted. code: its own word; reason: what it means for us, with the sentence."""

    reason: Reason
    code: str
    again_in: int | None = None  # where the provider says when trying helps


@dataclass(frozen=True, slots=True)
class Later:
    """Nothing has happened; trying the same again is safe, in so many seconds."""

    code: str
    again_in: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have been posted or not: only a look-up tells, or a person."""

    code: str


Outcome = Preparing | Ready | Underway | Published | Delivered | NotTaken | Later | Unknown


@dataclass(frozen=True, slots=True)
class Quota:
    """Posts within the provider's rolling window."""

    used: int
    total: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Options:
    """What an account may choose from right now; asked anew whenever somebody composes."""

    name: str
    privacy: tuple[str, ...] = ()
    comments: bool = True
    duet: bool = True
    stitch: bool = True
    longest: int | None = None  # seconds of film


@dataclass(frozen=True, slots=True)
class Metrics:
    """What a post brought over there; None where the channel does not tell."""

    views: int | None = None
    likes: int | None = None
    comments: int | None = None
    shares: int | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing that a channel told us; what came of it, the channel is asked. key: the same in a repeat."""

    key: str
    topic: str
    account_id: str
    reference: str = ""  # of the publication it is about
    remote_id: str = ""


@dataclass(frozen=True, slots=True)
class Signed:
    """A person over there took our access away, or wants to be forgotten. user_id: as our app alone knows them."""

    user_id: str
    issued_at: datetime


class NotNow(TryLater):
    """No usable answer. sent: whether anything may have been done; code: one word; again_in: seconds, if the provider said."""

    def __init__(self, code: str, *, sent: bool, again_in: int | None = None) -> None:
        self.code, self.sent, self.again_in = code, sent, again_in
        super().__init__(code)


class Denied(Refused):
    """The provider understood and said no. code: its own word."""

    def __init__(self, reason: Reason, code: str, again_in: int | None = None) -> None:
        self.reason, self.code, self.again_in = reason, code, again_in
        super().__init__(code)


class Unusable(Broken):
    """A message that proved itself but cannot be read, or does not prove itself."""


Came = tuple[Account, Grant | Denied | NotNow]  # an account that somebody let us into, or why we are not in


class Publisher(Protocol):
    """What every channel offers. No call repeats by itself, outlasts its budgets, or raises anything but what is said here.

    `prepare`, `publish` and `look` return an Outcome and never raise. Nothing is visible to anybody before `publish`, and
    one handle never becomes two posts.
    """

    @property
    def channel(self) -> str:
        """Its name as people know it."""

    @property
    def pace(self) -> int:
        """Seconds between two posts that are begun on one account; 0: as they come."""

    def authorize_url(self, *, state: str, redirect_uri: str, verifier: str) -> str:
        """Where the person is sent to grant."""

    def connect(self, callback: Mapping[str, str], *, redirect_uri: str, verifier: str, now: datetime) -> Sequence[Came]:
        """What came back, as accounts with their grants, or why one of several did not work. NotNow, Denied: none of them did."""

    def refresh(self, grant: Grant, *, now: datetime) -> Grant:
        """The grant for another while. NotNow; Denied: the person must connect again."""

    def refresh_at(self, grant: Grant) -> datetime | None:
        """When it should be refreshed; None: never."""

    def revoke(self, grant: Grant) -> None:
        """Withdraw what was granted. NotNow, Denied: it was not withdrawn; "removed": its owner has done so."""

    def missing(self, grant: Grant) -> frozenset[str]:
        """Permissions that posting needs and the person did not give."""

    def options(self, access: Access) -> Options:
        """What the account may choose from. NotNow, Denied."""

    def quota(self, access: Access) -> Quota | None:
        """How many posts are left, where the channel tells. NotNow, Denied."""

    def prepare(self, access: Access, request: PostRequest, handle: Handle) -> Outcome:
        """Bring it one step nearer, beginning with an empty handle. Harmless: Preparing, Ready, NotTaken, Later."""

    def publish(self, access: Access, request: PostRequest, handle: Handle) -> Outcome:
        """The one call that posts. Published, Delivered, Underway, NotTaken, Later (nothing was sent), Unknown."""

    def look(self, access: Access, request: PostRequest, handle: Handle) -> Outcome:
        """What became of it; only reads. Published, Delivered, Underway, Ready (not posted), NotTaken, Later, Unknown."""

    def metrics(self, access: Access, remote_id: str, kind: Kind) -> Metrics:
        """What a post brought. NotNow, Denied."""

    def proves(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> bool:
        """Whether a message (header names in lower case) is the provider's, in constant time."""

    def hear(self, body: bytes) -> list[Heard]:
        """What a message that proved itself says. Unusable."""


@runtime_checkable
class Notified(Protocol):
    """What a channel offers besides, whose provider asks whose address it is and passes on what people want forgotten."""

    def challenge(self, query: Mapping[str, str]) -> str | None:
        """What the provider's handshake wants to read; None where it is not the provider's."""

    def signed_request(self, text: str) -> Signed:
        """Whom a signed request is about. Unusable: it does not prove itself, or cannot be read."""


Maker = Callable[[], Publisher]
