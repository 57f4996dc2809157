"""Links in mails: who they reach, what they do, and that they do it once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from socialshop.domain import audit, people
from socialshop.flows import addresses
from socialshop.flows import people as stories
from socialshop.kernel import jobs
from socialshop.kernel.database import session, transaction
from socialshop.kernel.errors import Invalid, TooMany
from tests.builders import PASSWORD, Sent, World
from tests.conftest import START

pytestmark = pytest.mark.usefixtures("room")
NEW = "perahu kertas di sungai"
BROWSER = stories.Browser()


def claim(email: str, handle: str, password: str = NEW) -> people.User:
    """An account that has not confirmed its address."""
    hat = stories.Hat("creator", handle)
    return stories.sign_up(email, password, hat, BROWSER, locale="en", timezone="Asia/Jakarta", now=START).user


def token_in(letter: Sent) -> str:
    return letter.link.rsplit("/", 1)[1]


def ask_reset(world: World, email: str = "mia@example.test") -> str:
    addresses.ask_reset(email, locale="en", now=START)
    return token_in(world.letters()[-1])


# --- confirming ------------------------------------------------------------------------------------


def test_a_confirmation_works_once_and_only_for_its_account(world: World) -> None:
    ana, eve = claim("ana@example.test", "ana"), claim("eve@example.test", "eve")
    to_ana = next(letter for letter in world.letters() if letter.to == "ana@example.test")
    with pytest.raises(people.LinkSpent):
        addresses.confirm(eve.id, token_in(to_ana), now=START)
    addresses.confirm(ana.id, token_in(to_ana), now=START)
    assert people.find_user_by_email("ana@example.test").id == ana.id  # type: ignore[union-attr]
    with pytest.raises(people.LinkSpent):
        addresses.confirm(ana.id, token_in(to_ana), now=START)
    addresses.ask_confirmation(ana.id, now=START)
    assert len(world.letters()) == 2, "who has confirmed needs no other link"


def test_a_confirmation_is_too_old_after_a_week(world: World) -> None:
    ana = claim("ana@example.test", "ana")
    token = token_in(world.letters()[0])
    with pytest.raises(people.LinkSpent):
        addresses.confirm(ana.id, token, now=START + timedelta(days=7))


def test_only_one_of_two_claimants_gets_the_address(world: World) -> None:
    one, two = claim("ana@example.test", "ana"), claim("ana@example.test", "ana-two", PASSWORD)
    first, second = (token_in(letter) for letter in world.letters())
    with pytest.raises(people.LinkSpent):
        addresses.confirm(two.id, first, now=START)  # the link of a stranger's account confirms nothing in mine
    addresses.confirm(two.id, second, now=START)
    with pytest.raises(people.LinkSpent):
        addresses.confirm(one.id, first, now=START)
    assert people.find_user_by_email("ana@example.test").id == two.id  # type: ignore[union-attr]


def test_no_secret_lies_in_a_job(world: World) -> None:
    claim("ana@example.test", "ana")
    letter = world.letters()[0]
    stored = [str(job.payload) + job.key + job.error for job in session().scalars(select(jobs.Job))]
    stored += [row.token_hash for row in session().scalars(select(people.EmailToken))]
    assert stored
    assert not any(token_in(letter) in text for text in stored)
    payloads = [str(job.payload) for job in session().scalars(select(jobs.Job))]
    assert not any(re.search(r"[\w-]{40,}", text) for text in payloads), "nothing as long as a token at all"


def test_a_mailbox_is_not_flooded(world: World) -> None:
    ana = claim("ana@example.test", "ana")
    for _ in range(10):
        addresses.ask_confirmation(ana.id, now=START)
    assert len(world.letters()) == 5
    later = START + timedelta(hours=1)
    addresses.ask_confirmation(ana.id, now=later)
    assert len(world.letters(now=later)) == 6


# --- resetting -------------------------------------------------------------------------------------


def test_a_reset_works_once_signs_out_everywhere_and_tells(world: World) -> None:
    mia = world.person()
    entry = stories.sign_in("mia@example.test", PASSWORD, BROWSER, now=START)
    token = ask_reset(world)
    addresses.reset(token, NEW, now=START)
    assert people.find_session(entry.token, now=START) is None
    with pytest.raises(people.LinkSpent):
        addresses.reset(token, PASSWORD, now=START)
    assert stories.sign_in("mia@example.test", NEW, BROWSER, now=START).user.id == mia.id
    assert world.letters()[-1].subject == "Your password was changed"
    assert [entry.act for entry in audit.search(subject=mia.public_id)] == ["password.changed"]


def test_a_reset_link_lives_an_hour_and_dies_with_the_next_password(world: World) -> None:
    world.person()
    old, new = ask_reset(world), ask_reset(world)
    with pytest.raises(people.LinkSpent):
        addresses.reset(new, NEW, now=START + timedelta(hours=1))
    addresses.reset(new, NEW, now=START)
    with pytest.raises(people.LinkSpent):
        addresses.reset(old, PASSWORD, now=START)


def test_a_bad_new_password_does_not_use_the_link_up(world: World) -> None:
    world.person()
    token = ask_reset(world)
    with pytest.raises(Invalid):
        addresses.reset(token, "short", now=START)
    addresses.reset(token, NEW, now=START)


def test_a_reset_takes_a_trap_away_from_who_laid_it(world: World) -> None:
    trap = claim("mia@example.test", "trap")  # a stranger signed up with Mia's address
    thief = stories.sign_in("mia@example.test", NEW, BROWSER, now=START)
    addresses.reset(ask_reset(world), PASSWORD, now=START)
    assert people.find_session(thief.token, now=START) is None
    assert people.find_user_by_email("mia@example.test").id == trap.id  # type: ignore[union-attr]
    with pytest.raises(stories.WrongCredentials):
        stories.sign_in("mia@example.test", NEW, BROWSER, now=START)


def test_resets_are_limited_per_address(world: World) -> None:
    world.person()
    for email in ("mia@example.test", "nobody@example.test"):
        for _ in range(5):
            addresses.ask_reset(email, locale="en", now=START)
        with pytest.raises(TooMany):
            addresses.ask_reset(email, locale="en", now=START)


def test_closed_accounts_get_no_link(world: World) -> None:
    mia = world.person()
    with transaction():
        people.lock_user(mia.id).disabled_at = START
    addresses.ask_reset("mia@example.test", locale="en", now=START)
    assert world.letters() == []


# --- another address -------------------------------------------------------------------------------


def test_the_address_changes_when_the_new_mailbox_says_so(world: World) -> None:
    mia = world.person()
    me = audit.Actor("user", mia.public_id)
    addresses.ask_email_change(mia.id, "Mia@Baru.test", actor=me, now=START)
    letters = {letter.to: letter for letter in world.letters()}
    assert letters["mia@example.test"].subject == "Your e-mail address is about to change"
    assert "mia@baru.test" in letters["mia@example.test"].body
    assert people.get_user(mia.id).email == "mia@example.test"
    token = token_in(letters["mia@baru.test"])
    eve = world.person("eve@example.test")
    with pytest.raises(people.LinkSpent):
        addresses.change_email(eve.id, token, actor=me, now=START)
    addresses.change_email(mia.id, token, actor=me, now=START)
    assert people.get_user(mia.id).email == "mia@baru.test"
    last = world.letters()[-1]
    assert (last.to, last.subject) == ("mia@example.test", "Your e-mail address was changed")
    with pytest.raises(people.LinkSpent):
        addresses.change_email(mia.id, token, actor=me, now=START)
    assert [e.act for e in audit.search(subject=mia.public_id)] == ["email.changed", "email.change_asked"]


def test_somebody_elses_address_cannot_be_taken_nor_found_out(world: World) -> None:
    mia = world.person()
    world.person("eve@example.test")
    addresses.ask_email_change(mia.id, "eve@example.test", actor=audit.SYSTEM, now=START)  # the same answer as always
    to_eve = [letter for letter in world.letters() if letter.to == "eve@example.test"]
    assert [letter.subject for letter in to_eve] == ["You already have an account"]


def test_an_address_that_finds_an_owner_meanwhile_stays_with_them(world: World) -> None:
    mia = world.person()
    addresses.ask_email_change(mia.id, "baru@example.test", actor=audit.SYSTEM, now=START)
    token = token_in(next(letter for letter in world.letters() if letter.to == "baru@example.test"))
    world.person("baru@example.test")
    with pytest.raises(people.LinkSpent):
        addresses.change_email(mia.id, token, actor=audit.SYSTEM, now=START)
    assert people.get_user(mia.id).email == "mia@example.test"


def test_a_new_password_ends_a_change_under_way(world: World) -> None:
    mia = world.person()
    addresses.ask_email_change(mia.id, "thief@example.test", actor=audit.SYSTEM, now=START)
    token = token_in(next(letter for letter in world.letters() if letter.to == "thief@example.test"))
    addresses.reset(ask_reset(world), NEW, now=START)
    with pytest.raises(people.LinkSpent):
        addresses.change_email(mia.id, token, actor=audit.SYSTEM, now=START)
