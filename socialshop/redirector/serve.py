"""`socialshop redirect`: tracked links answered by a small server of their own, behind the same address as the shop.

The proxy sends `/l/` here and everything else to the web application; both share the database and the instance folder.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable

from ..config import BadSetting, Settings, read_settings, secret_key_of
from ..kernel import faults
from ..kernel.clock import clock_from, system_clock
from ..kernel.database_url import url_of
from ..kernel.spool import Spool
from .answer import Application, Environ, Redirector, Respond, in_front_of
from .choose import PAGE
from .links import Asking, Links
from .watch import watched

_UNKNOWN = (
    b"<!doctype html><html lang=id><meta charset=utf-8><meta name=viewport content='width=device-width'>"
    b"<title>Tautan tidak ditemukan</title><p>Tautan ini tidak ada. Periksa lagi alamatnya.</p>"
    b"<p lang=en>There is no such link. Please check the address.</p></html>"
)


def main(arguments: list[str]) -> int:
    """Serve until a signal ends it."""
    parser = argparse.ArgumentParser(prog="socialshop redirect", description="Answer tracked links, and nothing else.")
    parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8001")))
    chosen = parser.parse_args(arguments)
    try:
        settings = read_settings()
    except BadSetting as problem:
        raise SystemExit(f"socialshop: {problem}") from None
    if settings.spool_folder is None:
        raise SystemExit("socialshop: CLICKS=database needs the web application; choose process or power.")
    from granian.constants import Interfaces
    from granian.server import Server

    Server(
        "socialshop.redirector.serve:application", address=chosen.host, port=chosen.port, interface=Interfaces.WSGI,
        factory=True, workers=1, blocking_threads=12 if settings.clicks == "power" else 1, log_access=False,
        respawn_failed_workers=True,
    ).serve()  # fmt: skip
    return 0


def application() -> Application:
    """The WSGI application of this process's settings."""
    settings = read_settings()
    faults.arm(settings.fault)
    redirector = redirector_of(settings)
    behind = watched(_behind, redirector, token=settings.metrics_token, proxies=0)  # whom a proxy speaks for is nobody here
    return in_front_of(behind, redirector)


def redirector_of(settings: Settings) -> Redirector:
    """A redirector on this install's database and spool."""
    assert settings.spool_folder is not None, "checked at the start"
    clock = clock_from(settings.clock) if settings.clock else system_clock
    asking = Asking(url_of(settings.database_url, settings.instance))
    links = Links(asking)
    links.refresh()
    asking.let_go()  # from now on others ask, with connections of their own
    return Redirector(
        links, Spool(settings.spool_folder, power=settings.clicks == "power"), secret_key_of(settings).encode(),
        now=lambda: clock().timestamp(), hosts=frozenset(settings.hosts or ()), proxies=settings.proxies,
        remember=settings.visitor_cookies,
    )  # fmt: skip


def _behind(environ: Environ, respond: Respond) -> Iterable[bytes]:
    """What is no link: alive or not, for a proxy that asks; what the app asks visitors; else a page that says so."""
    if environ["PATH_INFO"] == "/healthz":
        respond("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "3"), ("Cache-Control", "no-store")])
        return (b"ok\n",)
    if environ["PATH_INFO"].startswith(PAGE):  # the proxy sends what does not begin with /l/ to the app
        query = environ.get("QUERY_STRING", "")
        where = environ["PATH_INFO"] + (f"?{query}" if query else "")
        respond("302 Found", [("Location", where), ("Content-Length", "0"), ("Cache-Control", "no-store")])
        return (b"",)
    respond(
        "404 Not Found",
        [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(_UNKNOWN))), ("Cache-Control", "no-store")],
    )
    return (_UNKNOWN,)
