"""Webhooks in, at /hooks/<connection>: verify, keep once, answer; nothing else."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import RequestEntityTooLarge

from ..adapters.stores import STORES, Store
from ..domain import connections
from ..flows import inbound
from ..kernel import faults
from ..kernel.clock import utcnow
from ..kernel.errors import N_, Unauthenticated, Unavailable
from ..policy import SIGNATURE, allow

LARGEST = 1024 * 1024  # bytes

bp = Blueprint("hooks", __name__, url_prefix="/hooks")


class NotSigned(Unauthenticated):
    """One answer for an unknown or switched-off connection, and for a bad or missing signature."""

    code = "not_signed"
    message = N_("This is not signed with the secret of a connection.")


@bp.post("/<connection>")
@allow(SIGNATURE)
def receive(connection: str) -> Response:
    """Keep one webhook. 2xx only after it is committed; the work follows in the background."""
    body = raw_body()
    headers = {name.lower(): value for name, value in request.headers.items()}
    now = utcnow()
    try:
        row = connections.find(connection)
        live = row is not None and row.state == "live"
        store = STORES[row.provider] if row is not None else _guessed(headers)
        if row is not None and live and store.is_ping(body, headers):
            return jsonify(ping=True)
        secrets = connections.secrets_of(row, now=now) if row is not None and live else []
        if not store.verify(body, headers, secrets) or row is None:
            raise NotSigned
        label = store.label(body, headers)
        proved = row.secret_proved_at is None and store.verify(body, headers, [row.secret or ""])
        kept = inbound.keep(row.id, label, body, proved=proved, now=now)
    except (SQLAlchemyError, OSError) as error:  # locked, full or away: the store shall send it again
        inbound.log.error("webhook not stored", error=type(error).__name__)
        raise Unavailable from error
    faults.point("after_store_before_ack")
    return jsonify(event=kept.public_id, duplicate=kept.duplicate)


def raw_body() -> bytes:
    """The bytes as they came, of at most LARGEST."""
    if request.content_length is not None and request.content_length > LARGEST:
        raise RequestEntityTooLarge
    request.max_content_length = LARGEST  # also where no length was announced
    return request.get_data(cache=True)


def _guessed(headers: dict[str, str]) -> Store:
    """For an unknown connection: whichever store this looks like, so that refusing takes as long as ever."""
    return STORES["woocommerce" if any(name.startswith("x-wc-") for name in headers) else "shopify"]
