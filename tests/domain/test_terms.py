"""Sections 2, 4 and 5: terms read strictly, rules, tiers, limits, notice and quotes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialshop.domain import terms
from socialshop.domain.terms import CreatorFacts, Frozen, FxQuote, Line, OrderFacts, Program, Rule, Share, Terms, Version
from socialshop.kernel.money import EXPONENTS, Rounding, round_exact, round_ratio, split

from . import scenario_maker as maker

JUNE_1 = datetime(2026, 6, 1, tzinfo=UTC)
MIA = CreatorFacts("mia", groups=("vip",))
ALONE = Share("mia", "click")


def with_rule(**keys: Any) -> dict[str, Any]:
    return {"rules": [{"id": "r1"} | keys]}


UP = {"up_to": {"USD": 10}, "percent": "5"}
BAD = [
    ([], "terms", "object"),
    ({"window": 3}, "terms.window", "not known"),
    ({"window_days": 30.0}, "terms.window_days", "30.0"),
    ({"window_days": -1}, "terms.window_days", "below 0"),
    ({"window_days": "30"}, "terms.window_days", "whole number"),
    ({"hold_days": True}, "terms.hold_days", "true"),
    ({"hold_days": None}, "terms.hold_days", "null"),
    ({"touch": "middle"}, "terms.touch", "one of last, first"),
    ({"touch": ["last"]}, "terms.touch", "one of"),
    ({"lifetime": 1}, "terms.lifetime", "true or false"),
    ({"code_vs_click": {"code": "70", "click": "31"}}, "terms.code_vs_click", "add up"),
    ({"code_vs_click": {"code": "100", "click": "0"}}, "terms.code_vs_click", "above 0"),
    ({"code_vs_click": {"code": "70"}}, "terms.code_vs_click.click", "missing"),
    ({"code_vs_click": {"code": 70, "click": 30}}, "terms.code_vs_click.code", "percentage"),
    ({"code_vs_click": "both"}, "terms.code_vs_click", "one of"),
    ({"minimum_order": {"BTC": 1}}, "terms.minimum_order.BTC", "one of"),
    ({"minimum_order": 5}, "terms.minimum_order", "object"),
    ({"budget": {"USD": -5}}, "terms.budget.USD", "below 0"),
    ({"base": {"postage": True}}, "terms.base.postage", "not known"),
    ({"payout_currency": "usd"}, "terms.payout_currency", "one of"),
    ({"overrides": ["5", 2]}, "terms.overrides[1]", "percentage"),
    ({"overrides": ["100.01"]}, "terms.overrides[0]", "percentage"),
    ({"rules": {}}, "terms.rules", "list"),
    ({"rules": [{"percent": "1"}]}, "terms.rules[0]", "missing"),
    ({"rules": [{"id": "a", "percent": "1"}, {"id": "a", "percent": "2"}]}, 'rule "a"', "another rule"),
    (with_rule(), 'rule "r1"', "exactly one"),
    (with_rule(percent="5", flat={"USD": 1}), 'rule "r1"', "exactly one"),
    (with_rule(percent=5), 'rule "r1").percent', "percentage"),
    (with_rule(percent="5.00001"), 'rule "r1").percent', "percentage"),
    (with_rule(percent="-5"), 'rule "r1").percent', "percentage"),
    (with_rule(percent="101"), 'rule "r1").percent', "percentage"),
    (with_rule(percent="5", per="line"), 'rule "r1").per', "flat only"),
    (with_rule(percent="5", tier_mode="marginal"), 'rule "r1").tier_mode', "tiers only"),
    (with_rule(flat={"USD": 1}, tier_period="month"), 'rule "r1").tier_period', "tiers only"),
    (with_rule(flat={"USD": 1}, per="dozen"), 'rule "r1").per', "one of"),
    (with_rule(flat={"USD": 1.0}), 'rule "r1").flat.USD', "1.0"),
    (with_rule(kind="exclude", percent="5"), 'rule "r1").percent', "exclude"),
    (with_rule(kind="exclude", cap_per_order={}), 'rule "r1").cap_per_order', "exclude"),
    (with_rule(kind="exclude", recurring={"months": 1}), 'rule "r1").recurring', "exclude"),
    (with_rule(kind="extra", percent="5"), 'rule "r1").kind', "one of"),
    (with_rule(percent="5", wen={}), 'rule "r1").wen', "not known"),
    (with_rule(percent="5", when={"colour": "red"}), 'rule "r1").when.colour', "not known"),
    (with_rule(percent="5", when={"product": 1}), 'rule "r1").when.product', "text"),
    (with_rule(percent="5", when={"product": []}), 'rule "r1").when.product', "at least one"),
    (with_rule(percent="5", when={"customer": "old"}), 'rule "r1").when.customer', "one of"),
    (with_rule(percent="5", when={"via": ["code", "override"]}), 'rule "r1").when.via[1]', "one of"),
    (with_rule(percent="5", when={"currency": "XXX"}), 'rule "r1").when.currency', "one of"),
    (with_rule(percent="5", when={"creator": ["mia", "eve"]}), 'rule "r1").when.creator[1]', "listed"),
    (with_rule(percent="5", recurring={}), 'rule "r1").recurring', "payments, months or both"),
    (with_rule(percent="5", recurring={"payments": None}), 'rule "r1").recurring.payments', "null"),
    (with_rule(percent="5", **{"from": "2026-01-01"}), 'rule "r1").from', "instant"),
    (with_rule(tiers=[]), 'rule "r1").tiers', "at least one"),
    (with_rule(tiers=[UP]), 'rule "r1").tiers[0].up_to', "not known"),
    (with_rule(tiers=[{"percent": "5"}, {"percent": "8"}]), 'rule "r1").tiers[0].up_to', "missing"),
    (with_rule(tiers=[UP, UP, {"percent": "8"}]), 'rule "r1").tiers[1].up_to', "rise"),
    (with_rule(tiers=[{"percent": "5"}], tier_period="week"), 'rule "r1").tier_period', "one of"),
]


@pytest.mark.parametrize(("document", "place", "reason"), BAD, ids=[f"{i}-{row[1]}" for i, row in enumerate(BAD)])
def test_bad_terms_are_refused_with_their_place(document: Any, place: str, reason: str) -> None:
    with pytest.raises(terms.BadDocument) as refusal:
        terms.read(document, creators={"mia"})
    assert place in refusal.value.place
    assert reason in refusal.value.reason
    assert refusal.value.fields[0].field == refusal.value.place


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"terms": {}}, "program.id"),
        ({"id": "p"}, "program"),
        ({"id": "p", "terms": {}, "versions": []}, "program"),
        ({"id": "p", "terms": {}, "timezone": "Mars/Olympus"}, "program.timezone"),
        ({"id": "p", "terms": {}, "timezone": "../../etc/passwd"}, "program.timezone"),
        ({"id": "p", "terms": {}, "timezone": "America"}, "program.timezone"),
        ({"id": "p", "versions": [{"from": "2026-01-01T00:00:00Z"}]}, "program.versions[0].terms"),
        ({"id": "p", "versions": [{"from": None, "terms": {}}]}, "program.versions[0].from"),
        (
            {
                "id": "p",
                "versions": [{"from": "2026-01-01T07:00:00+07:00", "terms": {}}, {"from": "2026-01-01T00:00:00Z", "terms": {}}],
            },
            "program.versions[1].from",
        ),
    ],
)
def test_bad_programs_are_refused_with_their_place(document: Any, place: str) -> None:
    with pytest.raises(terms.BadDocument) as refusal:
        terms.read_program(document)
    assert refusal.value.place == place


@given(st.integers(min_value=0, max_value=10**9))
def test_terms_written_and_read_are_the_same(seed: int) -> None:
    document = maker.terms(Random(seed), looks_at_others=True)
    promises = terms.read(document)
    assert terms.read(terms.to_document(promises)) == promises


def test_an_empty_document_is_the_defaults() -> None:
    assert terms.read({}) == Terms()
    assert terms.to_document(Terms()) == {"rules": []}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2026-01-31T10:00:00Z", "2026-01-31T10:00:00Z"),
        ("2026-01-31t10:00:00.250000z", "2026-01-31T10:00:00.25Z"),
        ("2026-01-31T10:00:00.000000000+07:00", "2026-01-31T03:00:00Z"),
        ("2026-01-31T23:30:00-01:30", "2026-02-01T01:00:00Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
    ],
)
def test_instants(text: str, written: str) -> None:
    assert terms.write_instant(terms.read_instant(text)) == written


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31", "2026-01-31T10:00:00", "2026-01-31 10:00:00Z", "2026-01-31T24:00:00Z", "2026-13-01T00:00:00Z",
        "2026-01-31T10:00Z", "2026-01-31T10:00:00.1234567Z", "2026-01-31T10:00:00+0700", "0001-01-01T00:00:00+01:00",
        "２026-01-31T10:00:00Z", 5, None, "",
    ],
)  # fmt: skip
def test_what_is_no_instant(text: object) -> None:
    with pytest.raises(terms.NotAnInstant):
        terms.read_instant(text)


JAKARTA = Program("p", (), "Asia/Jakarta").zone
NEW_YORK = Program("p", (), "America/New_York").zone


@pytest.mark.parametrize(
    ("start", "months", "zone", "end"),
    [
        ("2026-01-31T00:00:00Z", 1, "UTC", "2026-02-28T00:00:00Z"),
        ("2024-01-31T00:00:00Z", 1, "UTC", "2024-02-29T00:00:00Z"),
        ("2026-01-30T18:00:00Z", 1, "Asia/Jakarta", "2026-02-27T18:00:00Z"),
        ("2026-11-30T00:00:00Z", 15, "UTC", "2028-02-29T00:00:00Z"),
        (
            "2026-02-15T05:00:00Z",
            1,
            "America/New_York",
            "2026-03-15T04:00:00Z",
        ),  # midnight there, before and after summer time begins
        ("2026-01-31T00:00:00Z", 0, "UTC", "2026-01-31T00:00:00Z"),
        ("2026-01-31T00:00:00Z", 10**9, "UTC", None),
    ],
)
def test_calendar_months(start: str, months: int, zone: str, end: str | None) -> None:
    found = terms.plus_months(terms.read_instant(start), months, Program("p", (), zone).zone)
    assert (found and terms.write_instant(found)) == end


@pytest.mark.parametrize(
    ("period", "at", "start", "end"),
    [
        ("month", "2026-01-31T16:59:59Z", "2025-12-31T17:00:00Z", "2026-01-31T17:00:00Z"),
        ("month", "2026-01-31T17:00:00Z", "2026-01-31T17:00:00Z", "2026-02-28T17:00:00Z"),
        ("quarter", "2026-05-05T00:00:00Z", "2026-03-31T17:00:00Z", "2026-06-30T17:00:00Z"),
        ("quarter", "2026-12-31T16:59:59Z", "2026-09-30T17:00:00Z", "2026-12-31T17:00:00Z"),
        ("year", "2026-12-31T16:59:59Z", "2025-12-31T17:00:00Z", "2026-12-31T17:00:00Z"),
    ],
)
def test_tier_periods(period: terms.Period, at: str, start: str, end: str) -> None:
    bounds = terms.period_bounds(period, terms.read_instant(at), JAKARTA)
    assert bounds == (terms.read_instant(start), terms.read_instant(end))
    assert terms.period_bounds("all", terms.read_instant(at), JAKARTA) == (None, None)


def order(*lines: Line, currency: str = "USD", **facts: Any) -> OrderFacts:
    return OrderFacts("o1", JUNE_1, currency, lines or (Line("l1", 10_000, 1),), **facts)


def priced(promises: Terms, of: OrderFacts | None = None, *, share: Share = ALONE, **frozen: Any) -> terms.Priced:
    return terms.price(of or order(), MIA, share, None, promises, Frozen(**frozen), minimum=None, zone=NEW_YORK)


def rules(*documents: dict[str, Any], **others: Any) -> Terms:
    return terms.read({"rules": [{"id": f"r{i}", "percent": "1"} | document for i, document in enumerate(documents)]} | others)


@pytest.mark.parametrize(
    ("weaker", "stronger", "precedence"),
    [
        ({}, {"group": "vip"}, "creator_first"),
        ({"group": "vip", "product": "p"}, {"creator": "mia"}, "creator_first"),
        ({"brand": "b"}, {"category": "c"}, "creator_first"),
        ({"category": "c"}, {"product": "p"}, "creator_first"),
        ({"category": "c", "brand": "b", "currency": "USD", "via": "click"}, {"product": "p"}, "creator_first"),
        ({"currency": "USD"}, {"currency": "USD", "via": "click"}, "creator_first"),
        ({"currency": "USD", "via": "click"}, {"brand": "b"}, "creator_first"),
        ({"creator": "mia"}, {"brand": "b"}, "product_first"),
        ({"creator": "mia", "brand": "b"}, {"category": "c"}, "product_first"),
        ({"group": "vip", "product": "p"}, {"creator": "mia", "product": "p"}, "product_first"),
        ({"creator": "mia", "currency": "USD"}, {"brand": "b"}, "product_first"),
    ],
)
def test_which_base_rule_wins(weaker: dict[str, str], stronger: dict[str, str], precedence: str) -> None:
    of = order(Line("l1", 100, 1, product="p", category="c", brand="b"))
    for i, documents in enumerate(([{"when": weaker}, {"when": stronger}], [{"when": stronger}, {"when": weaker}])):
        assert priced(rules(*documents, precedence=precedence), of).lines[0].rule == f"r{1 - i}"
    alike = rules({"when": stronger}, {"when": stronger}, precedence=precedence)
    assert priced(alike, of).lines[0].rule == "r0"


@pytest.mark.parametrize(
    ("rule", "matches"),
    [
        ({"when": {"customer": "new"}}, True),
        ({"when": {"customer": "returning"}}, False),
        ({"when": {"via": ["code", "click"]}}, True),
        ({"when": {"channel": "reels"}}, False),
        ({"when": {"group": ["gold", "vip"]}}, True),
        ({"when": {"group": "gold"}}, False),
        ({"from": "2026-06-01T00:00:00Z"}, True),
        ({"from": "2026-06-01T00:00:01Z"}, False),
        ({"until": "2026-06-01T00:00:00Z"}, False),
        ({"until": "2026-06-01T00:00:01Z"}, True),
        ({"when": {"product": "p", "group": "gold"}}, False),
    ],
)
def test_conditions(rule: dict[str, Any], matches: bool) -> None:
    found = priced(rules(rule), order(customer=terms.Customer(new=True)))
    assert (found.lines[0].rule == "r0") is matches


def test_a_customer_who_may_be_either_is_neither() -> None:
    assert priced(rules({"when": {"customer": ["new", "returning"]}})).reason == "no_rule"


def test_one_exclusion_is_enough_and_all_conditions_must_hold() -> None:
    of = order(Line("l1", 100, 1, product="p", category="c"), Line("l2", 100, 1, product="p"), Line("l3", 100, 1, brand="b"))
    promises = terms.read({
        "rules": [
            {"id": "x1", "kind": "exclude", "when": {"product": "p", "category": "c"}},
            {"id": "x2", "kind": "exclude", "when": {"brand": "b"}},
            {"id": "r", "percent": "10"},
        ]
    })  # fmt: skip
    assert [line.excluded for line in priced(promises, of).lines] == [True, False, True]


TIERS = [{"up_to": {"USD": 1000}, "percent": "5"}, {"up_to": {"USD": 5000}, "percent": "8"}, {"percent": "10"}]


def tiered(**keys: Any) -> Terms:
    return terms.read({"rules": [{"id": "t", "tiers": TIERS} | keys]})


@pytest.mark.parametrize(
    ("volume", "base", "marginal", "next_order"),
    [
        (0, 1000, 50, 50),
        (0, 1001, 50, 50),  # 50.08
        (0, 6000, 470, 300),  # 50 + 320 + 100
        (999, 1, 0, 0),  # 0.05
        (999, 11, 1, 1),  # 0.05 + 0.80; 0.55
        (1000, 100, 8, 8),
        (5000, 100, 10, 10),
        (4999, 100, 10, 8),  # 0.08 + 9.90
    ],
)
def test_tiers(volume: int, base: int, marginal: int, next_order: int) -> None:
    of = order(Line("l1", base, 1))
    assert priced(tiered(), of, volumes={"month": volume}).total == marginal
    assert priced(tiered(tier_mode="next_order", tier_period="year"), of, volumes={"year": volume}).total == next_order


def test_lines_fill_the_brackets_in_order() -> None:
    found = priced(tiered(), order(Line("l1", 600, 1), Line("l2", 600, 1)), volumes={"month": 0})
    assert [line.amount for line in found.lines] == [30, 36]  # 400 at 5 %, 200 at 8 %
    assert found.lines[0].pieces[0].rate == "5, 8"


def test_a_rule_that_does_not_name_the_currency_is_no_rule() -> None:
    assert priced(tiered(), order(currency="EUR"), volumes={"month": 0}).reason == "no_rule"
    flat = terms.read({"rules": [{"id": "f", "flat": {"USD": 5}}]})
    assert priced(flat, order(currency="EUR")).reason == "no_rule"


def test_limits_come_one_after_the_other_and_are_told() -> None:
    promises = terms.read({
        "cap_per_order": {"USD": 900},
        "rules": [{"id": "a", "percent": "10"}, {"id": "b", "kind": "bonus", "percent": "5", "cap_per_order": {"USD": 300}}],
    })  # fmt: skip
    of = order(Line("l1", 7000, 1), Line("l2", 3000, 1))
    found = priced(promises, of, share=Share("mia", "click", "50", 1), budget_left=801)
    assert found.stages == terms.Stages(earned=1500, after_rule_caps=1300, after_order_cap=900, after_budget=801, total=400)
    assert [(piece.rule, piece.amount, piece.capped) for piece in found.lines[0].pieces] == [("a", 700, 700), ("b", 350, 210)]
    assert [line.amount for line in found.lines] == [280, 120]
    assert priced(promises, of, budget_left=0).reason == "budget_exhausted"
    one = order(Line("l1", 10, 1))  # a commission of 2, of which 30 % are 0.6: the unit goes to the click's larger fraction
    assert priced(promises, one, share=Share("mia", "click", "30", 1), budget_left=0).reason == "budget_exhausted"
    assert priced(promises, one, share=Share("mia", "click", "10", 1), budget_left=0).reason == "no_rule"


@given(total=st.integers(min_value=0, max_value=10**6), ten_thousandths=st.integers(min_value=1, max_value=999_999))
def test_both_shares_of_a_split_add_up(total: int, ten_thousandths: int) -> None:
    code, click = (f"{part // 10_000}.{part % 10_000:04}" for part in (ten_thousandths, 1_000_000 - ten_thousandths))
    parts = terms.part_of(total, Share("a", "code", code, 0)), terms.part_of(total, Share("b", "click", click, 1))
    assert sum(parts) == total


amounts = st.integers(min_value=0, max_value=10**6)


@given(
    prices=st.lists(amounts, min_size=1, max_size=6), shipping=amounts, tax=amounts, part=st.fractions(min_value=0, max_value=1)
)
def test_no_unit_of_an_order_is_lost(prices: list[int], shipping: int, tax: int, part: Fraction) -> None:
    discount = int(sum(prices) * part)
    of = order(*(Line(f"l{i}", price, 1) for i, price in enumerate(prices)), discount=discount, shipping=shipping, tax=tax)
    nets = terms.nets_of(of)
    assert min(nets) >= 0
    assert sum(nets) == sum(prices) - discount
    assert sum(terms.bases_of(of, nets, Terms(base_shipping=True, base_tax=True))) == sum(nets) + shipping + tax
    assert terms.bases_of(of, nets, Terms()) == nets


def naive_split(total: int, weights: Sequence[int]) -> list[int]:
    """Largest remainder with fractions, as the specification tells it."""
    whole = sum(weights)
    exact = [Fraction(total * weight, whole) for weight in weights]
    shares = [int(share) for share in exact]
    for i in sorted(range(len(weights)), key=lambda i: (shares[i] - exact[i], i))[: total - sum(shares)]:
        shares[i] += 1
    return shares


@given(total=amounts, weights=st.lists(st.integers(min_value=0, max_value=1000), min_size=1, max_size=8).filter(any))
def test_splitting_is_by_largest_remainder(total: int, weights: list[int]) -> None:
    assert split(total, weights) == naive_split(total, weights) == split(total, [Fraction(weight) for weight in weights])
    assert split(total, [0] * len(weights)) == [total] + [0] * (len(weights) - 1)


@given(st.integers(), st.integers(min_value=1), st.sampled_from(["half_up", "half_even", "down"]))
def test_rounding(numerator: int, denominator: int, rounding: Rounding) -> None:
    exact = Fraction(numerator, denominator)
    rounded = round_ratio(numerator, denominator, rounding)
    assert rounded == round_exact(exact, rounding)
    if rounding == "down":
        assert rounded == int(exact)
    elif rounding == "half_even":
        assert rounded == round(exact)
    else:
        assert abs(rounded - exact) <= Fraction(1, 2)
        assert abs(rounded) >= abs(exact) or abs(rounded - exact) < Fraction(1, 2)


def version(day: int, **promises: Any) -> Version:
    return Version(JUNE_1 + timedelta(days=day), Terms(**promises))


OLD, MIDDLE, NEW = version(0, notice_days=30), version(10, notice_days=5), version(20, notice_days=99)
PROGRAM = Program("p", (OLD, MIDDLE, NEW))


@pytest.mark.parametrize(
    ("day", "enrolled_day", "versions"),
    [
        (-1, None, ()),
        (0, None, (OLD,)),
        (10, None, (MIDDLE, OLD)),
        (24.999, None, (NEW, MIDDLE, OLD)),
        (25, None, (NEW, OLD)),  # the notice of the middle one is over, not any more at the end itself
        (40, None, (NEW,)),
        (24, 10, (NEW, MIDDLE)),  # came with the middle one: the old one never was theirs
        (24, 9.999, (NEW, MIDDLE, OLD)),
        (24, 20, (NEW,)),
    ],
)
def test_the_versions_that_are_open(day: float, enrolled_day: float | None, versions: tuple[Version, ...]) -> None:
    enrolled_at = None if enrolled_day is None else JUNE_1 + timedelta(days=enrolled_day)
    creator = CreatorFacts("mia", enrolled_at=enrolled_at)
    assert terms.open_versions(PROGRAM, creator, JUNE_1 + timedelta(days=day)) == versions


QUOTE = FxQuote("q", JUNE_1, "USD", "IDR", "16250.00")


@pytest.mark.parametrize(
    ("minor", "currency", "quote", "rounding", "converted"),
    [
        (11243, "IDR", QUOTE, "half_up", 69),
        (100, "USD", QUOTE, "half_up", 16250),
        (1, "USD", QUOTE, "half_up", 163),  # 162.5
        (1, "USD", QUOTE, "half_even", 162),
        (1, "USD", QUOTE, "down", 162),
        (500, "JPY", FxQuote("q", JUNE_1, "USD", "JPY", "149.35"), "half_up", 335),
        (1000, "USD", FxQuote("q", JUNE_1, "KWD", "USD", "3.20"), "half_up", 3125),
        (3125, "KWD", FxQuote("q", JUNE_1, "KWD", "USD", "3.20"), "half_up", 1000),
        (0, "USD", QUOTE, "half_up", 0),
    ],
)
def test_converting(minor: int, currency: str, quote: FxQuote, rounding: Rounding, converted: int) -> None:
    assert terms.convert(minor, currency, quote, rounding) == converted


def test_the_newest_quote_not_later_than_the_order() -> None:
    day = timedelta(days=1)
    quotes = [
        FxQuote("q1", JUNE_1, "USD", "IDR", "1"), FxQuote("q3", JUNE_1, "IDR", "USD", "1"),
        FxQuote("q2", JUNE_1, "USD", "IDR", "1"),
        FxQuote("q4", JUNE_1 + day, "USD", "IDR", "1"), FxQuote("q5", JUNE_1, "USD", "EUR", "1"),
    ]  # fmt: skip
    found = [terms.newest_quote(quotes, "IDR", "USD", at) for at in (JUNE_1 - day, JUNE_1, JUNE_1 + day)]
    assert [quote and quote.id for quote in found] == [None, "q3", "q4"]


def test_every_currency_has_an_exponent() -> None:
    assert {"USD": 2, "IDR": 0, "KWD": 3}.items() <= EXPONENTS.items()


def test_rules_are_ranked_once() -> None:
    promises = rules({}, {"when": {"creator": "mia"}}, {"kind": "bonus"}, {"when": {"group": "vip"}})
    assert [rule.id for rule in promises.bases] == ["r1", "r3", "r0"]
    assert [rule.id for rule in promises.rules] == ["r0", "r1", "r2", "r3"]
    assert isinstance(promises.bonuses[0], Rule)
