"""From files to a post: init, parts of the film, status. https://developers.tiktok.com/doc/content-posting-api-reference-direct-post

A film is uploaded by us: its publish_id is known, and kept, before the first byte moves, and nothing can be seen before the
last one has. Photos can only be pulled: there the init itself posts, so its lost answer leaves nothing to look up by.
"""

from __future__ import annotations

import re
import time
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from ....config_social import TikTokApp
from .. import wire
from ..reasons import REASONS
from ..values import (
    Access,
    Delivered,
    Denied,
    Handle,
    Later,
    Metrics,
    NotNow,
    NotTaken,
    Options,
    Outcome,
    PostRequest,
    Published,
    Ready,
    Underway,
    Unknown,
)
from ..wire import ask, text_of
from .errors import checked, failure

PART = 8_000_000  # bytes; at least 5 and at most 64 MB are taken, and an interrupted part is sent again
WHOLE = 5_000_000  # what is smaller goes in one piece
UPLOAD_FOR = 20.0  # seconds in one go; then the job is free again
POLL, AGAIN = 10, 60
SELF_ONLY = "SELF_ONLY"
FIELDS = "id,view_count,like_count,comment_count,share_count"


def options(app: TikTokApp, access: Access) -> Options:
    """POST creator_info/query: never kept beyond the form, or the post, that it was asked for."""
    told = checked(_post(app, access, "/v2/post/publish/creator_info/query/", {}))
    levels, longest = told.get("privacy_level_options"), told.get("max_video_post_duration_sec")
    if not isinstance(levels, list):
        raise NotNow("not_understood", sent=True)
    return Options(
        text_of(told.get("creator_nickname"), 120), tuple(text_of(each, 40) for each in levels), not told.get("comment_disabled"),
        not told.get("duet_disabled"), not told.get("stitch_disabled"), longest if isinstance(longest, int) else None,
    )  # fmt: skip


def prepare(app: TikTokApp, access: Access, request: PostRequest, handle: Handle) -> Outcome:
    """What the creator may do now, and, for a film, the id under which it will be uploaded."""
    if handle:
        return Ready(handle)
    try:
        if not request.draft:
            if request.branded and request.privacy == SELF_ONLY:
                return NotTaken(REASONS["private_ad"], "private_ad")
            found = options(app, access)
            if request.privacy not in found.privacy:
                return NotTaken(REASONS["privacy"], "privacy_level_option_mismatch")
            if request.kind == "video" and found.longest is not None and request.media[0].seconds > found.longest:
                return NotTaken(REASONS["length"], "duration_check_failed")
        if request.kind == "photos":
            return Ready({"pull": True})
        return _init(app, access, request)
    except NotNow as error:
        return Later(error.code, error.again_in or AGAIN)
    except Denied as error:
        return _not_taken(error)


def publish(app: TikTokApp, access: Access, request: PostRequest, handle: Handle) -> Outcome:
    """Photos: the init. A film: the parts that are not there yet, for a while."""
    if handle.get("pull"):
        return _pull(app, access, request)
    return _upload(app, access, request, handle)


def look(app: TikTokApp, access: Access, request: PostRequest, handle: Handle) -> Outcome:
    """POST status/fetch."""
    name = handle.get("publish_id")
    if not name:
        return Unknown("no_name") if handle.get("pull") else Ready(handle)
    try:
        told = checked(_post(app, access, "/v2/post/publish/status/fetch/", {"publish_id": str(name)}))
    except NotNow as error:
        return Later(error.code, error.again_in or AGAIN)
    except Denied as error:
        # whether it stands there is not said by a refusal to tell
        wait = error.reason.retry in ("wait", "later")
        return Later(error.code, error.again_in or AGAIN) if wait else Unknown(error.reason.name)
    return _standing(access, request, handle, told)


def metrics(app: TikTokApp, access: Access, remote_id: str) -> Metrics:
    """POST video/query: totals of a public video."""
    answer = ask(
        "POST", f"{app.api_url}/v2/video/query/", bearer=access.token, query={"fields": FIELDS},
        document={"filters": {"video_ids": [remote_id]}},
    )  # fmt: skip
    videos = checked(answer).get("videos")
    for each in videos if isinstance(videos, list) else []:
        if isinstance(each, dict) and text_of(each.get("id")) == remote_id:
            return Metrics(*(_count(each.get(f"{name}_count")) for name in ("view", "like", "comment", "share")))
    return Metrics()


def _init(app: TikTokApp, access: Access, request: PostRequest) -> Outcome:
    """POST …/video/init/ or …/inbox/video/init/. One whose answer is lost is never filled, so it never becomes a post."""
    item = request.media[0]
    part = item.size if item.size < WHOLE else min(PART, item.size)
    count = max(1, item.size // part)
    source = {"source": "FILE_UPLOAD", "video_size": item.size, "chunk_size": part, "total_chunk_count": count}
    if request.draft:
        told = checked(_post(app, access, "/v2/post/publish/inbox/video/init/", {"source_info": source}))
    else:
        info = {
            "privacy_level": request.privacy, "title": request.caption, "disable_comment": not request.comments,
            "disable_duet": not request.duet, "disable_stitch": not request.stitch, **_brand(request),
        }  # fmt: skip
        told = checked(_post(app, access, "/v2/post/publish/video/init/", {"post_info": info, "source_info": source}))
    name, address = text_of(told.get("publish_id"), 100), text_of(told.get("upload_url"), 2000)
    if not name or not _is_theirs(app, address):
        raise NotNow("not_understood", sent=True)
    return Ready({"publish_id": name, "upload_url": address, "part": part, "count": count, "size": item.size})


def _pull(app: TikTokApp, access: Access, request: PostRequest) -> Outcome:
    """POST …/content/init/: TikTok fetches the pictures, and posts."""
    info: dict[str, Any] = {"title": request.title[:90], "description": request.caption, **_brand(request)}
    if not request.draft:
        info |= {"privacy_level": request.privacy, "disable_comment": not request.comments, "auto_add_music": True}
    document = {
        "media_type": "PHOTO", "post_mode": "MEDIA_UPLOAD" if request.draft else "DIRECT_POST", "post_info": info,
        "source_info": {"source": "PULL_FROM_URL", "photo_images": [item.url for item in request.media], "photo_cover_index": 0},
    }  # fmt: skip
    try:
        name = text_of(checked(_post(app, access, "/v2/post/publish/content/init/", document)).get("publish_id"), 100)
    except NotNow as error:
        return Unknown(error.code) if error.sent else Later(error.code, error.again_in or AGAIN)
    except Denied as error:
        return _not_taken(error)
    return Underway({"pull": True, "publish_id": name}, POLL) if name else Unknown("not_understood")


def _upload(app: TikTokApp, access: Access, request: PostRequest, handle: Handle) -> Outcome:
    """PUT part after part, from where the provider says it has come to."""
    item, size, until = request.media[0], int(handle["size"]), time.monotonic() + UPLOAD_FOR
    state = dict(handle)
    at = int(state.get("stored", 0))
    while at < size:
        number = at // int(state["part"])
        last = size if number >= int(state["count"]) - 1 else at + int(state["part"])
        try:
            with item.path.open("rb") as file:
                answer = ask(
                    "PUT", str(state["upload_url"]), body=_Part(file, at, last), seconds=wire.UPLOAD_SECONDS,
                    headers={"Content-Type": item.media_type, "Content-Range": f"bytes {at}-{last - 1}/{size}"},
                )  # fmt: skip
        except NotNow as error:
            # of a part that is not the last one nothing can be seen
            return Unknown(error.code) if error.sent and last == size else Later(error.code, error.again_in or AGAIN)
        if answer.status == 201 or (answer.status == 206 and last == size):
            break
        if answer.status in (403, 404):
            return _dead_end(app, access, request, state)
        told = _come_to(answer.headers.get("content-range", ""), size)
        if answer.status == 416 and told is not None and told != at:
            at = told
        elif answer.status == 206:
            at = last
        else:
            return Unknown("failed_inside") if last == size else Later("failed_inside", AGAIN)
        state["stored"] = at
        if time.monotonic() > until and at < size:
            return Underway(state, 0)
    return Underway({**state, "stored": size}, POLL)


def _dead_end(app: TikTokApp, access: Access, request: PostRequest, state: Handle) -> Outcome:
    """The address for the film is no longer taken. What never came in whole cannot have been posted, so it begins anew."""
    found = look(app, access, request, state)
    match found:
        case Ready():
            return NotTaken(REASONS["too_old"], "upload_url")
        case Later(code=code):
            return Unknown(code)
    return found


def _standing(access: Access, request: PostRequest, handle: Handle, told: dict[str, Any]) -> Outcome:
    """A status as an outcome. An empty list of ids: moderation, or it is not public."""
    word, stored = told.get("status"), told.get("uploaded_bytes")
    match word:
        case "PUBLISH_COMPLETE":
            ids = told.get("publicaly_available_post_id")
            number = text_of(ids[0], 40) if isinstance(ids, list) and ids else ""
            return Published(number, permalink(access, request, number), visible=bool(number))
        case "SEND_TO_USER_INBOX":
            return Delivered()
        case "FAILED":
            reason = text_of(told.get("fail_reason"), 80)
            return NotTaken(failure(reason), reason or "FAILED")
        case "PROCESSING_UPLOAD" if isinstance(stored, int) and stored < int(handle.get("size", 0)):
            return Ready({**handle, "stored": stored})
        case "PROCESSING_UPLOAD" | "PROCESSING_DOWNLOAD":
            return Underway(handle, POLL)
    return Later("not_understood", AGAIN)


def permalink(access: Access, request: PostRequest, number: str) -> str:
    """https://www.tiktok.com/@<username>/video/<id>."""
    kind = "photo" if request.kind == "photos" else "video"
    return f"https://www.tiktok.com/@{access.username}/{kind}/{number}" if number and access.username else ""


def _not_taken(error: Denied) -> Outcome:
    return NotTaken(error.reason, error.code, error.again_in)


def _brand(request: PostRequest) -> dict[str, bool]:
    """Both are always sent: photos want them, and two boxes ticked are two toggles."""
    return {"brand_content_toggle": request.branded, "brand_organic_toggle": request.promotes in ("own", "both")}


class _Part:
    """A part of a film, read bit by bit while it is sent: many at once take no memory."""

    def __init__(self, file: BinaryIO, first: int, last: int) -> None:
        self._file, self._left = file, last - first
        file.seek(first)

    def __len__(self) -> int:
        return self._left

    def read(self, size: int = -1) -> bytes:
        found = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(found)
        return found


def _come_to(header: str, size: int) -> int | None:
    """How many bytes are stored, by "bytes 0-<last>/<size>"."""
    found = re.fullmatch(r"bytes 0-(\d{1,12})/(\d{1,12})", header)
    if found is None or int(found[2]) != size or not int(found[1]) < size:
        return None
    return int(found[1]) + 1 if int(found[1]) else 0


def _is_theirs(app: TikTokApp, address: str) -> bool:
    """The upload address comes in a reply and is used as it is: only over TLS, or at a double on this machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and address.startswith(f"{app.api_url}/"))


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _post(app: TikTokApp, access: Access, path: str, document: dict[str, Any]) -> wire.Answer:
    return ask("POST", f"{app.api_url}{path}", bearer=access.token, document=document)
