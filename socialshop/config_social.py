"""Settings of the channels that posts go to: this install's apps there, where they are, and what the documents disagree on."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from environs import Env


@dataclass(frozen=True)
class InstagramApp:
    """Instagram Login: the Instagram app's own id and secret, not the Meta app's."""

    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    verify_token: str = field(default="", repr=False)  # what Meta's handshake must know
    login_url: str = "https://www.instagram.com"
    token_url: str = "https://api.instagram.com"  # noqa: S105 (an address)
    graph_url: str = "https://graph.instagram.com"
    version: str = "v25.0"
    exchange: Literal["form", "multipart"] = "form"  # how the code is exchanged: the documents disagree
    hashtags: int = 5  # per caption; announced in December 2025, 30 before


@dataclass(frozen=True)
class FacebookApp:
    """Facebook Login, which alone can set the paid-partnership label: the Meta app's id and secret."""

    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    login_url: str = "https://www.facebook.com"
    graph_url: str = "https://graph.facebook.com"


@dataclass(frozen=True)
class TikTokApp:
    """Login Kit and the Content Posting API."""

    client_key: str = ""
    client_secret: str = field(default="", repr=False)
    login_url: str = "https://www.tiktok.com"
    api_url: str = "https://open.tiktokapis.com"
    pkce: Literal["hex", "off", "base64url"] = "hex"
    audited: bool = False
    proofs: tuple[str, ...] = ()  # signatures of the files by which TikTok proves whose addresses these are


@dataclass(frozen=True)
class SocialSettings:
    """All channels."""

    instagram: InstagramApp = field(default_factory=InstagramApp)
    facebook: FacebookApp = field(default_factory=FacebookApp)
    tiktok: TikTokApp = field(default_factory=TikTokApp)

    @property
    def addresses(self) -> dict[str, str]:
        """Setting → address."""
        i, f, t = self.instagram, self.facebook, self.tiktok
        return {
            "INSTAGRAM_LOGIN_URL": i.login_url, "INSTAGRAM_TOKEN_URL": i.token_url, "INSTAGRAM_GRAPH_URL": i.graph_url,
            "FACEBOOK_LOGIN_URL": f.login_url, "FACEBOOK_GRAPH_URL": f.graph_url, "TIKTOK_LOGIN_URL": t.login_url,
            "TIKTOK_API_URL": t.api_url,
        }  # fmt: skip


def read_social(env: Env) -> SocialSettings:
    """From the environment; an empty value is the default."""

    def url(name: str, default: str) -> str:
        return str(env.str(name, "") or default).rstrip("/")

    return SocialSettings(
        InstagramApp(
            client_id=env.str("INSTAGRAM_APP_ID", ""),
            client_secret=env.str("INSTAGRAM_APP_SECRET", ""),
            verify_token=env.str("INSTAGRAM_VERIFY_TOKEN", ""),
            login_url=url("INSTAGRAM_LOGIN_URL", InstagramApp.login_url),
            token_url=url("INSTAGRAM_TOKEN_URL", InstagramApp.token_url),
            graph_url=url("INSTAGRAM_GRAPH_URL", InstagramApp.graph_url),
            version=env.str("GRAPH_VERSION", "") or InstagramApp.version,
            exchange=env.str("INSTAGRAM_EXCHANGE", "") or "form",  # type: ignore[arg-type]  # checked below
            hashtags=env.int("INSTAGRAM_HASHTAGS", InstagramApp.hashtags),
        ),
        FacebookApp(
            client_id=env.str("FACEBOOK_APP_ID", ""),
            client_secret=env.str("FACEBOOK_APP_SECRET", ""),
            login_url=url("FACEBOOK_LOGIN_URL", FacebookApp.login_url),
            graph_url=url("FACEBOOK_GRAPH_URL", FacebookApp.graph_url),
        ),
        TikTokApp(
            client_key=env.str("TIKTOK_CLIENT_KEY", ""),
            client_secret=env.str("TIKTOK_CLIENT_SECRET", ""),
            login_url=url("TIKTOK_LOGIN_URL", TikTokApp.login_url),
            api_url=url("TIKTOK_API_URL", TikTokApp.api_url),
            pkce=env.str("TIKTOK_PKCE", "") or "hex",  # type: ignore[arg-type]  # checked below
            audited=env.bool("TIKTOK_AUDITED", False),
            proofs=tuple(env.list("TIKTOK_PROOFS", [])),
        ),
    )


def complaint(settings: SocialSettings, *, production: bool) -> str:
    """What cannot be used, as a sentence; "" where all can. Tokens never travel in clear, but to a double on this machine."""
    for name, address in settings.addresses.items():
        parts = urlsplit(address)
        here = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1") and not production
        if parts.scheme != "https" and not here:
            return f"{name} must begin with https://; outside production it may also be http:// on this machine."
    if settings.instagram.exchange not in ("form", "multipart"):
        return f"INSTAGRAM_EXCHANGE must be form or multipart, not {settings.instagram.exchange!r}."
    if settings.tiktok.pkce not in ("hex", "off", "base64url"):
        return f"TIKTOK_PKCE must be hex, off or base64url, not {settings.tiktok.pkce!r}."
    if not all(re.fullmatch(r"[A-Za-z0-9_-]{8,80}", proof) for proof in settings.tiktok.proofs):
        return "TIKTOK_PROOFS must be the signatures alone: tiktok<signature>.txt without the first and the last word."
    if not 0 <= settings.instagram.hashtags <= 30:
        return "INSTAGRAM_HASHTAGS must be 0 to 30."
    return ""
