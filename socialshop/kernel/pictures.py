"""Pictures that strangers made, opened with care: few formats, bounded pixels, colours as browsers assume them. Pillow alone."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from PIL import Image, ImageCms, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_PIXELS = 50_000_000  # a phone's full-size photo; decoded that is 150 MB, so one at a time
MIN_SIDE = 16  # less is a tracking pixel or a spacer

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


class Unusable(Exception):
    """A picture that is not taken. why: "many_pixels", "small", "unknown" or "damaged"."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


@contextmanager
def careful() -> Iterator[None]:
    """What decoders raise at odd files becomes Unusable."""
    try:
        yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unusable("many_pixels") from error
    except UnidentifiedImageError as error:
        raise Unusable("unknown") from error
    except (OSError, SyntaxError, ValueError, EOFError, TypeError, IndexError, struct.error, zlib.error) as error:
        raise Unusable("damaged") from error


def opened(source: IO[bytes], *, side: int) -> Image.Image:
    """A decoded picture; a JPEG may come at a fraction of its size, not smaller than `side`. Only within `careful`."""
    image = Image.open(source, formats=FORMATS)
    if image.width * image.height > MAX_PIXELS:
        raise Unusable("many_pixels")
    if min(image.size) < MIN_SIDE:
        raise Unusable("small")
    image.draft("RGB", (side, side))  # JPEG only: decode at a fraction, in a fraction of the memory
    image.load()
    return image


def in_srgb(image: Image.Image) -> Image.Image:
    """RGB or RGBA in the colours that browsers assume, since the profile is dropped with the metadata."""
    clear = "A" in image.getbands() or "transparency" in image.info
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I"):  # 16-bit greys, which convert() would cut instead of scale
        image = image.point(lambda value: value / 256).convert("L")
    elif profile and image.mode in ("RGB", "RGBA", "CMYK"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            mode = "RGBA" if image.mode == "RGBA" else "RGB"
            turned = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode)
            image = turned or image
        except (ImageCms.PyCMSError, OSError):
            pass  # an unreadable profile: the numbers are taken as they are
    return image.convert("RGBA" if clear else "RGB")


def on_white(image: Image.Image) -> Image.Image:
    """Without transparency, as a JPEG must be."""
    if image.mode == "RGB":
        return image
    flat = Image.new("RGB", image.size, "white")
    flat.paste(image, mask=image.getchannel("A") if image.mode == "RGBA" else None)
    return flat
