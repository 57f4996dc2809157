"""Exchange rates from outside: the contract, kept by the real client against its double and by the fake alike."""

from __future__ import annotations

import time

import pytest

from socialshop.adapters.fetch import Fetcher
from socialshop.adapters.rates import Frankfurter
from socialshop.adapters.rates.frankfurter import read
from socialshop.kernel.errors import Broken, Refused, TryLater
from tests.doubles.frankfurter import FrankfurterDouble
from tests.doubles.rates import FakeRates

FETCHER = Fetcher(loopback=True, seconds=1.5)


@pytest.fixture
def double():
    with FrankfurterDouble() as running:
        yield running


@pytest.fixture(params=["client", "fake"])
def source(request):
    if request.param == "fake":
        return FakeRates({("USD", "IDR"): "16250.00", ("USD", "SGD"): "1.3487"})
    return Frankfurter(request.getfixturevalue("double").address, FETCHER)


def test_every_digit_arrives_as_it_was_written(source):
    told = source.latest("USD", ["IDR", "SGD"])
    assert (told.base, told.day, dict(told.rates)) == ("USD", "2026-05-29", {"IDR": "16250.00", "SGD": "1.3487"})


def test_a_currency_that_the_source_lacks_is_left_out(source):
    assert dict(source.latest("USD", ["IDR", "KWD"]).rates) == {"IDR": "16250.00"}


def test_a_base_that_the_source_lacks_has_no_rates(source):
    assert source.latest("KWD", ["IDR"]).rates == {}


def test_the_same_question_twice_has_the_same_answer(source):
    assert source.latest("USD", ["IDR"]) == source.latest("USD", ["IDR"])


@pytest.mark.parametrize(
    ("fail", "failure"),
    [("busy", TryLater), ("broken", Broken), ("garbage", Broken), ("large", Broken), ("base", Broken), ("amount", Broken),
     ("day", Broken), ("zero", Broken)],
)  # fmt: skip
def test_failures_are_told_in_our_words(double, fail, failure):
    double.fail = fail
    with pytest.raises(failure):
        Frankfurter(double.address, FETCHER).latest("USD", ["IDR"])


def test_a_silent_source_ends_within_the_budget(double):
    double.fail = "slow"
    began = time.monotonic()
    with pytest.raises(TryLater):
        Frankfurter(double.address, FETCHER).latest("USD", ["IDR"])
    assert time.monotonic() - began < 4


def test_nobody_there_is_later(double):
    address = double.address
    with FrankfurterDouble() as gone:
        address = gone.address
    with pytest.raises(TryLater):
        Frankfurter(address, FETCHER).latest("USD", ["IDR"])


def test_our_own_network_is_not_asked(double):
    with pytest.raises(Refused):
        Frankfurter(double.address, Fetcher(seconds=1.5)).latest("USD", ["IDR"])
    assert double.asked == []


@pytest.mark.parametrize("rate", ["NaN", "Infinity", "-1.5", '"16250"', "true", "null", "1e300", "0", "[1]"])
def test_what_is_no_rate_is_broken(rate):
    with pytest.raises(Broken):
        read(f'{{"base":"USD","date":"2026-05-29","rates":{{"IDR":{rate}}}}}'.encode(), "USD", ["IDR"])


@pytest.mark.parametrize(("written", "kept"), [("16250", "16250"), ("0.000061538", "0.000061538"), ("1.6250E+4", "16250")])
def test_numbers_are_read_without_a_float(written, kept):
    found = read(f'{{"base":"USD","date":"2026-05-29","rates":{{"IDR":{written}}}}}'.encode(), "USD", ["IDR"])
    assert found.rates["IDR"] == kept
