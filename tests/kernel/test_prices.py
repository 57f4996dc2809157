"""Prices as people write them."""

import pytest

from socialshop.kernel.prices import NotAPrice, read_price


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("149000", "IDR", 149_000),
        ("149.000", "IDR", 149_000),
        ("149,000", "IDR", 149_000),
        ("Rp149.000", "IDR", 149_000),
        ("Rp 149.000,00", "IDR", 149_000),
        ("Rp. 149.000,-", "IDR", 149_000),
        ("149.000 IDR", "IDR", 149_000),
        ("149000.00", "IDR", 149_000),
        ("1.490.000", "IDR", 1_490_000),
        ("1 490 000", "IDR", 1_490_000),
        ("0149000", "IDR", 149_000),
        ("49.90", "USD", 4_990),
        ("49,9", "USD", 4_990),
        ("$1,234.56", "USD", 123_456),
        ("1.234,56", "USD", 123_456),
        ("1,234", "USD", 123_400),
        ("12", "USD", 1_200),
        ("1'234.50", "EUR", 123_450),
        ("1.234", "KWD", 1_234),
        ("1,234.5", "KWD", 1_234_500),
    ],
)
def test_what_is_a_price(text, currency, minor):
    assert read_price(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("", "IDR"), ("free", "IDR"), ("-5000", "IDR"), ("149.5", "IDR"), ("149.000,50", "IDR"), ("1.49.000", "IDR"),
        ("1.490,000", "IDR"), ("149rb", "IDR"), ("$5", "IDR"), ("USD 5", "IDR"), ("Rp5", "USD"),
        ("1.005.5.5", "USD"), ("1.2.3", "USD"),
        ("12,34,56", "USD"), ("1e5", "IDR"), ("٣٤", "IDR"), ("9" * 40, "IDR"), ("NaN", "IDR"), ("1.2345", "KWD"), ("5", "XXX"),
    ],
)  # fmt: skip
def test_what_is_no_price(text, currency):
    with pytest.raises(NotAPrice):
        read_price(text, currency)


def test_the_sentence_shows_how_to_write_it():
    with pytest.raises(NotAPrice, match=r"149rb is not a price\. Write it like 149000\."):
        read_price("149rb", "IDR")
