"""Which requests are a person's tap, and what is kept of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from socialshop.domain import clicks
from socialshop.domain.clicks import Tap
from socialshop.kernel.database import session, transaction
from socialshop.kernel.taps import NotedTap, new_click_id

from ..conftest import START

CHROME = "Mozilla/5.0 (Linux; Android 13; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"
INSTAGRAM = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
    "Instagram 335.1.8.26.85 (iPhone14,5; iOS 17_5; id_ID; id; scale=3.00; 1170x2532; 612419346)"
)
TIKTOK = (
    "Mozilla/5.0 (Linux; Android 13; SM-A546E; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/120.0 Mobile "
    "Safari/537.36 trill_320603 JsSdk/1.0 AppName/trill ByteLocale/id-ID BytedanceWebview/d8a21c6"
)
FACEBOOK = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 [FBAN/FBIOS;FBAV/470.0]"


@pytest.mark.parametrize(
    ("tap", "kind"),
    [
        (Tap(agent=CHROME, mode="navigate", dest="document"), "payable"),
        (Tap(agent=CHROME), "payable"),  # an old web view says nothing of itself
        (Tap(agent=INSTAGRAM), "payable"),
        (Tap(agent=TIKTOK), "payable"),
        (Tap(agent=FACEBOOK), "payable"),
        (Tap(agent=CHROME, purpose="prefetch"), "prefetch"),
        (Tap(agent=CHROME, purpose="prefetch;prerender"), "prefetch"),
        (Tap(agent=CHROME, purpose="preview"), "prefetch"),
        (Tap(agent=CHROME, mode="no-cors", dest="image"), "embedded"),
        (Tap(agent=CHROME, mode="cors", dest="empty"), "embedded"),
        (Tap(agent=CHROME, mode="navigate", dest="iframe"), "embedded"),
        (Tap(agent=CHROME, mode="navigate", dest="embed"), "embedded"),
        (Tap(agent=CHROME, mode="navigate", dest="object"), "embedded"),
        (Tap(agent=CHROME, mode="same-origin", dest="document"), "embedded"),
        (Tap(agent=""), "bot"),
        (Tap(agent="curl/8.5.0"), "bot"),
        (Tap(agent="Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"), "bot"),
        (Tap(agent="Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.0.0"), "bot"),
        (Tap(agent="WhatsApp/2.23.20.0 A"), "preview"),
        (Tap(agent="facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"), "preview"),
        (Tap(agent="TelegramBot (like TwitterBot)"), "preview"),
        (Tap(agent="Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"), "preview"),
        (Tap(agent=CHROME, viewer="creator"), "own"),
        (Tap(agent=CHROME, viewer="brand"), "test"),
        (Tap(agent="curl/8.5.0", viewer="creator"), "bot"),
    ],
)
def test_the_class_of_a_request(tap, kind):
    judged = clicks.judge(tap)
    assert judged.kind == kind
    assert bool(judged.reason) is (kind != "payable")


def _tap(link, visitor="v" * 20, now=START, viewer="", **facts):
    at_us = int(now.timestamp() * 1_000_000)
    blank = dict.fromkeys(("purpose", "mode", "dest", "referrer"), "")
    tap = NotedTap(
        new_click_id(at_us), at_us, link.id, link.creator_id, link.program_id, link.channel, link.placement, visitor,
        **{**blank, "agent": CHROME, **facts}, who="usr_somebody" if viewer else "",
    )  # fmt: skip
    with transaction():
        clicks.take_in([tap], lambda _tap: viewer)
    return clicks.find(tap.click)


@pytest.mark.usefixtures("room")
class TestKept:
    def test_a_second_tap_at_once_counts_as_the_first(self, world):
        link = world.link(world.creator("mia"))
        first, second = _tap(link), _tap(link, now=START + timedelta(seconds=9))
        later, other = _tap(link, now=START + timedelta(seconds=21)), _tap(link, visitor="w" * 20)
        assert [kept.kind for kept in (first, second, later, other)] == ["payable", "duplicate", "payable", "payable"]
        assert second.repeats == first.public_id
        assert session().scalars(select(clicks.Click.kind)).all().count("duplicate") == 1

    def test_every_request_is_a_row_with_class_and_reason(self, world):
        link = world.link(world.creator("mia"))
        for facts in ({}, {"agent": "curl/8"}, {"mode": "cors"}, {"purpose": "prefetch"}, {"viewer": "creator"}):
            _tap(link, **facts)
        rows = session().scalars(select(clicks.Click)).all()
        assert len(rows) == 5
        assert sum(clicks.counts(link.creator_id, "kind", START.date(), START.date() + timedelta(days=1)).values()) == 5
        assert all(bool(row.reason) is (row.kind != "payable") for row in rows)

    def test_the_database_refuses_a_class_without_reason(self, world):
        click = world.click(world.link(world.creator("mia")))
        with pytest.raises(IntegrityError), transaction() as current:  # noqa: PT012
            found = current.get(clicks.Click, click.id)
            found.kind = "bot"

    def test_clicks_of_a_visitor_or_an_id_stay_in_their_program(self, world):
        mia, brand = world.creator("mia"), world.brand()
        one, other = world.program(brand), world.program(brand, "Teman Lain")
        here, there = (
            world.link(mia, program=one, url="https://a.example/"),
            world.link(mia, program=other, url="https://b.example/"),
        )
        seen, foreign = world.click(here, visitor="a" * 20), world.click(there, visitor="a" * 20)
        named = world.click(here, visitor="b" * 20)
        robot = world.click(here, visitor="a" * 20, kind="bot")
        assert [c.id for c in clicks.of(one.id, "a" * 20, named.public_id)] == [seen.id, named.id, robot.id]
        assert [c.id for c in clicks.of(one.id, "", foreign.public_id)] == []
        assert clicks.of(one.id, "", "") == []
        assert clicks.newest_of_visitor("a" * 20).id == foreign.id
        assert clicks.link_counts([here.id, there.id]) == {here.id: 2, there.id: 1}


DAY = START.replace(hour=0)


def _moments(count, *, since=DAY, apart=60):
    return [(since + timedelta(seconds=n * apart), f"clk_{since:%d%H}{n:03d}") for n in range(count)]


@pytest.mark.parametrize(
    ("taps", "beyond"),
    [
        (_moments(20), []),
        (_moments(22), ["clk_0100020", "clk_0100021"]),
        (_moments(15) + _moments(15, since=DAY + timedelta(days=1)), []),  # a day of its own
        ([*_moments(20), (DAY + timedelta(hours=23, minutes=59, seconds=59), "clk_z")], ["clk_z"]),
        ([*_moments(20), (DAY + timedelta(hours=24), "clk_z")], []),
    ],
)
def test_beyond_the_measure_of_a_day(taps, beyond):
    assert sorted(clicks.excess(taps)) == beyond
    assert clicks.excess(reversed(taps)) == clicks.rules.excess(taps)
