"""Signing up and in, proving it, changing the password; nobody learns who has an account."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from socialshop.domain import audit, people
from socialshop.flows import addresses
from socialshop.flows import people as stories
from socialshop.kernel import faults, jobs
from socialshop.kernel.database import session, transaction
from socialshop.kernel.errors import Invalid, NotFound, TooMany
from tests.builders import PASSWORD, World
from tests.conftest import START

pytestmark = pytest.mark.usefixtures("room")
NEW = "perahu kertas di sungai"
BROWSER = stories.Browser("Firefox", "203.0.113.77")
ME = audit.Actor("user", "usr_test")


def sign_up(email: str = "ana@example.test", password: str = NEW, hat: stories.Hat | None = None) -> stories.Entry:
    hat = hat or stories.Hat("creator", email.split("@")[0])
    return stories.sign_up(email, password, hat, BROWSER, locale="en", timezone="Asia/Jakarta", now=START)


def who(entry: stories.Entry) -> people.User:
    found = people.find_session(entry.token, now=START)
    assert found is not None
    return found[1]


def count(kind: type) -> int:
    return session().scalar(select(func.count()).select_from(kind)) or 0


# --- signing up ------------------------------------------------------------------------------------


def test_signing_up_as_a_creator_signs_in_at_once(world: World) -> None:
    entry = sign_up()
    assert who(entry).email == "ana@example.test"
    creator = people.find_creator_by_handle("ANA")
    assert creator is not None
    assert creator.user_id == entry.user.id
    assert people.get_user(entry.user.id).email_confirmed_at is None
    (letter,) = world.letters()
    assert (letter.to, letter.subject) == ("ana@example.test", "Confirm your e-mail address")


def test_signing_up_as_a_brand_makes_an_owner() -> None:
    entry = sign_up("ibu@example.test", hat=stories.Hat("brand", "Senja Kopi"))
    ((brand, member),) = people.memberships_of(entry.user.id)
    assert (brand.slug, brand.name, member.role) == ("senja-kopi", "Senja Kopi", "owner")


def test_two_brands_may_share_a_name() -> None:
    for email in ("a@example.test", "b@example.test"):
        sign_up(email, hat=stories.Hat("brand", "Senja"))
    assert people.find_brand("senja") is not None
    assert people.find_brand("senja-2") is not None


def test_every_wrong_field_is_named_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        sign_up("nobody", "short", stories.Hat("creator", "admin"))
    assert {(f.field, f.code) for f in refused.value.fields} == {
        ("email", "not_an_address"), ("password", "too_short"), ("handle", "reserved"),
    }  # fmt: skip
    assert count(people.User) == 0


def test_handles_that_look_alike_are_taken(world: World) -> None:
    world.creator("marna")
    with pytest.raises(Invalid) as refused:
        sign_up(hat=stories.Hat("creator", "mama"))
    assert [f.code for f in refused.value.fields] == ["taken"]


def test_a_sign_up_broken_in_the_middle_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_here(*_: object, **__: object) -> None:
        raise faults.Fault("sign-up")

    monkeypatch.setattr(addresses, "post_confirmation", break_here)
    with pytest.raises(faults.Fault):
        sign_up()
    assert (count(people.User), count(people.Creator), count(people.LoginSession), count(jobs.Job)) == (0, 0, 0, 0)


# --- no enumeration --------------------------------------------------------------------------------


def test_signing_up_with_a_known_address_looks_the_same(world: World) -> None:
    owner = world.person("mia@example.test")
    known = sign_up("mia@example.test", hat=stories.Hat("creator", "ana-1"))
    unknown = sign_up("ana@example.test", hat=stories.Hat("creator", "ana-two"))
    for entry, email in ((known, "mia@example.test"), (unknown, "ana@example.test")):
        user = who(entry)
        assert (user.email, user.email_confirmed_at) == (email, None)
        assert user.id != owner.id
    # the noted work is of one kind too; only what the mailbox reads differs
    assert [j.payload["kind"] for j in session().scalars(select(jobs.Job))] == ["confirm_email"] * 2
    assert {(letter.to, letter.subject) for letter in world.letters()} == {
        ("mia@example.test", "You already have an account"), ("ana@example.test", "Confirm your e-mail address"),
    }  # fmt: skip
    assert people.find_user_by_email("mia@example.test").id == owner.id  # type: ignore[union-attr]


def test_who_signs_up_with_the_password_of_their_account_is_signed_in_to_it(world: World) -> None:
    owner = world.person("mia@example.test")
    entry = sign_up("mia@example.test", PASSWORD, stories.Hat("creator", "mia"))
    assert entry.user.id == owner.id
    assert people.creator_of(owner.id) is not None
    again = sign_up("mia@example.test", PASSWORD, stories.Hat("creator", "mia-two"))
    assert again.user.id == owner.id
    assert people.creator_of(owner.id).handle == "mia"  # type: ignore[union-attr]
    assert count(people.User) == 1


def test_wrong_address_and_wrong_password_are_one_answer_and_one_amount_of_work(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.person("mia@example.test")
    checks: list[bool] = []
    real = people.checked

    def counting(password: str, stored: str | None) -> tuple[bool, str | None]:
        checks.append(stored is None)
        return real(password, stored)

    monkeypatch.setattr(people, "checked", counting)
    said, work = [], []
    for email in ("mia@example.test", "nobody@example.test"):
        checks.clear()
        with pytest.raises(stories.WrongCredentials) as refused:
            stories.sign_in(email, NEW, BROWSER, now=START)
        said.append(refused.value.sentence())
        work.append(len(checks))
    assert said[0] == said[1]
    assert work == [2, 2]


def test_a_reset_is_asked_for_alike_whoever_exists(world: World) -> None:
    world.person("mia@example.test")
    for email in ("mia@example.test", "nobody@example.test"):
        addresses.ask_reset(email, locale="en", now=START)
    assert [j.payload["kind"] for j in session().scalars(select(jobs.Job))] == ["reset_password"] * 2
    assert [letter.to for letter in world.letters()] == ["mia@example.test"]


# --- signing in ------------------------------------------------------------------------------------


def test_signing_in_opens_a_session(world: World) -> None:
    mia = world.person()
    one = stories.sign_in(" MIA@example.test", PASSWORD, BROWSER, now=START)
    two = stories.sign_in("mia@example.test", PASSWORD, BROWSER, now=START)
    assert one.token != two.token
    assert who(one).id == mia.id
    row = people.live_sessions_of(mia.id, now=START)[0]
    assert row.address == "203.0.113.0/24"
    assert one.token not in (row.token_hash, row.public_id)


def test_who_has_not_confirmed_may_sign_in_too() -> None:
    sign_up("ana@example.test")
    assert stories.sign_in("ana@example.test", NEW, BROWSER, now=START).user.email == "ana@example.test"


def test_a_claimant_does_not_lock_the_owner_out(world: World) -> None:
    owner = world.person("mia@example.test")
    sign_up("mia@example.test", NEW, stories.Hat("creator", "trap"))
    assert stories.sign_in("mia@example.test", PASSWORD, BROWSER, now=START).user.id == owner.id


def test_a_session_ends_after_thirty_days(world: World) -> None:
    world.person()
    entry = stories.sign_in("mia@example.test", PASSWORD, BROWSER, now=START)
    assert people.find_session(entry.token, now=START + timedelta(days=30) - timedelta(seconds=1))
    assert people.find_session(entry.token, now=START + timedelta(days=30)) is None


def test_tries_are_limited_per_account_known_or_not(world: World) -> None:
    world.person("mia@example.test")
    for email in ("mia@example.test", "nobody@example.test"):
        for _ in range(10):
            with pytest.raises(stories.WrongCredentials):
                stories.sign_in(email, NEW, BROWSER, now=START)
        with pytest.raises(TooMany) as refused:
            stories.sign_in(email, PASSWORD, BROWSER, now=START + timedelta(minutes=5))
        assert refused.value.retry_after == 600
    assert stories.sign_in("mia@example.test", PASSWORD, BROWSER, now=START + timedelta(minutes=15)).token


def test_a_success_forgets_the_wrong_tries(world: World) -> None:
    world.person()
    for _ in range(3):
        for _ in range(9):
            with pytest.raises(stories.WrongCredentials):
                stories.sign_in("mia@example.test", NEW, BROWSER, now=START)
        assert stories.sign_in("mia@example.test", PASSWORD, BROWSER, now=START).token


def test_a_hundred_wrong_tries_in_a_row_close_the_password_until_a_reset(world: World) -> None:
    world.person()
    now = START
    for number in range(100):
        if number and number % 10 == 0:
            now += timedelta(minutes=15)
        with pytest.raises(stories.WrongCredentials):
            stories.sign_in("mia@example.test", NEW, BROWSER, now=now)
    now += timedelta(days=1)
    with pytest.raises(people.PasswordClosed):
        stories.sign_in("mia@example.test", PASSWORD, BROWSER, now=now)
    addresses.ask_reset("mia@example.test", locale="en", now=now)
    addresses.reset(world.letters(now=now)[-1].link.rsplit("/", 1)[1], NEW, now=now)
    assert stories.sign_in("mia@example.test", NEW, BROWSER, now=now).token


def test_signing_up_cannot_be_used_to_try_passwords(world: World) -> None:
    world.person("mia@example.test")
    for number in range(10):
        sign_up("mia@example.test", NEW, stories.Hat("creator", f"trial-{number}x"))
    with pytest.raises(TooMany):
        sign_up("mia@example.test", PASSWORD, stories.Hat("creator", "mia"))


def test_a_closed_account_is_told_so_only_with_its_password(world: World) -> None:
    mia = world.person()
    with transaction():
        people.lock_user(mia.id).disabled_at = START
    with pytest.raises(stories.WrongCredentials):
        stories.sign_in("mia@example.test", NEW, BROWSER, now=START)
    with pytest.raises(stories.AccountDisabled):
        stories.sign_in("mia@example.test", PASSWORD, BROWSER, now=START)


# --- password --------------------------------------------------------------------------------------


def test_changing_the_password_signs_every_other_browser_out(world: World) -> None:
    mia = world.person()
    here, there = (stories.sign_in("mia@example.test", PASSWORD, BROWSER, now=START) for _ in range(2))
    mine = people.find_session(here.token, now=START)
    assert mine is not None
    fresh = stories.change_password(mia.id, mine[0].id, PASSWORD, NEW, actor=ME, now=START)
    assert people.find_session(there.token, now=START) is None
    assert people.find_session(here.token, now=START) is None, "the token is another now"
    assert people.find_session(fresh, now=START) is not None
    assert stories.sign_in("mia@example.test", NEW, BROWSER, now=START)
    with pytest.raises(stories.WrongCredentials):
        stories.sign_in("mia@example.test", PASSWORD, BROWSER, now=START)
    assert [letter.subject for letter in world.letters()] == ["Your password was changed"]
    assert [entry.act for entry in audit.search(subject=mia.public_id)] == ["password.changed"]


def test_the_present_password_must_be_right_and_the_new_one_good(world: World) -> None:
    mia = world.person()
    entry = stories.sign_in("mia@example.test", PASSWORD, BROWSER, now=START)
    mine = people.find_session(entry.token, now=START)
    assert mine is not None
    for current, new, field in ((NEW, NEW, "current"), (PASSWORD, "short", "new"), (PASSWORD, "mia@example.test1", "new")):
        with pytest.raises(Invalid) as refused:
            stories.change_password(mia.id, mine[0].id, current, new, actor=ME, now=START)
        assert [f.field for f in refused.value.fields] == [field]
    assert world.letters() == []


def test_proving_it_counts_as_a_try(world: World) -> None:
    mia = world.person()
    entry = stories.sign_in("mia@example.test", PASSWORD, BROWSER, now=START)
    mine = people.find_session(entry.token, now=START)
    assert mine is not None
    later = START + timedelta(hours=1)
    stories.prove(mia.id, mine[0].id, PASSWORD, now=later)
    found = people.find_session(entry.token, now=later)
    assert found is not None
    assert found[0].proved_at == later
    for _ in range(10):
        with pytest.raises(Invalid):
            stories.prove(mia.id, mine[0].id, NEW, now=later)
    with pytest.raises(TooMany):
        stories.prove(mia.id, mine[0].id, PASSWORD, now=later)


# --- sessions --------------------------------------------------------------------------------------


def test_sessions_are_ended_one_by_one_or_all_others(world: World) -> None:
    mia, eve = world.person(), world.person("eve@example.test")
    tokens = [stories.sign_in("mia@example.test", PASSWORD, BROWSER, now=START).token for _ in range(3)]
    rows = {token: people.find_session(token, now=START)[0] for token in tokens}  # type: ignore[index]
    with pytest.raises(NotFound), transaction():
        people.end_session(eve.id, rows[tokens[0]].public_id, now=START)
    assert people.find_session(tokens[0], now=START) is not None
    with transaction():
        people.end_session(mia.id, rows[tokens[0]].public_id, now=START)
    assert people.find_session(tokens[0], now=START) is None
    with transaction():
        assert people.end_sessions(mia.id, now=START, but=rows[tokens[2]].id) == 1
    assert [people.find_session(token, now=START) is not None for token in tokens] == [False, False, True]


def test_tidying_up_keeps_what_lives(world: World) -> None:
    world.person()
    entry = stories.sign_in("mia@example.test", PASSWORD, BROWSER, now=START)
    stories.tidy({}, now=START + timedelta(days=1))
    assert people.find_session(entry.token, now=START) is not None
    for _ in range(2):
        stories.tidy({}, now=START + timedelta(days=200))
    assert (count(people.LoginSession), count(people.Throttle)) == (0, 0)


# --- the command line ------------------------------------------------------------------------------


def test_the_first_operator(world: World) -> None:
    assert not stories.is_known("op@example.test")
    made = stories.create_operator("op@example.test", NEW, now=START)
    assert stories.is_known("OP@example.test")
    assert (made.operator_since, made.email_confirmed_at) == (START, START)
    assert stories.make_operator("op@example.test", now=START + timedelta(days=1)).operator_since == START
    assert [entry.act for entry in audit.search(subject=made.public_id)] == ["operator.made", "user.created"]
    with pytest.raises(NotFound):
        stories.make_operator("nobody@example.test", now=START)
