"""Row by row: what browsers say of a request, and the class it gets."""

from __future__ import annotations

import pytest

from socialshop.domain import clicks
from socialshop.domain.clicks import Tap

CHROME = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0"
CHROME_70 = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/70.0.3538.77 Safari/537.36"
FIREFOX = "Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
CHROME_IOS = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/126.0.6478.35 Mobile/15E148 Safari/604.1"
SAMSUNG = "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36"
WEBVIEW = "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/129.0.6668.54 Mobile Safari/537.36"
BARE_WEBVIEW = "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.6668.54 Mobile Safari/537.36"
INSTAGRAM = WEBVIEW + " Instagram 340.0.0.30.106 Android (34/14; 420dpi; 1080x2125; Google; Pixel 8)"

ROWS = [
    # purpose, mode, dest, site, activated, agent → class, reason
    ("", "navigate", "document", "none", True, CHROME, "payable", ""),  # typed, a bookmark, another app
    ("", "navigate", "document", "none", False, CHROME, "payable", ""),  # handed over by an app: nobody knows
    ("", "navigate", "document", "same-origin", True, CHROME, "payable", ""),  # a link page's anchor
    ("", "navigate", "document", "same-site", True, CHROME, "payable", ""),
    ("", "navigate", "document", "cross-site", True, CHROME, "payable", ""),  # somebody's blog
    ("", "navigate", "document", "cross-site", False, CHROME, "payable", ""),  # l.instagram.com, t.co, a meta refresh
    ("", "navigate", "document", "same-site", False, CHROME, "payable", ""),  # a blog under the same domain
    ("", "navigate", "document", "same-origin", False, CHROME, "unactivated", "no_activation"),
    ("", "navigate", "document", "same-origin", False, EDGE, "unactivated", "no_activation"),
    ("", "navigate", "document", "same-origin", False, CHROME_70, "payable", ""),  # it never said
    ("", "navigate", "document", "same-origin", False, FIREFOX, "payable", ""),
    ("", "navigate", "document", "same-origin", False, SAFARI, "payable", ""),  # never says
    ("", "navigate", "document", "same-origin", False, CHROME_IOS, "payable", ""),  # Safari inside
    ("", "navigate", "document", "same-origin", False, SAMSUNG, "payable", ""),
    ("", "navigate", "document", "same-origin", False, WEBVIEW, "payable", ""),
    ("", "navigate", "document", "same-origin", False, BARE_WEBVIEW, "payable", ""),
    ("", "navigate", "document", "same-origin", False, INSTAGRAM, "payable", ""),
    ("", "navigate", "document", "", False, CHROME, "payable", ""),
    ("", "", "", "", False, WEBVIEW, "payable", ""),  # plain http, or old: says nothing
    ("", "navigate", "", "same-origin", False, CHROME, "payable", ""),  # Chrome 76 to 79 had no Dest
    ("", "", "document", "", False, CHROME, "payable", ""),
    ("prefetch", "navigate", "document", "same-origin", False, CHROME, "prefetch", "sec_purpose"),
    ("prefetch;prerender", "navigate", "document", "none", True, CHROME, "prefetch", "sec_purpose"),
    ("prefetch;anonymous-client-ip", "navigate", "document", "cross-site", False, CHROME, "prefetch", "sec_purpose"),
    ("preview", "", "", "", False, SAFARI, "prefetch", "sec_purpose"),  # X-Purpose of Safari's top sites and of Facebook's app
    ("Prefetch", "no-cors", "empty", "same-origin", False, FIREFOX, "prefetch", "sec_purpose"),  # X-Moz, in whatever case
    ("something else", "navigate", "document", "none", True, CHROME, "payable", ""),
    ("", "no-cors", "image", "cross-site", False, CHROME, "embedded", "mode_no-cors"),
    ("", "no-cors", "script", "cross-site", False, CHROME, "embedded", "mode_no-cors"),
    ("", "cors", "empty", "same-origin", True, CHROME, "embedded", "mode_cors"),
    ("", "same-origin", "empty", "same-origin", False, CHROME, "embedded", "mode_same-origin"),
    ("", "websocket", "websocket", "same-origin", False, CHROME, "embedded", "mode_websocket"),
    ("", "nested-navigate", "", "cross-site", False, CHROME_70, "embedded", "mode_nested-navigate"),  # iframes in old Chrome
    ("", "navigate", "iframe", "cross-site", False, CHROME, "embedded", "dest_iframe"),
    ("", "navigate", "iframe", "cross-site", True, CHROME, "embedded", "dest_iframe"),
    ("", "navigate", "frame", "same-origin", True, CHROME, "embedded", "dest_frame"),
    ("", "navigate", "fencedframe", "cross-site", False, CHROME, "embedded", "dest_fencedframe"),
    ("", "navigate", "embed", "cross-site", False, CHROME, "embedded", "dest_embed"),
    ("", "navigate", "object", "cross-site", False, CHROME, "embedded", "dest_object"),
    ("", "", "image", "", False, SAFARI, "embedded", "dest_image"),
]


@pytest.mark.parametrize(("purpose", "mode", "dest", "site", "activated", "agent", "kind", "reason"), ROWS)
def test_what_the_browser_says_of_a_request(purpose, mode, dest, site, activated, agent, kind, reason):
    signs = " ".join(word for word in (f"site-{site}" if site else "", "user" if activated else "") if word)
    judged = clicks.judge(Tap(purpose=purpose, mode=mode, dest=dest, agent=agent, signs=signs))
    assert (judged.kind, judged.reason) == (kind, reason)


@pytest.mark.parametrize("shim", ["l.instagram.com", "lm.facebook.com", "l.threads.com", "t.co", "lnkd.in", "out.reddit.com", ""])
@pytest.mark.parametrize("agent", [CHROME, EDGE, FIREFOX, SAFARI, INSTAGRAM, WEBVIEW])
def test_a_tap_through_a_shim_never_loses(shim, agent):
    tap = Tap(mode="navigate", dest="document", agent=agent, referrer=shim, signs="site-cross-site")
    assert clicks.judge(tap).kind == "payable"


@pytest.mark.parametrize(
    ("facts", "kind", "reason"),
    [
        ({"agent": CHROME, "signs": "site-none user headless"}, "bot", "headless"),
        ({"agent": CHROME, "signs": "app-com.headless.android"}, "payable", ""),
        ({"agent": "", "signs": "headless"}, "bot", "no_agent"),
        ({"agent": "curl/8.5.0", "viewer": "creator"}, "bot", "agent"),
        ({"agent": CHROME, "viewer": "creator"}, "own", "creators_own"),
        ({"agent": CHROME, "viewer": "brand"}, "test", "brand_member"),
        ({"agent": CHROME, "viewer": "creator", "mode": "cors", "dest": "empty"}, "embedded", "mode_cors"),
        ({"agent": "WhatsApp/2.24.13.77 A", "purpose": "prefetch"}, "prefetch", "sec_purpose"),
        ({"agent": WEBVIEW + " WhatsApp/2.24.13.77"}, "payable", ""),
        ({"agent": "WhatsApp/2.24.13.77 A"}, "preview", "agent"),
        ({"agent": "Instagram 340.0.0.30.106 Android (33/13; 420dpi)"}, "bot", "app_itself"),
    ],
)
def test_then_what_it_is_then_who(facts, kind, reason):
    judged = clicks.judge(Tap(**facts))
    assert (judged.kind, judged.reason) == (kind, reason)


def test_only_a_tap_that_counts_has_no_reason_and_each_reason_fits_its_column():
    for purpose, mode, dest, site, _activated, agent, *_ in ROWS:
        judged = clicks.judge(Tap(purpose, mode * 3, dest * 9, agent, signs=f"site-{site}"))
        assert bool(judged.reason) is (judged.kind != "payable")
        assert len(judged.reason) <= clicks.Click.__table__.c.reason.type.length


def test_everything_that_could_be_said_gets_exactly_one_class():
    """No combination falls through, and nothing but a plain navigation counts."""
    from itertools import product

    for purpose, mode, dest, site, user in product(
        ("", "prefetch"), ("", "navigate", "cors", "x"), ("", "document", "iframe", "x"),
        ("", "site-none", "site-same-origin", "site-same-site", "site-cross-site"), ("", "user"),
    ):  # fmt: skip
        kind = clicks.judge(Tap(purpose, mode, dest, CHROME, signs=f"{site} {user}")).kind
        plain = not purpose and mode in ("", "navigate") and dest in ("", "document")
        scripted = (mode, dest, site, user) == ("navigate", "document", "site-same-origin", "")
        assert (kind == "payable") is (plain and not scripted)
