"""Colours people can read: WCAG 2.2 contrast, and the nearest colour that passes. Pure.

Contrast: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio. Nearness is measured in OKLab
(https://bottosson.github.io/posts/oklab/), where equal steps look equally large. Ratios and light are
floats; no money is near.
"""

from __future__ import annotations

import re
from functools import lru_cache

READABLE = 4.5  # WCAG AA for text of any size

_HEX = re.compile(r"#[0-9a-f]{6}\Z")
_SHORT = re.compile(r"#[0-9a-f]{3}\Z")

Rgb = tuple[float, float, float]  # linear light, 0 to 1


def clean(text: str) -> str | None:
    """ "#ABC", "aabbcc" and " #AABBCC " as "#aabbcc"; None where it is no colour."""
    colour = text.strip().casefold()
    if not colour.startswith("#"):
        colour = f"#{colour}"
    if _SHORT.match(colour):
        colour = "#" + "".join(c * 2 for c in colour[1:])
    return colour if _HEX.match(colour) else None


def luminance(colour: str) -> float:
    """Relative luminance of "#rrggbb", 0 black to 1 white."""
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def readable(colour: str, *grounds: str, ratio: float = READABLE) -> bool:
    """Whether text in `colour` can be read on each of `grounds`."""
    return all(contrast(colour, ground) >= ratio for ground in grounds)


def ink_on(ground: str) -> str:
    """White or near-black, whichever reads better on `ground`; the better of the two always passes 4.5."""
    return max(("#ffffff", "#000000"), key=lambda ink: (contrast(ink, ground), ink))


@lru_cache(maxsize=1024)
def nearest_readable(colour: str, *grounds: str, ratio: float = READABLE) -> str:
    """The colour closest to `colour`, of the same hue, that can be read on each of `grounds`."""
    if readable(colour, *grounds, ratio=ratio):
        return colour
    lightness, a, b = _oklab(_linear(colour))
    found: tuple[float, str] | None = None
    for step in range(501):
        for candidate in {_hex(_fit(step / 500, a, b))}:
            if readable(candidate, *grounds, ratio=ratio):
                distance = _distance(candidate, (lightness, a, b))
                if found is None or distance < found[0]:
                    found = (distance, candidate)
    if found is None:  # grounds so far apart that no shade of this hue reads on all: the better of black and white
        return max(("#ffffff", "#000000"), key=lambda ink: min(contrast(ink, ground) for ground in grounds))
    return found[1]


def _distance(colour: str, lab: Rgb) -> float:
    other = _oklab(_linear(colour))
    return sum((x - y) ** 2 for x, y in zip(lab, other, strict=True))


def _linear(colour: str) -> Rgb:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return red, green, blue


def _hex(rgb: Rgb) -> str:
    encoded = (12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055 for c in (min(max(c, 0.0), 1.0) for c in rgb))
    return "#" + "".join(f"{round(c * 255):02x}" for c in encoded)


def _oklab(rgb: Rgb) -> Rgb:
    red, green, blue = rgb
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _fit(lightness: float, a: float, b: float) -> Rgb:
    """The colour of this lightness and hue, as strong as the screen can show it."""
    low, high = 0.0, 1.0
    if _inside(_rgb(lightness, a, b)):
        return _rgb(lightness, a, b)
    for _ in range(12):
        middle = (low + high) / 2
        if _inside(_rgb(lightness, a * middle, b * middle)):
            low = middle
        else:
            high = middle
    return _rgb(lightness, a * low, b * low)


def _inside(rgb: Rgb) -> bool:
    return all(-0.0005 <= c <= 1.0005 for c in rgb)


def _rgb(lightness: float, a: float, b: float) -> Rgb:
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
