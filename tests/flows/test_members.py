"""A brand's people: invited, joined, given roles, gone; and never without an owner."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from socialshop.domain import audit, people
from socialshop.flows import members
from socialshop.flows.people import Browser
from socialshop.kernel import jobs
from socialshop.kernel.database import session, transaction
from socialshop.kernel.errors import Conflict, Invalid, NotFound, TooMany
from tests.builders import PASSWORD, World
from tests.conftest import START

pytestmark = pytest.mark.usefixtures("room")
OWNER = audit.Actor("user", "usr_owner", "brand:owner")


@pytest.fixture
def owner(world: World) -> people.User:
    return world.person("owner@senja.test")


@pytest.fixture
def brand(world: World, owner: people.User) -> people.Brand:
    return world.brand("senja", owner=owner)


def invite(world: World, brand: people.Brand, owner: people.User, email: str = "budi@example.test", role: str = "finance") -> str:
    """The token in the mail."""
    members.invite(brand.id, email, role, by=owner.id, actor=OWNER, now=START)
    return world.letters()[-1].link.rsplit("/", 1)[1]


def acts(brand: people.Brand) -> list[str]:
    return [entry.act for entry in reversed(audit.entries_of(brand.public_id))]


def member_of(brand: people.Brand, user: people.User) -> people.Member:
    return next(member for member, person in people.members_of(brand.id) if person.id == user.id)


def test_an_invitation_is_accepted_once(world: World, brand: people.Brand, owner: people.User) -> None:
    token = invite(world, brand, owner)
    letter = world.letters()[-1]
    assert (letter.to, letter.subject) == ("budi@example.test", "Senja invites you")
    assert "as finance" in letter.body
    budi, eve = world.person("budi@example.test"), world.person("eve@example.test")
    assert members.accept(token, budi.id, now=START).id == brand.id
    assert member_of(brand, budi).role == "finance"
    with pytest.raises(people.LinkSpent):
        members.accept(token, eve.id, now=START)
    assert acts(brand) == ["member.invited", "member.joined"]


def test_somebody_new_joins_with_a_new_account(world: World, brand: people.Brand, owner: people.User) -> None:
    token = invite(world, brand, owner)
    with pytest.raises(Invalid):
        members.sign_up_invited(token, "short", Browser(), name="Budi", locale="en", timezone="Asia/Jakarta", now=START)
    entry, _ = members.sign_up_invited(token, PASSWORD, Browser(), name="Budi", locale="en", timezone="Asia/Jakarta", now=START)
    assert people.get_user(entry.user.id).email_confirmed_at == START, "the link came to that mailbox"
    assert member_of(brand, entry.user).role == "finance"
    with pytest.raises(people.LinkSpent):
        members.sign_up_invited(token, PASSWORD, Browser(), name="", locale="en", timezone="Asia/Jakarta", now=START)


def test_who_has_an_account_is_not_given_a_second_one(world: World, brand: people.Brand, owner: people.User) -> None:
    world.person("budi@example.test")
    token = invite(world, brand, owner)
    with pytest.raises(Conflict):
        members.sign_up_invited(token, PASSWORD, Browser(), name="", locale="en", timezone="Asia/Jakarta", now=START)
    assert len(people.members_of(brand.id)) == 1


def test_inviting_again_changes_the_role_and_replaces_the_link(world: World, brand: people.Brand, owner: people.User) -> None:
    old = invite(world, brand, owner, role="viewer")
    new = invite(world, brand, owner, role="manager")
    assert len(people.open_invitations_of(brand.id, now=START)) == 1
    budi = world.person("budi@example.test")
    with pytest.raises(people.LinkSpent):
        members.accept(old, budi.id, now=START)
    members.accept(new, budi.id, now=START)
    assert member_of(brand, budi).role == "manager"


def test_an_invitation_ends(world: World, brand: people.Brand, owner: people.User) -> None:
    budi = world.person("budi@example.test")
    token = invite(world, brand, owner)
    with pytest.raises(people.LinkSpent):
        members.accept(token, budi.id, now=START + timedelta(days=14))
    (open_one,) = people.open_invitations_of(brand.id, now=START)
    other = world.brand("lain")
    with pytest.raises(NotFound):
        members.revoke(other.id, open_one.public_id, actor=OWNER, now=START)
    members.revoke(brand.id, open_one.public_id, actor=OWNER, now=START)
    with pytest.raises(people.LinkSpent):
        members.accept(token, budi.id, now=START)
    with pytest.raises(NotFound):
        members.revoke(brand.id, open_one.public_id, actor=OWNER, now=START)


def test_a_revoked_invitation_is_not_mailed_any_more(world: World, brand: people.Brand, owner: people.User) -> None:
    invitation = members.invite(brand.id, "budi@example.test", "viewer", by=owner.id, actor=OWNER, now=START)
    members.revoke(brand.id, invitation.public_id, actor=OWNER, now=START)
    assert world.letters() == []


def test_inviting_needs_a_confirmed_address_and_has_a_limit(world: World, brand: people.Brand, owner: people.User) -> None:
    with transaction():
        people.lock_user(owner.id).email_confirmed_at = None
    with pytest.raises(people.Unconfirmed):
        members.invite(brand.id, "budi@example.test", "viewer", by=owner.id, actor=OWNER, now=START)
    with transaction():
        people.lock_user(owner.id).email_confirmed_at = START
    for number in range(40):
        members.invite(brand.id, f"m{number}@example.test", "viewer", by=owner.id, actor=OWNER, now=START)
    with pytest.raises(TooMany):
        members.invite(brand.id, "one-more@example.test", "viewer", by=owner.id, actor=OWNER, now=START)


def test_no_invitation_token_lies_in_a_job(world: World, brand: people.Brand, owner: people.User) -> None:
    token = invite(world, brand, owner)
    stored = [str(job.payload) + job.key for job in session().scalars(select(jobs.Job))]
    assert not any(token in text or re.search(r"[\w-]{40,}", text) for text in stored), "nothing as long as a token at all"


def test_joining_twice_changes_nothing(world: World, brand: people.Brand, owner: people.User) -> None:
    token = invite(world, brand, owner, "owner@senja.test", "viewer")
    with pytest.raises(people.AlreadyMember):
        members.accept(token, owner.id, now=START)
    assert member_of(brand, owner).role == "owner"


def test_the_last_owner_stays(world: World, brand: people.Brand, owner: people.User) -> None:
    alone = member_of(brand, owner).public_id
    with pytest.raises(people.LastOwner):
        members.remove(brand.id, alone, actor=OWNER, now=START)
    with pytest.raises(people.LastOwner):
        members.change_role(brand.id, alone, "viewer", actor=OWNER, now=START)
    budi = world.person("budi@example.test")
    world.member(brand, budi, "manager")
    with pytest.raises(people.LastOwner):
        members.remove(brand.id, alone, actor=OWNER, now=START)
    members.change_role(brand.id, member_of(brand, budi).public_id, "owner", actor=OWNER, now=START)
    members.remove(brand.id, alone, actor=OWNER, now=START)
    assert [(person.id, member.role) for member, person in people.members_of(brand.id)] == [(budi.id, "owner")]
    assert acts(brand) == ["member.role_changed", "member.removed"]
    assert [(letter.to, letter.subject) for letter in world.letters()] == [("owner@senja.test", "You no longer work for Senja")]


def test_members_of_other_brands_are_not_found(world: World, brand: people.Brand) -> None:
    other = world.brand("lain")
    ((stranger, _),) = people.members_of(other.id)
    for deed in (
        lambda: members.remove(brand.id, stranger.public_id, actor=OWNER, now=START),
        lambda: members.change_role(brand.id, stranger.public_id, "viewer", actor=OWNER, now=START),
    ):
        with pytest.raises(NotFound):
            deed()


def test_roles_are_one_of_four(brand: people.Brand, owner: people.User) -> None:
    for role in ("", "god"):
        with pytest.raises(Invalid) as refused:
            members.invite(brand.id, "budi@example.test", role, by=owner.id, actor=OWNER, now=START)
        assert [f.field for f in refused.value.fields] == ["role"]
