"""Days are closed when they are over; what is counted is compared with the clicks, and mended."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select, update

from socialshop.domain import analytics, clicks, segments
from socialshop.flows import drain, recount, verify
from socialshop.kernel import faults
from socialshop.kernel.clock import utcnow
from socialshop.kernel.database import session, transaction
from socialshop.kernel.spool import Spool

from ..conftest import START
from ..domain.test_counting import JUNE_1, JUNE_2, forget_everything, tap

NEXT_DAY = START + timedelta(days=1)
JUNE_9 = date(2026, 6, 9)


@pytest.fixture
def ways(world):
    mia, ana, brand = world.creator("mia"), world.creator("ana"), world.brand()
    made = [world.link(mia, program=world.program(brand), url="https://a.example/"), world.link(ana)]
    return [(link.id, link.creator_id, link.program_id) for link in made]


@pytest.fixture(autouse=True)
def _room(room):
    return room


def kept():
    """The visitors that are kept, as (whose, day) → number."""
    row = clicks.ClickCount
    rows = session().execute(select(row.creator_id, row.day, row.count).where(row.dimension == "visitors"))
    return {(whose, day): count for whose, day, count in rows}


def three_people(ways):
    mias, anas = ways
    drain.keep(
        [
            tap(mias, 0, "visitor-one-0001"),
            tap(mias, 600, "visitor-one-0001"),
            tap(mias, 660, "visitor-two-0002"),
            tap(anas, 700, "visitor-one-0001"),
            tap(anas, 86_400, "visitor-one-0001"),
        ]
    )


def test_a_day_that_is_over_is_closed_once(ways):
    three_people(ways)
    (_, mia, program), (_, ana, _) = ways
    recount.close_days({}, now=START)
    assert kept() == {}
    for _ in range(2):
        recount.close_days({}, now=NEXT_DAY)
        assert kept() == {(0, JUNE_1): 2, (mia, JUNE_1): 2, (ana, JUNE_1): 1, (-program, JUNE_1): 2}
    assert clicks.visitors(clicks.SITE, JUNE_1, JUNE_9) == {JUNE_1: 2, JUNE_2: 1}


def test_a_day_is_closed_when_what_was_tapped_before_midnight_is_here(ways):
    three_people(ways)
    midnight = clicks.day_bounds(JUNE_2)[0]
    recount.close_days({}, now=midnight + timedelta(minutes=14))
    assert kept() == {}
    recount.close_days({}, now=midnight + timedelta(minutes=15))
    assert {day for _, day in kept()} == {JUNE_1}


def test_a_late_click_opens_its_day_and_it_is_closed_again_as_if_at_once(ways):
    three_people(ways)
    recount.close_days({}, now=NEXT_DAY)
    drain.keep([tap(ways[1], 900, "visitor-six-0006")])
    assert clicks.closed(JUNE_1, JUNE_9) == set()
    assert clicks.visitors(clicks.SITE, JUNE_1, JUNE_2) == {JUNE_1: 3}
    recount.close_days({}, now=NEXT_DAY)
    late = kept()
    assert late[0, JUNE_1] == 3
    assert clicks.closed(JUNE_1, JUNE_9) == {JUNE_1}
    forget_everything()
    three_people(ways)
    drain.keep([tap(ways[1], 900, "visitor-six-0006")])
    recount.close_days({}, now=NEXT_DAY)
    assert kept() == late


def test_who_counts_no_more_is_no_visitor_of_the_closed_day(ways):
    """A late tap just before midnight makes the only tap of the next day its repeat."""
    midnight = (clicks.day_bounds(JUNE_2)[0] - START).total_seconds()
    drain.keep([tap(ways[1], midnight + 3)])
    recount.close_days({}, now=NEXT_DAY + timedelta(days=2))
    ana = ways[1][1]
    assert kept() == {(0, JUNE_2): 1, (ana, JUNE_2): 1}
    drain.keep([tap(ways[1], midnight - 3)])
    recount.close_days({}, now=NEXT_DAY + timedelta(days=2))
    assert kept() == {(0, JUNE_1): 1, (ana, JUNE_1): 1, (0, JUNE_2): 0}
    assert verify.run(utcnow()) == []


def test_a_click_that_comes_in_while_a_day_is_counted_waits_for_the_next_hour(ways, monkeypatch):
    three_people(ways)
    counted = clicks.visitors_by_whose

    def meanwhile(day):
        found = counted(day)
        drain.keep([tap(ways[1], 950, "visitor-new-0009")])
        return found

    monkeypatch.setattr(clicks, "visitors_by_whose", meanwhile)
    recount.close_days({}, now=NEXT_DAY)
    assert kept() == {}
    monkeypatch.undo()
    recount.close_days({}, now=NEXT_DAY)
    assert kept()[0, JUNE_1] == 3


def test_days_whose_clicks_are_gone_keep_what_they_had(ways):
    three_people(ways)
    recount.close_days({}, now=NEXT_DAY)
    before = kept()
    gone = clicks.day_bounds(JUNE_2)[0]
    with transaction():
        session().execute(delete(clicks.Click).where(clicks.Click.at < gone))
        segments.progress().let_go_before = gone
    drain.keep([tap(ways[1], 900, "visitor-six-0006")])  # told weeks late
    recount.close_days({}, now=NEXT_DAY)
    assert kept() == before
    assert clicks.closed(JUNE_1, JUNE_9) == {JUNE_1}
    assert recount.whole_since() == JUNE_2
    assert verify.run(utcnow()) == []
    assert [day for day, _ in recount.compare()] == [JUNE_2]
    assert recount.mend() == 0


def test_the_self_check_names_a_wrong_number_and_mending_puts_it_right(ways, app):
    three_people(ways)
    recount.close_days({}, now=NEXT_DAY)
    assert verify.run(utcnow()) == []
    run = app.test_cli_runner().invoke
    assert run(args=["recount"]).exit_code == 0
    row = clicks.ClickCount
    for dimension in ("kind", "visitors"):
        with transaction():
            session().execute(
                update(row).where(row.creator_id == 0, row.day == JUNE_1, row.dimension == dimension).values(count=77)
            )
    found = [str(one) for one in verify.run(utcnow())]
    assert found == [
        "I-4  click_counts 2026-06-01 the site kind 'payable': says 77, but its clicks are 4",
        "I-4  click_counts 2026-06-01 the site visitors '': says 77, but its clicks are 2",
    ]
    with pytest.raises(verify.BooksOutOfOrder):
        verify.nightly({}, now=utcnow())
    told = run(args=["recount"])
    assert (told.exit_code, "2026-06-01: 2 wrong" in told.output) == (1, True)
    assert "1 number(s)" in run(args=["recount", "--mend"]).output
    recount.close_days({}, now=NEXT_DAY)
    assert verify.run(utcnow()) == []


def test_clicks_from_before_there_were_numbers_are_counted_by_the_worker(ways):
    three_people(ways)
    with transaction():
        for table in (clicks.ClickCount, clicks.LinkDay):
            session().execute(delete(table))
    recount.close_days({}, now=NEXT_DAY)
    assert clicks.counts(clicks.SITE, "kind", JUNE_1, JUNE_9) == {"payable": 5}
    assert kept()[0, JUNE_1] == 2
    assert verify.run(utcnow()) == []


def test_numbers_come_with_their_clicks_or_not_at_all(ways, tmp_path):
    spool = Spool(tmp_path / "spool")
    for n in range(5):
        spool.append(tap(ways[0], 60 * n).line())
    spool.close()
    drain.set_up(tmp_path / "spool")
    try:
        faults.arm("click.drain.after_insert_before_commit:raise")
        with pytest.raises(faults.Fault):
            drain.pour(now=utcnow())
        faults.arm("")
        assert drain.waiting() > 0
        assert session().scalar(select(func.count()).select_from(clicks.ClickCount)) == 0
        for _ in range(2):
            drain.pour(now=utcnow())
            assert clicks.counts(clicks.SITE, "kind", JUNE_1, JUNE_9) == {"payable": 5}
        assert drain.waiting() == 0
    finally:
        faults.arm("")
        drain.set_up(None)
    assert verify.run(utcnow()) == []


class TestBrands:
    """Who taps in two programs of a brand on one day is one visitor of the brand."""

    @pytest.fixture
    def sides(self, world):
        """(brand, its three programs, a link of two of them each; a link of another brand with one program)."""
        mia, brand = world.creator("mia"), world.brand()
        own = [world.program(brand, name) for name in ("Teman", "Sahabat", "Kawan")]
        other = world.program(world.brand("harbour"))
        for plan in (*own, other):
            world.enroll(plan, mia)
        made = [world.link(mia, program=plan, url=f"https://{plan.id}.example/") for plan in (*own[:2], other)]
        return brand, own, [(link.id, link.creator_id, link.program_id) for link in made]

    def asked(self, brand, own):
        """What the brand's page is told by day, and whether somebody finer had to be asked."""
        finer = []

        class Finer(analytics.RecentTaps):
            def count(self, *question):
                finer.append(question)
                return super().count(*question)

        scope = analytics.Scope(brand_id=brand.id, program_ids=tuple(plan.id for plan in own))
        period = analytics.chosen(JUNE_1, JUNE_9, "Asia/Jakarta")
        counted = analytics.RolledTaps(Finer(), zone="Asia/Jakarta").count(scope, period, ("day",), "visitors")
        assert counted == analytics.RecentTaps().count(scope, period, ("day",), "visitors")
        return {date.fromisoformat(day): count for (day,), count in counted.items()}, bool(finer)

    def brands(self):
        row = clicks.ClickCount
        rows = session().execute(select(row.creator_id, row.day, row.count).where(row.dimension == clicks.OF_BRANDS))
        return {(whose, day): count for whose, day, count in rows}

    def test_days_are_closed_for_brands_and_found_wrong_and_mended(self, sides, app):
        brand, own, (teman, sahabat, harbours) = sides
        drain.keep(
            [
                tap(teman, 0, "visitor-one-0001"), tap(sahabat, 60, "visitor-one-0001"), tap(sahabat, 70, ""),
                tap(sahabat, 120, "visitor-two-0002"), tap(harbours, 180, "visitor-six-0006"),
                tap(teman, 86_400, "visitor-one-0001"), tap(harbours, 86_400, "visitor-one-0001"),
                tap(teman, 2 * 86_400, "visitor-one-0001"), tap(sahabat, 2 * 86_400, ""),
            ]
        )  # fmt: skip
        days = [JUNE_1, JUNE_2, date(2026, 6, 3)]
        wanted = ({JUNE_1: 2, JUNE_2: 1, days[2]: 1}, False)
        assert self.asked(brand, own) == wanted  # none is closed
        later = START + timedelta(days=3)
        for _ in range(2):
            recount.close_days({}, now=later)
            told = {(0, JUNE_1): 1, (brand.id, JUNE_1): 2, (0, JUNE_2): 0, (0, days[2]): 1, (brand.id, days[2]): 1}
            assert self.brands() == told
            assert self.asked(brand, own) == wanted
            assert self.asked(brand, own[:2]) == (wanted[0], True)  # two of three are not the brand
        assert verify.run(utcnow()) == []
        row = clicks.ClickCount
        with transaction():
            mine = update(row).where(row.dimension == clicks.OF_BRANDS, row.creator_id == brand.id, row.day == JUNE_1)
            session().execute(mine.values(count=3))
        found = [str(one) for one in verify.run(utcnow())]
        assert found == [f"I-4  click_counts 2026-06-01 brand {brand.id} brand_visitors '': says 3, but its clicks are 2"]
        recount.mend()
        recount.close_days({}, now=later)
        assert self.brands() == told
        drain.keep([tap(teman, 90, "visitor-new-0009")])
        assert self.asked(brand, own) == ({**wanted[0], JUNE_1: 3}, False)
        recount.close_days({}, now=later)
        assert self.brands() == {**told, (brand.id, JUNE_1): 3}
        assert self.asked(brand, own) == ({**wanted[0], JUNE_1: 3}, False)
        assert verify.run(utcnow()) == []

    def test_days_from_before_brands_were_counted_are_asked_elsewhere_until_they_are(self, sides):
        brand, own, (teman, sahabat, _) = sides
        drain.keep([tap(way, second + way[0], "visitor-one-0001") for way in (teman, sahabat) for second in (0, 86_400)])
        later = START + timedelta(days=2)
        recount.close_days({}, now=later)
        with transaction():
            session().execute(delete(clicks.ClickCount).where(clicks.ClickCount.dimension == clicks.OF_BRANDS))
        assert verify.run(utcnow()) == []
        assert self.asked(brand, own) == ({JUNE_1: 1, JUNE_2: 1}, True)
        with transaction():
            segments.progress().let_go_before = clicks.day_bounds(JUNE_2)[0]  # the first day's clicks are whole no more
        recount.close_days({}, now=later)
        assert self.brands() == {(0, JUNE_2): 1, (brand.id, JUNE_2): 1}
        assert self.asked(brand, own) == ({JUNE_1: 1, JUNE_2: 1}, True)


def test_days_are_told_in_the_zone_of_the_install():
    assert clicks.today(datetime.fromisoformat("2026-06-01T16:59:59+00:00")) == JUNE_1
    assert clicks.today(datetime.fromisoformat("2026-06-01T17:00:00+00:00")) == JUNE_2
