"""Messages of payout providers in, at /hooks/payouts/<account>: verify, keep once, answer; nothing else."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from sqlalchemy.exc import SQLAlchemyError

from ..adapters.payouts import provider
from ..domain import sending
from ..flows import send_look
from ..kernel import faults
from ..kernel.clock import utcnow
from ..kernel.errors import Unavailable
from ..policy import SIGNATURE, allow
from .hooks import NotSigned, raw_body

bp = Blueprint("payout_hooks", __name__, url_prefix="/hooks/payouts")
STRANGER = "xendit"  # whose rules an unknown address is judged by, so that refusing looks and takes the same


@bp.post("/<payout_account>")
@allow(SIGNATURE)
def receive(payout_account: str) -> Response:
    """Keep one message. 2xx only after it is committed; the provider is asked about it in the background."""
    body = raw_body()
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        row = sending.find_account(payout_account)
        token = row.token if row is not None and row.state == "live" else None
        client = provider(row.provider if row is not None else STRANGER, "")
        if not client.proves(headers, token) or row is None:
            raise NotSigned
        kept = send_look.keep(row.id, client, body, now=utcnow())
    except (SQLAlchemyError, OSError) as error:  # locked, full or away: the provider shall send it again
        raise Unavailable from error
    faults.point("after_store_before_ack")
    return jsonify(event=kept, duplicate=kept == "")
