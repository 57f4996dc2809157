"""A link's addresses looked after, its slug given up and taken, its document changed by two at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from socialshop import worker
from socialshop.adapters.fetch import Fetcher
from socialshop.domain import links, people
from socialshop.domain.audit import SYSTEM
from socialshop.flows import ways
from socialshop.kernel import clock
from socialshop.kernel.database import db, end_reading, transaction
from socialshop.kernel.errors import Invalid

from ..conftest import START

DAY = timedelta(days=1)


class Shop:
    """A shop on this machine: what it answers at each path, and how often it was asked."""

    def __init__(self) -> None:
        self.says: dict[str, int] = {}
        self.asked: list[str] = []
        shop = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # the library's name
                shop.asked.append(self.path)
                status = shop.says.get(self.path, 200)
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "http://10.0.0.1/")
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def shop() -> Iterator[Shop]:
    made = Shop()
    threading.Thread(target=made.server.serve_forever, daemon=True).start()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def link(world, room, shop):
    rani = world.creator("rani")
    made = world.link(rani, url=f"{shop.url}/own", slug="kopi-bio")
    for kind, path in (("shopee", "/a"), ("other", "/b")):
        given = {"kind": kind, "url": shop.url + path}
        ways.put_store(rani.id, made.public_id, given, own_host="x", actor=SYSTEM, now=START)
    return made


def dead_of(link):
    db.session.expire_all()
    return links.link_of(link.creator_id, link.public_id).dead or []


def test_what_answers_404_three_days_in_a_row_is_dead_until_it_is_back(link, shop):
    shop.says = {"/a": 404, "/b": 503}
    for n, dead in enumerate([[], [], ["shopee"], ["shopee"]]):
        ways.check({}, now=START + n * DAY)
        assert dead_of(link) == dead
    assert shop.asked.count("/a") == 4
    shop.says = {"/a": 410, "/b": 410}
    ways.check({}, now=START + 4 * DAY)
    assert dead_of(link) == ["shopee"]
    shop.says = {}
    ways.check({}, now=START + 5 * DAY)
    assert dead_of(link) == []
    shop.says = {"/a": 404}
    for n in (6, 7):
        ways.check({}, now=START + n * DAY)
    assert dead_of(link) == []  # it counts anew


def test_one_silence_between_two_misses_forgives_nothing_and_condemns_nobody(link, shop):
    for n, status in enumerate([404, 500, 404, 429, 404]):
        shop.says = {"/a": status}
        ways.check({}, now=START + n * DAY)
    assert dead_of(link) == ["shopee"]


def test_an_address_is_looked_at_once_a_day_however_often_the_job_runs(link, shop):
    for minutes in (0, 1, 60, 1199):
        ways.check({}, now=START + timedelta(minutes=minutes))
    assert sorted(shop.asked) == ["/a", "/b", "/own"]
    ways.check({}, now=START + timedelta(minutes=1201))
    assert len(shop.asked) == 6


def test_the_check_never_reaches_into_a_network(link, shop):
    """Neither by the address itself nor by where it redirects to; and nothing is concluded from it."""
    for url in ("http://10.0.0.1/", "http://169.254.169.254/latest", "http://192.168.1.1:8080/", "http://[fd00::1]/"):
        assert ways._is_there(url) is None
    shop.says = {"/a": 302}
    assert ways._is_there(shop.url + "/a") is None
    asked = len(shop.asked)
    ways.set_up(Fetcher())  # as in production: this machine is a network too
    try:
        assert ways._is_there(shop.url + "/own") is None
    finally:
        ways.set_up(Fetcher(loopback=True))
    assert len(shop.asked) == asked


def test_the_job_is_in_the_timetable_and_does_it(app, world, link, shop):
    shop.says = {"/a": 404}
    for n in range(3):
        clock.use(lambda n=n: START + n * DAY)
        worker.drain(app, rounds=3)
    assert dead_of(link) == ["shopee"]


def test_what_changed_while_the_job_looked_is_not_judged_by_what_it_saw(link, shop):
    with transaction():
        assert links.note_found(link.id, "shopee", "http://elsewhere.example/", False, now=START) is False
        assert links.note_found(link.id, "no-such-word", shop.url, False, now=START) is False
    assert dead_of(link) == []


def test_two_tabs_at_once_lose_no_rule(app, link):
    """Each reads the document as the other has left it."""

    def put(name: str) -> None:
        with app.app_context():
            given = {"devices": ["phone"], "url": f"https://{name}.example/"}
            ways.put_rule(link.creator_id, link.public_id, given, own_host="x", actor=SYSTEM, now=START)
            db.session.remove()

    threads = [threading.Thread(target=put, args=(f"n{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    end_reading()
    rules = links.link_of(link.creator_id, link.public_id).routes["rules"]
    assert {rule["url"] for rule in rules} == {f"https://n{n}.example/" for n in range(6)}
    assert len({rule["word"] for rule in rules}) == 6


def test_a_slug_that_is_given_up_while_another_asks_for_it_goes_to_nobody(app, world, link):
    mia = world.creator("mia")
    start, taken = threading.Barrier(2), []

    def rename() -> None:
        with app.app_context():
            start.wait()
            with transaction():
                links.rename(links.hold(links.link_of(link.creator_id, link.public_id)), "kopi-baru", now=START)
            db.session.remove()

    def take() -> None:
        with app.app_context():
            start.wait()
            for slug in ("kopi-bio", "kopibio"):
                try:
                    with transaction():
                        target = links.url_target(f"https://mia.example/{slug}")
                        links.make_link(creator_id=mia.id, target=target, channel="tiktok", placement=slug, slug=slug, now=START)
                    taken.append(slug)
                except Invalid:
                    pass
            db.session.remove()

    threads = [threading.Thread(target=deed) for deed in (rename, take)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken == []
    end_reading()
    assert links.find_by_slug("kopi-bio").id == links.find_by_slug("kopi-baru").id == link.id


def test_a_change_that_breaks_in_the_middle_leaves_everything_as_it_was(link, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the plug")

    monkeypatch.setattr(ways.audit, "note", broken)
    given = {"devices": ["phone"], "url": "https://a.example/"}
    with pytest.raises(RuntimeError, match="the plug"):
        ways.put_rule(link.creator_id, link.public_id, given, own_host="x", actor=SYSTEM, now=START)
    db.session.expire_all()
    assert links.link_of(link.creator_id, link.public_id).routes["rules"] == []


def test_a_zone_that_moves_moves_the_rules(world, room, link):
    rule = {"begins": "12:00", "ends": "13:00", "url": "https://noon.example/"}
    ways.put_rule(link.creator_id, link.public_id, rule, own_host="x", actor=SYSTEM, now=START)
    noon_in_jakarta = START.replace(hour=5, minute=30)
    row = links.link_of(link.creator_id, link.public_id)
    assert ways.try_out(row, ways.Guest(), noon_in_jakarta).word == "r1"
    with transaction():
        people.get_user(people.get_creator(link.creator_id).user_id).timezone = "Asia/Jayapura"
    db.session.expire_all()
    row = links.link_of(link.creator_id, link.public_id)
    assert ways.try_out(row, ways.Guest(), noon_in_jakarta).by == "ask"
