"""Every class and reason that the judge gives has words for people."""

from __future__ import annotations

from typing import get_args

import pytest

from socialshop.domain import clicks
from socialshop.domain.clicks import Tap, judge, rules
from socialshop.kernel.database import transaction
from socialshop.web import tap_words

from ..domain.test_agents import CORPUS
from ..domain.test_judgement import ROWS

GIVEN = {(kind, reason) for *_, kind, reason in ROWS}
GIVEN |= {(said.kind, said.reason) for said in (judge(Tap(agent=entry["agent"])) for entry in CORPUS)}
GIVEN |= {("bot", "headless"), ("bot", "no_agent"), ("own", "creators_own"), ("test", "brand_member")}
GIVEN |= {("duplicate", "repeat_within_10s"), ("excess", "beyond_a_days_measure")}


def test_the_judge_gives_every_class():
    assert {kind for kind, _reason in GIVEN} == set(get_args(rules.Kind))


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_reason_is_a_sentence_of_its_own(app, language):
    with app.test_request_context(headers={"Accept-Language": language}):
        for kind, reason in GIVEN:
            assert tap_words.why(kind, reason).endswith("."), (kind, reason)
        assert len({tap_words.why(kind, "") for kind in ("payable", "embedded", "preview", "bot")}) == 4  # "" as old rows have it
        assert tap_words.why("made", "up").endswith(".")


def test_a_creator_sees_the_newest_requests_and_why_some_did_not_count(app, world, client):
    mia = world.creator("mia")
    link = world.link(mia, url="https://store.example/", slug="kopi")
    seen = world.click(link)
    with app.app_context(), transaction() as current:
        row = current.get(clicks.Click, seen.id)
        row.country, row.system, row.inside, row.referrer = "ID", "android", "instagram", "l.instagram.com"
    world.click(link, kind="bot")
    world.click(world.link(world.creator("bima"), url="https://store.example/", slug="lain"), kind="preview")
    me = world.sign_in(client, mia.user_id)
    me.set_cookie("lang", "en")
    everything = me.get(f"/creator/links/{link.public_id}/taps").text
    assert "Somebody tapped, as far as anybody can tell." in everything
    assert "Instagram · Android · Indonesia · l.instagram.com" in everything
    assert "It calls itself a program" in everything
    assert "preview card" not in everything.partition("<ol")[2]  # a stranger's
    bots = me.get(f"/creator/links/{link.public_id}/taps?kind=bot").text
    assert "Somebody tapped" not in bots
    assert "It calls itself a program" in bots
    assert "Nobody has tapped it yet" in me.get(f"/creator/links/{link.public_id}/taps?kind=embedded").text
    assert "It calls itself a program" in me.get(f"/creator/links/{link.public_id}/taps?kind=made-up").text
