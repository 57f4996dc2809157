"""Visitors as browsers meet us: who is known again and who is not, what comes along into another browser, and who earns."""

from __future__ import annotations

import html
import json
import re
import threading
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from sqlalchemy import select

from socialshop.app import create_app
from socialshop.domain import clicks, commissions, links, orders
from socialshop.domain.pages.models import PageView
from socialshop.flows import drain, fulfil, verify_spool
from socialshop.kernel import clock
from socialshop.kernel.clock import utcnow
from socialshop.kernel.database import db, session, transaction

from .. import builders
from ..conftest import START
from .test_click import TAP, cookies
from .test_orders import FIELDS, hidden

CHROME = TAP["User-Agent"]
INSTAGRAM = (
    "Mozilla/5.0 (Linux; Android 13; SM-A546E Build/TP1A.220624.014; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/120.0.6099.210 Mobile Safari/537.36 Instagram 340.0.0.30.106 Android (33/13; 420dpi; 1080x2125; samsung; SM-A546E)"
)
INSTAGRAM_IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
    "Instagram 335.1.8.26.85 (iPhone14,5; iOS 17_5; id_ID; id; scale=3.00; 1170x2532; 612419346)"
)
LINE = INSTAGRAM.replace("Instagram 340.0.0.30.106 Android", "Line/14.7.1/IAB")
WHATSAPP = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 WhatsApp/24.12.78"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"


class Shop:
    """A brand, a creator with a link to its coffee, and browsers."""

    def __init__(self, app):
        self.app = app
        self.world = world = builders.World(app)
        self.brand = world.brand("senja", whatsapp="628111")
        world.bank(self.brand)
        self.mia = world.creator("mia")
        self.program = world.program(self.brand, percent="10")
        world.enroll(self.program, self.mia)
        self.product = world.product(self.brand, "Kopi Gayo", price=100_000, stock=9)
        self.link = world.link(self.mia, program=self.program, product=self.product, slug="kopi")
        self.sheet = f"/@mia/p/{self.product.public_id}"

    def browser(self, agent=CHROME, **headers):
        made = self.app.test_client()
        made.environ_base |= {"HTTP_USER_AGENT": agent, **{f"HTTP_{name.upper()}": value for name, value in headers.items()}}
        made.set_cookie("lang", "en")
        return made

    def tap(self, browser):
        """Follow the link; where it leads, and the click."""
        answer = browser.get("/l/kopi", headers={name: TAP[name] for name in TAP if name != "User-Agent"})
        click = parse_qs(urlsplit(answer.location).query)["c"][0]
        return answer.location, click

    def buy(self, browser, page, **more):
        """From a product's page through the cart to a paid order, by the forms as they stand there; the order."""
        form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', browser.get(page).text))
        answer = self.world.post(browser, "/cart/items", {**form, "then": "checkout"})
        return self.order(browser, answer.location, **more)

    def order(self, browser, page, **more):
        shown = browser.get(page).text
        action = html.unescape(re.search(r'id="checkout" method="post" action="([^"]+)"', shown)[1])
        fields = {**FIELDS, f"method-{self.brand.public_id}": "transfer", "code": "", **hidden(shown), **more}
        answer = self.world.post(browser, action, fields)
        assert answer.status_code == 303, answer.text
        with self.app.app_context():
            found = orders.by_token(answer.location.rsplit("/", 1)[1])
            fulfil.confirm_payment(found.id, amount=found.total_minor, now=utcnow(), actor=builders.checkout_actor)
            return orders.get(found.id)

    def earned(self, order):
        """(creator, by what) of an order."""
        with self.app.app_context():
            return [(row.creator_id, row.via) for row in commissions.of_order(order.id)]

    def code(self, creator, text):
        self.world._do(
            lambda: links.make_code(
                creator_id=creator.id, program_id=self.program.id, code=text, handle=creator.handle, discount="10", now=utcnow()
            )
        )

    def rival(self):
        """Another creator of the program, whose link leads to the same coffee."""
        bima = self.world.creator("bima")
        self.world.enroll(self.program, bima)
        self.world.link(bima, program=self.program, product=self.product, slug="kopi-bima")
        return bima

    def filled_in(self, browser):
        """The code that stands in the checkout's form."""
        (field,) = re.findall(r'<input[^>]*name="code"[^>]*>', browser.get("/checkout").text)
        return html.unescape((re.findall(r'value="([^"]*)"', field) or [""])[0]).casefold()

    def receipt(self, creator, order):
        with self.app.app_context():
            (row,) = [row for row in commissions.of_order(order.id) if row.creator_id == creator.id]
        return self.world.sign_in(self.browser(), creator.user_id).get(f"/creator/earnings/{row.public_id}").text

    def clicks(self):
        with self.app.app_context():
            drain.pour(now=utcnow())
            return session().scalars(select(clicks.Click).order_by(clicks.Click.at, clicks.Click.id)).all()


def end_watching(app):
    """Nobody asks a database that is gone for changed links, every second until the last test."""
    app.extensions["redirector"].links.refresh = threading.Event().wait


@pytest.fixture
def open_shop(settings):
    """A shop under a rule for cookies."""
    made = []

    def opened(**changed):
        app = create_app(replace(settings, clicks="process", **changed))
        made.append(app)
        clock.use(lambda: START)
        return Shop(app)

    yield opened
    clock.use(clock.system_clock)
    drain.set_up(None)
    for app in made:
        app.extensions["redirector"].spool.close()
        end_watching(app)
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def given(browser):
    return {name for name in ("v", "clk", "agreed") if browser.get_cookie(name) is not None}


def test_a_cookie_only_where_somebody_may_earn(open_shop):
    shop = open_shop()
    shop.world.page(shop.mia, {"type": "heading", "text": "Hello"})
    shop.world.page(shop.world.creator("bima"), {"type": "heading", "text": "Hello"})
    browser = shop.browser()
    for path in ("/@bima", "/cart", "/"):
        browser.get(path)
        assert given(browser) == set()
    browser.get("/@mia")
    assert given(browser) == {"v"}


class TestWithoutConsent:
    @pytest.fixture(params=["consent", "never", "privacy"])
    def shop(self, request, open_shop):
        made = open_shop(visitor_cookies="attribution" if request.param == "privacy" else request.param)
        if request.param == "privacy":
            plain = made.browser
            made.browser = lambda agent=CHROME: plain(agent, sec_gpc="1")
        return made

    def test_nobody_is_known_again_and_the_click_in_the_address_still_earns(self, shop):
        browser = shop.browser()
        page, click = shop.tap(browser)
        order = shop.buy(browser, page)
        assert given(browser) == set()
        assert (order.click_id, order.visitor) == (click, "")
        assert shop.earned(order) == [(shop.mia.id, "click")]

    def test_a_code_still_earns(self, shop):
        shop.world._do(
            lambda: links.make_code(
                creator_id=shop.mia.id, program_id=shop.program.id, code="mia10", handle="mia", discount="10", now=utcnow()
            )
        )
        browser = shop.browser()
        order = shop.buy(browser, shop.sheet + "?code=mia10", code="mia10")
        assert given(browser) == set()
        assert shop.earned(order) == [(shop.mia.id, "code")]

    def test_a_stranger_behind_the_same_network_wins_nothing_for_it(self, shop):
        shop.tap(shop.browser())
        order = shop.buy(shop.browser(), shop.sheet)
        assert shop.earned(order) == []

    def test_the_same_person_is_one_visitor_today_and_another_one_tomorrow(self, shop):
        shop.world.page(shop.mia, {"type": "heading", "text": "Hello"})
        for hours in (0, 1, 24):
            clock.use(lambda later=hours: START + timedelta(hours=later))
            browser = shop.browser()
            shop.tap(browser)
            browser.get("/@mia")
        rows = shop.clicks()
        assert [row.kind for row in rows] == ["payable"] * 3
        assert rows[0].visitor == rows[1].visitor != rows[2].visitor
        with shop.app.app_context():
            views = session().scalars(select(PageView.visitor).order_by(PageView.id)).all()
        assert views == [row.visitor for row in rows]  # one person on the page and on the link

    def test_strangers_who_share_a_word_for_the_day_are_not_too_many(self, shop):
        """A village behind one address, all with the same phone: every tap may still win its order."""
        for minutes in range(25):
            clock.use(lambda m=minutes: START + timedelta(minutes=m))
            shop.tap(shop.browser())
        rows = shop.clicks()
        assert len({row.visitor for row in rows}) == 1
        assert [row.kind for row in rows] == ["payable"] * 25

    def test_a_cookie_from_before_is_taken_back(self, shop):
        browser = shop.browser()
        browser.set_cookie("v", "abcdefghijklmnopqrstuv")
        browser.set_cookie("clk", "clk_abcdefgh")
        browser.get(shop.sheet)
        assert given(browser) == set()


class TestConsent:
    @pytest.fixture
    def shop(self, open_shop):
        return open_shop(visitor_cookies="consent")

    def answer(self, shop, browser, page, choice):
        shown = browser.get(page).text
        fields = dict(re.findall(r'<input type="hidden" name="(back|c)" value="([^"]*)"', shown.partition("may-we")[2]))
        return shop.world.post(browser, "/visit/memory", {**{k: html.unescape(v) for k, v in fields.items()}, "choice": choice})

    @pytest.mark.parametrize(("lang", "words"), [("en", "May we know this browser again?"), ("id", 'id="may-we"')])
    def test_it_is_asked_once_in_words_of_the_visitor(self, shop, lang, words):
        browser = shop.browser()
        browser.set_cookie("lang", lang)
        assert words in browser.get(shop.sheet).text
        for choice in ("no", "yes"):
            self.answer(shop, browser, shop.sheet, choice)
            assert 'id="may-we"' not in browser.get(shop.sheet).text

    def test_a_yes_keeps_the_click_that_led_here(self, shop):
        browser = shop.browser()
        page, click = shop.tap(browser)
        answer = self.answer(shop, browser, page, "yes")
        assert (answer.status_code, answer.location) == (303, page)
        assert cookies(answer)["agreed"].startswith("agreed=yes;")
        assert browser.get_cookie("clk").value == click
        order = shop.buy(browser, shop.sheet)  # another day, by an address that says nothing
        assert (order.click_id, shop.earned(order)) == (click, [(shop.mia.id, "click")])

    def test_a_no_sets_nothing_and_is_remembered(self, shop):
        browser = shop.browser()
        page, _ = shop.tap(browser)
        self.answer(shop, browser, page, "no")
        browser.get(page)
        shop.tap(browser)
        assert given(browser) == {"agreed"}

    def test_it_is_not_asked_where_nobody_earns_and_not_of_who_wants_privacy(self, shop):
        shop.world.page(shop.world.creator("bima"), {"type": "heading", "text": "Hello"})
        assert 'id="may-we"' not in shop.browser().get("/@bima").text
        assert 'id="may-we"' not in shop.browser(sec_gpc="1").get(shop.sheet).text

    @pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""])
    def test_nobody_is_sent_elsewhere_after_answering(self, shop, back):
        answer = shop.world.post(shop.browser(), "/visit/memory", {"choice": "yes", "back": back})
        assert answer.location == "/"

    def test_no_other_site_answers_for_the_visitor(self, shop):
        shop.app.config["WTF_CSRF_ENABLED"] = True
        answer = shop.browser().post("/visit/memory", data={"choice": "yes", "back": "/"})
        assert answer.status_code == 400
        assert "agreed" not in cookies(answer)


class TestInsideAnApp:
    @pytest.fixture
    def shop(self, open_shop):
        return open_shop(base_url="https://shop.example")

    def way_out(self, browser, page):
        """The intent link of a page, and the address it opens."""
        link = html.unescape(re.search(r'href="(intent://[^"]+)"', browser.get(page).text)[1])
        return link, unquote(re.search(r"S\.browser_fallback_url=([^;]+)", link)[1])

    def test_the_real_browser_gets_the_click_and_the_cart(self, shop):
        inside = shop.browser(INSTAGRAM)
        page, click = shop.tap(inside)
        form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', inside.get(page).text))
        answer = shop.world.post(inside, "/cart/items", {**form, "then": "checkout"})
        link, address = self.way_out(inside, answer.location)
        assert link.startswith("intent://shop.example/checkout?")
        assert (
            "#Intent;scheme=https;package=com.android.chrome;S.browser_fallback_url=https%3A%2F%2Fshop.example%2Fcheckout" in link
        )
        outside = shop.browser()
        order = shop.order(outside, address.removeprefix("https://shop.example"))
        assert (order.click_id, shop.earned(order)) == (click, [(shop.mia.id, "click")])
        with shop.app.app_context():
            assert [line.title for line in orders.lines_of(order.id)] == ["Kopi Gayo"]

    def test_the_address_itself_carries_them_for_who_opens_it_by_the_menu(self, shop):
        inside = shop.browser(INSTAGRAM_IPHONE)
        page, click = shop.tap(inside)
        assert "Tap ⋯ at the top right" in inside.get(page).text
        form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', inside.get(page).text))
        address = shop.world.post(inside, "/cart/items", {**form, "then": "cart"}).location
        safari = shop.browser(SAFARI)
        assert "Kopi Gayo" in safari.get(address).text
        assert safari.get_cookie("cart") is not None
        order = shop.order(safari, html.unescape(re.search(r'href="(/checkout[^"]*)"', safari.get(address).text)[1]))
        assert order.click_id == click

    def test_a_product_page_in_the_real_browser_earns_too(self, shop):
        inside = shop.browser(INSTAGRAM)
        page, click = shop.tap(inside)
        _, address = self.way_out(inside, page)
        order = shop.buy(shop.browser(), address.removeprefix("https://shop.example"))
        assert (order.click_id, shop.earned(order)) == (click, [(shop.mia.id, "click")])

    @pytest.mark.parametrize(
        ("agent", "shown"),
        [(CHROME, None), (SAFARI, None), (WHATSAPP, None), (INSTAGRAM, "intent://"), (INSTAGRAM_IPHONE, "Tap ⋯"), (LINE, "openExternalBrowser=1")],
    )  # fmt: skip
    def test_it_is_offered_where_it_helps(self, shop, agent, shown):
        text = shop.browser(agent).get(shop.sheet).text
        assert ('id="go-outside"' in text) is (shown is not None)
        assert shown is None or shown in text

    def test_who_would_rather_stay_is_asked_no_more(self, shop):
        browser = shop.browser(INSTAGRAM)
        answer = shop.world.post(browser, "/visit/inside", {"back": shop.sheet})
        assert (answer.status_code, answer.location) == (303, shop.sheet)
        assert "Max-Age" not in cookies(answer)["stay"]
        assert 'id="go-outside"' not in browser.get(shop.sheet).text

    def test_an_empty_cart_offers_nothing(self, shop):
        assert 'id="go-outside"' not in shop.browser(INSTAGRAM).get("/cart").text

    @pytest.mark.parametrize("spoil", ["", "x", "x" * 600, "changed", "late"])
    def test_a_spoiled_or_old_cart_is_none(self, shop, spoil):
        inside = shop.browser(INSTAGRAM)
        address = shop.world.post(inside, "/cart/items", {"product": shop.product.public_id, "then": "cart"}).location
        sealed = parse_qs(urlsplit(address).query)["t"][0]
        if spoil == "late":
            clock.use(lambda: START + timedelta(hours=2))
        else:
            sealed = sealed[:-4] + "AAA=" if spoil == "changed" else spoil
        browser = shop.browser()
        assert "Kopi Gayo" not in browser.get("/cart", query_string={"t": sealed}).text
        assert browser.get_cookie("cart") is None

    def test_a_cart_that_has_something_in_it_is_not_replaced(self, shop):
        inside, outside = shop.browser(INSTAGRAM), shop.browser()
        tea = shop.world.product(shop.brand, "Teh Melati", price=50_000)
        shop.world.post(outside, "/cart/items", {"product": tea.public_id})
        address = shop.world.post(inside, "/cart/items", {"product": shop.product.public_id, "then": "cart"}).location
        text = outside.get(address).text
        assert "Teh Melati" in text
        assert "Kopi Gayo" not in text

    def test_the_operators_own_table_counts_and_a_broken_one_does_not(self, open_shop, tmp_path):
        table = tmp_path / "apps.json"
        table.write_text(json.dumps({"whatsapp": {"name": "WhatsApp", "ios": "share"}}))
        shop = open_shop(in_app_table=str(table))
        assert "Tap the share sign" in shop.browser(WHATSAPP).get(shop.sheet).text
        assert 'id="go-outside"' not in shop.browser(INSTAGRAM).get(shop.sheet).text
        for broken in ("{", "[]", '{"whatsapp": {}}', '{"whatsapp": 7}'):
            table.write_text(broken)
            assert 'id="go-outside"' in shop.browser(INSTAGRAM).get(shop.sheet).text
        table.unlink()
        assert 'id="go-outside"' in shop.browser(INSTAGRAM).get(shop.sheet).text


class TestTheCode:
    def test_it_is_in_what_is_written_on_whatsapp(self, open_shop):
        shop = open_shop()
        shop.code(shop.mia, "mia10")
        browser = shop.browser()
        asked = unquote(html.unescape(re.search(r'href="(https://wa\.me/[^"]+)"', browser.get(shop.sheet).text)[1]))
        assert "My referral code: MIA10" in asked
        order = shop.buy(browser, shop.sheet, code="mia10")
        told = unquote(html.unescape(re.search(r'href="(https://wa\.me/[^"]+)"', browser.get(f"/o/{order.token}").text)[1]))
        assert "My referral code: MIA10" in told

    @pytest.mark.parametrize("own", ["", "bima5"])
    def test_one_that_nobody_typed_gives_way_to_a_later_tap(self, open_shop, own):
        shop = open_shop()
        shop.code(shop.mia, "mia10")
        bima = shop.rival()
        if own:
            shop.code(bima, own)
        browser = shop.browser()
        page, _ = shop.tap(browser)
        form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', browser.get(page).text))
        shop.world.post(browser, "/cart/items", form)
        assert shop.filled_in(browser) == "mia10"
        clock.use(lambda: START + timedelta(minutes=1))
        browser.get("/l/kopi-bima", headers=TAP)
        assert shop.filled_in(browser) == own
        order = shop.order(browser, "/checkout", code=own)
        assert (order.code, order.code_from) == (own, "filled" if own else "")
        assert [creator for creator, _ in shop.earned(order)] == [bima.id]
        assert "typed" not in shop.receipt(bima, order)

    def test_one_that_was_typed_stays_and_the_receipt_tells_them_apart(self, open_shop):
        shop = open_shop()
        shop.code(shop.mia, "mia10")
        bima = shop.rival()
        shop.code(bima, "bima5")
        browser = shop.browser()
        page, _ = shop.tap(browser)
        filled = shop.buy(browser, page, code="mia10")
        assert filled.code_from == "filled"
        assert "filled in by a link or page" in shop.receipt(shop.mia, filled)

        clock.use(lambda: START + timedelta(minutes=1))
        browser.get("/l/kopi-bima", headers=TAP)
        form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', browser.get(shop.sheet).text))
        shop.world.post(browser, "/cart/items", form | {"code": ""})
        assert shop.filled_in(browser) == "bima5"
        shop.world.post(browser, "/checkout", {**hidden(browser.get("/checkout").text), "code": "mia10", "apply": "1"})
        shop.world.post(browser, "/cart/items", form | {"code": "bima5"})  # another piece, from a page of the other
        clock.use(lambda: START + timedelta(minutes=2))
        browser.get("/l/kopi-bima", headers=TAP)
        assert shop.filled_in(browser) == "mia10"
        typed = shop.order(browser, "/checkout", code="mia10")
        assert (typed.code_from, shop.earned(typed)) == ("typed", [(shop.mia.id, "code")])
        assert "typed by the buyer" in shop.receipt(shop.mia, typed)

    def test_the_newest_click_wins_between_the_address_and_the_cookie(self, open_shop):
        shop = open_shop()
        browser = shop.browser()
        old, _ = shop.tap(browser)
        clock.use(lambda: START + timedelta(minutes=1))
        _, new = shop.tap(browser)
        assert shop.buy(browser, old).click_id == new
        assert shop.buy(shop.browser(), old).click_id != new

    @pytest.mark.parametrize("made_up", ["clk_nobody12345", "clk_" + "f" * 31, "x", "clk_<script>", "clk_%00"])
    def test_a_made_up_click_earns_nothing(self, open_shop, made_up):
        shop = open_shop()
        order = shop.buy(shop.browser(), f"{shop.sheet}?c={made_up}")
        assert shop.earned(order) == []


CROWD = [  # (headers, the class) of requests that one link may get in an hour
    ({}, "payable"),
    ({"Sec-Fetch-User": "?1", "Sec-Fetch-Site": "cross-site"}, "payable"),
    ({"Sec-Purpose": "prefetch"}, "prefetch"),
    ({"Sec-Purpose": "prefetch;prerender"}, "prefetch"),
    ({"User-Agent": "WhatsApp/2.24.13.77 A"}, "preview"),
    ({"User-Agent": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"}, "preview"),
    ({"User-Agent": "curl/8.5.0"}, "bot"),
    ({"User-Agent": ""}, "bot"),
    ({"User-Agent": "\x7f\xff" * 200}, "payable"),
    ({"Sec-CH-UA": '"HeadlessChrome";v="126"'}, "bot"),
    ({"Sec-Fetch-Dest": "iframe"}, "embedded"),
    ({"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}, "embedded"),
    ({"Sec-Fetch-Site": "same-origin", "Sec-Fetch-User": ""}, "unactivated"),
    ({"User-Agent": INSTAGRAM}, "payable"),
]


def test_every_request_has_one_class_and_none_disappears(open_shop):
    """I-20: requests received = payable + duplicate + all others, and what the spool had is stored or kept apart."""
    shop = open_shop()
    received, expected = 0, []
    for minutes, (headers, kind) in enumerate(CROWD * 2):
        clock.use(lambda m=minutes: START + timedelta(minutes=m))
        shop.browser(headers.get("User-Agent", CHROME)).get("/l/kopi", headers={**TAP, **headers})
        received, expected = received + 1, [*expected, kind]
    clock.use(lambda: START + timedelta(days=1))
    often = shop.browser()
    for seconds in (0, 5, *range(60, 60 * 25, 60)):  # once, again at once, and then 24 times that day
        clock.use(lambda s=seconds: START + timedelta(days=1, seconds=s))
        often.get("/l/kopi", headers=TAP)
        received += 1
    expected += ["payable", "duplicate", *["payable"] * 19, *["excess"] * 5]
    me = shop.world.sign_in(shop.browser(), shop.mia.user_id)
    me.get("/creator/")
    me.get("/l/kopi", headers=TAP)
    received, expected = received + 1, [*expected, "own"]
    shop.browser().head("/l/kopi")  # no click
    spool = shop.app.extensions["redirector"].spool
    for line in (b"[]", b"no tap at all"):
        spool.append(line)

    rows = shop.clicks()
    assert [row.kind for row in rows] == expected
    assert all(bool(row.reason) is (row.kind != "payable") for row in rows)
    counts = shop.app.extensions["redirector"].counts
    assert (counts["kept"], counts["lost"], counts["head"]) == (received, 0, 1)
    with shop.app.app_context():
        spoiled = session().scalars(select(clicks.SpoiledTap.why)).all()
        assert (len(rows), len(spoiled)) == (received, 2)
        assert sum(clicks.counts(shop.mia.id, "kind", START.date(), START.date() + timedelta(days=2)).values()) == received


@pytest.mark.parametrize("address", ["203.0.113.77", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff"])
def test_a_full_address_is_nowhere_afterwards(open_shop, capsys, address):
    shop = open_shop(proxies=1)
    shop.world.page(shop.mia, {"type": "heading", "text": "Hello"})
    for headers in ({}, {"sec_gpc": "1"}):
        browser = shop.browser(x_forwarded_for=address, **headers)
        page, _ = shop.tap(browser)
        browser.get("/@mia")
        shop.buy(browser, page)
    lines = b"".join(path.read_bytes() for path in shop.app.config["SETTINGS"].spool_folder.rglob("*") if path.is_file())
    assert len(shop.clicks()) == 2
    with shop.app.app_context():
        told = [str(row) for table in db.metadata.tables.values() for row in session().execute(select(table))]
    told += [lines.decode("latin-1"), *capsys.readouterr()]
    assert len("".join(told)) > 5000
    for piece in (address, address.upper(), address.rsplit(":", 1)[0] if ":" in address else "113.77"):
        assert not any(piece in text for text in told)


def test_verify_names_a_file_whose_lines_were_poured_into_nothing(open_shop):
    shop = open_shop()
    for minutes in range(3):
        clock.use(lambda m=minutes: START + timedelta(minutes=m))
        shop.browser().get("/l/kopi", headers=TAP)
    shop.app.extensions["redirector"].spool.append(b"no tap at all")
    assert len(shop.clicks()) == 3
    with shop.app.app_context():
        assert list(verify_spool.discrepancies()) == []
        with transaction() as current:
            current.delete(session().scalars(select(clicks.Click).order_by(clicks.Click.id.desc())).first())
        ((check, _file, what),) = verify_spool.discrepancies()
    assert (check, what) == ("I-20", "4 lines were poured, but 2 are clicks and 1 were kept apart")
