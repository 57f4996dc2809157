"""Who may: the authorize page, codes, tokens that rotate, withdrawal: sections B1, B2."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from ..upstream import Answer, Asked, Turned
from .world import CLIENT_KEY, CLIENT_SECRET, SCOPES, Code, Creator, Grant

if TYPE_CHECKING:
    from .double import TikTokDouble

CODE_LIFE = timedelta(minutes=10)


def authorize(double: TikTokDouble, asked: Asked) -> Answer:
    """GET /v2/auth/authorize/."""
    fields, switches = asked.fields, double.switches
    back = str(fields.get("redirect_uri", ""))
    if fields.get("client_key") != CLIENT_KEY or (switches.strict and "client_id" in fields):
        return _page("client_key", 400)
    parts = urlsplit(back)
    if back not in double.redirect_uris or parts.query or parts.fragment or len(back) > 512:
        return _page("redirect_uri", 400)
    scopes = {name for name in str(fields.get("scope", "")).split(",") if name}
    if fields.get("response_type") != "code" or not fields.get("state"):
        return _page("response_type", 400)
    if not scopes or not scopes <= SCOPES:
        return _back(back, {"error": "invalid_scope", "error_description": "scope", "state": fields["state"]})
    challenge = str(fields.get("code_challenge", ""))
    if switches.pkce != "off" and (not challenge or fields.get("code_challenge_method") != "S256"):
        return _back(back, {"error": "invalid_request", "error_description": "code_challenge", "state": fields["state"]})
    pressed = str(asked.given.get("pressed", "")) if asked.method == "POST" else ""
    consent = {"allow": "allow", "refuse": "refuse"}.get(pressed, switches.consent)
    if consent == "page":
        return _consent_page(double, asked, scopes)
    if consent == "refuse":
        return _back(back, {"error": "access_denied", "error_description": "User refused", "state": fields["state"]})
    creator = double.creators.get(str(fields.get("account", "")), double.signed_in)
    if pressed:
        double.signed_in = creator
    granted = scopes - switches.untick - {scope for scope in scopes if f"no:{scope}" in fields}
    text = f"c{secrets.token_hex(12)}*1!"  # needs decoding once
    double.codes[text] = Code(creator, granted, back, challenge, double.clock.now())
    return _back(back, {"code": text, "scopes": ",".join(sorted(granted)), "state": fields["state"]})


def token(double: TikTokDouble, asked: Asked) -> Answer:
    """POST /v2/oauth/token/."""
    given = asked.given
    if asked.encoding != "form":
        raise _wrong(double, "invalid_request", "The request must be form encoded")
    known = {"client_key", "client_secret", "grant_type", "code", "redirect_uri", "code_verifier", "refresh_token"}
    if double.switches.strict and set(given) - known:
        raise _wrong(double, "invalid_request", f"unknown: {sorted(set(given) - known)}")
    needed = {"authorization_code": ("code", "redirect_uri"), "refresh_token": ("refresh_token",)}
    kind = str(given.get("grant_type", ""))
    if kind not in needed:
        raise _wrong(double, "unsupported_grant_type")
    for name in ("client_key", "client_secret", *needed[kind]):
        if not given.get(name):
            raise _wrong(double, "invalid_request", f"{name} is missing")
    _check_client(double, given)
    return _by_code(double, given) if kind == "authorization_code" else _by_refresh(double, given)


def revoke(double: TikTokDouble, asked: Asked) -> Answer:
    """POST /v2/oauth/revoke/: an empty body when it worked. A token that ran out is unknown like any other."""
    _check_client(double, asked.given)
    grant = next((g for g in double.grants if g.access == asked.given.get("token") and g.alive), None)
    if grant is None or double.clock.now() >= grant.access_until:
        raise _wrong(double, "invalid_grant", "unknown token")
    grant.alive = False
    return Answer(raw=b"")


def issue(double: TikTokDouble, creator: Creator, scopes: set[str], *, refresh: str = "") -> Grant:
    """A new pair."""
    life, long = double.switches.lifetimes
    now = double.clock.now()
    made = Grant(
        f"act.canary{secrets.token_hex(16)}", refresh or f"rft.canary{secrets.token_hex(16)}", creator, scopes,
        now + timedelta(seconds=life), now + timedelta(seconds=long),
    )  # fmt: skip
    double.grants.append(made)
    return made


def _by_code(double: TikTokDouble, given: Mapping[str, Any]) -> Answer:
    with double.lock:
        code = double.codes.get(str(given["code"]))
        if code is None or code.used or code.redirect_uri != given["redirect_uri"]:
            raise _wrong(double, "invalid_grant", "Authorization code is invalid.")
        if double.clock.now() - code.issued_at > CODE_LIFE:
            raise _wrong(double, "invalid_grant", "Authorization code is expired.")
        if double.switches.pkce != "off" and not hmac.compare_digest(
            code.challenge, challenge_of(str(given.get("code_verifier", "")), double.switches.pkce)
        ):
            raise _wrong(double, "invalid_grant", "Code verifier or code challenge is invalid.")
        code.used = True
        return _told(double, issue(double, code.creator, code.scopes))


def _by_refresh(double: TikTokDouble, given: Mapping[str, Any]) -> Answer:
    with double.lock:
        grant = next((g for g in reversed(double.grants) if g.refresh == given["refresh_token"] and g.alive), None)
        if grant is None or double.clock.now() >= grant.refresh_until:
            raise _wrong(double, "invalid_grant", "Refresh token is invalid or expired.")
        if double.switches.rotates:
            grant.alive = False
        grant.access_until = min(grant.access_until, double.clock.now())
        made = issue(double, grant.creator, grant.scopes, refresh="" if double.switches.rotates else grant.refresh)
        double.refreshed += 1
        return _told(double, made)


def challenge_of(verifier: str, how: str) -> str:
    """The S256 challenge: hex, as TikTok writes it, or as the standard does."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return digest.hex() if how == "hex" else base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _told(double: TikTokDouble, grant: Grant) -> Answer:
    life, long = double.switches.lifetimes
    return Answer(document={
        "access_token": grant.access, "expires_in": life, "open_id": grant.creator.open_id, "refresh_expires_in": long,
        "refresh_token": grant.refresh, "scope": ",".join(sorted(grant.scopes)), "token_type": "Bearer",
    })  # fmt: skip


def _check_client(double: TikTokDouble, given: Mapping[str, Any]) -> None:
    secret = str(given.get("client_secret", ""))
    if given.get("client_key") != CLIENT_KEY or not hmac.compare_digest(secret, CLIENT_SECRET):
        raise _wrong(double, "invalid_client", "Client key or secret is incorrect.")


def _wrong(double: TikTokDouble, error: str, why: str = "") -> Turned:
    return Turned(
        Answer(double.switches.oauth_status, {"error": error, "error_description": why or error, "log_id": "20260601LOG"})
    )


def _back(address: str, query: dict[str, Any]) -> Answer:
    return Answer(302, raw=b"", headers={"Location": f"{address}?{urlencode(query)}"})


def _page(what: str, status: int) -> Answer:
    return Answer(status, raw=f"<h1>Something went wrong</h1><p>{escape(what)}</p>".encode(), kind="text/html")


def _consent_page(double: TikTokDouble, asked: Asked, scopes: set[str]) -> Answer:
    hidden = "".join(
        f'<input type="hidden" name="{escape(n)}" value="{escape(str(v))}">' for n, v in asked.query.items() if n != "account"
    )
    who = "".join(f'<option value="{escape(c.open_id)}">{escape(c.username)}</option>' for c in double.creators.values())
    ticks = "".join(
        f'<label><input type="checkbox" name="no:{escape(s)}"> without {escape(s)}</label><br>' for s in sorted(scopes)
    )
    return Answer(
        raw=f'<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>TikTok (double)</title>'
        f"<h1>TikTok, on this machine</h1><p>An app wants to post for you.</p>"
        f'<form method="post" action="{escape(asked.path)}">{hidden}<label>Account <select name="account">{who}</select></label><br>{ticks}'
        f'<button name="pressed" value="allow">Continue</button> <button name="pressed" value="refuse">Cancel</button></form></html>'.encode(),
        kind="text/html; charset=utf-8",
    )
