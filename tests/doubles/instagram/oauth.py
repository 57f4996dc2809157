"""Who may: the authorize page, codes and tokens of Instagram Login (A2, A3) and Facebook Login (A4)."""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from ..upstream import Answer, Asked, Turned
from .world import (
    BASIC,
    CLIENT_ID,
    CLIENT_SECRET,
    FACEBOOK,
    LIFE,
    META_ID,
    META_SECRET,
    SHORT_LIFE,
    Account,
    Code,
    Token,
    exchange_refused,
    refused,
)

if TYPE_CHECKING:
    from .double import InstagramDouble

REFUSED = {
    "error": "access_denied", "error_reason": "user_denied", "error_description": "The user denied your request",
}  # fmt: skip


def authorize(double: InstagramDouble, asked: Asked, *, facebook: bool) -> Answer:
    """The page on which a person grants; with `consent` allow or refuse they have pressed already."""
    fields = asked.fields
    wanted_id = META_ID if facebook else CLIENT_ID
    if fields.get("client_id") != wanted_id:
        return _error_page("Invalid platform app")
    if fields.get("redirect_uri") not in double.redirect_uris:
        return _error_page("Invalid redirect_uri")
    for name in ("scope", "state"):
        if not fields.get(name):
            return _error_page(f"{name} is missing")
    if fields.get("response_type") != "code":
        return _error_page("response_type must be code")
    scopes = set(str(fields["scope"]).replace(" ", ",").split(","))
    known = set(FACEBOOK) | {"pages_show_list", "pages_read_engagement", "business_management",
                             "instagram_branded_content_creator", "instagram_manage_contents"}  # fmt: skip
    if (facebook and not scopes <= known) or (not facebook and not all(s.startswith("instagram_business_") for s in scopes)):
        return _error_page(f"Invalid scopes: {', '.join(sorted(scopes))}")
    pressed = str(asked.given.get("pressed", "")) if asked.method == "POST" else ""
    consent = {"allow": "allow", "refuse": "refuse"}.get(pressed, double.switches.consent)
    if consent == "page":
        return _consent_page(double, asked, scopes)
    if consent == "refuse":
        return _back(str(fields["redirect_uri"]), {**REFUSED, "state": fields["state"]})
    account = double.accounts.get(str(fields.get("account", "")), double.signed_in)
    if pressed:
        double.signed_in = account
    granted = scopes - double.switches.untick - {s for s in scopes if asked.method == "POST" and f"no:{s}" in fields}
    text = f"AQB{secrets.token_hex(16)}"
    double.codes[text] = Code(account, granted, str(fields["redirect_uri"]), double.clock.now(), facebook)
    return _back(str(fields["redirect_uri"]), {"code": text, "state": fields["state"]}, "" if facebook else "#_")


def exchange(double: InstagramDouble, asked: Asked) -> Answer:
    """Code to short token; form data, multipart or urlencoded, never JSON."""
    if asked.encoding not in (("multipart",) if double.switches.exchange_body == "multipart" else ("form", "multipart")):
        raise exchange_refused("Invalid request: form data is needed")
    given = asked.given
    for name in ("client_id", "client_secret", "grant_type", "redirect_uri", "code"):
        if not given.get(name):
            raise exchange_refused(f"Missing required field {name}")
    if given["client_id"] != CLIENT_ID or given["grant_type"] != "authorization_code":
        raise exchange_refused("Invalid platform app")
    if not hmac.compare_digest(str(given["client_secret"]), CLIENT_SECRET):
        raise exchange_refused("Error validating client secret")
    code = _spend(double, str(given["code"]), str(given["redirect_uri"]), facebook=False)
    if code is None:
        raise exchange_refused("Matching code was not found or was already used")
    token = double.grant(code.account, code.scopes, "short")
    if double.switches.exchange_reply == "wrapped":
        wrapped = {"access_token": token.text, "user_id": code.account.user_id, "permissions": ",".join(sorted(code.scopes))}
        return Answer(document={"data": [wrapped]})
    return Answer(document={"access_token": token.text, "user_id": int(code.account.user_id), "permissions": sorted(code.scopes)})


def lengthen(double: InstagramDouble, asked: Asked) -> Answer:
    """GET /access_token: short to long."""
    query = asked.query
    if query.get("grant_type") != "ig_exchange_token":
        raise refused(100, message="Unsupported grant_type")
    if not hmac.compare_digest(query.get("client_secret", ""), CLIENT_SECRET):
        raise refused(1, message="Error validating client secret")
    token = double.token_of(query.get("access_token", ""))
    if token.kind != "short" or token.account is None:
        raise refused(100, message="Not a short-lived token")
    return _long(double, token)


def refresh(double: InstagramDouble, asked: Asked) -> Answer:
    """GET /refresh_access_token: a long token for another 60 days."""
    if asked.query.get("grant_type") != "ig_refresh_token":
        raise refused(100, message="Unsupported grant_type")
    token = double.token_of(asked.query.get("access_token", ""))
    if token.kind != "long" or token.account is None:
        raise refused(100, message="Not a long-lived token")
    if double.clock.now() - token.issued_at < timedelta(hours=24):
        raise refused(100, message="The token is younger than 24 hours")
    if BASIC not in token.scopes:
        raise refused(10, message="Application does not have permission")
    return _long(double, token)


def facebook_token(double: InstagramDouble, asked: Asked) -> Answer:
    """GET /oauth/access_token of Facebook Login: a code, or a short token for a long one."""
    fields = asked.fields
    if fields.get("client_id") != META_ID or not hmac.compare_digest(str(fields.get("client_secret", "")), META_SECRET):
        raise refused(1, message="Error validating application")
    if fields.get("grant_type") == "fb_exchange_token":
        old = double.token_of(str(fields.get("fb_exchange_token", "")))
        token = double.grant(old.account, old.scopes, "facebook", LIFE)
        return Answer(document={"access_token": token.text, "token_type": "bearer", "expires_in": LIFE})
    code = _spend(double, str(fields.get("code", "")), str(fields.get("redirect_uri", "")), facebook=True)
    if code is None:
        raise refused(100, 36009, "This authorization code has been used.")
    token = double.grant(code.account, code.scopes, "facebook", SHORT_LIFE * 2)
    return Answer(document={"access_token": token.text, "token_type": "bearer", "expires_in": SHORT_LIFE * 2})


def pages(double: InstagramDouble, token: Token) -> Answer:
    """GET /me/accounts: one Page without an Instagram account, and those of the person, if any."""
    found: list[dict[str, Any]] = [
        {"id": "1030000000000001", "name": "A page of cats", "access_token": f"EAApage-{token.text}-cats"}
    ]
    mine = [each for each in double.accounts.values() if token.account is not None and each.person == token.account.person]
    for account in mine:
        if account.page is None:
            continue
        of_page = double.grant(account, token.scopes, "page", None)
        linked = {"id": account.user_id}
        found.append({"id": account.page, "name": f"{account.username} page", "access_token": of_page.text,
                      "instagram_business_account": linked})  # fmt: skip
    return Answer(document={"data": found})


def _long(double: InstagramDouble, token: Token) -> Answer:
    assert token.account is not None
    made = double.grant(token.account, token.scopes, "long", LIFE)
    return Answer(document={"access_token": made.text, "token_type": "bearer", "expires_in": LIFE})


def _spend(double: InstagramDouble, text: str, redirect_uri: str, *, facebook: bool) -> Code | None:
    with double.lock:
        code = double.codes.get(text)
        if code is None or code.used or code.redirect_uri != redirect_uri or code.facebook != facebook:
            return None
        if double.clock.now() - code.issued_at > timedelta(hours=1):
            return None
        code.used = True
        return code


def _back(address: str, query: dict[str, Any], fragment: str = "") -> Answer:
    return Answer(302, raw=b"", headers={"Location": f"{address}?{urlencode(query)}{fragment}"})


def _error_page(text: str) -> Answer:
    return Answer(400, raw=f"<h1>Sorry, this page isn't available.</h1><p>{escape(text)}</p>".encode(), kind="text/html")


def _consent_page(double: InstagramDouble, asked: Asked, scopes: set[str]) -> Answer:
    hidden = "".join(
        f'<input type="hidden" name="{escape(n)}" value="{escape(str(v))}">' for n, v in asked.query.items() if n != "account"
    )
    who = "".join(f'<option value="{a.user_id}">{escape(a.username)}</option>' for a in double.accounts.values())
    ticks = "".join(
        f'<label><input type="checkbox" name="no:{escape(s)}"> without {escape(s)}</label><br>' for s in sorted(scopes)
    )
    return Answer(
        raw=f'<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Instagram (double)</title>'
        f"<h1>Instagram, on this machine</h1><p>An app wants to post for you.</p>"
        f'<form method="post" action="{escape(asked.path)}">{hidden}<label>Account <select name="account">{who}</select></label><br>{ticks}'
        f'<button name="pressed" value="allow">Allow</button> <button name="pressed" value="refuse">Cancel</button></form></html>'.encode(),
        kind="text/html; charset=utf-8",
    )


def revoke_all(double: InstagramDouble, account: Account) -> None:
    """The person, or the app for them, withdraws everything."""
    for text in [text for text, token in double.tokens.items() if token.account is account]:
        del double.tokens[text]


def revoke_person(double: InstagramDouble, person: str) -> None:
    """A person withdraws all that they granted under Facebook Login: their own tokens, and those of each of their Pages."""
    kinds = ("facebook", "page")
    mine = [t.text for t in double.tokens.values() if t.kind in kinds and t.account is not None and t.account.person == person]
    for text in mine:
        del double.tokens[text]


__all__ = ["Turned", "authorize", "exchange", "facebook_token", "lengthen", "pages", "refresh", "revoke_all", "revoke_person"]
