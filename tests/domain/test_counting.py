"""What clicks add up to by day: the same however they come in, with what is wrong found and mended."""

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from scripts.bench.rebuild import random_taps
from socialshop.domain import clicks
from socialshop.domain.clicks import traces
from socialshop.kernel.database import session, transaction
from socialshop.kernel.taps import NotedTap

from ..conftest import START
from .test_clicks import CHROME

JUNE_1, JUNE_2 = date(2026, 6, 1), date(2026, 6, 2)  # START is 10.00 of the 1st in the install's zone
SOON = datetime(2026, 6, 1, 14, 0, tzinfo=UTC)  # before two midnights: 17.00 UTC of the zone, 0.00 UTC


@pytest.fixture
def ways(world):
    """(link, creator, program) of three links of two creators, one in a program."""
    mia, ana, brand = world.creator("mia"), world.creator("ana"), world.brand()
    program = world.program(brand)
    made = [
        world.link(mia, program=program, url="https://a.example/"),
        world.link(mia, url="https://b.example/"),
        world.link(ana),
    ]
    return [(link.id, link.creator_id, link.program_id) for link in made]


@pytest.fixture(autouse=True)
def _room(room):
    return room


def tap(way, seconds=0, visitor="visitor-one-0001", click="", **more):
    at_us = int((START + timedelta(seconds=seconds)).timestamp() * 1_000_000)
    link, creator, program = way
    return NotedTap(
        click or f"clk_{at_us}x{visitor}", at_us, link, creator, program, "", "", visitor, "", "navigate", "document", CHROME, "",
        "", **more,
    )  # fmt: skip


def take(taps):
    with transaction():
        taken, bad = clicks.take_lines([one.line() for one in taps], lambda _tap: "", lambda ids: ids)
    assert bad == []
    return taken


def everything():
    """All that the tables say, but for internal ids."""
    row = clicks.Click
    columns = (row.public_id, row.kind, row.reason, row.repeats, row.trace, row.at, row.visitor, row.country, row.device)
    numbers = clicks.ClickCount
    return (
        [tuple(found) for found in session().execute(select(*columns).order_by(row.public_id))],
        sorted(
            tuple(found)
            for found in session().execute(
                select(numbers.creator_id, numbers.dimension, numbers.day, numbers.value, numbers.count)
            )
        ),
        sorted(tuple(found) for found in session().execute(select(clicks.LinkDay.__table__))),
    )


def forget_everything():
    with transaction():
        for table in (clicks.Click, clicks.ClickCount, clicks.LinkDay):
            session().execute(delete(table))


@pytest.mark.parametrize("seed", range(4))
def test_however_taps_come_in_the_end_is_the_same(ways, seed):
    """In order at once; in no order, in parts, and some of them twice."""
    dice = random.Random(seed)
    taps = list(random_taps(dice, ways, begin=SOON, count=300, days=2))
    take(sorted(taps, key=lambda one: one.at_us))
    told = everything()
    assert {kind for _, kind, *_ in told[0]} >= {"payable", "duplicate", "bot"}
    assert [row for day in clicks.days_of_clicks() for row in clicks.differences(day)] == []
    for _ in range(2):
        forget_everything()
        dice.shuffle(taps)
        rest, taken = list(taps), 0
        while rest:
            size = dice.choice((1, 3, 20, 60))
            part, rest = rest[:size], rest[size:]
            taken += take([*part, *dice.sample(taps, 2)])
            taken += take(part[:2])
        assert taken == len(taps)
        assert everything() == told
    assert sum(clicks.counts(clicks.SITE, "kind", JUNE_1, date(2026, 6, 9)).values()) == 300


def test_the_classes_are_those_of_the_rules_over_all_taps_at_once(ways):
    dice = random.Random(7)
    taps = list(random_taps(dice, ways, begin=SOON, count=200, days=2))
    dice.shuffle(taps)
    for first in range(0, 200, 7):
        take(taps[first : first + 7])
    honest = {}
    for one in taps:
        said = clicks.judge(clicks.Tap(purpose=one.purpose, mode=one.mode, dest=one.dest, agent=one.agent))
        if said.kind == "payable" and one.visitor:
            at = datetime.fromtimestamp(one.at_us // 1_000_000, UTC) + timedelta(microseconds=one.at_us % 1_000_000)
            honest.setdefault((one.link_id, one.visitor), []).append((at, one.click))
    wanted = {}
    for each in honest.values():
        again = clicks.repeats(each)
        beyond = clicks.excess([(at, click) for at, click in each if click not in again])
        wanted |= {
            click: ("duplicate" if click in again else "excess" if click in beyond else "payable", again.get(click, ""))
            for _, click in each
        }
    row = clicks.Click
    found = {click: (kind, first) for click, kind, first in session().execute(select(row.public_id, row.kind, row.repeats))}
    assert {click: found[click] for click in wanted} == wanted
    assert {kind for kind, _ in wanted.values()} == {"duplicate", "excess", "payable"}


def test_beyond_a_days_measure_a_late_tap_moves_the_measure(ways):
    """Twenty-two taps count as twenty; one that comes in late and was earlier takes the place of the last."""
    take([tap(ways[0], 60 * n, click=f"clk_{n:02}") for n in range(1, 23)])
    kinds = dict(session().execute(select(clicks.Click.public_id, clicks.Click.kind)).all())
    assert [click for click, kind in sorted(kinds.items()) if kind == "excess"] == ["clk_21", "clk_22"]
    take([tap(ways[0], 0, click="clk_00")])
    session().expire_all()
    kinds = dict(session().execute(select(clicks.Click.public_id, clicks.Click.kind)).all())
    assert [click for click, kind in sorted(kinds.items()) if kind == "excess"] == ["clk_20", "clk_21", "clk_22"]
    assert clicks.counts(clicks.SITE, "kind", JUNE_1, JUNE_2) == {"payable": 20, "excess": 3}
    assert clicks.differences(JUNE_1) == []


def test_numbers_by_creator_site_program_and_link(ways):
    one, other, anas = ways
    take(
        [
            tap(one, 0, "visitor-one-0001", network="36.64.0.0", language="id", utm_source="ig"),
            tap(one, 60, "visitor-two-0001", language="id"),
            tap(other, 120, "visitor-one-0001"),
            tap(anas, 180, "visitor-six-0001"),
            tap(anas, 181, "visitor-six-0001"),
        ]
    )
    mia, ana = one[1], anas[1]
    assert clicks.counts(mia, "kind", JUNE_1, JUNE_2) == {"payable": 3}
    assert clicks.counts(ana, "kind", JUNE_1, JUNE_2) == {"payable": 1, "duplicate": 1}
    assert clicks.counts(mia, "language", JUNE_1, JUNE_2) == {"id": 2, "": 1}
    assert clicks.counts(mia, "country", JUNE_1, JUNE_2) == {"ID": 1, "": 2}
    assert clicks.daily_counts(clicks.SITE, "utm_source", JUNE_1, JUNE_2) == {JUNE_1: {"ig": 1, "": 3}}
    assert clicks.counts(clicks.SITE, "creator", JUNE_1, JUNE_2) == {str(mia): 3, str(ana): 1}
    assert clicks.counts(clicks.of_program(one[2]), "creator", JUNE_1, JUNE_2) == {str(mia): 2}
    assert clicks.counts(mia, "program", JUNE_1, JUNE_2) == {str(one[2]): 2, "": 1}
    assert clicks.counts(mia, "kind", JUNE_2, date(2026, 6, 3)) == {}
    assert clicks.link_counts([way[0] for way in ways]) == {one[0]: 2, other[0]: 1, anas[0]: 1}
    assert clicks.link_counts([one[0]], JUNE_2) == {}
    assert clicks.link_days(anas[0], JUNE_1, JUNE_2) == {JUNE_1: (1, 1)}
    assert clicks.clicks_by_day(mia, JUNE_1, JUNE_2) == {JUNE_1: 3}
    assert clicks.visitors(clicks.SITE, JUNE_1, JUNE_2) == {JUNE_1: 3}
    assert clicks.visitors(clicks.of_program(one[2]), JUNE_1, JUNE_2) == {JUNE_1: 2}


def test_a_days_clicks_end_at_midnight_of_the_installs_zone(ways):
    midnight = datetime(2026, 6, 1, 17, tzinfo=UTC)
    take([tap(ways[0], (midnight - START).total_seconds() + seconds, f"visitor-{seconds:09}") for seconds in (-1, 0)])
    assert clicks.clicks_by_day(clicks.SITE, JUNE_1, date(2026, 6, 3)) == {JUNE_1: 1, JUNE_2: 1}
    assert clicks.day_bounds(JUNE_2)[0] == midnight


def test_a_click_that_is_written_through_the_session_counts_too(ways, world):
    with transaction():
        link, creator, program = ways[0]
        session().add(clicks.Click(public_id="clk_1", link_id=link, creator_id=creator, program_id=program, at=START))
    assert clicks.counts(creator, "kind", JUNE_1, JUNE_2) == {"payable": 1}
    assert clicks.differences(JUNE_1) == []


def test_what_is_wrong_is_named_and_mended(ways):
    take(list(random_taps(random.Random(3), ways, begin=SOON, count=60, days=1)))
    right = everything()
    with transaction():
        session().execute(update(clicks.ClickCount).where(clicks.ClickCount.dimension == "channel").values(count=99))
        session().execute(delete(clicks.ClickCount).where(clicks.ClickCount.dimension == "country"))
        session().add(clicks.ClickCount(creator_id=4711, dimension="kind", day=JUNE_1, value="payable", count=3))
        session().execute(update(clicks.LinkDay).values(apart=50))
    found = [row for day in clicks.days_of_clicks() for row in clicks.differences(day)]
    assert any("creator 4711 kind 'payable'" in row.row and (row.kept, row.counted) == (3, 0) for row in found)
    assert any("the site channel 'tiktok'" in row.row and row.kept == 99 for row in found)
    assert any(row.row.startswith("link_days 2026-06-01 link") and row.kept == 50 for row in found)
    with transaction():
        assert sum(clicks.mend(day) for day in clicks.days_of_clicks()) == len(found)
    assert everything() == right


class TestLines:
    """What is in a line of the spool, whoever wrote it."""

    def test_lines_of_the_first_version_are_read(self, ways):
        link, creator, program = ways[0]
        line = json.dumps([1, "clk_old", 1, link, creator, program, "", "", "v" * 20, "", "", "", CHROME, "", ""]).encode()
        assert self.took([line, tap(ways[0]).line()]) == (2, [])

    @pytest.mark.parametrize(
        "bad",
        [
            b"[]", b"{}", b"1],[2", b"nonsense", b"null", b'[2,"clk_x"]', b"\xff\xfe",
            b'[1,"clk_x",-1,1,1,null,"","","","","","","","",""]', b'[1,"",1,1,1,null,"","","","","","","","",""]',
            b'[1,"clk_x",1,"1",1,null,"","","","","","","","",""]', b'[1,"clk_x",1,1,1,null,7,"","","","","","","",""]',
            b'[3,"clk_x",1,1,1,null,"","","","","","","","",""]', b'[1,"clk_x",1e300,1,1,null,"","","","","","","","",""]',
            b"[" * 500,
        ],
    )  # fmt: skip
    def test_what_is_no_tap_is_put_aside_and_all_others_are_taken(self, ways, bad):
        taken, aside = self.took([tap(ways[0]).line(), bad, tap(ways[0], 60).line()])
        assert (taken, [why for _, why in aside]) == (2, ["unreadable"])

    @pytest.mark.parametrize(("place", "value"), [(1, None), (2, -5), (2, 10**18), (3, "1"), (4, True), (5, "1"), (12, 7)])
    def test_a_value_of_another_kind_is_none(self, ways, place, value):
        document = json.loads(tap(ways[0], 60).line())
        document[place] = value
        taken, aside = self.took([tap(ways[0]).line(), json.dumps(document).encode(), tap(ways[0], 120).line()])
        assert (taken, [why for _, why in aside]) == (2, ["unreadable"])

    def test_two_taps_in_one_line_are_none(self, ways):
        both = tap(ways[0]).line() + b"," + tap(ways[0], 60).line()
        taken, [(line, why)] = self.took([both, tap(ways[0], 120).line()])
        assert (taken, line, why) == (1, both.decode(), "unreadable")

    def test_text_that_no_column_holds_is_cut_and_the_click_is_kept(self, ways):
        odd = [tap(ways[0], 60 * n, agent_text) for n, agent_text in enumerate(("v" * 20, "w" * 99))]
        lines = [one.line() for one in odd]
        lines.append(tap(ways[0], 240, "x" * 20).line().replace(b'"navigate"', b'"navi\\u0000gate"'))
        lines.append(tap(ways[0], 300, "y" * 20, language="i\0d", utm_campaign="\ud800" + "k" * 90).line())
        assert self.took(lines) == (4, [])
        for row in session().scalars(select(clicks.Click)):
            assert "\0" not in row.language + row.utm_campaign
            assert row.utm_campaign.isprintable()

    def test_a_click_of_a_creator_who_is_nowhere_is_put_aside_alone(self, ways):
        link, _creator, program = ways[0]
        lines = [tap(way, 60 * n).line() for n, way in enumerate([ways[0]] * 5 + [(link, 4711, program)] + [ways[0]] * 5)]
        taken, [(line, why)] = self.took(lines)
        assert (taken, why) == (10, "refused")
        assert "4711" in line
        assert clicks.differences(JUNE_1) == []

    def test_unknown_links_are_put_aside(self, ways):
        with transaction():
            taken, bad = clicks.take_lines(
                [tap(way, 60 * n).line() for n, way in enumerate(ways)], lambda _tap: "", lambda ids: ids - {ways[1][0]}
            )
        assert (taken, [why for _, why in bad]) == (2, ["unknown_link"])

    def test_a_line_twice_in_one_batch_is_one_click(self, ways):
        line = tap(ways[0]).line()
        assert self.took([line, line]) == (1, [])
        assert self.took([line]) == (0, [])
        assert clicks.counts(clicks.SITE, "kind", JUNE_1, JUNE_2) == {"payable": 1}

    def took(self, lines):
        with transaction():
            return clicks.take_lines(lines, lambda _tap: "", lambda ids: ids)


class TestTraces:
    """The number by which a visitor's clicks are found."""

    @pytest.mark.parametrize("at", [START, START.replace(year=2099), START.replace(year=2019), START.replace(year=1970)])
    def test_a_trace_lies_in_its_week_and_fits(self, at):
        week = traces.week_of(int(at.timestamp()))
        for payable in (True, False):
            trace = traces.trace_of("somebody", at, payable=payable)
            assert 0 < trace < 2**63
            [(first, last)] = traces.ranges("somebody", week, week)
            assert first <= trace <= last
            [(first, last)] = traces.ranges("somebody", week, week, payable_only=True)
            assert (first <= trace <= last) is payable

    def test_nobody_has_no_trace(self):
        assert traces.trace_of("", START, payable=True) == 0

    def test_two_visitors_of_the_same_mark_are_two(self, ways, monkeypatch):
        """Prints are short: two may be alike."""
        for module in (traces, __import__("socialshop.domain.clicks.incoming", fromlist=["x"])):
            monkeypatch.setattr(module, "mark_of", lambda _visitor: 5 << 21)
        take([tap(ways[0], 0, "visitor-one-0001"), tap(ways[0], 1, "visitor-two-0002")])
        take([tap(ways[0], 3, "visitor-six-0003"), tap(ways[0], 2, "visitor-two-0002")])
        assert clicks.counts(clicks.SITE, "kind", JUNE_1, JUNE_2) == {"payable": 3, "duplicate": 1}
        assert clicks.newest_of_visitor("visitor-six-0003").visitor == "visitor-six-0003"
        assert {one.visitor for one in clicks.of(ways[0][2], "visitor-one-0001", "")} == {"visitor-one-0001"}
