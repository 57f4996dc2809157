"""Slots of a schedule: missing days, clocks that jump, long silences."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialshop.domain import payouts
from socialshop.domain.payouts import Rhythm
from socialshop.kernel.errors import Invalid

JAKARTA = "Asia/Jakarta"


def at(text):
    return datetime.fromisoformat(text)


def names(rhythm, zone, since, until):
    return [slot.name for slot in payouts.slots(rhythm, zone, since=at(since), until=at(until))]


def test_weekly_begins_at_the_hour_of_the_brands_own_clock():
    rhythm = Rhythm("weekly", weekday=0, hour=9)
    [slot] = payouts.slots(rhythm, JAKARTA, since=at("2026-06-10T00:00:00Z"), until=at("2026-06-16T00:00:00Z"))
    assert (slot.name, slot.at) == ("2026-06-15", at("2026-06-15T02:00:00Z"))
    assert names(rhythm, JAKARTA, "2026-06-10T00:00:00Z", "2026-06-15T01:59:59Z") == []


def test_a_month_without_the_day_takes_its_last_one():
    rhythm = Rhythm("monthly", day=31)
    assert names(rhythm, JAKARTA, "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z") == ["2026-02-28"]
    assert names(rhythm, JAKARTA, "2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z") == ["2026-04-30"]
    assert names(rhythm, JAKARTA, "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z") == ["2028-02-29"]


def test_twice_a_month_may_be_one_day_in_february():
    rhythm = Rhythm("twice", day=30, second=31)
    assert names(rhythm, JAKARTA, "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z") == ["2026-02-28"]
    assert names(rhythm, JAKARTA, "2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z") == ["2026-05-30", "2026-05-31"]


@pytest.mark.parametrize(
    ("zone", "day", "hour", "utc"),
    [
        ("Europe/Berlin", "2026-03-29", 2, "2026-03-29T01:00:00Z"),  # 2.00 is jumped over: 3.00 summer time
        ("Europe/Berlin", "2026-10-25", 2, "2026-10-25T00:00:00Z"),  # 2.00 comes twice: the first
        ("America/Santiago", "2026-09-06", 0, "2026-09-06T04:00:00Z"),  # midnight itself is jumped over
    ],
)
def test_an_hour_that_is_missing_or_comes_twice_is_one_slot(zone, day, hour, utc):
    rhythm = Rhythm("monthly", day=int(day[-2:]), hour=hour)
    since = at(utc) - timedelta(days=2)
    [slot] = payouts.slots(rhythm, zone, since=since, until=since + timedelta(days=4))
    assert (slot.name, slot.at) == (day, at(utc))


@given(
    st.sampled_from(["weekly", "monthly", "twice"]),
    st.integers(1, 31),
    st.integers(0, 23),
    st.sampled_from(["Asia/Jakarta", "Europe/Berlin", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe"]),
    st.lists(st.integers(1, 60 * 24 * 5), min_size=1, max_size=20),
)
def test_however_often_one_looks_no_slot_is_missed_or_seen_twice(kind, day, hour, zone, minutes):
    rhythm = Rhythm(kind, weekday=day % 7, day=day, second=day % 31 + 1, hour=hour)
    times = [datetime(2026, 3, 1, tzinfo=UTC)]
    for step in minutes:
        times.append(times[-1] + timedelta(minutes=step))
    seen = [slot.name for since, until in pairwise(times) for slot in payouts.slots(rhythm, zone, since=since, until=until)]
    assert len(seen) == len(set(seen))
    place = ZoneInfo(zone)
    first, last = times[0].astimezone(place).date(), times[-1].astimezone(place).date()
    if kind == "monthly":
        months = {(d.year, d.month) for d in (first + timedelta(days=n) for n in range(1, (last - first).days))}
        whole = {m for m in months if m not in {(first.year, first.month), (last.year, last.month)}}
        assert whole <= {(int(name[:4]), int(name[5:7])) for name in seen}


def test_after_a_long_silence_the_newest_slot_is_found():
    rhythm = Rhythm("monthly", day=1)
    assert names(rhythm, JAKARTA, "2020-01-01T00:00:00Z", "2026-06-20T00:00:00Z") == ["2026-06-01"]


def test_the_next_slot_is_after_this_instant():
    rhythm = Rhythm("weekly", weekday=0, hour=9)
    monday = at("2026-06-15T02:00:00Z")
    assert payouts.next_slot(rhythm, JAKARTA, after=monday - timedelta(seconds=1)).at == monday
    assert payouts.next_slot(rhythm, JAKARTA, after=monday).name == "2026-06-22"
    assert payouts.next_slot(Rhythm(), JAKARTA, after=monday) is None


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("daily", {}),
        ("weekly", {"weekday": 7}),
        ("monthly", {"day": 0}),
        ("monthly", {"day": 32}),
        ("twice", {"day": 3, "second": 3}),
        ("weekly", {"hour": 24}),
    ],
)
def test_what_is_no_rhythm_is_refused(kind, facts):
    with pytest.raises(Invalid) as refused:
        payouts.read_rhythm(kind, **({"weekday": 0, "day": 1, "second": 16, "hour": 9} | facts))
    assert refused.value.fields
