"""QR codes: SVG for print, PNG for a phone."""

from __future__ import annotations

import io

import qrcode
from qrcode.constants import ERROR_CORRECT_Q
from qrcode.image.svg import SvgPathImage


def svg(text: str) -> bytes:
    """One path on white, with the quiet zone that scanners need; it scales to any size."""
    image = _code(text).make_image(image_factory=_OnWhite)
    out = io.BytesIO()
    image.save(out)
    return out.getvalue()


def png(text: str, *, width: int = 1024) -> bytes:
    """Black on white, at least `width` pixels wide, every module the same whole number of pixels."""
    code = _code(text)
    modules = code.modules_count + 2 * code.border
    code.box_size = -(-width // modules)
    out = io.BytesIO()
    code.make_image().save(out, format="PNG")
    return out.getvalue()


def modules(text: str) -> tuple[tuple[bool, ...], ...]:
    """The code's own squares, True where dark, without the quiet zone: for whoever draws it into something else."""
    code = _code(text)
    return tuple(tuple(bool(dark) for dark in row) for row in code.modules)


class _OnWhite(SvgPathImage):
    """Scanners need light around the code, on a dark page too."""

    background = "white"


def _code(text: str) -> qrcode.QRCode:  # type: ignore[type-arg]
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=4, box_size=10)
    code.add_data(text)
    code.make(fit=True)
    return code
