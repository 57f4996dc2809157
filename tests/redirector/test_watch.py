"""What machines that watch may learn, and who of them: readiness, figures, and who is let near them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from socialshop.app import create_app
from socialshop.domain import clicks, links
from socialshop.domain.links import changes
from socialshop.flows import drain, link_news
from socialshop.kernel import beat, clock
from socialshop.kernel.clock import utcnow
from socialshop.kernel.database import db, session, transaction
from socialshop.redirector.answer import in_front_of
from socialshop.redirector.watch import may_look, watched

from .. import builders
from ..conftest import START
from ..web.test_click import TAP

HERE = {"REMOTE_ADDR": "127.0.0.1"}
AWAY = {"REMOTE_ADDR": "203.0.113.9"}


@pytest.mark.parametrize(
    ("environ", "proxies", "seen"),
    [
        (HERE, 0, True),
        ({"REMOTE_ADDR": "::1"}, 0, True),
        (AWAY, 0, False),
        (AWAY, 1, False),
        ({}, 0, False),
        ({"REMOTE_ADDR": "unix:"}, 0, False),
        ({**HERE, "HTTP_X_FORWARDED_FOR": "203.0.113.9"}, 0, False),  # a proxy that was not declared
        ({**HERE, "HTTP_FORWARDED": "for=127.0.0.1"}, 0, False),
        ({**HERE, "HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 1, True),  # a declared one: the address is the visitor's own
        ({**AWAY, "HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 1, False),
        ({**AWAY, "HTTP_AUTHORIZATION": "Bearer open-sesame"}, 0, True),
        ({**AWAY, "HTTP_AUTHORIZATION": "Bearer open"}, 0, False),
        ({**AWAY, "HTTP_AUTHORIZATION": "Bearer \xff"}, 0, False),
        ({**AWAY, "HTTP_AUTHORIZATION": "Bearer "}, 0, False),
    ],
)
def test_who_may_look_at_figures(environ, proxies, seen):
    assert may_look(environ, token="open-sesame", proxies=proxies) is seen


def test_without_a_token_none_opens():
    assert not may_look({**AWAY, "HTTP_AUTHORIZATION": "Bearer "}, token="", proxies=0)
    assert not may_look(AWAY, token="", proxies=0)


@pytest.fixture
def app(settings):
    made = create_app(replace(settings, clicks="process", metrics_token="open-sesame"))
    clock.use(lambda: START)
    yield made
    clock.use(clock.system_clock)
    made.extensions["redirector"].spool.close()
    drain.set_up(None)
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def link(app):
    world = builders.World(app)
    return world.link(world.creator("mia"), slug="kopi-bio")


def ready(client):
    answer = client.get("/readyz")
    return answer.status_code, {name for name, well in answer.json.items() if not well}


def test_ready_while_clicks_are_kept_and_poured(app, client, link):
    with app.app_context(), transaction():
        beat.strike("worker", now=utcnow())
    assert ready(client) == (200, set())
    client.get("/l/kopi-bio", headers=TAP)
    assert ready(client) == (200, set())


def test_not_ready_when_nobody_syncs(app, client, link, monkeypatch):
    client.get("/l/kopi-bio", headers=TAP)
    monkeypatch.setattr(app.extensions["redirector"].spool, "trouble", lambda: "nobody syncs")
    status, wrong = ready(client)
    assert status == 503
    assert "clicks" in wrong
    assert "socialshop_clicks_unsafe 1" in client.get("/metrics").text


def test_not_ready_when_the_drainer_is_far_behind(app, client, link):
    client.get("/l/kopi-bio", headers=TAP)
    clock.use(lambda: START + timedelta(seconds=31))
    assert "drainer" in ready(client)[1]
    assert "socialshop_drainer_lag_seconds 31.0" in client.get("/metrics").text
    with app.app_context():
        drain.pour(now=utcnow())
    assert "drainer" not in ready(client)[1]
    assert "socialshop_drainer_lag_seconds 0.0" in client.get("/metrics").text


def test_figures_are_for_this_machine_and_for_the_token(app, client, link):
    client.get("/l/kopi-bio", headers=TAP)
    with app.app_context(), transaction():
        clicks.nodes.answer("here-1", 0, waiting=0, now=utcnow())
    told = client.get("/metrics").text
    assert 'socialshop_taps_total{answer="kept"} 1' in told
    assert 'socialshop_nodes{state="live"} 1.0' in told
    assert client.get("/metrics", environ_overrides=AWAY).status_code == 404
    token = {"Authorization": "Bearer open-sesame"}
    assert client.get("/metrics", environ_overrides=AWAY, headers=token).status_code == 200


def test_the_small_server_tells_the_same(app, client, link):
    client.get("/l/kopi-bio", headers=TAP)
    redirector = app.extensions["redirector"]

    def nothing(_environ, respond):
        respond("404 Not Found", [])
        return (b"nothing",)

    alone = in_front_of(watched(nothing, redirector, token="open-sesame", proxies=0), redirector)

    def ask(path, **environ):
        told = []
        body = b"".join(alone({"PATH_INFO": path, "REQUEST_METHOD": "GET", **HERE, **environ}, lambda *facts: told.append(facts)))
        return told[0][0], body.decode()

    assert ask("/readyz") == ("200 OK", json.dumps({"clicks": True}))
    assert 'socialshop_taps_total{answer="kept"} 1' in ask("/metrics")[1]
    assert ask("/metrics", HTTP_X_FORWARDED_FOR="203.0.113.9")[1] == "nothing"
    redirector.spool.trouble = lambda: "the disk does not answer"
    assert ask("/readyz") == ("503 Service Unavailable", json.dumps({"clicks": "the disk does not answer"}))


def test_old_news_of_links_goes_and_memory_stays_right(app, client, link, monkeypatch):
    table = app.extensions["redirector"].links
    monkeypatch.setattr(changes, "KEPT", 3)
    with app.app_context():
        for number in range(10):
            with transaction():
                links.find_by_slug("kopi-bio").url = f"https://{number}.example/"
        link_news.tidy({}, now=START)
        assert session().query(links.LinkChange).count() == 3
        link_news.tidy({}, now=START)
        assert session().query(links.LinkChange).count() == 3
    assert table.find("kopi-bio").url == "https://9.example/"


def test_machines_are_listed_and_forgotten(app):
    with app.app_context(), transaction():
        clicks.nodes.answer("toko-1", 0, waiting=12, now=START)
        clicks.nodes.answer("toko-2", 0, waiting=0, now=START)
    run = app.test_cli_runner().invoke
    assert run(args=["nodes", "list"]).output.splitlines() == [
        "toko-1  live  2026-06-01T03:00:00Z  12 bytes wait",
        "toko-2  live  2026-06-01T03:00:00Z  0 bytes wait",
    ]
    assert "is forgotten" in run(args=["nodes", "forget", "toko-2"]).output
    missing = run(args=["nodes", "forget", "toko-2"])
    assert missing.exit_code == 1
    assert "no machine toko-2" in missing.output
