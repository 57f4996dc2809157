"""Making, publishing and handing out."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from socialshop.domain import links, pages
from socialshop.domain.audit import Actor, entries_of
from socialshop.flows import handout, page
from socialshop.kernel.database import session, transaction
from socialshop.kernel.errors import Forbidden, Invalid, NotFound

from ..conftest import START

pytestmark = pytest.mark.usefixtures("room")
ACTOR = Actor("user", "usr_test", "creator")


@pytest.fixture
def cast(world):
    mia, brand = world.creator("mia"), world.brand()
    program = world.program(brand, landing_url="https://www.kopisenja.example/", buyer_discount="10")
    world.enroll(program, mia)
    return mia, brand, program


def publish(creator, made, revision=None):
    row = pages.page_of(creator.id, made.public_id)
    return page.publish(creator.id, made.public_id, revision or row.revision, own_host="localhost", actor=ACTOR, now=START)


def blocks_for(product):
    return (
        {"type": "product", "item": {"kind": "own", "product": product.public_id}},
        {"type": "collection", "items": [{"kind": "own", "product": product.public_id}, PASTED]},
        {"type": "link", "url": "https://kopisenja.example/langganan", "title": "Langganan"},
        {"type": "link", "url": "https://elsewhere.example/", "title": "Lain"},
        {"type": "heading", "text": "Halo"},
    )


PASTED = {
    "kind": "pasted",
    "url": "https://toko.example/a",
    "title": "Gelas",
    "price_minor": 50_000,
    "currency": "IDR",
    "picture": "",
}


def test_publishing_gives_each_product_and_link_its_own_tracked_link(world, cast):
    mia, brand, program = cast
    product = world.product(brand)
    made = world.page(mia, *blocks_for(product), publish=False)
    version = publish(mia, made)
    rows = {f"{link.placement}:{link.url}": link for link in links.links_of(mia.id)}
    sheet = f"/@mia/p/{product.public_id}"
    earns = {place: link.program_id == program.id for place, link in rows.items()}
    assert earns == {
        f"b001:{sheet}": True, f"b002:{sheet}": True, "b002:https://toko.example/a": False,
        "b003:https://kopisenja.example/langganan": True, "b004:https://elsewhere.example/": False,
    }  # fmt: skip
    assert {link.channel for link in rows.values()} == {"page"}
    assert set(version.content["links"]) == {"b001", "b002/0", "b002/1", "b003", "b004"}
    assert [entry.act for entry in entries_of(mia.public_id)] == ["page.published"]


def test_publishing_twice_is_one_version_and_the_same_links(world, cast):
    mia, brand, _program = cast
    made = world.page(mia, *blocks_for(world.product(brand)), publish=False)
    first, again = publish(mia, made), publish(mia, made)
    assert first.id == again.id
    assert len(links.links_of(mia.id)) == 5
    with transaction():
        row = pages.page_of(mia.id, made.public_id)
        pages.edit(row, 1, lambda draft: pages.edits.without_block(draft, "b005"), now=START)
    second = publish(mia, made)
    assert (second.number, {place: entry["slug"] for place, entry in second.content["links"].items()}) == (
        2, {place: entry["slug"] for place, entry in first.content["links"].items()},
    )  # fmt: skip


def test_a_break_in_the_middle_publishes_nothing(world, cast, monkeypatch):
    mia, brand, _program = cast
    made = world.page(mia, *blocks_for(world.product(brand)), publish=False)
    monkeypatch.setattr("socialshop.flows.page.audit.note", lambda *_a, **_k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        publish(mia, made)
    monkeypatch.undo()
    assert links.links_of(mia.id) == []
    assert pages.published(mia.id) is None
    assert publish(mia, made).number == 1


def test_a_stale_or_empty_page_is_not_published(world, cast):
    mia, brand, _program = cast
    empty = world.page(mia, publish=False)
    with pytest.raises(page.NothingToShow):
        publish(mia, empty)
    full = world.page(mia, *blocks_for(world.product(brand)), slug="dua", publish=False)
    with pytest.raises(pages.StalePage):
        publish(mia, full, revision=7)
    with pytest.raises(NotFound):
        publish(world.creator("ana"), full, revision=1)


def test_only_products_of_ones_own_programs_get_onto_a_page(world, cast):
    mia, brand, _program = cast
    strange = world.product(world.brand("lain"), "Teh")
    own = world.product(brand)
    made = world.page(mia, publish=False)

    def put(product, revision):
        block = {"type": "product", "item": {"kind": "own", "product": product.public_id}}
        return page.put_block(mia.id, made.public_id, revision, block, own_host="localhost", now=START)

    with pytest.raises(Invalid) as refusal:
        put(strange, 1)
    assert refusal.value.fields[0].code == "not_yours"
    assert put(own, 1)


def test_starting_twice_makes_one_page(world, cast):
    mia = cast[0]
    made = [
        page.start(mia.id, preset="mist", first={"type": "product", "item": PASTED}, own_host="localhost", now=START)
        for _ in range(2)
    ]
    assert made[0].id == made[1].id
    assert [block["type"] for block in made[0].draft["blocks"]] == ["product"]
    assert made[0].draft["theme"]["preset"] == "mist"


def test_a_code_takes_the_brands_discount_and_never_more(world, cast):
    mia, _brand, program = cast
    with_it = handout.give_code(mia.id, program.id, actor=ACTOR, now=START)
    without = handout.give_code(mia.id, program.id, code="mia-polos", with_discount=False, actor=ACTOR, now=START)
    assert [(code.code, code.discount) for code in (with_it, without)] == [("mia10", "10"), ("mia-polos", "")]
    way = links.find_link(mia.id, f"code:{with_it.id}", "qr", "mia10")
    assert (way.url, way.program_id) == ("/@mia?code=mia10", program.id)
    assert handout.address_of_code(with_it) == f"/l/{way.slug}"
    handout.retire_code(mia.id, with_it.public_id, actor=ACTOR, now=START)
    handout.retire_code(mia.id, with_it.public_id, actor=ACTOR, now=START)
    acts = [entry.act for entry in entries_of(mia.public_id)]
    assert acts == ["code.retired", "code.made", "code.made"]


def test_no_code_or_link_without_being_in_the_program(world, cast):
    ana, (_mia, brand, program) = world.creator("ana"), cast
    product = world.product(brand)
    with pytest.raises(Forbidden):
        handout.give_code(ana.id, program.id, actor=ACTOR, now=START)
    given = {"kind": "product", "product": product.public_id, "channel": "tiktok"}
    with pytest.raises(Invalid):
        handout.make_link(ana.id, given, own_host="localhost", actor=ACTOR, now=START)
    assert links.codes_of(ana.id) == links.links_of(ana.id) == []


def test_a_link_may_lead_elsewhere_later_under_the_same_slug(world, cast):
    mia, brand, program = cast
    product = world.product(brand)
    given = {"kind": "url", "url": "toko.example/a", "channel": "tiktok", "placement": "Video 12", "slug": "Kopi-Bio"}
    link = handout.make_link(mia.id, given, own_host="localhost", actor=ACTOR, now=START)
    assert (link.slug, link.placement, link.url, link.program_id) == ("kopi-bio", "video-12", "https://toko.example/a", None)
    changed = {"kind": "product", "product": product.public_id}
    handout.change_link(mia.id, link.public_id, changed, own_host="localhost", actor=ACTOR, now=START)
    found = links.find_by_slug("kopi-bio")
    assert (found.url, found.program_id, found.title) == (f"/@mia/p/{product.public_id}", program.id, "Kopi Gayo")
    with pytest.raises(Invalid):
        handout.change_link(
            mia.id, link.public_id, {"kind": "url", "url": "javascript:1"}, own_host="localhost", actor=ACTOR, now=START
        )
    with pytest.raises(NotFound):
        handout.turn_link(world.creator("ana").id, link.public_id, "off", actor=ACTOR, now=START)
    assert session().scalar(select(links.TrackedLink.state).where(links.TrackedLink.id == link.id)) == "live"
