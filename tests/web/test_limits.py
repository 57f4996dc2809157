"""How often one address may do what needs no account: every such form is in the table, and one more than allowed is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from socialshop.app import create_app
from socialshop.config import Settings
from socialshop.kernel import clock
from socialshop.kernel.database import db
from socialshop.policy import policy_of
from tests.builders import World
from tests.conftest import START

ALLOWED = {
    ("POST", "/cart/items"): 120,
    ("POST", "/checkout"): 30,
    ("POST", "/visit/memory"): 30,
    ("POST", "/visit/inside"): 30,
    ("GET", "/o/<token>"): 120,
    ("GET", "/o/<token>/state"): 120,
    ("POST", "/o/<token>/cancellation"): 20,
    ("POST", "/o/<token>/questions"): 6,
    ("POST", "/auth/sign-up"): 20,
    ("POST", "/auth/sign-in"): 30,
    ("POST", "/auth/reset"): 10,
    ("GET", "/auth/reset/<token>"): 60,
    ("POST", "/auth/reset/<token>"): 30,
    ("GET", "/auth/invitations/<token>"): 60,
    ("POST", "/auth/invitations/<token>"): 30,
}
ONLY_WRONG_ONES_COUNT = {"/ways/<slug>"}  # a link's password: see tests/web/test_link_ways.py
AS_OFTEN_AS_THEY_LIKE = {  # what changes nothing but the visitor's own cart and cookie
    "/cart/items/<variant>",
    "/checkout/forget",
}


@pytest.fixture
def busy(settings: Settings) -> Iterator[Flask]:
    """An app that counts."""
    made = create_app(replace(settings, ratelimit_enabled=True))
    clock.use(lambda: START)
    yield made
    clock.use(clock.system_clock)
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


def test_what_strangers_may_do_has_a_limit(busy: Flask) -> None:
    world, client = World(busy), busy.test_client()
    for (method, path), times in ALLOWED.items():
        address = path.replace("<token>", "nobody-has-this")
        people = [{"email": f"nobody{n}@example.test", "password": "not this one"} for n in range(times + 1)]
        tries = [world.post(client, address, each) if method == "POST" else client.get(address) for each in people]
        *fine, last = [answer.status_code for answer in tries]
        assert 429 not in fine, (method, path)
        assert last == 429, (method, path)


def test_no_form_for_strangers_is_forgotten(app: Flask) -> None:
    forms = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and (policy := policy_of(app, rule.endpoint)) is not None and policy.kind == "anyone"
    }
    assert forms == {path for method, path in ALLOWED if method == "POST"} | AS_OFTEN_AS_THEY_LIKE | ONLY_WRONG_ONES_COUNT
