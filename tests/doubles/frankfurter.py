"""The Frankfurter API on this machine: answers by its contract, refuses what it would refuse, fails when told to."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

# the bases that the API has; any other one it answers with 404
KNOWN = frozenset(("EUR", "USD", "IDR", "JPY", "SGD", "GBP"))
DAY = "2026-05-29"


class FrankfurterDouble:
    """`with FrankfurterDouble() as double: Frankfurter(double.address, fetcher)`.

    rates: (base, quote) → the number exactly as it is written into the answer. fail: "" or busy, broken, garbage, large,
    slow, base (answers about another base), amount, day (does not say it), zero (a rate of 0).
    """

    def __init__(self) -> None:
        self.rates: dict[tuple[str, str], str] = {
            ("USD", "IDR"): "16250.00",
            ("USD", "SGD"): "1.3487",
            ("EUR", "IDR"): "17605.25",
        }
        self.day, self.fail = DAY, ""
        self.asked: list[str] = []
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                double.asked.append(self.path)
                self.close_connection = True
                status, body = double._answer(self.path)
                with contextlib.suppress(OSError):  # the asker has left
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json; charset=utf-8")
                    self.send_header("Content-Length", str(len(body)))
                    self.send_header("Connection", "close")
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, *_args: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> FrankfurterDouble:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        """What the setting RATES_URL would say."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def _answer(self, path: str) -> tuple[int, bytes]:
        parts = urlsplit(path)
        asked = parse_qs(parts.query, strict_parsing=True)
        if parts.path != "/v1/latest" or set(asked) != {"base", "symbols"} or any(len(v) != 1 for v in asked.values()):
            return 404, b'{"message":"not found"}'
        base, symbols = asked["base"][0], asked["symbols"][0].split(",")
        if self.fail == "slow":
            time.sleep(5)
        if self.fail == "busy":
            return 503, b'{"message":"try later"}'
        if self.fail == "broken":
            return 200, b'{"amount":1.0,"base":"USD","ra'
        if self.fail == "garbage":
            return 200, b"[1, 2]"
        if self.fail == "large":
            return 200, b'{"rates": "' + b"9" * 100_000 + b'"}'
        told = {quote: self.rates[base, quote] for quote in symbols if (base, quote) in self.rates}
        if base not in KNOWN or not told or base in symbols:
            return 404, b'{"message":"not found"}'
        if self.fail == "zero":
            told = dict.fromkeys(told, "0.0")
        rates = ",".join(f"{json.dumps(quote)}:{rate}" for quote, rate in told.items())
        said = "GBP" if self.fail == "base" else base
        amount = "10.0" if self.fail == "amount" else "1.0"
        day = "" if self.fail == "day" else f'"date":"{self.day}",'
        return 200, f'{{"amount":{amount},"base":"{said}",{day}"rates":{{{rates}}}}}'.encode()
