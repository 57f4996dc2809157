"""What is in the menu: the sections of the hat being worn, as far as the person's role opens them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user

from .access import policy_of

# endpoint, icon, text, short text for the phone's tab bar ("" keeps it out of there)
_L = lazy_gettext
CREATOR = [
    ("creator.home", "home", _L("Home"), _L("Home")),
    ("creator.page", "layout", _L("My page"), _L("Page")),
    ("creator.links", "link", _L("Links"), _L("Links")),
    ("creator.share", "share", _L("Share"), ""),
    ("creator.posts", "calendar-event", _L("Posts"), _L("Posts")),
    ("creator.codes", "tag", _L("Referral codes"), ""),
    ("creator.programs", "building-store", _L("Programs"), ""),
    ("creator.earnings", "coin", _L("Earnings"), _L("Earnings")),
    ("creator.statistics", "chart-bar", _L("Statistics"), ""),
    ("creator.appeals", "scale", _L("Appeals"), ""),
    ("creator.channels", "device-mobile", _L("Channels"), ""),
    ("creator.payee", "building-bank", _L("Payout account"), ""),
    ("creator.keys", "key", _L("API keys"), ""),
]
BRAND = [
    ("brand.home", "home", _L("Home"), _L("Home")),
    ("brand.orders", "shopping-bag", _L("Orders"), _L("Orders")),
    ("brand.products", "package", _L("Products"), _L("Products")),
    ("brand.programs", "percentage", _L("Programs"), ""),
    ("brand.creators", "users", _L("Creators"), _L("Creators")),
    ("brand.statistics", "chart-bar", _L("Statistics"), ""),
    ("brand.commissions", "receipt", _L("Commissions"), ""),
    ("brand.appeals", "scale", _L("Appeals"), ""),
    ("brand.payouts", "cash", _L("Payouts"), _L("Payouts")),
    ("brand.connections", "plug", _L("Store connections"), ""),
    ("brand.reviews", "clipboard-list", _L("To review"), ""),
    ("brand.members", "key", _L("Team"), ""),
    ("brand.settings", "settings", _L("Settings"), ""),
]
OPERATOR = [
    ("admin.home", "heartbeat", _L("Health"), _L("Health")),
    ("admin.stuck", "hand-stop", _L("Stuck work"), _L("Stuck")),
    ("admin.brands", "building-store", _L("Brands"), _L("Brands")),
    ("admin.people", "users", _L("People"), _L("People")),
    ("admin.audit", "history", _L("Audit log"), ""),
]
_PARENTS = {"creator": CREATOR, "brand": BRAND, "admin": OPERATOR}


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the menu."""

    url: str
    icon: str
    text: str
    short: str
    current: bool

    @property
    def tab(self) -> bool:
        """Whether it is in the phone's tab bar too."""
        return bool(self.short)


def init_app(app: Flask) -> None:
    """Offer the menu to templates."""
    app.jinja_env.globals.update(nav_items=nav_items, hat_name=hat_name, hat_kind=hat_kind, with_language=with_language)


def nav_items() -> list[Item]:
    """The menu of the hat that this page belongs to."""
    entries = _PARENTS.get(request.blueprint or "", [])
    here = (request.endpoint or "").partition(".")[2]
    if here.startswith(("terms_", "what_if")):
        here = f"program_{here}"  # both belong to a program
    items = []
    for endpoint, icon, text, short in entries:
        if _open(endpoint):
            section = endpoint.partition(".")[2]
            current = here == section or (section != "home" and here.startswith(section.rstrip("s")))
            items.append(Item(url_for(endpoint), icon, str(text), str(short), current))
    return items


def hat_name() -> str:
    """Whose desk this is."""
    if g.get("brand") is not None:
        return str(g.brand.name)
    if g.get("creator") is not None:
        return f"@{g.creator.handle}"
    return str(current_user.user.name or current_user.user.email)


def hat_kind() -> str:
    """Which hat is worn."""
    if g.get("brand") is not None:
        roles = {
            "owner": gettext("Owner"),
            "manager": gettext("Manager"),
            "finance": gettext("Finance"),
            "viewer": gettext("Viewer"),
        }
        return str(roles[g.member.role])
    if g.get("creator") is not None:
        return str(gettext("Creator"))
    return str(gettext("Operator") if request.blueprint == "admin" else gettext("Account"))


def with_language(code: str) -> str:
    """This page in another language; where it was posted to, the page it came from."""
    if request.endpoint is None or request.method not in ("GET", "HEAD"):
        return f"/?lang={code}"
    values: dict[str, Any] = {**request.args.to_dict(), **(request.view_args or {}), "lang": code}
    return url_for(request.endpoint, **values)


def _open(endpoint: str) -> bool:
    policy = policy_of(current_app, endpoint)
    if policy is None:
        return False
    return policy.kind != "brand" or (g.get("member") is not None and g.member.role in policy.roles)
