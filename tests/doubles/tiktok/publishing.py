"""From init to post: sections B4 to B9. No post exists before the last chunk or the pull has ended; a publish_id yields one."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from PIL import Image

from ..films import read_film
from ..upstream import Answer, Asked
from .world import PUBLIC, SELF, Creator, Grant, Post, Task, refused, told

if TYPE_CHECKING:
    from .double import TikTokDouble

DAY, HOUR = timedelta(hours=24), timedelta(hours=1)
LEAST, MOST, LAST = 5_000_000, 64_000_000, 128_000_000
FAILURES = (
    "file_format_check_failed", "duration_check_failed", "frame_rate_check_failed", "picture_size_check_failed", "video_pull_failed",
    "photo_pull_failed", "internal", "publish_cancelled", "auth_removed", "spam_risk_too_many_posts",
    "spam_risk_user_banned_from_posting", "spam_risk_text", "spam_risk",
)  # fmt: skip


KNOWN = {  # parameters of each call, those of post_info and source_info too
    "init": {"post_info", "source_info", "privacy_level", "title", "disable_comment", "disable_duet", "disable_stitch",
             "video_cover_timestamp_ms", "brand_content_toggle", "brand_organic_toggle", "is_aigc", "source", "video_url", "video_size",
             "chunk_size", "total_chunk_count"},
    "inbox": {"source_info", "source", "video_url", "video_size", "chunk_size", "total_chunk_count"},
    "photos": {"media_type", "post_mode", "post_info", "source_info", "title", "description", "privacy_level", "disable_comment",
               "auto_add_music", "brand_content_toggle", "brand_organic_toggle", "source", "photo_images", "photo_cover_index", "is_aigc"},
    "status": {"publish_id"}, "creator_info": set(), "query": {"filters", "video_ids"},
}  # fmt: skip


def unknown(kind: str, asked: Asked) -> set[str]:
    """Parameters that no document names."""
    inside = [name for value in asked.given.values() if isinstance(value, dict) for name in value]
    return {*asked.given, *inside} - KNOWN[kind] if kind in KNOWN else set()


def creator_info(double: TikTokDouble, grant: Grant) -> Answer:
    """Barred creators are told so with HTTP 200."""
    creator = grant.creator
    for code in _bars(double, creator):
        raise refused(code, 200)
    options = creator.options
    return told(
        creator_avatar_url=f"{double.url}/pictures/a.jpg", creator_username=creator.username, creator_nickname=creator.nickname,
        privacy_level_options=options, comment_disabled=creator.comment_off, duet_disabled=creator.private,
        stitch_disabled=creator.private, max_video_post_duration_sec=creator.longest,
    )  # fmt: skip


def video(double: TikTokDouble, grant: Grant, asked: Asked, *, draft: bool) -> Answer:
    """POST …/video/init/ and …/inbox/video/init/."""
    info, source = asked.given.get("post_info") or {}, asked.given.get("source_info")
    if not isinstance(source, dict) or not isinstance(info, dict):
        raise refused("invalid_param", 400, "source_info is needed")
    if draft:
        _check_drafts(double, grant.creator)
        info = {}
    else:
        _check_info(double, grant.creator, info, "title", 2200)
    front = "v_inbox" if draft else "v_pub"
    if source.get("source") == "PULL_FROM_URL":
        task = _task(double, grant, f"{front}_url", info, draft=draft, photo=False)
        body = _pulled(double, [str(source.get("video_url", ""))], task, "video_pull_failed")
        if body:
            task.body, task.size = bytearray(body[0]), len(body[0])
            task.failure = task.failure or _film_fault(task)
        _end(double, task)
        return told(publish_id=task.publish_id)
    if source.get("source") != "FILE_UPLOAD":
        raise refused("invalid_param", 400, "source")
    size, chunk, chunks = (source.get(name) for name in ("video_size", "chunk_size", "total_chunk_count"))
    if not _fits(size, chunk, chunks):
        raise refused("invalid_param", 400, "The chunk size or total chunk count is invalid")
    task = _task(double, grant, f"{front}_file", info, draft=draft, photo=False)
    task.size, task.chunk, task.chunks = int(size), int(chunk), int(chunks)  # type: ignore[arg-type]  # checked above
    return told(publish_id=task.publish_id, upload_url=f"{double.url}/upload/?upload_id={task.publish_id}&upload_token=utcanary")


def photos(double: TikTokDouble, grant: Grant, asked: Asked) -> Answer:
    """POST …/content/init/."""
    given = asked.given
    info, source = given.get("post_info"), given.get("source_info")
    mode = given.get("post_mode")
    if given.get("media_type") != "PHOTO" or mode not in ("DIRECT_POST", "MEDIA_UPLOAD") or not isinstance(info, dict):
        raise refused("invalid_param", 400, "media_type and post_mode")
    if not isinstance(source, dict) or source.get("source") != "PULL_FROM_URL":
        raise refused("invalid_param", 400, "source")
    images, cover = source.get("photo_images"), source.get("photo_cover_index", 0)
    if not isinstance(images, list) or not 1 <= len(images) <= 35 or not isinstance(cover, int) or not 0 <= cover < len(images):
        raise refused("invalid_param", 400, "photo_images")
    draft = mode == "MEDIA_UPLOAD"
    if draft:
        if double.old_app:
            raise refused("app_version_check_failed", 403)
        _check_drafts(double, grant.creator)
    else:
        if "brand_content_toggle" not in info or "brand_organic_toggle" not in info:
            raise refused("invalid_param", 400, "both brand toggles are required")
        _check_info(double, grant.creator, info, "description", 4000)
    if len(str(info.get("title", ""))) > 90:
        raise refused("invalid_param", 400, "title")
    task = _task(double, grant, "p_pub_url", info, draft=draft, photo=True)
    bodies = _pulled(double, [str(each) for each in images], task, "photo_pull_failed")
    task.failure = task.failure or next(filter(None, map(_photo_fault, bodies)), "")
    _end(double, task)
    return told(publish_id=task.publish_id)


def upload(double: TikTokDouble, asked: Asked) -> Answer:
    """PUT of one chunk: 206 stored, 201 complete; 416 where it does not continue."""
    task = double.tasks.get(asked.query.get("upload_id", ""))
    if task is None or not task.chunks or asked.query.get("upload_token") != "utcanary":
        return Answer(404, raw=b"")
    if double.clock.now() - task.made_at > HOUR:
        return Answer(403, raw=b"")
    found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", asked.headers.get("content-range", ""))
    if found is None or asked.headers.get("content-type") not in ("video/mp4", "video/quicktime", "video/webm"):
        return Answer(400, raw=b"")
    first, last, total = map(int, found.groups())
    with double.lock:
        progress = {"Content-Range": f"bytes 0-{max(0, task.stored - 1)}/{task.size}"}
        if len(asked.body) != last - first + 1:
            return Answer(400, raw=b"")
        if total != task.size or first != task.stored or task.ended:
            return Answer(416, raw=b"", headers=progress)
        number = task.stored // task.chunk
        wanted = task.size - first if number == task.chunks - 1 else task.chunk
        if len(asked.body) != wanted:
            return Answer(416, raw=b"", headers=progress)
        task.body += asked.body
        progress = {"Content-Range": f"bytes 0-{task.stored - 1}/{task.size}"}
        if task.stored < task.size:
            return Answer(206, raw=b"", headers=progress)
        task.failure = task.failure or _film_fault(task)
        _end(double, task)
        return Answer(201, raw=b"", headers=progress)


def status(double: TikTokDouble, grant: Grant, asked: Asked) -> Answer:
    """POST …/status/fetch/."""
    task = _of(double, grant, asked)
    data: dict[str, Any] = {"uploaded_bytes": task.stored} if task.chunks else {"downloaded_bytes": task.stored}
    if not task.ended or task.polls > 0:
        if task.ended:
            task.polls -= 1
        return told(status="PROCESSING_UPLOAD" if task.chunks else "PROCESSING_DOWNLOAD", **data)
    if task.failure:
        return told(status="FAILED", fail_reason=task.failure, **data)
    if task.draft and task.post_id is None:
        if double.switches.drafts_forgotten and double.clock.now() - task.made_at >= DAY:
            raise refused("invalid_publish_id", 400)
        return told(status="SEND_TO_USER_INBOX", **data)
    ids: list[Any] = []
    if task.moderation > 0:
        task.moderation -= 1
    elif task.post_id is not None and double.posts[task.post_id].privacy == PUBLIC:
        ids = [task.post_id if double.switches.id_as_text else int(task.post_id)]
    return told(status="PUBLISH_COMPLETE", publicaly_available_post_id=ids, **data)


def finish(double: TikTokDouble, task: Task, *, privacy: str = PUBLIC) -> None:
    """The creator posts a draft in the app, within a day, and chooses there who may see it."""
    assert task.draft
    assert task.ended
    assert not task.failure
    assert double.clock.now() - task.made_at < DAY, "it is gone"
    if task.post_id is None:
        _stand(double, task, task.info | {"privacy_level": privacy})


def cancel(double: TikTokDouble, grant: Grant, asked: Asked) -> Answer:
    """POST …/cancel/: only what has not ended."""
    task = _of(double, grant, asked)
    if task.ended:
        raise refused("publish_not_cancellable", 400)
    task.failure, task.ended = "publish_cancelled", True
    return told()


def _of(double: TikTokDouble, grant: Grant, asked: Asked) -> Task:
    task = double.tasks.get(str(asked.given.get("publish_id", "")))
    if task is None:
        raise refused("invalid_publish_id", 400)
    if task.creator is not grant.creator:
        raise refused("token_not_authorized_for_specified_publish_id", 400)
    return task


def _bars(double: TikTokDouble, creator: Creator) -> list[str]:
    now = double.clock.now()
    today = [post for post in double.posts.values() if now - post.at < DAY]
    found = []
    if creator.banned:
        found.append("spam_risk_user_banned_from_posting")
    if sum(post.creator is creator for post in today) >= 15:
        found.append("spam_risk_too_many_posts")
    users = {post.creator.open_id for post in today}
    if not double.switches.audited and len(users | {creator.open_id}) > 5:
        found.append("reached_active_user_cap")
    return found


def _check_info(double: TikTokDouble, creator: Creator, info: dict[str, Any], text: str, most: int) -> None:
    privacy = info.get("privacy_level")
    if len(str(info.get(text, "")).encode("utf-16-le")) // 2 > most:
        raise refused("invalid_param", 400, f"{text} is too long")
    if not privacy:
        raise refused("invalid_param", 400, "privacy_level")
    if privacy not in creator.options:
        raise refused("privacy_level_option_mismatch", 403)
    if info.get("brand_content_toggle") and privacy == SELF:
        raise refused("invalid_param", 400, "Branded content cannot be private")
    if not double.switches.audited and not (privacy == SELF and creator.private):
        raise refused("unaudited_client_can_only_post_to_private_accounts", 403)
    for code in _bars(double, creator):
        raise refused(code, 403)


def _check_drafts(double: TikTokDouble, creator: Creator) -> None:
    now = double.clock.now()
    open_ = [t for t in double.tasks.values() if t.draft and t.creator is creator and now - t.made_at < DAY and t.post_id is None]
    if len(open_) >= 5:
        raise refused("spam_risk_too_many_pending_share", 403)


def _task(double: TikTokDouble, grant: Grant, front: str, info: dict[str, Any], *, draft: bool, photo: bool) -> Task:
    creator = grant.creator
    task = Task(
        f"{front}~v2.{double.number()}", creator, draft, photo, info, double.clock.now(), polls=creator.polls,
        moderation=creator.moderation,
    )  # fmt: skip
    if double.next_failures:
        task.failure = double.next_failures.pop(0)
    with double.lock:
        double.tasks[task.publish_id] = task
    return task


def _fits(size: Any, chunk: Any, chunks: Any) -> bool:
    if not all(isinstance(each, int) and not isinstance(each, bool) and each > 0 for each in (size, chunk, chunks)):
        return False
    if size < LEAST:
        return bool(chunk == size and chunks == 1)
    if not (LEAST <= chunk <= MOST) or chunks != size // chunk or not 1 <= chunks <= 1000:
        return False
    return bool(size - chunk * (chunks - 1) <= LAST)


def _pulled(double: TikTokDouble, urls: list[str], task: Task, failure: str) -> list[bytes]:
    """What stands at the addresses: https, a name, verified, no redirect. An unverified address is refused at once."""
    bodies = []
    for url in urls:
        parts = urlsplit(url)
        host = parts.hostname or ""
        plain = double.switches.plain_pull and parts.scheme == "http"
        ours = any(host == name or host.endswith(f".{name}") for name in double.verified) or any(
            url.startswith(prefix) for prefix in double.verified if "/" in prefix
        )
        named = parts.scheme == "https" and not re.fullmatch(r"[\d.]+|.*:.*", host)
        if not (named or plain) or not ours:
            del double.tasks[task.publish_id]
            raise refused("url_ownership_unverified", double.switches.domain_status)
        try:
            with requests.get(url, timeout=5, allow_redirects=False) as answer:
                if answer.status_code == 200:
                    bodies.append(answer.content)
                    continue
        except requests.RequestException:
            pass
        task.failure = task.failure or failure
    return bodies


def _film_fault(task: Task) -> str:
    film = read_film(bytes(task.body[:100_000]))
    if film is None or film.codec not in ("avc1", "hvc1", "hev1", "vp08", "vp09"):
        return "file_format_check_failed"
    if not 0 < film.seconds <= task.creator.longest:
        return "duration_check_failed"
    if not 23 <= film.rate <= 60:
        return "frame_rate_check_failed"
    if not all(360 <= side <= 4096 for side in (film.width, film.height)):
        return "picture_size_check_failed"
    return ""


def _photo_fault(body: bytes) -> str:
    try:
        with Image.open(io.BytesIO(body)) as image:
            if image.format not in ("JPEG", "WEBP"):
                return "file_format_check_failed"
    except (OSError, SyntaxError):
        return "file_format_check_failed"
    return "picture_size_check_failed" if len(body) > 20_000_000 else ""


def _end(double: TikTokDouble, task: Task) -> None:
    """All bytes are there: a post, unless something is wrong with it, or it is a draft."""
    task.ended = True
    if task.failure or task.draft:
        return
    _stand(double, task, task.info)


def _stand(double: TikTokDouble, task: Task, info: dict[str, Any]) -> None:
    post = Post(
        f"74{int(double.number()):017d}", task.creator, str(info.get("description") or info.get("title") or ""),
        str(info.get("privacy_level")), double.clock.now(), task.publish_id, task.photo,
        bool(info.get("brand_content_toggle")), bool(info.get("brand_organic_toggle")),
    )  # fmt: skip
    double.posts[post.id] = post
    task.post_id = post.id
