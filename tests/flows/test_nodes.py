"""Several machines note clicks on one database: an order hears of all of them, and no dead machine holds it up for long."""

from __future__ import annotations

import os
import signal
import time
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from socialshop.domain import clicks, commissions
from socialshop.flows import drain, nodes, verify
from socialshop.kernel import clock
from socialshop.kernel.clock import utcnow
from socialshop.kernel.database import db, end_reading, session, transaction
from socialshop.kernel.spool import Spool, files
from socialshop.kernel.taps import NotedTap, new_click_id

from ..conftest import START
from ..domain.test_clicks import CHROME

pytestmark = pytest.mark.usefixtures("room")
HOUR = timedelta(hours=1)


class Machine:
    """Another machine: a folder of its own, and a worker that is a real process."""

    def __init__(self, app, folder):
        self.app, self.folder, self.pid = app, folder / "spool", 0
        self.spool = Spool(self.folder)

    @property
    def name(self):
        return nodes.name_of(self.folder)

    def start(self, *, clock_ahead=timedelta()):
        """Let its worker run, on a clock that may be wrong."""
        session().rollback()
        db.engine.dispose()  # a connection must not be shared with a child
        self.pid = os.fork()
        if self.pid:
            return
        try:
            signal.alarm(60)
            clock.use(lambda: START + clock_ahead)
            drain.set_up(self.folder)
            while True:
                nodes.tend(now=utcnow())
                end_reading()
                time.sleep(0.01)
        finally:
            os._exit(1)

    def pour_once(self):
        """One round of its worker, told from here."""
        own = drain.folder()
        drain.set_up(self.folder)
        poured = nodes.tend(now=utcnow())
        drain.set_up(own)
        return poured

    def kill(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.pid = 0

    def note(self, link, visitor, *, before=timedelta(minutes=5)):
        """A tap that this machine answers; its id."""
        at_us = int((START - before).timestamp() * 1_000_000)
        tap = NotedTap(
            new_click_id(at_us), at_us, link.id, link.creator_id, link.program_id, link.channel, link.placement, visitor,
            "", "navigate", "document", CHROME, "", "",
        )  # fmt: skip
        self.spool.append(tap.line())
        return tap.click


@pytest.fixture
def here(app, tmp_path):
    """The machine that the orders come to."""
    made = Machine(app, tmp_path / "here")
    drain.set_up(made.folder)
    nodes.set_up(30.0)
    yield made
    made.spool.close()
    drain.set_up(None)


@pytest.fixture
def there(app, tmp_path):
    made = Machine(app, tmp_path / "there")
    made.pour_once()  # known
    yield made
    made.kill()
    made.spool.close()


@pytest.fixture
def sale(world):
    """A function (visitor) → a paid order of that visitor, and a link that earns."""
    mia, brand = world.creator("mia"), world.brand()
    program = world.program(brand)
    world.enroll(program, mia, at=START - timedelta(days=1))
    link = world.link(mia, program=program, url="https://kopisenja.example/kopi")
    product = world.product(brand, price=100_000, stock=50)
    world.bank(brand)

    def sell(visitor):
        return world.order((product, 1), paid=True, visitor=visitor)

    sell.link = link
    return sell


def earners(order):
    return [row.creator_id for row in commissions.of_order(order.id)]


def states():
    end_reading()
    return {node.name: node.state for node in clicks.nodes.nodes_by_name()}


@pytest.mark.parametrize("ahead", [timedelta(), HOUR, -HOUR], ids=["right", "an hour ahead", "an hour behind"])
def test_an_order_here_hears_of_a_tap_there(here, there, sale, ahead):
    there.start(clock_ahead=ahead)
    there.note(sale.link, "v" * 20)
    order = sale("v" * 20)
    assert earners(order) == [sale.link.creator_id]
    assert clicks.nodes.unheard_of(order.id) == []
    assert verify.run(utcnow()) == []


def test_without_asking_the_tap_there_is_missed(here, there, sale, monkeypatch):
    """The guard, seen to be needed."""
    monkeypatch.setattr(nodes, "_wait", lambda _names, _patience: [])
    there.note(sale.link, "v" * 20)
    assert earners(sale("v" * 20)) == []


def test_a_dead_machine_holds_up_one_order_and_its_taps_come_in_when_it_is_back(here, there, sale):
    there.start()
    there.note(sale.link, "a" * 20)
    order = sale("a" * 20)
    assert earners(order) == [sale.link.creator_id]
    there.kill()
    lost = there.note(sale.link, "b" * 20)
    nodes.set_up(0.1)
    waited = time.monotonic()
    order = sale("b" * 20)
    assert time.monotonic() - waited >= 0.1
    assert (earners(order), clicks.nodes.unheard_of(order.id)) == ([], [there.name])
    assert states()[there.name] == "late"
    nodes.set_up(30.0)
    order = sale("c" * 20)  # nobody waits for it again
    assert clicks.nodes.unheard_of(order.id) == [there.name]
    there.start()
    deadline = time.monotonic() + 20
    while states()[there.name] == "late" and time.monotonic() < deadline:
        time.sleep(0.02)
    assert states()[there.name] == "live"
    assert clicks.find(lost).kind == "payable"
    there.note(sale.link, "d" * 20)
    order = sale("d" * 20)
    assert (earners(order), clicks.nodes.unheard_of(order.id)) == ([sale.link.creator_id], [])
    assert session().scalar(select(func.count()).select_from(clicks.Click)) == 3
    assert verify.run(utcnow()) == []


def test_a_person_at_a_page_waits_less_and_gives_nobody_up(here, there, sale, monkeypatch):
    monkeypatch.setattr(nodes, "AT_A_PAGE", 0.05)
    order = sale("v" * 20)
    assert clicks.nodes.unheard_of(order.id) == [there.name]
    assert states()[there.name] == "live"


def test_alone_nobody_is_asked(here, sale, monkeypatch):
    monkeypatch.setattr(nodes, "_wait", lambda _names, _patience: pytest.fail("waits"))
    here.pour_once()
    here.note(sale.link, "v" * 20)
    assert earners(sale("v" * 20)) == [sale.link.creator_id]


def test_a_machine_answers_once_when_asked_and_else_seldom(here, there):
    asked = clicks.nodes.asked_of(there.name)
    with transaction():
        assert clicks.nodes.ask([there.name, "nobody"]) == {there.name: asked + 1}
    assert clicks.nodes.silent({there.name: asked + 1}) == [there.name]
    there.pour_once()
    end_reading()
    assert clicks.nodes.silent({there.name: asked + 1}) == []
    with transaction() as current:
        current.get(clicks.nodes.Node, there.name).waiting = 77
    there.pour_once()
    end_reading()
    assert {node.waiting for node in clicks.nodes.nodes_by_name()} == {77}


def test_what_comes_twice_from_a_file_that_came_back_is_one_click(here, there, sale):
    """A power cut may bring a file back that was taken away."""
    there.note(sale.link, "v" * 20)
    there.spool.close()
    [name] = files(there.folder)
    kept = (there.folder / name).read_bytes()
    there.pour_once()
    assert files(there.folder) == []
    (there.folder / name).write_bytes(kept)
    there.pour_once()
    assert session().scalar(select(func.count()).select_from(clicks.Click)) == 1


def test_a_machine_that_is_gone_is_forgotten_by_hand_or_after_a_week(here, there):
    with transaction():
        clicks.nodes.give_up([there.name], now=START)
    nodes.tidy({}, now=START + timedelta(days=6))
    assert there.name in states()
    nodes.tidy({}, now=START + timedelta(days=8))
    assert there.name not in states()
    with transaction():
        assert clicks.nodes.forget_node(there.name) is False


def test_the_name_of_a_machine_stays(here):
    first = nodes.name_of(here.folder)
    assert nodes.name_of(here.folder) == first
    assert nodes.name_of(here.folder.parent / "elsewhere" / "spool") != first


def test_the_receipt_says_whom_an_order_could_not_hear(here, there, sale, world):
    from socialshop.flows import receipt

    nodes.set_up(0.0)
    there.note(sale.link, "v" * 20)
    here.note(sale.link, "v" * 20, before=timedelta(minutes=9))
    (commission,) = commissions.of_order(sale("v" * 20).id)
    assert receipt.of_commission(commission).unheard == 1
