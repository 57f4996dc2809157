"""For machines that watch a process that answers links: whether it keeps clicks as promised, and how many. Prometheus text."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable
from ipaddress import ip_address

from ..kernel.spool import Spool
from .answer import Application, Environ, Redirector, Respond
from .links import Links

_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")


def watched(behind: Application, redirector: Redirector, *, token: str, proxies: int) -> Application:
    """Answer `/readyz` and `/metrics`, and hand everything else on."""

    def application(environ: Environ, respond: Respond) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/readyz":
            wrong = trouble(redirector)
            body = json.dumps({"clicks": wrong or True}).encode()
            return _told(respond, "503 Service Unavailable" if wrong else "200 OK", "application/json", body)
        if path == "/metrics" and may_look(environ, token=token, proxies=proxies):
            return _told(respond, "200 OK", "text/plain; version=0.0.4", figures(redirector))
        return behind(environ, respond)

    return application


def trouble(redirector: Redirector) -> str:
    """Why this process does not keep clicks as promised; "" while it does."""
    return redirector.spool.trouble() if isinstance(redirector.spool, Spool) else ""


def figures(redirector: Redirector) -> bytes:
    """What this process has answered since it began, and how it stands."""
    lines = [
        "# HELP socialshop_taps_total Requests for tracked links by what came of them",
        "# TYPE socialshop_taps_total counter",
    ]
    lines += [f'socialshop_taps_total{{answer="{name}"}} {count}' for name, count in redirector.counts.items()]
    lines += [
        "# HELP socialshop_clicks_unsafe 1 while clicks are not kept as promised",
        "# TYPE socialshop_clicks_unsafe gauge",
        f"socialshop_clicks_unsafe {int(bool(trouble(redirector)))}",
    ]
    if isinstance(redirector.links, Links):
        age = redirector.links.age
        lines += [
            "# HELP socialshop_links_age_seconds How long ago the database told of changed links",
            "# TYPE socialshop_links_age_seconds gauge",
            f"socialshop_links_age_seconds {'+Inf' if age == float('inf') else round(age, 3)}",
        ]
    return ("\n".join(lines) + "\n").encode()


def may_look(environ: Environ, *, token: str, proxies: int) -> bool:
    """Whether figures are for whoever asks: with the token, or from this machine itself.

    Behind a proxy that is not declared everybody seems to come from this machine, so what was passed on does not count.
    """
    given = environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ").encode("latin-1", "replace")
    if token and hmac.compare_digest(given, token.encode()):
        return True
    if not proxies and any(name in environ for name in _FORWARDED):
        return False
    try:
        return ip_address(environ.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _told(respond: Respond, status: str, kind: str, body: bytes) -> Iterable[bytes]:
    respond(status, [("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")])
    return (body,)
