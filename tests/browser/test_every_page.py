"""Every page of the demo that a link leads to, in both languages, phone and desk, light and dark: axe finds nothing, nothing overflows, no error.

`SOCIALSHOP_SCREENSHOTS=FOLDER` keeps a picture of each.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from socialshop.demo import PASSWORD
from tests.browser.conftest import DESK, PHONE
from tests.running import Install

PEOPLE = {
    "visitor": ("", ["/", "/@rani", "/@bima", "/auth/sign-in", "/auth/sign-up", "/auth/reset", "/cart", "/nothing-here"]),
    "creator": ("rani@demo.test", ["/creator/", "/auth/start", "/auth/account"]),
    "brand": ("merek@demo.test", ["/brand/kopi-senja/"]),
    "operator": ("operator@demo.test", ["/admin/"]),
}
WAYS = {"phone-id": ("id", PHONE, "light"), "desk-en": ("en", DESK, "dark")}
_ID = re.compile(r"(?<=/)(?:[a-z]{3}_[A-Za-z0-9]{8,}|[A-Za-z0-9_-]{20,})(?=[/.]|$)")
_BLOCK = re.compile(r"(?<=/blocks/)[a-z0-9]+|(?<=/statements/)[0-9]{4}-[0-9]{2}")
NOT_PAGES = re.compile(
    r"\.(csv|svg|png|jpg|webp|json|ics)$|^/l/|^/media/|^/static/|^/assets/|^/healthz|^/readyz|^/metrics|/preview$|/papers/|^/api/v1/"
)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Install]:
    if request.config.getoption("--database") == "postgresql":
        pytest.skip("what a screen looks like does not depend on the database; the run on SQLite looks at all of them")
    made = Install(tmp_path_factory.mktemp("demo"), settings={"PASSWORD_COST": "full"})
    made.command("migrate")
    made.command("demo")
    made.command("verify")
    made.start_web()
    made.start_worker()
    made.await_answer("/readyz")
    yield made
    made.stop()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("who", PEOPLE)
def test_every_page(demo, chromium, who, way):
    email, starts = PEOPLE[who]
    language, size, scheme = WAYS[way]
    context = chromium.new_context(**size, locale=language, color_scheme=scheme)
    context.set_default_timeout(30_000)
    page = context.new_page()
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(f"console: {message.text}") if message.type == "error" else None)
    # Chromium's word for walking from a page with view transitions to one without; nothing of ours has failed
    harmless = "ViewTransition opt-in disabled"
    page.on("pageerror", lambda error: harmless in str(error) or troubles.append(f"script: {error}"))
    page.goto(f"{demo.url}/auth/sign-in?lang={language}" if email else f"{demo.url}/?lang={language}")
    if email:
        page.fill("input[name=email]", email)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "sign-in" not in url)
    found: list[str] = []
    waiting, seen = list(starts), set()
    while waiting:
        path = waiting.pop(0)
        kind = _BLOCK.sub("…", _ID.sub("…", path))
        if kind in seen or NOT_PAGES.search(path):
            continue
        seen.add(kind)
        found += [
            f"{kind}: {what}" for what in look_at(page, demo.url + path, troubles, f"{way}-{who}", kind, path == "/nothing-here")
        ]
        waiting += links_of(page, demo.url)
    if who == "visitor":
        found += buy(page, demo.url, troubles, f"{way}-{who}")
    context.close()
    assert len(seen) >= len(starts)
    assert not found, f"{len(seen)} pages, {len(found)} findings:\n" + "\n".join(found)


def look_at(page, url: str, troubles: list[str], way: str, kind: str, missing: bool) -> list[str]:
    troubles.clear()
    answer = page.goto(url)
    if answer is None:
        return ["no answer"]
    if answer.status != (404 if missing else 200):
        return [f"status {answer.status}"]
    if missing:
        troubles.clear()
    return inspect(page, troubles, way, kind)


def buy(page, base: str, troubles: list[str], way: str) -> list[str]:
    """From the link page through cart and checkout, refused once, to the order: the pages that no link leads to."""
    troubles.clear()
    found: list[str] = []

    def see(what: str) -> None:
        found.extend(f"{what}: {each}" for each in inspect(page, troubles, way, what))
        troubles.clear()

    page.goto(f"{base}/@rani")
    page.click(".pg-big .pg-buy")
    page.wait_for_url("**/@rani/p/**")
    see("sheet")
    page.locator(".pg-opt").first.click()
    page.click("button[value=cart]")
    page.wait_for_url("**/cart")
    see("cart filled")
    page.click("a[href='/checkout']")
    page.wait_for_url("**/checkout")
    see("checkout")
    place = page.locator(".pay-bar button")
    place.click()
    page.wait_for_selector(".error-summary")
    troubles.clear()  # the browser's console tells of the 422
    see("checkout refused")
    for name, text in (
        ("name", "Wulan Kartika"),
        ("phone", "081234567890"),
        ("email", "wulan@example.com"),
        ("address", "Jl. Mawar 3"),
    ):
        page.fill(f"[name={name}]", text)
    place.click()
    page.wait_for_url("**/o/**")
    see("order")
    return found


def inspect(page, troubles: list[str], way: str, kind: str) -> list[str]:
    """What is wrong with the page that is shown; its picture is kept."""
    page.wait_for_load_state("load")
    keep_picture(page, way, kind)
    found = list(troubles)
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append("wider than the screen")
    results = Axe().run(page, options={"resultTypes": ["violations"]})
    for violation in results.response["violations"]:
        nodes = violation["nodes"]
        found.append(f"axe {violation['id']} ({len(nodes)}): {nodes[0]['target']} {nodes[0].get('failureSummary', '')[:300]}")
    return found


def links_of(page, base: str) -> list[str]:
    hrefs = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
    paths = []
    for href in hrefs:
        parts = urlsplit(href)
        if f"{parts.scheme}://{parts.netloc}" == base:
            paths.append(parts.path)
    return paths


def keep_picture(page, way: str, kind: str) -> None:
    folder = os.environ.get("SOCIALSHOP_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^A-Za-z0-9@]+", "_", kind.replace("…", "ONE")).strip("_") or "home"
        page.screenshot(path=f"{folder}/{way}-{name}.png", full_page=True)
