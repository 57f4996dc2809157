"""What a post brought, comments and messages: sections A8, A9."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..upstream import Answer, Asked, Turned
from .publishing import need
from .world import COMMENTS, INSIGHTS, MESSAGES, Account, Post, Token, refused

if TYPE_CHECKING:
    from .double import InstagramDouble

FEED = {"views", "reach", "likes", "comments", "saved", "shares", "total_interactions", "follows", "profile_visits",
        "profile_activity", "reposts"}  # fmt: skip
REEL = {"views", "reach", "likes", "comments", "saved", "shares", "total_interactions", "reposts", "ig_reels_avg_watch_time",
        "ig_reels_video_view_total_time", "reels_skip_rate"}  # fmt: skip
STORY = {"views", "reach", "replies", "navigation", "shares", "follows", "profile_visits", "profile_activity", "total_interactions",
         "reposts"}  # fmt: skip
OF_KIND = {"FEED": FEED, "REELS": REEL, "STORY": STORY}


def insights(double: InstagramDouble, token: Token, post: Post, asked: Asked) -> Answer:
    """GET /{media-id}/insights: one metric that does not fit the kind, or is dead, fails all of them."""
    need(token, INSIGHTS)
    wanted = [name for name in str(asked.query.get("metric", "")).split(",") if name]
    wrong = [name for name in wanted if name not in OF_KIND[post.product]]
    if not wanted or wrong:
        raise refused(100, message=f"metric must be one of the following values, not {wrong}")
    if post.product == "STORY" and post.views < 5:
        raise refused(10, message="Not enough viewers for the media to show insights")
    if post.product == "STORY" and double.clock.now() - post.at > timedelta(hours=24):
        return Answer(document={"data": []})
    if double.no_figures:
        return Answer(document={"data": []})
    values = {"views": post.views, "likes": post.likes, "comments": len(post.comments), "reach": post.views * 3 // 4, "shares": 2,
              "saved": 3, "total_interactions": post.likes + len(post.comments) + 5}  # fmt: skip
    return Answer(document={"data": [
        {"name": name, "period": "lifetime", "values": [{"value": values.get(name, 1)}], "title": name.title(), "description": "..",
         "id": f"{post.id}/insights/{name}/lifetime"} for name in wanted
    ]})  # fmt: skip


def of_account(double: InstagramDouble, token: Token, account: Account, asked: Asked) -> Answer:
    """GET /{ig-id}/insights."""
    need(token, INSIGHTS)
    metrics = str(asked.query.get("metric", "")).split(",")
    if asked.query.get("period") != "day" or (set(metrics) - {"reach", "follower_count"} and not asked.query.get("metric_type")):
        raise refused(100, message="metric_type=total_value and period=day are needed")
    if "follower_count" in metrics and account.followers < 100:
        return Answer(document={"data": []})
    views = sum(post.views for post in double.posts.values() if post.account is account)
    return Answer(document={"data": [{"name": name, "period": "day", "total_value": {"value": views}} for name in metrics]})


def comment(double: InstagramDouble, token: Token, post: Post, asked: Asked) -> Answer:
    """POST /{media-id}/comments. With `fields` the comment is made, and then an error comes back."""
    need(token, COMMENTS)
    text = asked.fields.get("message")
    if not text:
        raise refused(100, message="message is required")
    made: dict[str, Any] = {"id": double.number("179"), "text": str(text), "from": {"id": post.account.user_id}}
    post.comments.append(made)
    if "fields" in asked.fields:
        raise refused(100, message="Unsupported parameter fields")
    return Answer(document={"id": made["id"]})


def message(double: InstagramDouble, token: Token, account: Account, asked: Asked) -> Answer:
    """POST /{ig-id}/messages: only within a day of what the person wrote."""
    need(token, MESSAGES)
    recipient, text = asked.given.get("recipient"), (asked.given.get("message") or {}).get("text", "")
    if not isinstance(recipient, dict) or not text or len(text.encode()) > 1000:
        raise refused(100, message="recipient and message are required")
    wrote = double.wrote.get(str(recipient.get("id", "")))
    if "comment_id" not in recipient and (wrote is None or double.clock.now() - wrote > timedelta(hours=24)):
        raise refused(10, 2534022, "This message is sent outside of allowed window.")
    return Answer(document={"recipient_id": str(recipient.get("id", "1")), "message_id": f"m_{double.number('1')}"})


__all__ = ["Turned", "comment", "insights", "message", "of_account"]
