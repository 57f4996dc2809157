"""Headers that keep a page to itself, answers for machines that watch, and refusals in the right dress."""

from __future__ import annotations

import dataclasses
import io

import pytest
from gunicorn.http.errors import InvalidChunkSize

from socialshop.app import create_app
from socialshop.kernel import beat
from socialshop.kernel.clock import utcnow
from socialshop.kernel.database import db, transaction


def test_the_front_page_speaks_both_languages(client):
    assert 'lang="id"' in client.get("/?lang=id").text
    page = client.get("/?lang=en")
    assert 'lang="en"' in page.text
    assert "lang=en" in page.headers["Set-Cookie"]


def test_every_page_is_kept_to_itself(client):
    headers = client.get("/").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_alive_touches_nothing_and_ready_asks_all(app, client):
    assert client.get("/healthz").text == "ok\n"
    assert client.get("/readyz").json["worker"] is False
    with app.app_context(), transaction():
        beat.strike("worker", now=utcnow())
    assert client.get("/readyz").json["worker"] is True


def test_metrics_count_requests(client):
    client.get("/healthz")
    assert 'socialshop_requests_total{endpoint="health.healthz",status="200"}' in client.get("/metrics").text


def test_an_unknown_address_is_a_helpful_page_or_a_problem(client):
    page = client.get("/nothing-here?lang=en")
    assert page.status_code == 404
    assert "could not find" in page.text
    problem = client.get("/hooks/")
    assert problem.status_code == 404
    assert problem.mimetype == "application/problem+json"
    assert problem.json["status"] == 404


class BrokenChunks(io.BytesIO):
    def read(self, _size=-1):
        raise InvalidChunkSize(b"ZZ")

    readinto = readline = read


def test_a_body_that_is_not_http_is_refused_not_our_defect(client):
    for path in ("/auth/sign-in", "/cart/items", "/hooks/con_x"):
        answer = client.post(
            path,
            input_stream=BrokenChunks(),
            content_type="application/x-www-form-urlencoded",
            environ_overrides={"wsgi.input_terminated": True},
        )
        assert answer.status_code == 400, path


def test_a_request_has_an_id_and_a_hostile_one_is_replaced(client):
    assert client.get("/", headers={"X-Request-ID": "abc-123456"}).headers["X-Request-ID"] == "abc-123456"
    assert client.get("/", headers={"X-Request-ID": "<script>alert(1)"}).headers["X-Request-ID"].startswith("req_")


def test_production_answers_to_its_own_name_only(settings):
    settings = dataclasses.replace(
        settings, env="production", base_url="https://toko.example", fetch_loopback=False, password_cost="full"
    )
    app = create_app(settings)
    client = app.test_client()
    assert client.get("/healthz", base_url="https://toko.example").status_code == 200
    assert client.get("/healthz", base_url="https://evil.example").status_code == 400
    with app.app_context():
        db.engine.dispose()


def test_static_files_may_be_kept_for_a_year(app, client):
    with app.test_request_context():
        from socialshop.web.static_files import asset, stylesheet

        icon, sheet = asset("vendor/icons.svg"), stylesheet()
    with client.get(icon) as answer:
        assert "immutable" in answer.headers["Cache-Control"]
    assert client.get(sheet).mimetype == "text/css"
    assert client.get("/assets/000000000000.css").status_code == 404


@pytest.mark.parametrize("path", ["/auth/sign-in", "/"])
def test_pages_name_no_other_host(client, path):
    text = client.get(path).text
    assert "http://" not in text.replace("http://localhost", "").replace("http://www.w3.org", "")
    assert "https://" not in text
