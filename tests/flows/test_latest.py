"""What a creator's newest posts show, on their link page by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from socialshop.domain import catalog, links
from socialshop.flows.latest import latest_of
from socialshop.kernel.database import session, transaction

from ..conftest import START
from ..posted import posted


@pytest.fixture
def mia(world, room):
    return world.creator("mia")


@pytest.fixture
def shop(world, mia):
    brand = world.brand()
    program = world.program(brand)
    world.enroll(program, mia)
    return brand, program


def seen(creator, now=START):
    return [(one.title, one.provider) for one in latest_of(creator.id, now=now)]


def test_each_product_once_by_the_newest_post_and_instagram_before_tiktok(world, mia, shop):
    brand, program = shop
    coffee, tea = world.product(brand, "Kopi"), world.product(brand, "Teh")
    both = posted(world, mia, coffee, tea, at=START - timedelta(days=1), on=("tiktok", "instagram"), program=program)
    posted(world, mia, coffee, at=START - timedelta(days=5), program=program)
    found = latest_of(mia.id, now=START)
    assert [(one.title, one.provider) for one in found] == [("Kopi", "instagram"), ("Teh", "instagram")]
    assert [one.slug for one in found] == both["instagram"].slugs
    assert {one.permalink for one in found} == {both["instagram"].permalink}
    assert {one.program_id for one in found} == {program.id}


def test_three_posts_of_thirty_days_and_six_things_at_most(world, mia, shop):
    products = [world.product(shop[0], f"P{n}") for n in range(9)]
    for age, shown in ((1, products[:2]), (2, products[2:3]), (3, products[3:4]), (4, products[4:6])):
        posted(world, mia, *shown, at=START - timedelta(days=age))
    assert [title for title, _ in seen(mia)] == ["P0", "P1", "P2", "P3"]
    # half open: thirty days after it was posted, the first of them is too old
    assert seen(mia, START + timedelta(days=29)) == []
    assert [title for title, _ in seen(mia, START + timedelta(days=29, microseconds=-1))] == ["P0", "P1"]
    posted(world, mia, *products, at=START)
    assert len(seen(mia)) == 6


def test_what_nobody_can_see_or_have_is_not_there(world, mia, shop):
    brand, _program = shop
    gone, sold, switched, there = (
        world.product(brand, name, stock=stock) for name, stock in (("A", 1), ("B", 0), ("C", 1), ("D", 1))
    )
    made = posted(world, mia, gone, sold, switched, there, at=START)["instagram"]
    posted(world, mia, world.product(brand, "E"), at=START, visible=False)
    posted(world, mia, world.product(brand, "F"), at=START, state="underway")
    posted(world, world.creator("bima"), world.product(brand, "G"), at=START)
    with transaction():
        session().get_one(catalog.Product, gone.id).state = "archived"
        links.turn(links.find_by_slug(made.slugs[2]), "off")
    assert [title for title, _ in seen(mia)] == ["D"]


def test_a_story_has_no_address_after_a_day(world, mia, shop):
    posted(world, mia, world.product(shop[0]), at=START, kind="story")
    assert latest_of(mia.id, now=START + timedelta(hours=23))[0].permalink
    assert latest_of(mia.id, now=START + timedelta(hours=24))[0].permalink == ""


def test_an_address_that_is_no_product_is_there_too(world, mia):
    posted(world, mia, "https://toko.example/buku", at=START)
    (one,) = latest_of(mia.id, now=START)
    assert (one.offer, one.title, one.program_id) == (None, "toko.example/buku", None)
