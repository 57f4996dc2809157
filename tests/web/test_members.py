"""The team page of a brand."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from socialshop.domain import people
from tests.builders import World


@pytest.fixture
def owner(world: World, client: FlaskClient) -> FlaskClient:
    boss = world.user("owner@senja.test")
    world.brand("senja", owner=boss)
    return world.sign_in(client, boss.id)


def member(app: Flask, email: str) -> str:
    with app.app_context():
        brand = people.find_brand("senja")
        assert brand is not None
        return next(row.public_id for row, user in people.members_of(brand.id) if user.email == email)


def test_a_wrong_invitation_comes_back_with_its_entries(owner: FlaskClient, world: World) -> None:
    answer = world.post(owner, "/brand/senja/members/invitations", {"email": "nobody", "role": "finance"})
    assert answer.status_code == 422
    assert 'value="nobody"' in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_an_invitation_is_taken_back(owner: FlaskClient, world: World, app: Flask) -> None:
    world.post(owner, "/brand/senja/members/invitations", {"email": "budi@example.test", "role": "finance"})
    link = world.letters()[0].link
    with app.app_context():
        brand = people.find_brand("senja")
        assert brand is not None
        (invitation,) = people.open_invitations_of(brand.id, now=brand.created_at)
    assert world.post(owner, f"/brand/senja/members/invitations/{invitation.public_id}/revocation").status_code == 303
    assert app.test_client().get(link).status_code == 410


def test_roles_change_and_members_go(owner: FlaskClient, world: World, app: Flask) -> None:
    with app.app_context():
        brand = people.find_brand("senja")
        assert brand is not None
    budi = world.user("budi@example.test")
    world.member(brand, budi, "viewer")
    his = world.sign_in(app.test_client(), budi.id)
    url = f"/brand/senja/members/{member(app, 'budi@example.test')}"
    assert owner.get(url).status_code == 200
    assert world.post(owner, f"{url}/role", {"role": "god"}).status_code == 422
    assert world.post(owner, f"{url}/role", {"role": "owner"}).status_code == 303
    assert his.get("/brand/senja/members").status_code == 200
    assert world.post(owner, f"{url}/removal").status_code == 303
    assert his.get("/brand/senja/members").status_code == 404
    assert owner.get(url).status_code == 404
    assert "Budi" not in owner.get("/brand/senja/members").text.split("</h1>")[1]


def test_the_last_owner_is_told_why_they_stay(owner: FlaskClient, world: World, app: Flask) -> None:
    own = f"/brand/senja/members/{member(app, 'owner@senja.test')}"
    for url, data in ((f"{own}/removal", {}), (f"{own}/role", {"role": "viewer"}), ("/brand/senja/leaving", {})):
        answer = world.post(owner, url, data)
        assert answer.status_code == 409
        assert "A brand needs an owner" in answer.text


def test_anybody_may_leave(world: World, app: Flask, owner: FlaskClient) -> None:
    with app.app_context():
        brand = people.find_brand("senja")
        assert brand is not None
    budi = world.user("budi@example.test")
    world.member(brand, budi, "viewer")
    his = world.sign_in(app.test_client(), budi.id)
    assert his.get("/brand/senja/leaving").status_code == 200
    assert world.post(his, "/brand/senja/leaving").location == "/auth/start"
    assert his.get("/brand/senja/leaving").status_code == 404
