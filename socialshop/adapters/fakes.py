"""A channel in memory: the simplest thing that passes the contract of `Publisher`. For unit tests of what stands above it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from urllib.parse import urlencode

from .social import (
    REASONS,
    Access,
    Account,
    Denied,
    Grant,
    Handle,
    Heard,
    Kind,
    Metrics,
    NotTaken,
    Options,
    Outcome,
    PostRequest,
    Preparing,
    Published,
    Quota,
    Ready,
    Underway,
    Unknown,
    Unusable,
)

LIFE = timedelta(days=60)


@dataclass
class FakePublisher:
    """Accounts by token, posts by handle. `lose`: so many answers of publish are lost after it worked; `polls`: waits."""

    channel: str = "Fake"
    pace: int = 0
    secret: str = "fake-secret"  # noqa: S105
    account: Account = field(default_factory=lambda: Account("fake-1", "ana", "Ana"))
    refuses: bool = False  # the person does
    without: frozenset[str] = frozenset()  # permissions that the person does not give
    full: bool = False  # no more posts today
    polls: int = 0
    lose: int = 0
    wait: int = 0  # how often a look finds it under way
    refreshed: int = 0
    posts: dict[str, tuple[str, PostRequest]] = field(default_factory=dict)  # container → (remote id, what was posted)
    tokens: dict[str, str] = field(default_factory=dict)  # token → account
    _numbers: count[int] = field(default_factory=lambda: count(1))
    _left: dict[str, int] = field(default_factory=dict)  # container → polls that are left

    def authorize_url(self, *, state: str, redirect_uri: str, verifier: str) -> str:
        answer = {"error": "access_denied"} if self.refuses else {"code": f"code-{next(self._numbers)}"}
        return f"{redirect_uri}?{urlencode({**answer, 'state': state})}"

    def connect(
        self, callback: Mapping[str, str], *, redirect_uri: str, verifier: str, now: datetime
    ) -> list[tuple[Account, Grant]]:
        if callback.get("error") or not callback.get("code"):
            raise Denied(REASONS["declined"], callback.get("error", "no_code"))
        return [(self.account, self._grant(now))]

    def refresh(self, grant: Grant, *, now: datetime) -> Grant:
        if self.tokens.pop(grant.access, None) is None:
            raise Denied(REASONS["reconnect"], "dead")
        self.refreshed += 1
        return self._grant(now)

    def refresh_at(self, grant: Grant) -> datetime | None:
        return grant.issued_at + LIFE / 2

    def revoke(self, grant: Grant) -> None:
        self.tokens.pop(grant.access, None)

    def missing(self, grant: Grant) -> frozenset[str]:
        return frozenset({"post"}) - grant.scopes

    def options(self, access: Access) -> Options:
        self._check(access)
        return Options(self.account.name, ("everybody", "nobody"))

    def quota(self, access: Access) -> Quota | None:
        self._check(access)
        return Quota(len(self.posts), 25, 86_400)

    def prepare(self, access: Access, request: PostRequest, handle: Handle) -> Outcome:
        try:
            self._check(access)
        except Denied as error:
            return NotTaken(error.reason, error.code)
        name = str(handle.get("container") or f"container-{next(self._numbers)}")
        left = self._left.setdefault(name, self.polls)
        if left:
            self._left[name] = left - 1
            return Preparing({"container": name}, 5)
        return Ready({"container": name})

    def publish(self, access: Access, request: PostRequest, handle: Handle) -> Outcome:
        try:
            self._check(access)
        except Denied as error:
            return NotTaken(error.reason, error.code)
        if self.full:
            return NotTaken(REASONS["quota"], "full")
        name = str(handle["container"])
        self.posts.setdefault(name, (f"remote-{next(self._numbers)}", request))
        if self.lose:
            self.lose -= 1
            return Unknown("cut_off")
        return Underway(dict(handle), 5) if self.wait else self._published(name)

    def look(self, access: Access, request: PostRequest, handle: Handle) -> Outcome:
        try:
            self._check(access)
        except Denied as error:
            return Unknown(error.reason.name)
        name = str(handle.get("container", ""))
        if name not in self.posts:
            return Ready(handle)
        if self.wait:
            self.wait -= 1
            return Underway(handle, 5)
        return self._published(name)

    def metrics(self, access: Access, remote_id: str, kind: Kind) -> Metrics:
        self._check(access)
        return Metrics(views=100, likes=10)

    def proves(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> bool:
        given = headers.get("x-fake-signature", "").encode("utf-8", "surrogateescape")
        return bool(self.secret) and hmac.compare_digest(given, self.signature(body).encode())

    def hear(self, body: bytes) -> list[Heard]:
        try:
            found = json.loads(body)
            return [Heard(str(found["key"]), str(found["topic"]), str(found["account"]), str(found.get("about", "")))]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise Unusable("not_understood") from error

    def signature(self, body: bytes) -> str:
        """What a message of this channel carries."""
        return hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()

    def _grant(self, now: datetime) -> Grant:
        token = f"fake-token-canary-{next(self._numbers)}"
        self.tokens[token] = self.account.id
        grant = Grant(token, "fake-refresh-canary", frozenset({"read", "post"}) - self.without, now, now + LIFE)
        return replace(grant, refresh=f"{grant.refresh}-{token[-1]}")

    def _check(self, access: Access) -> None:
        if self.tokens.get(access.token) != access.account_id:
            raise Denied(REASONS["reconnect"], "dead")

    def _published(self, name: str) -> Published:
        remote_id = self.posts[name][0]
        return Published(remote_id, f"https://fake.example/{remote_id}")
