"""Messages of channels in: Meta's at /hooks/instagram, TikTok's at /hooks/tiktok: verify, keep once, answer; nothing else.

Whoever asks without a proof gets the one answer that unknown connections get, also where this install has no app there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, Response, current_app, jsonify, request, url_for
from sqlalchemy.exc import SQLAlchemyError

from ..adapters.social import Notified, Publisher, Signed, Unusable, offered, publisher
from ..flows import channel, channel_news
from ..kernel import faults
from ..kernel.clock import utcnow
from ..kernel.errors import Forbidden, Unavailable
from ..policy import SIGNATURE, allow
from .hooks import NotSigned, raw_body

bp = Blueprint("social_hooks", __name__, url_prefix="/hooks")
META, TIKTOK = ("instagram", "facebook"), ("tiktok",)  # the logins of each: their apps have secrets of their own
Answer = TypeVar("Answer")


@bp.get("/instagram")
@allow(SIGNATURE)
def instagram_handshake() -> Response:
    """Meta asks whether this address is ours, and wants its challenge back."""
    query = request.args.to_dict()
    for client in _notified():
        challenge = client.challenge(query)
        if challenge is not None:
            return Response(challenge, mimetype="text/plain")
    raise Forbidden


@bp.post("/instagram")
@allow(SIGNATURE)
def instagram_message() -> Response:
    """Keep one message of Meta's, signed by either app."""
    return _received("instagram", META)


@bp.post("/tiktok")
@allow(SIGNATURE)
def tiktok_message() -> Response:
    """Keep one message of TikTok's."""
    return _received("tiktok", TIKTOK)


@bp.post("/instagram/deauthorize")
@allow(SIGNATURE)
def instagram_deauthorized() -> Response:
    """A person took our access away over there."""
    told = _signed_request()
    count = _stored(lambda: channel.removed("instagram", told.user_id, at=told.issued_at, now=utcnow()))
    return jsonify(channels=count)


@bp.post("/instagram/deletion")
@allow(SIGNATURE)
def instagram_deletion() -> Response:
    """A person wants to be forgotten: done at once; the address shows what became of it."""
    told = _signed_request()
    code = _stored(lambda: channel.forget("instagram", told.user_id, at=told.issued_at, now=utcnow()))
    address = f"{current_app.config['SETTINGS'].base_url}{url_for('front.forgotten', erasure=code)}"
    return jsonify(url=address, confirmation_code=code)


def _received(provider: str, logins: tuple[str, ...]) -> Response:
    """2xx only after it is committed; what came of it is asked in the background."""
    body, now = raw_body(), utcnow()
    headers = {name.lower(): value for name, value in request.headers.items()}
    client = next((each for each in _clients(logins) if each.proves(headers, body, now=now)), None)
    if client is None:
        raise NotSigned

    def keep() -> bool:
        try:
            heard = client.hear(body)
        except Unusable:
            return channel_news.put_aside(provider, body, now=now)
        return channel_news.keep(provider, heard, now=now)

    kept = _stored(keep)
    faults.point("after_store_before_ack")
    return jsonify(duplicate=not kept)


def _signed_request() -> Signed:
    """Whom a form of Meta's is about, by the secret of either app."""
    raw_body()
    text = request.form.get("signed_request", "")
    for client in _notified():
        try:
            return client.signed_request(text)
        except Unusable:
            continue
    raise NotSigned


def _stored(story: Callable[[], Answer]) -> Answer:
    try:
        return story()
    except (SQLAlchemyError, OSError) as error:  # locked, full or away: the provider shall send it again
        raise Unavailable from error


def _notified() -> list[Notified]:
    return [client for client in _clients(META) if isinstance(client, Notified)]


def _clients(logins: tuple[str, ...]) -> list[Publisher]:
    return [publisher(login) for login in logins if login in offered()]
