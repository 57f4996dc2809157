"""Calls to the Graph: by which app, to which address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ....config_social import SocialSettings
from ..wire import ask
from .errors import checked

BASIC, PUBLISH = "instagram_business_basic", "instagram_business_content_publish"
INSIGHTS = "instagram_business_manage_insights"
# the names of permissions under Facebook Login, and which of ours they are
FACEBOOK_SCOPES = {
    "instagram_basic": BASIC, "instagram_content_publish": PUBLISH, "instagram_manage_insights": INSIGHTS,
    "pages_show_list": "pages_show_list", "pages_read_engagement": "pages_read_engagement",
    "business_management": "business_management", "instagram_branded_content_creator": "instagram_branded_content_creator",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Graph:
    """One of the two logins. via: which."""

    settings: SocialSettings
    via: Literal["instagram", "facebook"]

    @property
    def client_id(self) -> str:
        return self.settings.facebook.client_id if self.via == "facebook" else self.settings.instagram.client_id

    @property
    def secret(self) -> str:
        return self.settings.facebook.client_secret if self.via == "facebook" else self.settings.instagram.client_secret

    @property
    def login_url(self) -> str:
        if self.via == "facebook":
            return f"{self.settings.facebook.login_url}/{self.settings.instagram.version}/dialog/oauth"
        return f"{self.settings.instagram.login_url}/oauth/authorize"

    @property
    def root(self) -> str:
        return self.settings.facebook.graph_url if self.via == "facebook" else self.settings.instagram.graph_url

    @property
    def scopes(self) -> list[str]:
        """What we ask for, as this login calls it."""
        return list(FACEBOOK_SCOPES) if self.via == "facebook" else [BASIC, PUBLISH, INSIGHTS]

    def get(self, path: str, token: str, **query: str) -> dict[str, Any]:
        """Denied, NotNow."""
        return checked(ask("GET", self._at(path), bearer=token, query=query))

    def post(self, path: str, token: str, fields: Mapping[str, str]) -> dict[str, Any]:
        """Denied, NotNow."""
        return checked(ask("POST", self._at(path), bearer=token, form=fields))

    def delete(self, path: str, token: str) -> dict[str, Any]:
        """Denied, NotNow."""
        return checked(ask("DELETE", self._at(path), bearer=token))

    def _at(self, path: str) -> str:
        return f"{self.root}/{self.settings.instagram.version}/{path}"
