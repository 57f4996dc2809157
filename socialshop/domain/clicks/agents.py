"""Which device, system, browser and app an agent names. Pure, and never more than a fraction of a millisecond.

Browsers and systems are told by ua-parser's table (by the engine that needs no backtracking, so no agent can make it
slow); the apps whose own browser opens a link, and the size of the device, by the tables below.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

LONGEST = 300  # characters that are looked at, as many as are kept

# Apps that open links in a browser of their own: what their agents say → our word. The first that fits counts.
INSIDE: tuple[tuple[str, str], ...] = (
    ("instagram ", "instagram"), ("instagram/", "instagram"), ("barcelona ", "threads"), ("barcelona/", "threads"),
    ("messengerforios", "messenger"), ("messengerlite", "messenger"), ("fb_iab/messenger", "messenger"),
    ("fb_iab/orca", "messenger"), ("orca-android", "messenger"),
    ("fban/", "facebook"), ("fbav/", "facebook"), ("fb_iab/", "facebook"), ("fbios", "facebook"),
    ("musical_ly", "tiktok"), ("tiktok", "tiktok"), ("trill", "tiktok"), ("bytelocale", "tiktok"), ("bytedancewebview", "tiktok"),
    ("aweme", "tiktok"), ("bytefulllocale", "tiktok"),
    ("whatsapp/", "whatsapp"), ("telegram-android", "telegram"), ("telegram-ios", "telegram"), ("telegram/", "telegram"),
    ("micromessenger", "wechat"), ("kakaotalk", "kakaotalk"), ("twitterandroid", "x"), ("twitter for ", "x"),
    ("twitter/", "x"), ("linkedinapp", "linkedin"), ("snapchat", "snapchat"), ("pinterest", "pinterest"),
    ("shopee", "shopee"), ("beeshop", "shopee"), ("tokopedia", "tokopedia"), ("gojek", "gojek"), ("gopay/", "gojek"),
    ("lazada", "lazada"), ("aliapp(la/", "lazada"), ("bukalapak", "bukalapak"), ("blibli", "blibli"), ("grab/", "grab"),
    ("zalo", "zalo"), ("discord/", "discord"), ("reddit/", "reddit"), ("viber/", "viber"), ("gsa/", "google"),
    (" line/", "line"), ("bereal", "bereal"),
)  # fmt: skip

_BROWSERS: tuple[tuple[str, str], ...] = (  # how ua-parser's families begin → our word; the first that fits counts
    ("Chrome Mobile WebView", "webview"), ("Chrome", "chrome"), ("Chromium", "chromium"),
    ("Mobile Safari UI/WKWebView", "webview"), ("Mobile Safari", "safari"), ("Safari", "safari"), ("Firefox", "firefox"),
    ("Edge", "edge"), ("Samsung Internet", "samsung"),
    ("UC Browser", "uc"), ("Opera", "opera"), ("MiuiBrowser", "miui"), ("HuaweiBrowser", "huawei"), ("Huawei Browser", "huawei"),
    ("OPR", "opera"), ("Brave", "brave"), ("DuckDuckGo", "duckduckgo"), ("Yandex", "yandex"), ("Vivo Browser", "vivo"),
    ("HeyTap", "heytap"), ("Puffin", "puffin"), ("IE", "ie"), ("Android", "android"), ("Vivaldi", "vivaldi"), ("Whale", "whale"),
    ("QQ Browser", "qq"), ("Ecosia", "ecosia"), ("Google", "google"),
)  # fmt: skip
_OVERSEEN = (("fxios/", "firefox"), ("vivobrowser/", "vivo"))  # forms that ua-parser takes for a nameless web view
_SYSTEMS: tuple[tuple[str, str], ...] = (
    ("Android", "android"), ("iOS", "ios"), ("Windows Phone", "windows phone"), ("Windows", "windows"), ("Mac OS X", "macos"),
    ("Chrome OS", "chromeos"), ("HarmonyOS", "harmonyos"), ("KaiOS", "kaios"), ("Tizen", "tizen"), ("Linux", "linux"),
    ("Ubuntu", "linux"), ("Fedora", "linux"), ("Debian", "linux"), ("BlackBerry", "blackberry"),
)  # fmt: skip

_TABLET = re.compile(r"ipad|tablet|kindle|silk/|playbook|nexus (?:7|9|10)\b|sm-t\d|sm-x\d")
_TELEVISION = re.compile(r"smart-?tv|googletv|appletv|hbbtv|\btv\b|bravia|aft[a-z]\b|playstation|xbox|nintendo|roku|crkey")
_PHONE = re.compile(r"mobi|iphone|ipod|phone|blackberry|opera mini|kaios|symbian|midp")
_DESKTOP = re.compile(r"windows nt|macintosh|mac os x|x11|cros |linux x86_64|win64|windows")


@dataclass(frozen=True, slots=True)
class Device:
    """What an agent names, in lower-case words; "" where it does not say. inside: the app whose browser it was."""

    device: str = ""  # phone, tablet, desktop
    system: str = ""
    browser: str = ""
    inside: str = ""


def describe(agent: str) -> Device:
    """What this agent says of the device, its system, the browser and the app around it."""
    return _described(agent[:LONGEST])


def inside_of(agent: str) -> str:
    """The app whose browser this is, "" none; `describe` without its tables."""
    return _inside(agent[:LONGEST].casefold())


@lru_cache(maxsize=8192)
def _described(agent: str) -> Device:
    agent = agent.encode("utf-8", "replace").decode()  # half a character pair is none
    lower = agent.casefold()
    if not lower.strip():
        return Device()
    browsers, systems = _tables()
    browser, system = browsers.extract(agent), systems.extract(agent)
    inside = _inside(lower)
    own = next((word for sign, word in _OVERSEEN if sign in lower), "") or (_word(browser.family, _BROWSERS) if browser else "")
    return Device(
        device=_size(lower),
        system=_word(system.family, _SYSTEMS) if system else "",
        browser="webview" if inside else own,
        inside=inside,
    )


def _inside(lower: str) -> str:
    return next((word for sign, word in INSIDE if sign in lower), "")


def _size(lower: str) -> str:
    if _TABLET.search(lower):
        return "tablet"
    if _TELEVISION.search(lower):
        return ""
    if _PHONE.search(lower):
        return "phone"
    if "android" in lower:
        return "tablet"  # Chrome says "Mobile" on phones only: https://developer.chrome.com/docs/multidevice/user-agent
    return "desktop" if _DESKTOP.search(lower) else ""


def _word(family: str, table: tuple[tuple[str, str], ...]) -> str:
    return next((word for start, word in table if family.startswith(start)), "")


@cache
def _tables() -> tuple[Any, Any]:
    """ua-parser's tables of browsers and systems; its table of device models, the largest, is not needed."""
    from ua_parser.loaders import load_builtins
    from ua_parser.regex import Resolver

    browsers, systems, _devices = load_builtins()
    resolver = Resolver((browsers, systems, []))
    return resolver.ua, resolver.os
