"""Addresses, handles, slugs: what they may look like, and what passes for what."""

from __future__ import annotations

from itertools import islice

import pytest

from socialshop.domain.people import rules


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Mia@Example.TEST", "mia@example.test"),
        ("  mia@example.test ", "mia@example.test"),
        ("mía@example.test", "mía@example.test"),  # composed and decomposed are one
        ("mi\u0301a@example.test", "mía@example.test"),
        ("mia@bücher.example.com", "mia@bücher.example.com"),
        ("mia", None),
        ("mia@", None),
        ("mia@example.test\nBcc: x@example.test", None),
        ("mia@example.test, ana@example.test", None),
        ("a" * 250 + "@example.test", None),
    ],
)
def test_addresses(typed: str, kept: str | None) -> None:
    assert rules.normal_email(typed) == kept


@pytest.mark.parametrize(
    ("handle", "code"),
    [
        ("mia", None),
        ("mia-sari-2", None),
        ("a1b", None),
        ("ab", "length"),
        ("a" * 31, "length"),
        ("Mia", "shape"),
        ("mia_sari", "shape"),
        ("-mia", "shape"),
        ("mia-", "shape"),
        ("mia--sari", "shape"),
        ("mía", "shape"),
        ("mia\n", "shape"),
        ("admin", "reserved"),
        ("adrnin", "reserved"),  # rn passes for m
        ("0perator", "reserved"),
        ("social-shop", "reserved"),
        ("supp0rt", "reserved"),
    ],
)
def test_handles(handle: str, code: str | None) -> None:
    problem = rules.handle_problem(handle)
    assert (problem and problem.code) == code


@pytest.mark.parametrize(
    ("one", "other"), [("mia0", "miao"), ("m1la", "mlla"), ("marna", "mama"), ("mia-sari", "miasari"), ("vvin", "win")]
)
def test_what_passes_for_what(one: str, other: str) -> None:
    assert rules.look(one) == rules.look(other)


@pytest.mark.parametrize(
    ("sources", "ideas"),
    [
        (("mia@example.test",), ["mia", "mia-2", "mia-3"]),
        (("Mía Sari",), ["mia-sari", "mia-sari-2", "mia-sari-3"]),
        (("mia+shop@example.test",), ["mia", "mia-2", "mia-3"]),
        (("", "budi@example.test"), ["budi", "budi-2", "budi-3"]),
        (("admin@example.test",), ["admin-2", "admin-3", "admin-4"]),
        (("ab@example.test",), ["ab-shop", "ab-shop-2", "ab-shop-3"]),
        (("名前",), ["creator-page", "creator-page-2", "creator-page-3"]),
        (("x" * 40,), ["x" * 30, "x" * 28 + "-2", "x" * 28 + "-3"]),
    ],
)
def test_handle_ideas(sources: tuple[str, ...], ideas: list[str]) -> None:
    assert list(islice(rules.handle_ideas(*sources), 3)) == ideas
    assert all(rules.handle_problem(idea) is None for idea in islice(rules.handle_ideas(*sources), 12))


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Senja Kopi", "senja-kopi"), ("Öl & Essig", "ol-essig"), ("名", "brand-shop"), ("X", "x-brand"), ("Admin", "admin-2")],
)
def test_slug_ideas(name: str, slug: str) -> None:
    assert next(rules.slug_ideas(name)) == slug


def test_names_are_one_visible_line() -> None:
    assert rules.clean_name("  Mia\n\u202eSari\u0000 \t x", 120) == "Mia Sari x"
    assert rules.clean_name("x" * 200, 120) == "x" * 120
