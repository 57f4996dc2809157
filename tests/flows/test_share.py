"""What a creator sends by hand: each way by a link of its own, whether or not an account is connected."""

from __future__ import annotations

from datetime import timedelta

import pytest

from socialshop.domain import links, pages
from socialshop.flows import share
from socialshop.kernel.database import session, transaction
from socialshop.kernel.errors import NotFound

from ..conftest import START
from ..posted import posted


@pytest.fixture
def mia(world, room):
    return world.creator("mia")


@pytest.fixture
def shop(world, mia):
    brand = world.brand()
    program = world.program(brand, buyer_discount="10")
    world.enroll(program, mia)
    world.code(mia, program, "mia10", discount="10")
    return program, world.product(brand)


def slugs(creator):
    return {(link.channel, link.placement): link.slug for link in links.links_of(creator.id) if link.channel != "page"}


def test_each_way_has_its_own_link_and_the_second_time_nothing_is_written(mia, shop, monkeypatch):
    program, product = shop
    thing = share.product_of(mia.id, product.public_id)
    assert (thing.code, thing.saves, thing.paid, thing.title) == ("MIA10", "10", True, "Kopi Gayo")
    assert thing.price is not None
    assert thing.price.minor == 149_000
    ways = [("other", "share"), ("whatsapp", "share"), ("instagram", "story"), ("tiktok", "story")]
    first = [share.way(mia.id, thing, channel, place, now=START).slug for channel, place in ways]
    assert slugs(mia) == dict(zip(ways, first, strict=True))
    assert {(link.program_id, link.product_id) for link in links.links_of(mia.id)} == {(program.id, product.id)}

    def never():
        raise AssertionError("written again")

    monkeypatch.setattr(share, "transaction", never)
    assert [share.way(mia.id, thing, channel, place, now=START + timedelta(days=1)).slug for channel, place in ways] == first


def test_a_link_that_breaks_while_it_is_made_is_made_the_next_time(mia, shop, monkeypatch):
    thing = share.product_of(mia.id, shop[1].public_id)
    with monkeypatch.context() as broken:
        broken.setattr(links, "ensure_link", lambda **_facts: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            share.way(mia.id, thing, "whatsapp", now=START)
    assert slugs(mia) == {}
    assert share.way(mia.id, thing, "whatsapp", now=START).channel == "whatsapp"


def test_a_program_that_was_left_earns_nothing_by_an_old_link(world, mia, shop):
    program, product = shop
    page = world.page(mia, {"type": "text", "text": "Hi"})
    thing = share.page_of(mia.id, page.public_id)
    assert (thing.code, thing.paid) == ("MIA10", True)
    old = world.link(mia, product=product, channel="whatsapp", placement="share")  # from before the program
    kept = share.way(mia.id, share.product_of(mia.id, product.public_id), "whatsapp", now=START)
    assert (kept.id, kept.program_id) == (old.id, program.id)
    world.enroll(world.program(world.brand("lain"), "Lain"), mia)
    assert share.page_of(mia.id, page.public_id).code == ""  # rather none than one of several


def test_an_own_link_stays_itself_and_one_with_an_end_has_no_other(world, mia, shop):
    program, product = shop
    plain = world.link(mia, product=product, program=program, slug="kopi-mia", channel="instagram", placement="bio")
    thing = share.link_of(mia.id, plain.public_id)
    assert share.way(mia.id, thing, "other", now=START).slug == "kopi-mia"
    assert share.way(mia.id, thing, "instagram", "story", now=START).slug == "kopi-mia"
    assert share.way(mia.id, thing, "whatsapp", now=START).slug != "kopi-mia"
    ends = world.link(mia, url="https://toko.example/b", slug="besok", expires_at=START + timedelta(days=1))
    thing = share.link_of(mia.id, ends.public_id)
    assert {share.way(mia.id, thing, channel, now=START).slug for channel in ("other", "whatsapp", "tiktok")} == {"besok"}


def test_a_post_goes_out_by_links_that_count_to_it(world, mia, shop):
    program, product = shop
    made = posted(world, mia, product, at=START, program=program)["instagram"]
    thing = share.post_of(mia.id, made.post.public_id)
    assert (thing.words, thing.code, thing.paid, thing.title) == ("Iklan. Kopi", "MIA10", True, "Kopi Gayo")
    chat = share.way(mia.id, thing, "whatsapp", now=START)
    assert (chat.post_id, chat.channel, chat.placement) == (made.post.id, "whatsapp", f"post:{made.post.public_id}")
    assert share.way(mia.id, thing, "whatsapp", now=START).id == chat.id
    assert [share.way(mia.id, thing, "instagram", "story", now=START).slug] == made.slugs  # its story is its channel's own
    nothing = share.post_of(mia.id, posted(world, mia, at=START)["instagram"].post.public_id)
    assert nothing.target.url == "/@mia"  # it shows nothing: then the page


def test_nobody_shares_what_is_not_theirs(world, mia, shop):
    other = world.creator("bima")
    page, link = world.page(mia, {"type": "text", "text": "Hi"}), world.link(mia)
    post = posted(world, mia, at=START)["instagram"].post
    for find, public_id in (
        (share.page_of, page.public_id),
        (share.link_of, link.public_id),
        (share.product_of, shop[1].public_id),
        (share.post_of, post.public_id),
    ):
        with pytest.raises(NotFound):
            find(other.id, public_id)
    with transaction():
        pages.take_down(session().get_one(pages.Page, page.id))
    with pytest.raises(NotFound):
        share.page_of(mia.id, page.public_id)
    assert slugs(other) == {}


def test_what_there_is_to_send_leaves_out_what_was_made_for_sending(world, mia, shop):
    page = world.page(mia, {"type": "text", "text": "Hi"})
    mine = world.link(mia, slug="kopi-mia")
    share.way(mia.id, share.page_of(mia.id, page.public_id), "whatsapp", now=START)
    live, products, made = share.things_of(mia.id)
    assert [row.id for row in live] == [page.id]
    assert [offer.product for offer in products] == [shop[1].public_id]
    assert [row.id for row in made] == [mine.id]
