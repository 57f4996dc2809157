"""Made-up clicks: as many as asked for, the same in the store, in the database and in the sums by day; never beside real people."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from socialshop.adapters.clicks import Counted, Question
from socialshop.demo import many
from socialshop.domain import clicks, links, people, programs, segments
from socialshop.flows import all_clicks, archive, recount
from socialshop.kernel.database import session

from . import builders

NOW = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
JAKARTA = "Asia/Jakarta"
TODAY = date(2026, 6, 1)
YEAR = (TODAY - timedelta(days=364), TODAY + timedelta(days=1))
EVER = Question(NOW - timedelta(days=400), NOW + timedelta(days=1), JAKARTA, measure="requests", limit=100_000)

pytestmark = pytest.mark.usefixtures("room")


@pytest.fixture(autouse=True)
def _short_year(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two months and a bit, of which the database keeps one: what a year does, sooner."""
    monkeypatch.setattr(many, "DAYS", 75)
    monkeypatch.setattr(many, "RECENT", (30, 30))


@pytest.fixture
def demo(world: builders.World) -> builders.World:
    """A brand with two programs, a product and a creator, all of them made up."""
    brand = world.brand(owner=world.user("merek@demo.test"))
    world.product(brand)
    for name in ("Teman", "Sahabat"):
        world.program(brand, name, from_at=NOW - timedelta(days=370))
    world.link(world.creator("rani", email="rani@demo.test"))
    return world


def made(count: int = 2000, creators: int = 6) -> many.Made:
    """Write them without a word."""
    return many.make(count, zone=JAKARTA, now=NOW, say=lambda _: None, creators=creators)


def test_as_many_as_were_asked_for_and_none_later_than_now(demo: builders.World) -> None:
    found = made()
    assert (found.clicks, found.creators) == (2000, 6)
    assert all_clicks.count(EVER) == [Counted((), 2000)]
    assert all_clicks.count(Question(NOW, EVER.until, measure="requests")) == [Counted((), 0)]
    newest = session().scalar(select(func.max(clicks.Click.at)))
    assert newest is not None
    assert newest < NOW
    by_creator = [row.count for row in all_clicks.count(Question(EVER.since, EVER.until, by=("creator",)))]
    assert by_creator[0] > 3 * by_creator[-1]  # skewed


def test_the_sums_by_day_are_those_of_the_clicks(demo: builders.World) -> None:
    """Days in the database are added up anew by the room's own hand; older ones, whose clicks only the store has, by the store."""
    made()
    days = dict(recount.compare())
    assert len(days) >= 30
    assert not any(days.values())
    recent = many._recent_days([(TODAY, 10)] * 365)
    first = TODAY - timedelta(days=recent)
    tally = clicks.Tally()
    rows = session().scalars(select(clicks.Click)).all()
    assert 0 < len(rows) < 2000
    needed = ("link_id", "creator_id", "program_id", "kind", "post_id", "destination", *clicks.BY_CREATOR)
    columns = {name: [getattr(row, name) for row in rows] for name in needed if hasattr(clicks.Click, name)}
    tally.add(columns, [(row.at + timedelta(hours=7)).date().isoformat() for row in rows])
    kept = session().execute(select(clicks.ClickCount).where(clicks.ClickCount.day >= first)).scalars()
    assert {
        (row.creator_id, row.dimension, row.day.isoformat(), row.value): row.count
        for row in kept
        if row.dimension not in ("visitors", clicks.OF_BRANDS)
    } == dict(tally.counts)
    by_link = session().scalars(select(clicks.LinkDay).where(clicks.LinkDay.day >= first))
    told = {
        (row.link_id, row.day.isoformat(), payable): count
        for row in by_link
        for payable, count in ((True, row.payable), (False, row.apart))
        if count
    }
    assert told == dict(tally.links)

    for dimension in ("country", "device", "creator", "referrer"):
        stored = all_clicks.count(Question(EVER.since, EVER.until, JAKARTA, by=("day", dimension), limit=100_000))
        by_day = clicks.daily_counts(clicks.SITE, dimension, *YEAR)
        found = {(day, value): count for day, values in by_day.items() for value, count in values.items()}
        assert found == {(row.values[0], str(row.values[1])): row.count for row in stored}, dimension
    creator = session().scalars(select(links.TrackedLink.creator_id)).first()
    for whose, where in ((clicks.SITE, {}), (creator or 0, {"creator": creator or 0})):
        stored = all_clicks.count(Question(EVER.since, EVER.until, JAKARTA, where, ("day",), "visitors", 1000))
        assert clicks.visitors(whose, *YEAR) == {row.values[0]: row.count for row in stored}
    brand = session().scalars(select(people.Brand.id)).one()
    own = [program.id for program in programs.programs_of_brand(brand)]
    stored = all_clicks.count(Question(EVER.since, EVER.until, JAKARTA, {"program": own}, ("day",), "visitors", 1000))
    together = clicks.visitors_of_brand(brand, own, *YEAR)
    assert together == {row.values[0]: row.count for row in stored}
    apart = [clicks.visitors(clicks.of_program(each), *YEAR) for each in own]
    assert sum(together.values()) < sum(sum(each.values()) for each in apart)  # some tapped in both on one day


def test_what_was_here_before_and_what_comes_after_is_counted_too(demo: builders.World) -> None:
    link = session().scalars(select(links.TrackedLink)).one()
    demo.click(link)
    made(500)
    made(300)
    demo.click(link)
    assert all_clicks.count(EVER) == [Counted((), 802)]
    assert segments.in_order()[0].first_id == 1
    ids = Counter(session().scalars(select(clicks.Click.id)))
    assert max(ids) == 802
    later = NOW + timedelta(days=3)
    archive.run({}, now=later)
    archive.run({}, now=later + timedelta(minutes=15))
    archive.nightly({}, now=later + timedelta(days=3))
    assert all_clicks.count(EVER) == [Counted((), 802)]
    assert segments.in_order()[-1].last_id == 802


def test_where_anybody_is_real_nothing_is_made_up(demo: builders.World) -> None:
    demo.user("somebody@real.example")
    with pytest.raises(many.NotOnlyTheDemo, match="1 people"):
        made(10)
    assert all_clicks.count(EVER) == [Counted((), 0)]
