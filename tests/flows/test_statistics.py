"""The store of all taps says the same as the database, by every dimension, filter and clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete

from socialshop.domain import analytics, clicks
from socialshop.flows import archive, statistics
from socialshop.kernel.database import session, transaction

from ..conftest import START
from ..domain.analytics import history

ZONES = ("Asia/Jakarta", "Asia/Kolkata", "Africa/Cairo")


@pytest.fixture
def story(room, world):
    return history.make(world, taps=100, sales=2)


def close():
    """Put the taps that are there into a segment."""
    for minutes in (0, 20):
        archive.run({}, now=START + timedelta(days=1, minutes=minutes))


def questions(story):
    """Every dimension, alone and with another; some filters; all measures."""
    names = [name for name in analytics.DIMENSIONS if name not in analytics.OF_ORDERS]
    asked = [
        ((), "clicks"),
        ((), "visitors"),
        (("kind", "reason"), "requests"),
        (("day",), "clicks"),
        (("day", "device"), "clicks"),
    ]
    asked += [((name,), "clicks") for name in names]
    filters = [{}, {"country": "ID"}, {"country": "", "device": "phone"}, {"post": ""}, {"link": str(story.links[1].id)}]
    for turn, (name, scope) in enumerate(list(history.each_scope(story))[::3]):  # a creator and a brand
        for n, (by, what) in enumerate(asked):
            yield name, replace(scope, where=filters[(n + turn) % len(filters)]), by, what


def test_the_store_the_database_and_the_counts_by_day_agree(story, monkeypatch):
    close()
    monkeypatch.setattr(statistics, "FEW", -1)
    recent, every = analytics.RecentTaps(), statistics.taps("Asia/Jakarta")
    period = analytics.period("90", now=START, zone="Asia/Jakarta")
    for n, (name, scope, by, what) in enumerate(questions(story)):
        mine = replace(period, zone=ZONES[n % 3])
        assert every.count(scope, mine, by, what) == recent.count(scope, mine, by, what), (name, scope.where, by, what)


def test_figures_outlive_the_taps_in_the_database(story, monkeypatch):
    close()
    period = analytics.period("90", now=START, zone="Asia/Kolkata")
    scopes = [scope for _, scope in history.each_scope(story)]
    before = [analytics.figures(scope, period, analytics.RecentTaps()) for scope in scopes]
    with transaction():
        session().execute(delete(clicks.Click))
    monkeypatch.setattr(statistics, "FEW", -1)
    after = [analytics.figures(scope, period, statistics.taps("Asia/Jakarta")) for scope in scopes]
    assert [replace(each, checkouts=0) for each in after] == [replace(each, checkouts=0) for each in before]


def test_a_scope_without_programs_has_no_taps_and_a_foreign_program_none(story):
    period = analytics.period("90", now=START, zone="Asia/Kolkata")
    nobody = analytics.Scope(brand_id=story.brands[0].id)
    senja, harbour = story.programs
    strange = analytics.Scope(brand_id=senja.brand_id, program_ids=(senja.id,), where={"program": str(harbour.id)})
    other = analytics.Scope(creator_id=story.creators[0].id, where={"creator": str(story.creators[1].id)})
    for scope in (nobody, strange, other):
        assert statistics._of_store(scope, period, (), "requests") == {}
        assert analytics.RecentTaps().count(scope, period, (), "requests") == {}
