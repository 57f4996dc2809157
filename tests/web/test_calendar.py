"""Posts on their creator's own clock: seen by day, moved while nothing has begun, put into a queue of places."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from socialshop.domain import audit, social
from socialshop.flows import slots
from socialshop.kernel import clock

from ..conftest import START
from .post_desk import HOUR, desk_of

CALENDAR = "/creator/posts/calendar"
QUEUE = "/creator/posts/slots"


@pytest.fixture
def desk(world):
    return desk_of(world)


def cells(text):
    """Day → what its cell says; the days that take what is dropped."""
    found = re.findall(r"<td( data-day=\"([\d-]+)\")?[^>]*>(.*?)</td>", text, re.DOTALL)
    return [re.sub(r"<[^>]+>|\s+", " ", body) for _, _, body in found], [day for _, day, _ in found if day]


def form_of(text):
    """The hidden facts of the form for another time."""
    return dict(re.findall(r'name="(seen|back)"[^>]*value="([^"]*)"', text))


def test_a_month_on_the_creators_own_clock(desk, world):
    late = datetime(2026, 6, 9, 17, 30, tzinfo=UTC)  # after midnight in Jakarta, the evening before in Berlin
    desk.plan(at=late, caption="Midnight coffee")
    text = desk.see(CALENDAR)
    said, open_days = cells(text)
    assert "June 2026" in text
    assert "On your clock: WIB" in text
    assert len(said) == 35
    assert ["Midnight coffee" in cell for cell in said].index(True) == 9  # the tenth
    assert "00:30" in said[9]
    assert open_days[0] == "2026-06-01", "today takes posts, and what is past does not"
    assert "2026-07-05" in open_days
    assert "00.30" in desk.see(CALENDAR, "id")
    assert "Midnight coffee" in desk.see(f"{CALENDAR}?on=2026-06-10").partition('id="day"')[2]
    assert "Midnight coffee" not in desk.see(f"{CALENDAR}?on=2026-06-11").partition('id="day"')[2]
    clock.use(lambda: START + timedelta(days=20))
    assert cells(desk.see(CALENDAR))[1][0] == "2026-06-21"
    for odd in (
        "?on=yesterday",
        "?on=",
        "?view=year",
        "?on=9999-12-31",
        "?on=0001-01-01",
        "?on=1971-01-01",
        "?on=9997-12-31&view=week",
    ):
        desk.see(f"{CALENDAR}{odd}")

    berlin = desk_of(world, "anna", zone="Europe/Berlin")
    berlin.plan(at=late, caption="Evening coffee")
    text = berlin.see(f"{CALENDAR}?on=2026-06-09")
    assert "On your clock: CEST" in text
    assert "19:30" in cells(text)[0][8]
    assert "Midnight coffee" not in text, "another creator's post"
    march = berlin.see(f"{CALENDAR}?on=2026-03-02")
    assert "On your clock: CET, later CEST" in march
    assert "Clocks change on Sunday, 29 March: that day has 23 hours." in march
    october = berlin.see(f"{CALENDAR}?view=week&on=2026-10-20")
    assert "that day has 25 hours." in october


def test_moved_by_the_form_and_by_hand_in_the_calendar(desk):
    post = desk.plan(at=START + HOUR)
    path = f"/creator/posts/{post.public_id}/time"
    facts = form_of(desk.see(f"{path}?back=month:2026-06-01"))
    assert facts == {"seen": (START + HOUR).isoformat(), "back": "month:2026-06-01"}
    for wrong, said in (("2026-06-01T09:59", "This time is over"), ("soon", "Choose a date"), ("", "Choose a date")):
        answer = desk.press(path, at=wrong, **facts)
        assert answer.status_code == 422
        assert said in answer.text
    assert desk.when(post) == START + HOUR

    answer = desk.press(path, at="2026-06-05T19:00", **facts)
    assert answer.location == f"{CALENDAR}?view=month&on=2026-06-01#post-{post.public_id}"
    friday = datetime(2026, 6, 5, 12, 0, tzinfo=UTC)
    assert desk.when(post) == friday
    with desk.world.app.app_context():
        assert {row.next_at for row in social.targets_of(post.id)} == {friday}
    assert "It goes out on 5 Jun 2026, 19:00 WIB now." in desk.see(CALENDAR)

    dragged = {"at": "2026-06-08T19:00", "seen": friday.isoformat(), "back": "week:2026-06-01", "dropped": "1"}
    assert desk.press(path, **dragged).status_code == 303
    assert desk.when(post) == friday + timedelta(days=3)
    answer = desk.press(path, **{**dragged, "at": "2026-05-31T19:00", "seen": ""})  # dropped on what is past
    assert answer.status_code == 303
    assert answer.location.startswith(f"{CALENDAR}?view=week")
    assert "This time is over" in desk.see(CALENDAR)
    assert desk.when(post) == friday + timedelta(days=3)
    for back in ("https://evil.example/", "month:2026-06-01//evil", "list", ""):
        answer = desk.press(path, at="2026-06-09T19:00", back=back)
        assert answer.location == f"/creator/posts/{post.public_id}"


@pytest.mark.parametrize("state", ["lost", "off"])
def test_what_is_moved_while_its_account_does_not_let_us_in_says_what_helps(desk, state):
    post = desk.plan(at=START + HOUR)
    desk.turn("tiktok", state)
    path = f"/creator/posts/{post.public_id}"
    desk.press(f"{path}/time", at="2026-06-05T19:00", **form_of(desk.see(f"{path}/time")))
    text = desk.see("/creator/posts/calendar")
    assert "It goes out on" not in text
    assert "It is planned for 5 Jun 2026, 19:00 WIB now." in text
    assert "TikTok: " in text
    assert "Instagram: " not in text
    wanted = {"off": "Connect the same account again before 5 Jun 2026, 19:00 WIB", "lost": "Connect the account again; the post"}
    assert wanted[state] in text


def test_of_two_tabs_the_one_that_did_not_see_the_other_moves_nothing(desk):
    post = desk.plan(at=START + HOUR)
    path = f"/creator/posts/{post.public_id}/time"
    one, other = form_of(desk.see(path)), form_of(desk.see(path))
    desk.press(path, at="2026-06-05T19:00", **one)
    desk.press(path, at="2026-06-07T08:00", **other)
    assert desk.when(post) == datetime(2026, 6, 5, 12, 0, tzinfo=UTC)
    assert "This was changed in the meantime" in desk.see(CALENDAR)
    with desk.world.app.app_context():
        acts = [entry.act for entry in audit.search(subject=post.public_id)]
    assert acts == ["post.moved", "post.scheduled"]


@pytest.mark.parametrize(
    "state", ["preparing", "calling", "unknown", "underway", "published", "delivered", "failed", "cancelled"]
)
def test_what_has_begun_or_is_over_stays_where_it_is(desk, state):
    post = desk.plan("instagram", at=START + HOUR, caption="Here I stay")
    path = f"/creator/posts/{post.public_id}/time"
    assert "data-move=" in desk.see(CALENDAR)
    desk.come(post, "instagram", state, called_at=None if state == "cancelled" else START)
    for view in ("month", "week"):
        text = desk.see(f"{CALENDAR}?view={view}")
        assert "Here I stay" in text
        assert "data-move=" not in text
        assert path not in text
    assert "cannot be moved to another time" in desk.see(path)
    desk.press(path, at="2026-06-05T19:00")
    assert desk.when(post) == START + HOUR
    assert "cannot be moved to another time" in desk.see(CALENDAR)


def test_a_time_that_clocks_leap_over_is_later_by_as_much(world):
    anna = desk_of(world, "anna", zone="Europe/Berlin")
    clock.use(lambda: datetime(2026, 3, 20, tzinfo=UTC))
    post = anna.plan(at=datetime(2026, 3, 21, tzinfo=UTC))
    anna.press(f"/creator/posts/{post.public_id}/time", at="2026-03-29T02:30")
    assert anna.when(post) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    text = anna.see(CALENDAR)
    assert "29 Mar 2026, 03:30 CEST" in text
    assert "Clocks leap over 02:30 on that day" in text
    anna.press(f"/creator/posts/{post.public_id}/time", at="2026-10-25T02:30")
    assert anna.when(post) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "the first of the two"
    assert "02:30 CEST" in anna.see(CALENDAR)


def test_a_queue_begun_with_one_tap_and_filled(desk):
    text = desk.see(QUEUE)
    assert "No places yet" in text
    assert "Each weekday 19:00 WIB" in text
    zone = "Asia/Jakarta"
    start = {"do": "add:0,1,2,3,4", "minute": "1140", "zone": zone}
    for _ in range(2):  # a double tap
        assert desk.press(QUEUE, **start).status_code == 303
    text = desk.see(QUEUE)
    assert "Each weekday" not in text
    assert text.count('aria-pressed="true"') == 5
    assert "Monday, 1 June, 19:00 WIB" in text
    desk.press(QUEUE, **{**start, "do": "drop:0"})
    text = desk.see(QUEUE)
    assert text.count('aria-pressed="true"') == 4
    assert "Tuesday, 2 June, 19:00 WIB" in text
    for odd in (
        {"do": "add:9"},
        {"do": "add:0", "minute": "-5"},
        {"do": "add:0", "minute": "60", "zone": "Mars"},
        {"do": "x"},
        {"do": "drop:"},
    ):
        assert desk.press(QUEUE, **odd).status_code == 303
    assert desk.see(QUEUE).count('aria-pressed="true"') == 4

    answer = desk.press(QUEUE, weekdays="", clock="")
    assert answer.status_code == 422
    assert "Choose a time." in answer.text
    answer = desk.press(QUEUE, clock="08:15")
    assert answer.status_code == 422
    assert "Choose at least one day." in answer.text
    assert desk.world.post(desk.client, QUEUE, {"weekdays": ["5", "6"], "clock": "08:15"}).status_code == 303
    assert "08:15 WIB" in desk.see(QUEUE)

    week = desk.see(f"{CALENDAR}?view=week")
    assert re.findall(r'data-place="([^"]+)"', week) == [
        "2026-06-02T19:00", "2026-06-03T19:00", "2026-06-04T19:00", "2026-06-05T19:00", "2026-06-06T08:15", "2026-06-07T08:15",
    ]  # fmt: skip
    post = desk.plan(at=START + HOUR)
    path = f"/creator/posts/{post.public_id}/time"
    offered = re.findall(r'name="at" value="([^"]+)"', desk.see(path))
    assert offered[0] == "2026-06-02T19:00"
    desk.press(path, at=offered[0])
    assert "2026-06-02T19:00" not in re.findall(r'data-place="([^"]+)"', desk.see(f"{CALENDAR}?view=week"))
    with desk.world.app.app_context():
        assert slots.next_free(desk.creator.id, now=START) == datetime(2026, 6, 3, 12, 0, tzinfo=UTC)
    assert "A post is planned" in desk.see(QUEUE)
    assert "No places yet" in desk_of(desk.world, "budi").see(QUEUE), "everybody has their own"
