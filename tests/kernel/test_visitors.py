"""Who taps, without spying."""

from __future__ import annotations

import pytest

from socialshop.kernel import visitors

NOON = 1_780_000_000 // visitors.DAY * visitors.DAY + visitors.DAY / 2
RANI = {"network": "203.0.113.0", "agent": "Mozilla/5.0", "site": "shop.example"}


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("203.0.113.77:51234", "203.0.113.0"),
        (" 203.0.113.77 ", "203.0.113.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("[2001:db8:1:2::5]:443", "2001:db8:1::"),
        ("fe80::1%eth0", "fe80::"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
        ("::1", "::"),
        ("", ""),
        ("unknown", ""),
        ("203.0.113", ""),
        ("999.0.113.77", ""),
        ("203.0.113.77, 10.0.0.1", ""),
        ("\0", ""),
        ("x" * 10_000, ""),
        ("[" * 500, ""),
        ("é" * 20, ""),
    ],
)
def test_of_an_address_only_the_network_is_kept(address, network):
    assert visitors.network_of(address) == network


def test_the_same_person_is_one_visitor_all_day_and_another_one_tomorrow():
    today = visitors.of_day(b"secret", NOON, **RANI)
    assert visitors.of_day(b"secret", NOON - visitors.DAY / 2, **RANI) == today
    assert visitors.of_day(b"secret", NOON + visitors.DAY / 2 - 1, **RANI) == today
    assert visitors.of_day(b"secret", NOON + visitors.DAY / 2, **RANI) != today


@pytest.mark.parametrize("other", [{"network": "203.0.114.0"}, {"agent": "Mozilla/5.1"}, {"site": "other.example"}])
def test_who_differs_in_anything_is_another_visitor(other):
    assert visitors.of_day(b"secret", NOON, **RANI) != visitors.of_day(b"secret", NOON, **{**RANI, **other})


def test_nobody_without_the_secret_can_tell_who_it_was():
    assert visitors.of_day(b"secret", NOON, **RANI) != visitors.of_day(b"other", NOON, **RANI)


def test_the_parts_are_kept_apart():
    one = visitors.of_day(b"s", NOON, network="a", agent="bc", site="d")
    assert one != visitors.of_day(b"s", NOON, network="ab", agent="c", site="d")


def test_a_word_for_the_day_is_no_cookie_and_does_not_last():
    word = visitors.of_day(b"secret", NOON, **RANI)
    assert (visitors.of_cookie(word), visitors.lasts(word)) == ("", False)
    assert visitors.of_cookie("abcdefghijklmnopqrstuv") == "abcdefghijklmnopqrstuv"
    assert visitors.lasts("abcdefghijklmnopqrstuv")
    assert not visitors.lasts("")
    for made_up in ("", "short", "x" * 61, "a b c d e f g h i j", "<script>alert(1)</script>"):
        assert visitors.of_cookie(made_up) == ""


@pytest.mark.parametrize(
    ("rule", "choice", "gpc", "may"),
    [
        ("attribution", "", False, True),
        ("attribution", "yes", False, True),
        ("attribution", "no", False, False),
        ("attribution", "", True, False),
        ("consent", "", False, False),
        ("consent", "yes", False, True),
        ("consent", "no", False, False),
        ("consent", "yes", True, False),
        ("consent", "anything", False, False),
        ("never", "", False, False),
        ("never", "yes", False, False),
    ],
)
def test_when_a_browser_may_be_known_again(rule, choice, gpc, may):
    assert visitors.may_remember(rule, choice=choice, gpc=gpc) is may
