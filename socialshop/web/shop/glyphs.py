"""Icons inlined into public pages, so that they cost no request: drawn from the one vendored sprite."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from flask import current_app
from markupsafe import Markup

_ICONS = {
    "instagram": "brand-instagram", "tiktok": "brand-tiktok", "whatsapp": "brand-whatsapp", "youtube": "brand-youtube",
    "facebook": "brand-facebook", "x": "brand-x", "threads": "brand-threads", "telegram": "send", "shopee": "shopping-bag",
    "tokopedia": "building-store", "email": "mail",
}  # fmt: skip


def glyph(name: str) -> Markup:
    """The icon of a network, or of this name in the sprite."""
    known = _sprite(Path(current_app.static_folder or "") / "vendor" / "icons.svg")
    body = known.get(_ICONS.get(name, name)) or known["world"]
    return Markup(f'<svg viewBox="0 0 24 24" aria-hidden="true">{body}</svg>')  # noqa: S704  # vendored drawing


@cache
def _sprite(path: Path) -> dict[str, str]:
    return dict(re.findall(r'<symbol id="([^"]+)"[^>]*>(.*?)</symbol>', path.read_text(), re.DOTALL))
