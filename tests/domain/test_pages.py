"""Page documents, their edits, and colours people can read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialshop.domain import links, pages
from socialshop.domain.pages import colours, edits, themes
from socialshop.kernel.clock import rfc3339
from socialshop.kernel.database import transaction
from socialshop.kernel.errors import Invalid, NotFound

from ..conftest import START


def clean(**block):
    return pages.clean_block({"id": "b001", **block}, clean_url=lambda url, field: links.clean_destination(url, field=field))


PASTED = {
    "kind": "pasted",
    "url": "https://toko.example/a",
    "title": "Kopi",
    "price_minor": 1000,
    "currency": "IDR",
    "picture": "",
}


@pytest.mark.parametrize(
    ("block", "wrong"),
    [
        ({"type": "link", "url": "https://a.example", "title": "A"}, set()),
        ({"type": "link", "url": "javascript:alert(1)", "title": ""}, {"url", "title"}),
        ({"type": "link", "url": "https://a.example", "title": "A" * 81}, {"title"}),
        ({"type": "heading", "text": "Halo"}, set()),
        ({"type": "heading", "text": "  "}, {"text"}),
        ({"type": "text", "text": "a\n" * 41}, {"text"}),
        ({"type": "image", "picture": "pic_abcdefgh", "alt": ""}, set()),
        ({"type": "image", "picture": "../../etc/passwd"}, {"picture"}),
        ({"type": "image", "picture": "pic_abcdefgh", "url": "data:x"}, {"url"}),
        ({"type": "product", "item": {"kind": "own", "product": "prd_abcdefgh"}}, set()),
        ({"type": "product", "item": {"kind": "own", "product": "prd_x' OR 1"}}, {"item"}),
        ({"type": "product", "item": None}, {"item"}),
        ({"type": "product", "item": PASTED}, set()),
        ({"type": "product", "item": {**PASTED, "price_minor": 10.5}}, {"price"}),
        ({"type": "product", "item": {**PASTED, "price_minor": True}}, {"price"}),
        ({"type": "product", "item": {**PASTED, "price_minor": -1}}, {"price"}),
        ({"type": "product", "item": {**PASTED, "currency": "XXX"}}, {"price"}),
        ({"type": "product", "item": {**PASTED, "url": "//evil.example"}}, {"url"}),
        ({"type": "collection", "items": []}, {"items"}),
        ({"type": "collection", "items": [PASTED] * 25}, {"items"}),
        ({"type": "collection", "items": [PASTED, {"kind": "own", "product": ""}]}, {"items/1"}),
        ({"type": "social", "items": []}, {"items"}),
        ({"type": "social", "items": [{"network": "tiktok", "url": "https://evil.example/@a"}]}, {"tiktok"}),
        ({"type": "social", "items": [{"network": "tiktok", "url": "https://tiktok.com.evil.example/@a"}]}, {"tiktok"}),
        ({"type": "social", "items": [{"network": "instagram", "url": "javascript:alert(1)"}]}, {"instagram"}),
        ({"type": "social", "items": [{"network": "email", "url": "a@b.example?bcc=x@y.example"}]}, {"email"}),
        ({"type": "social", "items": [{"network": "myspace", "url": "a"}]}, {"network"}),
        ({"type": "script", "text": "x"}, {"type"}),
        ({"type": "heading", "text": "x", "from": "tomorrow"}, {"from"}),
        ({"type": "heading", "text": "x", "from": "2026-06-02T00:00:00Z", "until": "2026-06-01T00:00:00Z"}, {"until"}),
        ({"type": "heading", "text": "x", "id": "<b>"}, {"id"}),
    ],
)
def test_what_a_block_may_be(block, wrong):
    if not wrong:
        assert clean(**block)["type"] == block["type"]
        return
    with pytest.raises(Invalid) as refusal:
        clean(**block)
    assert {field.field for field in refusal.value.fields} == wrong


def test_unknown_fields_and_control_characters_do_not_get_in():
    block = clean(type="heading", text="Ha\x00lo\u0007 du\u0308nia\n lagi", onclick="x")
    assert block["text"] == "Halo dünia lagi"
    assert "onclick" not in block


@pytest.mark.parametrize(
    ("network", "typed", "url"),
    [
        ("instagram", "@rani.ngopi", "https://www.instagram.com/rani.ngopi"),
        ("tiktok", "rani", "https://www.tiktok.com/@rani"),
        ("tiktok", "tiktok.com/@rani", "https://tiktok.com/@rani"),
        ("whatsapp", "0812 3456 7890", "https://wa.me/6281234567890"),
        ("whatsapp", "+62 812-3456-7890", "https://wa.me/6281234567890"),
        ("youtube", "https://youtu.be/abc", "https://youtu.be/abc"),
        ("email", "rani@example.com", "mailto:rani@example.com"),
    ],
)
def test_a_name_becomes_an_address(network, typed, url):
    assert clean(type="social", items=[{"network": network, "url": typed}])["items"] == [{"network": network, "url": url}]


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ({}, True),
        ({"hidden": True}, False),
        ({"from": rfc3339(START)}, True),
        ({"from": rfc3339(START + timedelta(seconds=1))}, False),
        ({"until": rfc3339(START)}, False),
        ({"until": rfc3339(START + timedelta(seconds=1))}, True),
    ],
)
def test_a_schedule_is_half_open(facts, shown):
    assert pages.is_shown(clean(type="heading", text="x", **facts), now=START) is shown


class TestEdits:
    def page(self):
        document = pages.blank("Mia")
        for n in "abc":
            document = edits.with_block(document, pages.clean_block({"id": n * 4, "type": "heading", "text": n}, clean_url=str))
        return document

    def order(self, document):
        return "".join(block["text"] for block in document["blocks"])

    @pytest.mark.parametrize(
        ("block", "by", "order"),
        [("aaaa", 1, "bac"), ("aaaa", -1, "abc"), ("cccc", -1, "acb"), ("cccc", 5, "abc"), ("bbbb", -1, "bac")],
    )
    def test_move(self, block, by, order):
        assert self.order(edits.moved(self.page(), block, by)) == order

    def test_order_keeps_what_it_does_not_name(self):
        assert self.order(edits.ordered(self.page(), ["cccc", "nope"])) == "cab"

    def test_the_document_before_stays_as_it_was(self):
        before = self.page()
        edits.without_block(before, "bbbb")
        edits.hidden(before, "aaaa", True)
        assert self.order(before) == "abc"
        assert not before["blocks"][0]["hidden"]

    def test_a_block_that_is_not_there(self):
        for change in (edits.without_block, edits.block_of):
            with pytest.raises(NotFound):
                change(self.page(), "zzzz")
        with pytest.raises(NotFound):
            edits.moved(self.page(), "zzzz", 1)

    def test_a_page_is_not_endless(self):
        document = pages.blank("Mia")
        with pytest.raises(Invalid):  # noqa: PT012
            for n in range(101):
                document = edits.with_block(document, {"id": f"b{n:03}", "type": "heading", "text": "x"})


class TestColours:
    @pytest.mark.parametrize(
        ("one", "other", "ratio"),
        [("#000000", "#ffffff", 21), ("#ffffff", "#ffffff", 1), ("#777777", "#ffffff", 4.48), ("#ff0000", "#ffffff", 4.0)],
    )
    def test_contrast_as_wcag_defines_it(self, one, other, ratio):
        assert colours.contrast(one, other) == pytest.approx(ratio, abs=0.01)

    @given(st.integers(0, 0xFFFFFF), st.sampled_from(sorted(themes.PRESETS)))
    def test_every_accent_becomes_readable_on_every_look_by_day_and_night(self, number, key):
        accent = f"#{number:06x}"
        for palette in (themes.PRESETS[key].day, themes.PRESETS[key].night):
            ready = themes.accent_for(accent, palette)
            for ground in (palette.ground, palette.glow, palette.card):
                assert colours.contrast(ready, ground) >= 4.5
            assert colours.contrast(colours.ink_on(ready), ready) >= 4.5

    @pytest.mark.parametrize("preset", themes.PRESETS.values(), ids=lambda p: p.key)
    def test_our_own_looks_are_readable(self, preset):
        for palette in (preset.day, preset.night):
            for ground in (palette.ground, palette.glow, palette.card):
                assert colours.contrast(palette.ink, ground) >= 7
                assert colours.contrast(palette.soft, ground) >= 4.5
        assert themes.clean({"preset": preset.key, "accent": ""})["accent"] == preset.accent

    def test_an_unreadable_accent_is_refused_with_an_offer_that_is_taken(self):
        with pytest.raises(themes.Unreadable) as refusal:
            themes.clean({"preset": "sand", "accent": "#ffee88"})
        offered = refusal.value.offered
        assert themes.clean({"preset": "sand", "accent": offered})["accent"] == offered

    def test_the_offer_is_near_and_of_the_same_hue(self):
        red, green, blue = (int(colours.nearest_readable("#ff4040", "#ffffff")[i : i + 2], 16) for i in (1, 3, 5))
        assert red > 180
        assert abs(green - blue) < 30

    @pytest.mark.parametrize("text", ["red", "#12", "#12345g", "expression(1)", "#123456;}", "", "url(x)"])
    def test_only_colours_get_into_the_style(self, text):
        if text:
            with pytest.raises(Invalid):
                themes.clean({"preset": "sand", "accent": text})
        assert "<" not in themes.variables("sand", text)
        assert text == "" or text not in themes.variables("sand", text)

    def test_an_unknown_look_is_refused(self):
        with pytest.raises(Invalid):
            themes.clean({"preset": "x}body{", "accent": ""})


@pytest.mark.usefixtures("room")
class TestKept:
    def make(self, world):
        return world.page(world.creator("mia"), {"type": "heading", "text": "satu"}, publish=False)

    def rename(self, name):
        return lambda draft: edits.with_profile(draft, {"name": name, "bio": "", "avatar": ""})

    def test_a_stale_edit_is_refused_and_overwrites_nothing(self, world):
        page = self.make(world)
        with transaction():
            assert pages.edit(pages.page_of(page.creator_id, page.public_id), 1, self.rename("Dua"), now=START)
        with pytest.raises(pages.StalePage), transaction():
            pages.edit(pages.page_of(page.creator_id, page.public_id), 1, self.rename("Tiga"), now=START)
        found = pages.page_of(page.creator_id, page.public_id)
        assert (found.revision, found.draft["profile"]["name"]) == (2, "Dua")

    def test_the_row_itself_refuses_a_stale_write(self, world):
        """What the reader missed (another process wrote in between), the conditional UPDATE finds."""
        from sqlalchemy import update
        from sqlalchemy.orm.attributes import set_committed_value

        page = self.make(world)
        with pytest.raises(pages.StalePage), transaction() as current:  # noqa: PT012
            row = pages.page_of(page.creator_id, page.public_id)
            current.execute(
                update(pages.Page).where(pages.Page.id == row.id).values(revision=9).execution_options(synchronize_session=False)
            )
            set_committed_value(row, "revision", 1)
            pages.edit(row, 1, self.rename("Tiga"), now=START)

    def test_undo_brings_back_each_step(self, world):
        page = self.make(world)
        for n, name in enumerate(("Dua", "Tiga"), 1):
            with transaction():
                pages.edit(pages.page_of(page.creator_id, page.public_id), n, self.rename(name), now=START)
        names = []
        for revision in (3, 4, 5):
            with transaction():
                done = pages.undo(pages.page_of(page.creator_id, page.public_id), revision, now=START)
            names.append((done, pages.page_of(page.creator_id, page.public_id).draft["profile"]["name"]))
        assert names == [(True, "Dua"), (True, "Mia"), (False, "Mia")]

    def test_an_edit_that_changes_nothing_is_none(self, world):
        page = self.make(world)
        with transaction():
            assert not pages.edit(pages.page_of(page.creator_id, page.public_id), 1, dict, now=START)
        assert pages.page_of(page.creator_id, page.public_id).revision == 1

    def test_a_version_comes_back_as_the_draft_and_can_be_undone(self, world):
        page = self.make(world)
        world.publish(world_creator(page), page)
        with transaction():
            pages.edit(pages.page_of(page.creator_id, page.public_id), 1, self.rename("Dua"), now=START)
        with transaction():
            pages.restore(pages.page_of(page.creator_id, page.public_id), 1, 2, now=START)
        found = pages.page_of(page.creator_id, page.public_id)
        assert (found.revision, found.draft["profile"]["name"], pages.is_ahead(found)) == (3, "Mia", False)
        with transaction():
            pages.undo(found, 3, now=START)
        assert pages.page_of(page.creator_id, page.public_id).draft["profile"]["name"] == "Dua"

    def test_one_page_for_each_address_and_no_reserved_one(self, world):
        mia = world.creator("mia")
        world.page(mia, publish=False)
        for slug in ("", "p", "a", "Kopi!", "-x"):
            with pytest.raises(Invalid), transaction():
                pages.make(mia.id, slug=slug, document=pages.blank("Mia"), now=START)

    def test_a_strangers_page_is_not_found(self, world):
        page = self.make(world)
        with pytest.raises(NotFound):
            pages.page_of(page.creator_id + 1, page.public_id)


def world_creator(page):
    from socialshop.domain import people

    return people.get_creator(page.creator_id)


def test_the_latest_posts_stand_above_the_first_product_and_once():
    goods = clean(type="product", item={"kind": "own", "product": "prd_abcdefgh"})
    document = {**pages.blank("Mia"), "blocks": [clean(type="heading", text="Halo"), goods]}
    assert [block["type"] for block in edits.with_latest(document)["blocks"]] == ["heading", "latest", "product"]
    placed = edits.placing_latest(document, "b009")
    assert edits.placing_latest(placed, "b010") == placed == edits.with_latest(placed)
    assert [block["id"] for block in placed["blocks"]] == ["b001", "b009", "b001"]
    twice = {**document, "blocks": [clean(type="latest", id=f"b00{n}", title="Baru") for n in (1, 2)]}
    with pytest.raises(Invalid):
        pages.clean_document(twice, clean_url=lambda url, _field: url)
