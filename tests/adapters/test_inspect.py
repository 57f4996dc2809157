"""Files of strangers: what they are is told, nothing hidden in them gets out, and none brings us down."""

from __future__ import annotations

import io
import os
import random
import struct
import time
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from socialshop.adapters import inspect
from socialshop.adapters.inspect import inside

from ..doubles import films


@pytest.fixture
def told(tmp_path):
    """A function: bytes → what the small process would tell, asked in this one (it is the same code)."""
    source = tmp_path / "source"

    def ask(body: bytes, task: str = "film", media_type: str = "video/mp4") -> dict:
        source.write_bytes(body)
        out = {"out": str(tmp_path / "out.jpg"), "thumb": str(tmp_path / "thumb.webp")}
        return inside.answer({"task": task, "source": str(source), "media_type": media_type, **out})

    return ask


def jpeg(width=900, height=600, mode="RGB", **how) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((width, height), 60).convert(mode).save(out, how.pop("kind", "JPEG"), **how)
    return out.getvalue()


@pytest.mark.parametrize(
    ("how", "width", "height", "facts"),
    [
        ({}, 1080, 1920, {"codec": "h264", "rate": 30_000, "audio": ""}),
        ({"width": 1920, "height": 1080, "turned": 90}, 1080, 1920, {"turned": 90}),
        ({"turned": 270}, 1920, 1080, {"turned": 270}),
        ({"turned": 180}, 1080, 1920, {"turned": 180}),
        (
            {"codec": "hvc1", "rate": 60, "sound": True},
            1080,
            1920,
            {"codec": "hevc", "rate": 60_000, "audio": "aac", "audio_rate": 44_100},
        ),
        ({"codec": "vp09", "tail": True, "size": 50_000}, 1080, 1920, {"codec": "vp9"}),
        ({"codec": "mp4v"}, 1080, 1920, {"codec": "mpeg-4 visual"}),
    ],
)
def test_what_a_film_says_of_itself(told, how, width, height, facts):
    found = told(films.film(**how))
    assert (found["width"], found["height"], found["milliseconds"]) == (width, height, 12_000)
    assert found["facts"] == {**found["facts"], **facts}


def test_broken_films_are_refused_or_told_and_none_costs_much(told):
    """Cut anywhere, overwritten anywhere, or no film at all: an answer each, in a moment."""
    rng = random.Random(7)
    whole = films.film(size=6_000, sound=True, tail=True)
    broken = [whole[: rng.randrange(len(whole))] for _ in range(50)]
    broken += [films.film(size=6_000, sound=True)[: rng.randrange(6_000)] for _ in range(30)]
    for _ in range(50):
        body = bytearray(whole)
        at = rng.randrange(len(body) - 64)
        body[at : at + rng.randrange(1, 64)] = rng.randbytes(rng.randrange(1, 64))
        broken.append(bytes(body))
    broken += [rng.randbytes(rng.randrange(1, 3000)) for _ in range(10)]
    broken += [b"\x1aE\xdf\xa3" + rng.randbytes(500) for _ in range(5)] + [
        b"\0\0\0\x18ftypmp42" + rng.randbytes(500) for _ in range(5)
    ]
    began, answers = time.monotonic(), []
    for body in broken:
        answers.append(told(body))
    assert len(broken) >= 150
    assert time.monotonic() - began < 30
    assert all(answer.keys() == {"why"} or (answer["width"] and answer["milliseconds"]) for answer in answers)
    assert all("why" in answer for answer in answers[:80])  # a film that was cut off anywhere is not taken
    assert {answer["why"] for answer in answers if "why" in answer} <= {"damaged_film", "not_media", "no_picture"}


def test_sides_and_lengths_that_no_film_has_are_a_lie_of_its_head(told):
    def part(name: bytes, *inside: bytes) -> bytes:
        body = b"".join(inside)
        return name + struct.pack(">Q", len(body) | 1 << 56) + body

    def webm(width: int, seconds: float) -> bytes:
        sides = part(b"\xb0", struct.pack(">Q", width)) + part(b"\xba", struct.pack(">Q", 720))
        track = part(b"\xae", part(b"\xd7", b"\1"), part(b"\x83", b"\1"), part(b"\x86", b"V_VP9"), part(b"\xe0", sides))
        info = part(
            b"\x15\x49\xa9\x66", part(b"\x2a\xd7\xb1", struct.pack(">I", 10**9)), part(b"\x44\x89", struct.pack(">d", seconds))
        )
        return part(b"\x1aE\xdf\xa3", part(b"\x42\x82", b"webm")) + part(
            b"\x18\x53\x80\x67", info, part(b"\x16\x54\xae\x6b", track)
        )

    assert (told(webm(1280, 60.0))["width"], told(webm(1280, 60.0))["milliseconds"]) == (1280, 60_000)
    assert told(webm(2**50, 60.0)) == told(webm(1280, 2.0**40)) == {"why": "damaged_film"}


def test_a_film_that_names_other_files_brings_none_of_them(told, tmp_path):
    """A track whose data lies "elsewhere" is told by its own head alone."""
    (tmp_path / "secret").write_bytes(films.film(width=640, height=480))
    body = films.film().replace(b"url \x00\x00\x00\x01", b"url \x00\x00\x00\x00")
    found = told(body)
    assert "why" in found or found["width"] == 1080


# --- pictures --------------------------------------------------------------------------------------


def turned(orientation: int) -> bytes:
    image = Image.new("RGB", (600, 300), "white")
    image.paste("red", (0, 0, 300, 300))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Kamera Rahasia"
    exif.get_ifd(0x8825)[1] = "S"  # where it was taken
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, quality=95, comment=b"rahasia")
    return out.getvalue()


@pytest.mark.parametrize(
    ("orientation", "size", "red"),
    [(1, (600, 300), (10, 10)), (3, (600, 300), (590, 290)), (6, (300, 600), (10, 10)), (8, (300, 600), (290, 590))],
)
def test_pictures_stand_upright_and_tell_nothing_of_their_camera(told, tmp_path, orientation, size, red):
    found = told(turned(orientation), "picture")
    assert (found["media_type"], found["width"], found["height"]) == ("image/jpeg", *size)
    for name in ("out.jpg", "thumb.webp"):
        body = (tmp_path / name).read_bytes()
        assert b"Exif" not in body
        assert b"ahasia" not in body
    with Image.open(tmp_path / "out.jpg") as image:
        assert (image.format, image.mode) == ("JPEG", "RGB")
        assert not image.getexif()
        assert image.getpixel(red)[1] < 60 < 200 < image.getpixel(red)[0]


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_shows_through_stands_on_white_as_jpeg(told, tmp_path, kind):
    image = Image.new("RGBA", (800, 800), (0, 0, 0, 0))
    image.paste((0, 90, 200, 255), (200, 200, 600, 600))
    out = io.BytesIO()
    image.save(out, kind)
    assert told(out.getvalue(), "picture")["media_type"] == "image/jpeg"
    with Image.open(tmp_path / "out.jpg") as made:
        assert min(made.getpixel((10, 10))) > 250
        assert made.getpixel((400, 400))[2] > 150


@pytest.mark.parametrize(
    ("made", "size"),
    [
        (jpeg(2000, 1500), (1440, 1080)),
        (jpeg(1000, 3000), (853, 2560)),
        (jpeg(1000, 1000, "L"), (1000, 1000)),
        (jpeg(1000, 1000, "CMYK"), (1000, 1000)),
        (jpeg(1500, 500, "P", kind="PNG"), (1440, 480)),
        (jpeg(1000, 900, "I;16", kind="PNG"), (1000, 900)),
        (jpeg(100, 90, icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()), (100, 90)),
    ],
)
def test_every_picture_becomes_one_jpeg_within_what_instagram_keeps(told, tmp_path, made, size):
    found = told(made, "picture")
    assert (found["width"], found["height"]) == size
    body = (tmp_path / "out.jpg").read_bytes()
    assert len(body) <= 8_000_000
    assert b"ICC_PROFILE" not in body
    with Image.open(tmp_path / "thumb.webp") as small:
        assert small.width <= 480
        assert small.height <= 960


def test_three_hundred_broken_pictures_each_get_an_answer(told):
    rng = random.Random(11)
    sources = [jpeg(64, 48), jpeg(64, 48, kind="PNG"), jpeg(64, 48, kind="WEBP"), turned(6)]
    broken = []
    for number in range(300):
        body = bytearray(sources[number % 4])
        if number % 2:
            body = body[: rng.randrange(len(body))]
        else:
            at = rng.randrange(len(body))
            body[at : at + 8] = rng.randbytes(8)
        broken.append(bytes(body))
    answers = [told(body, "picture") for body in broken]
    assert {answer.get("why", "") for answer in answers} <= {"", "damaged_picture", "not_media", "small_picture", "many_pixels"}
    assert sum("why" in answer for answer in answers) > 150


def bomb() -> bytes:
    """A PNG of 100,000 × 100,000 points in a few hundred bytes."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4)

    head = chunk(b"IHDR", (100_000).to_bytes(4) * 2 + b"\x08\x02\0\0\0")
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 100_000)) + chunk(b"IEND", b"")


def test_bombs_and_specks_are_not_opened(told):
    assert told(bomb(), "picture") == {"why": "many_pixels"}
    assert told(jpeg(8, 8), "picture") == {"why": "small_picture"}


# --- padding ---------------------------------------------------------------------------------------


def test_a_picture_in_another_shape_keeps_all_of_itself(tmp_path):
    source, out = tmp_path / "in.jpg", tmp_path / "out.jpg"
    plain = Image.new("RGB", (400, 1200), (250, 250, 250))
    plain.paste("green", (100, 100, 300, 1100))
    plain.save(source, quality=95)
    asked = {"task": "pad", "source": str(source), "out": str(out), "canvas": [960, 1200], "inner": [400, 1200]}
    assert inside.answer(asked)["width"] == 960
    with Image.open(out) as made:
        assert min(made.getpixel((5, 600))) > 240  # on the colour of its own edges
        assert made.getpixel((480, 600))[1] > 100
    Image.effect_noise((400, 1200), 90).convert("RGB").save(source)
    inside.answer(asked)
    with Image.open(out) as made:
        middle = made.crop((50, 500, 200, 700)).convert("L").getextrema()
        assert middle[1] - middle[0] < 120  # a calm ground, not the noise itself


# --- the small process -----------------------------------------------------------------------------


def test_it_tells_in_a_process_of_its_own(tmp_path):
    source = tmp_path / "film"
    source.write_bytes(films.film())
    assert inspect.film(source, "video/mp4").milliseconds == 12_000
    source.write_bytes(bomb())
    with pytest.raises(inspect.Unfit) as refused:
        inspect.picture(source, out=tmp_path / "out", thumb=tmp_path / "thumb")
    assert refused.value.why == "many_pixels"


@pytest.mark.parametrize(
    ("deed", "why"),
    [
        ("import time; time.sleep(30)", "too_costly"),
        ("kept = bytearray(700 * 1024 * 1024)", "damaged_film"),
        ("import os; os.abort()", "damaged_film"),
        ("raise SystemExit(3)", "damaged_film"),
        ("import os; os.kill(os.getpid(), 9)", "too_costly"),
        ("print('x' * 100, flush=True)", "damaged_film"),
    ],
)
def test_one_that_dies_dawdles_or_gorges_itself_takes_nobody_along(tmp_path, monkeypatch, deed, why):
    """The deed stands for what a decoder was led to; only that process feels it."""
    bounded = (
        "import sys; sys.path.append(sys.argv.pop(1)); from socialshop.adapters.inspect import inside; inside._bounded(5, 512)"
    )
    monkeypatch.setattr(inspect, "_START", f"{bounded}\n{deed}")
    monkeypatch.setattr(inspect, "FILM_SECONDS", 1.5)
    began = time.monotonic()
    with pytest.raises(inspect.Unfit) as refused:
        inspect.film(Path(os.devnull), "video/mp4")
    assert refused.value.why == why
    assert time.monotonic() - began < 5
