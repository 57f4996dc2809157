"""The doubles on loopback with a small page to play them from: `socialshop doubles` starts it."""

from __future__ import annotations

import json
import secrets
import threading
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from . import platform_desk
from .instagram import InstagramDouble
from .instagram.world import Account
from .pages import PageServer
from .stores import Double, Dropped, Giving, Sale, ShopifyDouble, Thing, TooSlow, WooDouble, over_http
from .tiktok import TikTokDouble
from .tiktok.world import Creator
from .upstream import Clock
from .xendit import EDGES, KEY, TOKEN, WAYS, XenditDouble

STORES = {"shopify": ShopifyDouble, "woocommerce": WooDouble}
# Rani of the demo, so that her channels can be connected again here and her posts go out
RANI_GRAM = Account("17841400000000999", "25400000000000003", "rani.seduh", page="1030000000000999")
RANI_TOK = Creator("-000seduh", "rani.seduh", "Rani Puspita")
PRODUCT = {
    "@context": "https://schema.org", "@type": "Product", "name": "Kopi Gayo 250 g", "description": "Single origin, medium roast.",
    "offers": {"@type": "Offer", "price": "149000", "priceCurrency": "IDR", "availability": "https://schema.org/InStock"},
}  # fmt: skip
STYLE = """body{font:16px/1.5 system-ui;max-width:62rem;margin:1rem auto;padding:0 1rem;color-scheme:light dark;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.35rem .5rem;border-bottom:1px solid #8884;vertical-align:top}
code{overflow-wrap:anywhere}form{display:inline-flex;gap:.4rem;flex-wrap:wrap;margin:.15rem .3rem .15rem 0}
label{max-width:100%}input,select,button{font:inherit;padding:.35rem .6rem;max-width:100%;box-sizing:border-box}section{margin:2rem 0}.said{background:#8882;padding:.6rem 1rem}"""


@dataclass
class Desk:
    """`with Desk(port=…, shop=…) as desk:` plays Xendit, Instagram, TikTok, both stores and a product page."""

    port: int = 8100
    shop: str = "http://127.0.0.1:8000"
    said: str = ""
    sales: dict[int, tuple[str, str, str, Sale]] = field(default_factory=dict)  # number → (provider, path, secret, sale)

    def __post_init__(self) -> None:
        self.token = secrets.token_urlsafe(16)  # so that no other page in the browser can press our buttons
        handler = type("Bound", (Handler,), {"desk": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        self._server.daemon_threads = True
        try:
            self.xendit = XenditDouble(port=self.port + 1 if self.port else 0, send=over_http(self.shop))
            self.instagram, self.tiktok = self._platforms()
        except OSError:
            self._server.server_close()
            raise
        self.pages = PageServer()
        self.product = self.pages.page(
            "/kopi",
            f'<title>Kopi Gayo</title><script type="application/ld+json">{json.dumps(PRODUCT)}</script><h1>Kopi Gayo</h1>',
        )
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)

    def _platforms(self) -> tuple[InstagramDouble, TikTokDouble]:
        """Both, by the real clock, with a page on which a person grants; TikTok as after an audit, fetching from `shop`."""
        back = f"{self.shop.rstrip('/')}/creator/channels/back"
        instagram = InstagramDouble(port=self.port + 2 if self.port else 0, clock=Clock(runs=True), redirect_uri=back)
        tiktok = TikTokDouble(port=self.port + 3 if self.port else 0, clock=Clock(runs=True), redirect_uri=back)
        instagram.accounts[RANI_GRAM.user_id], tiktok.creators[RANI_TOK.open_id] = replace(RANI_GRAM), replace(RANI_TOK)
        instagram.switches.consent = tiktok.switches.consent = "page"
        tiktok.switches.audited = tiktok.switches.plain_pull = True
        tiktok.verified.add(urlsplit(self.shop).hostname or "localhost")
        return instagram, tiktok

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Desk:
        self.instagram.__enter__()
        self.tiktok.__enter__()
        self.xendit.__enter__()
        self.pages.__enter__()
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self.pages.__exit__(*error)
        self.xendit.__exit__(*error)
        self.tiktok.__exit__(*error)
        self.instagram.__exit__(*error)

    def wait(self) -> None:
        """Until Ctrl-C."""
        with suppress(KeyboardInterrupt):
            while self._thread.is_alive():
                self._thread.join(0.5)

    def told(self) -> str:
        """Where everything is and what to paste."""
        return f"""
  The desk, with buttons:   {self.url}
  Xendit:                   {self.xendit.url}
      start socialshop so:  XENDIT_URL={self.xendit.url} make run
      API key:              {KEY}
      verification token:   {TOKEN}
  Instagram, TikTok:        {self.instagram.url}/_double   {self.tiktok.url}/_double
      start socialshop so:  {self.settings()} make run
  A product page:           {self.product}
  Messages go to:           {self.shop}   (Ctrl-C stops it)
"""

    def settings(self) -> str:
        """What leads socialshop to both platforms."""
        return platform_desk.settings(self.instagram, self.tiktok)

    # what the buttons do

    def do(self, deed: str, form: dict[str, str]) -> str:
        """Press one button; what is said about it."""
        match deed:
            case "hook":
                self.xendit.hook = urlsplit(form["address"]).path
                return f"Xendit sends its messages to {self.shop}{self.xendit.hook}"
            case "turn":
                answers = self.xendit.turn(form["reference"], form["status"], why=form.get("why", ""))
                return f"{form['reference']} is {form['status']}. {_answered(answers)}"
            case "tell":
                return f"Told again. {_answered([self.xendit.tell(form['reference'])])}"
            case "strike":
                self.xendit.strike(form["how"], at=form["at"])
                return f"The next request ({form['at'] or 'any'}) ends like this: {form['how']}."
            case "calm":
                self.xendit.calm()
                return "Xendit answers well again."
            case "order":
                return self._order(form)
            case name if name in platform_desk.BUTTONS:
                return platform_desk.press(name, self.instagram, self.tiktok, self.shop.rstrip("/"))
            case "cancel" | "refund":
                provider, path, secret, first = self.sales[int(form["number"])]
                sale = replace(first, changed_after=int((datetime.now(UTC) - first.placed_at).total_seconds()) + 1)
                store = self._store(provider, path, secret)
                if deed == "cancel":
                    return self._deliver(store, store.cancel(sale))
                whole = Giving(
                    secrets.randbelow(10**9),
                    "1",
                    sale.things[0].quantity,
                    sale.text(sale.gross - sale.off),
                    datetime.now(UTC).replace(microsecond=0),
                )
                if isinstance(store, ShopifyDouble):
                    return self._deliver(store, store.refund(sale, whole))
                return self._deliver(store, store.order(replace(sale, refunds=(whole,))))
        return "There is no such button."

    def _order(self, form: dict[str, str]) -> str:
        number = 820_000_000 + secrets.randbelow(10**6)
        now = datetime.now(UTC).replace(microsecond=0)
        thing = Thing(key="1", title="Kopi Gayo", price=form["price"], quantity=1, product="1")
        sale = Sale(id=number, things=(thing,), code=form["code"], click=form["click"], currency=form["currency"], placed_at=now)
        provider, path = form["provider"], urlsplit(form["address"]).path
        self.sales[number] = (provider, path, form["secret"], sale)
        store = self._store(provider, path, form["secret"])
        return self._deliver(store, store.order(sale))

    def _store(self, provider: str, path: str, secret: str) -> Any:
        return STORES[provider](over_http(self.shop), path, secret)

    def _deliver(self, store: Double, delivery: Any) -> str:
        return f"Sent as {delivery.topic}. {_answered([store.once(delivery)])}"

    def page(self) -> str:
        """Everything on one page."""
        x = self.xendit
        rows = "".join(
            f"<tr><td><code>{escape(p['reference_id'])}</code><br><small>{escape(p['id'])}</small></td><td>{p['amount']:,} {escape(p['currency'])}<br>"
            f"<small>{escape(p['channel_code'])} {escape(p['channel_properties']['account_number'])} {escape(p['channel_properties']['account_holder_name'])}</small></td>"
            f"<td><strong>{escape(p['status'])}</strong>{' · money left' if x.left(p['reference_id']) else ''}</td><td>{self._buttons(p)}</td></tr>"
            for p in reversed(x.payouts.values())
        )
        asked = "".join(f"<li><code>{escape(method)} {escape(path)}</code></li>" for method, path in x.asked[-12:][::-1])
        orders = "".join(
            f"<li>{escape(provider)} #{number}: {escape(sale.things[0].price)} {escape(sale.currency)} "
            f"{self._form('cancel', 'Cancel it', number=number)}{self._form('refund', 'Give all of it back', number=number)}</li>"
            for number, (provider, _, _, sale) in reversed(self.sales.items())
        )
        how = "".join(f"<option>{way}</option>" for way in WAYS)
        return f"""<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Doubles</title><style>{
            STYLE
        }</style>
<h1>The outside world, on this machine</h1>{f'<p class="said" role="status">{escape(self.said)}</p>' if self.said else ""}
<section><h2>Xendit</h2><p>API key <code>{KEY}</code><br>Verification token <code>{TOKEN}</code><br>Address <code>{
            x.url
        }</code>: start socialshop with <code>XENDIT_URL={x.url} make run</code></p>
{
            self._form(
                "hook",
                "Send messages there",
                f'<label>The address that socialshop shows under Sending payouts <input name="address" required size="50" value="{escape(self.shop + x.hook if x.hook else "")}"></label>',
            )
        }
<table><caption>What was taken</caption><thead><tr><th>Reference</th><th>Amount</th><th>Status</th><th>Play</th></tr></thead><tbody>{
            rows or '<tr><td colspan="4">Nothing yet. Start a payout run and send it by Xendit.</td></tr>'
        }</tbody></table>
<h3>Let the next request end badly</h3>{
            self._form(
                "strike",
                "Let it",
                f'<select name="how" aria-label="How">{how}</select><select name="at" aria-label="Which"><option value="create">sending</option><option value="look">a look-up</option><option value="channels">channels</option><option value="">any</option></select>',
            )
        }{self._form("calm", "Answer well again")}
<h3>Last asked</h3><ol>{asked or "<li>nothing yet</li>"}</ol></section>
<section><h2>Stores</h2>{
            self._form(
                "order",
                "Send a paid order",
                '<select name="provider" aria-label="Store"><option>shopify</option><option>woocommerce</option></select>'
                '<label>Address <input name="address" required placeholder="http://127.0.0.1:8000/hooks/con_…" size="36"></label><label>Secret <input name="secret" required></label>'
                '<label>Price <input name="price" value="149000" size="9"></label><label>Currency <input name="currency" value="IDR" size="4"></label><label>Code <input name="code" size="10"></label><label>Click <input name="click" size="18"></label>',
            )
        }
<ul>{orders}</ul></section>
<section><h2>Instagram and TikTok</h2><p>What was posted: <a href="{self.instagram.url}/_double">Instagram</a>,
<a href="{self.tiktok.url}/_double">TikTok</a>. Start socialshop with <code>{escape(self.settings())} make run</code></p>
<p>Messages, about who is signed in over there ({escape(self.instagram.signed_in.username)}, {
            escape(self.tiktok.signed_in.username)
        }):</p>{"".join(self._form(deed, words) for deed, words in platform_desk.BUTTONS.items())}</section>
<section><h2>A product page</h2><p><code>{
            self.product
        }</code> is read by socialshop only with <code>SOCIALSHOP_ENV=test FETCH_LOOPBACK=true</code>.</p></section></html>"""

    def _buttons(self, payout: dict[str, Any]) -> str:
        reference = payout["reference_id"]
        turns = "".join(
            self._form(
                "turn", status, reference=reference, status=status, why="INVALID_DESTINATION" if status == "FAILED" else ""
            )
            for status in sorted(EDGES.get(payout["status"], ()))
        )
        return turns + self._form("tell", "Tell again", reference=reference)

    def _form(self, deed: str, text: str, fields: str = "", **hidden: object) -> str:
        values = {"desk": self.token, "deed": deed, **hidden}
        inputs = "".join(f'<input type="hidden" name="{name}" value="{escape(str(value))}">' for name, value in values.items())
        return f'<form method="post" action="/">{inputs}{fields}<button>{escape(text)}</button></form>'


class Handler(BaseHTTPRequestHandler):
    """One page and its buttons, for this machine only."""

    desk: Desk

    def do_GET(self) -> None:
        self._give(200 if self.path == "/" else 404, self.desk.page() if self.path == "/" else "Not here.")

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), 100_000)).decode("utf-8", "replace")
        form = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
        if not secrets.compare_digest(form.get("desk", "").encode(), self.desk.token.encode()):
            self._give(403, "This button was not pressed here.")
            return
        try:
            self.desk.said = self.desk.do(form.get("deed", ""), form)
        except (AssertionError, KeyError, ValueError, OSError, Dropped, TooSlow) as error:
            self.desk.said = f"That did not work: {type(error).__name__} {error}"
        self.send_response(303)
        self.send_header("Location", "/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _give(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Quiet."""


def _answered(statuses: list[int]) -> str:
    if not statuses or statuses == [0]:
        return "Nobody was told: no address is set, or nobody answers there."
    return "socialshop answered " + ", ".join(map(str, statuses)) + "."
