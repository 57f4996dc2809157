"""Which passwords are good enough: NIST SP 800-63B-4, section 3.1.1.2. Pure.

At least 15 characters, because the password is the only factor; spaces and every script are welcome; no rules of
composition, no expiry. Refused is what is common, expected or trivially continued, looking at the password as a whole.
https://pages.nist.gov/800-63-4/sp800-63b.html#passwordver
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from ...kernel.errors import N_, FieldError
from .common_words import PHRASES, WORDS

LEAST, MOST = 15, 256  # characters; the upper bound only keeps hashing cheap to refuse
SERVICE = "socialshop"
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz", "1234567890", "0123456789", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertyuiopasdfghjklzxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp", "zaq1xsw2cde3vfr4bgt5nhy6",
    "qwertzuiop", "azertyuiop", "!@#$%^&*()",
)  # fmt: skip
_LEET = (str.maketrans("013457@$", "oieastas"), str.maketrans("013457@$", "oleastas"))


def normal(password: str) -> str:
    """What is hashed: the password in NFC, nothing cut off."""
    return unicodedata.normalize("NFC", password)


def problem(password: str, *, expected: Iterable[str] = (), field: str = "password") -> FieldError | None:
    """Why a password cannot be taken, or None.

    expected: what an attacker would try for this person: address, handle, names.
    """
    password = normal(password)
    if not password:
        return FieldError(field, "missing", N_("Please choose a password."))
    if len(password) < LEAST:
        return FieldError(
            field,
            "too_short",
            N_("Please use at least 15 characters. A few words in a row are easy to remember and hard to guess."),
        )
    if len(password) > MOST:
        return FieldError(field, "too_long", N_("Please use at most 256 characters."))
    plain = password.casefold()
    if _repeats(plain) or _walks(plain):
        return FieldError(
            field, "predictable", N_("This repeats or follows a row of keys, which is guessed first. Please choose another.")
        )
    if plain in PHRASES or _one_word(plain):
        return FieldError(field, "common", N_("This password is among the most used ones. Please choose another."))
    if _made_of(plain, _pieces(expected)):
        return FieldError(
            field, "expected", N_("This is made from your name, address or the name of the shop. Please choose another.")
        )
    return None


def _repeats(text: str) -> bool:
    # "abcabcabcabcabc": a short unit again and again, perhaps broken off at the end
    return any((text[:size] * (len(text) // size + 1)).startswith(text) for size in range(1, 6)) or len(set(text)) < 4


def _walks(text: str) -> bool:
    packed = re.sub(r"[\s._-]", "", text)
    for row in _ROWS:
        for direction in (row, row[::-1]):
            if packed and packed in direction * (len(packed) // len(direction) + 2):
                return True
    return False


def _readings(text: str) -> list[tuple[str, str]]:
    # (letters, what surrounds them): as they are, and with p4ssw0rd read as password
    plain = _letters(text), "".join(c for c in text if not c.isalpha() and not c.isspace())
    core = text.strip("".join({c for c in text if not c.isalpha()}))
    ends = "".join(text.split(core, 1)) if core else text
    return [plain, *((_letters(core.translate(table)), ends) for table in _LEET)]


def _letters(text: str) -> str:
    return "".join(c for c in text if c.isalpha())


def _no_secret(rest: str) -> bool:
    # a year, a date, a row of digits, an exclamation mark
    return len(rest) <= 8 or _repeats(rest) or _walks(rest)


def _one_word(text: str) -> bool:
    for letters, rest in _readings(text):
        for size in range(3, len(letters) + 1):
            unit = letters[:size]
            if unit in WORDS and unit * (len(letters) // size) == letters and _no_secret(rest):
                return True
    return False


def _pieces(expected: Iterable[str]) -> set[str]:
    words = {SERVICE}
    for source in expected:
        source = source.casefold()
        parts = re.split(r"[^\w]+|_", source)
        words.update(_letters(part) for part in [source, source.split("@")[0], *parts])
    return {word for word in words if len(word) >= 3}


def _made_of(text: str, pieces: set[str]) -> bool:
    for letters, rest in _readings(text):
        if not letters or not _no_secret(rest):
            continue
        reached = {0}
        for at in range(len(letters)):
            if at in reached:
                reached.update(at + len(piece) for piece in pieces | WORDS if letters.startswith(piece, at))
        # words of the language may join in, but something of the person must be in it, or it is an ordinary passphrase
        if len(letters) in reached and any(piece in letters for piece in pieces) and _only(letters, pieces):
            return True
    return False


def _only(letters: str, pieces: set[str]) -> bool:
    # at most one common word beside the expected ones
    for piece in sorted(pieces, key=len, reverse=True):
        letters = letters.replace(piece, " ")
    rest = letters.split()
    return len(rest) == 0 or (len(rest) == 1 and rest[0] in WORDS)
