"""How a creator lets us in: Business Login for Instagram, and Facebook Login where the paid-partnership label is wanted.

The first token address answers in a shape of its own, so requests-oauthlib is given hooks; the steps that make and renew
the long token never fitted OAuth 2 and are plain calls. PKCE does not exist here, so `state` alone ties the answer to us.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import requests
from oauthlib.oauth2 import OAuth2Error
from requests_oauthlib import OAuth2Session

from .. import wire
from ..reasons import REASONS
from ..values import Account, Came, Denied, Grant, NotNow
from ..wire import ask, seconds_of, text_of
from .errors import checked
from .graph import FACEBOOK_SCOPES, Graph

SHORT_LIFE = timedelta(hours=1)
ME = "user_id,username,name,account_type,profile_picture_url"
PAGE_ACCOUNT = "id,username,name,profile_picture_url"
REFRESH_AFTER = timedelta(days=30)  # of sixty; never within the first day


def authorize_url(graph: Graph, *, state: str, redirect_uri: str) -> str:
    """Scopes go as one text with commas; Instagram Login is told not to offer Facebook's."""
    query = {
        "client_id": graph.client_id, "redirect_uri": redirect_uri, "response_type": "code", "scope": ",".join(graph.scopes),
        "state": state,
    }  # fmt: skip
    if graph.via == "instagram":
        query["enable_fb_login"] = "0"
    return f"{graph.login_url}?{urlencode(query)}"


def connect(graph: Graph, callback: Mapping[str, str], *, redirect_uri: str, now: datetime) -> Sequence[Came]:
    """The code for a short token, that for a long one, and whose it is."""
    if callback.get("error"):
        raise Denied(REASONS["declined"], text_of(callback["error"], 60))
    code = callback.get("code", "").partition("#")[0]  # "#_" and "#_=_" hang on it where a browser has encoded them
    if not code:
        raise Denied(REASONS["declined"], "no_code")
    if graph.via == "facebook":
        return _connect_pages(graph, code, redirect_uri=redirect_uri, now=now)
    first = _exchanged(graph, code, redirect_uri)
    grant = _long(graph, str(first["access_token"]), _scopes(first.get("permissions")), now=now)
    return [(account_of(graph, grant.access), grant)]


def refresh(graph: Graph, grant: Grant, *, now: datetime) -> Grant:
    """The same permissions for sixty days more."""
    if graph.via == "facebook":
        return grant  # a Page's token has no end
    query = {"grant_type": "ig_refresh_token", "access_token": grant.access}
    told = checked(ask("GET", f"{graph.root}/refresh_access_token", query=query))
    return _renewed(told, grant.scopes, now=now)


def refresh_at(grant: Grant) -> datetime | None:
    """Half way: a month is left for whoever is away."""
    return None if grant.expires_at is None else grant.issued_at + min(REFRESH_AFTER, (grant.expires_at - grant.issued_at) / 2)


def revoke(graph: Graph, grant: Grant) -> None:
    """DELETE /me/permissions. Under Facebook Login `me` has to be the person: a Page has no permissions to withdraw."""
    token = grant.refresh if graph.via == "facebook" else grant.access
    if not token:
        raise Denied(REASONS["reconnect"], "no_owner")
    if graph.delete("me/permissions", token).get("success") is False:
        raise NotNow("not_understood", sent=True)


def account_of(graph: Graph, token: str) -> Account:
    """GET /me: flat, or wrapped in `data` as the documents show it."""
    told = graph.get("me", token, fields=ME)
    inside = told.get("data")
    if isinstance(inside, list) and inside and isinstance(inside[0], dict):
        told = inside[0]
    number, username = text_of(told.get("user_id"), 60), text_of(told.get("username"), 80)
    if not number or not username:
        raise NotNow("not_understood", sent=True)
    return Account(
        number, username, text_of(told.get("name"), 120), text_of(told.get("account_type"), 30), text_of(told.get("id"), 60),
        text_of(told.get("profile_picture_url"), 1000),
    )  # fmt: skip


def page_account_of(graph: Graph, token: str, number: str, *, person: str = "") -> Account:
    """Facebook Login: `me` is a Page there, so the account is asked by its number. person: who granted, as our app knows them."""
    told = graph.get(number, token, fields=PAGE_ACCOUNT)
    username = text_of(told.get("username"), 80)
    if not username:
        raise NotNow("not_understood", sent=True)
    picture = text_of(told.get("profile_picture_url"), 1000)
    return Account(number, username, text_of(told.get("name"), 120), scoped_id=person, picture_url=picture)


def _exchanged(graph: Graph, code: str, redirect_uri: str) -> dict[str, Any]:
    """Code to short token: {access_token, user_id, permissions}. A code is good once, so no answer means to connect again."""
    address = f"{graph.settings.instagram.token_url}/oauth/access_token"
    if graph.settings.instagram.exchange == "multipart":
        parts = {
            "client_id": graph.client_id, "client_secret": graph.secret, "grant_type": "authorization_code",
            "redirect_uri": redirect_uri, "code": code,
        }  # fmt: skip
        answer = ask("POST", address, parts=parts)
        return _unwrapped(answer.document, answer.status)
    told: list[dict[str, Any]] = []

    def in_our_shape(response: requests.Response) -> requests.Response:
        told.append(_unwrapped(wire.read(response.content), response.status_code))
        token = {"access_token": told[0]["access_token"], "token_type": "bearer", "expires_in": int(SHORT_LIFE.total_seconds())}
        response._content = json.dumps(token).encode()
        return response

    with OAuth2Session(graph.client_id, redirect_uri=redirect_uri) as session, wire.within_budgets(session, wire.SECONDS):
        session.register_compliance_hook("access_token_response", in_our_shape)
        try:
            session.fetch_token(address, code=code, include_client_id=True, client_secret=graph.secret)
        except OAuth2Error as error:
            raise Denied(REASONS["setup"], text_of(error.error, 60)) from None
    return told[0]


def _unwrapped(document: Any, status: int) -> dict[str, Any]:
    """Flat or in `data`; the refusal of this address is no Graph envelope."""
    if isinstance(document, dict) and isinstance(document.get("data"), list) and document["data"]:
        document = document["data"][0]
    if isinstance(document, dict) and ("error_type" in document or "error_message" in document):
        message = text_of(document.get("error_message"), 200)
        name = "setup" if "platform app" in message or "secret" in message else "declined"
        raise Denied(REASONS[name], text_of(document.get("error_type"), 60) or "refused")
    if not isinstance(document, dict) or status != 200 or not text_of(document.get("access_token"), 2000):
        raise NotNow("failed_inside" if status >= 500 else "not_understood", sent=True)
    if not isinstance(document["access_token"], str):
        raise NotNow("not_understood", sent=True)
    return document


def _scopes(permissions: Any) -> frozenset[str]:
    """A list, or a text with commas; nothing told is nothing granted."""
    given = permissions.split(",") if isinstance(permissions, str) else permissions
    return frozenset(text_of(each, 80) for each in given) if isinstance(given, list) else frozenset()


def _long(graph: Graph, short: str, scopes: frozenset[str], *, now: datetime) -> Grant:
    query = {"grant_type": "ig_exchange_token", "client_secret": graph.secret, "access_token": short}
    return _renewed(checked(ask("GET", f"{graph.root}/access_token", query=query)), scopes, now=now)


def _renewed(told: dict[str, Any], scopes: frozenset[str], *, now: datetime) -> Grant:
    token, seconds = told.get("access_token"), seconds_of(told.get("expires_in"))
    if not isinstance(token, str) or not token or seconds is None:
        raise NotNow("not_understood", sent=True)
    return Grant(token, "", scopes, now, now + timedelta(seconds=seconds))


def _connect_pages(graph: Graph, code: str, *, redirect_uri: str, now: datetime) -> Sequence[Came]:
    """Facebook Login: every Page that has a professional account, with the Page's own token. One that fails leaves the others."""
    address = f"{graph.root}/{graph.settings.instagram.version}/oauth/access_token"
    who = {"client_id": graph.client_id, "client_secret": graph.secret}
    short = checked(ask("GET", address, query={**who, "redirect_uri": redirect_uri, "code": code}))
    turn_in = {**who, "grant_type": "fb_exchange_token", "fb_exchange_token": text_of(short.get("access_token"), 2000)}
    long = checked(ask("GET", address, query=turn_in))
    token = text_of(long.get("access_token"), 2000)
    person = text_of(graph.get("me", token, fields="id").get("id"), 60)
    told = graph.get("me/permissions", token).get("data")
    answers = [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []  # what was unticked is told too
    names = {text_of(each.get("permission"), 80) for each in answers if each.get("status", "granted") == "granted"}
    scopes = frozenset(FACEBOOK_SCOPES.get(name, name) for name in names)
    pages = graph.get("me/accounts", token, fields="id,name,access_token,instagram_business_account").get("data")
    found: list[Came] = []
    for page in pages if isinstance(pages, list) else []:
        linked = page.get("instagram_business_account") if isinstance(page, dict) else None
        of_page = page.get("access_token") if isinstance(page, dict) else None
        number = text_of(linked.get("id"), 60) if isinstance(linked, dict) else ""
        if number and isinstance(of_page, str) and of_page:
            try:
                account = page_account_of(graph, of_page, number, person=person)
            except (Denied, NotNow) as error:
                found.append((Account(number, text_of(page.get("name"), 80) or number), error))
                continue
            found.append((account, Grant(of_page, token, scopes, now, None)))
    if not found:
        raise Denied(REASONS["no_account"], "no_page")
    return found
