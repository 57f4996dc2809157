"""What each channel takes, and that whatever we mend ourselves always fits."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socialshop.domain.social import MediaFacts, fits

MEGABYTE = 1024 * 1024


def picture(width=1080, height=1350):
    return MediaFacts("image", "image/jpeg", 200_000, "a" * 64, width, height)


def film(**other):
    facts = {
        "kind": "video", "media_type": "video/mp4", "size": 9 * MEGABYTE, "sha256": "b" * 64, "width": 1080, "height": 1920,
        "milliseconds": 12_000, "codec": "h264", "rate": 29_970, "audio": "aac", "audio_rate": 44_100,
    }  # fmt: skip
    return MediaFacts(**{**facts, **other})


REEL, STORY, VIDEO = ("instagram", "reel"), ("instagram", "story"), ("tiktok", "video")


@pytest.mark.parametrize(
    ("where", "media", "codes"),
    [
        (("instagram", "image"), [picture()], []),
        (("instagram", "image"), [film()], ["want_picture"]),
        (("instagram", "image"), [picture(), picture()], ["one_file"]),
        (("instagram", "image"), [picture(1000, 1251)], []),  # a point of difference is no margin
        (("instagram", "image"), [picture(1000, 1300)], ["padded"]),
        (("instagram", "image"), [picture(1000, 1250)], []),
        (("instagram", "image"), [picture(1910, 1000)], []),
        (("instagram", "image"), [picture(1920, 1000)], ["padded"]),
        (("instagram", "image"), [picture(200, 200)], ["enlarged"]),
        (("instagram", "image"), [picture(0, 0)], []),  # of what is not known nothing is said
        (("instagram", "carousel"), [picture()], ["few_files"]),
        (("instagram", "carousel"), [picture()] * 10, []),
        (("instagram", "carousel"), [picture()] * 11, ["many_files"]),
        (("instagram", "carousel"), [picture(), picture(1080, 1080)], ["padded"]),
        (("instagram", "carousel"), [picture(), film()], ["film_cropped"]),
        (("instagram", "carousel"), [film(height=1350), picture(1080, 1350)], []),
        (REEL, [film()], []),
        (REEL, [picture()], ["want_film"]),
        (REEL, [film(milliseconds=2_999)], ["film_short"]),
        (REEL, [film(milliseconds=900_000)], []),
        (REEL, [film(milliseconds=900_001)], ["film_long"]),
        (REEL, [film(size=300 * MEGABYTE)], []),
        (REEL, [film(size=300 * MEGABYTE + 1)], ["film_heavy"]),
        (REEL, [film(rate=22_999)], ["film_slow"]),
        (REEL, [film(rate=23_976)], []),
        (REEL, [film(rate=60_000)], []),
        (REEL, [film(rate=120_000)], ["film_slow"]),
        (REEL, [film(width=1921)], ["film_wide"]),
        (REEL, [film(width=10, height=1001)], ["film_ratio"]),
        (REEL, [film(codec="vp9")], ["film_codec"]),
        (REEL, [film(media_type="video/webm", codec="vp9")], ["film_type"]),
        (REEL, [film(audio="mp3")], ["film_sound"]),
        (REEL, [film(audio_rate=96_000)], ["film_sound"]),
        (REEL, [film(audio="", audio_rate=0)], []),
        (REEL, [MediaFacts("video", "video/mp4", 9, "b" * 64)], []),
        (STORY, [film(milliseconds=60_000)], []),
        (STORY, [film(milliseconds=60_001)], ["film_long"]),
        (STORY, [film(size=101 * MEGABYTE)], ["film_heavy"]),
        (STORY, [picture(1080, 1920)], []),
        (STORY, [picture(1080, 1080)], ["padded"]),
        (VIDEO, [film()], []),
        (VIDEO, [film(media_type="video/webm", codec="vp9", audio="opus")], []),
        (VIDEO, [film(codec="av1")], ["film_codec"]),
        (VIDEO, [film(width=359)], ["film_small"]),
        (VIDEO, [film(height=4097)], ["film_large"]),
        (VIDEO, [film(milliseconds=600_001)], ["film_long"]),
        (VIDEO, [film(size=4_001 * MEGABYTE)], ["film_heavy"]),
        (("tiktok", "photos"), [picture()] * 35, []),
        (("tiktok", "photos"), [picture()] * 36, ["many_files"]),
        (("tiktok", "photos"), [picture(), film()], ["want_picture"]),
        (("tiktok", "photos"), [picture(1440, 1800)], []),  # made smaller, which is no news
    ],
)
def test_what_is_said_of_files(where, media, codes):
    assert [each.code for each in fits.complaints(*where, media)] == codes


def test_the_account_may_take_less_and_each_file_is_named():
    [long] = fits.complaints("tiktok", "video", [film(milliseconds=61_000)], longest=60)
    assert long.message.format(**long.facts) == "This video is 1:01 long; TikTok takes at most 1:00 here. Please cut it."
    assert (long.position, long.mended, long.remark.saying.field) == (0, False, "uploads")
    found = fits.complaints("instagram", "carousel", [picture(), film(rate=15_000), picture(500, 2000)])
    assert [(each.position, each.message.format(**each.facts)[:3], each.mended) for each in found] == [
        (1, "2: ", False), (1, "2: ", True), (2, "3: ", True),
    ]  # fmt: skip


sides = st.tuples(st.integers(16, 2560), st.integers(16, 2560))


def within(canvas, inner):
    return 1 <= inner[0] <= canvas[0] and 1 <= inner[1] <= canvas[1] and (inner[0] == canvas[0] or inner[1] == canvas[1])


@settings(max_examples=150, deadline=None)
@given(st.lists(sides, min_size=1, max_size=10), st.sampled_from(["image", "carousel"]))
def test_what_is_mended_always_fits_instagram(shapes, kind):
    media = [picture(*each) for each in (shapes if kind == "carousel" else shapes[:1])]
    mended = fits.mends("instagram", kind, media)
    after = [mended[place].canvas if place in mended else (item.width, item.height) for place, item in enumerate(media)]
    for width, height in after:
        assert 4 * height <= 5 * width
        assert 100 * width <= 191 * height
        assert 320 <= width <= 1440
    first = after[0]
    assert all(abs(width * first[1] - first[0] * height) <= first[0] * height // 100 + 1 for width, height in after)
    assert all(within(each.canvas, each.inner) for each in mended.values())
    again = fits.mends("instagram", kind, [picture(*each) for each in after])
    assert all(each.canvas == each.inner for each in again.values())  # once is enough


@settings(max_examples=100, deadline=None)
@given(sides)
def test_nothing_of_a_picture_is_cut_or_bent(shape):
    mend = fits.mends("instagram", "image", [picture(*shape)]).get(0)
    if mend is not None:
        wide, high = mend.inner
        assert abs(wide * shape[1] - high * shape[0]) <= 2 * max(shape)  # two points of rounding


@settings(max_examples=100, deadline=None)
@given(sides, st.sampled_from([("instagram", "story"), ("tiktok", "photos")]))
def test_stories_and_photos_fit_too(shape, where):
    mend = fits.mends(*where, [picture(*shape)]).get(0)
    width, height = mend.canvas if mend else shape
    if where[1] == "story":
        assert abs(16 * width - 9 * height) <= 9 * height // 100 + 1
        assert 320 <= width <= 1440
    else:
        assert min(width, height) <= 1080
        assert max(width, height) <= 1920
    assert mend is None or within(mend.canvas, mend.inner)
