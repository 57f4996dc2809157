"""The picture for a story: name, product, price, code and a QR on the page's own colours. JPEG, 1080 × 1920.

Slow (some hundred milliseconds), so never inside a transaction. The same picture asked for again is not drawn again.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont, ImageOps

from . import colours, themes
from .story import HIGH, LEADING, WIDE, App, Box, Layout, Text, Words, lay_out

QUIET = 4  # modules of white around a QR, which scanners need
_PAPER, _INK = "#ffffff", "#000000"


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that decides how the picture looks. qr: rows of modules, True where dark. round_: the photo is a face."""

    words: Words
    app: App
    preset: str
    accent: str
    night: bool
    qr: tuple[tuple[bool, ...], ...]
    photo: bytes | None = None
    round_: bool = False


@lru_cache(maxsize=12)
def draw(sheet: Sheet) -> bytes:
    """The finished picture."""
    preset = themes.PRESETS.get(sheet.preset, themes.PRESETS[themes.DEFAULT])
    palette = preset.night if sheet.night else preset.day
    accent = themes.accent_for(colours.clean(sheet.accent) or preset.accent, palette)
    layout = lay_out(sheet.words, sheet.app, measure, filling=sheet.photo is not None and not sheet.round_)
    image = _ground(palette)
    if layout.photo is not None:
        _show(image, layout.photo, sheet, accent)
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle(_corners(layout.panel), preset.corner * 2, fill=palette.card, outline=palette.line, width=2)
    _qr(pen, layout, sheet.qr)
    for text in layout.texts:
        _write(pen, text, palette, accent)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90, optimize=True, subsampling=0)
    return out.getvalue()


def measure(text: str, size: int) -> float:
    """How wide a text is, heavy or not."""
    return _font(size).getlength(text) + 2 * _weight(size)


@lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RuntimeError("Pillow was built without FreeType")
    return font


def _weight(size: int) -> int:
    """How many pixels a heavy letter is thicker on each side; the font has one weight."""
    return max(1, size // 32)


def _ground(palette: themes.Palette) -> Image.Image:
    """The second ground colour fading into the first, as on the page."""
    fade = Image.linear_gradient("L").resize((WIDE, HIGH))
    return Image.composite(Image.new("RGB", (WIDE, HIGH), palette.ground), Image.new("RGB", (WIDE, HIGH), palette.glow), fade)


def _show(image: Image.Image, room: Box, sheet: Sheet, accent: str) -> None:
    """The photo filling the upper end; a face, or the creator's initial, as a disc in the middle of its room."""
    side = min(room.width, room.height)
    if sheet.photo is not None and not sheet.round_:
        size, left, top = (room.width, room.height), room.left, room.top
        corner = 0
    else:
        size, left, top = (side, side), room.left + (room.width - side) // 2, room.top + (room.height - side) // 2
        corner = side // 2
    if sheet.photo is None:
        shot = Image.new("RGB", size, accent)
        initial = sheet.words.name[:1].upper()
        ImageDraw.Draw(shot).text((side / 2, side / 2), initial, font=_font(side // 2), fill=colours.ink_on(accent), anchor="mm")
    else:
        with Image.open(io.BytesIO(sheet.photo), formats=("WEBP", "JPEG", "PNG")) as opened:
            # what the app covers is at the top: rather lose some of the photo's foot
            shot = ImageOps.fit(opened.convert("RGB"), size, centering=(0.5, 0.5 if sheet.round_ else 0.25))
    mask = Image.new("L", (size[0] * 2, size[1] * 2), 0)  # twice as large and shrunk: smooth edges
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, size[0] * 2 - 1, size[1] * 2 - 1), corner * 2, fill=255)
    image.paste(shot, (left, top), mask.resize(size))


def _qr(pen: ImageDraw.ImageDraw, layout: Layout, rows: tuple[tuple[bool, ...], ...]) -> None:
    """Black on white whatever the look; every module the same whole number of pixels."""
    box = layout.qr
    pen.rounded_rectangle(_corners(box), 16, fill=_PAPER)
    step = max(1, box.width // (len(rows) + 2 * QUIET))
    start = (box.width - step * len(rows)) // 2
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                left, top = box.left + start + x * step, box.top + start + y * step
                pen.rectangle((left, top, left + step - 1, top + step - 1), fill=_INK)


def _write(pen: ImageDraw.ImageDraw, text: Text, palette: themes.Palette, accent: str) -> None:
    ink = {"price": accent, "code": accent, "handle": palette.soft, "hint": palette.soft}.get(text.role, palette.ink)
    left, top, pad = text.box.left, text.box.top, 0
    if text.role == "disclosure":
        pad, ink = text.size // 3, palette.ground
        pen.rounded_rectangle(_corners(text.box), pad, fill=palette.ink)
    for n, line in enumerate(text.lines):
        place = (left + pad + _weight(text.size), top + pad // 2 + round((n + 0.5) * text.size * LEADING))
        pen.text(place, line, font=_font(text.size), fill=ink, anchor="lm", stroke_width=_weight(text.size) if text.strong else 0)


def _corners(box: Box) -> tuple[int, int, int, int]:
    return box.left, box.top, box.right - 1, box.bottom - 1
