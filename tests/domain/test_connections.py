"""Deciders of the connections room, as tables and properties; secrets by time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialshop.domain.connections import is_secret, shop_domain, worth_of_pieces
from socialshop.domain.connections.rules import live_secrets

from ..conftest import START


@given(st.integers(0, 10**9), st.integers(1, 200), st.data())
def test_pieces_given_back_in_any_portions_end_exactly_at_the_net(net: int, quantity: int, data: st.DataObject) -> None:
    gone, left = 0, quantity
    while left:
        pieces = data.draw(st.integers(1, left))
        worth = worth_of_pieces(net, quantity, gone, pieces)
        assert 0 <= worth <= net - gone
        exact = net * pieces / quantity
        assert abs(worth - exact) <= pieces  # never more than a unit a piece away
        gone, left = gone + worth, left - pieces
    assert gone == net


@pytest.mark.parametrize(
    ("net", "quantity", "gone", "pieces", "worth"),
    [
        (19400, 1, 0, 1, 19400),
        (100, 3, 0, 1, 34),
        (100, 3, 34, 1, 33),
        (100, 3, 67, 1, 33),
        (100, 3, 100, 1, 0),
        (100, 3, 0, 9, 100),  # more pieces than there were
        (100, 3, 50, 1, 17),  # half a piece's worth was given back as an amount: the next ends where two pieces end
        (0, 5, 0, 2, 0),
    ],
)
def test_what_pieces_are_worth(net: int, quantity: int, gone: int, pieces: int, worth: int) -> None:
    assert worth_of_pieces(net, quantity, gone, pieces) == worth


def test_no_secret_lives_longer_than_it_may() -> None:
    until = START + timedelta(hours=24)
    assert live_secrets("new", "old", until, now=START) == ["new", "old"]
    assert live_secrets("new", "old", until, now=until) == ["new"]
    assert live_secrets("new", "old", None, now=START) == ["new"]
    assert live_secrets(None, None, None, now=START) == []
    assert live_secrets("", "", until, now=START) == []


@pytest.mark.parametrize(
    ("typed", "domain"),
    [
        ("toko.example", "toko.example"), (" https://Toko.Example/produk?x=1 ", "toko.example"),
        ("a-b.myshopify.com", "a-b.myshopify.com"),
        ("localhost", None), ("127.0.0.1", None), ("toko", None), ("", None), ("-a.example", None), ("toko.example:8080", None),
        ("javascript://toko.example", None), ("a" * 64 + ".example", None), ("toko..example", None),
    ],
)  # fmt: skip
def test_the_domain_in_what_a_person_typed(typed: str, domain: str | None) -> None:
    assert shop_domain(typed) == domain


@pytest.mark.parametrize(
    ("text", "ok"),
    [("shpss_TestOnly0004", True), ("short", False), ("has a blank in it", False), ("", False), ("x" * 201, False)],
)
def test_what_can_be_a_secret(text: str, ok: bool) -> None:
    assert is_secret(text) is ok
