"""The picture for a story: whatever it says, nothing is covered, cut off or drawn over, and its QR can be read."""

from __future__ import annotations

import io
from itertools import combinations

import pytest
import zxingcpp
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFont

from socialshop.domain import links, pages
from socialshop.domain.pages import colours, story, story_picture, themes
from socialshop.domain.pages.story import Box, Words

LETTERS = st.sampled_from("aiMW. -mw1'()/%")
LONG = Words(
    name="W" * 60, handle="@" + "w" * 30, title="W" * 200, price="dari Rp149.000.000.000", sentence="W" * 90,
    code="Kode " + "W" * 20, saves="12.5% lebih murah", hint="Pindai, atau ketuk tautan di bio", disclosure="Iklan",
)  # fmt: skip
FULL = Words(
    name="Rani Setiawati", handle="@rani", title="Kopi Arabika Gayo Wine Process 250 gram", price="Rp149.000",
    sentence="Favoritku setiap pagi", code="Kode RANI10", saves="10% lebih murah", hint="Pindai, atau ketuk tautan di bio",
    disclosure="Iklan",
)  # fmt: skip


def texts(most):
    return st.text(LETTERS, max_size=most).map(lambda text: " ".join(text.split()))


ANY = st.builds(
    Words, name=texts(60).filter(bool), handle=texts(31), title=texts(200), price=texts(22), sentence=texts(90),
    code=texts(25), saves=texts(20), hint=texts(40), disclosure=st.sampled_from(["", "Iklan", "Ad"]),
)  # fmt: skip


def boxes(layout):
    found = [text.box for text in layout.texts if not _in(text.box, layout.panel)]
    return [*found, layout.panel]


def _in(inner: Box, outer: Box) -> bool:
    return outer.left <= inner.left <= inner.right <= outer.right and outer.top <= inner.top <= inner.bottom <= outer.bottom


def _apart(one: Box, other: Box) -> bool:
    return one.right <= other.left or other.right <= one.left or one.bottom <= other.top or other.bottom <= one.top


@pytest.mark.parametrize(("app", "filling"), [("instagram", True), ("tiktok", False)])
@settings(max_examples=60, deadline=None)
@example(words=LONG)
@example(words=FULL)
@example(words=Words(name="R", handle=""))
@given(words=ANY)
def test_every_word_is_in_the_open_and_none_lies_on_another(app, filling, words):
    layout = story.lay_out(words, app, story_picture.measure, filling=filling)
    free = story.frame_of(app)
    assert free.top >= 270
    assert free.bottom <= 1920 - (385 if app == "instagram" else 440)
    assert free.right <= 1080 - (0 if app == "instagram" else 150)
    assert all(_in(box, free) for box in boxes(layout))
    if layout.photo is not None:
        assert all(_apart(layout.photo, box) for box in boxes(layout))
        assert min(layout.photo.bottom, free.bottom) - max(layout.photo.top, free.top) >= 260  # so much of it is in the open
        assert filling or _in(layout.photo, free)
    inside = [layout.qr, *(text.box for text in layout.texts if _in(text.box, layout.panel))]
    assert _in(layout.qr, layout.panel)
    for group in (boxes(layout), inside):
        assert all(_apart(one, other) for one, other in combinations(group, 2))
    said = {text.role: text for text in layout.texts}
    for role, text in said.items():
        pad = 2 * (text.size // 3) if role == "disclosure" else 0
        assert all(story_picture.measure(line, text.size) + pad <= text.box.width for line in text.lines)
        assert len(text.lines) * text.size * story.LEADING <= text.box.height + 1
        assert "".join(text.lines).replace(" ", "") == getattr(words, role).replace(" ", "")  # wrapped, never cut off
    assert set(said) == {role for role in Words.__dataclass_fields__ if getattr(words, role)}
    assert min((text.size for text in layout.texts), default=99) >= 17


def test_usual_words_are_large_and_leave_the_photo_room():
    layout = story.lay_out(FULL, "instagram", story_picture.measure, filling=True)
    assert layout.photo is not None
    assert layout.photo.height > 650
    assert {text.role: text.size for text in layout.texts}["name"] == 60


@pytest.mark.parametrize(
    ("text", "drawn", "lost"),
    [
        ("Rani – “Kopi” … 10 %", "Rani - “Kopi” … 10 %", False),
        ("Café Señorita ß", "Cafe Senorita ss", False),
        ("𝓡𝓪𝓷𝓲 𝐂𝐨𝐟𝐟𝐞𝐞 ＫＯＰＩ", "Rani Coffee KOPI", False),
        ("Rani ☕️👩‍🍳 Kopi", "Rani Kopi", True),
        ("コーヒー Kopi", "Kopi", True),
        ("рани", "", True),
        (" a\n\tb\u200b ", "a b", False),
    ],
)
def test_what_the_font_does_not_have_becomes_plain_or_goes(text, drawn, lost):
    assert story.drawable(text) == drawn
    assert story.loses(text) is lost


def test_the_font_has_every_letter_we_let_through():
    font = ImageFont.load_default(60)
    empty = bytes(font.getmask("\ue123"))
    without = {c for c in story._DRAWN if not c.isspace() and bytes(font.getmask(c)) == empty}
    assert without == set()


def test_a_pages_card_has_no_empty_boxes_either():
    def card(name):
        look = {"preset": themes.DEFAULT, "accent": "#0b6e5f"}
        return pages.card.draw(name=name, handle="rani", theme=look, face=None, photos=[])

    assert card("Zoé – Kopi") == card("Zoe - Kopi") != card("Zo Kopi")
    assert card("рани") == card("rani")


@pytest.mark.parametrize("preset", themes.PRESETS)
def test_every_look_can_be_read(preset):
    look = themes.PRESETS[preset]
    for palette in (look.day, look.night):
        accent = themes.accent_for(look.accent, palette)
        for ink in (palette.ink, palette.soft, accent):
            assert colours.readable(ink, palette.ground, palette.glow, palette.card), (ink, palette)


@pytest.mark.parametrize(
    ("app", "night", "words", "base"),
    [
        ("instagram", False, FULL, "https://toko.example"),
        ("tiktok", True, LONG, "https://a-very-long-name-of-an-install.some-provider.example.co.id"),
    ],
)
def test_the_qr_on_the_picture_leads_to_the_link(app, night, words, base):
    address = f"{base}/l/abcdefg"
    sheet = story_picture.Sheet(words, app, "dusk", "", night, links.qr.modules(address))
    data = story_picture.draw(sheet)
    with Image.open(io.BytesIO(data)) as image:
        assert (image.format, image.size) == ("JPEG", (1080, 1920))
        assert [code.text for code in zxingcpp.read_barcodes(image)] == [address]
        assert _is_quiet(image, story.lay_out(words, app, story_picture.measure).qr, len(sheet.qr))
        small = image.convert("L").resize((540, 960))  # as apps shrink it
        assert [code.text for code in zxingcpp.read_barcodes(small)] == [address]
        covered = [image.crop((0, 0, 1080, 262)), image.crop((0, 1920 - 340, 1080, 1920))]
        assert all(len(part.convert("L").quantize(8).getcolors() or []) and _plain(part) for part in covered)
    assert len(data) < 1_000_000
    assert story_picture.draw(sheet) is data  # asked for again, it is not drawn again


def _is_quiet(image, box, modules):
    """Four modules of white on all sides, whatever the look; the corners are round."""
    quiet = 4 * (box.width // (modules + 8))
    top = image.convert("L").crop((box.left + 16, box.top, box.right - 16, box.top + quiet))
    left = image.convert("L").crop((box.left, box.top + 16, box.left + quiet, box.bottom - 16))
    return min(top.getextrema()[0], left.getextrema()[0]) > 200


def _plain(part):
    """Only the fading ground: no row has a letter's edge in it."""
    grey = part.convert("L")
    return all(
        max(row) - min(row) < 24 for row in (grey.crop((0, y, grey.width, y + 1)).tobytes() for y in range(0, grey.height, 8))
    )
