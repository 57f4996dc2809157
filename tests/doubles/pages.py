"""A shop's web server on this machine, for tests of what reads pages: well-behaved, broken and hostile answers."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers by path; remembers who asked for what."""

    protocol_version = "HTTP/1.1"
    pages: dict[str, Answer]
    asked: list[tuple[str, dict[str, str]]]

    def do_GET(self) -> None:
        self.asked.append((self.path, dict(self.headers)))
        page = self.pages.get(self.path.partition("?")[0])
        self.close_connection = True
        with contextlib.suppress(OSError):  # the reader has left
            if page is None:
                self.give(b"<h1>Not here</h1>", status=404)
            else:
                page(self)

    def give(
        self, body: bytes, kind: str = "text/html; charset=utf-8", *, status: int = 200, headers: Mapping[str, str] | None = None,
        told: int | None = None,
    ) -> None:  # fmt: skip
        """One whole answer; `told` is the Content-Length it claims (-1: none)."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        length = len(body) if told is None else told
        if length >= 0:
            self.send_header("Content-Length", str(length))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Quiet."""


class PageServer:
    """`with PageServer() as shop: shop.page("/x", "<html>…"); shop.url("/x")`"""

    def __init__(self) -> None:
        self.pages: dict[str, Answer] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        handler = type("Bound", (Handler,), {"pages": self.pages, "asked": self.asked})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> PageServer:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """The address of a path."""
        return f"http://{host}:{self.port}{path}"

    def page(self, path: str, body: str | bytes, kind: str = "text/html; charset=utf-8", **facts: Any) -> str:
        """Serve this at `path`; its address."""
        content = body.encode() if isinstance(body, str) else body
        self.pages[path] = lambda handler: handler.give(content, kind, **facts)
        return self.url(path)

    def redirect(self, path: str, target: str, status: int = 302) -> str:
        """Send whoever asks for `path` to `target`."""
        return self.page(path, b"", status=status, headers={"Location": target})

    def drip(self, path: str, *, head: bool = False, pause: float = 0.05) -> str:
        """Answer for ever, a byte at a time: the body, or even the headers."""

        def answer(handler: Handler) -> None:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + (b"X-Slow: " if head else b"\r\n"))
            for _ in range(2000):
                handler.wfile.write(b"a")
                handler.wfile.flush()
                time.sleep(pause)

        self.pages[path] = answer
        return self.url(path)
