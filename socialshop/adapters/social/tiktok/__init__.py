"""TikTok: Login Kit, Content Posting API, Display API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ....config_social import TikTokApp
from ..values import Access, Account, Grant, Handle, Heard, Kind, Metrics, Options, Outcome, PostRequest, Quota
from . import hooks, oauth, publishing

__all__ = ["TikTok"]


@dataclass(frozen=True, slots=True)
class TikTok:
    """TikTok, as `Publisher`."""

    app: TikTokApp
    channel: str = "TikTok"
    pace: int = 12  # six a minute, and calls are late at times: https://developers.tiktok.com/doc/content-posting-api-reference-direct-post

    def authorize_url(self, *, state: str, redirect_uri: str, verifier: str) -> str:
        return oauth.authorize_url(self.app, state=state, redirect_uri=redirect_uri, verifier=verifier)

    def connect(
        self, callback: Mapping[str, str], *, redirect_uri: str, verifier: str, now: datetime
    ) -> list[tuple[Account, Grant]]:
        return oauth.connect(self.app, callback, redirect_uri=redirect_uri, verifier=verifier, now=now)

    def refresh(self, grant: Grant, *, now: datetime) -> Grant:
        return oauth.refresh(self.app, grant, now=now)

    def refresh_at(self, grant: Grant) -> datetime | None:
        return oauth.refresh_at(grant)

    def revoke(self, grant: Grant) -> None:
        oauth.revoke(self.app, grant)

    def missing(self, grant: Grant) -> frozenset[str]:
        """A draft needs one permission, a post another: without either there is nothing to connect for."""
        wanted = frozenset({oauth.PUBLISH, oauth.DRAFT})
        return frozenset() if wanted & grant.scopes else wanted

    def options(self, access: Access) -> Options:
        return publishing.options(self.app, access)

    def quota(self, access: Access) -> Quota | None:
        """TikTok tells no number: a creator who may post no more today is refused by `options`."""
        return None

    def prepare(self, access: Access, request: PostRequest, handle: Handle) -> Outcome:
        return publishing.prepare(self.app, access, request, handle)

    def publish(self, access: Access, request: PostRequest, handle: Handle) -> Outcome:
        return publishing.publish(self.app, access, request, handle)

    def look(self, access: Access, request: PostRequest, handle: Handle) -> Outcome:
        return publishing.look(self.app, access, request, handle)

    def metrics(self, access: Access, remote_id: str, kind: Kind) -> Metrics:
        return publishing.metrics(self.app, access, remote_id)

    def proves(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> bool:
        return hooks.proves(self.app.client_secret, headers, body, now=now)

    def hear(self, body: bytes) -> list[Heard]:
        return hooks.hear(body)
