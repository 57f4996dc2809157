"""The five questions become terms and back; who stands where."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from socialshop.domain import terms
from socialshop.domain.programs.rules import (
    Answers,
    Standing,
    address_problem,
    find_answers,
    parameter_problem,
    read_answers,
    read_discount,
    read_groups,
    slug_of,
    standing,
)
from socialshop.kernel.errors import Invalid

TYPED = {
    "kind": "percent", "percent": "12,5", "flat": "", "window_days": "30", "hold_days": "14",
    "minimum_order": "", "minimum_payout": "Rp50.000", "touch": "last", "winner": "code",
}  # fmt: skip


def day(n: int) -> datetime:
    return datetime(2026, 6, n, tzinfo=UTC)


def test_answers_as_people_type_them():
    assert read_answers(TYPED, "IDR") == Answers(percent="12.5", minimum_payout=50_000)
    flat = read_answers({**TYPED, "kind": "unit", "flat": "7.500"}, "IDR")
    assert (flat.kind, flat.flat) == ("unit", 7_500)


@pytest.mark.parametrize("answers", [
    Answers(percent="12.5"),
    Answers(kind="order", flat=10_000, touch="first", winner="click", minimum_order=100_000),
    Answers(kind="unit", flat=500, winner="half", hold_days=0, window_days=7, minimum_payout=20_000),
])  # fmt: skip
def test_answers_become_terms_and_back(answers):
    document = answers.document("IDR")
    terms.read(document)
    assert find_answers(document, "IDR") == answers


@pytest.mark.parametrize("more", [
    {"lifetime": True}, {"notice_days": 7}, {"budget": {"IDR": 1}}, {"code_policy": "if_winner"}, {"rounding": "down"},
    {"code_vs_click": {"code": "70", "click": "30"}}, {"rules": []}, {"minimum_order": {"USD": 5}},
    {"rules": [{"id": "base", "percent": "5", "when": {"group": "vip"}}]},
    {"rules": [{"id": "base", "flat": {"IDR": 5}, "per": "line"}]},
    {"rules": [{"id": "other", "percent": "5"}]},
])  # fmt: skip
def test_terms_that_say_more_are_not_taken_for_five_answers(more):
    assert find_answers({**Answers().document("IDR"), **more}, "IDR") is None


@pytest.mark.parametrize(("change", "fields"), [
    ({"percent": "0"}, ["percent"]),
    ({"percent": "101"}, ["percent"]),
    ({"percent": "12.55555"}, ["percent"]),
    ({"percent": "ten"}, ["percent"]),
    ({"kind": "order", "flat": ""}, ["flat"]),
    ({"kind": "order", "flat": "10.5"}, ["flat"]),
    ({"kind": "gift"}, ["kind"]),
    ({"window_days": "0"}, ["window_days"]),
    ({"window_days": "366"}, ["window_days"]),
    ({"hold_days": "-1"}, ["hold_days"]),
    ({"hold_days": "٣"}, ["hold_days"]),
    ({"minimum_order": "-5"}, ["minimum_order"]),
    ({"touch": "", "winner": "x", "percent": ""}, ["percent", "touch", "winner"]),
])  # fmt: skip
def test_every_wrong_answer_is_named(change, fields):
    with pytest.raises(Invalid) as refusal:
        read_answers({**TYPED, **change}, "IDR")
    assert sorted(error.field for error in refusal.value.fields) == fields


def test_a_buyers_discount_leaves_a_price():
    assert read_discount(" ") == ""
    assert read_discount("10 %") == "10"
    with pytest.raises(Invalid):
        read_discount("95")


def test_groups_are_plain_words():
    assert read_groups("VIP, reseller,vip ,") == ["reseller", "vip"]
    for text in ("<b>", "a" * 31, ",".join(f"g{n}" for n in range(11))):
        with pytest.raises(Invalid):
            read_groups(text)


def test_a_slug_is_made_of_any_name():
    assert slug_of("Teman  Kopi é Senja!") == "teman-kopi-e-senja"
    assert slug_of("咖啡") == "program"


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "//x.test", "https://a b.test", "https://localhost", "ftp://a.test", "https://u@a.test"]
)
def test_a_store_address_is_a_web_address(text):
    assert address_problem(text) is not None
    assert address_problem("https://toko.example/produk?x=1") is None
    assert address_problem("") is None


def test_a_parameter_is_a_plain_name():
    assert parameter_problem("ss_click") is None
    assert parameter_problem("a&b") is not None


FIRST, SECOND = Standing(("a",), day(1), day(5)), Standing(("b",), day(10), None)


@pytest.mark.parametrize(("stays", "at", "found"), [
    ([FIRST, SECOND], day(2), FIRST),
    ([FIRST, SECOND], day(5), FIRST),  # not any more at the end itself, but the newest that was
    ([FIRST, SECOND], day(7), FIRST),
    ([SECOND, FIRST], day(10), SECOND),
    ([SECOND], day(3), SECOND),  # not yet
    ([], day(3), Standing((), day(1), day(1))),
])  # fmt: skip
def test_what_the_engine_is_told_of_who_came_and_went(stays, at, found):
    told = standing(stays, at, never=day(1))
    assert told == found
    assert terms.CreatorFacts("1", enrolled_at=told.enrolled_at, left_at=told.left_at).enrolled(at) == told.covers(at)


def test_who_never_was_enrolled_is_not_enrolled_for_the_engine():
    told = standing([], day(3), never=day(1))
    assert not terms.CreatorFacts("1", enrolled_at=told.enrolled_at, left_at=told.left_at).enrolled(day(3))
