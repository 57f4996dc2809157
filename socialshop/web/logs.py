"""One line of log per request, with its id; no secrets, no full addresses, no query strings."""

from __future__ import annotations

import logging
import re
import sys
import time

import structlog
from flask import Flask, g, request
from prometheus_client import Counter, Histogram
from werkzeug.wrappers import Response

from ..domain import audit
from ..kernel.database import new_id

REQUESTS = Counter("socialshop_requests_total", "Requests answered", ["endpoint", "status"])
SECONDS = Histogram("socialshop_request_seconds", "Time to answer", ["endpoint"])
_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{8,60}\Z")
log = structlog.get_logger("web")


def init_app(app: Flask) -> None:
    """Set logging up and watch every request."""
    set_up(as_json=app.config["SETTINGS"].log_json)
    app.before_request(_begin)
    app.after_request(_end)


def set_up(*, as_json: bool) -> None:
    """structlog to standard error: JSON for machines, plain lines for people."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _SAFE_ID.match(given) else new_id("req")
    g.started = time.perf_counter()
    audit.request_id.set(g.request_id)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(answer: Response) -> Response:
    if "started" in g:
        seconds = time.perf_counter() - g.started
        endpoint = request.endpoint or "none"
        REQUESTS.labels(endpoint, answer.status_code).inc()
        SECONDS.labels(endpoint).observe(seconds)
        answer.headers["X-Request-ID"] = g.request_id
        if endpoint not in ("static", "health.healthz", "shop.picture"):
            log.info("request", method=request.method, endpoint=endpoint, status=answer.status_code, ms=round(seconds * 1000, 1))
    return answer
