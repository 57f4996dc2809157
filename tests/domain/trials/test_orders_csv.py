"""Orders from a sheet: what is in it is read exactly, what cannot be read is named by row and column."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from socialshop.domain import trials
from socialshop.domain.terms import Click, Line, write_instant

READING = trials.Reading("IDR", ZoneInfo("Asia/Jakarta"), {"rani": "7"})


def test_rows_become_orders() -> None:
    text = (
        "\ufefforder;at;Price;quantity;product;creator;code;order_discount;refunded;new customer;shipping\n"
        "1001;2026-10-01 19:30;149.000;2;prd_a;@Rani;RANI10;8.000;10.000;yes;18.000\n"
        "1001;;50000;;prd_b;;;;;;\n"
        "\n"
        "1002;2026-10-01T00:00:00Z;Rp10.000;1;;;;;;;\n"
    )
    first, second = trials.orders(text, READING)
    order = first.order
    assert (order.id, write_instant(order.at), order.currency) == ("1001", "2026-10-01T12:30:00Z", "IDR")
    assert order.lines == (Line("1", 149_000, 2, product="prd_a"), Line("2", 50_000, 1, product="prd_b"))
    assert (order.discount, order.shipping, order.code, order.customer.new) == (8_000, 18_000, "RANI10", True)
    assert first.click == Click("1001:click", order.at, "7")
    assert order.click == "1001:click"
    assert first.refund is not None
    assert first.refund.amount == 10_000
    assert (second.click, second.refund, second.order.lines[0].price) == (None, None, 10_000)
    assert trials.check(text, READING) == 2


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        ("a,2026-10-01,x", (2, "price")),
        ("a,2026-13-01,1", (2, "at")),
        ("a,yesterday,1", (2, "at")),
        ("a,2026-10-01,1,2", (2, "")),
        (",2026-10-01,1", (2, "order")),
        ("a,2026-10-01,", (2, "price")),
        ("a,2026-10-01,1\nb,2026-10-01,1\na,2026-10-01,1", (4, "order")),
        ("a,2026-10-01,1\na,2026-10-02,1", (3, "at")),
        ('a,2026-10-01,"1"x', (2, "")),
        ("", (2, "order")),
    ],
)
def test_what_cannot_be_read_is_named(rows: str, wrong: tuple[int, str]) -> None:
    with pytest.raises(trials.BadFile) as refusal:
        trials.check(f"order,at,price\n{rows}\n", READING)
    error = refusal.value.errors[0]
    assert (error.row, error.column) == wrong
    assert error.message.format(**error.facts)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("quantity", "0"),
        ("quantity", "1.5"),
        ("creator", "nobody"),
        ("new_customer", "perhaps"),
        ("currency", "XXX"),
        ("discount", "2000"),
        ("order_discount", "2000"),
        ("refunded", "2000"),
        ("shipping", "free"),
    ],
)
def test_each_column_has_its_own_refusal(column: str, value: str) -> None:
    with pytest.raises(trials.BadFile) as refusal:
        trials.check(f"order,at,price,{column}\na,2026-10-01,1000,{value}\n", READING)
    assert [(error.row, error.column) for error in refusal.value.errors] == [(2, column)]


@pytest.mark.parametrize("heading", ["order,at", "order,at,price,what", "order,at,price,price", ""])
def test_a_wrong_heading_is_refused_before_anything_else(heading: str) -> None:
    with pytest.raises(trials.BadFile) as refusal:
        trials.check(f"{heading}\na,b,c,d\n", READING)
    assert {error.row for error in refusal.value.errors} == {1}


def test_many_problems_are_counted_and_the_first_ones_told() -> None:
    with pytest.raises(trials.BadFile) as refusal:
        trials.check("order,at,price\n" + "".join(f"{n},2026-10-01,x\n" for n in range(100)), READING)
    assert (len(refusal.value.errors), refusal.value.more) == (20, 80)
