"""An invitation from one creator to another, as both and the brand meet it on their screens."""

from __future__ import annotations

from datetime import timedelta

import pytest

from socialshop.domain import commissions, people, programs
from socialshop.domain.audit import SYSTEM
from socialshop.flows import enrollment
from socialshop.kernel import clock
from socialshop.kernel.database import end_reading

from ..builders import PASSWORD
from ..conftest import START

TERMS = {"hold_days": 14, "overrides": ["5", "2"], "rules": [{"id": "r", "percent": "10"}]}
SIGN_UP = {"kind": "creator", "email": "bima@example.test", "password": PASSWORD, "handle": "bima"}


@pytest.fixture
def brand(world):
    return world.brand("senja")


@pytest.fixture
def program(world, brand):
    return world.program(brand, terms=TERMS, from_at=START - timedelta(days=9))


@pytest.fixture
def rani(world):
    return world.creator("rani")


@pytest.fixture
def invite(world, program, rani):
    return world.enroll(program, rani, at=START - timedelta(days=8))


@pytest.fixture
def hers(app, world, rani):
    return world.sign_in(app.test_client(), rani.user_id)


@pytest.fixture
def desk(app, world, brand):
    with app.app_context():
        owner = people.members_of(brand.id)[0][1].id
    return world.sign_in(app.test_client(), owner)


def recruits(app, program, creator):
    with app.app_context():
        end_reading()
        return [people.get_creator(stay.creator_id).handle for stay in programs.recruits_of(program.id, creator.id)]


def test_the_invitation_is_kept_through_sign_up(app, world, client, program, rani, invite, hers):
    assert f"localhost/join/{invite.public_id}" in hers.get(f"/creator/programs/{program.public_id}/recruits").text
    page = client.get(f"/join/{invite.public_id}").text
    assert "@rani gets 5% of your commission on top. Senja pays it; it costs you nothing." in page
    assert "rani@example.test" not in page
    entered = world.post(client, "/auth/sign-up", SIGN_UP)
    assert entered.location == f"/creator/programs/{program.public_id}"
    assert "@rani invites you" in client.get(entered.location).text
    for _ in range(2):
        assert world.post(client, f"{entered.location}/application").status_code == 303
    assert recruits(app, program, rani) == ["bima"]
    told = client.get(entered.location).text
    assert "@rani brought you here" in told
    assert "it costs you nothing" in told


def test_it_is_kept_through_signing_in_and_used_once(app, world, client, program, rani, invite):
    world.person("bima@example.test")
    with app.app_context():
        user = people.find_user_by_email("bima@example.test").id
    client.get(f"/join/{invite.public_id}")
    world.post(client, "/auth/sign-in", {"email": "bima@example.test", "password": PASSWORD})
    with client.session_transaction() as cookie:
        assert cookie["invites"] == {program.public_id: invite.public_id}
    started = world.post(client, "/auth/start/creator", {"handle": "bima"})
    assert started.location == f"/creator/programs/{program.public_id}"
    world.post(client, f"{started.location}/application")
    assert recruits(app, program, rani) == ["bima"]
    with client.session_transaction() as cookie:
        assert cookie["invites"] == {}
    with app.app_context():
        assert people.creator_of(user).handle == "bima"


def test_ones_own_invitation_is_not_followed(app, program, hers, invite):
    assert "This is your own invitation" in hers.get(f"/join/{invite.public_id}").text
    with hers.session_transaction() as cookie:
        assert "invites" not in cookie


def test_an_invitation_that_is_over_says_so(app, world, client, program, rani, invite):
    with app.app_context():
        enrollment.leave(program.public_id, rani.id, actor=SYSTEM, now=START)
    assert "This invitation is over" in client.get(f"/join/{invite.public_id}").text
    assert client.get("/join/enr_nobody").status_code == 404


def test_an_invitation_that_cannot_count_is_explained_and_the_way_in_stays_open(app, world, client, program, rani, invite):
    bima = world.creator("bima")
    world.sign_in(client, bima.user_id)
    client.get(f"/join/{invite.public_id}")
    with app.app_context():
        enrollment.leave(program.public_id, rani.id, actor=SYSTEM, now=START)
    url = f"/creator/programs/{program.public_id}"
    assert "it does not count" in client.get(url).text
    refused = world.post(client, f"{url}/application", follow_redirects=True)
    assert "is not in Teman Senja any more." in refused.text
    assert world.post(client, f"{url}/application").status_code == 303
    assert "In the program" in client.get(url).text
    assert recruits(app, program, rani) == []


def test_what_came_of_each_one_without_more_than_the_handle(app, world, brand, program, rani, invite, hers):
    url = f"/creator/programs/{program.public_id}/recruits"
    assert "Nobody yet" in hers.get(url).text
    bima = world.creator("bima", email="secret@example.test")
    with app.app_context():
        enrollment.apply(program.public_id, bima.id, note="private words", now=START, invite=invite.public_id)
    world.code(bima, program, "bima10")
    world.order((world.product(brand, price=100_000), 1), paid=True, code="bima10", name="Budi Santoso")
    page = hers.get(url).text
    assert "@bima" in page
    assert "Rp500" in page
    assert "1 order" in page
    for private in ("secret@example.test", "private words", "Budi", "Bima"):
        assert private not in page
    with app.app_context():
        (row,) = commissions.recent_overrides(rani.id, program.id, limit=5)
    assert row.public_id in page
    receipt = hers.get(f"/creator/earnings/{row.public_id}").text
    assert "5%" in receipt
    assert "Budi" not in receipt
    assert "on top, sale of @bima" in hers.get("/creator/earnings").text


def test_where_nothing_is_promised_nothing_is_offered(app, world, rani):
    plain = world.program(world.brand("plain"), "Plain")
    world.enroll(plain, rani)
    hers = world.sign_in(app.test_client(), rani.user_id)
    assert "Invite other creators" not in hers.get(f"/creator/programs/{plain.public_id}").text
    page = hers.get(f"/creator/programs/{plain.public_id}/recruits").text
    assert "give recruiters nothing" in page
    assert "/join/" not in page


def test_a_stranger_has_no_such_page(app, world, program):
    other = world.creator("citra")
    assert (
        world.sign_in(app.test_client(), other.user_id).get(f"/creator/programs/{program.public_id}/recruits").status_code == 404
    )


def test_the_brand_sees_who_brought_whom_and_changes_it(app, world, brand, program, rani, invite, desk):
    bima = world.creator("bima")
    clock.use(lambda: START + timedelta(hours=1))
    with app.app_context():
        stay = enrollment.apply(program.public_id, bima.id, note="", now=START, invite=invite.public_id).public_id
    assert "brought by @rani" in desk.get("/brand/senja/creators").text
    url = f"/brand/senja/creators/{stay}"
    assert "@rani, by an invitation or as you noted." in desk.get(url).text
    assert "@bima" in desk.get(f"/brand/senja/creators/{invite.public_id}").text
    for typed, said in (
        ({"recruiter": "nobody", "reason": "x"}, "No creator of this program has that handle."),
        ({"recruiter": "bima", "reason": "x"}, "Nobody can recruit themselves."),
        ({"recruiter": "", "reason": ""}, "Say why; the creators concerned will read it."),
    ):
        answer = world.post(desk, f"{url}/recruiter", typed)
        assert (answer.status_code, said in answer.text) == (422, True)
    for _ in range(2):
        assert world.post(desk, f"{url}/recruiter", {"recruiter": "", "reason": "A mistake"}).status_code == 303
    assert recruits(app, program, rani) == []
    assert "Nobody: they came by themselves." in desk.get(url).text
