"""How rates are read: exactly, and never in two ways."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from socialshop.domain import currencies
from socialshop.domain.currencies import Draft
from socialshop.kernel.errors import Invalid

NOW = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("16250.00", "16250.00"), ("16250", "16250"), (" 16 250 ", "16250"), ("16250,50", "16250.50"), ("16.250,50", "16250.50"),
     ("16,250.50", "16250.50"), ("1.234.567", "1234567"), ("1.0850", "1.0850"), ("0.000061", "0.000061"), ("007.5", "7.5"),
     ("0.001", "0.001"), ("1234.567", "1234.567")],
)  # fmt: skip
def test_rates_as_people_type_them(typed, kept):
    assert currencies.read_rate(typed) == kept


@pytest.mark.parametrize("typed", ["16.250", "16,250", "1.085"])
def test_what_could_be_two_rates_is_refused_with_both(typed):
    with pytest.raises(currencies.TwoWays) as refusal:
        currencies.read_rate(typed)
    digits = typed.replace(",", ".").split(".")
    assert "".join(digits) in refusal.value.sentence()
    assert f"{digits[0]}.{digits[1]}0" in refusal.value.sentence()


@pytest.mark.parametrize("typed", ["", "0", "0.00", "-5", "1e5", "Rp5", "1.2.3", "١٢", "1.", ".5", "9" * 19, "1,2.3,4"])
def test_what_is_no_rate(typed):
    with pytest.raises(currencies.NotARate):
        currencies.read_rate(typed)


@pytest.mark.parametrize(
    ("draft", "field"),
    [(Draft("USD", "USD", "1", NOW), "quote"), (Draft("XXX", "IDR", "1", NOW), "base"),
     (Draft("USD", "IDR", "1", NOW + timedelta(days=400)), "at"), (Draft("USD", "IDR", "1", NOW.replace(year=1999)), "at")],
)  # fmt: skip
def test_what_a_rate_must_say(draft, field):
    with pytest.raises(Invalid) as refusal:
        currencies.checked(draft, now=NOW)
    assert [error.field for error in refusal.value.fields] == [field]


def test_the_same_rate_written_otherwise_is_the_same():
    assert Draft("USD", "IDR", "16250.00", NOW).key == Draft("USD", "IDR", "16250", NOW).key
    assert Draft("USD", "IDR", "16250.01", NOW).key != Draft("USD", "IDR", "16250", NOW).key


def test_pairs_are_quoted_with_the_dearer_currency_first():
    assert currencies.needed({"USD", "IDR", "JPY"}, {"IDR"}) == [("JPY", "IDR"), ("USD", "IDR")]
    assert currencies.needed({"IDR"}, {"USD"}) == [("USD", "IDR")]
    assert currencies.needed({"IDR"}, {"IDR"}) == []


def test_a_fifth_more_or_less_is_far():
    assert not currencies.far_apart("16250", "14000")
    assert currencies.far_apart("162500", "16250")
    assert not currencies.far_apart("16250", "0.0000615", turned=True)
    assert currencies.far_apart("16250", "0.000615", turned=True)
