"""The operator's desk: health, stuck work, people and the log."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from socialshop.domain import clicks, people
from socialshop.kernel import jobs
from socialshop.kernel.database import transaction
from tests.builders import PASSWORD, World
from tests.conftest import START


@pytest.fixture
def desk(world: World, client: FlaskClient) -> FlaskClient:
    return world.sign_in(client, world.user("op@example.test", operator=True).id)


def stuck_job(app: Flask) -> int:
    with app.app_context():
        with transaction():
            jobs.add("letter.send", {}, key="j", now=START)
        with transaction():
            claimed = jobs.claim(jobs.due(START)[0], now=START)
            assert claimed is not None
            jobs.failed(claimed, "ConnectionRefusedError: <b>mail</b>", now=START, final=True)
            return claimed.id


def test_health_says_what_is_wrong(desk: FlaskClient) -> None:
    page = desk.get("/admin/").text
    assert "The worker is silent." in page
    assert "SQLite" in page or "PostgreSQL" in page


def test_stuck_work_is_shown_revived_and_given_up(desk: FlaskClient, world: World, app: Flask) -> None:
    assert "Nothing is stuck" in desk.get("/admin/stuck").text
    job = stuck_job(app)
    page = desk.get("/admin/stuck").text
    assert "ConnectionRefusedError: &lt;b&gt;mail" in page
    assert world.post(desk, f"/admin/stuck/{job}/dropping", {"reason": " "}).status_code == 422
    assert world.post(desk, f"/admin/stuck/{job}/revival").status_code == 303
    assert world.post(desk, f"/admin/stuck/{job}/dropping", {"reason": "too late"}).status_code == 409
    assert "job.revived" in desk.get("/admin/audit").text


def test_people_are_found_closed_and_opened(desk: FlaskClient, world: World, app: Flask) -> None:
    mia = world.person("mia@example.test")
    world.person("eve@example.test")
    page = desk.get("/admin/people?q=MIA").text
    assert "mia@example.test" in page
    assert "eve@example.test" not in page
    assert "Nobody found" in desk.get("/admin/people?q=%25").text, "a percent sign is only text"
    her = app.test_client()
    world.post(her, "/auth/sign-in", {"email": "mia@example.test", "password": PASSWORD})
    person = f"/admin/people/{mia.public_id}"
    assert world.post(desk, f"{person}/closing", {"reason": ""}).status_code == 422
    assert her.get("/auth/account").status_code == 200
    assert world.post(desk, f"{person}/closing", {"reason": "fake shop"}).status_code == 303
    assert her.get("/auth/account").status_code == 302
    assert world.post(her, "/auth/sign-in", {"email": "mia@example.test", "password": PASSWORD}).status_code == 403
    assert "fake shop" in desk.get(person).text
    assert world.post(desk, f"{person}/opening", {"reason": "it was not"}).status_code == 303
    assert world.post(her, "/auth/sign-in", {"email": "mia@example.test", "password": PASSWORD}).status_code == 303


def test_operators_cannot_lock_themselves_out(desk: FlaskClient, world: World, app: Flask) -> None:
    with app.app_context():
        me = people.find_user_by_email("op@example.test")
        assert me is not None
    assert world.post(desk, f"/admin/people/{me.public_id}/closing", {"reason": "x"}).status_code == 409


def test_brands_and_the_log_are_listed_page_by_page(desk: FlaskClient, world: World) -> None:
    brand = world.brand("senja")
    for number in range(52):
        world.post(desk, "/auth/start/brand", {"brand_name": f"Merek {number}"})
    first = desk.get("/admin/brands").text
    assert "page=1" in first
    assert brand.public_id not in first
    assert brand.public_id in desk.get("/admin/brands?page=1").text
    assert "owner@senja.test" in desk.get("/admin/brands?q=senj").text
    log = desk.get("/admin/audit?actor=user").text
    assert log.count("brand.started") == 50
    assert "before=" in log
    for strange in ("/admin/brands?page=-1", "/admin/people?page=x", "/admin/audit?before=x"):
        assert desk.get(strange).status_code == 200


def test_a_machine_that_orders_do_not_wait_for_is_shown(desk: FlaskClient, app: Flask) -> None:
    assert "orders are judged without its clicks" not in desk.get("/admin/").text
    with app.app_context(), transaction():
        clicks.nodes.answer("toko-1", 0, waiting=0, now=START)
        clicks.nodes.answer("toko-2", 0, waiting=0, now=START)
        clicks.nodes.give_up(["toko-2"], now=START)
    page = desk.get("/admin/").text
    assert "toko-1" in page
    assert page.count("orders are judged without its clicks") == 1
