"""The picture that WhatsApp and others show beside a pasted page address: 1200 × 630, JPEG, under 300 KB."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont, ImageOps

from . import colours, themes
from .story import drawable

WIDE, HIGH = 1200, 630
LIMIT = 290_000  # bytes; WhatsApp ignores pictures of more than 300 KB


def draw(*, name: str, handle: str, theme: dict[str, str], face: bytes | None, photos: Sequence[bytes]) -> bytes:
    """Name and handle on the page's own colours, with the creator's picture and up to three products."""
    preset = themes.PRESETS.get(theme["preset"], themes.PRESETS[themes.DEFAULT])
    accent = themes.accent_for(theme["accent"], preset.day)
    sheet = Image.new("RGB", (WIDE, HIGH), preset.day.glow)
    pen = ImageDraw.Draw(sheet)
    name = drawable(name) or handle  # what the font has no letters for would be empty boxes
    shots = [_cut(photo, side=300 if len(photos) > 1 else 450) for photo in photos[:3]]
    text_left, text_wide = 80, 1040 if not shots else 560
    _stand(sheet, shots, preset.corner * 2)
    _round(sheet, face, name, accent, (text_left, 110), 168)
    _write(pen, name, (text_left, 318), text_wide, 76, preset.day.ink)
    _write(pen, f"@{handle}", (text_left, 424), text_wide, 42, preset.day.soft)
    pen.rectangle((0, HIGH - 18, WIDE, HIGH), fill=accent)
    return _small(sheet)


def _cut(photo: bytes, *, side: int) -> Image.Image:
    with Image.open(io.BytesIO(photo), formats=("WEBP", "JPEG", "PNG")) as image:
        return ImageOps.fit(image.convert("RGB"), (side, side))


def _stand(sheet: Image.Image, shots: list[Image.Image], corner: int) -> None:
    places = {1: [(690, 82)], 2: [(560 + 40, 60), (860 + 20, 240)], 3: [(580, 40), (890, 40), (735, 350)]}.get(len(shots), [])
    for shot, (left, top) in zip(shots, places, strict=False):
        mask = Image.new("L", shot.size, 0)
        ImageDraw.Draw(mask).rounded_rectangle((0, 0, shot.width - 1, shot.height - 1), corner, fill=255)
        sheet.paste(shot, (left, top), mask)


def _round(sheet: Image.Image, face: bytes | None, name: str, accent: str, place: tuple[int, int], side: int) -> None:
    disc = Image.new("L", (side * 2, side * 2), 0)
    ImageDraw.Draw(disc).ellipse((0, 0, side * 2 - 1, side * 2 - 1), fill=255)
    if face is not None:
        picture = _cut(face, side=side)
    else:
        picture = Image.new("RGB", (side, side), accent)
        pen = ImageDraw.Draw(picture)
        pen.text((side / 2, side / 2), name[:1].upper(), font=_font(84), fill=colours.ink_on(accent), anchor="mm")
    sheet.paste(picture, place, disc.resize((side, side)))


def _write(pen: ImageDraw.ImageDraw, text: str, place: tuple[int, int], wide: int, size: int, ink: str) -> None:
    while size > 26 and pen.textlength(text, font=_font(size)) > wide:
        size -= 4
    while len(text) > 4 and pen.textlength(text, font=_font(size)) > wide:
        text = text.rstrip("…")[:-1] + "…"
    pen.text(place, text, font=_font(size), fill=ink)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _small(sheet: Image.Image) -> bytes:
    for quality in (86, 76, 64, 50):
        out = io.BytesIO()
        sheet.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
        if out.tell() <= LIMIT:
            break
    return out.getvalue()
