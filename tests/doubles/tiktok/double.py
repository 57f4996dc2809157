"""The whole platform in this process: where each request goes, and its sliding minutes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ..upstream import Answer, Asked, Clock, Upstream
from . import oauth, publishing
from .world import PUBLIC, Code, Creator, Grant, Post, Switches, Task, refused, told

SCOPE_OF_FIELD = {
    **dict.fromkeys(("open_id", "union_id", "avatar_url", "display_name"), "user.info.basic"),
    **dict.fromkeys(("username", "bio_description", "profile_deep_link", "is_verified"), "user.info.profile"),
    **dict.fromkeys(("follower_count", "following_count", "likes_count", "video_count"), "user.info.stats"),
}
FIELDS_OF_VIDEO = {
    "id", "title", "create_time", "share_url", "view_count", "like_count", "comment_count", "share_count", "cover_image_url",
    "video_description", "duration", "height", "width", "embed_html", "embed_link",
}  # fmt: skip
PER_MINUTE = {"creator_info": 20, "init": 6, "inbox": 6, "photos": 6, "status": 30, "user": 600, "list": 600, "query": 600}
KINDS = {
    "/v2/auth/authorize/": "authorize", "/v2/oauth/token/": "token", "/v2/oauth/revoke/": "revoke", "/v2/user/info/": "user",
    "/v2/post/publish/creator_info/query/": "creator_info", "/v2/post/publish/video/init/": "init", "/upload/": "upload",
    "/v2/post/publish/inbox/video/init/": "inbox", "/v2/post/publish/content/init/": "photos",
    "/v2/post/publish/status/fetch/": "status", "/v2/post/publish/cancel/": "cancel", "/v2/video/list/": "list",
    "/v2/video/query/": "query",
}  # fmt: skip
SCOPE_OF_KIND = {
    "creator_info": "video.publish", "init": "video.publish", "inbox": "video.upload", "photos": "video.publish",
    "list": "video.list", "query": "video.list",
}  # fmt: skip


class TikTokDouble(Upstream):
    """`creators` by open_id; `signed_in`: who presses "allow"; `posts`: what was posted, by id. Unaudited, unless switched."""

    def __init__(self, *, port: int = 0, clock: Clock | None = None, slow: float = 30.0, redirect_uri: str = "") -> None:
        super().__init__(port=port, clock=clock, slow=slow)
        self.switches = Switches()
        self.redirect_uris = {redirect_uri or "http://localhost/connect/tiktok/back"}
        ana, rani = Creator("-000ana", "ana.shop", "Ana"), Creator("-000rani", "rani.kopi", "Rani", private=True)
        self.creators = {each.open_id: each for each in (ana, rani)}
        self.signed_in = ana
        self.verified: set[str] = set()  # domains, and prefixes of addresses, that the app has proved
        self.codes: dict[str, Code] = {}
        self.grants: list[Grant] = []
        self.tasks: dict[str, Task] = {}
        self.posts: dict[str, Post] = {}
        self.next_failures: list[str] = []  # reasons that the next tasks fail with
        self.old_app = False
        self.refreshed = 0
        self._calls: dict[tuple[str, str], list[datetime]] = defaultdict(list)
        self._numbers = 7000

    def number(self) -> str:
        with self.lock:
            self._numbers += 1
            return str(self._numbers)

    def kind_of(self, asked: Asked) -> str:
        return KINDS.get(asked.path, "")

    def serve(self, asked: Asked) -> Answer:
        match asked.method, self.kind_of(asked):
            case (_, "authorize"):
                return oauth.authorize(self, asked)
            case ("POST", "token"):
                return oauth.token(self, asked)
            case ("POST", "revoke"):
                return oauth.revoke(self, asked)
            case ("PUT", "upload"):
                return publishing.upload(self, asked)
            case (method, kind) if kind and method == ("GET" if kind == "user" else "POST"):
                return self._api(kind, asked)
        raise refused("invalid_params", 404, "no such address")

    def _api(self, kind: str, asked: Asked) -> Answer:
        grant = self._grant(asked.headers.get("authorization", "").removeprefix("Bearer "))
        self._count(kind, grant)
        needed = SCOPE_OF_KIND.get(kind)
        if kind == "photos" and asked.given.get("post_mode") == "MEDIA_UPLOAD":
            needed = SCOPE_OF_KIND["inbox"]
        if needed is not None and needed not in grant.scopes:
            raise refused("scope_not_authorized", 401)
        if self.switches.strict and (unknown := publishing.unknown(kind, asked)):
            raise refused("invalid_param", 400, f"unknown: {unknown}")
        if asked.doubtful or (asked.body and asked.encoding != "json" and kind != "user"):
            raise refused("invalid_params", 400, "JSON is needed")
        match kind:
            case "user":
                return self._user(grant, asked)
            case "creator_info":
                return publishing.creator_info(self, grant)
            case "init" | "inbox":
                return publishing.video(self, grant, asked, draft=kind == "inbox")
            case "photos":
                return publishing.photos(self, grant, asked)
            case "status":
                return publishing.status(self, grant, asked)
            case "cancel":
                return publishing.cancel(self, grant, asked)
        return self._videos(kind, grant, asked)

    def _grant(self, access: str) -> Grant:
        grant = next((g for g in reversed(self.grants) if g.access == access and g.alive), None)
        if grant is None or self.clock.now() >= grant.access_until:
            raise refused("access_token_invalid", 401)
        return grant

    def _count(self, kind: str, grant: Grant) -> None:
        """So many a sliding minute for each token."""
        if kind not in PER_MINUTE:
            return
        with self.lock:
            now = self.clock.now()
            calls = self._calls[grant.access, kind]
            calls[:] = [at for at in calls if now - at < timedelta(minutes=1)]
            if len(calls) >= PER_MINUTE[kind]:
                raise refused("rate_limit_exceeded", 429)
            calls.append(now)

    def _user(self, grant: Grant, asked: Asked) -> Answer:
        wanted = [name for name in asked.query.get("fields", "").split(",") if name]
        if not wanted or any(name not in SCOPE_OF_FIELD for name in wanted):
            raise refused("invalid_params", 400, "fields")
        if any(SCOPE_OF_FIELD[name] not in grant.scopes for name in wanted):
            raise refused("scope_not_authorized", 401)
        creator = grant.creator
        facts: dict[str, Any] = {
            "open_id": creator.open_id, "union_id": f"u{creator.open_id}", "avatar_url": f"{self.url}/pictures/a.jpg",
            "display_name": creator.nickname, "username": creator.username, "bio_description": "", "is_verified": False,
            "profile_deep_link": "", "follower_count": 900, "following_count": 3, "likes_count": 40, "video_count": 2,
        }  # fmt: skip
        return told(user={name: facts[name] for name in wanted})

    def _videos(self, kind: str, grant: Grant, asked: Asked) -> Answer:
        wanted = {name for name in asked.query.get("fields", "").split(",") if name}
        if not wanted or wanted - FIELDS_OF_VIDEO:
            raise refused("invalid_params", 400, "fields")
        seen = [p for p in reversed(self.posts.values()) if p.creator is grant.creator and p.privacy == PUBLIC and not p.deleted]
        if kind == "query":
            ids = (asked.given.get("filters") or {}).get("video_ids") or []
            if not isinstance(ids, list) or len(ids) > 20:
                raise refused("invalid_params", 400, "at most 20 ids")
            seen = [post for post in seen if post.id in {str(each) for each in ids}]
        most = asked.given.get("max_count", 10)
        if not isinstance(most, int) or not 1 <= most <= 20:
            raise refused("invalid_params", 400, "max_count")
        shown = seen if kind == "query" else seen[:most]
        videos = [{name: value for name, value in self._told(post).items() if name in wanted} for post in shown]
        return told(videos=videos) if kind == "query" else told(videos=videos, cursor=0, has_more=len(seen) > len(shown))

    def _told(self, post: Post) -> dict[str, Any]:
        hours = int((self.clock.now() - post.at).total_seconds() // 3600)  # counters grow by the clock
        return {
            "id": post.id, "title": post.text, "create_time": int(post.at.timestamp()), "share_url": post.url,
            "view_count": post.views + 10 * hours, "like_count": 20 + hours, "comment_count": 3, "share_count": 1,
        }  # fmt: skip

    def events_of(self, task: Task) -> list[tuple[str, dict[str, str]]]:
        """What is told of a publication that has come to an end; of one that nobody else can see, not that it can be seen."""
        content = {"publish_id": task.publish_id, "publish_type": "INBOX_SHARE"}
        if task.failure:
            return [("post.publish.failed", content | {"reason": task.failure})]
        if task.post_id is None:
            return [("post.publish.inbox_delivered", content)]
        told = [("post.publish.complete", content)]
        if self.posts[task.post_id].privacy == PUBLIC:
            told.append(("post.publish.publicly_available", content | {"post_id": task.post_id}))
        return told

    def finish(self, *, privacy: str = PUBLIC) -> list[Task]:
        """Who has drafts in the inbox posts them in the app; which these were."""
        mine = [task for task in self.tasks.values() if task.draft and task.ended and not task.failure and task.post_id is None]
        for task in mine:
            publishing.finish(self, task, privacy=privacy)
        return mine

    def posted(self) -> list[Mapping[str, Any]]:
        return [
            {"who": p.creator.username, "kind": "photos" if p.photo else "video", "text": p.text, "link": p.url, "at": p.at,
             "note": " · ".join([p.privacy] + ["branded content"] * p.branded + ["own brand"] * p.own_brand + ["deleted"] * p.deleted)}
            for p in reversed(self.posts.values())
        ]  # fmt: skip
