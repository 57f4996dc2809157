"""ClickHouse as its clients see it: HTTP in front of the same engine in this process (chdb)."""

from __future__ import annotations

import gzip
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

_OPEN = {"gzip": gzip.decompress, "deflate": zlib.decompress}


class ClickHouseDouble:
    """A server on this machine; `address` is what a setting would say. `lose`: so many answers to inserts get lost."""

    def __init__(self, engine: Any) -> None:
        self.engine, self.lose, self.asked, self._lock = engine, 0, 0, Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"clickhouse://default:secret@127.0.0.1:{self._server.server_port}/default"

    def __enter__(self) -> ClickHouseDouble:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, query: str, body: bytes) -> tuple[int, bytes]:
        """Status and text."""
        with self._lock:
            self.asked += 1
            try:
                return 200, self.engine.query(
                    query.encode() + b"\n" + body if query and body else query or body.decode(), "TabSeparated"
                ).bytes() or b""
            except Exception as error:  # whatever the engine says is what a server would say
                return 500, f"Code: 1. DB::Exception: {error}".encode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                packed = self.headers.get("Content-Encoding", "")
                body = _OPEN[packed](body) if packed in _OPEN else body
                query = parse_qs(urlsplit(self.path).query).get("query", [""])[0]
                status, said = double.answer(query, body)
                if double.lose and b"INSERT" in (query.encode() or body)[:40].upper():
                    double.lose -= 1
                    self.connection.close()
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Length", str(len(said)))
                if status != 200:
                    self.send_header("X-ClickHouse-Exception-Code", "1")
                self.end_headers()
                self.wfile.write(said)

            do_GET = do_POST

            def log_message(self, *_: object) -> None:
                """Quietly."""

        return Handler
