"""The guarded connection: a session that only ever connects to public numbers, and a watch that ends what drags on."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from types import TracebackType
from typing import Any, TypeVar

import requests
from requests.adapters import HTTPAdapter
from requests_hardened import Config, HTTPSession  # type: ignore[import-untyped]
from requests_hardened.ip_filter import InvalidIPAddress  # type: ignore[import-untyped]
from requests_hardened.ip_filter_adapter import IPFilterAdapter  # type: ignore[import-untyped]
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

__all__ = [
    "SILENCE", "InvalidIPAddress", "NameTooSlow", "TimeIsOver", "Watch", "guarded_session", "is_public", "watched_session",
]  # fmt: skip

SILENCE = 5.0  # seconds; the longest we wait for one answer from the network
AGENT = "Mozilla/5.0 (compatible; socialshop/0.1; reads product pages that a person pasted)"
_HEADERS = {
    "Accept": "text/html,image/webp,image/*;q=0.9,*/*;q=0.1",
    "Accept-Encoding": "gzip",
    "Accept-Language": "id,en;q=0.8",
}
Answer = TypeVar("Answer")


class NameTooSlow(Exception):
    """Looking up the name took too long."""


class TimeIsOver(Exception):
    """The whole budget is used up."""


class Watch:
    """Ends the connection that is open when the time is over, however busily it drips."""

    def __init__(self, seconds: float) -> None:
        self.until = time.monotonic() + seconds
        self.over = False
        self.connected = False  # whether a connection ever stood; before that nothing can have been sent
        self._lock = threading.Lock()
        self._held: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Watch:
        self._token = _watch.set(self)
        self._timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._timer.cancel()
        _watch.reset(self._token)
        with self._lock:
            self._held = None

    def left(self) -> float:
        """Seconds that are left, a little at least; TimeIsOver when there are none."""
        left = self.until - time.monotonic()
        if self.over or left <= 0:
            raise TimeIsOver()
        return max(left, 0.01)

    def hold(self, held: socket.socket | None) -> None:
        """Watch this connection from now on."""
        self.connected = True
        with self._lock:
            self._held = held
        if self.over:
            self._end()

    def _end(self) -> None:
        self.over = True
        with self._lock:
            if self._held is not None:
                with suppress(OSError):  # closed by itself meanwhile
                    socket.socket.shutdown(self._held, socket.SHUT_RDWR)  # wakes a read that is waiting


_watch: ContextVar[Watch] = ContextVar("watch")


class _Connection(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        _watch.get().hold(self.sock)


class _SafeConnection(HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        _watch.get().hold(self.sock)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SafePool(HTTPSConnectionPool):
    ConnectionCls = _SafeConnection


class _Adapter(IPFilterAdapter):  # type: ignore[misc]  # untyped
    """The hardened adapter, with a limit on the name's look-up and a second opinion on the number."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SafePool}

    def build_connection_pool_key_attributes(self, request: requests.PreparedRequest, verify: Any, cert: Any = None) -> Any:
        build = super().build_connection_pool_key_attributes
        host, pool = _within(_watch.get().left(), lambda: build(request, verify, cert))
        number = ipaddress.ip_address(host["host"].strip("[]"))
        if not (is_public(number) or (self._allow_loopback and number.is_loopback)):
            raise InvalidIPAddress(number)
        return host, pool


def is_public(number: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether a number is one that everybody on the internet may reach."""
    if isinstance(number, ipaddress.IPv6Address):
        inner = number.ipv4_mapped or number.sixtofour or (number.teredo[1] if number.teredo else None)
        if inner is not None or number.is_site_local:
            return False
    return number.is_global and not (number.is_multicast or number.is_reserved or number.is_unspecified or number.is_link_local)


def guarded_session(loopback: bool) -> requests.Session:
    config = Config(
        ip_filter_enable=True, ip_filter_allow_loopback_ips=loopback, never_redirect=True, default_timeout=(SILENCE, SILENCE),
        user_agent_override=AGENT,
    )  # fmt: skip
    session: requests.Session = HTTPSession(config)
    session.trust_env = False  # a proxy of the environment would do the connecting, past our check
    session.mount("http://", _Adapter(is_https_proto=False, allow_loopback=loopback))
    session.mount("https://", _Adapter(is_https_proto=True, allow_loopback=loopback))
    session.headers.update(_HEADERS)
    return session


class _WatchedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SafePool}


def watched_session() -> requests.Session:
    """A session for an address that the operator chose: any number may be reached, the watch ends what drags on."""
    session = requests.Session()
    session.trust_env = False  # no proxy of the environment, and no .netrc that would sign in instead of us
    session.mount("http://", _WatchedAdapter())
    session.mount("https://", _WatchedAdapter())
    return session


def _within(seconds: float, work: Callable[[], Answer]) -> Answer:
    """The answer of `work`, if it comes in time. A name look-up cannot be interrupted, only left behind."""
    answers: list[Answer] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            answers.append(work())
        except BaseException as error:  # handed over to the caller below
            failures.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(min(seconds, SILENCE))
    if failures:
        raise failures[0]
    if not answers:
        raise NameTooSlow()
    return answers[0]
