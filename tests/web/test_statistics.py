"""Statistics: pages, sheets and the API say the same numbers, in the viewer's words, and nobody sees another's."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import update

from socialshop.domain import analytics, clicks, links, pages, people
from socialshop.domain.analytics import RecentTaps
from socialshop.kernel.database import session, transaction
from socialshop.kernel.money import to_decimal

from ..api.reading import reader
from ..conftest import START
from ..domain.analytics import history


@pytest.fixture
def story(app, world):
    with app.app_context():
        return history.make(world)


def signed_in(world, person):
    return world.sign_in(world.app.test_client(), person.user_id)


def owner_of(world, brand):
    with world.app.app_context():
        user_id = people.members_of(brand.id)[0][1].id
    return world.sign_in(world.app.test_client(), user_id)


def asked(world, scope, name="30", zone="Asia/Jakarta"):
    with world.app.app_context():
        return analytics.figures(scope, analytics.period(name, now=START, zone=zone), RecentTaps())


def tiles(page):
    """Headline figures of a page by their label."""
    pairs = re.findall(r'<span class="label">([^<]*)</span><span class="value[^"]*">([^<]*)</span>', page)
    return dict(pairs)


def sheet(client, address):
    rows = csv.DictReader(io.StringIO(client.get(address).text.lstrip("\ufeff")))
    return list(rows)


def test_pages_sheets_and_the_api_agree(world, story):
    scopes = dict(history.each_scope(story))
    mia, senja = story.creators[0], story.brands[0]
    doors = [
        (signed_in(world, mia), "/creator", reader(world, creator=mia), scopes["mia"], "IDR"),
        (owner_of(world, senja), "/brand/senja", reader(world, brand=senja), scopes["senja"], "IDR"),
    ]
    for client, root, machine, scope, currency in doors:
        found = asked(world, scope)
        told = machine.json("statistics")["figures"]
        counts = ("requests", "clicks", "visitors", "checkouts", "orders", "kept", "apart")
        assert {name: told[name] for name in counts} == {name: found.of(name) for name in counts}
        amounts = {each["currency"]: each for each in told["amounts"]}
        assert {c: each["commission"] for c, each in amounts.items() if each["commission"]} == dict(found.commission)
        assert {c: each["revenue"] for c, each in amounts.items() if each["revenue"]} == {
            c: m for c, m in found.revenue.items() if m
        }
        page = client.get(f"{root}/statistics?lang=en").text
        shown = tiles(page)
        assert shown["Clicks"] == str(found.clicks)
        assert shown["Paid orders"] == str(found.orders)
        assert shown["Commission"].startswith("Rp" + f"{found.commission.get(currency, 0):,}".replace(",", "."))
        for by in ("channel", "link", "country", "day"):
            rows = sheet(client, f"{root}/statistics.csv?by={by}")
            assert sum(int(row["clicks"] or 0) for row in rows) == found.clicks, by
            earned = sum(Decimal(row["commission"]) for row in rows if row["currency"] == currency)
            assert earned == Decimal(to_decimal(found.commission.get(currency, 0), currency)), by
            data = machine.json(f"statistics/rows?by={by}&limit=200")["data"]
            assert sum(row["clicks"] for row in data) == found.clicks, by


def test_a_filter_is_a_chip_that_can_be_taken_away(world, story):
    client = signed_in(world, story.creators[0])
    page = client.get("/creator/statistics?channel=instagram&country=-&lang=en").text
    assert page.count('class="chip"') == 2
    assert "Unknown" in page
    assert re.search(r'class="chip" href="/creator/statistics\?country=-"', page)
    scope = dict(history.each_scope(story))["mia"]
    found = asked(world, replace(scope, where={"channel": "instagram", "country": ""}))
    assert tiles(page)["Clicks"] == str(found.clicks)
    assert "Page views" not in tiles(page)  # nobody views a page through a channel


def test_a_sheet_runs_nothing(world, story):
    rows = sheet(signed_in(world, story.creators[0]), "/creator/statistics.csv?by=referrer&period=90")
    assert "'=cmd()" in {row["referrer"] for row in rows}
    assert not any(str(cell).startswith("=") for row in rows for cell in row.values())


def test_odd_addresses_are_not_heard(world, story):
    client = signed_in(world, story.creators[0])
    for query in ("period=nonsense", "chart=what", "what=%00", "country=" + "x" * 500, "page=1"):
        assert client.get(f"/creator/statistics?{query}").status_code == 200
    wrong = client.get("/creator/statistics?from=2026-06-02&to=2026-06-01&lang=en")
    assert "Choose a first and a last day" in wrong.text
    assert client.get("/creator/statistics?from=2026-02-30&to=9999-99-99").status_code == 200
    assert client.get("/creator/statistics/table?by=nonsense").status_code == 404
    assert client.get("/creator/statistics.csv?by=reason").status_code == 404


def test_nobody_sees_anothers_rows(world, story):
    mia, ana, _ = story.creators
    senja = story.brands[0]
    theirs = next(link for link in story.links if link.creator_id == ana.id)  # in the first brand's program
    plain = story.links[-1]  # of Mia's, outside of any program
    client = signed_in(world, mia)
    assert client.get(f"/creator/statistics?link={theirs.public_id}").status_code == 404
    assert client.get("/creator/statistics?link=lnk_none").status_code == 404
    assert client.get(f"/creator/statistics?creator={ana.public_id}").status_code == 404
    brand = owner_of(world, senja)
    for foreign in (
        f"program={story.programs[1].public_id}",
        f"link={plain.public_id}",
        f"product={story.products[1].public_id}",
    ):
        assert brand.get(f"/brand/senja/statistics?{foreign}").status_code == 404
    page = brand.get("/brand/senja/statistics/table?by=link&period=90").text
    assert plain.slug not in page
    assert theirs.slug in page
    assert theirs.title not in page  # a name for her own list
    assert brand.get("/brand/harbour/statistics").status_code == 404
    machine, missing = reader(world, brand=senja), "link=lnk_none"
    for foreign in (f"link={plain.public_id}", f"program={story.programs[1].public_id}"):
        assert machine.json(f"statistics?{foreign}") == machine.json(f"statistics?{missing}")
    assert machine.json(f"statistics?{missing}")["figures"]["clicks"] == 0


def test_a_viewer_reads_and_a_stranger_does_not(world, story):
    person = world.user("viewer@senja.test")
    world.member(story.brands[0], person, "viewer")
    client = world.sign_in(world.app.test_client(), person.id)
    assert client.get("/brand/senja/statistics").status_code == 200
    assert client.get("/brand/senja/statistics.csv").status_code == 200
    assert client.get("/brand/harbour/statistics").status_code == 404
    assert client.get("/creator/statistics").status_code in (302, 303, 403, 404)


def test_machines_are_told_what_is_wrong(world):
    machine = reader(world, creator=world.creator("mia"))
    told = machine.json("statistics?from=2026-13-01&timezone=Mars/Base&period=7&colour=red", 422)
    assert {each["pointer"] for each in told["errors"]} == {"/query/colour"}
    told = machine.json("statistics?from=2026-13-01&timezone=Mars/Base&period=7", 422)
    assert {each["pointer"] for each in told["errors"]} == {"/query/from", "/query/to", "/query/timezone", "/query/period"}
    assert machine.json("statistics/rows", 422)["errors"][0]["pointer"] == "/query/by"
    assert machine.json("statistics?from=2026-01-01&to=2027-06-01", 422)["errors"][0]["code"] == "bad_period"
    assert machine.json("statistics?timezone=Asia/Kolkata")["timezone"] == "Asia/Kolkata"


def test_a_beginner_is_told_what_to_do(world):
    client = signed_in(world, world.creator("mia"))
    page = client.get("/creator/statistics?lang=en").text
    assert "No clicks yet" in page
    assert "/creator/links" in page


def test_days_of_two_years_have_both_years(world, story):
    client = signed_in(world, story.creators[0])
    page = client.get("/creator/statistics?from=2025-12-01&to=2026-11-20&lang=en").text
    assert "1 Dec 2025 – 20 Nov 2026" in page
    assert "Compared with 11 Dec 2024 – 30 Nov 2025." in page
    assert "2 Jun – 3 Jun 2026" in client.get("/creator/statistics?from=2026-06-02&to=2026-06-03&lang=en").text


def test_a_sheet_of_wrong_days_is_refused(world, story):
    client = signed_in(world, story.creators[0])
    for days in ("from=x&to=y", "from=2026-06-02&to=2026-06-01", "from=2026-06-02"):
        refused = client.get(f"/creator/statistics.csv?by=day&{days}&lang=en")
        assert refused.status_code == 422, days
        assert "Choose a first and a last day, at most a year apart." in refused.text


def test_a_country_is_found_in_small_letters_too(world, story):
    scope = dict(history.each_scope(story))["mia"]
    found = asked(world, replace(scope, where={"country": "ID"}))
    page = signed_in(world, story.creators[0]).get("/creator/statistics?country=id&lang=en").text
    assert tiles(page)["Clicks"] == str(found.clicks) != "0"
    assert "Indonesia" in page


def test_places_and_destinations_have_names(world, story):
    mia = story.creators[0]
    with world.app.app_context():
        block = {"id": "7qwpjrb4", "type": "heading", "text": "What I wear", "hidden": False}
        mine = [link for link in story.links if link.creator_id == mia.id and link.channel == "page"]
        with transaction():
            pages.make(mia.id, document={"profile": {}, "theme": {}, "blocks": [block]}, now=START)
            for link, place, way in zip(mine, ("7qwpjrb4", "gonegone"), ("r1", "a2"), strict=True):
                session().get(links.TrackedLink, link.id).placement = place
                taps = update(clicks.Click).where(clicks.Click.creator_id == mia.id, clicks.Click.program_id == link.program_id)
                session().execute(taps.values(placement=place, destination=way, kind="payable", reason=""))
    client = signed_in(world, mia)
    shown = client.get("/creator/statistics?period=90&where=placement&campaign=destination&lang=en").text
    with world.app.app_context():
        whose = dict(history.each_scope(story))["mia"]
        assert analytics.blocks_of(whose, ["7qwpjrb4", "gonegone", "bio"]) == {"7qwpjrb4": "What I wear", "gonegone": ""}
    for name in ("What I wear", "By a rule (r1)"):
        assert f">{name}</a>" in shown, name
    brand = owner_of(world, story.brands[0])
    shown = brand.get("/brand/senja/statistics?period=90&where=placement&lang=en").text
    assert ">On the page of @mia</a>" in shown
    assert "What I wear" not in shown


def test_where_nothing_is_the_way_out_is_shown(world, story):
    for client, root in ((signed_in(world, story.creators[0]), "/creator"), (owner_of(world, story.brands[0]), "/brand/senja")):
        page = client.get(f"{root}/statistics?country=XX&lang=en").text
        assert page.count("Nothing in this time") == 1
        assert re.search(rf'href="{root}/statistics"[^>]*>Without “Countries: XX”</a>', page)
        assert re.search(
            rf'href="{root}/statistics\?country=XX&amp;period=90"|href="{root}/statistics\?[^"]*period=90[^"]*"', page
        )
        assert "See 90 days" in page
        assert 'class="card flush breakdown"' not in page
        assert 'class="card flush breakdown"' in client.get(f"{root}/statistics?country=ID&lang=en").text
