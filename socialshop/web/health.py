"""For machines that watch: alive, ready, and how much of what."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, current_app, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import text

from ..domain import clicks
from ..flows import drain, nodes
from ..kernel import beat, schema
from ..kernel.clock import utcnow
from ..kernel.database import session
from ..kernel.errors import NotFound
from ..redirector import watch
from ..redirector.answer import Redirector
from .access import ANYONE, allow

bp = Blueprint("health", __name__)
STALE = timedelta(seconds=90)
LAG = 30.0  # seconds that a click may wait for the drainer


@bp.get("/healthz")
@allow(ANYONE)
def healthz() -> Response:
    """The process answers; nothing is touched."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
@allow(ANYONE)
def readyz() -> tuple[Response, int]:
    """The database answers, its schema is ours, the worker was heard of lately, and clicks are kept and poured in time."""
    checks = {
        "database": _database(),
        "migrations": False,
        "worker": False,
        "clicks": not watch.trouble(_redirector()),
        "drainer": False,
    }
    if checks["database"]:
        checks["migrations"] = schema.is_current()
        last = beat.last("worker") if checks["migrations"] else None
        checks["worker"] = last is not None and utcnow() - last < STALE
        checks["drainer"] = checks["migrations"] and nodes.lag(now=utcnow()) < LAG
    return jsonify(checks), 200 if all(checks.values()) else 503


@bp.get("/metrics")
@allow(ANYONE)
def metrics() -> Response:
    """Prometheus text, for this machine itself and for whoever brings the token."""
    settings = current_app.config["SETTINGS"]
    if not watch.may_look(request.environ, token=settings.metrics_token, proxies=settings.proxies):
        raise NotFound()
    parts = generate_latest(), generate_latest(_clicks()), watch.figures(_redirector())
    return Response(b"".join(parts), content_type=CONTENT_TYPE_LATEST)


def _clicks() -> CollectorRegistry:
    """How far this machine's clicks are from the database, and the machines that there are; nothing while it is away."""
    found = CollectorRegistry()
    if _database() and schema.is_current():
        _gauge(found, "socialshop_drainer_lag_seconds", "How long the oldest click has waited", nodes.lag(now=utcnow()))
        _gauge(found, "socialshop_spool_waiting_bytes", "What was noted and not yet taken in", drain.waiting())
        states = Gauge("socialshop_nodes", "Machines that note clicks", ["state"], registry=found)
        for node in clicks.nodes.nodes_by_name():
            states.labels(node.state).inc()
    return found


def _gauge(registry: CollectorRegistry, name: str, words: str, value: float) -> None:
    Gauge(name, words, registry=registry).set(value)


def _redirector() -> Redirector:
    found: Redirector = current_app.extensions["redirector"]
    return found


def _database() -> bool:
    from sqlalchemy.exc import SQLAlchemyError

    try:
        session().execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True
