"""From container to post: sections A5 to A7. No post exists before media_publish, and one creation_id never yields two."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..upstream import Answer, Asked
from .media import check_image, fetched, film_fault, is_film
from .world import PUBLISH, Account, Container, Post, Token, refused

if TYPE_CHECKING:
    from .double import InstagramDouble

DAY = timedelta(hours=24)
KINDS = ("REELS", "STORIES", "CAROUSEL", "VIDEO", "IMAGE")
KNOWN = {
    "image_url", "video_url", "media_type", "is_carousel_item", "children", "caption", "cover_url", "thumb_offset", "share_to_feed",
    "audio_name", "alt_text", "user_tags", "location_id", "product_tags", "collaborators", "trial_params", "is_ai_generated",
    "is_paid_partnership", "branded_content_sponsor_ids", "upload_type", "access_token",
}  # fmt: skip


def create(double: InstagramDouble, token: Token, account: Account, asked: Asked) -> Answer:
    """POST /{ig-id}/media."""
    need(token, PUBLISH)
    fields = asked.fields
    if double.switches.strict and set(fields) - KNOWN:
        raise refused(100, message=f"unknown parameters: {sorted(set(fields) - KNOWN)}")
    if account.restricted:
        raise refused(25, 2207050, "The Instagram account is restricted.")
    made = [each for each in double.containers.values() if each.account is account and double.clock.now() - each.made_at < DAY]
    if len(made) >= 400:
        raise refused(9, 2207042, "Too many containers in 24 hours")
    kind = str(fields.get("media_type") or "IMAGE")
    child = _yes(fields.get("is_carousel_item"))
    if kind not in KINDS or (kind == "VIDEO" and not child) or (kind in ("REELS", "STORIES") and child):
        raise refused(100, 2207023, f"The media type {kind} is unknown.")
    if _yes(fields.get("is_paid_partnership")) and token.kind not in ("facebook", "page"):
        raise refused(100, message="INSTAGRAM_PLATFORM_API__PERMISSION")
    if not child and kind != "STORIES":
        _check_caption(double, str(fields.get("caption") or ""))
    container = Container(double.number("179"), account, fields, double.clock.now(), account.polls)
    if kind == "CAROUSEL":
        _check_children(double, account, container)
    else:
        _check_media(container)
    if double.next_failures:
        container.failure = double.next_failures.pop(0)
    with double.lock:
        double.containers[container.id] = container
    return Answer(document={"id": container.id})


def status(double: InstagramDouble, container: Container, asked: Asked) -> Answer:
    """GET /{container-id}: only what `fields` names, and the id."""
    told = {"id": container.id, **dict(zip(("status_code", "status"), _standing(double, container), strict=True))}
    return Answer(document=only(told, asked, {"id", "status_code", "status"}))


def publish(double: InstagramDouble, token: Token, account: Account, asked: Asked) -> Answer:
    """POST /{ig-id}/media_publish."""
    need(token, PUBLISH)
    with double.lock:
        container = double.containers.get(str(asked.fields.get("creation_id", "")))
        if container is None or container.account is not account:
            raise refused(24, 2207008, "The media builder with this creation id does not exist or has expired.")
        if container.media_id is not None:
            raise refused(24, 2207008, "The media builder with this creation id does not exist or has expired.")
        word, _ = _standing(double, container, counts=False)
        if word == "EXPIRED":
            raise refused(24, 2207008, "The media builder with this creation id has expired.")
        if word != "FINISHED":
            raise refused(9007, 2207027, "The media is not ready to be published.")
        if account.restricted:
            raise refused(25, 2207050, "The Instagram account is restricted.")
        if used(double, account) >= double.switches.quota_total:
            raise refused(9, 2207042, "You reached the maximum number of posts that is allowed to be published.")
        post = _post(double, container)
        container.media_id = post.id
        double.posts[post.id] = post
    return Answer(document={"id": post.id})


def limit(double: InstagramDouble, account: Account, asked: Asked) -> Answer:
    """GET /{ig-id}/content_publishing_limit."""
    wanted = str(asked.query.get("fields", "quota_usage")).split(",")
    told: dict[str, Any] = {"quota_usage": used(double, account)}
    if "config" in wanted:
        told["config"] = {"quota_total": double.switches.quota_total, "quota_duration": 86_400}
    return Answer(document={"data": [told]})


def used(double: InstagramDouble, account: Account) -> int:
    """Posts within the rolling day; deleted ones count."""
    return sum(post.account is account and double.clock.now() - post.at < DAY for post in double.posts.values())


def only(told: dict[str, Any], asked: Asked, known: set[str]) -> dict[str, Any]:
    """Never more fields than were asked for; an unknown one is refused."""
    wanted = {name for name in str(asked.query.get("fields", "id")).split(",") if name}
    if wanted - known:
        raise refused(100, message=f"Tried accessing nonexisting field ({sorted(wanted - known)[0]})")
    return {name: value for name, value in told.items() if name in wanted | {"id"}}


def need(token: Token, scope: str) -> None:
    """10 where the person did not grant it."""
    if scope not in token.scopes:
        raise refused(10, message="Application does not have permission for this action")


def _standing(double: InstagramDouble, container: Container, *, counts: bool = True) -> tuple[str, str]:
    with double.lock:
        if container.media_id is not None:
            return "PUBLISHED", "Published: Media has been successfully published."
        if double.clock.now() - container.made_at >= DAY:
            return "EXPIRED", "Expired: The container was not published within 24 hours."
        if container.polls > 0:
            container.polls -= counts
            return "IN_PROGRESS", "In Progress: Media is still being processed."
        if container.failure is not None:
            return "ERROR", f"Error: Media upload has failed with error code {container.failure}"
        return "FINISHED", "Finished: Media has been uploaded and it is ready to be published."


def _check_caption(double: InstagramDouble, caption: str) -> None:
    if len(caption) > 2200 or len(re.findall(r"#\w", caption)) > double.switches.hashtags:
        raise refused(36004, 2207010, "The caption is too long.")
    if len(re.findall(r"@\w", caption)) > 20:
        raise refused(100, 2207040, "More than 20 tags.")


def _check_children(double: InstagramDouble, account: Account, container: Container) -> None:
    given = container.fields.get("children") or ""
    ids = [str(each) for each in given] if isinstance(given, list) else [each for each in str(given).split(",") if each]
    if not 2 <= len(ids) <= 10:
        raise refused(100, 2207028, "A carousel has 2 to 10 items.")
    for each in ids:
        child = double.containers.get(each)
        if child is None or child.account is not account or not _yes(child.fields.get("is_carousel_item")):
            raise refused(24, 2207008, "A child does not exist.")
        if _standing(double, child, counts=False)[0] != "FINISHED":
            raise refused(9007, 2207027, "A child is not ready.")
    container.children = ids


def _check_media(container: Container) -> None:
    fields = container.fields
    image, film = fields.get("image_url"), fields.get("video_url")
    if bool(image) == bool(film):
        raise refused(100, message="Give either image_url or video_url.")
    if image and container.kind in ("REELS", "VIDEO"):
        raise refused(100, 2207023, "This media type wants a video.")
    if film and container.kind == "IMAGE":
        raise refused(100, 2207023, "A lone video is a reel.")
    if image:
        check_image(fetched(image), container.kind)
        return
    body = fetched(film)
    if not is_film(body):
        raise refused(9004, 2207052, "Only photo or video can be accepted as media type.")
    container.failure = film_fault(body, container.kind)
    offset = str(fields.get("thumb_offset") or "0")
    if offset.isdecimal() and container.failure is None and int(offset) > 900_000:
        raise refused(1, 2207057, "Thumbnail offset must be within the video.")


def _post(double: InstagramDouble, container: Container) -> Post:
    kind = {"CAROUSEL": "CAROUSEL_ALBUM", "IMAGE": "IMAGE"}.get(container.kind, "VIDEO")
    if container.kind == "STORIES" and container.fields.get("image_url"):
        kind = "IMAGE"
    product = {"REELS": "REELS", "STORIES": "STORY"}.get(container.kind, "FEED")
    number = double.number("180")
    return Post(
        number, container.account, kind, product, "" if product == "STORY" else str(container.fields.get("caption") or ""),
        f"D{int(number):x}"[-11:], double.clock.now(), container.id,
        str(container.fields.get("image_url") or container.fields.get("video_url") or ""),
        _yes(container.fields.get("is_paid_partnership")),
    )  # fmt: skip


def _yes(value: Any) -> bool:
    return value is True or str(value).lower() in ("true", "1")


__all__ = ["create", "limit", "need", "only", "publish", "status", "used"]
