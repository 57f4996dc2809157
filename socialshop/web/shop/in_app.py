"""Inside an app's own browser: the polite offer to go on in the phone's, with the cart and the click that led here.

Which apps, and how one gets out of them, is a table of data: `in_app.json`, or the operator's own file (`IN_APP_TABLE`).
Each app has a name, and a way out for `android` and `ios`: "browser" (a link that opens Chrome, Android only), or where
its menu is: "top_right", "bottom_right", "compass", "share"; "parameter" instead is what makes the app itself open a
page outside. An app without a way out is offered nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import structlog
from cryptography.fernet import InvalidToken
from flask import current_app, request
from flask_babel import gettext

from ...domain import clicks
from ...kernel import vault
from ...kernel.clock import utcnow
from ...kernel.ways import devices_of
from . import visitor

log = structlog.get_logger("in_app")

OURS = Path(__file__).with_name("in_app.json")
STAY = "stay"  # the cookie of who would rather stay inside
CART, CARRIED_CART = "cart", "t"
HOURS_2 = 2 * 3600


@dataclass(frozen=True, slots=True)
class Offer:
    """The way out of one app: a link, or where to tap."""

    app: str
    link: str = ""
    steps: str = ""


def offer() -> Offer | None:
    """What to offer whoever looks at this page, None where there is nothing to."""
    app = _app()
    if app is None or request.cookies.get(STAY):
        return None
    devices = devices_of(request.headers.get("User-Agent", ""))
    address = _here(app.get("parameter", {}))
    if app.get("parameter"):
        return Offer(app["name"], link=address)
    way = app.get("android" if "android" in devices else "ios" if "ios" in devices else "", "")
    if way == "browser":
        return Offer(app["name"], link=_in_chrome(address))
    steps = _steps(way)
    return Offer(app["name"], steps=steps) if steps else None


def parameters(cart: str = "") -> dict[str, str]:
    """What the addresses of cart and checkout carry, so that nothing is lost in another browser: the click, the cart.

    Inside an app both; elsewhere the click, where no cookie has it. cart: its token, where the browser has none yet.
    """
    inside = _app() is not None
    carried: dict[str, str] = {}
    click = visitor.click_id()
    if click and (inside or click != visitor.kept_click()):
        carried[visitor.CARRIED] = click
    token = cart or request.cookies.get(CART, "") or carried_cart()
    if token and inside:
        until = int(utcnow().timestamp()) + HOURS_2
        carried[CARRIED_CART] = vault.seal(f"{until} {token}")
    return carried


def with_parameters(path: str, cart: str = "") -> str:
    """A path of ours with what it should carry."""
    query = urlencode(parameters(cart))
    return f"{path}?{query}" if query else path


def carried_cart() -> str:
    """The token of the cart that the address carries, "" where it carries none that is still good."""
    sealed = request.values.get(CARRIED_CART, "")
    if not sealed or len(sealed) > 500:
        return ""
    try:
        until, _, token = vault.unseal(sealed).partition(" ")
    except (InvalidToken, ValueError):
        return ""
    return token if until.isdigit() and int(until) > utcnow().timestamp() else ""


def _app() -> dict[str, Any] | None:
    inside = clicks.inside_of(request.headers.get("User-Agent", ""))
    return _table(current_app.config["SETTINGS"].in_app_table).get(inside) if inside else None


def _here(more: dict[str, str]) -> str:
    base: str = current_app.config["SETTINGS"].base_url
    asked = {name: request.args[name] for name in ("lang", "code", "product") if name in request.args}
    query = urlencode({**asked, **parameters(), **more})
    path: str = quote(request.path)
    return f"{base}{path}?{query}" if query else f"{base}{path}"


def _in_chrome(address: str) -> str:
    """https://developer.chrome.com/docs/android/intents"""
    parts = urlsplit(address)
    rest = address.removeprefix(f"{parts.scheme}://")
    return (
        f"intent://{rest}#Intent;scheme={parts.scheme};package=com.android.chrome;"
        f"S.browser_fallback_url={quote(address, safe='')};end"
    )


def _steps(way: str) -> str:
    steps: dict[str, str] = {
        "top_right": gettext("Tap ⋯ at the top right, then “Open in browser”."),
        "bottom_right": gettext("Tap ⋯ at the bottom right, then “Open in browser”."),
        "compass": gettext("Tap the compass at the bottom."),
        "share": gettext("Tap the share sign, then “Open in browser”."),
    }
    return steps.get(way, "")


def _table(path: str) -> dict[str, dict[str, Any]]:
    if not path:
        return _read(OURS, 0)
    try:
        return _read(Path(path), Path(path).stat().st_mtime_ns)
    except (OSError, ValueError) as error:
        log.error("the table of apps cannot be read; ours is used", path=path, error=str(error))
        return _read(OURS, 0)


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int) -> dict[str, dict[str, Any]]:
    """The table of a file; it is read again when it changes."""
    table = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(table, dict):
        raise ValueError("it is no object of apps")
    for app, row in table.items():
        if not (isinstance(row, dict) and isinstance(row.get("name"), str) and isinstance(row.get("parameter", {}), dict)):
            raise ValueError(f"the row of {app} has no name, or no good parameter")
    return table
