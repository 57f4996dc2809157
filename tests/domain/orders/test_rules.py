"""What an order comes to: tables and properties."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialshop.domain.orders import rules
from socialshop.domain.orders.rules import Goods

AMOUNTS = st.integers(min_value=0, max_value=10**12)
LINES = st.lists(
    st.tuples(AMOUNTS, st.integers(min_value=1, max_value=99)).flatmap(
        lambda pq: st.tuples(st.just(pq[0]), st.just(pq[1]), st.integers(min_value=0, max_value=pq[0] * pq[1]))
    ),
    min_size=1,
    max_size=8,
).map(lambda rows: [Goods(f"l{n}", price, quantity, own) for n, (price, quantity, own) in enumerate(rows)])


@pytest.mark.parametrize(
    ("prices", "discount", "expected"),
    [
        ([(100_000, 1), (50_000, 2)], 20_000, [90_000, 90_000]),
        ([(1, 1), (1, 1), (1, 1)], 1, [0, 1, 1]),  # ties go to the earlier line
        ([(10_000, 1)], 0, [10_000]),
        ([(0, 1), (500, 1)], 100, [0, 400]),
        ([(0, 1), (0, 2)], 0, [0, 0]),
    ],
)
def test_net_per_line(prices, discount, expected):
    lines = [Goods(f"l{n}", price, quantity) for n, (price, quantity) in enumerate(prices)]
    assert list(rules.nets(lines, discount).values()) == expected


def test_more_discount_than_goods_is_refused():
    with pytest.raises(rules.DiscountTooLarge):
        rules.nets([Goods("l1", 100, 1)], 101)


@given(LINES, st.data())
def test_nets_add_up_exactly_and_are_never_below_zero(lines, data):
    goods = rules.goods(lines)
    discount = data.draw(st.integers(min_value=0, max_value=goods))
    nets = rules.nets(lines, discount)
    assert sum(nets.values()) == goods - discount
    assert all(0 <= nets[line.key] <= rules.worth(line) for line in lines)


@given(LINES, st.decimals(min_value=0, max_value=100, places=4), AMOUNTS, st.integers(min_value=0, max_value=999))
def test_totals_add_up(lines, percent, shipping, extra):
    text = format(percent.normalize(), "f")
    goods = rules.goods(lines)
    discount = rules.percent_off(goods, text, "IDR")
    assert 0 <= discount <= goods
    assert abs(discount * 100 - goods * percent) * 2 <= 100  # at most half a unit off
    totals = rules.Totals(goods, discount, shipping, unique_minor=extra)
    assert totals.total_minor == sum(rules.nets(lines, discount).values()) + shipping + extra


@pytest.mark.parametrize(
    ("goods", "percent", "off"), [(149_000, "10", 14_900), (149_995, "10", 15_000), (1, "50", 1), (99, "", 0), (5, "100", 5)]
)
def test_percent_off(goods, percent, off):
    assert rules.percent_off(goods, percent, "IDR") == off


@given(st.lists(AMOUNTS, min_size=1, max_size=8), st.data())
def test_a_refund_is_shared_exactly_and_within_what_is_left_of_each_line(rests, data):
    left = {f"l{n}": rest for n, rest in enumerate(rests)}
    amount = data.draw(st.integers(min_value=0, max_value=sum(rests)))
    shared = rules.share_over(amount, left)
    assert sum(shared.values()) == amount
    assert all(0 < part <= left[key] for key, part in shared.items())


def test_more_than_is_left_cannot_be_shared():
    with pytest.raises(ValueError, match="more than is left"):
        rules.share_over(11, {"a": 10})


class TestUniqueAmount:
    def test_only_for_rupiah(self):
        assert rules.unique_amount(1000, "USD", set(), set(), start=5) == 0

    @given(st.integers(min_value=0, max_value=998), st.sets(st.integers(min_value=1, max_value=999)))
    def test_never_an_open_amount(self, start, taken):
        open_totals = {50_000 + extra for extra in taken}
        if len(taken) == 999:
            with pytest.raises(rules.AmountsRunOut):
                rules.unique_amount(50_000, "IDR", open_totals, set(), start=start)
        else:
            extra = rules.unique_amount(50_000, "IDR", open_totals, set(), start=start)
            assert 1 <= extra <= 999
            assert 50_000 + extra not in open_totals

    def test_all_taken_is_refused_with_words(self):
        with pytest.raises(rules.AmountsRunOut):
            rules.unique_amount(0, "IDR", range(1, 1000), set(), start=0)

    def test_recent_amounts_are_used_only_when_nothing_else_is_free(self):
        assert rules.unique_amount(0, "IDR", set(), {1, 2}, start=0) == 3
        assert rules.unique_amount(0, "IDR", set(range(1, 999)), {999}, start=0) == 999


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0812-3456-7890", "+6281234567890"), ("+62 812 3456 7890", "+6281234567890"), ("6281234567890", "+6281234567890"),
        ("81234567890", "+6281234567890"), ("+65 9123 4567", "+6591234567"), ("0065 9123 4567", "+6591234567"),
        ("12", ""), ("call me", ""), ("", ""), ("0812<script>", ""), ("0" * 40, ""),
    ],
)  # fmt: skip
def test_phone_numbers(typed, kept):
    assert rules.phone(typed) == kept
