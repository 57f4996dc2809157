"""/l/<slug> answered before the framework: as browsers, robots and bad disks meet it, with the judgement afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from socialshop.app import create_app
from socialshop.domain import clicks, commissions, links, people
from socialshop.flows import drain, verify
from socialshop.kernel import clock
from socialshop.kernel.clock import utcnow
from socialshop.kernel.database import db, session, transaction

from .. import builders
from ..conftest import START
from ..domain.test_clicks import CHROME
from .test_click import STORE, TAP, cookies


@pytest.fixture
def app(settings):
    made = create_app(replace(settings, clicks="process"))
    clock.use(lambda: START)
    yield made
    clock.use(clock.system_clock)
    made.extensions["redirector"].spool.close()
    drain.set_up(None)
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def world(app):
    return builders.World(app)


@pytest.fixture
def mia(world):
    return world.creator("mia")


@pytest.fixture
def brand(world):
    return world.brand()


@pytest.fixture
def link(world, mia, brand):
    program = world.program(brand, click_parameter="ref_klik")
    world.enroll(program, mia)
    return world.link(mia, program=program, url=STORE, slug="kopi-bio")


def stored(app):
    """Every click row, after what waits has been poured."""
    with app.app_context():
        drain.pour(now=utcnow())
        return session().scalars(select(clicks.Click).order_by(clicks.Click.at, clicks.Click.id)).all()


def test_a_tap_is_a_302_that_nobody_caches_and_a_click_afterwards(app, client, link):
    answer = client.get("/l/kopi-bio", headers={**TAP, "Referer": "https://l.instagram.com/?u=secret"})
    with app.app_context():
        assert session().scalars(select(clicks.Click)).all() == []
    (click,) = stored(app)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{STORE}?ref_klik={click.public_id}")
    assert answer.headers["Cache-Control"] == "no-store"
    given = cookies(answer)
    assert click.public_id in given["clk"]
    assert click.visitor in given["v"]
    for line in (given["v"], given["clk"]):
        assert {"HttpOnly", "SameSite=Lax", "Max-Age=34560000", "Path=/"} <= {part.strip() for part in line.split(";")}
    assert (click.kind, click.referrer, click.channel, click.placement) == ("payable", "l.instagram.com", "instagram", "bio")
    assert click.at == START
    assert click.agent == CHROME


def test_a_repeat_is_told_afterwards_and_its_id_leads_to_the_first(app, client, link):
    client.get("/l/kopi-bio", headers=TAP)
    clock.use(lambda: START + timedelta(seconds=9))
    client.get("/l/kopi-bio", headers=TAP)
    clock.use(lambda: START + timedelta(seconds=10))
    client.get("/l/kopi-bio", headers=TAP)
    first, second, third = stored(app)
    assert [row.kind for row in (first, second, third)] == ["payable", "duplicate", "payable"]
    with app.app_context():
        assert clicks.firsts({first.public_id, second.public_id, third.public_id}) == {second.public_id: first.public_id}


def test_taps_that_come_in_late_change_who_repeats_whom_but_not_the_sum(app, client, link):
    """The same three taps, poured in every order, end the same."""
    from itertools import permutations

    from socialshop.kernel.taps import NotedTap

    way = app.extensions["redirector"].links.find("kopi-bio")

    def tap(click, seconds, visitor):
        at = int((START + timedelta(seconds=seconds)).timestamp() * 1e6)
        return NotedTap(
            click, at, way.link_id, way.creator_id, way.program_id, "", "", visitor, "", "navigate", "document", CHROME, "", ""
        )

    for number, order in enumerate(permutations(range(4))):
        visitor = f"visitor-number-{number:04d}"
        taps = [tap(f"clk_{number}x{n}", seconds, visitor) for n, seconds in enumerate((0, 6, 12, 30))]
        with app.app_context():
            for n in order:
                with transaction():
                    clicks.take_in([taps[n]], lambda _tap: "")
            rows = session().scalars(select(clicks.Click).where(clicks.Click.visitor == visitor).order_by(clicks.Click.at)).all()
            assert [row.kind for row in rows] == ["payable", "duplicate", "payable", "payable"], order
            assert rows[1].repeats == rows[0].public_id


def test_head_gives_the_same_redirect_and_is_no_click(app, client, link):
    answer = client.head("/l/kopi-bio", headers=TAP)
    assert (answer.status_code, answer.headers["Location"]) == (302, STORE)
    assert cookies(answer) == {}
    assert stored(app) == []


@pytest.mark.parametrize(
    "header", [{"Sec-Purpose": "prefetch"}, {"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}, {"X-Moz": "prefetch"}]
)
def test_a_prefetch_is_refused_so_that_the_tap_still_comes(app, client, link, header):
    answer = client.get("/l/kopi-bio", headers={**TAP, **header})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (403, "no-store")
    assert "Location" not in answer.headers
    assert cookies(answer) == {}
    assert [(row.kind, row.visitor) for row in stored(app)] == [("prefetch", "")]


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
    assert [row.kind for row in stored(app)] == [kind]


def test_a_slug_that_never_was_is_a_helpful_404_of_the_app_behind(client, link):
    answer = client.get("/l/never-was", headers=TAP)
    assert answer.status_code == 404
    assert b"<html" in answer.data


def test_a_code_in_the_address_is_remembered(client, link):
    answer = client.get("/l/kopi-bio?code=RANI10", headers=TAP)
    assert cookies(answer)["code"].startswith("code=rani10;")


@pytest.mark.parametrize("bad", ["%00", "a%0d%0aSet-Cookie:x=1", "x" * 65, "<script>"])
def test_a_bad_code_in_the_address_is_not(client, link, bad):
    assert "code" not in cookies(client.get(f"/l/kopi-bio?code={bad}", headers=TAP))


def test_a_change_by_this_process_counts_at_once(app, client, link, world):
    assert client.get("/l/kopi-bio", headers=TAP).headers["Location"].startswith(STORE)
    with app.app_context(), transaction():
        row = links.find_by_slug("kopi-bio")
        row.url = "https://elsewhere.example/"
    assert client.get("/l/kopi-bio", headers=TAP).headers["Location"].startswith("https://elsewhere.example/")
    with app.app_context(), transaction():
        links.find_by_slug("kopi-bio").state = "off"
    assert client.get("/l/kopi-bio", headers=TAP).headers["Location"] == "/"


def test_another_process_is_heard_of_by_asking(app, client, link):
    table = app.extensions["redirector"].links
    client.get("/l/kopi-bio", headers=TAP)
    with db_of(app) as connection:
        connection.exec_driver_sql("UPDATE tracked_links SET url = 'https://other.example/' WHERE slug = 'kopi-bio'")
    assert table.find("kopi-bio").url == STORE
    assert table.refresh()
    assert table.find("kopi-bio").url == "https://other.example/"


def test_a_link_made_after_somebody_asked_for_it_is_found(app, client, link, world, mia):
    assert client.get("/l/brand-new", headers=TAP).status_code == 404
    world.link(mia, url="https://new.example/", slug="brand-new")
    assert client.get("/l/brand-new", headers=TAP).status_code == 302


def test_an_expired_link_leads_to_the_creators_page(app, client, link, world, mia):
    world.page(mia, {"type": "heading", "text": "Hello"})
    with app.app_context(), transaction():
        links.find_by_slug("kopi-bio").expires_at = START + timedelta(minutes=1)
    assert client.get("/l/kopi-bio", headers=TAP).headers["Location"].startswith(STORE)
    clock.use(lambda: START + timedelta(minutes=1))
    assert client.get("/l/kopi-bio", headers=TAP).headers["Location"] == "/@mia"


def test_the_database_is_away_and_links_lead_on(app, client, link):
    client.get("/l/kopi-bio", headers=TAP)
    redirector = app.extensions["redirector"]

    def away(_sql, _values):
        raise OSError("no database")

    real, redirector.links._ask = redirector.links._ask, away
    redirector.links.stale()
    answer = client.get("/l/kopi-bio", headers=TAP)
    assert answer.status_code == 302
    unknown = client.get("/l/never-was", headers=TAP)
    assert (unknown.status_code, unknown.headers["Retry-After"]) == (503, "5")
    redirector.links._ask = real
    assert len(stored(app)) == 2


def test_the_database_is_locked_and_links_lead_on(app, client, link, settings):
    if not settings.database_url.startswith("sqlite"):
        pytest.skip("PostgreSQL has no lock of the whole database")
    with app.app_context(), db.engine.connect().execution_options(writing=True) as connection:
        connection.exec_driver_sql("UPDATE creators SET handle = handle")
        assert client.get("/l/kopi-bio", headers=TAP).status_code == 302
        connection.rollback()
    assert len(stored(app)) == 1


def test_no_room_for_the_click_and_the_person_still_arrives(app, client, link, monkeypatch):
    redirector = app.extensions["redirector"]

    def full(_line):
        raise OSError("No space left on device")

    monkeypatch.setattr(redirector.spool, "append", full)
    answer = client.get("/l/kopi-bio", headers=TAP)
    assert (answer.status_code, answer.headers["Location"]) == (302, STORE)
    assert "clk" not in cookies(answer)
    assert redirector.counts["lost"] == 1


def test_own_taps_are_told_by_who_is_signed_in(app, client, link, world, mia):
    world.sign_in(client, mia.user_id)
    client.get("/creator/")
    client.get("/l/kopi-bio", headers=TAP)
    assert [(row.kind, row.reason) for row in stored(app)] == [("own", "creators_own")]
    world.post(client, "/auth/sign-out", {})
    clock.use(lambda: START + timedelta(minutes=1))
    client.get("/l/kopi-bio", headers=TAP)
    assert [row.kind for row in stored(app)] == ["own", "payable"]


@pytest.mark.parametrize("cookie", ["usr_x.0000", "usr_x", ".", "", "\xff.\xff"])
def test_a_made_up_who_is_nobody(app, client, link, cookie):
    client.set_cookie("who", cookie)
    client.get("/l/kopi-bio", headers=TAP)
    assert [row.kind for row in stored(app)] == ["payable"]


def test_nobody_makes_a_creators_taps_their_own_by_writing_the_cookie(app, client, link, world, mia):
    with app.app_context():
        person = people.get_user(mia.user_id).public_id
    client.set_cookie("who", f"{person}.{'0' * 32}")
    client.get("/l/kopi-bio", headers=TAP)
    assert [row.kind for row in stored(app)] == ["payable"]


def test_pouring_twice_and_breaking_in_the_middle_keeps_each_click_once(app, client, link):
    from socialshop.kernel import faults

    for seconds in range(0, 100, 20):
        clock.use(lambda s=seconds: START + timedelta(seconds=s))
        client.get("/l/kopi-bio", headers=TAP)
    for point in ("after_insert_before_commit", "after_commit_before_truncate"):
        faults.arm(f"click.drain.{point}:raise")
        with app.app_context(), pytest.raises(faults.Fault):
            drain.pour(now=utcnow())
        faults.arm("")
    assert len(stored(app)) == 5
    assert len(stored(app)) == 5
    with app.app_context():
        assert drain.waiting() == 0


def test_lines_that_are_no_clicks_are_kept_apart_with_a_reason(app, client, link):
    client.get("/l/kopi-bio", headers=TAP)
    spool = app.extensions["redirector"].spool
    spool.append(b"[]")
    spool.append(b'[1,"clk_z",0,999999,1,null,"","","","","","","","",""]')
    assert len(stored(app)) == 1
    with app.app_context():
        assert sorted(session().scalars(select(clicks.SpoiledTap.why))) == ["unknown_link", "unreadable"]


def db_of(app):
    """A connection of somebody else, who commits at the end."""
    from contextlib import contextmanager

    @contextmanager
    def opened():
        with app.app_context(), db.engine.connect().execution_options(writing=True) as connection:
            yield connection
            connection.commit()

    return opened()


def test_an_order_that_names_a_repeat_is_won_by_the_tap_it_repeats(app, client, link, world, brand):
    """Two quick taps, and a checkout that tells of the second one only."""
    client.get("/l/kopi-bio", headers=TAP)
    clock.use(lambda: START + timedelta(seconds=1))
    client.get("/l/kopi-bio", headers=TAP)
    first, second = stored(app)
    assert second.repeats == first.public_id
    product = world.product(brand, price=100_000, stock=5)
    world.bank(brand)
    order = world.order((product, 1), paid=True, click_id=second.public_id)
    with app.app_context():
        (commission,) = commissions.of_order(order.id)
        assert (commission.creator_id, commission.via) == (first.creator_id, "click")
        assert [finding for finding in verify.run(utcnow()) if finding] == []
