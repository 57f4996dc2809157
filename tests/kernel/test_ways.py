"""Where a tap leads: rules, split, shops, as pure functions."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialshop.kernel import ways
from socialshop.kernel.ways import Arm, Decision, Guest, Plan, Rule, Store, When, decide

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=ZoneInfo("Asia/Jakarta"))  # a Monday
AT = NOON.timestamp()
ANYONE = Guest()
SHOPS = (Store("shopee", "shopee", "https://shopee.co.id/a"), Store("shop", "shop", "https://toko.example/"))


@pytest.mark.parametrize(
    ("when", "moment", "holds"),
    [
        ({"begins": "09:00", "ends": "17:00"}, "2026-06-01T09:00", True),
        ({"begins": "09:00", "ends": "17:00"}, "2026-06-01T08:59", False),
        ({"begins": "09:00", "ends": "17:00"}, "2026-06-01T17:00", False),  # half open
        ({"begins": "22:00", "ends": "02:00"}, "2026-06-01T23:00", True),
        ({"begins": "22:00", "ends": "02:00"}, "2026-06-01T01:59", True),
        ({"begins": "22:00", "ends": "02:00"}, "2026-06-01T02:00", False),
        ({"begins": "22:00", "ends": "02:00"}, "2026-06-01T21:59", False),
        ({"begins": "22:00", "ends": "02:00", "days": [1]}, "2026-06-02T01:00", True),  # Tuesday's night began on Monday
        ({"begins": "22:00", "ends": "02:00", "days": [1]}, "2026-06-01T01:00", False),  # that one on Sunday
        ({"begins": "22:00", "ends": "02:00", "last": "2026-06-01"}, "2026-06-02T01:00", True),
        ({"begins": "17:00", "ends": "00:00"}, "2026-06-01T23:59", True),
        ({"begins": "17:00", "ends": "00:00"}, "2026-06-02T00:00", False),
        ({"begins": "00:00", "ends": "09:00"}, "2026-06-01T00:00", True),
        ({"days": [6, 7]}, "2026-06-06T00:00", True),
        ({"days": [6, 7]}, "2026-06-05T23:59", False),
        ({"first": "2026-06-01", "last": "2026-06-01"}, "2026-06-01T23:59", True),
        ({"first": "2026-06-01", "last": "2026-06-01"}, "2026-06-02T00:00", False),
        ({"first": "2026-06-02"}, "2026-06-01T23:59", False),
    ],
)
def test_times_on_the_creators_clock(when, moment, holds):
    assert ways.read_when(when).holds(ANYONE, datetime.fromisoformat(moment)) is holds


@pytest.mark.parametrize(("zone", "word"), [("Asia/Jakarta", "r1"), ("Asia/Jayapura", "main"), ("America/New_York", "main"), ("no/zone", "main")])  # fmt: skip
def test_the_zone_decides_which_hour_it_is(zone, word):
    plan = Plan((Rule("r1", When(begins="11:30", ends="12:30"), "https://a.example/"),), zone=zone)
    assert decide(plan, ANYONE, AT, link_id=1, visitor="").word == word


@pytest.mark.parametrize(
    ("guest", "word"),
    [
        (Guest(frozenset({"phone", "ios"}), "ID", "id"), "r1"),
        (Guest(frozenset({"tablet", "ios"}), "ID", "id"), "r2"),
        (Guest(frozenset({"phone"}), "MY", "id"), "r2"),
        (Guest(frozenset({"phone"}), "MY", "en"), "main"),
        (Guest(), "main"),  # what is not known holds nothing
    ],
)
def test_the_first_rule_that_holds_leads(guest, word):
    rules = (
        Rule("r1", When(frozenset({"phone"}), frozenset({"ID", "SG"})), "https://a.example/"),
        Rule("r2", When(languages=frozenset({"id"})), "https://b.example/"),
    )
    assert decide(Plan(rules), guest, AT, link_id=1, visitor="").word == word
    without_first = decide(Plan(rules, dead=frozenset({"r1"})), guest, AT, link_id=1, visitor="").word
    assert without_first == ("r2" if guest.language == "id" else "main")


visitors = st.text(min_size=1, max_size=30)
weights = st.lists(st.integers(min_value=1, max_value=1000), min_size=2, max_size=6)


@given(visitors, weights, st.integers(min_value=1, max_value=2**40))
def test_a_visitor_keeps_their_arm_whatever_else_changes(visitor, given_weights, link_id):
    arms = tuple(Arm(f"a{n}", f"https://{n}.example/", weight) for n, weight in enumerate(given_weights))
    kept = decide(Plan(arms=arms), ANYONE, AT, link_id=link_id, visitor=visitor)
    other_addresses = tuple(Arm(arm.word, "https://new.example/", arm.weight) for arm in arms)
    later = Guest(frozenset({"phone"}), "ID", "id")
    assert decide(Plan(arms=other_addresses), later, AT + 1e6, link_id=link_id, visitor=visitor) == kept
    for dead in arms:  # only whoever had the dead one moves
        left = decide(Plan(arms=arms, dead=frozenset({dead.word})), ANYONE, AT, link_id=link_id, visitor=visitor)
        assert left.word != dead.word
        assert left == kept or kept.word == dead.word


def test_shares_are_what_the_weights_say_and_links_are_strangers():
    arms = (Arm("main", "", 1), Arm("a1", "https://a.example/", 3))
    drawn = Counter(decide(Plan(arms=arms), ANYONE, AT, link_id=7, visitor=f"v{n}").word for n in range(4000))
    assert 900 < drawn["main"] < 1100
    elsewhere = [decide(Plan(arms=arms), ANYONE, AT, link_id=8, visitor=f"v{n}").word for n in range(4000)]
    here = [decide(Plan(arms=arms), ANYONE, AT, link_id=7, visitor=f"v{n}").word for n in range(4000)]
    assert 0.55 < sum(a == b for a, b in zip(here, elsewhere, strict=True)) / 4000 < 0.70  # 10/16 by chance


@pytest.mark.parametrize(
    ("chosen", "dead", "decision"),
    [
        ("", (), Decision("", "ask")),
        ("shopee", (), Decision("shopee", "chosen")),
        ("main", (), Decision("main", "chosen")),
        ("no-such", (), Decision("", "ask")),
        ("shopee", ("shopee",), Decision("", "ask")),
        ("", ("shopee", "shop"), Decision("main", "only")),
        ("", ("shopee", "main"), Decision("shop", "only")),
        ("", ("shopee", "shop", "main"), Decision("", "none")),
    ],
)
def test_a_visitor_chooses_among_what_is_left(chosen, dead, decision):
    assert decide(Plan(stores=SHOPS, dead=frozenset(dead)), ANYONE, AT, link_id=1, visitor="", chosen=chosen) == decision


@pytest.mark.parametrize(
    ("agent", "devices"),
    [
        ("Mozilla/5.0 (Linux; Android 14; SM-A546E) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36", {"phone", "android"}),
        ("Mozilla/5.0 (Linux; Android 14; SM-X910) AppleWebKit/537.36 Chrome/131.0 Safari/537.36", {"tablet", "android"}),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605 Instagram 360.0", {"phone", "ios"}),
        ("Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605", {"tablet", "ios"}),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36", {"desktop"}),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", {"desktop"}),
        ("curl/8.5", set()),
        ("", set()),
    ],
)
def test_devices_by_the_few_words_that_matter(agent, devices):
    assert ways.devices_of(agent) == devices


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://s.shopee.co.id/an_redir?x=1", "shopee"), ("https://shope.ee/abc", "shopee"),
        ("https://www.tokopedia.com/a", "tokopedia"), ("https://tokopedia.link/a", "tokopedia"),
        ("https://vt.tiktok.com/a", "tiktok"), ("https://wa.me/62", "whatsapp"), ("https://notshopee.example/", "shop"),
        ("/@rani/p/x", "shop"),
    ],
)  # fmt: skip
def test_kinds_of_shops_by_their_host(url, kind):
    assert ways.kind_of(url) == kind


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=10))
def test_what_is_filled_in_stays_inside_its_place(title, creator, code):
    """Nobody's title or handle can end the address, add a parameter or name another host."""
    facts = {"creator": creator, "channel": "ig", "code": code, "title": title}
    chat = Store("whatsapp", "whatsapp", "https://wa.me/6281", text="Hi {product}\n{code} {creator}")
    address = ways.address_of(chat, "clk_1", **facts)
    head, _, tail = address.partition("?text=")
    assert head == "https://wa.me/6281"
    assert not set(tail) & set("&#?/ \n\r")
    shop = Store("s", "other", "https://a.example/?x=1", parameter="sub", value="{creator}-{click}")
    assert ways.address_of(shop, "clk_1", **facts).count("&") == 1


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2200, 1, 1)))
def test_no_moment_breaks_a_rule(moment):
    rules = (Rule("r1", When(begins="22:00", ends="02:00", days=frozenset({1, 7}), first="2026-01-01"), "https://a.example/"),)
    for zone in ("Asia/Jakarta", "America/St_Johns", "Pacific/Apia"):
        decision = decide(Plan(rules, zone=zone), ANYONE, moment.replace(tzinfo=UTC).timestamp(), link_id=1, visitor="")
        assert decision.word in ("r1", "main")
