"""For machines that watch: alive, ready, and how much of what."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

from ..kernel import beat, schema
from ..kernel.clock import utcnow
from ..kernel.database import session
from .access import ANYONE, allow

bp = Blueprint("health", __name__)
STALE = timedelta(seconds=90)


@bp.get("/healthz")
@allow(ANYONE)
def healthz() -> Response:
    """The process answers; nothing is touched."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
@allow(ANYONE)
def readyz() -> tuple[Response, int]:
    """The database answers, its schema is ours, and the worker has been heard of lately."""
    checks = {"database": _database(), "migrations": False, "worker": False}
    if checks["database"]:
        checks["migrations"] = schema.is_current()
        last = beat.last("worker") if checks["migrations"] else None
        checks["worker"] = last is not None and utcnow() - last < STALE
    return jsonify(checks), 200 if all(checks.values()) else 503


@bp.get("/metrics")
@allow(ANYONE)
def metrics() -> Response:
    """Prometheus text."""
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _database() -> bool:
    from sqlalchemy.exc import SQLAlchemyError

    try:
        session().execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True
