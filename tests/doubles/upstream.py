"""What the doubles of the big platforms share: a server on loopback, one adjustable clock, and faults on command.

A double subclasses `Upstream` and answers `serve(asked)`. `strike(how, at=…)` makes the next requests of a kind end badly.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import threading
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from functools import cache
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

Document = dict[str, Any]

# these end before anything is done; with the others the effect stays and only the answer is spoilt
BEFORE = (
    "silent", "503", "html", "html_500", "endless", "bomb", "429", "429_after", "lost_before", "deep", "redirect", "wrong_types",
)  # fmt: skip
WAYS = (*BEFORE, "slow", "500", "drip", "lost", "cut_off", "no_json", "html_after")


@dataclass
class Clock:
    """What time it is over there; moves only when it is told to, or with the real one where `runs`."""

    at: datetime = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
    runs: bool = False
    ahead: timedelta = timedelta(0)

    def now(self) -> datetime:
        return (datetime.now(UTC) if self.runs else self.at) + self.ahead

    def stamp(self) -> int:
        return int(self.now().timestamp())

    def forward(self, **much: float) -> None:
        """Let time pass: forward(hours=25)."""
        self.ahead += timedelta(**much)


@dataclass(frozen=True)
class Asked:
    """One request. fields: query and body together, whatever the body's encoding; encoding: "", form, multipart, json."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    encoding: str
    given: Mapping[str, Any]  # of the body alone
    doubtful: bool = False  # the body says it is JSON, and is not

    @property
    def fields(self) -> dict[str, Any]:
        return {**self.query, **self.given}

    @property
    def words(self) -> list[str]:
        return [unquote(word) for word in self.path.strip("/").split("/")]


@dataclass(frozen=True)
class Answer:
    """What goes back."""

    status: int = 200
    document: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    kind: str = "application/json; charset=UTF-8"

    @property
    def body(self) -> bytes:
        return self.raw if self.raw is not None else json.dumps(self.document).encode()


class Turned(Exception):
    """A refusal, as the answer that says it."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__(answer.document)


@dataclass
class Strike:
    """How the next requests of a kind end. at: "" for all kinds. who: only where this text is in the request."""

    how: str | Answer
    at: str
    times: int
    who: str = ""


class Upstream:
    """A platform in this process."""

    def __init__(self, *, port: int = 0, clock: Clock | None = None, slow: float = 30.0) -> None:
        self.clock = clock or Clock()
        self.slow = slow  # seconds of "slow" and "silent"
        self.asked: list[tuple[str, str]] = []  # (method, path)
        self.heard: list[Asked] = []  # everything as it came
        self.lock = threading.RLock()
        self.over = threading.Event()
        self.key = secrets.token_urlsafe(12)  # for the control routes, so that no page in a browser presses them
        self._strikes: list[Strike] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", port), type("Bound", (_Handler,), {"double": self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Any:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    # what a test says

    def strike(self, how: str | Answer, *, at: str = "", times: int = 1, who: str = "") -> None:
        """Let the next `times` requests of a kind end like this: one of WAYS, or a whole answer."""
        assert isinstance(how, Answer) or how in WAYS, how
        self._strikes.append(Strike(how, at, times, who))

    def calm(self) -> None:
        """Answer well from now on."""
        self._strikes.clear()

    def struck(self, kind: str, asked: Asked) -> str | Answer:
        """What this request suffers; counts it."""
        with self.lock:
            for strike in self._strikes:
                text = f"{asked.path} {asked.fields} {asked.headers.get('authorization', '')}" if strike.who else ""
                if strike.times and strike.at in ("", kind) and strike.who in text:
                    strike.times -= 1
                    return strike.how
        return ""

    # what a double says

    def serve(self, asked: Asked) -> Answer:
        """The answer; Turned for a refusal."""
        raise NotImplementedError

    def kind_of(self, asked: Asked) -> str:
        """The kind of a request, for strikes."""
        raise NotImplementedError

    def posted(self) -> list[Mapping[str, Any]]:
        """What stands on the platform now, the newest first: who, kind, text, link, at, note."""
        raise NotImplementedError

    def control(self, deed: str, form: Mapping[str, str]) -> str:
        """Press a button of the page; what is said about it."""
        match deed:
            case "strike":
                self.strike(form["how"], at=form.get("at", ""), times=int(form.get("times", "1")), who=form.get("who", ""))
                return f"The next request ({form.get('at') or 'any'}) ends like this: {form['how']}."
            case "calm":
                self.calm()
                return "It answers well again."
            case "clock":
                self.clock.forward(minutes=float(form["minutes"]))
                return f"It is {self.clock.now():%d %b %Y %H:%M} UTC over there now."
        return "There is no such button."

    def page(self, said: str = "") -> str:
        """A small page that shows what was posted, with the buttons."""
        rows = "".join(
            f"<tr><td>{escape(str(p['who']))}</td><td>{escape(str(p['kind']))}</td><td>{escape(str(p['text']))}</td>"
            f"<td><code>{escape(str(p['link']))}</code></td><td>{p['at']:%d %b %H:%M}</td><td>{escape(str(p['note']))}</td></tr>"
            for p in self.posted()
        )
        ways = "".join(f"<option>{way}</option>" for way in WAYS)
        name = type(self).__name__.removesuffix("Double")
        return (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{name}</title>'
            f"<style>{STYLE}</style><h1>{name}, on this machine</h1>"
            + (f'<p class="said" role="status">{escape(said)}</p>' if said else "")
            + f"<p>It is {self.clock.now():%d %b %Y %H:%M} UTC here.</p>"
            f"<table><caption>What was posted</caption><thead><tr><th>Account</th><th>Kind</th><th>Text</th><th>Address</th><th>When</th><th>Marks</th></tr></thead>"
            f"<tbody>{rows or '<tr><td colspan=6>Nothing yet.</td></tr>'}</tbody></table>"
            + self._form("strike", "Let the next request end badly", f'<select name="how" aria-label="How">{ways}</select>'
                         '<label>of the kind <input name="at" size="12" placeholder="any"></label>')
            + self._form("calm", "Answer well again")
            + self._form("clock", "Let time pass", '<label>minutes <input name="minutes" value="60" size="6"></label>')
            + "</html>"
        )  # fmt: skip

    def _form(self, deed: str, text: str, fields: str = "") -> str:
        return (
            f'<form method="post" action="/_double"><input type="hidden" name="key" value="{self.key}">'
            f'<input type="hidden" name="deed" value="{deed}">{fields}<button>{escape(text)}</button></form>'
        )


@cache
def _bomb() -> bytes:
    """200 MB of noughts in 200 kB."""
    pack = zlib.compressobj(wbits=31)
    noughts = b"0" * 1_000_000
    return b"".join(
        [pack.compress(b'{"id":"'), *(pack.compress(noughts) for _ in range(200)), pack.compress(b'"}'), pack.flush()]
    )


STYLE = """body{font:16px/1.5 system-ui;max-width:62rem;margin:1rem auto;padding:0 1rem;color-scheme:light dark;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;margin:1rem 0}td,th{text-align:left;padding:.35rem .5rem;border-bottom:1px solid #8884;vertical-align:top;white-space:pre-wrap}
form{display:flex;gap:.4rem;flex-wrap:wrap;margin:.5rem 0}input,select,button{font:inherit;padding:.35rem .6rem;max-width:100%}.said{background:#8882;padding:.6rem 1rem}"""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    double: Upstream

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_PUT = do_DELETE = do_HEAD = do_GET

    def _answer(self) -> None:
        self.close_connection = True
        double = self.double
        length = int(self.headers.get("Content-Length") or 0)
        with contextlib.suppress(OSError):  # whoever asked has left
            body = self.rfile.read(length)
            if len(body) < length:
                return
            asked = self._read(body)
            if asked.path == "/_double":
                self._desk(asked)
                return
            double.asked.append((asked.method, asked.path))
            double.heard.append(asked)
            how = double.struck(double.kind_of(asked), asked)
            if isinstance(how, Answer):
                self._give(how)
                return
            if how in BEFORE:
                self._misbehave(how)
                return
            try:
                answer = double.serve(asked)
            except Turned as turned:
                answer = turned.answer
            if how:
                self._misbehave(how, answer)  # the effect is there, the answer is not what it should be
            else:
                self._give(answer)

    def _read(self, body: bytes) -> Asked:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        given: dict[str, Any] = {}
        encoding, doubtful = "", False
        if kind == "application/x-www-form-urlencoded":
            encoding, given = "form", dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        elif kind == "multipart/form-data":
            encoding = "multipart"
            message = message_from_bytes(b"Content-Type: " + headers["content-type"].encode() + b"\r\n\r\n" + body)
            for part in message.get_payload() if message.is_multipart() else []:
                name = part.get_param("name", header="content-disposition")  # type: ignore[union-attr]
                given[str(name)] = part.get_payload(decode=True).decode()  # type: ignore[union-attr]
        elif kind == "application/json":
            encoding = "json"
            try:
                given = json.loads(body or b"{}")
                doubtful = not isinstance(given, dict)
            except ValueError:
                doubtful = True
            given = {} if doubtful else given
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        return Asked(self.command, parts.path, query, headers, body, encoding, given, doubtful)

    def _desk(self, asked: Asked) -> None:
        said = ""
        if asked.method == "POST":
            if not secrets.compare_digest(str(asked.given.get("key", "")).encode(), self.double.key.encode()):
                self._give(Answer(403, raw=b"This button was not pressed here.", kind="text/plain"))
                return
            try:
                said = self.double.control(str(asked.given.get("deed", "")), asked.given)
            except (AssertionError, KeyError, ValueError) as error:
                said = f"That did not work: {type(error).__name__} {error}"
        self._give(Answer(raw=self.double.page(said).encode(), kind="text/html; charset=utf-8"))

    def _misbehave(self, how: str, answer: Answer | None = None) -> None:
        double, head = self.double, b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
        match how:
            case "slow":
                double.over.wait(double.slow)
                self._give(answer or Answer())
            case "silent":
                double.over.wait(double.slow)
            case "500" | "503":
                self._give(Answer(int(how), {"oops": True}))
            case "429" | "429_after":
                self._give(Answer(429, raw=b"Too many", headers={"Retry-After": "120"} if how == "429_after" else {}))
            case "html" | "html_after":
                self._give(Answer(raw=b"<html><body><h1>Maintenance</h1></body></html>", kind="text/html"))
            case "html_500":
                self._give(Answer(500, raw=b"<html><body><h1>Sorry, something went wrong.</h1></body></html>", kind="text/html"))
            case "redirect":
                self._give(Answer(302, raw=b"", headers={"Location": "http://127.0.0.1:9/elsewhere"}))
            case "wrong_types":
                self._give(Answer(document={
                    "id": ["x"], "data": "none", "error": 7, "access_token": 1, "user_id": {}, "status_code": 5, "expires_in": "soon",
                    "status": [], "open_id": None, "permissions": 3,
                }))  # fmt: skip
            case "no_json":
                self._give(Answer(raw=b'{"id": "1", "amount": NaN, "status":'))
            case "deep":
                self._give(Answer(raw=b"[" * 200_000))
            case "bomb":
                self._give(Answer(raw=_bomb(), headers={"Content-Encoding": "gzip"}))
            case "endless" | "drip":
                self.wfile.write(head + b"\r\n")
                while not double.over.is_set():
                    self.wfile.write(b" " * (65_536 if how == "endless" else 1))
                    self.wfile.flush()
                    if how == "drip":
                        time.sleep(0.05)
            case "cut_off":
                self.wfile.write(head + b"Content-Length: 5000\r\n\r\n{")
            case "lost" | "lost_before":
                self.connection.shutdown(2)  # the work is done, or not, and the line goes dead

    def _give(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        body = answer.body
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Quiet."""
