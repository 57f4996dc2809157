"""/l/<slug> as browsers, robots and bad networks ask for it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from socialshop.domain import clicks
from socialshop.kernel.database import session

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
    ("headers", "kind"),
    [
        ({"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, "embedded"),
        ({"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, "embedded"),
        ({"User-Agent": "WhatsApp/2.23.20.0 A"}, "preview"),
        ({"User-Agent": "curl/8.5.0"}, "bot"),
    ],
)
def test_what_is_no_tap_redirects_and_wins_nothing(app, client, link, headers, kind):
    answer = client.get("/l/kopi-bio", headers={**TAP, **headers})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(STORE)
    assert cookies(answer) == {}
    assert [row.kind for row in kept(app)] == [kind]


def test_a_slug_that_never_was_is_a_helpful_404(client, link):
    answer = client.get("/l/never-was", headers=TAP)
    assert answer.status_code == 404
    assert "Location" not in answer.headers


def test_unreadable_target_is_503_with_a_time_to_try_again(app, client, link, monkeypatch):
    from sqlalchemy.exc import OperationalError

    from socialshop.domain import links

    def away(_slug):
        raise OperationalError("SELECT", {}, Exception("no database"))

    monkeypatch.setattr(links, "find_by_slug", away)
    answer = client.get("/l/kopi-bio", headers=TAP)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


def test_every_request_is_a_row(app, client, link):
    for headers in (TAP, TAP, {**TAP, "Sec-Purpose": "prefetch"}, {"User-Agent": "curl/8"}, {**TAP, "Sec-Fetch-Dest": "iframe"}):
        client.get("/l/kopi-bio", headers=headers)
    assert sorted(row.kind for row in kept(app)) == ["bot", "duplicate", "embedded", "payable", "prefetch"]
