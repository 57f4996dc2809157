"""What a real Chromium sends for taps and for what only looks like one: each ends in its class, and only people's taps earn.

One browser and one app in this process; pages of others are served on another name of this machine.
"""

from __future__ import annotations

import http.server
import threading
import time
from dataclasses import replace

import pytest
import requests
from sqlalchemy import select
from werkzeug.serving import make_server

from socialshop.app import create_app
from socialshop.domain import clicks, commissions, links, people
from socialshop.flows import drain
from socialshop.kernel.clock import utcnow
from socialshop.kernel.database import db, session, transaction
from socialshop.kernel.taps import read_tap

from .. import builders
from .conftest import CHROMIUM

CHROME = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"

# Pages of others, by their path; {l} leads to the shop's links.
PAGES = {
    "/blog": "<a id=plain href='{l}plain'>a</a> <a id=keyed href='{l}keyed'>b</a> <a id=beside href='{l}beside'>c</a> "
    "<a id=middle href='{l}middle'>d</a> <a id=shy rel=noreferrer href='{l}shy'>e</a> <a id=new target=_blank href='{l}new'>f</a> "
    "<a id=hop href='/hop'>g</a> <a id=shim href='/shim'>h</a> <button id=later onclick='setTimeout(() => location.href = \"{l}later\", 300)'>i</button>",
    "/shim": "<script>location.replace('{l}shim')</script>",
    "/refresh": "<meta http-equiv=refresh content='0;url={l}refresh'>",
    "/parts": "<iframe src='{l}frame'></iframe><object data='{l}object'></object><embed src='{l}embed'>"
    "<img src='{l}image'><script src='{l}script'></script>"
    "<script>for (const [at, method] of [['fetch', 'GET'], ['head', 'HEAD']]) fetch('{l}' + at, {{mode: 'no-cors', method}}).catch(() => 0)</script>",
}
# Run by themselves, without anybody's touch, on a page of the shop's own whose address ends in "#" and the name.
ON_OUR_PAGE = """
const own = {
  scripted: () => { location.href = '{l}scripted' },
  opened: () => { window.open('{l}opened') },
  synthetic: () => { const a = document.createElement('a'); a.href = '{l}synthetic'; document.body.append(a); a.click() },
  fetched: () => fetch('{l}fetched', {redirect: 'manual'}).catch(() => 0),
  hint: () => { const e = document.createElement('link'); e.rel = 'prefetch'; e.href = '{l}hint'; document.head.append(e) },
  own: () => { const a = document.createElement('a'); a.href = '{l}own'; a.id = 'own'; a.textContent = 'x'; document.body.prepend(a) },
  early: () => {
    const e = document.createElement('script'), list = (name) => [{source: 'list', urls: ['{l}' + name], eagerness: 'immediate'}];
    e.type = 'speculationrules';
    e.textContent = JSON.stringify({prefetch: list('fetched-early'), prerender: list('rendered-early')});
    document.head.append(e);
  },
};
addEventListener('load', () => own[location.hash.slice(1)]?.());
"""

EXPECTED = {
    **dict.fromkeys(["plain", "keyed", "beside", "middle", "shy", "new", "hop", "later", "own"], ("payable", "")),
    **dict.fromkeys(["shim", "refresh"], ("payable", "")),  # a person tapped before; nobody could tell it from a script's doing
    **dict.fromkeys(["scripted", "opened", "synthetic"], ("unactivated", "no_activation")),
    "frame": ("embedded", "dest_iframe"),
    "object": ("embedded", "dest_object"),
    "embed": ("embedded", "dest_embed"),
    "image": ("embedded", "mode_no-cors"),
    "script": ("embedded", "mode_no-cors"),
    "fetch": ("embedded", "mode_no-cors"),
    "fetched": ("embedded", "mode_cors"),
    "hint": ("prefetch", "sec_purpose"),
    "fetched-early": ("prefetch", "sec_purpose"),
    "rendered-early": ("prefetch", "sec_purpose"),
    "undisguised": ("bot", "agent"),
    "curl": ("bot", "agent"),
    "card": ("preview", "agent"),
}  # fmt: skip


class Shop:
    """The app at a real address, with a link for everything that is tried."""

    def __init__(self, settings):
        self.app = create_app(replace(settings, clicks="process", ratelimit_enabled=False))
        self.world = world = builders.World(self.app)
        self.brand, self.mia = world.brand(), world.creator("mia")
        world.bank(self.brand)
        program = world.program(self.brand)
        world.enroll(program, self.mia)
        self.product = world.product(self.brand, price=100_000, stock=99)
        world.page(self.mia, {"type": "heading", "text": "Hello"})
        made = {
            slug: world.link(self.mia, program=program, url=f"/healthz?for={slug}", slug=f"t-{slug}")
            for slug in [*EXPECTED, "head"]
        }
        self.slugs = {link.id: slug for slug, link in made.items()}
        self.noted = set()  # what was tapped so far
        self.spool = self.app.extensions["redirector"].spool
        self.app.extensions["redirector"].spool = self
        self.server = make_server("127.0.0.1", 0, self.app, threaded=True)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def append(self, line):
        self.spool.append(line)
        self.noted.add(self.slugs[read_tap(line).link_id])

    def seen(self, slug):
        """Wait until somebody has asked for it."""
        for _ in range(1000):
            if slug in self.noted:
                return
            time.sleep(0.01)
        raise AssertionError(f"{slug} never came")

    def clicks(self):
        """slug → its click rows."""
        with self.app.app_context():
            drain.pour(now=utcnow())
            found = {}
            for click in session().scalars(select(clicks.Click).order_by(clicks.Click.at)):
                found.setdefault(self.slugs[click.link_id], []).append(click)
            return found

    def earns(self, click):
        """Whether an order that names this click is somebody's."""
        order = self.world.order((self.product, 1), paid=True, click_id=click.public_id)
        with self.app.app_context():
            return [row.creator_id for row in commissions.of_order(order.id)] == [self.mia.id]

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.spool.close()
        self.app.extensions["redirector"].links.refresh = threading.Event().wait  # nobody watches a database that is gone
        drain.set_up(None)
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def shop(settings):
    made = Shop(settings)
    yield made
    made.close()


@pytest.fixture
def others(shop):
    """The address of a site of others."""

    class Site(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/hop":
                self.send_response(302)
                self.send_header("Location", f"{shop.url}/l/t-hop")
                self.end_headers()
                return
            page = PAGES.get(self.path, "").format(l=f"{shop.url}/l/t-").encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html>" + page)

        def log_message(self, *_words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def disguised(chromium):
    """The same browser under a phone's name, also in tabs that it opens by itself."""
    options = {"executable_path": CHROMIUM, "args": ["--no-sandbox", "--disable-background-networking", f"--user-agent={CHROME}"]}
    browser = chromium.browser_type.launch(**options)
    yield browser
    browser.close()


def visiting(browser, shop):
    """Somebody's visit; our own pages' policy for scripts is set aside, so that these can be played."""
    context = browser.new_context(bypass_csp=True)
    context.add_init_script(ON_OUR_PAGE.replace("{l}", f"{shop.url}/l/t-"))
    return context


def test_a_real_browsers_taps_are_told_from_what_is_none(shop, others, chromium, disguised):
    context = visiting(disguised, shop)
    links = f"{shop.url}/l/t-"

    def on_blog(slug, **how):
        page = context.new_page()
        page.goto(f"{others}/blog")
        page.click(f"#{slug}", **how)
        shop.seen(slug)
        page.close()

    for slug in ("plain", "shy", "new", "hop", "shim", "later"):
        on_blog(slug)
    on_blog("beside", modifiers=["Control"])
    on_blog("middle", button="middle")
    page = context.new_page()
    page.goto(f"{others}/blog")
    page.focus("#keyed")
    page.keyboard.press("Enter")
    shop.seen("keyed")
    for path in ("/refresh", "/parts"):
        context.new_page().goto(f"{others}{path}")
    for slug in ("refresh", "frame", "object", "embed", "image", "script", "fetch"):
        shop.seen(slug)

    for slug in ("scripted", "opened", "synthetic", "fetched", "hint"):
        page = context.new_page()
        page.goto(f"{shop.url}/@mia#{slug}", wait_until="commit")
        shop.seen(slug)
        page.close()
    page = context.new_page()
    page.goto(f"{shop.url}/@mia#own")
    page.click("#own")
    shop.seen("own")
    context.close()

    context = visiting(disguised, shop)
    context.new_page().goto(f"{shop.url}/@mia#early")
    shop.seen("rendered-early")
    shop.seen("fetched-early")
    context.close()

    bare = chromium.new_context()  # as automation comes, without a disguise
    bare.new_page().goto(f"{links}undisguised")
    bare.close()
    for slug, agent in (("curl", "curl/8.5.0"), ("card", "WhatsApp/2.24.13.77 A")):
        assert requests.get(f"{links}{slug}", headers={"User-Agent": agent}, allow_redirects=False, timeout=5).status_code == 302

    found = shop.clicks()
    assert {slug: {(row.kind, row.reason) for row in rows} for slug, rows in found.items()} == {
        slug: {said} for slug, said in EXPECTED.items()
    }
    tried = {"plain", "keyed", "shim"} | set({said: slug for slug, said in EXPECTED.items() if said[1]}.values())  # one of each
    assert {slug for slug in tried if shop.earns(found[slug][0])} == {"plain", "keyed", "shim"}


def test_the_real_tap_still_comes_after_a_prefetch(shop, disguised):
    context = visiting(disguised, shop)
    page = context.new_page()
    page.goto(f"{shop.url}/@mia#early")
    shop.seen("rendered-early")
    page.evaluate("document.body.insertAdjacentHTML('afterbegin', '<a id=it href=/l/t-rendered-early>x</a>')")
    page.click("#it")
    page.wait_for_url("**/healthz*")
    context.close()
    rows = shop.clicks()["rendered-early"]
    assert [row.kind for row in rows] == ["prefetch", "payable"]
    assert shop.earns(rows[1])
    assert not shop.earns(rows[0])


def test_who_types_a_password_taps_once_also_when_they_come_back(shop, others, disguised):
    with shop.app.app_context(), transaction():
        links.find_by_slug("t-plain").password_hash = people.hashed("kopi")
    page = disguised.new_context().new_page()
    page.goto(f"{others}/blog")
    page.click("#plain")
    page.fill("#password", "kopi")
    page.click("form button")
    page.wait_for_url("**/healthz*")
    page.go_back()
    page.wait_for_url("**/ways/t-plain*")
    page.context.close()
    (click,) = shop.clicks()["plain"]
    assert (click.kind, click.reason, click.referrer) == ("payable", "", "localhost")
    assert shop.earns(click)
