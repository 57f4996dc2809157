"""Make static/vendor/icons.svg from the npm package @tabler/icons: one sprite of the icons we use.

Run by hand when an icon is added: `python scripts/vendor_icons.py 3.x.y` (needs npm). Version, hash and licence are written beside it.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).parent.parent / "static" / "vendor"
ICONS = [
    "home",
    "layout",
    "link",
    "tag",
    "ticket",
    "qrcode",
    "coin",
    "cash",
    "wallet",
    "users",
    "user",
    "package",
    "building-store",
    "shopping-cart",
    "shopping-bag",
    "truck",
    "plug",
    "settings",
    "report",
    "clipboard-list",
    "chart-bar",
    "bell",
    "copy",
    "check",
    "x",
    "plus",
    "minus",
    "trash",
    "edit",
    "pencil",
    "eye",
    "eye-off",
    "arrow-up",
    "arrow-down",
    "grip-vertical",
    "external-link",
    "download",
    "upload",
    "search",
    "menu-2",
    "dots",
    "chevron-right",
    "chevron-left",
    "chevron-down",
    "logout",
    "world",
    "moon",
    "sun",
    "alert-triangle",
    "info-circle",
    "lock",
    "mail",
    "brand-whatsapp",
    "brand-instagram",
    "brand-tiktok",
    "brand-youtube",
    "brand-x",
    "brand-facebook",
    "photo",
    "calendar",
    "clock",
    "refresh",
    "history",
    "heart",
    "share",
    "credit-card",
    "building-bank",
    "device-mobile",
    "file-text",
    "filter",
    "star",
    "arrow-right",
    "arrow-left",
    "receipt",
    "percentage",
    "gift",
    "adjustments",
    "heartbeat",
    "activity",
    "shield",
    "palette",
    "typography",
    "layout-grid",
    "heading",
    "flag",
    "send",
    "rotate",
    "player-pause",
    "player-play",
    "circle-check",
    "circle-x",
    "help-circle",
    "key",
    "login",
    "archive",
    "hand-stop",
    "scale",
    "movie",
    "message-circle",
    "bookmark",
    "music",
    "carousel-horizontal",
    "circle-dashed",
    "calendar-event",
]


def main(version: str) -> None:
    """Fetch, pick, write."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", f"@tabler/icons@{version}", "--silent"], cwd=folder, check=True, capture_output=True)
        archive = next(Path(folder).glob("*.tgz"))
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        with tarfile.open(archive) as tar:
            symbols = [_symbol(name, tar) for name in sorted(ICONS)]
    sprite = '<svg xmlns="http://www.w3.org/2000/svg">' + "".join(symbols) + "</svg>\n"
    (VENDOR / "icons.svg").write_text(sprite)
    (VENDOR / "icons.txt").write_text(
        f"icons.svg: picked from the npm package @tabler/icons {version} (sha256 of the archive {digest}).\n\n{LICENCE}"
    )


def _symbol(name: str, tar: tarfile.TarFile) -> str:
    member = tar.extractfile(f"package/icons/outline/{name}.svg")
    assert member is not None
    paths = re.findall(r"<(?:path|circle|line|rect|polyline)[^>]*>", member.read().decode())
    drawn = [path for path in paths if 'd="M0 0h24v24H0z"' not in path]
    return f'<symbol id="{name}" viewBox="0 0 24 24">{"".join(drawn)}</symbol>'


LICENCE = """MIT License

Copyright (c) 2020-2026 Paweł Kuna

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"),
to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense,
and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS
IN THE SOFTWARE.
"""

if __name__ == "__main__":
    main(sys.argv[1])
