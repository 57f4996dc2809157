"""/l/<slug> as browsers, robots and bad networks ask for it, where the database alone keeps clicks (`CLICKS=database`)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from socialshop.domain import clicks, links
from socialshop.flows import drain
from socialshop.kernel import clock, faults
from socialshop.kernel.database import db, session, transaction

from ..conftest import START
from ..domain.test_clicks import CHROME

TAP = {"User-Agent": CHROME, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-User": "?1"}
STORE = "https://kopisenja.example/kopi"


@pytest.fixture
def link(world):
    mia, brand = world.creator("mia"), world.brand()
    program = world.program(brand, click_parameter="ref_klik")
    world.enroll(program, mia)
    return world.link(mia, program=program, url=STORE, slug="kopi-bio")


def kept(app):
    with app.app_context():
        return session().scalars(select(clicks.Click).order_by(clicks.Click.id)).all()


def cookies(answer):
    return {line.split("=")[0]: line for line in answer.headers.getlist("Set-Cookie")}


def test_a_tap_is_a_302_that_nobody_caches_with_both_cookies(app, client, link):
    answer = client.get("/l/kopi-bio", headers={**TAP, "Referer": "https://l.instagram.com/?u=secret"})
    (click,) = kept(app)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{STORE}?ref_klik={click.public_id}")
    assert answer.headers["Cache-Control"] == "no-store"
    given = cookies(answer)
    assert click.public_id in given["clk"]
    assert click.visitor in given["v"]
    for line in (given["v"], given["clk"]):
        assert "HttpOnly" in line
        assert "SameSite=Lax" in line
        assert "Max-Age=34560000" in line
    assert (click.kind, click.referrer, click.channel, click.placement) == ("payable", "l.instagram.com", "instagram", "bio")


def test_the_visitor_is_known_again(app, client, link, world):
    client.get("/l/kopi-bio", headers=TAP)
    clock.use(lambda: START + timedelta(seconds=2))
    client.get("/l/kopi-bio", headers=TAP)
    assert [(row.kind, row.visitor) for row in kept(app)] == [(kind, kept(app)[0].visitor) for kind in ("payable", "duplicate")]


@pytest.mark.parametrize("cookie", ["", "short", "x" * 100, "a b c d e f g h i j", "<script>alert(1)</script>"])
def test_a_made_up_visitor_is_replaced(app, client, link, cookie):
    client.set_cookie("v", cookie)
    client.get("/l/kopi-bio", headers=TAP)
    assert kept(app)[0].visitor not in (cookie, "")


def test_head_gives_the_same_redirect_and_is_no_click(app, client, link):
    answer = client.head("/l/kopi-bio", headers=TAP)
    assert (answer.status_code, answer.headers["Location"]) == (302, STORE)
    assert answer.headers["Cache-Control"] == "no-store"
    assert cookies(answer) == {}
    assert kept(app) == []


@pytest.mark.parametrize(
    "header", [{"Sec-Purpose": "prefetch"}, {"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}, {"X-Moz": "prefetch"}]
)
def test_a_prefetch_is_refused_so_that_the_tap_still_comes(app, client, link, header):
    answer = client.get("/l/kopi-bio", headers={**TAP, **header})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (403, "no-store")
    assert "Location" not in answer.headers
    assert cookies(answer) == {}
    assert [(row.kind, row.visitor) for row in kept(app)] == [("prefetch", "")]


@pytest.mark.parametrize(
    ("headers", "kind", "remembered"),
    [
        ({"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, "embedded", False),
        ({"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, "embedded", False),
        ({"User-Agent": "WhatsApp/2.23.20.0 A"}, "preview", True),
        ({"User-Agent": "curl/8.5.0"}, "bot", True),
    ],
)
def test_what_is_no_tap_redirects_and_wins_nothing(app, client, link, headers, kind, remembered):
    answer = client.get("/l/kopi-bio", headers={**TAP, **headers})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(STORE)
    assert bool(cookies(answer)) == remembered
    assert [row.kind for row in kept(app)] == [kind]


def test_a_slug_that_never_was_is_a_helpful_404(client, link):
    answer = client.get("/l/never-was", headers=TAP)
    assert answer.status_code == 404
    assert "Location" not in answer.headers


def unreachable(monkeypatch):
    """Let no question to the database be answered."""

    def away():
        raise OSError("no database")

    monkeypatch.setattr("socialshop.web.at_once.session", away)
    monkeypatch.setattr(drain, "transaction", away)


def test_unreadable_target_is_503_with_a_time_to_try_again(app, client, link, monkeypatch):
    unreachable(monkeypatch)
    answer = client.get("/l/never-asked-for", headers=TAP)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


def test_a_link_that_was_followed_before_leads_on_while_the_database_is_away(app, client, link, monkeypatch):
    client.get("/l/kopi-bio", headers=TAP)
    unreachable(monkeypatch)
    answer = client.get("/l/kopi-bio", headers=TAP)
    assert (answer.status_code, answer.headers["Location"]) == (302, STORE)


@pytest.mark.parametrize("fault", ["full", "locked"])
def test_a_link_leads_on_and_says_so_when_its_click_cannot_be_kept(app, client, link, settings, monkeypatch, capsys, fault):
    if fault == "full":
        faults.arm("click.after_read:enospc")
    else:
        from sqlalchemy.exc import OperationalError

        def locked(*_facts):
            raise OperationalError("INSERT", {}, Exception("database is locked"))

        monkeypatch.setattr(clicks, "take_in", locked)
    try:
        answer = client.get("/l/kopi-bio", headers=TAP)
    finally:
        faults.arm("")
    assert (answer.status_code, answer.headers["Location"]) == (302, STORE)
    assert "clk" not in cookies(answer)
    assert "click not kept: link" in capsys.readouterr().err
    assert kept(app) == []


def test_a_break_in_the_middle_leaves_no_half_click(app, client, link):
    faults.arm("click.after_read:raise")
    try:
        with pytest.raises(faults.Fault):
            client.get("/l/kopi-bio", headers=TAP)
    finally:
        faults.arm("")
    assert kept(app) == []
    client.get("/l/kopi-bio", headers=TAP)
    assert [row.kind for row in kept(app)] == ["payable"]


def test_a_change_counts_at_once_whoever_made_it(app, client, link):
    assert client.get("/l/kopi-bio", headers=TAP).headers["Location"].startswith(STORE)
    with app.app_context(), db.engine.connect().execution_options(writing=True) as connection:
        connection.exec_driver_sql("UPDATE tracked_links SET url = 'https://other.example/' WHERE slug = 'kopi-bio'")
        connection.commit()
    assert client.get("/l/kopi-bio", headers=TAP).headers["Location"].startswith("https://other.example/")


def test_following_twice_keeps_two_rows_and_the_second_leads_to_the_first(app, client, link):
    given = []
    for seconds in (0, 2):
        clock.use(lambda s=seconds: START + timedelta(seconds=s))
        given.append(client.get("/l/KOPI-Bio", headers=TAP).headers["Location"].rpartition("=")[2])
    assert [(row.public_id, row.kind, row.repeats) for row in kept(app)] == [
        (given[0], "payable", ""),
        (given[1], "duplicate", given[0]),
    ]


def test_tags_and_the_click_go_to_the_store_and_all_else_stays(app, client, world, link):
    program = world.program(world.brand("Teras"), click_parameter="ref_klik")
    rani = world.creator("rani")
    utm = {"source": "ig", "campaign": "lebaran"}
    world.link(rani, program=program, url=f"{STORE}?rasa=gayo#beli", utm=utm, slug="rani-gayo")
    answer = client.get("/l/rani-gayo", headers=TAP)
    (click,) = kept(app)
    assert answer.headers["Location"] == f"{STORE}?rasa=gayo&utm_source=ig&utm_campaign=lebaran&ref_klik={click.public_id}#beli"


def test_our_own_sheets_get_the_click_id_and_plain_links_nothing(app, client, world, link):
    brand, rani = world.brand("Teras"), world.creator("rani")
    program = world.program(brand, click_parameter="ref_klik")
    product = world.product(brand)
    world.link(rani, program=program, product=product, slug="rani-own")
    world.link(rani, url="https://other.example/", slug="rani-plain")
    where, _, click = client.get("/l/rani-own", headers=TAP).headers["Location"].partition("?c=")
    assert (where, click) == (f"/@rani/p/{product.public_id}", kept(app)[-1].public_id)  # for browsers that keep no cookie
    assert client.get("/l/rani-plain", headers=TAP).headers["Location"] == "https://other.example/"


@pytest.mark.parametrize(
    ("facts", "state", "days", "location"),
    [
        ({}, "live", 0, STORE),
        ({"expires_at": START + timedelta(days=1)}, "live", 1, "/@rani"),
        ({"expires_at": START + timedelta(days=1), "fallback_url": "https://b.example/"}, "live", 1, "https://b.example/"),
        ({}, "off", 0, "/@rani"),
        ({"fallback_url": "/@rani/promo"}, "off", 0, "/@rani/promo"),
    ],
)
def test_a_link_that_ended_leads_to_its_fallback(app, client, world, facts, state, days, location):
    rani = world.creator("rani")
    world.page(rani, {"type": "heading", "text": "Hello"})
    made = world.link(rani, url=STORE, slug="rani-bio", **facts)
    with app.app_context(), transaction():
        links.turn(links.link_of(made.creator_id, made.public_id), state)
    clock.use(lambda: START + timedelta(days=days))
    assert client.get("/l/rani-bio", headers=TAP).headers["Location"] == location
    assert client.head("/l/rani-bio", headers=TAP).headers["Location"] == location


def test_a_fallback_gets_no_click_parameter(app, client, world):
    program, rani = world.program(world.brand(), click_parameter="ref_klik"), world.creator("rani")
    fallback = "https://elsewhere.example/"
    world.link(rani, program=program, url=STORE, slug="rani-bio", expires_at=START, fallback_url=fallback)
    assert client.get("/l/rani-bio", headers=TAP).headers["Location"] == fallback


def test_the_creators_and_the_brands_own_taps_are_kept_apart(app, world):
    mia, brand = world.creator("mia"), world.brand()
    world.link(mia, program=world.program(brand), url=STORE, slug="kopi-bio")
    staff, stranger = world.user("kasir@senja.test"), world.creator("ana")
    world.member(brand, staff, "viewer")
    for user_id in (mia.user_id, staff.id, stranger.user_id, None):
        browser = app.test_client()
        if user_id is not None:
            world.sign_in(browser, user_id)
            browser.get("/auth/account")
        browser.get("/l/kopi-bio", headers=TAP)
    assert [row.kind for row in kept(app)] == ["own", "test", "payable", "payable"]


def test_a_link_goes_on_after_its_program_ended(app, client, world):
    program = world.program(world.brand(), click_parameter="ref_klik")
    world.link(world.creator("rani"), program=program, url=STORE, slug="rani-bio")
    with app.app_context(), transaction() as current:
        current.merge(program).state = "ended"
    assert client.get("/l/rani-bio", headers=TAP).headers["Location"].startswith(STORE)


def test_every_request_is_a_row(app, client, link):
    for headers in (TAP, TAP, {**TAP, "Sec-Purpose": "prefetch"}, {"User-Agent": "curl/8"}, {**TAP, "Sec-Fetch-Dest": "iframe"}):
        client.get("/l/kopi-bio", headers=headers)
    assert sorted(row.kind for row in kept(app)) == ["bot", "duplicate", "embedded", "payable", "prefetch"]
