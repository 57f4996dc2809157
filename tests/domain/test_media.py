"""Uploads become our own pictures, or a sentence."""

from __future__ import annotations

import contextlib
import io
import os
import random
import struct
import threading
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageCms, ImageDraw

from socialshop.domain import media
from socialshop.kernel.clock import utcnow
from socialshop.kernel.database import transaction
from socialshop.kernel.errors import NotFound


def picture(width=1600, height=1200, mode="RGB", kind="JPEG", **save):
    image = Image.new(mode, (width, height), "white" if mode != "RGBA" else (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width // 2, height // 4), fill="red" if mode in ("RGB", "RGBA") else None)
    out = io.BytesIO()
    image.save(out, kind, **save)
    return out.getvalue()


def opened(content):
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("RGB", "JPEG"), ("CMYK", "JPEG"), ("L", "JPEG"), ("RGB", "PNG"), ("RGBA", "PNG"), ("P", "PNG"), ("1", "PNG"), ("LA", "PNG"),
     ("I;16", "PNG"), ("RGB", "WEBP"), ("RGBA", "WEBP")],
)  # fmt: skip
def test_every_usual_kind_becomes_webp_in_four_sizes_and_a_card(mode, kind):
    base = Image.new("RGB", (1600, 1200), "white")
    image = Image.new("I;16", (1600, 1200), 40_000) if mode == "I;16" else base.convert(mode)
    out = io.BytesIO()
    image.save(out, kind)
    files, width, height = media.render(out.getvalue())
    assert (width, height) == (1200, 900)
    assert set(files) == set(media.NAMES)
    for size in media.SIZES:
        variant = opened(files[f"{size}.webp"])
        assert (variant.format, variant.size) == ("WEBP", (size, size * 3 // 4))
    assert opened(files[media.CARD]).format == "JPEG"


def test_sixteen_bit_grey_keeps_its_brightness():
    out = io.BytesIO()
    Image.new("I;16", (64, 64), 40_000).save(out, "PNG")
    files, _, _ = media.render(out.getvalue())
    assert abs(opened(files["160.webp"]).convert("L").getpixel((5, 5)) - 156) <= 2


def test_it_is_turned_upright_and_forgets_where_it_was_taken():
    exif = Image.Exif()
    exif[0x0112] = 6  # the phone was held on its side
    exif.get_ifd(0x8825)[1] = "S"  # GPS
    exif[0x010F] = "SecretCam"
    files, width, height = media.render(picture(1600, 1200, exif=exif))
    assert (width, height) == (1200, 1600)
    for content in files.values():
        assert not opened(content).getexif()
        assert b"SecretCam" not in content


def test_what_is_hidden_behind_the_picture_is_gone():
    files, _, _ = media.render(picture() + b"<script>alert(1)</script>")
    assert all(b"<script>" not in content for content in files.values())


def test_wide_colours_are_brought_to_srgb():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    files, _, _ = media.render(picture(icc_profile=profile))  # a profile that does not fit: taken as it is
    assert "icc_profile" not in opened(files["640.webp"]).info


def test_the_card_is_wide_enough_and_light_enough_for_a_chat():
    noise = Image.frombytes("RGB", (2400, 2400), random.Random(1).randbytes(2400 * 2400 * 3))
    out = io.BytesIO()
    noise.save(out, "JPEG", quality=60)
    for data in (out.getvalue(), picture(90, 90), picture(300, 3000)):
        files, _, _ = media.render(data)
        card = opened(files[media.CARD])
        assert card.width >= 600
        assert len(files[media.CARD]) < 300_000


def test_a_small_picture_is_not_blown_up_on_pages():
    files, width, height = media.render(picture(200, 100))
    assert (width, height) == (200, 100)
    assert opened(files["1200.webp"]).size == (200, 100)


def test_a_transparent_one_stays_transparent_and_lies_on_white_in_the_card():
    files, _, _ = media.render(picture(mode="RGBA", kind="PNG"))
    assert opened(files["320.webp"]).convert("RGBA").getpixel((300, 200))[3] == 0
    assert min(opened(files[media.CARD]).getpixel((1100, 800))) > 250


def bomb(width, height):
    """A PNG of a few bytes that claims `width` × `height` pixels."""

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(8_000, 8_000), (20_000, 20_000), (60_000, 60_000)])
def test_a_bomb_is_not_unpacked(size):
    with pytest.raises(media.NotAPicture) as refusal:
        media.render(bomb(*size))
    assert refusal.value.code == "too_big"


def test_pillow_itself_refuses_bombs_too():
    with pytest.raises(Image.DecompressionBombWarning):
        Image.open(io.BytesIO(bomb(8_000, 8_000)), formats=("PNG",))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_a_picture"),
        (b"<html>", "not_a_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "not_a_picture"),
        (picture(kind="GIF"), "not_a_picture"),
        (picture(kind="TIFF"), "not_a_picture"),
        (picture(kind="BMP"), "not_a_picture"),
        (picture(1, 1, kind="PNG"), "too_small"),
        (picture()[:-3000], "damaged"),
        (picture(kind="PNG")[:500], "damaged"),
        (b"\xff\xd8" + b"\0" * 100, "not_a_picture"),
        (b"\0" * (10 * 1024 * 1024 + 1), "too_big"),
    ],
)
def test_what_is_no_picture_is_told_so(data, code):
    with pytest.raises(media.NotAPicture) as refusal:
        media.render(data)
    assert refusal.value.code == code


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_broken_bytes_never_escape_as_a_defect(kind):
    chance = random.Random(kind)
    whole = picture(300, 200, kind=kind)
    for _ in range(120):
        broken = bytearray(whole)
        for _ in range(chance.randint(1, 20)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        if chance.random() < 0.3:
            broken = broken[: chance.randrange(len(broken))]
        with contextlib.suppress(media.NotAPicture):
            media.render(bytes(broken))


def test_files_are_all_there_or_none(tmp_path, monkeypatch):
    calls = []

    def full(handle):
        calls.append(handle)
        if len(calls) == 3:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        media.prepare(picture(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_seen_before_all_of_it_is_there(tmp_path, monkeypatch):
    def stopped(self, target):
        assert {file.name for file in self.iterdir()} == set(media.NAMES)
        assert not target.exists()
        raise OSError("stopped just before")

    monkeypatch.setattr(Path, "rename", stopped)
    with pytest.raises(OSError, match="stopped"):
        media.prepare(picture(), tmp_path)
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


def test_the_same_picture_from_many_hands_at_once(tmp_path):
    data, seen, failures = picture(), [], []

    def upload():
        try:
            seen.append(media.prepare(data, tmp_path))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=upload) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(set(seen)) == 1
    place = media.files_of(seen[0].sha256, tmp_path)
    assert {file.name for file in place.iterdir()} == set(media.NAMES)
    assert not list(tmp_path.glob(".draft-*"))


def test_one_row_for_each_owner(room, world, tmp_path):
    brand, creator, prepared = world.brand(), world.creator(), media.prepare(picture(), tmp_path)
    with transaction():
        first = media.keep(prepared, brand_id=brand.id, now=utcnow())
        again = media.keep(prepared, brand_id=brand.id, now=utcnow())
        other = media.keep(prepared, creator_id=creator.id, now=utcnow())
    assert first.id == again.id != other.id
    assert media.of_brand(brand.id, first.public_id).id == first.id
    with pytest.raises(NotFound):
        media.of_creator(creator.id, first.public_id)
    with pytest.raises(ValueError, match="belongs to"), transaction():
        media.keep(prepared, now=utcnow())


def test_files_go_when_the_last_owner_forgets_them(room, world, tmp_path):
    brand, creator, prepared = world.brand(), world.creator(), media.prepare(picture(), tmp_path)
    with transaction():
        one = media.keep(prepared, brand_id=brand.id, now=utcnow())
        two = media.keep(prepared, creator_id=creator.id, now=utcnow())
    with transaction():
        assert media.forget(one) is None
    with transaction():
        sha256 = media.forget(two)
    media.erase(sha256, tmp_path)
    assert not media.files_of(prepared.sha256, tmp_path).exists()
