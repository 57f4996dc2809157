"""A creator's queue: the next free place lies ahead, is one of theirs, and no post has it; on clocks that leap, too."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socialshop.domain import audit, people, social
from socialshop.domain.audit import Actor
from socialshop.domain.social import QueueSlot
from socialshop.flows import slots
from socialshop.kernel.database import end_reading, transaction
from socialshop.kernel.errors import Invalid

from ..conftest import START

MIA = Actor("user", "usr_mia", "creator")
WEEKDAYS = (0, 1, 2, 3, 4)
SEVEN = 19 * 60
ZONES = ("Asia/Jakarta", "Asia/Jayapura", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC")


def jakarta(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Jakarta")).astimezone(UTC)


def plan(creator_id: int, at: datetime) -> social.Post:
    with transaction():
        post, _ = social.compose(
            creator_id, kind="image", caption="", title="", promotes="nothing", media=[], targets=[], publish_at=at, now=START
        )
    return post


def places(creator_id: int) -> set[tuple[int, int, str]]:
    end_reading()
    return {(slot.weekday, slot.minute, slot.zone) for slot in social.slots.of(creator_id)}


@pytest.mark.usefixtures("room")
class TestQueue:
    def test_each_weekday_at_seven_until_the_week_is_full(self, world):
        mia, budi = world.creator("mia"), world.creator("budi")
        assert slots.next_free(mia.id, now=START) is None
        by = {"zone": "Asia/Jakarta", "actor": MIA, "now": START}
        assert slots.add(mia.id, WEEKDAYS, SEVEN, **by) == 5
        assert slots.add(mia.id, WEEKDAYS, SEVEN, **by) == 0  # a second tap
        slots.add(budi.id, [0], 12 * 60, **by)
        slots.add(budi.id, [2], SEVEN, **by)
        monday = jakarta("2026-06-01T19:00")
        assert slots.next_free(mia.id, now=START) == monday
        assert slots.next_free(mia.id, now=monday - timedelta(microseconds=1)) == monday
        assert slots.next_free(mia.id, now=monday) == jakarta("2026-06-02T19:00"), "what is now is too late"

        plan(budi.id, monday)
        assert slots.next_free(mia.id, now=START) == monday, "another creator's post takes nothing"
        first = plan(mia.id, monday + timedelta(seconds=40))  # the same minute
        planned = [plan(mia.id, jakarta(f"2026-06-0{day}T19:00")) for day in (2, 3, 5)]
        assert slots.next_free(mia.id, now=START) == jakarta("2026-06-04T19:00")
        plan(mia.id, jakarta("2026-06-04T19:00"))
        assert slots.next_free(mia.id, now=START) == jakarta("2026-06-08T19:00"), "over the weekend into the next week"

        with transaction():
            social.cancel(planned[1].id, now=START)
        assert slots.next_free(mia.id, now=START) == jakarta("2026-06-03T19:00"), "called back, its place is free again"
        ahead = slots.ahead(mia.id, START, START + timedelta(days=7), now=START)
        assert [(place.at.day, place.taken) for place in ahead] == [(1, True), (2, True), (3, False), (4, True), (5, True)]
        assert slots.ahead(mia.id, START - timedelta(days=9), START, now=START) == [], "what is over is offered to nobody"

        assert slots.remove(mia.id, [2], SEVEN, zone="Asia/Jakarta", actor=MIA, now=START) == 1
        assert slots.remove(mia.id, [2], SEVEN, zone="Asia/Jakarta", actor=MIA, now=START) == 0
        assert slots.next_free(mia.id, now=START) == jakarta("2026-06-08T19:00")
        assert social.post(first.id).publish_at == monday + timedelta(seconds=40), "what is planned there stays planned"
        assert places(budi.id) == {(0, 720, "Asia/Jakarta"), (2, SEVEN, "Asia/Jakarta")}
        tenant = people.get_creator(mia.id).public_id
        assert [entry.act for entry in audit.entries_of(tenant)] == ["slots.removed", "slots.added"]

    def test_what_is_no_place_is_not_kept(self, world):
        mia = world.creator("mia")
        for days, minute, zone, field in (
            ([], SEVEN, "UTC", "weekdays"), ([7], SEVEN, "UTC", "weekdays"), ([-1], SEVEN, "UTC", "weekdays"),
            ([0], 1440, "UTC", "clock"), ([0], -1, "UTC", "clock"), ([0], SEVEN, "Mars/Olympus", "zone"),
        ):  # fmt: skip
            with pytest.raises(Invalid) as refused:
                slots.add(mia.id, days, minute, zone=zone, actor=MIA, now=START)
            assert [wrong.field for wrong in refused.value.fields] == [field]
        for hour in range(10):
            slots.add(mia.id, range(7), hour * 60, zone="Asia/Jakarta", actor=MIA, now=START)
        with pytest.raises(slots.TooManySlots):
            slots.add(mia.id, [0], SEVEN, zone="Asia/Jakarta", actor=MIA, now=START)
        assert len(places(mia.id)) == 70, "nothing of a refused one stays"

    def test_one_zone_beside_another(self, world):
        """Who moved from Jakarta to Jayapura keeps the old places where they were."""
        mia = world.creator("mia")
        slots.add(mia.id, [0], SEVEN, zone="Asia/Jakarta", actor=MIA, now=START)
        slots.add(mia.id, [0], SEVEN, zone="Asia/Jayapura", actor=MIA, now=START)
        assert slots.next_free(mia.id, now=START) == jakarta("2026-06-01T17:00")
        plan(mia.id, jakarta("2026-06-01T17:00"))
        assert slots.next_free(mia.id, now=START) == jakarta("2026-06-01T19:00")


# --- clocks ----------------------------------------------------------------------------------------


def test_what_a_clock_leaps_over_comes_later_and_what_it_shows_twice_comes_first():
    leap, twice = date(2026, 3, 29), date(2026, 10, 25)  # Berlin
    assert social.slots.moment_on(leap, 150, "Europe/Berlin") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # 03.30
    assert social.slots.moment_on(leap, 119, "Europe/Berlin") == datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
    assert social.slots.moment_on(twice, 150, "Europe/Berlin") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # still summer
    assert social.slots.moment_on(twice, 180, "Europe/Berlin") == datetime(2026, 10, 25, 2, 0, tzinfo=UTC)
    assert social.slots.moment_on(date(2011, 12, 30), SEVEN, "Pacific/Apia").day == 31  # a day that Samoa left out


def test_two_places_that_fall_together_are_one():
    both = [place(6, 150, "Europe/Berlin", 1), place(6, 210, "Europe/Berlin", 2)]
    now = datetime(2026, 3, 28, tzinfo=UTC)
    half_past_three = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert social.slots.first_free(both, frozenset(), now) == half_past_three
    assert social.slots.first_free(both, frozenset({half_past_three}), now) == datetime(2026, 4, 5, 0, 30, tzinfo=UTC)


def place(weekday: int, minute: int, zone: str, number: int = 0) -> QueueSlot:
    return QueueSlot(id=number, weekday=weekday, minute=minute, zone=zone)


slot_lists = st.lists(
    st.builds(place, st.integers(0, 6), st.integers(0, 1439), st.sampled_from(ZONES), st.integers(1, 99)), min_size=1, max_size=4
)
# near the days on which clocks change, and anywhere
moments = st.one_of(
    st.datetimes(datetime(2011, 12, 20), datetime(2030, 1, 1)),
    st.builds(
        lambda day, seconds: day + timedelta(seconds=seconds),
        st.sampled_from([datetime(2026, 3, 27), datetime(2026, 10, 23), datetime(2026, 11, 1), datetime(2011, 12, 28)]),
        st.integers(0, 5 * 86400),
    ),
).map(lambda moment: moment.replace(tzinfo=UTC))


def all_of(slot: QueueSlot, since: datetime, weeks: int) -> set[datetime]:
    """Its instants, day by day, the slow way."""
    days = (since.date() + timedelta(days=n) for n in range(-3, 7 * weeks + 4))
    return {social.slots.moment_on(day, slot.minute, slot.zone) for day in days if day.weekday() == slot.weekday}


@settings(max_examples=60, deadline=None)
@given(slot_lists, moments, st.integers(0, 9), st.randoms(use_true_random=False))
def test_the_next_free_place_is_ahead_and_theirs_and_nobody_has_it(mine, now, many, luck):
    candidates = sorted(at for at in set().union(*(all_of(slot, now, 14) for slot in mine)) if at > now)
    taken = frozenset(luck.sample(candidates[:12], min(many, len(candidates[:12]))))
    found = social.slots.first_free(mine, taken, now)
    assert found is not None
    assert found > now
    assert found not in taken
    assert found == next(at for at in candidates if at not in taken), "the first of all"
    assert any(found in all_of(slot, found, 0) for slot in mine)
