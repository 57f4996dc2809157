"""Following a link."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from socialshop.domain import clicks, people
from socialshop.domain.clicks import Tap
from socialshop.flows import click
from socialshop.kernel import faults
from socialshop.kernel.database import session, transaction

from ..conftest import START
from ..domain.test_clicks import CHROME

pytestmark = pytest.mark.usefixtures("room")
STORE = "https://kopisenja.example/kopi?rasa=gayo#beli"


def follow(link, *, now=START, user=None, visitor="v" * 20, **tap):
    return click.follow(link.slug, Tap(**{"agent": CHROME, **tap}), visitor=visitor, user_id=user, now=now)


@pytest.fixture
def cast(world):
    mia, brand = world.creator("mia"), world.brand()
    program = world.program(brand, click_parameter="ref_klik")
    world.enroll(program, mia)
    return mia, brand, program


def test_the_click_is_committed_and_its_id_goes_to_the_store(world, cast):
    mia, _brand, program = cast
    followed = follow(world.link(mia, program=program, url=STORE, utm={"source": "ig", "campaign": "lebaran"}))
    session().rollback()  # what was not committed is gone
    kept = clicks.find(followed.click_id)
    assert (kept.creator_id, kept.program_id, kept.kind, kept.at) == (mia.id, program.id, "payable", START)
    assert followed.location == (
        "https://kopisenja.example/kopi?rasa=gayo&utm_source=ig&utm_campaign=lebaran&ref_klik=" + followed.click_id + "#beli"
    )


def test_following_twice_keeps_two_rows_and_hands_out_the_click_that_counts(world, cast):
    mia, _brand, program = cast
    link = world.link(mia, program=program, url=STORE)
    first, second = follow(link), follow(link, now=START + timedelta(seconds=2))
    assert first.click_id == second.click_id
    assert second.location.endswith(f"ref_klik={first.click_id}#beli")
    assert session().scalars(select(clicks.Click.kind).order_by(clicks.Click.id)).all() == ["payable", "duplicate"]


def test_our_own_pages_and_plain_links_get_no_click_parameter(world, cast):
    mia, brand, program = cast
    product = world.product(brand)
    assert follow(world.link(mia, program=program, product=product)).location == f"/@mia/p/{product.public_id}"
    assert follow(world.link(mia, url="https://other.example/")).location == "https://other.example/"


@pytest.mark.parametrize("fault", ["click.after_read:enospc", "locked"])
def test_a_link_leads_on_when_its_click_cannot_be_kept(world, cast, monkeypatch, fault):
    mia, _brand, program = cast
    link = world.link(mia, program=program, url=STORE)
    if fault == "locked":
        from sqlalchemy.exc import OperationalError

        def locked(**_facts):
            raise OperationalError("INSERT", {}, Exception("database is locked"))

        monkeypatch.setattr(clicks, "keep", locked)
    else:
        faults.arm(fault)
    try:
        followed = follow(link)
    finally:
        faults.arm("")
    assert (followed.location, followed.click_id) == (STORE, "")
    assert session().scalars(select(clicks.Click)).all() == []


def test_a_break_in_the_middle_leaves_no_half_click(world, cast, monkeypatch):
    link = world.link(cast[0], program=cast[2], url=STORE)
    monkeypatch.setattr(clicks, "keep", lambda **_facts: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        follow(link)
    monkeypatch.undo()
    assert session().scalars(select(clicks.Click)).all() == []
    assert follow(link).kind == "payable"


@pytest.mark.parametrize(
    ("facts", "state", "days", "location"),
    [
        ({}, "live", 0, STORE),
        ({"expires_at": START + timedelta(days=1)}, "live", 1, "/@mia"),
        ({"expires_at": START + timedelta(days=1), "fallback_url": "https://b.example/"}, "live", 1, "https://b.example/"),
        ({}, "off", 0, "/@mia"),
        ({"fallback_url": "/@mia/promo"}, "off", 0, "/@mia/promo"),
    ],
)
def test_a_link_that_ended_leads_to_its_fallback(world, cast, facts, state, days, location):
    from socialshop.domain import links

    link = world.link(cast[0], url=STORE, **facts)
    with transaction():
        links.turn(links.link_of(link.creator_id, link.public_id), state)
    moment = START + timedelta(days=days)
    assert follow(link, now=moment).location == location
    assert click.where(link.slug, now=moment) == location


def test_a_fallback_gets_no_click_parameter(world, cast):
    link = world.link(cast[0], program=cast[2], url=STORE, expires_at=START, fallback_url="https://elsewhere.example/")
    assert follow(link).location == "https://elsewhere.example/"


def test_the_creators_and_the_brands_own_taps_are_kept_apart(world, cast):
    mia, brand, program = cast
    link = world.link(mia, program=program, url=STORE)
    staff = world.user("kasir@senja.test")
    world.member(brand, staff, "viewer")
    stranger = world.creator("ana")
    kinds = [
        follow(link, user=user, visitor=f"visitor-of-{user}").kind for user in (mia.user_id, staff.id, stranger.user_id, None)
    ]
    assert kinds == ["own", "test", "payable", "payable"]


def test_a_slug_is_found_however_it_is_typed_and_never_was_is_none(world, cast):
    link = world.link(cast[0], slug="kopi-bio", url=STORE)
    assert click.where("KOPI-Bio", now=START) == STORE
    assert click.where("kopi-bio-2", now=START) is None
    assert click.follow("nope", Tap(agent=CHROME), visitor="", user_id=None, now=START) is None
    assert people.get_creator(link.creator_id).handle == "mia"


def test_a_link_goes_on_after_its_program_ended(world, cast):
    mia, _brand, program = cast
    link = world.link(mia, program=program, url=STORE)
    with transaction() as current:
        current.merge(program).state = "ended"
    assert follow(link).location.startswith("https://kopisenja.example/kopi")
