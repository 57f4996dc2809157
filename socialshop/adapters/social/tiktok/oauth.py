"""How a creator lets us in: Login Kit for Web, with what it does differently from OAuth 2 put right by hooks.

client_key instead of client_id, scopes with commas, no Basic header, the challenge in hex, errors also under HTTP 200, and
a refresh token that is good once. https://developers.tiktok.com/doc/oauth-user-access-token-management
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlencode

import requests
from oauthlib.oauth2 import OAuth2Error
from requests_oauthlib import OAuth2Session

from ....config_social import TikTokApp
from .. import wire
from ..reasons import REASONS
from ..values import Access, Account, Denied, Grant, NotNow
from ..wire import ask, seconds_of, text_of
from .errors import BY_GRANT_ERROR, GRANT_BUSY, checked

BASIC, PROFILE, LIST = "user.info.basic", "user.info.profile", "video.list"
PUBLISH, DRAFT = "video.publish", "video.upload"
SCOPES = (BASIC, PROFILE, LIST, PUBLISH, DRAFT)
REFRESH_BEFORE = timedelta(hours=2)


def authorize_url(app: TikTokApp, *, state: str, redirect_uri: str, verifier: str) -> str:
    """Built by hand: the library would add client_id, which TikTok does not document."""
    query = {
        "client_key": app.client_key,
        "scope": ",".join(SCOPES),
        "redirect_uri": redirect_uri,
        "state": state,
        "response_type": "code",
    }
    if app.pkce != "off":
        query |= {"code_challenge": challenge(verifier, app.pkce), "code_challenge_method": "S256"}
    return f"{app.login_url}/v2/auth/authorize/?{urlencode(query)}"


def challenge(verifier: str, how: str) -> str:
    """SHA-256 of the verifier, in hex as TikTok writes it, or in base64url as RFC 7636 does."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return digest.hex() if how == "hex" else base64.urlsafe_b64encode(digest).decode().rstrip("=")


def connect(
    app: TikTokApp, callback: Mapping[str, str], *, redirect_uri: str, verifier: str, now: datetime
) -> list[tuple[Account, Grant]]:
    """The code for a pair of tokens, and whose they are. A code is good once, so no answer means to connect again."""
    if callback.get("error"):
        word = text_of(callback["error"], 60)
        if word in GRANT_BUSY:
            raise NotNow(word, sent=False)
        raise Denied(REASONS[BY_GRANT_ERROR.get(word, "declined")], word)
    code = callback.get("code", "")
    if not code:
        raise Denied(REASONS["declined"], "no_code")
    more = {} if app.pkce == "off" else {"code_verifier": verifier}

    def exchange(session: OAuth2Session) -> Any:
        return session.fetch_token(
            f"{app.api_url}/v2/oauth/token/", code=_decoded(code), include_client_id=False, auth=_nobody, **more
        )  # fmt: skip

    told = _asked(app, exchange, redirect_uri=redirect_uri)
    grant = _grant(told, now=now)
    access = Access(text_of(told.get("open_id"), 80), "", grant.access)
    return [(account_of(app, access, grant.scopes), grant)]


def refresh(app: TikTokApp, grant: Grant, *, now: datetime) -> Grant:
    """A new pair; from the moment of this call the old refresh token may be dead."""

    def renew(session: OAuth2Session) -> Any:
        return session.refresh_token(f"{app.api_url}/v2/oauth/token/", refresh_token=grant.refresh, auth=_nobody)

    told = _asked(app, renew)
    kept = {"scope": ",".join(sorted(grant.scopes)), "refresh_token": grant.refresh}
    return _grant({**kept, **told}, now=now)


def refresh_at(grant: Grant) -> datetime | None:
    """Two hours before the access token ends, or half way where it lives shorter."""
    if grant.expires_at is None:
        return None
    return max(grant.expires_at - REFRESH_BEFORE, grant.issued_at + (grant.expires_at - grant.issued_at) / 2)


def revoke(app: TikTokApp, grant: Grant) -> None:
    """Success is an empty body. A token that has run out withdraws nothing: a new one does, while there is one."""
    form = {"client_key": app.client_key, "client_secret": app.client_secret, "token": grant.access}
    answer = ask("POST", f"{app.api_url}/v2/oauth/revoke/", form=form)
    word = text_of(answer.document.get("error"), 60) if isinstance(answer.document, dict) else ""
    if word in BY_GRANT_ERROR:
        raise Denied(REASONS[BY_GRANT_ERROR[word]], word)
    if word or not 200 <= answer.status < 300:
        raise NotNow("failed_inside", sent=True, again_in=answer.retry_after)


def account_of(app: TikTokApp, access: Access, scopes: frozenset[str]) -> Account:
    """GET user/info: the handle only where the person let us read their profile."""
    fields = "open_id,display_name,avatar_url" + (",username" if PROFILE in scopes else "")
    user = checked(ask("GET", f"{app.api_url}/v2/user/info/", bearer=access.token, query={"fields": fields})).get("user")
    number = text_of(user.get("open_id"), 80) if isinstance(user, dict) else ""
    if not isinstance(user, dict) or not number or (access.account_id and number != access.account_id):
        raise NotNow("not_understood", sent=True)
    name = text_of(user.get("display_name"), 120)
    return Account(number, text_of(user.get("username"), 80) or name, name, picture_url=text_of(user.get("avatar_url"), 1000))


def _asked(app: TikTokApp, work: Callable[[OAuth2Session], Any], *, redirect_uri: str | None = None) -> dict[str, Any]:
    """What the token address says to the library, spoken as this address wants it."""

    def with_our_names(url: str, headers: dict[str, str], more: dict[str, Any]) -> tuple[str, dict[str, str], dict[str, Any]]:
        more["data"] |= {"client_key": app.client_key, "client_secret": app.client_secret}
        return url, headers, more

    def with_our_names_too(url: str, headers: dict[str, str], body: str) -> tuple[str, dict[str, str], str]:
        ours = urlencode({"client_key": app.client_key, "client_secret": app.client_secret})
        return url, headers, "&".join(part for part in body.split("&") if not part.startswith("allow_redirects=")) + f"&{ours}"

    told: list[dict[str, Any]] = []

    def in_a_known_shape(response: requests.Response) -> requests.Response:
        document = wire.read(response.content)
        if not isinstance(document, dict) or response.status_code >= 500 or response.status_code == 429:
            raise NotNow("not_understood" if response.status_code < 429 else "failed_inside", sent=True)
        error = document.get("error")
        if isinstance(error, str) and error in GRANT_BUSY:
            raise NotNow(error, sent=True)
        if error is None and not isinstance(document.get("access_token"), str):
            raise NotNow("not_understood", sent=True)
        if error is not None and not isinstance(error, str):
            raise NotNow("not_understood", sent=True)
        told.append(document)
        plain = {"access_token": document.get("access_token"), "token_type": "Bearer"} if error is None else {"error": error}
        response._content = json.dumps(plain).encode()
        return response

    with OAuth2Session(app.client_key, redirect_uri=redirect_uri) as session, wire.within_budgets(session, wire.SECONDS):
        session.register_compliance_hook("access_token_request", with_our_names)
        session.register_compliance_hook("refresh_token_request", with_our_names_too)
        session.register_compliance_hook("access_token_response", in_a_known_shape)
        session.register_compliance_hook("refresh_token_response", in_a_known_shape)
        try:
            work(session)
        except OAuth2Error as error:
            word = text_of(told[-1].get("error") if told else error.error, 60)
            raise Denied(REASONS[BY_GRANT_ERROR.get(word, "reconnect")], word) from None
    return told[-1]


def _grant(told: Mapping[str, Any], *, now: datetime) -> Grant:
    """Lifetimes are what the reply says: the documents disagree on them."""
    access, renewal = told.get("access_token"), told.get("refresh_token")
    life, long = seconds_of(told.get("expires_in")), seconds_of(told.get("refresh_expires_in"))
    if not isinstance(access, str) or not access or not isinstance(renewal, str) or not renewal or life is None:
        raise NotNow("not_understood", sent=True)
    scopes = frozenset(text_of(told.get("scope"), 2000).replace(" ", ",").split(",")) - {""}
    return Grant(
        access, renewal, scopes, now, now + timedelta(seconds=life), None if long is None else now + timedelta(seconds=long)
    )  # fmt: skip


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """No Basic header: the secret goes into the body."""
    return request


def _decoded(code: str) -> str:
    """Once: the framework has decoded the query, but some browsers hand it on encoded twice."""
    return unquote(code) if "%" in code else code
