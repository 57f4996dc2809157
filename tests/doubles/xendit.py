"""Xendit on this machine: payouts API v2 with the same rules and refusals, statuses that come later, messages with a token.

`with XenditDouble() as xendit:` gives `.url`, `.key`, `.token`. `turn(reference, "SUCCEEDED")` moves a payout on;
`strike(how, …)` makes the next request end badly. `left(reference)` says how often money left for a reference.
"""

from __future__ import annotations

import base64
import contextlib
import hmac
import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

Send = Callable[[str, bytes, Mapping[str, str]], int]
Document = dict[str, Any]

KEY = "xnd_development_DoubleKey0007canary"
TOKEN = "double-callback-token-0007-canary"
TRIES = 7  # the first and six more

CHANNELS: list[Document] = [
    {"channel_code": f"ID_{code}", "channel_name": name, "channel_category": category, "currency": "IDR",
     "amount_limits": {"minimum": 10_000, "maximum": most, "minimum_increment": 1}}
    for code, name, category, most in (
        ("BCA", "Bank Central Asia", "BANK", 250_000_000), ("MANDIRI", "Bank Mandiri", "BANK", 250_000_000),
        ("BNI", "Bank Negara Indonesia", "BANK", 250_000_000), ("BRI", "Bank Rakyat Indonesia", "BANK", 250_000_000),
        ("BSI", "Bank Syariah Indonesia", "BANK", 250_000_000), ("PERMATA", "Bank Permata", "BANK", 250_000_000),
        ("JAGO", "Bank Jago", "BANK", 250_000_000), ("GOPAY", "GoPay", "EWALLET", 20_000_000),
        ("OVO", "OVO", "EWALLET", 20_000_000), ("DANA", "DANA", "EWALLET", 20_000_000),
    )
] + [
    {"channel_code": "PH_GCASH", "channel_name": "GCash", "channel_category": "EWALLET", "currency": "PHP",
     "amount_limits": {"minimum": 1, "maximum": 50_000}},
]  # fmt: skip

# what a payout can turn to from where it is
EDGES = {
    "ACCEPTED": {"REQUESTED", "SUCCEEDED", "FAILED", "CANCELLED", "PENDING_COMPLIANCE_ASSESSMENT"},
    "PENDING_COMPLIANCE_ASSESSMENT": {"REQUESTED", "COMPLIANCE_REJECTED", "SUCCEEDED"},
    "REQUESTED": {"SUCCEEDED", "FAILED"},
    "SUCCEEDED": {"REVERSED"},
}
EVENTS = {"SUCCEEDED": "payout.succeeded", "FAILED": "payout.failed", "REVERSED": "payout.reversed"}
WAYS = ("slow", "silent", "500", "503", "html", "endless", "drip", "lost", "lost_before", "429", "cut_off", "other_reference",
        "no_json", "deep", "redirect", "html_403")  # fmt: skip
# these end before anything is done; with the others the effect stays
BEFORE = ("silent", "503", "html", "endless", "429", "lost_before", "deep", "redirect", "html_403")


class Refusal(Exception):
    """An answer with an error_code."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status, self.document = status, {"error_code": code, "message": message}
        super().__init__(code)


@dataclass
class Strike:
    """How the next requests to a kind of address end. When it happens after the work is done, the effect stays."""

    how: str
    at: str  # "create", "look", "channels", "cancel" or "" for all
    times: int


@dataclass
class XenditDouble:
    """The whole provider in this process."""

    key: str = KEY
    token: str = TOKEN
    port: int = 0
    bad_numbers: set[str] = field(default_factory=set)
    balance: int | None = None  # whole rupiah; None: never short
    send: Send | None = None  # how messages go out: `through(client)` or `over_http(base)` of tests.doubles.stores
    hook: str = ""  # the path that messages go to
    payouts: dict[str, Document] = field(default_factory=dict)  # by id
    asked: list[tuple[str, str]] = field(default_factory=list)  # (method, path with query)
    slow: float = 30.0  # seconds of "slow" and "silent"
    messages: list[tuple[int, Document]] = field(default_factory=list)  # (our last answer, what was told)

    def __post_init__(self) -> None:
        self._keys: dict[str, tuple[str, Document]] = {}  # idempotency key → (body, reply)
        self._strikes: list[Strike] = []
        self._left: Counter[str] = Counter()
        self._lock = threading.RLock()
        self._over = threading.Event()
        handler = type("Bound", (Handler,), {"double": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> XenditDouble:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    # what a test says and asks

    def strike(self, how: str, *, at: str = "create", times: int = 1) -> None:
        """Let the next `times` requests of a kind end badly."""
        assert how in WAYS, how
        self._strikes.append(Strike(how, at, times))

    def struck(self, at: str) -> str:
        """What the next request of this kind suffers; counts it."""
        with self._lock:
            for strike in self._strikes:
                if strike.times and strike.at in ("", at):
                    strike.times -= 1
                    return strike.how
        return ""

    def calm(self) -> None:
        """Answer well from now on."""
        self._strikes.clear()

    def of(self, reference: str) -> Document:
        """The one payout under a reference."""
        (found,) = [payout for payout in self.payouts.values() if payout["reference_id"] == reference]
        return found

    def taken(self) -> Counter[str]:
        """How many payouts were taken under each reference; more than one would be paid twice."""
        return Counter(payout["reference_id"] for payout in self.payouts.values())

    def left(self, reference: str) -> int:
        """How often money left for a reference."""
        return self._left[reference]

    def paid(self) -> list[str]:
        """The references that money left for, as often as it did."""
        return sorted(self._left.elements())

    def turn(self, reference: str, status: str, *, why: str = "", told: int = 1) -> list[int]:
        """Move a payout on and send its message `told` times; our answers to these."""
        with self._lock:
            payout = self.of(reference)
            assert status in EDGES.get(payout["status"], set()), f"{payout['status']} does not turn to {status}"
            payout["status"], payout["updated"] = status, _now()
            if why:
                payout["failure_code"] = why
            if status == "SUCCEEDED":
                self._left[reference] += 1
        return [self.tell(reference) for _ in range(told)] if status in EVENTS else []

    def tell(self, reference: str, *, token: str | None = None, body: bytes | None = None) -> int:
        """Send the message about a payout, again until it is taken; 0 where nobody listens."""
        payout = self.of(reference)
        document = {"event": EVENTS.get(payout["status"], "payout.unknown"), "business_id": "biz-double", "created": _now(),
                    "data": dict(payout)}  # fmt: skip
        headers = {"Content-Type": "application/json", "x-callback-token": self.token if token is None else token}
        if self.send is None or not self.hook:
            return 0
        status = 0
        for _ in range(TRIES):
            status = self.send(self.hook, body if body is not None else json.dumps(document).encode(), headers)
            if 200 <= status < 300:
                break
        self.messages.append((status, document))
        return status

    # what the API does

    def create(self, key: str, body: bytes) -> Document:
        with self._lock:
            if not 1 <= len(key) <= 100:
                raise Refusal(400, "API_VALIDATION_ERROR", "idempotency-key is required, 1 to 100 characters")
            known = self._keys.get(key)
            text = body.decode()
            if known is not None:
                if known[0] != text:
                    raise Refusal(409, "DUPLICATE_ERROR", "the idempotency key was used with another body")
                return known[1]
            asked = self._checked(text)
            payout = {
                "id": f"disb-{uuid.uuid4()}", "reference_id": asked["reference_id"], "channel_code": asked["channel_code"],
                "channel_properties": asked["channel_properties"], "amount": asked["amount"], "currency": asked["currency"],
                "description": asked.get("description", ""), "status": "ACCEPTED", "created": _now(), "updated": _now(),
                "estimated_arrival_time": (datetime.now(UTC) + timedelta(minutes=15)).isoformat(), "business_id": "biz-double",
            }  # fmt: skip
            if self.balance is not None:
                self.balance -= payout["amount"]
            self.payouts[payout["id"]] = payout
            self._keys[key] = (text, dict(payout))
            return dict(payout)

    def _checked(self, text: str) -> Document:
        try:
            asked = json.loads(text)
            properties = asked["channel_properties"]
            number, holder = properties["account_number"], properties["account_holder_name"]
            amount, reference, code, currency = asked["amount"], asked["reference_id"], asked["channel_code"], asked["currency"]
        except (ValueError, KeyError, TypeError) as error:
            raise Refusal(400, "API_VALIDATION_ERROR", f"cannot be read: {error}") from error
        known = {"reference_id", "channel_code", "channel_properties", "amount", "currency", "description", "receipt_notification",
                 "metadata"}  # fmt: skip
        texts = {"reference_id": (reference, 255), "account_holder_name": (holder, 100), "account_number": (number, 50)}
        for name, (value, most) in texts.items():
            if not isinstance(value, str) or not 1 <= len(value) <= most:
                raise Refusal(400, "API_VALIDATION_ERROR", f"{name} must have 1 to {most} characters")
        if set(asked) - known:
            raise Refusal(400, "API_VALIDATION_ERROR", f"not allowed: {sorted(set(asked) - known)}")
        channel = next((each for each in CHANNELS if each["channel_code"] == code), None)
        if channel is None or channel["currency"] != currency:
            raise Refusal(400, "CHANNEL_CODE_NOT_SUPPORTED_ERROR", f"no channel {code} for {currency}")
        if not isinstance(amount, int) or isinstance(amount, bool):
            raise Refusal(400, "API_VALIDATION_ERROR", "an amount of IDR is whole, without decimals")
        if amount < channel["amount_limits"]["minimum"]:
            raise Refusal(400, "RECIPIENT_AMOUNT_ERROR", "below the minimum of the channel")
        if amount > channel["amount_limits"]["maximum"]:
            raise Refusal(400, "MAXIMUM_TRANSFER_LIMIT_ERROR", "above the maximum of the channel")
        if number in self.bad_numbers:
            raise Refusal(400, "RECIPIENT_ACCOUNT_NUMBER_ERROR", "no such account")
        if self.balance is not None and amount > self.balance:
            raise Refusal(400, "INSUFFICIENT_BALANCE", "the balance is too low")
        return dict(asked)

    def cancel(self, payout_id: str) -> Document:
        with self._lock:
            payout = self.payouts.get(payout_id)
            if payout is None:
                raise Refusal(404, "DATA_NOT_FOUND", "no such payout")
            if payout["status"] != "ACCEPTED":
                raise Refusal(400, "INVALID_STATE_ERROR", f"a payout that is {payout['status']} cannot be cancelled")
            payout["status"], payout["updated"] = "CANCELLED", _now()
            return dict(payout)


class Handler(BaseHTTPRequestHandler):
    """The address space of the API; everything needs the key."""

    protocol_version = "HTTP/1.1"
    double: XenditDouble

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        self.close_connection = True
        self.double.asked.append((self.command, self.path))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        at = {"/v2/payouts": "create" if self.command == "POST" else "look", "/payouts_channels": "channels"}.get(
            parts.path, "cancel" if parts.path.endswith("/cancel") else "look"
        )
        how = self.double.struck(at)
        with contextlib.suppress(OSError):  # whoever asked has left
            if how in BEFORE:
                self._misbehave(how)
                return
            try:
                status, document = 200, self._route(parts.path, parse_qs(parts.query), body)
            except Refusal as refused:
                status, document = refused.status, refused.document
            if how:
                self._misbehave(how, document)  # the effect is there, the answer is not what it should be
            else:
                self._give(status, json.dumps(document).encode())

    def _route(self, path: str, query: Mapping[str, list[str]], body: bytes) -> Any:
        wanted = "Basic " + base64.b64encode(f"{self.double.key}:".encode()).decode()
        if not hmac.compare_digest(self.headers.get("Authorization", ""), wanted):
            raise Refusal(401, "INVALID_API_KEY", "API key is not authorized")
        double, words = self.double, [unquote(word) for word in path.strip("/").split("/")]
        match (self.command, words):
            case ("GET", ["payouts_channels"]):
                currency = query.get("currency", [""])[0]
                return [channel for channel in CHANNELS if currency in ("", channel["currency"])]
            case ("POST", ["v2", "payouts"]):
                return double.create(self.headers.get("idempotency-key", ""), body)
            case ("GET", ["v2", "payouts"]):
                if "reference_id" not in query:
                    raise Refusal(400, "API_VALIDATION_ERROR", "reference_id is required")
                found = [p for p in double.payouts.values() if p["reference_id"] == query["reference_id"][0]]
                return {"data": list(reversed(found)), "has_more": False, "links": []}
            case ("GET", ["v2", "payouts", payout_id]):
                if payout_id not in double.payouts:
                    raise Refusal(404, "DATA_NOT_FOUND", "no such payout")
                return double.payouts[payout_id]
            case ("POST", ["v2", "payouts", payout_id, "cancel"]):
                return double.cancel(payout_id)
        raise Refusal(404, "NOT_FOUND_ERROR", "no such address")

    def _misbehave(self, how: str, document: Any = None) -> None:
        match how:
            case "slow":
                self.double._over.wait(self.double.slow)
                self._give(200, json.dumps(document).encode())
            case "silent":
                self.double._over.wait(self.double.slow)
            case "500" | "503":
                self._give(int(how), b'{"error_code": "SERVER_ERROR", "message": "try again with the same key"}')
            case "429":
                self._give(429, json.dumps({"error_code": "RATE_LIMIT_EXCEEDED", "message": "too many"}).encode())
            case "html":
                self._give(200, b"<html><body><h1>Maintenance</h1></body></html>", "text/html")
            case "html_403":
                self._give(403, b"<html><body>Blocked by the firewall</body></html>", "text/html")
            case "redirect":
                self.send_response(302)
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()
            case "no_json":
                self._give(200, b'{"id": "disb-1", "amount": NaN, "status":')
            case "deep":
                self._give(200, b"[" * 200_000)
            case "endless":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")
                while not self.double._over.is_set():
                    self.wfile.write(b" " * 65_536)
            case "drip":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")
                while not self.double._over.is_set():
                    self.wfile.write(b" ")
                    self.wfile.flush()
                    time.sleep(0.05)
            case "cut_off":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{")
            case "other_reference":
                self._give(200, json.dumps({**document, "reference_id": "somebody-elses"}).encode())
            case "lost" | "lost_before":
                self.connection.shutdown(2)  # the work is done, or not, and the line goes dead

    def _give(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Quiet."""


def _now() -> str:
    return datetime.now(UTC).isoformat()
