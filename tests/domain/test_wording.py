"""A caption says first that it is an ad, always has its code, and never is too long without saying so."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from socialshop.domain.social import forms, plain, remarks, wording
from socialshop.domain.social.forms import Aim, Form, Offered, Picked
from socialshop.domain.social.remarks import Case
from socialshop.domain.social.sayings import SAYINGS
from socialshop.domain.social.wording import SELF_ONLY, Showing

TURNS = "\u202e\u2066\u200f\u061c\u2069"
UNSEEN = "\u200b\u2060\ufeff\u00ad\u3164\u034f"
NASTY = st.text(
    st.sampled_from(f"ab #@＃é\u0301\n\r\t{TURNS}{UNSEEN}\u200d\u200c\u2800👩💻🏽\U000e0067\0\ud800Iklan·") | st.characters(),
    max_size=60,
)
WHERE = st.sampled_from(
    [("instagram", "image"), ("instagram", "carousel"), ("instagram", "reel"), ("tiktok", "video"), ("tiktok", "photos")]
)
CODES = st.from_regex(r"[a-z][a-z0-9]{2,8}(-[0-9])?", fullmatch=True)
THINGS = st.lists(st.builds(Showing, NASTY, NASTY, CODES, st.just("toko.example/l/•••••••")), min_size=1, max_size=4)


@settings(max_examples=60)
@given(WHERE, NASTY, NASTY, NASTY, THINGS, st.sampled_from(["id", "en", "xx"]), st.sampled_from(["brand", "own"]), st.booleans())
@example(("instagram", "image"), "Iklan\n", "", "\u202enalkI", [Showing("#x @y", "", "kopi10", "t/l/1")], "id", "brand", True)
@example(("tiktok", "photos"), "kopi10", "Adakah", "", [Showing("", "", "kopi10", "t/l/1")], "id", "own", False)
def test_disclosure_is_first_and_code_and_link_are_there(where, typed, title, note, things, language, promotes, names):
    disclosure = wording.disclosure_of(promotes, language, note)
    made = wording.words(*where, typed=typed, title=title, disclosure=disclosure, showing=things, language=language, names=names)
    assert wording.discloses(made.caption)
    assert made.caption.startswith(f"{disclosure}\n\n")
    assert not made.title or wording.discloses(made.title)
    for thing in things:
        assert plain.has_word(made.caption, thing.code)
        assert (thing.link in made.caption) == (where[0] == "tiktok")  # an Instagram caption has no link that leads anywhere
    for text in (made.caption, made.title):
        assert not set(text) & set(TURNS + UNSEEN + "\0\ud800\r\t")
        assert plain.text(text) == text  # nothing is left to be made harmless, so what was shown is what is looked for again
    assert made.caption.startswith(made.before)
    assert made.caption.endswith(made.after)
    tags = plain.hashtags(plain.text(typed)) + plain.hashtags(disclosure)
    assert plain.hashtags(made.caption) <= tags  # no product's name adds one


@given(
    WHERE,
    st.integers(0, 6000),
    st.sampled_from(["a", "é", "👍", "😀\u200d", "#kopi ", "#قهوة ", "＃咖啡 ", "@mia ", "\n", " "]),
    st.sampled_from(["", "Judul " * 20]),
)
def test_a_limit_is_never_passed_in_silence(where, times, piece, title):
    limits = wording.limits_of(*where, hashtags=5)
    made = wording.words(*where, typed=piece * times, title=title, disclosure="Iklan", showing=[], language="id", names=False)
    told = {one.saying.code for one in remarks.remarks(Case(*_place(where), words=made, limits=limits, privacy=SELF_ONLY))}
    length = len(made.caption) if where[0] == "instagram" else len(made.caption.encode("utf-16-le")) // 2
    most = 4000 if where[1] == "photos" else 2200
    assert ("many_characters" in told) == (length > most)
    if where[0] == "instagram":
        assert ("many_hashtags" in told) == (piece[0] in "#＃" and times > 5)
        assert ("many_mentions" in told) == (piece[0] == "@" and times > 20)
    assert ("many_title" in told) == (where[1] == "photos" and len(made.title.encode("utf-16-le")) // 2 > 90)
    assert all(SAYINGS[code].stops for code in told - {"dead_address", "label_by_hand"})


def _place(where):
    return where[0], where[0], where[1]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Pagi \r\n\r\n\r\n\r\n\r\nsore\t!  ", "Pagi\n\n\nsore !"),
        ("   \n \u2800 \u200b ", ""),
        ("\u2800\n\u3164\u0301", ""),
        ("ra\u200bni\u200c10\u00ad", "rani10"),  # a code that would not look like what it is
        ("\u202eابق\u202c", "ابق"),
        ("👩\u200d💻 👩🏽\u200d🚀 🏴\U000e0067\U000e0062\U000e007f", "👩\u200d💻 👩🏽\u200d🚀 🏴\U000e0067\U000e0062\U000e007f"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # the joiners of other scripts
        ("a\U000e0067\U000e0062", "a"),  # tags that hide text
        ("e\u0301", "é"),
        ("x\0\ud800\ufffe\ue000y", "xy"),
        ("a\u2028b\u2029c", "a\nb\nc"),
    ],
)
def test_what_was_typed_is_made_harmless(typed, kept):
    assert plain.text(typed) == kept
    assert unicodedata.is_normalized("NFC", kept)


@pytest.mark.parametrize(
    ("said", "tags", "people"),
    [
        ("#kopi #قهوة #咖啡 ＃コーヒー #कॉफ़ी", 5, 0),
        ("#a#b ##c #1", 4, 0),
        ("# # #. #️⃣ 5# (#)", 0, 0),
        ("#☕", 1, 0),
        ("@mia @rani.kopi ＠teh a@b.id @ @!", 0, 4),
    ],
)
def test_tags_are_counted_in_every_script(said, tags, people):
    assert (plain.hashtags(said), plain.mentions(said)) == (tags, people)


@pytest.mark.parametrize(
    ("note", "language", "first"),
    [
        ("", "id", "Iklan · berisi tautan/kode afiliasi"),
        ("", "en", "Ad · contains affiliate links/codes"),
        ("  \u200b ", "en", "Ad · contains affiliate links/codes"),
        ("#iklan dari Senja", "id", "#iklan dari Senja"),
        ("kerja sama\ndengan Senja", "id", "Iklan · kerja sama dengan Senja"),
        ("Adakah", "id", "Iklan · Adakah"),  # begins with "ad", and says nothing of an ad
        ("Ad-free, honest", "en", "Ad · Ad-free, honest"),  # or says that it is none
        ("Iklan? Bukan!", "id", "Iklan · Iklan? Bukan!"),
        ("Iklan kerja sama", "id", "Iklan kerja sama"),
    ],
)
def test_a_disclosure_says_that_it_is_an_ad(note, language, first):
    assert wording.disclosure_of("brand", language, note) == first
    assert wording.disclosure_of("nothing", language, note) == ""


def test_only_what_earns_says_that_it_does():
    assert wording.disclosure_of("brand", "id", earns=False) == "Iklan · kerja sama dengan merek"
    assert wording.disclosure_of("own", "en", earns=False) == "Ad · my own products"


def test_what_is_said_once_is_not_said_twice():
    [thing] = [Showing("Kopi", "Senja", "rani10", "toko.example/l/x")]
    first = wording.disclosure_of("brand", "id")
    made = wording.words(
        "tiktok", "video", typed=f"{first}\nPakai Kode RANI10!", title="", disclosure=first, showing=[thing, thing], language="id",
        names=False,
    )  # fmt: skip
    assert made.caption.count("Iklan") == made.caption.upper().count("RANI10") == 1
    codes = [Showing("Kopi", "Senja", "rani10"), Showing("Teh", "Teduh", "rani5"), Showing("Gula", "Senja", "rani10")]
    made = wording.words("instagram", "image", typed="Pagi", title="", disclosure="", showing=codes, language="id", names=True)
    assert made.caption == "Pagi\n\nKopi, Teh, Gula\nKode RANI10 · Senja\nKode RANI5 · Teduh\nLink di bio"


def test_only_a_disclosure_that_was_typed_is_taken_for_one():
    def said(typed):
        return wording.words(
            "tiktok", "video", typed=typed, title="", disclosure="Ad", showing=[], language="en", names=False
        ).caption  # fmt: skip

    assert said("Adik saya suka") == "Ad\n\nAdik saya suka"
    assert said("Ad hoc") == "Ad\n\nAd hoc"
    assert said("ad\n\nPagi") == said("AD: Pagi") == "Ad\n\nPagi"
    assert said("Ad") == "Ad"


@pytest.mark.parametrize(
    "typed",
    [
        "-MIA10-", "_mia10_", "#KodeMIA10", "M I A 1 0", "m.i.a.1.0", "MIA\u033610", "M\u0332I\u0332A\u033210", "МІА10",  # Cyrillic
        "ΜΙΑ10", "ᴍɪᴀ10", "𝗠𝗜𝗔𝟭𝟬", "🅼🅸🅰10", "\U0001f1f2\U0001f1ee\U0001f1e61\ufe0f\u20e30\ufe0f\u20e3", "MlA1O",
    ],
)  # fmt: skip
def test_a_code_is_found_however_it_is_dressed_up(typed):
    assert wording.typed_codes(f"Pakai {typed} ya", ["mia10", "mia"]) == ["mia10"]


def test_hostile_text_is_read_at_once():
    began = time.process_time()
    for piece in ("a-", "a.", "a.aa", "m i a ", "aa.bb-"):
        typed = piece * (wording.MOST_TYPED // len(piece))
        assert not plain.ADDRESS.search(typed)
        assert not wording.typed_codes(typed, ["mia10"])
    assert time.process_time() - began < 1


def test_codes_and_links_that_were_typed_are_found():
    assert wording.typed_codes("pakai RA\u200bNI10, ya", ["rani10", "rani"]) == ["rani10"]
    assert wording.typed_codes("rani10x rani10-2 xrani10", ["rani10"]) == []
    assert wording.typed_links("https://Toko.example/l/abc toko.example/l/d-e tokoxexample/l/f", "toko.example") == ["abc", "d-e"]
    assert wording.typed_links("/l/abc", "") == []


@pytest.mark.parametrize(
    ("provider", "kind", "files", "there"),
    [
        ("instagram", "photos", 1, "image"), ("instagram", "photos", 2, "carousel"), ("instagram", "video", 1, "reel"),
        ("instagram", "story", 1, "story"), ("tiktok", "carousel", 3, "photos"), ("tiktok", "image", 1, "photos"),
        ("tiktok", "reel", 1, "video"), ("tiktok", "story", 1, ""),
    ],
)  # fmt: skip
def test_a_kind_of_post_on_a_channel(provider, kind, files, there):
    assert wording.kind_on(provider, kind, files) == there


def test_every_saying_has_its_own_word_and_place():
    assert len({each.message for each in SAYINGS.values()}) == len(SAYINGS)
    fields = {*Form.__dataclass_fields__, *Aim.__dataclass_fields__}
    assert {each.field for each in SAYINGS.values()} <= fields


@settings(max_examples=30)
@given(
    st.builds(
        Form, st.sampled_from(["", *forms.KINDS]), NASTY, NASTY, st.lists(st.builds(Picked, CODES, NASTY)).map(tuple),
        st.lists(st.builds(Offered, st.sampled_from(forms.OFFER_KINDS), CODES)).map(tuple),
        st.lists(st.builds(Aim, CODES, NASTY, CODES, st.booleans(), draft=st.booleans())).map(tuple),
        st.sampled_from(forms.COMMERCIAL), st.booleans(), NASTY, st.booleans(), st.none() | st.datetimes(timezones=st.timezones()),
    )
)  # fmt: skip
def test_a_form_is_read_as_it_was_kept(form):
    kept = forms.document(form)
    again = forms.read(kept)
    assert forms.document(again) == kept
    assert (again.kind, again.offers, again.commercial, again.disclose) == (
        form.kind,
        form.offers,
        form.commercial,
        form.disclose,
    )
    assert again.publish_at == form.publish_at
    assert forms.read({"kind": 7, "uploads": "x", "targets": [None, {"channel": 3}], "publish_at": "soon"}).targets == (Aim(""),)
