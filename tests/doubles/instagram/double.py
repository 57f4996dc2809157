"""The whole platform in this process: where each request goes."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ..upstream import Answer, Asked, Clock, Turned, Upstream
from . import figures, oauth, publishing
from .world import (
    BASIC,
    FACEBOOK,
    SHORT_LIFE,
    Account,
    Code,
    Container,
    Post,
    Switches,
    Token,
    refused,
)

FIELDS_OF_ME = {
    "id", "user_id", "username", "name", "account_type", "profile_picture_url", "followers_count", "follows_count", "media_count",
}  # fmt: skip
FIELDS_OF_PAGE_ACCOUNT = FIELDS_OF_ME - {"user_id", "account_type"}  # asked by its number, under Facebook Login
FIELDS_OF_POST = {
    "id", "permalink", "shortcode", "media_type", "media_product_type", "timestamp", "username", "caption", "media_url",
    "thumbnail_url", "like_count", "comments_count",
}  # fmt: skip


class InstagramDouble(Upstream):
    """`accounts` by id; `signed_in`: who presses "allow"; `posts`: what was posted, by media id."""

    def __init__(self, *, port: int = 0, clock: Clock | None = None, slow: float = 30.0, redirect_uri: str = "") -> None:
        super().__init__(port=port, clock=clock, slow=slow)
        self.switches = Switches()
        self.redirect_uris = {redirect_uri or "http://localhost/connect/instagram/back"}
        ana = Account("17841400000000123", "25400000000000001", "shop_ana", page="1030000000000777")
        rani = Account("17841400000000456", "25400000000000002", "rani.kopi", kind="Media_Creator")
        self.accounts = {each.user_id: each for each in (ana, rani)}
        self.signed_in = ana
        self.codes: dict[str, Code] = {}
        self.tokens: dict[str, Token] = {}
        self.containers: dict[str, Container] = {}
        self.posts: dict[str, Post] = {}
        self.wrote: dict[str, datetime] = {}  # person → when they last wrote to us
        self.subscribed: dict[str, list[str]] = {}
        self.next_failures: list[int] = []  # numbers that the next containers fail with
        self.no_figures = False
        self._numbers = 0

    def number(self, front: str) -> str:
        """An id of 17 digits, above 2^53."""
        with self.lock:
            self._numbers += 1
            return f"{front}{self._numbers:014d}"

    def grant(self, account: Account | None, scopes: set[str], kind: str, life: int | None = SHORT_LIFE) -> Token:
        """A new token. Under Facebook Login the names of permissions are others; what they allow is the same."""
        front = "EAA" if kind in ("facebook", "page") else "IGAA"
        now = self.clock.now()
        ours = {FACEBOOK.get(scope, scope) for scope in scopes}
        token = Token(f"{front}{kind}canary{secrets.token_hex(12)}", account, ours, kind, now,
                      None if life is None else now + timedelta(seconds=life))  # fmt: skip
        self.tokens[token.text] = token
        return token

    def token_of(self, text: str) -> Token:
        """The token, where it is alive; 190 with its subcode otherwise."""
        token = self.tokens.get(text)
        if token is None:
            raise refused(190, 467, "Invalid OAuth access token.")
        if token.account is not None and token.account.dead is not None:
            raise refused(190, token.account.dead, "The session has been invalidated")
        if token.expires_at is not None and self.clock.now() >= token.expires_at:
            raise refused(190, 463, "Session has expired")
        return token

    # --- requests

    def kind_of(self, asked: Asked) -> str:
        last = asked.words[-1]
        if "dialog" in asked.words or asked.words[-2:] == ["oauth", "authorize"]:
            return "authorize"
        if last == "access_token":
            return "exchange" if asked.method == "POST" else "lengthen"
        kinds = {
            "refresh_access_token": "refresh", "media": "create", "media_publish": "publish", "insights": "insights", "me": "me",
            "content_publishing_limit": "quota", "permissions": "revoke", "accounts": "pages",
        }  # fmt: skip
        if last in kinds and not (last == "media" and asked.method == "GET"):
            return kinds[last]
        return "status" if "status_code" in asked.query.get("fields", "") else "look"

    def serve(self, asked: Asked) -> Answer:
        match asked.method, asked.words:
            case (_, ["oauth", "authorize"]):
                return oauth.authorize(self, asked, facebook=False)
            case (_, [_, "dialog", "oauth"]):
                return oauth.authorize(self, asked, facebook=True)
            case ("POST", ["oauth", "access_token"]):
                return oauth.exchange(self, asked)
            case ("GET", ["access_token"]):
                return oauth.lengthen(self, asked)
            case ("GET", ["refresh_access_token"]):
                return oauth.refresh(self, asked)
            case ("GET", [_, "oauth", "access_token"]):
                return oauth.facebook_token(self, asked)
            case (_, [version, *words]) if version.startswith("v") and words:
                return self._graph(asked, words)
        raise refused(100, message="Unknown path components", status=404)

    def _graph(self, asked: Asked, words: list[str]) -> Answer:
        bearer = asked.headers.get("authorization", "").removeprefix("Bearer ")
        token = self.token_of(str(asked.fields.get("access_token") or bearer))
        account = token.account
        if account is None:
            raise refused(190, 467, "Invalid OAuth access token.")
        if asked.doubtful:
            raise refused(100, message="Invalid JSON")
        if account.usage >= 100:
            raise Turned(self._metered(account, refused(80002, message="There have been too many calls.").answer))
        return self._metered(account, self._routed(asked, words, token, account))

    def _routed(self, asked: Asked, words: list[str], token: Token, account: Account) -> Answer:
        facebook = token.kind in ("facebook", "page")
        match asked.method, words:
            case ("GET", ["me"]) if facebook:  # a person or a Page, never an Instagram account
                told = {"id": account.page if token.kind == "page" else account.person, "name": account.username.title()}
                return Answer(document=publishing.only(told, asked, {"id", "name"}))
            case ("GET", ["me"]):
                return self._me(token, account, asked)
            case ("GET", [account.user_id]) if facebook:
                return self._me(token, account, asked, FIELDS_OF_PAGE_ACCOUNT)
            case ("GET" | "DELETE", ["me", what]) if token.kind == "page" and what in ("permissions", "accounts"):
                raise refused(100, message=f"Tried accessing nonexisting field ({what}) on node type (Page)")
            case ("GET", ["me", "accounts"]) if facebook:
                return oauth.pages(self, token)
            case ("GET", ["me", "permissions"]):
                told = [{"permission": s, "status": "granted"} for s in sorted(token.scopes)]
                told += [{"permission": s, "status": "declined"} for s, ours in FACEBOOK.items() if ours not in token.scopes]
                return Answer(document={"data": told})
            case ("DELETE", ["me", "permissions"]):
                if facebook:
                    oauth.revoke_person(self, account.person)
                else:
                    oauth.revoke_all(self, account)
                return Answer(document={"success": True})
            case ("POST" | "DELETE", ["me" | account.user_id, "subscribed_apps"]):
                publishing.need(token, BASIC)
                wanted = str(asked.fields.get("subscribed_fields", "")).split(",")
                self.subscribed[account.user_id] = wanted if asked.method == "POST" else []
                return Answer(document={"success": True})
            case (method, ["me" | account.user_id, what]):
                if BASIC not in token.scopes:
                    raise refused(10, message="Application does not have permission for this action")
                return self._of_account(method, what, token, account, asked)
            case ("GET", [number]) if number in self.containers and self.containers[number].account is account:
                return publishing.status(self, self.containers[number], asked)
            case (method, [number, *rest]) if number in self.posts and self.posts[number].account is account:
                return self._of_post(method, rest, token, self.posts[number], asked)
        raise refused(100, 33, "Object does not exist, cannot be loaded due to missing permissions.")

    def _of_account(self, method: str, what: str, token: Token, account: Account, asked: Asked) -> Answer:
        match method, what:
            case ("POST", "media"):
                return publishing.create(self, token, account, asked)
            case ("GET", "media"):
                found = [p for p in reversed(self.posts.values()) if p.account is account and not p.deleted]
                return Answer(
                    document={"data": [publishing.only(self._told(post), asked, FIELDS_OF_POST) for post in found[:25]]}
                )
            case ("POST", "media_publish"):
                return publishing.publish(self, token, account, asked)
            case ("GET", "content_publishing_limit"):
                return publishing.limit(self, account, asked)
            case ("GET", "insights"):
                return figures.of_account(self, token, account, asked)
            case ("POST", "messages"):
                return figures.message(self, token, account, asked)
        raise refused(100, message=f"Unsupported {method} request")

    def _of_post(self, method: str, rest: list[str], token: Token, post: Post, asked: Asked) -> Answer:
        if post.deleted:
            raise refused(100, 33, "Object does not exist.")
        match method, rest:
            case ("GET", []):
                return Answer(document=publishing.only(self._told(post), asked, FIELDS_OF_POST))
            case ("DELETE", []) if token.kind in ("facebook", "page"):
                post.deleted = True
                return Answer(document={"success": True})
            case ("GET", ["insights"]):
                return figures.insights(self, token, post, asked)
            case ("POST", ["comments"]):
                return figures.comment(self, token, post, asked)
        raise refused(100, message="Unsupported request")

    def _me(self, token: Token, account: Account, asked: Asked, fields: set[str] = FIELDS_OF_ME) -> Answer:
        told = {
            "id": account.app_scoped if fields is FIELDS_OF_ME else account.user_id, "user_id": account.user_id, "username": account.username, "name": account.username.title(),
            "account_type": account.kind, "profile_picture_url": f"{self.url}/pictures/{account.user_id}.jpg",
            "followers_count": account.followers, "follows_count": 10,
            "media_count": sum(p.account is account and not p.deleted for p in self.posts.values()),
        }  # fmt: skip
        return Answer(document=publishing.only(told, asked, fields))

    def _told(self, post: Post) -> dict[str, Any]:
        return {
            "id": post.id, "permalink": post.permalink, "shortcode": post.shortcode, "media_type": post.kind,
            "media_product_type": post.product, "timestamp": post.at.strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "username": post.account.username, "caption": post.caption, "media_url": post.url, "thumbnail_url": post.url,
            "like_count": post.likes, "comments_count": len(post.comments),
        }  # fmt: skip

    def _metered(self, account: Account, answer: Answer) -> Answer:
        share = {"type": "instagram", "call_count": account.usage, "total_cputime": 20, "total_time": 20}
        share["estimated_time_to_regain_access"] = 7 if account.usage >= 100 else 0
        headers = {
            "X-App-Usage": json.dumps({"call_count": account.usage, "total_time": 37, "total_cputime": 12}),
            "X-Business-Use-Case-Usage": json.dumps({account.user_id: [share]}),
        }
        return replace(answer, headers={**answer.headers, **headers})

    # --- what a test asks

    def posted(self) -> list[Mapping[str, Any]]:
        return [
            {"who": p.account.username, "kind": f"{p.product} {p.kind}", "text": p.caption, "link": p.permalink, "at": p.at,
             "note": " · ".join(["paid partnership"] * p.paid_partnership + ["deleted"] * p.deleted)}
            for p in reversed(self.posts.values())
        ]  # fmt: skip
