"""What agents say of themselves: a corpus of real ones, and some that nobody ever wrote in good faith."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from socialshop.domain import clicks
from socialshop.domain.clicks import Device, Tap

CORPUS = json.loads(Path(__file__).with_name("agents.json").read_text())["agents"]
PEOPLE = [entry for entry in CORPUS if entry["is"] == "person"]
MACHINES = [entry for entry in CORPUS if entry["is"] != "person"]


def test_the_corpus_is_large_and_each_agent_is_in_it_once():
    assert len({entry["agent"] for entry in CORPUS}) == len(CORPUS) >= 300
    assert len(PEOPLE) >= 200
    assert {entry["inside"] for entry in PEOPLE} >= {
        "instagram", "threads", "facebook", "messenger", "tiktok", "whatsapp", "telegram", "line", "wechat", "x", "linkedin", "snapchat",
        "pinterest", "shopee", "tokopedia", "gojek", "lazada", "grab", "google", "",
    }  # fmt: skip


def test_no_honest_agent_is_taken_for_a_machine():
    assert [entry["agent"] for entry in PEOPLE if clicks.judge(Tap(agent=entry["agent"])).kind != "payable"] == []


def test_every_machine_is_told_and_so_is_its_kind():
    wrong = {entry["agent"]: entry["is"] for entry in MACHINES if clicks.judge(Tap(agent=entry["agent"])).kind != entry["is"]}
    assert wrong == {}


def test_what_people_carry_is_named():
    def said(entry):
        return Device(*(entry[name] for name in ("device", "system", "browser", "inside")))

    wrong = {
        entry["agent"]: clicks.describe(entry["agent"]) for entry in PEOPLE if clicks.describe(entry["agent"]) != said(entry)
    }
    assert wrong == {}


HOSTILE = {
    "huge": "Mozilla/5.0 " + "(" * 100_000,
    "nested": "Mozilla/5.0 (" * 30_000,
    "spaces": "Mozilla/5.0" + " " * 100_000 + "x",
    "many versions": "Chrome/1." * 40_000,
    "a's": "a" * 100_000,
    "bots without end": "bo" * 50_000,
    "binary": bytes(range(256)).decode("latin-1") * 400,
    "zeros": "\0" * 10_000,
    "astral": "\U0001f680" * 20_000,
    "lone halves": "\ud800" * 1_000,
    "right to left": "\u202eMozilla/5.0\u202d" * 3_000,
    "android's": "Android; " * 20_000 + "wv",
    "dots": "." * 50_000 + "/",
    "slashes and digits": "/1" * 50_000,
}


@pytest.mark.parametrize("agent", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_agent_is_judged_and_described_in_no_time(agent):
    clicks.describe("warm")
    clicks.judge(Tap(agent="warm"))
    started = time.process_time()
    said = clicks.describe(agent)
    judged = clicks.judge(Tap(agent=agent))
    assert time.process_time() - started < 0.05
    assert judged.kind in ("payable", "bot", "preview")
    assert len(said.device) <= 8
    assert max(len(said.system), len(said.inside)) <= 16
    assert len(said.browser) <= 24


def test_every_word_fits_its_column():
    from socialshop.domain.clicks import agents

    columns = clicks.Click.__table__.c
    assert max(len(word) for _sign, word in agents.INSIDE) <= columns.inside.type.length
    assert max(len(word) for _sign, word in agents._SYSTEMS) <= columns.system.type.length
    assert max(len(word) for _sign, word in agents._BROWSERS) <= columns.browser.type.length


@pytest.mark.parametrize(
    ("network", "country"),
    [("103.10.64.0", "ID"), ("8.8.8.0", "US"), ("2001:4860:4860::", "US"), ("10.0.0.0", ""), ("127.0.0.0", ""), ("::", ""), ("", ""), ("nowhere", "")],
)  # fmt: skip
def test_the_country_of_a_network(network, country):
    assert clicks.country_of(network) == country
