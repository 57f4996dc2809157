"""Pouring beside others who pour: what was noted before somebody asks is there when they are answered."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from socialshop.app import create_app
from socialshop.domain import clicks
from socialshop.flows import drain
from socialshop.kernel import clock, faults, spool
from socialshop.kernel.clock import utcnow
from socialshop.kernel.database import db, session
from socialshop.kernel.taps import read_tap

from .. import builders
from ..conftest import START
from ..web.test_click import TAP


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
def tap(app):
    """Tap the link a minute after the last time."""
    world = builders.World(app)
    world.link(world.creator("mia"), url="https://toko.example/", slug="kopi-bio")
    taps = []

    def tapped():
        taps.append(START + timedelta(minutes=len(taps)))
        clock.use(lambda: taps[-1])
        assert app.test_client().get("/l/kopi-bio", headers=TAP).status_code == 302

    return tapped


def moments(app):
    with app.app_context():
        return sorted(session().scalars(select(clicks.Click.at)))


def reading(monkeypatch, before, limit=4096):
    """Pieces of about so many bytes; something happens before they are read, each time: `before(how often it did)`."""
    real, times = spool.pieces, iter(range(1000))

    def pieces(folder, starts):
        before(next(times))
        yield from real(folder, starts, limit=limit)

    monkeypatch.setattr(spool, "pieces", pieces)


def one_line(app):
    """Bytes, and a few more: so that each piece holds one tap."""
    with app.app_context():
        return drain.waiting() + 20


def test_who_is_too_late_for_a_piece_pours_what_stands_behind_it(app, tap, monkeypatch):
    """Two taps are noted; the worker takes the first one in after we looked how far the file is read."""
    tap()
    limit = one_line(app)
    tap()

    def worker(time):
        if time == 0:
            faults.arm("click.drain.after_commit_before_truncate:raise")  # it gets no further than the first
            with pytest.raises(faults.Fault):
                drain.pour(now=utcnow())
            faults.arm("")

    reading(monkeypatch, worker, limit)
    with app.app_context():
        drain.pour(now=utcnow())
    assert moments(app) == [START, START + timedelta(minutes=1)]


def test_what_is_known_already_hides_nothing_behind_it(app, tap, monkeypatch):
    """The same tap stands in the file twice, then a line that is no tap, then another tap."""
    spool_of_ours = app.extensions["redirector"].spool
    tap()
    limit = one_line(app)
    with app.app_context():
        [piece] = spool.pieces(drain.folder(), {})
        spool_of_ours.append(piece.payloads[0])
        spool_of_ours.append(b"x" * (limit - 40))
        tap()
        reading(monkeypatch, lambda time: None, limit)
        assert drain.pour(now=utcnow()) == drain.Poured(2, 1)
        assert drain.waiting() == 0
    assert len(moments(app)) == 2


def test_nobody_pours_for_ever_behind_those_who_note(app, tap, monkeypatch):
    tap()
    reading(monkeypatch, lambda time: tap(), one_line(app))
    with app.app_context():
        tap()
        assert drain.pour(now=utcnow()).taken == 2
        assert drain.waiting() > 0


def test_a_click_that_the_worker_stores_while_we_look_is_found(app, tap, monkeypatch):
    tap()
    with app.app_context():
        [piece] = spool.pieces(drain.folder(), {})
        wanted, real = read_tap(piece.payloads[0]).click, clicks.find

        def find(public_id):
            found = real(public_id)
            monkeypatch.setattr(clicks, "find", real)
            worker = threading.Thread(target=pour)  # in a session of its own: we go on with what we have read
            worker.start()
            worker.join()
            return found

        def pour():
            with app.app_context():
                drain.pour(now=utcnow())

        monkeypatch.setattr(clicks, "find", find)
        assert drain.click(wanted, now=utcnow()).public_id == wanted


def test_a_click_that_never_was_is_none(app, tap):
    tap()
    with app.app_context():
        assert drain.click("clk_never", now=utcnow()) is None
        assert drain.click("", now=utcnow()) is None
