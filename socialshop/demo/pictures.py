"""Product pictures for the demo, drawn rather than photographed, so that nothing has to be downloaded."""

from __future__ import annotations

import io
from collections.abc import Callable

from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
SIZE = 1200
_INK: Colour = (52, 40, 32)


def picture(shape: str, top: Colour, bottom: Colour, body: Colour, accent: Colour) -> bytes:
    """A JPEG of one thing on a soft ground; `shape` is a name in SHAPES."""
    ground = _gradient(top, bottom)
    layer = Image.new("RGBA", (SIZE, SIZE), (0, 0, 0, 0))
    shadow = Image.new("L", (SIZE, SIZE), 0)
    ImageDraw.Draw(shadow).ellipse((300, 930, 900, 1040), fill=90)
    ground.paste((40, 30, 20), mask=shadow.filter(ImageFilter.GaussianBlur(28)))
    SHAPES[shape](ImageDraw.Draw(layer), body, accent)
    ground.paste(layer, mask=layer)
    out = io.BytesIO()
    ground.save(out, "JPEG", quality=90)
    return out.getvalue()


def portrait(top: Colour, bottom: Colour, skin: Colour, hair: Colour, shirt: Colour) -> bytes:
    """A friendly face for an avatar."""
    ground = _gradient(top, bottom)
    draw = ImageDraw.Draw(ground)
    draw.ellipse((250, 180, 950, 1000), fill=hair)
    draw.rounded_rectangle((180, 880, 1020, 1400), 260, fill=shirt)
    draw.rounded_rectangle((510, 760, 690, 980), 80, fill=_shade(skin, -18))
    draw.ellipse((370, 300, 830, 850), fill=skin)
    draw.chord((350, 240, 850, 640), 180, 360, fill=hair)
    for x in (500, 700):
        draw.ellipse((x - 24, 560, x + 24, 608), fill=_INK)
    draw.arc((510, 600, 690, 740), 25, 155, fill=_INK, width=16)
    out = io.BytesIO()
    ground.save(out, "JPEG", quality=90)
    return out.getvalue()


def _gradient(top: Colour, bottom: Colour) -> Image.Image:
    strip = Image.new("RGB", (1, SIZE))
    for y in range(SIZE):
        strip.putpixel((0, y), tuple(round(a + (b - a) * y / SIZE) for a, b in zip(top, bottom, strict=True)))
    return strip.resize((SIZE, SIZE))


def _shade(colour: Colour, by: int) -> Colour:
    red, green, blue = (max(0, min(255, part + by)) for part in colour)
    return red, green, blue


def _bag(draw: ImageDraw.ImageDraw, body: Colour, accent: Colour) -> None:
    draw.rounded_rectangle((360, 270, 840, 990), 36, fill=body)
    draw.polygon([(360, 330), (840, 330), (820, 240), (380, 240)], fill=_shade(body, -22))
    draw.rectangle((360, 330, 392, 960), fill=_shade(body, -12))
    draw.rounded_rectangle((430, 480, 770, 830), 28, fill=(250, 246, 238))
    draw.ellipse((520, 540, 680, 700), fill=accent)
    draw.arc((585, 540, 640, 700), 90, 270, fill=(250, 246, 238), width=12)
    draw.rounded_rectangle((490, 740, 710, 762), 11, fill=_INK)
    draw.rounded_rectangle((540, 780, 660, 796), 8, fill=_shade(accent, 30))


def _mug(draw: ImageDraw.ImageDraw, body: Colour, accent: Colour) -> None:
    draw.ellipse((700, 500, 960, 820), outline=body, width=56)
    draw.rounded_rectangle((320, 400, 800, 990), 80, fill=body)
    draw.ellipse((320, 350, 800, 460), fill=_shade(body, 18))
    draw.ellipse((352, 368, 768, 442), fill=_INK)
    draw.rectangle((320, 640, 800, 700), fill=accent)
    draw.rounded_rectangle((350, 480, 380, 900), 15, fill=_shade(body, 26))


def _bottle(draw: ImageDraw.ImageDraw, body: Colour, accent: Colour) -> None:
    draw.rounded_rectangle((540, 170, 660, 260), 30, fill=_shade(accent, -30))
    draw.rectangle((525, 250, 675, 330), fill=accent)
    draw.rounded_rectangle((410, 320, 790, 990), 90, fill=body)
    draw.rounded_rectangle((440, 380, 475, 900), 17, fill=_shade(body, 34))
    draw.rounded_rectangle((470, 540, 730, 840), 20, fill=(252, 250, 246))
    draw.rounded_rectangle((510, 590, 690, 612), 11, fill=_INK)
    draw.rounded_rectangle((540, 640, 660, 656), 8, fill=accent)
    draw.ellipse((570, 700, 630, 780), fill=accent)


def _tote(draw: ImageDraw.ImageDraw, body: Colour, accent: Colour) -> None:
    draw.arc((440, 170, 760, 660), 180, 360, fill=_shade(body, -34), width=34)
    draw.polygon([(330, 430), (870, 430), (910, 990), (290, 990)], fill=body)
    draw.polygon([(330, 430), (870, 430), (873, 474), (327, 474)], fill=_shade(body, -16))
    draw.ellipse((470, 590, 730, 850), fill=accent)
    draw.pieslice((470, 590, 730, 850), 180, 360, fill=_shade(accent, 38))


def _drip(draw: ImageDraw.ImageDraw, body: Colour, accent: Colour) -> None:
    for step, x in enumerate((300, 480, 660)):
        draw.rounded_rectangle((x, 360 + 40 * (step % 2), x + 240, 980), 22, fill=_shade(body, -14 * step))
        draw.rectangle((x, 430 + 40 * (step % 2), x + 240, 470 + 40 * (step % 2)), fill=accent)
        draw.ellipse((x + 70, 640, x + 170, 740), fill=(250, 246, 238))


SHAPES: dict[str, Callable[[ImageDraw.ImageDraw, Colour, Colour], None]] = {
    "bag": _bag, "mug": _mug, "bottle": _bottle, "tote": _tote, "drip": _drip,
}  # fmt: skip
