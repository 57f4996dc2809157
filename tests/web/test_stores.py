"""Screens of connected stores and reviews: steps, secrets shown once, figures set right, only by those who may."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from socialshop.domain import audit, connections, people
from socialshop.kernel import clock
from socialshop.web.brand import store_words

from ..builders import World
from ..conftest import START
from ..doubles.stores import Giving, Sale, ShopifyDouble, through
from ..store_stage import Stage, set_stage


@pytest.fixture
def stage(app: Flask) -> Stage:
    return set_stage(app, "shopify")


@pytest.fixture
def owner(stage: Stage, client: FlaskClient, world: World) -> FlaskClient:
    return signed_in(stage, client, world, "owner")


@pytest.fixture
def shop(stage: Stage, app: Flask) -> ShopifyDouble:
    return ShopifyDouble(through(app.test_client()), stage.path, stage.secret)


def signed_in(stage: Stage, client: FlaskClient, world: World, role: str) -> FlaskClient:
    if role == "owner":
        with stage.app.app_context():
            user_id = people.members_of(stage.brand.id)[0][1].id
    else:
        user = world.user(f"{role}@senja.test")
        world.member(stage.brand, user, role)
        user_id = user.id
    return world.sign_in(client, user_id)


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def review_url(stage: Stage) -> str:
    return f"/brand/senja/reviews/{stage.review().public_id}"


def put_in_review(stage: Stage, shop: ShopifyDouble, **changes: Any) -> Sale:
    sale = Sale(click=stage.click, slip="1000", **changes)
    shop.deliver(shop.order(sale))
    shop.deliver(shop.refund(sale, Giving(1, "12", 1)))
    stage.work()
    return sale


RIGHT = {
    "lines-0-price": "100.000", "lines-0-quantity": "2", "lines-0-discount": "", "lines-1-price": "Rp65.000",
    "lines-1-quantity": "1", "lines-1-discount": "5000", "discount": "", "shipping": "0", "tax": "0", "paid": "yes",
    "paid_at": "2026-06-01T10:00", "note": "asked them",
}  # fmt: skip


@pytest.mark.parametrize("lang", ["id", "en"])
def test_all_screens_open_in_both_languages(stage: Stage, owner: FlaskClient, shop: ShopifyDouble, lang: str) -> None:
    put_in_review(stage, shop)
    shop.deliver(shop.letter("orders/paid", b"not json"))
    paths = ["connections", "connections/new", "reviews", "reviews?state=resolved", "reviews?state=dismissed"]
    paths += [f"connections/{stage.connection.public_id}{page}" for page in ("", "/edit", "?state=parked")]
    for path in [*paths, f"reviews/{stage.review().public_id}"]:
        answer = owner.get(f"/brand/senja/{path}{'&' if '?' in path else '?'}lang={lang}")
        assert answer.status_code == 200, path


def test_connecting_woocommerce_by_steps_shows_the_secret_once(app: Flask, client: FlaskClient, world: World) -> None:
    stage = set_stage(app, "shopify")
    signed_in(stage, client, world, "manager")
    form = {
        "provider": "woocommerce",
        "name": "Toko kita",
        "shop": "https://Toko.example/shop",
        "program": stage.program.public_id,
    }
    answer = world.post(client, "/brand/senja/connections/new", form)
    assert answer.status_code == 303
    page = text(client.get(answer.location))
    with app.app_context():
        row = connections.of_brand(stage.brand.id)[-1]
    assert (row.shop, row.program_id, row.secret) == ("toko.example", stage.program.id, None)
    assert f"http://localhost/hooks/{row.public_id}" in page
    assert "ss_click" in page
    made = text(world.post(client, f"{answer.location}/secret"))
    with app.app_context():
        secret = connections.get(row.id).secret
    assert secret is not None
    assert secret in made
    assert secret not in text(client.get(answer.location))
    with app.app_context():
        acts = [entry.act for entry in audit.entries_of(stage.brand.public_id)]
        assert acts[:2] == ["connection.secret_made", "connection.made"]
        assert secret not in repr([(e.before, e.after, e.reason) for e in audit.entries_of(stage.brand.public_id)])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"shop": "not a domain"}, "Enter an address like toko.example."),
        ({"shop": "localhost"}, "Enter an address like toko.example."),
        ({"name": ""}, "Give the store a name."),
        ({"provider": "magento"}, "Not a valid choice"),
        ({"program": "prg_other"}, "Not a valid choice"),
    ],
)
def test_a_wrong_form_is_shown_again_with_what_was_typed(
    stage: Stage, owner: FlaskClient, world: World, change: dict[str, str], said: str
) -> None:
    form = {"provider": "shopify", "name": "Toko kita", "shop": "toko.example", "program": ""} | change
    answer = world.post(owner, "/brand/senja/connections/new?lang=en", form)
    assert answer.status_code == 422
    assert said in text(answer)
    assert form["shop"] in text(answer)


def test_the_secret_of_shopify_is_pasted_and_never_shown(
    stage: Stage, owner: FlaskClient, world: World, shop: ShopifyDouble
) -> None:
    shop.deliver(shop.order(Sale()))
    url = f"/brand/senja/connections/{stage.connection.public_id}"
    assert world.post(owner, f"{url}/secret", {"secret": "has blanks"}).status_code == 422
    assert world.post(owner, f"{url}/secret", {"secret": ""}).status_code == 422
    assert world.post(owner, f"{url}/secret", {"secret": " shpss_brand_new_one "}).status_code == 303
    page = text(owner.get(url))
    assert "shpss_brand_new_one" not in page
    assert stage.secret not in page
    assert shop.deliver(shop.order(Sale(id=7))) == 200  # the old one for 24 hours
    newer = ShopifyDouble(shop.post, stage.path, "shpss_brand_new_one")
    assert newer.deliver(newer.order(Sale(id=8))) == 200
    clock.use(lambda: START + timedelta(hours=24))
    assert shop.once(shop.order(Sale(id=9))) == 401


def test_switched_off_its_messages_are_refused_until_it_is_on(
    stage: Stage, owner: FlaskClient, world: World, shop: ShopifyDouble
) -> None:
    url = f"/brand/senja/connections/{stage.connection.public_id}/state"
    world.post(owner, url, {"state": "off"})
    assert shop.once(shop.order(Sale())) == 401
    world.post(owner, url, {"state": "live"})
    assert shop.once(shop.order(Sale())) == 200


def test_a_message_that_could_not_be_used_is_read_again(
    stage: Stage, owner: FlaskClient, world: World, shop: ShopifyDouble
) -> None:
    sale = Sale(click=stage.click)
    shop.deliver(shop.order(sale))
    shop.deliver(shop.refund(sale, Giving(1, "99", 1, "1000")))
    stage.work()
    url = f"/brand/senja/connections/{stage.connection.public_id}"
    assert "does not have" in text(owner.get(f"{url}?lang=en&state=quarantined"))
    with stage.app.app_context():
        event = connections.events_of(stage.connection.id, state="quarantined")[0]
    answer = world.post(owner, f"{url}/events/{event.public_id}/again", follow_redirects=True)
    assert "It is being read again." in text(answer)
    assert stage.events()[1] == ("kept", "")


def test_the_review_says_what_is_wrong_in_words(stage: Stage, owner: FlaskClient, shop: ShopifyDouble) -> None:
    put_in_review(stage, shop)
    page = text(owner.get(f"{review_url(stage)}?lang=en"))
    assert "Goods, shipping and tax add up to Rp265.000, but the store states a total of Rp266.000." in page
    assert "Waits until order 5001 is decided in review." in page
    assert "1 message waits with this order" in page


def test_setting_it_right_books_the_order_and_what_waited(
    stage: Stage, owner: FlaskClient, world: World, shop: ShopifyDouble
) -> None:
    put_in_review(stage, shop)
    url = review_url(stage)
    answer = world.post(owner, url, RIGHT)
    assert answer.status_code == 303
    assert stage.earned() == [("click", 25000, "IDR")]  # 260000 × 12.5 % = 32500, less the second line given back
    assert "is booked" in text(owner.get(f"{url}?lang=en"))
    again = world.post(owner, f"{url}?lang=en", {**RIGHT, "discount": "1"}, follow_redirects=True)
    assert "decided in the meantime" in text(again)
    assert stage.earned() == [("click", 25000, "IDR")]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lines-0-price": "ten"}, "lines-0-price"),
        ({"lines-0-price": ""}, "lines-0-price"),
        ({"lines-0-price": "1.5"}, "lines-0-price"),
        ({"lines-0-quantity": "-1"}, "lines-0-quantity"),
        ({"lines-0-quantity": "1.5"}, "lines-0-quantity"),
        ({"lines-0-quantity": "٣"}, "lines-0-quantity"),
        ({"lines-0-quantity": "0", "lines-1-quantity": "0"}, "lines-0-quantity"),
        ({"lines-1-discount": "65001"}, "lines-1-discount"),
        ({"discount": "900000"}, "discount"),
        ({"tax": "-3"}, "tax"),
        ({"paid": ""}, "paid"),
        ({"paid_at": ""}, "paid_at"),
        ({"paid_at": "yesterday"}, "paid_at"),
    ],
)
def test_a_wrong_decision_is_shown_again_with_its_fields_marked(
    stage: Stage, owner: FlaskClient, world: World, shop: ShopifyDouble, change: dict[str, str], field: str
) -> None:
    put_in_review(stage, shop)
    answer = world.post(owner, review_url(stage), RIGHT | change)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in text(answer)
    assert 'value="asked them"' in text(answer)
    assert stage.review().state == "open"


def test_the_totals_can_be_worked_out_without_a_script(
    stage: Stage, owner: FlaskClient, world: World, shop: ShopifyDouble
) -> None:
    put_in_review(stage, shop)
    answer = world.post(owner, review_url(stage), RIGHT | {"look": "1", "lines-0-quantity": "1"})
    assert answer.status_code == 200
    assert "Rp160.000" in text(answer)
    assert stage.review().state == "open"


def test_dismissing_needs_a_reason(stage: Stage, owner: FlaskClient, world: World, shop: ShopifyDouble) -> None:
    put_in_review(stage, shop)
    url = f"{review_url(stage)}/dismissal"
    assert world.post(owner, url, {"reason": " "}).status_code == 422
    assert world.post(owner, url, {"reason": "ours"}).status_code == 303
    assert "ours" in text(owner.get("/brand/senja/reviews?state=dismissed"))


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("finance", 303), ("manager", 303)])
def test_who_may_decide(stage: Stage, client: FlaskClient, world: World, shop: ShopifyDouble, role: str, status: int) -> None:
    put_in_review(stage, shop)
    signed_in(stage, client, world, role)
    assert client.get(review_url(stage)).status_code == 200
    assert world.post(client, review_url(stage), RIGHT).status_code == status


@pytest.mark.parametrize("path", ["secret", "state", "edit"])
def test_finance_may_look_but_not_connect(stage: Stage, client: FlaskClient, world: World, path: str) -> None:
    signed_in(stage, client, world, "finance")
    assert client.get(f"/brand/senja/connections/{stage.connection.public_id}").status_code == 200
    assert world.post(client, f"/brand/senja/connections/{stage.connection.public_id}/{path}").status_code == 403


def test_a_strangers_things_are_not_there(stage: Stage, client: FlaskClient, world: World, shop: ShopifyDouble) -> None:
    put_in_review(stage, shop)
    other = set_stage(stage.app, "woocommerce", name="dua", code="dua10")
    with stage.app.app_context():
        world.sign_in(client, people.members_of(other.brand.id)[0][1].id)
    con, event = stage.connection.public_id, "evt_x"
    for path in (f"connections/{con}", f"connections/{con}/edit", f"reviews/{stage.review().public_id}"):
        assert client.get(f"/brand/dua/{path}").status_code == 404
    for path in (f"connections/{con}/secret", f"connections/{con}/state", f"connections/{con}/events/{event}/again"):
        assert world.post(client, f"/brand/dua/{path}").status_code == 404
    assert world.post(client, f"/brand/dua/reviews/{stage.review().public_id}", RIGHT).status_code == 404
    assert world.post(client, f"/brand/dua/reviews/{stage.review().public_id}/dismissal", {"reason": "x"}).status_code == 404


def test_what_a_store_writes_is_inert(stage: Stage, owner: FlaskClient, shop: ShopifyDouble) -> None:
    nasty = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    document = ShopifyDouble.document(Sale(slip="1000"))
    document["name"] = document["line_items"][0]["title"] = document["financial_status"] = nasty
    document["discount_codes"] = [{"code": nasty, "amount": "1.00"}]
    document["note_attributes"] = [{"name": "ss_click", "value": "<script>"}]
    shop.deliver(shop.letter("orders/paid", document))
    stage.work()
    for url in (review_url(stage), "/brand/senja/reviews", f"/brand/senja/connections/{stage.connection.public_id}"):
        page = text(owner.get(url))
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_every_reason_has_words() -> None:
    import re
    from pathlib import Path

    import socialshop

    root = Path(socialshop.__file__).parent
    sources = [*(root / "adapters/stores").glob("*.py"), *(root / "flows").glob("*.py"), root / "domain/connections/actions.py"]
    said = "\n".join(path.read_text() for path in sources)
    used = set(re.findall(r'(?:problem|Problem|Unusable|Ignored|\breason)\(\s*"([a-z_0-9]+)"', said))
    assert used
    assert used - set(connections.SENTENCES) == set()


def test_a_gap_in_the_facts_does_not_break_the_page(app: Flask) -> None:
    with app.test_request_context():
        assert "–" in store_words.why_sentence({"code": "lines_differ", "facts": {}})
        assert store_words.why_sentence({}) == ""


@pytest.mark.parametrize("name", ["ss_click", "a'b", 'a"</script>', "a\\"])
def test_the_snippets_cannot_be_broken_out_of(name: str) -> None:
    assert "</script>" not in store_words.snippet("shopify", name).removesuffix("</script>")
    php = store_words.snippet("woocommerce", name)
    assert "'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'" in php
