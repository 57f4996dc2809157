"""How often one address or one person may try: kept in memory, or in Redis where there are several processes."""

from __future__ import annotations

from flask import Flask, Response
from flask_limiter import Limiter, RequestLimit
from flask_limiter.util import get_remote_address

from ..kernel.errors import TooMany

limiter = Limiter(get_remote_address, headers_enabled=False)


def init_app(app: Flask) -> None:
    """Bind the limiter; `@limiter.limit("10 per minute")` on a view."""
    settings = app.config["SETTINGS"]
    app.config.update(
        RATELIMIT_STORAGE_URI=settings.ratelimit_storage,
        RATELIMIT_ENABLED=settings.ratelimit_enabled,
        RATELIMIT_STRATEGY="moving-window",
        RATELIMIT_ON_BREACH_CALLBACK=_breached,
    )
    limiter.init_app(app)


def _breached(limit: RequestLimit) -> Response:
    import time

    raise TooMany(retry_after=max(1, int(limit.reset_at - time.time())), limit=str(limit.limit))
