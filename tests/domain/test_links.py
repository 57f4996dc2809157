"""Slugs, codes and destinations."""

from __future__ import annotations

from datetime import timedelta

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from socialshop.domain import links
from socialshop.domain.links import rules
from socialshop.kernel.database import transaction
from socialshop.kernel.errors import Invalid, NotFound

from ..conftest import START


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Bio", "bio"),
        ("  story-12 ", "story-12"),
        ("ＲＡＮＩ", None),
        ("ab", None),
        ("a" * 41, None),
        ("-a-b", None),
        ("a--b", None),
        ("kopi susu", None),
        ("kopi_susu", None),
        ("admin", None),
        ("CHECKOUT", None),
        ("ñam", None),
        ("раni", None),
        ("", None),
    ],
)
def test_a_slug_someone_chose(typed, kept):
    if kept is None:
        with pytest.raises(Invalid) as refusal:
            links.clean_slug(typed)
        assert refusal.value.fields[0].field == "slug"
    else:
        assert links.clean_slug(typed) == kept


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("rani10", "ranilo", True),
        ("rani10", "rani-10", True),
        ("mia", "rnia", True),
        ("wow", "vvow", True),
        ("bill", "b1i1", True),
        ("rani10", "rani20", False),
        ("kopi", "kopy", False),
    ],
)
def test_what_a_hurried_eye_confuses(one, other, same):
    assert (links.look(one) == links.look(other)) is same


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://senja.example/kopi", "https://senja.example/kopi"),
        ("HTTP://Senja.Example/Kopi", "http://senja.example/Kopi"),
        ("senja.example/kopi?x=1#a", "https://senja.example/kopi?x=1#a"),
        ("https://senja.example:8443/a%20b?q=kopi%20susu", "https://senja.example:8443/a%20b?q=kopi%20susu"),
        ("https://tokopedía.com/a", "https://xn--tokopeda-i2a.com/a"),
        ("https://senja.example/kopi-é?rasa=é", "https://senja.example/kopi-%C3%A9?rasa=%C3%A9"),
        ("/@mia/p/prd_1", "/@mia/p/prd_1"),
        ("https://shop.test/@mia", "https://shop.test/@mia"),
        ("https://[2001:db8::1]/a", None),
        ("javascript:alert(1)", None),
        ("JaVaScRiPt:alert(1)", None),
        ("javascript://senja.example/%0aalert(1)", None),
        ("data:text/html,<script>", None),
        ("vbscript:x", None),
        ("ftp://senja.example/kopi", None),
        ("intent://senja.example/#Intent;end", None),
        ("file:///etc/passwd", None),
        ("mailto:a@b.example", None),
        ("//evil.example", None),
        ("/\\evil.example", None),
        ("/%2Fevil.example", None),
        ("/%5Cevil.example", None),
        ("\\\\evil.example", None),
        ("https:\\\\evil.example", None),
        ("https:/evil.example", None),
        ("https://user:pass@senja.example/", None),
        ("https://senja.example@evil.example/", None),
        ("https://senja.example/a\r\nSet-Cookie: x=1", None),
        ("https://senja.example/a\x00", None),
        ("java\tscript:alert(1)", None),
        ("https://senja.example/ a", None),
        ("https://senja\u200b.example/", None),
        ("https://senja.example/\u202egpj.exe", None),
        ("https://", None),
        ("https://senja.example:99999/", None),
        ("https://..example/", None),
        ("", None),
        ("https://senja.example/" + "a" * 2000, None),
        ("/l/abc", None),
        ("/%6C/abc", None),
        ("https://shop.test/l/abc", None),
        ("https://SHOP.test/L/abc", None),
    ],
)
def test_where_a_link_may_lead(typed, kept):
    if kept is None:
        with pytest.raises(Invalid):
            links.clean_destination(typed, own_host="shop.test")
    else:
        assert links.clean_destination(typed, own_host="shop.test") == kept


@given(st.text(max_size=60))
def test_whatever_is_typed_only_http_or_our_paths_come_out(text):
    try:
        url = links.clean_destination(text, own_host="shop.test")
    except Invalid:
        return
    assert url.isascii()
    assert url.isprintable()
    assert "\\" not in url
    assert url.startswith(("https://", "http://", "/"))
    assert not url.startswith("//")
    assert links.clean_destination(url, own_host="shop.test") == url


def test_an_international_host_is_shown_in_both_spellings():
    url = links.clean_destination("https://pаypal.example/")  # a Cyrillic а
    assert "xn--" in links.shown(url)
    assert "pаypal" in links.shown(url)


@pytest.mark.parametrize(
    ("url", "added", "whole"),
    [
        ("https://a.example/", {"utm_source": "ig"}, "https://a.example/?utm_source=ig"),
        ("https://a.example/p?x=1&y=%20b#top", {"utm_source": "ig"}, "https://a.example/p?x=1&y=%20b&utm_source=ig#top"),
        ("https://a.example/p?utm_source=old&x=1", {"utm_source": "ig"}, "https://a.example/p?x=1&utm_source=ig"),
        ("https://a.example/p?utm%5Fsource=old", {"utm_source": "ig"}, "https://a.example/p?utm_source=ig"),
        ("https://a.example/p#frag?not=query", {"c": "1"}, "https://a.example/p?c=1#frag?not=query"),
        ("/@mia/p/prd_1", {"utm_campaign": "lebaran & co"}, "/@mia/p/prd_1?utm_campaign=lebaran%20%26%20co"),
        ("https://a.example/?x", {}, "https://a.example/?x"),
    ],
)
def test_parameters_join_what_is_there(url, added, whole):
    assert links.with_parameters(url, added) == whole


def test_codes_are_made_from_the_handle():
    ideas = iter(rules.code_ideas("rani", "10"))
    assert [next(ideas) for _ in range(3)] == ["rani10", "rani10-2", "rani10-3"]
    assert next(iter(rules.code_ideas("rani", ""))) == "rani"
    assert next(iter(rules.code_ideas("rani", "12.5"))) == "rani12"
    for handle in ("a", "order", "x-y"):
        assert links.clean_code(next(iter(rules.code_ideas(handle, ""))))


@pytest.mark.usefixtures("room")
class TestKept:
    def test_one_link_for_each_creator_target_channel_and_placement(self, world):
        mia, ana = world.creator("mia"), world.creator("ana")
        target = links.url_target("https://toko.example/kopi")
        with transaction():
            made = [
                links.ensure_link(creator_id=who.id, target=target, channel=channel, placement=place, now=START).slug
                for who, channel, place in (
                    (mia, "page", "a"),
                    (mia, "page", "a"),
                    (mia, "page", "b"),
                    (mia, "qr", "a"),
                    (ana, "page", "a"),
                )
            ]
        assert made[0] == made[1]
        assert len(set(made)) == 4
        assert all(len(slug) == 7 and set(slug) <= set(rules.ALPHABET) for slug in made)

    def test_a_generated_slug_that_is_taken_is_drawn_again(self, world, monkeypatch):
        mia = world.creator("mia")
        draws = iter(["same234", "same234", "other23"])
        monkeypatch.setattr("socialshop.domain.links.actions.generated_slug", lambda: next(draws))
        first, second = world.link(mia, url="https://a.example/"), world.link(mia, url="https://b.example/")
        assert (first.slug, second.slug) == ("same234", "other23")

    def test_a_slug_or_its_double_is_given_once(self, world):
        mia, ana = world.creator("mia"), world.creator("ana")
        world.link(mia, slug="promo-10")
        for taken in ("promo-10", "PROMO-10", "promo1o", "prorno10"):
            with pytest.raises(links.SlugTaken):
                world.link(ana, slug=taken)
        assert world.link(ana, slug="promo-20").slug == "promo-20"

    def test_a_second_link_of_the_same_place_names_the_first(self, world):
        mia = world.creator("mia")
        world.link(mia, slug="kopi-bio")
        with pytest.raises(links.LinkExists) as refusal:
            world.link(mia, slug="kopi-bio-2")
        assert refusal.value.slug == "kopi-bio"

    def test_a_code_is_unique_in_the_install_and_never_given_again(self, world):
        mia, ana, program = world.creator("mia"), world.creator("ana"), world.program(world.brand())
        code = world.code(mia, program, "RANI10")
        with transaction():
            assert links.retire_code(code, now=START)
            assert not links.retire_code(code, now=START)
        for taken in ("rani10", "Rani10", "rani1o", "rani-10"):
            with pytest.raises(links.CodeTaken):
                world.code(ana, program, taken)
        assert links.find_code(" rAnI10 ").id == code.id
        assert links.live_code(mia.id, program.id) is None

    def test_a_made_code_avoids_those_in_use(self, world):
        mia, ana, program = world.creator("mia"), world.creator("ana"), world.program(world.brand())
        world.code(ana, program, "mia10")
        assert world.code(mia, program, discount="10").code == "mia10-2"

    def test_a_strangers_link_and_code_are_not_found(self, world):
        mia, ana, program = world.creator("mia"), world.creator("ana"), world.program(world.brand())
        link, code = world.link(mia), world.code(mia, program, "mia10")
        with pytest.raises(NotFound):
            links.link_of(ana.id, link.public_id)
        with pytest.raises(NotFound):
            links.code_of(ana.id, code.public_id)

    def test_live_until_its_end_which_is_not_part_of_it(self, world):
        link = world.link(world.creator("mia"), expires_at=START + timedelta(days=1))
        assert links.is_live(link, now=START)
        assert not links.is_live(link, now=START + timedelta(days=1))


@pytest.mark.parametrize("text", ["https://toko.example/l/ab2cd3e", "http://localhost:8000/@rani?code=rani10"])
def test_a_qr_says_what_was_put_in(text, tmp_path):
    import io

    from PIL import Image

    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(links.qr.png(text))))
    assert [code.text for code in found] == [text]
    assert Image.open(io.BytesIO(links.qr.png(text))).width >= 1024
    assert [code.text for code in zxingcpp.read_barcodes(_drawn(links.qr.svg(text).decode()))] == [text]


def _drawn(svg: str):
    """A QR's SVG as pixels: its one path is squares M x,y H … V … H … Z, in millimetres."""
    import re

    from PIL import Image, ImageDraw

    wide = float(re.search(r'viewBox="0 0 ([\d.]+)', svg)[1])
    scale = 8 * 41 / wide
    image = Image.new("L", (int(wide * scale), int(wide * scale)), 255)
    pen = ImageDraw.Draw(image)
    path = re.search(r'<path[^>]* d="([^"]+)"', svg)[1]
    for x, y, right, down in re.findall(r"M([\d.]+),([\d.]+)H([\d.]+)V([\d.]+)H[\d.]+[zZ]", path):
        pen.rectangle((float(x) * scale, float(y) * scale, float(right) * scale - 0.5, float(down) * scale - 0.5), fill=0)
    return image
