"""Instagram: Instagram Login, or Facebook Login as a variant that can set the paid-partnership label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ....config_social import SocialSettings
from ..values import Access, Came, Grant, Handle, Heard, Kind, Metrics, NotNow, Options, Outcome, PostRequest, Quota, Signed
from . import hooks, oauth, publishing
from .graph import BASIC, PUBLISH, Graph

__all__ = ["Instagram"]


@dataclass(frozen=True, slots=True)
class Instagram:
    """The Graph API of Instagram, as `Publisher`."""

    settings: SocialSettings
    via: Literal["instagram", "facebook"] = "instagram"
    channel: str = "Instagram"
    pace: int = 0

    @property
    def _graph(self) -> Graph:
        return Graph(self.settings, self.via)

    def authorize_url(self, *, state: str, redirect_uri: str, verifier: str) -> str:
        return oauth.authorize_url(self._graph, state=state, redirect_uri=redirect_uri)

    def connect(self, callback: Mapping[str, str], *, redirect_uri: str, verifier: str, now: datetime) -> Sequence[Came]:
        return oauth.connect(self._graph, callback, redirect_uri=redirect_uri, now=now)

    def refresh(self, grant: Grant, *, now: datetime) -> Grant:
        return oauth.refresh(self._graph, grant, now=now)

    def refresh_at(self, grant: Grant) -> datetime | None:
        return oauth.refresh_at(grant)

    def revoke(self, grant: Grant) -> None:
        oauth.revoke(self._graph, grant)

    def missing(self, grant: Grant) -> frozenset[str]:
        return frozenset({BASIC, PUBLISH}) - grant.scopes

    def options(self, access: Access) -> Options:
        """An account here has nothing to choose; asking shows whether it still lets us in."""
        if self.via == "facebook":
            return Options(oauth.page_account_of(self._graph, access.token, access.account_id).username)
        return Options(oauth.account_of(self._graph, access.token).username)

    def quota(self, access: Access) -> Quota | None:
        told = self._graph.get(f"{access.account_id}/content_publishing_limit", access.token, fields="quota_usage,config").get(
            "data"
        )
        try:
            used, config = told[0]["quota_usage"], told[0]["config"]  # type: ignore[index]  # what it is, the line below asks
            found = Quota(used, config["quota_total"], config.get("quota_duration", 86_400))
        except (KeyError, IndexError, TypeError, AttributeError):
            raise NotNow("not_understood", sent=True) from None
        if not all(isinstance(each, int) for each in (found.used, found.total, found.seconds)):
            raise NotNow("not_understood", sent=True)
        return found

    def prepare(self, access: Access, request: PostRequest, handle: Handle) -> Outcome:
        return publishing.prepare(self._graph, access, request, handle)

    def publish(self, access: Access, request: PostRequest, handle: Handle) -> Outcome:
        return publishing.publish(self._graph, access, request, handle)

    def look(self, access: Access, request: PostRequest, handle: Handle) -> Outcome:
        return publishing.look(self._graph, access, request, handle)

    def metrics(self, access: Access, remote_id: str, kind: Kind) -> Metrics:
        return publishing.metrics(self._graph, access, remote_id, kind)

    def proves(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> bool:
        return hooks.proves(self._graph.secret, headers, body)

    def hear(self, body: bytes) -> list[Heard]:
        return hooks.hear(body)

    def challenge(self, query: Mapping[str, str]) -> str | None:
        """Meta's handshake; None where it is not Meta's."""
        return hooks.challenge(query, self.settings.instagram.verify_token)

    def signed_request(self, text: str) -> Signed:
        """Whom a signed_request is about, as our app alone knows them. Unusable."""
        return hooks.signed_request(text, self._graph.secret)
