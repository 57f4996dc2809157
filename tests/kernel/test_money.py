"""Money is exact: shares lose no unit, rounding is said by name, currencies do not mix."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialshop.kernel import words
from socialshop.kernel.money import (
    CurrencyMismatch,
    Money,
    NotAnAmount,
    NotAPercentage,
    Percent,
    from_decimal,
    round_exact,
    split,
    to_decimal,
)


@pytest.mark.parametrize(
    ("value", "half_up", "half_even", "down"),
    [
        (Fraction(5, 2), 3, 2, 2),
        (Fraction(7, 2), 4, 4, 3),
        (Fraction(-5, 2), -3, -2, -2),
        (Fraction(12, 5), 2, 2, 2),
        (Fraction(13, 5), 3, 3, 2),
        (Fraction(-13, 5), -3, -3, -2),
    ],
)
def test_rounding_by_name(value, half_up, half_even, down):
    assert (round_exact(value, "half_up"), round_exact(value, "half_even"), round_exact(value, "down")) == (
        half_up,
        half_even,
        down,
    )


def test_a_share_rounds_halves_away_from_zero():
    assert Money(4990, "USD").share(Percent("12.5")) == Money(624, "USD")


def test_no_unit_is_lost_and_ties_go_to_the_earlier():
    assert [part.minor for part in Money(1000, "USD").split([1, 1, 1])] == [334, 333, 333]
    assert split(5, [0, 0]) == [5, 0]


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=12))
def test_shares_add_up(total, weights):
    shares = split(total, weights)
    assert sum(shares) == total
    if sum(weights):
        assert all(abs(share - Fraction(total * w, sum(weights))) < 1 for share, w in zip(shares, weights, strict=True))


def test_currencies_do_not_mix():
    with pytest.raises(CurrencyMismatch):
        Money(1, "USD") + Money(1, "IDR")


@pytest.mark.parametrize("bad", ["12.50000", "101", "-1", "1e2", "", ".5", "05", "12,5", None, 12])
def test_what_is_no_percentage(bad):
    with pytest.raises(NotAPercentage):
        Percent(bad)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("185000.00", "IDR", 185000),
        ("49.90", "USD", 4990),
        ("49.9", "USD", 4990),
        ("-10.00", "USD", -1000),
        ("1.234", "KWD", 1234),
    ],
)
def test_decimal_text_is_exact(text, currency, minor):
    assert from_decimal(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"), [("1.005", "USD"), ("0.50", "IDR"), ("NaN", "USD"), ("1,000", "USD"), ("1", "XXX"), (1.5, "USD")]
)
def test_units_are_never_lost_by_reading(text, currency):
    with pytest.raises(NotAnAmount):
        from_decimal(text, currency)


@given(st.integers(-(10**14), 10**14), st.sampled_from(["IDR", "USD", "KWD"]))
def test_written_and_read_back(minor, currency):
    assert from_decimal(to_decimal(minor, currency), currency) == minor


@pytest.mark.parametrize(
    ("money", "locale", "text"),
    [
        (Money(149000, "IDR"), "id", "Rp149.000"),
        (Money(149000, "IDR"), "en", "Rp149.000"),
        (Money(-2500, "IDR"), "id", "−Rp2.500"),
        (Money(4990, "USD"), "en", "$49.90"),
        (Money(4990, "USD"), "id", "US$49,90"),
        (Money(500, "JPY"), "en", "¥500"),
    ],
)
def test_money_as_people_read_it(money, locale, text):
    assert words.money(money, locale) == text
