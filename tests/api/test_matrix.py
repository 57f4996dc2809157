"""Who may read what through the API: every route with every kind of key (I-25, I-26). Generated from the route table."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from socialshop.domain import people
from socialshop.domain.people import KeyHolder
from socialshop.kernel import clock
from socialshop.policy import allow, policy_of
from tests.builders import World
from tests.conftest import START
from tests.web.parameters import Cast
from tests.web.test_matrix import address, missing, value_of

from .reading import Reader, reader

IN = 299  # what a view answers here that the door let somebody into


@pytest.fixture
def cast(world: World) -> Cast:
    cast = Cast(world)
    assert cast.commission
    assert cast.run
    return cast


def keyed(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if (p := policy_of(app, rule.endpoint)) and p.kind == "key"]


def readers(cast: Cast) -> dict[str, Reader]:
    """One reader of each kind."""
    world = cast.world
    revoked = reader(world, creator=cast.creator_a)
    with world.app.app_context():
        found = people.find_key(revoked.key)
        assert found is not None
        public_id = found[0].public_id
    world._do(lambda: people.revoke_key(KeyHolder(creator=cast.creator_a), public_id, now=START))  # type: ignore[arg-type,return-value]
    return {
        "anonymous": Reader(world.app),
        "wrong": Reader(world.app, "ssk_aaaaaaaa_" + "x" * 43),
        "prefix": Reader(world.app, reader(world, creator=cast.creator_a).key[:12]),
        "revoked": revoked,
        "other_scope": reader(world, creator=cast.creator_a, scopes=["read:nothing"]),
        "creator_a": reader(world, creator=cast.creator_a),
        "creator_b": reader(world, creator=cast.creator_b),
        "brand_a": reader(world, brand=cast.brand_a),
        "brand_b": reader(world, brand=cast.brand_b),
    }


WANTED = {"anonymous": 401, "wrong": 401, "prefix": 401, "revoked": 401, "other_scope": 403}


def asked(reads: Reader, url: str) -> TestResponse:
    headers = {"Authorization": f"Bearer {reads.key}"} if reads.key else {}
    return reads.app.test_client().get(url, headers=headers)


def said(answer: TestResponse, *ids: str) -> tuple[int, str]:
    """Status and body without the request's id and the asked-for ids."""
    text = re.sub(r"req_\w+", "", answer.text)
    for one in ids:
        text = text.replace(one, "·")
    return answer.status_code, text


def test_the_door_lets_in_whom_the_policy_names(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    app, wrong = cast.world.app, {}
    urls = [(rule, address(cast, rule)) for rule in keyed(app)]
    assert len(urls) >= 8
    for rule, _ in urls:
        policy = policy_of(app, rule.endpoint)
        assert policy is not None
        monkeypatch.setitem(app.view_functions, rule.endpoint, allow(policy)(lambda **_: ("", IN)))
    for name, reads in readers(cast).items():
        for rule, url in urls:
            status = asked(reads, url).status_code
            if status != WANTED.get(name, IN):
                wrong[f"{name} {rule}"] = status
    assert wrong == {}


def test_a_foreign_id_answers_like_a_missing_one(cast: Cast) -> None:
    wrong = {}
    who = readers(cast)
    for rule in keyed(cast.world.app):
        names = sorted(rule.arguments)
        if not names:
            continue
        ids = {name: value_of(cast, rule, name) for name in names}
        nothing = {name: missing(rule, name, value) for name, value in ids.items()}
        own, absent = address(cast, rule), address(cast, rule, **nothing)
        asks_whose = "statements" in rule.rule
        for name in ("creator_b", "brand_b"):
            creator = f"?creator={cast.creator_a.public_id}" if asks_whose and name == "brand_b" else ""
            foreign = said(asked(who[name], own + creator), *ids.values())
            gone = said(asked(who[name], absent + creator), *nothing.values())
            if foreign != gone or foreign[0] != 404:
                wrong[f"{name} {rule}"] = (foreign[0], gone[0])
        for name in ("creator_a", "brand_a"):  # without this the ids might exist nowhere
            creator = f"?creator={cast.creator_a.public_id}" if asks_whose and name == "brand_a" else ""
            status = asked(who[name], own + creator).status_code
            if status != 200:
                wrong[f"{name} {rule}"] = (status, status)
    assert wrong == {}


def test_lists_have_nothing_of_others(cast: Cast) -> None:
    clock.use(lambda: START)
    who = readers(cast)
    for path in ("commissions", "payouts", "statements"):
        for name in ("creator_b", "brand_b"):
            narrowed = f"?creator={cast.creator_a.public_id}" if path == "statements" and name == "brand_b" else ""
            assert who[name].json(path + narrowed)["data"] == []
        assert who["creator_a"].json(path)["data"]
        narrowed = f"?creator={cast.creator_a.public_id}" if path == "statements" else ""
        assert who["brand_a"].json(path + narrowed)["data"]
    for path in ("commissions", "payouts"):
        assert who["brand_b"].json(f"{path}?creator={cast.creator_a.public_id}")["data"] == []
        assert who["creator_b"].json(f"{path}?creator={cast.creator_a.public_id}")["data"] == []
        cursor = who["creator_a"].json(path)["data"][0]["id"]
        assert who["creator_b"].json(f"{path}?cursor={cursor}", 422)["errors"][0]["code"] == "unknown_cursor"
    assert who["creator_b"].get(f"statements?creator={cast.creator_a.public_id}", 404)
