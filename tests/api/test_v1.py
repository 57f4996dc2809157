"""What machines read: the same facts as the pages, page by page, and every refusal in words they understand."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import validate

from socialshop.app import create_app
from socialshop.config import Settings
from socialshop.domain import commissions, payouts, people
from socialshop.domain.audit import SYSTEM
from socialshop.flows import bank, payout
from socialshop.kernel import clock
from socialshop.kernel.database import db, transaction
from socialshop.policy import KEY_DOOR, policy_of
from tests.builders import World
from tests.conftest import START
from tests.flows import odd_receipts as odd
from tests.flows.live import Stage

from .reading import Reader, reader

PAYDAY = START + timedelta(days=15)


@pytest.fixture
def mia(world: World) -> people.Creator:
    return world.creator("mia")


@pytest.fixture
def brand(world: World) -> people.Brand:
    return world.brand("senja")


@pytest.fixture
def sales(world: World, mia: people.Creator, brand: people.Brand) -> list[Any]:
    """Five orders with Mia's code, paid out but for the last, and one that earned nothing."""
    program = world.program(brand, from_at=START - timedelta(days=40))
    world.enroll(program, mia, at=START - timedelta(days=30))
    code, product = world.code(mia, program, "mia10").code, world.product(brand, stock=50)
    made = [world.order((product, n), paid=True, code=code) for n in (1, 2, 3, 4)]
    world.payee(mia)
    clock.use(lambda: PAYDAY)
    with world.app.app_context():
        run = payout.start(brand.id, "key-of-the-form-1", actor=SYSTEM, now=PAYDAY)
        bank.confirm(payouts.of_run(run.id)[0].id, actor=SYSTEM, now=PAYDAY)
    return [
        *made,
        world.order((product, 5), paid=True, code=code),
        world.order((product, 1), paid=True, code=code, email="mia@example.test"),
    ]


@pytest.fixture
def creator(world: World, mia: people.Creator, sales: list[Any]) -> Reader:
    return reader(world, creator=mia)


@pytest.fixture
def owner(world: World, brand: people.Brand, sales: list[Any]) -> Reader:
    return reader(world, brand=brand)


def test_both_read_the_same_commissions_page_by_page(creator: Reader, owner: Reader) -> None:
    for reads in (creator, owner):
        whole = reads.json("commissions")
        assert (len(whole["data"]), whole["next_cursor"]) == (5, None)
        rows, cursor = [], ""
        for _ in range(3):
            page = reads.json(f"commissions?limit=2{cursor}")
            rows += page["data"]
            cursor = f"&cursor={page['next_cursor']}"
        assert page["next_cursor"] is None
        assert rows == whole["data"]
        assert [row["amount"] for row in rows] == [74_500, 59_600, 44_700, 29_800, 14_900]
        one = reads.json(f"commissions/{rows[1]['id']}")
        assert one == rows[1]
        assert (one["state"], one["paid"], one["open"]) == ("paid", 59_600, 0)
        assert [row["state"] for row in reads.json("commissions?state=pending")["data"]] == ["pending"]
    assert len(owner.json(f"commissions?creator={rows[0]['creator']['id']}&program={rows[0]['program']['id']}")["data"]) == 5
    assert owner.json("commissions?creator=crt_nobody")["data"] == []
    assert creator.json("commissions?program=prg_nothing")["data"] == []


def test_a_receipt_says_what_the_page_says(app: Flask, world: World, creator: Reader, owner: Reader, sales: list[Any]) -> None:
    first = creator.json("commissions")["data"][-1]
    told = creator.json(f"commissions/{first['id']}/receipt", Accept_Language="en")
    assert told["commission"] == first
    assert told["lines"][0]["earned"][0]["rate"] == "10"
    assert told["touches"][0]["text"] == "Your code MIA10. Won: this brought the sale."
    assert [step["kind"] for step in told["steps"]] == ["accrue", "due", "pay", "paid"]
    assert sum(leg["amount"] for step in told["steps"] for leg in step["moves"]) == 0
    assert told["payouts"][0]["state"] == "paid"
    in_indonesian = creator.get(f"commissions/{first['id']}/receipt", Accept_Language="id")
    assert in_indonesian.headers["Content-Language"] == "id"
    for reads in (creator, owner):
        [same] = reads.json(f"orders/{sales[0].public_id}/receipts")["data"]
        assert same["commission"]["id"] == first["id"]
        [nothing] = reads.json(f"orders/{sales[-1].public_id}/receipts")["data"]
        assert (nothing["commission"], nothing["reason"]) == (None, "self_referral")


def test_statements_and_payouts(creator: Reader, owner: Reader, mia: people.Creator) -> None:
    [month] = creator.json("statements")["data"]
    assert (month["month"], month["opening"], month["closing"]) == ("2026-06", 0, 74_500)
    told = creator.json("statements/2026-06", Accept_Language="en")
    [account] = told["accounts"]
    assert account["closing"] == account["opening"] + sum(group["total"] for group in account["groups"]) == 74_500
    assert account["pockets"] == {"held": 74_500, "payable": 0, "in_transit": 0, "owed_back": 0}
    assert owner.json(f"statements/2026-06?creator={mia.public_id}") == creator.json("statements/2026-06")
    assert owner.json(f"statements?creator={mia.public_id}")["data"] == [month]
    [paid] = owner.json("payouts")["data"]
    one = creator.json(f"payouts/{paid['id']}")
    assert sum(item["amount"] for item in one["items"]) == one["amount"] == 149_000
    assert one["account"] == {"kind": "bank", "provider": "BCA", "ending": "6789"}
    assert "0123456789" not in creator.get(f"payouts/{paid['id']}").text
    assert owner.json("payouts?state=returned")["data"] == []


@pytest.mark.parametrize(
    "case", ["split_with_caps", "old_terms_by_notice", "tiers_and_refund", "converted_and_clawed_back", "renewal", "recruited"]
)
def test_odd_receipts_fit_the_document(world: World, case: str) -> None:
    with world.app.app_context():
        stage = Stage(getattr(odd, case)())
        stage.play()
        clock.use(lambda: stage.scenario.now)
        names = list(stage.ids.values())
        with_member(stage.brand_id, people.get_creator(names[0]).user_id)
        brand, creators = people.get_brand(stage.brand_id), [people.get_creator(each) for each in names]
        rows = [row.public_id for each in names for row in commissions.listed(creator_id=each, now=stage.scenario.now)]
        orders = list(stage.orders)
    owner = reader(world, brand=brand)
    for row in rows:
        owner.json(f"commissions/{row}/receipt")
    for order in orders:
        owner.json(f"orders/{order}/receipts")
    for person in creators:
        mine = reader(world, creator=person)
        for month in mine.json("statements")["data"]:
            mine.json(f"statements/{month['month']}")
        for row in mine.json("commissions")["data"]:
            mine.json(f"commissions/{row['id']}/receipt", Accept_Language="id")


def test_a_creator_s_key_is_not_told_who_the_others_are(world: World) -> None:
    with world.app.app_context():
        stage = Stage(odd.lifetime_customer())
        stage.play()
        clock.use(lambda: stage.scenario.now)
        with_member(stage.brand_id, people.get_creator(stage.ids["A"]).user_id)
        winner, loser = (people.get_creator(stage.ids[name]) for name in ("A", "B"))
        brand = people.get_brand(stage.brand_id)
    told = reader(world, creator=loser).get("orders/o2/receipts").text
    assert winner.handle not in told
    assert winner.public_id not in told
    assert f"@{winner.handle}" in reader(world, brand=brand).get("orders/o2/receipts").text


def with_member(brand_id: int, user_id: int) -> None:
    """The stage's brand has nobody in it; a key needs somebody who made it."""
    with transaction() as db:
        db.add(people.Member(brand_id=brand_id, user_id=user_id, role="owner", joined_at=START))


# --- refusals --------------------------------------------------------------------------------------


def codes(told: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["pointer"], each["code"]) for each in told.get("errors", [])]


def test_no_key_and_a_wrong_one(app: Flask, creator: Reader) -> None:
    for key, code, challenge in (("", "key_missing", ""), ("ssk_wrong", "key_refused", 'error="invalid_token"')):
        answer = Reader(app, key).get("commissions", 401)
        assert answer.get_json()["code"] == code
        assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="socialshop"')
        assert challenge in answer.headers["WWW-Authenticate"]
    for header in ("Basic abc", "Bearer", "Bearer  ", f"Token {creator.key}", creator.key):
        assert app.test_client().get("/api/v1/commissions", headers={"Authorization": header}).status_code == 401


def test_cookies_open_nothing_here(app: Flask, world: World, mia: people.Creator) -> None:
    client = world.sign_in(app.test_client(), mia.user_id)
    assert client.get("/api/v1/commissions").status_code == 401


def test_without_its_door_the_api_is_closed(app: Flask, creator: Reader) -> None:
    door = app.extensions.pop(KEY_DOOR)
    try:
        creator.get("commissions", 403)
    finally:
        app.extensions[KEY_DOOR] = door


def test_a_key_for_something_else(world: World, mia: people.Creator, sales: list[Any]) -> None:
    answer = reader(world, creator=mia, scopes=["write:everything"]).get("commissions", 403)
    assert answer.get_json()["code"] == "scope_missing"
    assert 'scope="read:money"' in answer.headers["WWW-Authenticate"]


def test_every_wrong_field_is_named_at_once(creator: Reader, owner: Reader) -> None:
    told = creator.json("commissions?limit=0&state=broke&colour=red&limit2=x&a~b/c=1", 422, Accept_Language="en")
    assert codes(told) == [
        ("/query/limit", "out_of_range"),
        ("/query/state", "unknown_word"),
        ("/query/colour", "unknown_field"),
        ("/query/limit2", "unknown_field"),
        ("/query/a~0b~1c", "unknown_field"),
    ]
    for limit in ("201", "-1", "1.5", "01", "true", "%D9%A1", "1e2", "", "9999999999999999999"):
        assert codes(creator.json(f"commissions?limit={limit}", 422)) == [("/query/limit", "out_of_range")]
    told = creator.json("commissions?limit=201", 422, Accept_Language="en")
    assert told["errors"][0]["message"] == "This must be a whole number from 1 to 200."
    assert creator.json("commissions?limit=200")["data"]
    assert codes(creator.json("commissions?state=paid&state=due", 422)) == [("/query/state", "repeated")]
    for text in ("%00", "x" * 201, ""):
        assert codes(creator.json(f"commissions?program={text}", 422)) == [("/query/program", "bad_text")]
    for path in ("commissions", "payouts"):
        assert codes(creator.json(f"{path}?cursor=com_nothing", 422)) == [("/query/cursor", "unknown_cursor")]
    assert codes(owner.json("statements", 422)) == [("/query/creator", "missing")]
    assert codes(creator.json("statements/2026-06?limit=3", 422)) == [("/query/limit", "unknown_field")]
    assert codes(creator.json("commissions/com_x?lang=en", 422)) == [("/query/lang", "unknown_field")]


def test_what_is_missing_the_wrong_method_and_what_is_not_taken(app: Flask, creator: Reader) -> None:
    for path in (
        "commissions/com_x",
        "payouts/pay_x",
        "statements/2025-01",
        "statements/now",
        "orders/ord_x/receipts",
        "nothing",
    ):
        assert creator.json(path, 404)["code"] == "not_found"
    creator.json("/api/v2/commissions", 404)
    assert creator.json("commissions/%00", 400)["code"] == "bad_request"
    answer = app.test_client().post("/api/v1/commissions", headers={"Authorization": f"Bearer {creator.key}"})
    assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    told = answer.get_json()
    assert (told["code"], told["instance"], told["type"]) == (
        "method_not_allowed", "/api/v1/commissions", "http://localhost/api/docs#method_not_allowed",
    )  # fmt: skip
    assert told["detail"]
    creator.get("commissions", 406, Accept="text/html")
    for accept in ("application/json", "*/*", "application/*;q=0.1, text/html"):
        creator.get("commissions", Accept=accept)


def test_the_same_answer_is_not_sent_twice(creator: Reader) -> None:
    first = creator.get("commissions")
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert set(first.headers["Vary"].split(", ")) >= {"Authorization", "Accept-Language"}
    assert creator.get("commissions", 304, If_None_Match=first.headers["ETag"]).data == b""
    assert creator.get("commissions", If_None_Match='"other"').headers["ETag"] == first.headers["ETag"]


def test_an_answer_that_changed_is_sent_again(world: World, mia: people.Creator, creator: Reader) -> None:
    before = {path: creator.get(path) for path in ("commissions", "payouts")}
    assert len({answer.headers["ETag"] for answer in before.values()}) == 2
    with world.app.app_context():
        [paid] = payouts.of_creator(mia.id)
        bank.return_(paid.id, reason="closed account", actor=SYSTEM, now=PAYDAY)
    for path, answer in before.items():
        again = creator.get(path, If_None_Match=answer.headers["ETag"])
        assert again.headers["ETag"] != answer.headers["ETag"]
        assert again.data != answer.data


def test_too_many_requests(settings: Settings, world: World, mia: people.Creator, sales: list[Any]) -> None:
    key = reader(world, creator=mia).key
    busy = create_app(replace(settings, ratelimit_enabled=True))
    clock.use(lambda: PAYDAY)
    client = busy.test_client()
    headers = {"Authorization": f"Bearer {key}"}
    for _ in range(600):
        answer = client.get("/api/v1/payouts/pay_x", headers=headers)
        assert answer.status_code == 404
    answer = client.get("/api/v1/payouts/pay_x", headers=headers)
    assert (answer.status_code, answer.get_json()["limit"]) == (429, "600 per 1 minute")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert client.get("/api/v1/payouts/pay_x", headers={"Authorization": "Bearer other"}).status_code == 401
    with busy.app_context():
        db.session.remove()
        db.engine.dispose()


# --- the key's life --------------------------------------------------------------------------------


def test_use_is_noted_now_and_then(world: World, mia: people.Creator, creator: Reader) -> None:
    def used() -> Any:
        with world.app.app_context():
            found = people.find_key(creator.key)
            assert found is not None
            return found[0].used_at

    creator.get("commissions")
    assert used() == PAYDAY
    clock.use(lambda: PAYDAY + timedelta(minutes=9))
    creator.get("commissions")
    assert used() == PAYDAY
    clock.use(lambda: PAYDAY + timedelta(minutes=10))
    creator.get("commissions")
    assert used() == PAYDAY + timedelta(minutes=10)


def test_a_disabled_creator_s_key_opens_nothing(world: World, mia: people.Creator, creator: Reader) -> None:
    def disable() -> None:
        people.lock_user(mia.user_id).disabled_at = PAYDAY

    creator.get("commissions")
    world._do(disable)  # type: ignore[arg-type]
    creator.get("commissions", 401)


# --- the document ----------------------------------------------------------------------------------


def test_the_document_names_every_route_and_is_sound(app: Flask, creator: Reader) -> None:
    assert app.test_client().get("/api/openapi.json").location == "/api/v1/openapi.json"
    told = Reader(app).json("openapi.json")
    validate(told)
    keyed = {rule.rule for rule in app.url_map.iter_rules() if (p := policy_of(app, rule.endpoint)) and p.kind == "key"}
    assert {path.replace("{", "<").replace("}", ">") for path in told["paths"]} == keyed
    assert all(rule.startswith("/api/v1/") for rule in keyed)


def test_the_page_names_every_code(app: Flask) -> None:
    page = app.test_client().get("/api/docs?lang=en").text
    for code in ("key_missing", "scope_missing", "not_found", "method_not_allowed", "invalid", "too_many"):
        assert f'id="{code}"' in page
    assert "/api/v1/commissions/{commission}/receipt" in page


def test_the_guide_names_every_address_and_no_other(app: Flask) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
    told = Reader(app).json("openapi.json")
    assert set(re.findall(r"^\| `(/api/v1/[^`]*)` \|", guide, re.MULTILINE)) == set(told["paths"])
