"""The table of links in memory: right at once where the database answers, and never waiting long for one that does not."""

from __future__ import annotations

import threading
import time

import pytest

from socialshop.kernel.database import db
from socialshop.redirector import links as memory
from socialshop.redirector.links import Asking, Away, Links
from socialshop.redirector.way import BY_SLUG, LINKS
from socialshop.web.at_once import asking

QUICK = 0.5  # seconds; what must not wait takes far less


class Database:
    """Answers the table's questions from two dicts; may hang or refuse."""

    def __init__(self, row):
        self.row, self.urls, self.changes = row, {1: "https://a.example/"}, [(1, 1)]
        self.slugs = {1: "one"}
        self.open = threading.Event()
        self.open.set()
        self.refuses = False
        self.asked = []

    def ask(self, sql, values):
        self.asked.append(sql)
        self.open.wait(20)
        if self.refuses:
            raise OSError("no database")
        if "MAX(id)" in sql:
            return [(self.changes[-1][0] if self.changes else 0,)]
        if "FROM link_changes" in sql:
            wanted = {
                "id >= %s ORDER BY id": lambda one: one >= values[0],
                "id > %s AND id <= %s": lambda one: values[0] < one <= values[1],
            }.get(sql.partition("WHERE ")[2], lambda one: one in values)
            return sorted(change for change in self.changes if wanted(change[0]))
        if not sql.startswith(LINKS):
            return []
        ids = list(self.slugs)
        if sql == LINKS + BY_SLUG:
            ids = [link_id for link_id in ids if self.slugs[link_id] == values[0]]
        elif sql.endswith("WHERE l.id = %s"):
            ids = [link_id for link_id in ids if link_id == values[0]]
        elif not sql.endswith("LIMIT %s"):
            ids = []
        return [self.row(link_id, self.slugs[link_id], self.urls[link_id]) for link_id in ids]

    def change(self, link_id, url, slug=""):
        self.urls[link_id] = url
        self.slugs.setdefault(link_id, slug)
        self.changes.append((self.changes[-1][0] + 1, link_id))


@pytest.fixture
def database(app, world):
    """One that answers as the real one's columns say."""
    mia = world.creator("mia")
    made = world.link(mia, url="https://a.example/", slug="one")
    [real] = asking(app)(LINKS + "WHERE l.id = %s", (made.id,))
    place = real.index("https://a.example/")
    return Database(lambda link_id, slug, url: (link_id, slug, *real[2:place], url, *real[place + 1 :]))


@pytest.fixture
def table(database, monkeypatch):
    monkeypatch.setattr(memory, "POLL", 30.0)  # nothing comes by itself
    made = Links(database.ask)
    assert made.find("one").url == "https://a.example/"
    yield made
    database.open.set()


def took(deed):
    started = time.monotonic()
    deed()
    return time.monotonic() - started


def test_a_change_in_this_process_counts_at_once(database, table):
    for number in range(20):
        database.change(1, f"https://{number}.example/")
        table.stale()
        assert table.find("one").url == f"https://{number}.example/"


def test_nothing_is_asked_for_what_is_in_memory(database, table):
    asked = len(database.asked)
    for _ in range(100):
        table.find("one")
    assert len(database.asked) == asked


@pytest.mark.parametrize("how", ["hangs", "refuses"])
def test_nobody_waits_long_for_a_database_that_does_not_answer(database, table, how):
    database.change(1, "https://b.example/")
    database.refuses = how == "refuses"
    if how == "hangs":
        database.open.clear()
    table.stale()
    assert took(lambda: table.find("one")) < QUICK
    assert took(lambda: [table.find("one") for _ in range(1000)]) < QUICK  # each wish is waited for once
    assert table.find("one").url == "https://a.example/"
    database.refuses = False
    database.open.set()
    table.stale()
    assert table.find("one").url == "https://b.example/"


@pytest.mark.parametrize("how", ["hangs", "refuses"])
def test_an_unknown_link_waits_once_and_nobody_else_does(database, table, monkeypatch, how):
    monkeypatch.setattr(memory, "LOOK_UP", 0.05)
    database.refuses = how == "refuses"
    if how == "hangs":
        database.open.clear()
    for _ in range(50):
        with pytest.raises(Away):
            table.find("two")
    assert took(lambda: table.find("one")) < QUICK
    database.refuses = False
    database.open.set()
    assert table.refresh()
    assert table.find("two") is None
    database.change(2, "https://two.example/", "two")
    table.stale()
    assert table.find("two").url == "https://two.example/"


def test_a_database_that_is_away_from_the_start(database, monkeypatch):
    monkeypatch.setattr(memory, "FIRST", 0.02)
    monkeypatch.setattr(memory, "LOOK_UP", 0.02)
    database.open.clear()
    table = Links(database.ask)
    assert table.age == float("inf")
    for _ in range(20):
        with pytest.raises(Away):
            table.find("one")
    database.open.set()
    assert table.refresh()
    assert table.find("one").url == "https://a.example/"
    assert table.age < 10


def test_who_slept_while_changes_were_tidied_away_reads_everything(database, table):
    for number in range(3000):
        database.change(1, f"https://{number}.example/")
    database.change(2, "https://two.example/", "two")
    database.change(3, "https://three.example/", "three")
    database.changes = database.changes[-1:]  # the change of link 1 was tidied away, unseen by us
    assert table.refresh()
    assert table.find("one").url == "https://2999.example/"
    database.changes = [(database.changes[-1][0] + 5000, 3)]
    database.urls[1] = "https://last.example/"
    assert table.refresh()
    assert table.find("one").url == "https://last.example/"


def test_a_change_that_commits_late_counts_right_after_a_complete_reading(database, monkeypatch):
    """Its number is lower than the newest that was read, for its transaction was open while others came and went."""
    database.changes = [(11, 2)]
    table = Links(database.ask)
    assert table.refresh()
    database.changes.append((10, 1))
    database.urls[1] = "https://late.example/"
    assert table.refresh()
    assert table.find("one").url == "https://late.example/"
    asked = len(database.asked)
    assert table.refresh()
    assert not [sql for sql in database.asked[asked:] if sql.startswith(LINKS)]  # once is enough


def test_a_change_that_commits_after_thousands_of_others_counts(database):
    table = Links(database.ask)
    assert table.refresh()
    database.changes.append((3000, 2))  # 2 to 2999 are open, or were rolled back
    assert table.refresh()
    database.changes += [(2, 1), (2999, 2)]
    database.urls[1] = "https://late.example/"
    assert table.refresh()
    assert table.find("one").url == "https://late.example/"


def test_many_changes_at_once_are_read_by_one_question(database):
    table = Links(database.ask)
    assert table.refresh()
    for number in range(2, 703):
        database.change(number, f"https://{number}.example/", f"slug-{number}")
    asked = len(database.asked)
    assert table.refresh()
    assert len(database.asked) < asked + 20
    assert table.find("slug-702").url == "https://702.example/"


def test_a_change_is_not_lost_when_the_database_goes_away_in_the_middle_of_it(database, monkeypatch):
    table = Links(database.ask)
    assert table.refresh()
    database.change(1, "https://b.example/")
    real = database.ask

    def gone(sql, values):
        if sql.endswith("WHERE l.id = %s"):
            raise OSError("no database")
        return real(sql, values)

    monkeypatch.setattr(table, "_ask", gone)
    assert not table.refresh()
    assert table.find("one").url == "https://a.example/"
    monkeypatch.setattr(table, "_ask", real)
    assert table.refresh()
    assert table.find("one").url == "https://b.example/"


def test_a_number_that_never_comes_is_not_asked_for_for_ever(database):
    time = [0.0]
    table = Links(database.ask, clock=lambda: time[0])
    database.changes = [(1, 1), (3, 1)]
    for time[0], asks in ((0.0, False), (10.0, True), (400.0, False), (410.0, True), (3990.0, False), (4000.0, False)):
        asked = len(database.asked)
        assert table.refresh()
        assert any("id IN" in sql for sql in database.asked[asked:]) is asks, time


def test_two_who_change_links_at_the_same_time(app, world):
    """On a database with many writers: who begins first commits last."""
    mia = world.creator("mia")
    for slug in ("one", "two"):
        world.link(mia, url=f"https://{slug}.example/", slug=slug)
    table = Links(asking(app))
    with app.app_context(), db.engine.connect().execution_options(writing=True) as first:
        if first.dialect.name == "sqlite":
            pytest.skip("SQLite has one writer")
        assert table.refresh()
        first.exec_driver_sql("UPDATE tracked_links SET url = 'https://first.example/' WHERE slug = 'one'")
        with db.engine.connect().execution_options(writing=True) as second:
            second.exec_driver_sql("UPDATE tracked_links SET url = 'https://second.example/' WHERE slug = 'two'")
            second.commit()
        table._loaded_at = float("-inf")
        assert table.refresh()  # a complete reading
        first.commit()
    assert table.refresh()
    assert [table._ways[slug].url for slug in ("one", "two")] == ["https://first.example/", "https://second.example/"]


def test_who_rests_lets_go_of_its_connections_until_the_next_tap(app, world, monkeypatch):
    world.link(world.creator("mia"), url="https://one.example/", slug="one")
    let_go, before, really = [], set(threading.enumerate()), Asking.let_go

    def noting(asking):
        let_go.append(threading.current_thread().name)
        really(asking)

    monkeypatch.setattr(Asking, "let_go", noting)
    table = Links(Asking(app.config["SQLALCHEMY_DATABASE_URI"]))
    assert table.find("one").url == "https://one.example/"
    mine = set(threading.enumerate()) - before
    table.close()
    for thread in mine:
        thread.join(timeout=5)
    assert sorted(let_go) == ["MainThread", "links", "links-ask"]
    assert table.find("one").url == "https://one.example/"
    assert table.find("two") is None, "it asks again"
    table.close()
