"""A brand connects Xendit, sends a run by it, and clears up what is unclear, as people see it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from socialshop import worker
from socialshop.adapters import payouts as providers
from socialshop.domain import audit, payouts, people, sending
from socialshop.flows import payout, verify
from socialshop.kernel import clock
from socialshop.kernel.database import session
from tests.conftest import START
from tests.doubles.stores import through
from tests.doubles.xendit import KEY, TOKEN, XenditDouble

PAYDAY = START + timedelta(days=15)
REASON = "Xendit support: it never arrived there"


@pytest.fixture
def double(app) -> Iterator[XenditDouble]:
    with XenditDouble(slow=20, send=through(app.test_client())) as made:
        providers.set_up(xendit_url=made.url)
        yield made


@pytest.fixture
def brand(world):
    return world.brand("senja")


@pytest.fixture
def mia(world):
    return world.creator("mia")


@pytest.fixture
def run(app, world, brand, mia):
    """A run with one payout of Rp29.800 to Mia at BCA."""
    program = world.program(brand, from_at=START - timedelta(days=40))
    world.enroll(program, mia, at=START - timedelta(days=30))
    world.payee(mia)
    world.order((world.product(brand), 2), paid=True, code=world.code(mia, program, "mia10").code)
    clock.use(lambda: PAYDAY)
    with app.app_context():
        return payout.start(brand.id, "k", actor=audit.SYSTEM, now=PAYDAY).public_id


@pytest.fixture
def owner(world, app, brand, double, run):
    with app.app_context():
        user = next(user for member, user in people.members_of(brand.id) if member.role == "owner")
    return world.sign_in(app.test_client(), user.id)


@pytest.fixture
def connected(world, owner, double, app, brand):
    """Connected as a person does it."""
    answer = world.post(owner, "/brand/senja/settings/sending/account", {"api_key": KEY, "token": TOKEN})
    assert answer.status_code == 303, answer.text
    with app.app_context():
        row = sending.account_of(brand.id)
        double.hook = f"/hooks/payouts/{row.public_id}"
        return row


def the_payout(app):
    with app.app_context():
        return session().query(payouts.Payout).one()


def work(app):
    worker.drain(app, rounds=4)


def test_connecting_tries_the_key_and_shows_neither_secret_again(world, owner, connected, double):
    assert ("GET", "/payouts_channels?currency=IDR") in double.asked
    pages = [owner.get(f"/brand/senja/settings/sending{path}").text for path in ("", "/account", "/channels", "/disconnection")]
    for page in pages:
        assert KEY not in page
        assert TOKEN not in page
    assert "•••• nary" in pages[0]
    assert f"http://localhost/hooks/payouts/{connected.public_id}" in pages[0]
    assert "test mode" in pages[0]


def test_a_key_that_xendit_refuses_is_not_kept(world, owner, double, app, brand):
    stranger = "xnd_development_aStrangersKey0001"
    answer = world.post(owner, "/brand/senja/settings/sending/account", {"api_key": stranger, "token": TOKEN})
    assert answer.status_code == 422
    assert "Xendit refuses this key" in answer.text
    assert stranger not in answer.text
    assert TOKEN not in answer.text
    with app.app_context():
        assert sending.account_of(brand.id) is None


@pytest.mark.parametrize(("form", "said"), [
    ({}, "This is not an API key of Xendit."), ({"api_key": KEY}, "Without the token"),
    ({"api_key": KEY, "token": "x y"}, "This is not a verification token"), ({"api_key": "ü" * 30, "token": TOKEN}, "This is not an API key"),
])  # fmt: skip
def test_what_is_no_key_is_said_at_its_field(world, owner, double, form, said):
    answer = world.post(owner, "/brand/senja/settings/sending/account", form)
    assert answer.status_code == 422
    assert said in answer.text
    assert double.asked == []


def test_production_takes_no_key_that_moves_no_money(world, owner, double, app, brand):
    providers.set_up(xendit_url=double.url, play_money=False)
    answer = world.post(owner, "/brand/senja/settings/sending/account", {"api_key": KEY, "token": TOKEN})
    assert answer.status_code == 422
    assert "It moves no money" in answer.text
    with app.app_context():
        assert sending.account_of(brand.id) is None


def test_xendit_out_of_reach_is_said(world, owner, double):
    providers.set_up(xendit_url="http://127.0.0.1:9")
    answer = world.post(owner, "/brand/senja/settings/sending/account", {"api_key": KEY, "token": TOKEN})
    assert answer.status_code == 422
    assert "Xendit did not answer" in answer.text


def test_channels_come_from_the_provider_and_those_of_the_same_name_are_filled_in(world, owner, connected, app, brand):
    assert connected.chosen["BCA"] == "ID_BCA"
    assert connected.chosen["GOPAY"] == "ID_GOPAY"
    assert "CIMB" not in connected.chosen
    page = owner.get("/brand/senja/settings/sending/channels").text
    assert "Bank Central Asia (ID_BCA)" in page
    assert "PH_GCASH" not in page
    answer = world.post(owner, "/brand/senja/settings/sending/channels", {"BCA": "ID_BCA", "BNI": "ID_NOBANK"})
    assert answer.status_code == 422
    assert "Xendit does not list this channel" in answer.text
    nothing = dict.fromkeys(connected.chosen, "")
    answer = world.post(owner, "/brand/senja/settings/sending/channels", {**nothing, "BCA": "ID_BCA"})
    assert answer.status_code == 303
    with app.app_context():
        assert sending.account_of(brand.id).chosen == {"BCA": "ID_BCA"}
    assert "The key works" in world.post(owner, "/brand/senja/settings/sending/check", follow_redirects=True).text


def test_a_run_is_sent_after_a_look_and_the_page_says_how_far_it_is(world, app, owner, connected, double, run):
    where = f"/brand/senja/payouts/{run}"
    page = owner.get(f"{where}/sending").text
    assert "Rp29.800" in page
    assert "•••• 6789" in page
    assert "0123456789" not in page
    assert double.payouts == {}
    for _ in range(2):  # a double tap hands nothing over twice
        assert world.post(owner, f"{where}/sending").status_code == 303
    work(app)
    assert len(double.payouts) == 1
    assert "Xendit has taken it" in owner.get(where).text
    double.turn(the_payout(app).public_id, "SUCCEEDED")
    work(app)
    assert "Xendit says it has arrived" in owner.get(where).text
    with app.app_context():
        assert verify.run(PAYDAY) == []


def test_what_cannot_go_by_xendit_says_why_and_stays_for_the_file(world, app, owner, connected, run):
    world.post(owner, "/brand/senja/settings/sending/channels", {"BCA": ""})
    page = owner.get(f"/brand/senja/payouts/{run}/sending").text
    assert "No channel is chosen for this bank or e-wallet." in page
    assert "Nothing to send here" in page
    assert world.post(owner, f"/brand/senja/payouts/{run}/sending", follow_redirects=True).status_code == 200
    assert the_payout(app).via is None


def test_an_unclear_payout_is_listed_and_looked_up(world, app, owner, connected, double, run):
    double.strike("lost")
    double.strike("503", at="look", times=1)
    world.post(owner, f"/brand/senja/payouts/{run}/sending")
    work(app)
    row = the_payout(app)
    assert row.state == "unknown"
    for path in ("", "payouts"):  # it is said where people look first
        assert "/brand/senja/payouts/unclear" in owner.get(f"/brand/senja/{path}").text
    page = owner.get("/brand/senja/payouts/unclear").text
    assert "The connection broke before the answer came." in page
    assert row.public_id in page
    where = f"/brand/senja/payouts/{run}/{row.public_id}/look-up"
    assert "Xendit gave no answer" in world.post(owner, where, {"from": "unclear"}, follow_redirects=True).text
    answer = world.post(owner, where, {"from": "unclear"}, follow_redirects=True)
    assert "Xendit has taken it" in answer.text
    assert "Everything is clear" in answer.text
    assert the_payout(app).state == "sent"


def test_a_person_decides_with_a_reason_which_is_kept_with_their_name(world, app, owner, connected, double, run):
    double.strike("lost")
    double.strike("503", at="look", times=99)
    world.post(owner, f"/brand/senja/payouts/{run}/sending")
    work(app)
    row = the_payout(app)
    where = f"/brand/senja/payouts/{run}/{row.public_id}/decision"
    for form, said in (
        ({}, "Please choose one."),
        ({"outcome": "paid"}, "Please say why."),
        ({"outcome": "gone", "reason": "x"}, "choose"),
    ):
        answer = world.post(owner, where, form)
        assert answer.status_code == 422
        assert said in answer.text
    assert the_payout(app).state == "unknown"
    answer = world.post(owner, where, {"outcome": "returned", "reason": REASON, "from": "unclear"})
    assert (answer.status_code, the_payout(app).state) == (303, "returned")
    with app.app_context():
        entry = audit.search(subject=row.public_id)[0]
        assert (entry.act, entry.reason) == ("payout.returned", REASON)
        assert entry.actor.startswith("user:usr_")
        assert verify.run(PAYDAY) == []
    double.calm()
    double.turn(row.public_id, "SUCCEEDED")
    work(app)
    page = owner.get("/brand/senja/payouts/unclear").text
    assert "contradicts what is booked here" in page
    assert world.post(owner, where, {"reason": ""}).status_code == 422
    world.post(owner, where, {"reason": "The creator paid it back by hand."})
    assert "Everything is clear" in owner.get("/brand/senja/payouts/unclear").text


def test_disconnecting_says_what_happens_and_forgets_the_key(world, app, owner, connected, double, run):
    world.post(owner, f"/brand/senja/payouts/{run}/sending")
    work(app)
    assert "you will have to say what became of it" in owner.get("/brand/senja/settings/sending/disconnection").text
    world.post(owner, "/brand/senja/settings/sending/disconnection")
    assert "Pay without a bank file" in owner.get("/brand/senja/settings/sending").text
    assert the_payout(app).state == "unknown"
    with app.app_context():
        row = sending.account(connected.id)
        assert (row.api_key, row.token) == (None, None)


def test_sending_and_deciding_ask_who_it_is(world, app, owner, connected, double, run):
    """After ten minutes the password is asked for again, as before a change of account."""
    row = the_payout(app)
    clock.use(lambda: PAYDAY + timedelta(hours=1))
    for path in (f"payouts/{run}/sending", f"payouts/{run}/{row.public_id}/decision", "settings/sending/account",
                 "settings/sending/channels", "settings/sending/disconnection"):  # fmt: skip
        for answer in (owner.get(f"/brand/senja/{path}"), world.post(owner, f"/brand/senja/{path}")):
            assert answer.status_code == 303, path
            assert "/auth/prove" in answer.location
    assert double.payouts == {}


def test_viewers_see_what_is_unclear_and_move_nothing(world, app, brand, connected, run):
    viewer = world.user("viewer@senja.test")
    world.member(brand, viewer, "viewer")
    client = world.sign_in(app.test_client(), viewer.id)
    assert client.get("/brand/senja/payouts/unclear").status_code == 200
    row = the_payout(app)
    for path in (f"payouts/{run}/sending", f"payouts/{run}/{row.public_id}/look-up", f"payouts/{run}/{row.public_id}/decision",
                 f"payouts/{run}/{row.public_id}/call-back", "settings/sending/account", "settings/sending/check"):  # fmt: skip
        assert world.post(client, f"/brand/senja/{path}").status_code == 403, path
    assert client.get("/brand/senja/settings/sending").status_code == 403


def test_indonesian_pages_stand(world, app, owner, connected, run):
    for path in ("settings/sending", "settings/sending/channels", f"payouts/{run}/sending", "payouts/unclear"):
        assert owner.get(f"/brand/senja/{path}?lang=id").status_code == 200
