"""A link's rules, split, shops, password and end: set by its creator without scripts, met by its visitors."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from urllib.parse import unquote

import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import select

from socialshop.app import create_app
from socialshop.domain import audit, clicks, commissions, links, people
from socialshop.flows import drain
from socialshop.kernel import clock
from socialshop.kernel.clock import utcnow
from socialshop.kernel.database import db, session, transaction

from .. import builders
from ..conftest import START
from .test_click import TAP

PHONE = TAP["User-Agent"]
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
STORE = "https://toko.example/kopi"


@pytest.fixture(params=["process", "database"])
def app(settings, request):
    made = create_app(replace(settings, clicks=request.param))
    clock.use(lambda: START)
    yield made
    clock.use(clock.system_clock)
    drain.set_up(None)
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def world(app):
    return builders.World(app)


@pytest.fixture
def rani(world):
    return world.creator("rani")


@pytest.fixture
def link(world, rani):
    return world.link(rani, url=STORE, slug="kopi-bio")


@pytest.fixture
def desk(app, world, rani, link):
    """The creator's console, and `desk.post(part, **form)` below the link."""
    client = world.sign_in(app.test_client(), rani.user_id)

    class Desk:
        page = f"/creator/links/{link.public_id}"

        def get(self, part=""):
            return client.get(self.page + part)

        def form(self, part):
            """What the page's form sends as it stands; {} where there is no such page, only a button."""
            page = client.get(self.page + part)
            return sent_by(page.text) if page.status_code == 200 else {}

        def post(self, part, **typed):
            """Send the page's own form with what was typed into it, or press a button."""
            there = self.form(part)
            assert not there or typed.keys() - {"preview"} <= there.keys(), "typed into a field that the page does not show"
            return self.send(part, there | typed)

        def send(self, part, fields):
            kept = {name: value for name, value in fields.items() if value is not None}
            return world.post(client, self.page + part, kept)

    return Desk()


def sent_by(html):
    """Field → what a browser would send of the page's form; None for a field that it would leave out."""
    fields = {}
    form = LexborHTMLParser(html).css_first("main form.form[method=post]")
    for box in form.css("input, select, textarea"):
        name, kind = box.attributes.get("name"), box.attributes.get("type")
        if not name or name == "csrf_token":
            continue
        if box.tag == "textarea":
            value = box.text()
        elif box.tag == "select":
            chosen = box.css_first("option[selected]") or box.css_first("option")
            value = None if chosen is None else chosen.attributes.get("value")
        else:
            value = box.attributes.get("value") or ""
            if kind in ("radio", "checkbox") and "checked" not in box.attributes:
                value = None
        before = fields.get(name)
        if before is None or value is None:
            fields[name] = before if value is None else value
        else:
            fields[name] = [*(before if isinstance(before, list) else [before]), value]
    return fields


def tap(client, path="/l/kopi-bio", **headers):
    return client.get(path, headers={**TAP, **{name.replace("_", "-"): value for name, value in headers.items()}})


def lead(client, path="/l/kopi-bio", **headers):
    return tap(client, path, **headers).headers["Location"]


def row_of(app):
    with app.app_context():
        return links.find_by_slug("kopi-bio")


def stored(app):
    with app.app_context():
        drain.pour(now=utcnow())
        return list(session().scalars(select(clicks.Click).order_by(clicks.Click.id)))


def test_rules_lead_the_first_that_holds_and_are_read_as_sentences(app, client, desk):
    assert desk.post("/rules/new", devices="phone", languages="id", url="https://ponsel.example/").status_code == 303
    assert desk.post("/rules/new", devices=["phone", "tablet"], url="https://gerak.example/").status_code == 303
    page = desk.get().text
    assert "By phone, reading Indonesian: to ponsel.example" in page
    assert "By phone or tablet: to gerak.example" in page
    assert lead(client, User_Agent=PHONE, Accept_Language="id-ID,en;q=0.5") == "https://ponsel.example/"
    assert lead(client, User_Agent=PHONE, Accept_Language="en") == "https://gerak.example/"
    assert lead(client, User_Agent=DESK, Accept_Language="id") == STORE
    assert [row.destination for row in stored(app)] == ["r1", "r2", "main"]


def test_a_rule_moved_up_comes_first_and_one_removed_leads_nobody(app, client, desk):
    desk.post("/rules/new", devices="phone", url="https://eins.example/")
    desk.post("/rules/new", devices="phone", url="https://zwei.example/")
    assert desk.post("/rules/r2/place", direction="up").status_code == 303
    assert lead(client, User_Agent=PHONE) == "https://zwei.example/"
    desk.post("/rules/r2/place", direction="up")  # it is the first already
    desk.post("/rules/r2/removal")
    assert lead(client, User_Agent=PHONE) == "https://eins.example/"
    desk.post("/rules/r1", devices="desktop", url="https://eins.example/")
    assert lead(client, User_Agent=PHONE) == STORE
    with app.app_context():
        acts = session().scalars(select(audit.Entry.act).order_by(audit.Entry.id)).all()
        assert acts == ["link.rule_put", "link.rule_put", "link.moved", "link.rule_removed", "link.rule_put"]
    desk.post("/rules/new", devices="phone", url="https://drei.example/")
    assert [rule["word"] for rule in row_of(app).routes["rules"]] == ["r1", "r3"]  # a word is given once


@pytest.mark.parametrize(("part", "name", "typed", "other"), [
    ("/rules/new", "rules", {"devices": "phone", "url": "https://a.example/"}, {"devices": "desktop", "url": "https://b.example/"}),
    ("/shops/new", "stores", {"kind": "shopee", "url": "https://shopee.co.id/a"}, {"kind": "shop", "url": "https://b.example/"}),
])  # fmt: skip
def test_a_form_that_is_sent_three_times_adds_once_and_a_stale_one_asks_again(app, desk, part, name, typed, other):
    seen = desk.form(part)
    assert [desk.send(part, seen | typed).status_code for _ in range(3)] == [303] * 3
    assert [entry["url"] for entry in row_of(app).routes[name]] == [typed["url"]]
    stale = desk.send(part, seen | other)  # another window, open since before
    assert stale.status_code == 422
    assert "changed in the meantime" in stale.text
    assert [entry["url"] for entry in row_of(app).routes[name]] == [typed["url"]]
    kept = sent_by(stale.text)
    assert other.items() <= kept.items()
    assert desk.send(part, kept).status_code == 303
    assert [entry["url"] for entry in row_of(app).routes[name]] == [typed["url"], other["url"]]
    with app.app_context():
        assert len(session().scalars(select(audit.Entry)).all()) == 2


def test_a_rule_is_refused_beside_its_fields(desk):
    refused = desk.post("/rules/new", begins="9", ends="17:00", url="https://a.example/")
    assert refused.status_code == 422
    assert 'id="begins-error"' in refused.text
    assert "at least one condition" in desk.post("/rules/new", url="https://a.example/").text
    assert 'id="url-error"' in desk.post("/rules/new", devices="phone", url="javascript:alert(1)").text
    assert "no country called Atlantis" in desk.post("/rules/new", more_countries="Atlantis", url="https://a.example/").text
    assert desk.post("/rules/new", days=["²", "9" * 5000], url="https://a.example/").status_code == 422
    shown = desk.post(
        "/rules/new", more_countries="Jepang", days=["1", "2", "3"], begins="22:00", ends="02:00", url="a.example", preview="1"
    )
    assert shown.status_code == 200
    assert "From Japan, Monday–Wednesday 22:00–02:00: to a.example" in shown.text


@pytest.mark.parametrize("address", ["/l/kopi-bio", "http://localhost/l/kopi-bio", "http://localhost:80/L/kopi-bio", "http://localhost/x/../l/kopi-bio", "http://localhost/%2e/l/a", "/ways/kopi-bio", "/x/%2e%2e/l/a"])  # fmt: skip
def test_no_way_leads_back_to_a_tracked_link(desk, address):
    assert desk.post("/rules/new", devices="phone", url=address).status_code == 422
    assert desk.post("/split", own_weight="1", url_0=address, weight_0="1").status_code == 422
    assert desk.post("/shops/new", kind="shop", url=address).status_code == 422


def test_a_split_keeps_each_visitor_where_they_were(app, desk):
    assert desk.post("/split", own_weight="1", url_0="https://a.example/", weight_0="3").status_code == 303
    where = []
    for n in range(40):
        visitor = app.test_client()
        visitor.set_cookie("v", f"visitor-number-{n:04}")
        first = lead(visitor)
        assert {lead(visitor) for _ in range(3)} == {first}
        where.append(first)
    assert 20 < where.count("https://a.example/") < 38
    assert where.count(STORE) + where.count("https://a.example/") == 40
    assert len(stored(app)) == 160
    cells = re.findall(r'<td class="break">([^<]+)</td>\s*<td class="num">\d</td>\s*<td class="num">(\d+)</td>', desk.get().text)
    assert dict(cells) == {"toko.example/kopi": str(where.count(STORE)), "a.example": str(where.count("https://a.example/"))}
    assert desk.post("/shops/new", kind="shopee", url="https://shopee.co.id/kopi").status_code == 422  # either or
    assert desk.post("/split", own_weight="1", url_0="").status_code == 303
    assert lead(app.test_client()) == STORE


def test_a_split_is_refused_beside_its_fields_and_keeps_what_was_typed(desk):
    refused = desk.post("/split", own_weight="0", url_0="https://a.example/", weight_0="x", url_1="ftp://b", weight_1="1")
    assert refused.status_code == 422
    assert {'id="weight_0-error"', 'id="url_1-error"'} <= set(re.findall(r'id="[a-z_0-9]+-error"', refused.text))
    assert 'value="ftp://b"' in refused.text
    for odd in ("9" * 5000, "²", "٣"):
        refused = desk.post("/split", own_weight=odd, url_0="https://a.example/", weight_0="1")
        assert (refused.status_code, 'id="own_weight-error"' in refused.text) == (422, True)
    twice = desk.post("/split", own_weight="1", url_0="https://a.example/", weight_0="1", url_1="a.example/", weight_1="1")
    assert "there twice" in twice.text


def test_visitors_choose_a_shop_once_and_may_choose_again(app, client, desk):
    redir = "https://s.shopee.co.id/an_redir?origin_link=https%3A%2F%2Fshopee.co.id%2Fkopi&affiliate_id=1"
    desk.post("/shops/new", kind="shopee", url=redir)
    desk.post(
        "/shops/new",
        kind="tokopedia",
        url="https://tokopedia.com/kopi",
        label="Tokped",
        parameter="ref",
        value="{creator}-{click}",
    )
    asked = tap(client, "/l/kopi-bio?utm_source=ig")
    assert asked.status_code == 200
    assert asked.headers["Cache-Control"] == "no-store"
    assert re.findall(r'href="(/l/[^"]+to=\w+)"', asked.text.replace("&amp;", "&")) == [
        f"/l/kopi-bio?utm_source=ig&to={word}" for word in ("shopee", "tokopedia", "main")
    ]
    assert stored(app) == []  # a page is no click
    chosen = tap(client, "/l/kopi-bio?to=shopee")
    (click,) = stored(app)
    assert chosen.headers["Location"] == f"{redir}&sub_id={click.public_id}"
    assert click.destination == "shopee"
    assert lead(client).startswith(redir)  # remembered
    assert tap(client, "/l/kopi-bio?to=").status_code == 200  # to choose again
    second = lead(client, "/l/kopi-bio?to=tokopedia")
    assert re.fullmatch(r"https://tokopedia.com/kopi\?ref=rani-clk_[0-9a-f]{31}", second)
    assert lead(client).startswith("https://tokopedia.com/")
    assert tap(app.test_client(), "/l/kopi-bio?to=javascript:alert(1)").status_code == 200  # only what is stored leads


def test_shops_that_are_hidden_or_dead_are_skipped_and_one_alone_leads_at_once(app, client, desk):
    desk.post("/shops/new", kind="shopee", url="https://shopee.co.id/kopi")
    tap(client, "/l/kopi-bio?to=shopee")
    desk.post("/shops/shopee/state", state="off")
    assert lead(client) == STORE  # what was chosen is hidden; the link's own address is the only one
    desk.post("/shops/shopee/state", state="on")
    assert lead(client) == "https://shopee.co.id/kopi"
    with app.app_context():
        for _ in range(3):
            with transaction():
                links.note_found(row_of(app).id, "shopee", "https://shopee.co.id/kopi", False, now=START)
    assert lead(client) == STORE
    assert "Nothing there any more" in desk.get().text
    with app.app_context(), transaction():
        for _ in range(3):
            links.note_found(row_of(app).id, "main", STORE, False, now=START)
    assert lead(client) == "/"  # nothing is left: as when it is over
    desk.post("/shops/shopee", kind="shopee", url="https://shopee.co.id/kopi-baru")  # another address may be alive
    assert lead(client) == "https://shopee.co.id/kopi-baru"


def test_a_chat_begins_with_the_order_and_the_code_of_today(app, client, desk, world, rani):
    brand = world.brand()
    program = world.program(brand)
    world.enroll(program, rani)
    with app.app_context(), transaction():
        row = links.find_by_slug("kopi-bio")
        row.program_id, row.title = program.id, "Kopi Gayo"
    text = "Halo, saya mau {product}\nKode: {code}"
    desk.post("/shops/new", kind="whatsapp", url="0812 3456 7890", text=text)
    assert lead(client, "/l/kopi-bio?to=whatsapp") == "https://wa.me/6281234567890?text=Halo%2C%20saya%20mau%20Kopi%20Gayo"
    code = world.code(rani, program, "rani10")
    assert unquote(lead(client)) == "https://wa.me/6281234567890?text=Halo, saya mau Kopi Gayo\nKode: RANI10"
    with app.app_context(), transaction():
        links.retire_code(links.code_of(rani.id, code.public_id), now=START)
    assert "Kode" not in lead(client)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "whatsapp", "url": "12"}, "url"),
        ({"kind": "shopee", "url": "javascript:x"}, "url"),
        ({"kind": "shop", "url": "https://a.example/", "parameter": "a b"}, "parameter"),
        ({"kind": "shop", "url": "https://a.example/", "parameter": "ref", "value": "{creator}"}, "value"),
        ({"kind": "shop", "url": "https://a.example/", "parameter": "ref", "value": "{click}&x=1"}, "value"),
        ({"kind": "shop", "url": "https://a.example/", "parameter": "ref", "value": "{click}{click}"}, "value"),
    ],
)
def test_a_shop_is_refused_beside_its_field(desk, given, field):
    refused = desk.post("/shops/new", **given)
    assert refused.status_code == 422
    assert f'id="{field}-error"' in refused.text


def change(desk, **form):
    return desk.post("/change", **form)


def test_a_link_is_not_made_already_over_but_one_that_is_may_be_changed(app, world, rani, link, desk):
    me = world.sign_in(app.test_client(), rani.user_id)
    url, given = "/creator/links/new", {"kind": "url", "url": STORE, "channel": "tiktok", "slug": "lama"}
    for moment in ("2020-01-01T00:00", (START + timedelta(hours=7)).strftime("%Y-%m-%dT%H:%M")):  # the hour in Jakarta
        refused = world.post(me, url, given | {"expires_at": moment})
        assert (refused.status_code, 'id="expires_at-error"' in refused.text) == (422, True)
        assert change(desk, expires_at=moment).status_code == 422
    assert row_of(app).expires_at is None
    with app.app_context(), transaction():
        links.find_by_slug("kopi-bio").expires_at = START - timedelta(days=1, seconds=5)
    assert change(desk, title="Kopi").status_code == 303
    assert row_of(app).title == "Kopi"


def test_a_link_is_changed_by_what_its_page_sends_and_stays_where_it_was_posted(app, client, desk):
    before = row_of(app)
    assert change(desk).status_code == 303  # as it stands
    assert change(desk, url="https://toko.example/teh", title="Teh").status_code == 303
    assert lead(client) == "https://toko.example/teh"
    after = row_of(app)
    assert (after.slug, after.channel, after.placement) == (before.slug, before.channel, before.placement)
    assert {"channel", "placement"}.isdisjoint(desk.form("/change"))


def test_a_password_lets_through_for_an_hour_and_only_its_own_link(app, client, desk, world, rani):
    assert change(desk, password="kopi").status_code == 303
    row = row_of(app)
    assert row.password_hash.startswith("$argon2")
    with app.app_context():
        told = [str((entry.before, entry.after)) for entry in session().scalars(select(audit.Entry))]
        assert not any("argon2" in text or "'kopi'" in text for text in told)
    asked = tap(client)
    assert asked.status_code == 200
    assert 'type="password"' in asked.text
    assert STORE not in asked.text
    assert client.head("/l/kopi-bio").headers.get("Location") is None
    wrong = world.post(client, "/ways/kopi-bio", {"password": "teh"})
    assert wrong.status_code == 422
    assert 'id="password-error"' in wrong.text
    assert "Set-Cookie" not in wrong.headers
    right = world.post(client, "/ways/kopi-bio?code=rani10", {"password": " kopi "})
    assert 'content="0;url=/l/kopi-bio?code=rani10"' in right.text
    assert lead(client).startswith(STORE)
    world.link(rani, url="https://other.example/", slug="other", placement="x", password_hash=row.password_hash)
    cookie = client.get_cookie("pass-kopi-bio").value
    client.set_cookie("pass-other", cookie)
    assert tap(client, "/l/other").status_code == 200  # asked
    clock.use(lambda: START + timedelta(hours=1))
    assert 'type="password"' in tap(client).text
    clock.use(lambda: START)
    forged = f"{int(START.timestamp()) + 9**9}.{cookie.partition('.')[2]}"
    forger = app.test_client()
    forger.set_cookie("pass-kopi-bio", forged)
    assert 'type="password"' in tap(forger).text
    assert lead(client).startswith(STORE)
    change(desk, password="lain")  # another password: whoever was in is out
    assert 'type="password"' in tap(client).text
    change(desk, no_password="y")
    assert lead(app.test_client()).startswith(STORE)
    assert [row.destination for row in stored(app)] == ["", "", ""]  # who was asked has not clicked yet


def test_a_broken_document_stops_neither_its_link_nor_others(app, client, link, world, rani):
    world.link(rani, url="https://other.example/", slug="other", placement="x")
    for broken in ({"rules": [{}]}, {"stores": [{"nothing": 1}]}, {"arms": 7}, [1], "text"):
        with app.app_context(), transaction():
            links.find_by_slug("kopi-bio").routes = broken
        assert lead(client) == STORE
        assert lead(client, "/l/other") == "https://other.example/"


def test_another_address_of_the_link_itself_is_not_dead(app, client, desk):
    desk.post("/shops/new", kind="shop", url="https://a.example/")
    with app.app_context(), transaction():
        links.find_by_slug("kopi-bio").dead = ["main"]
    assert lead(client) == "https://a.example/"
    change(desk, url="https://toko.example/kopi-baru")
    assert tap(client).status_code == 200  # there are two to choose from again


def test_a_small_server_of_its_own_sends_people_to_the_app_to_be_asked(desk):
    from socialshop.redirector import serve

    told = []
    environ = {"PATH_INFO": "/ways/kopi-bio", "QUERY_STRING": "utm_source=ig"}
    serve._behind(environ, lambda status, headers: told.append((status, dict(headers)["Location"])))
    assert told == [("302 Found", "/ways/kopi-bio?utm_source=ig")]


def test_guessing_a_password_ends_soon_for_one_address_and_for_one_link(settings, capsys):
    app = create_app(replace(settings, ratelimit_enabled=True))
    clock.use(lambda: START)
    world = builders.World(app)
    rani = world.creator("rani")
    with app.app_context():
        from socialshop.domain import people

        hashed = people.hashed("kopi-susu")
    world.link(rani, url=STORE, slug="kopi-bio", password_hash=hashed)
    client = app.test_client()
    answers = [world.post(client, "/ways/kopi-bio", {"password": f"{n}"}).status_code for n in range(11)]
    assert answers == [422] * 10 + [429]
    assert world.post(client, "/ways/kopi-bio", {"password": "kopi-susu"}).status_code == 429
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    assert world.post(client, "/ways/kopi-bio", {"password": "kopi-susu"}, environ_base=elsewhere).status_code == 200
    tries = []
    for n in range(10):
        there = {"REMOTE_ADDR": f"203.0.114.{n}"}
        tries += [world.post(client, f"/ways/KOPI-bio?{m}", {"password": "x"}, environ_base=there).status_code for m in range(10)]
    assert "kopi-susu" not in capsys.readouterr().out
    assert tries.count(422) == 90  # a hundred an hour for all together, however the slug is written
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_a_link_is_spent_after_its_clicks_and_robots_do_not_count(app, client, desk):
    change(desk, max_clicks="2", fallback_url="https://later.example/")
    bot = {"User_Agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"}
    for n, headers in enumerate([{}, bot, bot, {}]):
        clock.use(lambda n=n: START + timedelta(minutes=n))
        assert lead(app.test_client(), **headers).startswith(STORE)
        stored(app)
    assert lead(app.test_client()) == "https://later.example/"
    page = desk.get().text
    assert "has had its 2 clicks" in page
    assert "Taps beyond that" not in page
    clock.use(lambda: START + timedelta(hours=1))
    assert lead(app.test_client()) == "https://later.example/"
    stored(app)
    assert "Taps beyond that are counted too; they went to later.example." in desk.get().text
    assert 'id="max_clicks-error"' in change(desk, max_clicks="0").text
    change(desk, max_clicks="9")
    assert lead(app.test_client()).startswith(STORE)


def test_a_link_says_why_it_earns_no_more_and_where_it_leads_when_it_is_over(app, world, rani):
    brand = world.brand()
    program, other = world.program(brand), world.program(brand, "Lain", landing_url="https://senja.example/")
    product, archived = world.product(brand), world.product(brand, "Teh Melati")
    world.enroll(program, rani)
    made = {
        "earns": world.link(rani, program=program, product=product, slug="masih-ada"),
        "does not sell this product any more. Whoever taps it comes to /@rani.": world.link(
            rani, program=program, product=archived, slug="sudah-arsip"
        ),
        "you are not in its program any more. A tap leads on as before.": world.link(
            rani, program=other, url="https://senja.example/a", slug="sudah-keluar"
        ),
    }
    me = world.sign_in(app.test_client(), rani.user_id)
    with app.app_context(), transaction() as current:
        shelved = current.merge(archived)
        shelved.state, shelved.archived_at = "archived", START
    whole = unescape(me.get("/creator/links?lang=en").text)
    assert (whole.count(">Earns<"), whole.count(">Earns nothing<")) == (1, 2)
    for words, link in made.items():
        page = unescape(me.get(f"/creator/links/{link.public_id}").text)
        assert ("Yes, by its program's terms" in page) is (words == "earns")
        assert words == "earns" or (words in page and words in whole)
    with app.app_context(), transaction() as current:
        current.merge(program).state = "ended"
        links.turn(links.find_by_slug("masih-ada"), "off")
        links.turn(links.find_by_slug("sudah-keluar"), "off")
    page = unescape(me.get(f"/creator/links/{made['earns'].public_id}").text)
    assert "No longer: its program has ended." in page
    assert "Whoever taps it goes to the front page of this site." in page
    left = list(made.values())[2]
    assert "Whoever taps it goes to senja.example." in me.get(f"/creator/links/{left.public_id}").text
    empty = unescape(me.get("/creator/links/new").text)
    assert "until then the brand" in empty
    assert "A link to a product has the product's own title." in empty
    world.page(rani, {"type": "heading", "text": "Hello"})
    assert "Whoever taps it goes to your page." in me.get(f"/creator/links/{left.public_id}").text
    assert "until then the brand" not in me.get("/creator/links/new").text


def test_thousands_of_clicks_are_written_as_people_read_them(app, world, rani, link):
    with app.app_context(), transaction() as current:
        current.add(clicks.LinkDay(link_id=link.id, day=START.date(), payable=5394))
    me = world.sign_in(app.test_client(), rani.user_id)
    for path in ("/creator/links", f"/creator/links/{link.public_id}"):
        for lang, told in (("id", "5.394"), ("en", "5,394")):
            page = me.get(f"{path}?lang={lang}").text
            assert re.search(rf">{told}\b", page), path
            assert not re.search(r">5394\b", page), path


def test_a_slug_that_was_public_never_ends_in_nothing(app, client, desk, world, rani):
    """Off, expired, spent; with and without fallback, page and brand: always a 302, through the old slug too."""
    assert change(desk, slug="kopi-baru").status_code == 303
    brand = world.brand()
    program = world.program(brand, landing_url="https://senja.example/")
    home = world.page(rani, {"type": "heading", "text": "Hello"}, publish=False)
    ends = ["off", "expired", "spent", "ended"]
    seen = set()
    for fallback in ("https://later.example/", ""):
        for has_page in (False, True):
            if has_page:
                world.publish(rani, home)
            for of_program in (False, True):
                for end in ends:
                    with app.app_context(), transaction():
                        row = links.find_by_slug("kopi-bio")
                        row.fallback_url, row.program_id = fallback, program.id if of_program else None
                        row.state = "off" if end == "off" else "live"
                        row.expires_at = START if end == "expired" else None
                        row.max_clicks = 0 if end == "spent" else None
                        program_row = session().get_one(type(program), program.id)
                        program_row.state = "ended" if end == "ended" else "live"
                    for slug in ("kopi-bio", "kopi-baru"):
                        answer = tap(client, f"/l/{slug}")
                        assert answer.status_code == 302
                        where = answer.headers["Location"]
                        seen.add(where)
                        if end == "ended":
                            assert where.startswith(STORE)
                        elif fallback:
                            assert where == fallback
                        elif has_page:
                            assert where == "/@rani"
                        else:
                            assert where == ("https://senja.example/" if of_program else "/")
                        assert not where.startswith("/") or client.get(where).status_code == 200
        _unpublish(app, rani)
    assert len(seen - {w for w in seen if w.startswith(STORE)}) == 4


def _unpublish(app, creator):
    from socialshop.domain import pages

    with app.app_context(), transaction():
        for page in pages.pages_of(creator.id):
            page.published_version_id = None


def test_an_old_slug_leads_for_ever_and_is_nobody_elses(app, client, desk, world, rani):
    assert change(desk, slug="kopi-dua").status_code == 303
    assert change(desk, slug="kopi-tiga").status_code == 303
    for slug in ("kopi-bio", "kopi-dua", "kopi-tiga", "KOPI-BIO"):
        assert lead(client, f"/l/{slug}") == STORE
    assert "/l/kopi-dua, /l/kopi-bio" in desk.get().text
    mia = world.creator("mia")
    made = app.test_client()
    world.sign_in(made, mia.user_id)
    for taken in ("kopi-bio", "kopibio", "k0pi-dua"):
        facts = {"kind": "url", "url": "https://mia.example/", "channel": "tiktok", "slug": taken}
        refused = world.post(made, "/creator/links/new", facts)
        assert refused.status_code == 422
        assert 'id="slug-error"' in refused.text
    assert change(desk, slug="kopi-bio").status_code == 303  # its own may come back
    assert row_of(app).slug == "kopi-bio"
    assert lead(client, "/l/kopi-tiga") == STORE


def test_a_link_as_chats_mangle_it_leads_on(app, client, desk):
    change(desk, slug="kopi-baru")
    for slug in ("kopi-baru", "kopi-bio"):  # today's and the one before
        for end in ("/", ".", ")", ",", "%E2%80%8B", "%22", "'", "%E2%80%9D", ").%20", "%F0%9F%99%8F%EF%B8%8F", "%FF", "-", "_"):
            assert lead(client, f"/l/{slug}{end}").startswith(STORE), end
        assert client.head(f"/l/{slug}/").headers["Location"].startswith(STORE)
    for other in ("kopi-baru/x", "kopi-baru.x", "kopi-barué", "/", ".", "%E2%80%8B"):
        assert tap(client, f"/l/{other}").status_code == 404, other
    desk.post("/shops/new", kind="shopee", url="https://shopee.co.id/kopi")
    assert tap(client, "/l/kopi-baru).").status_code == 200  # asked which shop, as ever
    with app.app_context():
        assert links.find_by_slug("KOPI-baru).").slug == "kopi-baru"
        assert links.find_by_slug("kopi-baru.x") is None


def test_the_test_box_says_what_the_live_path_does(app, client, desk, world, rani):
    desk.post(
        "/rules/new", devices="phone", days=["1", "2", "3", "4", "5"], begins="09:00", ends="17:00", url="https://kantor.example/"
    )
    desk.post("/rules/new", countries="MY", url="https://my.example/")
    monday = datetime(2026, 6, 1, 12, 0)  # on the creator's clock
    for device, country, at, said, where in [
        ("phone", "Indonesia", monday, "Rule 1 holds: By phone, Monday–Friday 09:00–17:00.", "kantor.example"),
        ("desktop", "my", monday, "Rule 2 holds: From Malaysia.", "my.example"),
        ("phone", "", monday.replace(hour=17), "No rule holds", "toko.example/kopi"),
        ("phone", "", monday.replace(day=7), "No rule holds", "toko.example/kopi"),
    ]:
        page = desk.get(f"?try=1&device={device}&country={country}&at={at:%Y-%m-%dT%H:%M}").text
        assert said in page
        assert f"→ {where}" in page
        if country != "my":
            clock.use(lambda at=at: at.replace(tzinfo=START.tzinfo) - timedelta(hours=7))
            assert where in lead(client, User_Agent=PHONE)
            clock.use(lambda: START)
    assert desk.get("?try=1&device=x&country=%00&language=zz&at=9999-99").status_code == 200


def test_the_test_box_refuses_what_it_does_not_know_and_tells_of_the_password(desk):
    desk.post("/rules/new", countries="MY", url="https://my.example/")
    wrong = desk.get("?try=1&country=Zamunda&at=2026-13-40T09:00").text
    assert re.search(r'id="t-country-error">.*There is no country called Zamunda', wrong)
    assert 'id="t-at-error"' in wrong
    assert "No rule holds" not in wrong
    right = desk.get("?try=1&country=MY&at=").text
    assert "Rule 1 holds" in right
    assert "password is asked" not in right
    assert right.index('id="try"') < right.index('id="l-rules"')
    change(desk, password="kopi")
    assert "Its password is asked before." in desk.get("?try=1&country=MY").text


def test_a_country_is_told_by_the_network(app, client, desk):
    desk.post("/rules/new", countries=["ID"], url="https://dalam.example/")
    assert (
        client.get("/l/kopi-bio", headers=TAP, environ_base={"REMOTE_ADDR": "103.28.12.7"}).headers["Location"]
        == "https://dalam.example/"
    )
    assert client.get("/l/kopi-bio", headers=TAP, environ_base={"REMOTE_ADDR": "8.8.8.8"}).headers["Location"] == STORE
    assert lead(client) == STORE  # this machine is nowhere


def test_copy_and_qr_go_on_with_ways(app, desk):
    desk.post("/shops/new", kind="shopee", url="https://shopee.co.id/kopi")
    assert 'data-copy-value="http://localhost/l/kopi-bio"' in desk.get().text
    assert desk.get("/qr.svg").status_code == 200
    assert desk.get("/qr.png").data[:4] == b"\x89PNG"


def test_a_strangers_link_is_not_found(app, world, link, desk):
    desk.post("/rules/new", devices="phone", url="https://a.example/")
    mia = world.creator("mia")
    client = world.sign_in(app.test_client(), mia.user_id)
    for part in ("/rules/new", "/rules/r1", "/split", "/shops/new"):
        assert client.get(f"/creator/links/{link.public_id}{part}").status_code == 404
        form = {"devices": "phone", "url": "https://b.example/"}
        assert world.post(client, f"/creator/links/{link.public_id}{part}", form).status_code == 404
    assert world.post(client, f"/creator/links/{link.public_id}/rules/r1/removal").status_code == 404
    assert row_of(app).routes["rules"][0]["url"] == "https://a.example/"


OURS = {"Sec_Fetch_Site": "same-origin", "Referer": "http://localhost/ways/kopi-bio"}
FROM_INSTAGRAM = {"Sec_Fetch_Site": "cross-site", "Referer": "https://l.instagram.com/?u=x"}


@pytest.fixture
def sold(app, world, rani, link):
    """The link leads to a product whose brand pays."""
    brand = world.brand()
    world.bank(brand)
    program = world.program(brand)
    world.enroll(program, rani)
    made = world.product(brand, price=100_000, stock=5)
    with app.app_context(), transaction():
        row = links.find_by_slug("kopi-bio")
        row.program_id, row.product_id = program.id, made.id
    return made


def lock(app, word="kopi"):
    with app.app_context(), transaction():
        links.find_by_slug("kopi-bio").password_hash = people.hashed(word)


def type_password(world, client, page, word="kopi", *, pressed=True):
    """Send the form of a page; where it leads on to by itself. pressed: somebody touched its button."""
    at = unescape(re.search(r'action="([^"]+)"', page)[1])
    headers = {"User-Agent": PHONE, "Referer": "http://localhost/l/kopi-bio"} | ({"Sec-Fetch-User": "?1"} if pressed else {})
    answer = world.post(client, at, {"password": word}, headers=headers)
    return unescape(re.search(r'content="0;url=([^"]+)"', answer.text)[1])


def follow(client, path):
    """As a page leads on by itself: of our own, with nobody's touch."""
    return client.get(path, headers={**{name: value for name, value in TAP.items() if name != "Sec-Fetch-User"}, "Sec-Fetch-Site": "same-origin", "Referer": "http://localhost/ways/kopi-bio"})  # fmt: skip


def test_who_types_the_password_has_tapped_and_the_order_is_won(app, client, world, rani, sold):
    lock(app)
    page = tap(client, "/l/kopi-bio?utm_source=ig", **FROM_INSTAGRAM).text
    onward = type_password(world, client, page)
    first, again = follow(client, onward), follow(client, onward)
    assert first.headers["Location"] == again.headers["Location"]
    clock.use(lambda: START + timedelta(seconds=30))
    follow(client, onward)  # asked with once more, it is the same click
    (click,) = stored(app)
    assert (click.kind, click.reason, click.referrer, click.utm_source) == ("payable", "", "l.instagram.com", "ig")
    order = world.order((sold, 1), paid=True, click_id=click.public_id)
    with app.app_context():
        (commission,) = commissions.of_order(order.id)
        assert (commission.creator_id, commission.via) == (rani.id, "click")


@pytest.mark.parametrize("how", ["without", "scripted", "forged", "late", "other link"])
def test_what_leads_on_without_a_persons_act_is_no_tap(app, client, world, rani, link, how):
    lock(app)
    page = tap(client, **FROM_INSTAGRAM).text
    onward = type_password(world, client, page, pressed=how not in ("scripted", "forged"))
    if how == "without":
        onward = "/l/kopi-bio"
    elif how == "forged":
        assert "came=c" in onward
        onward = onward.replace("came=c", "came=a")
    elif how == "late":
        clock.use(lambda: START + timedelta(seconds=60))
    elif how == "other link":
        world.link(rani, url=STORE, slug="other", placement="x", password_hash=row_of(app).password_hash)
        type_password(world, client, tap(client, "/l/other").text, pressed=False)
        onward = onward.replace("/l/kopi-bio?", "/l/other?")
    assert follow(client, onward).status_code == 302
    assert [(click.kind, click.reason) for click in stored(app)] == [("unactivated", "no_activation")]


def test_a_tap_through_the_chooser_stands_under_where_it_came_from(app, client, desk, world):
    desk.post("/shops/new", kind="shopee", url="https://shopee.co.id/kopi")
    for headers, came in [(FROM_INSTAGRAM, "l.instagram.com"), ({}, "")]:
        visitor = app.test_client()
        page = tap(visitor, **headers).text
        door = unescape(re.search(r'href="(/l/[^"]+to=shopee)"', page)[1])
        assert tap(visitor, door, **OURS).status_code == 302
        assert stored(app)[-1].referrer == came
    lock(app)
    clock.use(lambda: START + timedelta(seconds=20))
    onward = type_password(world, client, tap(client, **FROM_INSTAGRAM).text)
    page = follow(client, onward).text
    tap(client, unescape(re.search(r'href="(/l/[^"]+to=shopee)"', page)[1]), **OURS)
    assert [(click.referrer, click.kind) for click in stored(app)][-1] == ("l.instagram.com", "payable")


@pytest.mark.parametrize("asks", ["password", "shops"])
def test_a_prefetch_of_a_link_that_asks_is_refused_too(app, client, desk, asks):
    if asks == "password":
        lock(app)
    else:
        desk.post("/shops/new", kind="shopee", url="https://shopee.co.id/kopi")
    answer = tap(client, Sec_Purpose="prefetch;prerender")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (403, "no-store")
    assert "Set-Cookie" not in answer.headers
    assert [(click.kind, click.destination) for click in stored(app)] == [("prefetch", "")]
    assert tap(client).status_code == 200


def test_a_chat_shows_the_product_behind_the_shops_and_nothing_behind_a_password(app, client, desk, sold):
    desk.post("/shops/new", kind="shopee", url="https://shopee.co.id/kopi")
    for agent in (PHONE, "WhatsApp/2.23.20.0 A"):
        cards = dict(re.findall(r'<meta property="og:(\w+)" content="([^"]*)">', tap(client, User_Agent=agent).text))
        assert (cards["type"], cards["title"], cards["url"]) == ("product", "Kopi Gayo", "http://localhost/l/kopi-bio")
        assert cards["description"].startswith("Kopi Gayo at ")
    assert stored(app) == []
    lock(app)
    assert "Kopi Gayo" not in tap(client).text
