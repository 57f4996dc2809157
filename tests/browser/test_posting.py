"""One post to Instagram and TikTok, composed on a phone, published by the worker, and what each of its links and its code sold."""

from __future__ import annotations

import csv
import io
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests

from tests.domain.test_clicks import CHROME
from tests.doubles import films
from tests.doubles.desk import Desk
from tests.running import Install

from .conftest import PHONE
from .journey import Journey, Person

EARNED = 18_625  # 12.5 %
WORDS = "Mug ini teman kopi pagiku. #kopi #mug"


@pytest.fixture
def install(tmp_path: Any, request: pytest.FixtureRequest) -> Iterator[Install]:
    """An install that is started once it knows where the platforms are."""
    url = request.getfixturevalue("empty_postgresql") if request.config.getoption("--database") == "postgresql" else ""
    made = Install(tmp_path, database_url=url)
    yield made
    made.stop()


@pytest.fixture
def platforms(install: Install) -> Iterator[Desk]:
    """Both of them on this machine, and the install that speaks to them."""
    with Desk(port=0, shop=install.url) as made:
        install.settings |= dict(pair.split("=", 1) for pair in made.settings().split())
        install.start()
        yield made


def test_one_post_on_both_channels_and_what_each_sold(install: Install, platforms: Desk, chromium: Any) -> None:
    journey = Journey(install, chromium)
    for step in journey.up_to_the_commission()[:-3]:
        step()
    rani = journey.person("creator", phone=True)
    connects(rani)
    plans(rani)
    post = rani.page.url.removeprefix(install.url)
    rani.sees("Planned")
    install.verify()
    assert not platforms.instagram.posted()
    assert not platforms.tiktok.posted()

    published(install, platforms, rani)
    [there], [over_there] = platforms.instagram.posted(), platforms.tiktok.posted()
    for text in (there["text"], over_there["text"]):
        assert text.startswith("Ad · contains affiliate links/codes\n\nMug ini")
        assert "RANI10" in text
    assert "branded content" in over_there["note"]
    assert "/l/" not in there["text"]
    by_tiktok = re.search(r"/l/[\w-]+", over_there["text"])
    assert by_tiktok
    for double in (platforms.instagram, platforms.tiktok):
        assert "Mug ini teman kopi pagiku" in requests.get(f"{double.url}/_double", timeout=5).text

    buys(journey, "by tiktok", lambda who: who.go(by_tiktok[0]))
    buys(journey, "by instagram", from_the_bio)
    buys(journey, "by code", by_a_friend, code="rani10")
    confirms_all(journey)
    install.verify()

    one = {"Clicks": "1", "Paid orders": "1", "Sales": "Rp149.000", "Commission": "Rp18.625"}
    typed = {"Paid orders": "1", "Sales": "Rp149.000", "Commission": "Rp18.625"}
    found = brought(rani, post)
    assert [facts for where, facts in found.items() if "Instagram" in where] == [one]
    assert [facts for where, facts in found.items() if "TikTok" in where] == [one]
    assert list(found.values()).count(typed) == 1, "the code alone, which both channels showed"
    row = in_all(rani)
    assert (row["clicks"], row["orders"], row["commission"]) == ("2", "3", str(3 * EARNED))
    rani.go("/creator/earnings")
    rani.sees("Rp55.875")  # what the ledger has for her


def connects(rani: Person) -> None:
    for name in ("Instagram", "TikTok"):
        rani.go("/creator/channels")
        rani.tap(re.compile(f"Connect {name}"))
        rani.page.get_by_role("button", name=re.compile("Allow|Continue")).click()
        rani.arrives("/creator/channels")
        rani.page.wait_for_load_state()
    rani.sees("shop_ana")
    rani.sees("ana.shop")


def plans(rani: Person) -> None:
    """A film, words, a product, who may see it, in two minutes."""
    page = rani.go("/creator/posts/new")
    page.set_input_files("#files", {"name": "pagi.mp4", "mimeType": "video/mp4", "buffer": films.film(size=60_000)})
    page.locator(".shot").wait_for()
    page.locator("#caption").fill(WORDS)
    page.locator("#q").fill("mug")
    page.get_by_role("button", name="Add: Mug Teras").click()
    page.locator(".chosen li").wait_for()
    rani.sees("Paid partnership")
    page.get_by_label("Who may see it").select_option("PUBLIC_TO_EVERYONE")
    page.get_by_label("At a time of my choice").check()
    soon = datetime.now(UTC).astimezone(ZoneInfo("Asia/Jakarta")) + timedelta(minutes=2)
    page.get_by_label("Date and time").fill(f"{soon:%Y-%m-%dT%H:%M}")
    page.get_by_text("Ad · contains affiliate links/codes").first.wait_for()
    loses_nothing(rani)
    rani.tap("Schedule post", to="/posts/pst_")


def loses_nothing(rani: Person) -> None:
    """Pressed without a signal, and once signed out: the form stays as it is, and says so."""
    context, button = rani.page.context, rani.page.get_by_role("button", name="Schedule post")
    context.set_offline(True)
    button.click()
    rani.page.get_by_text("No signal. What you typed is still here").wait_for()
    context.set_offline(False)
    cookies = context.cookies()
    context.clear_cookies()
    button.click()
    rani.page.get_by_role("link", name="Sign in in a new tab").wait_for()
    context.add_cookies(cookies)  # signed in again
    assert rani.page.locator("#caption").input_value() == WORDS


def published(install: Install, platforms: Desk, rani: Person) -> None:
    """Nobody waits for minutes to pass: the install's clock does, one after the other."""
    post = rani.page.url.removeprefix(install.url)
    for minutes in range(1, 40):
        install.clock(f"+{minutes}m")
        until = time.monotonic() + 2
        while time.monotonic() < until:
            if platforms.instagram.posted() and platforms.tiktok.posted():
                said = rani.go(post).inner_text("main")
                if "Instagram: posted" in said and "TikTok: posted" in said:
                    return
            time.sleep(0.2)
    raise AssertionError(f"not published: {install.log.read_text()[-4000:]}")


def buys(journey: Journey, name: str, comes: Any, *, code: str = "") -> None:
    """Somebody with a phone of their own comes, and orders."""
    context = journey.chromium.new_context(**PHONE, locale="en-GB", user_agent=CHROME)
    context.set_default_timeout(journey.patience)
    who = Person(context.new_page(), journey.install.url)
    who.go("/?lang=en")
    comes(who)
    who.arrives("/p/")
    who.tap("Buy", to="/checkout")
    contact = {"phone": "081234567890", "email": f"{name.replace(' ', '.')}@example.com", "code": code}
    who.fill(
        name=name, address="Jl. Kenanga 12, Sleman, Yogyakarta 55281", **{key: text for key, text in contact.items() if text}
    )
    who.page.locator("input[type=radio][value=transfer]").check()
    who.tap("Place the order", to="/o/")


def from_the_bio(who: Person) -> None:
    """Instagram's captions have no links: the page has what the newest post shows."""
    who.go("/@rani-seduh")
    who.sees("From my latest posts")
    who.page.locator("section, div, li", has_text="From my latest posts").locator("a[href^='/l/']").first.click()


def by_a_friend(who: Person) -> None:
    """Sent the product's bare address, with the code in mind."""
    slug = re.search(r"/p/[\w-]+", who.go("/@rani-seduh").content())
    who.go(f"/@rani-seduh{slug[0]}" if slug else "/@rani-seduh")


def confirms_all(journey: Journey) -> None:
    brand, home = journey.person("brand"), journey.facts["brand"]
    brand.go(f"{home}/orders")
    paths = {link.get_attribute("href") for link in brand.page.locator("a[href*='/orders/ord_']").all()}
    assert len(paths) == 3
    for path in sorted(paths):
        brand.go(path)
        brand.tap(re.compile("has arrived"))


def brought(rani: Person, post: str) -> dict[str, dict[str, str]]:
    """Where → what the post's page says, by name."""
    page = rani.go(post)
    found = {}
    for place in page.locator("section.post-place").all():
        facts = place.locator("dl.earned > div").all()
        found[place.locator("h3").inner_text().strip()] = {
            fact.locator("dt").inner_text(): fact.locator("dd").inner_text() for fact in facts
        }
    return found


def in_all(rani: Person) -> dict[str, str]:
    """The post's line of the sheet."""
    text = rani.page.request.get(f"{rani.url}/creator/posts/results.csv").text()
    [row] = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    return row
