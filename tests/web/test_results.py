"""What posts brought, as creators and brands read it: pages, sheets and the API say the same."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update

from socialshop.domain import social
from socialshop.domain.social import Target
from socialshop.kernel.database import session, transaction

from ..api.reading import reader
from ..conftest import START
from ..result_stage import let_go, opened
from .test_statistics import owner_of, sheet, signed_in, tiles

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def shop(app, world):
    with app.app_context():
        made = opened(world)
        let_go(made.brand, made.product, made.program, made.mia, made.code, *made.channels.values())
        return made


@pytest.fixture
def posts(app, shop):
    """One on both channels that sold thrice, one formula that sold nothing, one from long ago."""
    with app.app_context():
        good = shop.post(at=START - 2 * DAY, caption="Kopi pagi")
        idle = shop.post(at=START - DAY, caption="=HYPERLINK(1)<script>", on=("tiktok",), with_code=False)
        old = shop.post(at=START - 60 * DAY, caption="Dulu")
        for n, provider in enumerate(("instagram", "tiktok")):
            click = shop.tap(good, provider, visitor=f"guest-{n:010}", at=START - 5 * HOUR)
            shop.sale(at=START - 4 * HOUR, click=click, visitor=f"guest-{n:010}")
        shop.sale(at=START - 3 * HOUR, code="mia10")
        [row] = social.targets_of(idle.id)
        with transaction():
            asked = social.figures.Asked(row.id, row.remote_id, "image", START - DAY)
            social.figures.tell(asked, {"views": 1234, "likes": 5}, day=START.date(), now=START)
        let_go(good, idle, old)
        return good, idle, old


def test_the_page_the_sheet_and_the_api_agree(world, shop, posts):
    good, idle, old = posts
    client = signed_in(world, shop.mia)
    page = client.get("/creator/posts/results?lang=en").text
    assert {name: tiles(page)[name] for name in ("Clicks", "Paid orders", "Commission", "Earnings per click")} == {
        "Clicks": "2", "Paid orders": "3", "Commission": "Rp30.000", "Earnings per click": "Rp15.000",
    }  # fmt: skip
    assert page.index("Kopi pagi") < page.index("=HYPERLINK(1)&lt;script&gt;")
    assert ">1,234<" in page
    assert "Dulu" not in page
    rows = {row["post"]: row for row in sheet(client, "/creator/posts/results.csv")}
    assert set(rows) == {good.public_id, idle.public_id}
    assert {name: rows[good.public_id][name] for name in ("clicks", "orders", "revenue", "commission", "pending", "views")} == {
        "clicks": "2", "orders": "3", "revenue": "300000", "commission": "30000", "pending": "30000", "views": "",
    }  # fmt: skip
    assert (rows[idle.public_id]["name"], rows[idle.public_id]["views"]) == ("'=HYPERLINK(1)<script>", "1234")
    assert old.public_id in {row["post"] for row in sheet(client, "/creator/posts/results.csv?period=90")}
    for machine, named in ((reader(world, creator=shop.mia), "Kopi pagi"), (reader(world, brand=shop.brand), "Kopi pagi")):
        [row, *_] = machine.json("statistics/rows?by=post&limit=200")["data"]
        assert (row["value"], row["name"], row["clicks"], row["orders"]) == (good.public_id, named, 2, 3)
        assert row["amounts"][0]["commission"] == 30_000
        assert machine.json(f"statistics?post={good.public_id}")["figures"]["clicks"] == 2
        assert machine.json("statistics?post=pst_nobody")["figures"]["clicks"] == 0
    for door, root in ((client, "/creator"), (owner_of(world, shop.brand), "/brand/senja")):
        assert "Kopi pagi" in door.get(f"{root}/statistics?what=post&lang=en").text
        [row, *_] = sheet(door, f"{root}/statistics.csv?by=post")
        assert (row["post"], row["clicks"], Decimal(row["commission"])) == (good.public_id, "2", 30_000)
        assert tiles(door.get(f"{root}/statistics?post={good.public_id}&lang=en").text)["Clicks"] == "2"


def test_a_posts_own_page_says_what_each_channel_brought_and_what_is_not_told(world, app, shop, posts):
    good, idle, _ = posts
    client = signed_in(world, shop.mia)
    page = client.get(f"/creator/posts/{good.public_id}?lang=en").text
    brought = page[page.index('id="p-results"') :]
    places = re.findall(r'class="post-place" aria-label="([^"]*)"', brought)
    assert places == ["Instagram", "TikTok", "By code alone"]
    assert brought.count("is not connected any more") == 2
    assert tiles(brought)["Commission"] == "Rp30.000"
    quiet = client.get(f"/creator/posts/{idle.public_id}?lang=en").text
    assert "Nobody has tapped or bought yet" in quiet
    assert "not told" in quiet
    assert "as of 1 Jun 2026, 10:00 WIB" in quiet
    with app.app_context(), transaction():
        session().execute(update(Target).where(Target.post_id == idle.id).values(state="failed", published_at=None))
    assert "It is not published yet" in client.get(f"/creator/posts/{idle.public_id}?lang=en").text
    with app.app_context(), transaction():
        session().execute(update(Target).where(Target.post_id == idle.id).values(state="unknown"))
        session().execute(update(Target).where(Target.id == social.targets_of(good.id)[0].id).values(state="unknown"))
    unclear = client.get(f"/creator/posts/{idle.public_id}?lang=en").text
    assert "We do not know yet whether it is published." in unclear
    assert "It is not published yet" not in unclear
    unclear = client.get(f"/creator/posts/{good.public_id}?lang=en").text
    assert "We do not know yet whether it stands on" in unclear
    assert "It does not stand on" not in unclear


def test_a_beginner_is_told_what_to_do_and_odd_addresses_are_not_heard(world, shop):
    client = signed_in(world, shop.mia)
    assert "No posts yet" in client.get("/creator/posts/results?lang=en").text
    with world.app.app_context():
        shop.post(at=START - 20 * DAY)
    page = client.get("/creator/posts/results?period=7&sort=nonsense&channel=x&lang=en").text
    assert "No posts in this time" in page
    assert client.get("/creator/posts/results.csv?from=2026-06-02&to=2026-06-01").status_code == 422
    for sort in ("clicks", "orders", "epc", "views", "new"):
        assert client.get(f"/creator/posts/results?sort={sort}").status_code == 200
