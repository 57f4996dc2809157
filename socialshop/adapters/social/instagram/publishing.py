"""From files to a post: containers, their standing, the one call that publishes, and how a lost answer is found again.

https://developers.facebook.com/docs/instagram-platform/content-publishing. A container becomes at most one post, so the
container's id is what we keep before the call; after a lost answer it says PUBLISHED or not.
"""

from __future__ import annotations

import time
from typing import Any

from ..reasons import REASONS
from ..values import (
    Access,
    Denied,
    Handle,
    Later,
    MediaItem,
    Metrics,
    NotNow,
    NotTaken,
    Outcome,
    PostRequest,
    Preparing,
    Published,
    Ready,
    Unknown,
)
from ..wire import text_of
from .errors import reason_in
from .graph import Graph

POLL, POLL_FILM = 5, 20  # seconds
AGAIN = 60
PREPARE_FOR = 30.0  # seconds in one go; then it is told how far it has come


def prepare(graph: Graph, access: Access, request: PostRequest, handle: Handle) -> Outcome:
    """Make the containers, children first, and wait for each. What a lost answer leaves behind expires by itself in a day."""
    try:
        state, until = dict(handle), time.monotonic() + PREPARE_FOR
        if request.kind == "carousel" and "container" not in state:
            state["children"] = list(state.get("children", ()))
            for item in request.media[len(state["children"]) :]:
                if time.monotonic() > until:
                    return Preparing(state, 0)
                state["children"].append(_create(graph, access, _child(item)))
            for child in state["children"]:
                if time.monotonic() > until:
                    return Preparing(state, 0)
                word, prose = _standing(graph, access, child)
                if word == "IN_PROGRESS":
                    return Preparing(state, _pause(request))
                if word != "FINISHED":
                    return _failed(word, prose)
        if "container" not in state:
            state["container"] = _create(graph, access, _fields(graph, request, state))
        word, prose = _standing(graph, access, state["container"])
    except NotNow as error:
        if _made(state) > _made(handle):  # what stands there already is not made again
            return Preparing(state, error.again_in or AGAIN)
        return Later(error.code, error.again_in or AGAIN)
    except Denied as error:
        return NotTaken(error.reason, error.code, error.again_in)
    if word == "IN_PROGRESS":
        return Preparing(state, _pause(request))
    if word == "FINISHED":
        return Ready(state)
    return look(graph, access, request, state) if word == "PUBLISHED" else _failed(word, prose)


def publish(graph: Graph, access: Access, request: PostRequest, handle: Handle) -> Outcome:
    """POST media_publish. Whatever it answers but an id, the container has the last word."""
    try:
        told = graph.post(f"{access.account_id}/media_publish", access.token, {"creation_id": str(handle["container"])})
        number = text_of(told.get("id"), 60)
        if not number:
            return Unknown("not_understood")
    except NotNow as error:
        return Unknown(error.code) if error.sent else Later(error.code, error.again_in or AGAIN)
    except Denied as error:
        return _denied(graph, access, request, handle, error)
    return Published(number, _permalink(graph, access, number))


def look(graph: Graph, access: Access, request: PostRequest, handle: Handle) -> Outcome:
    """PUBLISHED: it worked, and the post is found among the account's newest. FINISHED: it was not published."""
    if "container" not in handle:
        return Ready({}) if not handle else Ready(handle)
    try:
        word, prose = _standing(graph, access, str(handle["container"]))
        if word == "PUBLISHED":
            number, permalink = _found(graph, access, request)
            return Published(number, permalink)
    except NotNow as error:
        return Later(error.code, error.again_in or AGAIN)
    except Denied as error:
        # whether it stands there is not said by a refusal to tell
        wait = error.reason.retry in ("wait", "later", "twice")
        return Later(error.code, error.again_in or AGAIN) if wait else Unknown(error.reason.name)
    if word in ("FINISHED", "IN_PROGRESS"):
        return Ready(handle)
    return _failed(word, prose)


def metrics(graph: Graph, access: Access, remote_id: str, kind: str) -> Metrics:
    """GET /{media}/insights; one metric that does not fit the kind would fail all, so only those are asked that fit each."""
    wanted = "views,shares" if kind == "story" else "views,likes,comments,shares"
    told = graph.get(f"{remote_id}/insights", access.token, metric=wanted).get("data")
    values: dict[str, int] = {}
    for each in told if isinstance(told, list) else []:
        try:
            value = each["values"][0]["value"]
        except (KeyError, IndexError, TypeError):
            continue
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            values[text_of(each.get("name"), 60)] = value
    return Metrics(**{name: values.get(name) for name in ("views", "likes", "comments", "shares")})


def _denied(graph: Graph, access: Access, request: PostRequest, handle: Handle, error: Denied) -> Outcome:
    """Only what was refused for another reason than its standing is surely not posted."""
    if error.reason.name not in ("too_old", "vanished", "twice", "ours", "strange", "fault"):
        if error.reason.name == "not_ready":
            return Later(error.code, POLL)
        return NotTaken(error.reason, error.code, error.again_in)
    found = look(graph, access, request, handle)
    match found:
        case Ready():
            return NotTaken(error.reason, error.code, error.again_in)
        case Later(code=code):
            return Unknown(code)
    return found


def _failed(word: str, prose: str) -> Outcome:
    if word == "EXPIRED":
        return NotTaken(REASONS["too_old"], "EXPIRED")
    if word == "ERROR":
        reason, code = reason_in(prose)
        return NotTaken(reason, code)
    return Later("not_understood", AGAIN)


def _create(graph: Graph, access: Access, fields: dict[str, str]) -> str:
    number = text_of(graph.post(f"{access.account_id}/media", access.token, fields).get("id"), 60)
    if not number:
        raise NotNow("not_understood", sent=True)
    return number


def _child(item: MediaItem) -> dict[str, str]:
    fields = {"is_carousel_item": "true"}
    if item.kind == "video":
        return {**fields, "media_type": "VIDEO", "video_url": item.url}
    return {**fields, "image_url": item.url, **({"alt_text": item.alt_text[:1000]} if item.alt_text else {})}


def _fields(graph: Graph, request: PostRequest, state: dict[str, Any]) -> dict[str, str]:
    """The parameters of the container that becomes the post."""
    fields: dict[str, str] = {}
    if request.kind == "carousel":
        fields |= {"media_type": "CAROUSEL", "children": ",".join(state["children"])}
    else:
        item = request.media[0]
        fields["video_url" if item.kind == "video" else "image_url"] = item.url
        if request.kind in ("reel", "video"):
            fields |= {"media_type": "REELS", "share_to_feed": "true"}
        elif request.kind == "story":
            fields["media_type"] = "STORIES"
        elif item.alt_text:
            fields["alt_text"] = item.alt_text[:1000]
    if request.kind != "story":
        fields["caption"] = request.caption
    if request.branded and graph.via == "facebook":
        fields["is_paid_partnership"] = "true"
    return fields


def _standing(graph: Graph, access: Access, container: str) -> tuple[str, str]:
    told = graph.get(container, access.token, fields="id,status_code,status")
    word = told.get("status_code")
    if not isinstance(word, str):
        raise NotNow("not_understood", sent=True)
    return word, text_of(told.get("status"), 500)


def _found(graph: Graph, access: Access, request: PostRequest) -> tuple[str, str]:
    """The newest of the account's posts with this caption that is not another one of ours; ("", "") where none is."""
    told = graph.get(f"{access.account_id}/media", access.token, fields="id,caption,permalink,media_product_type").get("data")
    wanted = {"reel": "REELS", "video": "REELS", "story": "STORY"}.get(request.kind, "FEED")
    for each in told if isinstance(told, list) else []:
        number = text_of(each.get("id"), 60) if isinstance(each, dict) else ""
        if not number or number in request.known or each.get("media_product_type") != wanted:
            continue
        if request.kind == "story" or text_of(each.get("caption"), 5000) == request.caption:
            return number, text_of(each.get("permalink"), 300)
    return "", ""


def _permalink(graph: Graph, access: Access, number: str) -> str:
    """The address cannot be built, only asked for; it can be asked for later as well."""
    try:
        return text_of(graph.get(number, access.token, fields="id,permalink").get("permalink"), 300)
    except (NotNow, Denied):
        return ""


def _made(state: Handle) -> int:
    return len(state.get("children", ())) + ("container" in state)


def _pause(request: PostRequest) -> int:
    return POLL_FILM if any(item.kind == "video" for item in request.media) else POLL
