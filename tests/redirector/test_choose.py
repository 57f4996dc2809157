"""Which way a tap takes, told from the same facts that are noted of it."""

from __future__ import annotations

import pytest

from socialshop.domain.clicks import country_of
from socialshop.kernel.visitors import network_of
from socialshop.kernel.ways import MAIN, Plan, Rule, When
from socialshop.redirector.choose import pick
from socialshop.redirector.way import Choice, Way


def way(word, url, choice=None):
    return Way(1, 2, None, "", "", url, "/", True, None, None, word, choice)


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("8.8.8.8", "US"),
        ("::ffff:8.8.8.8", "US"),  # a server that listens on IPv6 for both
        ("8.8.8.8:5678", "US"),  # a proxy that tells ports
        ("[2001:4860:4860::8888]:443", "US"),
        ("103.28.12.7", "ID"),
        ("unknown", ""),
        ("", ""),
    ],
)
def test_a_rule_means_the_country_that_is_stored_of_the_click(address, country):
    ways = {MAIN: way(MAIN, "https://a.example/"), "us": way("us", "https://us.example/"), "id": way("id", "https://id.example/")}
    rules = (Rule("us", When(countries=frozenset({"US"})), ""), Rule("id", When(countries=frozenset({"ID"})), ""))
    link = way("", "https://a.example/", Choice("kopi", "", Plan(rules=rules), ways))
    picked = pick(link, {}, moment=0.0, visitor="v", address=address, cookies={}, secret=b"s")
    assert country_of(network_of(address)) == country
    assert picked.word == (country.casefold() or MAIN)
