"""Which passwords are good enough (NIST SP 800-63B-4)."""

from __future__ import annotations

import pytest

from socialshop.domain.people import hashing, password_rules

EXPECTED = ["mia.sari@example.test", "Mia Sari", "Senja"]


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("kucing tidur di atas genteng", None),  # a passphrase, spaces and all
        ("839201748562910", None),  # no rules of composition: digits alone are fine
        ("пароль очень длинный", None),  # every script
        ("😀😃😄😁😆😅🤣😂🙂🙃🫠😉😊😇🥰", None),  # fifteen code points
        ("x" * 5 + "kucing tidur di atas" * 10, None),  # far more than 64
        ("", "missing"),
        ("kucing tidur 1", "too_short"),
        ("k" * 257, "too_long"),
        ("aaaaaaaaaaaaaaaa", "predictable"),
        ("abcabcabcabcabcab", "predictable"),
        ("123456789012345", "predictable"),
        ("qwertyuiopasdfgh", "predictable"),
        ("abcdefghijklmnop", "predictable"),
        ("1qaz2wsx3edc4rfv", "predictable"),
        ("passwordpassword", "common"),
        ("Password12345678", "common"),
        ("P4ssw0rd!2026!!!", "common"),
        ("bismillah bismillah", "common"),
        ("correct horse battery staple", "common"),
        ("mia.sari@example.test", "expected"),
        ("miasarimiasari1", "expected"),
        ("socialshop2026!", "expected"),
        ("senja-socialshop-1", "expected"),
        ("mia suka minum kopi tubruk", None),  # one's name in a real phrase is no reason to refuse
    ],
)
def test_what_is_accepted(password: str, code: str | None) -> None:
    problem = password_rules.problem(password, expected=EXPECTED)
    assert (problem and problem.code) == code


def test_composed_and_decomposed_letters_are_one_password() -> None:
    hashing.use_password_cost("cheap")
    try:
        stored = hashing.hashed("café di ujung jalan")
        assert hashing.checked("cafe\u0301 di ujung jalan", stored) == (True, None)
        assert hashing.checked("cafe di ujung jalan", stored) == (False, None)
        assert hashing.checked("café di ujung jalan", None) == (False, None)
        assert hashing.checked("café di ujung jalan", "!") == (False, None)
    finally:
        hashing.use_password_cost("full")


def test_an_old_hash_is_renewed() -> None:
    hashing.use_password_cost("cheap")
    old = hashing.hashed("kucing tidur di atas")
    hashing.use_password_cost("full")
    right, newer = hashing.checked("kucing tidur di atas", old)
    assert right
    assert newer is not None
    assert newer.startswith("$argon2id$")
    assert newer != old
    assert hashing.checked("kucing tidur di atas", newer) == (True, None)


def test_nothing_is_cut_off() -> None:
    hashing.use_password_cost("cheap")
    try:
        stored = hashing.hashed("k" * 200 + "a")
        assert hashing.checked("k" * 200 + "b", stored)[0] is False
    finally:
        hashing.use_password_cost("full")
